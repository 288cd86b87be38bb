import { afterEach, describe, expect, test } from 'vitest';
import type { ControllerRevision, StatefulSet } from '../../api/apps/v1/types.ts';
import type { PersistentVolumeClaim, Pod } from '../../api/core/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { about, fakeCluster, type FakeCluster } from '../shared/fake-cluster.ts';
import { startStatefulSet } from './controller.ts';
import { decideStatefulSet } from './decide.ts';
import { claimOwners } from './pods.ts';

const newHost = () => virtualHost({ seed: 'statefulset', settle: turn });

const template = (image = 'v1') => ({ metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'c', image }] } });
function setOf(replicas: number, spec: Partial<NonNullable<StatefulSet['spec']>> = {}): StatefulSet {
  return { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: about('db', { uid: 'db-uid' }), spec: { replicas, selector: { matchLabels: { app: 'db' } }, serviceName: 'db', template: template(), ...spec } };
}
const revision = (name: string, image: string): ControllerRevision => ({ metadata: { name }, revision: 1, data: { spec: { template: { ...template(image), $patch: 'replace' } } } }) as unknown as ControllerRevision;
const [r1, r2] = [revision('db-1', 'v1'), revision('db-2', 'v2')];

/** `0 ready db-1`, `1 going`, `2 pending`, `3 failed`. */
function podOf(text: string): Pod {
  const [ordinal, state, hash = 'db-1'] = text.split(' ') as [string, string, string?];
  const ready = state === 'ready' || state === 'going';
  return {
    metadata: { name: `db-${ordinal}`, namespace: 'default', uid: `u${ordinal}`, labels: { 'controller-revision-hash': hash, 'statefulset.kubernetes.io/pod-name': `db-${ordinal}`, 'apps.kubernetes.io/pod-index': ordinal }, ...(state === 'going' ? { deletionTimestamp: 'now' } : {}) },
    spec: { containers: [] },
    status: { phase: state === 'failed' ? 'Failed' : ready ? 'Running' : 'Pending', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: '2030-01-01T00:00:00Z' }] },
  };
}
const now = Date.parse('2030-01-01T01:00:00Z');

