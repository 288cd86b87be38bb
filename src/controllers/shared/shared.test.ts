import { describe, expect, test } from 'vitest';
import type { Pod } from '../../api/core/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { canonicalJson, sameStatus, sameValue } from './equality.ts';
import { Expectations } from './expectations.ts';
import { countOf } from './int-or-percent.ts';
import { planClaims } from './ownership.ts';
import { deletionCost, podsToDelete } from './pod-ranking.ts';
import { slowStart } from './slow-start.ts';
import { safeHash, sameTemplate, templateHash } from './template.ts';

const now = Date.UTC(2030, 0, 1);
const at = (secondsAgo: number): string => new Date(now - secondsAgo * 1000).toISOString();

interface Shape { node?: string; phase?: string; ready?: number; cost?: string; restarts?: number; age?: number }
const pod = (name: string, shape: Shape): Pod => ({
  metadata: { name, uid: name, namespace: 'default', creationTimestamp: at(shape.age ?? 1000), ...(shape.cost ? { annotations: { 'controller.kubernetes.io/pod-deletion-cost': shape.cost } } : {}) },
  spec: { containers: [], ...(shape.node === undefined ? {} : { nodeName: shape.node }) },
  status: {
    phase: shape.phase ?? 'Running',
    ...(shape.ready === undefined ? {} : { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: at(shape.ready) }] }),
    containerStatuses: [{ name: 'main', image: '', imageID: '', ready: true, restartCount: shape.restarts ?? 0 }],
  },
});

describe('which pod goes first', () => {
  const rows: [string, Shape, Shape][] = [
    ['unscheduled before scheduled', { phase: 'Pending' }, { node: 'a', phase: 'Pending' }],
    ['pending before running', { node: 'a', phase: 'Pending' }, { node: 'a' }],
    ['unknown before running', { node: 'a', phase: 'Unknown' }, { node: 'a' }],
    ['not ready before ready', { node: 'a' }, { node: 'a', ready: 10 }],
    ['cheaper before dearer', { node: 'a', ready: 500, cost: '-5' }, { node: 'a', ready: 1, cost: '0' }],
    ['ready for less time', { node: 'a', ready: 10 }, { node: 'a', ready: 900 }],
    ['more restarts', { node: 'a', ready: 600, restarts: 3 }, { node: 'a', ready: 600, restarts: 1 }],
    ['younger', { node: 'a', ready: 5, age: 10 }, { node: 'a', ready: 5, age: 5000 }],
  ];
  test.each(rows)('%s', (_name, first, second) => {
    const pods = [pod('second', second), pod('first', first)];
    expect(podsToDelete(pods, pods, 1, now).map((each) => each.metadata.name)).toEqual(['first']);
  });

  test('the node with more siblings loses one', () => {
    const pods = ['a', 'b', 'a'].map((node, i) => pod(`${i}`, { node, ready: 100 }));
    expect(podsToDelete(pods, pods, 1, now)[0]!.spec!.nodeName).toBe('a');
  });

  test.each([['5', 5], ['-7', -7], ['+5', 0], ['05', 0], ['x', 0], ['99999999999', 0]])('deletion cost %s', (text, cost) => {
    expect(deletionCost(pod('p', { cost: text }))).toBe(cost);
  });
});

describe('expectations', () => {
  test('hold until everything was seen, and no longer than five minutes', async () => {
    const { clock } = virtualHost({ seed: 'e', settle: turn });
    const expectations = new Expectations(clock);
    expect(expectations.satisfied('k')).toBe(true);
    expectations.expect('k', 2, ['u1']);
    expectations.creationObserved('k');
    expectations.deletionObserved('k', 'u1');
    expectations.deletionObserved('k', 'other');
    expect(expectations.satisfied('k')).toBe(false);
    expectations.creationObserved('k');
    expect(expectations.satisfied('k')).toBe(true);
    expectations.expect('k', 1);
    await clock.advance(299_000);
    expect(expectations.remainingMs('k')).toBe(1000);
    await clock.advance(1000);
    expect(expectations.satisfied('k')).toBe(true);
  });
});

