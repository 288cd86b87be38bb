/** How values are written that are messages of their own in protobuf, but plain values in JSON. */
import { parseDuration, parseMicroTime, parseTime } from '../meta/time.ts';
import type { FieldSchema } from '../schema.ts';
import { DELIMITED, VARINT, type BackwardWriter } from './wire.ts';

/** Writes the content of a value: what stands after a tag and a length. `undefined` is the zero value. */
export type Content = (writer: BackwardWriter, value: unknown) => void;

const key = (number: number, wireType: number): number => number * 8 + wireType;

function timestamp(writer: BackwardWriter, seconds: number, nanos: number): void {
  writer.intField(key(2, VARINT), nanos);
  writer.intField(key(1, VARINT), seconds);
}

function rawJson(writer: BackwardWriter, value: unknown): void {
  if (value !== undefined && value !== null) writer.stringField(key(1, DELIMITED), JSON.stringify(value));
}

export const VALUE_MESSAGES: Readonly<Partial<Record<FieldSchema['type'], Content>>> = {
  quantity: (writer, value) => writer.stringField(key(1, DELIMITED), (value as string | undefined) ?? '0'),
  intOrString: (writer, value) => {
    const isText = typeof value === 'string';
    writer.stringField(key(3, DELIMITED), isText ? value : '');
    writer.intField(key(2, VARINT), isText ? 0 : ((value as number | undefined) ?? 0));
    writer.intField(key(1, VARINT), isText ? 1 : 0);
  },
  time: (writer, value) => {
    if (value !== undefined && value !== null) timestamp(writer, Math.floor(parseTime(value as string) / 1000), 0);
  },
  microTime: (writer, value) => {
    if (value === undefined || value === null) return;
    const micros = parseMicroTime(value as string);
    const seconds = micros >= 0n ? micros / 1_000_000n : (micros - 999_999n) / 1_000_000n;
    timestamp(writer, Number(seconds), Number(micros - seconds * 1_000_000n) * 1000);
  },
  duration: (writer, value) => writer.intField(key(1, VARINT), Number(parseDuration((value as string | undefined) ?? '0s'))),
  raw: rawJson,
  fieldsV1: rawJson,
  json: rawJson,
};

export const isMessageValue = (type: FieldSchema['type']): boolean => VALUE_MESSAGES[type] !== undefined;

/** The three unions of CRD schemas: a schema, or something else. */
export function unionContent(ref: string, encoder: (name: string) => (writer: BackwardWriter, value: Record<string, unknown>) => void): Content {
  const props = `${ref.slice(0, ref.lastIndexOf('.'))}.JSONSchemaProps`;
  const schema = (writer: BackwardWriter, number: number, value: unknown): void => {
    const before = writer.size;
    encoder(props)(writer, value as Record<string, unknown>);
    writer.close(key(number, DELIMITED), before);
  };
  return (writer, value) => {
    if (value === undefined || value === null) return;
    if (ref.endsWith('OrBool')) {
      if (typeof value === 'object') schema(writer, 2, value);
      writer.intField(key(1, VARINT), value === false ? 0 : 1);
    } else if (!Array.isArray(value)) {
      schema(writer, 1, value);
    } else {
      for (const item of value.toReversed()) {
        if (typeof item === 'string') writer.stringField(key(2, DELIMITED), item);
        else schema(writer, 2, item);
      }
    }
  };
}

/** A list of texts that is a message of its own. */
export function wrappedStrings(writer: BackwardWriter, list: readonly string[]): void {
  for (let i = list.length - 1; i >= 0; i--) writer.stringField(key(1, DELIMITED), list[i]!);
}

/** Compares as UTF-8 does: JavaScript's order differs only for characters outside the first 65,536. */
function compareBytes(a: string, b: string): number {
  if (!/[\ud800-\udfff]/.test(a) && !/[\ud800-\udfff]/.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Keys in the order of their bytes in UTF-8, from the last to the first. */
export function keysFromLast(map: object): string[] {
  const keys = Object.keys(map);
  return keys.length < 2 ? keys : keys.sort((a, b) => -compareBytes(a, b));
}
