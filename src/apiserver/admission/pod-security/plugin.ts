/** Holds pods to the level that their namespace's labels name. https://kubernetes.io/docs/concepts/security/pod-security-admission/ */
import { isDeepStrictEqual } from 'node:util';
import type { Namespace, Pod, PodTemplateSpec } from '../../../api/core/v1/types.ts';
import { CronJobs, DaemonSets, Deployments, Jobs, Namespaces, Pods, PodTemplates, ReplicaSets, ReplicationControllers, StatefulSets } from '../../../api/resources.ts';
import type { AdmissionRequest } from '../../types.ts';
import { withFound } from '../../lookup.ts';
import { isFor, objectOf, oldOf, refusal, type CreatePlugin } from '../context.ts';
import { evaluate, policyOf, violationsText } from './levels.ts';

const workloads = [Deployments, ReplicaSets, DaemonSets, StatefulSets, Jobs, CronJobs, ReplicationControllers, PodTemplates];
const modes = ['enforce', 'audit', 'warn'] as const;

interface WithTemplate {
  template?: PodTemplateSpec;
  spec?: { template?: PodTemplateSpec; jobTemplate?: { spec?: { template?: PodTemplateSpec } } };
}

function templateOf(object: WithTemplate): PodTemplateSpec | undefined {
  return object.spec?.jobTemplate?.spec?.template ?? object.spec?.template ?? object.template;
}

/** Whether an update changes anything that the rules look at. */
function matters(request: AdmissionRequest): boolean {
  if (request.operation !== 'UPDATE') return true;
  const [pod, old] = [objectOf<Pod>(request), oldOf<Pod>(request)];
  const strip = (spec: Pod['spec']): unknown => ({ ...spec, activeDeadlineSeconds: undefined, tolerations: undefined });
  return !isDeepStrictEqual(strip(pod.spec), strip(old.spec)) || !isDeepStrictEqual(appArmorOf(pod), appArmorOf(old));
}

const appArmorOf = (pod: Pod): unknown => Object.entries(pod.metadata.annotations ?? {}).filter(([key]) => key.startsWith('container.apparmor.security.beta.kubernetes.io/'));

export const podSecurity: CreatePlugin = (context) => {
  const withLabels = (request: AdmissionRequest, act: (labels: Record<string, string>) => void): void | Promise<void> =>
    withFound(context, Namespaces, undefined, request.namespace, (namespace) => act(namespace?.metadata.labels ?? {}));

  function admitPod(request: AdmissionRequest): void | Promise<void> {
    const pod = objectOf<Pod>(request);
    const { spec } = pod;
    if (!spec || !matters(request)) return;
    return withLabels(request, (labels) => checkPod(request, labels, { metadata: pod.metadata, spec }));
  }

  function checkPod(request: AdmissionRequest, labels: Record<string, string>, pod: Required<Pick<Pod, 'metadata' | 'spec'>>): void {
    const enforced = policyOf(labels, 'enforce');
    if (enforced.policy) {
      const violations = evaluate(enforced.policy, pod.metadata, pod.spec);
      if (violations.length > 0) throw refusal(request, `violates PodSecurity ${JSON.stringify(`${enforced.policy.level}:${enforced.policy.version}`)}: ${violationsText(violations)}`);
    }
    warn(request, labels, pod);
  }

  function warn(request: AdmissionRequest, labels: Record<string, string>, template: PodTemplateSpec): void {
    const { policy } = policyOf(labels, 'warn');
    if (!policy || !template.spec) return;
    const violations = evaluate(policy, template.metadata ?? {}, template.spec);
    if (violations.length > 0) request.warnings.push(`would violate PodSecurity ${JSON.stringify(`${policy.level}:${policy.version}`)}: ${violationsText(violations)}`);
  }

  function checkLabels(request: AdmissionRequest): void {
    const labels = objectOf<Namespace>(request).metadata.labels ?? {};
    const old = request.oldObject ? (oldOf<Namespace>(request).metadata.labels ?? {}) : {};
    for (const mode of modes) {
      const key = `pod-security.kubernetes.io/${mode}`;
      const { error } = policyOf(labels, mode);
      // What was wrong before may stay, so that the namespace can still be changed otherwise.
      if (error && (labels[key] !== old[key] || labels[`${key}-version`] !== old[`${key}-version`])) throw refusal(request, `metadata.labels[${key}]: Invalid value: ${JSON.stringify(labels[key])}: ${error}`);
    }
  }

  return {
    name: 'PodSecurity',
    handles: (request) => (request.operation === 'CREATE' || request.operation === 'UPDATE') && (isFor(request, Pods, ['', 'ephemeralcontainers']) || isFor(request, Namespaces) || workloads.some((resource) => isFor(request, resource))),
    validate(request) {
      if (isFor(request, Namespaces)) return checkLabels(request);
      if (isFor(request, Pods, ['', 'ephemeralcontainers'])) return admitPod(request);
      const template = templateOf(objectOf<WithTemplate>(request));
      return template && withLabels(request, (labels) => warn(request, labels, template));
    },
  };
};
