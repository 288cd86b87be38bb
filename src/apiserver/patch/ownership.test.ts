/** What must hold whatever managers apply and update, in whatever order. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeObject } from '../../api/decode.ts';
import { StatusError } from '../../api/meta/status.ts';
import { apply, ownersAfterUpdate, readOwners, shapeOfType, writeOwners, type Json, type JsonObject, type Owner, type Shape, type Writer } from './index.ts';
import { same } from './compare.ts';
import { fieldSetOf, isMember, shapeAt, type FieldSet } from './field-set.ts';
import { isObject, itemElement, resolveShape, shapeBelow, stepTo } from './shape.ts';
import { ownable } from './managed-fields.ts';

const shape = shapeOfType('io.k8s.api.apps.v1.Deployment');

const word = fc.constantFrom('a', 'b', 'c');
/** An object with some of the keys. */
const some = (model: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> => fc.record(model, { requiredKeys: [] });
/** Not empty: reading leaves out what is. */
const pair = fc.record({ a: word, b: word }, { requiredKeys: ['a'] });
const uniqueBy = (items: fc.Arbitrary<object>, key: (item: never) => string): fc.Arbitrary<object[]> => fc.uniqueArray(items, { maxLength: 3, selector: key as (item: object) => string });
const port = fc.record({ containerPort: fc.constantFrom(80, 81), protocol: fc.constantFrom('TCP', 'UDP'), name: word }, { requiredKeys: ['containerPort'] });
const container = fc.record({
  name: word, image: word, args: fc.array(word, { minLength: 1, maxLength: 2 }), resources: some({ limits: fc.record({ cpu: fc.constantFrom('1', '2'), memory: fc.constantFrom('1', '2') }, { requiredKeys: ['cpu'] }) }),
  ports: uniqueBy(port, (item: { containerPort: number; protocol?: string }) => `${item.containerPort}/${item.protocol ?? 'TCP'}`),
  env: uniqueBy(fc.record({ name: word, value: word }, { requiredKeys: ['name'] }), (item: { name: string }) => item.name),
}, { requiredKeys: ['name'] });
const configuration = some({
  metadata: some({ labels: pair, annotations: fc.record({ x: word }), finalizers: fc.uniqueArray(word, { maxLength: 3 }) }),
  spec: some({
    replicas: fc.integer({ min: 0, max: 3 }), paused: fc.constant(true), selector: fc.record({ matchLabels: some({ a: word }) }), strategy: some({ type: word, rollingUpdate: fc.record({ maxSurge: fc.integer({ min: 0, max: 2 }) }) }),
    template: some({
      metadata: some({ labels: pair }),
      spec: some({ nodeSelector: pair, tolerations: fc.array(some({ key: word }), { minLength: 1, maxLength: 2 }), containers: uniqueBy(container, (item: { name: string }) => item.name) }),
    }),
  }),
}) as fc.Arbitrary<JsonObject>;

type Step = { what: 'apply'; manager: string; wanted: JsonObject; force: boolean } | { what: 'update'; manager: string; wanted: JsonObject };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant('apply' as const), manager: fc.constantFrom('one', 'two', 'three'), wanted: configuration, force: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('update' as const), manager: fc.constantFrom('u', 'v'), wanted: configuration }) },
);

const writer = (manager: string, operation: 'Apply' | 'Update'): Writer => ({ manager, operation, apiVersion: 'apps/v1', subresource: '', time: '2024-01-01T00:00:00Z' });

/** Whether the set names more than maps and lists, which stay owned when another manager has emptied them and so taken them out of sight. */
function holdsValues(kind: Shape, set: FieldSet): boolean {
  const resolved = resolveShape(kind, {});
  if (resolved.kind === 'atomic') return true;
  return Object.keys(set).some((element) => element !== '.' && (('.' in set[element]! && !element.startsWith('f:')) || holdsValues(shapeAt(resolved, element), set[element]!)));
}

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
    if (child === undefined && element.startsWith('k:') && !isMember(below) && !holdsValues(shapeAt(resolved, element), below)) continue;
    // A field that always says at least that there is nothing.
    if (child === undefined && element.startsWith('f:') && isObject(value) && stepTo(resolved, key).zero === null) continue;
    if (child === undefined && element.startsWith('f:') && !holdsValues(childShape, below)) continue;
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

/** The object as the store gives it back. */
const asRead = (object: JsonObject): JsonObject => decodeObject<JsonObject>('io.k8s.api.apps.v1.Deployment', object).object;

function live(world: World): JsonObject | undefined {
  return world.object && { ...world.object, metadata: { ...(world.object['metadata'] as JsonObject | undefined), managedFields: writeOwners(world.owners) as unknown as Json } };
}

function applied(world: World, manager: string, wanted: JsonObject, force: boolean): { world: World; changed: boolean } | undefined {
  try {
    const result = apply({ place: 'n/web; apps/v1, Kind=Deployment', shape, live: live(world), applied: structuredClone(wanted), writer: writer(manager, 'Apply'), force });
    const { managedFields: _, ...metadata } = (result.object['metadata'] ?? {}) as JsonObject;
    return { world: { object: asRead({ ...result.object, metadata }), owners: readOwners(result.managedFields) }, changed: result.changed };
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

const ownersText = (owners: readonly Owner[]): string => JSON.stringify(owners.map(({ writer: { time: _, ...writer }, fields }) => [writer, sorted(fields as Json)]));

function checkApply(before: World, after: World, { manager, wanted, force }: Extract<Step, { what: 'apply' }>): void {
  expect(missing(shape, after.object, fieldSetOf(shape, ownable(wanted)))).toBeUndefined();
  const again = applied(after, manager, wanted, force)!;
  expect(ownersText(again.world.owners), 'applied twice').toBe(ownersText(after.owners));
  // What an apply has taken everything out of is gone, and only the next one puts it there, empty.
  const third = applied(again.world, manager, wanted, force)!;
  expect(same(third.world.object as Json, again.world.object as Json), 'applied once more').toBe(true);
  expect(ownersText(third.world.owners)).toBe(ownersText(again.world.owners));
  for (const owner of before.owners) {
    // An item goes with the last who applied it, whatever updates have added to it.
    if (owner.writer.manager === manager || owner.writer.operation === 'Update') continue;
    const now = after.owners.find((other) => other.writer.manager === owner.writer.manager);
    if (!force) expect(fieldsText(now?.fields), `fields of ${owner.writer.manager}`).toBe(fieldsText(owner.fields));
  }
}

function take(world: World, next: Step): World {
  if (next.what === 'update') {
    const after = asRead({ metadata: {}, ...next.wanted });
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
