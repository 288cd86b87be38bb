/** The requirements on DaemonSets, StatefulSets, ControllerRevisions and disruption budgets. The titles are the requirements' code names. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ControllerRevision, DaemonSet, StatefulSet, StatefulSetSpec } from '../../src/api/apps/v1/types.ts';
import type { Pod } from '../../src/api/core/v1/types.ts';
import type { PodDisruptionBudget } from '../../src/api/policy/v1/types.ts';
import { ControllerRevisions, DaemonSets, Nodes, PodDisruptionBudgets, Pods, StatefulSets, StatusError } from '../../src/testing/index.ts';
import { checkScale, checkStatusEndpoints, hollowCluster, isReady, podOf, steady, template, type HollowCluster, type InNamespace } from './hollow-cluster.ts';

const NODES = 3;
let hollow: HollowCluster;
beforeAll(async () => {
  hollow = await hollowCluster(NODES);
}, 60_000);
afterAll(() => hollow.stop());

const app = { app: 'set' };
const otherImage = 'registry.example/set:2';
const imageOf = (pod: Pod): string => pod.spec!.containers[0]!.image!;
const byName = (a: Pod, b: Pod): number => (a.metadata.name! < b.metadata.name! ? -1 : 1);

function daemonSet(spec: Partial<DaemonSet['spec']> = {}): DaemonSet {
  return { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'agent', labels: app }, spec: { selector: { matchLabels: app }, template: template(app), ...spec } };
}
const onAllNodes = (within: InNamespace, image = steady, nodes = NODES): Promise<void> => within.until(`a pod of ${image} on ${nodes} nodes`, async () => {
  const pods = (await within.pods()).filter((pod) => pod.metadata.deletionTimestamp === undefined);
  return pods.length === nodes && pods.every((pod) => isReady(pod) && imageOf(pod) === image) && new Set(pods.map((pod) => pod.spec?.nodeName)).size === nodes;
});

test('[sig-apps] Daemon set [Serial] should run and stop simple daemon [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(DaemonSets, daemonSet());
  await onAllNodes(within);
  const [victim] = await within.pods();
  await within.delete(Pods, victim!.metadata.name!);
  await within.until('the deleted one is gone', async () => (await within.find(Pods, victim!.metadata.name!)) === undefined);
  await onAllNodes(within);
});

test('[sig-apps] Daemon set [Serial] should run and stop complex daemon [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(DaemonSets, daemonSet({ template: template(app, steady, { nodeSelector: { color: 'blue' } }) }));
  await hollow.advance(5000);
  expect(await within.pods()).toEqual([]);
  await hollow.clusterScope.patch(Nodes, 'hollow-1', { metadata: { labels: { color: 'blue' } } });
  await onAllNodes(within, steady, 1);
  await hollow.clusterScope.patch(Nodes, 'hollow-1', { metadata: { labels: { color: 'green' } } });
  await within.until('it leaves', async () => (await within.pods()).length === 0);
  await within.edit(DaemonSets, 'agent', (object) => {
    object.spec!.template.spec!.nodeSelector = { color: 'green' };
    object.spec!.updateStrategy = { type: 'RollingUpdate' };
  });
  await onAllNodes(within, steady, 1);
  await hollow.clusterScope.patch(Nodes, 'hollow-1', { metadata: { labels: { color: null } } });
});

test('[sig-apps] Daemon set [Serial] should retry creating failed daemon pods [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(DaemonSets, daemonSet());
  await onAllNodes(within);
  const { name, uid } = (await within.pods())[0]!.metadata;
  await within.patch(Pods, name!, { status: { phase: 'Failed' } }, { subresource: 'status', type: 'merge' });
  await within.until('another takes its place', async () => !(await within.pods()).some((pod) => pod.metadata.uid === uid));
  await onAllNodes(within);
});

test('[sig-apps] Daemon set [Serial] should update pod when spec was updated and update strategy is RollingUpdate [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(DaemonSets, daemonSet());
  await onAllNodes(within);
  const hashes = async (): Promise<string[]> => (await within.list(ControllerRevisions)).sort((a, b) => Number(a.revision) - Number(b.revision)).map((each) => each.metadata.labels!['controller-revision-hash']!);
  const [first] = await hashes();
  expect((await within.pods()).every((pod) => pod.metadata.labels?.['controller-revision-hash'] === first)).toBe(true);
  await within.patch(DaemonSets, 'agent', { spec: { template: { spec: { containers: [{ name: 'c', image: otherImage }] } } } });
  await onAllNodes(within, otherImage);
  const [, second] = await hashes();
  expect((await within.pods()).every((pod) => pod.metadata.labels?.['controller-revision-hash'] === second)).toBe(true);
});

test('[sig-apps] Daemon set [Serial] should rollback without unnecessary restarts [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(DaemonSets, daemonSet());
  await onAllNodes(within);
  const before = new Map((await within.pods()).map((pod) => [pod.metadata.uid, pod]));
  await within.edit(DaemonSets, 'agent', (object) => (object.spec!.template.spec!.containers[0]!.image = 'hollow/missing:1'));
  await within.until('one pod is stuck', async () => (await within.pods()).some((pod) => imageOf(pod) === 'hollow/missing:1'));
  const untouched = (await within.pods()).filter((pod) => before.has(pod.metadata.uid) && !pod.metadata.deletionTimestamp).map((pod) => pod.metadata.uid);
  expect(untouched).toHaveLength(NODES - 1);
  await within.edit(DaemonSets, 'agent', (object) => (object.spec!.template.spec!.containers[0]!.image = steady));
  await onAllNodes(within);
  const after = new Set((await within.pods()).map((pod) => pod.metadata.uid));
  expect(untouched.every((uid) => after.has(uid))).toBe(true);
});

test('[sig-apps] Daemon set [Serial] should list and delete a collection of DaemonSets [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(DaemonSets, daemonSet());
  await onAllNodes(within);
  expect(await within.list(DaemonSets, 'app=set')).toHaveLength(1);
  await within.deleteCollection(DaemonSets, { labelSelector: 'app=set' });
  await within.gone(DaemonSets, 'agent');
});

test('[sig-apps] Daemon set [Serial] should verify changes to a daemon set status [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(DaemonSets, daemonSet());
  await onAllNodes(within);
  await checkStatusEndpoints(hollow, within, DaemonSets, 'agent');
});

test('[sig-apps] ControllerRevision [Serial] should manage the lifecycle of a ControllerRevision [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(DaemonSets, daemonSet());
  await onAllNodes(within);
  const [initial] = await within.list(ControllerRevisions, 'app=set');
  const { name } = initial!.metadata;
  await within.patch(ControllerRevisions, name!, { metadata: { labels: { patched: 'yes' } } });
  expect((await within.get(ControllerRevisions, name!)).metadata.labels?.['patched']).toBe('yes');
  const copy: ControllerRevision = { ...initial!, metadata: { name: 'another', namespace: within.name, labels: { ...initial!.metadata.labels, another: 'yes' }, ownerReferences: initial!.metadata.ownerReferences! }, revision: Number(initial!.revision) + 1 };
  await within.create(ControllerRevisions, copy);
  expect(await hollow.clusterScope.list(ControllerRevisions, 'another=yes')).toHaveLength(1);
  await within.delete(ControllerRevisions, 'another');
  await within.edit(ControllerRevisions, name!, (object) => (object.metadata.labels!['updated'] = 'yes'));
  await within.patch(DaemonSets, 'agent', { spec: { template: { spec: { terminationGracePeriodSeconds: 2 } } } });
  await within.until('a second revision', async () => (await within.list(ControllerRevisions, 'app=set')).length === 2);
  await within.deleteCollection(ControllerRevisions, { labelSelector: 'updated=yes' });
  await within.until('the first is gone', async () => (await within.list(ControllerRevisions, 'updated=yes')).length === 0);
});

function statefulSet(replicas: number, spec: Partial<StatefulSetSpec> = {}): StatefulSet {
  return { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db', labels: app }, spec: { replicas, serviceName: 'db', selector: { matchLabels: app }, template: template(app), ...spec } };
}
/** Pods that carry the annotation `ready: no` are not healthy: their probe fails. */
const probed = (image = steady) => template(app, image, { containers: [{ name: 'c', image, readinessProbe: { periodSeconds: 1, failureThreshold: 1, exec: { command: ['true'] } } }] });
const readyNames = async (within: InNamespace): Promise<string[]> => (await within.pods()).filter((pod) => isReady(pod) && !pod.metadata.deletionTimestamp).map((pod) => pod.metadata.name!).sort();
const allReady = (within: InNamespace, count: number): Promise<void> => within.until(`${count} are ready`, async () => (await readyNames(within)).length === count && (await within.pods()).length === count);
const setImage = (within: InNamespace, image: string) => within.edit(StatefulSets, 'db', (object) => (object.spec!.template.spec!.containers[0]!.image = image));

