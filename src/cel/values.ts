/**
 * Values while an expression runs. Booleans, strings, null and ints are JavaScript's own (see numbers.ts); everything else is an instance of
 * CelObject. JSON is never copied: lists, maps and objects of it are looked at through thin views that convert what is asked for.
 */
import { escapeName } from './names.ts';
import { parseDuration, parseTimestamp } from './time.ts';
import { canonical, type Whole } from './numbers.ts';
import { CelError, listOf, mapOf, opaque, types, type CelType, type Field, type ListType, type MapType, type ObjectType, type OpaqueType } from './types.ts';

export type Value = null | boolean | string | number | bigint | Uint8Array | CelObject;

/** Everything that is not a primitive of JavaScript (bytes apart). */
export abstract class CelObject {
  abstract readonly celType: CelType;
  /** How large it is where that decides what a call costs: bytes of an address, the pattern of a format. */
  get measured(): number {
    return 1;
  }
}

export class Double extends CelObject {
  readonly value: number;
  constructor(value: number) {
    super();
    this.value = value;
  }
  override get celType(): CelType {
    return types.double;
  }
}

export class Uint extends CelObject {
  readonly value: Whole;
  constructor(value: Whole) {
    super();
    this.value = value;
  }
  override get celType(): CelType {
    return types.uint;
  }
}

/** Nanoseconds since 1970. */
export class Timestamp extends CelObject {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    super();
    this.nanos = nanos;
  }
  override get celType(): CelType {
    return types.timestamp;
  }
}

export class Duration extends CelObject {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    super();
    this.nanos = nanos;
  }
  override get celType(): CelType {
    return types.duration;
  }
}

/** A value of a type that a library adds. */
export abstract class OpaqueValue extends CelObject {
  readonly celType: OpaqueType;
  constructor(type: OpaqueType) {
    super();
    this.celType = type;
  }
  abstract equalTo(other: Value): boolean;
}

export class TypeValue extends CelObject {
  /** As `type(x) == int` and string() show it. */
  readonly name: string;
  constructor(name: string) {
    super();
    this.name = name;
  }
  override get celType(): CelType {
    return { kind: 'type' };
  }
}

export class Optional extends CelObject {
  readonly value: Value | undefined;
  constructor(value: Value | undefined) {
    super();
    this.value = value;
  }
  override get celType(): CelType {
    return opaque('optional_type', types.dyn);
  }
}

export const none = new Optional(undefined);

export abstract class ListValue extends CelObject {
  abstract readonly size: number;
  abstract at(index: number): Value;
  /** What a schema says of the list, and of one that another was added to. */
  readonly type: ListType | undefined;
  constructor(type?: ListType) {
    super();
    this.type = type;
  }
  override get celType(): CelType {
    return listOf(types.dyn);
  }
  *[Symbol.iterator](): IterableIterator<Value> {
    for (let i = 0; i < this.size; i++) yield this.at(i);
  }
}

export class ArrayList extends ListValue {
  readonly items: readonly Value[];
  constructor(items: readonly Value[], type?: ListType) {
    super(type);
    this.items = items;
  }
  override get size(): number {
    return this.items.length;
  }
  override at(index: number): Value {
    return this.items[index]!;
  }
}

/** Items that a list can have at most: joining costs next to nothing, and would otherwise make lists that nobody can go through. */
export const maxListSize = 10_000_000;

/** Two lists one after the other, without a copy. */
export class JoinedList extends ListValue {
  readonly left: ListValue;
  readonly right: ListValue;
  override readonly size: number;
  constructor(left: ListValue, right: ListValue) {
    super();
    this.left = left;
    this.right = right;
    this.size = left.size + right.size;
    if (this.size > maxListSize) throw new CelError(`a list of ${this.size} items is too long`);
  }
  override at(index: number): Value {
    const inLeft = index < this.left.size;
    let list: ListValue = inLeft ? this.left : this.right;
    let rest = inLeft ? index : index - this.left.size;
    // A loop, since lists may be joined many times over.
    while (list instanceof JoinedList) {
      const first: number = list.left.size;
      if (rest < first) list = list.left;
      else {
        rest -= first;
        list = list.right;
      }
    }
    return list.at(rest);
  }
}

