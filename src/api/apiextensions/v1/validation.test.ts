/** Definitions of custom resources are refused for what upstream's server refuses them for. */
import { expect, test } from 'vitest';
import { refusals, type Loose } from '../../strategies.fixture.ts';
import { rows, type Row } from './validation.fixture.ts';

const plain = (): Loose => ({
  group: 'example.com', names: { plural: 'foos', singular: 'foo', kind: 'Foo', listKind: 'FooList' }, scope: 'Namespaced',
  versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } } }],
});

function causesOf({ schema, metadata, spec = {} }: Row[1]): string[] {
  return refusals('apiextensions.k8s.io/CustomResourceDefinition', (definition) => {
    definition.metadata = metadata ?? { name: 'foos.example.com' };
    definition.spec = plain();
    for (const [field, value] of Object.entries(spec)) {
      if (value === null) delete definition.spec[field];
      else definition.spec[field] = structuredClone(value);
    }
    if (schema !== undefined) definition.spec.versions[0].schema.openAPIV3Schema = structuredClone(schema);
  });
}

test.each(rows)('%s', (_name, change, causes) => {
  expect(causesOf(change)).toEqual(causes);
});
