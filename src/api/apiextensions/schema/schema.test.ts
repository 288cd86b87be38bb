import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FieldPath } from '../../meta/field.ts';
import type { JSONSchemaProps } from '../v1/types.ts';
import { validateStructural } from '../v1/structural.ts';
import { applySchemaDefaults, compileSchema, dropNulls, prune, readEmbedded, sameJson, validateEmbedded, validateListTypes, validateValue, type JsonValue } from './index.ts';

const object = (properties: Record<string, JSONSchemaProps>, more: JSONSchemaProps = {}): JSONSchemaProps => ({ type: 'object', properties, ...more });
const string: JSONSchemaProps = { type: 'string' };
const integer: JSONSchemaProps = { type: 'integer' };
const keep: JSONSchemaProps = { 'x-kubernetes-preserve-unknown-fields': true };

describe('pruning', () => {
  const rows: [string, JSONSchemaProps, JsonValue, JsonValue, string[]][] = [
    ['an unknown field goes', object({ a: string }), { a: 'x', b: 1 }, { a: 'x' }, ['b']],
    ['deep inside, with its path', object({ l: { type: 'array', items: object({ a: string }) } }), { l: [{ a: 'x', b: 1 }] }, { l: [{ a: 'x' }] }, ['l[0].b']],
    ['apiVersion, kind and metadata stay at the root', object({}), { apiVersion: 'v', kind: 'K', metadata: { x: 1 }, y: 1 }, { apiVersion: 'v', kind: 'K', metadata: { x: 1 } }, ['y']],
    ['but not below it', object({ a: object({}) }), { a: { kind: 'K' } }, { a: {} }, ['a.kind']],
    ['except in an embedded resource', object({ a: object({}, { 'x-kubernetes-embedded-resource': true }) }), { a: { kind: 'K', z: 1 } }, { a: { kind: 'K' } }, ['a.z']],
    ['what is preserved stays, but known fields in it are pruned', object({ a: object({ b: object({ c: string }) }, keep) }), { a: { x: { y: 1 }, b: { c: 'c', d: 1 } } }, { a: { x: { y: 1 }, b: { c: 'c' } } }, ['a.b.d']],
    ['items of a preserved list too', object({ l: { type: 'array', items: object({ a: object({ b: string }) }), ...keep } }), { l: [{ z: 1, a: { b: 'x', c: 1 } }] }, { l: [{ z: 1, a: { b: 'x' } }] }, ['l[0].a.c']],
    ['maps keep any key', object({ m: { type: 'object', additionalProperties: object({ a: string }) } }), { m: { k: { a: 'x', b: 1 } } }, { m: { k: { a: 'x' } } }, ['m.k.b']],
    ['keys that every JavaScript object has are keys like any other', object({ a: string }), JSON.parse('{"constructor":1,"__proto__":{"x":1}}') as JsonValue, {}, ['__proto__', 'constructor']],
  ];
  test.each(rows)('%s', (_name, schema, value, expected, unknown) => {
    expect(prune(value, compileSchema(schema), { root: true })).toEqual(unknown);
    expect(value).toEqual(expected);
  });
});

describe('defaults', () => {
  const rows: [string, JSONSchemaProps, JsonValue, JsonValue][] = [
    ['fill in what is missing', object({ a: { type: 'string', default: 'x' } }), {}, { a: 'x' }],
    ['leave what is there', object({ a: { type: 'string', default: 'x' } }), { a: '' }, { a: '' }],
    ['go into what they made', object({ a: object({ b: { type: 'integer', default: 1 } }, { default: {} }) }), {}, { a: { b: 1 } }],
    ['do not make what has no default', object({ a: object({ b: { type: 'integer', default: 1 } }) }), {}, {}],
    ['replace null where none is allowed', object({ a: { type: 'string', default: 'x' }, b: { type: 'string', nullable: true, default: 'x' } }), { a: null, b: null }, { a: 'x', b: null }],
    ['reach items and values', object({ l: { type: 'array', items: object({ a: { type: 'integer', default: 1 } }) }, m: { type: 'object', additionalProperties: object({ a: { type: 'integer', default: 2 } }) } }), { l: [{}], m: { k: {} } }, { l: [{ a: 1 }], m: { k: { a: 2 } } }],
  ];
  test.each(rows)('%s', (_name, schema, value, expected) => {
    const node = compileSchema(schema);
    dropNulls(value, node);
    applySchemaDefaults(value, node);
    expect(value).toEqual(expected);
  });

  test('nulls without a default go where null is not allowed', () => {
    const value: JsonValue = { a: null, b: null };
    expect(dropNulls(value, compileSchema(object({ a: string, b: { type: 'string', nullable: true } })))).toBe(true);
    expect(value).toEqual({ b: null });
  });

  test('two objects never share a default', () => {
    const node = compileSchema(object({ a: object({}, { default: { b: [] }, ...keep }) }));
    const [one, two] = [{}, {}] as [{ a?: object }, { a?: object }];
    applySchemaDefaults(one as JsonValue, node);
    applySchemaDefaults(two as JsonValue, node);
    expect(one.a).not.toBe(two.a);
  });
});

