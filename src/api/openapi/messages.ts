/** How documents of OpenAPI are written in protobuf: messages of gnostic's packages as tables of names, numbers and what writes a value. */
import { DELIMITED, FIXED64, VARINT, type BackwardWriter } from '../protobuf/wire.ts';
import { writeYaml } from '../yaml-write.ts';

export type Json = Record<string, unknown>;

/** Writes one field's value, with its tag. */
export type Put = (writer: BackwardWriter, number: number, value: unknown) => void;

export interface Field {
  number: number;
  put: Put;
}

/** The fields of a message by their JSON names, and the number under which extensions stand. */
export interface Message {
  fields: Readonly<Record<string, Field>>;
  extensions?: number;
}

/** A field by its number. */
export const f = (number: number, put: Put): Field => ({ number, put });

/** A text that is not empty. */
export const text: Put = (writer, number, value) => {
  if (value === '') return;
  writer.varint(writer.text(value as string));
  writer.tag(number, DELIMITED);
};
/** What is true. */
export const flag: Put = (writer, number, value) => {
  if (value !== true) return;
  writer.varint(1);
  writer.tag(number, VARINT);
};
/** A whole number. */
export const whole: Put = (writer, number, value) => {
  writer.varint(value as number);
  writer.tag(number, VARINT);
};
/** A number with a fraction. */
export const double: Put = (writer, number, value) => {
  writer.double(value as number);
  writer.tag(number, FIXED64);
};

/** A message: what `content` writes, with tag and length in front. */
export function inside(writer: BackwardWriter, number: number, content: () => void): void {
  const before = writer.size;
  content();
  writer.delimit(number, before);
}

/** A value of any form, in YAML. */
export const any: Put = (writer, number, value) => inside(writer, number, () => text(writer, 2, writeYaml(value)));

/** A list, each item with its tag. */
export const many = (put: Put): Put => (writer, number, value) => {
  for (const item of (value as unknown[]).toReversed()) put(writer, number, item);
};
/** A message that wraps one value. */
export const wrapped = (at: number, put: Put): Put => (writer, number, value) => inside(writer, number, () => put(writer, at, value));
/** A message that wraps a list, which may be written as a single value. */
export const wrappedList = (put: Put): Put => (writer, number, value) => inside(writer, number, () => many(put)(writer, 1, Array.isArray(value) ? value : [value]));
/** Pairs of name and value. */
export const pairs = (put: Put): Put => (writer, number, value) => {
  for (const [name, one] of Object.entries(value as Json).toReversed()) {
    inside(writer, number, () => {
      put(writer, 2, one);
      text(writer, 1, name);
    });
  }
};
/** A message that holds pairs alone. */
export const map = (put: Put): Put => wrapped(1, pairs(put));

/** The fields of a message, from the last to the first. */
export function content(writer: BackwardWriter, { fields, extensions }: Message, value: Json): void {
  const steps = Object.entries(value).flatMap(([name, one]): { number: number; name: string; put: Put; value: unknown }[] => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field !== undefined) return one === undefined || one === null ? [] : [{ ...field, name, value: one }];
    return extensions !== undefined && name.startsWith('x-') ? [{ number: extensions, name, put: pairs(any), value: { [name]: one } }] : [];
  });
  // From the last to the first, as everything is written.
  for (const { number, put, value: one } of steps.sort((a, b) => b.number - a.number || (a.name < b.name ? 1 : -1))) put(writer, number, one);
}

/** A message of its own; asked for when it is first written, since messages may lie within themselves. */
export const message = (of: () => Message): Put => (writer, number, value) => inside(writer, number, () => content(writer, of(), value as Json));
