import { describe, expect, test } from 'vitest';
import type { Deployment } from '../api/apps/v1/types.ts';
import type { Pod } from '../api/core/v1/types.ts';
import { Deployments, Pods, startCluster, type TestCluster } from './index.ts';

const deployment = (name: string, replicas: number): Deployment => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'default' },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'hollow/app' }] } } },
});
const deployments = (cluster: TestCluster) => cluster.client.of(Deployments).inNamespace('default');
const pods = async (cluster: TestCluster): Promise<Pod[]> => (await cluster.client.of(Pods).inNamespace('default').list()).items;

async function ready(cluster: TestCluster, name: string, replicas: number): Promise<void> {
  await cluster.until(`${name} has ${replicas} ready replicas`, async () => {
    const { status } = await deployments(cluster).get(name);
    return (status?.readyReplicas ?? 0) === replicas && status?.replicas === replicas;
  });
}

const essence = (pod: Pod): unknown => [pod.metadata.name, pod.metadata.uid, pod.spec?.nodeName, pod.status?.podIP, pod.status?.containerStatuses?.map((status) => [status.containerID, status.restartCount])];

describe.each(['real', 'virtual'] as const)('snapshots on the %s clock', (clock) => {
  test('a fork begins with the same pods and goes its own way', async () => {
    const cluster = await startCluster({ nodes: 2, clock });
    await deployments(cluster).create(deployment('web', 3));
    await ready(cluster, 'web', 3);
    const snapshot = cluster.snapshot();
    const before = (await pods(cluster)).map(essence);
    const [fork, later] = [await cluster.fork(), await startCluster({ from: snapshot })];
    for (const each of [fork, later]) expect((await pods(each)).map(essence)).toEqual(before);

    await deployments(fork).patch('web', { spec: { replicas: 5 } }, { type: 'merge' });
    await deployments(later).create(deployment('other', 2));
    await ready(fork, 'web', 5);
    await ready(later, 'other', 2);
    // Those that ran go on in each: no restart, the same containers, and no address twice.
    const inFork = await pods(fork);
    expect(inFork.map(essence)).toEqual(expect.arrayContaining(before));
    expect(new Set(inFork.map((pod) => pod.status?.podIP)).size).toBe(5);
    expect(new Set(inFork.map((pod) => pod.metadata.uid)).size).toBe(5);
    expect((await pods(cluster)).map(essence)).toEqual(before);
    expect((await deployments(cluster).list()).items.map((each) => each.metadata.name)).toEqual(['web']);
    await Promise.all([cluster.stop(), fork.stop(), later.stop()]);
  }, 60_000);
});

test('on the virtual clock a fork goes on at the snapshot\'s time, and containers end when they would have', async () => {
  const cluster = await startCluster({ clock: 'virtual' });
  const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'short', namespace: 'default' }, spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'hollow/exit:0-60s' }] } };
  await cluster.client.of(Pods).create(pod);
  const phase = async (of: TestCluster): Promise<string | undefined> => (await of.client.of(Pods).inNamespace('default').get('short')).status?.phase;
  await cluster.until('it runs', async () => (await phase(cluster)) === 'Running');
  await cluster.advance(50_000);
  const fork = await cluster.fork();
  expect(fork.host.clock.now()).toBe(cluster.host.clock.now());
  expect(await phase(fork)).toBe('Running');
  await fork.advance(15_000);
  expect(await phase(fork)).toBe('Succeeded');
  expect(await phase(cluster)).toBe('Running');
  await Promise.all([cluster.stop(), fork.stop()]);
}, 60_000);

test('two forks of one snapshot with the same seed have the same history', async () => {
  const cluster = await startCluster({ clock: 'virtual', nodes: 2 });
  const snapshot = cluster.snapshot();
  const history = async (): Promise<unknown> => {
    const fork = await startCluster({ from: snapshot });
    await deployments(fork).create(deployment('web', 4));
    await ready(fork, 'web', 4);
    const found = (await pods(fork)).map(essence);
    await fork.stop();
    return found;
  };
  expect(await history()).toEqual(await history());
  await cluster.stop();
}, 60_000);

test('what cannot be is refused by name', async () => {
  const cluster = await startCluster({ clock: 'virtual', nodes: 0 });
  const from = cluster.snapshot();
  await expect(startCluster({ from, clock: 'real' })).rejects.toThrow('the snapshot is of a cluster on the virtual clock');
  await expect(startCluster({ from, backend: cluster.backend })).rejects.toThrow('has its own backend');
  await cluster.stop();
});
