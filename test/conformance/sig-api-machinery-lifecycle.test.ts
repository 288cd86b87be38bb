/** The requirements on garbage collection, namespaces and quota, and on taints that evict. The titles are the requirements' code names. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Deployment, ReplicaSet } from '../../src/api/apps/v1/types.ts';
import type { Namespace, Pod, ReplicationController, ResourceQuota } from '../../src/api/core/v1/types.ts';
import { ConfigMaps, Deployments, Namespaces, Nodes, Pods, PriorityClasses, ReplicaSets, ReplicationControllers, ResourceQuotas, Secrets, Services, StatusError } from '../../src/testing/index.ts';
import { hollowCluster, isReady, podOf, template, type HollowCluster, type InNamespace } from './hollow-cluster.ts';

let hollow: HollowCluster;
beforeAll(async () => {
  hollow = await hollowCluster(3);
}, 60_000);
afterAll(() => hollow.stop());

const app = { app: 'web' };
const deployment = (replicas: number): Deployment => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas, selector: { matchLabels: app }, template: template(app) } });
const controller = (replicas: number, name = 'web', labels: Record<string, string> = app): ReplicationController => ({ apiVersion: 'v1', kind: 'ReplicationController', metadata: { name }, spec: { replicas, selector: labels, template: template(labels) } });
const running = (within: InNamespace, count: number): Promise<void> => within.until(`${count} pods run`, async () => (await within.pods()).filter(isReady).length === count);

test('[sig-api-machinery] Garbage collector should delete RS created by deployment when not orphaning [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Deployments, deployment(2));
  await running(within, 2);
  await within.delete(Deployments, 'web', { propagationPolicy: 'Background' });
  await within.until('all is gone', async () => (await within.list(ReplicaSets)).length === 0 && (await within.pods()).length === 0);
});

test('[sig-api-machinery] Garbage collector should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Deployments, deployment(2));
  await running(within, 2);
  await within.delete(Deployments, 'web', { propagationPolicy: 'Orphan' });
  await within.gone(Deployments, 'web');
  await hollow.advance(30_000);
  expect((await within.list(ReplicaSets)).map((set) => set.metadata.ownerReferences ?? [])).toEqual([[]]);
  expect(await within.pods()).toHaveLength(2);
});

test('[sig-api-machinery] Garbage collector should delete pods created by rc when not orphaning [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ReplicationControllers, controller(2));
  await running(within, 2);
  await within.delete(ReplicationControllers, 'web', { propagationPolicy: 'Background' });
  await within.until('its pods are gone', async () => (await within.pods()).length === 0);
});

test('[sig-api-machinery] Garbage collector should orphan pods created by rc if delete options say so [Serial] [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ReplicationControllers, controller(20));
  await running(within, 20);
  await within.delete(ReplicationControllers, 'web', { propagationPolicy: 'Orphan' });
  await within.gone(ReplicationControllers, 'web');
  await hollow.advance(30_000);
  const pods = await within.pods();
  expect([pods.length, pods.filter((pod) => pod.metadata.deletionTimestamp || pod.metadata.ownerReferences?.length).length]).toEqual([20, 0]);
});

test('[sig-api-machinery] Garbage collector should keep the rc around until all its pods are deleted if the deleteOptions says so [Serial] [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ReplicationControllers, controller(10));
  await running(within, 10);
  await within.delete(ReplicationControllers, 'web', { propagationPolicy: 'Foreground' });
  let early = false;
  await within.until('it is gone', async () => {
    // Pods first: who reads them after the owner sees none when the owner is gone.
    const owner = await within.find(ReplicationControllers, 'web');
    const pods = await within.pods();
    if (!owner && pods.length > 0) early = true;
    return !owner && pods.length === 0;
  });
  expect(early).toBe(false);
});

test('[sig-api-machinery] Garbage collector should not delete dependents that have both valid owner and owner that\'s waiting for dependents to be deleted [Serial] [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ReplicationControllers, controller(6, 'leaving', { app: 'leaving' }));
  const stays = await within.create(ReplicationControllers, controller(0, 'staying', { app: 'staying' }));
  await running(within, 6);
  const shared = (await within.pods()).slice(0, 3).map((pod) => pod.metadata.name!);
  for (const name of shared) await within.patch(Pods, name, { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ReplicationController', name: 'staying', uid: stays.metadata.uid }] } });
  await within.delete(ReplicationControllers, 'leaving', { propagationPolicy: 'Foreground' });
  await within.gone(ReplicationControllers, 'leaving');
  await hollow.advance(30_000);
  const left = await within.pods();
  expect(left.map((pod) => pod.metadata.name).sort()).toEqual(shared.sort());
  expect(left.every((pod) => pod.metadata.ownerReferences?.length === 1 && !pod.metadata.deletionTimestamp)).toBe(true);
});

test('[sig-api-machinery] Garbage collector should not be blocked by dependency circle [Conformance]', async () => {
  const within = await hollow.namespace();
  const pods: Pod[] = [];
  for (const name of ['pod1', 'pod2', 'pod3']) pods.push(await within.create(Pods, podOf(name)));
  for (const [i, pod] of pods.entries()) {
    const owner = pods[(i + 2) % 3]!.metadata;
    await within.patch(Pods, pod.metadata.name!, { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: owner.name, uid: owner.uid, controller: true, blockOwnerDeletion: true }] } });
  }
  await within.delete(Pods, 'pod1', { propagationPolicy: 'Foreground' });
  await within.until('all are gone', async () => (await within.pods()).length === 0);
});

const cluster = (): InNamespace => hollow.clusterScope;

test('[sig-api-machinery] Namespaces [Serial] should ensure that all pods are removed when a namespace is deleted [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Pods, podOf('p'));
  await running(within, 1);
  await cluster().delete(Namespaces, within.name);
  await cluster().gone(Namespaces, within.name);
  await cluster().create(Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: within.name } });
  expect(await within.pods()).toEqual([]);
});

test('[sig-api-machinery] Namespaces [Serial] should ensure that all services are removed when a namespace is deleted [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Services, { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { selector: app, ports: [{ port: 80 }] } });
  await cluster().delete(Namespaces, within.name);
  await cluster().gone(Namespaces, within.name);
  await cluster().create(Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: within.name } });
  expect(await within.list(Services)).toEqual([]);
});

test('[sig-api-machinery] Namespaces [Serial] should patch a Namespace [Conformance]', async () => {
  const within = await hollow.namespace();
  await cluster().patch(Namespaces, within.name, { metadata: { labels: { testLabel: 'testValue' } } });
  expect((await cluster().get(Namespaces, within.name)).metadata.labels?.['testLabel']).toBe('testValue');
});

test('[sig-api-machinery] Namespaces [Serial] should apply an update to a Namespace [Conformance]', async () => {
  const within = await hollow.namespace();
  const updated = await cluster().edit(Namespaces, within.name, (object) => (object.metadata.labels = { ...object.metadata.labels, updated: within.name }));
  expect(updated.metadata.labels?.['updated']).toBe(within.name);
});

test('[sig-api-machinery] Namespaces [Serial] should apply changes to a namespace status [Conformance]', async () => {
  const within = await hollow.namespace();
  expect((await cluster().getSubresource<Namespace>(Namespaces, within.name, 'status')).status?.phase).toBe('Active');
  const condition = (type: string): { type: string; status: string; reason: string; message: string } => ({ type, status: 'True', reason: 'E2E', message: 'from a conformance test' });
  await cluster().patch(Namespaces, within.name, { metadata: { annotations: { patched: 'yes' } }, status: { conditions: [condition('StatusPatch')] } }, { subresource: 'status', type: 'merge' });
  const patched = await cluster().getSubresource<Namespace>(Namespaces, within.name, 'status');
  expect([patched.metadata.annotations?.['patched'], patched.status?.conditions?.map(({ type }) => type)]).toEqual(['yes', ['StatusPatch']]);
  await cluster().updateSubresource<Namespace>(Namespaces, within.name, 'status', { ...patched, status: { ...patched.status, conditions: [...patched.status!.conditions!, condition('StatusUpdate')] } });
  expect((await cluster().get(Namespaces, within.name)).status?.conditions?.map(({ type }) => type)).toContain('StatusUpdate');
});

test('[sig-api-machinery] Namespaces [Serial] should apply a finalizer to a Namespace [Conformance]', async () => {
  const within = await hollow.namespace();
  const finalizer = 'e2e.example.com/fakeFinalizer';
  const finalize = async (change: (names: string[]) => string[]): Promise<void> => {
    const object = structuredClone(await cluster().get(Namespaces, within.name));
    object.spec = { ...object.spec, finalizers: change(object.spec?.finalizers ?? []) };
    await cluster().updateSubresource(Namespaces, within.name, 'finalize', object);
  };
  await finalize((names) => [...names, finalizer]);
  expect((await cluster().get(Namespaces, within.name)).spec?.finalizers).toContain(finalizer);
  await finalize((names) => names.filter((name) => name !== finalizer));
  expect((await cluster().get(Namespaces, within.name)).spec?.finalizers).not.toContain(finalizer);
  await cluster().delete(Namespaces, within.name);
  await cluster().gone(Namespaces, within.name);
});

test('[sig-api-machinery] OrderedNamespaceDeletion namespace deletion should delete pod first [Conformance]', async () => {
  const within = await hollow.namespace();
  const finalizer = 'e2e.example.com/finalizer';
  await within.create(Pods, { ...podOf('p'), metadata: { name: 'p', finalizers: [finalizer] } });
  await within.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } });
  await running(within, 1);
  await cluster().delete(Namespaces, within.name);
  await within.until('the pod is on its way', async () => (await within.get(Pods, 'p')).metadata.deletionTimestamp !== undefined);
  await within.until('the namespace says what is in the way', async () =>
    (await cluster().get(Namespaces, within.name)).status?.conditions?.some(({ type, status, message }) => type === 'NamespaceFinalizersRemaining' && status === 'True' && message?.includes(finalizer) === true) === true);
  await hollow.advance(20_000);
  expect((await within.get(ConfigMaps, 'c')).metadata.deletionTimestamp).toBeUndefined();
  await within.patch(Pods, 'p', { metadata: { finalizers: null } }, { type: 'merge' });
  await cluster().gone(Namespaces, within.name);
});

const quota = (hard: Record<string, string>, spec: Partial<NonNullable<ResourceQuota['spec']>> = {}, name = 'quota'): ResourceQuota => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name }, spec: { hard, ...spec } });
const used = (within: InNamespace, expected: Record<string, string>, name = 'quota'): Promise<void> => within.until(`${name} says ${JSON.stringify(expected)}`, async () => {
  const { status } = await within.get(ResourceQuotas, name);
  return Object.entries(expected).every(([resource, amount]) => status?.used?.[resource] === amount) && status?.hard !== undefined;
});
const isExceeded = (error: unknown): boolean => error instanceof StatusError && error.code === 403 && error.message.includes('exceeded quota');

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and ensure its status is promptly calculated. [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ResourceQuotas, quota({ pods: '5', secrets: '10' }));
  await used(within, { pods: '0', secrets: '0' });
});

/** An object comes and goes: the quota counts it, and gives it back. */
async function lifeOf(resource: string, create: (within: InNamespace) => Promise<unknown>, remove: (within: InNamespace) => Promise<unknown>, base = 0): Promise<void> {
  const within = await hollow.namespace();
  if (base > 0) await within.until('what each namespace has is there', async () => (await within.list(ConfigMaps)).length === base);
  await within.create(ResourceQuotas, quota({ [resource]: String(base + 1) }));
  await used(within, { [resource]: String(base) });
  await create(within);
  await used(within, { [resource]: String(base + 1) });
  expect(isExceeded(await create(within).catch((error: unknown) => error))).toBe(true);
  await remove(within);
  await used(within, { [resource]: String(base) });
}
let serial = 0;
const fresh = (): string => `object-${serial++}`;

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a configMap. [Conformance]', () =>
  lifeOf('configmaps', (within) => within.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: fresh(), labels: app } }), (within) => within.deleteCollection(ConfigMaps, { labelSelector: 'app=web' }), 1));

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a secret. [Conformance]', () =>
  lifeOf('secrets', (within) => within.create(Secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: fresh() } }), (within) => within.deleteCollection(Secrets)));

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a replica set. [Conformance]', () => {
  const set = (): ReplicaSet => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: fresh() }, spec: { replicas: 0, selector: { matchLabels: app }, template: template(app) } });
  return lifeOf('count/replicasets.apps', (within) => within.create(ReplicaSets, set()), (within) => within.deleteCollection(ReplicaSets));
});

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a replication controller. [Conformance]', () =>
  lifeOf('replicationcontrollers', (within) => within.create(ReplicationControllers, controller(0, fresh())), (within) => within.deleteCollection(ReplicationControllers)));

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a service. [Conformance]', async () => {
  const within = await hollow.namespace();
  const service = (type: string) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: fresh() }, spec: { type, selector: app, ports: [{ port: 80 }] } });
  await within.create(ResourceQuotas, quota({ 'services': '2', 'services.nodeports': '1', 'services.loadbalancers': '1' }));
  await used(within, { services: '0' });
  await within.create(Services, service('ClusterIP'));
  await within.create(Services, service('NodePort'));
  await used(within, { 'services': '2', 'services.nodeports': '1', 'services.loadbalancers': '0' });
  expect(isExceeded(await within.create(Services, service('ClusterIP')).catch((error: unknown) => error))).toBe(true);
  for (const each of await within.list(Services)) await within.delete(Services, each.metadata.name!);
  await used(within, { 'services': '0', 'services.nodeports': '0' });
});

