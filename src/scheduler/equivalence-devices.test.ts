/**
 * Devices against a second reading of the documentation that tries every assignment: whether a node can meet a pod's claims, and whether what it is
 * given keeps every rule, in thousands of random small clusters, each from a seed that a failure prints.
 */
import { beforeAll, expect, test } from 'vitest';
import type { Pod } from '../api/core/v1/types.ts';
import type { AllocationResult, Device, DeviceClass, DeviceSubRequest, ExactDeviceRequest, ResourceClaim, ResourceSlice } from '../api/resource/v1/types.ts';
import { loadSelectors } from './dra/selectors.ts';
import { Dice, Hits } from './equivalence.fixture.ts';
import { fakeNode, fakePod, fakeSnapshot } from './fake-cluster.ts';
import type { BindContext } from './framework.ts';
import { createDynamicResources } from './plugins/dynamic-resources.ts';

beforeAll(() => loadSelectors());

const DRIVER = 'gpu.example.com';
const CLUSTERS = 2000;
const NODES = ['n0', 'n1'];
const isModel = (model: string) => [{ cel: { expression: `device.attributes["${DRIVER}"].model == "${model}"` } }];
const CLASSES: DeviceClass[] = [{ metadata: { name: 'any' }, spec: {} }, ...['a', 'b'].map((model) => ({ metadata: { name: model }, spec: { selectors: isModel(model) } }))];

type Wanted = (ExactDeviceRequest | DeviceSubRequest) & { name?: string };
interface World { slices: ResourceSlice[]; claims: ResourceClaim[]; others: ResourceClaim[] }

// ---- random clusters ----

function randomDevice(dice: Dice, i: number, counters: boolean): Device {
  return {
    name: `d${i}`, attributes: { model: { string: dice.one(['a', 'b']) }, socket: { int: dice.int(2) } },
    ...(dice.chance(15) ? { taints: [{ key: 'broken', effect: dice.one(['NoSchedule', 'NoExecute']) }] } : {}),
    ...(counters ? { consumesCounters: [{ counterSet: 'set', counters: { memory: { value: String(1 + dice.int(3)) } } }] } : {}),
  };
}

function randomWanted(dice: Dice): ExactDeviceRequest {
  return {
    deviceClassName: dice.one(['any', 'a', 'b']), ...(dice.chance(15) ? { allocationMode: 'All' } : { allocationMode: 'ExactCount', count: 1 + dice.int(2) }),
    ...(dice.chance(20) ? { selectors: isModel(dice.one(['a', 'b'])) } : {}), ...(dice.chance(20) ? { tolerations: [{ key: 'broken', operator: 'Exists' }] } : {}),
  };
}

function randomClaim(dice: Dice, name: string): ResourceClaim {
  const requests = Array.from({ length: 1 + dice.int(2) }, (_, i) => (dice.chance(25)
    ? { name: `r${i}`, firstAvailable: [0, 1].map((at) => ({ name: `s${at}`, ...randomWanted(dice) })) }
    : { name: `r${i}`, exactly: randomWanted(dice) }));
  const constraints = dice.chance(30) ? [{ [dice.one(['matchAttribute', 'distinctAttribute'])]: `${DRIVER}/socket` }] : [];
  return { metadata: { name, namespace: 'default', uid: `uid-${name}` }, spec: { devices: { requests, ...(constraints.length > 0 ? { constraints } : {}) } } };
}