describe('validation', () => {
  const at = (schema: JSONSchemaProps, value: unknown): string[] => validateValue({ x: value }, object({ x: schema })).map(({ field, detail }) => `${field}: ${detail}`);
  const rows: [string, JSONSchemaProps, unknown, string[]][] = [
    ['a wrong type', integer, 'a', ['x: Invalid value: "string": x in body must be of type integer: "string"']],
    ['null', string, null, ['x: Invalid value: "null": x in body must be of type string: "null"']],
    ['null where allowed', { type: 'string', nullable: true }, null, []],
    ['an integer is a number', { type: 'number' }, 3, []],
    ['a fraction is no integer', integer, 1.5, ['x: Invalid value: "number": x in body must be of type integer: "number"', '<nil>: Invalid value: "": Checked value must be of type integer (default format) in x']],
    ['int-or-string takes both', { 'x-kubernetes-int-or-string': true }, '50%', []],
    ['and nothing else', { 'x-kubernetes-int-or-string': true }, true, ['x: Invalid value: "boolean": x in body must be of type integer,string: "boolean"']],
    ['enum', { type: 'string', enum: ['a', 'b'] }, 'c', ['x: Unsupported value: "c": supported values: "a", "b"']],
    ['enum of numbers', { type: 'integer', enum: [1, 2] }, 3, ['x: Unsupported value: 3: supported values: "1", "2"']],
    ['a pattern', { type: 'string', pattern: '^a+$' }, 'b', [`x: Invalid value: "b": x in body should match '^a+$'`]],
    ['a pattern found anywhere', { type: 'string', pattern: 'b' }, 'abc', []],
    ['too long', { type: 'string', maxLength: 2 }, 'abc', ['x: Too long: may not be more than 2 bytes']],
    ['too short, in characters', { type: 'string', minLength: 2 }, '😀', ['x: Invalid value: "😀": x in body should be at least 2 chars long']],
    ['a maximum', { type: 'integer', maximum: 10 }, 11, ['x: Invalid value: 11: x in body should be less than or equal to 10']],
    ['an exclusive minimum', { type: 'integer', minimum: 1, exclusiveMinimum: true }, 1, ['x: Invalid value: 1: x in body should be greater than 1']],
    ['multiples', { type: 'number', multipleOf: 0.1 }, 0.3, []],
    ['a multiple but for how fractions are kept', { type: 'number', multipleOf: 0.01 }, 2.51, []],
    ['another of these', { type: 'number', multipleOf: 0.01 }, 0.07, []],
    ['no multiple of a fraction', { type: 'number', multipleOf: 0.01 }, 2.515, ['x: Invalid value: 2.515: x in body should be a multiple of 0.01']],
    ['no multiple', { type: 'integer', multipleOf: 2 }, 3, ['x: Invalid value: 3: x in body should be a multiple of 2']],
    ['too few items', { type: 'array', items: string, minItems: 1 }, [], ['x: Invalid value: 0: x in body should have at least 1 items']],
    ['too many items', { type: 'array', items: string, maxItems: 1 }, ['a', 'b'], ['x: Too many: 2: must have at most 1 item']],
    ['a wrong item', { type: 'array', items: string }, ['a', 1], ['x[1]: Invalid value: "integer": x[1] in body must be of type string: "integer"']],
    ['too many properties', { type: 'object', maxProperties: 1, ...keep }, { a: 1, b: 2 }, ['x: Too many: 2: must have at most 1 item']],
    ['what is required', object({ a: string }, { required: ['a', 'b'] }), { a: 'x' }, ['x.b: Required value']],
    ['values of a map', { type: 'object', additionalProperties: integer }, { k: 'v' }, ['x.k: Invalid value: "string": x.k in body must be of type integer: "string"']],
    ['a date', { type: 'string', format: 'date' }, '2026-02-30', ['x: Invalid value: "2026-02-30": x in body must be of type date: "2026-02-30"']],
    ['a format that nobody checks', { type: 'string', format: 'int-or-cheese' }, 'x', []],
    ['anyOf: the nearest is told of', { type: 'object', ...keep, anyOf: [{ required: ['a'] }, { required: ['b'] }] }, {}, ['<nil>: Invalid value: "": "x" must validate at least one schema (anyOf)', 'x.a: Required value']],
    ['oneOf: two fit', { type: 'object', ...keep, oneOf: [{ required: ['a'] }, { required: ['b'] }] }, { a: 1, b: 1 }, ['<nil>: Invalid value: "": "x" must validate one and only one schema (oneOf). Found 2 valid alternatives']],
    ['oneOf: none fits', { type: 'integer', oneOf: [{ minimum: 5 }, { maximum: 1 }] }, 3, ['<nil>: Invalid value: "": "x" must validate one and only one schema (oneOf). Found none valid', 'x: Invalid value: 3: x in body should be greater than or equal to 5']],
    ['allOf', { type: 'integer', allOf: [{ minimum: 1 }, { maximum: 2 }] }, 3, ['x: Invalid value: 3: x in body should be less than or equal to 2', '<nil>: Invalid value: "": "x" must validate all the schemas (allOf)']],
    ['not', { type: 'integer', not: { enum: [3] } }, 3, ['<nil>: Invalid value: "": "x" must not validate the schema (not)']],
  ];
  test.each(rows)('%s', (_name, schema, value, expected) => expect(at(schema, value)).toEqual(expected));

  test('what was wrong before and is untouched may stay (ratcheting)', () => {
    const schema = object({ a: { type: 'string', maxLength: 1 }, l: { type: 'array', items: object({ n: string, v: { type: 'integer', maximum: 1 } }), 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['n'] } });
    const old = { a: 'long', l: [{ n: 'x', v: 5 }, { n: 'y', v: 1 }] };
    expect(validateValue({ ...old, l: [{ n: 'y', v: 1 }, { n: 'x', v: 5 }] }, schema, '', old)).toEqual([]);
    expect(validateValue({ ...old, a: 'other' }, schema, '', old).map(({ field }) => field)).toEqual(['a']);
    expect(validateValue({ ...old, l: [{ n: 'x', v: 6 }] }, schema, '', old).map(({ field }) => field)).toEqual(['l[0].v']);
  });
});

