import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DOCS_OFF } from '../generated/docs-off.ts';
import { loadResourcesOffByDefault } from '../off-by-default.ts';
import { addDocs } from './docs.ts';
import { OpenApi, openApiV2, openApiV3, openApiV3Index } from './documents.ts';
import type { Json } from './schemas.ts';

const FACTS = new URL('../../../../shared/k8s-api/openapi/', import.meta.url);

/**
 * Known differences: the facts come without texts and enums, from a server that also speaks CBOR; and where upstream has no sentence about a
 * field, its reference stands alone, while ours (we have a sentence for each) stands in an `allOf`.
 */
function plain(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name, inner]) => {
    if (key === 'properties') return true;
    if (name === 'description' && typeof inner === 'string') return false;
    if (name === 'enum') return false;
    return !name.includes('cbor');
  });
  if (key !== 'properties' && entries.length === 1 && entries[0]![0] === 'allOf') return plain((entries[0]![1] as unknown[])[0]);
  return Object.fromEntries(entries.map(([name, inner]) => [name, plain(inner, name === 'properties' && key !== 'properties' ? 'properties' : '')]));
}

function factsOf(name: string): Json | undefined {
  const file = new URL(`${name.replaceAll('/', '__')}_openapi.json`, FACTS);
  return existsSync(file) ? (plain(JSON.parse(readFileSync(file, 'utf8'))) as Json) : undefined;
}

const off = await loadResourcesOffByDefault();
addDocs(DOCS_OFF);
const offDocuments = new OpenApi(off);

describe.skipIf(!existsSync(FACTS))('documents of version 3 against the facts of v1.36', () => {
  const versions = off.groups.flatMap(({ group, versions: all }) => all.map(({ version }) => `apis/${group}/${version}`));
  for (const name of [...Object.keys(openApiV3Index().paths), ...versions]) {
    test(name, () => {
      const facts = factsOf(name);
      expect(facts).toBeDefined();
      const ours = plain(openApiV3(name) ?? offDocuments.v3(name)) as { paths: Json; components: { schemas?: Json } };
      const theirs = facts as { paths: Json; components: { schemas?: Json } };
      expect(Object.keys(ours.paths)).toEqual(Object.keys(theirs.paths).sort());
      for (const path of Object.keys(theirs.paths)) expect(ours.paths[path], path).toEqual(theirs.paths[path]);
      expect(Object.keys(ours.components.schemas ?? {})).toEqual(Object.keys(theirs.components.schemas ?? {}).sort());
      for (const schema of Object.keys(theirs.components.schemas ?? {})) expect(ours.components.schemas![schema], schema).toEqual(theirs.components.schemas![schema]);
    });
  }
});

describe('documents of version 3', () => {
  test('the index names each document with a hash', () => {
    const { paths } = openApiV3Index();
    expect(paths['apis/apps/v1']!.serverRelativeURL).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{128}$/);
    expect(new Set(Object.values(paths).map((path) => path.serverRelativeURL)).size).toBe(Object.keys(paths).length);
  });
  test('an unknown document is undefined', () => {
    expect(openApiV3('apis/nothing/v1')).toBeUndefined();
  });
  test('every type and every property has a description', () => {
    for (const name of [...Object.keys(openApiV3Index().paths), ...Object.keys(offDocuments.index().paths)]) {
      const { components } = (openApiV3(name) ?? offDocuments.v3(name)) as { components: { schemas?: Record<string, { description?: string; properties?: Record<string, { description?: string }> }> } };
      for (const [schema, { description, properties }] of Object.entries(components.schemas ?? {})) {
        expect(description, schema).toBeTruthy();
        for (const [property, { description: text }] of Object.entries(properties ?? {})) expect(text, `${schema}.${property}`).toBeTruthy();
      }
    }
  });
});

/** Every `$ref` of a document. */
function references(value: unknown, found: Set<string> = new Set()): Set<string> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, inner] of Object.entries(value)) {
    if (key === '$ref' && typeof inner === 'string') found.add(inner);
    else references(inner, found);
  }
  return found;
}

describe('the document of version 2', () => {
  const document = openApiV2() as { definitions: Record<string, Json>; paths: Record<string, Json>; swagger: string };
  test('holds a definition for every reference', () => {
    for (const reference of references(document)) expect(document.definitions[reference.replace('#/definitions/', '')], reference).toBeDefined();
  });
  test('has the paths and the merge keys that clients need', () => {
    expect(document.swagger).toBe('2.0');
    expect(document.paths['/api/v1/namespaces/{namespace}/pods/{name}']).toHaveProperty('patch.x-kubernetes-action', 'patch');
    expect(document.definitions['io.k8s.api.core.v1.PodSpec']).toHaveProperty('properties.containers.x-kubernetes-patch-merge-key', 'name');
    expect(document.definitions['io.k8s.api.apps.v1.Deployment']!['x-kubernetes-group-version-kind']).toEqual([{ group: 'apps', kind: 'Deployment', version: 'v1' }]);
  });
});
