import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Node, Pod, Service } from '../../api/core/v1/types.ts';
import type { EndpointSlice } from '../../api/discovery/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startEndpointSlice } from './controller.ts';
import { decideSlices, managedBy, maxEndpointsPerSlice, type SliceChanges } from './decide.ts';
import { desiredEndpoints } from './endpoints.ts';

function service(spec: Partial<Service['spec']> = {}, labels?: Record<string, string>): Service {
  return {
    apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop', uid: 'svc', labels, creationTimestamp: '2030-01-01T00:00:00Z' },
    spec: { selector: { app: 'web' }, clusterIP: '10.0.0.1', ipFamilies: ['IPv4'], ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }], ...spec },
  };
}
interface PodOptions { ready?: boolean; terminating?: boolean; ip?: string; node?: string; phase?: string; spec?: Partial<Pod['spec']>; labels?: Record<string, string> }
function pod(index: number, { ready = true, terminating = false, ip = `10.1.${index >> 8}.${index & 255}`, node = 'n1', phase = 'Running', spec = {}, labels = { app: 'web' } }: PodOptions = {}): Pod {
  return {
    metadata: { name: `p${index}`, namespace: 'shop', uid: `u${index}`, labels, ...(terminating ? { deletionTimestamp: '2030-01-01T00:00:00Z' } : {}) },
    spec: { containers: [{ name: 'c', image: 'i', ports: [{ name: 'named', containerPort: 9000 + (index % 2) }] }], nodeName: node, ...spec },
    status: { phase, podIP: ip, podIPs: ip ? [{ ip }] : [], conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: '2030-01-01T00:01:00Z' }] },
  };
}
const node: Node = { metadata: { name: 'n1', labels: { 'topology.kubernetes.io/zone': 'z1' } } };
const nodes = (name: string): Node | undefined => (name === 'n1' ? node : undefined);
const endpointsOf = (svc: Service, pods: Pod[], type: 'IPv4' | 'IPv6' = 'IPv4') => [...desiredEndpoints(svc, pods, nodes, type).groups.values()].flatMap((group) => group.endpoints);

/** Applies changes as the server would. */
function store(slices: EndpointSlice[], changes: SliceChanges, counter: { next: number }): EndpointSlice[] {
  const gone = new Set(changes.delete.map((slice) => slice.metadata.name));
  const updated = new Map(changes.update.map((slice) => [slice.metadata.name, slice]));
  const kept = slices.filter((slice) => !gone.has(slice.metadata.name)).map((slice) => updated.get(slice.metadata.name) ?? slice);
  return [...kept, ...changes.create.map((slice) => ({ ...slice, metadata: { ...slice.metadata, name: `web-${counter.next++}` } }))];
}
const decide = (svc: Service, pods: Pod[], slices: EndpointSlice[] = []) => decideSlices({ service: svc, pods, nodes, slices, triggerTime: undefined });
const sizes = (slices: EndpointSlice[]) => slices.map((slice) => slice.endpoints?.length ?? 0);

describe('endpoints of pods', () => {
  const conditions: [string, Partial<Service['spec']>, PodOptions, unknown][] = [
    ['ready', {}, {}, { ready: true, serving: true, terminating: false }],
    ['not ready', {}, { ready: false }, { ready: false, serving: false, terminating: false }],
    ['terminating, still serving', {}, { terminating: true }, { ready: false, serving: true, terminating: true }],
    ['terminating, no longer serving', {}, { terminating: true, ready: false }, { ready: false, serving: false, terminating: true }],
    ['not ready but published', { publishNotReadyAddresses: true }, { ready: false }, { ready: true, serving: false, terminating: false }],
    ['finished', {}, { phase: 'Succeeded' }, undefined],
    ['without an address', {}, { ip: '' }, undefined],
    ['on a node that is not known', {}, { node: 'other' }, undefined],
    ['on a node that is not known, published anyway', { publishNotReadyAddresses: true }, { node: 'other' }, { ready: true, serving: true, terminating: false }],
    ['of the other family', {}, { ip: 'fd00::1' }, undefined],
  ];
  test.each(conditions)('conditions: %s', (_name, spec, options, expected) => {
    expect(endpointsOf(service(spec), [pod(1, options)])[0]?.conditions).toEqual(expected);
  });

  test('carry node, zone, target and, in a headless service’s domain, the hostname', () => {
    const headless = service({ clusterIP: 'None' });
    expect(endpointsOf(headless, [pod(1, { spec: { hostname: 'db-0', subdomain: 'web' } })])[0]).toMatchObject({
      addresses: ['10.1.0.1'], hostname: 'db-0', nodeName: 'n1', zone: 'z1', targetRef: { kind: 'Pod', namespace: 'shop', name: 'p1', uid: 'u1' },
    });
    expect(endpointsOf(headless, [pod(1, { spec: { hostname: 'db-0', subdomain: 'other' } })])[0]).not.toHaveProperty('hostname');
  });

  const distributions: [string, string | undefined, unknown][] = [
    ['none asked for', undefined, undefined],
    ['PreferClose', 'PreferClose', { forZones: [{ name: 'z1' }] }],
    ['PreferSameZone', 'PreferSameZone', { forZones: [{ name: 'z1' }] }],
    ['PreferSameNode', 'PreferSameNode', { forZones: [{ name: 'z1' }], forNodes: [{ name: 'n1' }] }],
  ];
  test.each(distributions)('hints: %s', (_name, trafficDistribution, hints) => {
    expect(endpointsOf(service({ trafficDistribution }), [pod(1)])[0]?.hints).toEqual(hints);
  });

  test('pods whose named port differs stand in groups of their own', () => {
    const { groups } = desiredEndpoints(service({ ports: [{ name: 'http', port: 80, targetPort: 'named' }] }), [pod(1), pod(2), pod(3)], nodes, 'IPv4');
    expect([...groups.values()].map((group) => [group.ports[0]?.port, group.endpoints.length])).toEqual([[9001, 2], [9000, 1]]);
  });
});