/** Makes a pod unhealthy, in the way in which a test cluster can: its readiness gate is closed again. */
const gateType = 'example.com/healthy';
const gatedTemplate = () => template(app, steady, { readinessGates: [{ conditionType: gateType }] });
const setHealth = (within: InNamespace, name: string, healthy: boolean): Promise<unknown> =>
  within.patch(Pods, name, { status: { conditions: [{ type: gateType, status: healthy ? 'True' : 'False' }] } }, { subresource: 'status', type: 'strategic' });

test('[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Scaling should happen in predictable order and halt if any stateful pod is unhealthy [Slow] [Conformance]', async () => {
  const within = await hollow.namespace();
  const names = async (): Promise<string[]> => (await within.pods()).filter((pod) => !pod.metadata.deletionTimestamp).map((pod) => pod.metadata.name!).sort();
  await within.create(StatefulSets, statefulSet(3, { template: gatedTemplate() }));
  for (const [i, expected] of [['db-0'], ['db-0', 'db-1'], ['db-0', 'db-1', 'db-2']].entries()) {
    await within.until(`up to ${i}`, async () => (await names()).length === expected.length);
    // It stays there until the last one is healthy.
    await hollow.advance(10_000);
    expect(await names()).toEqual(expected);
    await setHealth(within, `db-${i}`, true);
  }
  await allReady(within, 3);
  for (const name of await names()) await setHealth(within, name, false);
  await within.until('it is seen', async () => (await readyNames(within)).length === 0);
  await within.edit(StatefulSets, 'db', (object) => (object.spec!.replicas = 0));
  await hollow.advance(10_000);
  expect(await names()).toEqual(['db-0', 'db-1', 'db-2']);
  for (const name of await names()) await setHealth(within, name, true);
  const order: string[] = [];
  await within.until('down to none', async () => {
    const now = (await names()).join();
    if (order.at(-1) !== now) order.push(now);
    return now === '';
  });
  expect(['db-0,db-1,db-2', 'db-0,db-1', 'db-0', ''].filter((each) => order.includes(each))).toEqual(order);
});

