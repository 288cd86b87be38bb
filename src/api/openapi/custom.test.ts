import { describe, expect, test } from 'vitest';
import type { JSONSchemaProps } from '../apiextensions/v1/types.ts';
import type { Resource } from '../meta/resource.ts';
import { customDocument3, customPart2, type DescribedVersion } from './index.ts';

const resource: Resource = {
  group: 'example.com', version: 'v1', plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList', namespaced: true, verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
  shortNames: [], categories: [], subresources: [{ name: 'status', kind: 'Widget', verbs: ['get', 'patch', 'update'] }, { name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch', 'update'] }],
  storagePrefix: 'example.com/widgets', schema: 'custom.example.com.v1.Widget',
};
const described = (schema: JSONSchemaProps | undefined, selectable: string[] = []): DescribedVersion[] => [{ resource, schema, selectable }];
type Loose = Record<string, never>;
const kinds = (kind = 'Widget'): object => ({ 'x-kubernetes-group-version-kind': [{ group: 'example.com', kind, version: 'v1' }] });

/** Without descriptions and what every object has. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([name, inner]) => !(name === 'description' && typeof inner === 'string')).map(([name, inner]) => [name, bare(inner)]));
}
const second = (schema: JSONSchemaProps | undefined): unknown => bare(customPart2('example.com', 'v1', described(schema)).definitions['com.example.v1.Widget']);
const third = (schema: JSONSchemaProps | undefined, selectable?: string[], name = 'Widget'): unknown => {
  const { components } = customDocument3('example.com', 'v1', described(schema, selectable)) as { components: { schemas: Loose } };
  return bare(components.schemas[`com.example.v1.${name}`]);
};
const type = { type: 'string' };
const META2 = { apiVersion: type, kind: type, metadata: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' } };
const META3 = { apiVersion: type, kind: type, metadata: { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }] } };
const object = (properties: Record<string, JSONSchemaProps>): JSONSchemaProps => ({ type: 'object', properties });

describe('the schema of a custom resource', () => {
  const rows: [name: string, schema: JSONSchemaProps | undefined, second: object, third: object][] = [
    ['none', undefined, { type: 'object' }, { type: 'object' }],
    ['an open one', { type: 'object', description: 'D', 'x-kubernetes-preserve-unknown-fields': true }, { type: 'object' }, { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: META3 }],
    ['a whole that may be null', { ...object({ spec: type }), nullable: true }, { properties: META2 }, { type: 'object', nullable: true, properties: { spec: type, ...META3 } }],
    ['what says something of metadata', { ...object({ metadata: { type: 'object' }, kind: { type: 'string', enum: ['Widget'] } }), required: ['metadata'] }, { type: 'object', required: ['metadata'], properties: META2 }, { type: 'object', required: ['metadata'], properties: META3 }],
    ['a part that keeps what it does not know', object({ spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { a: type } } }),
      { type: 'object', properties: { spec: { 'x-kubernetes-preserve-unknown-fields': true }, ...META2 } }, { type: 'object', properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { a: type } }, ...META3 } }],
    ['a part that may be null', object({ spec: { type: 'string', nullable: true, pattern: 'x' } }), { type: 'object', properties: { spec: { pattern: 'x' }, ...META2 } }, { type: 'object', properties: { spec: { type: 'string', nullable: true, pattern: 'x' }, ...META3 } }],
    ['a number or a text', object({ spec: { 'x-kubernetes-int-or-string': true } }), { type: 'object', properties: { spec: { 'x-kubernetes-int-or-string': true }, ...META2 } },
      { type: 'object', properties: { spec: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] }, ...META3 } }],
    ['an embedded object', object({ spec: { type: 'object', 'x-kubernetes-embedded-resource': true, required: ['apiVersion'], properties: { a: type } } }),
      { type: 'object', properties: { spec: { type: 'object', 'x-kubernetes-embedded-resource': true, required: ['apiVersion', 'kind'], properties: { a: type, ...META2 } }, ...META2 } },
      { type: 'object', properties: { spec: { type: 'object', 'x-kubernetes-embedded-resource': true, required: ['apiVersion', 'kind'], properties: { a: type, ...META3 } }, ...META3 } }],
    ['rules, examples, defaults and alternatives', object({ spec: { type: 'string', example: 'a' as never, default: 'b' as never, oneOf: [{ minLength: 1 }], 'x-kubernetes-validations': [{ rule: 'true' }] } }),
      { type: 'object', properties: { spec: { type: 'string', example: 'a', 'x-kubernetes-validations': [{ rule: 'true' }] }, ...META2 } },
      { type: 'object', properties: { spec: { type: 'string', example: 'a', default: 'b', oneOf: [{ minLength: 1 }], 'x-kubernetes-validations': [{ rule: 'true' }] }, ...META3 } }],
  ];
  test.each(rows)('%s', (_name, schema, two, three) => {
    expect(second(schema)).toEqual(Object.assign({}, two, kinds()));
    expect(third(schema)).toEqual(Object.assign({}, three, kinds()));
  });

  test('names its selectable fields, and so does its list', () => {
    const fields = { 'x-kubernetes-selectable-fields': [{ fieldPath: 'spec.color' }] };
    expect(third({ type: 'object' }, ['spec.color'])).toMatchObject(fields);
    expect(third({ type: 'object' }, ['spec.color'], 'WidgetList')).toMatchObject({ ...kinds('WidgetList'), ...fields });
  });
});

describe('the operations of a custom resource', () => {
  const root = '/apis/example.com/v1/namespaces/{namespace}/widgets';
  const paths3 = (customDocument3('example.com', 'v1', described({ type: 'object' })) as { paths: Record<string, Record<string, Loose>> }).paths;
  const paths2 = customPart2('example.com', 'v1', described({ type: 'object' })).paths as Record<string, Record<string, Loose>>;
  const names = (parameters: { name: string }[] | undefined): string[] => (parameters ?? []).map(({ name }) => name);

  test('a collection is deleted by what a list is asked by', () => {
    const { parameters, requestBody } = paths3[root]!['delete'] as unknown as { parameters: { name: string }[]; requestBody?: unknown };
    expect(names(parameters)).toEqual(['allowWatchBookmarks', 'continue', 'fieldSelector', 'labelSelector', 'limit', 'resourceVersion', 'resourceVersionMatch', 'sendInitialEvents', 'shardSelector', 'timeoutSeconds', 'watch']);
    expect(requestBody).toBeUndefined();
  });

  test.each(['', '/status', '/scale'])('an object%s is read as of a version, and a patch makes none', (sub) => {
    const item = paths3[`${root}/{name}${sub}`]!;
    expect(names(item['get']!['parameters'])).toEqual(['resourceVersion']);
    expect(Object.keys(item['patch']!['responses']!)).toEqual(['200', '401']);
    expect(Object.keys(item['put']!['responses']!)).toEqual(['200', '201', '401']);
    expect(item['get']!['x-kubernetes-group-version-kind']).toEqual({ group: 'example.com', kind: 'Widget', version: 'v1' });
  });

  test('say what they take', () => {
    const item = paths2[`${root}/{name}`]!;
    expect([item['get']!['consumes'], item['put']!['consumes'], item['patch']!['consumes']]).toEqual([['application/json', 'application/yaml'], ['application/json', 'application/yaml'], ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml']]);
    expect(Object.keys((paths3[root]!['post'] as unknown as { requestBody: { content: object } }).requestBody.content)).toEqual(['application/json', 'application/yaml']);
  });
});
