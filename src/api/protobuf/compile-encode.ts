/**
 * Writes the code that encodes one type, when the type is first encoded: field names and numbers stand in it as constants, so that the engine
 * compiles what a hand-written encoder would be. What the code is made of comes from the schema's own tables, never from a client.
 */
import type { FieldSchema } from '../schema.ts';
import { schemaOf } from '../schema.ts';
import { Constants, viaOf, wireTypeOf } from './code.ts';
import { isMessageValue, keysFromLast, VALUE_MESSAGES, wrappedStrings, unionContent, type Content } from './encode-values.ts';
import { DELIMITED, type BackwardWriter } from './wire.ts';

export type Encode = (writer: BackwardWriter, object: Record<string, unknown>) => void;

/** What stands for a type in the code of others: compiled when it is first run. */
export interface Encoder {
  run: Encode;
}

const encoders = new Map<string, Encoder>();

export function encoderOf(name: string): Encoder {
  let encoder = encoders.get(name);
  if (encoder === undefined) {
    const made: Encoder = {
      run: (writer, object) => {
        made.run = compile(name);
        made.run(writer, object);
      },
    };
    encoders.set(name, (encoder = made));
  }
  return encoder;
}

const EMPTY: Readonly<Record<string, unknown>> = Object.freeze({});

const tagOf = (field: FieldSchema, number: number): number => number * 8 + wireTypeOf(field);

/** Code that writes `value`, which is there, with its tag. */
function put(constants: Constants, field: FieldSchema, number: number, value: string): string {
  const tag = tagOf(field, number);
  switch (field.type) {
    case 'string':
      return `w.stringField(${tag}, ${value});`;
    case 'boolean':
      return `w.intField(${tag}, ${value} === true ? 1 : 0);`;
    case 'int32':
    case 'int64':
      return `w.intField(${tag}, ${value});`;
    case 'double':
      return `w.doubleField(${tag}, ${value});`;
    case 'bytes':
      return `w.base64Field(${tag}, ${value});`;
    case 'object':
      return `{ const s = w.size; ${constants.add(encoderOf(field.ref!))}.run(w, ${value}); w.close(${tag}, s); }`;
    default: {
      const content: Content = field.type === 'json' && field.ref !== undefined ? unionContent(field.ref, (name) => encoderOf(name).run) : VALUE_MESSAGES[field.type]!;
      return `{ const s = w.size; ${constants.add(content)}(w, ${value}); w.close(${tag}, s); }`;
    }
  }
}

/** Code that writes the zero value of a field that is always there. */
function putZero(constants: Constants, field: FieldSchema, number: number): string {
  const tag = tagOf(field, number);
  if (field.type === 'double') return `w.doubleField(${tag}, 0);`;
  if (field.type === 'object') return put(constants, field, number, constants.add(EMPTY));
  return isMessageValue(field.type) ? put(constants, field, number, 'undefined') : `w.zeroField(${tag});`;
}

/** What a null in a list or map stands for. */
function zeroText(constants: Constants, field: FieldSchema): string {
  switch (field.type) {
    case 'string':
    case 'bytes':
      return "''";
    case 'boolean':
      return 'false';
    case 'int32':
    case 'int64':
    case 'double':
      return '0';
    default:
      return field.type === 'object' ? constants.add(EMPTY) : 'undefined';
  }
}

function putMap(constants: Constants, field: FieldSchema, number: number): string {
  const value = field.valueShape === 'list'
    ? `{ const s = w.size; ${constants.add(wrappedStrings)}(w, x ?? []); w.close(${2 * 8 + DELIMITED}, s); }`
    : put(constants, field, 2, `(x ?? ${zeroText(constants, field)})`);
  return `if (v !== undefined && v !== null) for (const k of ${constants.add(keysFromLast)}(v)) { const e = w.size; const x = v[k]; ${value} w.stringField(${8 + DELIMITED}, k); w.close(${number * 8 + DELIMITED}, e); }`;
}

function putField(constants: Constants, field: FieldSchema): string {
  const number = field.proto!;
  const load = `v = o[${JSON.stringify(field.name)}];`;
  if (field.shape === 'map') return `${load} ${putMap(constants, field, number)}`;
  if (field.wrapped === true) return `${load} if (v !== undefined && v !== null) { const s = w.size; ${constants.add(wrappedStrings)}(w, v); w.close(${number * 8 + DELIMITED}, s); }`;
  if (field.shape === 'list') {
    return `${load} if (v !== undefined && v !== null) for (let i = v.length - 1; i >= 0; i--) { const x = v[i] ?? ${zeroText(constants, field)}; ${put(constants, field, number, 'x')} }`;
  }
  const otherwise = field.pointer || field.type === 'bytes' ? '' : ` else ${putZero(constants, field, number)}`;
  return `${load} if (v !== undefined && v !== null) { ${put(constants, field, number, 'v')} }${otherwise}`;
}

interface Placed {
  field: FieldSchema;
  via: readonly number[];
}

/** From the highest number to the lowest; what JSON shows inline is a message of its own here. */
function level(constants: Constants, fields: readonly Placed[], depth: number): string {
  const steps = fields.filter(({ via }) => via.length === 0).map(({ field }) => ({ number: field.proto!, code: putField(constants, field) }));
  const groups = Map.groupBy(fields.filter(({ via }) => via.length > 0), ({ via }) => via[0]!);
  for (const [number, members] of groups) {
    const inner = level(constants, members.map(({ field, via }) => ({ field, via: via.slice(1) })), depth + 1);
    steps.push({ number, code: `{ const g${depth} = w.size; ${inner} w.close(${number * 8 + DELIMITED}, g${depth}); }` });
  }
  return steps.sort((a, b) => b.number - a.number).map(({ code }) => code).join('\n');
}

function compile(name: string): Encode {
  const constants = new Constants();
  const fields = schemaOf(name).fields.filter((field) => field.proto !== undefined).map((field) => ({ field, via: viaOf(field) }));
  return constants.run(`return (w, o) => { let v;\n${level(constants, fields, 0)}\n};`);
}
