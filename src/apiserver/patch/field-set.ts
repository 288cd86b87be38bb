/**
 * Sets of fields in the form that `managedFields` carries (FieldsV1): `{"f:spec":{"f:replicas":{}}}`. A node is a member when it holds `.`, or when it
 * holds nothing. https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
import { parseExactly } from '../../api/exact-json.ts';
import { isObject, itemElement, resolveShape, stepTo, type Json, type JsonObject, type Shape } from './shape.ts';

export interface FieldSet {
  [element: string]: FieldSet;
}

const self = '.';

export const isMember = (node: FieldSet): boolean => self in node || isLeaf(node);
const elementsOf = (node: FieldSet): string[] => Object.keys(node).filter((element) => element !== self);

function isLeaf(node: FieldSet): boolean {
  for (const _ in node) return false;
  return true;
}

/** No member at all. The set itself is never a member of itself: an empty object at the top is the empty set. */
export const isEmptySet = (set: FieldSet): boolean => isLeaf(set);

export function union(a: FieldSet, b: FieldSet): FieldSet {
  const out: FieldSet = { ...a };
  for (const element of elementsOf(b)) {
    const [mine, other] = [a[element], b[element]!];
    out[element] = mine === undefined ? other : joined(mine, other);
  }
  return out;
}

function joined(a: FieldSet, b: FieldSet): FieldSet {
  if (isLeaf(a) && isLeaf(b)) return a;
  const out = union(a, b);
  if (isMember(a) || isMember(b)) out[self] = {};
  return out;
}

/** Members of `a` that are not members of `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (_inA, inB) => !inB, true);
}

/** The set of the field at the end of the steps. */
export const onlyField = (steps: readonly string[]): FieldSet => steps.toReversed().reduce<FieldSet>((below, step) => ({ [`f:${step}`]: below }), {});

/** Without the field at the end of the steps; undefined where it was no member. */
export function withoutField(set: FieldSet, steps: readonly string[]): FieldSet | undefined {
  const field = onlyField(steps);
  return isEmptySet(intersection(set, field)) ? undefined : difference(set, field);
}

/** Members of both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (_inA, inB) => inB, false);
}

/** Members of `a` that pass; where `b` has nothing below, the whole of `a` stays when `keepAbsent`. */
function combine(a: FieldSet, b: FieldSet, keep: (inA: boolean, inB: boolean) => boolean, keepAbsent: boolean): FieldSet {
  const out: FieldSet = {};
  for (const element of elementsOf(a)) {
    const [mine, other] = [a[element]!, b[element]];
    if (other === undefined) {
      if (keepAbsent) out[element] = mine;
      continue;
    }
    const below = combine(mine, other, keep, keepAbsent);
    const stays = isMember(mine) && keep(true, isMember(other));
    if (!stays && isLeaf(below)) continue;
    if (stays && !isLeaf(below)) below[self] = {};
    if (!stays && self in below) delete below[self];
    out[element] = below;
  }
  return out;
}

/** Members of `a` that are members of `b`, or lie below one of them. */
export function withinOrBelow(a: FieldSet, b: FieldSet): FieldSet {
  const out: FieldSet = {};
  for (const element of elementsOf(a)) {
    const [mine, other] = [a[element]!, b[element]];
    if (other === undefined) continue;
    const found = isMember(other) ? mine : withinOrBelow(mine, other);
    if (isMember(other) || !isLeaf(found)) out[element] = found;
  }
  return out;
}

/** Every member as a list of path elements: those of one place in their order, then what is below them. */
export function pathsOf(set: FieldSet): string[][] {
  const paths: string[][] = [];
  const walk = (node: FieldSet, path: readonly string[]): void => {
    const elements = elementsOf(node).sort(compareElements);
    for (const element of elements) if (isMember(node[element]!)) paths.push([...path, element]);
    for (const element of elements) walk(node[element]!, [...path, element]);
  };
  walk(set, []);
  return paths;
}

type Scalar = string | number | boolean | null;

/** Numbers before texts before truths before nothing, as upstream ranks values that lie in lists. */
function compareScalars(a: Scalar, b: Scalar): number {
  const rank = (value: Scalar): number => (typeof value === 'number' ? 0 : typeof value === 'string' ? 1 : typeof value === 'boolean' ? 2 : 3);
  return rank(a) - rank(b) || (a === b || a === null || b === null ? 0 : a < b ? -1 : 1);
}

