import { describe, expect, test } from 'vitest';
import { Reader } from '../protobuf/wire.ts';
import { readYaml } from '../yaml.ts';
import { openApiV2 } from './documents.ts';
import { encodeOpenApiV2 } from './protobuf.ts';

/** The fields of a message, by number: bytes for delimited ones, numbers for the rest. */
function fieldsOf(bytes: Uint8Array): Map<number, (Uint8Array | number)[]> {
  const found = new Map<number, (Uint8Array | number)[]>();
  const reader = new Reader(bytes);
  let last = 0;
  while (!reader.done) {
    const tag = reader.varint();
    const number = tag >> 3;
    expect(number).toBeGreaterThanOrEqual(last);
    last = number;
    const value = (tag & 7) === 2 ? reader.bytes() : (tag & 7) === 1 ? reader.double() : reader.signed();
    found.set(number, [...(found.get(number) ?? []), value]);
  }
  return found;
}
const all = (bytes: Uint8Array, ...path: number[]): (Uint8Array | number)[] => path.reduce<(Uint8Array | number)[]>((at, number) => at.flatMap((one) => fieldsOf(one as Uint8Array).get(number) ?? []), [bytes]);
const words = (bytes: Uint8Array, ...path: number[]): string[] => all(bytes, ...path).map((one) => Buffer.from(one as Uint8Array).toString());
const named = (list: (Uint8Array | number)[], name: string): Uint8Array => all(list.find((one) => words(one as Uint8Array, 1)[0] === name) as Uint8Array, 2)[0] as Uint8Array;

describe('the whole document', () => {
  const document = openApiV2() as { paths: Record<string, unknown>; definitions: Record<string, { required?: string[] }> };
  const bytes = encodeOpenApiV2(document);
  test('says what it is', () => {
    expect([words(bytes, 1), words(bytes, 2, 1), words(bytes, 2, 2)]).toEqual([['2.0'], ['Kubernetes'], ['v1.36.2']]);
    expect(words(bytes, 12, 1, 1)).toEqual(['BearerToken']);
    expect(words(bytes, 13, 1, 2, 2, 2)).toEqual(['authorization']);
  });
  test('has every path and definition, in their order', () => {
    expect(words(bytes, 8, 2, 1)).toEqual(Object.keys(document.paths));
    expect(words(bytes, 9, 1, 1)).toEqual(Object.keys(document.definitions));
  });
  test('a definition: properties, references, what is required, extensions', () => {
    const pod = named(all(bytes, 9, 1), 'io.k8s.api.core.v1.Pod');
    expect(words(pod, 25, 1, 1)).toEqual(['apiVersion', 'kind', 'metadata', 'spec', 'status']);
    expect(words(pod, 22, 1)).toEqual(['object']);
    expect(words(named(all(pod, 25, 1), 'kind'), 22, 1)).toEqual(['string']);
    const metadata = named(all(pod, 25, 1), 'metadata');
    expect([...words(metadata, 1), ...words(metadata, 24, 1)]).toEqual(['#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta']);
    expect([words(pod, 31, 1), words(pod, 31, 2, 2).map((yaml) => readYaml(yaml).value)]).toEqual([['x-kubernetes-group-version-kind'], [[{ group: '', kind: 'Pod', version: 'v1' }]]]);
    const container = named(all(bytes, 9, 1), 'io.k8s.api.core.v1.Container');
    expect(words(container, 19)).toEqual(document.definitions['io.k8s.api.core.v1.Container']!.required);
    const labels = named(all(named(all(bytes, 9, 1), 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'), 25, 1), 'labels');
    expect(words(labels, 21, 1, 22, 1)).toEqual(['string']);
  });
  test('an operation: parameters of path, query and body, and its answers', () => {
    const item = named(all(bytes, 8, 2), '/api/v1/namespaces/{namespace}/pods/{name}');
    expect(words(item, 9, 1, 2, 4, 4)).toEqual(['name', 'namespace']);
    const put = all(item, 3)[0] as Uint8Array;
    expect(words(put, 8, 1, 1, 3)).toEqual(['body']);
    expect(words(put, 8, 1, 2, 3, 4)).toContain('fieldManager');
    expect(words(put, 9, 1, 1)).toEqual(['200', '201', '401']);
    expect(words(put, 9, 1, 2, 1, 2, 1, 1)).toEqual(['#/definitions/io.k8s.api.core.v1.Pod', '#/definitions/io.k8s.api.core.v1.Pod']);
    expect(words(put, 13, 1)).toEqual(['x-kubernetes-action', 'x-kubernetes-group-version-kind']);
  });
});

test('what custom resources bring: bounds, enumerations, defaults, booleans', () => {
  const bytes = encodeOpenApiV2({ definitions: { A: { type: 'object', properties: { a: { type: 'integer', minimum: -1.5, maxLength: 3, enum: ['x', 1], default: 0 }, b: { type: 'array', items: { type: 'string' } } }, additionalProperties: false, nothing: 1 } } });
  const definition = named(all(bytes, 9, 1), 'A');
  const a = named(all(definition, 25, 1), 'a');
  expect([all(a, 9), all(a, 11), words(a, 20, 2), words(a, 5, 2)]).toEqual([[-1.5], [3], ['x\n', '1\n'], ['0\n']]);
  expect(words(named(all(definition, 25, 1), 'b'), 23, 1, 22, 1)).toEqual(['string']);
  expect(all(definition, 21, 2)).toEqual([0]);
});