function randomWorld(dice: Dice): World {
  const slices = NODES.map((node): ResourceSlice => {
    const counters = dice.chance(30);
    return {
      metadata: { name: `slice-${node}` },
      spec: {
        driver: DRIVER, pool: { name: node, generation: 1, resourceSliceCount: 1 }, nodeName: node, devices: dice.upTo(4, (i) => randomDevice(dice, i, counters)),
        ...(counters ? { sharedCounters: [{ name: 'set', counters: { memory: { value: String(2 + dice.int(4)) } } }] } : {}),
      },
    };
  });
  // Devices that somebody else has.
  const others = slices.flatMap(({ spec }) => (spec.devices ?? []).filter(() => dice.chance(20)).map((device): ResourceClaim => ({
    metadata: { name: `other-${spec.pool.name}-${device.name}`, namespace: 'default', uid: `other-${spec.pool.name}-${device.name}` }, spec: {},
    status: { allocation: { devices: { results: [{ request: 'r', driver: DRIVER, pool: spec.pool.name, device: device.name }] } } },
  })));
  const claims = Array.from({ length: 1 + dice.int(2) }, (_, i) => randomClaim(dice, `c${i}`));
  // One of them may have its devices already.
  if (dice.chance(15)) claims[0]!.status = { allocation: { devices: { results: [] }, nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [dice.one(NODES)] }] }] } } };
  return { slices, claims, others };
}

// ---- the plain reading ----

interface Part { claim: number; request: string; wanted: Wanted; devices: Device[] }

const modelOf = (device: Device): string => device.attributes!['model']!.string!;
const tolerates = (wanted: Wanted, device: Device): boolean => !device.taints?.length || (wanted.tolerations?.length ?? 0) > 0;
const matches = (wanted: Wanted, device: Device): boolean => (wanted.deviceClassName === 'any' || modelOf(device) === wanted.deviceClassName) && (!wanted.selectors || wanted.selectors[0]!.cel!.expression.includes(`"${modelOf(device)}"`));

/** Whether the whole assignment keeps every rule. */
function allowed(world: World, node: string, claims: readonly ResourceClaim[], parts: readonly Part[]): boolean {
  const { spec } = world.slices.find((slice) => slice.spec.nodeName === node)!;
  const elsewhere = (spec.devices ?? []).filter((device) => world.others.some((other) => other.metadata.name === `other-${node}-${device.name}`));
  const given = parts.flatMap((part) => part.devices);
  if (new Set([...given, ...elsewhere]).size !== given.length + elsewhere.length) return false;
  for (const { wanted, devices } of parts) {
    if (!devices.every((device) => matches(wanted, device) && tolerates(wanted, device))) return false;
    const all = (spec.devices ?? []).filter((device) => matches(wanted, device));
    if (wanted.allocationMode === 'All' ? devices.length === 0 || devices.length !== all.length : devices.length !== wanted.count) return false;
  }
  for (const [at, claim] of claims.entries()) {
    const sockets = parts.filter((part) => part.claim === at).flatMap((part) => part.devices.map((device) => device.attributes!['socket']!.int));
    const constraint = claim.spec.devices!.constraints?.[0];
    if (constraint?.matchAttribute && new Set(sockets).size > 1) return false;
    if (constraint?.distinctAttribute && new Set(sockets).size !== sockets.length) return false;
  }
  const [set] = spec.sharedCounters ?? [];
  const used = [...given, ...elsewhere].reduce((sum, device) => sum + Number(device.consumesCounters?.[0]?.counters['memory']!.value ?? 0), 0);
  return !set || given.every((device) => !device.consumesCounters) || used <= Number(set.counters['memory']!.value);
}

function subsets<T>(of: readonly T[]): T[][] {
  return of.reduce<T[][]>((all, each) => all.concat(all.map((one) => [...one, each])), [[]]);
}

/** Tries everything. */
function possible(world: World, node: string, claims: readonly ResourceClaim[]): boolean {
  const devices = world.slices.find((slice) => slice.spec.nodeName === node)!.spec.devices ?? [];
  const slots = claims.flatMap((claim, at) => claim.spec.devices!.requests!.map((request): Omit<Part, 'devices'>[] =>
    request.exactly ? [{ claim: at, request: request.name, wanted: request.exactly }] : request.firstAvailable!.map((sub) => ({ claim: at, request: `${request.name}/${sub.name}`, wanted: sub }))));
  const all = subsets(devices);
  const attempt = (at: number, parts: Part[]): boolean => {
    if (at === slots.length) return allowed(world, node, claims, parts);
    return slots[at]!.some((slot) => all.some((chosen) => {
      const size = slot.wanted.allocationMode === 'All' ? chosen.length > 0 : chosen.length === slot.wanted.count;
      return size && chosen.every((device) => matches(slot.wanted, device)) && attempt(at + 1, [...parts, { ...slot, devices: chosen }]);
    }));
  };
  return attempt(0, []);
}

