/** Namespaces full of things are deleted while things are still being made in them. */
import { ConfigMaps, Deployments, Jobs, Namespaces, Secrets, Services, StatefulSets } from '../../api/resources.ts';
import { isNotFound } from '../../api/meta/status.ts';
import { act, podSpec, put, remove, type Workload } from './workload.ts';
import type { World } from '../world.ts';

async function fill(world: World, namespace: string): Promise<void> {
  const labels = { app: 'x' };
  const template = { metadata: { labels }, spec: podSpec() };
  await put(world, Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await put(world, Deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x', namespace }, spec: { replicas: 3, selector: { matchLabels: labels }, template } });
  await put(world, StatefulSets, { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'y', namespace }, spec: { serviceName: 'y', replicas: 2, selector: { matchLabels: labels }, template } });
  await put(world, Jobs, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'z', namespace }, spec: { completions: 3, template: { spec: { ...podSpec('hollow/exit:0-20s'), restartPolicy: 'Never' } } } });
  await put(world, Services, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x', namespace }, spec: { selector: labels, ports: [{ port: 80 }] } });
  await put(world, ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'held', namespace, finalizers: ['simulation/held'] } });
  await put(world, Secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace } });
}

async function release(world: World, namespace: string): Promise<void> {
  await act(world, `release ${namespace}`, () => world.client.of(ConfigMaps).inNamespace(namespace).patch('held', { metadata: { finalizers: null } }, { type: 'merge' }).then(() => undefined, (error: unknown) => {
    if (!isNotFound(error)) throw error;
  }));
}

export const namespaces: Workload = {
  name: 'namespaces',
  what: 'full namespaces are deleted',
  durationMs: 180_000,
  async run(world) {
    const random = world.random.fork('namespaces');
    await Promise.all(['one', 'two'].map(async (namespace) => {
      await fill(world, namespace).catch((error: unknown) => world.note(`filling ${namespace} ended early: ${String(error)}`));
      await world.clock.sleep(random.int(60_000));
      await remove(world, Namespaces, undefined, namespace);
      await world.clock.sleep(random.int(60_000));
      // Whoever set the finalizer takes it away.
      await release(world, namespace);
    }));
  },
  verify(state, fail) {
    for (const name of ['one', 'two']) if (state.get(Namespaces, undefined, name)) fail(`namespace ${name} was deleted and is there`);
  },
};
