/** The requirements on Deployments, ReplicaSets and ReplicationControllers. The titles are the requirements' code names. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Deployment, ReplicaSet } from '../../src/api/apps/v1/types.ts';
import type { Pod, ReplicationController } from '../../src/api/core/v1/types.ts';
import type { KubeObject } from '../../src/api/meta/v1/types.ts';
import { Deployments, Pods, ReplicaSets, ReplicationControllers, ResourceQuotas } from '../../src/testing/index.ts';
import { checkScale, checkStatusEndpoints, hollowCluster, podOf, steady, template, type HollowCluster, type InNamespace } from './hollow-cluster.ts';

let hollow: HollowCluster;
beforeAll(async () => {
  hollow = await hollowCluster(4);
}, 60_000);
afterAll(() => hollow.stop());

const app = { app: 'web' };
const otherImage = 'registry.example/web:2';

function deployment(replicas: number, spec: Partial<Deployment['spec']> = {}): Deployment {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', labels: app }, spec: { replicas, selector: { matchLabels: app }, template: template(app), ...spec } };
}
function replicaSet(replicas: number, extra: { image?: string; name?: string; annotations?: Record<string, string> } = {}): ReplicaSet {
  const { image, name = 'web', annotations } = extra;
  return { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name, labels: app, ...(annotations ? { annotations } : {}) }, spec: { replicas, selector: { matchLabels: app }, template: template(app, image) } };
}
function controller(replicas: number): ReplicationController {
  return { apiVersion: 'v1', kind: 'ReplicationController', metadata: { name: 'web', labels: app }, spec: { replicas, selector: app, template: template(app) } };
}

const imageOf = (pod: Pod): string => pod.spec!.containers[0]!.image!;
const controllerOf = (object: KubeObject): string | undefined => object.metadata.ownerReferences?.find((reference) => reference.controller)?.name;

function complete(within: InNamespace, replicas: number): Promise<void> {
  return within.until('the rollout is complete', async () => {
    const { metadata, spec, status } = await within.get(Deployments, 'web');
    return status?.observedGeneration === metadata.generation && spec?.replicas === replicas && status?.updatedReplicas === replicas && status.replicas === replicas && status.availableReplicas === replicas;
  });
}
const ready = (within: InNamespace, resource: typeof ReplicaSets | typeof ReplicationControllers, replicas: number): Promise<void> =>
  within.until('replicas are ready', async () => ((await within.get<ReplicaSet | ReplicationController>(resource as typeof ReplicaSets, 'web')).status?.readyReplicas ?? 0) === replicas);

test('[sig-apps] Deployment Deployment should have a working scale subresource [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Deployments, deployment(1));
  await complete(within, 1);
  await checkScale(within, Deployments, 'web', 1, 2);
});

test('[sig-apps] Deployment RecreateDeployment should delete old pods and create new ones [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Deployments, deployment(2, { strategy: { type: 'Recreate' } }));
  await complete(within, 2);
  await within.edit(Deployments, 'web', (object) => (object.spec!.template = template(app, otherImage)));
  let mixed = false;
  await within.until('only new pods', async () => {
    const live = (await within.pods()).filter((pod) => pod.status?.phase === 'Running');
    mixed ||= new Set(live.map(imageOf)).size > 1;
    return live.length === 2 && live.every((pod) => imageOf(pod) === otherImage);
  });
  expect(mixed).toBe(false);
});

test('[sig-apps] Deployment RollingUpdateDeployment should delete old pods and create new ones [Conformance]', async () => {
  const within = await hollow.namespace();
  // A ReplicaSet that was there first, which the Deployment takes over.
  await within.create(ReplicaSets, replicaSet(1, { name: 'older', annotations: { 'deployment.kubernetes.io/revision': '3546343826724305832' } }));
  await within.until('its pod is there', async () => (await within.pods()).length === 1);
  await within.create(Deployments, deployment(1, { template: template(app, otherImage) }));
  await complete(within, 1);
  await within.until('one new pod is left', async () => (await within.pods()).map(imageOf).join() === otherImage);
  const sets = await within.list(ReplicaSets);
  const old = sets.find((set) => set.metadata.name === 'older')!;
  expect([controllerOf(old), old.spec?.replicas]).toEqual(['web', 0]);
  expect((await within.get(Deployments, 'web')).metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3546343826724305833');
});

test('[sig-apps] Deployment deployment should delete old replica sets [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ReplicaSets, replicaSet(1, { name: 'older' }));
  await within.create(Deployments, deployment(1, { revisionHistoryLimit: 0, template: template(app, otherImage) }));
  await complete(within, 1);
  await within.until('the old one is gone', async () => (await within.list(ReplicaSets)).length === 1);
});

test('[sig-apps] Deployment deployment should support proportional scaling [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Deployments, deployment(10, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } }));
  await complete(within, 10);
  await within.edit(Deployments, 'web', (object) => (object.spec!.template = template(app, 'hollow/missing:404')));
  const replicas = async (): Promise<number[]> => (await within.list(ReplicaSets)).map((set) => set.spec!.replicas!).sort((a, b) => a - b);
  await within.until('the rollout is stuck', async () => (await replicas()).join() === '5,8');
  await within.edit(Deployments, 'web', (object) => (object.spec!.replicas = 30));
  // 33 in all, the twenty more shared out in proportion: 8 of 13 and 5 of 13.
  await within.until('both grow in proportion', async () => (await replicas()).join() === '13,20');
});

test('[sig-apps] Deployment deployment should support rollover [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ReplicaSets, replicaSet(1, { name: 'first' }));
  await within.create(Deployments, deployment(1, { minReadySeconds: 10, strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }, template: template(app, 'hollow/missing:404') }));
  await within.until('a second set', async () => (await within.list(ReplicaSets)).length === 2);
  await within.edit(Deployments, 'web', (object) => (object.spec!.template = template(app, otherImage)));
  await complete(within, 1);
  const sets = await within.list(ReplicaSets);
  expect(sets.map((set) => `${set.spec!.template!.spec!.containers[0]!.image} ${set.spec!.replicas}`).sort()).toEqual(['hollow/missing:404 0', `${steady} 0`, `${otherImage} 1`].sort());
});

test('[sig-apps] Deployment should run the lifecycle of a Deployment [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Deployments, deployment(1));
  await complete(within, 1);
  await within.patch(Deployments, 'web', { metadata: { labels: { patched: 'yes' } }, spec: { replicas: 2, template: { spec: { containers: [{ name: 'c', image: otherImage }] } } } });
  await complete(within, 2);
  await within.patch(Deployments, 'web', { status: { readyReplicas: 0, availableReplicas: 0 } }, { subresource: 'status', type: 'merge' });
  await within.until('the controller says the truth again', async () => (await within.get(Deployments, 'web')).status?.readyReplicas === 2);
  expect((await hollow.clusterScope.list(Deployments, 'patched=yes')).map((each) => each.metadata.namespace)).toEqual([within.name]);
  await within.deleteCollection(Deployments, { labelSelector: 'patched=yes' });
  await within.gone(Deployments, 'web');
});

test('[sig-apps] Deployment should validate Deployment Status endpoints [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Deployments, deployment(1));
  await complete(within, 1);
  await checkStatusEndpoints(hollow, within, Deployments, 'web');
});

test('[sig-apps] ReplicaSet should serve a basic image on each replica with a public image [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ReplicaSets, replicaSet(3));
  await ready(within, ReplicaSets, 3);
  const pods = await within.pods();
  expect([new Set(pods.map((pod) => pod.status?.podIP)).size, pods.every((pod) => controllerOf(pod) === 'web')]).toEqual([3, true]);
});

test('[sig-apps] ReplicaSet should adopt matching pods on creation and release no longer matching pods [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Pods, podOf('lonely', app));
  await within.create(ReplicaSets, replicaSet(1));
  await within.until('it is adopted', async () => controllerOf(await within.get(Pods, 'lonely')) === 'web');
  expect(await within.pods()).toHaveLength(1);
  await within.patch(Pods, 'lonely', { metadata: { labels: { app: 'elsewhere' } } });
  await within.until('it is let go and replaced', async () => controllerOf(await within.get(Pods, 'lonely')) === undefined && (await within.pods('app=web')).length === 1);
});

test('[sig-apps] ReplicaSet Replicaset should have a working scale subresource [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ReplicaSets, replicaSet(1));
  await checkScale(within, ReplicaSets, 'web', 1, 2);
});

test('[sig-apps] ReplicaSet Replace and Patch tests [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ReplicaSets, replicaSet(1));
  await ready(within, ReplicaSets, 1);
  await within.edit(ReplicaSets, 'web', (object) => (object.spec!.replicas = 2));
  await ready(within, ReplicaSets, 2);
  await within.patch(ReplicaSets, 'web', { metadata: { labels: { patched: 'yes' } }, spec: { replicas: 3, template: { spec: { containers: [{ name: 'c', image: otherImage }] } } } });
  await ready(within, ReplicaSets, 3);
  expect((await within.pods()).map(imageOf).filter((image) => image === otherImage)).toHaveLength(1);
});

test('[sig-apps] ReplicaSet should list and delete a collection of ReplicaSets [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ReplicaSets, replicaSet(3));
  await ready(within, ReplicaSets, 3);
  expect((await within.list(ReplicaSets, 'app=web')).length).toBe(1);
  await within.deleteCollection(ReplicaSets, { labelSelector: 'app=web' });
  await within.gone(ReplicaSets, 'web');
  await within.until('its pods too', async () => (await within.pods()).length === 0);
});

test('[sig-apps] ReplicaSet should validate Replicaset Status endpoints [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ReplicaSets, replicaSet(1));
  await ready(within, ReplicaSets, 1);
  await checkStatusEndpoints(hollow, within, ReplicaSets, 'web');
});

test('[sig-apps] ReplicationController should serve a basic image on each replica with a public image [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ReplicationControllers, controller(2));
  await ready(within, ReplicationControllers, 2);
  expect(new Set((await within.pods()).map((pod) => pod.status?.podIP)).size).toBe(2);
});

test('[sig-apps] ReplicationController should adopt matching pods on creation [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Pods, podOf('lonely', app));
  await within.create(ReplicationControllers, controller(1));
  await within.until('it is adopted', async () => controllerOf(await within.get(Pods, 'lonely')) === 'web');
  expect(await within.pods()).toHaveLength(1);
});

test('[sig-apps] ReplicationController should release no longer matching pods [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ReplicationControllers, controller(1));
  await ready(within, ReplicationControllers, 1);
  const [pod] = await within.pods();
  await within.patch(Pods, pod!.metadata.name!, { metadata: { labels: { app: 'elsewhere' } } });
  await within.until('it is let go', async () => controllerOf(await within.get(Pods, pod!.metadata.name!)) === undefined && (await within.pods('app=web')).length === 1);
});

test('[sig-apps] ReplicationController should get and update a ReplicationController scale [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ReplicationControllers, controller(1));
  await checkScale(within, ReplicationControllers, 'web', 1, 2);
});

test('[sig-apps] ReplicationController should surface a failure condition on a common issue like exceeded quota [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ResourceQuotas, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'two' }, spec: { hard: { pods: '2' } } });
  await within.until('the quota counts', async () => (await within.get(ResourceQuotas, 'two')).status?.hard?.['pods'] === '2');
  await within.create(ReplicationControllers, controller(3));
  const failure = async (): Promise<object | undefined> => (await within.get(ReplicationControllers, 'web')).status?.conditions?.find((condition) => condition.type === 'ReplicaFailure');
  await within.until('the failure is told', async () => (await failure()) !== undefined);
  expect(await failure()).toMatchObject({ status: 'True', reason: 'FailedCreate' });
  await within.edit(ReplicationControllers, 'web', (object) => (object.spec!.replicas = 2));
  await within.until('and taken back', async () => (await failure()) === undefined);
});

test('[sig-apps] ReplicationController should test the lifecycle of a ReplicationController [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(ReplicationControllers, controller(1));
  await ready(within, ReplicationControllers, 1);
  await within.patch(ReplicationControllers, 'web', { metadata: { labels: { patched: 'yes' } } });
  await within.patch(ReplicationControllers, 'web', { status: { readyReplicas: 0, availableReplicas: 0 } }, { subresource: 'status', type: 'merge' });
  expect((await within.getSubresource<ReplicationController>(ReplicationControllers, 'web', 'status')).metadata.labels?.['patched']).toBe('yes');
  await within.patch(ReplicationControllers, 'web', { spec: { replicas: 2 } }, { subresource: 'scale', type: 'merge' });
  await ready(within, ReplicationControllers, 2);
  await within.edit(ReplicationControllers, 'web', (object) => (object.metadata.annotations = { updated: 'yes' }));
  expect((await hollow.clusterScope.list(ReplicationControllers, 'patched=yes')).map((each) => each.metadata.annotations?.['updated'])).toEqual(['yes']);
  await within.deleteCollection(ReplicationControllers, { labelSelector: 'patched=yes' });
  await within.gone(ReplicationControllers, 'web');
});