export class JsonList extends ListValue {
  readonly raw: readonly unknown[];
  private readonly element: CelType;
  constructor(raw: readonly unknown[], type: ListType) {
    super(type);
    this.raw = raw;
    this.element = type.element;
  }
  override get size(): number {
    return this.raw.length;
  }
  override at(index: number): Value {
    return toCel(this.raw[index], this.element);
  }
}

export abstract class MapValue extends CelObject {
  abstract readonly size: number;
  /** Undefined where there is no such key; a key that no map can have throws. */
  abstract get(key: Value): Value | undefined;
  abstract keys(): Value[];
  override get celType(): CelType {
    return mapOf(types.dyn, types.dyn);
  }
}

/** Keys of all kinds by what makes them equal: 1, 1u and 1.0 are one key. */
export function keyOf(key: Value): string | number | bigint | boolean | undefined {
  switch (typeof key) {
    case 'string':
    case 'boolean':
    case 'number':
    case 'bigint':
      return key;
    default:
      if (key instanceof Uint) return key.value;
      if (key instanceof Double && Number.isInteger(key.value)) return canonical(BigInt(key.value));
      return undefined;
  }
}

export class NativeMap extends MapValue {
  private readonly entries: Map<string | number | bigint | boolean, { key: Value; value: Value }>;
  constructor(entries: Map<string | number | bigint | boolean, { key: Value; value: Value }>) {
    super();
    this.entries = entries;
  }
  override get size(): number {
    return this.entries.size;
  }
  override get(key: Value): Value | undefined {
    const found = keyOf(key);
    return found === undefined ? undefined : this.entries.get(found)?.value;
  }
  override keys(): Value[] {
    return [...this.entries.values()].map(({ key }) => key);
  }
}

type Json = Readonly<Record<string, unknown>>;

/** Something with views of its parts, so that looking at the same part again finds what the first look worked out. */
interface Viewed { views: Map<string, CelObject> | undefined }

function viewOf(whole: Viewed, key: string, raw: unknown, type: CelType): Value {
  if (typeof raw !== 'object' || raw === null) return toCel(raw, type);
  const known = whole.views?.get(key);
  if (known !== undefined) return known;
  const made = toCel(raw, type);
  if (made instanceof CelObject) (whole.views ??= new Map()).set(key, made);
  return made;
}

export class JsonMap extends MapValue {
  readonly raw: Json;
  readonly type: MapType;
  private names: string[] | undefined;
  views: Map<string, CelObject> | undefined = undefined;
  constructor(raw: Json, type: MapType) {
    super();
    this.raw = raw;
    this.type = type;
  }
  override get size(): number {
    return this.keys().length;
  }
  override get(key: Value): Value | undefined {
    if (typeof key === 'string') return Object.hasOwn(this.raw, key) ? viewOf(this, key, this.raw[key], this.type.value) : undefined;
    // A schema says what keys there can be.
    if (hasSchema(this.type)) throw noSuchOverload();
    return undefined;
  }
  override keys(): Value[] {
    return (this.names ??= Object.keys(this.raw));
  }
}

/** Whether a list or map is one of a schema: that says how large it can be. */
export const hasSchema = (type: ListType | MapType | undefined): boolean => type?.maxSize !== undefined;

/** An object of JSON whose fields a schema knows: a map to whom its type does not show, by the names that CEL has for its fields. */
export class JsonObject extends MapValue {
  readonly type: ObjectType;
  readonly raw: Json;
  views: Map<string, CelObject> | undefined = undefined;
  constructor(type: ObjectType, raw: Json) {
    super();
    this.type = type;
    this.raw = raw;
  }
  /** Counts what the schema does not know, too. */
  override get size(): number {
    return Object.keys(this.raw).length;
  }
  /** Undefined where it is not set, or set to null. */
  override get(key: Value): Value | undefined {
    if (typeof key !== 'string') throw noSuchOverload();
    const field = this.type.field(key) ?? this.property(key)?.field;
    const raw = field !== undefined && Object.hasOwn(this.raw, field.name) ? this.raw[field.name] : undefined;
    return raw === undefined || raw === null ? undefined : viewOf(this, field!.name, raw, field!.type);
  }
  override keys(): Value[] {
    return Object.keys(this.raw).flatMap((name) => this.property(name)?.key ?? []);
  }
  /** What the schema does not know. */
  unknown(): string[] {
    return Object.keys(this.raw).filter((name) => this.property(name) === undefined);
  }
  /** A field by its name in JSON, and its key. */
  private property(name: string): { key: string; field: Field } | undefined {
    for (const key of [escapeName(name), name]) {
      const field = key === undefined ? undefined : this.type.field(key);
      if (field?.name === name) return { key: key!, field };
    }
    return undefined;
  }
}

