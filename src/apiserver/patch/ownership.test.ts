/** What must hold whatever managers apply and update, in whatever order. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StatusError } from '../../api/meta/status.ts';
import { apply, ownersAfterUpdate, readOwners, shapeOfType, writeOwners, type Json, type JsonObject, type Owner, type Shape, type Writer } from './index.ts';
import { fieldSetOf, isMember, same, type FieldSet } from './field-set.ts';
import { isObject, itemElement, resolveShape, shapeBelow } from './shape.ts';
import { ownable } from './managed-fields.ts';

const shape = shapeOfType('io.k8s.api.apps.v1.Deployment');

const word = fc.constantFrom('a', 'b', 'c');
/** An object with some of the keys. */
const some = (model: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> => fc.record(model, { requiredKeys: [] });
const uniqueBy = (items: fc.Arbitrary<object>, key: (item: never) => string): fc.Arbitrary<object[]> => fc.uniqueArray(items, { maxLength: 3, selector: key as (item: object) => string });
const port = fc.record({ containerPort: fc.constantFrom(80, 81), protocol: fc.constantFrom('TCP', 'UDP'), name: word }, { requiredKeys: ['containerPort'] });
const container = fc.record({
  name: word, image: word, args: fc.array(word, { maxLength: 2 }), resources: some({ limits: some({ cpu: word, memory: word }) }),
  ports: uniqueBy(port, (item: { containerPort: number; protocol?: string }) => `${item.containerPort}/${item.protocol ?? 'TCP'}`),
  env: uniqueBy(fc.record({ name: word, value: word }, { requiredKeys: ['name'] }), (item: { name: string }) => item.name),
}, { requiredKeys: ['name'] });
const configuration = some({
  metadata: some({ labels: some({ a: word, b: word }), annotations: some({ x: word }), finalizers: fc.uniqueArray(word, { maxLength: 3 }) }),
  spec: some({
    replicas: fc.integer({ min: 0, max: 3 }), paused: fc.boolean(), selector: some({ matchLabels: some({ a: word }) }), strategy: some({ type: word, rollingUpdate: some({ maxSurge: fc.integer({ min: 0, max: 2 }) }) }),
    template: some({
      metadata: some({ labels: some({ a: word, b: word }) }),
      spec: some({ nodeSelector: some({ a: word, b: word }), tolerations: fc.array(some({ key: word }), { maxLength: 2 }), containers: uniqueBy(container, (item: { name: string }) => item.name) }),
    }),
  }),
}) as fc.Arbitrary<JsonObject>;

type Step = { what: 'apply'; manager: string; wanted: JsonObject; force: boolean } | { what: 'update'; manager: string; wanted: JsonObject };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant('apply' as const), manager: fc.constantFrom('one', 'two', 'three'), wanted: configuration, force: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('update' as const), manager: fc.constantFrom('u', 'v'), wanted: configuration }) },
);

const writer = (manager: string, operation: 'Apply' | 'Update'): Writer => ({ manager, operation, apiVersion: 'apps/v1', subresource: '', time: '2024-01-01T00:00:00Z' });

/** Whether everything that the set holds is there; names the first thing that is not. */
function missing(kind: Shape, value: Json | undefined, set: FieldSet, at = ''): string | undefined {
  const resolved = resolveShape(kind, value);
  for (const [element, below] of Object.entries(set)) {
    if (element === '.') continue;
    const key = element.slice(2);
    let child: Json | undefined;
    let childShape: Shape = { kind: 'atomic' };
    if (element.startsWith('f:') && isObject(value)) [child, childShape] = [value[key], shapeBelow(resolved, key)];
    else if (Array.isArray(value) && resolved.kind === 'set') child = value.find((item) => `v:${JSON.stringify(item)}` === element);
    else if (Array.isArray(value) && resolved.kind === 'associative') [child, childShape] = [value.find((item) => itemElement(resolved, item) === element), resolved.items];
    if (child === undefined) return `${at}/${element}`;
    const deeper = missing(childShape, child, below, `${at}/${element}`);
    // A key of a list item may be there by its default only.
    if (deeper !== undefined && !deeper.endsWith('/f:protocol')) return deeper;
  }
  return undefined;
}

interface World {
  object: JsonObject | undefined;
  owners: Owner[];
}

function live(world: World): JsonObject | undefined {
  return world.object && { ...world.object, metadata: { ...(world.object['metadata'] as JsonObject | undefined), managedFields: writeOwners(world.owners) as unknown as Json } };
}

function applied(world: World, manager: string, wanted: JsonObject, force: boolean): { world: World; changed: boolean } | undefined {
  try {
    const result = apply({ place: 'n/web; apps/v1, Kind=Deployment', shape, live: live(world), applied: structuredClone(wanted), writer: writer(manager, 'Apply'), force });
    const { managedFields: _, ...metadata } = (result.object['metadata'] ?? {}) as JsonObject;
    return { world: { object: { ...result.object, metadata }, owners: readOwners(result.managedFields) }, changed: result.changed };
  } catch (error) {
    if (error instanceof StatusError && error.code === 409 && !force) return undefined;
    throw error;
  }
}

function fieldsText(fields: FieldSet | undefined): string {
  return JSON.stringify(sorted((fields ?? {}) as Json));
}

function sorted(value: Json): Json {
  return isObject(value) ? Object.fromEntries(Object.keys(value).toSorted().map((key) => [key, sorted(value[key]!)])) : value;
}

function checkApply(before: World, after: World, { manager, wanted, force }: Extract<Step, { what: 'apply' }>): void {
  expect(missing(shape, after.object, fieldSetOf(shape, ownable(wanted)))).toBeUndefined();
  const again = applied(after, manager, wanted, force)!;
  expect(again.changed, 'applied twice').toBe(false);
  expect(same(again.world.object as Json, after.object as Json)).toBe(true);
  for (const owner of before.owners) {
    if (owner.writer.manager === manager) continue;
    const now = after.owners.find((other) => other.writer.manager === owner.writer.manager);
    if (!force) expect(fieldsText(now?.fields), `fields of ${owner.writer.manager}`).toBe(fieldsText(owner.fields));
  }
}

function take(world: World, next: Step): World {
  if (next.what === 'update') {
    const after = structuredClone(next.wanted);
    after['metadata'] ??= {};
    return { object: after, owners: ownersAfterUpdate(shape, world.owners, world.object, after, writer(next.manager, 'Update')) };
  }
  const result = applied(world, next.manager, next.wanted, next.force);
  if (!result) return world;
  if (world.owners.length > 0 || world.object === undefined) checkApply(world, result.world, next);
  return result.world;
}

describe('any sequence of applies and updates', () => {
  test('owned fields exist, a repeated apply changes nothing, nobody loses fields without force', () => {
    fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
      let world: World = { object: undefined, owners: [] };
      for (const next of steps) {
        world = take(world, next);
        for (const owner of world.owners) {
          expect(missing(shape, world.object, owner.fields), `a field of ${owner.writer.manager}`).toBeUndefined();
          expect(isMember(owner.fields) && Object.keys(owner.fields).length === 0).toBe(false);
        }
      }
    }), { numRuns: 400, seed: 1 });
  });
});
