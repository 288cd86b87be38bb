/** A whole control plane with every controller and the scheduler, each with the rights of its own account: nothing that they ask for is refused. */
import { describe, expect, test } from 'vitest';
import type { Node, Pod } from '../api/core/v1/types.ts';
import { isPodTerminal } from '../api/core/v1/pods.ts';
import { isNotFound } from '../api/meta/status.ts';
import { formatMicroTime, formatTime } from '../api/meta/time.ts';
import { CronJobs, DaemonSets, Deployments, Endpoints, EndpointSlices, Jobs, Leases, Namespaces, Nodes, PersistentVolumeClaims, PersistentVolumes, PodDisruptionBudgets, Pods, ReplicationControllers, ResourceQuotas, ServiceAccounts, Services, StatefulSets, StorageClasses } from '../api/resources.ts';
import { turn } from '../host/node/turn.ts';
import { virtualHost } from '../simulate/virtual-host.ts';
import { memoryBackend } from '../store/memory.ts';
import { startControlPlane } from '../testing/control-plane.ts';

async function setUp() {
  const host = virtualHost({ seed: 'rights', settle: turn });
  const backend = memoryBackend({ clock: host.clock });
  async function run<T>(work: Promise<T>): Promise<T> {
    let done = false;
    work.finally(() => (done = true)).catch(() => undefined);
    await host.clock.runUntil(() => done, 600_000);
    return work;
  }
  const plane = await run(startControlPlane({
    host, controllers: { rootCa: 'ROOT', clusterCidr: '10.244.0.0/16', signSecretToken: () => 'token' },
    server: { backend, version: '0.0.0', serviceCidr: '10.96.0.0/16', nodePortRange: { from: 30_000, to: 32_767 }, authentication: {}, authorizationModes: ['Node', 'RBAC'], securePort: 6443, kubeletClient: {} },
  }));
  await run(plane.startWorkers());
  const client = plane.client();
  const alive = new Set<string>();

  /** The kubelet's part, every two seconds: heartbeats; bound pods run (or end, where their name says so); deleted ones go. */
  async function kubelet(): Promise<void> {
    const now = host.clock.now();
    for (const name of alive) {
      const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: formatMicroTime(now) };
      const leases = client.of(Leases).inNamespace('kube-node-lease');
      await leases.patch(name, { spec }, { type: 'merge' }).catch(() => leases.create({ metadata: { name, namespace: 'kube-node-lease' }, spec }));
    }
    for (const pod of (await client.of(Pods).list()).items) {
      const pods = client.of(Pods).inNamespace(pod.metadata.namespace!);
      const { nodeName } = pod.spec ?? {};
      if (!nodeName || !alive.has(nodeName)) continue;
      if (pod.metadata.deletionTimestamp) {
        await pods.delete(pod.metadata.name!, { gracePeriodSeconds: 0 }).catch(() => undefined);
        continue;
      }
      if (isPodTerminal(pod) || (pod.status?.phase === 'Running' && !pod.metadata.name!.startsWith('tick'))) continue;
      const phase = pod.status?.phase === 'Running' ? 'Succeeded' : 'Running';
      const ready = { type: 'Ready', status: phase === 'Running' ? 'True' : 'False', lastTransitionTime: formatTime(now) };
      await pods.patch(pod.metadata.name!, { status: { phase, conditions: [ready], podIP: '10.244.9.9', podIPs: [{ ip: '10.244.9.9' }] } }, { subresource: 'status' });
    }
  }

  return {
    host, client, run, alive,
    async advance(seconds: number) {
      for (let passed = 0; passed < seconds; passed += 2) {
        await host.clock.advance(2_000);
        await run(kubelet());
      }
    },
    async addNode(name: string) {
      const node: Node = { metadata: { name, labels: { 'kubernetes.io/hostname': name } } };
      await run(client.of(Nodes).create(node));
      const allocatable = { cpu: '8', memory: '16Gi', pods: '110' };
      const at = formatTime(host.clock.now());
      const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: '', lastHeartbeatTime: at, lastTransitionTime: at };
      await run(client.of(Nodes).patch(name, { status: { allocatable, capacity: allocatable, conditions: [ready] } }, { subresource: 'status' }));
      alive.add(name);
    },
    /** Lines of the request metric about refusals. */
    async refused() {
      const { body } = await run(client.transport.send({ method: 'GET', path: '/metrics' }));
      let text = '';
      for await (const chunk of body) text += Buffer.from(chunk).toString();
      return text.split('\n').filter((line) => line.startsWith('apiserver_request_total{') && line.includes('code="403"'));
    },
    async stop() {
      await run(plane.stop());
      await run(backend.close());
    },
  };
}

const labels = { app: 'web' };
const template = (extra: object = {}) => ({ metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '100m' } } }], ...extra } });

