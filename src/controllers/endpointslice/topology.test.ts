/** Zone hints of `service.kubernetes.io/topology-mode: Auto`: shares, safeguards, and little change. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Node, Pod, Service } from '../../api/core/v1/types.ts';
import type { Endpoint, EndpointSlice } from '../../api/discovery/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startEndpointSlice } from './controller.ts';
import { addZoneHints, allocate, overloadThreshold, wantsZoneHints, zoneShares } from './topology.ts';

const node = (name: string, zone: string | undefined, cpu: string | undefined, more: { ready?: boolean; role?: string } = {}): Node => ({
  metadata: { name, labels: { ...(zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone }), ...(more.role === undefined ? {} : { [more.role]: '' }) } },
  status: { ...(cpu === undefined ? {} : { allocatable: { cpu } }), conditions: [{ type: 'Ready', status: more.ready === false ? 'False' : 'True' }] },
});
const endpoint = (name: string, zone: string | undefined, ready = true): Endpoint => ({ addresses: [name], conditions: { ready }, ...(zone === undefined ? {} : { zone }) });
const inZones = (counts: Readonly<Record<string, number>>): Endpoint[] => Object.entries(counts).flatMap(([zone, count]) => Array.from({ length: count }, (_, i) => endpoint(`${zone}${i}`, zone)));
const nothingBefore = (): undefined => undefined;
/** How many endpoints are for each zone. */
function hints(endpoints: readonly Endpoint[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { hints: each } of endpoints) for (const { name } of each?.forZones ?? []) found[name] = (found[name] ?? 0) + 1;
  return found;
}

describe('whether', () => {
  test.each<[string, Record<string, string>, boolean]>([
    ['nothing said', {}, false], ['Auto', { 'service.kubernetes.io/topology-mode': 'Auto' }, true], ['auto', { 'service.kubernetes.io/topology-mode': 'auto' }, true],
    ['something else', { 'service.kubernetes.io/topology-mode': 'Disabled' }, false], ['the old name', { 'service.kubernetes.io/topology-aware-hints': 'auto' }, true],
    ['the old name rules', { 'service.kubernetes.io/topology-aware-hints': 'disabled', 'service.kubernetes.io/topology-mode': 'Auto' }, false],
  ])('%s', (_name, annotations, expected) => expect(wantsZoneHints({ metadata: { name: 's', annotations } })).toBe(expected));
});

describe('shares of zones', () => {
  test.each<[string, Node[], Record<string, number> | undefined]>([
    ['by processors', [node('a', 'x', '2'), node('b', 'y', '4'), node('c', 'y', '2000m')], { x: 0.25, y: 0.75 }],
    ['nodes that are not ready do not count', [node('a', 'x', '2'), node('b', 'y', '2'), node('c', 'y', '4', { ready: false })], { x: 0.5, y: 0.5 }],
    ['nor do those of the control plane', [node('a', 'x', '2'), node('b', 'y', '2'), node('c', 'y', '4', { role: 'node-role.kubernetes.io/control-plane' })], { x: 0.5, y: 0.5 }],
    ['a node without a zone: nothing is known', [node('a', 'x', '2'), node('b', 'y', '2'), node('c', undefined, '2')], undefined],
    ['a node without processors: nothing is known', [node('a', 'x', '2'), node('b', 'y', undefined)], undefined],
    ['one zone: nothing to share', [node('a', 'x', '2')], undefined],
  ])('%s', (_name, nodes, expected) => expect(zoneShares(nodes) && Object.fromEntries(zoneShares(nodes)!)).toEqual(expected));
});