function compareKeys(a: Record<string, Scalar>, b: Record<string, Scalar>): number {
  const [mine, other] = [Object.keys(a).sort(), Object.keys(b).sort()];
  for (let i = 0; i < mine.length && i < other.length; i++) {
    const [x, y] = [mine[i]!, other[i]!];
    const order = x === y ? compareScalars(a[x]!, b[y]!) : x < y ? -1 : 1;
    if (order !== 0) return order;
  }
  return mine.length - other.length;
}

/** Names first, then items by their keys, by their value, by their place: each by what they say, so that port 80 comes before port 443. */
function compareElements(a: string, b: string): number {
  const [kind, other] = [a.charCodeAt(0), b.charCodeAt(0)];
  if (kind !== other || kind === 0x66 || a === b) return kind === other ? (a < b ? -1 : a > b ? 1 : 0) : '.fkvi'.indexOf(a[0]!) - '.fkvi'.indexOf(b[0]!);
  try {
    const [mine, theirs] = [JSON.parse(a.slice(2)) as never, JSON.parse(b.slice(2)) as never];
    return kind === 0x6b ? compareKeys(mine, theirs) : compareScalars(mine, theirs);
  } catch {
    // Clients may write managedFields themselves, and write anything.
    return a < b ? -1 : 1;
  }
}

/** The set with its elements in the order in which upstream writes them; the same value where they are in it already. */
export function inFieldOrder(set: FieldSet): FieldSet {
  const elements = Object.keys(set);
  // A member without anything below it needs no mark.
  if (elements.length === 1 && elements[0] === self) return {};
  let ordered = true;
  let same = true;
  const below = elements.map((element, i) => {
    if (i > 0 && ordered && compareElements(elements[i - 1]!, element) > 0) ordered = false;
    const node = set[element]!;
    const inOrder = isLeaf(node) ? node : inFieldOrder(node);
    if (inOrder !== node) same = false;
    return inOrder;
  });
  if (ordered && same) return set;
  const out: FieldSet = {};
  const places = elements.map((_, i) => i);
  if (!ordered) places.sort((a, b) => compareElements(elements[a]!, elements[b]!));
  for (const i of places) out[elements[i]!] = below[i]!;
  return out;
}

function keysText(keys: string): string {
  try {
    return Object.entries(parseExactly(keys) as JsonObject).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',');
  } catch {
    // Clients may write managedFields themselves, and write anything.
    return keys;
  }
}

/** Deeper than any object that the API takes. */
const maxDepth = 100;

/** Whether a value that came from a client is a set of fields at all. */
export function isFieldSet(value: unknown, depth = 0): value is FieldSet {
  if (!isObject(value) || depth > maxDepth) return false;
  for (const element of Object.keys(value)) if (!/^(?:\.$|[fkvi]:)/.test(element) || !isFieldSet(value[element], depth + 1)) return false;
  return true;
}

/** `.spec.containers[name="web"].image`, as conflict messages show a field. */
export function pathText(path: readonly string[]): string {
  return path.map((element) => {
    const value = element.slice(2);
    if (element.startsWith('f:')) return `.${value}`;
    if (element.startsWith('k:')) return `[${keysText(value)}]`;
    return `[${element.startsWith('v:') ? `=${value}` : value}]`;
  }).join('');
}

function listSet(shape: Extract<Shape, { kind: 'associative' | 'set' }>, value: Json[]): FieldSet {
  const out: FieldSet = {};
  for (const item of value) {
    if (shape.kind === 'set') {
      out[`v:${JSON.stringify(item)}`] = {};
      continue;
    }
    const element = itemElement(shape, item);
    if (element !== undefined) out[element] = { [self]: {}, ...fieldSetOf(shape.items, item) };
  }
  return out;
}

