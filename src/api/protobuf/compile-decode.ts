/**
 * Writes the code that decodes one type, when the type is first decoded: one `switch` over its field numbers, one local variable a field.
 * What the code is made of comes from the schema's own tables, never from a client.
 */
import { setOwn } from '../../base/own.ts';
import { dropsWhenEmpty, isEmptyValue, missingOf, zeroOf } from '../decode.ts';
import type { FieldSchema } from '../schema.ts';
import { schemaOf } from '../schema.ts';
import { Constants, viaOf, wireTypeOf } from './code.ts';
import { readBase64, readStrings, readUnion, VALUE_READERS, type ReadValue } from './decode-values.ts';
import { DELIMITED, ProtobufError, skipField, type Reader } from './wire.ts';

/** Reads a message up to the reader's end. */
export type Decode = (reader: Reader, depth: number) => Record<string, unknown>;

export interface Decoder {
  run: Decode;
}

/** Deeper nesting than any object of the API has. */
const MAX_DEPTH = 200;

const decoders = new Map<string, Decoder>();

export function decoderOf(name: string): Decoder {
  let decoder = decoders.get(name);
  if (decoder === undefined) {
    const made: Decoder = {
      run: (reader, depth) => {
        made.run = compile(name);
        return made.run(reader, depth);
      },
    };
    decoders.set(name, (decoder = made));
  }
  return decoder;
}

function tooDeep(): never {
  throw new ProtobufError('proto: exceeded max depth');
}

/** An expression that reads one value behind its key. It may use the variables `e` and `x`. */
function read(constants: Constants, field: FieldSchema): string {
  switch (field.type) {
    case 'string':
      return 'r.text()';
    case 'boolean':
      return '(r.varint() !== 0)';
    case 'int32':
      return 'r.int32()';
    case 'int64':
      return 'r.int64()';
    case 'double':
      return 'r.double()';
    case 'bytes':
      return `${constants.add(readBase64)}(r)`;
    case 'object':
      return `(e = r.open(), x = ${constants.add(decoderOf(field.ref!))}.run(r, d + 1), r.close(e), x)`;
    default: {
      const reader: ReadValue = field.type === 'json' && field.ref !== undefined ? readUnion(field.ref, (name) => decoderOf(name).run) : VALUE_READERS[field.type]!;
      return `${constants.add(reader)}(r, d)`;
    }
  }
}

/** Whether a value may read as undefined: the zero time, and raw JSON of no bytes. */
const mayBeNothing = (field: FieldSchema): boolean => !['string', 'boolean', 'int32', 'int64', 'double', 'bytes', 'object'].includes(field.type);

function take(constants: Constants, field: FieldSchema, variable: string): string {
  if (field.wrapped === true && field.shape !== 'map') return `${variable} = ${constants.add(readStrings)}(r);`;
  if (field.shape === 'one') return `{ let e, x; ${variable} = ${read(constants, field)}; }`;
  if (field.shape === 'list') {
    const nothing = mayBeNothing(field) ? ` ?? ${constants.add(zeroOf)}(${constants.add(field)})` : '';
    return `{ let e, x; const y = ${read(constants, field)}${nothing}; if (${variable} === undefined) ${variable} = [y]; else ${variable}.push(y); }`;
  }
  const list = field.valueShape === 'list';
  const value = list ? `${constants.add(readStrings)}(r)` : read(constants, field);
  const key = 2 * 8 + (list ? DELIMITED : wireTypeOf(field));
  const zero = list ? '[]' : `${constants.add(zeroOf)}(${constants.add(field)})`;
  return `{ const m = r.open(); let k = '', y, e, x; while (!r.done) { const t = r.varint(); if (t === ${8 + DELIMITED}) k = r.text(); else if (t === ${key}) y = ${value}; else r.skip(t & 7); } r.close(m);
    if (y === undefined) y = ${zero}; if (${variable} === undefined) ${variable} = {}; if (k === '__proto__') setOwn(${variable}, k, y); else ${variable}[k] = y; }`;
}

interface Placed {
  field: FieldSchema;
  variable: string;
  via: readonly number[];
}

/** The loop over one message; what JSON shows inline is a message within. */
function level(constants: Constants, fields: readonly Placed[], depth: number, message: string): string {
  const own = fields.filter(({ via }) => via.length === 0);
  const cases = own.map(({ field, variable }) => {
    const wireType = field.shape === 'one' || (field.shape === 'list' && field.wrapped !== true) ? wireTypeOf(field) : DELIMITED;
    return `case ${field.proto! * 8 + wireType}: ${take(constants, field, variable)} break;`;
  });
  const groups = Map.groupBy(fields.filter(({ via }) => via.length > 0), ({ via }) => via[0]!);
  for (const [number, members] of groups) {
    const inner = level(constants, members.map(({ field, variable, via }) => ({ field, variable, via: via.slice(1) })), depth + 1, message);
    cases.push(`case ${number * 8 + DELIMITED}: { const g${depth} = r.open(); ${inner} r.close(g${depth}); break; }`);
  }
  const known = constants.add(new Map(own.map(({ field }) => [field.proto!, field.name])));
  return `while (!r.done) { const t = r.varint(); switch (t) {\n${cases.join('\n')}\ndefault: skipField(r, t, ${JSON.stringify(message)}, ${known}); } }`;
}

/** Code that puts a field into the object `o`, as the API has it: absent when empty, or there when nothing came. */
function place(constants: Constants, field: FieldSchema, variable: string): string {
  const set = `o[${JSON.stringify(field.name)}] = `;
  const missing = missingOf(field);
  const otherwise = missing === undefined ? '' : ` else ${set}${missingText(constants, field, missing)};`;
  if (!dropsWhenEmpty(field) || field.shape !== 'one') return `if (${variable} !== undefined) ${set}${variable};${otherwise}`;
  const isThere = field.type === 'string' || field.type === 'bytes' ? `${variable} !== ''` : field.type === 'boolean' ? variable : field.type === 'int32' || field.type === 'int64' || field.type === 'double' ? `${variable} !== 0` : `!isEmptyValue(${variable})`;
  return `if (${variable} === undefined) {${otherwise.replace(' else ', '')}} else if (${isThere}) ${set}${variable};`;
}

function missingText(constants: Constants, field: FieldSchema, missing: () => unknown): string {
  if (field.shape === 'list') return '[]';
  if (field.shape === 'map') return '{}';
  const zero = field.type === 'object' ? undefined : missing();
  return typeof zero === 'string' || typeof zero === 'number' || typeof zero === 'boolean' ? JSON.stringify(zero) : `${constants.add(missing)}()`;
}

function compile(name: string): Decode {
  const constants = new Constants({ skipField, tooDeep, isEmptyValue, setOwn });
  const fields = schemaOf(name).fields.map((field, i) => ({ field, variable: `f${i}`, via: viaOf(field) }));
  const numbered = fields.filter(({ field }) => field.proto !== undefined);
  const variables = numbered.length === 0 ? '' : `let ${numbered.map(({ variable }) => variable).join(', ')};`;
  return constants.run(`return (r, d) => { if (d > ${MAX_DEPTH}) tooDeep(); ${variables}\n${level(constants, numbered, 0, name.slice(name.lastIndexOf('.') + 1))}\nconst o = {};\n${numbered.map(({ field, variable }) => place(constants, field, variable)).join('\n')}\nreturn o; };`);
}
