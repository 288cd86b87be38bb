import { afterEach, describe, expect, test } from 'vitest';
import { nodeHost } from '../host/node/index.ts';
import type { Listener } from '../host/types.ts';
import { parseFlows, staleFlows } from './conntrack.ts';
import { isHealthy, listenHealthz, serviceHealthPorts, type ProxyHealth, type ServiceHealthPorts } from './health.ts';
import { buildModel } from './model.ts';
import { service, slice } from './tracer/scenario.ts';

const host = nodeHost({ logLevel: 'error' });
let listener: Listener | undefined;
let ports: ServiceHealthPorts | undefined;
afterEach(async () => {
  await listener?.close(0);
  await ports?.close();
});

describe('the proxy\'s health', () => {
  test.each([
    ['before the first sync', { lastUpdatedMs: undefined, pendingSinceMs: 0, nodeEligible: true }, false],
    ['in step', { lastUpdatedMs: 0, pendingSinceMs: undefined, nodeEligible: true }, true],
    ['changes wait a little', { lastUpdatedMs: 0, pendingSinceMs: 100_000, nodeEligible: true }, true],
    ['changes wait too long', { lastUpdatedMs: 0, pendingSinceMs: 10_000, nodeEligible: true }, false],
  ])('%s', (_name, health, expected) => {
    expect(isHealthy(health, 120_000)).toBe(expected);
  });

  test('/healthz and /livez', async () => {
    const health: ProxyHealth = { lastUpdatedMs: host.clock.now(), pendingSinceMs: undefined, nodeEligible: true };
    listener = await listenHealthz(host, '127.0.0.1', 0, () => health);
    const get = async (path: string): Promise<[number, Record<string, unknown>]> => {
      const response = await fetch(`http://127.0.0.1:${listener!.port}${path}`);
      return [response.status, (await response.json()) as Record<string, unknown>];
    };
    expect(await get('/healthz')).toEqual([200, { lastUpdated: expect.any(String) as string, currentTime: expect.any(String) as string, nodeEligible: true }]);
    health.nodeEligible = false;
    expect((await get('/healthz'))[0]).toBe(503);
    expect((await get('/livez'))[0]).toBe(200);
  });

  test('a Service\'s own port says how many endpoints are here', async () => {
    ports = serviceHealthPorts(host, '127.0.0.1', () => true);
    const probe = await host.net.listenTcp({ address: '127.0.0.1', port: 0, onConnection: () => undefined });
    const { port } = probe;
    await probe.close(0);
    const get = (): Promise<Response> => fetch(`http://127.0.0.1:${port}/`);
    await ports.sync(new Map([['ns/s', { port, localEndpoints: 2 }]]));
    const response = await get();
    expect([response.status, response.headers.get('x-load-balancing-endpoint-weight'), await response.json()]).toEqual([200, '2', { service: { namespace: 'ns', name: 's' }, localEndpoints: 2, serviceProxyHealthy: true }]);
    await ports.sync(new Map([['ns/s', { port, localEndpoints: 0 }]]));
    expect((await get()).status).toBe(503);
    await ports.sync(new Map());
    await expect(get()).rejects.toThrow();
  });
});

describe('UDP flows', () => {
  const text = [
    'udp      17 29 src=10.0.0.2 dst=10.96.0.1 sport=4000 dport=53 [UNREPLIED] src=10.1.0.1 dst=10.0.0.2 sport=5353 dport=4000 mark=0 use=1',
    'udp      17 29 src=10.0.0.3 dst=10.96.0.1 sport=4001 dport=53 src=10.1.0.2 dst=10.0.0.3 sport=5353 dport=4001 [ASSURED] mark=0 use=1',
    'udp      17 29 src=10.0.0.4 dst=10.96.0.1 sport=4002 dport=53 [UNREPLIED] src=10.96.0.1 dst=10.0.0.4 sport=53 dport=4002 mark=0 use=1',
    'udp      17 29 src=10.0.0.5 dst=192.0.2.2 sport=4003 dport=30053 src=10.1.0.2 dst=192.0.2.2 sport=5353 dport=4003 mark=0 use=1',
    'udp      17 29 src=10.0.0.6 dst=8.8.8.8 sport=4004 dport=53 src=8.8.8.8 dst=10.0.0.6 sport=53 dport=4004 mark=0 use=1',
    'conntrack v1.4.7 (conntrack-tools): 5 flow entries have been shown.',
  ].join('\n');

  test('are read', () => {
    expect(parseFlows(text).map((flow) => `${flow.source} ${flow.destination}:${flow.port} ${flow.answersFrom}:${flow.answersPort}`)).toEqual([
      '10.0.0.2 10.96.0.1:53 10.1.0.1:5353', '10.0.0.3 10.96.0.1:53 10.1.0.2:5353', '10.0.0.4 10.96.0.1:53 10.96.0.1:53', '10.0.0.5 192.0.2.2:30053 10.1.0.2:5353', '10.0.0.6 8.8.8.8:53 8.8.8.8:53',
    ]);
  });

  test('those to an endpoint that is gone, and those that were never translated, are stale', () => {
    const models = buildModel({ services: [service('dns', { clusterIP: '10.96.0.1', type: 'NodePort', ports: [{ port: 53, protocol: 'UDP', nodePort: 30_053 }] })], slices: [slice('dns', [['10.1.0.1', 'here']], { name: '', port: 5353, protocol: 'UDP' })], node: undefined, nodeName: 'here', family: 4 });
    expect(staleFlows(parseFlows(text), models).map((flow) => flow.source)).toEqual(['10.0.0.3', '10.0.0.4', '10.0.0.5']);
  });
});
