import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutSchemas } from './skim.ts';

type Json = Record<string, unknown>;

const text = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const version = (name: string, schema: unknown): Json => ({ name, served: true, schema: { openAPIV3Schema: schema }, storage: true });
const emptied = (definition: { spec: { versions: Json[] } }): unknown => ({ ...definition, spec: { ...definition.spec, versions: definition.spec.versions.map((one) => ({ ...one, schema: { openAPIV3Schema: {} } })) } });

test.each<[string, unknown]>([
  ['no properties', {}],
  ['braces and quotes in texts', { description: '}{"\\"}\\', pattern: '^["\\\\{}]*$' }],
  ['a text that ends in a backslash', { description: 'a\\', type: 'object' }],
  ['a schema of schemas', { properties: { schema: { properties: { openAPIV3Schema: { type: 'object', properties: { a: {} } } } } } }],
  ['letters of several bytes', { description: 'größer als “1”, 例' }],
])('a schema is left out: %s', (_, schema) => {
  const definition = {
    metadata: { name: 'a', annotations: { last: JSON.stringify({ schema: { openAPIV3Schema: { a: '}' } } }) } }, spec: { group: 'ä.b', versions: [version('v1', schema), version('v2', schema)] }, status: { storedVersions: ['v1'] },
  };
  expect(JSON.parse(withoutSchemas(text(definition)))).toEqual(emptied(definition));
});

test('a version without a schema, and a definition without versions', () => {
  for (const definition of [{ spec: { versions: [{ name: 'v1' }] } }, { spec: { group: 'a' } }]) expect(JSON.parse(withoutSchemas(text(definition)))).toEqual(definition);
});

test('whatever the schema says', () => {
  const schemas = fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }), { minLength: 1, maxLength: 2 });
  fc.assert(fc.property(schemas, (all) => {
    const definition = { metadata: {}, spec: { versions: all.map((schema, i) => version(`v${i}`, schema)) } };
    expect(JSON.parse(withoutSchemas(text(definition)))).toEqual(emptied(definition));
  }), { seed: 36, numRuns: 60 });
});
