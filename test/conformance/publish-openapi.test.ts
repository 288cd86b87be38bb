/** The API's requirements on publishing schemas of custom resources, by their names in the conformance list, with the real kubectl. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JSONSchemaProps } from '../../src/api/apiextensions/v1/types.ts';
import { crds, define, definition, open, version } from './definitions.ts';
import { eventually, startTestServer, type TestServer } from './server.ts';

const prefix = '[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin]';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const foo: JSONSchemaProps = {
  description: 'Foo CRD for Testing', type: 'object',
  properties: {
    spec: {
      type: 'object', description: 'Specification of Foo',
      properties: { bars: { description: 'List of Bars and their specs.', type: 'array', items: { type: 'object', required: ['name'], properties: { name: { description: 'Name of Bar.', type: 'string' }, age: { description: 'Age of Bar.', type: 'string' }, feeling: { type: 'string', enum: ['Great', 'Down'] } } } } },
    },
    status: { description: 'Status of Foo', type: 'object', properties: { bars: { type: 'array', items: { type: 'object' } } } },
  },
};

async function definitions2(): Promise<Record<string, { properties?: Record<string, unknown>; [field: string]: unknown }>> {
  return (await server.send('GET', '/openapi/v2')).body.definitions;
}
async function document3(group: string, name: string): Promise<{ components: { schemas: Record<string, Record<string, unknown>> } } | undefined> {
  const index = (await server.send('GET', '/openapi/v3')).body.paths as Record<string, { serverRelativeURL: string }>;
  const at = index[`apis/${group}/${name}`];
  return at === undefined ? undefined : (await server.send('GET', at.serverRelativeURL)).body;
}
const object = (group: string, kind: string, name: string, more: object = {}): string => JSON.stringify({ apiVersion: `${group}/v1`, kind, metadata: { name }, ...more });
const componentOf = (group: string, name: string, kind: string): string => `${group.split('.').toReversed().join('.')}.${name}.${kind}`;

async function acceptsUnknown(group: string, kind: string, plural: string, body: object): Promise<void> {
  for (const verb of ['create', 'apply'] as const) {
    const made = await server.kubectl([verb, '-f', '-'], object(group, kind, `${verb}d`, body));
    expect(made.stderr + made.stdout).toContain(`${plural}.${group}/${verb}d created`.replace(plural, kind.toLowerCase()));
  }
  expect((await server.kubectl(['apply', '-f', '-'], object(group, kind, 'applied', { ...body, metadata: { name: 'applied', labels: { a: 'b' } } }))).code).toBe(0);
}

describe('kubectl', () => {
  test(`${prefix} works for CRD with validation schema [Conformance]`, async () => {
    const group = 'validated.example.com';
    await define(server, definition(group, 'foos', 'Foo', [version('v1', foo)]));
    const valid = object(group, 'Foo', 'valid', { spec: { bars: [{ name: 'test-bar', age: '10', feeling: 'Great' }] } });
    expect((await server.kubectl(['create', '-f', '-'], valid)).stdout).toBe(`foo.${group}/valid created\n`);
    expect((await server.kubectl(['apply', '-f', '-'], valid)).code).toBe(0);
    const unknown = await server.kubectl(['create', '-f', '-'], object(group, 'Foo', 'unknown', { spec: { foo: true } }));
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('strict decoding error: unknown field "spec.foo"')]);
    expect((await server.kubectl(['apply', '-f', '-'], object(group, 'Foo', 'unknown', { spec: { foo: true } }))).code).toBe(1);
    const missing = await server.kubectl(['create', '-f', '-'], object(group, 'Foo', 'missing', { spec: { bars: [{ age: '10' }] } }));
    expect(missing.stderr).toContain('spec.bars[0].name: Required value');
    const unsupported = await server.kubectl(['apply', '-f', '-'], object(group, 'Foo', 'unsupported', { spec: { bars: [{ name: 'x', feeling: 'Meh' }] } }));
    expect(unsupported.stderr).toContain('spec.bars[0].feeling: Unsupported value: "Meh": supported values: "Great", "Down"');
    const explained = await server.kubectl(['explain', 'foos']);
    expect(explained.stdout).toMatch(/KIND:\s+Foo[\s\S]*Foo CRD for Testing[\s\S]*FIELDS:[\s\S]*apiVersion\s+<string>[\s\S]*metadata\s+<ObjectMeta>[\s\S]*spec\s+<Object>[\s\S]*Specification of Foo/);
    expect((await server.kubectl(['explain', 'foos.metadata'])).stdout).toMatch(/FIELD: metadata <ObjectMeta>[\s\S]*creationTimestamp/);
    expect((await server.kubectl(['explain', 'foos.spec.bars'])).stdout).toMatch(/FIELD: bars <\[\]Object>[\s\S]*List of Bars and their specs\.[\s\S]*name\s+<string> -required-[\s\S]*Name of Bar\./);
    const none = await server.kubectl(['explain', 'foos.spec.bars2']);
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('field "bars2" does not exist')]);
  });

  test(`${prefix} works for CRD without validation schema [Conformance]`, async () => {
    const group = 'unvalidated.example.com';
    await define(server, definition(group, 'anys', 'Any', [version('v1', open)]));
    await acceptsUnknown(group, 'Any', 'anys', { a: { b: [{ c: 'd' }] } });
    expect((await server.kubectl(['explain', 'anys'])).stdout).toMatch(/DESCRIPTION:\n\s+<empty>/);
  });

  test(`${prefix} works for CRD preserving unknown fields at the schema root [Conformance]`, async () => {
    const group = 'root.example.com';
    await define(server, definition(group, 'loose', 'Loose', [version('v1', { ...foo, 'x-kubernetes-preserve-unknown-fields': true })]));
    await acceptsUnknown(group, 'Loose', 'loose', { extra: { x: 1 } });
    expect((await server.kubectl(['explain', 'loose'])).stdout).toMatch(/KIND:\s+Loose/);
  });

  test(`${prefix} works for CRD preserving unknown fields in an embedded object [Conformance]`, async () => {
    const group = 'embedded.example.com';
    await define(server, definition(group, 'nests', 'Nest', [version('v1', { type: 'object', properties: { spec: { description: 'Specification of Waldo', ...open }, status: { description: 'Status of Waldo', ...open } } })]));
    await acceptsUnknown(group, 'Nest', 'nests', { spec: { b: [{ c: 'd' }] } });
    expect((await server.kubectl(['explain', 'nests'])).stdout).toMatch(/spec\s+<Object>[\s\S]*Specification of Waldo/);
    expect((await server.kubectl(['explain', 'nests.spec'])).stdout).toMatch(/Specification of Waldo/);
  });
});

describe('documents', () => {
  async function publishes(group: string, name: string, kind: string, description: string | undefined): Promise<void> {
    await eventually(server.host, async () => {
      const component = componentOf(group, name, kind);
      expect((await definitions2())[component]?.description).toBe(description);
      expect((await document3(group, name))?.components.schemas[component]?.['description']).toBe(description);
    });
  }

  test(`${prefix} works for multiple CRDs of different groups [Conformance]`, async () => {
    await define(server, definition('one.example.com', 'ones', 'One', [version('v1', { ...foo, description: 'One.' })]));
    await define(server, definition('two.example.com', 'twos', 'Two', [version('v1', { ...foo, description: 'Two.' })]));
    await publishes('one.example.com', 'v1', 'One', 'One.');
    await publishes('two.example.com', 'v1', 'Two', 'Two.');
  });

  test(`${prefix} works for multiple CRDs of same group but different versions [Conformance]`, async () => {
    const group = 'versions.example.com';
    await define(server, definition(group, 'multis', 'Multi', [version('v2', { ...foo, description: 'Second.' }), version('v3', { ...foo, description: 'Third.' })]));
    await define(server, definition(group, 'fourths', 'Fourth', [version('v4', { ...foo, description: 'Fourth.' })]));
    await publishes(group, 'v2', 'Multi', 'Second.');
    await publishes(group, 'v3', 'Multi', 'Third.');
    await publishes(group, 'v4', 'Fourth', 'Fourth.');
  });

  test(`${prefix} works for multiple CRDs of same group and version but different kinds [Conformance]`, async () => {
    const group = 'kinds.example.com';
    await define(server, definition(group, 'lefts', 'Left', [version('v6', { ...foo, description: 'Left.' })]));
    await publishes(group, 'v6', 'Left', 'Left.');
    await define(server, definition(group, 'rights', 'Right', [version('v6', { ...foo, description: 'Right.' })]));
    await publishes(group, 'v6', 'Right', 'Right.');
    await publishes(group, 'v6', 'Left', 'Left.');
  });

  test(`${prefix} updates the published spec when one version gets renamed [Conformance]`, async () => {
    const group = 'renamed.example.com';
    await define(server, definition(group, 'turns', 'Turn', [version('v2', { ...foo, description: 'Stays.' }), version('v3', { ...foo, description: 'Goes.' })]));
    await publishes(group, 'v3', 'Turn', 'Goes.');
    const patched = await server.send('PATCH', `${crds}/turns.${group}`, [{ op: 'test', path: '/spec/versions/1/name', value: 'v3' }, { op: 'replace', path: '/spec/versions/1/name', value: 'v4' }], { 'content-type': 'application/json-patch+json' });
    expect(patched.status).toBe(200);
    await publishes(group, 'v4', 'Turn', 'Goes.');
    await publishes(group, 'v2', 'Turn', 'Stays.');
    expect(await document3(group, 'v3')).toBeUndefined();
    expect(Object.keys(await definitions2())).not.toContain(componentOf(group, 'v3', 'Turn'));
  });

  test(`${prefix} removes definition from spec when one version gets changed to not be served [Conformance]`, async () => {
    const group = 'unserved.example.com';
    await define(server, definition(group, 'ends', 'End', [version('v5', { ...foo, description: 'Stays.' }), version('v6', { ...foo, description: 'Goes.' })]));
    await publishes(group, 'v6', 'End', 'Goes.');
    const before = (await document3(group, 'v5'))!.components.schemas[componentOf(group, 'v5', 'End')];
    await server.send('PATCH', `${crds}/ends.${group}`, [{ op: 'replace', path: '/spec/versions/1/served', value: false }], { 'content-type': 'application/json-patch+json' });
    await eventually(server.host, async () => expect(await document3(group, 'v6')).toBeUndefined());
    expect(Object.keys(await definitions2())).not.toContain(componentOf(group, 'v6', 'End'));
    expect((await document3(group, 'v5'))!.components.schemas[componentOf(group, 'v5', 'End')]).toEqual(before);
    expect((await server.send('GET', `/apis/${group}/v6/ends`)).status).toBe(404);
  });
});
