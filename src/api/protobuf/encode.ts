/**
 * From objects to protobuf, driven by the schema's tables. As upstream's encoder does: fields ascend; numbers, strings and structs that are
 * no pointers are written even when they are zero; lists and maps only when they hold something; map keys are sorted.
 */
import { parseDuration, parseMicroTime, parseTime } from '../meta/time.ts';
import type { FieldSchema } from '../schema.ts';
import { schemaOf } from '../schema.ts';
import { MAGIC } from './envelope.ts';
import { BackwardWriter, DELIMITED, FIXED64, VARINT } from './wire.ts';

/** Writes the content of a value: what stands after a tag and, for delimited ones, a length. */
type Content = (writer: BackwardWriter, value: unknown) => void;

interface Step {
  number: number;
  write(writer: BackwardWriter, object: Record<string, unknown>): void;
}

function message(writer: BackwardWriter, number: number, content: () => void): void {
  const before = writer.size;
  content();
  writer.delimit(number, before);
}

function text(writer: BackwardWriter, number: number, value: string): void {
  writer.varint(writer.text(value));
  writer.tag(number, DELIMITED);
}

function number(writer: BackwardWriter, field: number, value: number): void {
  writer.varint(value);
  writer.tag(field, VARINT);
}

function timestamp(writer: BackwardWriter, seconds: number, nanos: number): void {
  number(writer, 2, nanos);
  number(writer, 1, seconds);
}

function rawJson(writer: BackwardWriter, value: unknown): void {
  if (value !== undefined && value !== null) text(writer, 1, JSON.stringify(value));
}

/** The contents of types that are messages of their own in protobuf, but plain values in JSON. */
const VALUE_MESSAGES: Readonly<Partial<Record<FieldSchema['type'], Content>>> = {
  quantity: (writer, value) => text(writer, 1, (value as string | undefined) ?? '0'),
  intOrString: (writer, value) => {
    const isText = typeof value === 'string';
    text(writer, 3, isText ? value : '');
    number(writer, 2, isText ? 0 : ((value as number | undefined) ?? 0));
    number(writer, 1, isText ? 1 : 0);
  },
  time: (writer, value) => {
    if (!isAbsent(value)) timestamp(writer, Math.floor(parseTime(value as string) / 1000), 0);
  },
  microTime: (writer, value) => {
    if (isAbsent(value)) return;
    const micros = parseMicroTime(value as string);
    const seconds = micros >= 0n ? micros / 1_000_000n : (micros - 999_999n) / 1_000_000n;
    timestamp(writer, Number(seconds), Number(micros - seconds * 1_000_000n) * 1000);
  },
  duration: (writer, value) => number(writer, 1, Number(parseDuration((value as string | undefined) ?? '0s'))),
  raw: rawJson,
  fieldsV1: rawJson,
  json: rawJson,
};

function unionContent(ref: string): Content {
  const props = `${ref.slice(0, ref.lastIndexOf('.'))}.JSONSchemaProps`;
  const schema = (writer: BackwardWriter, field: number, value: unknown): void => message(writer, field, () => encodeInto(writer, props, value as Record<string, unknown>));
  return (writer, value) => {
    if (ref.endsWith('OrBool')) {
      if (typeof value === 'object') schema(writer, 2, value);
      number(writer, 1, value === false ? 0 : 1);
    } else if (!Array.isArray(value)) {
      schema(writer, 1, value);
    } else {
      for (const item of value.toReversed()) {
        if (typeof item === 'string') text(writer, 2, item);
        else schema(writer, 2, item);
      }
    }
  };
}

const EMPTY: Readonly<Record<string, unknown>> = Object.freeze({});