/** All fields that a value sets, as an apply request owns them. */
export function fieldSetOf(shape: Shape, value: Json): FieldSet {
  const kind = resolveShape(shape, value);
  if (Array.isArray(value)) return kind.kind === 'associative' || kind.kind === 'set' ? listSet(kind, value) : {};
  if (!isObject(value) || (kind.kind !== 'struct' && kind.kind !== 'map')) return {};
  const out: FieldSet = {};
  for (const key in value) {
    const { element, shape: below } = stepTo(kind, key);
    const node = fieldSetOf(below, value[key]!);
    if (kind.kind === 'map' && !isLeaf(node)) node[self] = {};
    out[element] = node;
  }
  return out;
}

/** What changed between two values. `changed`: added or modified members; `removed`: members that are gone. */
export interface Comparison {
  changed: FieldSet;
  removed: FieldSet;
}

export function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}

/** The members that appear with a value that was not there before, its containers included. */
function appeared(shape: Shape, value: Json, present: boolean): FieldSet {
  const kind = resolveShape(shape, value);
  const out: FieldSet = {};
  if (Array.isArray(value) && (kind.kind === 'associative' || kind.kind === 'set')) Object.assign(out, appearedItems(kind, value));
  else if (isObject(value) && (kind.kind === 'struct' || kind.kind === 'map')) {
    for (const key in value) {
      const { element, shape: below, present: always } = stepTo(kind, key);
      out[element] = appeared(below, value[key]!, always);
    }
  }
  if (!isLeaf(out) && !present) out[self] = {};
  return out;
}

function appearedItems(shape: Extract<Shape, { kind: 'associative' | 'set' }>, items: Json[]): FieldSet {
  const out: FieldSet = {};
  for (const item of items) {
    if (shape.kind === 'set') out[`v:${JSON.stringify(item)}`] = {};
    else {
      const element = itemElement(shape, item);
      if (element !== undefined) out[element] = appeared(shape.items, item, false);
    }
  }
  return out;
}

function indexItems(shape: Extract<Shape, { kind: 'associative' | 'set' }>, items: Json[]): Map<string, Json> {
  const out = new Map<string, Json>();
  for (const item of items) {
    const element = shape.kind === 'set' ? `v:${JSON.stringify(item)}` : itemElement(shape, item);
    if (element !== undefined) out.set(element, item);
  }
  return out;
}

interface Child {
  value: Json;
  shape: Shape;
  present: boolean;
}

function childrenOf(kind: Shape, value: Json | undefined): Map<string, Child> | undefined {
  if (Array.isArray(value) && (kind.kind === 'associative' || kind.kind === 'set')) {
    const items = kind.kind === 'associative' ? kind.items : ({ kind: 'atomic' } as const);
    return new Map([...indexItems(kind, value)].map(([element, item]) => [element, { value: item, shape: items, present: false }]));
  }
  if (isObject(value) && (kind.kind === 'struct' || kind.kind === 'map')) {
    const children = new Map<string, Child>();
    for (const key of Object.keys(value)) {
      const { element, shape, present } = stepTo(kind, key);
      children.set(element, { value: value[key]!, shape, present });
    }
    return children;
  }
  return undefined;
}

/** Compares an object before and after a write. */
export function compare(shape: Shape, before: Json | undefined, after: Json | undefined): Comparison {
  const kind = resolveShape(shape, after ?? before);
  const [old, fresh] = [childrenOf(kind, before), childrenOf(kind, after)];
  const changed: FieldSet = {};
  const removed: FieldSet = {};
  if (!old || !fresh) return { changed, removed };
  for (const [element, now] of fresh) {
    const was = old.get(element);
    if (was === undefined) changed[element] = appeared(now.shape, now.value, now.present);
    else if (!same(was.value, now.value)) compareChild(element, now.shape, was.value, now.value, { changed, removed });
  }
  for (const [element, was] of old) if (!fresh.has(element)) removed[element] = { ...fieldSetOf(was.shape, was.value), [self]: {} };
  return { changed, removed };
}

function compareChild(element: string, shape: Shape, was: Json, now: Json, into: Comparison): void {
  const kind = resolveShape(shape, now);
  if (!childrenOf(kind, was) || !childrenOf(kind, now)) {
    into.changed[element] = {};
    return;
  }
  const below = compare(shape, was, now);
  if (!isLeaf(below.changed)) into.changed[element] = below.changed;
  if (!isLeaf(below.removed)) into.removed[element] = below.removed;
}
