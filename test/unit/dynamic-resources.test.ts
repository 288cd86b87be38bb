/** Devices for pods, through a whole control plane: claims, slices and classes in the API, the scheduler under its own role. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Pod } from '../../src/api/core/v1/types.ts';
import type { DeviceClass, ResourceClaim } from '../../src/api/resource/v1/types.ts';
import { DeviceClasses, Nodes, Pods, ResourceClaims, ResourceSlices, startCluster } from '../../src/testing/index.ts';
import type { TestCluster } from '../../src/testing/index.ts';

const DRIVER = 'gpu.example.com';
let cluster: TestCluster;
let names: string[];

beforeAll(async () => {
  cluster = await startCluster({ nodes: 2 });
  const ready = async () => (await cluster.client.of(Nodes).list()).items.filter((node) => !node.spec?.taints?.length && node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'));
  await cluster.until('nodes are ready', async () => (await ready()).length === 2);
  names = (await ready()).map((node) => node.metadata.name!).toSorted();
}, 60_000);
afterAll(() => cluster.stop());

const pods = () => cluster.client.of(Pods).inNamespace('default');
const claims = () => cluster.client.of(ResourceClaims).inNamespace('default');
const nodeOf = async (name: string): Promise<string | undefined> => (await pods().get(name)).spec?.nodeName;
const messageOf = async (name: string): Promise<string> => (await pods().get(name)).status?.conditions?.find((c) => c.type === 'PodScheduled' && c.status === 'False')?.message ?? '';

/** A class of the devices of one model, and the devices: by node, their names. */
async function offer(model: string, devices: Record<string, string[]>, spec: Partial<DeviceClass['spec']> = {}): Promise<void> {
  const expression = `device.driver == "${DRIVER}" && device.attributes["${DRIVER}"].model == "${model}"`;
  await cluster.client.of(DeviceClasses).create({ apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata: { name: model }, spec: { selectors: [{ cel: { expression } }], ...spec } });
  for (const [node, list] of Object.entries(devices)) {
    await cluster.client.of(ResourceSlices).create({
      apiVersion: 'resource.k8s.io/v1', kind: 'ResourceSlice', metadata: { name: `${model}-${node}` },
      spec: { driver: DRIVER, pool: { name: `${model}-${node}`, generation: 1, resourceSliceCount: 1 }, nodeName: node, devices: [{ name: 'other', attributes: { model: { string: 'k80' } } }, ...list.map((name) => ({ name, attributes: { model: { string: model } } }))] },
    });
  }
}

const create = (name: string, spec: Partial<Pod['spec']> & object): Promise<boolean> =>
  cluster.until('the pod can be made', () => pods().create({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [{ name: 'c', image: 'app' }], ...spec } } as Pod).then(() => true, () => false)).then(() => true);
