/** Trees of owners and owned: deleted in the background, in the foreground, and with the owned left behind. */
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { ConfigMaps, Deployments, Pods, ReplicaSets } from '../../api/resources.ts';
import type { World } from '../world.ts';
import { act, podSpec, put, remove, type Workload } from './workload.ts';

const namespace = 'default';

/** A chain of ConfigMaps, each owned by the one before, with leaves. */
async function tree(world: World, name: string, depth: number): Promise<void> {
  let owner: KubeObject | undefined;
  for (let level = 0; level < depth; level++) {
    const at = `${name}-${level}`;
    const ownerReferences = owner ? [{ apiVersion: 'v1', kind: 'ConfigMap', name: owner.metadata.name!, uid: owner.metadata.uid!, blockOwnerDeletion: true }] : undefined;
    const metadata = { namespace, ...(ownerReferences ? { ownerReferences } : {}) };
    await put(world, ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, name: at } });
    await put(world, ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, name: `${at}-leaf` } });
    owner = await act(world, `read ${at}`, () => world.client.of(ConfigMaps).inNamespace(namespace).get(at));
  }
}

export const garbage: Workload = {
  name: 'garbage',
  what: 'trees of owned objects are deleted in every way',
  durationMs: 180_000,
  async run(world) {
    const random = world.random.fork('garbage');
    await Promise.all(['background', 'foreground', 'orphan'].map((name) => tree(world, name, 4)));
    for (const name of ['kept', 'dropped']) {
      await put(world, Deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec: { replicas: 3, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: podSpec() } } });
    }
    await world.clock.sleep(10_000 + random.int(60_000));
    await remove(world, ConfigMaps, namespace, 'background-0', 'Background');
    await remove(world, ConfigMaps, namespace, 'foreground-0', 'Foreground');
    await remove(world, ConfigMaps, namespace, 'orphan-0', 'Orphan');
    await world.clock.sleep(random.int(30_000));
    await remove(world, Deployments, namespace, 'kept', 'Orphan');
    await remove(world, Deployments, namespace, 'dropped', 'Foreground');
  },
  verify(state, fail) {
    const left = state.list(ConfigMaps, namespace).map((map) => map.metadata.name!);
    for (const name of left) if (/^(back|fore)ground-/.test(name) && name !== 'background-0-leaf' && name !== 'foreground-0-leaf') fail(`config map ${name} should have gone with its owner`);
    for (const name of ['orphan-1', 'orphan-1-leaf', 'orphan-3', 'orphan-3-leaf']) if (!left.includes(name)) fail(`config map ${name} was to be left behind and is gone`);
    if (state.list(ReplicaSets, namespace).filter((set) => set.spec?.selector?.matchLabels?.['app'] === 'kept').length !== 1) fail('the replica set of deployment kept was to be left behind');
    if (state.list(Pods, namespace).some((pod) => pod.metadata.labels?.['app'] === 'dropped')) fail('pods of deployment dropped are there');
  },
};
