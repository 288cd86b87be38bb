/** Merging an applied configuration into a live object, and taking out what its manager no longer applies (KEP-555). */
import { isMember, type FieldSet } from './field-set.ts';
import { isObject, itemElement, own, put, resolveShape, shapeBelow, type Json, type JsonObject, type Shape } from './shape.ts';

/** The live object with every field of the configuration set. Neither is changed; parts may be shared. */
export function structuredMerge(shape: Shape, live: Json | undefined, applied: Json): Json {
  const kind = resolveShape(shape, applied);
  if ((kind.kind === 'struct' || kind.kind === 'map') && isObject(live) && isObject(applied)) {
    const out: JsonObject = { ...live };
    for (const key of Object.keys(applied)) put(out, key, structuredMerge(shapeBelow(kind, key), own(live, key), applied[key]!));
    return out;
  }
  if (kind.kind === 'associative' && Array.isArray(live) && Array.isArray(applied)) return mergeItems(kind, live, applied);
  if (kind.kind === 'set' && Array.isArray(live) && Array.isArray(applied)) {
    const known = new Set(applied.map((item) => JSON.stringify(item)));
    return interleave(live.map((item) => ({ id: JSON.stringify(item), value: item })), applied.map((item) => ({ id: JSON.stringify(item), value: item })), known);
  }
  return applied;
}

interface Item {
  id: string;
  value: Json;
}

function mergeItems(shape: Extract<Shape, { kind: 'associative' }>, live: Json[], applied: Json[]): Json {
  // Items that cannot be told apart keep a name of their own, so that none is lost.
  const named = (items: Json[], side: string): Item[] => items.map((value, i) => ({ id: itemElement(shape, value) ?? `${side}${i}`, value }));
  const old = named(live, 'live');
  const before = new Map(old.map((item) => [item.id, item.value]));
  const fresh = named(applied, 'applied').map(({ id, value }) => ({ id, value: structuredMerge(shape.items, before.get(id), value) }));
  return interleave(old, fresh, new Set(fresh.map((item) => item.id)));
}

/** The applied order; items that only the live list has stay where they stood among their neighbours, new ones come after them. */
function interleave(live: Item[], applied: Item[], inApplied: ReadonlySet<string>): Json[] {
  const out: Json[] = [];
  const emitted = new Set<string>();
  let next = 0;
  const takeLiveOnly = (): void => {
    for (; next < live.length; next++) {
      const item = live[next]!;
      if (!inApplied.has(item.id)) out.push(item.value);
      else if (!emitted.has(item.id)) return;
    }
  };
  for (const item of applied) {
    takeLiveOnly();
    out.push(item.value);
    emitted.add(item.id);
  }
  takeLiveOnly();
  return out;
}

interface Ownership {
  /** What the manager applied last time. */
  last: FieldSet;
  /** What it applies now. */
  now: FieldSet | undefined;
  /** What anybody else owns. */
  others: FieldSet | undefined;
  /** What other managers apply: they want it there, though it be empty. */
  appliers: FieldSet | undefined;
}

/** Takes out of the merged object what the manager owned before, applies no longer, and nobody else owns. `object` is changed in place. */
export function prune(shape: Shape, object: Json, owned: Ownership): void {
  const kind = resolveShape(shape, object);
  for (const element in owned.last) {
    if (element === '.') continue;
    const below: Ownership = { last: owned.last[element]!, now: owned.now?.[element], others: owned.others?.[element], appliers: owned.appliers?.[element] };
    if (isObject(object) && element.startsWith('f:')) pruneKey(kind, object, element.slice(2), below);
    else if (Array.isArray(object)) pruneItem(kind, object, element, below);
  }
}

const hasNone = (value: Json): boolean => (Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0);
const leafSet = (set: FieldSet): boolean => Object.keys(set).every((element) => element === '.');

function pruneKey(kind: Shape, object: JsonObject, key: string, owned: Ownership): void {
  const value = own(object, key);
  if (value === undefined) return;
  if (leafSet(owned.last)) {
    if (!owned.now && !owned.others) delete object[key];
    return;
  }
  const hadSome = !hasNone(value);
  prune(shapeBelow(kind, key), value, owned);
  // What this has emptied goes too, though an update made it once: nobody would find it there at the next reading.
  if (!owned.now && hasNone(value) && !(hadSome ? owned.appliers : owned.others)) delete object[key];
}

function pruneItem(kind: Shape, list: Json[], element: string, owned: Ownership): void {
  if (kind.kind === 'set') {
    const at = list.findIndex((item) => `v:${JSON.stringify(item)}` === element);
    if (at >= 0 && !owned.now && !owned.others) list.splice(at, 1);
    return;
  }
  if (kind.kind !== 'associative') return;
  const at = list.findIndex((item) => itemElement(kind, item) === element);
  if (at < 0) return;
  const item = list[at] as JsonObject;
  const gone = !owned.now && !owned.others;
  if (kind.items.kind === 'atomic') {
    if (gone) list.splice(at, 1);
    return;
  }
  const keys = new Set(kind.keys.map((key) => `f:${key}`));
  // The keys hold an item together: they go last, and only with the item.
  const last = Object.fromEntries(Object.entries(owned.last).filter(([name]) => !keys.has(name)));
  prune(kind.items, item, { ...owned, last });
  const rest = Object.keys(item).filter((key) => !keys.has(`f:${key}`));
  if (gone && isMember(owned.last) && rest.length === 0) list.splice(at, 1);
}
