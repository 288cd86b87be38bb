/** What an API server does because there may be others on the same store. */
import { afterEach, describe, expect, test } from 'vitest';
import { Endpoints, EndpointSlices, Leases, ServiceCIDRs, Services } from '../../api/resources.ts';
import { createClient } from '../../client/index.ts';
import type { Client } from '../../client/types.ts';
import { nodeHost } from '../../host/node/index.ts';
import type { Backend } from '../../store/backend.ts';
import { ManualClock } from '../../store/manual-clock.ts';
import { memoryBackend } from '../../store/memory.ts';
import type { ApiServerOptions } from '../options.ts';
import { createApiServer, loopbackUser, type ApiServer } from '../server.ts';
import { EndpointLeases, LEASE_PREFIX } from './endpoint-leases.ts';
import { identityName } from './identity.ts';

const host = nodeHost({ logLevel: 'silent' });
const servers: ApiServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function start(backend: Backend, more: Partial<ApiServerOptions>): Promise<{ server: ApiServer; admin: Client }> {
  const server = await createApiServer({ host, backend, version: '0.0.0', serviceCidr: '10.96.0.0/16', ...more });
  servers.push(server);
  await server.start();
  await server.ready();
  return { server, admin: createClient(server.transport(loopbackUser)) };
}

const addressesOf = async (admin: Client): Promise<string[]> => ((await admin.of(Endpoints).inNamespace('default').get('kubernetes')).subsets ?? []).flatMap((subset) => subset.addresses ?? []).map(({ ip }) => ip);
const sliceOf = async (admin: Client): Promise<string[]> => (await admin.of(EndpointSlices).inNamespace('default').get('kubernetes')).endpoints!.flatMap(({ addresses }) => addresses);

describe('endpoints of default/kubernetes', () => {
  test('are all servers of a store; one that leaves takes its own away', async () => {
    const backend = memoryBackend({ clock: host.clock });
    const first = await start(backend, { advertiseAddress: '192.0.2.1', endpointReconciler: 'lease' });
    expect(await addressesOf(first.admin)).toEqual(['192.0.2.1']);
    const second = await start(backend, { advertiseAddress: '192.0.2.2', endpointReconciler: 'lease' });
    expect(await addressesOf(first.admin)).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(await sliceOf(first.admin)).toEqual(['192.0.2.1', '192.0.2.2']);
    await second.server.stop();
    expect(await addressesOf(first.admin)).toEqual(['192.0.2.1']);
    expect((await backend.list(LEASE_PREFIX)).entries.map(({ key }) => key)).toEqual([`${LEASE_PREFIX}192.0.2.1`]);
  });

  test('lose a server that died when its key has run out', async () => {
    const clock = new ManualClock();
    const backend = memoryBackend({ clock });
    const { admin } = await start(backend, { endpointReconciler: 'none' });
    const leasesOf = (address: string): EndpointLeases => new EndpointLeases({ host: { ...host, clock }, backend, client: admin, address, securePort: 6443, encoding: 'json' });
    const [dies, lives] = [leasesOf('192.0.2.9'), leasesOf('192.0.2.1')];
    await dies.start();
    await lives.start();
    expect(await addressesOf(admin)).toEqual(['192.0.2.1', '192.0.2.9']);
    const key = `${LEASE_PREFIX}192.0.2.9`;
    // A process that is gone renews nothing: its later writes are undone here.
    for (let i = 0; i < 1_000 && (await addressesOf(admin)).length > 1; i++) {
      const entry = await backend.get(key);
      if (entry) await backend.commit({ type: 'delete', key, expected: entry.modRevision });
      clock.advance(10_000);
      await host.clock.sleep(1);
      if (i === 0) await dies.stop();
    }
    expect(await addressesOf(admin)).toEqual(['192.0.2.1']);
    await lives.stop();
  });
});

describe('identity', () => {
  test.each([['node-1', 'apiserver-gwlrxzxjxmbevckvql7a4qxaja'], ['master', 'apiserver-7rqtwtp5m43kppjgrsfa45hnbu']])('the name of %s', (hostname, expected) => expect(identityName(hostname)).toBe(expected));

  test('is a lease that is renewed; those of servers that are gone are removed', async () => {
    const backend = memoryBackend({ clock: host.clock });
    const first = await start(backend, {});
    const gone = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'apiserver-gone', namespace: 'kube-system', labels: { 'apiserver.kubernetes.io/identity': 'kube-apiserver' } }, spec: { holderIdentity: 'x', leaseDurationSeconds: 1, renewTime: '2020-01-01T00:00:00.000000Z' } };
    await first.admin.of(Leases).inNamespace('kube-system').create(gone);
    await start(backend, { identity: { hostname: 'node-1' } });
    const leases = async (): Promise<string[]> => (await first.admin.of(Leases).inNamespace('kube-system').list()).items.map(({ metadata }) => metadata.name!);
    for (let i = 0; i < 2_000 && (await leases()).join() !== identityName('node-1'); i++) await host.clock.sleep(5);
    expect(await leases()).toEqual([identityName('node-1')]);
    expect(await first.admin.of(Leases).inNamespace('kube-system').get(identityName('node-1'))).toMatchObject({
      metadata: { labels: { 'kubernetes.io/hostname': 'node-1' } }, spec: { holderIdentity: expect.stringContaining(`${identityName('node-1')}_`), leaseDurationSeconds: 3_600 },
    });
  });
});

describe('the default ServiceCIDR', () => {
  test('is ready; it grows by a second family, and keeps what it has otherwise', async () => {
    const backend = memoryBackend({ clock: host.clock });
    const range = async (admin: Client): Promise<unknown> => {
      const { spec, status } = await admin.of(ServiceCIDRs).get('kubernetes');
      return [spec?.cidrs, status?.conditions?.map(({ type, status: is }) => `${type}=${is}`)];
    };
    const first = await start(backend, {});
    expect(await range(first.admin)).toEqual([['10.96.0.0/16'], ['Ready=True']]);
    const second = await start(backend, { serviceCidr: '10.96.0.0/16,fd00:10::/108' });
    expect(await range(second.admin)).toEqual([['10.96.0.0/16', 'fd00:10::/108'], ['Ready=True']]);
    const service = await second.admin.of(Services).inNamespace('default').create({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'dual' }, spec: { ports: [{ port: 80 }], selector: { a: 'b' }, ipFamilyPolicy: 'RequireDualStack' } });
    expect(service.spec?.clusterIPs).toHaveLength(2);
    const third = await start(backend, { serviceCidr: '10.97.0.0/16' });
    expect(await range(third.admin)).toEqual([['10.96.0.0/16', 'fd00:10::/108'], ['Ready=True']]);
  });
});