describe('slices', () => {
  const many = (count: number, from = 0) => Array.from({ length: count }, (_, i) => pod(from + i));

  test('a new service gets slices with labels, owner and ports', () => {
    const changes = decide(service({}, { team: 'a' }), many(250));
    expect(sizes(changes.create)).toEqual([100, 100, 50]);
    expect(changes.create[0]).toMatchObject({
      metadata: { generateName: 'web-', namespace: 'shop', labels: { team: 'a', 'kubernetes.io/service-name': 'web', 'endpointslice.kubernetes.io/managed-by': managedBy }, ownerReferences: [{ kind: 'Service', uid: 'svc', controller: true }] },
      addressType: 'IPv4', ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    });
  });

  test('without endpoints there is one empty slice, which stays', () => {
    const first = decide(service(), []);
    expect(sizes(first.create)).toEqual([0]);
    const slices = store([], first, { next: 0 });
    expect(decide(service(), [], slices)).toMatchObject({ create: [], update: [], delete: [], missingNodes: [] });
  });

  test('the empty slice becomes the first full one', () => {
    const slices = store([], decide(service(), []), { next: 0 });
    const changes = decide(service(), many(3), slices);
    expect([sizes(changes.create), sizes(changes.update), changes.delete.length]).toEqual([[], [3], 0]);
    expect(changes.update[0]?.metadata.name).toBe('web-0');
  });

  const churn: [string, (pods: Pod[]) => Pod[], [number, number, number]][] = [
    ['nothing changed', (pods) => pods, [0, 0, 0]],
    ['one pod turns unready: one slice is written', (pods) => pods.with(5, pod(5, { ready: false })), [0, 1, 0]],
    ['one pod goes: one slice is written', (pods) => pods.slice(1), [0, 1, 0]],
    ['one pod is replaced: its slice takes the new one', (pods) => [...pods.slice(1), pod(900)], [0, 1, 0]],
    ['one pod comes: the slice with room takes it', (pods) => [...pods, pod(900)], [0, 1, 0]],
    ['60 come: a new slice', (pods) => [...pods, ...many(60, 900)], [1, 0, 0]],
    ['a whole slice goes', (pods) => pods.slice(100), [0, 0, 1]],
    ['all go: one empty slice is left', () => [], [0, 1, 2]],
  ];
  test.each(churn)('250 pods, then %s', (_name, change, [create, update, gone]) => {
    const pods = many(250);
    const slices = store([], decide(service(), pods), { next: 0 });
    const changes = decide(service(), change(pods), slices);
    expect([changes.create.length, changes.update.length, changes.delete.length]).toEqual([create, update, gone]);
  });

  test('labels of the service are followed, those of the controller cannot be overwritten', () => {
    const slices = store([], decide(service(), many(3)), { next: 0 });
    const changes = decide(service({ clusterIP: 'None' }, { team: 'b', 'kubernetes.io/service-name': 'mine' }), many(3), slices);
    expect(changes.update[0]?.metadata.labels).toEqual({ team: 'b', 'kubernetes.io/service-name': 'web', 'endpointslice.kubernetes.io/managed-by': managedBy, 'service.kubernetes.io/headless': '' });
  });

  test('a family that the service no longer has goes with its slices', () => {
    const dual = service({ ipFamilies: ['IPv4', 'IPv6'] });
    const slices = store([], decide(dual, many(2)), { next: 0 });
    expect(slices.map((slice) => slice.addressType)).toEqual(['IPv4', 'IPv6']);
    expect(decide(service(), many(2), slices).delete.map((slice) => slice.addressType)).toEqual(['IPv6']);
  });

  test('whatever happens: each endpoint once, no slice over the limit, nothing to do a second time', () => {
    const step = fc.array(fc.record({ index: fc.nat(400), ready: fc.boolean(), present: fc.boolean() }), { maxLength: 150 });
    fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (rounds) => {
      const present = new Map<number, Pod>();
      const counter = { next: 0 };
      let slices: EndpointSlice[] = [];
      for (const round of rounds) {
        for (const { index, ready, present: is } of round) {
          if (is) present.set(index, pod(index, { ready }));
          else present.delete(index);
        }
        const pods = [...present.values()];
        slices = store(slices, decide(service(), pods, slices), counter);
        const addresses = slices.flatMap((slice) => (slice.endpoints ?? []).map((endpoint) => `${endpoint.addresses[0]} ${endpoint.conditions?.ready}`));
        expect(addresses.sort()).toEqual(pods.map((each) => `${each.status?.podIP} ${each.status?.conditions?.[0]?.status === 'True'}`).sort());
        expect(Math.max(...sizes(slices))).toBeLessThanOrEqual(maxEndpointsPerSlice);
        const again = decide(service(), pods, slices);
        expect([again.create, again.update, again.delete]).toEqual([[], [], []]);
      }
    }), { numRuns: 60 });
  });
});

