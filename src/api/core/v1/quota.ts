/**
 * How much of each quota resource an object takes, and which quotas are about it: the arithmetic that admission and the quota controller share.
 * https://kubernetes.io/docs/concepts/policy/resource-quotas/
 */
import { own, setOwn } from '../../../base/own.ts';
import { addQuantity, compareQuantity, formatQuantity, parseQuantity, subtractQuantity, type ParsedQuantity } from '../../meta/quantity.ts';
import { groupResourceOf, type Resource } from '../../meta/resource.ts';
import { parseTime } from '../../meta/time.ts';
import { podQosClass } from './pods.ts';
import type { Container, ContainerStatus, PersistentVolumeClaim, Pod, ResourceQuota, Service } from './types.ts';

/** Amounts by the names that a quota's `hard` has. */
export type Usage = Record<string, string>;

/** Kinds that are counted under their plain name too. */
const plainCounts: ReadonlySet<string> = new Set(['configmaps', 'secrets', 'services', 'replicationcontrollers', 'resourcequotas', 'persistentvolumeclaims', 'pods']);
const storageClassSuffix = '.storageclass.storage.k8s.io';

function add(usage: Usage, name: string, amount: string): void {
  const known = own(usage, name);
  setOwn(usage, name, known === undefined ? amount : formatQuantity(addQuantity(known, amount)));
}

function most(a: Usage, b: Usage): Usage {
  const result = { ...a };
  for (const [name, value] of Object.entries(b)) {
    const known = own(result, name);
    if (known === undefined || compareQuantity(value, known) > 0) setOwn(result, name, value);
  }
  return result;
}

type Part = 'requests' | 'limits';

function sum(a: Usage, b: Usage): Usage {
  const result = { ...a };
  for (const [name, value] of Object.entries(b)) add(result, name, value);
  return result;
}

/** What a container takes while it may be resized: the most of what is wanted, given and in force (KEP-1287). */
function containerAmounts(container: Container, status: ContainerStatus | undefined, part: Part, infeasible: boolean): Usage {
  const wanted = container.resources?.[part] ?? {};
  if (!status) return wanted;
  const given = part === 'requests' ? (status.allocatedResources ?? {}) : {};
  const held = most(status.resources?.[part] ?? {}, given);
  // A resize that the node can never do takes nothing.
  return infeasible && Object.keys(held).length > 0 ? held : most(wanted, held);
}

/** Resources that can be set for a pod as a whole. */
const isPodLevel = (name: string): boolean => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

/** Sums of a pod over its containers: sidecars run along from their place in the list on, other init containers one at a time before the rest. */
function podAmounts(pod: Pod, part: Part): Usage {
  const { initContainers = [], containers = [], resources, overhead = {} } = pod.spec ?? { containers: [] };
  const infeasible = pod.status?.conditions?.some(({ type, reason }) => type === 'PodResizePending' && reason === 'Infeasible') ?? false;
  const statuses = new Map([...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].map((status) => [status.name, status]));
  const amounts = (container: Container): Usage => containerAmounts(container, statuses.get(container.name), part, infeasible);
  let sidecars: Usage = {};
  let starting: Usage = {};
  for (const container of initContainers) {
    if (container.restartPolicy === 'Always') sidecars = sum(sidecars, amounts(container));
    else starting = most(starting, sum(sidecars, amounts(container)));
  }
  const total = most(containers.reduce((all, container) => sum(all, amounts(container)), sidecars), starting);
  for (const [name, value] of Object.entries(resources?.[part] ?? {})) if (isPodLevel(name)) total[name] = value;
  for (const [name, value] of Object.entries(overhead)) if (part === 'requests' || own(total, name) !== undefined) add(total, name, value);
  return total;
}