test('[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Burst scaling should run to completion even with unhealthy pods [Slow] [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(StatefulSets, statefulSet(2, { podManagementPolicy: 'Parallel', template: gatedTemplate() }));
  const count = (wanted: number): Promise<void> => within.until(`${wanted} pods`, async () => (await within.pods()).filter((pod) => !pod.metadata.deletionTimestamp).length === wanted);
  await count(2);
  await within.edit(StatefulSets, 'db', (object) => (object.spec!.replicas = 5));
  await count(5);
  expect(await readyNames(within)).toEqual([]);
  await within.edit(StatefulSets, 'db', (object) => (object.spec!.replicas = 0));
  await count(0);
});

test('[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should perform rolling updates and roll backs of template modifications [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(StatefulSets, statefulSet(3, { template: probed() }));
  await allReady(within, 3);
  const revisions = async (): Promise<[string, string]> => {
    const { status } = await within.get(StatefulSets, 'db');
    return [status!.currentRevision!, status!.updateRevision!];
  };
  const done = (image: string): Promise<void> => within.until(`all run ${image}`, async () => {
    const pods = await within.pods();
    const [current, update] = await revisions();
    return pods.length === 3 && pods.every((pod) => isReady(pod) && imageOf(pod) === image) && current === update;
  });
  await done(steady);
  const [first] = await revisions();
  await setImage(within, otherImage);
  const order: string[] = [];
  await within.until('from the last to the first', async () => {
    for (const pod of (await within.pods()).sort(byName)) if (imageOf(pod) === otherImage && !order.includes(pod.metadata.name!)) order.push(pod.metadata.name!);
    return order.length === 3;
  });
  expect(order).toEqual(['db-2', 'db-1', 'db-0']);
  await done(otherImage);
  expect((await revisions())[0]).not.toBe(first);
  await setImage(within, steady);
  await done(steady);
  // A template that was there before is the revision that it was.
  expect((await revisions())[0]).toBe(first);
});