test('sets and maps hold each item once', () => {
  const node = compileSchema(object({
    set: { type: 'array', items: string, 'x-kubernetes-list-type': 'set' },
    map: { type: 'array', items: object({ k: { type: 'string', default: 'd' }, v: integer }), 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'] },
  }));
  const errors = validateListTypes(new FieldPath(), { set: ['a', 'b', 'a'], map: [{ k: 'd', v: 1 }, { k: 'd', v: 2 }, { k: 'e' }, { k: 'd' }] }, node);
  expect(errors.map(({ field, detail }) => `${field}: ${detail}`)).toEqual(['set[2]: Duplicate value: "a"', 'map[1]: Duplicate value: {"k":"d"}']);
});

test('embedded objects have apiVersion, kind and readable metadata', () => {
  const node = compileSchema(object({ e: object({}, { 'x-kubernetes-embedded-resource': true, ...keep }) }));
  const value: JsonValue = { e: { kind: 'Not A Kind', metadata: { name: 'x', surprise: 1 } } };
  const unknown: string[] = [];
  readEmbedded(value, node, unknown);
  expect(unknown).toEqual(['e.metadata.surprise']);
  expect(validateEmbedded(new FieldPath(), value, node).map(({ field }) => field)).toEqual(['e.apiVersion', 'e.kind']);
});

const leaf: fc.Arbitrary<JSONSchemaProps> = fc.oneof(
  fc.record({ type: fc.constant('string'), default: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }), nullable: fc.option(fc.constant(true), { nil: undefined }) }),
  fc.record({ type: fc.constant('integer'), default: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }) }),
  fc.constant<JSONSchemaProps>({ type: 'boolean' }), fc.constant<JSONSchemaProps>({ 'x-kubernetes-int-or-string': true }), fc.constant<JSONSchemaProps>({ type: 'object', ...keep }),
);
const { schema: anySchema } = fc.letrec<{ schema: JSONSchemaProps; object: JSONSchemaProps }>((tie) => ({
  schema: fc.oneof({ depthSize: 'small' }, leaf, tie('object'), fc.record({ type: fc.constant('array'), items: tie('schema') }), fc.record({ type: fc.constant('object'), additionalProperties: tie('schema') })),
  object: fc.record({ type: fc.constant('object'), properties: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('schema'), { maxKeys: 3 }), default: fc.option(fc.constant({}), { nil: undefined }), 'x-kubernetes-preserve-unknown-fields': fc.option(fc.constant(true), { nil: undefined }) }),
}));
const rootSchema = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), anySchema, { maxKeys: 4 }).map((properties): JSONSchemaProps => JSON.parse(JSON.stringify(object(properties))) as JSONSchemaProps);
const anyValue = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.jsonValue({ maxDepth: 4 })).map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);