/** What an expression has constructed, as `JSONPatch{op: "remove"}`. */
export class StructValue extends CelObject {
  readonly type: ObjectType;
  /** Values by their names in JSON. */
  readonly fields: Readonly<Record<string, Value>>;
  constructor(type: ObjectType, fields: Readonly<Record<string, Value>>) {
    super();
    this.type = type;
    this.fields = fields;
  }
  override get celType(): CelType {
    return this.type;
  }
  /** Undefined where it is not set. */
  get(key: string): Value | undefined {
    const name = this.type.field(key)?.name;
    return name !== undefined && Object.hasOwn(this.fields, name) ? this.fields[name] : undefined;
  }
}

function fromText(raw: string, type: CelType): Value {
  switch (type.kind) {
    case 'timestamp':
      return new Timestamp(parseTimestamp(raw));
    case 'duration':
      return new Duration(parseDuration(raw, true));
    case 'bytes':
      return new Uint8Array(Buffer.from(raw, 'base64'));
    default:
      return raw;
  }
}

function fromNumber(raw: number, type: CelType): Value {
  if (type.kind === 'double' || (type.kind === 'wrapper' && type.of.kind === 'double') || !Number.isInteger(raw)) return new Double(raw + 0);
  if (type.kind === 'uint') return new Uint(canonical(BigInt(raw)));
  if (Number.isSafeInteger(raw)) return raw + 0;
  // What is beyond comes as bigint where it was written as a whole number.
  return type.kind === 'int' && Math.abs(raw) < 2 ** 63 ? canonical(BigInt(raw)) : new Double(raw);
}

const ANY_LIST = listOf(types.dyn);
const ANY_MAP = mapOf(types.string, types.dyn);

/** JSON, or a value already, as a value of the type. */
export function toCel(raw: unknown, type: CelType): Value {
  switch (typeof raw) {
    case 'string':
      return fromText(raw, type);
    case 'boolean':
      return raw;
    case 'number':
      return fromNumber(raw, type);
    case 'bigint':
      if (type.kind === 'double' || (type.kind === 'wrapper' && type.of.kind === 'double')) return new Double(Number(raw));
      return type.kind === 'uint' ? new Uint(canonical(raw)) : canonical(raw);
    case 'object':
      if (raw === null) return null;
      if (raw instanceof CelObject || raw instanceof Uint8Array) return raw;
      if (Array.isArray(raw)) return new JsonList(raw, type.kind === 'list' ? type : ANY_LIST);
      if (type.kind === 'object') return new JsonObject(type, raw as Json);
      return new JsonMap(raw as Json, type.kind === 'map' ? type : ANY_MAP);
    case 'undefined':
      return null;
    default:
      throw new CelError(`a ${typeof raw} is no value`);
  }
}

export function bool(value: Value): boolean {
  if (typeof value === 'boolean') return value;
  throw noSuchOverload();
}

export const noSuchOverload = (): CelError => new CelError('no such overload');

/** A map of entries in order; throws for keys that no map may have, and for those that come twice unless the last may win. */
export function nativeMap(entries: Iterable<readonly [Value, Value]>, lastWins = false): NativeMap {
  const map = new Map<string | number | bigint | boolean, { key: Value; value: Value }>();
  for (const [key, value] of entries) {
    const found = key instanceof Double ? undefined : keyOf(key);
    if (found === undefined) throw new CelError('unsupported key type');
    if (!lastWins && map.has(found)) throw new CelError(`insert failed: key ${String(found)} already exists`);
    map.set(found, { key, value });
  }
  return new NativeMap(map);
}
