/** What a quota's status should say: its limits, and what the objects of its namespace take of them. */
import type { ResourceQuota } from '../../api/core/v1/types.ts';
import { countedGroupResource, quotaMatches, usageOf, type Usage } from '../../api/core/v1/quota.ts';
import { addQuantity, compareQuantity, formatQuantity, parseQuantity, type ParsedQuantity } from '../../api/meta/quantity.ts';
import type { Resource } from '../../api/meta/resource.ts';

/** Kinds whose objects take more than a count. */
export const measuredResources: readonly Pick<Resource, 'group' | 'plural'>[] = [{ group: '', plural: 'pods' }, { group: '', plural: 'services' }, { group: '', plural: 'persistentvolumeclaims' }];
const measured: ReadonlySet<string> = new Set(measuredResources.map(({ plural }) => plural));

/** Resources (`configmaps`, `jobs.batch`) that are only counted, and whose count the quota wants. */
export function countedResources(quota: ResourceQuota): string[] {
  const names = Object.keys(quota.spec?.hard ?? {}).map(countedGroupResource);
  return [...new Set(names.filter((name): name is string => name !== undefined && !measured.has(name)))].sort();
}

export interface QuotaSnapshot {
  quota: ResourceQuota;
  /** The namespace's objects of the measured kinds, by plural. */
  objects: (plural: string) => readonly unknown[];
  /** How many objects of a counted resource the namespace holds; undefined while that is not known. */
  count: (groupResource: string) => number | undefined;
}

/** Resources that pods are measured by, besides those that name another kind. */
function isOfPods(name: string): boolean {
  return !name.startsWith('count/') && !name.includes('.storageclass.storage.k8s.io/') && name !== 'requests.storage' && !name.startsWith('services') && countedGroupResource(name) === undefined;
}

/** Which of the quota's resources objects of a measured kind may take from. */
function concerns(plural: string, name: string): boolean {
  if (name === plural || name === `count/${plural}`) return true;
  if (plural === 'services') return name.startsWith('services.');
  if (plural === 'persistentvolumeclaims') return name === 'requests.storage' || name.includes('.storageclass.storage.k8s.io/');
  return isOfPods(name);
}

/** What the objects take of those of the quota's resources that are known; the others are left out. */
export function usedBy({ quota, objects, count }: QuotaSnapshot, nowMs: number): Usage {
  const totals = new Map<string, ParsedQuantity>();
  const names = Object.keys(quota.spec?.hard ?? {});
  const scoped = (quota.spec?.scopes ?? []).length > 0 || (quota.spec?.scopeSelector?.matchExpressions ?? []).length > 0;
  for (const resource of measuredResources) {
    const own = names.filter((name) => concerns(resource.plural, name));
    if (own.length === 0) continue;
    for (const name of own) totals.set(name, parseQuantity('0'));
    for (const object of objects(resource.plural)) {
      if (!quotaMatches(quota, resource, object)) continue;
      const usage = usageOf(resource, object, nowMs);
      for (const name of own) if (usage[name] !== undefined) totals.set(name, addQuantity(totals.get(name)!, usage[name]));
    }
  }
  for (const name of names) {
    const groupResource = countedGroupResource(name);
    if (groupResource === undefined || measured.has(groupResource)) continue;
    // Scopes choose among pods and claims; of anything else such a quota counts nothing.
    const found = scoped ? 0 : count(groupResource);
    if (found !== undefined) totals.set(name, parseQuantity(String(found)));
  }
  return Object.fromEntries([...totals].map(([name, amount]) => [name, formatQuantity(amount)]));
}

function sameAmounts(a: Usage | undefined, b: Usage): boolean {
  const names = Object.keys(b);
  return a !== undefined && Object.keys(a).length === names.length && names.every((name) => a[name] !== undefined && compareQuantity(a[name], b[name]!) === 0);
}

/** The status to write; undefined when it is there already. What cannot be counted keeps the number it had. */
export function decideQuota(snapshot: QuotaSnapshot, nowMs: number): NonNullable<ResourceQuota['status']> | undefined {
  const { spec, status } = snapshot.quota;
  const hard = { ...spec?.hard };
  const known: Usage = { ...status?.used, ...usedBy(snapshot, nowMs) };
  const used = Object.fromEntries(Object.keys(hard).filter((name) => known[name] !== undefined).map((name) => [name, known[name]!]));
  return sameAmounts(status?.hard, hard) && sameAmounts(status?.used, used) ? undefined : { hard, used };
}

/** Whether writing `next` gives back room that was taken. */
export function givesBack(quota: ResourceQuota, next: NonNullable<ResourceQuota['status']>): boolean {
  return Object.entries(next.used ?? {}).some(([name, amount]) => quota.status?.used?.[name] !== undefined && compareQuantity(amount, quota.status.used[name]) < 0);
}

/** Whether an object that came, went or changed makes a difference to the quota: `before` and `after` are what it took and takes. */
export function isTouched(quota: ResourceQuota, before: Usage, after: Usage): boolean {
  return Object.keys(quota.spec?.hard ?? {}).some((name) => before[name] !== after[name]);
}
