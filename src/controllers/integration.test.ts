/** Each controller against the real API server on the memory store, on the virtual clock. */
import { describe, expect, test } from 'vitest';
import type { Lease } from '../api/coordination/v1/types.ts';
import type { Node, Pod, Service } from '../api/core/v1/types.ts';
import { isNotFound } from '../api/meta/status.ts';
import { formatMicroTime, formatTime } from '../api/meta/time.ts';
import { ClusterRoles, ConfigMaps, CronJobs, Endpoints, EndpointSlices, Events, Jobs, Leases, Namespaces, Nodes, PersistentVolumeClaims, PodDisruptionBudgets, Pods, ReplicationControllers, Secrets, ServiceAccounts, Services, StatefulSets } from '../api/resources.ts';
import type { ControllerSettings } from './context.ts';
import { realCluster } from './real-cluster.fixture.ts';

async function setUp(enabled: string[], settings: Partial<ControllerSettings> = {}) {
  const cluster = await realCluster(enabled, settings);
  return {
    ...cluster,
    async stop() {
      await cluster.stop();
      expect(cluster.refused).toEqual([]);
    },
  };
}

const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
const pod = (name: string, extra: Partial<Pod['spec']> = {}, metadata: Partial<Pod['metadata']> = {}): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop', labels: { app: 'web' }, ...metadata },
  spec: { containers: [{ name: 'c', image: 'i', ports: [{ name: 'http', containerPort: 8080 }] }], ...extra },
});
const node = (name: string): Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } });

