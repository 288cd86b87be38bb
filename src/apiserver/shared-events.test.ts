import { afterEach, describe, expect, test } from 'vitest';
import { ConfigMaps } from '../api/resources.ts';
import type { ConfigMap } from '../api/core/v1/types.ts';
import { createClient, createInformers, metadataClient, type Client } from '../client/index.ts';
import { nodeHost } from '../host/node/index.ts';
import { memoryBackend } from '../store/memory.ts';
import { createApiServer, loopbackUser, type ApiServer } from './server.ts';

const host = nodeHost({ logLevel: 'silent' });
const servers: ApiServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function startServer(): Promise<Client> {
  const server = await createApiServer({ host, backend: memoryBackend(), version: '0.0.0', serviceCidr: '10.96.0.0/16', authorizationModes: ['RBAC'] });
  servers.push(server);
  await server.start();
  await server.ready();
  return createClient(server.transport(loopbackUser));
}

const configMap = (name: string): ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { a: '1' } });

/** Informers of config maps over a client; `seen` resolves when their copy satisfies. */
async function following(client: Client, transform?: (object: object) => void): Promise<{ seen(found: (object: ConfigMap | undefined) => boolean): Promise<ConfigMap | undefined>; stop(): Promise<void> }> {
  const informers = createInformers(host, client, transform ? { transform } : {});
  const { lister } = informers.of(ConfigMaps, { namespace: 'default' });
  informers.start();
  await informers.synced();
  return {
    async seen(found) {
      for (let i = 0; i < 1_000 && !found(lister.get('default', 'shared')); i++) await host.clock.sleep(2);
      return lister.get('default', 'shared');
    },
    stop: () => informers.stop(),
  };
}

describe('informers in the process of the API server', () => {
  test('share the frozen objects of the watch cache, through creation, change and deletion', async () => {
    const client = await startServer();
    const [one, two] = [await following(client), await following(client)];
    await client.of(ConfigMaps).create(configMap('shared'));
    const first = await one.seen((object) => object !== undefined);
    expect(await two.seen((object) => object !== undefined)).toBe(first);
    expect(first).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', data: { a: '1' } });
    expect(Object.isFrozen(first) && Object.isFrozen(first!.metadata) && Object.isFrozen(first!.data)).toBe(true);
    const written = await client.of(ConfigMaps).update({ ...configMap('shared'), data: { a: '2' } });
    const second = await one.seen((object) => object?.data?.['a'] === '2');
    expect(second).toEqual(written);
    expect(first!.data).toEqual({ a: '1' });
    await client.of(ConfigMaps).inNamespace('default').delete('shared');
    expect(await two.seen((object) => object === undefined)).toBeUndefined();
    await Promise.all([one.stop(), two.stop()]);
  });

  test('that change what they keep change a copy of their own', async () => {
    const client = await startServer();
    const [whole, slim] = [await following(client), await following(client, (object) => delete (object as ConfigMap).data)];
    await client.of(ConfigMaps).create(configMap('shared'));
    expect((await slim.seen((object) => object !== undefined))!.data).toBeUndefined();
    expect((await whole.seen((object) => object !== undefined))!.data).toEqual({ a: '1' });
    await Promise.all([whole.stop(), slim.stop()]);
  });

  test('that ask for metadata alone get no more', async () => {
    const client = await startServer();
    const metadata = await following(metadataClient(client));
    await client.of(ConfigMaps).create(configMap('shared'));
    expect(await metadata.seen((object) => object !== undefined)).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'shared' } });
    expect(await metadata.seen(() => true)).not.toHaveProperty('data');
    await metadata.stop();
  });
});

test('a watch that is read by its caller gives objects of its own, which may be changed', async () => {
  const client = await startServer();
  await client.of(ConfigMaps).create(configMap('shared'));
  for await (const event of client.of(ConfigMaps).inNamespace('default').watch({ fieldSelector: 'metadata.name=shared' })) {
    expect(Object.isFrozen(event.object)).toBe(false);
    break;
  }
});
