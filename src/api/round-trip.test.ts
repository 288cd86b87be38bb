/** Random objects of every kind, made from the schema tables, go through every encoding and come back as they were. */
import * as fc from 'fast-check';
import { dump } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { decodeCbor } from './cbor/decode.ts';
import { encodeCbor } from './cbor/encode.ts';
import { decodeObject, parseJson, parseYaml } from './decode.ts';
import { loadVersionsOffByDefault } from './off-by-default.ts';
import { decodeProtobuf } from './protobuf/decode.ts';
import { encodeProtobuf } from './protobuf/encode.ts';
import { envelopeHead, messageOf, withResourceVersion, wrap } from './protobuf/envelope.ts';
import { protobufSchema } from './protobuf/kinds.ts';
import { objectsOf } from './random-objects.fixture.ts';
import { schemaNames, schemaOf } from './schema.ts';

await loadVersionsOffByDefault();

const SEED = 20_260_131;
const RUNS = 10;
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
    fc.assert(fc.property(objectsOf(schema), (made) => {
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
  fc.assert(fc.property(objectsOf(schema), fc.nat(), fc.nat(), fc.nat({ max: 255 }), (made, cut, at, byte) => {
    const bytes = Buffer.from(encodeProtobuf(schema, { apiVersion: 'v1', kind: 'Pod', ...decodeObject<object>(schema, made).object }));
    bytes[at % bytes.length] = byte;
    try {
      decodeProtobuf(schema, bytes.subarray(0, cut % (bytes.length + 1)));
    } catch (error) {
      expect((error as Error).name).toBe('ProtobufError');
    }
  }), { seed: SEED, numRuns: 500 });
});
