import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { GROUPS, RESOURCES } from '../../api/resources.ts';
import type { ServerRequest } from '../types.ts';
import { aggregatedForm } from '../accept.ts';
import { Discovery, storageVersionHash } from './discovery.ts';

const factsFile = new URL('../../../../shared/k8s-api/resources.json', import.meta.url);
const haveFacts = existsSync(factsFile);
if (!haveFacts) console.warn('discovery is not compared with the facts: the file is absent');

const groups = GROUPS.toSorted((a, b) => b.priority - a.priority).map(({ group, versions, preferred }) => ({ name: group, preferred, versions: versions.toSorted((a, b) => b.priority - a.priority).map((v) => v.version) }));
const discovery = new Discovery({ groups, resources: RESOURCES, serverAddress: 'here:6443' });

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

function get(path: string, headers: Record<string, string> = {}) {
  return discovery.handle({ path, headers } as ServerRequest);
}
const bodyOf = (path: string, headers: Record<string, string> = {}) => JSON.parse(get(path, headers)!.body as string);

interface Fact {
  group: string; version: string; resource: string; kind: string; namespaced: boolean; verbs: string[]; onByDefault: boolean; singular: string; shortNames?: string[]; categories?: string[]; storageVersionHash?: string;
  subresources?: { name: string; kind: string; verbs: string[]; gv?: [string, string] }[];
}

describe.skipIf(!haveFacts)('discovery equals the facts', () => {
  const facts = haveFacts ? (JSON.parse(readFileSync(factsFile, 'utf8')) as { resources: Fact[] }).resources.filter((r) => r.onByDefault) : [];
  test('every resource, with verbs, names, categories, hashes and subresources', () => {
    for (const fact of facts) {
      const list = bodyOf(fact.group === '' ? `/api/${fact.version}` : `/apis/${fact.group}/${fact.version}`) as { resources: Record<string, unknown>[] };
      const own = list.resources.find((r) => r['name'] === fact.resource);
      expect(own, `${fact.group}/${fact.resource}`).toEqual({
        name: fact.resource, singularName: fact.singular, namespaced: fact.namespaced, kind: fact.kind, verbs: fact.verbs,
        ...(fact.shortNames ? { shortNames: fact.shortNames } : {}), ...(fact.categories ? { categories: fact.categories } : {}), ...(fact.storageVersionHash ? { storageVersionHash: fact.storageVersionHash } : {}),
      });
      for (const sub of fact.subresources ?? []) {
        expect(list.resources.find((r) => r['name'] === `${fact.resource}/${sub.name}`), `${fact.resource}/${sub.name}`).toEqual({
          name: `${fact.resource}/${sub.name}`, singularName: '', namespaced: fact.namespaced, ...(sub.gv ? { group: sub.gv[0], version: sub.gv[1] } : {}), kind: sub.kind, verbs: sub.verbs,
        });
      }
    }
  });
  test('groups and versions, in order and with the preferred one', () => {
    const { groups: known } = JSON.parse(readFileSync(factsFile, 'utf8')) as { groups: { group: string; preferred: string; versions: { version: string; onByDefault: boolean; groupPriority: number | null; versionPriority: number | null }[] }[] };
    const expected = known
      .map(({ group, preferred, versions }) => ({ group, preferred, versions: versions.filter((v) => v.onByDefault).toSorted((a, b) => (b.versionPriority ?? 0) - (a.versionPriority ?? 0)), priority: group === 'apiregistration.k8s.io' ? 20_001 : (versions[0]!.groupPriority ?? 0) }))
      .filter(({ group, versions }) => group !== '' && versions.length > 0)
      .toSorted((a, b) => b.priority - a.priority || (a.group < b.group ? -1 : 1))
      .map(({ group, preferred, versions }) => ({
        name: group, versions: versions.map(({ version }) => ({ groupVersion: `${group}/${version}`, version })), preferredVersion: { groupVersion: `${group}/${preferred}`, version: preferred },
      }));
    expect((bodyOf('/apis') as { groups: object[] }).groups).toEqual(expected);
  });

  test('the aggregated documents: every resource and subresource, at its group and version, in order', () => {
    for (const root of ['/api', '/apis']) {
      const { items } = bodyOf(root, { accept: aggregated }) as { items: { metadata: { name?: string }; versions: { version: string; freshness: string; resources: { resource: string }[] }[] }[] };
      expect(items.map(({ metadata }) => metadata.name ?? '')).toEqual(root === '/api' ? [''] : (bodyOf('/apis') as { groups: { name: string }[] }).groups.map(({ name }) => name));
      for (const { metadata, versions } of items) {
        for (const { version, freshness, resources } of versions) {
          expect(freshness).toBe('Current');
          const group = metadata.name ?? '';
          const here = facts.filter((fact) => fact.group === group && fact.version === version);
          expect(resources, `${group}/${version}`).toEqual(here.toSorted((a, b) => (a.resource < b.resource ? -1 : 1)).map((fact) => ({
            resource: fact.resource, responseKind: { group, version, kind: fact.kind }, scope: fact.namespaced ? 'Namespaced' : 'Cluster', singularResource: fact.singular, verbs: fact.verbs,
            ...(fact.shortNames ? { shortNames: fact.shortNames } : {}), ...(fact.categories ? { categories: fact.categories } : {}),
            ...(fact.subresources ? { subresources: fact.subresources.map((sub) => ({ subresource: sub.name, responseKind: { group: sub.gv?.[0] ?? group, version: sub.gv?.[1] ?? version, kind: sub.kind }, verbs: sub.verbs })) } : {}),
          })));
        }
      }
    }
  });

  test('nothing else', () => {
    const all = RESOURCES.map((r) => `${r.group}/${r.version}/${r.plural}`).toSorted();
    expect(all).toEqual(facts.map((r) => `${r.group}/${r.version}/${r.resource}`).toSorted());
  });
});

