/** Which EndpointSlices say the same as an Endpoints object that somebody keeps by hand. */
import type { EndpointAddress, EndpointPort as SubsetPort, Endpoints, EndpointSubset } from '../../api/core/v1/types.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/discovery/v1/types.ts';
import { familyOf } from '../../api/meta/addresses.ts';
import { subdomainName } from '../../api/meta/names.ts';
import { ownerReference } from '../../api/meta/objects.ts';
import { portsKey, type AddressType } from '../endpointslice/endpoints.ts';
import { sameEntries, serviceNameLabel, triggerTimeAnnotation } from '../service-pods.ts';
import { canonicalJson } from '../shared/index.ts';

export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
export const managedBy = 'endpointslicemirroring-controller.k8s.io';
export const skipMirrorLabel = 'endpointslice.kubernetes.io/skip-mirror';
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader';
const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';
/** Addresses that are mirrored of one subset; the rest is left out, and an event says so. */
export const maxEndpointsPerSubset = 1_000;

/** Objects that asked not to be, and those that old components elect a leader with, are not mirrored. */
export function shouldMirror(endpoints: Endpoints): boolean {
  return endpoints.metadata.labels?.[skipMirrorLabel] !== 'true' && endpoints.metadata.annotations?.[leaderAnnotation] === undefined;
}

export interface MirrorChanges {
  create: EndpointSlice[];
  update: EndpointSlice[];
  delete: EndpointSlice[];
  /** Addresses that were left out: over the limit, or no addresses at all. */
  skipped: number;
  invalid: number;
}

interface Desired {
  type: AddressType;
  ports: EndpointPort[];
  endpoints: Map<string, Endpoint>;
}

function portOf({ name, port, protocol, appProtocol }: SubsetPort): EndpointPort {
  return { name: name ?? '', port, protocol: protocol ?? 'TCP', ...(appProtocol === undefined ? {} : { appProtocol }) };
}

function endpointOf({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return { addresses: [ip], conditions: { ready }, ...(hostname ? { hostname } : {}), ...(nodeName ? { nodeName } : {}), ...(targetRef ? { targetRef } : {}) };
}

/** Puts a subset's addresses into the group of its family and ports; returns how many were left out. */
function addSubset(groups: Map<string, Desired>, subset: EndpointSubset, most: number): { skipped: number; invalid: number } {
  const ports = (subset.ports ?? []).map(portOf);
  const all = [...(subset.addresses ?? []).map((address) => ({ address, ready: true })), ...(subset.notReadyAddresses ?? []).map((address) => ({ address, ready: false }))];
  let added = 0;
  let invalid = 0;
  for (const [index, { address, ready }] of all.entries()) {
    if (added >= most) return { skipped: all.length - index, invalid };
    const type = familyOf(address.ip);
    if (!type) {
      invalid++;
      continue;
    }
    added++;
    const key = `${type} ${portsKey(ports)}`;
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { type, ports, endpoints: new Map() }));
    // The same address under the same ports twice is one endpoint; ready wins, as it comes first.
    const identity = JSON.stringify([address.ip, address.hostname ?? '', address.targetRef?.uid ?? '']);
    if (!group.endpoints.has(identity)) group.endpoints.set(identity, endpointOf(address, ready));
  }
  return { skipped: 0, invalid };
}

const without = (entries: Readonly<Record<string, string>> | undefined, ...names: string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(entries ?? {}).filter(([name]) => !names.includes(name)));

function sliceFor(endpoints: Endpoints, { type, ports, endpoints: list }: Desired): EndpointSlice {
  const name = endpoints.metadata.name!;
  const annotations = without(endpoints.metadata.annotations, triggerTimeAnnotation, lastAppliedAnnotation);
  return {
    metadata: {
      generateName: subdomainName(`${name}-`, true).length === 0 ? `${name}-` : name,
      namespace: endpoints.metadata.namespace,
      labels: { ...endpoints.metadata.labels, [serviceNameLabel]: name, [managedByLabel]: managedBy },
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      ownerReferences: [ownerReference(endpoints, { apiVersion: 'v1', kind: 'Endpoints' })],
    },
    addressType: type,
    ports,
    endpoints: [...list.values()],
  };
}

const identity = (endpoint: Endpoint): string => canonicalJson(endpoint);

function sameSlice(stored: EndpointSlice, wanted: EndpointSlice): boolean {
  const [have, want] = [stored.endpoints ?? [], wanted.endpoints ?? []].map((list) => list.map(identity).sort());
  return (
    have!.length === want!.length && have!.every((each, i) => each === want![i]) &&
    sameEntries(stored.metadata.labels ?? {}, wanted.metadata.labels ?? {}) &&
    sameEntries(without(stored.metadata.annotations, triggerTimeAnnotation), wanted.metadata.annotations ?? {})
  );
}

/**
 * What must be written so that the slices say what the Endpoints object says: one slice for each address family and set of ports. `slices` are
 * the service's own that this controller manages. No Endpoints object (or one that is not mirrored): all of them go.
 */
export function decideMirror({ endpoints, slices, maxPerSubset: most = maxEndpointsPerSubset }: { endpoints: Endpoints | undefined; slices: readonly EndpointSlice[]; maxPerSubset?: number | undefined }): MirrorChanges {
  const changes: MirrorChanges = { create: [], update: [], delete: [], skipped: 0, invalid: 0 };
  const groups = new Map<string, Desired>();
  for (const subset of endpoints?.subsets ?? []) {
    const { skipped, invalid } = addSubset(groups, subset, most);
    changes.skipped += skipped;
    changes.invalid += invalid;
  }
  const left = [...slices].sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1));
  const take = (fits: (slice: EndpointSlice) => boolean): EndpointSlice | undefined => {
    const index = left.findIndex(fits);
    return index < 0 ? undefined : left.splice(index, 1)[0];
  };
  const missing: Desired[] = [];
  const write = (stored: EndpointSlice, desired: Desired): void => {
    const wanted = sliceFor(endpoints!, desired);
    if (sameSlice(stored, wanted) && portsKey(stored.ports) === portsKey(wanted.ports)) return;
    const { annotations: _annotations, ...metadata } = stored.metadata;
    const { labels, annotations } = wanted.metadata;
    changes.update.push({ ...stored, metadata: { ...metadata, labels, ...(annotations ? { annotations } : {}) }, endpoints: wanted.endpoints, ports: wanted.ports });
  };
  for (const desired of groups.values()) {
    const stored = take((slice) => slice.addressType === desired.type && portsKey(slice.ports) === portsKey(desired.ports));
    if (stored) write(stored, desired);
    else missing.push(desired);
  }
  for (const desired of missing) {
    // One that is not needed any more is written anew rather than deleted beside a new one; its family is for good.
    const stored = take((slice) => slice.addressType === desired.type);
    if (stored) write(stored, desired);
    else changes.create.push(sliceFor(endpoints!, desired));
  }
  changes.delete = left;
  return changes;
}
