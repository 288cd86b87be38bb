import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CustomResourceDefinition, JSONSchemaProps } from '../../api/apiextensions/v1/types.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { definitionOf, startRig, type Rig } from './rig.fixture.ts';
import { scaleFaults, setReplicasAt, textAt, wholeNumberAt } from './scale.ts';

const object = (fields: object): KubeObject => ({ metadata: {}, ...fields }) as KubeObject;
const SCALE = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.sel' };

describe('what stands at the places of a scale', () => {
  const fraction = '.spec.replicas: Invalid value: 0: .spec.replicas accessor error: 1.5 is of the type float64, expected int64';
  const faults: [name: string, fields: object, faults: string[]][] = [
    ['nothing', {}, []],
    ['nothing where something would be', { spec: null, status: {} }, []],
    ['numbers and a text, whatever it selects', { spec: { replicas: 0 }, status: { replicas: 2_147_483_647, sel: '!!' } }, []],
    ['a negative number', { spec: { replicas: -1 } }, ['.spec.replicas: Invalid value: -1: should be a non-negative integer']],
    ['more than 32 bits', { status: { replicas: 2_147_483_648 } }, ['.status.replicas: Invalid value: 2147483648: should be less than or equal to 2147483647']],
    ['nothing said by name', { spec: { replicas: null } }, ['.spec.replicas: Invalid value: 0: .spec.replicas accessor error: <nil> is of the type <nil>, expected int64']],
    ['a text', { spec: { replicas: '1' } }, ['.spec.replicas: Invalid value: 0: .spec.replicas accessor error: 1 is of the type string, expected int64']],
    ['a fraction', { spec: { replicas: 1.5 } }, [fraction]],
    ['a number that 64 bits do not hold', { spec: { replicas: 9_223_372_036_854_776_000 } }, ['.spec.replicas: Invalid value: 0: .spec.replicas accessor error: 9.223372036854776e+18 is of the type float64, expected int64']],
    ['a list on the way', { spec: [1, 'a'] }, ['.spec.replicas: Invalid value: 0: .spec.replicas accessor error: [1 a] is of the type []interface {}, expected map[string]interface{}']],
    ['an object at the end', { spec: { replicas: { b: true, a: null } } }, ['.spec.replicas: Invalid value: 0: .spec.replicas accessor error: map[a:<nil> b:true] is of the type map[string]interface {}, expected int64']],
    ['a selector that is none', { status: { sel: 5 } }, ['.status.sel: Invalid value: "": .status.sel accessor error: 5 is of the type int64, expected string']],
    ['a status that is none', { status: false }, [
      '.status.replicas: Invalid value: 0: .status.replicas accessor error: false is of the type bool, expected map[string]interface{}', '.status.sel: Invalid value: "": .status.sel accessor error: false is of the type bool, expected map[string]interface{}',
    ]],
  ];
  test.each(faults)('%s', (_name, fields, wanted) => expect(scaleFaults(object(fields), SCALE, false).map(({ field, detail }) => `${field}: ${detail}`)).toEqual(wanted));

  test('a write of the status leaves what is wanted unread', () => expect(scaleFaults(object({ spec: 5, status: { replicas: -1 } }), SCALE, true)).toHaveLength(1));

  test('a place deeper down is named as far as one came', () => {
    expect(wholeNumberAt(object({ spec: { a: 5 } }), '.spec.a.b').fault).toBe('.spec.a.b accessor error: 5 is of the type int64, expected map[string]interface{}');
    expect(textAt(object({ spec: 5 }), 'spec.a.b').fault).toBe('.spec.a accessor error: 5 is of the type int64, expected map[string]interface{}');
  });

  test('what is missing on the way is made, what stands in the way is told', () => {
    const made = object({});
    expect([setReplicasAt(made, '.spec.__proto__.n', 3), JSON.stringify(made)]).toEqual([undefined, '{"metadata":{},"spec":{"__proto__":{"n":3}}}']);
    expect(setReplicasAt(object({ spec: null }), '.spec.n', 3)).toBe('value cannot be set because .spec is not a map[string]interface{}');
  });
});

