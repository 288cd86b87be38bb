import { describe, expect, test } from 'vitest';
import { StatusError } from '../../api/meta/status.ts';
import { apply, jsonPatch, mergePatch, ownersAfterUpdate, readOwners, shapeOfType, strategicMergePatch, writeOwners, type JsonObject, type Writer } from './index.ts';

const deployment = 'io.k8s.api.apps.v1.Deployment';
const pod = 'io.k8s.api.core.v1.Pod';

describe('merge patch (RFC 7396)', () => {
  test.each([
    ['adds and replaces', { a: 1 }, { a: 2, b: 3 }, { a: 2, b: 3 }],
    ['null removes', { a: 1, b: { c: 1, d: 2 } }, { b: { c: null } }, { a: 1, b: { d: 2 } }],
    ['lists replace', { a: [1, 2] }, { a: [3] }, { a: [3] }],
    ['an object over a scalar loses its nulls', { a: 1 }, { a: { b: null, c: 2 } }, { a: { c: 2 } }],
  ] as const)('%s', (_name, target, patch, expected) => {
    expect(mergePatch(target as never, patch as never)).toEqual(expected);
  });
});

describe('JSON patch (RFC 6902)', () => {
  test('all operations happen, or none', () => {
    const target = { a: { b: [1, 2] } };
    expect(jsonPatch(target, [{ op: 'add', path: '/a/b/-', value: 3 }, { op: 'test', path: '/a/b/0', value: 1 }])).toEqual({ a: { b: [1, 2, 3] } });
    expect(() => jsonPatch(target, [{ op: 'remove', path: '/a' }, { op: 'test', path: '/x', value: 1 }])).toThrow(StatusError);
    expect(target).toEqual({ a: { b: [1, 2] } });
  });
  test.each([[[{ op: 'add', path: '/__proto__/x', value: 1 }]], [{ op: 'add' }], [[{ op: 'boom', path: '/a' }]],
    [[{ op: 'move', path: '/a', from: {} }]], [[{ op: 'copy', path: '/a' }]], [[{ op: 'copy', path: '/a', from: '/constructor/prototype' }]]])('refuses %j', (patch) => {
    expect(() => jsonPatch({}, patch as never)).toThrow(StatusError);
  });
});

describe('keys that JavaScript objects have by themselves', () => {
  const keys = (value: string): JsonObject => JSON.parse(`{"data":{"__proto__":"${value}","constructor":"${value}"}}`) as JsonObject;
  const configMap = 'io.k8s.api.core.v1.ConfigMap';
  const byApply = (live: JsonObject, wanted: JsonObject): JsonObject => apply({ place: 'n/web; apps/v1, Kind=Deployment', shape: shapeOfType(configMap), live, applied: wanted, force: true, writer: { manager: 'm', operation: 'Apply', apiVersion: 'v1', subresource: '', time: '' } }).object;
  test.each([
    ['merge patch', (live: JsonObject, patch: JsonObject) => mergePatch(live, patch) as JsonObject],
    ['strategic merge patch', (live: JsonObject, patch: JsonObject) => strategicMergePatch(live, patch, configMap)],
    ['apply', byApply],
  ])('%s sets them, and nothing else', (_name, change) => {
    for (const live of [{}, { data: { a: 'b' } }, keys('old')] as JsonObject[]) {
      const data = change(live, keys('new'))['data'] as JsonObject;
      expect(Object.entries(data).filter(([key]) => key !== 'a')).toEqual([['__proto__', 'new'], ['constructor', 'new']]);
      expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
    }
    expect(({} as { new?: unknown }).new).toBeUndefined();
  });
});

test.each([['text', 'x'], ['a list', []], ['text inside', { 'f:data': 'x' }], ['other words', { 'f:data': { constructor: {} } }]])('managed fields that are none are left out: %s', (_name, fieldsV1) => {
  expect(readOwners([{ manager: 'm', fieldsV1: fieldsV1 as never }, { manager: 'n', fieldsV1: { 'f:data': { '.': {}, 'f:a': {} } } as never }]).map((owner) => owner.writer.manager)).toEqual(['n']);
});

test('who applies stays the same manager in another version', () => {
  const shape = shapeOfType('io.k8s.api.core.v1.ConfigMap');
  const writer = (apiVersion: string): Writer => ({ manager: 'm', operation: 'Apply', apiVersion, subresource: '', time: '' });
  const first = apply({ place: 'n/web; apps/v1, Kind=Deployment', shape, live: undefined, applied: { data: { a: '1' } }, force: false, writer: writer('v1') });
  const live = { ...first.object, metadata: { managedFields: first.managedFields as never } };
  const second = apply({ place: 'n/web; apps/v1, Kind=Deployment', shape, live, applied: { data: { b: '1' } }, force: false, writer: writer('v2') }, ({ objects }) => ({ objects, shape }));
  expect(second.object['data']).toEqual({ b: '1' });
  expect(second.managedFields.map((entry) => entry.apiVersion)).toEqual(['v2']);
});

