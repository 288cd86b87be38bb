/** Fits desired endpoints into the slices that are there with as few writes as can be. */
import type { Node, Pod, Service } from '../../api/core/v1/types.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/discovery/v1/types.ts';
import { ownerReference } from '../../api/meta/objects.ts';
import { subdomainName } from '../../api/meta/names.ts';
import { headlessLabel, isHeadless, sameEntries, serviceNameLabel, triggerTimeAnnotation } from '../service-pods.ts';
import { addZoneHints, wantsZoneHints, type ZoneShares } from './topology.ts';
import { addressTypesOf, desiredEndpoints, portsKey, type AddressType, type PortGroup } from './endpoints.ts';

export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
export const managedBy = 'endpointslice-controller.k8s.io';
/** Endpoints in one slice at most, unless the snapshot says otherwise. */
export const maxEndpointsPerSlice = 100;

/** What becomes of the endpoints of one address type. */
export interface SliceTally {
  added: number;
  removed: number;
  endpoints: number;
  slices: number;
  /** As many slices as there would be if each were full. */
  desiredSlices: number;
}

export interface SliceChanges {
  create: EndpointSlice[];
  update: EndpointSlice[];
  delete: EndpointSlice[];
  /** Pods are left out until these nodes are known. */
  missingNodes: string[];
  /** Where the service asks for zone hints: by address type why there are none, or '' where there are. */
  zoneHints: Map<AddressType, string>;
  tallies: SliceTally[];
}

export interface SliceSnapshot {
  service: Service;
  pods: readonly Pod[];
  nodes: (name: string) => Node | undefined;
  /** The service's slices that this controller manages. */
  slices: readonly EndpointSlice[];
  /** When what is written now began to be true. */
  triggerTime: string | undefined;
  /** Asked for only where the service wants zone hints. */
  zoneShares?: () => ZoneShares;
  maxPerSlice?: number;
}

/** A slice on its way: its endpoints as they will be, and whether it differs from what is stored. */
interface Draft {
  slice: EndpointSlice;
  endpoints: Endpoint[];
  ports: EndpointPort[];
  changed: boolean;
}

function endpointKey(endpoint: Endpoint): string {
  return JSON.stringify([[...endpoint.addresses].sort(), endpoint.hostname ?? '', endpoint.targetRef?.namespace, endpoint.targetRef?.name, endpoint.targetRef?.uid]);
}

/** Field order does not matter: written ones come back from the server in its own. */
function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return facts(a) === facts(b);
}

function facts({ addresses, conditions, hostname, nodeName, zone, hints, targetRef }: Endpoint): string {
  return JSON.stringify([
    addresses, conditions?.ready, conditions?.serving, conditions?.terminating, hostname, nodeName, zone, targetRef?.kind, targetRef?.namespace, targetRef?.name, targetRef?.uid,
    hints?.forZones?.map(({ name }) => name), hints?.forNodes?.map(({ name }) => name),
  ]);
}

const reserved: ReadonlySet<string> = new Set([serviceNameLabel, managedByLabel, headlessLabel]);

/** The service's own labels, and those that slices are found by. */
export function sliceLabels(service: Service): Record<string, string> {
  const own = Object.entries(service.metadata.labels ?? {}).filter(([name]) => !reserved.has(name));
  return { ...Object.fromEntries(own), [serviceNameLabel]: service.metadata.name!, [managedByLabel]: managedBy, ...(isHeadless(service) ? { [headlessLabel]: '' } : {}) };
}

function newSlice(service: Service, type: AddressType, ports: EndpointPort[], endpoints: Endpoint[]): EndpointSlice {
  const prefix = `${service.metadata.name}-`;
  return {
    metadata: {
      generateName: subdomainName(prefix, true).length === 0 ? prefix : service.metadata.name,
      namespace: service.metadata.namespace,
      labels: sliceLabels(service),
      ownerReferences: [ownerReference(service, { apiVersion: 'v1', kind: 'Service' })],
    },
    addressType: type,
    endpoints,
    ports,
  };
}

/** Keeps in a slice what is still wanted, and takes that out of `wanted`. */
function keepWanted(slice: EndpointSlice, wanted: Map<string, Endpoint>, ports: EndpointPort[]): Draft {
  const endpoints: Endpoint[] = [];
  let changed = false;
  for (const endpoint of slice.endpoints ?? []) {
    const key = endpointKey(endpoint);
    const next = wanted.get(key);
    if (!next) {
      changed = true;
      continue;
    }
    wanted.delete(key);
    const same = sameEndpoint(endpoint, next);
    endpoints.push(same ? endpoint : next);
    changed ||= !same;
  }
  return { slice, endpoints, ports, changed };
}

/** Puts what is left into slices that are written anyway, the fullest first. */
function fillChanged(drafts: Draft[], left: Endpoint[], most: number): void {
  const open = drafts.filter((draft) => draft.changed && draft.endpoints.length > 0).sort((a, b) => b.endpoints.length - a.endpoints.length);
  for (const draft of open) draft.endpoints.push(...left.splice(0, Math.max(0, most - draft.endpoints.length)));
}

/** Puts a rest that fits into one slice into the fullest untouched one that takes all of it: one write more, but no new slice. */
function fillOne(drafts: Draft[], left: Endpoint[], most: number): boolean {
  if (left.length >= most) return false;
  const fitting = drafts.filter((draft) => !draft.changed && draft.endpoints.length > 0 && draft.endpoints.length + left.length <= most);
  const fullest = fitting.sort((a, b) => b.endpoints.length - a.endpoints.length)[0];
  if (!fullest) return false;
  fullest.endpoints.push(...left.splice(0));
  fullest.changed = true;
  return true;
}

