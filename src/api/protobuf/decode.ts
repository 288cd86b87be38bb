/** From protobuf to objects in JSON shape, driven by the schema's tables. Fields that the schema does not know are skipped. */
import { dropsWhenEmpty, isEmptyValue, missingOf, zeroOf } from '../decode.ts';
import { formatDuration, formatTime } from '../meta/time.ts';
import type { FieldSchema } from '../schema.ts';
import { schemaOf } from '../schema.ts';
import { isProtobuf, MAGIC } from './envelope.ts';
import { DELIMITED, FIXED64, ProtobufError, Reader, VARINT } from './wire.ts';

/** Deeper nesting than any object of the API has. */
const MAX_DEPTH = 200;

/** The fields of a message that belong to one level, by number. */
interface Level {
  fields: ReadonlyMap<number, FieldPlan>;
  inner: ReadonlyMap<number, Level>;
}

interface FieldPlan {
  field: FieldSchema;
  index: number;
  wireType: number;
  read: (reader: Reader, depth: number) => unknown;
}

interface Plan {
  level: Level;
  /** In the schema's order. */
  outputs: readonly { name: string; drops: boolean; missing: (() => unknown) | undefined }[];
}

function each(bytes: Uint8Array, on: (number: number, wireType: number, reader: Reader) => boolean): void {
  const reader = new Reader(bytes);
  while (!reader.done) {
    const tag = reader.varint();
    const wireType = tag & 7;
    if (!on(Math.floor(tag / 8), wireType, reader)) reader.skip(wireType);
  }
}

/** Seconds and nanoseconds of a timestamp; undefined for the zero time, which is an empty message. */
function readTimestamp(bytes: Uint8Array): { seconds: number; nanos: number } | undefined {
  if (bytes.length === 0) return undefined;
  let seconds = 0;
  let nanos = 0;
  each(bytes, (number, wireType, reader) => {
    if (wireType !== VARINT) return false;
    if (number === 1) seconds = reader.signed();
    else if (number === 2) nanos = reader.signed();
    else return false;
    return true;
  });
  return { seconds, nanos };
}

function readMicroTime(bytes: Uint8Array): string | undefined {
  const moment = readTimestamp(bytes);
  if (moment === undefined) return undefined;
  return `${formatTime(moment.seconds * 1000).slice(0, -1)}.${String(Math.floor(moment.nanos / 1000)).padStart(6, '0')}Z`;
}

function readIntOrString(bytes: Uint8Array): number | string {
  let isText = false;
  let value = 0;
  let text = '';
  each(bytes, (number, wireType, reader) => {
    if (number === 1 && wireType === VARINT) isText = reader.varint() === 1;
    else if (number === 2 && wireType === VARINT) value = reader.signed();
    else if (number === 3 && wireType === DELIMITED) text = reader.text();
    else return false;
    return true;
  });
  return isText ? text : value;
}

/** The last delimited field of that number, as text. */
function readText(bytes: Uint8Array, at: number): string | undefined {
  let found: string | undefined;
  each(bytes, (number, wireType, reader) => {
    if (number !== at || wireType !== DELIMITED) return false;
    found = reader.text();
    return true;
  });
  return found;
}

function readRaw(bytes: Uint8Array): unknown {
  const text = readText(bytes, 1);
  return text === undefined || text === '' ? undefined : (JSON.parse(text) as unknown);
}

function readStrings(bytes: Uint8Array): string[] {
  const items: string[] = [];
  each(bytes, (number, wireType, reader) => {
    if (number !== 1 || wireType !== DELIMITED) return false;
    items.push(reader.text());
    return true;
  });
  return items;
}

function readDuration(bytes: Uint8Array): string {
  let nanos = 0;
  each(bytes, (number, wireType, reader) => {
    if (number !== 1 || wireType !== VARINT) return false;
    nanos = reader.signed();
    return true;
  });
  return formatDuration(BigInt(nanos));
}