const asking = (name: string, cpu: string, spec: object = {}): Pod => podOf(name, {}, { containers: [{ name: 'c', image: 'registry.example/pause:1', resources: { requests: { cpu, memory: '64Mi' }, limits: { cpu: '1', memory: '64Mi' } } }], ...spec });

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a pod. [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ResourceQuotas, quota({ 'pods': '5', 'requests.cpu': '1', 'requests.memory': '500Mi' }));
  await used(within, { pods: '0' });
  await within.create(Pods, asking('p', '500m'));
  await used(within, { 'pods': '1', 'requests.cpu': '500m', 'requests.memory': '64Mi' });
  expect(isExceeded(await within.create(Pods, asking('q', '600m')).catch((error: unknown) => error))).toBe(true);
  await within.patch(Pods, 'p', { metadata: { labels: { touched: 'yes' } } });
  await used(within, { 'pods': '1', 'requests.cpu': '500m' });
  await within.delete(Pods, 'p');
  await used(within, { 'pods': '0', 'requests.cpu': '0' });
});

test('[sig-api-machinery] ResourceQuota should verify ResourceQuota with best effort scope. [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ResourceQuotas, quota({ pods: '5' }, { scopes: ['BestEffort'] }, 'best'));
  await within.create(ResourceQuotas, quota({ pods: '5' }, { scopes: ['NotBestEffort'] }, 'other'));
  for (const name of ['best', 'other']) await used(within, { pods: '0' }, name);
  await within.create(Pods, podOf('effort'));
  await used(within, { pods: '1' }, 'best');
  await used(within, { pods: '0' }, 'other');
  await within.delete(Pods, 'effort');
  await used(within, { pods: '0' }, 'best');
  await within.create(Pods, asking('sure', '100m'));
  await used(within, { pods: '1' }, 'other');
  await used(within, { pods: '0' }, 'best');
});