describe('what a stateful set does next', () => {
  const parallel = { podManagementPolicy: 'Parallel' };
  const partition = (value: number) => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: value } } });
  const rows: [string, StatefulSet, string[], string[]][] = [
    ['an empty set makes the first', setOf(3), [], ['create 0 db-2']],
    ['waits for the one before', setOf(3), ['0 pending db-2'], []],
    ['makes the next when the one before is ready', setOf(3), ['0 ready db-2'], ['create 1 db-2']],
    ['waits for one that is going', setOf(2), ['0 going db-2', '1 ready db-2'], []],
    ['replaces a failed one', setOf(2), ['0 failed db-2', '1 ready db-2'], ['delete 0 finished']],
    ['fills a gap first', setOf(3), ['0 ready db-2', '2 ready db-2'], ['create 1 db-2']],
    ['parallel makes all', setOf(3, parallel), [], ['create 0 db-2', 'create 1 db-2', 'create 2 db-2']],
    ['shrinks from the end, one at a time', setOf(1), ['0 ready db-2', '1 ready db-2', '2 ready db-2'], ['delete 2 condemned']],
    ['shrinking waits for one that is going', setOf(1), ['0 ready db-2', '1 ready db-2', '2 going db-2'], []],
    ['a sick one at the end may go', setOf(1), ['0 ready db-2', '1 ready db-2', '2 pending db-2'], ['delete 2 condemned']],
    ['does not shrink while one that stays is sick', setOf(1), ['0 pending db-2', '1 ready db-2'], []],
    ['parallel shrinks at once', setOf(1, parallel), ['0 ready db-2', '1 pending db-2', '2 ready db-2'], ['delete 2 condemned', 'delete 1 condemned']],
    ['rolls from the end', setOf(3), ['0 ready', '1 ready', '2 ready'], ['delete 2 outdated']],
    ['rolls on when the new one is ready', setOf(3), ['0 ready', '1 ready', '2 ready db-2'], ['delete 1 outdated']],
    ['does not roll on while the new one is not', setOf(3, parallel), ['0 ready', '1 ready', '2 pending db-2'], []],
    ['the partition keeps the lower ones', setOf(3, partition(2)), ['0 ready', '1 ready', '2 ready db-2'], []],
    ['below the partition a lost one comes back in its old form', setOf(3, partition(2)), ['1 ready', '2 ready db-2'], ['create 0 db-1']],
    ['OnDelete replaces nothing, and makes new ones in the new form', setOf(3, { updateStrategy: { type: 'OnDelete' } }), ['0 ready', '1 ready'], ['create 2 db-2']],
    ['two at once where that is allowed', setOf(4, { updateStrategy: { rollingUpdate: { maxUnavailable: 2 } } }), ['0 ready', '1 ready', '2 ready', '3 ready'], ['delete 3 outdated', 'delete 2 outdated']],
    ['ordinals may begin elsewhere', setOf(2, { ordinals: { start: 5 } }), ['0 ready db-2', '5 ready db-2'], ['create 6 db-2']],
    ['beginning elsewhere, the partition counts from there', setOf(3, { ordinals: { start: 5 }, ...partition(2) }), ['5 ready', '6 ready', '7 ready'], ['delete 7 outdated']],
    ['beginning elsewhere, a lost one below the partition comes back in its old form', setOf(3, { ordinals: { start: 5 }, ...partition(2) }), ['6 ready', '7 ready db-2'], ['create 5 db-1']],
    ['moved to begin elsewhere: those outside go, the highest first', setOf(2, { ordinals: { start: 1 } }), ['0 ready db-2', '1 ready db-2', '2 ready db-2'], ['delete 0 condemned']],
    ['a share of what may be missing rounds down', setOf(5, { updateStrategy: { rollingUpdate: { maxUnavailable: '50%' } } }), ['0 ready', '1 ready', '2 ready', '3 ready', '4 ready'], ['delete 4 outdated', 'delete 3 outdated']],
    ['and is one at least', setOf(3, { updateStrategy: { rollingUpdate: { maxUnavailable: '10%' } } }), ['0 ready', '1 ready', '2 ready'], ['delete 2 outdated']],
    ['what is missing already counts', setOf(4, { ...parallel, updateStrategy: { rollingUpdate: { maxUnavailable: 2 } } }), ['0 ready', '1 ready', '2 ready', '3 pending db-2'], ['delete 2 outdated']],
    ['the partition and what may be missing together', setOf(4, { updateStrategy: { rollingUpdate: { partition: 3, maxUnavailable: 3 } } }), ['0 ready', '1 ready', '2 ready', '3 ready'], ['delete 3 outdated']],
    ['minReadySeconds hold the next one back', setOf(2, { minReadySeconds: 7_200 }), ['0 ready db-2'], []],
    ['a set that is going does nothing', { ...setOf(3), metadata: { ...setOf(3).metadata, deletionTimestamp: 'now' } }, [], []],
  ];
  test.each(rows)('%s', (_name, set, pods, expected) => {
    const { actions } = decideStatefulSet({ set, pods: pods.map(podOf), current: r1, update: r2 }, now);
    expect(actions.map((action) => (action.do === 'create' ? `create ${action.ordinal} ${action.pod.metadata.labels?.['controller-revision-hash']}` : action.do === 'delete' ? `delete ${action.ordinal} ${action.why}` : action.do))).toEqual(expected);
  });

  test('pods have their name, host name, claims and labels', () => {
    const set = setOf(1, { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }] });
    const [action] = decideStatefulSet({ set, pods: [], current: r1, update: r2 }, now).actions;
    expect(action).toMatchObject({ do: 'create', pod: {
      metadata: { name: 'db-0', labels: { app: 'db', 'statefulset.kubernetes.io/pod-name': 'db-0', 'apps.kubernetes.io/pod-index': '0', 'controller-revision-hash': 'db-2' }, ownerReferences: [{ uid: 'db-uid', controller: true }] },
      spec: { hostname: 'db-0', subdomain: 'db', containers: [{ image: 'v2' }], volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } }] },
    } });
  });

  test('the status counts, and a finished roll-out moves the current revision', () => {
    const status = (pods: string[]) => decideStatefulSet({ set: setOf(2), pods: pods.map(podOf), current: r1, update: r2 }, now).status;
    expect(status(['0 ready', '1 pending db-2'])).toMatchObject({ replicas: 2, readyReplicas: 1, availableReplicas: 1, currentReplicas: 1, updatedReplicas: 1, currentRevision: 'db-1', updateRevision: 'db-2' });
    expect(status(['0 ready db-2', '1 ready db-2'])).toMatchObject({ currentReplicas: 2, updatedReplicas: 2, currentRevision: 'db-2' });
  });

  const claim: PersistentVolumeClaim = { metadata: { name: 'data-db-0' } } as PersistentVolumeClaim;
  const policies: [string, string | undefined, string | undefined, boolean, string[] | undefined][] = [
    ['retain', 'Retain', 'Retain', true, undefined], ['with the set', 'Delete', 'Retain', true, ['StatefulSet']], ['with a pod that goes', 'Retain', 'Delete', true, ['Pod']],
    ['not with a pod that stays', 'Retain', 'Delete', false, undefined], ['scaled down, both', 'Delete', 'Delete', true, ['Pod']],
  ];
  test.each(policies)('claims: %s', (_name, whenDeleted, whenScaled, condemned, owners) => {
    expect(claimOwners(setOf(1, { persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled } }), claim, podOf('0 ready'), condemned)?.map((owner) => owner.kind)).toEqual(owners);
  });
});

