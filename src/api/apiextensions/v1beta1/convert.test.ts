import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../v1/types.ts';
import { definitionToBeta, definitionToV1 } from './convert.ts';

const version = (name: string, extra: Partial<CustomResourceDefinitionVersion> = {}): CustomResourceDefinitionVersion => ({ name, served: true, storage: name === 'v1', schema: { openAPIV3Schema: { type: 'object' } }, ...extra });
const definition = (versions: CustomResourceDefinitionVersion[], extra: Partial<CustomResourceDefinition['spec']> = {}): CustomResourceDefinition => ({
  kind: 'CustomResourceDefinition', apiVersion: 'apiextensions.k8s.io/v1', metadata: { name: 'a.b' }, spec: { group: 'b', scope: 'Cluster', names: { plural: 'a', kind: 'A' }, versions, ...extra },
});
const columns = [{ name: 'Age', type: 'date', jsonPath: '.x' }];

describe('v1 → v1beta1 → v1', () => {
  test.each([
    ['one version', definition([version('v1')])],
    ['versions that share everything', definition([version('v1', { additionalPrinterColumns: columns, selectableFields: [{ jsonPath: '.spec.a' }] }), version('v2', { additionalPrinterColumns: columns, selectableFields: [{ jsonPath: '.spec.a' }] })])],
    ['versions that share nothing', definition([version('v1', { additionalPrinterColumns: columns }), version('v2', { schema: { openAPIV3Schema: { type: 'object', description: 'other' } }, subresources: { status: {} } })])],
    ['a webhook', definition([version('v1')], { conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: 'https://example.com' } } } })],
    ['no conversion webhook', definition([version('v1')], { conversion: { strategy: 'None' } })],
    ['unknown fields kept', definition([version('v1')], { preserveUnknownFields: true })],
  ])('%s', (_, object) => {
    expect(definitionToV1(definitionToBeta(object))).toEqual(object);
  });
});

test('a definition with the old single version', () => {
  const old = { ...definitionToBeta(definition([version('v1')])) };
  old.spec = { ...old.spec, versions: [] };
  expect(definitionToV1(old).spec.versions).toEqual([{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }]);
});

const VECTOR = new URL('../../../../../shared/k8s-api/testvectors/apiextensions.k8s.io.v1.CustomResourceDefinition.json', import.meta.url);

test.skipIf(!existsSync(VECTOR))('the golden definition, with every field set', () => {
  const object = JSON.parse(readFileSync(VECTOR, 'utf8')) as CustomResourceDefinition;
  expect(definitionToV1(definitionToBeta(object))).toEqual(object);
});