test('[sig-api-machinery] ResourceQuota should verify ResourceQuota with terminating scopes. [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ResourceQuotas, quota({ 'pods': '5', 'requests.cpu': '1' }, { scopes: ['Terminating'] }, 'ending'));
  await within.create(ResourceQuotas, quota({ 'pods': '5', 'requests.cpu': '1' }, { scopes: ['NotTerminating'] }, 'lasting'));
  for (const name of ['ending', 'lasting']) await used(within, { pods: '0' }, name);
  await within.create(Pods, asking('long', '500m'));
  await used(within, { 'pods': '1', 'requests.cpu': '500m' }, 'lasting');
  await used(within, { pods: '0' }, 'ending');
  await within.delete(Pods, 'long');
  await used(within, { 'pods': '0', 'requests.cpu': '0' }, 'lasting');
  await within.create(Pods, asking('short', '500m', { activeDeadlineSeconds: 3600 }));
  await used(within, { 'pods': '1', 'requests.cpu': '500m' }, 'ending');
  await used(within, { pods: '0' }, 'lasting');
});

test('[sig-api-machinery] ResourceQuota should be able to update and delete ResourceQuota. [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ResourceQuotas, quota({ cpu: '1', memory: '500Mi' }));
  const updated = await within.edit(ResourceQuotas, 'quota', (object) => (object.spec!.hard = { cpu: '2', memory: '1Gi' }));
  expect(updated.spec?.hard).toEqual({ cpu: '2', memory: '1Gi' });
  await within.delete(ResourceQuotas, 'quota');
  await within.gone(ResourceQuotas, 'quota');
});

