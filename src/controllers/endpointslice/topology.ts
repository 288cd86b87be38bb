/**
 * Topology-aware routing (`service.kubernetes.io/topology-mode: Auto`): every ready endpoint says for which zone it is, so that each zone has a share of
 * the endpoints as large as its share of the processors. Pure. Where that would overload a zone, or too little is known, nobody says anything and
 * traffic goes everywhere: those are the safeguards. https://kubernetes.io/docs/concepts/services-networking/topology-aware-routing/
 */
import type { Node, Service } from '../../api/core/v1/types.ts';
import { isConditionTrue } from '../../api/core/v1/pods.ts';
import type { Endpoint } from '../../api/discovery/v1/types.ts';
import { quantityToMilli } from '../../api/meta/quantity.ts';

const modeAnnotation = 'service.kubernetes.io/topology-mode';
const oldModeAnnotation = 'service.kubernetes.io/topology-aware-hints';
const zoneLabel = 'topology.kubernetes.io/zone';
/** Control-plane nodes run no ordinary pods: their processors are not where traffic comes from. */
const controlPlaneLabels = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];
/** How much more than its share an endpoint may have to bear before hints are given up. */
export const overloadThreshold = 0.2;

/** Each zone's share of all processors; undefined where the nodes do not tell enough. */
export type ZoneShares = ReadonlyMap<string, number> | undefined;

/** Whether the service asks for it; then `trafficDistribution` has no say. */
export function wantsZoneHints({ metadata: { annotations } }: Service): boolean {
  const mode = annotations?.[oldModeAnnotation] ?? annotations?.[modeAnnotation];
  return mode === 'Auto' || mode === 'auto';
}

/** What of a node the shares follow from; the same text: nothing changed for them. */
export function zoneFacts({ metadata: { labels }, status }: Node): string {
  return JSON.stringify([labels?.[zoneLabel], controlPlaneLabels.some((label) => labels?.[label] !== undefined), isConditionTrue(status?.conditions, 'Ready'), status?.allocatable?.['cpu']]);
}

/** The shares by the nodes that are ready. One node without a zone or processors, or a single zone: nothing can be shared out. */
export function zoneShares(nodes: readonly Node[]): ZoneShares {
  const milli = new Map<string, number>();
  for (const { metadata: { labels }, status } of nodes) {
    if (controlPlaneLabels.some((label) => labels?.[label] !== undefined) || !isConditionTrue(status?.conditions, 'Ready')) continue;
    const zone = labels?.[zoneLabel];
    const cpu = status?.allocatable?.['cpu'] === undefined ? 0 : quantityToMilli(status.allocatable['cpu']);
    if (!zone || cpu <= 0) return undefined;
    milli.set(zone, (milli.get(zone) ?? 0) + cpu);
  }
  const total = milli.values().reduce((sum, each) => sum + each, 0);
  return milli.size < 2 ? undefined : new Map([...milli].sort(([a], [b]) => (a < b ? -1 : 1)).map(([zone, each]) => [zone, each / total]));
}

interface Allocation {
  least: number;
  desired: number;
}

type Allocations = ReadonlyMap<string, Allocation>;

/** How many endpoints each zone must have at least; a text where there are too few to go round. */
export function allocate(shares: ZoneShares, endpoints: number): Allocations | string {
  if (!shares) return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes';
  if (shares.size > endpoints) return `Insufficient number of endpoints (${endpoints} endpoints, ${shares.size} zones)`;
  const allocations = new Map([...shares].map(([zone, share]): [string, Allocation] => {
    const desired = share * endpoints;
    return [zone, { desired, least: Math.ceil(Number((desired / (1 + overloadThreshold)).toPrecision(12))) }];
  }));
  const least = allocations.values().reduce((sum, each) => sum + each.least, 0);
  if (least > endpoints) return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (${endpoints} endpoints, ${shares.size} zones)`;
  return allocations;
}

const hintOf = (endpoint: Endpoint | undefined): string | undefined => (endpoint?.hints?.forZones?.length === 1 ? endpoint.hints.forZones[0]!.name : undefined);

/** The zone that can best spare one: it has most beyond what it should have. */
function giver(counts: ReadonlyMap<string, number>, allocations: Allocations): string | undefined {
  let best: string | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const [zone, count] of counts) {
    const { least = 0, desired = 0 } = allocations.get(zone) ?? {};
    if (count <= least || count - desired <= most) continue;
    [best, most] = [zone, count - desired];
  }
  return best;
}

/**
 * Gives every ready endpoint its zone: its own, unless another zone lacks some that its own can spare; one that was for that zone before goes first,
 * so that hints change as little as can be. Returns why there are no hints where there are none; the endpoints have none then.
 */
export function addZoneHints(endpoints: readonly Endpoint[], shares: ZoneShares, before: (endpoint: Endpoint) => Endpoint | undefined): string | undefined {
  for (const endpoint of endpoints) delete endpoint.hints;
  const ready = endpoints.filter((endpoint) => endpoint.conditions?.ready);
  if (ready.length === 0) return undefined;
  if (ready.some((endpoint) => !endpoint.zone)) return 'One or more endpoints do not have a zone specified';
  const allocations = allocate(shares, ready.length);
  if (typeof allocations === 'string') return allocations;
  const zones = new Map(ready.map((endpoint) => [endpoint, endpoint.zone!]));
  const counts = new Map([...allocations.keys()].map((zone) => [zone, 0]));
  for (const zone of zones.values()) counts.set(zone, (counts.get(zone) ?? 0) + 1);
  const move = (from: string, to: string): void => {
    const those = [...zones].filter(([, zone]) => zone === from).map(([endpoint]) => endpoint);
    zones.set(those.find((endpoint) => hintOf(before(endpoint)) === to) ?? those.find((endpoint) => hintOf(before(endpoint)) !== from) ?? those[0]!, to);
    counts.set(from, counts.get(from)! - 1);
    counts.set(to, counts.get(to)! + 1);
  };
  for (const [poor, { least }] of allocations) while (counts.get(poor)! < least) move(giver(counts, allocations)!, poor);
  // A zone without nodes of its own has nobody to serve.
  for (const zone of counts.keys()) while (!allocations.has(zone) && counts.get(zone)! > 0) move(zone, neediest(counts, allocations));
  for (const [endpoint, zone] of zones) endpoint.hints = { forZones: [{ name: zone }] };
  return undefined;
}

function neediest(counts: ReadonlyMap<string, number>, allocations: Allocations): string {
  return [...allocations].reduce((best, each) => (counts.get(each[0])! - each[1].desired < counts.get(best[0])! - best[1].desired ? each : best))[0];
}
