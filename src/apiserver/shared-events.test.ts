import { afterEach, describe, expect, test } from 'vitest';
import { ConfigMaps } from '../api/resources.ts';
import type { ConfigMap } from '../api/core/v1/types.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import { createClient, createInformers, metadataClient, type Client } from '../client/index.ts';
import { nodeHost } from '../host/node/index.ts';
import { memoryBackend } from '../store/memory.ts';
import { createApiServer, loopbackUser, type ApiServer } from './server.ts';

const host = nodeHost({ logLevel: 'silent' });
const servers: ApiServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function startServer(turn = host.turn): Promise<Client> {
  const server = await createApiServer({ host: { ...host, ...(turn ? { turn } : {}) }, backend: memoryBackend(), version: '0.0.0', serviceCidr: '10.96.0.0/16', authorizationModes: ['RBAC'] });
  servers.push(server);
  await server.start();
  await server.ready();
  return createClient(server.transport(loopbackUser));
}

const configMap = (name: string): ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { a: '1' } });

/** Informers of config maps over a client; `seen` resolves when their copy satisfies. */
async function following(client: Client, transform?: (object: KubeObject) => KubeObject): Promise<{ seen(found: (object: ConfigMap | undefined) => boolean): Promise<ConfigMap | undefined>; stop(): Promise<void> }> {
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

  test('that keep less of objects leave the whole to the others', async () => {
    const client = await startServer();
    const [whole, slim] = [await following(client), await following(client, ({ kind, apiVersion, metadata }) => ({ kind, apiVersion, metadata }) as KubeObject)];
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

describe('a client that takes shared answers', () => {
  test('is answered with the very objects that its watches show, frozen', async () => {
    const plain = await startServer();
    const client = createClient(plain.transport, { takesShared: true });
    const informer = await following(client);
    const configMaps = client.of(ConfigMaps).inNamespace('default');
    const created = await configMaps.create(configMap('shared'));
    expect(await informer.seen((object) => object !== undefined)).toBe(created);
    const patched = await configMaps.patch('shared', { data: { b: '2' } });
    expect(await informer.seen((object) => object?.data?.['b'] === '2')).toBe(patched);
    expect([await configMaps.get('shared'), (await configMaps.list()).items.find(({ metadata }) => metadata.name === 'shared')]).toEqual([patched, patched]);
    expect(Object.isFrozen(patched) && Object.isFrozen(patched.data)).toBe(true);
    expect(patched).toEqual(await plain.of(ConfigMaps).inNamespace('default').get('shared'));
    // What another client is told is its own.
    expect(Object.isFrozen(await plain.of(ConfigMaps).inNamespace('default').get('shared'))).toBe(false);
    await informer.stop();
  });

  test('is answered a long list in turns: others are served while it is decoded', async () => {
    let turns = 0;
    const plain = await startServer(() => ((turns += 1), Promise.resolve()));
    const configMaps = plain.of(ConfigMaps).inNamespace('default');
    for (const name of ['a', 'b', 'c', 'd']) await configMaps.create({ ...configMap(name), data: { long: 'x'.repeat(600_000) } });
    turns = 0;
    const { items } = await createClient(plain.transport, { takesShared: true }).of(ConfigMaps).inNamespace('default').list();
    expect([items.length, turns]).toEqual([4, 4]);
  });

  test('is told of errors, of dry runs and of writes that change nothing as everybody is', async () => {
    const plain = await startServer();
    const configMaps = createClient(plain.transport, { takesShared: true }).of(ConfigMaps).inNamespace('default');
    const [dry, plainDry] = [await configMaps.create(configMap('shared'), { dryRun: true }), await plain.of(ConfigMaps).create(configMap('shared'), { dryRun: true })];
    expect({ ...dry, metadata: { ...dry.metadata, uid: '' } }).toEqual({ ...plainDry, metadata: { ...plainDry.metadata, uid: '' } });
    await expect(configMaps.get('shared')).rejects.toThrow('configmaps "shared" not found');
    const created = await configMaps.create(configMap('shared'));
    expect((await configMaps.patch('shared', { data: { a: '1' } })).metadata.resourceVersion).toBe(created.metadata.resourceVersion);
    await expect(configMaps.create(configMap('shared'))).rejects.toThrow('already exists');
  });

  test('sees metadata alone where it asks for that', async () => {
    const plain = await startServer();
    await plain.of(ConfigMaps).create(configMap('shared'));
    const transport = plain.transport;
    const client = metadataClient({ ...plain, transport: { send: (request) => transport.send({ ...request, takesShared: true }) } });
    const seen = await client.of(ConfigMaps).inNamespace('default').get('shared');
    expect(seen).toEqual({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: (await plain.of(ConfigMaps).inNamespace('default').get('shared')).metadata });
    expect((await client.of(ConfigMaps).inNamespace('default').list()).items.find(({ metadata }) => metadata.name === 'shared')).toEqual(seen);
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