test.each([
  ['an item of a list', { metadata: { name: 'd', namespace: 'ns' }, spec: { template: { spec: { containers: [{ name: 'c', env: [{ name: 'A' }, { name: 'A', value: '1' }] }] } } } }, 'failed to create typed patch object (ns/d; apps/v1, Kind=Deployment): .spec.template.spec.containers[name="c"].env: duplicate entries for key [name="A"]'],
  ['an item by its default', { spec: { template: { spec: { containers: [{ name: 'c', ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'TCP' }] }] } } } }, '.ports: duplicate entries for key [containerPort=80,protocol="TCP"]'],
  ['a value of a set', { metadata: { finalizers: ['a', 'a'] } }, '.metadata.finalizers: duplicate entries for key [="a"]'],
])('an apply that names something twice is refused: %s', (_name, applied, words) => {
  const writer: Writer = { manager: 'm', operation: 'Apply', apiVersion: 'apps/v1', subresource: '', time: '' };
  expect(() => apply({ place: 'ns/d; apps/v1, Kind=Deployment', shape: shapeOfType(deployment), live: undefined, applied: { kind: 'Deployment', ...applied } as JsonObject, force: false, writer })).toThrow(words);
});

test('a conflict over a list item whose keys are no JSON is still told', () => {
  const fields = { 'f:data': { 'f:a': {} }, 'f:x': { 'k:{oops': {} } };
  const live = { data: { a: '1' }, metadata: { managedFields: [{ manager: 'other', operation: 'Update', apiVersion: 'v1', fieldsV1: fields }] } } as unknown as JsonObject;
  expect(() => apply({ place: 'n/web; apps/v1, Kind=Deployment', shape: shapeOfType('io.k8s.api.core.v1.ConfigMap'), live, applied: { data: { a: '2' } }, force: false, writer: { manager: 'm', operation: 'Apply', apiVersion: 'v1', subresource: '', time: '' } })).toThrow('conflict with "other"');
});

test('a place inside a scalar is refused, not stumbled over', () => {
  expect(() => jsonPatch({ a: 'text' }, [{ op: 'add', path: '/a/b', value: 1 }])).toThrow(expect.objectContaining({ code: 422 }));
});

test('copies of copies have a bound', () => {
  const doubling = Array.from({ length: 60 }, (_, i) => ({ op: 'copy', from: '/a', path: `/a/x${i}` }));
  expect(() => jsonPatch({ a: { text: 'x'.repeat(100) } }, doubling)).toThrow('exceeding the limit');
});

