/** Merging an applied configuration into a live object, and taking fields out of an object (KEP-555). */
import { own, setOwn } from '../../base/own.ts';
import { isEmptySet, isMember, shapeAt, type FieldSet } from './field-set.ts';
import { elementOf, isObject, itemsOf, resolveShape, shapeBelow, type Json, type JsonObject, type Shape } from './shape.ts';

type ListShape = Extract<Shape, { kind: 'associative' | 'set' }>;

const holdsSome = (value: Json | undefined): boolean => (Array.isArray(value) ? value.length > 0 : isObject(value) && Object.keys(value).length > 0);

/** The live object with every field of the configuration set. Neither is changed; parts may be shared. Nothing is taken away by it: null and empty leave what is there. */
export function structuredMerge(shape: Shape, live: Json | undefined, applied: Json): Json {
  const kind = resolveShape(shape, applied ?? live);
  if ((kind.kind === 'struct' || kind.kind === 'map') && isObject(live)) {
    if (isObject(applied)) {
      const out: JsonObject = { ...live };
      for (const key of Object.keys(applied)) setOwn(out, key, structuredMerge(shapeBelow(kind, key), own(live, key), applied[key]!));
      return out;
    }
    return applied === null && holdsSome(live) ? live : applied;
  }
  if ((kind.kind === 'associative' || kind.kind === 'set') && Array.isArray(live)) {
    if (Array.isArray(applied)) return mergeItems(kind, live, applied);
    return applied === null && holdsSome(live) ? live : applied;
  }
  return applied;
}

interface Item {
  element: string;
  value: Json;
}

/** Items that cannot be told apart keep a name of their own, so that none is lost. */
const named = (shape: ListShape, items: Json[], side: string): Item[] => items.map((value, i) => ({ element: elementOf(shape, value) ?? `${side}${i}`, value }));

/**
 * The order of two lists become one: where both have an item, those stand as the configuration has them; what only the live list has stays before the item
 * that it stood before, and what is new comes where the configuration has it.
 */
function mergeItems(shape: ListShape, live: Json[], applied: Json[]): Json[] {
  const [old, fresh] = [named(shape, live, 'live'), named(shape, applied, 'applied')];
  const before = new Map<string, Json | undefined>();
  // Twins are not merged: which of them would it be?
  for (const { element, value } of old) before.set(element, before.has(element) ? undefined : value);
  const wanted = new Set(fresh.map(({ element }) => element));
  const common = fresh.map(({ element }) => element).filter((element) => before.has(element));
  const taken = new Set<string>();
  const out: Json[] = [];
  let [l, r, c] = [0, 0, 0];
  const take = (): void => {
    const { element, value } = fresh[r++]!;
    taken.add(element);
    out.push(shape.kind === 'set' ? value : structuredMerge(itemsOf(shape), before.get(element), value));
  };
  while (l < old.length || r < fresh.length) {
    const mine = old[l]?.element;
    if (mine !== undefined && r < fresh.length) {
      if (mine === fresh[r]!.element) {
        take();
        l++;
        c++;
        continue;
      }
      // Wanted, but another one that both have comes first.
      if (wanted.has(mine) && c < common.length && common[c] !== mine) {
        l++;
        continue;
      }
    }
    if (mine !== undefined) {
      if (!wanted.has(mine)) {
        out.push(old[l++]!.value);
        continue;
      }
      if (taken.has(mine)) l++;
    }
    if (r < fresh.length) {
      if (c < common.length && common[c] === fresh[r]!.element) c++;
      take();
    }
  }
  return out;
}

/** The value without the members of the set. What nothing is left of becomes null, and so does a value that is taken as one and of which parts are named. */
export function withoutItems(shape: Shape, value: Json, set: FieldSet): Json {
  const kind = resolveShape(shape, value);
  if (Array.isArray(value)) return kind.kind === 'associative' || kind.kind === 'set' ? listWithout(kind, value, set) : null;
  if (!isObject(value)) return value;
  if (kind.kind !== 'struct' && kind.kind !== 'map') return null;
  const out: JsonObject = {};
  let any = false;
  for (const key in value) {
    const node = Object.hasOwn(set, `f:${key}`) ? set[`f:${key}`] : undefined;
    if (node !== undefined && isMember(node)) continue;
    setOwn(out, key, node === undefined ? value[key]! : withoutItems(shapeBelow(kind, key), value[key]!, node));
    any = true;
  }
  return any ? out : null;
}

function listWithout(shape: ListShape, items: Json[], set: FieldSet): Json {
  const out: Json[] = [];
  for (const item of items) {
    const element = elementOf(shape, item);
    const node = element === undefined ? undefined : set[element];
    if (node === undefined) out.push(item);
    else if (!isMember(node)) out.push(withoutItems(itemsOf(shape), item, node));
  }
  return out.length > 0 ? out : null;
}

/**
 * A set of fields as the shape has them today: what was many fields once and is one value now is owned as that one value. The same set where nothing is
 * different.
 */
export function reconciled(shape: Shape, set: FieldSet): FieldSet {
  let out: FieldSet | undefined;
  const kind = resolveShape(shape, {});
  for (const element in set) {
    const node = set[element]!;
    if (element === '.' || isEmptySet(node) || (!element.startsWith('f:') && kind.kind !== 'associative')) continue;
    const below = shapeAt(kind, element);
    const only = '.' in node && Object.keys(node).length === 1;
    const now = below.kind === 'atomic' ? (only ? node : {}) : reconciled(below, node);
    if (now !== node) (out ??= { ...set })[element] = now;
  }
  return out ?? set;
}
