import { afterEach, describe, expect, test } from 'vitest';
import type { Deployment, ReplicaSet } from '../../api/apps/v1/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { notFound } from '../../api/meta/status.ts';
import type { PodDisruptionBudget } from '../../api/policy/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { about, fakeCluster, type FakeCluster } from '../shared/fake-cluster.ts';
import { startDisruption } from './controller.ts';
import { decideBudget } from './decide.ts';

const budget = (spec: PodDisruptionBudget['spec'], status?: PodDisruptionBudget['status']): PodDisruptionBudget => ({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: about('b', { uid: 'b' }), spec: { selector: { matchLabels: { app: 'web' } }, ...spec }, ...(status ? { status } : {}) });
const pod = (name: string, ready = true, metadata: object = {}): Pod => ({ metadata: { name, namespace: 'default', uid: name, labels: { app: 'web' }, ...metadata }, spec: { containers: [] }, status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] } });
const now = Date.UTC(2030, 0, 1, 0, 10);

describe('disruption budgets', () => {
  const five = ['a', 'b', 'c', 'd', 'e'].map((name) => pod(name));
  const rows: [string, PodDisruptionBudget['spec'], Pod[], number | Error, [number, number, number, number]][] = [
    ['minAvailable as a number', { minAvailable: 3 }, five, 0, [5, 3, 5, 2]],
    ['minAvailable as a share rounds up', { minAvailable: '50%' }, five, 5, [5, 3, 5, 2]],
    ['maxUnavailable as a number', { maxUnavailable: 1 }, five, 5, [5, 4, 5, 1]],
    ['maxUnavailable counts what should be there', { maxUnavailable: 1 }, five.slice(0, 3), 5, [3, 4, 5, 0]],
    ['maxUnavailable as a share rounds up', { maxUnavailable: '25%' }, five, 5, [5, 3, 5, 2]],
    ['a share of few rounds up: none may go', { minAvailable: '1%' }, five.slice(0, 1), 1, [1, 1, 1, 0]],
    ['maxUnavailable of 100% lets all go', { maxUnavailable: '100%' }, five, 5, [5, 0, 5, 5]],
    ['maxUnavailable 1% rounds up to one', { maxUnavailable: '1%' }, five, 5, [5, 4, 5, 1]],
    ['pods that are not ready', { minAvailable: 3 }, [pod('a'), pod('b'), pod('c'), pod('d', false)], 0, [3, 3, 4, 0]],
    ['pods that are going', { minAvailable: 1 }, [pod('a'), pod('b', true, { deletionTimestamp: 'now' })], 0, [1, 1, 2, 0]],
    ['no pods', { minAvailable: 0 }, [], 0, [0, 0, 0, 0]],
    ['nobody knows how many there should be', { maxUnavailable: 1 }, five, new Error('no controllers'), [0, 0, 0, 0]],
  ];
  test.each(rows)('%s', (_name, spec, pods, scale, [healthy, desired, expected, allowed]) => {
    const { status } = decideBudget({ budget: budget(spec), pods, scale }, now);
    expect([status.currentHealthy, status.desiredHealthy, status.expectedPods, status.disruptionsAllowed]).toEqual([healthy, desired, expected, allowed]);
    expect(status.conditions?.[0]).toMatchObject({ type: 'DisruptionAllowed', status: allowed > 0 ? 'True' : 'False', reason: scale instanceof Error ? 'SyncFailed' : allowed > 0 ? 'SufficientPods' : 'InsufficientPods' });
  });

  test('a pod that was let go does not count for two minutes, then counts again', () => {
    const disrupted = (since: string) => decideBudget({ budget: budget({ minAvailable: 1 }, { disruptedPods: { a: since, gone: since } }), pods: [pod('a'), pod('b')], scale: 0 }, now);
    expect(disrupted('2030-01-01T00:09:00Z')).toMatchObject({ afterMs: 60_000, status: { currentHealthy: 1, disruptionsAllowed: 0, disruptedPods: { a: '2030-01-01T00:09:00Z' } } });
    const late = disrupted('2030-01-01T00:07:00Z');
    expect([late.status.currentHealthy, late.status.disruptedPods, late.overdue.map((each) => each.metadata.name)]).toEqual([2, undefined, ['a']]);
  });
});

