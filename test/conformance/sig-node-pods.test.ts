/** The requirements on the lives of pods that hollow nodes can show: what the kubelet and the API say of them. The titles are the requirements' code names. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Pod } from '../../src/api/core/v1/types.ts';
import { Pods } from '../../src/testing/index.ts';
import { refusal, watching } from './api-lifecycle.ts';
import { hollowCluster, isReady, podOf, steady, type HollowCluster, type InNamespace } from './hollow-cluster.ts';

let hollow: HollowCluster;
beforeAll(async () => {
  hollow = await hollowCluster(2, 'pods');
}, 60_000);
afterAll(() => hollow.stop());

async function run(within: InNamespace, pod: Pod): Promise<Pod> {
  const name = pod.metadata.name!;
  await within.create(Pods, pod);
  await within.until(`${name} runs`, async () => isReady(await within.get(Pods, name)));
  return within.get(Pods, name);
}

test('[sig-node] Pods should get a host IP [NodeConformance] [Conformance]', async () => {
  const { status } = await run(await hollow.namespace(), podOf('p'));
  expect([status?.hostIP, status?.hostIPs]).toEqual([expect.stringMatching(/^\d+(\.\d+){3}$/), [{ ip: status?.hostIP }]]);
});

test('[sig-node] Pods should be submitted and removed [NodeConformance] [Conformance]', async () => {
  const within = await hollow.namespace();
  const watch = await watching(hollow, hollow.cluster.client.of(Pods).inNamespace(within.name), { labelSelector: 'time=one' });
  expect(await within.pods('time=one')).toEqual([]);
  await run(within, podOf('p', { time: 'one' }, { terminationGracePeriodSeconds: 30 }));
  expect((await within.pods('time=one')).map(({ metadata }) => metadata.name)).toEqual(['p']);
  expect(watch.seen).toContain('ADDED p time=one');
  await within.delete(Pods, 'p');
  const leaving = await within.find(Pods, 'p');
  expect(leaving?.metadata.deletionTimestamp).toBeDefined();
  await within.gone(Pods, 'p');
  await within.until('the watch tells of it', () => watch.seen.includes('DELETED p time=one'));
  await watch.stop();
  expect(await within.pods('time=one')).toEqual([]);
});

test('[sig-node] Pods should be updated [NodeConformance] [Conformance]', async () => {
  const within = await hollow.namespace();
  await run(within, podOf('p', { time: 'one' }));
  expect(await within.pods('time=one')).toHaveLength(1);
  await within.edit(Pods, 'p', (pod) => (pod.metadata.labels = { time: 'two' }));
  expect((await within.pods('time=two')).map(({ metadata }) => metadata.name)).toEqual(['p']);
  expect(await within.pods('time=one')).toEqual([]);
});

test('[sig-node] Pods should allow activeDeadlineSeconds to be updated [NodeConformance] [Conformance]', async () => {
  const within = await hollow.namespace();
  await run(within, podOf('p', { time: 'one' }));
  expect(await within.pods('time=one')).toHaveLength(1);
  await within.edit(Pods, 'p', (pod) => (pod.spec!.activeDeadlineSeconds = 5));
  await within.until('it failed', async () => (await within.get(Pods, 'p')).status?.phase === 'Failed', 60_000);
  expect((await within.get(Pods, 'p')).status?.reason).toBe('DeadlineExceeded');
});

test('[sig-node] Pods should delete a collection of pods [Conformance]', async () => {
  const within = await hollow.namespace();
  for (const name of ['one', 'two', 'three']) await within.create(Pods, podOf(name, { type: 'Testing' }));
  expect(await within.pods('type=Testing')).toHaveLength(3);
  await within.deleteCollection(Pods, { labelSelector: 'type=Testing', gracePeriodSeconds: 0 });
  await within.until('all are gone', async () => (await within.pods('type=Testing')).length === 0);
});

test('[sig-node] Pods should patch a pod status [Conformance]', async () => {
  const within = await hollow.namespace();
  await run(within, podOf('p'));
  const patched = await within.patch(Pods, 'p', { metadata: { annotations: { patched: 'true' } }, status: { message: 'Patched by a test', reason: 'E2E' } }, { subresource: 'status', type: 'merge' });
  expect([patched.status?.message, patched.status?.reason, patched.metadata.annotations]).toEqual(['Patched by a test', 'E2E', expect.objectContaining({ patched: 'true' })]);
});

test('[sig-node] Pods should run through the lifecycle of Pods and PodStatus [Conformance]', async () => {
  const within = await hollow.namespace();
  const watch = await watching(hollow, hollow.cluster.client.of(Pods).inNamespace(within.name), { labelSelector: 'test-pod-static=true' });
  await run(within, podOf('p', { 'test-pod-static': 'true' }));
  const image = 'registry.example/pause:2';
  await within.patch(Pods, 'p', { metadata: { labels: { 'test-pod': 'patched' } }, spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image }] } });
  await within.until('the new image runs', async () => {
    const { status } = await within.get(Pods, 'p');
    return status?.containerStatuses?.[0]?.image === image && status.containerStatuses[0].ready === true;
  });
  // The kubelet has said all that it has to say.
  await hollow.advance(5000);
  const pod = await within.getSubresource<Pod>(Pods, 'p', 'status');
  expect([pod.metadata.labels, pod.status?.phase]).toEqual([{ 'test-pod-static': 'true', 'test-pod': 'patched' }, 'Running']);
  const conditions = pod.status!.conditions!.map((each) => (each.type === 'Ready' ? { ...each, status: 'False' } : each));
  const replaced = await within.updateSubresource(Pods, 'p', 'status', { ...pod, status: { ...pod.status, conditions } });
  expect(replaced.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('False');
  await within.deleteCollection(Pods, { labelSelector: 'test-pod-static=true' });
  await within.gone(Pods, 'p');
  await within.until('the watch tells of it', () => watch.seen.some((event) => event.startsWith('DELETED p')));
  await watch.stop();
});

test('[sig-node] Pods Extended Pods Set QOS Class should be set on Pods with matching resource requests and limits for memory and cpu [Conformance]', async () => {
  const within = await hollow.namespace();
  const resources = { cpu: '100m', memory: '100Mi' };
  await within.create(Pods, podOf('p', {}, { containers: [{ name: 'c', image: steady, resources: { requests: resources, limits: resources } }] }));
  expect((await within.get(Pods, 'p')).status?.qosClass).toBe('Guaranteed');
});

const observed = (within: InNamespace, name: string, generation: number): Promise<void> => within.until(`generation ${generation} is observed`, async () => {
  const { metadata, status } = await within.get(Pods, name);
  return metadata.generation === generation && status?.observedGeneration === generation;
});

test('[sig-node] Pods Extended (pod generation) Pod Generation pod generation should start at 1 and increment per update [MinimumKubeletVersion:1.34] [Conformance]', async () => {
  const within = await hollow.namespace();
  expect((await within.create(Pods, podOf('p'))).metadata.generation).toBe(1);
  await observed(within, 'p', 1);
  const steps: [(pod: Pod) => unknown, number][] = [
    [(pod) => (pod.metadata.labels = { a: 'b' }), 1],
    [(pod) => (pod.spec!.activeDeadlineSeconds = 5000), 2],
    [(pod) => (pod.spec!.containers[0]!.image = 'registry.example/pause:2'), 3],
    [(pod) => (pod.spec!.tolerations = [...(pod.spec!.tolerations ?? []), { key: 'k', operator: 'Exists', effect: 'NoExecute' }]), 4],
  ];
  for (const [change, generation] of steps) {
    await within.edit(Pods, 'p', (pod) => void change(pod));
    await observed(within, 'p', generation);
  }
});

test('[sig-node] Pods Extended (pod generation) Pod Generation custom-set generation on new pods and graceful delete [Conformance]', async () => {
  const within = await hollow.namespace();
  const pod = podOf('p', {}, { terminationGracePeriodSeconds: 30 });
  const created = await within.create(Pods, { ...pod, metadata: { ...pod.metadata, generation: 100, finalizers: ['example.com/wait'] } });
  expect(created.metadata.generation).toBe(1);
  await within.delete(Pods, 'p');
  expect((await within.get(Pods, 'p')).metadata).toMatchObject({ generation: 2, deletionTimestamp: expect.any(String) });
  await within.edit(Pods, 'p', (object) => (object.metadata.finalizers = []));
  await within.gone(Pods, 'p');
});

test('[sig-node] Pods Extended (pod generation) Pod Generation issue 500 podspec updates and verify generation and observedGeneration eventually converge [MinimumKubeletVersion:1.34] [Conformance]', async () => {
  const within = await hollow.namespace();
  await run(within, podOf('p'));
  for (let i = 1; i < 500; i++) await within.patch(Pods, 'p', { spec: { activeDeadlineSeconds: 5000 - i } }, { type: 'merge' });
  await observed(within, 'p', 500);
});

interface Ephemeral { name: string; image: string }
async function addEphemeral(within: InNamespace, each: Ephemeral): Promise<void> {
  await within.patch(Pods, 'p', { spec: { ephemeralContainers: [each] } }, { subresource: 'ephemeralcontainers' });
  await within.until(`${each.name} runs`, async () => (await within.get(Pods, 'p')).status?.ephemeralContainerStatuses?.find(({ name }) => name === each.name)?.state?.running !== undefined);
}

test('[sig-node] Ephemeral Containers [NodeConformance] will start an ephemeral container in an existing pod [Conformance]', async () => {
  const within = await hollow.namespace();
  await run(within, podOf('p'));
  expect((await refusal(within.edit(Pods, 'p', (pod) => (pod.spec!.ephemeralContainers = [{ name: 'debugger', image: steady }])))).status.reason).toBe('Invalid');
  await addEphemeral(within, { name: 'debugger', image: steady });
});

test('[sig-node] Ephemeral Containers [NodeConformance] should update the ephemeral containers in an existing pod [Conformance]', async () => {
  const within = await hollow.namespace();
  await run(within, podOf('p'));
  await addEphemeral(within, { name: 'debugger1', image: steady });
  expect((await within.get(Pods, 'p')).spec?.ephemeralContainers?.map(({ name }) => name)).toEqual(['debugger1']);
  await hollow.advance(5000);
  const pod = await within.get(Pods, 'p');
  await within.updateSubresource(Pods, 'p', 'ephemeralcontainers', { ...pod, spec: { ...pod.spec!, ephemeralContainers: [...pod.spec!.ephemeralContainers!, { name: 'debugger2', image: steady }] } });
  await within.until('both run', async () => ((await within.get(Pods, 'p')).status?.ephemeralContainerStatuses ?? []).filter(({ state }) => state?.running).length === 2);
  expect((await within.get(Pods, 'p')).spec?.ephemeralContainers?.map(({ name }) => name)).toEqual(['debugger1', 'debugger2']);
});