describe('endpointslice controller', () => {
  function setUp() {
    const host = virtualHost({ seed: 'slices', settle: turn });
    const context = fakeContext(host);
    context.api.put('nodes', node);
    context.api.put('services', service());
    context.run(startEndpointSlice);
    const addresses = () => context.api.objects<EndpointSlice>('endpointslices').flatMap((slice) => (slice.endpoints ?? []).map((endpoint) => `${endpoint.addresses[0]} ${endpoint.conditions?.ready}`)).sort();
    return { host, context, addresses };
  }

  test('follows pods, and is quiet when nothing changes', async () => {
    const { host, context, addresses } = setUp();
    for (let i = 0; i < 5; i++) context.api.put('pods', pod(i));
    context.api.put('pods', pod(9, { labels: { app: 'other' } }));
    await host.clock.advance(1_000);
    expect(addresses()).toHaveLength(5);
    context.api.put('pods', pod(1, { ready: false }));
    context.api.remove('pods', 'shop/p2');
    await host.clock.advance(10_000);
    expect(addresses()).toEqual(['10.1.0.0 true', '10.1.0.1 false', '10.1.0.3 true', '10.1.0.4 true']);
    const [slice] = context.api.objects<EndpointSlice>('endpointslices');
    expect(slice?.metadata.annotations?.['endpoints.kubernetes.io/last-change-trigger-time']).toBeUndefined();
    const quiet = context.api.revision;
    await host.clock.advance(600_000);
    expect(context.api.revision).toBe(quiet);
    await context.stop();
  });

  test('takes in a pod when its node becomes known', async () => {
    const { host, context, addresses } = setUp();
    context.api.put('pods', pod(1, { node: 'n2' }));
    await host.clock.advance(1_000);
    expect(addresses()).toEqual([]);
    context.api.put('nodes', { metadata: { name: 'n2' } });
    await host.clock.advance(1_000);
    expect(addresses()).toEqual(['10.1.0.1 true']);
    await context.stop();
  });

  test('mends slices that others change or delete, and leaves those of others alone', async () => {
    const { host, context, addresses } = setUp();
    context.api.put('pods', pod(1));
    const foreign = context.api.put('endpointslices', { metadata: { name: 'mine', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } } });
    await host.clock.advance(1_000);
    const own = () => context.api.objects<EndpointSlice>('endpointslices').find((slice) => slice.metadata.name !== 'mine')!;
    context.api.put('endpointslices', { ...own(), endpoints: [] } as EndpointSlice);
    await host.clock.advance(5_000);
    expect(addresses()).toEqual(['10.1.0.1 true']);
    context.api.remove('endpointslices', `shop/${own().metadata.name}`);
    await host.clock.advance(5_000);
    expect(addresses()).toEqual(['10.1.0.1 true']);
    expect(context.api.object('endpointslices', 'shop/mine')?.metadata.resourceVersion).toBe(foreign.metadata.resourceVersion);
    await context.stop();
  });

  test('marks changes with the time that they began', async () => {
    const { host, context } = setUp();
    await host.clock.advance(1_000);
    context.api.put('pods', pod(1));
    await host.clock.advance(1_000);
    expect(context.api.objects<EndpointSlice>('endpointslices')[0]?.metadata.annotations).toEqual({ 'endpoints.kubernetes.io/last-change-trigger-time': '2030-01-01T00:01:00Z' });
    await context.stop();
  });

  test('lags behind while its watch is broken, and never doubles an endpoint', async () => {
    const { host, context, addresses } = setUp();
    context.api.put('pods', pod(1));
    await host.clock.advance(1_000);
    for (let i = 2; i < 12; i++) {
      context.api.put('pods', pod(i));
      context.api.endWatches(i % 2 === 0 ? 'broken' : 'clean');
      await host.clock.advance(300);
    }
    await host.clock.advance(120_000);
    expect(addresses()).toHaveLength(11);
    expect(context.api.objects('endpointslices')).toHaveLength(1);
    await context.stop();
  });
});