describe('strategic merge patch', () => {
  const original = { spec: { template: { spec: { containers: [{ name: 'a', image: 'x', env: [{ name: 'E', value: '1' }] }, { name: 'b', image: 'y' }], tolerations: [{ key: 'k' }] } } } };
  const patched = (patch: object): JsonObject => strategicMergePatch(original as never, { spec: { template: { spec: patch } } } as never, deployment);
  const spec = (object: JsonObject): JsonObject => (object as never as { spec: { template: { spec: JsonObject } } }).spec.template.spec;

  test('lists with a merge key merge by it', () => {
    expect(spec(patched({ containers: [{ name: 'b', image: 'z' }, { name: 'c' }] }))['containers']).toEqual([
      { name: 'a', image: 'x', env: [{ name: 'E', value: '1' }] }, { name: 'b', image: 'z' }, { name: 'c' },
    ]);
  });
  test('lists without a strategy replace', () => {
    expect(spec(patched({ tolerations: [{ key: 'other' }] }))['tolerations']).toEqual([{ key: 'other' }]);
  });
  test('$patch: delete removes an item', () => {
    expect(spec(patched({ containers: [{ name: 'a', $patch: 'delete' }] }))['containers']).toEqual([{ name: 'b', image: 'y' }]);
  });
  test('$patch: replace replaces a list', () => {
    expect(spec(patched({ containers: [{ $patch: 'replace' }, { name: 'only' }] }))['containers']).toEqual([{ name: 'only' }]);
  });
  test('$setElementOrder orders', () => {
    const result = spec(patched({ '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }], containers: [{ name: 'c' }] }));
    expect((result['containers'] as { name: string }[]).map((c) => c.name)).toEqual(['c', 'a', 'b']);
  });
  test('$retainKeys drops the other keys', () => {
    expect(strategicMergePatch({ spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } }, { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }, deployment)).toEqual({ spec: { strategy: { type: 'Recreate' } } });
  });
  test('$deleteFromPrimitiveList removes values', () => {
    expect(strategicMergePatch({ metadata: { finalizers: ['a', 'b'] } }, { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } }, pod)).toEqual({ metadata: { finalizers: ['b'] } });
  });
  test('a missing merge key is named', () => {
    expect(() => patched({ containers: [{ image: 'q' }] })).toThrow(/does not contain declared merge key: name/);
  });
});

describe('server-side apply', () => {
  const writer = (manager: string, operation: 'Apply' | 'Update' = 'Apply'): Writer => ({ manager, operation, apiVersion: 'apps/v1', subresource: '', time: '2030-01-01T00:00:00Z' });
  const shape = shapeOfType(deployment);
  const config = (containers: object[], more: object = {}): JsonObject =>
    ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { ...more, template: { spec: { containers } } } }) as never;
  const stored = (object: JsonObject, managedFields: unknown): JsonObject => ({ ...object, metadata: { ...(object['metadata'] as object), managedFields } }) as never;
  const applyAs = (manager: string, live: JsonObject | undefined, applied: JsonObject, force = false): { live: JsonObject; changed: boolean } => {
    const result = apply({ place: 'n/web; apps/v1, Kind=Deployment', shape, live, applied, writer: writer(manager), force });
    return { live: stored(result.object, result.managedFields), changed: result.changed };
  };
  const containersOf = (object: JsonObject): JsonObject[] => (object as never as { spec: { template: { spec: { containers: JsonObject[] } } } }).spec.template.spec.containers;

  test('the applier owns exactly what it applied', () => {
    const { live } = applyAs('one', undefined, config([{ name: 'a', image: 'x', ports: [{ containerPort: 80 }] }]));
    expect((live['metadata'] as { managedFields: unknown[] }).managedFields).toEqual([{
      manager: 'one', operation: 'Apply', apiVersion: 'apps/v1', time: '2030-01-01T00:00:00Z', fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"a"}': {
        '.': {}, 'f:name': {}, 'f:image': {}, 'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
      } } } } } },
    }]);
  });

  test('a field that is no longer applied goes away; an item with it', () => {
    const first = applyAs('one', undefined, config([{ name: 'a', image: 'x', tty: true }, { name: 'b', image: 'y' }]));
    const second = applyAs('one', first.live, config([{ name: 'a', image: 'x' }]));
    expect(containersOf(second.live)).toEqual([{ name: 'a', image: 'x' }]);
  });

  test('fields of others stay', () => {
    const first = applyAs('one', undefined, config([{ name: 'a', image: 'x' }]));
    const second = applyAs('two', first.live, config([{ name: 'b', image: 'y' }]));
    const third = applyAs('one', second.live, config([{ name: 'a', image: 'z' }]));
    expect(containersOf(third.live)).toEqual([{ name: 'a', image: 'z' }, { name: 'b', image: 'y' }]);
  });

  test('a conflict names manager and field, and force takes ownership', () => {
    const first = applyAs('one', undefined, config([{ name: 'a', image: 'x' }], { replicas: 1 }));
    const attempt = (): unknown => applyAs('two', first.live, config([], { replicas: 2 }));
    expect(attempt).toThrow('Apply failed with 1 conflict: conflict with "one": .spec.replicas');
    const forced = applyAs('two', first.live, config([], { replicas: 2 }), true);
    const owners = readOwners((forced.live['metadata'] as { managedFields: never[] }).managedFields);
    expect(JSON.stringify(owners.find((o) => o.writer.manager === 'one')!.fields)).not.toContain('f:replicas');
  });

  test('the same value is shared, not fought over', () => {
    const first = applyAs('one', undefined, config([], { replicas: 1 }));
    expect(() => applyAs('two', first.live, config([], { replicas: 1 }))).not.toThrow();
  });

  test('applying the same again changes nothing', () => {
    const first = applyAs('one', undefined, config([{ name: 'a', image: 'x' }]));
    expect(applyAs('one', first.live, config([{ name: 'a', image: 'x' }])).changed).toBe(false);
  });

  test('an update takes over what it changes', () => {
    const first = applyAs('one', undefined, config([{ name: 'a', image: 'x' }], { replicas: 1 }));
    const after = structuredClone(first.live) as never as { spec: { replicas: number }; metadata: { managedFields: never[] } };
    after.spec.replicas = 5;
    const owners = ownersAfterUpdate(shape, readOwners(after.metadata.managedFields), first.live, after as never, writer('scaler', 'Update'));
    expect(writeOwners(owners).find((entry) => entry.manager === 'scaler')!.fieldsV1).toEqual({ 'f:spec': { 'f:replicas': {} } });
    expect(() => applyAs('one', stored(after as never, writeOwners(owners)), config([{ name: 'a', image: 'x' }], { replicas: 2 }))).toThrow(/conflict with "scaler" using apps\/v1/);
  });
});