describe('hints', () => {
  const even = new Map([['x', 0.5], ['y', 0.5]]);
  const rows: [string, Map<string, number>, Endpoint[], Record<string, number>, string | undefined][] = [
    ['each its own zone', even, inZones({ x: 3, y: 3 }), { x: 3, y: 3 }, undefined],
    ['a little uneven is left alone', even, inZones({ x: 7, y: 5 }), { x: 7, y: 5 }, undefined],
    ['very uneven is evened out, no more than needed', even, inZones({ x: 9, y: 1 }), { x: 5, y: 5 }, undefined],
    ['by processors, not by zones', new Map([['x', 0.25], ['y', 0.75]]), inZones({ x: 6, y: 6 }), { x: 4, y: 8 }, undefined],
    ['a zone without endpoints gets some', new Map([['x', 1 / 3], ['y', 1 / 3], ['z', 1 / 3]]), inZones({ x: 6, y: 6 }), { x: 4, y: 4, z: 4 }, undefined],
    ['endpoints of a zone without nodes serve others', even, inZones({ x: 3, y: 3, gone: 2 }), { x: 4, y: 4 }, undefined],
    ['those that are not ready have none', even, [...inZones({ x: 2, y: 2 }), endpoint('dead', 'x', false)], { x: 2, y: 2 }, undefined],
    ['fewer endpoints than zones', even, inZones({ x: 1 }), {}, 'Insufficient number of endpoints (1 endpoints, 2 zones)'],
    ['a zone would bear too much', new Map([['x', 0.5], ['y', 0.25], ['z', 0.25]]), inZones({ x: 1, y: 1, z: 1 }), {}, 'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (3 endpoints, 3 zones)'],
    ['an endpoint without a zone', even, [...inZones({ x: 2, y: 2 }), endpoint('lost', undefined)], {}, 'One or more endpoints do not have a zone specified'],
  ];
  test.each(rows)('%s', (_name, shares, endpoints, expected, problem) => {
    for (const each of endpoints) each.hints = { forZones: [{ name: 'stale' }] };
    expect([addZoneHints(endpoints, shares, nothingBefore), hints(endpoints)]).toEqual([problem, expected]);
  });

  test('nodes that do not tell enough', () => {
    const endpoints = inZones({ x: 2 });
    expect(addZoneHints(endpoints, undefined, nothingBefore)).toBe('Insufficient Node information: allocatable CPU or zone not specified on one or more nodes');
    expect(hints(endpoints)).toEqual({});
  });

  test('whatever the zones: no zone bears more than the threshold allows, and hints stay where they are', () => {
    const zones = ['a', 'b', 'c', 'd'];
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 2, maxLength: 4 }), fc.array(fc.nat(3), { minLength: 1, maxLength: 60 }), fc.nat(1000), (cpus, places, seed) => {
      const shares = zoneShares(cpus.map((cpu, i) => node(`n${i}`, zones[i], String(cpu))));
      const of = (): Endpoint[] => places.map((place, i) => endpoint(`e${i}`, zones[place % cpus.length]));
      const first = of();
      const problem = addZoneHints(first, shares, nothingBefore);
      if (problem !== undefined) {
        expect(first.every((each) => each.hints === undefined)).toBe(true);
        return;
      }
      const found = hints(first);
      expect(Object.values(found).reduce((a, b) => a + b, 0)).toBe(places.length);
      for (const [zone, share] of shares!) expect((share * places.length) / (found[zone] ?? 0)).toBeLessThanOrEqual(1 + overloadThreshold + 1e-9);
      // The same again, in another order: nothing changes.
      const stored = new Map(first.map((each) => [each.addresses[0], each]));
      const again = of().sort((a, b) => ((a.addresses[0]!.length * 7 + seed) % 5) - ((b.addresses[0]!.length * 3 + seed) % 5));
      addZoneHints(again, shares, (each) => stored.get(each.addresses[0]));
      expect(again.filter((each) => each.hints?.forZones?.[0]?.name !== stored.get(each.addresses[0])?.hints?.forZones?.[0]?.name)).toEqual([]);
    }), { numRuns: 300, seed: 20260702 });
  });

  test('the least is what the threshold leaves', () => {
    expect(allocate(even, 10)).toEqual(new Map([['x', { desired: 5, least: 5 }], ['y', { desired: 5, least: 5 }]]));
    expect(allocate(even, 100)).toEqual(new Map([['x', { desired: 50, least: 42 }], ['y', { desired: 50, least: 42 }]]));
  });
});

test('the controller hints, follows nodes, gives up with an event, and has the annotation before trafficDistribution', async () => {
  const host = virtualHost({ seed: 'topology', settle: turn });
  const context = fakeContext(host);
  for (const [i, zone] of ['x', 'x', 'y', 'y'].entries()) context.api.put('nodes', node(`n${i}`, zone, '4'));
  const service: Service = {
    metadata: { name: 'web', namespace: 'shop', uid: 's', annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } },
    spec: { selector: { app: 'web' }, clusterIP: '10.0.0.1', ipFamilies: ['IPv4'], ports: [{ port: 80 }], trafficDistribution: 'PreferSameNode' },
  };
  context.api.put('services', service);
  for (let i = 0; i < 10; i++) {
    const pod: Pod = { metadata: { name: `p${i}`, namespace: 'shop', labels: { app: 'web' } }, spec: { containers: [], nodeName: i < 8 ? 'n0' : 'n2' }, status: { phase: 'Running', podIP: `10.1.0.${i}`, conditions: [{ type: 'Ready', status: 'True' }] } };
    context.api.put('pods', pod);
  }
  context.run(startEndpointSlice);
  await host.clock.advance(5_000);
  const all = (): Endpoint[] => context.api.objects<EndpointSlice>('endpointslices').flatMap((slice) => slice.endpoints ?? []);
  expect([hints(all()), all().some((each) => each.hints?.forNodes)]).toEqual([{ x: 5, y: 5 }, false]);
  const quiet = context.api.revision;
  await host.clock.advance(600_000);
  expect(context.api.revision).toBe(quiet);
  // Three quarters of the processors are in x from now on.
  context.api.put('nodes', node('n1', 'x', '20'));
  await host.clock.advance(10_000);
  expect(hints(all())).toEqual({ x: 7, y: 3 });
  context.api.put('nodes', node('n1', undefined, '20'));
  await host.clock.advance(10_000);
  expect(hints(all())).toEqual({});
  expect(context.eventReasons().filter((reason) => reason.includes('Topology'))).toEqual(['Normal TopologyAwareHintsEnabled web', 'Warning TopologyAwareHintsDisabled web']);
  await context.stop();
});
