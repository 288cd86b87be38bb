import { existsSync, readFileSync, readdirSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeObject, parseYaml } from '../decode.ts';
import { loadVersionsOffByDefault } from '../off-by-default.ts';
import { decodeMessage, decodeProtobuf, readEnvelope } from './decode.ts';
import { encodeMessage, encodeProtobuf } from './encode.ts';
import { isProtobuf } from './envelope.ts';
import { protobufSchema } from './kinds.ts';
import { BackwardWriter, Reader } from './wire.ts';

const VECTORS = new URL('../../../../shared/k8s-api/testvectors/', import.meta.url);

await loadVersionsOffByDefault();

/** The schema of `group.version.Kind`. */
function schemaOfVector(name: string): string | undefined {
  const [, group = '', version = '', kind = ''] = /^(.*)\.(v[^.]*)\.([^.]*)$/.exec(name) ?? [];
  return protobufSchema(group === 'core' ? version : `${group}/${version}`, kind);
}

/** JSON with Go's escapes, indented by two blanks. */
function goJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const names = existsSync(VECTORS) ? readdirSync(VECTORS).filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -5)) : [];
const known = names.map((name) => [name, schemaOfVector(name)] as const);

describe.skipIf(known.length === 0)('golden vectors of v1.36', () => {
  test('cover every kind', () => {
    expect(known.filter(([, schema]) => schema === undefined)).toEqual([]);
    expect(known.length).toBe(189);
  });
  test.each(known)('%s', (name, found) => {
    const schema = found!;
    const json = readFileSync(new URL(`${name}.json`, VECTORS), 'utf8');
    const golden = readFileSync(new URL(`${name}.pb`, VECTORS));
    const object = JSON.parse(json) as { apiVersion: string; kind: string };
    expect(Buffer.from(encodeProtobuf(schema, object)).equals(golden)).toBe(true);
    const fromProtobuf = decodeProtobuf<{ apiVersion: string; kind: string }>(schema, golden);
    expect(goJson(fromProtobuf)).toBe(json);
    expect(Buffer.from(encodeProtobuf(schema, fromProtobuf)).equals(golden)).toBe(true);
    const decoded = decodeObject(schema, object);
    expect(decoded.unknownFields).toEqual([]);
    expect(goJson(decoded.object)).toBe(json);
    const yaml = parseYaml(readFileSync(new URL(`${name}.yaml`, VECTORS), 'utf8')) as { apiVersion: string; kind: string };
    expect(goJson(decodeObject(schema, yaml).object)).toBe(json);
  });
});

describe('envelope', () => {
  test('carries apiVersion and kind', () => {
    const bytes = encodeProtobuf('io.k8s.api.core.v1.ConfigMap', { apiVersion: 'v1', kind: 'ConfigMap' });
    expect(isProtobuf(bytes)).toBe(true);
    expect(readEnvelope(bytes)).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', contentEncoding: '', contentType: '' });
    expect(decodeProtobuf('io.k8s.api.core.v1.ConfigMap', bytes)).toEqual({ kind: 'ConfigMap', apiVersion: 'v1', metadata: {} });
  });
  test('other bytes are refused', () => {
    expect(isProtobuf(new TextEncoder().encode('{}'))).toBe(false);
    expect(() => readEnvelope(new TextEncoder().encode('{}'))).toThrow('provided data does not appear to be a protobuf message');
  });
  test('cut bytes are refused', () => {
    const bytes = encodeProtobuf('io.k8s.api.core.v1.ConfigMap', { apiVersion: 'v1', kind: 'ConfigMap' });
    expect(() => decodeProtobuf('io.k8s.api.core.v1.ConfigMap', bytes.subarray(0, -3))).toThrow('unexpected EOF');
  });
});

describe('messages that are none', () => {
  const POD = 'io.k8s.api.core.v1.Pod';
  const refused: [string, number[], string][] = [
    ['a field number of zero', [0x00, 0x01], 'proto: Pod: illegal tag 0 (wire type 0)'],
    ['the end of no group', [0x0c], 'proto: Pod: wiretype end group for non-group'],
    ['an end of a group too many', [0x7b, 0x0c, 0x0c], 'proto: Pod: wiretype end group for non-group'],
    ['another wire type', [0x08, 0x01], 'proto: wrong wireType = 0 for field Metadata'],
    ['another wire type further in', [0x0a, 0x02, 0x28, 0x01], 'proto: wrong wireType = 0 for field UID'],
    ['a wire type that there is not', [0x7e], 'proto: illegal wireType 6'],
    ['a time of something else', [0x0a, 0x04, 0x42, 0x02, 0x0a, 0x00], 'proto: wrong wireType = 2 for field Seconds'],
    ['a length below zero', [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], 'proto: negative length found during unmarshaling'],
    ['a number without an end', [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], 'proto: integer overflow'],
    ['what is cut', [0x0a, 0x05, 0x0a], 'unexpected EOF'],
  ];
  test.each(refused)('%s', (_name, bytes, message) => expect(() => decodeMessage(POD, Uint8Array.from(bytes))).toThrow(new RegExp(`^${message.replace(/[()]/g, '\\$&')}$`)));

  test.each<[string, number[]]>([['a field', [0x78, 0x01]], ['a group with a group in it', [0x7b, 0x0b, 0x08, 0x01, 0x0c, 0x12, 0x01, 0x61, 0x7c]], ['fixed numbers', [0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7d, 1, 2, 3, 4]]])('%s that is not known is skipped', (_name, bytes) => {
    expect(decodeMessage(POD, Uint8Array.from([...bytes, 0x0a, 0x03, 0x0a, 0x01, 0x61]))).toMatchObject({ metadata: { name: 'a' } });
  });

  test('each byte that is no UTF-8 is a mark of its own', () => {
    const text = [0x61, 0xe4, 0xb8, 0x7a, 0xff, 0xc3, 0xa4, 0xef, 0xbf, 0xbd, 0xf0, 0x9f];
    expect(decodeMessage(POD, Uint8Array.from([0x0a, text.length + 2, 0x0a, text.length, ...text]))).toMatchObject({ metadata: { name: 'a\ufffd\ufffdz\ufffdä\ufffd\ufffd\ufffd' } });
  });
});

describe('wire', () => {
  test('whole numbers come back', () => {
    fc.assert(fc.property(fc.oneof(fc.maxSafeInteger(), fc.integer()), (value) => {
      const writer = new BackwardWriter();
      writer.varint(value);
      expect(new Reader(writer.finish()).signed()).toBe(value);
    }));
  });
  test('objects come back as they would from JSON', () => {
    const labels = fc.dictionary(fc.string(), fc.string());
    const container = fc.record({ name: fc.string(), image: fc.string(), command: fc.array(fc.string()), stdin: fc.boolean() }, { requiredKeys: [] });
    fc.assert(fc.property(labels, fc.array(container), fc.option(fc.maxSafeInteger()), (map, containers, seconds) => {
      const { object } = decodeObject('io.k8s.api.core.v1.Pod', { metadata: { labels: map }, spec: { containers, activeDeadlineSeconds: seconds } });
      expect(decodeMessage('io.k8s.api.core.v1.Pod', encodeMessage('io.k8s.api.core.v1.Pod', object))).toEqual(object);
    }));
  });
});