/** A value that the schema allows as far as types go. */
function fit(value: JsonValue, schema: JSONSchemaProps): JsonValue {
  if (schema['x-kubernetes-int-or-string']) return typeof value === 'string' ? value : 1;
  switch (schema.type) {
    case 'string':
      return typeof value === 'string' ? value : 's';
    case 'integer':
      return 7;
    case 'boolean':
      return true;
    case 'array':
      return Array.isArray(value) ? value.map((item) => fit(item, schema.items as JSONSchemaProps)) : [];
    default: {
      const fields = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
      const additional = schema.additionalProperties;
      return Object.fromEntries(Object.entries(fields).map(([key, inner]) => {
        const below = schema.properties?.[key] ?? (typeof additional === 'object' ? additional : undefined);
        return [key, below === undefined ? inner : fit(inner, below)];
      }));
    }
  }
}

describe('always, for random structural schemas and objects', () => {
  const run = { numRuns: 300, seed: 20260 };

  test('the schemas made here are structural', () => {
    fc.assert(fc.property(rootSchema, (schema) => {
      expect(validateStructural(new FieldPath('s'), schema)).toEqual([]);
    }), run);
  });

  test('pruning twice is pruning once', () => {
    fc.assert(fc.property(rootSchema, anyValue, (schema, value) => {
      const node = compileSchema(schema);
      prune(value, node, { root: true });
      const once = structuredClone(value);
      expect(prune(value, node, { root: true })).toEqual([]);
      expect(value).toEqual(once);
    }), run);
  });

  test('defaulting twice is defaulting once, and says whether it did anything', () => {
    fc.assert(fc.property(rootSchema, anyValue, (schema, value) => {
      const node = compileSchema(schema);
      const before = structuredClone(value);
      const changed = [dropNulls(value, node), applySchemaDefaults(value, node)].includes(true);
      expect(changed).toBe(!sameJson(before, value));
      const once = structuredClone(value);
      expect([dropNulls(value, node), applySchemaDefaults(value, node)]).toEqual([false, false]);
      expect(value).toEqual(once);
    }), run);
  });

  test('what fits, pruned and defaulted, validates', () => {
    fc.assert(fc.property(rootSchema, anyValue, (schema, raw) => {
      const node = compileSchema(schema);
      const value = fit(raw, schema);
      prune(value, node, { root: true });
      dropNulls(value, node);
      applySchemaDefaults(value, node);
      expect(validateValue(value, schema)).toEqual([]);
    }), run);
  });
});
