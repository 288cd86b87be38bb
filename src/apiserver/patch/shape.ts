/** How a value is put together, as far as merging cares: the schema's view of one place in an object. */
import { own } from '../../base/own.ts';
import { missingOf } from '../../api/decode.ts';
import { goJson } from '../../api/meta/field.ts';
import { findSchema, type FieldSchema } from '../../api/schema.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/**
 * `struct`: named fields of different types. `map`: any keys, one type. `associative`: a list of objects told apart by keys. `set`: a list of
 * scalars, each at most once. `atomic`: taken or left as one value.
 */
export type Shape =
  | { kind: 'struct'; type: string; /** In place of a type's fields, where a custom resource's schema says what is below. */ below?: (key: string) => Shape; /** With `below`: the field that is there whatever a client writes. */ always?: string; /** With `below`: whether the schema has a field of this name. */ has?: (key: string) => boolean }
  | { kind: 'map'; values: Shape }
  | { kind: 'associative'; items: Shape; keys: readonly string[]; type: string; /** Of keys that may be left out (custom resources). */ defaults?: JsonObject }
  | { kind: 'set' }
  | { kind: 'atomic' }
  /** Nothing is known (custom resources without a schema): objects are maps, lists are atomic. */
  | { kind: 'deduced' };

export const atomic: Shape = { kind: 'atomic' };
export const deduced: Shape = { kind: 'deduced' };

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The shape of a whole object of a named type; `deduced` for a type that has no schema. */
export function shapeOfType(name: string): Shape {
  const schema = findSchema(name);
  if (!schema) return deduced;
  return schema.atomic ? atomic : { kind: 'struct', type: name };
}

function itemShape(field: FieldSchema): Shape {
  return field.type === 'object' && field.ref !== undefined ? shapeOfType(field.ref) : atomic;
}

const byField = new WeakMap<FieldSchema, Shape>();

function computeShape(field: FieldSchema): Shape {
  if (field.shape === 'map') return field.mapType === 'atomic' ? atomic : { kind: 'map', values: itemShape(field) };
  if (field.shape === 'list') {
    if (field.listType === 'set') return { kind: 'set' };
    if (field.listType === 'map' && field.ref !== undefined) return { kind: 'associative', items: itemShape(field), keys: field.listKeys ?? [], type: field.ref };
    return atomic;
  }
  if (field.mapType === 'atomic') return atomic;
  return itemShape(field);
}

export function shapeOfField(field: FieldSchema): Shape {
  let shape = byField.get(field);
  if (!shape) byField.set(field, (shape = computeShape(field)));
  return shape;
}

/** The shape below a key of an object-like shape. */
export function shapeBelow(shape: Shape, key: string): Shape {
  if (shape.kind === 'struct') {
    if (shape.below !== undefined) return shape.below(key);
    const field = findSchema(shape.type)?.byName.get(key);
    return field ? shapeOfField(field) : deduced;
  }
  if (shape.kind === 'map') return shape.values;
  return deduced;
}

/** What a shape is for an actual value: `deduced` turns into map or atomic. */
export function resolveShape(shape: Shape, value: Json | undefined): Shape {
  if (shape.kind !== 'deduced') return shape;
  return isObject(value) ? { kind: 'map', values: deduced } : atomic;
}

/** What a struct that nobody has filled in holds in this field; undefined where such a struct has not got the field. */
function zeroBelow(shape: Shape, key: string): Json | undefined {
  if (shape.kind !== 'struct') return undefined;
  if (shape.below !== undefined) return key === shape.always ? {} : undefined;
  const field = findSchema(shape.type)?.byName.get(key);
  return field && zeroOfField(field);
}