interface TypeChanges {
  drafts: Draft[];
  create: EndpointSlice[];
  delete: EndpointSlice[];
  tally: SliceTally;
}

const emptyTally = (): SliceTally => ({ added: 0, removed: 0, endpoints: 0, slices: 0, desiredSlices: 0 });

function fitGroup(service: Service, type: AddressType, group: PortGroup, existing: readonly EndpointSlice[], most: number): TypeChanges {
  const wanted = new Map(group.endpoints.map((endpoint) => [endpointKey(endpoint), endpoint]));
  const drafts = existing.map((slice) => keepWanted(slice, wanted, group.ports));
  const left = [...wanted.values()];
  const kept = drafts.reduce((sum, draft) => sum + draft.endpoints.length, 0);
  const before = existing.reduce((sum, slice) => sum + (slice.endpoints?.length ?? 0), 0);
  const tally: SliceTally = { added: left.length, removed: before - kept, endpoints: kept + left.length, slices: 0, desiredSlices: Math.ceil((kept + left.length) / most) };
  fillChanged(drafts, left, most);
  const create: EndpointSlice[] = [];
  while (left.length > 0) {
    if (!fillOne(drafts, left, most)) create.push(newSlice(service, type, group.ports, left.splice(0, most)));
  }
  return { drafts: drafts.filter((draft) => draft.endpoints.length > 0), create, delete: drafts.filter((draft) => draft.endpoints.length === 0).map((draft) => draft.slice), tally };
}

/** Slices to delete become the ones to create: a write instead of two, and a name that stays. */
function recycle(changes: TypeChanges): void {
  while (changes.create.length > 0 && changes.delete.length > 0) {
    const fresh = changes.create.pop()!;
    changes.drafts.push({ slice: changes.delete.pop()!, endpoints: fresh.endpoints!, ports: fresh.ports!, changed: true });
  }
}

function fitType(service: Service, type: AddressType, groups: Map<string, PortGroup>, slices: readonly EndpointSlice[], most: number): TypeChanges {
  const all: TypeChanges = { drafts: [], create: [], delete: [], tally: emptyTally() };
  const byPorts = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    const key = portsKey(slice.ports);
    byPorts.set(key, [...(byPorts.get(key) ?? []), slice]);
  }
  for (const [key, group] of groups) {
    const { drafts, create, delete: gone, tally } = fitGroup(service, type, group, byPorts.get(key) ?? [], most);
    all.drafts.push(...drafts);
    all.create.push(...create);
    all.delete.push(...gone);
    for (const name of ['added', 'removed', 'endpoints', 'desiredSlices'] as const) all.tally[name] += tally[name];
    byPorts.delete(key);
  }
  for (const unused of byPorts.values()) all.delete.push(...unused);
  // A service without endpoints has one empty slice: consumers see that nothing is ready, not that nothing is known.
  if (all.drafts.length === 0 && all.create.length === 0) {
    const empty = all.delete.findIndex((slice) => (slice.endpoints ?? []).length === 0 && (slice.ports ?? []).length === 0);
    if (empty >= 0) all.drafts.push({ slice: all.delete.splice(empty, 1)[0]!, endpoints: [], ports: [], changed: false });
    else all.create.push(newSlice(service, type, [], []));
  }
  recycle(all);
  all.tally.slices = all.drafts.length + all.create.length;
  // There is always one, be it empty.
  all.tally.desiredSlices = Math.max(1, all.tally.desiredSlices);
  return all;
}

function withTrigger(slice: EndpointSlice, triggerTime: string | undefined): EndpointSlice {
  const annotations = { ...slice.metadata.annotations };
  if (triggerTime === undefined) delete annotations[triggerTimeAnnotation];
  else annotations[triggerTimeAnnotation] = triggerTime;
  const { annotations: _, ...metadata } = slice.metadata;
  return { ...slice, metadata: Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata };
}

function hintZones(groups: Map<string, PortGroup>, slices: readonly EndpointSlice[], shares: ZoneShares): string | undefined {
  const stored = new Map(slices.flatMap((slice) => slice.endpoints ?? []).map((endpoint) => [endpointKey(endpoint), endpoint]));
  return addZoneHints([...groups.values()].flatMap((group) => group.endpoints), shares, (endpoint) => stored.get(endpointKey(endpoint)));
}

/** What must be written so that the slices show the pods. Slices that show them already are not named. */
export function decideSlices(snapshot: SliceSnapshot): SliceChanges {
  const { service, pods, nodes, slices, triggerTime } = snapshot;
  const types = addressTypesOf(service);
  const labels = sliceLabels(service);
  const changes: SliceChanges = { create: [], update: [], delete: slices.filter((slice) => !types.includes(slice.addressType as AddressType)), missingNodes: [], zoneHints: new Map(), tallies: [] };
  for (const type of types) {
    const { groups, missingNodes } = desiredEndpoints(service, pods, nodes, type);
    changes.missingNodes.push(...missingNodes);
    const ofType = slices.filter((slice) => slice.addressType === type).sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1));
    if (wantsZoneHints(service)) changes.zoneHints.set(type, hintZones(groups, ofType, snapshot.zoneShares?.()) ?? '');
    const { drafts, create, delete: gone, tally } = fitType(service, type, groups, ofType, snapshot.maxPerSlice ?? maxEndpointsPerSlice);
    for (const { slice, endpoints, ports, changed } of drafts) {
      if (!changed && sameEntries(slice.metadata.labels ?? {}, labels)) continue;
      changes.update.push(withTrigger({ ...slice, metadata: { ...slice.metadata, labels }, endpoints, ports: changed ? ports : slice.ports }, triggerTime));
    }
    changes.create.push(...create.map((slice) => withTrigger(slice, triggerTime)));
    changes.delete.push(...gone);
    changes.tallies.push(tally);
  }
  return changes;
}