/** Writes a single value with its tag. `undefined` is the zero value. */
function single(field: FieldSchema, at: number): (writer: BackwardWriter, value: unknown) => void {
  switch (field.type) {
    case 'string':
      return (writer, value) => text(writer, at, (value as string | undefined) ?? '');
    case 'boolean':
      return (writer, value) => number(writer, at, value === true ? 1 : 0);
    case 'int32':
    case 'int64':
      return (writer, value) => number(writer, at, (value as number | undefined) ?? 0);
    case 'double':
      return (writer, value) => {
        writer.double((value as number | undefined) ?? 0);
        writer.tag(at, FIXED64);
      };
    case 'bytes':
      return (writer, value) => message(writer, at, () => writer.bytes(Buffer.from(value as string, 'base64')));
    case 'object':
      return (writer, value) => {
        const before = writer.size;
        encodeInto(writer, field.ref!, (value as Record<string, unknown> | undefined) ?? EMPTY);
        writer.delimit(at, before);
      };
    default: {
      const content = field.type === 'json' && field.ref !== undefined ? unionContent(field.ref) : VALUE_MESSAGES[field.type]!;
      return (writer, value) => {
        const before = writer.size;
        content(writer, value);
        writer.delimit(at, before);
      };
    }
  }
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

/** Keys in the order of their bytes in UTF-8, from the last to the first. */
function keysFromLast(map: object): string[] {
  return Object.keys(map).sort((a, b) => -compareBytes(a, b));
}

/** Compares as UTF-8 does: JavaScript's order differs only for characters outside the first 65,536. */
function compareBytes(a: string, b: string): number {
  if (!/[\ud800-\udfff]/.test(a) && !/[\ud800-\udfff]/.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function items(writer: BackwardWriter, list: readonly unknown[]): void {
  for (const item of list.toReversed()) text(writer, 1, item as string);
}

function fieldStep(field: FieldSchema): Step {
  const at = field.proto!;
  const { name } = field;
  if (field.shape === 'map') {
    const write = field.valueShape === 'list' ? (writer: BackwardWriter, value: unknown) => message(writer, 2, () => items(writer, (value ?? []) as unknown[])) : single(field, 2);
    return {
      number: at,
      write(writer, object) {
        const map = object[name];
        if (isAbsent(map)) return;
        for (const key of keysFromLast(map as object)) {
          message(writer, at, () => {
            write(writer, (map as Record<string, unknown>)[key] ?? undefined);
            text(writer, 1, key);
          });
        }
      },
    };
  }
  const write = single(field, at);
  if (field.shape === 'list') {
    return {
      number: at,
      write(writer, object) {
        const list = object[name] as unknown[] | undefined;
        if (isAbsent(list)) return;
        if (field.wrapped === true) message(writer, at, () => items(writer, list!));
        else for (let i = list!.length - 1; i >= 0; i--) write(writer, list![i] ?? undefined);
      },
    };
  }
  const optional = field.pointer || field.type === 'bytes';
  return {
    number: at,
    write(writer, object) {
      const value = object[name];
      if (!isAbsent(value)) write(writer, value);
      else if (!optional) write(writer, undefined);
    },
  };
}

/** The steps of one level of messages; what JSON shows inline is a message with steps of its own. */
function stepsOf(fields: readonly { field: FieldSchema; via: readonly number[] }[]): Step[] {
  const own = fields.filter(({ via }) => via.length === 0).map(({ field }) => fieldStep(field));
  const groups = Map.groupBy(fields.filter(({ via }) => via.length > 0), ({ via }) => via[0]!);
  for (const [number, members] of groups) {
    const inner = stepsOf(members.map(({ field, via }) => ({ field, via: via.slice(1) })));
    own.push({
      number,
      write(writer, object) {
        const before = writer.size;
        run(inner, writer, object);
        writer.delimit(number, before);
      },
    });
  }
  return own.sort((a, b) => b.number - a.number);
}

function run(steps: readonly Step[], writer: BackwardWriter, object: Record<string, unknown>): void {
  for (const step of steps) step.write(writer, object);
}

const plans = new Map<string, Step[]>();

function planOf(name: string): Step[] {
  let plan = plans.get(name);
  if (plan === undefined) {
    const fields = schemaOf(name).fields.filter((field) => field.proto !== undefined);
    plan = stepsOf(fields.map((field) => ({ field, via: (field.via ?? []).filter((step) => step !== null) })));
    plans.set(name, plan);
  }
  return plan;
}

function encodeInto(writer: BackwardWriter, name: string, object: Record<string, unknown>): void {
  run(planOf(name), writer, object);
}

/** The message of an object of the schema, without an envelope. */
export function encodeMessage(schemaName: string, object: object): Buffer {
  const writer = new BackwardWriter();
  encodeInto(writer, schemaName, object as Record<string, unknown>);
  return writer.finish();
}

/** An object as it goes over the wire and into the store: four magic bytes, then an envelope with apiVersion, kind and the message. */
export function encodeProtobuf(schemaName: string, object: { apiVersion?: string; kind?: string }): Buffer {
  const writer = new BackwardWriter();
  text(writer, 4, '');
  text(writer, 3, '');
  message(writer, 2, () => encodeInto(writer, schemaName, object as Record<string, unknown>));
  message(writer, 1, () => {
    text(writer, 2, object.kind ?? '');
    text(writer, 1, object.apiVersion ?? '');
  });
  writer.bytes(MAGIC);
  return writer.finish();
}
