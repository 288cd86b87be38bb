/** A cluster of its own: what survives stops, kills and restarts, and that a reset leaves nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { eventually, Kubectl, root } from './cluster.ts';
import { Sandbox } from './sandbox.ts';

const image = 'kubets.local/busybox:1';

interface PodShape { metadata: { name: string; uid: string }; status: { phase: string; containerStatuses: { containerID: string; restartCount: number }[] } }

describe.skipIf(inject('skipped'))('a cluster through its life', () => {
  let sandbox: Sandbox;
  let kubectl: Kubectl;
  const containers = async (): Promise<string[]> =>
    (await kubectl.json<{ items: PodShape[] }>(['get', 'pods', '-l', 'app=stays'])).items.flatMap((pod) => pod.status.containerStatuses.map((c) => `${pod.metadata.uid} ${c.containerID} ${c.restartCount}`)).toSorted();
  const up = async (): Promise<string> => {
    const result = await sandbox.kubets(['up']);
    if (result.code !== 0) throw new Error(`up ended with ${result.code}\n${result.stdout}${result.stderr}`);
    return result.stdout;
  };
  const pidOf = (part: string): number => (JSON.parse(readFileSync(join(sandbox.dataDir, 'processes', `${part}.json`), 'utf8')) as { pid: number }).pid;

  beforeAll(async () => {
    sandbox = new Sandbox(root, `life${process.pid}`);
    await sandbox.create();
    await up();
    kubectl = await Kubectl.shipped(sandbox);
    await kubectl.apply({
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'stays' },
      spec: { replicas: 2, selector: { matchLabels: { app: 'stays' } }, template: { metadata: { labels: { app: 'stays' } }, spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image, command: ['sleep', '36000'] }] } } },
    });
    await kubectl.must(['rollout', 'status', 'deployment/stays', '--timeout=60s']);
  });
  afterAll(async () => {
    await sandbox?.kubets(['reset', '--yes']);
    await sandbox?.remove();
  });

  test('down --keep-pods and up again: the very same containers', async () => {
    const before = await containers();
    expect(before).toHaveLength(2);
    expect((await sandbox.kubets(['down', '--keep-pods'])).code).toBe(0);
    const started = Date.now();
    const output = await up();
    expect(output).toMatch(/node\(s\): Ready/);
    expect(Date.now() - started).toBeLessThan(30_000);
    expect(await containers()).toEqual(before);
  });

  test('kill -9 of the node agent: pods never notice', async () => {
    const before = await containers();
    process.kill(pidOf('node-1'), 'SIGKILL');
    await up();
    expect(await containers()).toEqual(before);
  });

  test('kill -9 of the control plane during writes: what was acknowledged is there', async () => {
    const before = await containers();
    const acknowledged: string[] = [];
    const writers = Array.from({ length: 4 }, async (_, w) => {
      for (let i = 0; i < 200; i++) {
        const result = await kubectl.run(['create', 'configmap', `kept-${w}-${i}`, '--from-literal=a=1'], { timeoutMs: 10_000 });
        if (result.code !== 0) return;
        acknowledged.push(`configmap/kept-${w}-${i}`);
      }
    });
    await eventually('some writes are done', async () => acknowledged.length >= 12);
    process.kill(pidOf('control-plane'), 'SIGKILL');
    await Promise.all(writers);
    await up();
    const there = new Set((await kubectl.must(['get', 'configmaps', '-o', 'name'])).split('\n'));
    expect(acknowledged.filter((name) => !there.has(name))).toEqual([]);
    expect(await containers()).toEqual(before);
  });

  test('down stops the containers, and the next up starts the pods again', async () => {
    expect((await sandbox.kubets(['down'])).code).toBe(0);
    await up();
    await eventually('both pods run again', async () => {
      const pods = await kubectl.json<{ items: PodShape[] }>(['get', 'pods', '-l', 'app=stays']);
      return pods.items.length === 2 && pods.items.every((pod) => pod.status.phase === 'Running' && pod.status.containerStatuses[0]!.restartCount > 0);
    }, 60_000);
  });

  test('status names the parts', async () => {
    const report = JSON.parse((await sandbox.kubets(['status', '-o', 'json'])).stdout) as { parts: { name: string; state: string }[]; nodes: { name: string; ready: boolean }[] };
    expect(report.parts.map((part) => `${part.name} ${part.state}`).toSorted()).toEqual(['containerd-node-1 running', 'control-plane running', 'node-1 running']);
    expect(report.nodes).toEqual([expect.objectContaining({ name: 'node-1', ready: true })]);
  });
});
