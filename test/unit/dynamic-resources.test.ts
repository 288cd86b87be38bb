/** Devices for pods, through a whole control plane: claims, slices and classes in the API, the scheduler under its own role. */
import { expect, test } from 'vitest';
import type { ResourceClaim } from '../../src/api/resource/v1/types.ts';
import { DeviceClasses, Nodes, Pods, ResourceClaims, ResourceSlices, startCluster } from '../../src/testing/index.ts';

const DRIVER = 'gpu.example.com';

test('a claim gets devices on the node that has them, and keeps others out', async () => {
  const cluster = await startCluster({ nodes: 2 });
  try {
    const { client } = cluster;
    await cluster.until('nodes are ready', async () => (await client.of(Nodes).list()).items.filter((node) => !node.spec?.taints?.length && node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')).length === 2);
    const node = (await client.of(Nodes).list()).items[1]!.metadata.name!;
    await client.of(DeviceClasses).create({ apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata: { name: 'gpu' }, spec: { selectors: [{ cel: { expression: `device.driver == "${DRIVER}" && device.attributes["${DRIVER}"].model == "a100"` } }] } });
    await client.of(ResourceSlices).create({
      apiVersion: 'resource.k8s.io/v1', kind: 'ResourceSlice', metadata: { name: 'slice' },
      spec: { driver: DRIVER, pool: { name: node, generation: 1, resourceSliceCount: 1 }, nodeName: node, devices: [{ name: 'old', attributes: { model: { string: 'k80' } } }, { name: 'gpu-0', attributes: { model: { string: 'a100' } } }] },
    });
    const claims = client.of(ResourceClaims).inNamespace('default');
    const pods = client.of(Pods).inNamespace('default');
    const withClaim = async (name: string): Promise<void> => {
      await claims.create({ apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim', metadata: { name }, spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu' } }] } } } as ResourceClaim);
      await cluster.until('pods can be made', async () => pods.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { resourceClaims: [{ name: 'gpu', resourceClaimName: name }], containers: [{ name: 'c', image: 'app', resources: { claims: [{ name: 'gpu' }] } }] } }).then(() => true, () => false));
    };
    await withClaim('first');
    await cluster.until('the first pod has a node', async () => (await pods.get('first')).spec?.nodeName !== undefined);
    expect((await pods.get('first')).spec?.nodeName).toBe(node);
    const { metadata, status } = await claims.get('first');
    expect(status?.allocation?.devices?.results).toEqual([{ request: 'r', driver: DRIVER, pool: node, device: 'gpu-0' }]);
    expect(status?.reservedFor?.map((each) => each.name)).toEqual(['first']);
    expect(metadata.finalizers).toContain('resource.kubernetes.io/delete-protection');
    await withClaim('second');
    await cluster.until('the second pod is told', async () => (await pods.get('second')).status?.conditions?.some((c) => c.type === 'PodScheduled' && c.status === 'False') ?? false);
    expect((await pods.get('second')).status?.conditions?.find((c) => c.type === 'PodScheduled')?.message).toContain('0/2 nodes are available: 2 cannot allocate all claims.');
  } finally {
    await cluster.stop();
  }
}, 60_000);
