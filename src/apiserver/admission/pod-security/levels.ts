/** The three levels, which rules each holds since when, and what a namespace's labels ask for. */
import type { PodSpec } from '../../../api/core/v1/types.ts';
import { FieldPath, invalidValue, type FieldError } from '../../../api/meta/field.ts';
import type { ObjectMeta } from '../../../api/meta/v1/types.ts';
import {
  allowPrivilegeEscalation, appArmorProfile, baselineCapabilities, baselineSeccomp, besidesUserNamespaces, besidesWindows, hostNamespaces, hostPathVolumes, hostPorts, hostProcess, privileged, probeHosts, procMount,
  restrictedCapabilities, restrictedSeccomp, restrictedVolumes, runAsNonRoot, runAsUser, seccompAnnotations, seLinuxOptions, sysctls, type Check, type Violation,
} from './checks.ts';

export type Level = 'privileged' | 'baseline' | 'restricted';

export interface LevelVersion {
  level: Level;
  /** `latest`, or as `v1.30`. */
  version: string;
}

/** What a namespace asks of its pods. */
export interface NamespacePolicy {
  enforce: LevelVersion;
  audit: LevelVersion;
  warn: LevelVersion;
  /** What is wrong with the labels. */
  errors: FieldError[];
}

/** A rule with its forms, oldest first: the minor version that each came with. */
interface Rule {
  name: string;
  forms: readonly (readonly [minor: number, check: Check])[];
  /** The rule that it stands in place of. */
  replaces?: string;
}

const RESERVED_PORTS = ['net.ipv4.ip_local_reserved_ports'];
const KEEP_ALIVE = [...RESERVED_PORTS, 'net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes'];
const BUFFERS = [...KEEP_ALIVE, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];

/** In the order in which violations are listed: those of baseline come before those of restricted. */
const baselineRules = (): readonly Rule[] => [
  { name: 'appArmorProfile', forms: [[0, appArmorProfile]] },
  { name: 'capabilities', forms: [[0, baselineCapabilities]] },
  { name: 'hostNamespaces', forms: [[0, hostNamespaces]] },
  { name: 'hostPathVolumes', forms: [[0, hostPathVolumes]] },
  { name: 'hostPorts', forms: [[0, hostPorts]] },
  { name: 'probeHosts', forms: [[34, probeHosts]] },
  { name: 'privileged', forms: [[0, privileged]] },
  { name: 'procMount', forms: [[0, procMount], [35, besidesUserNamespaces(procMount)]] },
  { name: 'seLinuxOptions', forms: [[0, seLinuxOptions()], [31, seLinuxOptions('container_engine_t')]] },
  { name: 'seccompProfile', forms: [[0, seccompAnnotations], [19, baselineSeccomp]] },
  { name: 'sysctls', forms: [[0, sysctls()], [27, sysctls(...RESERVED_PORTS)], [29, sysctls(...KEEP_ALIVE)], [32, sysctls(...BUFFERS)]] },
  { name: 'hostProcess', forms: [[0, hostProcess]] },
];
const restrictedRules = (): readonly Rule[] => [
  { name: 'allowPrivilegeEscalation', forms: [[8, allowPrivilegeEscalation], [25, besidesWindows(allowPrivilegeEscalation)]] },
  { name: 'restrictedCapabilities', forms: [[22, restrictedCapabilities], [25, besidesWindows(restrictedCapabilities)]], replaces: 'capabilities' },
  { name: 'restrictedProcMount', forms: [[35, procMount]], replaces: 'procMount' },
  { name: 'restrictedVolumes', forms: [[0, restrictedVolumes]], replaces: 'hostPathVolumes' },
  { name: 'runAsNonRoot', forms: [[0, runAsNonRoot], [35, besidesUserNamespaces(runAsNonRoot)]] },
  { name: 'runAsUser', forms: [[23, runAsUser], [35, besidesUserNamespaces(runAsUser)]] },
  { name: 'restrictedSeccompProfile', forms: [[19, restrictedSeccomp], [25, besidesWindows(restrictedSeccomp)]], replaces: 'seccompProfile' },
];

const minorOf = ({ version }: LevelVersion): number => (version === 'latest' ? Infinity : Number(version.slice('v1.'.length)));

/** The checks that a level had at a version; newer versions than the newest form have its checks. */
export function checksOf(policy: LevelVersion): readonly Check[] {
  if (policy.level === 'privileged') return [];
  const minor = minorOf(policy);
  const formOf = ({ forms }: Rule): Check | undefined => forms.findLast(([since]) => since <= minor)?.[1];
  const strict = (policy.level === 'restricted' ? restrictedRules() : []).filter((rule) => formOf(rule) !== undefined);
  const replaced = new Set(strict.map((rule) => rule.replaces));
  return [...baselineRules().filter(({ name }) => !replaced.has(name)), ...strict].flatMap((rule) => formOf(rule) ?? []);
}

/** Answers with the rules that a pod breaks; what a level holds at a version is put together once. */
export type Evaluate = (policy: LevelVersion, metadata: ObjectMeta, spec: PodSpec) => Violation[];

/** Policies that are remembered; versions may be any number. */
const POLICIES_MAX = 200;

export function createEvaluate(): Evaluate {
  const known = new Map<string, readonly Check[]>();
  return (policy, metadata, spec) => {
    const key = policyText(policy);
    let checks = known.get(key);
    if (checks === undefined) {
      checks = checksOf(policy);
      if (known.size >= POLICIES_MAX) known.clear();
      known.set(key, checks);
    }
    return checks.flatMap((check) => check(spec, metadata) ?? []);
  };
}

const LEVELS = ['privileged', 'baseline', 'restricted'];
const VERSION_FORM = /^v1\.(0|[1-9]\d*)$/;
const MODES = ['enforce', 'audit', 'warn'] as const;
const PREFIX = 'pod-security.kubernetes.io/';
const LABELS = new FieldPath('metadata.labels');

export const policyText = ({ level, version }: LevelVersion): string => `${level}:${version}`;

/** How strict a level is, the mildest first. */
export const strictness = (level: Level): number => LEVELS.indexOf(level);

/** What the labels of a namespace ask for. A wrong level is the strictest where it is enforced and the mildest elsewhere; who enforces is also warned. */
export function policyOf(labels: Readonly<Record<string, string>>): NamespacePolicy {
  const open = (): LevelVersion => ({ level: 'privileged', version: 'latest' });
  const policy: NamespacePolicy = { enforce: open(), audit: open(), warn: open(), errors: [] };
  let enforces = false;
  for (const mode of MODES) {
    const key = PREFIX + mode;
    const { [key]: level, [`${key}-version`]: version } = labels;
    if (level !== undefined) {
      const known = LEVELS.includes(level);
      policy[mode].level = known ? (level as Level) : mode === 'enforce' ? 'restricted' : 'privileged';
      if (!known) policy.errors.push(invalidValue(LABELS.key(key), level, `must be one of ${LEVELS.join(', ')}`));
      if (mode === 'enforce') enforces = known;
    }
    if (version === undefined) continue;
    if (version === 'latest' || VERSION_FORM.test(version)) policy[mode].version = version;
    else policy.errors.push(invalidValue(LABELS.key(`${key}-version`), version, 'must be "latest" or "v1.x"'));
  }
  const { enforce, warn } = policy;
  if (enforces && labels[`${PREFIX}warn`] === undefined && strictness(enforce.level) > strictness(warn.level)) {
    warn.level = enforce.level;
    if (labels[`${PREFIX}warn-version`] === undefined) warn.version = enforce.version;
  }
  return policy;
}

export function violationsText(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
}
