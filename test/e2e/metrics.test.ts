/** The resource metrics API over real containers: what `kubectl top` prints, and an autoscaler that follows it. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { eventually, Kubectl, sharedSandbox } from './cluster.ts';
import type { Sandbox } from './sandbox.ts';

const image = 'kubets.local/busybox:1';
const namespace = 'metrics';

interface PodMetrics {
  metadata: { name: string };
  window: string;
  containers: { name: string; usage: { cpu: string; memory: string } }[];
}

describe.skipIf(inject('skipped'))('metrics', () => {
  let sandbox: Sandbox;
  let kubectl: Kubectl;
  const inNamespace = (...args: string[]): string[] => ['-n', namespace, ...args];

  beforeAll(async () => {
    sandbox = sharedSandbox(inject('sandbox'));
    kubectl = await Kubectl.shipped(sandbox);
    await kubectl.must(['create', 'namespace', namespace]);
    const deployment = (name: string, script: string): object => ({
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name },
      spec: {
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          // The limit keeps the burner from taking what other tests need.
          spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image, command: ['sh', '-c', script], resources: { requests: { cpu: '20m' }, limits: { cpu: '100m' } } }] },
        },
      },
    });
    await kubectl.apply(deployment('busy', 'while :; do :; done'), namespace);
    await kubectl.apply(deployment('quiet', 'sleep 36000'), namespace);
    await kubectl.must(inNamespace('rollout', 'status', 'deployment/busy', '--timeout=60s'));
    await kubectl.must(inNamespace('rollout', 'status', 'deployment/quiet', '--timeout=60s'));
  });
  afterAll(async () => {
    await kubectl?.must(['delete', 'namespace', namespace, '--timeout=90s']);
  });

  test('top tells who is busy', async () => {
    await kubectl.must(['wait', '--for=condition=Available', 'apiservice/v1beta1.metrics.k8s.io', '--timeout=60s']);
    const used = await eventually('both pods are measured', async () => {
      const lines = (await kubectl.must(inNamespace('top', 'pods', '--no-headers'))).trim().split('\n').map((line) => line.split(/\s+/));
      const cpu = (name: string): number | undefined => {
        const found = lines.find(([pod]) => pod!.startsWith(`${name}-`));
        return found && Number(/^(\d+)m$/.exec(found[1]!)?.[1]);
      };
      const [busy, quiet] = [cpu('busy'), cpu('quiet')];
      return busy !== undefined && quiet !== undefined && busy > 20 ? { busy, quiet } : undefined;
    });
    expect(used.busy).toBeLessThan(200);
    expect(used.quiet).toBeLessThan(used.busy);
    expect(await kubectl.must(['top', 'nodes', '--no-headers'])).toMatch(/^node-1\s+[1-9]\d*m\s+\d+%\s+[1-9]\d*Mi\s+\d+%/);
  });

  test('objects, selectors, tables and what is not there', async () => {
    const { items } = await kubectl.json<{ items: PodMetrics[] }>(inNamespace('get', 'pods.metrics.k8s.io', '-l', 'app=busy'));
    expect(items.map(({ metadata }) => metadata.name)).toEqual([expect.stringMatching(/^busy-/)]);
    expect(items[0]!.window).toMatch(/^[\d.]+s$/);
    expect(items[0]!.containers).toEqual([{ name: 'c', usage: { cpu: expect.stringMatching(/^\d+[num]?$/), memory: expect.stringMatching(/^\d+Ki$/) } }]);
    expect(await kubectl.must(inNamespace('get', 'pods.metrics.k8s.io', '-l', 'app=quiet'))).toMatch(/^NAME\s+CPU\s+MEMORY\s+WINDOW\nquiet-\S+\s+/);
    expect((await kubectl.run(inNamespace('get', 'pods.metrics.k8s.io', 'absent'))).stderr).toContain(`podmetrics.metrics.k8s.io "${namespace}/absent" not found`);
  });

  test('a Deployment that burns CPU is scaled from 1 to 2', async () => {
    await kubectl.must(inNamespace('autoscale', 'deployment', 'busy', '--cpu=50%', '--min=1', '--max=2'));
    await eventually('two replicas are wanted', async () => (await kubectl.must(inNamespace('get', 'deployment', 'busy', '-o', 'jsonpath={.spec.replicas}'))) === '2', 80_000);
    expect(await kubectl.must(inNamespace('get', 'hpa', 'busy', '-o', 'jsonpath={.status.currentMetrics[0].resource.name}'))).toBe('cpu');
  });
});