const makeClaim = (name: string, deviceClassName: string) =>
  claims().create({ apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim', metadata: { name }, spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName } }] } } } as ResourceClaim);
const using = (claim: string): Partial<Pod['spec']> & object => ({ resourceClaims: [{ name: 'gpu', resourceClaimName: claim }], containers: [{ name: 'c', image: 'app', resources: { claims: [{ name: 'gpu' }] } }] });

test('a claim gets devices on the node that has them, and keeps others out until they are given back', async () => {
  await offer('a100', { [names[1]!]: ['gpu-0'] });
  await makeClaim('first', 'a100');
  await create('first', using('first'));
  await cluster.until('the first pod has a node', async () => (await nodeOf('first')) !== undefined);
  expect(await nodeOf('first')).toBe(names[1]);
  const { metadata, status } = await claims().get('first');
  expect(status?.allocation?.devices?.results).toEqual([{ request: 'r', driver: DRIVER, pool: `a100-${names[1]}`, device: 'gpu-0' }]);
  expect(status?.reservedFor?.map((each) => each.name)).toEqual(['first']);
  expect(metadata.finalizers).toContain('resource.kubernetes.io/delete-protection');
  await makeClaim('second', 'a100');
  await create('second', using('second'));
  await cluster.until('the second pod is told', async () => (await messageOf('second')) !== '');
  expect(await messageOf('second')).toBe('0/2 nodes are available: 2 cannot allocate all claims. still not schedulable, preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.');
  // What the scheduler remembers of its own writing must not outlast the allocation.
  await pods().delete('first', { gracePeriodSeconds: 0 });
  await cluster.until('the second pod has a node', async () => (await nodeOf('second')) !== undefined);
});

test('devices that keep their only user from all nodes are given back', async () => {
  await offer('h100', { [names[0]!]: ['gpu-0'], [names[1]!]: ['gpu-0'] });
  const allocatedOn = async (name: string, node: string, users: string[]): Promise<void> => {
    const claim = await makeClaim(name, 'h100');
    const uids = await Promise.all(users.map(async (user) => (await pods().get(user)).metadata.uid!));
    await claims().updateStatus({
      ...claim,
      status: {
        allocation: { devices: { results: [{ request: 'r', driver: DRIVER, pool: `h100-${node}`, device: 'gpu-0' }] }, nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }] } },
        ...(users.length > 0 ? { reservedFor: users.map((user, i) => ({ resource: 'pods', name: user, uid: uids[i]! })) } : {}),
      },
    });
  };
  await allocatedOn('lonely', names[0]!, []);
  await create('mover', { ...using('lonely'), nodeSelector: { 'kubernetes.io/hostname': names[1]! } });
  await cluster.until('the pod has a node', async () => (await nodeOf('mover')) !== undefined);
  expect(await nodeOf('mover')).toBe(names[1]);
  expect((await claims().get('lonely')).status?.allocation?.devices?.results).toEqual([{ request: 'r', driver: DRIVER, pool: `h100-${names[1]}`, device: 'gpu-0' }]);
});

test('extended resources are met by devices of the class that stands for them', async () => {
  await offer('t4', { [names[0]!]: ['gpu-0', 'gpu-1', 'gpu-2'] }, { extendedResourceName: 'example.com/t4' });
  const limits = (amount: string, name = 'example.com/t4') => ({ resources: { requests: { [name]: amount, cpu: '1m' }, limits: { [name]: amount } } });
  await create('plain', { containers: [{ name: 'a', image: 'app', ...limits('1') }, { name: 'b', image: 'app', ...limits('1') }] });
  await cluster.until('the pod has a node', async () => (await nodeOf('plain')) !== undefined);
  expect(await nodeOf('plain')).toBe(names[0]);
  const plain = await pods().get('plain');
  const { resourceClaimName, requestMappings } = plain.status!.extendedResourceClaimStatus!;
  expect(requestMappings).toEqual([
    { containerName: 'a', resourceName: 'example.com/t4', requestName: 'container-0-request-1' },
    { containerName: 'b', resourceName: 'example.com/t4', requestName: 'container-1-request-1' },
  ]);
  const claim = await claims().get(resourceClaimName);
  expect(claim.metadata.name).toMatch(/^plain-extended-resources-/);
  expect(claim.metadata.ownerReferences).toMatchObject([{ kind: 'Pod', name: 'plain', uid: plain.metadata.uid, controller: true }]);
  expect(claim.status?.allocation?.devices?.results?.map((each) => `${each.request}=${each.device}`)).toEqual(['container-0-request-1=gpu-0', 'container-1-request-1=gpu-1']);
  expect(claim.status?.reservedFor?.map((each) => each.name)).toEqual(['plain']);

  // By the class's own name; and there is one device left only.
  await create('implicit', { containers: [{ name: 'c', image: 'app', ...limits('1', 'deviceclass.resource.kubernetes.io/t4') }] });
  await cluster.until('the pod has a node', async () => (await nodeOf('implicit')) !== undefined);
  await create('late', { containers: [{ name: 'c', image: 'app', ...limits('1') }] });
  await cluster.until('the last one is told', async () => (await messageOf('late')) !== '');
  expect(await messageOf('late')).toContain('0/2 nodes are available: 2 cannot allocate all claims.');
  await create('unknown', { containers: [{ name: 'c', image: 'app', ...limits('1', 'example.com/nobody') }] });
  await cluster.until('the unknown one is told', async () => (await messageOf('unknown')) !== '');
  expect(await messageOf('unknown')).toContain('0/2 nodes are available: 2 Insufficient example.com/nobody.');
});
