import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { RESOURCES } from './resources.ts';
import { contextFor, created, kindOf, loadOffKinds, OFF_KINDS, refusals, SAMPLE_KINDS, updated, updateRefusals } from './strategies.fixture.ts';
import { strategyFor } from './strategies.ts';

const FACTS = new URL('../../../shared/k8s-api/defaults.json', import.meta.url);
const facts = existsSync(FACTS) ? (JSON.parse(readFileSync(FACTS, 'utf8')) as { strategies: Record<string, Record<string, boolean>> }) : undefined;
if (facts === undefined) console.warn('SKIPPED: strategies are not compared with the facts, which are not here');

/** Kinds that are asked and answered, or made up, but never stored. */
const UNSTORED = new Set(['Binding', 'ComponentStatus', 'SelfSubjectReview', 'TokenReview', 'LocalSubjectAccessReview', 'SelfSubjectAccessReview', 'SelfSubjectRulesReview', 'SubjectAccessReview']);

const KINDS = [...SAMPLE_KINDS, ...OFF_KINDS];
beforeAll(loadOffKinds);

describe('every stored kind', () => {
  test('has a sample here and a strategy', () => {
    const stored = RESOURCES.filter((resource) => !UNSTORED.has(resource.kind) && !(resource.group === 'events.k8s.io') && !(resource.group === 'autoscaling' && resource.version === 'v1'));
    expect(stored.map((resource) => `${resource.group}/${resource.kind}`).toSorted()).toEqual([...SAMPLE_KINDS].toSorted());
    for (const resource of RESOURCES) {
      if (!UNSTORED.has(resource.kind)) expect(Object.keys(strategyFor(resource.schema)), resource.schema).toContain('validate');
    }
  });

  test.each(KINDS)('%s: a valid object is accepted', (key) => {
    expect(refusals(key)).toEqual([]);
  });

  test.each(KINDS)('%s: written back unchanged, it is accepted and keeps its generation', (key) => {
    expect(updateRefusals(key, () => undefined)).toEqual([]);
    const { old, next } = updated(key, () => undefined);
    expect(next.metadata.generation).toBe(old.metadata.generation);
  });

  test.each(KINDS)('%s: prepared twice, it is the same', (key) => {
    const once = created(key);
    const twice = structuredClone(once);
    kindOf(key).strategy.prepareForCreate?.(twice, contextFor());
    expect(twice).toEqual(once);
  });

  test.each(KINDS)('%s: a name that does not fit is refused', (key) => {
    const found = refusals(key, (object) => {
      object.metadata.name = 'a/b';
    });
    expect(found.some((text) => text.startsWith('metadata.name: '))).toBe(true);
  });

  test.each(KINDS)('%s: its uid does not change', (key) => {
    const found = updateRefusals(key, (object) => {
      object.metadata.uid = 'another';
    });
    expect(found).toContain('metadata.uid: Invalid value: "another": field is immutable');
  });

  test.each(KINDS)('%s: selectable fields of an empty object can be named', (key) => {
    const fields = kindOf(key).strategy.selectableFields?.({ metadata: {}, spec: {}, status: {} } as never) ?? {};
    expect(Object.values(fields).every((value) => typeof value === 'string')).toBe(true);
  });
});

describe.skipIf(facts === undefined)('against the facts of the API', () => {
  const rows = Object.entries(facts?.strategies ?? {}).map(([folder, strategy]) => ({ folder, strategy, key: keyOfFolder(folder) })).filter((row) => row.key !== undefined);
  test('every folder is compared', () => {
    expect(rows.length).toBe(Object.keys(facts?.strategies ?? {}).length);
  });
  test.each(rows)('$folder', ({ strategy, key }) => {
    const ours = kindOf(key!).strategy;
    expect({
      createOnUpdate: ours.createOnUpdate, unconditionalUpdate: ours.unconditionalUpdate, startsGenerationAt1: created(key!).metadata.generation === 1,
    }).toEqual(strategy);
  });
});

/** `apps/deployment` is the folder of the kind Deployment. */
function keyOfFolder(folder: string): string | undefined {
  const name = folder.split('/')[1]!;
  const special: Record<string, string> = { certificates: 'certificatesigningrequest', endpoint: 'endpoints', storagemigration: 'storageversionmigration' };
  return KINDS.find((key) => key.split('/')[1]!.toLowerCase() === (special[name] ?? name));
}
