/** Who owns what after applies and updates, row by row: what stays, what goes, and what is said of it. */
import { describe, expect, test } from 'vitest';
import { decodeObject } from '../../api/decode.ts';
import { apply, ownersAfterUpdate, readOwners, shapeOfType, writeOwners, type JsonObject, type Writer } from './index.ts';

type Step = readonly [how: 'apply' | 'force' | 'update', manager: string, object: object];

const core = 'io.k8s.api.core.v1';
const configMap = (metadata: object, data?: unknown): object => ({ metadata: { name: 'x', ...metadata }, ...(data === undefined ? {} : { data }) });
const pod = (containers: object[], metadata: object = {}, spec: object = {}): object => ({ metadata: { name: 'x', ...metadata }, spec: { containers, ...spec } });
const node = (addresses: object[], spec: object = {}): object => ({ metadata: { name: 'x' }, spec, status: { addresses } });
const internal = (address: string): object => ({ type: 'InternalIP', address });

/** The object after the steps, read as the store gives it back. Throws what the last of them throws. */
function after(type: string, steps: readonly Step[]): JsonObject {
  const shape = shapeOfType(type);
  const asRead = (object: object): JsonObject => decodeObject<JsonObject>(type, object).object;
  let live: JsonObject | undefined;
  for (const [how, manager, object] of steps) {
    const writer: Writer = { manager, operation: how === 'update' ? 'Update' : 'Apply', apiVersion: 'v1', subresource: '', time: '' };
    const entries = (live?.['metadata'] as { managedFields?: never } | undefined)?.managedFields;
    if (how === 'update') {
      const next = asRead(object);
      (next['metadata'] as JsonObject)['managedFields'] = writeOwners(ownersAfterUpdate(shape, readOwners(entries), live, next, writer)) as never;
      live = next;
    } else {
      const applied = apply({ shape, live, applied: object as JsonObject, writer, place: 'd/x; /v1, Kind=X', force: how === 'force' });
      live = asRead(applied.object);
      (live['metadata'] as JsonObject)['managedFields'] = applied.managedFields as never;
    }
  }
  return live!;
}

const ownersOf = (object: JsonObject): Record<string, unknown> =>
  Object.fromEntries(((object['metadata'] as { managedFields: { manager: string; fieldsV1: object }[] }).managedFields).map(({ manager, fieldsV1 }) => [manager, fieldsV1]));

describe('owners', () => {
  const addresses = (fields: object): object => ({ 'f:status': { 'f:addresses': fields } });
  const rows: [name: string, type: string, steps: Step[], owners: object][] = [
    ['of a list merged by items and applied empty there are none; of what is one value there are', 'Pod',
      [['apply', 'a', pod([{ name: 'c', env: [], args: [], resources: {} }], { finalizers: [], labels: {} }, { nodeSelector: {} })]],
      { a: { 'f:metadata': { 'f:labels': {} }, 'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:name': {}, 'f:args': {}, 'f:resources': {} } }, 'f:nodeSelector': {} } } }],
    ['of null there are', 'ConfigMap', [['apply', 'a', configMap({ labels: null, annotations: { k: null } }, null)]], { a: { 'f:metadata': { 'f:annotations': { 'f:k': {} }, 'f:labels': {} }, 'f:data': {} } }],
    ['of a container that an update makes own what it holds unasked', 'Pod', [['update', 'u', pod([{ name: 'c', image: 'i' }])]],
      { u: { 'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:image': {}, 'f:name': {}, 'f:resources': {} } } } } }],
    ['lose an item to who applied it alone, though an update has added to it', 'Pod',
      [['apply', 'a', pod([{ name: 'c', image: 'i' }])], ['update', 'u', pod([{ name: 'c', image: 'i', env: [{ name: 'E', value: '1' }] }])], ['apply', 'a', pod([])]], {}],
    ['keep an item that others apply, without what its first owner gave it', 'Pod',
      [['apply', 'a', pod([{ name: 'c', image: 'i' }])], ['apply', 'b', pod([{ name: 'c', tty: true }])], ['apply', 'a', pod([{ name: 'd', image: 'i' }])]],
      { a: { 'f:spec': { 'f:containers': { 'k:{"name":"d"}': { '.': {}, 'f:image': {}, 'f:name': {} } } } }, b: { 'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:name': {}, 'f:tty': {} } } } } }],
    ['of items with one key own them as one value', 'Node',
      [['update', 'u', node([internal('1'), internal('2')])], ['update', 'v', node([internal('2')])], ['update', 'w', node([internal('2'), internal('3')])]],
      { u: addresses({}), w: addresses({ 'k:{"type":"InternalIP"}': {} }) }],
    ['of an item in the place of several with its key', 'Node', [['update', 'u', node([internal('1'), internal('2')])], ['force', 'a', node([internal('3')])]],
      { a: { 'f:spec': {}, ...addresses({ 'k:{"type":"InternalIP"}': { '.': {}, 'f:address': {}, 'f:type': {} } }) }, u: addresses({}) }],
    ['of an item without its key own the empty one', 'Pod', [['apply', 'a', pod([{ image: 'i' }, { name: 'c' }])]],
      { a: { 'f:spec': { 'f:containers': { 'k:{"name":""}': { '.': {}, 'f:image': {} }, 'k:{"name":"c"}': { '.': {}, 'f:name': {} } } } } }],
    ['of a map that another has emptied keep it', 'ConfigMap', [['update', 'u', configMap({ labels: { l: '1' } })], ['force', 'a', configMap({ labels: { l: '2' } })], ['apply', 'a', configMap({})]],
      { u: { 'f:metadata': { 'f:labels': {} } } }],
  ];
  test.each(rows)('%s', (_name, type, steps, owners) => {
    expect(ownersOf(after(`${core}.${type}`, steps))).toEqual(owners);
  });

  test('of a selector that an update takes away: who has said that there is none', () => {
    const deployment = (spec: object): object => ({ metadata: { name: 'x' }, spec: { template: { spec: { containers: [{ name: 'c' }] } }, ...spec } });
    const steps: Step[] = [['update', 'u', deployment({ selector: { matchLabels: { a: 'b' } } })], ['update', 'v', deployment({})]];
    expect(ownersOf(after('io.k8s.api.apps.v1.Deployment', steps))['v']).toEqual({ 'f:spec': { 'f:selector': {} } });
  });
});