function readUnion(ref: string, bytes: Uint8Array, depth: number): unknown {
  const props = `${ref.slice(0, ref.lastIndexOf('.'))}.JSONSchemaProps`;
  let single: unknown;
  let allows = false;
  const many: unknown[] = [];
  const isBoolean = ref.endsWith('OrBool');
  const isStrings = ref.endsWith('OrStringArray');
  each(bytes, (number, wireType, reader) => {
    if (isBoolean && number === 1 && wireType === VARINT) allows = reader.varint() === 1;
    else if (wireType !== DELIMITED) return false;
    else if (number === (isBoolean ? 2 : 1)) single = readMessage(props, reader.bytes(), depth);
    else if (number === 2) many.push(isStrings ? reader.text() : readMessage(props, reader.bytes(), depth));
    else return false;
    return true;
  });
  if (single !== undefined) return single;
  return isBoolean ? allows : many;
}

/** How a single value of a field is read, after its tag. */
function valueReader(field: FieldSchema): { wireType: number; read: FieldPlan['read'] } {
  const delimited = (read: (bytes: Uint8Array, depth: number) => unknown): { wireType: number; read: FieldPlan['read'] } => ({
    wireType: DELIMITED, read: (reader, depth) => read(reader.bytes(), depth),
  });
  switch (field.type) {
    case 'string':
      return { wireType: DELIMITED, read: (reader) => reader.text() };
    case 'boolean':
      return { wireType: VARINT, read: (reader) => reader.varint() !== 0 };
    case 'int32':
    case 'int64':
      return { wireType: VARINT, read: (reader) => reader.signed() };
    case 'double':
      return { wireType: FIXED64, read: (reader) => reader.double() };
    case 'bytes':
      return delimited((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'));
    case 'quantity':
      return delimited((bytes) => readText(bytes, 1) ?? '0');
    case 'intOrString':
      return delimited(readIntOrString);
    case 'time':
      return delimited((bytes) => {
        const moment = readTimestamp(bytes);
        return moment === undefined ? undefined : formatTime(moment.seconds * 1000);
      });
    case 'microTime':
      return delimited(readMicroTime);
    case 'duration':
      return delimited(readDuration);
    case 'object':
      return delimited((bytes, depth) => readMessage(field.ref!, bytes, depth));
    default:
      return delimited((bytes, depth) => (field.ref === undefined ? readRaw(bytes) : readUnion(field.ref, bytes, depth)));
  }
}

function mapEntry(field: FieldSchema): FieldPlan['read'] {
  const value = field.valueShape === 'list' ? { wireType: DELIMITED, read: (reader: Reader): unknown => readStrings(reader.bytes()) } : valueReader(field);
  return (reader, depth) => {
    let key = '';
    let found: unknown;
    each(reader.bytes(), (number, wireType, inner) => {
      if (number === 1 && wireType === DELIMITED) key = inner.text();
      else if (number === 2 && wireType === value.wireType) found = value.read(inner, depth);
      else return false;
      return true;
    });
    return [key, found ?? (field.valueShape === 'list' ? [] : zeroOf(field))];
  };
}

function fieldPlan(field: FieldSchema, index: number): FieldPlan {
  if (field.shape === 'map') return { field, index, wireType: DELIMITED, read: mapEntry(field) };
  if (field.wrapped === true) return { field, index, wireType: DELIMITED, read: (reader) => readStrings(reader.bytes()) };
  return { field, index, ...valueReader(field) };
}

function levelOf(fields: readonly { plan: FieldPlan; via: readonly number[] }[]): Level {
  const own = fields.filter(({ via }) => via.length === 0).map(({ plan }) => [plan.field.proto!, plan] as const);
  const groups = Map.groupBy(fields.filter(({ via }) => via.length > 0), ({ via }) => via[0]!);
  const inner = [...groups].map(([number, members]) => [number, levelOf(members.map(({ plan, via }) => ({ plan, via: via.slice(1) })))] as const);
  return { fields: new Map(own), inner: new Map(inner) };
}

const plans = new Map<string, Plan>();

function planOf(name: string): Plan {
  let plan = plans.get(name);
  if (plan === undefined) {
    const { fields } = schemaOf(name);
    const numbered = fields.map((field, index) => ({ field, index })).filter(({ field }) => field.proto !== undefined);
    plan = {
      level: levelOf(numbered.map(({ field, index }) => ({ plan: fieldPlan(field, index), via: (field.via ?? []).filter((step) => step !== null) }))),
      outputs: fields.map((field) => ({ name: field.name, drops: dropsWhenEmpty(field), missing: missingOf(field) })),
    };
    plans.set(name, plan);
  }
  return plan;
}

function setEntry(map: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
  else map[key] = value;
}

function readLevel(level: Level, bytes: Uint8Array, values: unknown[], depth: number): void {
  each(bytes, (number, wireType, reader) => {
    const plan = level.fields.get(number);
    if (plan === undefined) {
      const inner = level.inner.get(number);
      if (inner === undefined || wireType !== DELIMITED) return false;
      readLevel(inner, reader.bytes(), values, depth);
      return true;
    }
    if (wireType !== plan.wireType) throw new ProtobufError(`proto: wrong wireType = ${wireType} for field ${plan.field.name}`);
    const value = plan.read(reader, depth);
    if (plan.field.shape === 'map') {
      const [key, entry] = value as [string, unknown];
      setEntry((values[plan.index] ??= {}) as Record<string, unknown>, key, entry);
    } else if (plan.field.shape === 'list' && plan.field.wrapped !== true) {
      ((values[plan.index] ??= []) as unknown[]).push(value ?? zeroOf(plan.field));
    } else {
      values[plan.index] = value;
    }
    return true;
  });
}

function readMessage(name: string, bytes: Uint8Array, depth: number): Record<string, unknown> {
  if (depth > MAX_DEPTH) throw new ProtobufError('proto: exceeded max depth');
  const plan = planOf(name);
  const values: unknown[] = [];
  readLevel(plan.level, bytes, values, depth + 1);
  const result: Record<string, unknown> = {};
  for (let i = 0; i < plan.outputs.length; i++) {
    const { name: field, drops, missing } = plan.outputs[i]!;
    const value = values[i];
    if (value === undefined) {
      if (missing !== undefined) result[field] = missing();
    } else if (!(drops && isEmptyValue(value))) result[field] = value;
  }
  return result;
}

/** An object of the schema out of its message, without an envelope. Throws ProtobufError. */
export function decodeMessage<T = Record<string, unknown>>(schemaName: string, bytes: Uint8Array): T {
  return readMessage(schemaName, bytes, 0) as T;
}

/** What the envelope says, and the message inside. */
export interface Envelope {
  apiVersion: string;
  kind: string;
  /** The object's message. */
  raw: Uint8Array;
  contentEncoding: string;
  contentType: string;
}

/** Opens the envelope. Throws ProtobufError when the magic bytes are missing. */
export function readEnvelope(bytes: Uint8Array): Envelope {
  if (!isProtobuf(bytes)) throw new ProtobufError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  const envelope: Envelope = { apiVersion: '', kind: '', raw: new Uint8Array(), contentEncoding: '', contentType: '' };
  each(bytes.subarray(MAGIC.length), (number, wireType, reader) => {
    if (wireType !== DELIMITED) return false;
    if (number === 1) {
      const typeMeta = reader.bytes();
      envelope.apiVersion = readText(typeMeta, 1) ?? '';
      envelope.kind = readText(typeMeta, 2) ?? '';
    } else if (number === 2) envelope.raw = reader.bytes();
    else if (number === 3) envelope.contentEncoding = reader.text();
    else if (number === 4) envelope.contentType = reader.text();
    else return false;
    return true;
  });
  return envelope;
}

/**
 * An object out of its envelope, with apiVersion and kind first.
 * @param schemaName the schema that belongs to the envelope's apiVersion and kind (see `readEnvelope`).
 */
export function decodeProtobuf<T = Record<string, unknown>>(schemaName: string, bytes: Uint8Array): T {
  const { apiVersion, kind, raw } = readEnvelope(bytes);
  const meta = { ...(kind === '' ? {} : { kind }), ...(apiVersion === '' ? {} : { apiVersion }) };
  return { ...meta, ...decodeMessage<object>(schemaName, raw) } as T;
}
