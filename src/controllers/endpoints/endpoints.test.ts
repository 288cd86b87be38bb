import { describe, expect, test } from 'vitest';
import type { Endpoints, Pod, Service } from '../../api/core/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startEndpoints } from './controller.ts';
import { decideEndpoints, desiredSubsets, truncate } from './decide.ts';

const service = (spec: Partial<Service['spec']> = {}): Service => ({
  apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop', creationTimestamp: '2030-01-01T00:00:00Z' },
  spec: { selector: { app: 'web' }, clusterIP: '10.0.0.1', ipFamilies: ['IPv4'], ports: [{ name: 'http', port: 80, targetPort: 'web' }], ...spec },
});
interface PodOptions { ready?: boolean; terminating?: boolean; port?: number; ip?: string; phase?: string }
const pod = (index: number, { ready = true, terminating = false, port = 8080, ip = `10.1.0.${index}`, phase = 'Running' }: PodOptions = {}): Pod => ({
  metadata: { name: `p${index}`, namespace: 'shop', uid: `u${index}`, labels: { app: 'web' }, ...(terminating ? { deletionTimestamp: '2030-01-01T00:00:00Z' } : {}) },
  spec: { containers: [{ name: 'c', image: 'i', ports: [{ name: 'web', containerPort: port }] }], nodeName: 'n1' },
  status: { phase, podIP: ip, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});
const shape = (svc: Service, pods: Pod[]) => desiredSubsets(svc, pods).map((subset) => [
  (subset.addresses ?? []).map((address) => address.ip).join(), (subset.notReadyAddresses ?? []).map((address) => address.ip).join(), (subset.ports ?? []).map((port) => `${port.name ?? ''}:${port.port}`).join(),
]);

describe('endpoints', () => {
  const rows: [string, Service, Pod[], string[][]][] = [
    ['ready and not ready', service(), [pod(2), pod(1, { ready: false })], [['10.1.0.2', '10.1.0.1', 'http:8080']]],
    ['terminating pods are left out', service(), [pod(1), pod(2, { terminating: true })], [['10.1.0.1', '', 'http:8080']]],
    ['unless not-ready addresses are published', service({ publishNotReadyAddresses: true }), [pod(1, { ready: false }), pod(2, { terminating: true })], [['10.1.0.1,10.1.0.2', '', 'http:8080']]],
    ['finished pods are left out', service(), [pod(1, { phase: 'Failed' })], []],
    ['one subset for each set of ports', service(), [pod(1), pod(2, { port: 9090 }), pod(3)], [['10.1.0.1,10.1.0.3', '', 'http:8080'], ['10.1.0.2', '', 'http:9090']]],
    ['a headless service without ports', service({ clusterIP: 'None', ports: [] }), [pod(1)], [['10.1.0.1', '', '']]],
    ['a named port that no pod has', service({ ports: [{ port: 80, targetPort: 'none' }] }), [pod(1)], []],
    ['the other family', service({ ipFamilies: ['IPv6'] }), [pod(1)], []],
  ];
  test.each(rows)('%s', (_name, svc, pods, expected) => {
    expect(shape(svc, pods)).toEqual(expected);
  });

  test('over the limit ready ones are kept first, and the rest is left out', () => {
    const subsets = [{ addresses: Array.from({ length: 6 }, (_, i) => ({ ip: `a${i}` })), notReadyAddresses: [{ ip: 'n1' }, { ip: 'n2' }] }, { addresses: [{ ip: 'b' }], notReadyAddresses: [{ ip: 'n3' }] }];
    const sizes = (capacity: number) => truncate(subsets, capacity).subsets.map((subset) => [subset.addresses?.length ?? 0, subset.notReadyAddresses?.length ?? 0]);
    expect(sizes(10)).toEqual([[6, 2], [1, 1]]);
    expect(sizes(8)).toEqual([[6, 1], [1, 0]]);
    expect(sizes(4).flat().reduce((a, b) => a + b)).toBe(4);
    expect(truncate(subsets, 10).truncated).toBe(false);
  });

  test('nothing is written when nothing differs, in whatever order it stands', () => {
    const created = (decideEndpoints({ service: service(), pods: [pod(1), pod(2)], current: undefined, triggerTime: undefined }) as { create: Endpoints }).create;
    expect(created.metadata.labels).toEqual({ 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' });
    const turned = { ...created, subsets: [{ ...created.subsets![0], addresses: created.subsets![0]!.addresses!.toReversed() }] };
    expect(decideEndpoints({ service: service(), pods: [pod(1), pod(2)], current: turned, triggerTime: 'x' })).toBeUndefined();
    expect(decideEndpoints({ service: service({ clusterIP: 'None' }), pods: [pod(1), pod(2)], current: turned, triggerTime: 'x' })).toMatchObject({ update: { metadata: { labels: { 'service.kubernetes.io/headless': '' }, annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': 'x' } } } });
  });

  test('follows pods; goes with its service; leaves objects without a selector alone', async () => {
    const host = virtualHost({ seed: 'endpoints', settle: turn });
    const context = fakeContext(host);
    context.api.put('services', service());
    context.api.put('services', { ...service(), metadata: { name: 'manual', namespace: 'shop' }, spec: { ports: [] } } as Service);
    context.api.put('endpoints', { metadata: { name: 'manual', namespace: 'shop' }, subsets: [{ addresses: [{ ip: '1.2.3.4' }] }] } as Endpoints);
    context.api.put('pods', pod(1));
    context.run(startEndpoints);
    await host.clock.advance(1_000);
    const ips = () => context.api.object<Endpoints>('endpoints', 'shop/web')?.subsets?.flatMap((subset) => subset.addresses ?? []).map((address) => address.ip);
    expect(ips()).toEqual(['10.1.0.1']);
    context.api.put('pods', pod(2));
    await host.clock.advance(1_000);
    expect(ips()).toEqual(['10.1.0.1', '10.1.0.2']);
    context.api.remove('services', 'shop/web');
    await host.clock.advance(1_000);
    expect(context.api.objects('endpoints').map((object) => object.metadata.name)).toEqual(['manual']);
    await context.stop();
  });
});
