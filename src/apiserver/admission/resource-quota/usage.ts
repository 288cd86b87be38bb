/** How much of each quota resource an object takes. https://kubernetes.io/docs/concepts/policy/resource-quotas/ */
import type { PersistentVolumeClaim, Pod, ResourceQuota, Service } from '../../../api/core/v1/types.ts';
import { addQuantity, compareQuantity, formatQuantity, parseQuantity, subtractQuantity, type ParsedQuantity } from '../../../api/meta/quantity.ts';
import { groupResourceOf, type Resource } from '../../../api/meta/resource.ts';
import { PersistentVolumeClaims, Pods, Services } from '../../../api/resources.ts';

export type Usage = Record<string, string>;

/** Kinds that are counted under their plain name too. */
const plainCounts: ReadonlySet<string> = new Set(['configmaps', 'secrets', 'services', 'replicationcontrollers', 'resourcequotas', 'persistentvolumeclaims', 'pods']);
const storageClassSuffix = '.storageclass.storage.k8s.io';

function add(usage: Usage, name: string, amount: string): void {
  usage[name] = usage[name] === undefined ? amount : formatQuantity(addQuantity(usage[name], amount));
}

function most(a: Usage, b: Usage): Usage {
  const result = { ...a };
  for (const [name, value] of Object.entries(b)) if (result[name] === undefined || compareQuantity(value, result[name]) > 0) result[name] = value;
  return result;
}

/** Sums of a pod over its containers: sidecars run along, other init containers one at a time before. */
function podAmounts(pod: Pod, part: 'requests' | 'limits'): Usage {
  const init = pod.spec?.initContainers ?? [];
  const running: Usage = {};
  for (const container of [...(pod.spec?.containers ?? []), ...init.filter((c) => c.restartPolicy === 'Always')]) {
    for (const [name, value] of Object.entries(container.resources?.[part] ?? {})) add(running, name, value);
  }
  let total = init.filter((c) => c.restartPolicy !== 'Always').reduce<Usage>((sum, container) => most(sum, container.resources?.[part] ?? {}), running);
  const own = pod.spec?.resources?.[part];
  if (own) total = { ...total, ...own };
  for (const [name, value] of Object.entries(pod.spec?.overhead ?? {})) if (part === 'requests' || total[name] !== undefined) add(total, name, value);
  return total;
}

/** Ended pods take nothing. */
export const hasEnded = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

function podUsage(pod: Pod): Usage {
  const usage: Usage = { 'count/pods': '1' };
  if (hasEnded(pod)) return usage;
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
  const ports = String(service.spec?.ports?.length ?? 0);
  if (service.spec?.type === 'NodePort') usage['services.nodeports'] = ports;
  if (service.spec?.type === 'LoadBalancer') {
    usage['services.loadbalancers'] = '1';
    if (service.spec.allocateLoadBalancerNodePorts !== false) usage['services.nodeports'] = ports;
  }
  return usage;
}

function claimUsage(claim: PersistentVolumeClaim): Usage {
  const usage: Usage = { persistentvolumeclaims: '1', 'count/persistentvolumeclaims': '1' };
  const size = claim.spec?.resources?.requests?.['storage'];
  if (size !== undefined) usage['requests.storage'] = size;
  const storageClass = claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? claim.spec?.storageClassName;
  if (storageClass) {
    usage[`${storageClass}${storageClassSuffix}/persistentvolumeclaims`] = '1';
    if (size !== undefined) usage[`${storageClass}${storageClassSuffix}/requests.storage`] = size;
  }
  return usage;
}

/** What the object takes of every resource that a quota may name. */
export function usageOf(resource: Resource, object: unknown): Usage {
  const is = (other: Pick<Resource, 'group' | 'plural'>): boolean => resource.group === other.group && resource.plural === other.plural;
  if (is(Pods)) return podUsage(object as Pod);
  if (is(Services)) return serviceUsage(object as Service);
  if (is(PersistentVolumeClaims)) return claimUsage(object as PersistentVolumeClaim);
  const usage: Usage = { [`count/${groupResourceOf(resource)}`]: '1' };
  if (resource.group === '' && plainCounts.has(resource.plural)) usage[resource.plural] = '1';
  return usage;
}

const zero = parseQuantity('0');

/** What of `after` comes on top of `before`; falling and equal amounts are left out. */
export function increase(after: Usage, before: Usage): Usage {
  const result: Usage = {};
  for (const [name, value] of Object.entries(after)) {
    const difference: ParsedQuantity = before[name] === undefined ? parseQuantity(value) : subtractQuantity(value, before[name]);
    if (compareQuantity(difference, zero) > 0) result[name] = formatQuantity(difference);
  }
  return result;
}

const isBestEffort = (pod: Pod): boolean =>
  [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].every((container) =>
    [container.resources?.requests, container.resources?.limits].every((amounts) => !Object.keys(amounts ?? {}).some((name) => name === 'cpu' || name === 'memory')));

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
    case 'BestEffort': return isBestEffort(pod);
    case 'NotBestEffort': return !isBestEffort(pod);
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

/** Whether a quota is about the object at all. Scopes speak of pods (and of the classes of claims) only. */
export function quotaMatches(quota: ResourceQuota, resource: Resource, object: unknown): boolean {
  const scopes = quota.spec?.scopes ?? [];
  const expressions = quota.spec?.scopeSelector?.matchExpressions ?? [];
  if (scopes.length === 0 && expressions.length === 0) return true;
  if (resource.group === '' && resource.plural === 'persistentvolumeclaims') {
    const name = (object as PersistentVolumeClaim).spec?.volumeAttributesClassName ?? '';
    return scopes.length === 0 && expressions.every((e) => e.scopeName === 'VolumeAttributesClass' && valuesMatch(e.operator, e.values ?? [], name));
  }
  if (resource.group !== '' || resource.plural !== 'pods') return false;
  const pod = object as Pod;
  return scopes.every((scope) => scopeMatches(scope, pod)) && expressions.every((expression) => {
    if (expression.scopeName === 'PriorityClass') return valuesMatch(expression.operator, expression.values ?? [], pod.spec?.priorityClassName ?? '');
    return scopeMatches(expression.scopeName ?? '', pod);
  });
}