test('[sig-api-machinery] ResourceQuota should manage the lifecycle of a ResourceQuota [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ResourceQuotas, { ...quota({ cpu: '1' }), metadata: { name: 'quota', labels: { suite: 'quota' } } });
  expect(await cluster().list(ResourceQuotas, 'suite=quota')).toHaveLength(1);
  const patched = await within.patch(ResourceQuotas, 'quota', { metadata: { labels: { patched: 'yes' } }, spec: { hard: { memory: '750Mi' } } });
  expect([patched.metadata.labels?.['patched'], patched.spec?.hard?.['memory']]).toEqual(['yes', '750Mi']);
  await within.deleteCollection(ResourceQuotas, { labelSelector: 'suite=quota' });
  await within.gone(ResourceQuotas, 'quota');
});

test('[sig-api-machinery] ResourceQuota should apply changes to a resourcequota status [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ResourceQuotas, quota({ cpu: '500m', memory: '500Mi' }));
  await used(within, { cpu: '0' });
  const status = await within.getSubresource<ResourceQuota>(ResourceQuotas, 'quota', 'status');
  await within.updateSubresource(ResourceQuotas, 'quota', 'status', { ...status, status: { ...status.status, hard: { cpu: '1', memory: '1Gi' } } });
  await within.patch(ResourceQuotas, 'quota', { status: { hard: { cpu: '2' } } }, { subresource: 'status', type: 'merge' });
  // What the specification says comes back.
  await within.until('the controller mends it', async () => (await within.get(ResourceQuotas, 'quota')).status?.hard?.['cpu'] === '500m');
});

