/** Random objects of every kind, made from the schema tables, go through every encoding and come back as they were. */
import * as fc from 'fast-check';
import { dump } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { decodeCbor } from './cbor/decode.ts';
import { encodeCbor } from './cbor/encode.ts';
import { decodeObject, parseJson, parseYaml } from './decode.ts';
import { canonicalQuantity } from './meta/quantity.ts';
import { formatDuration, formatMicroTime, formatTime } from './meta/time.ts';
import { loadVersionsOffByDefault } from './off-by-default.ts';
import { decodeProtobuf } from './protobuf/decode.ts';
import { encodeProtobuf } from './protobuf/encode.ts';
import { envelopeHead, messageOf, withResourceVersion, wrap } from './protobuf/envelope.ts';
import { protobufSchema } from './protobuf/kinds.ts';
import type { FieldSchema } from './schema.ts';
import { schemaNames, schemaOf } from './schema.ts';

await loadVersionsOffByDefault();

const SEED = 20_260_131;
const RUNS = 10;
/** Objects this deep have every shape; deeper ones are only larger. */
const MAX_DEPTH = 7;

const texts = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'grapheme', maxLength: 6 }), fc.constantFrom('', 'true', '1e3', '~', '0x1F', '2026-01-31', 'a: b', '- x', '\u2028<&>', 'line\nline', '__proto__', ' '));
const keys = fc.string({ minLength: 1, maxLength: 8 });
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

/** Kinds with a form in protobuf, with an apiVersion that leads back to their schema. */
const kinds = schemaNames().flatMap((schema) => {
  const [version = '', kind = ''] = schema.split('.').slice(-2);
  const type = schemaOf(schema);
  if (!type.isKind || type.fields.some((field) => field.typeMeta !== true && field.proto === undefined && field.via === undefined)) return [];
  const group = schema.split('.').at(-3)!;
  const apiVersion = [version, `${group}/${version}`, `${group}.k8s.io/${version}`, `${group}.authorization.k8s.io/${version}`, `${group}.apiserver.k8s.io/${version}`, `internal.apiserver.k8s.io/${version}`].find((one) => protobufSchema(one, kind) === schema);
  return apiVersion === undefined ? [] : [{ schema, apiVersion, kind }];
});

test('every kind takes part', () => {
  const missing = schemaNames().filter((name) => schemaOf(name).isKind && !kinds.some(({ schema }) => schema === name));
  expect(missing).toEqual(['io.k8s.apimachinery.pkg.apis.meta.v1.Table']);
});

const groups = Map.groupBy(kinds, ({ schema }) => schema.slice(0, schema.lastIndexOf('.')));

describe.each([...groups])('%s', (_, members) => {
  test.each(members.map((member) => [member.kind, member] as const))('%s', (_kind, { schema, apiVersion, kind }) => {
    fc.assert(fc.property(objects(schema, 0), (made) => {
      // What decoding makes of it is the object as the API has it.
      const object = decodeObject<{ apiVersion: string; kind: string }>(schema, { kind, apiVersion, ...made }).object;
      const bytes = encodeProtobuf(schema, object);
      expect(decodeProtobuf(schema, bytes)).toEqual(object);
      expect(encodeProtobuf(schema, decodeProtobuf<{ apiVersion: string; kind: string }>(schema, bytes)).equals(bytes)).toBe(true);
      expect(decodeObject(schema, parseJson(Buffer.from(JSON.stringify(object)), { strict: true }).value)).toEqual({ object, unknownFields: [] });
      expect(decodeObject(schema, decodeCbor(encodeCbor(object, schema)).value)).toEqual({ object, unknownFields: [] });
      expect(decodeObject(schema, parseYaml(dump(object, { noRefs: true, sortKeys: true, lineWidth: -1 })))).toEqual({ object, unknownFields: [] });
      // The envelope's own way of putting in a resourceVersion is what encoding the changed object gives.
      if (schemaOf(schema).byName.get('metadata')?.ref !== 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta') return;
      const changed = { ...object, metadata: { ...(object as { metadata?: object }).metadata, resourceVersion: '4711' } };
      const spliced = withResourceVersion(bytes, '4711')!;
      expect(spliced.equals(encodeProtobuf(schema, changed))).toBe(true);
      expect(wrap(envelopeHead(apiVersion, kind), messageOf(spliced)).equals(spliced)).toBe(true);
    }), { seed: SEED, numRuns: RUNS });
  });
});

test('never: cut or changed bytes break the reader in another way than by saying so', () => {
  const schema = 'io.k8s.api.core.v1.Pod';
  fc.assert(fc.property(objects(schema, 0), fc.nat(), fc.nat(), fc.nat({ max: 255 }), (made, cut, at, byte) => {
    const bytes = Buffer.from(encodeProtobuf(schema, { apiVersion: 'v1', kind: 'Pod', ...decodeObject<object>(schema, made).object }));
    bytes[at % bytes.length] = byte;
    try {
      decodeProtobuf(schema, bytes.subarray(0, cut % (bytes.length + 1)));
    } catch (error) {
      expect((error as Error).name).toBe('ProtobufError');
    }
  }), { seed: SEED, numRuns: 500 });
});
