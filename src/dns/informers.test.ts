/** DNS on real informers over the client's fake API server: what changes there changes the answers. */
import * as oracle from 'dns-packet';
import { createSocket } from 'node:dgram';
import { afterEach, expect, test } from 'vitest';
import { fakeApi } from '../client/fake-api.ts';
import { createClient, createInformers } from '../client/index.ts';
import { nodeHost } from '../host/node/index.ts';
import { startDns, type RunningDns } from './server.ts';

const host = nodeHost({ logLevel: 'error' });
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

function ask(dns: RunningDns, name: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.on('message', (bytes) => {
      socket.close();
      const packet = oracle.decode(bytes);
      resolve(packet.answers!.map((answer) => answer.data as string).toSorted().join() || packet.rcode);
    });
    socket.send(oracle.encode({ type: 'query', id: 1, questions: [{ type: 'A', name }] }), dns.port, '127.0.0.1');
  });
}

async function eventually(read: () => Promise<string> | string, expected: string): Promise<void> {
  let last = '';
  for (let i = 0; i < 100; i++) {
    last = await read();
    if (last === expected) return;
    await host.clock.sleep(20);
  }
  expect(last).toBe(expected);
}

test('answers follow the objects, and the endpoint is in the API', async () => {
  const api = fakeApi(host.clock);
  const client = createClient(api);
  const informers = createInformers(host, client, { freeze: true });
  stops.push(() => informers.stop());
  api.put('namespaces', { metadata: { name: 'default' } });
  api.put('services', { metadata: { namespace: 'default', name: 'web' }, spec: { clusterIP: '10.96.0.5' } } as never);
  const dns = await startDns({ host, client, informers, address: '127.0.0.1', port: 0, upstreams: [], publishSliceAs: { nodeName: 'a', nodeIp: '192.0.2.2' } });
  stops.push(() => dns.stop());
  expect(await ask(dns, 'web.default.svc.cluster.local')).toBe('SERVFAIL');
  informers.start();
  await dns.synced;
  expect(await ask(dns, 'web.default.svc.cluster.local')).toBe('10.96.0.5');
  await eventually(() => JSON.stringify(api.object<{ metadata: object; ports?: unknown }>('endpointslices', 'kube-system/kube-dns-a')?.ports), JSON.stringify([{ name: 'dns', protocol: 'UDP', port: dns.port }, { name: 'dns-tcp', protocol: 'TCP', port: dns.port }]));

  const before = api.requests.length;
  api.put('services', { metadata: { namespace: 'default', name: 'db' }, spec: { clusterIP: 'None' } } as never);
  api.put('endpointslices', { metadata: { namespace: 'default', name: 'db-1', labels: { 'kubernetes.io/service-name': 'db' } }, addressType: 'IPv4', endpoints: [{ addresses: ['10.1.0.1'], hostname: 'db-0' }, { addresses: ['10.1.0.2'] }] } as never);
  await eventually(() => ask(dns, 'db.default.svc.cluster.local'), '10.1.0.1,10.1.0.2');
  expect(await ask(dns, 'db-0.db.default.svc.cluster.local')).toBe('10.1.0.1');
  api.remove('services', 'default/web');
  await eventually(() => ask(dns, 'web.default.svc.cluster.local'), 'NXDOMAIN');
  expect(api.requests.slice(before).filter((request) => request.target.plural !== 'endpointslices' || request.query?.watch)).toEqual([]);

  await dns.stop();
  stops.pop();
  expect(api.object('endpointslices', 'kube-system/kube-dns-a')).toBeUndefined();
});