describe('slow start', () => {
  test.each([
    ['all succeed', 7, Infinity, { succeeded: 7, skipped: 0, tried: 7 }],
    ['the first fails', 7, 0, { succeeded: 0, skipped: 6, tried: 1 }],
    ['one of the second batch fails', 7, 2, { succeeded: 2, skipped: 4, tried: 3 }],
    ['nothing to do', 0, Infinity, { succeeded: 0, skipped: 0, tried: 0 }],
  ])('%s', async (_name, count, failsAt, expected) => {
    let tried = 0;
    const result = await slowStart(count, async (i) => {
      tried++;
      if (i >= failsAt) throw new Error('no');
    });
    expect({ succeeded: result.succeeded, skipped: result.skipped, tried }).toEqual(expected);
  });
});

describe('equality', () => {
  test.each([
    ['order of keys', { a: 1, b: 2 }, { b: 2, a: 1 }, true],
    ['empty list and none', { args: [] }, {}, true],
    ['empty labels and none', { labels: {} }, {}, true],
    ['emptyDir {} and none', { emptyDir: {} }, {}, false],
    ['zero and none', { replicas: 0 }, {}, false],
    ['order of lists', [1, 2], [2, 1], false],
  ])('%s', (_name, a, b, equal) => {
    expect(sameValue(a, b)).toBe(equal);
  });

  test('statuses: zero is none', () => {
    expect(sameStatus({ replicas: 0, conditions: [] }, undefined)).toBe(true);
    expect(sameStatus({ replicas: 1 }, {})).toBe(false);
  });

  test('templates: the hash label does not count, the image does', () => {
    const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'm', image: 'i:1' }] } };
    expect(sameTemplate(template, { ...template, metadata: { labels: { app: 'a', 'pod-template-hash': 'x' } } })).toBe(true);
    expect(sameTemplate(template, { ...template, spec: { containers: [{ name: 'm', image: 'i:2' }] } })).toBe(false);
    expect(templateHash(template, undefined)).toBe(templateHash(JSON.parse(canonicalJson(template)) as typeof template, 0));
    expect(templateHash(template, 1)).not.toBe(templateHash(template, undefined));
    expect(safeHash('anything')).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
  });
});

describe('claims', () => {
  const owner = { metadata: { name: 'o', uid: 'o', namespace: 'default' } };
  const object = (name: string, labels: Record<string, string>, controller?: string, deletionTimestamp?: string): { metadata: object } & Pod => ({
    metadata: { name, labels, ...(deletionTimestamp ? { deletionTimestamp } : {}), ...(controller ? { ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: controller, uid: controller, controller: true }] } : {}) },
  });
  const matches = (labels?: Record<string, string>): boolean => labels?.['app'] === 'a';
  const names = (pods: readonly Pod[]): (string | undefined)[] => pods.map((each) => each.metadata.name);

  test('keeps, takes and lets go', () => {
    const owned = [object('mine', { app: 'a' }, 'o'), object('lost', { app: 'b' }, 'o'), object('foreign', { app: 'a' }, 'p')];
    const orphans = [object('free', { app: 'a' }), object('other', { app: 'b' }), object('dying', { app: 'a' }, undefined, 'now')];
    const claims = planClaims(owner, matches, owned, orphans);
    expect([names(claims.owned), names(claims.adopt), names(claims.release)]).toEqual([['mine'], ['free'], ['lost']]);
  });

  test('an owner that is being deleted takes and lets go of nothing', () => {
    const claims = planClaims({ metadata: { ...owner.metadata, deletionTimestamp: 'now' } }, matches, [object('lost', { app: 'b' }, 'o')], [object('free', { app: 'a' })]);
    expect([claims.owned, claims.adopt, claims.release]).toEqual([[], [], []]);
  });
});

test.each([
  [3, 10, 'up', 3], ['25%', 10, 'up', 3], ['25%', 10, 'down', 2], ['0%', 10, 'up', 0], ['100%', 7, 'down', 7], [undefined, 7, 'up', 0],
] as const)('%s of %i rounded %s is %i', (value, total, round, count) => {
  expect(countOf(value, total, round)).toBe(count);
});
