/**
 * What controllers cost beside an API server in one process: so many sets of informers (API server's own, controllers, scheduler …), each
 * with its copy of all pods, while pods are written.
 *
 *   node --expose-gc bench/informers.ts [--objects 5000] [--factories 3] [--out FILE]
 */
import { Namespaces, Pods, ServiceAccounts } from '../src/api/resources.ts';
import type { Pod } from '../src/api/core/v1/types.ts';
import { createApiServer } from '../src/apiserver/server.ts';
import { createClient, createInformers } from '../src/client/index.ts';
import { nodeHost } from '../src/host/node/index.ts';
import { memoryBackend } from '../src/store/memory.ts';
import { count, report } from './report.ts';

const [objects, factories] = [count('objects', 5000), count('factories', 3)];
const host = nodeHost({ logLevel: 'warn' });
const server = await createApiServer({ host, backend: memoryBackend({ clock: host.clock }), version: '0.0.0-bench', serviceCidr: '10.96.0.0/16', authorizationModes: ['RBAC'], kubeletClient: {} });
await server.start();
await server.ready();
const client = createClient(server.transport({ name: 'bench', groups: ['system:masters', 'system:authenticated'] }));
await client.of(Namespaces).get('default');
await client.of(ServiceAccounts).create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } });
let heard = 0;
const sets = Array.from({ length: factories }, () => createInformers(host, client));
for (const informers of sets) {
  informers.of(Pods).onEvent(() => heard++);
  informers.start();
}
await Promise.all(sets.map((informers) => informers.synced()));

const used = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed + process.memoryUsage().external;
};
const pods = client.of(Pods);
const pod = (i: number): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: `pod-${i}`, namespace: 'default', labels: { app: `app-${i % 100}`, tier: 'bench' }, annotations: { note: 'x'.repeat(200) } },
  spec: { containers: [{ name: 'c', image: 'registry.example/app:1', env: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }], resources: { requests: { cpu: '100m', memory: '64Mi' } }, ports: [{ containerPort: 8080 }] }] },
});
const before = used();
const cpu = process.cpuUsage();
const start = performance.now();
let next = 0;
await Promise.all(Array.from({ length: 32 }, async () => {
  for (let i = next++; i < objects; i = next++) await pods.create(pod(i));
}));
while (heard < objects * factories) await new Promise((resolve) => setTimeout(resolve, 1));
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(cpu);
report('informers', [
  { name: `pods created and heard of by ${factories} informers`, value: objects / seconds, unit: 'pods/s' },
  { name: 'CPU', value: (user + system) / 1000 / objects, unit: 'ms/pod' },
  ...(globalThis.gc ? [{ name: 'memory, all copies together', value: (used() - before) / objects / 1024, unit: 'KiB/pod' }] : []),
]);
process.exit(0);