describe('an apply', () => {
  test('orders items as it has them, and leaves the others where they stood', () => {
    const both = after(`${core}.Node`, [['apply', 'a', node([], { podCIDRs: ['a', 'b', 'c', 'd'] })], ['apply', 'b', node([], { podCIDRs: ['e', 'd', 'f', 'b', 'g'] })]]);
    expect((both['spec'] as JsonObject)['podCIDRs']).toEqual(['a', 'c', 'e', 'd', 'f', 'b', 'g']);
  });

  const refusals: [name: string, type: string, steps: Step[], message: string][] = [
    ['names managers in their order, whatever they did', 'ConfigMap',
      [['apply', 'z', configMap({}, { a: '1', b: '1' })], ['update', 'm', configMap({}, { a: '1', b: '1', c: '1' })], ['apply', 'k', configMap({}, { b: '1' })], ['apply', 'q', configMap({}, { a: '2', b: '2', c: '2' })]],
      'Apply failed with 4 conflicts: conflicts with "k":\n- .data.b\nconflicts with "m" using v1:\n- .data.c\nconflicts with "z":\n- .data.a\n- .data.b'],
    ['is in conflict over a map that is owned and out of sight', 'ConfigMap',
      [['update', 'u', configMap({ labels: { l: '1' } })], ['force', 'a', configMap({ labels: { l: '2' } })], ['apply', 'a', configMap({})], ['apply', 'b', configMap({ labels: { m: '1' } })]],
      'Apply failed with 1 conflict: conflict with "u" using v1: .metadata.labels'],
    ['means another value by another form of a quantity', 'Pod',
      [['apply', 'a', pod([{ name: 'c', resources: { limits: { cpu: '1' } } }])], ['apply', 'b', pod([{ name: 'c', resources: { limits: { cpu: '1000m' } } }])]],
      'Apply failed with 1 conflict: conflict with "a": .spec.containers[name="c"].resources.limits.cpu'],
    ['must tell items apart', 'Pod', [['apply', 'a', pod([{ name: 'c', env: [{ name: 'E' }, { name: 'E' }] }, { name: 'c' }])]],
      'failed to create typed patch object (d/x; /v1, Kind=X): errors:\n  .spec.containers[name="c"].env: duplicate entries for key [name="E"]\n  .spec.containers: duplicate entries for key [name="c"]'],
  ];
  test.each(refusals)('%s', (_name, type, steps, message) => {
    expect(() => after(`${core}.${type}`, steps)).toThrow(message);
  });
});