describe('controllers against the API server', () => {
  test('namespace, service account and root CA: a namespace is furnished, and emptied when it goes', async () => {
    const cluster = await setUp(['namespace-controller', 'serviceaccount-controller', 'root-ca-certificate-publisher-controller']);
    await cluster.create(Namespaces, namespace('shop'));
    await cluster.advance(1_000);
    expect(await cluster.names(ServiceAccounts, 'shop')).toEqual(['default']);
    expect((await cluster.get(ConfigMaps, 'kube-root-ca.crt')).data).toEqual({ 'ca.crt': 'ROOT' });
    await cluster.create(Pods, pod('a', {}, { finalizers: ['example.com/hold'] }));
    await cluster.create(Secrets, { metadata: { name: 's', namespace: 'shop' } });
    await cluster.run(cluster.client.of(Namespaces).delete('shop'));
    await cluster.advance(8_000);
    const terminating = await cluster.get(Namespaces, 'shop');
    expect(terminating.status?.phase).toBe('Terminating');
    expect(terminating.status?.conditions?.find(({ type }) => type === 'NamespaceFinalizersRemaining')?.message).toContain('example.com/hold in 1 resource instances');
    expect(await cluster.names(Secrets, 'shop')).toEqual(['s']);
    await cluster.run(cluster.client.of(Pods).inNamespace('shop').patch('a', { metadata: { finalizers: null } }, { type: 'merge' }));
    await cluster.advance(60_000);
    await expect(cluster.get(Namespaces, 'shop')).rejects.toSatisfy(isNotFound);
    expect(await cluster.names(ConfigMaps, 'shop')).toEqual([]);
    await cluster.stop();
  });

  test('token secrets', async () => {
    const cluster = await setUp(['serviceaccount-token-controller'], { signSecretToken: ({ serviceAccount }) => `token of ${serviceAccount}` });
    await cluster.create(Namespaces, namespace('shop'));
    await cluster.create(ServiceAccounts, { metadata: { name: 'robot', namespace: 'shop' } });
    await cluster.create(Secrets, { metadata: { name: 's', namespace: 'shop', annotations: { 'kubernetes.io/service-account.name': 'robot' } }, type: 'kubernetes.io/service-account-token' });
    await cluster.advance(1_000);
    expect(Buffer.from((await cluster.get(Secrets, 's')).data!.token!, 'base64').toString()).toBe('token of robot');
    await cluster.run(cluster.client.of(ServiceAccounts).inNamespace('shop').delete('robot'));
    await cluster.advance(5_000);
    expect(await cluster.names(Secrets, 'shop')).toEqual([]);
    await cluster.stop();
  });

  test('endpoints and slices follow pods', async () => {
    const cluster = await setUp(['endpointslice-controller', 'endpoints-controller']);
    await cluster.create(Namespaces, namespace('shop'));
    await cluster.create(Nodes, { ...node('n1'), metadata: { name: 'n1', labels: { 'topology.kubernetes.io/zone': 'z' } } });
    const service: Service = { metadata: { name: 'web', namespace: 'shop' }, spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] } };
    await cluster.create(Services, service);
    for (let i = 1; i <= 3; i++) {
      const created = await cluster.create(Pods, pod(`p${i}`, { nodeName: 'n1' }));
      await cluster.run(cluster.client.of(Pods).updateStatus({ ...created, status: { phase: 'Running', podIP: `10.1.0.${i}`, podIPs: [{ ip: `10.1.0.${i}` }], conditions: [{ type: 'Ready', status: i === 3 ? 'False' : 'True', lastTransitionTime: formatTime(cluster.host.clock.now()) }] } }));
    }
    await cluster.advance(5_000);
    const { items: [slice, ...more] } = await cluster.run(cluster.client.of(EndpointSlices).inNamespace('shop').list());
    expect(more).toEqual([]);
    expect(slice!.endpoints?.map(({ addresses, conditions, zone, nodeName }) => [addresses[0], conditions?.ready, zone, nodeName]).sort()).toEqual([
      ['10.1.0.1', true, 'z', 'n1'], ['10.1.0.2', true, 'z', 'n1'], ['10.1.0.3', false, 'z', 'n1'],
    ]);
    expect(slice!.ports).toEqual([{ name: '', port: 8080, protocol: 'TCP' }]);
    expect((await cluster.get(Endpoints, 'web')).subsets).toMatchObject([{ addresses: [{ ip: '10.1.0.1' }, { ip: '10.1.0.2' }], notReadyAddresses: [{ ip: '10.1.0.3' }], ports: [{ port: 8080 }] }]);
    const before = slice!.metadata.resourceVersion;
    await cluster.advance(300_000);
    expect((await cluster.get(EndpointSlices, slice!.metadata.name!)).metadata.resourceVersion).toBe(before);
    await cluster.run(cluster.client.of(Services).inNamespace('shop').delete('web'));
    await cluster.advance(2_000);
    expect(await cluster.names(Endpoints, 'shop')).toEqual([]);
    await cluster.stop();
  });

  test('garbage collector: background, foreground and orphan', async () => {
    const cluster = await setUp(['garbage-collector-controller']);
    await cluster.create(Namespaces, namespace('shop'));
    const configMaps = cluster.client.of(ConfigMaps).inNamespace('shop');
    for (const mode of ['Background', 'Foreground', 'Orphan'] as const) {
      const owner = await cluster.create(ConfigMaps, { metadata: { name: 'owner', namespace: 'shop' } });
      const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid!, blockOwnerDeletion: true };
      for (let i = 0; i < 3; i++) await cluster.create(Secrets, { metadata: { name: `${mode.toLowerCase()}-${i}`, namespace: 'shop', ownerReferences: [reference] } });
      await cluster.advance(2_000);
      await cluster.run(configMaps.delete('owner', { propagationPolicy: mode }));
      await cluster.advance(5_000);
      await expect(cluster.run(configMaps.get('owner'))).rejects.toSatisfy(isNotFound);
    }
    expect(await cluster.names(Secrets, 'shop')).toEqual(['orphan-0', 'orphan-1', 'orphan-2']);
    expect((await cluster.get(Secrets, 'orphan-0')).metadata.ownerReferences).toBeUndefined();
    await cluster.stop();
  });

  test('nodes: addresses, silence, taints, eviction, and pods of nodes that are gone', async () => {
    const cluster = await setUp(['node-ipam-controller', 'node-lifecycle-controller', 'taint-eviction-controller', 'pod-garbage-collector-controller'], { clusterCidr: '10.244.0.0/16' });
    const { host, client } = cluster;
    await cluster.create(Namespaces, namespace('shop'));
    const alive = new Set(['n1', 'n2', 'n3', 'n4']);
    for (const name of alive) {
      await cluster.create(Nodes, node(name));
      const at = formatTime(host.clock.now());
      const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: '', lastHeartbeatTime: at, lastTransitionTime: at };
      await cluster.run(client.of(Nodes).patch(name, { status: { conditions: [ready] } }, { subresource: 'status' }));
    }
    const beat = (): void => {
      for (const name of alive) {
        const leases = client.of(Leases).inNamespace('kube-node-lease');
        const lease: Lease = { metadata: { name, namespace: 'kube-node-lease' }, spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: formatMicroTime(host.clock.now()) } };
        leases.patch(name, { spec: lease.spec }, { type: 'merge' }).catch(() => leases.create(lease)).catch(() => undefined);
      }
      host.clock.setTimer(beat, 10_000);
    };
    if (!(await cluster.names(Namespaces)).includes('kube-node-lease')) await cluster.create(Namespaces, namespace('kube-node-lease'));
    beat();
    await cluster.advance(10_000);
    const nodes = await cluster.run(client.of(Nodes).list());
    expect(new Set(nodes.items.map((each) => each.spec?.podCIDR)).size).toBe(4);
    expect(nodes.items.flatMap((each) => each.spec?.taints ?? [])).toEqual([]);

    await cluster.create(Pods, pod('frail', { nodeName: 'n1', tolerations: [{ key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 }] }));
    await cluster.create(Pods, pod('tough', { nodeName: 'n1', tolerations: [{ operator: 'Exists' }] }));
    alive.delete('n1');
    await cluster.advance(75_000);
    const silent = await cluster.get(Nodes, 'n1');
    expect(silent.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'Unknown', reason: 'NodeStatusUnknown' });
    expect(silent.spec?.taints?.map(({ key, effect }) => `${key}:${effect}`).sort()).toEqual(['node.kubernetes.io/unreachable:NoExecute', 'node.kubernetes.io/unreachable:NoSchedule']);
    await cluster.advance(40_000);
    const frail = await cluster.get(Pods, 'frail').catch(() => undefined);
    expect(frail === undefined || frail.metadata.deletionTimestamp !== undefined).toBe(true);
    expect(frail?.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')?.reason ?? 'DeletionByTaintManager').toBe('DeletionByTaintManager');
    expect((await cluster.get(Pods, 'tough')).metadata.deletionTimestamp).toBeUndefined();

    await cluster.run(client.of(Nodes).delete('n1'));
    await cluster.advance(90_000);
    expect(await cluster.names(Pods, 'shop')).toEqual([]);
    const reasons = new Set((await cluster.run(client.of(Events).list())).items.map((event) => event.reason));
    for (const reason of ['RegisteredNode', 'NodeNotReady', 'TaintManagerEviction', 'RemovingNode']) expect(reasons).toContain(reason);
    await cluster.stop();
  });

  test('an account can do what its role says, and no more', async () => {
    const cluster = await setUp([]);
    await cluster.create(Namespaces, namespace('shop'));
    const replicaSets = cluster.clientAs('system:serviceaccount:kube-system:replicaset-controller', 'system:serviceaccounts', 'system:serviceaccounts:kube-system');
    await cluster.run(replicaSets.of(Pods).create(pod('a')));
    await expect(cluster.run(replicaSets.of(Secrets).create({ metadata: { name: 's', namespace: 'shop' } }))).rejects.toThrow('cannot create resource "secrets"');
    expect(cluster.refused.splice(0)).toEqual(['system:serviceaccount:kube-system:replicaset-controller: POST /api/v1/namespaces/shop/secrets']);
    await cluster.stop();
  });

  test('cluster role aggregation', async () => {
    const cluster = await setUp(['clusterrole-aggregation-controller']);
    await cluster.create(ClusterRoles, { metadata: { name: 'all-x' }, rules: [], aggregationRule: { clusterRoleSelectors: [{ matchLabels: { x: 'y' } }] } });
    const rule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] };
    await cluster.create(ClusterRoles, { metadata: { name: 'part', labels: { x: 'y' } }, rules: [rule] });
    await cluster.advance(1_000);
    expect((await cluster.get(ClusterRoles, 'all-x')).rules).toEqual([rule]);
    await cluster.stop();
  });

  test('stateful sets, cron jobs, replication controllers and disruption budgets', async () => {
    const cluster = await setUp(['statefulset-controller', 'cronjob-controller', 'replicationcontroller-controller', 'disruption-controller']);
    await cluster.create(Namespaces, namespace('shop'));
    const labels = { app: 'db' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    await cluster.create(StatefulSets, {
      metadata: { name: 'db', namespace: 'shop' },
      spec: { replicas: 2, serviceName: 'db', podManagementPolicy: 'Parallel', selector: { matchLabels: labels }, template, volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }] },
    });
    await cluster.create(ReplicationControllers, { metadata: { name: 'rc', namespace: 'shop' }, spec: { replicas: 1, selector: { app: 'rc' }, template: { ...template, metadata: { labels: { app: 'rc' } } } } });
    await cluster.create(PodDisruptionBudgets, { metadata: { name: 'db', namespace: 'shop' }, spec: { maxUnavailable: 1, selector: { matchLabels: labels } } });
    await cluster.create(CronJobs, { metadata: { name: 'tick', namespace: 'shop' }, spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: template.spec.containers } } } } } });
    await cluster.advance(5_000);
    const [first, second, third] = await cluster.names(Pods, 'shop');
    expect([first, second]).toEqual(['db-0', 'db-1']);
    expect(third).toMatch(/^rc-/);
    expect(await cluster.names(PersistentVolumeClaims, 'shop')).toEqual(['data-db-0', 'data-db-1']);
    for (const name of ['db-0', 'db-1']) {
      const ready = { type: 'Ready', status: 'True', lastTransitionTime: formatTime(cluster.host.clock.now()) };
      await cluster.run(cluster.client.of(Pods).inNamespace('shop').patch(name, { status: { phase: 'Running', conditions: [ready] } }, { subresource: 'status' }));
    }
    await cluster.advance(1_000);
    expect((await cluster.get(StatefulSets, 'db')).status).toMatchObject({ replicas: 2, readyReplicas: 2, updatedReplicas: 2, observedGeneration: 1 });
    expect((await cluster.get(PodDisruptionBudgets, 'db')).status).toMatchObject({ expectedPods: 2, currentHealthy: 2, desiredHealthy: 1, disruptionsAllowed: 1, observedGeneration: 1 });
    await cluster.run(cluster.client.of(StatefulSets).inNamespace('shop').patch('db', { spec: { template: { spec: { containers: [{ name: 'c', image: 'j' }] } } } }));
    await cluster.advance(1_000);
    expect((await cluster.get(Pods, 'db-0')).spec?.containers[0]?.image).toBe('i');
    const replaced = await cluster.get(Pods, 'db-1');
    expect(replaced.spec?.containers[0]?.image === 'j' || replaced.metadata.deletionTimestamp !== undefined).toBe(true);
    await cluster.advance(60_000);
    expect((await cluster.names(Jobs, 'shop')).every((name) => name.startsWith('tick-'))).toBe(true);
    expect((await cluster.get(CronJobs, 'tick')).status?.active).toHaveLength(1);
    // Somebody meant to disrupt it, and did not.
    await cluster.run(cluster.client.of(Pods).inNamespace('shop').patch(third!, { status: { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'm', lastTransitionTime: formatTime(cluster.host.clock.now()) }] } }, { subresource: 'status' }));
    await cluster.advance(130_000);
    const mark = (await cluster.get(Pods, third!)).status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
    expect([mark?.status, mark?.reason, mark?.message]).toEqual(['False', undefined, undefined]);
    await cluster.stop();
  });
});
