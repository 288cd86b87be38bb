import { describe, expect, test } from 'vitest';
import type { Endpoints, EndpointSubset } from '../../api/core/v1/types.ts';
import type { EndpointSlice } from '../../api/discovery/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startEndpointSliceMirroring } from './controller.ts';
import { decideMirror, maxEndpointsPerSubset, shouldMirror, type MirrorChanges } from './decide.ts';

const endpoints = (subsets: EndpointSubset[], metadata: Endpoints['metadata'] = {}): Endpoints => ({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'db', namespace: 'shop', uid: 'e', ...metadata }, subsets });
const subset = (ips: string[], port = 80, notReady: string[] = []): EndpointSubset => ({ addresses: ips.map((ip) => ({ ip })), ...(notReady.length > 0 ? { notReadyAddresses: notReady.map((ip) => ({ ip })) } : {}), ports: [{ port }] });
/** The slices after the changes. */
function after(slices: readonly EndpointSlice[], { create, update, delete: gone }: MirrorChanges): EndpointSlice[] {
  const kept = slices.filter((slice) => !gone.includes(slice)).map((slice) => update.find((each) => each.metadata.name === slice.metadata.name) ?? slice);
  return [...kept, ...create.map((slice, i) => ({ ...slice, metadata: { ...slice.metadata, name: `made-${slices.length + i}` } }))];
}
const shape = (slices: readonly EndpointSlice[]): string[] => slices.map(({ addressType, ports, endpoints: list }) => `${addressType} ${ports?.[0]?.port} ${(list ?? []).map((each) => `${each.addresses[0]}${each.conditions?.ready ? '' : '!'}`).sort().join()}`).sort();
const writes = ({ create, update, delete: gone }: MirrorChanges): string => `${create.length}/${update.length}/${gone.length}`;

describe('mirrored endpoints', () => {
  const rows: [string, EndpointSubset[], EndpointSubset[], string[], string][] = [
    ['new', [], [subset(['192.0.2.1'], 80, ['192.0.2.2'])], ['IPv4 80 192.0.2.1,192.0.2.2!'], '1/0/0'],
    ['the same', [subset(['192.0.2.1'])], [subset(['192.0.2.1'])], ['IPv4 80 192.0.2.1'], '0/0/0'],
    ['the same in another order', [subset(['192.0.2.1', '192.0.2.2'])], [subset(['192.0.2.2', '192.0.2.1'])], ['IPv4 80 192.0.2.1,192.0.2.2'], '0/0/0'],
    ['one more', [subset(['192.0.2.1'])], [subset(['192.0.2.1', '192.0.2.2'])], ['IPv4 80 192.0.2.1,192.0.2.2'], '0/1/0'],
    ['both families', [], [subset(['192.0.2.1', '2001:db8::1'])], ['IPv4 80 192.0.2.1', 'IPv6 80 2001:db8::1'], '2/0/0'],
    ['subsets with the same ports share a slice', [], [subset(['192.0.2.1']), subset(['192.0.2.2']), subset(['192.0.2.3'], 90)], ['IPv4 80 192.0.2.1,192.0.2.2', 'IPv4 90 192.0.2.3'], '2/0/0'],
    ['other ports: the slice is written anew', [subset(['192.0.2.1'], 80)], [subset(['192.0.2.1'], 90)], ['IPv4 90 192.0.2.1'], '0/1/0'],
    ['another family: it is not', [subset(['192.0.2.1'])], [subset(['2001:db8::1'])], ['IPv6 80 2001:db8::1'], '1/0/1'],
    ['an address twice is one endpoint, ready first', [], [subset(['192.0.2.1', '192.0.2.1'], 80, ['192.0.2.1'])], ['IPv4 80 192.0.2.1'], '1/0/0'],
    ['nothing left', [subset(['192.0.2.1'])], [], [], '0/0/1'],
  ];
  test.each(rows)('%s', (_name, before, now, expected, count) => {
    const slices = after([], decideMirror({ endpoints: endpoints(before), slices: [] }));
    const changes = decideMirror({ endpoints: endpoints(now), slices });
    expect(shape(after(slices, changes))).toEqual(expected);
    expect(writes(changes)).toBe(count);
    expect(writes(decideMirror({ endpoints: endpoints(now), slices: after(slices, changes) }))).toBe('0/0/0');
  });

  test('labels and annotations are taken over, but for those that mean the other object', () => {
    const metadata = { labels: { team: 'a' }, annotations: { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{}', 'endpoints.kubernetes.io/last-change-trigger-time': 't' } };
    const changes = decideMirror({ endpoints: endpoints([subset(['192.0.2.1'])], metadata), slices: [] });
    expect(changes.create[0]!.metadata).toMatchObject({ generateName: 'db-', namespace: 'shop', labels: { team: 'a', 'kubernetes.io/service-name': 'db', 'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io' }, annotations: { note: 'x' } });
    expect(Object.keys(changes.create[0]!.metadata.annotations!)).toEqual(['note']);
    const slices = after([], changes);
    expect(writes(decideMirror({ endpoints: endpoints([subset(['192.0.2.1'])], { labels: { team: 'b' } }), slices }))).toBe('0/1/0');
  });

  test('addresses over the limit and addresses that are none are left out and counted', () => {
    const many = Array.from({ length: maxEndpointsPerSubset + 5 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    expect(decideMirror({ endpoints: endpoints([subset(['nonsense', ...many])]), slices: [] })).toMatchObject({ skipped: 5, invalid: 1, create: [{ endpoints: { length: maxEndpointsPerSubset } }] });
  });

  test.each<[string, Endpoints['metadata'], boolean]>([
    ['plain', {}, true],
    ['asked not to', { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }, false],
    ['a lease of the old kind', { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }, false],
  ])('is mirrored: %s', (_name, metadata, expected) => {
    expect(shouldMirror(endpoints([], metadata))).toBe(expected);
  });

  test('only for services without a selector; a slice that somebody changed is put right; all go when asked not to mirror', async () => {
    const host = virtualHost({ seed: 'mirror', settle: turn });
    const context = fakeContext(host);
    const { api } = context;
    api.put('services', { metadata: { name: 'db', namespace: 'shop' }, spec: {} } as never);
    api.put('services', { metadata: { name: 'web', namespace: 'shop' }, spec: { selector: { a: 'b' } } } as never);
    api.put('endpoints', endpoints([subset(['192.0.2.1', 'nonsense'])]));
    api.put('endpoints', endpoints([subset(['192.0.2.1'])], { name: 'web', uid: 'w' }));
    api.put('endpoints', endpoints([subset(['192.0.2.1'])], { name: 'nobody', uid: 'n' }));
    context.run(startEndpointSliceMirroring);
    await host.clock.advance(2_000);
    const slices = () => api.objects<EndpointSlice>('endpointslices');
    expect(shape(slices())).toEqual(['IPv4 80 192.0.2.1']);
    expect(context.eventReasons()).toEqual(['Warning InvalidAddress db']);
    const [slice] = slices();
    api.put('endpointslices', { ...slice!, endpoints: [] } as EndpointSlice);
    await host.clock.advance(2_000);
    expect(shape(slices())).toEqual(['IPv4 80 192.0.2.1']);
    const quiet = api.revision;
    await host.clock.advance(600_000);
    expect(api.revision).toBe(quiet);
    api.put('endpoints', endpoints([subset(['192.0.2.1'])], { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }));
    await host.clock.advance(2_000);
    expect(slices()).toEqual([]);
    await context.stop();
  });
});