const openOf = (world: World): ResourceClaim[] => world.claims.filter((claim) => !claim.status?.allocation);

function plainVerdict(world: World, node: string): string {
  const placed = world.claims.find((claim) => claim.status?.allocation);
  if (placed && placed.status!.allocation!.nodeSelector!.nodeSelectorTerms[0]!.matchFields![0]!.values![0] !== node) return 'resourceclaim not available on the node';
  return possible(world, node, openOf(world)) ? 'ok' : 'cannot allocate all claims';
}

// ---- both against each other ----

/** What the plug-in would write down for the pod on the node. */
async function written(plugin: ReturnType<typeof createDynamicResources>, run: Parameters<NonNullable<typeof plugin.reserve>>[0], node: string): Promise<Map<string, AllocationResult>> {
  const found = new Map<string, AllocationResult>();
  expect(plugin.reserve!(run, node)).toBeUndefined();
  const context = { reserveClaim: async (claim: ResourceClaim, allocation: AllocationResult | undefined) => void (allocation && found.set(claim.metadata.name!, allocation)), until: async () => true, lookups: run.lookups } as unknown as BindContext;
  await plugin.preBind!(run, node, context);
  return found;
}

test(`devices: ${CLUSTERS} clusters`, async () => {
  const hits = new Hits();
  for (let i = 0; i < CLUSTERS; i++) {
    const seed = `devices-${i}`;
    const world = randomWorld(new Dice(seed));
    const pod: Pod = fakePod('p', { resourceClaims: world.claims.map((claim) => ({ name: claim.metadata.name!, resourceClaimName: claim.metadata.name! })) });
    const { cycle, node } = fakeSnapshot(NODES.map((name) => fakeNode(name)));
    const all = [...world.claims, ...world.others];
    const lookups = { resourceClaim: (_namespace: string, name: string) => all.find((claim) => claim.metadata.name === name), resourceClaims: () => all, resourceSlices: () => world.slices, deviceClass: (name: string) => CLASSES.find((each) => each.metadata.name === name) };
    const plugin = createDynamicResources();
    const run = cycle(pod, lookups);
    expect(plugin.preFilter!(run), seed).toBeUndefined();
    const expected = NODES.map((name) => plainVerdict(world, name));
    expect(NODES.map((name) => plugin.filter!(run, node(name))?.reasons[0] ?? 'ok'), seed).toEqual(expected);
    for (const word of expected) hits.add(word);
    const fitting = NODES[expected.indexOf('ok')];
    if (fitting === undefined || openOf(world).length === 0) continue;
    const given = await written(plugin, run, fitting);
    const open = openOf(world);
    const devices = world.slices.find((slice) => slice.spec.nodeName === fitting)!.spec.devices!;
    const parts = open.flatMap((claim, at) => claim.spec.devices!.requests!.map((request): Part => {
      const results = given.get(claim.metadata.name!)!.devices!.results!.filter((result) => result.request.split('/')[0] === request.name);
      const wanted = request.exactly ?? request.firstAvailable!.find((sub) => results[0]?.request === `${request.name}/${sub.name}`)!;
      if (request.firstAvailable) hits.add(results[0]?.request.endsWith('/s0') ? 'first choice' : 'second choice');
      return { claim: at, request: request.name, wanted, devices: results.map((result) => devices.find((device) => device.name === result.device)!) };
    }));
    expect(allowed(world, fitting, open, parts), `what is given keeps the rules: ${seed}`).toBe(true);
    hits.add('given');
  }
  expect(hits.rare({ ok: 500, 'cannot allocate all claims': 700, 'resourceclaim not available on the node': 100, given: 300, 'first choice': 70, 'second choice': 20 })).toEqual({});
});
