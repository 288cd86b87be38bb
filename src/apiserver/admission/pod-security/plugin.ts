/** Holds pods to the levels that their namespace's labels name. https://kubernetes.io/docs/concepts/security/pod-security-admission/ */
import type { Container, Namespace, Pod, PodTemplateSpec } from '../../../api/core/v1/types.ts';
import { quote } from '../../../api/meta/quote.ts';
import { invalid } from '../../../api/meta/status.ts';
import type { ObjectMeta } from '../../../api/meta/v1/types.ts';
import { CronJobs, DaemonSets, Deployments, Jobs, Namespaces, Pods, PodTemplates, ReplicaSets, ReplicationControllers, StatefulSets } from '../../../api/resources.ts';
import type { AdmissionRequest } from '../../types.ts';
import { withFound } from '../../lookup.ts';
import { isFor, objectOf, oldOf, refusal, type CreatePlugin } from '../context.ts';
import { containersOf, type Violation } from './checks.ts';
import { createEvaluate, policyOf, policyText, strictness, violationsText, type Evaluate, type LevelVersion, type NamespacePolicy } from './levels.ts';

const workloads = [Deployments, ReplicaSets, DaemonSets, StatefulSets, Jobs, CronJobs, ReplicationControllers, PodTemplates];
/** What may change a pod's spec. */
const podSubresources = ['', 'ephemeralcontainers', 'resize'];
const ANNOTATIONS = 'pod-security.kubernetes.io/';
/** Pods of a namespace that are looked at when it is to enforce more. */
const PODS_MAX = 3000;

interface WithTemplate {
  template?: PodTemplateSpec;
  spec?: { template?: PodTemplateSpec; jobTemplate?: { spec?: { template?: PodTemplateSpec } } };
}

function templateOf(object: WithTemplate): PodTemplateSpec | undefined {
  return object.spec?.jobTemplate?.spec?.template ?? object.spec?.template ?? object.template;
}

const seccompPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompContainer = 'container.seccomp.security.alpha.kubernetes.io/';

/** Whether an update of a pod changes anything that may change and that the rules look at: an image, a container more, an old annotation of seccomp. */
function isSignificant(pod: Pod, old: Pod): boolean {
  const annotation = (of: Pod, key: string): string => of.metadata.annotations?.[key] ?? '';
  const differs = (key: string): boolean => annotation(pod, key) !== annotation(old, key);
  const count = (of: Pod, list: 'containers' | 'initContainers'): number => of.spec?.[list]?.length ?? 0;
  if (differs(seccompPod) || count(pod, 'containers') !== count(old, 'containers') || count(pod, 'initContainers') !== count(old, 'initContainers')) return true;
  const before = new Map((old.spec === undefined ? [] : containersOf(old.spec)).map((container: Container) => [container.name, container.image]));
  return (pod.spec === undefined ? [] : containersOf(pod.spec)).some(({ name, image }) => !before.has(name) || before.get(name) !== image || differs(seccompContainer + name));
}

/** Whether a namespace that asks for this instead of that may have pods which were good before and are not now. */
function becomesStricter(now: LevelVersion, was: LevelVersion): boolean {
  if (now.level === 'privileged' || policyText(now) === policyText(was)) return false;
  return now.version !== was.version || strictness(now.level) > strictness(was.level);
}

/** What is said of the pods that a namespace has when it is to enforce more: one line for those that break the same rules, by the first of them. */
function existingWarnings(evaluate: Evaluate, namespace: string, enforce: LevelVersion, all: readonly Pod[]): string[] {
  const pods = all.slice(0, PODS_MAX);
  const namesOf = new Map<string, string[]>();
  for (const { metadata, spec } of pods) {
    const reasons = spec === undefined ? '' : evaluate(enforce, metadata, spec).map(({ reason }) => reason).join(', ');
    if (reasons === '') continue;
    const names = namesOf.get(reasons);
    if (names === undefined) namesOf.set(reasons, [metadata.name ?? '']);
    else names.push(metadata.name ?? '');
  }
  const lines = [...namesOf].map(([reasons, names]) => {
    const others = names.length - 1;
    return `${names.toSorted()[0]}${others === 0 ? '' : ` (and ${others} other ${others === 1 ? 'pod' : 'pods'})`}: ${reasons}`;
  });
  return [
    ...(pods.length < all.length ? [`new PodSecurity enforce level only checked against the first ${pods.length} of ${all.length} existing pods`] : []),
    ...(lines.length > 0 ? [`existing pods in namespace ${quote(namespace)} violate the new PodSecurity enforce level ${quote(policyText(enforce))}`] : []),
    ...lines.toSorted(),
  ];
}

