/**
 * Pod start latency on a running cluster: from the create request to Running, one at a time, and thirty at once.
 *
 *   ./kubets up && node bench/pod-start.ts --kubeconfig /var/lib/kubets/admin.kubeconfig [--pods 20] [--out FILE]
 */
import { Pods } from '../src/api/resources.ts';
import type { Pod } from '../src/api/core/v1/types.ts';
import { createClient, httpTransport, loadKubeconfig } from '../src/client/index.ts';
import { nodeHost } from '../src/host/node/index.ts';
import { count, flag, percentile, report } from './report.ts';

const host = nodeHost({ logLevel: 'warn' });
const config = await loadKubeconfig(host, flag('kubeconfig', '/var/lib/kubets/admin.kubeconfig'));
const client = createClient(httpTransport(host.net, { server: config.server, tls: config.tls }));
const pods = client.of(Pods).inNamespace('default');
const total = count('pods', 20);

const pod = (name: string): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { bench: 'pod-start' } },
  spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'kubets.local/busybox:1', command: ['sleep', '3600'] }] },
});

const running = new Map<string, () => void>();
const stop = new AbortController();
const { metadata } = await pods.list();
void (async () => {
  for await (const event of pods.watch({ resourceVersion: metadata.resourceVersion, labelSelector: 'bench=pod-start', signal: stop.signal })) {
    if (event.type !== 'BOOKMARK' && event.object.status?.phase === 'Running') running.get(event.object.metadata.name!)?.();
  }
})();

async function start(name: string): Promise<number> {
  const begun = performance.now();
  const done = new Promise<void>((resolve) => running.set(name, resolve));
  await pods.create(pod(name));
  await done;
  return performance.now() - begun;
}

const single: number[] = [];
for (let i = 0; i < total; i++) {
  single.push(await start(`single-${i}`));
  await pods.delete(`single-${i}`, { gracePeriodSeconds: 0 });
  await host.clock.sleep(300);
}
const many = await Promise.all(Array.from({ length: 30 }, (_, i) => start(`many-${i}`)));
await pods.deleteCollection({ labelSelector: 'bench=pod-start', gracePeriodSeconds: 0 });
stop.abort();
single.sort((a, b) => a - b);
report('pod-start', [
  { name: 'create to Running, one at a time, p50', value: percentile(single, 0.5), unit: 'ms' },
  { name: 'create to Running, one at a time, p90', value: percentile(single, 0.9), unit: 'ms' },
  { name: '30 at once, the last', value: Math.max(...many), unit: 'ms' },
]);
process.exit(0);