describe('stateful set controller', () => {
  let cluster: FakeCluster;
  afterEach(() => cluster.stop());
  const names = () => cluster.pods().map((pod) => pod.metadata.name).sort();

  test('makes pods and claims in order, shrinks from the end, keeps the claims', async () => {
    cluster = fakeCluster(newHost(), startStatefulSet);
    cluster.context.api.put('statefulsets', setOf(3, { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }] }));
    for (let i = 0; i < 3; i++) {
      await cluster.advance();
      expect(cluster.pods()).toHaveLength(i + 1);
      cluster.makeReady();
    }
    await cluster.advance();
    expect(cluster.get<StatefulSet>('statefulsets', 'db').status).toMatchObject({ replicas: 3, readyReplicas: 3, updatedReplicas: 3 });
    cluster.change<StatefulSet>('statefulsets', 'db', (set) => (set.spec!.replicas = 1));
    await cluster.advance(5_000);
    expect(names()).toEqual(['db-0']);
    expect(cluster.context.api.objects('persistentvolumeclaims').map((object) => object.metadata.name)).toEqual(['data-db-0', 'data-db-1', 'data-db-2']);
    expect(cluster.events('db')).toEqual(expect.arrayContaining(['SuccessfulCreate: create Pod db-0 in StatefulSet db successful', 'SuccessfulCreate: create Claim data-db-0 Pod db-0 in StatefulSet db success', 'SuccessfulDelete: delete Pod db-2 in StatefulSet db successful']));
  });

  test('rolls a new template out one by one, and back by history', async () => {
    cluster = fakeCluster(newHost(), startStatefulSet);
    cluster.context.api.put('statefulsets', setOf(3, { podManagementPolicy: 'Parallel' }));
    await cluster.advance();
    cluster.makeReady();
    await cluster.advance();
    const images = () => cluster.pods().sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1)).map((pod) => pod.spec!.containers[0]!.image);
    cluster.change<StatefulSet>('statefulsets', 'db', (set) => (set.spec!.template = template('v2')));
    await cluster.advance();
    expect(images()).toEqual(['v1', 'v1', 'v2']);
    for (let i = 0; i < 3; i++) {
      cluster.makeReady();
      await cluster.advance();
    }
    expect(images()).toEqual(['v2', 'v2', 'v2']);
    expect(cluster.context.api.objects('controllerrevisions')).toHaveLength(2);
    const { status } = cluster.get<StatefulSet>('statefulsets', 'db');
    expect(status?.currentRevision).toBe(status?.updateRevision);
    const quiet = cluster.context.api.revision;
    await cluster.advance(600_000);
    expect(cluster.context.api.revision).toBe(quiet);
  });

  test('a pod that goes comes back under its name', async () => {
    cluster = fakeCluster(newHost(), startStatefulSet);
    cluster.context.api.put('statefulsets', setOf(2, { podManagementPolicy: 'Parallel' }));
    await cluster.advance();
    const before = new Set(cluster.pods().map((pod) => pod.metadata.uid));
    cluster.context.api.remove('pods', 'default/db-0');
    await cluster.advance();
    expect(names()).toEqual(['db-0', 'db-1']);
    expect(cluster.pods().filter((pod) => before.has(pod.metadata.uid))).toHaveLength(1);
  });

  test('scaled down and up again with whenScaled Delete: a claim that goes with the former pod is not used', async () => {
    cluster = fakeCluster(newHost(), startStatefulSet);
    const { api } = cluster.context;
    api.put('statefulsets', setOf(2, { podManagementPolicy: 'Parallel', volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }], persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Retain' } } as never));
    await cluster.advance();
    cluster.makeReady();
    await cluster.advance();
    cluster.change<StatefulSet>('statefulsets', 'db', (object) => (object.spec!.replicas = 1));
    await cluster.advance();
    const owners = () => cluster.get<PersistentVolumeClaim>('persistentvolumeclaims', 'data-db-1')?.metadata.ownerReferences?.map(({ kind, name }) => `${kind} ${name}`);
    expect([cluster.pods().map(({ metadata }) => metadata.name), owners()]).toEqual([['db-0'], ['Pod db-1']]);
    cluster.change<StatefulSet>('statefulsets', 'db', (object) => (object.spec!.replicas = 2));
    await cluster.advance();
    expect(cluster.pods().map(({ metadata }) => metadata.name)).toEqual(['db-0']);
    expect(cluster.events('db').some((text) => text.includes('goes with the former pod db-1'))).toBe(true);
    // The garbage collector's part.
    api.remove('persistentvolumeclaims', 'default/data-db-1');
    await cluster.advance(60_000);
    expect([cluster.pods().map(({ metadata }) => metadata.name), owners()]).toEqual([['db-0', 'db-1'], undefined]);
  });
});
