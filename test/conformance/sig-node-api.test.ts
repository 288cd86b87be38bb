/** The requirements on nodes, pods and what pods read that need only the API and hollow nodes. The titles are the requirements' code names. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Lease } from '../../src/api/coordination/v1/types.ts';
import type { ConfigMap, Node, PodTemplate, Secret } from '../../src/api/core/v1/types.ts';
import type { RuntimeClass } from '../../src/api/node/v1/types.ts';
import { ConfigMaps, DeviceClasses, Leases, Nodes, Pods, PodTemplates, ResourceClaims, ResourceClaimTemplates, ResourceSlices, RuntimeClasses, Secrets } from '../../src/testing/index.ts';
import { checkDiscovery, checkOperations, refusal, watching } from './api-lifecycle.ts';
import { hollowCluster, isReady, podOf, template, type HollowCluster, type InNamespace } from './hollow-cluster.ts';

let hollow: HollowCluster;
beforeAll(async () => {
  hollow = await hollowCluster(2, 'node');
}, 60_000);
afterAll(() => hollow.stop());

test('[sig-architecture] Conformance Tests should have at least two untainted nodes [Conformance]', async () => {
  const nodes = await hollow.clusterScope.list(Nodes);
  expect(nodes.filter((node) => isReady(node) && !node.spec?.unschedulable && !node.spec?.taints?.some(({ effect }) => effect !== 'PreferNoSchedule')).length).toBeGreaterThanOrEqual(2);
});

test('[sig-node] Node Lifecycle should run through the lifecycle of a node [Conformance]', () =>
  checkOperations<Node>(hollow, hollow.clusterScope, Nodes, (name) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { unschedulable: true }, status: { conditions: [{ type: 'Ready', status: 'True' }] } })));

test('[sig-node] Lease lease API should be available [Conformance]', async () => {
  const within = await hollow.namespace();
  const lease: Lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'lease' }, spec: { holderIdentity: 'holder', leaseDurationSeconds: 30, acquireTime: '2030-01-01T00:00:00.000000Z', renewTime: '2030-01-01T00:00:05.000000Z', leaseTransitions: 0 } };
  await within.create(Leases, lease);
  expect((await within.get(Leases, 'lease')).spec).toEqual(lease.spec);
  const next = { ...lease.spec, holderIdentity: 'holder2', leaseDurationSeconds: 31, renewTime: '2030-01-01T00:00:10.000000Z', leaseTransitions: 1 };
  await within.edit(Leases, 'lease', (object) => (object.spec = next));
  expect((await within.get(Leases, 'lease')).spec).toEqual(next);
  await within.patch(Leases, 'lease', { spec: { holderIdentity: 'holder3', leaseDurationSeconds: 60 } });
  expect((await within.get(Leases, 'lease')).spec).toEqual({ ...next, holderIdentity: 'holder3', leaseDurationSeconds: 60 });
  await within.create(Leases, { ...lease, metadata: { name: 'labelled', labels: { deletecollection: 'true' } } });
  expect(await within.list(Leases)).toHaveLength(2);
  await within.deleteCollection(Leases, { labelSelector: 'deletecollection=true' });
  expect((await within.list(Leases)).map(({ metadata }) => metadata.name)).toEqual(['lease']);
  await within.delete(Leases, 'lease');
  expect((await refusal(within.get(Leases, 'lease'))).status.reason).toBe('NotFound');
});

const podTemplate = (name: string): PodTemplate => ({ apiVersion: 'v1', kind: 'PodTemplate', metadata: { name, labels: { set: 'templates' } }, template: template({ app: 'web' }) });

test('[sig-node] PodTemplates should run the lifecycle of PodTemplates [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(PodTemplates, { ...podTemplate('t'), metadata: { name: 't', labels: { 'podtemplate-static': 'true' } } });
  await within.patch(PodTemplates, 't', { metadata: { labels: { podtemplate: 'patched' } }, template: { spec: { containers: [{ name: 'c', image: 'registry.example/other:2' }] } } });
  const found = await within.get(PodTemplates, 't');
  expect([found.metadata.labels?.['podtemplate'], found.template?.spec?.containers.map(({ image }) => image)]).toEqual(['patched', ['registry.example/other:2']]);
  expect((await hollow.clusterScope.list(PodTemplates, 'podtemplate-static=true,podtemplate=patched')).map(({ metadata }) => metadata.name)).toEqual(['t']);
  await within.delete(PodTemplates, 't');
  expect(await hollow.clusterScope.list(PodTemplates, 'podtemplate-static=true')).toEqual([]);
});

test('[sig-node] PodTemplates should delete a collection of pod templates [Conformance]', async () => {
  const within = await hollow.namespace();
  for (const name of ['one', 'two', 'three']) await within.create(PodTemplates, podTemplate(name));
  expect(await within.list(PodTemplates, 'set=templates')).toHaveLength(3);
  await within.deleteCollection(PodTemplates, { labelSelector: 'set=templates' });
  expect(await within.list(PodTemplates, 'set=templates')).toEqual([]);
});

test('[sig-node] PodTemplates should replace a pod template [Conformance]', async () => {
  const within = await hollow.namespace();
  const created = await within.create(PodTemplates, podTemplate('t'));
  const replaced = await within.update(PodTemplates, { ...created, metadata: { ...created.metadata, annotations: { updated: 'true' } } });
  expect([replaced.metadata.annotations, (await within.get(PodTemplates, 't')).metadata.annotations]).toEqual([{ updated: 'true' }, { updated: 'true' }]);
});

const configMap = (name: string, data: Record<string, string>): ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { 'test-static': 'true' } }, data });
const secret = (name: string, data: Record<string, string>): Secret => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, labels: { 'test-static': 'true' } }, type: 'Opaque', data });

test('[sig-node] ConfigMap should fail to create ConfigMap with empty key [Conformance]', async () => {
  const within = await hollow.namespace();
  const refused = await refusal(within.create(ConfigMaps, configMap('empty', { '': 'value' })));
  expect([refused.status.reason, refused.message]).toEqual(['Invalid', expect.stringContaining('data[]: Invalid value: ""')]);
  expect(await within.find(ConfigMaps, 'empty')).toBeUndefined();
});

test('[sig-node] Secrets should fail to create secret due to empty secret key [Conformance]', async () => {
  const within = await hollow.namespace();
  const refused = await refusal(within.create(Secrets, secret('empty', { '': 'dmFsdWU=' })));
  expect([refused.status.reason, refused.message]).toEqual(['Invalid', expect.stringContaining('data[]: Invalid value: ""')]);
  expect(await within.find(Secrets, 'empty')).toBeUndefined();
});

test('[sig-node] ConfigMap should update ConfigMap successfully [NodeConformance] [Conformance]', async () => {
  const within = await hollow.namespace();
  const created = await within.create(ConfigMaps, configMap('c', {}));
  await within.update(ConfigMaps, { ...created, data: { key: 'value' } });
  expect((await within.get(ConfigMaps, 'c')).data).toEqual({ key: 'value' });
});

test('[sig-node] ConfigMap should run through a ConfigMap lifecycle [Conformance]', async () => {
  const within = await hollow.namespace();
  const watch = await watching(hollow, hollow.cluster.client.of(ConfigMaps).inNamespace(within.name), { labelSelector: 'test-static=true' });
  await within.create(ConfigMaps, configMap('c', { key: 'first' }));
  await within.patch(ConfigMaps, 'c', { metadata: { labels: { state: 'patched' } }, data: { key: 'second' } });
  expect(await within.get(ConfigMaps, 'c')).toMatchObject({ metadata: { labels: { state: 'patched' } }, data: { key: 'second' } });
  const listed = await hollow.clusterScope.list(ConfigMaps, 'test-static=true,state=patched');
  expect(listed.map(({ metadata, data }) => [metadata.namespace, metadata.name, data])).toEqual([[within.name, 'c', { key: 'second' }]]);
  await within.deleteCollection(ConfigMaps, { labelSelector: 'test-static=true' });
  expect(await within.list(ConfigMaps, 'test-static=true')).toEqual([]);
  await within.until('the watch told all', () => watch.seen.map((event) => event.split(' ')[0]).join() === 'ADDED,MODIFIED,DELETED');
  await watch.stop();
});

test('[sig-node] Secrets should patch a secret [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Secrets, secret('s', { key: 'dmFsdWU=' }));
  expect((await hollow.clusterScope.list(Secrets, 'test-static=true')).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([`${within.name}/s`]);
  await within.patch(Secrets, 's', { metadata: { labels: { state: 'patched' } }, data: { key: 'dmFsdWUx' } });
  expect(await within.get(Secrets, 's')).toMatchObject({ metadata: { labels: { state: 'patched' } }, data: { key: 'dmFsdWUx' } });
  await within.deleteCollection(Secrets, { labelSelector: 'test-static=true' });
  expect(await hollow.clusterScope.list(Secrets, 'state=patched')).toEqual([]);
});

const runtimeClass = (name: string, extra: Partial<RuntimeClass> = {}): RuntimeClass => ({ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name }, handler: 'handler', ...extra });
const scheduled = (within: InNamespace, name: string): Promise<void> => within.until(`${name} is scheduled`, async () => (await within.get(Pods, name)).status?.conditions?.some(({ type, status }) => type === 'PodScheduled' && status === 'True') ?? false);

test('[sig-node] RuntimeClass should support RuntimeClasses API operations [Conformance]', async () => {
  await checkDiscovery(hollow, RuntimeClasses);
  await checkOperations(hollow, hollow.clusterScope, RuntimeClasses, runtimeClass);
});

test('[sig-node] RuntimeClass should reject a Pod requesting a non-existent RuntimeClass [NodeConformance] [Conformance]', async () => {
  const within = await hollow.namespace();
  const refused = await refusal(within.create(Pods, podOf('p', {}, { runtimeClassName: 'nowhere' })));
  expect([refused.status.reason, refused.message]).toEqual(['Forbidden', expect.stringContaining('RuntimeClass "nowhere" not found')]);
});

test('[sig-node] RuntimeClass should reject a Pod requesting a deleted RuntimeClass [NodeConformance] [Conformance]', async () => {
  const within = await hollow.namespace();
  await hollow.clusterScope.create(RuntimeClasses, runtimeClass('leaving'));
  await within.create(Pods, podOf('before', {}, { runtimeClassName: 'leaving' }));
  await hollow.clusterScope.delete(RuntimeClasses, 'leaving');
  await hollow.clusterScope.gone(RuntimeClasses, 'leaving');
  await within.until('pods are refused', async () => (await within.create(Pods, podOf(`after-${String(hollow.cluster.host.clock.now())}`, {}, { runtimeClassName: 'leaving' })).then(() => '', String)).includes('RuntimeClass "leaving" not found'));
});

test('[sig-node] RuntimeClass should schedule a Pod requesting a RuntimeClass and initialize its Overhead [NodeConformance] [Conformance]', async () => {
  const within = await hollow.namespace();
  await hollow.clusterScope.create(RuntimeClasses, runtimeClass('heavy', { overhead: { podFixed: { cpu: '10m', memory: '1Mi' } } }));
  await within.create(Pods, podOf('p', {}, { runtimeClassName: 'heavy' }));
  await scheduled(within, 'p');
  expect((await within.get(Pods, 'p')).spec?.overhead).toEqual({ cpu: '10m', memory: '1Mi' });
});

test('[sig-node] RuntimeClass should schedule a Pod requesting a RuntimeClass without PodOverhead [NodeConformance] [Conformance]', async () => {
  const within = await hollow.namespace();
  await hollow.clusterScope.create(RuntimeClasses, runtimeClass('light'));
  await within.create(Pods, podOf('p', {}, { runtimeClassName: 'light' }));
  await scheduled(within, 'p');
  expect((await within.get(Pods, 'p')).spec?.overhead).toBeUndefined();
});

test('[sig-node] Sysctls [LinuxOnly] [NodeConformance] should reject invalid sysctls [Conformance]', async () => {
  const within = await hollow.namespace();
  const sysctls = ['foo-', 'kernel.shmmax', 'safe-and-unsafe', 'bar..'].map((name) => ({ name, value: name === 'kernel.shmmax' ? '100000000' : 'bar' }));
  const { status, message } = await refusal(within.create(Pods, podOf('p', {}, { securityContext: { sysctls } })));
  expect(status.reason).toBe('Invalid');
  expect(status.details?.causes?.map(({ field }) => field)).toEqual(['spec.securityContext.sysctls[0].name', 'spec.securityContext.sysctls[3].name']);
  expect([message.includes('"foo-"'), message.includes('"bar.."'), message.includes('kernel.shmmax')]).toEqual([true, true, false]);
});

const draV1 = { apiVersion: 'resource.k8s.io/v1' };
const claimSpec = { devices: { requests: [{ name: 'request', exactly: { deviceClassName: 'class', allocationMode: 'ExactCount', count: 1 } }] } };

test('[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 DeviceClass [Conformance]', () =>
  checkOperations(hollow, hollow.clusterScope, DeviceClasses, (name) => ({ ...draV1, kind: 'DeviceClass', metadata: { name }, spec: { selectors: [{ cel: { expression: 'device.driver == "driver.example.com"' } }] } })));
test('[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceClaim [Conformance]', async () =>
  checkOperations(hollow, await hollow.namespace(), ResourceClaims, (name) => ({ ...draV1, kind: 'ResourceClaim', metadata: { name }, spec: claimSpec })));
test('[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceClaimTemplate [Conformance]', async () =>
  checkOperations(hollow, await hollow.namespace(), ResourceClaimTemplates, (name) => ({ ...draV1, kind: 'ResourceClaimTemplate', metadata: { name }, spec: { spec: claimSpec } })));
test('[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceSlice [Conformance]', () =>
  checkOperations(hollow, hollow.clusterScope, ResourceSlices, (name) => ({ ...draV1, kind: 'ResourceSlice', metadata: { name }, spec: { driver: 'driver.example.com', pool: { name, generation: 1, resourceSliceCount: 1 }, allNodes: true, devices: [{ name: 'device' }] } })));