/** Ended pods take nothing, nor do those whose end is overdue: a lost node must not keep their replacements out. */
export function hasEnded(pod: Pod, nowMs?: number): boolean {
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return true;
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  if (nowMs === undefined || deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return false;
  return nowMs > parseTime(deletionTimestamp) + Number(deletionGracePeriodSeconds) * 1000;
}

function podUsage(pod: Pod, nowMs: number | undefined): Usage {
  const usage: Usage = { 'count/pods': '1' };
  if (hasEnded(pod, nowMs)) return usage;
  usage['pods'] = '1';
  for (const [name, value] of Object.entries(podAmounts(pod, 'requests'))) {
    usage[`requests.${name}`] = value;
    if (['cpu', 'memory', 'ephemeral-storage'].includes(name) || name.startsWith('hugepages-')) usage[name] = value;
  }
  for (const [name, value] of Object.entries(podAmounts(pod, 'limits'))) usage[`limits.${name}`] = value;
  return usage;
}

function serviceUsage(service: Service): Usage {
  const usage: Usage = { services: '1', 'count/services': '1' };
  const ports = service.spec?.ports ?? [];
  if (service.spec?.type === 'NodePort') usage['services.nodeports'] = String(ports.length);
  if (service.spec?.type === 'LoadBalancer') {
    usage['services.loadbalancers'] = '1';
    // Where none are allotted, those asked for by number still are.
    const counted = service.spec.allocateLoadBalancerNodePorts === false ? ports.filter(({ nodePort }) => nodePort) : ports;
    usage['services.nodeports'] = String(counted.length);
  }
  return usage;
}

function claimUsage(claim: PersistentVolumeClaim): Usage {
  const usage: Usage = { persistentvolumeclaims: '1', 'count/persistentvolumeclaims': '1' };
  const { storage: size } = most(claim.spec?.resources?.requests ?? {}, claim.status?.allocatedResources ?? {});
  if (size !== undefined) usage['requests.storage'] = size;
  const storageClass = claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? claim.spec?.storageClassName;
  if (storageClass) {
    usage[`${storageClass}${storageClassSuffix}/persistentvolumeclaims`] = '1';
    if (size !== undefined) usage[`${storageClass}${storageClassSuffix}/requests.storage`] = size;
  }
  return usage;
}

/** Whether a quota counts a kind under its own name, and which: `configmaps` and `count/configmaps` are `configmaps`, `count/jobs.batch` is `jobs.batch`. */
export function countedGroupResource(name: string): string | undefined {
  if (name.startsWith('count/')) return name.slice('count/'.length);
  return plainCounts.has(name) ? name : undefined;
}

/**
 * What the object takes of every resource that a quota may name. With the time given (ms since 1970), pods that should have ended by then
 * take nothing.
 */
export function usageOf(resource: Pick<Resource, 'group' | 'plural'>, object: unknown, nowMs?: number): Usage {
  if (resource.group === '') {
    if (resource.plural === 'pods') return podUsage(object as Pod, nowMs);
    if (resource.plural === 'services') return serviceUsage(object as Service);
    if (resource.plural === 'persistentvolumeclaims') return claimUsage(object as PersistentVolumeClaim);
  }
  const usage: Usage = { [`count/${groupResourceOf(resource)}`]: '1' };
  if (resource.group === '' && plainCounts.has(resource.plural)) usage[resource.plural] = '1';
  return usage;
}

const zero = parseQuantity('0');

/** What of `after` comes on top of `before`; falling and equal amounts are left out. */
export function increase(after: Usage, before: Usage): Usage {
  const result: Usage = {};
  for (const [name, value] of Object.entries(after)) {
    const known = own(before, name);
    const difference: ParsedQuantity = known === undefined ? parseQuantity(value) : subtractQuantity(value, known);
    if (compareQuantity(difference, zero) > 0) setOwn(result, name, formatQuantity(difference));
  }
  return result;
}

function usesOtherNamespaces(pod: Pod): boolean {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  const kinds = [podAffinity, podAntiAffinity];
  const required = kinds.flatMap((affinity) => affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []);
  const preferred = kinds.flatMap((affinity) => affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((weighted) => weighted.podAffinityTerm);
  const terms = [...required, ...preferred];
  return terms.some((term) => term !== undefined && ((term.namespaces?.length ?? 0) > 0 || term.namespaceSelector !== undefined));
}

function scopeMatches(scope: string, pod: Pod): boolean {
  switch (scope) {
    case 'Terminating': return pod.spec?.activeDeadlineSeconds !== undefined && pod.spec.activeDeadlineSeconds >= 0;
    case 'NotTerminating': return pod.spec?.activeDeadlineSeconds === undefined;
    case 'BestEffort': return podQosClass(pod) === 'BestEffort';
    case 'NotBestEffort': return podQosClass(pod) !== 'BestEffort';
    case 'PriorityClass': return Boolean(pod.spec?.priorityClassName);
    case 'CrossNamespacePodAffinity': return usesOtherNamespaces(pod);
    default: return false;
  }
}

function valuesMatch(operator: string | undefined, values: readonly string[], actual: string): boolean {
  switch (operator) {
    case 'In': return values.includes(actual);
    case 'NotIn': return !values.includes(actual);
    case 'DoesNotExist': return actual === '';
    default: return actual !== '';
  }
}

/** Classes that a claim has, had a moment ago, or is on its way to; one empty name for none. */
function attributeClassesOf({ spec, status }: PersistentVolumeClaim): string[] {
  const names = [spec?.volumeAttributesClassName, status?.currentVolumeAttributesClassName, status?.modifyVolumeStatus?.targetVolumeAttributesClassName].filter((name): name is string => Boolean(name));
  return names.length > 0 ? names : [''];
}

/** Whether a quota is about the object at all. Scopes speak of pods (and of the classes of claims) only. */
export function quotaMatches(quota: ResourceQuota, resource: Pick<Resource, 'group' | 'plural'>, object: unknown): boolean {
  const scopes = quota.spec?.scopes ?? [];
  const expressions = quota.spec?.scopeSelector?.matchExpressions ?? [];
  if (scopes.length === 0 && expressions.length === 0) return true;
  if (resource.group === '' && resource.plural === 'persistentvolumeclaims') {
    const names = attributeClassesOf(object as PersistentVolumeClaim);
    const matches = (operator: string, values: readonly string[]): boolean => names.some((name) => valuesMatch(operator, values, name));
    return scopes.every((scope) => scope === 'VolumeAttributesClass' && matches('Exists', [])) && expressions.every((e) => e.scopeName === 'VolumeAttributesClass' && matches(e.operator ?? '', e.values ?? []));
  }
  if (resource.group !== '' || resource.plural !== 'pods') return false;
  const pod = object as Pod;
  return scopes.every((scope) => scopeMatches(scope, pod)) && expressions.every((expression) => {
    if (expression.scopeName === 'PriorityClass') return valuesMatch(expression.operator, expression.values ?? [], pod.spec?.priorityClassName ?? '');
    return scopeMatches(expression.scopeName ?? '', pod);
  });
}
