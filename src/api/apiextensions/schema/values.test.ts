/** Values of every keyword and format, as upstream's server judges them. */
import { describe, expect, test } from 'vitest';
import { FieldPath } from '../../meta/field.ts';
import type { JSONSchemaProps } from '../v1/types.ts';
import { FORMAT_VALUES } from './formats.fixture.ts';
import { applySchemaDefaults, compileSchema, dropNulls, prune, validateListTypes, validateValue, type JsonRecord, type JsonValue } from './index.ts';
import { VALUES } from './values.fixture.ts';

function causesOf(schema: JSONSchemaProps, given: unknown): string[] {
  const node = compileSchema({ type: 'object', properties: { v: schema } });
  const object = { v: structuredClone(given) as JsonValue };
  prune(object, node, { root: true });
  dropNulls(object, node);
  applySchemaDefaults(object, node);
  const errors = [...validateValue(object, node.schema), ...validateListTypes(new FieldPath(), object as JsonRecord, node)];
  return errors.map(({ field, detail }) => (field === '<nil>' ? detail : `${field}: ${detail}`));
}

describe.each(Object.entries({ ...VALUES, ...FORMAT_VALUES }))('%s', (_name, { schema, fine, noSuch = [], wrong }) => {
  test.each(fine.map((value) => [value]))('takes %j', (value) => {
    expect(causesOf(schema, value)).toEqual([]);
  });

  test.each(noSuch.map((text) => [text]))('knows that %j is none', (text) => {
    const shown = JSON.stringify(text);
    expect(causesOf(schema, text)).toEqual([`v: Invalid value: ${shown}: v in body must be of type ${(schema as JSONSchemaProps).format}: ${shown}`]);
  });

  test.each(wrong)('refuses %j', (value, causes) => {
    expect(causesOf(schema, value)).toEqual(causes);
  });
});

test('whole numbers beyond what JavaScript holds exactly are compared exactly', () => {
  const schema: JSONSchemaProps = { type: 'integer', format: 'int64', maximum: 2 ** 53, multipleOf: 2 };
  expect(causesOf(schema, 9_007_199_254_740_993n)).toEqual([
    'v: Invalid value: 9007199254740993: v in body should be a multiple of 2', 'v: Invalid value: 9007199254740993: v in body should be less than or equal to 9007199254740992',
  ]);
  expect(causesOf({ type: 'number' }, 9_223_372_036_854_775_807n)).toEqual([]);
  expect(causesOf({ type: 'string' }, 9_223_372_036_854_775_807n)).toEqual(['v: Invalid value: "integer": v in body must be of type string: "integer"']);
});
