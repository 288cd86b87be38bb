import { describe, expect, test } from 'vitest';
import type { Deployment } from '../api/apps/v1/types.ts';
import type { Clock } from '../host/types.ts';
import { memoryBackend } from '../store/memory.ts';
import { Deployments, Pods, startCluster } from './index.ts';
import { traceCommits } from './trace.ts';

const deployment: Deployment = {
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'many', namespace: 'default' },
  spec: {
    replicas: 50, selector: { matchLabels: { app: 'many' } },
    template: { metadata: { labels: { app: 'many' } }, spec: { containers: [{ name: 'c', image: 'hollow/app', resources: { requests: { cpu: '100m' } } }] } },
  },
};

/** One history: 50 pods on 10 hollow nodes, on the virtual clock. */
async function history(seed: string): Promise<{ hash: string; commits: number; ready: number; virtualMs: number }> {
  let clock: Pick<Clock, 'now'> = { now: () => 0 };
  const traced = traceCommits(memoryBackend({ clock: { ...(await clockOf(seed)) } }), () => clock);
  const cluster = await startCluster({ nodes: 10, clock: 'virtual', seed, backend: traced.backend });
  clock = cluster.host.clock;
  const begun = clock.now();
  const deployments = cluster.client.of(Deployments).inNamespace('default');
  let ready = 0;
  const created = deployments.create(deployment);
  await cluster.until('the deployment is created', async () => (await created).metadata.uid !== undefined);
  await cluster.until('50 pods are ready', async () => ((await deployments.get('many')).status?.readyReplicas ?? 0) === 50, 120_000);
  const virtualMs = clock.now() - begun;
  await cluster.advance(30_000);
  await cluster.until('they are still there', async () => {
    ready = (await cluster.client.of(Pods).inNamespace('default').list()).items.filter((pod) => pod.status?.phase === 'Running').length;
    return true;
  });
  const result = { hash: traced.hash(), commits: traced.commits, ready, virtualMs };
  await cluster.stop();
  return result;
}

/** The store needs a clock before the cluster has made one; nothing in this history expires. */
async function clockOf(_seed: string): Promise<Clock> {
  return { now: () => 0, monotonic: () => 0, setTimer: () => ({ cancel: () => undefined }), sleep: () => Promise.resolve() };
}

describe('a deployment of 50 pods on 10 hollow nodes, on the virtual clock', () => {
  test('the same seed gives the same history, three times over', async () => {
    const [first, second, third] = [await history('7'), await history('7'), await history('7')];
    expect(first.ready).toBe(50);
    expect(first.commits).toBeGreaterThan(200);
    expect(second).toEqual(first);
    expect(third).toEqual(first);
  }, 120_000);

  test('another seed gives another history', async () => {
    expect((await history('8')).hash).not.toBe((await history('9')).hash);
  }, 120_000);
});
