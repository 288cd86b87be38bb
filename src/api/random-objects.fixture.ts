/** Random objects of the API's types, made from the schema tables. */
import * as fc from 'fast-check';
import { canonicalQuantity } from './meta/quantity.ts';
import { formatDuration, formatMicroTime, formatTime } from './meta/time.ts';
import { schemaOf, type FieldSchema } from './schema.ts';

/** Objects this deep have every shape; deeper ones are only larger. */
const MAX_DEPTH = 7;

const texts = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'grapheme', maxLength: 6 }), fc.constantFrom('', 'true', '1e3', '~', '0x1F', '2026-01-31', 'a: b', '- x', '\u2028<&>', 'line\nline', '__proto__', 'constructor', ' '));
/** Words that are keys like any other, though all objects of the language know them. */
export const INHERITED: readonly string[] = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__proto__'];
const keys = fc.oneof({ weight: 3, arbitrary: fc.string({ minLength: 1, maxLength: 8 }) }, { weight: 1, arbitrary: fc.constantFrom(...INHERITED) });
const moments = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }).filter((seconds) => seconds !== -62_135_596_800);
const anyJson = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value), (_key, inner: unknown) => (typeof inner === 'number' && Number.isInteger(inner) && !Number.isSafeInteger(inner) ? 0 : inner)) as unknown);
const someJson = fc.dictionary(keys, anyJson, { maxKeys: 3, noNullPrototype: true });

/** The three unions of CRD schemas, with schemas that have no unions themselves. */
function unions(ref: string): fc.Arbitrary<unknown> {
  const schema = fc.record({ type: fc.constantFrom('string', 'object'), description: fc.string({ minLength: 1, maxLength: 5 }) });
  if (ref.endsWith('OrBool')) return fc.oneof(fc.boolean(), schema);
  return ref.endsWith('OrStringArray') ? fc.oneof(schema, fc.array(fc.string(), { minLength: 1, maxLength: 3 })) : fc.oneof(schema, fc.array(schema, { minLength: 1, maxLength: 2 }));
}

function single(field: FieldSchema, depth: number): fc.Arbitrary<unknown> {
  switch (field.type) {
    case 'string':
      return texts;
    case 'boolean':
      return fc.boolean();
    case 'int32':
      return fc.oneof(fc.integer(), fc.constantFrom(0, -1, 127, 128, 2 ** 31 - 1, -(2 ** 31)));
    case 'int64':
      return fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, -1, 2 ** 32, 2 ** 53 - 1, -(2 ** 53 - 1)));
    case 'double':
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value));
    case 'bytes':
      return fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('base64'));
    case 'quantity':
      return fc.tuple(fc.integer({ min: 0, max: 99_999 }), fc.constantFrom('', 'm', 'k', 'M', 'Ki', 'Gi')).map(([value, unit]) => canonicalQuantity(`${value}${unit}`));
    case 'intOrString':
      return fc.oneof(fc.integer(), texts);
    case 'time':
      return moments.map((seconds) => formatTime(seconds * 1000));
    case 'microTime':
      return fc.tuple(moments, fc.integer({ min: 0, max: 999 })).map(([seconds, ms]) => formatMicroTime(seconds * 1000 + ms));
    case 'duration':
      return fc.integer({ min: -1e9, max: 1e9 }).map((ms) => formatDuration(BigInt(ms) * 1_000_000n));
    case 'object':
      return objects(field.ref!, depth + 1);
    case 'fieldsV1':
    case 'raw':
      return someJson;
    default:
      return field.ref === undefined ? anyJson.filter((value) => value !== null) : unions(field.ref);
  }
}

function valueOf(field: FieldSchema, depth: number): fc.Arbitrary<unknown> {
  const one = single(field, depth);
  if (field.shape === 'list') return fc.array(one, { maxLength: 2 });
  if (field.shape === 'map') return fc.dictionary(keys, field.valueShape === 'list' ? fc.array(fc.string(), { maxLength: 2 }) : one, { maxKeys: 3, noNullPrototype: true });
  return one;
}

/** Some of a type's fields, fewer the deeper it stands. */
function objects(name: string, depth: number): fc.Arbitrary<Record<string, unknown>> {
  if (depth > MAX_DEPTH) return fc.constant({});
  const fields = schemaOf(name).fields.filter((field) => field.typeMeta !== true);
  return fc.array(fc.nat({ max: Math.max(0, fields.length - 1) }), { maxLength: depth < 3 ? 12 : 3 }).chain((chosen) => {
    const picked = [...new Set(chosen)].flatMap((i) => fields[i] ?? []);
    return fc.tuple(...picked.map((field) => valueOf(field, depth))).map((values) => Object.fromEntries(picked.map((field, i) => [field.name, values[i]])));
  });
}

/** Random objects of a type, as a client would write them. */
export const objectsOf = (schema: string): fc.Arbitrary<Record<string, unknown>> => objects(schema, 0);
