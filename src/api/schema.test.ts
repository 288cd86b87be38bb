import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { outdated } from '../../scripts/generate-api.ts';
import { loadVersionsOffByDefault } from './off-by-default.ts';
import { RESOURCES } from './resources.ts';
import type { FieldSchema } from './schema.ts';
import { findSchema, schemaNames, schemaOf } from './schema.ts';

await loadVersionsOffByDefault();

const FACTS = new URL('../../../shared/k8s-api/types.json', import.meta.url);

interface FactField {
  json?: string | null;
  num?: number;
  proto?: string | null;
  via?: (number | null)[];
  inline?: string;
  typeMeta?: boolean;
  rep?: boolean;
  ptr?: boolean;
  map?: [string, string];
  omitempty?: boolean;
  omitzero?: boolean;
  required?: boolean;
  schema?: Record<string, unknown>;
}
interface FactType {
  inSpec: boolean;
  fields: FactField[];
  noProto?: boolean;
  'x-kubernetes-map-type'?: string;
  'x-kubernetes-unions'?: unknown;
}

const PROTO: Readonly<Record<string, string>> = {
  string: 'string', boolean: 'bool', int32: 'int32', int64: 'int64', double: 'double', bytes: 'bytes',
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity', intOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  time: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time', microTime: 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime',
  duration: 'io.k8s.apimachinery.pkg.apis.meta.v1.Duration', raw: 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  fieldsV1: 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
};

/** What both sides say about a field, in one form. */
function ours(field: FieldSchema): Record<string, unknown> {
  const target = field.ref ?? (field.type === 'json' ? 'JSON' : PROTO[field.type]);
  return {
    name: field.name, num: field.proto, via: field.via, shape: field.shape, wrapped: field.wrapped === true,
    target: field.wrapped === true ? 'wrapped' : target,
    required: field.required, pointer: field.pointer, omitEmpty: field.omitEmpty, omitZero: field.omitZero === true,
    enum: field.enum, listType: field.listType, listKeys: field.listKeys, patchStrategy: field.patchStrategy, patchMergeKey: field.patchMergeKey, mapType: field.mapType,
  };
}

function facts(field: FactField): Record<string, unknown> {
  const schema = field.schema ?? {};
  const inner = (schema.items ?? schema.additionalProperties ?? {}) as { enum?: string[] };
  const raw = field.map?.[1] ?? field.proto ?? undefined;
  const wrapped = /\.(ExtraValue|Verbs)$/.test(raw ?? '');
  return {
    name: field.json, num: field.num, via: field.via, wrapped,
    shape: field.map !== undefined ? 'map' : field.rep === true || raw?.endsWith('.Verbs') === true ? 'list' : 'one',
    target: wrapped ? 'wrapped' : raw?.endsWith('.JSON') === true ? 'JSON' : raw,
    required: field.required === true, pointer: field.ptr === true, omitEmpty: field.omitempty === true, omitZero: field.omitzero === true,
    enum: schema.enum ?? inner.enum, listType: schema['x-kubernetes-list-type'], listKeys: schema['x-kubernetes-list-map-keys'],
    patchStrategy: schema['x-kubernetes-patch-strategy'], patchMergeKey: schema['x-kubernetes-patch-merge-key'], mapType: schema['x-kubernetes-map-type'],
  };
}

test('the generated tables are current', () => {
  expect(outdated()).toEqual([]);
});

describe('schemaOf', () => {
  test('reads a kind with its standard fields', () => {
    const pod = schemaOf('io.k8s.api.core.v1.Pod');
    expect(pod.fields.map((f) => f.name)).toEqual(['kind', 'apiVersion', 'metadata', 'spec', 'status']);
    expect(pod.byName.get('spec')).toMatchObject({ type: 'object', ref: 'io.k8s.api.core.v1.PodSpec', proto: 2, shape: 'one' });
    expect(pod.isKind).toBe(true);
  });
  test('reads markers', () => {
    const ports = schemaOf('io.k8s.api.core.v1.Container').byName.get('ports');
    expect(ports).toMatchObject({ shape: 'list', listType: 'map', listKeys: ['containerPort', 'protocol'], patchStrategy: 'merge', patchMergeKey: 'containerPort' });
    expect(schemaOf('io.k8s.api.core.v1.ContainerPort').byName.get('protocol')).toMatchObject({ default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'] });
    expect(schemaOf('io.k8s.api.core.v1.Volume').byName.get('secret')?.via).toEqual([2]);
    expect(schemaOf('io.k8s.api.core.v1.ConfigMapKeySelector').atomic).toBe(true);
  });
  test('makes lists of kinds', () => {
    expect(schemaOf('io.k8s.api.apps.v1.DeploymentList')).toMatchObject({ listOf: 'io.k8s.api.apps.v1.Deployment' });
    expect(findSchema('io.k8s.api.core.v1.BindingList')).toBeUndefined();
  });
  test('refuses a name that is not there', () => {
    expect(() => schemaOf('io.k8s.api.core.v1.Nothing')).toThrow('no schema is named "io.k8s.api.core.v1.Nothing"');
  });
  test('every resource and every reference has a schema', () => {
    for (const resource of RESOURCES) expect(findSchema(resource.schema), resource.schema).toBeDefined();
    for (const name of schemaNames()) {
      for (const field of schemaOf(name).fields) if (field.type === 'object') expect(findSchema(field.ref!), `${name}.${field.name}`).toBeDefined();
    }
  });
});

const HAND_MADE = /\.(List|Table|TableColumnDefinition|TableRow|TableRowCondition|Info)$/;

describe.skipIf(!existsSync(FACTS))('the tables against the facts of v1.36', () => {
  const types = existsSync(FACTS) ? (JSON.parse(readFileSync(FACTS, 'utf8')) as { types: Record<string, FactType> }).types : {};
  for (const name of schemaNames()) {
    if (HAND_MADE.test(name)) continue;
    test(name, () => {
      const fact = types[name];
      expect(fact).toBeDefined();
      const schema = schemaOf(name);
      const fields = fact!.fields.filter((f) => f.json !== undefined && f.json !== null && f.inline === undefined);
      expect(schema.fields.map((f) => f.name)).toEqual(fields.map((f) => f.json));
      const published = fields.filter((f) => f.typeMeta !== true && fact!.noProto !== true && f.proto !== undefined);
      expect(schema.fields.filter((f) => published.some((p) => p.json === f.name)).map(ours)).toEqual(published.map(facts));
      expect(schema.unpublished === true).toBe(!fact!.inSpec);
      expect(schema.atomic === true).toBe(fact!['x-kubernetes-map-type'] === 'atomic');
      expect(schema.extensions?.['x-kubernetes-unions']).toEqual(fact!['x-kubernetes-unions']);
      for (const field of schema.fields) {
        const declared = fields.find((f) => f.json === field.name)?.schema;
        if (field.default !== undefined) expect(declared?.default).toEqual(field.default);
      }
    });
  }
});