test('[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should perform canary updates and phased rolling updates of template modifications [Conformance]', async () => {
  const within = await hollow.namespace();
  const partition = (value: number) => within.edit(StatefulSets, 'db', (object) => (object.spec!.updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: value } }));
  const images = async (): Promise<string> => (await within.pods()).filter((pod) => isReady(pod) && !pod.metadata.deletionTimestamp).sort(byName).map((pod) => (imageOf(pod) === otherImage ? 'new' : 'old')).join();
  await within.create(StatefulSets, statefulSet(3, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 3 } } }));
  await allReady(within, 3);
  await setImage(within, otherImage);
  await hollow.advance(10_000);
  expect(await images()).toBe('old,old,old');
  await partition(2);
  await within.until('the canary', async () => (await images()) === 'old,old,new');
  await hollow.advance(10_000);
  expect(await images()).toBe('old,old,new');
  // Deleted pods come back as their side of the partition has it.
  for (const name of ['db-0', 'db-2']) await within.delete(Pods, name);
  await hollow.advance(5000);
  await within.until('as before', async () => (await images()) === 'old,old,new');
  for (const [value, expected] of [[1, 'old,new,new'], [0, 'new,new,new']] as const) {
    await partition(value);
    await within.until(expected, async () => (await images()) === expected);
  }
});

test('[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Should recreate evicted statefulset [Conformance]', async () => {
  const within = await hollow.namespace();
  // Another pod has the port on the node to which the set's pod is bound: the node turns that away.
  const port = { containerPort: 21_017, hostPort: 21_017 };
  const onNode = { nodeName: 'hollow-1', containers: [{ name: 'c', image: steady, ports: [port] }] };
  await within.create(Pods, podOf('first', {}, onNode));
  await within.until('it has the port', async () => isReady(await within.get(Pods, 'first')));
  await within.create(StatefulSets, statefulSet(1, { template: template(app, steady, onNode) }));
  const seen = new Set<string>();
  await within.until('it is made again and again', async () => {
    const pod = await within.find(Pods, 'db-0');
    if (pod) seen.add(pod.metadata.uid!);
    return seen.size > 1;
  });
  await within.delete(Pods, 'first');
  await within.until('and runs when the port is free', async () => {
    const pod = await within.find(Pods, 'db-0');
    return pod !== undefined && isReady(pod);
  });
});

test('[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should have a working scale subresource [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(StatefulSets, statefulSet(1));
  await allReady(within, 1);
  await checkScale(within, StatefulSets, 'db', 1, 2);
});

test('[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should list, patch and delete a collection of StatefulSets [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(StatefulSets, statefulSet(1));
  await allReady(within, 1);
  await within.patch(StatefulSets, 'db', { metadata: { labels: { patched: 'yes' } }, spec: { replicas: 2, template: { spec: { containers: [{ name: 'c', image: otherImage }] } } } });
  await within.until('it is followed', async () => (await readyNames(within)).length === 2 && (await within.pods()).every((pod) => imageOf(pod) === otherImage));
  expect(await hollow.clusterScope.list(StatefulSets, 'patched=yes')).toHaveLength(1);
  await within.deleteCollection(StatefulSets, { labelSelector: 'patched=yes' });
  await within.gone(StatefulSets, 'db');
});

test('[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should validate Statefulset Status endpoints [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(StatefulSets, statefulSet(1));
  await allReady(within, 1);
  await checkStatusEndpoints(hollow, within, StatefulSets, 'db');
});

function budget(name: string, spec: PodDisruptionBudget['spec'], labels: Record<string, string> = {}): PodDisruptionBudget {
  return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name, labels }, spec: { selector: { matchLabels: app }, ...spec } };
}
const counted = (within: InNamespace, name: string): Promise<void> => within.until('the budget is counted', async () => {
  const { metadata, status } = await within.get(PodDisruptionBudgets, name);
  return status?.observedGeneration === metadata.generation;
});

