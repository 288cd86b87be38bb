import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inFieldOrder } from './field-set.ts';
import { fieldsOfNew } from './known-fields.ts';
import { changesOf } from './managed-fields.ts';
import { shapeOfType, type Json, type JsonObject, type Shape } from './shape.ts';

type Struct = Extract<Shape, { kind: 'struct' }>;
const pod = shapeOfType('io.k8s.api.core.v1.Pod') as Struct;
const configMap = shapeOfType('io.k8s.api.core.v1.ConfigMap') as Struct;

/** The set as it is worked out for an object alone. */
function expected(shape: Shape, { status, ...object }: JsonObject, counts: boolean): string {
  return JSON.stringify(inFieldOrder(changesOf(shape, undefined, counts && status !== undefined ? { ...object, status } : object).changed));
}

const text = fc.constantFrom('', 'a', 'b', '0', '0s', 'longer');
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 2 });
const labels = fc.dictionary(fc.constantFrom('app', 'tier', 'x<y'), text, { maxKeys: 2 });
const port = fc.record({ containerPort: fc.constantFrom(0, 80, 443), protocol: optional(fc.constantFrom('TCP', 'UDP')), name: optional(text), hostPort: optional(fc.constantFrom(0, 1)) });
const container = fc.record({
  name: text, image: optional(text), args: optional(fc.array(text, { maxLength: 2 })), ports: optional(fc.array(port, { maxLength: 3 })), env: optional(fc.array(fc.record({ name: text, value: optional(text) }), { maxLength: 2 })),
  resources: optional(fc.record({ requests: optional(labels), claims: optional(fc.array(fc.record({ name: text }), { maxLength: 1 })) })), stdin: optional(fc.boolean()), securityContext: optional(fc.record({ privileged: optional(fc.boolean()) })),
});
const pods = fc.record({
  kind: fc.constant('Pod'), apiVersion: fc.constant('v1'),
  metadata: fc.record({
    name: optional(text), labels: optional(labels), annotations: optional(labels), finalizers: optional(fc.uniqueArray(text, { maxLength: 2 })), uid: text, generation: fc.constantFrom(0, 1),
    ownerReferences: optional(fc.array(fc.record({ uid: text, kind: text }), { maxLength: 2 })),
  }),
  spec: optional(fc.record({
    containers: fc.array(container, { maxLength: 2 }), nodeSelector: optional(labels), priority: optional(fc.constantFrom(0, 5)), hostNetwork: optional(fc.boolean()), securityContext: optional(fc.record({ runAsUser: optional(fc.constantFrom(0, 7)) })),
    tolerations: optional(fc.array(fc.record({ key: text }), { maxLength: 1 })), volumes: optional(fc.array(fc.record({ name: text, emptyDir: optional(fc.constant({})) }), { maxLength: 2 })),
  })),
  status: optional(fc.record({ phase: text })),
}).map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);

describe('fieldsOfNew', () => {
  test('gives every object the set that is worked out for it alone', () => {
    fc.assert(fc.property(fc.array(fc.tuple(pods, fc.boolean()), { minLength: 1, maxLength: 8 }), (objects) => {
      // Twice, so that a set is found again for every object whose form is remembered.
      for (const [object, status] of [...objects, ...objects]) expect(JSON.stringify(fieldsOfNew(pod, object, status))).toBe(expected(pod, object, status));
    }), { numRuns: 300, seed: 20261127 });
  });

  test('tells values that are there from those that nobody has set, and items by what names them', () => {
    const variants: Json[] = [
      { containers: [] }, { containers: [{ name: 'a' }] }, { containers: [{ name: 'b' }] }, { containers: [{ name: '' }] }, { containers: [{ name: 'a' }, { name: 'a' }] }, { containers: [{ name: 'a', image: '' }] }, { containers: [{ name: 'a', image: 'x' }] },
      { securityContext: {}, containers: [{ name: 'a' }] }, { containers: [{ name: 'a' }], securityContext: { runAsUser: 0 } }, { containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] }, { containers: [{ name: 'a', ports: [{ containerPort: 80, protocol: 'UDP' }] }] },
    ];
    for (const spec of [...variants, ...variants]) {
      const object: JsonObject = { metadata: { name: 'x' }, spec };
      expect(JSON.stringify(fieldsOfNew(pod, object, false))).toBe(expected(pod, object, false));
    }
  });

  test('objects of one form share a frozen set', () => {
    const made = (name: string, value: string): JsonObject => ({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name, uid: name, labels: { app: value } }, data: { key: value } });
    const first = fieldsOfNew(configMap, made('a', '1'), true);
    expect(fieldsOfNew(configMap, made('b', '2'), true)).toBe(first);
    expect(Object.isFrozen(first['f:data'])).toBe(true);
    expect(fieldsOfNew(configMap, made('b', ''), true)).not.toBe(first);
  });
});
