import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { KubeObject } from './meta/v1/types.ts';
import { RESOURCES } from './resources.ts';
import { resourcesOffByDefault } from './resources-off.ts';
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

/** Kinds whose creators say how they are: kubelets register nodes with it. */
const BRING_STATUS = new Set(['/Node']);
/** Kinds that count changes of their spec, beside those that the facts say start at 1: a driver's settings may change. */
const COUNTED_LATER = new Set(['storage.k8s.io/CSIDriver']);

describe('status and generation', () => {
  const withStatus = KINDS.filter((key) => {
    const [group, kind] = key.split('/');
    return [...RESOURCES, ...resourcesOffByDefault()].some((resource) => resource.group === group && resource.kind === kind && resource.subresources.some((sub) => sub.name === 'status'));
  });
  test('most kinds have a status of its own', () => expect(withStatus.length).toBeGreaterThan(25));

  test.each(withStatus)('%s: a status that is sent along is dropped on create', (key) => {
    const plain = created(key);
    const sent = structuredClone(plain);
    sent.status = { marker: 1 };
    kindOf(key).strategy.prepareForCreate!(sent, contextFor());
    if (BRING_STATUS.has(key)) expect(sent.status).toEqual({ marker: 1 });
    else expect(sent.status ?? {}).toEqual(plain.status ?? {});
  });

  test.each(withStatus)('%s: a write of the object leaves the status, one of the status leaves the spec and the generation', (key) => {
    const main = updated(key, (object) => { object.status = { ...object.status, marker: 1 }; });
    expect(main.next.status).toEqual(main.old.status);
    const { old, next } = updated(key, (object) => { object.spec = { marker: 1 }; object.status = { ...object.status, marker: 1 }; object.metadata.generation = 99; }, { subresource: 'status' });
    expect([next.spec, next.metadata.generation, next.status.marker]).toEqual([old.spec, old.metadata.generation, 1]);
  });

  test.each(KINDS)('%s: its generation rises by one with what is wanted, and with nothing else', (key) => {
    const counts = created(key).metadata.generation === 1 || COUNTED_LATER.has(key);
    const { old, next } = updated(key, (object) => {
      if (object.spec !== undefined) object.spec = { ...object.spec, marker: 1 };
      for (const field of ['webhooks', 'value', 'template', 'endpoints', 'data']) if (field in object && key !== '/ConfigMap' && key !== '/Secret') object[field] = field === 'value' ? 7 : [];
    });
    const before = old.metadata.generation ?? 0;
    expect(next.metadata.generation ?? 0).toBe(counts ? before + 1 : before);
    expect(updated(key, (object) => { object.metadata.finalizers = ['a.b/c']; object.metadata.generation = 50; }).next.metadata.generation).toBe(old.metadata.generation);
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

test('where a node has its configuration from is dropped, but where it was stored before', () => {
  const strategy = strategyFor('io.k8s.api.core.v1.Node');
  const node = (has: boolean): KubeObject => ({ kind: 'Node', apiVersion: 'v1', metadata: { name: 'n' }, spec: has ? { configSource: { configMap: {} } } : {}, status: has ? { config: { error: 'e' } } : {} }) as KubeObject;
  const shown = (object: KubeObject): [boolean, boolean] => ['configSource' in (object as { spec: object } & KubeObject).spec, 'config' in (object as { status: object } & KubeObject).status];
  const written = (subresource: string, old?: KubeObject): [boolean, boolean] => {
    const object = node(true);
    const context = { now: 0, subresource, dryRun: false, userName: 'u' };
    if (old === undefined) strategy.prepareForCreate?.(object, context);
    else strategy.prepareForUpdate?.(object, old, context);
    return shown(object);
  };
  expect([written(''), written('', node(false)), written('', node(true)), written('status', node(false)), written('status', node(true))]).toEqual([[false, false], [false, false], [true, true], [false, false], [true, true]]);
});