test('a quota by priority class counts its pods alone', async () => {
  const within = await hollow.namespace();
  await cluster().create(PriorityClasses, { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'urgent' }, value: 1000 });
  await within.create(ResourceQuotas, quota({ pods: '1' }, { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['urgent'] }] } }));
  await used(within, { pods: '0' });
  await within.create(Pods, podOf('plain'));
  await within.create(Pods, podOf('one', {}, { priorityClassName: 'urgent' }));
  await used(within, { pods: '1' });
  expect(isExceeded(await within.create(Pods, podOf('two', {}, { priorityClassName: 'urgent' })).catch((error: unknown) => error))).toBe(true);
});

const evicting = { key: 'kubernetes.io/e2e-evict-taint-key', value: 'evictTaintVal', effect: 'NoExecute' };
const setTaints = (node: string, taints: object[]): Promise<unknown> => cluster().edit(Nodes, node, (object) => (object.spec = { ...object.spec, taints: taints as NonNullable<NonNullable<typeof object.spec>['taints']> }));
const tolerating = (name: string, tolerationSeconds: number): Pod => podOf(name, {}, { nodeName: 'hollow-2', tolerations: [{ key: evicting.key, value: evicting.value, effect: 'NoExecute', operator: 'Equal', tolerationSeconds }] });

test('[sig-node] NoExecuteTaintManager Single Pod [Serial] removing taint cancels eviction [Disruptive] [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Pods, tolerating('p', 60));
  await running(within, 1);
  await setTaints('hollow-2', [evicting]);
  await hollow.advance(30_000);
  await setTaints('hollow-2', []);
  await hollow.advance(120_000);
  expect((await within.get(Pods, 'p')).metadata.deletionTimestamp).toBeUndefined();
});

test('[sig-node] NoExecuteTaintManager Multiple Pods [Serial] evicts pods with minTolerationSeconds [Disruptive] [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Pods, tolerating('soon', 10));
  await within.create(Pods, tolerating('late', 60));
  await running(within, 2);
  await setTaints('hollow-2', [evicting]);
  await hollow.advance(5000);
  expect(await within.pods()).toHaveLength(2);
  await within.until('the first leaves', async () => (await within.pods()).map((pod) => pod.metadata.name).join() === 'late');
  await within.until('the second as well', async () => (await within.pods()).length === 0);
  await setTaints('hollow-2', []);
});
