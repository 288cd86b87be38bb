/**
 * The fields of new objects, as their maker owns them, remembered by what the objects are made of: those made from one template have the same fields, whatever their values.
 * Of a remembered set only the object's members are gone through, which is much less work than making the set; and all such objects share it.
 */
import { setOwn } from '../../base/own.ts';
import { Recent } from '../../base/recent.ts';
import { changesOf, ignoredMetadata, inOrderForAll } from './managed-fields.ts';
import type { FieldSet } from './field-set.ts';
import { isObject, stepTo, type Json, type JsonObject, type Shape } from './shape.ts';

/** Sets that are remembered of one type. */
export const KNOWN_SETS_OF_TYPE = 8;

/** What of a value makes the set of its fields what it is. */
type Form =
  /** That it is not empty. */
  | typeof ANY
  /** That it is this empty value. */
  | { empty: unknown }
  | Members
  /** Its items, and of each the values of `keys`, which tell them apart. */
  | { items: readonly Form[]; keys: readonly string[]; values: readonly (readonly unknown[])[] };

/** Its members, in this order. */
interface Members {
  members: readonly string[];
  below: readonly Form[];
}

const ANY = undefined;

/** A form that cannot be told. */
class Untold extends Error {}

/** Whether a value may be one that fields hold when nobody has set them. */
function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object') return value === '' || value === 0 || value === false || value === '0' || value === '0s' || value === undefined;
  for (const name in value) if (!isEmpty((value as Record<string, unknown>)[name])) return false;
  return true;
}

function formOfLeaf(value: Json): Form {
  if (!isEmpty(value)) return ANY;
  if (typeof value === 'object' && value !== null) throw new Untold();
  return { empty: value };
}

function formOf(shape: Shape, value: Json): Form {
  switch (shape.kind) {
    case 'atomic':
      return formOfLeaf(value);
    case 'associative': {
      const { keys } = shape;
      if (!Array.isArray(value) || shape.defaults !== undefined) throw new Untold();
      return { items: value.map((item) => formOf(shape.items, item)), keys, values: value.map((item) => keys.map((name) => keyOf(item, name))) };
    }
    case 'struct':
    case 'map':
      if (!isObject(value) || (shape.kind === 'struct' && shape.below !== undefined)) throw new Untold();
      return membersOf(shape, value);
    default:
      throw new Untold();
  }
}

function membersOf(shape: Shape, value: JsonObject): Members {
  const members = Object.keys(value);
  return { members, below: members.map((name) => formOf(stepTo(shape, name).shape, value[name]!)) };
}

function keyOf(item: Json, name: string): unknown {
  const value = isObject(item) ? item[name] : undefined;
  if (!isObject(item) || (typeof value === 'object' && value !== null)) throw new Untold();
  return value;
}

function isOfForm(form: Form, value: unknown): boolean {
  if (form === ANY) return !isEmpty(value);
  if ('empty' in form) return form.empty === value;
  if (typeof value !== 'object' || value === null) return false;
  if ('members' in form) return !Array.isArray(value) && hasMembers(form, value as JsonObject, nothing);
  const { items, keys, values } = form;
  if (!Array.isArray(value) || value.length !== items.length) return false;
  for (let i = 0; i < items.length; i++) {
    const item: unknown = value[i];
    if (!isOfForm(items[i], item)) return false;
    for (let at = 0; at < keys.length; at++) if ((item as JsonObject)[keys[at]!] !== values[i]![at]) return false;
  }
  return true;
}

/** Whether an object has these members in this order, beside those that are left out. */
function hasMembers({ members, below }: Members, value: JsonObject, leftOut: ReadonlySet<string>): boolean {
  let at = 0;
  for (const name in value) if (name === members[at]) at++;
  else if (!leftOut.has(name)) return false;
  if (at !== members.length) return false;
  // By the known names: the engine takes the name that a loop over members began with for the only one, and compiles the loop anew for every other.
  for (let i = 0; i < at; i++) if (!isOfForm(below[i], value[members[i]!])) return false;
  return true;
}

const nothing: ReadonlySet<string> = new Set();
const types: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);
const typesAndStatus: ReadonlySet<string> = new Set([...types, 'status']);
const statusAlone: ReadonlySet<string> = new Set(['status']);

interface Known {
  metadata: Members;
  rest: Members;
  fields: FieldSet;
}

/** By type, and by whether the status is left out. */
const known = new Map<string, Recent<Known>>();

/** Stands where a form could not be told: no object is of it. */
const never: Known = { metadata: { members: ['\0'], below: [ANY] }, rest: { members: [], below: [] }, fields: {} };

function frozen(set: FieldSet): FieldSet {
  for (const element in set) frozen(set[element]!);
  return Object.freeze(set);
}

function without(value: JsonObject, names: ReadonlySet<string>): JsonObject {
  const left: JsonObject = {};
  for (const name of Object.keys(value)) if (!names.has(name)) setOwn(left, name, value[name]!);
  return left;
}

function knownOf(shape: Shape, metadata: JsonObject, object: JsonObject, leftOut: ReadonlySet<string>, fields: FieldSet): Known {
  try {
    return { metadata: membersOf(stepTo(shape, 'metadata').shape, without(metadata, ignoredMetadata)), rest: membersOf(shape, without(object, leftOut)), fields };
  } catch (error) {
    if (error instanceof Untold) return never;
    throw error;
  }
}

/**
 * What the maker of an object of one of the program's own types owns, in the order in which it is written. `status`: whether the object's status counts. The set is
 * shared, and frozen.
 */
export function fieldsOfNew(shape: Extract<Shape, { kind: 'struct' }>, object: JsonObject, status: boolean): FieldSet {
  const leftOut = status ? types : typesAndStatus;
  const key = status ? shape.type : `${shape.type} without status`;
  let sets = known.get(key);
  if (sets === undefined) known.set(key, (sets = new Recent(KNOWN_SETS_OF_TYPE)));
  const metadata = (object['metadata'] ?? {}) as JsonObject;
  const found = sets.find((one) => hasMembers(one.metadata, metadata, ignoredMetadata) && hasMembers(one.rest, object, leftOut));
  if (found !== undefined) return found.fields;
  const fields = frozen(inOrderForAll(changesOf(shape, undefined, status ? object : without(object, statusAlone)).changed));
  sets.add(() => knownOf(shape, metadata, object, leftOut, fields));
  return fields;
}
