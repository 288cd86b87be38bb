/**
 * Extended resources that come from drivers instead of device plug-ins (KEP-5004): a device class may stand for a resource's name, and a pod that
 * asks for the resource gets devices of the class through a claim that the scheduler makes.
 */
import type { Container, ContainerExtendedResourceRequest, Pod } from '../../api/core/v1/types.ts';
import type { DeviceClass, DeviceRequest, ResourceClaim } from '../../api/resource/v1/types.ts';
import type { Cycle } from '../framework.ts';
import { amountOf } from '../resource-amounts.ts';

/** Every class can be asked for by its name behind this. */
const IMPLICIT_PREFIX = 'deviceclass.resource.kubernetes.io/';
export const EXTENDED_CLAIM_ANNOTATION = 'resource.kubernetes.io/extended-resource-claim';
const STATE = 'DynamicResources/extended';
const NONE: ReadonlyMap<string, string> = new Map();

/** Of two classes for one resource the later made holds, of two made together the first by name. */
function goesBefore(a: DeviceClass, b: DeviceClass): boolean {
  const [made, other] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  return made === other ? a.metadata.name! < b.metadata.name! : made > other;
}

function find(cycle: Cycle, scalars: ReadonlyMap<string, number>): ReadonlyMap<string, string> {
  const { lookups } = cycle;
  const found = new Map<string, DeviceClass>();
  for (const name of scalars.keys()) {
    if (!name.startsWith(IMPLICIT_PREFIX)) continue;
    const named = lookups.deviceClass(name.slice(IMPLICIT_PREFIX.length));
    if (named) found.set(name, named);
  }
  for (const each of lookups.deviceClasses()) {
    const name = each.spec.extendedResourceName;
    if (name === undefined || !scalars.has(name)) continue;
    const known = found.get(name);
    if (!known || goesBefore(each, known)) found.set(name, each);
  }
  return new Map([...found].map(([name, { metadata }]) => [name, metadata.name!]));
}

/** Resources that the pod asks for and a device class stands for, with the class. On nodes that have such a resource themselves it is an ordinary one. */
export function backedResources(cycle: Cycle): ReadonlyMap<string, string> {
  const { scalars } = cycle.pod.request.amounts;
  if (!scalars) return NONE;
  let found = cycle.state.get(STATE) as ReadonlyMap<string, string> | undefined;
  if (!found) cycle.state.set(STATE, (found = find(cycle, scalars)));
  return found;
}

/** The claim that an earlier attempt made for the pod. */
export function extendedClaimOf(pod: Pod, claims: readonly ResourceClaim[]): ResourceClaim | undefined {
  return claims.find(({ metadata }) => metadata.annotations?.[EXTENDED_CLAIM_ANNOTATION] === 'true' && metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === pod.metadata.uid));
}

/** What the pod's containers ask for of the resources, as requests of one claim, and which container uses which. */
export interface ExtendedRequests {
  requests: DeviceRequest[];
  mappings: ContainerExtendedResourceRequest[];
}

interface Own {
  at: number;
  name: string;
  count: number;
}

/**
 * Requests for one resource. A container that runs beside others has its own; an init container that ends before others start uses theirs, and
 * asks only for what is missing.
 */
function requestsFor(resource: string, containers: readonly Container[], initCount: number): { own: Own[]; mappings: ContainerExtendedResourceRequest[] } {
  const wanted = (container: Container): number => amountOf(container.resources?.requests?.[resource], 1);
  const nameOf = (container: Container, at: number): string => `container-${at}-request-${Object.keys(container.resources?.requests ?? {}).toSorted().indexOf(resource)}`;
  const endsEarly = (container: Container, at: number): boolean => at < initCount && container.restartPolicy !== 'Always';
  const own: Own[] = [];
  const mappings: ContainerExtendedResourceRequest[] = [];
  const use = (container: Container, requestName: string): void => void mappings.push({ containerName: container.name, resourceName: resource, requestName });
  for (const [at, container] of containers.entries()) if (!endsEarly(container, at) && wanted(container) > 0) own.push({ at, name: nameOf(container, at), count: wanted(container) });
  const later = [...own];
  const early: Own[] = [];
  for (const [at, container] of containers.entries()) {
    if (wanted(container) === 0) continue;
    if (!endsEarly(container, at)) {
      use(container, nameOf(container, at));
      continue;
    }
    let left = wanted(container);
    for (const each of [...later.filter((other) => other.at > at), ...early]) {
      if (left <= 0) break;
      use(container, each.name);
      left -= each.count;
    }
    if (left <= 0) continue;
    early.push({ at, name: nameOf(container, at), count: left });
    use(container, nameOf(container, at));
  }
  return { own: [...own, ...early], mappings };
}

export function extendedRequests(pod: Pod, classes: ReadonlyMap<string, string>): ExtendedRequests {
  const init = pod.spec?.initContainers ?? [];
  const containers = [...init, ...(pod.spec?.containers ?? [])];
  const all: ExtendedRequests = { requests: [], mappings: [] };
  for (const resource of [...classes.keys()].toSorted()) {
    const { own, mappings } = requestsFor(resource, containers, init.length);
    for (const { name, count } of own) all.requests.push({ name, exactly: { deviceClassName: classes.get(resource)!, allocationMode: 'ExactCount', count } });
    all.mappings.push(...mappings);
  }
  return all;
}

/** The claim that the scheduler makes for these requests. In memory it is known by the pod until the API has named it. */
export function extendedClaim(pod: Pod, requests: DeviceRequest[]): ResourceClaim {
  const { name, namespace, uid } = pod.metadata;
  return {
    apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim',
    metadata: {
      namespace, generateName: `${name}-extended-resources-`, uid: `${uid}/extended-resources`,
      annotations: { [EXTENDED_CLAIM_ANNOTATION]: 'true' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: name!, uid: uid!, controller: true, blockOwnerDeletion: true }],
    },
    spec: { devices: { requests } },
  };
}
