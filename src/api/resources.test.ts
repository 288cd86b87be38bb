import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadResourcesOffByDefault } from './off-by-default.ts';
import { GROUPS, HorizontalPodAutoscalers, HorizontalPodAutoscalersV1, Pods, RESOURCES, resourceFor, resourceForKind } from './resources.ts';

const FACTS = new URL('../../../shared/k8s-api/resources.json', import.meta.url);

interface Fact {
  group: string;
  version: string;
  resource: string;
  kind: string;
  singular: string;
  namespaced: boolean;
  verbs: string[];
  shortNames?: string[];
  categories?: string[];
  storageVersionHash?: string;
  storage?: [string, string];
  subresources?: { name: string; kind: string; verbs: string[]; gv?: [string, string] }[];
  etcdPath?: string;
  onByDefault: boolean;
}

describe('look-ups', () => {
  test('by plural name and by kind', () => {
    expect(resourceFor('', 'v1', 'pods')).toBe(Pods);
    expect(resourceForKind('', 'v1', 'Pod')).toBe(Pods);
    expect(resourceFor('autoscaling', 'v1', 'horizontalpodautoscalers')).toBe(HorizontalPodAutoscalersV1);
    expect(resourceForKind('autoscaling', 'v2', 'HorizontalPodAutoscaler')).toBe(HorizontalPodAutoscalers);
    expect(resourceFor('', 'v1', 'toString')).toBeUndefined();
  });
  test('every group version has resources and every resource a group version', () => {
    const versions = new Set(GROUPS.flatMap(({ group, versions: all }) => all.map(({ version }) => `${group}/${version}`)));
    expect(new Set(RESOURCES.map((r) => `${r.group}/${r.version}`))).toEqual(versions);
    for (const { preferred, versions: all } of GROUPS) expect(all[0]!.version).toBe(preferred);
  });
});

describe.skipIf(!existsSync(FACTS))('resources against the facts of v1.36', async () => {
  const { resources: off, groups } = await loadResourcesOffByDefault();
  interface Facts { resources: Fact[]; groups: { group: string; preferred: string; versions: { version: string; stage: string; onByDefault: boolean; groupPriority: number; versionPriority: number }[] }[] }
  const whole = existsSync(FACTS) ? (JSON.parse(readFileSync(FACTS, 'utf8')) as Facts) : { resources: [], groups: [] };
  const facts = whole.resources;
  test('are the same ones', () => {
    const names = (onByDefault: boolean): string[] => facts.filter((fact) => fact.onByDefault === onByDefault).map((f) => `${f.group}/${f.version}/${f.resource}`);
    expect(RESOURCES.map((r) => `${r.group}/${r.version}/${r.plural}`)).toEqual(names(true));
    expect(off.map((r) => `${r.group}/${r.version}/${r.plural}`)).toEqual(names(false));
  });
  test('versions that are off by default stand where upstream has them', () => {
    expect(groups.map(({ group, preferred, priority, versions: all }) => ({ group, preferred, priority, all }))).toEqual(whole.groups.flatMap(({ group, preferred, versions: all }) => {
      const them = all.filter((one) => !one.onByDefault);
      return them.length === 0 ? [] : [{ group, preferred, priority: them[0]!.groupPriority, all: them.map(({ version, stage, versionPriority }) => ({ version, stage, priority: versionPriority })) }];
    }));
  });
  test.each(facts.map((fact) => [`${fact.group}/${fact.version}/${fact.resource}`, fact] as const))('%s', (_, fact) => {
    const ours = resourceFor(fact.group, fact.version, fact.resource)!;
    expect({ kind: ours.kind, singular: ours.singular, namespaced: ours.namespaced, verbs: ours.verbs, shortNames: ours.shortNames, categories: ours.categories, hash: ours.storageVersionHash }).toEqual({
      kind: fact.kind, singular: fact.singular, namespaced: fact.namespaced, verbs: fact.verbs, shortNames: fact.shortNames ?? [], categories: fact.categories ?? [], hash: fact.storageVersionHash,
    });
    expect(ours.subresources.map(({ name, kind, verbs, group, version }) => ({ name, kind, verbs, gv: group === undefined ? undefined : [group, version] }))).toEqual(
      (fact.subresources ?? []).map(({ name, kind, verbs, gv }) => ({ name, kind, verbs, gv })),
    );
    // The path of namespaces is the one that the facts spell wrongly.
    if (fact.etcdPath !== undefined && fact.resource !== 'namespaces') expect(fact.etcdPath.startsWith(`/registry/${ours.storagePrefix}/`)).toBe(true);
    if (fact.storage !== undefined) {
      const [group, version] = fact.storage;
      expect(createHash('sha256').update(`${group}/${version}/${fact.kind}`).digest().subarray(0, 8).toString('base64')).toBe(ours.storageVersionHash);
    }
  });
});