describe('forms', () => {
  test('the hash of a stored version', () => expect(storageVersionHash('', 'v1', 'Pod')).toBe('xPOwRZ+Yhw8='));

  test.each([
    ['kubectl', aggregated, true], ['plain', 'application/json', false], ['anything', '*/*', false], ['nothing', '', false], ['the beta', 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json', true], ['a version to come', 'application/json;g=apidiscovery.k8s.io;v=v3;as=APIGroupDiscoveryList,application/json', false],
  ])('aggregated for %s', (_, accept, expected) => expect(aggregatedForm(accept) !== undefined).toBe(expected));

  test('/api and /apis', () => {
    expect(bodyOf('/api')).toMatchObject({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: 'here:6443' }] });
    const { groups: listed } = bodyOf('/apis') as { groups: { name: string }[] };
    expect(listed[0]!.name).toBe('apiregistration.k8s.io');
    expect(listed.map((g) => g.name)).toContain('apps');
    expect(bodyOf('/apis/autoscaling')).toEqual({ kind: 'APIGroup', apiVersion: 'v1', name: 'autoscaling', versions: [{ groupVersion: 'autoscaling/v2', version: 'v2' }, { groupVersion: 'autoscaling/v1', version: 'v1' }], preferredVersion: { groupVersion: 'autoscaling/v2', version: 'v2' } });
  });

  test('the aggregated document has an etag, and is not sent twice', () => {
    const first = get('/apis', { accept: aggregated })!;
    expect(first.headers['content-type']).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
    const again = get('/apis', { accept: aggregated, 'if-none-match': first.headers['etag']! })!;
    expect([again.status, again.body]).toEqual([304, undefined]);
    const core = bodyOf('/api', { accept: aggregated }) as { kind: string; items: { metadata: object; versions: { version: string; resources: { resource: string; scope: string; subresources?: unknown[] }[] }[] }[] };
    expect(core.items[0]!.versions[0]!.resources.find((r) => r.resource === 'pods')).toMatchObject({ scope: 'Namespaced', singularResource: 'pod', shortNames: ['po'], responseKind: { group: '', version: 'v1', kind: 'Pod' } });
  });

  test('unknown groups are not answered', () => expect(get('/apis/none/v1')).toBeUndefined());
});
