/** What a write changes: every field and item that comes, goes, or has another value afterwards. */
import { own } from '../../base/own.ts';
import { isEmptySet, type FieldSet } from './field-set.ts';
import { deduced, elementOf, isObject, itemsOf, nullFields, resolveShape, stepTo, type Json, type Shape } from './shape.ts';

/** What changed between two values. `changed`: added or modified members; `removed`: members that are gone. Containers that come or go are members too. */
export interface Comparison {
  changed: FieldSet;
  removed: FieldSet;
}

type ListShape = Extract<Shape, { kind: 'associative' | 'set' }>;

const self = '.';

/** Whether two values are the same JSON. */
export function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}

const isEmpty = (value: Json | undefined): boolean => {
  if (Array.isArray(value)) return value.length === 0;
  if (!isObject(value)) return true;
  for (const _ in value) return false;
  return true;
};

/**
 * Compares an object before and after a write. `whole`: what comes after is an object that was read, and has all that such objects always have;
 * otherwise a field that is not there has been taken away.
 */
export function compare(shape: Shape, before: Json | undefined, after: Json | undefined, whole = true): Comparison {
  const found: Comparison = { changed: {}, removed: {} };
  if (!same(before, after)) compareWithin(shape, before, after, found, whole);
  return found;
}

/** One place that differs: is it a leaf, or are there members to look at? Notes it under its element. */
function compareAt(element: string, shape: Shape, before: Json | undefined, after: Json | undefined, into: Comparison, whole: boolean): void {
  if (shape.kind === 'atomic') {
    (after === undefined ? into.removed : into.changed)[element] = {};
    return;
  }
  const below: Comparison = { changed: {}, removed: {} };
  const isLeaf = compareWithin(shape, before, after, below, whole);
  const isMember = isLeaf || before === undefined || after === undefined;
  note(into.changed, element, below.changed, isMember && after !== undefined);
  note(into.removed, element, below.removed, isMember && after === undefined);
}

function note(set: FieldSet, element: string, below: FieldSet, isMember: boolean): void {
  if (isEmptySet(below)) {
    if (isMember) set[element] = {};
    return;
  }
  if (isMember) below[self] = {};
  set[element] = below;
}

/** Looks at the members of two values of one place. Answers whether the place is to be taken as one value. */
function compareWithin(shape: Shape, before: Json | undefined, after: Json | undefined, into: Comparison, whole: boolean): boolean {
  if (shape.kind === 'deduced') return compareUntyped(before, after, into, whole);
  switch (shape.kind) {
    case 'struct':
    case 'map': {
      // A struct that comes or goes takes along what it has though nobody sees it.
      const silent = before === undefined || after === undefined ? nullFields(shape) : [];
      if (silent.length === 0 && isEmpty(before) && isEmpty(after)) return true;
      compareKeys(shape, before, after, into, whole, silent);
      return false;
    }
    case 'associative':
    case 'set': {
      const [old, fresh] = [Array.isArray(before) ? before : [], Array.isArray(after) ? after : []];
      if (old.length === 0 && fresh.length === 0) return true;
      compareItems(shape, old, fresh, into, whole);
      return false;
    }
    default:
      return true;
  }
}

/** Where no schema says what is there, a value that becomes one of another sort is changed as a whole, and its members come or go. */
function compareUntyped(before: Json | undefined, after: Json | undefined, into: Comparison, whole: boolean): boolean {
  const [old, fresh] = [resolveShape(deduced, before), resolveShape(deduced, after)];
  const [nothingBefore, nothingAfter] = [before === undefined || before === null, after === undefined || after === null];
  if (old.kind === 'map' && (fresh.kind === 'map' || nothingAfter)) return compareWithin(old, before, after, into, whole);
  if (fresh.kind === 'map' && nothingBefore) return compareWithin(fresh, before, after, into, whole);
  if (old.kind === 'map') compareWithin(old, before, null, into, whole);
  if (fresh.kind === 'map') compareWithin(fresh, null, after, into, whole);
  return true;
}

function compareKeys(shape: Shape, before: Json | undefined, after: Json | undefined, into: Comparison, whole: boolean, silent: readonly string[]): void {
  const old = isObject(before) ? before : undefined;
  const fresh = isObject(after) ? after : undefined;
  if (fresh !== undefined) {
    for (const key in fresh) {
      const now = fresh[key]!;
      let was = old === undefined ? undefined : own(old, key);
      if (was !== undefined && same(was, now)) continue;
      const { element, shape: below, zero } = stepTo(shape, key);
      if (was === undefined && old !== undefined && zero !== undefined) {
        was = zero;
        if (same(was, now)) continue;
      }
      compareAt(element, below, was, now, into, whole);
    }
  }
  if (old !== undefined) {
    for (const key in old) {
      if (fresh !== undefined && Object.hasOwn(fresh, key)) continue;
      const { element, shape: below, zero } = stepTo(shape, key);
      const now = whole && fresh !== undefined ? zero : undefined;
      if (now === undefined || !same(old[key], now)) compareAt(element, below, old[key]!, now, into, whole);
    }
  }
  for (const key of silent) {
    if ((fresh !== undefined && Object.hasOwn(fresh, key)) || (old !== undefined && Object.hasOwn(old, key))) continue;
    const { element, shape: below } = stepTo(shape, key);
    compareAt(element, below, before === undefined ? undefined : null, after === undefined ? undefined : null, into, whole);
  }
}

/** Items by their element, those with the same one together. */
function itemsByElement(shape: ListShape, items: readonly Json[]): Map<string, Json[]> {
  const found = new Map<string, Json[]>();
  for (const item of items) {
    const element = elementOf(shape, item);
    if (element === undefined) continue;
    const twins = found.get(element);
    if (twins === undefined) found.set(element, [item]);
    else twins.push(item);
  }
  return found;
}

const noItems: readonly Json[] = [];

function compareItems(shape: ListShape, before: readonly Json[], after: readonly Json[], into: Comparison, whole: boolean): void {
  const [old, fresh] = [itemsByElement(shape, before), itemsByElement(shape, after)];
  const below = itemsOf(shape);
  for (const [element, now] of fresh) {
    const was = old.get(element) ?? noItems;
    if (was.length === 1 && now.length === 1 && same(was[0], now[0])) continue;
    if (was.length <= 1 && now.length === 1) compareAt(element, below, was[0], now[0], into, whole);
    else compareTwins(element, below, was, now, into, whole);
  }
  for (const [element, was] of old) {
    if (fresh.has(element)) continue;
    if (was.length === 1) compareAt(element, below, was[0], undefined, into, whole);
    else compareTwins(element, below, was, noItems, into, whole);
  }
}

/** Items that are there more than once, before or after, are one value: nobody could say which of them is meant. */
function compareTwins(element: string, below: Shape, was: readonly Json[], now: readonly Json[], into: Comparison, whole: boolean): void {
  if (was.length > 1 && now.length > 1) {
    if (!same(was as Json[], now as Json[])) into.changed[element] = {};
    return;
  }
  if (was.length > 1) {
    if (now.length === 1) compareAt(element, below, undefined, now[0], into, whole);
    into.removed[element] = {};
    return;
  }
  if (was.length === 1) compareAt(element, below, was[0], undefined, into, whole);
  into.changed[element] = {};
}

