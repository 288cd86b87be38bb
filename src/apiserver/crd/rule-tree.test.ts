/** What rules of a schema say of an object, beside what it was before. */
import { describe, expect, test } from 'vitest';
import { compileSchema, type JsonValue } from '../../api/apiextensions/schema/index.ts';
import type { JSONSchemaProps, ValidationRule } from '../../api/apiextensions/v1/types.ts';
import { RuleTree } from './rule-tree.ts';

const rules = (...list: ValidationRule[]): JSONSchemaProps => ({ 'x-kubernetes-validations': list });
const object = (properties: Record<string, JSONSchemaProps>, more: JSONSchemaProps = {}): JSONSchemaProps => ({ type: 'object', properties, ...more });
const text: JSONSchemaProps = { type: 'string' };
const never = (more: Partial<ValidationRule> = {}): JSONSchemaProps => rules({ rule: 'false', message: 'never', ...more });

interface Said { errors: string[]; warnings: string[] }
function said(schema: JSONSchemaProps, value: JsonValue, old?: JsonValue): Said {
  const { errors, warnings } = new RuleTree(compileSchema(schema)).validate(value, old);
  const shown = (list: typeof errors): string[] => list.map(({ field, detail }) => `${field}: ${detail}`);
  return { errors: shown(errors), warnings: shown(warnings) };
}
const errors = (schema: JSONSchemaProps, value: JsonValue, old?: JsonValue): string[] => said(schema, value, old).errors;

describe('messages', () => {
  const speaking = (messageExpression: string, more: Partial<ValidationRule> = {}): string[] => errors(object({ a: { ...text, ...rules({ rule: 'self == "x"', messageExpression, ...more }) } }), { a: 'y' });
  test.each<[string, string, Partial<ValidationRule>, string]>([
    ['are worked out', "'not ' + self", {}, 'a: Invalid value: "y": not y'],
    ['without space around them', "' no '", {}, 'a: Invalid value: "y": no'],
    ['not of several lines', "'a\\nb'", { message: 'plain' }, 'a: Invalid value: "y": plain'],
    ['but a line may end', "'a\\n'", { message: 'plain' }, 'a: Invalid value: "y": a'],
    ['not empty', "' '", {}, 'a: Invalid value: "y": failed rule: self == "x"'],
    ['up to a length', `'${'m'.repeat(5120)}'`, { message: 'plain' }, `a: Invalid value: "y": ${'m'.repeat(5120)}`],
    ['and no further', `'${'m'.repeat(5119)}\u00f6'`, { message: 'plain' }, 'a: Invalid value: "y": plain'],
    ['unless they fail', "string(1 / int('0'))", { message: 'plain' }, 'a: Invalid value: "y": plain'],
  ])('%s', (_name, expression, more, expected) => expect(speaking(expression, more)).toEqual([expected]));

  test.each<[NonNullable<ValidationRule['reason']>, string]>([
    ['FieldValueInvalid', 'a: Invalid value: "y": never'], ['FieldValueForbidden', 'a: Forbidden: never'], ['FieldValueRequired', 'a: Required value: never'], ['FieldValueDuplicate', 'a: Duplicate value: "y"'],
  ])('with the reason %s', (reason, expected) => expect(errors(object({ a: { ...text, ...never({ reason }) } }), { a: 'y' })).toEqual([expected]));

  test('at the field that the rule names', () => {
    const inner = object({ 'x.y': text }, never({ fieldPath: "['x.y']" }));
    expect(errors(object({ a: inner }), { a: {} })).toEqual(['a.x.y: Invalid value: never']);
  });
});

