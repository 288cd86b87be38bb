import { afterEach, describe, expect, test } from 'vitest';
import type { ReplicaSet } from '../../api/apps/v1/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { forbidden } from '../../api/meta/status.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { about, fakeCluster } from '../shared/fake-cluster.ts';
import type { FakeCluster } from '../shared/fake-cluster.ts';
import { startReplicaSet } from './controller.ts';
import { decideReplicaSet, nextAvailabilityMs, replicaSetStatus } from './decide.ts';

const newHost = () => virtualHost({ seed: 'replicaset', settle: turn });

const replicaSet = (replicas: number, extra: Partial<NonNullable<ReplicaSet['spec']>> = {}): ReplicaSet => ({
  apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: about('web', { uid: 'web-uid' }),
  spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'web:1' }] } }, ...extra },
});
const now = Date.UTC(2030, 0, 1);
const pod = (name: string, status: Pod['status'] = {}, metadata: object = {}): Pod => ({ metadata: { name, uid: name, namespace: 'default', labels: { app: 'web' }, ...metadata }, spec: { containers: [], nodeName: 'a' }, status });
const ready = (secondsAgo: number): Pod['status'] => ({ phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: new Date(now - secondsAgo * 1000).toISOString() }] });

describe('decides', () => {
  const rows: [string, number, Pod[], number, string[]][] = [
    ['too few', 3, [pod('a')], 2, []],
    ['enough', 1, [pod('a')], 0, []],
    ['finished and terminating pods do not count', 2, [pod('a', { phase: 'Succeeded' }), pod('b', {}, { deletionTimestamp: 'now' }), pod('c')], 1, []],
    ['too many: pending goes before running', 1, [pod('a', ready(60)), pod('b', { phase: 'Pending' })], 0, ['b']],
    ['to zero', 0, [pod('a'), pod('b')], 0, ['a', 'b']],
    ['no more than a burst', 2000, [], 500, []],
  ];
  test.each(rows)('%s', (_name, replicas, pods, create, gone) => {
    const actions = decideReplicaSet({ replicaSet: replicaSet(replicas), pods, related: pods }, now);
    expect({ create: actions.create, delete: actions.delete.map((each) => each.metadata.name) }).toEqual({ create, delete: gone });
  });

  test('status counts, minReadySeconds, terminating', () => {
    const set = replicaSet(3, { minReadySeconds: 10, template: { metadata: { labels: { app: 'web', tier: 'x' } } } });
    const pods = [pod('a', ready(60)), pod('b', ready(4), { labels: { app: 'web', tier: 'x' } }), pod('c', { phase: 'Pending' }), pod('d', {}, { deletionTimestamp: 'now' })];
    expect(replicaSetStatus(set, pods, undefined, now)).toEqual({ replicas: 3, fullyLabeledReplicas: 1, readyReplicas: 2, availableReplicas: 1, terminatingReplicas: 1, observedGeneration: 1 });
    expect(nextAvailabilityMs(pods, 10, now)).toBe(6000);
    expect(nextAvailabilityMs(pods, 0, now)).toBeUndefined();
  });
});

