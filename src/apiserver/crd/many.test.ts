import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CustomResourceDefinition, JSONSchemaProps } from '../../api/apiextensions/v1/types.ts';
import { CustomResourceDefinitions } from '../../api/resources.ts';
import { createClient } from '../../client/index.ts';
import type { Client } from '../../client/types.ts';
import { nodeHost } from '../../host/node/index.ts';
import { memoryBackend } from '../../store/memory.ts';
import type { Backend } from '../../store/backend.ts';
import { createApiServer, loopbackUser, type ApiServer } from '../server.ts';
import { Definitions } from './definitions.ts';
import { definitionOf } from './rig.fixture.ts';

const count = 1_000;
const groupOf = (i: number): string => `group${i % 50}.example.com`;
const schema: JSONSchemaProps = { type: 'object', properties: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`field${i}`, { type: 'string', maxLength: 10 }])) };
const ready = (type: string) => ({ type, status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'R', message: 'm' });

/** As it lies in the store of a server that has established it. */
function stored(i: number): CustomResourceDefinition {
  const plural = `things${i}`;
  const made = definitionOf({ group: groupOf(i), plural, kind: `Thing${i}`, names: { singular: `thing${i}`, listKind: `Thing${i}List` }, schema });
  const { names } = made.spec;
  const conditions = [{ ...ready('NamesAccepted'), reason: 'NoConflicts', message: 'no conflicts found' }, { ...ready('Established'), reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' }];
  return { ...made, metadata: { ...made.metadata, uid: `uid-${i}`, generation: 1 }, status: { acceptedNames: names, conditions, storedVersions: ['v1'] } };
}

describe('a thousand definitions in the store', () => {
  let backend: Backend;
  let server: ApiServer;
  let client: Client;
  beforeAll(async () => {
    backend = memoryBackend();
    for (let i = 0; i < count; i++) {
      const { kind, apiVersion, ...rest } = stored(i);
      await backend.commit({ type: 'create', key: `/registry/apiextensions.k8s.io/customresourcedefinitions/${rest.metadata.name}`, value: Buffer.from(JSON.stringify({ kind, apiVersion, ...rest })) });
    }
    server = await createApiServer({ host: nodeHost({ logLevel: 'silent' }), backend, version: '0.0.0', serviceCidr: '10.96.0.0/16' });
    await server.start();
    await server.ready();
    client = createClient(server.transport(loopbackUser));
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    await backend.close();
  });

  const get = <T>(path: string): Promise<T> => client.request<T>({ method: 'GET', path, headers: { accept: 'application/json' } });

  test('are served and discovered, each', async () => {
    const { groups } = await get<{ groups: { name: string }[] }>('/apis');
    expect(groups.filter(({ name }) => name.endsWith('.example.com'))).toHaveLength(50);
    const { resources } = await get<{ resources: { name: string }[] }>('/apis/group7.example.com/v1');
    expect(resources).toHaveLength(count / 50);
    expect(await get<{ items: unknown[] }>('/apis/group7.example.com/v1/namespaces/default/things57')).toMatchObject({ kind: 'Thing57List', items: [] });
  });

  test('a further one is in OpenAPI as soon as it is established', async () => {
    const before = await get<{ paths: Record<string, { serverRelativeURL: string }> }>('/openapi/v3');
    const one = definitionOf({ group: groupOf(3), plural: 'fresh', kind: 'Fresh', names: { singular: 'fresh-one' }, schema: { type: 'object', properties: { color: { type: 'string' } } } });
    await client.of(CustomResourceDefinitions).create(one);
    await expect.poll(async () => (await client.of(CustomResourceDefinitions).get(one.metadata.name!)).status?.conditions?.find(({ type }) => type === 'Established')?.status, { timeout: 30_000 }).toBe('True');
    const { paths } = await get<{ paths: Record<string, { serverRelativeURL: string }> }>('/openapi/v3');
    expect(Object.keys(paths).filter((name) => paths[name]!.serverRelativeURL !== before.paths[name]?.serverRelativeURL)).toEqual(['apis/group3.example.com/v1']);
    const third = await get<{ components: { schemas: object } }>('/openapi/v3/apis/group3.example.com/v1');
    expect(third.components.schemas).toMatchObject({ 'com.example.group3.v1.Fresh': { properties: { color: { type: 'string' } } }, 'com.example.group3.v1.Thing53': {} });
    const second = await get<{ definitions: object; paths: object }>('/openapi/v2');
    expect(second.definitions).toMatchObject({ 'com.example.group3.v1.Fresh': { properties: { color: { type: 'string' } } } });
    expect(Object.keys(second.paths).filter((path) => path.endsWith('.example.com/v1/namespaces/{namespace}/fresh'))).toHaveLength(1);
  });
});

test('nothing is read out of a definition before somebody asks for it, and all of them a few in a turn', async () => {
  let turns = 0;
  const read: string[] = [];
  const definitions = new Definitions({ turn: async () => void (turns += 1) });
  const source = {} as Parameters<Definitions['follow']>[0];
  definitions.follow(source);
  source.onLoad!(Array.from({ length: 200 }, (_, i) => {
    const name = `things${i}.${groupOf(i)}`;
    const object = { name, revision: 1, isDecoded: true, glance: () => (read.push(name), stored(i)) };
    return object as unknown as Parameters<NonNullable<typeof source.onLoad>>[0] extends Iterable<infer T> ? T : never;
  }));
  expect(read).toEqual([]);
  expect(definitions.record('things7.group7.example.com')).toMatchObject({ group: 'group7.example.com', established: true, settled: true });
  expect(read).toEqual(['things7.group7.example.com']);
  await definitions.allRead();
  expect([read.length, turns]).toEqual([200, 3]);
});