describe('a custom resource', () => {
  const group = 'scaled.example.com';
  const base = `/apis/${group}/v1/namespaces/default/widgets`;
  const schema: JSONSchemaProps = {
    type: 'object', properties: {
      spec: { type: 'object', properties: { replicas: { type: 'integer' }, size: { type: 'integer' } } },
      status: { type: 'object', required: ['phase'], properties: { phase: { type: 'string', maxLength: 3 }, replicas: { type: 'integer' }, sel: { type: 'string' }, list: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items: { type: 'object', required: ['k'], properties: { k: { type: 'string' }, v: { type: 'string' } } } } } },
    },
  };
  const definition: CustomResourceDefinition = definitionOf({ group, schema, version: { subresources: { status: {}, scale: SCALE } } });
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
    await rig.define(definition);
  });
  afterAll(() => rig.stop());
  const create = async (name: string, more: object): Promise<void> => {
    const made = await rig.send('POST', base, { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name }, ...more }, { 'user-agent': 'creator' });
    expect(made.status, made.text).toBe(201);
  };

  const statuses: [name: string, status: unknown, causes: [field: string, message: string][]][] = [
    ['a field at fault', { phase: 5 }, [['status.phase', 'Invalid value: "integer": phase in body must be of type string: "integer"']]],
    ['a field that is missing', {}, [['status.phase', 'Required value']]],
    ['a status that is none', [], [
      ['status', 'Invalid value: "array":  in body must be of type object: "array"'],
      ['.status.replicas', 'Invalid value: 0: .status.replicas accessor error: [] is of the type []interface {}, expected map[string]interface{}'],
      ['.status.sel', 'Invalid value: "": .status.sel accessor error: [] is of the type []interface {}, expected map[string]interface{}'],
    ]],
  ];
  test.each(statuses)('has its status looked at by itself: %s', async (name, status, causes) => {
    const own = name.replaceAll(' ', '-');
    await create(own, { spec: { size: 1 } });
    const answer = await rig.send('PATCH', `${base}/${own}/status`, { status });
    expect(answer.status).toBe(422);
    expect((answer.body.details.causes as { field: string; message: string }[]).map(({ field, message }) => [field, message])).toEqual(causes);
  });

  const owned: [name: string, spec: object, wanted: number, owners: unknown[]][] = [
    ['who changes the number owns it', { replicas: 2, size: 1 }, 3, [['by', 'scale', false, { 'f:replicas': {} }], ['creator', undefined, true, { '.': {}, 'f:size': {} }]]],
    ['who leaves it takes it from nobody', { replicas: 2, size: 1 }, 2, [['creator', undefined, false, { 'f:replicas': {} }], ['creator', undefined, true, { '.': {}, 'f:size': {} }]]],
    ['what nobody owned nobody owns', { size: 1 }, 3, [['creator', undefined, true, { '.': {}, 'f:size': {} }]]],
  ];
  test.each(owned)('%s', async (name, spec, replicas, owners) => {
    const own = name.replaceAll(' ', '-');
    await create(own, { spec });
    expect((await rig.send('PATCH', `${base}/${own}/scale?fieldManager=by`, { spec: { replicas } })).body.spec).toEqual({ replicas });
    const { managedFields } = (await rig.send('GET', `${base}/${own}`)).body.metadata;
    expect((managedFields as { manager: string; subresource?: string; time?: string; fieldsV1: Record<string, unknown> }[]).map((entry) => [entry.manager, entry.subresource, entry.time !== undefined, entry.fieldsV1['f:spec']])).toEqual(owners);
  });

  const unread: [name: string, status: object][] = [['another type', { phase: [] }], ['a number for a list', { list: 5 }], ['an item without its key', { list: [{ v: 'x' }] }]];
  test.each(unread)('whose dropped status nobody can read has no owners: %s', async (name, status) => {
    const own = name.replaceAll(' ', '-');
    await create(own, { spec: { size: 1 }, status });
    const { body } = await rig.send('GET', `${base}/${own}`);
    expect(body).toMatchObject({ metadata: { generation: 1 }, spec: { size: 1 } });
    expect(body.metadata.managedFields).toBeUndefined();
  });

  test('without a number takes a patch that says one, and no other', async () => {
    await create('unsaid', { spec: { size: 1 } });
    expect((await rig.send('PATCH', `${base}/unsaid/scale`, {})).body).toMatchObject({ code: 400, message: 'the spec replicas field ".spec.replicas" cannot be empty' });
    expect((await rig.send('PATCH', `${base}/unsaid/scale`, { spec: { replicas: 0 } })).status).toBe(200);
    expect((await rig.send('GET', `${base}/unsaid`)).body.spec).toEqual({ replicas: 0, size: 1 });
  });
});