describe('replicaset controller', () => {
  let cluster: FakeCluster;
  afterEach(() => cluster.stop());

  test('keeps the number of pods, whoever takes one', async () => {
    cluster = fakeCluster(newHost(), startReplicaSet);
    cluster.context.api.put('replicasets', replicaSet(3));
    await cluster.advance();
    expect(cluster.pods()).toHaveLength(3);
    cluster.context.api.remove('pods', `default/${cluster.pods()[0]!.metadata.name}`);
    await cluster.advance();
    expect(cluster.pods()).toHaveLength(3);
    expect(cluster.get<ReplicaSet>('replicasets', 'web').status).toMatchObject({ replicas: 3, observedGeneration: 1 });
    expect(cluster.events('web').every((text) => text.startsWith('SuccessfulCreate: Created pod: web-'))).toBe(true);
  });

  test('never makes more pods than asked for, however often it looks', async () => {
    cluster = fakeCluster(newHost(), startReplicaSet);
    cluster.context.api.put('replicasets', replicaSet(20));
    for (let i = 0; i < 50; i++) {
      cluster.change('replicasets', 'web', (object) => (object.metadata.labels = { touched: String(i) }));
      await cluster.advance(1);
      expect(cluster.pods().length).toBeLessThanOrEqual(20);
    }
    expect(cluster.pods()).toHaveLength(20);
  });

  test('adopts matching orphans, releases what no longer matches', async () => {
    cluster = fakeCluster(newHost(), startReplicaSet);
    cluster.context.api.put('pods', { metadata: { name: 'orphan', namespace: 'default', labels: { app: 'web' } }, spec: { containers: [] } } as Pod);
    cluster.context.api.put('replicasets', replicaSet(2));
    await cluster.advance();
    expect(cluster.pods()).toHaveLength(2);
    expect(cluster.get<Pod>('pods', 'orphan').metadata.ownerReferences).toEqual([{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'web-uid', controller: true, blockOwnerDeletion: true }]);
    cluster.change('pods', 'orphan', (object) => (object.metadata.labels = { app: 'other' }));
    await cluster.advance();
    const release = cluster.context.api.requests.find((request) => request.method === 'PATCH' && JSON.stringify(request.json).includes('$patch'));
    expect(release?.json).toEqual({ metadata: { uid: cluster.get('pods', 'orphan').metadata.uid, ownerReferences: [{ $patch: 'delete', uid: 'web-uid' }] } });
    expect(cluster.pods()).toHaveLength(3);
  });

  test('a refused creation is said in the status and tried again, one pod at a time', async () => {
    cluster = fakeCluster(newHost(), startReplicaSet);
    let refuse = true;
    let asked = 0;
    cluster.context.api.intercept = (request) => {
      if (!refuse || request.method !== 'POST' || request.target.plural !== 'pods') return undefined;
      asked++;
      return forbidden({ group: '', plural: 'pods' }, 'web-x', 'exceeded quota');
    };
    cluster.context.api.put('replicasets', replicaSet(100));
    await cluster.advance(1);
    // Once, and once more because writing the status is an event too; not a hundred times.
    expect(asked).toBeLessThanOrEqual(2);
    await cluster.advance();
    expect(cluster.get<ReplicaSet>('replicasets', 'web').status?.conditions).toMatchObject([{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'pods "web-x" is forbidden: exceeded quota' }]);
    expect(cluster.events('web')[0]).toBe('FailedCreate: Error creating: pods "web-x" is forbidden: exceeded quota');
    refuse = false;
    await cluster.advance(60_000);
    expect(cluster.pods()).toHaveLength(100);
    expect(cluster.get<ReplicaSet>('replicasets', 'web').status?.conditions ?? []).toEqual([]);
  });

  test('pods become available after minReadySeconds without any event', async () => {
    cluster = fakeCluster(newHost(), startReplicaSet);
    cluster.context.api.put('replicasets', replicaSet(1, { minReadySeconds: 30 }));
    await cluster.advance();
    cluster.makeReady();
    await cluster.advance(10_000);
    expect(cluster.get<ReplicaSet>('replicasets', 'web').status).toMatchObject({ readyReplicas: 1, availableReplicas: 0 });
    await cluster.advance(25_000);
    expect(cluster.get<ReplicaSet>('replicasets', 'web').status).toMatchObject({ availableReplicas: 1 });
  });

  test('a ReplicaSet that is being deleted makes no pods', async () => {
    cluster = fakeCluster(newHost(), startReplicaSet);
    cluster.context.api.put('replicasets', { ...replicaSet(3), metadata: { ...replicaSet(3).metadata, deletionTimestamp: '2030-01-01T00:00:00Z', finalizers: ['foregroundDeletion'] } });
    await cluster.advance();
    expect(cluster.pods()).toEqual([]);
  });
});