describe('what was there before', () => {
  const changing = object({ a: { ...text, ...rules({ rule: 'self == oldSelf', message: 'changed' }) } });
  test.each<[string, JsonValue, JsonValue | undefined, string[]]>([
    ['is nothing: a transition is not asked', { a: 'x' }, undefined, []], ['had not the field', { a: 'x' }, {}, []], ['had it as null', { a: 'x' }, { a: null }, []],
    ['had another value', { a: 'x' }, { a: 'y' }, ['a: Invalid value: "x": changed']], ['had the same', { a: 'x' }, { a: 'x' }, []],
  ])('%s', (_name, value, old, expected) => expect(errors(changing, value, old)).toEqual(expected));

  test('a broken transition is told although nothing has changed', () => {
    expect(said(object({ a: { ...text, ...rules({ rule: 'self != oldSelf', message: 'must change' }) } }), { a: 'x' }, { a: 'x' })).toEqual({ errors: ['a: Invalid value: "x": must change'], warnings: [] });
  });

  test('what was wrong as it is now is let be', () => {
    const schema = object({ a: { ...text, ...never() }, b: text });
    expect(said(schema, { a: 'x', b: '2' }, { a: 'x', b: '1' })).toEqual({ errors: [], warnings: ['a: Invalid value: "x": never'] });
    expect(said(schema, { a: 'y' }, { a: 'x' }).errors).toHaveLength(1);
    expect(said(schema, { a: 'x' }, {}).errors).toHaveLength(1);
  });

  test('version and kind are never as they were', () => {
    const schema = object({ apiVersion: { ...text, ...never() }, kind: { ...text, ...never() }, spec: object({ kind: { ...text, ...never() } }) });
    const value = { apiVersion: 'a/v1', kind: 'K', spec: { kind: 'x' } };
    expect(said(schema, value, value)).toEqual({ errors: ['apiVersion: Invalid value: "a/v1": never', 'kind: Invalid value: "K": never'], warnings: ['spec.kind: Invalid value: "x": never'] });
  });

  test('an atomic map is as it was only as a whole', () => {
    const inner = (mapType?: 'atomic'): JSONSchemaProps => object({ m: object({ a: { ...text, ...never() }, b: text }, mapType === undefined ? {} : { 'x-kubernetes-map-type': mapType }) });
    const [value, old] = [{ m: { a: 'x', b: '2' } }, { m: { a: 'x', b: '1' } }];
    expect(said(inner(), value, old).warnings).toHaveLength(1);
    expect(said(inner('atomic'), value, old).errors).toHaveLength(1);
    expect(said(inner('atomic'), value, value).warnings).toHaveLength(1);
  });

  test('items are found again by their keys, and only in lists that are maps', () => {
    const list = (more: JSONSchemaProps): JSONSchemaProps => object({ l: { type: 'array', items: object({ k: text, v: text }, rules({ rule: 'self.v == oldSelf.v', message: 'changed' })), ...more } });
    const [value, old] = [{ l: [{ k: 'b', v: '2' }, { k: 'a', v: '1' }] }, { l: [{ k: 'a', v: '1' }, { k: 'b', v: '1' }] }];
    expect(errors(list({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'] }), value, old)).toEqual(['l[0]: Invalid value: changed']);
    expect(errors(list({}), value, old)).toEqual([]);
  });

  test('is an optional where the rule says so', () => {
    const schema = object({ a: { ...text, ...rules({ rule: 'oldSelf.hasValue() && oldSelf.value() == "x"', optionalOldSelf: true, message: 'no' }) } });
    expect([errors(schema, { a: 'y' }), errors(schema, { a: 'y' }, { a: 'x' }), errors(schema, { a: 'y' }, { a: 'z' })].map(({ length }) => length)).toEqual([1, 0, 1]);
  });
});

describe('places', () => {
  test('of properties and of others are looked at once each', () => {
    const schema = object({ a: { ...text, ...never({ message: 'named' }) } }, { additionalProperties: { ...text, ...never({ message: 'other' }) } });
    expect(errors(object({ m: schema }), { m: { a: 'x', b: 'y' } })).toEqual(['m.a: Invalid value: "x": named', 'm[b]: Invalid value: "y": other']);
  });

  test('with null have nothing to be asked of', () => expect(errors(object({ a: { ...text, nullable: true, ...never() } }), { a: null })).toEqual([]));

  test('are called what their fields are called, whatever JavaScript calls so', () => {
    const schema = object({ constructor: { ...text, ...rules({ rule: 'self == oldSelf', message: 'changed' }) }, toString: text } as never, rules({ rule: 'has(self.constructor) && !has(self.toString)' }));
    expect(errors(schema, { constructor: 'x' } as never, {})).toEqual([]);
    expect(errors(schema, {}, {})).toHaveLength(0);
    expect(errors(schema, {}, { constructor: 'x' } as never)).toEqual(['<nil>: Invalid value: failed rule: has(self.constructor) && !has(self.toString)']);
  });
});

describe('costs', () => {
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  const costly = 'self.all(x, self.all(y, x + y >= 0))';
  const list = (...list: ValidationRule[]): JSONSchemaProps => ({ type: 'array', items: { type: 'integer' }, ...rules(...list) });
  const rest = { rule: 'false', message: 'the next' };

  test('end the rule and all after it where one costs too much', () => {
    expect(errors(object({ l: list({ rule: costly }, rest) }), { l: numbers(1000) })).toEqual([
      `l: Invalid value: "array": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: ${costly}`,
    ]);
  });

  test('of all rules together are limited, too', () => {
    const found = errors(object({ m: { type: 'object', additionalProperties: list({ rule: costly }) } }), { m: Object.fromEntries(numbers(40).map((i) => [`k${i}`, numbers(300)])) });
    expect(found).toEqual([expect.stringMatching(/^m\[k\d+\]: Invalid value: "array": validation failed due to running out of cost budget, no further validation rules will be run$/)]);
  });

  test('of a message end all, too', () => {
    const messageExpression = `${costly} ? 'a' : 'b'`;
    expect(errors(object({ l: list({ rule: 'false', messageExpression }, rest) }), { l: numbers(1000) })).toEqual([
      `l: Invalid value: "array": no further validation rules will be run due to call cost exceeds limit for messageExpression: ${JSON.stringify(messageExpression)}`,
    ]);
  });
});
