import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JSONSchemaProps, ValidationRule } from '../../api/apiextensions/v1/types.ts';
import { definitionOf, startRig, type Rig } from './rig.fixture.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const rules = (...list: ValidationRule[]): JSONSchemaProps => ({ 'x-kubernetes-validations': list });
const number: JSONSchemaProps = { type: 'integer' };
const root = (spec: JSONSchemaProps): JSONSchemaProps => ({ type: 'object', properties: { spec } });
const at = (group: string): string => `/apis/${group}/v1/namespaces/default/widgets`;
const widget = (group: string, name: string, spec: object): object => ({ apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name }, spec });
const causes = (body: { details?: { causes?: { field: string; message: string }[] } }): string[] => (body.details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`);

describe('rules of objects', () => {
  const group = 'rules.example.com';
  beforeAll(async () => {
    await rig.define(definitionOf({
      group, schema: {
        ...root({
          type: 'object', properties: {
            min: number, max: number, fixed: { type: 'string', ...rules({ rule: 'self == oldSelf', message: 'fixed is immutable' }) },
            once: { type: 'string', ...rules({ rule: '!oldSelf.hasValue() || self == oldSelf.value()', optionalOldSelf: true, message: 'once is set once' }) },
            items: {
              type: 'array', maxItems: 10, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'],
              items: { type: 'object', required: ['name'], properties: { name: { type: 'string', maxLength: 10 }, size: number }, ...rules({ rule: '!has(self.size) || !has(oldSelf.size) || self.size >= oldSelf.size', messageExpression: '"size of " + self.name + " may not shrink"', fieldPath: '.size' }) },
            },
            labels: { type: 'object', maxProperties: 5, additionalProperties: { type: 'string', maxLength: 20, ...rules({ rule: 'self.size() > 1', reason: 'FieldValueForbidden', message: 'too short' }) } },
          },
          ...rules({ rule: '!has(self.min) || !has(self.max) || self.min <= self.max', message: 'min must not be above max' }),
        }),
        ...rules({ rule: '!self.metadata.name.startsWith("bad")' }),
      },
    }));
  });

  test('an object that keeps them', async () => {
    expect((await rig.send('POST', at(group), widget(group, 'fine', { min: 1, max: 2, labels: { a: 'xx' }, items: [{ name: 'a', size: 1 }] }))).status).toBe(201);
  });

  test('and one that does not, with the place of each', async () => {
    const answer = await rig.send('POST', at(group), widget(group, 'bad', { min: 3, max: 2, labels: { a: 'x' } }));
    expect(answer.status).toBe(422);
    expect(causes(answer.body)).toEqual([
      '<nil>: Invalid value: failed rule: !self.metadata.name.startsWith("bad")', 'spec: Invalid value: min must not be above max', 'spec.labels[a]: Forbidden: too short',
    ]);
  });

  test('are not asked of what the schema refuses already', async () => {
    const answer = await rig.send('POST', at(group), widget(group, 'wrong', { min: 'x', max: 2 }));
    expect(causes(answer.body)).toEqual([
      'spec.min: Invalid value: "string": spec.min in body must be of type integer: "string"',
      '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    ]);
  });

  test('of transitions compare with what was there, found again by keys', async () => {
    await rig.send('POST', at(group), widget(group, 'moves', { fixed: 'a', items: [{ name: 'a', size: 5 }, { name: 'b', size: 1 }] }));
    const answer = await rig.send('PATCH', `${at(group)}/moves`, { spec: { fixed: 'b', items: [{ name: 'b', size: 2 }, { name: 'a', size: 4 }] } });
    expect(causes(answer.body)).toEqual(['spec.fixed: Invalid value: "b": fixed is immutable', 'spec.items[1].size: Invalid value: size of a may not shrink']);
    expect((await rig.send('PATCH', `${at(group)}/moves`, { spec: { items: [{ name: 'c', size: 1 }] } })).status).toBe(200);
    expect((await rig.send('PATCH', `${at(group)}/moves`, { spec: { once: 'x' } })).status).toBe(200);
    expect(causes((await rig.send('PATCH', `${at(group)}/moves`, { spec: { once: 'y' } })).body)).toEqual(['spec.once: Invalid value: "y": once is set once']);
  });
});

test('what was wrong before its rule came may stay, while it is untouched', async () => {
  const group = 'ratchet.example.com';
  const spec = (more: JSONSchemaProps): JSONSchemaProps => root({ type: 'object', properties: { a: { type: 'string', ...more }, b: { type: 'string' } } });
  const definition = await rig.define(definitionOf({ group, schema: spec({}) }));
  await rig.send('POST', at(group), widget(group, 'old', { a: 'long', b: 'x' }));
  const changed = await rig.send('PUT', `${crds}/widgets.${group}`, { ...definition, ...definitionOf({ group, schema: spec({ maxLength: 2, ...rules({ rule: 'self != "long"' }) }) }), metadata: definition.metadata });
  expect(changed.status, changed.text).toBe(200);
  expect((await rig.send('PATCH', `${at(group)}/old`, { spec: { b: 'y' } })).status).toBe(200);
  expect((await rig.send('PATCH', `${at(group)}/old`, { spec: { a: 'longer' } })).status).toBe(422);
  expect((await rig.send('POST', at(group), widget(group, 'new', { a: 'long' }))).status).toBe(422);
});

describe('rules of definitions', () => {
  const refusals = async (schema: JSONSchemaProps): Promise<string[]> => {
    const answer = await rig.send('POST', `${crds}?dryRun=All`, definitionOf({ group: 'refused.example.com', schema }));
    return answer.status === 201 ? [] : causes(answer.body);
  };
  const place = 'spec.validation.openAPIV3Schema.properties[spec]';
  const rows: [string, JSONSchemaProps, (string | RegExp)[]][] = [
    ['a fine one', root({ type: 'object', properties: { a: number }, ...rules({ rule: 'self.a > 1' }) }), []],
    ['one whose constant cannot be converted', root({ type: 'object', properties: { a: number }, ...rules({ rule: "int('x') == self.a" }) }), [/x-kubernetes-validations\[0\]\.rule: Invalid value: .*program instantiation failed: type conversion error from 'string' to 'int'/s]],
    ['one whose format does not fit', root({ type: 'object', properties: { a: number }, ...rules({ rule: "'%d'.format(['a']) == ''" }) }), [/compilation failed: ERROR: <input>:1:14: error during formatting: decimal clause can only be used on integers, was given string/s]],
    ['one that is none, with all that is wrong', root({ type: 'object', properties: { a: number }, ...rules({ rule: 'self.a = 1 &' }) }), [/token recognition error at: '= '.*extraneous input '1' expecting <EOF>.*token recognition error at: '&'/s]],
    ['one that does not compile', root({ type: 'object', properties: { a: number }, ...rules({ rule: 'self.b > 1' }) }), [/x-kubernetes-validations\[0\]\.rule: Invalid value: .*compilation failed: ERROR: <input>:1:5: undefined field 'b'/s]],
    ['one that gives no truth', root({ type: 'object', properties: { a: number }, ...rules({ rule: 'self.a' }) }), [/cel expression must evaluate to a bool/]],
    ['a message that is no text', root({ type: 'object', properties: { a: number }, ...rules({ rule: 'self.a > 1', messageExpression: 'self.a' }) }), [/messageExpression: Invalid value: \{"Rule":"self\.a \\u003e 1",.*\}: messageExpression must evaluate to a string/]],
    ['one that costs too much', root({ type: 'object', properties: { l: { type: 'array', items: { type: 'string' } } }, ...rules({ rule: 'self.l.all(x, self.l.all(y, x == y || x + y != ""))' }) }), [
      /rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x \(try simplifying/, /contributed to estimated rule cost total exceeding/, /x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget/,
    ]],
    ['a transition that cannot be followed', root({ type: 'object', properties: { l: { type: 'array', maxItems: 5, items: { type: 'integer', ...rules({ rule: 'self >= oldSelf' }) } } } }), [
      `${place}.properties[l].items.x-kubernetes-validations[0].rule: Invalid value: "self >= oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${place}.properties[l]`,
    ]],
    ['an empty one', root({ type: 'object', properties: { a: number }, ...rules({ rule: ' ' }) }), [/x-kubernetes-validations\[0\]\.rule: Required value: rule is not specified/]],
  ];
  test.each(rows)('%s', async (_name, schema, expected) => {
    const found = await refusals(schema);
    expect(found).toHaveLength(expected.length);
    for (const [i, one] of expected.entries()) expect(found[i]).toEqual(typeof one === 'string' ? one : expect.stringMatching(one));
  });
});
