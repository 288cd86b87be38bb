/** The requirements on discovery, server version and tables, by their names, over HTTPS. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RESOURCES } from '../../src/api/resources.ts';
import { define, definition } from './definitions.ts';
import { eventually, startTestServer, type TestServer } from './server.ts';

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

interface GroupList { groups: { name: string; preferredVersion: { groupVersion: string; version: string }; versions: { groupVersion: string; version: string }[] }[] }
interface Aggregated { kind: string; apiVersion: string; items: { metadata: { name?: string }; versions: { version: string; freshness: string; resources: { resource: string; responseKind: { kind: string } }[] }[] }[] }

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
}, 60_000);
afterAll(() => server.stop());

const groupList = async (): Promise<GroupList> => (await server.send('GET', '/apis')).body as GroupList;

test('[sig-api-machinery] Discovery should validate PreferredVersion for each APIGroup [Conformance]', async () => {
  const { groups } = await groupList();
  expect(groups.length).toBeGreaterThanOrEqual(20);
  for (const { name } of groups) {
    const { status, body } = await server.send('GET', `/apis/${name}`);
    expect([status, body.name]).toEqual([200, name]);
    expect(body.versions.map(({ groupVersion }: { groupVersion: string }) => groupVersion)).toContain(body.preferredVersion.groupVersion);
    expect(body.preferredVersion.groupVersion).toBe(`${name}/${body.preferredVersion.version}`);
  }
});

test('[sig-api-machinery] Discovery should locate the groupVersion and a resource within each APIGroup [Conformance]', async () => {
  const places = [{ path: '/api/v1', groupVersion: 'v1' }, ...(await groupList()).groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => ({ path: `/apis/${groupVersion}`, groupVersion })))];
  for (const { path, groupVersion } of places) {
    const { status, body } = await server.send('GET', path);
    expect([status, body.kind, body.groupVersion]).toEqual([200, 'APIResourceList', groupVersion]);
    for (const resource of RESOURCES.filter((one) => (one.group === '' ? one.version : `${one.group}/${one.version}`) === groupVersion)) {
      expect(body.resources).toContainEqual(expect.objectContaining({ name: resource.plural, kind: resource.kind, namespaced: resource.namespaced }));
    }
    expect(body.resources.length).toBeGreaterThan(0);
  }
});

/** Every kind that is built in stands in the documents. */
function expectBuiltIns(...documents: Aggregated[]): void {
  const found = new Set(documents.flatMap(({ items }) => items.flatMap(({ metadata, versions }) => versions.flatMap(({ version, resources }) => resources.map(({ resource }) => `${metadata.name ?? ''}/${version}/${resource}`)))));
  for (const { group, version, plural } of RESOURCES) expect(found).toContain(`${group}/${version}/${plural}`);
}

test('[sig-api-machinery] AggregatedDiscovery should support raw aggregated discovery endpoint Accept headers [Conformance]', async () => {
  for (const path of ['/api', '/apis']) {
    const { status, headers, body } = await server.send('GET', path, undefined, { accept: aggregated });
    expect([status, headers['content-type'], body.kind, body.apiVersion]).toEqual([200, aggregated, 'APIGroupDiscoveryList', 'apidiscovery.k8s.io/v2']);
    expect(headers['vary']).toMatch(/Accept/);
  }
  const [core, groups] = await Promise.all(['/api', '/apis'].map(async (path) => (await server.send('GET', path, undefined, { accept: `${aggregated},application/json` })).body as Aggregated));
  expectBuiltIns(core!, groups!);
});

test('[sig-api-machinery] AggregatedDiscovery should support aggregated discovery interface [Conformance]', async () => {
  // As clients ask: the new form if there is one, the old one else; and from memory while the tag is the same.
  const accept = `${aggregated},application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json`;
  const documents = await Promise.all(['/api', '/apis'].map((path) => server.send('GET', path, undefined, { accept })));
  expectBuiltIns(...documents.map(({ body }) => body as Aggregated));
  for (const { body } of documents) expect((body as Aggregated).items.every(({ versions }) => versions.every(({ freshness }) => freshness === 'Current'))).toBe(true);
  for (const [i, path] of ['/api', '/apis'].entries()) {
    const again = await server.send('GET', path, undefined, { accept, 'if-none-match': String(documents[i]!.headers['etag']) });
    expect([again.status, again.text]).toEqual([304, '']);
  }
});

const crdGroup = 'discovered.example.com';
const untilDiscovered = (check: (document: Aggregated) => void): Promise<void> => eventually(server.host, async () => check((await server.send('GET', '/apis', undefined, { accept: aggregated })).body as Aggregated));
const resourcesOf = (document: Aggregated, version: string): string[] => document.items.find(({ metadata }) => metadata.name === crdGroup)?.versions.find((one) => one.version === version)?.resources.map(({ resource }) => resource) ?? [];

test('[sig-api-machinery] AggregatedDiscovery should support raw aggregated discovery request for CRDs [Conformance]', async () => {
  const before = await server.send('GET', '/apis', undefined, { accept: aggregated });
  await define(server, definition(crdGroup, 'things', 'Thing', [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }]));
  await untilDiscovered((document) => expect(resourcesOf(document, 'v1')).toEqual(['things']));
  // The tag tells that there is something new.
  expect((await server.send('GET', '/apis', undefined, { accept: aggregated, 'if-none-match': String(before.headers['etag']) })).status).toBe(200);
});

test('[sig-api-machinery] AggregatedDiscovery should support aggregated discovery interface for CRDs [Conformance]', async () => {
  await define(server, definition(crdGroup, 'others', 'Other', [{ name: 'v2', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }]));
  await untilDiscovered((document) => {
    expect(resourcesOf(document, 'v2')).toEqual(['others']);
    expectBuiltIns({ ...document, items: [...document.items, { metadata: {}, versions: [{ version: 'v1', freshness: 'Current', resources: RESOURCES.filter(({ group }) => group === '').map(({ plural, kind }) => ({ resource: plural, responseKind: { kind } })) }] }] });
  });
  const { body } = await server.send('GET', `/apis/${crdGroup}`);
  expect(body.versions.map(({ version }: { version: string }) => version)).toEqual(['v2', 'v1']);
});

test('[sig-api-machinery] server version should find the server version [Conformance]', async () => {
  const { status, body } = await server.send('GET', '/version');
  expect([status, body.major, body.minor]).toEqual([200, '1', '36']);
  expect(body.major).toMatch(/^\d+$/);
  expect(body.minor).toMatch(/^\d+$/);
});

test('[sig-api-machinery] Servers with support for Table transformation should return a 406 for a backend which does not implement metadata [Conformance]', async () => {
  const { status, body } = await server.send('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
  }, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
  expect([status, body?.reason]).toEqual([406, 'NotAcceptable']);
});
