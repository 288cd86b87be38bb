/**
 * Sets of fields in the form that `managedFields` carries (FieldsV1): `{"f:spec":{"f:replicas":{}}}`. A node is a member when it holds `.`, or when it
 * holds nothing. https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
import { parseExactly } from '../../api/exact-json.ts';
import { findSchema } from '../../api/schema.ts';
import { atomic, deduced, elementOf, isObject, resolveShape, stepTo, type Json, type JsonObject, type Shape } from './shape.ts';

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
    const element = elementOf(shape, item);
    if (element === undefined) continue;
    // What is there twice is one member as a whole.
    out[element] = element in out ? {} : shape.kind === 'set' ? {} : { [self]: {}, ...fieldSetOf(shape.items, item) };
  }
  return out;
}

/** Whether a value is of a shape with members of its own to look at. */
const isGranular = (kind: Shape): boolean => kind.kind !== 'atomic' && kind.kind !== 'deduced';

/** All fields that a value sets, as an apply request owns them. A list that is merged item by item, and has none, sets nothing. */
export function fieldSetOf(shape: Shape, value: Json): FieldSet {
  const kind = resolveShape(shape, value);
  if (Array.isArray(value)) return kind.kind === 'associative' || kind.kind === 'set' ? listSet(kind, value) : {};
  if (!isObject(value) || (kind.kind !== 'struct' && kind.kind !== 'map')) return {};
  const out: FieldSet = {};
  for (const key in value) {
    const { element, shape: below } = stepTo(kind, key);
    const held = value[key]!;
    const node = fieldSetOf(below, held);
    const named = kind.kind === 'struct' && (kind.has === undefined || kind.has(key));
    if (!isLeaf(node)) out[element] = named ? node : { [self]: {}, ...node };
    else if (!named || !isGranular(resolveShape(below, held)) || isMemberThoughEmpty(held)) out[element] = node;
  }
  return out;
}

/** Nothing, and objects with nothing in them, are values of their own. */
const isMemberThoughEmpty = (value: Json): boolean => value === null || (isObject(value) && Object.keys(value).length === 0);

/** The set with its named fields as members that are only there for what is below them. */
export function withNamedFields(shape: Shape, set: FieldSet): FieldSet {
  const kind = resolveShape(shape, {});
  const out: FieldSet = {};
  for (const element in set) {
    const node = set[element]!;
    if (element === self || isLeaf(node)) {
      out[element] = node;
      continue;
    }
    const below = withNamedFields(shapeAt(kind, element), node);
    out[element] = self in below || !isNamedField(kind, element) ? below : { [self]: {}, ...below };
  }
  return out;
}

function isNamedField(kind: Shape, element: string): boolean {
  if (kind.kind !== 'struct' || !element.startsWith('f:')) return false;
  return kind.has === undefined ? findSchema(kind.type)?.byName.has(element.slice(2)) === true : kind.has(element.slice(2));
}

/** The shape of what a path element leads to. */
export function shapeAt(kind: Shape, element: string): Shape {
  if (element.startsWith('f:')) return kind.kind === 'struct' || kind.kind === 'map' ? stepTo(kind, element.slice(2)).shape : deduced;
  return kind.kind === 'associative' ? kind.items : atomic;
}

/** Whether every member of `a` is one of `b`. */
export function isWithin(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  for (const element in a) {
    if (element === self) continue;
    const [mine, other] = [a[element]!, b[element]];
    if (other === undefined || (isMember(mine) && !isMember(other)) || !isWithin(mine, other)) return false;
  }
  return true;
}

/** Whether both have the same members, in whatever order. */
export const sameMembers = (a: FieldSet, b: FieldSet): boolean => isWithin(a, b) && isWithin(b, a);