describe('each controller as its own account', () => {
  test('pods get local volumes on the node where these are, and everything else goes its way', async () => {
    const { client, run, advance, addNode, alive, refused, stop } = await setUp();
    const inShop = { namespace: 'shop' };
    await run(client.of(Namespaces).create({ metadata: { name: 'shop' } }));
    for (const name of ['a', 'b', 'c']) await addNode(name);
    await advance(15);
    await run(client.of(StorageClasses).create({ metadata: { name: 'local' }, provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' }));
    for (const [name, node] of [['disk-1', 'b'], ['disk-2', 'c']]) {
      const nodeAffinity = { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node!] }] }] } };
      await run(client.of(PersistentVolumes).create({ metadata: { name: name! }, spec: { capacity: { storage: '5Gi' }, accessModes: ['ReadWriteOnce'], local: { path: '/srv/disk' }, storageClassName: 'local', persistentVolumeReclaimPolicy: 'Retain', nodeAffinity } }));
    }
    await run(client.of(ResourceQuotas).create({ metadata: { name: 'q', ...inShop }, spec: { hard: { pods: '30', 'count/deployments.apps': '5' } } }));
    await advance(3);
    const claimTemplate = { metadata: { name: 'data' }, spec: { storageClassName: 'local', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };
    await run(client.of(StatefulSets).create({ metadata: { name: 'db', ...inShop }, spec: { replicas: 2, serviceName: 'db', selector: { matchLabels: labels }, template: template(), volumeClaimTemplates: [claimTemplate], persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' } } }));
    await run(client.of(Deployments).create({ metadata: { name: 'web', ...inShop }, spec: { replicas: 2, selector: { matchLabels: labels }, template: template() } }));
    await run(client.of(DaemonSets).create({ metadata: { name: 'agent', ...inShop }, spec: { selector: { matchLabels: labels }, template: template() } }));
    await run(client.of(ReplicationControllers).create({ metadata: { name: 'old', ...inShop }, spec: { replicas: 1, selector: { app: 'old' }, template: { ...template(), metadata: { labels: { app: 'old' } } } } }));
    await run(client.of(CronJobs).create({ metadata: { name: 'tick', ...inShop }, spec: { schedule: '* * * * *', jobTemplate: { spec: { ttlSecondsAfterFinished: 5, template: template({ restartPolicy: 'Never' }) } } } }));
    await run(client.of(PodDisruptionBudgets).create({ metadata: { name: 'db', ...inShop }, spec: { maxUnavailable: 1, selector: { matchLabels: labels } } }));
    await run(client.of(Services).create({ metadata: { name: 'web', ...inShop }, spec: { selector: labels, ports: [{ port: 80 }] } }));
    await run(client.of(Services).create({ metadata: { name: 'outside', ...inShop }, spec: { ports: [{ port: 80 }] } }));
    await run(client.of(Endpoints).create({ metadata: { name: 'outside', ...inShop }, subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }] }));
    await advance(90);
    const get = <T>(work: Promise<T>): Promise<T> => run(work);
    const pods = async (): Promise<Pod[]> => (await run(client.of(Pods).inNamespace('shop').list())).items;
    const placed = (await pods()).filter(({ metadata }) => metadata.name!.startsWith('db-')).map((pod) => pod.spec?.nodeName).sort();
    expect(placed).toEqual(['b', 'c']);
    expect((await get(client.of(PersistentVolumeClaims).inNamespace('shop').list())).items.map(({ metadata, status }) => [metadata.name, status?.phase, metadata.ownerReferences?.[0]?.kind])).toEqual([['data-db-0', 'Bound', 'StatefulSet'], ['data-db-1', 'Bound', 'StatefulSet']]);
    expect((await get(client.of(Deployments).inNamespace('shop').get('web'))).status?.readyReplicas).toBe(2);
    expect((await get(client.of(EndpointSlices).inNamespace('shop').list({ labelSelector: 'kubernetes.io/service-name=outside' }))).items).toHaveLength(1);
    expect((await get(client.of(ResourceQuotas).inNamespace('shop').get('q'))).status?.used).toMatchObject({ 'count/deployments.apps': '1', pods: String((await pods()).filter((pod) => !isPodTerminal(pod)).length) });
    expect((await get(client.of(CronJobs).inNamespace('shop').get('tick'))).status?.lastSuccessfulTime).toBeDefined();
    expect((await get(client.of(Jobs).inNamespace('shop').list())).items.length).toBeLessThan(2);

    // A node falls silent and goes; the set goes with its claims; an account comes back; at last the namespace is emptied.
    alive.delete('a');
    await advance(90);
    expect((await get(client.of(Nodes).get('a'))).spec?.taints?.map(({ effect }) => effect).sort()).toEqual(['NoExecute', 'NoSchedule']);
    await run(client.of(Nodes).delete('a'));
    await run(client.of(StatefulSets).inNamespace('shop').delete('db', { propagationPolicy: 'Background' }));
    await run(client.of(ServiceAccounts).inNamespace('shop').delete('default'));
    await advance(90);
    expect((await get(client.of(PersistentVolumeClaims).inNamespace('shop').list())).items).toEqual([]);
    expect((await get(client.of(PersistentVolumes).get('disk-1'))).status?.phase).toBe('Released');
    expect((await get(client.of(ServiceAccounts).inNamespace('shop').list())).items).toHaveLength(1);
    // Nothing may be made in a namespace on its way out: those refusals are none of rights.
    expect(await refused()).toEqual([]);
    await run(client.of(Namespaces).delete('shop'));
    await advance(60);
    await expect(run(client.of(Namespaces).get('shop'))).rejects.toSatisfy(isNotFound);
    await stop();
  });
});
