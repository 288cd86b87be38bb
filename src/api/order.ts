/**
 * Objects as upstream writes them: members in the order of its types' declarations, keys of maps by their names, and null for what is always written and has
 * nothing in it: pointers, and also lists and maps, since those that have been stored in protobuf come back so.
 */
import { setOwn } from '../base/own.ts';
import { findSchema, type FieldSchema, type TypeSchema } from './schema.ts';

type Sorter = (value: unknown) => unknown;

interface Step {
  place: number;
  /** A pointer that is null where it is missing. */
  isNullable: boolean;
  /** Orders what is below; undefined where nothing below has an order. */
  sort: Sorter | undefined;
}

type Members = Record<string, unknown>;

/** Objects and lists that many objects share, which are in order and stay so. */
const settled = new WeakSet<object>();

const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value with another order of keys, `below` in place of what changed further down. */
function rebuilt(value: Members, keys: readonly string[], below: Map<string, unknown> | undefined): Members {
  const out: Members = {};
  for (const key of keys) {
    const member = below?.has(key) === true ? below.get(key) : value[key];
    setOwn(out, key, member);
  }
  return out;
}

function listSorter(sort: Sorter): Sorter {
  return (value) => {
    if (!Array.isArray(value) || settled.has(value)) return value;
    let out: unknown[] | undefined;
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      const sorted = sort(item);
      if (sorted !== item) (out ??= [...value])[i] = sorted;
    }
    return out ?? value;
  };
}

/** Maps: by name, and what is below by `sort`. */
function mapSorter(sort: Sorter | undefined): Sorter {
  return (value) => {
    if (!isMembers(value)) return value;
    let ordered = true;
    let last: string | undefined;
    let below: Map<string, unknown> | undefined;
    for (const key in value) {
      if (last !== undefined && last > key) ordered = false;
      last = key;
      if (sort === undefined) continue;
      const sorted = sort(value[key]);
      if (sorted !== value[key]) (below ??= new Map<string, unknown>()).set(key, sorted);
    }
    if (ordered && below === undefined) return value;
    const keys = Object.keys(value);
    return rebuilt(value, ordered ? keys : keys.sort(), below);
  };
}

const plainMap = mapSorter(undefined);
/** What has no schema: all objects are maps. */
const anything: Sorter = (value) => (Array.isArray(value) ? list(value) : map(value));
const list = listSorter(anything);
const map = mapSorter(anything);

/** One way of writing: what of lists and maps that are always written becomes null, and the sorters that do so, by type. */
interface Form {
  isNull: (value: unknown) => boolean;
  sorters: Map<string, Sorter>;
}

/** Schemas' own values are read and written anew, by their members' names; other raw JSON stays as it came. */
function sorterOfItem(form: Form, field: FieldSchema): Sorter | undefined {
  if (field.type === 'object' && field.ref !== undefined) return sorterOf(form, field.ref);
  return field.type === 'json' ? anything : undefined;
}

/** Whether a pointer is written though it points to nothing. */
export const isNullablePointer = (field: FieldSchema): boolean => field.pointer && !field.omitEmpty;

/** Whether a list or map is written though there is nothing in it. */
export const isAlwaysWritten = (field: FieldSchema): boolean => field.shape !== 'one' && !field.omitEmpty && !field.pointer;

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (!isMembers(value)) return false;
  for (const _ in value) return false;
  return true;
}

/** Lists and maps that somebody wrote though nothing is in them, and objects as a whole in which there may be such. */
const given = new WeakSet<object>();

/** Notes that an empty list or map came so, where it might as well have been left out. Answers it. */
export function asGiven<T extends object>(value: T): T {
  given.add(value);
  return value;
}

/** A copy that one may change; empty lists and maps that came are known in it too. */
export function cloneAsGiven<T extends object>(value: T): T {
  const copy = structuredClone(value);
  if (given.has(value)) noteAsIn(value, copy);
  return copy;
}

function noteAsIn(value: unknown, copy: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (given.has(value)) given.add(copy as object);
  for (const key of Object.keys(value)) noteAsIn((value as Members)[key], (copy as Members)[key]);
}

const stored: Form = { isNull: isEmpty, sorters: new Map() };
const arriving: Form = { isNull: (value) => isEmpty(value) && !given.has(value as object), sorters: new Map() };

function sorterOfField(form: Form, field: FieldSchema): Sorter | undefined {
  const sort = sorterOfContent(form, field);
  if (!isAlwaysWritten(field)) return sort;
  return (value) => (form.isNull(value) ? null : sort === undefined ? value : sort(value));
}

function sorterOfContent(form: Form, field: FieldSchema): Sorter | undefined {
  const item = sorterOfItem(form, field);
  if (field.shape === 'one') return item;
  if (field.shape === 'list') return item && listSorter(item);
  const values = field.valueShape === 'list' && item !== undefined ? listSorter(item) : item;
  return values === undefined ? plainMap : mapSorter(values);
}

function stepsOf(form: Form, schema: TypeSchema): Map<string, Step> {
  const steps = new Map<string, Step>();
  for (const [place, field] of schema.fields.entries()) steps.set(field.name, { place, isNullable: isNullablePointer(field), sort: sorterOfField(form, field) });
  return steps;
}

function structSorter(form: Form, name: string): Sorter {
  let steps: Map<string, Step> | undefined;
  let nullable: readonly string[] = [];
  return (value) => {
    if (!isMembers(value) || settled.has(value)) return value;
    if (steps === undefined) {
      steps = stepsOf(form, findSchema(name)!);
      nullable = [...steps].filter(([, step]) => step.isNullable).map(([key]) => key);
    }
    let ordered = true;
    let last = -1;
    let below: Map<string, unknown> | undefined;
    for (const key in value) {
      const step = steps.get(key);
      if (step === undefined) continue;
      if (step.place < last) ordered = false;
      last = step.place;
      if (step.sort === undefined) continue;
      const member = value[key];
      const sorted = step.sort(member);
      if (sorted !== member) (below ??= new Map<string, unknown>()).set(key, sorted);
    }
    for (const key of nullable) if (value[key] === undefined) (below ??= new Map<string, unknown>()).set(key, null);
    if (ordered && below === undefined) return value;
    const keys = Object.keys(value);
    for (const key of nullable) {
      if (key in value) continue;
      keys.push(key);
      ordered = false;
    }
    const placeOf = (key: string): number => steps!.get(key)?.place ?? Number.MAX_SAFE_INTEGER;
    return rebuilt(value, ordered ? keys : keys.sort((a, b) => placeOf(a) - placeOf(b)), below);
  };
}

function sorterOf(form: Form, name: string): Sorter | undefined {
  let sorter = form.sorters.get(name);
  if (sorter === undefined && findSchema(name) !== undefined) form.sorters.set(name, (sorter = structSorter(form, name)));
  return sorter;
}

/** The value of a named type as it is written, at every depth; the same value where it is so already. A type without a schema: all by name. */
export function inTypeOrder<T>(schema: string, value: T): T {
  return (sorterOf(stored, schema) ?? anything)(value) as T;
}

/** As `inTypeOrder`, of an object that has not been stored yet: empty lists and maps that its writer gave it are not null. */
export function inArrivingOrder<T>(schema: string, value: T): T {
  return (sorterOf(arriving, schema) ?? anything)(value) as T;
}

/** Freezes a value that is in order and that others will share; its order is not looked at again. */
export function keepInOrder<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  settled.add(Object.freeze(value));
  for (const name in value) keepInOrder(value[name]);
  return value;
}
