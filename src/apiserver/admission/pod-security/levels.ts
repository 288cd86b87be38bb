/** The three levels, and which rules each holds. */
import type { ObjectMeta } from '../../../api/meta/v1/types.ts';
import type { PodSpec } from '../../../api/core/v1/types.ts';
import {
  allowPrivilegeEscalation, appArmorProfile, baselineCapabilities, baselineSeccomp, hostNamespaces, hostPathVolumes, hostPorts, hostProcess, privileged, probeHosts, procMount, restrictedCapabilities, restrictedSeccomp,
  restrictedVolumes, runAsNonRoot, runAsUser, seLinuxOptions, sysctls, type Check, type Violation,
} from './checks.ts';

export type Level = 'privileged' | 'baseline' | 'restricted';

export interface Policy {
  level: Level;
  /** `latest`, or as `v1.30`. */
  version: string;
}

/** In the order in which violations are listed. */
const baseline: readonly Check[] = [appArmorProfile, baselineCapabilities, hostNamespaces, hostPathVolumes, hostPorts, probeHosts, privileged, procMount, seLinuxOptions, baselineSeccomp, sysctls, hostProcess];
/** Stricter rules stand in the place of their baseline forms. */
const restricted: readonly Check[] = [allowPrivilegeEscalation, appArmorProfile, restrictedCapabilities, hostNamespaces, hostPorts, probeHosts, privileged, procMount, restrictedVolumes, runAsNonRoot, runAsUser, seLinuxOptions, restrictedSeccomp, sysctls, hostProcess];

const checks: Readonly<Record<Level, readonly Check[]>> = { privileged: [], baseline, restricted };

const versionForm = /^v1\.(0|[1-9]\d*)$/;

/** Reads a namespace's label pair; undefined where the level is not set. `error` says what is wrong with a value. */
export function policyOf(labels: Readonly<Record<string, string>>, mode: 'enforce' | 'audit' | 'warn'): { policy?: Policy; error?: string } {
  const key = `pod-security.kubernetes.io/${mode}`;
  const level = labels[key];
  const version = labels[`${key}-version`] ?? 'latest';
  if (level === undefined) return {};
  if (level !== 'privileged' && level !== 'baseline' && level !== 'restricted') return { policy: { level: 'restricted', version: 'latest' }, error: `must be one of privileged, baseline, restricted` };
  if (version !== 'latest' && !versionForm.test(version)) return { policy: { level, version: 'latest' }, error: 'must be "latest" or "v1.x"' };
  return { policy: { level, version } };
}

/** The rules that a pod breaks. The rules are the newest ones whatever version the policy names. */
export function evaluate(policy: Policy, metadata: ObjectMeta, spec: PodSpec): Violation[] {
  return checks[policy.level].flatMap((check) => check(spec, metadata) ?? []);
}

export function violationsText(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
}