describe('disruption controller', () => {
  let cluster: FakeCluster;
  afterEach(() => cluster.stop());

  test('counts by the deployment behind the pods, and follows it', async () => {
    cluster = fakeCluster(virtualHost({ seed: 'budgets', settle: turn }), startDisruption);
    const { api } = cluster.context;
    const reference = (kind: string, uid: string) => ({ apiVersion: 'apps/v1', kind, name: uid, uid, controller: true });
    api.put('deployments', { metadata: about('deploy', { uid: 'deploy' }), spec: { replicas: 3 } } as Deployment);
    api.put('replicasets', { metadata: about('rs', { uid: 'rs', ownerReferences: [reference('Deployment', 'deploy')] }), spec: { replicas: 2 } } as ReplicaSet);
    for (const name of ['a', 'b', 'c']) api.put('pods', pod(name, true, { ownerReferences: [reference('ReplicaSet', 'rs')] }));
    api.put('poddisruptionbudgets', budget({ maxUnavailable: 1 }));
    await cluster.advance();
    const status = () => cluster.get<PodDisruptionBudget>('poddisruptionbudgets', 'b').status;
    expect(status()).toMatchObject({ expectedPods: 3, desiredHealthy: 2, currentHealthy: 3, disruptionsAllowed: 1, observedGeneration: 1 });
    cluster.change<Deployment>('deployments', 'deploy', (object) => (object.spec!.replicas = 4));
    await cluster.advance();
    expect(status()).toMatchObject({ expectedPods: 4, disruptionsAllowed: 0 });
    // A pod of nobody is left out of what should be there, and an event says so.
    api.put('pods', pod('lonely'));
    await cluster.advance();
    expect(status()).toMatchObject({ expectedPods: 4, currentHealthy: 4, disruptionsAllowed: 1 });
    expect(cluster.events('b').some((text) => text.startsWith('UnmanagedPods: Pods selected by this PodDisruptionBudget'))).toBe(true);
    const quiet = api.revision;
    await cluster.advance(600_000);
    expect(api.revision).toBe(quiet);
  });

  test('a custom resource\'s number is asked of its scale; one without is said to have none', async () => {
    cluster = fakeCluster(virtualHost({ seed: 'budgets', settle: turn }), startDisruption);
    const { api } = cluster.context;
    api.served = [{ group: 'example.com', version: 'v1', plural: 'herds', singular: 'herd', kind: 'Herd', listKind: 'HerdList', namespaced: true, verbs: ['get'], shortNames: [], categories: [], subresources: [], storagePrefix: 'herds', schema: '' }];
    let replicas: number | undefined = 5;
    api.intercept = ({ path, target }) => {
      if (target.plural !== 'herds') return undefined;
      if (replicas === undefined) return notFound(target, target.name);
      expect(path).toBe('/apis/example.com/v1/namespaces/default/herds/cows/scale');
      const body = Buffer.from(JSON.stringify({ kind: 'Scale', metadata: { name: 'cows', uid: 'herd' }, spec: { replicas } }));
      return { status: 200, headers: {}, body: (async function* bytes() { yield body; })() };
    };
    for (const name of ['a', 'b', 'c', 'd', 'e']) api.put('pods', pod(name, true, { ownerReferences: [{ apiVersion: 'example.com/v1', kind: 'Herd', name: 'cows', uid: 'herd', controller: true }] }));
    api.put('poddisruptionbudgets', budget({ maxUnavailable: '30%' }));
    await cluster.advance();
    const status = () => cluster.get<PodDisruptionBudget>('poddisruptionbudgets', 'b').status;
    expect(status()).toMatchObject({ expectedPods: 5, desiredHealthy: 3, disruptionsAllowed: 2 });
    replicas = undefined;
    api.remove('pods', 'default/e');
    await cluster.advance();
    expect(status()).toMatchObject({ disruptionsAllowed: 0, conditions: [{ reason: 'SyncFailed', message: 'herds.example.com does not implement the scale subresource, or "cows" is gone' }] });
  });

  test('a mark that nothing followed is taken back after two minutes', async () => {
    cluster = fakeCluster(virtualHost({ seed: 'budgets', settle: turn, startMs: now }), startDisruption);
    const { api } = cluster.context;
    const marked = (name: string, reason: string, metadata: object = {}): Pod => ({ ...pod(name, true, metadata), status: { phase: 'Running', conditions: [{ type: 'DisruptionTarget', status: 'True', reason, message: 'm', lastTransitionTime: new Date(now).toISOString() }] } });
    api.put('pods', marked('stale', 'EvictionByEvictionAPI'));
    api.put('pods', marked('kubelet', 'TerminationByKubelet'));
    api.put('pods', marked('going', 'EvictionByEvictionAPI', { deletionTimestamp: 'now', finalizers: ['x'] }));
    const state = (name: string) => cluster.get<Pod>('pods', name).status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
    await cluster.advance(110_000);
    expect(state('stale')?.status).toBe('True');
    await cluster.advance(20_000);
    expect(state('stale')).toMatchObject({ status: 'False' });
    expect(state('stale')?.reason ?? undefined).toBeUndefined();
    expect([state('kubelet')?.status, state('going')?.status]).toEqual(['True', 'True']);
  });
});