function annotate(request: AdmissionRequest, key: string, text: string): void {
  if (request.annotations) request.annotations[ANNOTATIONS + key] = text;
}

const namespaceErrorsText = ({ errors }: NamespacePolicy): string => errors.map(({ field, detail }) => `${field}: ${detail}`).join(', ');

export const podSecurity: CreatePlugin = (context) => {
  const evaluate = createEvaluate();
  const withPolicy = (request: AdmissionRequest, act: (policy: NamespacePolicy) => void): void | Promise<void> =>
    withFound(context, Namespaces, undefined, request.namespace, (namespace) => act(policyOf(namespace?.metadata.labels ?? {})));

  function admit(request: AdmissionRequest, policy: NamespacePolicy, { metadata = {}, spec }: PodTemplateSpec & { metadata?: ObjectMeta }, isPod: boolean): void {
    const { enforce, audit, warn, errors } = policy;
    const isOpen = errors.length === 0 && [...(isPod ? [enforce] : []), audit, warn].every(({ level }) => level === 'privileged');
    if (spec === undefined) return;
    if (isOpen) {
      if (isPod) annotate(request, 'enforce-policy', policyText(enforce));
      return;
    }
    if (request.operation === 'UPDATE' && isPod && !isSignificant(objectOf<Pod>(request), oldOf<Pod>(request))) return;
    if (errors.length > 0) annotate(request, 'error', `Failed to parse policy: ${errors.length === 1 ? namespaceErrorsText(policy) : `[${namespaceErrorsText(policy)}]`}`);
    // Modes that ask for the same have the same answer.
    const found = new Map<string, Violation[]>();
    const violationsOf = (asked: LevelVersion): string => {
      const key = policyText(asked);
      const violations = found.get(key) ?? evaluate(asked, metadata, spec);
      found.set(key, violations);
      return violations.length === 0 ? '' : `PodSecurity ${quote(key)}: ${violationsText(violations)}`;
    };
    if (isPod) annotate(request, 'enforce-policy', policyText(enforce));
    const audited = violationsOf(audit);
    if (audited !== '') annotate(request, 'audit-violations', `would violate ${audited}`);
    const denied = isPod ? violationsOf(enforce) : '';
    if (denied !== '') throw refusal(request, `violates ${denied}`);
    const warned = violationsOf(warn);
    if (warned !== '') request.warnings.push(`would violate ${warned}`);
  }

  function admitNamespace(request: AdmissionRequest): void {
    const { metadata } = objectOf<Namespace>(request);
    const policy = policyOf(metadata.labels ?? {});
    const old = request.operation === 'UPDATE' ? policyOf(oldOf<Namespace>(request).metadata.labels ?? {}) : undefined;
    // What was wrong before may stay, so that the namespace can still be changed otherwise.
    if (policy.errors.length > 0 && (old === undefined || namespaceErrorsText(policy) !== namespaceErrorsText(old))) throw invalid({ group: '', kind: 'Namespace' }, metadata.name ?? '', policy.errors);
    if (old === undefined || !becomesStricter(policy.enforce, old.enforce)) return;
    request.warnings.push(...existingWarnings(evaluate, metadata.name!, policy.enforce, context.lookup.list(Pods, metadata.name)));
  }

  return {
    name: 'PodSecurity',
    handles: (request) => (request.operation === 'CREATE' || request.operation === 'UPDATE') && (isFor(request, Pods, podSubresources) || isFor(request, Namespaces) || workloads.some((resource) => isFor(request, resource))),
    validate(request) {
      if (isFor(request, Namespaces)) return admitNamespace(request);
      const isPod = isFor(request, Pods, podSubresources);
      const template = isPod ? objectOf<Pod>(request) : templateOf(objectOf<WithTemplate>(request));
      return template && withPolicy(request, (policy) => admit(request, policy, template, isPod));
    },
  };
};
