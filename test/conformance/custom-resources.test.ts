/** The API's requirements on custom resources, by their names in the conformance list, against a running server over HTTPS. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JSONSchemaProps } from '../../src/api/apiextensions/v1/types.ts';
import { crds, define, definition, open, version } from './definitions.ts';
import { eventually, startTestServer, type TestServer } from './server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const simple = '[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition';
type Named = { metadata: { name: string } };
const namesOf = (items: Named[]): string[] => items.map(({ metadata }) => metadata.name).toSorted();

describe('definitions', () => {
  test(`${simple} creating/deleting custom resource definition objects works [Conformance]`, async () => {
    await define(server, definition('simple.example.com', 'simples', 'Simple', [version('v1', open)]));
    expect((await server.send('DELETE', `${crds}/simples.simple.example.com`)).status).toBe(200);
    await eventually(server.host, async () => expect((await server.send('GET', `${crds}/simples.simple.example.com`)).status).toBe(404));
  });

  test(`${simple} listing custom resource definition objects works [Conformance]`, async () => {
    for (let i = 0; i < 10; i++) {
      const one = definition('listed.example.com', `listeds${i}`, `Listed${i}`, [version('v1', open)]) as { metadata: object };
      await define(server, { ...one, metadata: { ...one.metadata, labels: { test: 'listed' } } });
    }
    await define(server, definition('listed.example.com', 'others', 'Other', [version('v1', open)]));
    const list = (): ReturnType<TestServer['send']> => server.send('GET', `${crds}?labelSelector=test%3Dlisted`);
    expect((await list()).body.items).toHaveLength(10);
    expect((await server.send('DELETE', `${crds}?labelSelector=test%3Dlisted`)).status).toBe(200);
    await eventually(server.host, async () => expect((await list()).body.items).toEqual([]));
    expect((await server.send('GET', `${crds}/others.listed.example.com`)).status).toBe(200);
  });

  test(`${simple} getting/updating/patching custom resource definition status sub-resource works [Conformance]`, async () => {
    const name = 'stats.status.example.com';
    await define(server, definition('status.example.com', 'stats', 'Stat', [version('v1', open)]));
    const condition = (message: string): object => ({ type: 'StatusUpdate', status: 'True', reason: 'E2E', message });
    await eventually(server.host, async () => {
      const { body } = await server.send('GET', `${crds}/${name}/status`);
      body.status.conditions.push(condition('updated'));
      const put = await server.send('PUT', `${crds}/${name}/status`, body);
      expect([put.status, put.body.status?.conditions]).toEqual([200, expect.arrayContaining([expect.objectContaining({ type: 'StatusUpdate', message: 'updated' })])]);
    });
    const patched = await server.send('PATCH', `${crds}/${name}/status`, { status: { conditions: [condition('patched')] } });
    expect(patched.body.status.conditions).toEqual(expect.arrayContaining([expect.objectContaining({ message: 'patched' })]));
    expect((await server.send('GET', `${crds}/${name}`)).body.status.conditions).toEqual(expect.arrayContaining([expect.objectContaining({ message: 'patched' })]));
  });

  test('[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] should include custom resource definition resources in discovery documents [Conformance]', async () => {
    const { groups } = (await server.send('GET', '/apis')).body;
    expect(groups).toContainEqual(expect.objectContaining({ name: 'apiextensions.k8s.io', versions: expect.arrayContaining([{ groupVersion: 'apiextensions.k8s.io/v1', version: 'v1' }]) }));
    expect((await server.send('GET', '/apis/apiextensions.k8s.io')).body.versions).toContainEqual({ groupVersion: 'apiextensions.k8s.io/v1', version: 'v1' });
    expect((await server.send('GET', '/apis/apiextensions.k8s.io/v1')).body.resources).toContainEqual(expect.objectContaining({ name: 'customresourcedefinitions', kind: 'CustomResourceDefinition' }));
  });

  test('[sig-api-machinery] CustomResourceDefinition Watch [Privileged:ClusterAdmin] CustomResourceDefinition Watch watch on custom resource definition objects [Conformance]', async () => {
    const group = 'watched.example.com';
    await define(server, definition(group, 'noxus', 'Noxu', [version('v1', open)], { scope: 'Cluster' }));
    const path = `/apis/${group}/v1/noxus`;
    const watch = server.send('GET', `${path}?watch=true&timeoutSeconds=2`);
    await server.send('POST', path, { apiVersion: `${group}/v1`, kind: 'Noxu', metadata: { name: 'name1' }, num: 1 });
    await server.send('PATCH', `${path}/name1`, { num: 2 });
    await server.send('DELETE', `${path}/name1`);
    const events = (await watch).text.trim().split('\n').map((line) => JSON.parse(line) as { type: string; object: Named });
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
  });

  test('[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] custom resource defaulting for requests and from storage works [Conformance]', async () => {
    const group = 'defaulted.example.com';
    const schema = (a?: string, b?: string): JSONSchemaProps => ({ type: 'object', properties: { a: { type: 'string', ...(a ? { default: a } : {}) }, b: { type: 'string', ...(b ? { default: b } : {}) } } });
    await define(server, definition(group, 'defs', 'Def', [version('v1', schema())]));
    const path = `/apis/${group}/v1/namespaces/default/defs`;
    const make = async (name: string): Promise<Record<string, unknown>> => (await server.send('POST', path, { apiVersion: `${group}/v1`, kind: 'Def', metadata: { name } })).body;
    const setSchema = (to: JSONSchemaProps): ReturnType<TestServer['send']> => server.send('PATCH', `${crds}/defs.${group}`, [{ op: 'replace', path: '/spec/versions/0/schema', value: { openAPIV3Schema: to } }], { 'content-type': 'application/json-patch+json' });
    expect(await make('name1')).not.toHaveProperty('a');
    expect((await setSchema(schema('A'))).status).toBe(200);
    await eventually(server.host, async () => expect((await server.send('GET', `${path}/name1`)).body).toMatchObject({ a: 'A' }));
    expect(await make('name2')).toMatchObject({ a: 'A' });
    await setSchema(schema(undefined, 'B'));
    await eventually(server.host, async () => expect((await server.send('GET', `${path}/name2`)).body).toMatchObject({ a: 'A', b: 'B' }));
    const first = (await server.send('GET', `${path}/name1`)).body;
    expect([first.a, first.b]).toEqual([undefined, 'B']);
  });
});

describe('field selectors', () => {
  test('[sig-api-machinery] CustomResourceFieldSelectors [Privileged:ClusterAdmin] CustomResourceFieldSelectors MUST list and watch custom resources matching the field selector [Conformance]', async () => {
    const group = 'selected.example.com';
    const schema: JSONSchemaProps = { type: 'object', properties: { spec: { type: 'object', properties: { host: { type: 'string' }, port: { type: 'string' } } } } };
    const selectableFields = [{ jsonPath: '.spec.host' }, { jsonPath: '.spec.port' }];
    await define(server, definition(group, 'hosts', 'Host', [version('v1', schema, { selectableFields }), version('v2', schema, { selectableFields })]));
    const path = (name: string): string => `/apis/${group}/${name}/namespaces/default/hosts`;
    const put = (name: string, host: string, port: string): ReturnType<TestServer['send']> => server.send('POST', path('v1'), { apiVersion: `${group}/v1`, kind: 'Host', metadata: { name }, spec: { host, port } });
    await put('a', 'host1', '80');
    await put('b', 'host1', '8080');
    await put('c', 'host2', '80');
    const list = async (name: string, selector: string): Promise<string[]> => namesOf((await server.send('GET', `${path(name)}?fieldSelector=${encodeURIComponent(selector)}`)).body.items);
    for (const name of ['v1', 'v2']) {
      expect(await list(name, 'spec.host=host1')).toEqual(['a', 'b']);
      expect(await list(name, 'spec.host=host1,spec.port=80')).toEqual(['a']);
      expect(await list(name, 'spec.host!=host1')).toEqual(['c']);
    }
    const watch = server.send('GET', `${path('v2')}?watch=true&timeoutSeconds=2&fieldSelector=${encodeURIComponent('spec.host=host1')}`);
    await server.send('PATCH', `${path('v1')}/a`, { spec: { host: 'host3' } });
    await server.send('PATCH', `${path('v1')}/c`, { spec: { host: 'host1' } });
    await server.send('DELETE', `${path('v1')}/b`);
    const events = (await watch).text.trim().split('\n').map((line) => JSON.parse(line) as { type: string; object: Named & { apiVersion: string } });
    const seen = events.map(({ type, object }) => `${type} ${object.metadata.name}`);
    // The watch may begin before or after the first change.
    expect(seen.slice(-2)).toEqual(['ADDED c', 'DELETED b']);
    expect(new Set(events.map(({ object }) => object.apiVersion))).toEqual(new Set([`${group}/v2`]));
    expect((await server.send('DELETE', `${path('v1')}?fieldSelector=${encodeURIComponent('spec.host=host1')}`)).status).toBe(200);
    expect(await list('v2', 'spec.host=host1')).toEqual([]);
    expect(await list('v2', 'spec.host=host3')).toEqual(['a']);
  });
});
