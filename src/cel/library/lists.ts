/** The lists extension. `sortBy` is a macro that ends here. */
import { compare, equals } from '../compare.ts';
import type { Whole } from '../numbers.ts';
import { CelError } from '../types.ts';
import { ArrayList, ListValue, none, Optional, type Value } from '../values.ts';
import { overload, type Measure, type Overload, type OverloadOptions } from './declare.ts';

/** What a call and the making of its list cost beside the items. */
const listCost = 11;
/** Items of a list that a function makes. */
export const maxItems = 1_000_000;

function slice(list: ListValue, from: Whole, to: Whole): Value {
  if (from < 0 || to < 0) throw new CelError(`cannot slice(${from}, ${to}), negative indexes not supported`);
  if (from > to) throw new CelError(`cannot slice(${from}, ${to}), start index must be less than or equal to end index`);
  if (to > list.size) throw new CelError(`cannot slice(${from}, ${to}), list is length ${list.size}`);
  return new ArrayList([...list].slice(Number(from), Number(to)));
}

function flatten(list: ListValue, depth: Whole = 1): Value {
  if (depth < 0) throw new CelError('level must be non-negative');
  const items: Value[] = [];
  const add = (from: ListValue, left: number): void => {
    for (const item of from) {
      if (item instanceof ListValue && left > 0) add(item, left - 1);
      else items.push(item);
      if (items.length > maxItems) throw new CelError('the result of flatten() is too long');
    }
  };
  add(list, Number(depth));
  return new ArrayList(items);
}

function distinct(list: ListValue): Value {
  const items: Value[] = [];
  const plain = new Set<Value>();
  for (const item of list) {
    const known = typeof item === 'string' || typeof item === 'boolean' ? plain.has(item) : items.some((other) => equals(other, item));
    if (known) continue;
    plain.add(item);
    items.push(item);
  }
  return new ArrayList(items);
}

function range(count: Whole): Value {
  if (count < 0) throw new CelError(`lists.range: size must be non-negative, got ${count}`);
  if (count > maxItems) throw new CelError(`lists.range: size ${count} exceeds maximum allowed (${maxItems})`);
  return new ArrayList(Array.from({ length: Number(count) }, (_, i) => i));
}

function sorted(items: readonly Value[], keys: readonly Value[]): Value {
  const first = keys[0];
  if (first !== undefined && keys.some((key) => kindOf(key) !== kindOf(first))) throw new CelError('list elements must have the same type');
  return new ArrayList(items.map((item, i) => ({ item, key: keys[i]! })).sort((a, b) => compare(a.key, b.key)).map(({ item }) => item));
}

const kindOf = (value: Value): string => (typeof value === 'object' ? (value?.constructor.name ?? 'null') : typeof value === 'bigint' ? 'number' : typeof value);

const SORTABLE = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'];

export function listLibrary(): Overload[] {
  const made = (items: (measure: Measure) => number): OverloadOptions => ({ cost: (measure) => listCost + items(measure) });
  const all = made((measure) => measure.size(0));
  // Each level goes through what it was given.
  const levels = made((measure) => measure.size(0) * measure.number(1));
  // What is refused costs next to nothing.
  const counted = made((measure) => (measure.number(0) > maxItems ? 1 : measure.number(0)));
  const sliced = made((measure) => (measure.number(2) > measure.size(0) ? 1 : measure.number(2) - measure.number(1)));
  // Each item with each other; of texts each comparison counts a little more.
  const square = (list: number): OverloadOptions => made((measure) => Math.floor((measure.holdsText(list) ? 2.1 : 2) * measure.size(list) * measure.size(list)));
  return [
    overload('slice', 'list(A).(int, int) -> list(A)', slice, sliced),
    overload('flatten', 'list(list(A)).() -> list(A)', flatten, all),
    overload('flatten', 'list(dyn).(int) -> list(dyn)', flatten, levels),
    overload('distinct', 'list(A).() -> list(A)', distinct, square(0)),
    overload('lists.range', '(int) -> list(int)', range, counted),
    overload('reverse', 'list(A).() -> list(A)', (list: ListValue) => new ArrayList([...list].toReversed()), all),
    overload('first', 'list(A).() -> optional(A)', (list: ListValue) => (list.size === 0 ? none : new Optional(list.at(0)))),
    overload('last', 'list(A).() -> optional(A)', (list: ListValue) => (list.size === 0 ? none : new Optional(list.at(list.size - 1)))),
    ...SORTABLE.flatMap((type) => [
      overload('sort', `list(${type}).() -> list(${type})`, (list: ListValue) => sorted([...list], [...list]), square(0)),
      overload('@sortByAssociatedKeys', `list(A).(list(${type})) -> list(A)`, (list: ListValue, keys: ListValue) => sorted([...list], [...keys]), square(1)),
    ]),
  ];
}