test('[sig-apps] DisruptionController should create a PodDisruptionBudget [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(PodDisruptionBudgets, budget('keep', { minAvailable: '1%' }));
  await counted(within, 'keep');
  await within.edit(PodDisruptionBudgets, 'keep', (object) => (object.spec!.minAvailable = '2%'));
  await counted(within, 'keep');
  const patched = await within.patch(PodDisruptionBudgets, 'keep', { spec: { minAvailable: '3%' } });
  expect(patched.spec?.minAvailable).toBe('3%');
  await counted(within, 'keep');
  await within.delete(PodDisruptionBudgets, 'keep');
  await within.gone(PodDisruptionBudgets, 'keep');
});

test('[sig-apps] DisruptionController should observe PodDisruptionBudget status updated [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(PodDisruptionBudgets, budget('keep', { minAvailable: 1 }));
  for (let i = 0; i < 3; i++) await within.create(Pods, podOf(`p${i}`, app));
  await within.until('three are healthy', async () => (await within.get(PodDisruptionBudgets, 'keep')).status?.currentHealthy === 3);
  expect((await within.get(PodDisruptionBudgets, 'keep')).status).toMatchObject({ disruptionsAllowed: 2, desiredHealthy: 1, expectedPods: 3 });
});

test('[sig-apps] DisruptionController should update/patch PodDisruptionBudget status [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(PodDisruptionBudgets, budget('keep', { minAvailable: 1 }));
  await within.create(Pods, podOf('p', app));
  await within.until('it is healthy', async () => (await within.get(PodDisruptionBudgets, 'keep')).status?.currentHealthy === 1);
  await within.patch(PodDisruptionBudgets, 'keep', { metadata: { annotations: { patched: 'yes' } }, status: { disruptedPods: {} } }, { subresource: 'status', type: 'merge' });
  const status = await within.getSubresource<PodDisruptionBudget>(PodDisruptionBudgets, 'keep', 'status');
  const at = '2030-01-01T00:00:00Z';
  const written = await within.updateSubresource(PodDisruptionBudgets, 'keep', 'status', { ...status, status: { ...status.status!, disruptedPods: { p: at } } });
  expect([written.status?.disruptedPods, status.metadata.annotations?.['patched']]).toEqual([{ p: at }, 'yes']);
});

test('[sig-apps] DisruptionController should block an eviction until the PDB is updated to allow it [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(PodDisruptionBudgets, budget('keep', { minAvailable: 3 }));
  for (let i = 0; i < 3; i++) await within.create(Pods, podOf(`p${i}`, app));
  await within.until('three are healthy', async () => (await within.get(PodDisruptionBudgets, 'keep')).status?.currentHealthy === 3);
  const evict = (): Promise<unknown> => hollow.run(hollow.cluster.client.of(Pods).inNamespace(within.name).createSubresource('p0', 'eviction', { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p0', namespace: within.name } }));
  const error = await evict().catch((each: unknown) => each);
  expect(error instanceof StatusError && [error.code, error.status.details?.causes?.[0]?.reason]).toEqual([429, 'DisruptionBudget']);
  await within.edit(PodDisruptionBudgets, 'keep', (object) => (object.spec!.minAvailable = 2));
  await within.until('it may go', async () => ((await within.get(PodDisruptionBudgets, 'keep')).status?.disruptionsAllowed ?? 0) === 1);
  await evict();
  await within.gone(Pods, 'p0');
});

test('[sig-apps] DisruptionController Listing PodDisruptionBudgets for all namespaces should list and delete a collection of PodDisruptionBudgets [Conformance]', async () => {
  const [within, other] = [await hollow.namespace(), await hollow.namespace()];
  for (const name of ['a', 'b']) await within.create(PodDisruptionBudgets, budget(name, { minAvailable: '1%' }, { testing: 'collection' }));
  await other.create(PodDisruptionBudgets, budget('c', { minAvailable: '1%' }, { testing: 'collection' }));
  const names = async (): Promise<string> => (await hollow.clusterScope.list(PodDisruptionBudgets, 'testing=collection')).map((each) => each.metadata.name).sort().join();
  expect(await names()).toBe('a,b,c');
  await within.deleteCollection(PodDisruptionBudgets, { labelSelector: 'testing=collection' });
  await within.until('those of the namespace are gone', async () => (await names()) === 'c');
});
