/** How values are read that are messages of their own in protobuf, but plain values in JSON. The reader stands behind their key. */
import { parseExactly } from '../exact-json.ts';
import { formatDuration, formatTime } from '../meta/time.ts';
import type { FieldSchema } from '../schema.ts';
import { DELIMITED, ProtobufError, skipField, VARINT, type Reader } from './wire.ts';

export type ReadValue = (reader: Reader, depth: number) => unknown;

/** What a message is called, and its fields by number. */
interface Named {
  name: string;
  fields: ReadonlyMap<number, string>;
}

const named = (name: string, ...fields: readonly string[]): Named => ({ name, fields: new Map(fields.map((field, i) => [i + 1, field])) });
const TIMESTAMP = named('Timestamp', 'seconds', 'nanos');
const INT_OR_STRING = named('IntOrString', 'type', 'intVal', 'strVal');
const DURATION = named('Duration', 'duration');
const QUANTITY = named('Quantity', 'string');
const RAW = named('RawExtension', 'raw');
const FIELDS = named('FieldsV1', 'raw');
const JSON_VALUE = named('JSON', 'raw');
const STRINGS = named('ExtraValue', 'items');

/** Reads a message field by field; a handler answers false for a field that it does not know. */
function each(reader: Reader, { name, fields }: Named, on: (number: number, wireType: number) => boolean): void {
  const end = reader.open();
  while (!reader.done) {
    const key = reader.varint();
    if (!on(Math.floor(key / 8), key & 7)) skipField(reader, key, name, fields);
  }
  reader.close(end);
}

/** Seconds and nanoseconds of a timestamp; undefined for the zero time, which is an empty message. */
function readTimestamp(reader: Reader): { seconds: number; nanos: number } | undefined {
  let seconds = 0;
  let nanos = 0;
  const end = reader.open();
  const empty = reader.done;
  while (!reader.done) {
    const key = reader.varint();
    if (key === 8) seconds = reader.signed();
    else if (key === 16) nanos = reader.signed();
    else skipField(reader, key, TIMESTAMP.name, TIMESTAMP.fields);
  }
  reader.close(end);
  return empty ? undefined : { seconds, nanos };
}

/** Times that were written out last, by their seconds: objects of a list share many. */
const TIMES_KEPT = 64;
const keptSeconds: number[] = [];
const keptTexts: string[] = [];

const MAX_SECONDS = 253_402_300_799;
const MIN_SECONDS = -62_135_596_800;

function timeText(seconds: number): string {
  if (!(seconds >= MIN_SECONDS && seconds <= MAX_SECONDS)) throw new ProtobufError('proto: timestamp out of range');
  const slot = ((seconds % TIMES_KEPT) + TIMES_KEPT) % TIMES_KEPT;
  if (keptSeconds[slot] !== seconds) {
    keptTexts[slot] = formatTime(seconds * 1000);
    keptSeconds[slot] = seconds;
  }
  return keptTexts[slot]!;
}

function readTime(reader: Reader): string | undefined {
  const moment = readTimestamp(reader);
  return moment === undefined ? undefined : timeText(moment.seconds);
}

function readMicroTime(reader: Reader): string | undefined {
  const moment = readTimestamp(reader);
  if (moment === undefined) return undefined;
  return `${timeText(moment.seconds).slice(0, -1)}.${String(Math.floor(moment.nanos / 1000)).padStart(6, '0')}Z`;
}

function readIntOrString(reader: Reader): number | string {
  let isText = false;
  let value = 0;
  let text = '';
  each(reader, INT_OR_STRING, (number, wireType) => {
    if (number === 1 && wireType === VARINT) isText = reader.varint() === 1;
    else if (number === 2 && wireType === VARINT) value = reader.int32();
    else if (number === 3 && wireType === DELIMITED) text = reader.text();
    else return false;
    return true;
  });
  return isText ? text : value;
}

/** The last delimited field of number 1, as text. */
function readText(reader: Reader, { name, fields }: Named): string | undefined {
  let found: string | undefined;
  const end = reader.open();
  while (!reader.done) {
    const key = reader.varint();
    if (key === 10) found = reader.text();
    else skipField(reader, key, name, fields);
  }
  reader.close(end);
  return found;
}

const rawReader = (kind: Named) => (reader: Reader): unknown => {
  const text = readText(reader, kind);
  if (text === undefined || text === '') return undefined;
  try {
    return parseExactly(text);
  } catch {
    throw new ProtobufError('proto: embedded JSON cannot be read');
  }
};

function readDuration(reader: Reader): string {
  let nanos: number | bigint = 0;
  each(reader, DURATION, (number, wireType) => {
    if (number !== 1 || wireType !== VARINT) return false;
    nanos = reader.int64();
    return true;
  });
  return formatDuration(BigInt(nanos));
}

export const VALUE_READERS: Readonly<Partial<Record<FieldSchema['type'], ReadValue>>> = {
  quantity: (reader) => readText(reader, QUANTITY) ?? '0', intOrString: readIntOrString, time: readTime, microTime: readMicroTime, duration: readDuration, raw: rawReader(RAW), fieldsV1: rawReader(FIELDS), json: rawReader(JSON_VALUE),
};

export function readBase64(reader: Reader): string {
  const bytes = reader.bytes();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** A list of texts that is a message of its own. */
export function readStrings(reader: Reader): string[] {
  const items: string[] = [];
  each(reader, STRINGS, (number, wireType) => {
    if (number !== 1 || wireType !== DELIMITED) return false;
    items.push(reader.text());
    return true;
  });
  return items;
}

/** The three unions of CRD schemas: a schema, or something else. */
export function readUnion(ref: string, decoder: (name: string) => (reader: Reader, depth: number) => unknown): ReadValue {
  const props = `${ref.slice(0, ref.lastIndexOf('.'))}.JSONSchemaProps`;
  const isBoolean = ref.endsWith('OrBool');
  const isStrings = ref.endsWith('OrStringArray');
  const kind = named(ref.slice(ref.lastIndexOf('.') + 1), ...(isBoolean ? ['allows', 'schema'] : ['schema', isStrings ? 'property' : 'jSONSchemas']));
  return (reader, depth) => {
    let single: unknown;
    let allows = false;
    const many: unknown[] = [];
    const schema = (): unknown => {
      const end = reader.open();
      const value = decoder(props)(reader, depth + 1);
      reader.close(end);
      return value;
    };
    each(reader, kind, (number, wireType) => {
      if (isBoolean && number === 1 && wireType === VARINT) allows = reader.varint() === 1;
      else if (wireType !== DELIMITED) return false;
      else if (number === (isBoolean ? 2 : 1)) single = schema();
      else if (number === 2) many.push(isStrings ? reader.text() : schema());
      else return false;
      return true;
    });
    if (single !== undefined) return single;
    if (isBoolean) return allows;
    // Of neither there may be one in a map.
    return many.length > 0 || !isStrings ? many : null;
  };
}