function zeroOfField(field: FieldSchema): Json | undefined {
  if (field.typeMeta === true || field.omitZero === true) return undefined;
  const missing = missingOf(field);
  if (missing !== undefined) return missing() as Json;
  if (field.pointer || field.shape !== 'one') return field.omitEmpty ? undefined : null;
  // Times and raw values are structs: never empty, so never left out.
  return field.type === 'time' || field.type === 'microTime' || field.type === 'raw' || !field.omitEmpty ? null : undefined;
}

const nulls = new Map<string, readonly string[]>();

/** Fields of a program's own type that hold nothing and are there all the same: reading an object leaves them out. */
export function nullFields(shape: Shape): readonly string[] {
  if (shape.kind !== 'struct' || shape.below !== undefined) return [];
  let found = nulls.get(shape.type);
  if (found === undefined) {
    found = (findSchema(shape.type)?.fields ?? []).filter((field) => zeroOfField(field) === null).map(({ name }) => name);
    nulls.set(shape.type, found);
  }
  return found;
}

/** One step down: its path element, and what is below. */
export interface Step {
  element: string;
  shape: Shape;
  /** What a struct that nobody has filled in holds here; undefined: nothing. Not to be changed. */
  zero: Json | undefined;
}

/** The steps below the program's own types, which every write takes: looked up once each. There are as many as the types have fields. */
const steps = new Map<string, Map<string, Step>>();

const makeStep = (shape: Shape, key: string): Step => ({ element: `f:${key}`, shape: shapeBelow(shape, key), zero: zeroBelow(shape, key) });

/** The step to a key of an object-like shape. */
export function stepTo(shape: Shape, key: string): Step {
  if (shape.kind !== 'struct' || shape.below !== undefined) return makeStep(shape, key);
  let known = steps.get(shape.type);
  if (known === undefined) steps.set(shape.type, (known = new Map()));
  let step = known.get(key);
  if (step === undefined) {
    step = makeStep(shape, key);
    // What clients make up is not remembered.
    if (findSchema(shape.type)?.byName.has(key) === true) known.set(key, step);
  }
  return step;
}

/** Sorted, once for each list of keys that a schema has. */
const sortedKeys = new WeakMap<readonly string[], readonly string[]>();

function inOrder(keys: readonly string[]): readonly string[] {
  let sorted = sortedKeys.get(keys);
  if (sorted === undefined) sortedKeys.set(keys, (sorted = [...keys].sort()));
  return sorted;
}

/** What a key counts as that an item has not got: its default, or what a struct holds that nobody has filled in. */
function keyDefault(shape: Extract<Shape, { kind: 'associative' }>, key: string): Json | undefined {
  const field = findSchema(shape.type)?.byName.get(key);
  if (field === undefined) return shape.defaults?.[key];
  return (field.default as Json | undefined) ?? zeroOfField(field);
}

/**
 * The path element of an item of an associative list: `k:{"containerPort":80,"protocol":"TCP"}`. Keys that are absent count with their default.
 * Keys that have none are left out; undefined when there is no key at all: such an item cannot be told apart.
 */
export function itemElement(shape: Extract<Shape, { kind: 'associative' }>, item: Json): string | undefined {
  if (!isObject(item)) return undefined;
  const keys: JsonObject = {};
  let any = false;
  for (const key of inOrder(shape.keys)) {
    const value = own(item, key) ?? keyDefault(shape, key);
    if (value === undefined || value === null) continue;
    keys[key] = value;
    any = true;
  }
  return any ? `k:${goJson(keys)}` : undefined;
}

/** The path element of an item of a list whose items are told apart; undefined where this one cannot be. */
export function elementOf(shape: Extract<Shape, { kind: 'associative' | 'set' }>, item: Json): string | undefined {
  if (shape.kind === 'associative') return itemElement(shape, item);
  return typeof item === 'object' ? undefined : `v:${goJson(item)}`;
}

/** Of what shape the items of such a list are. */
export const itemsOf = (shape: Extract<Shape, { kind: 'associative' | 'set' }>): Shape => (shape.kind === 'set' ? atomic : shape.items);
