/** Nodes go for good while a deployment with a budget is drained away from others. */
import { Deployments, Nodes, PodDisruptionBudgets, Pods, Services } from '../../api/resources.ts';
import { isNotFound, StatusError } from '../../api/meta/status.ts';
import type { World } from '../world.ts';
import { act, change, podSpec, put, type Workload } from './workload.ts';

const namespace = 'default';

async function drain(world: World, node: string): Promise<void> {
  await change(world, Nodes, undefined, node, { spec: { unschedulable: true } });
  for (const pod of world.state.list(Pods, namespace).filter((each) => each.spec?.nodeName === node)) {
    const { name } = pod.metadata;
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
    await act(world, `evict ${name}`, () => world.client.of(Pods).inNamespace(namespace).createSubresource(name!, 'eviction', eviction).then(() => undefined, (error: unknown) => {
      // A budget that has no room for minutes is not waited for: the drain goes on.
      if (!isNotFound(error) && !(error instanceof StatusError && error.status.code === 429)) throw error;
    }));
  }
}

export const nodeLoss: Workload = {
  name: 'node-loss',
  what: 'nodes are drained and lost under a budget',
  shape: { nodes: 6, zones: 3 },
  durationMs: 300_000,
  async run(world) {
    const random = world.random.fork('node-loss');
    await put(world, Deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace }, spec: { replicas: 8, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: podSpec() } } });
    await put(world, PodDisruptionBudgets, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'web', namespace }, spec: { minAvailable: 6, selector: { matchLabels: { app: 'web' } } } });
    await put(world, Services, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } });
    await world.clock.sleep(30_000);
    const first = world.nodes[random.int(world.nodes.length)]!;
    await drain(world, first.name);
    await world.clock.sleep(random.int(60_000));
    const second = world.nodes.find((node) => node !== first)!;
    second.crash();
    await world.clock.sleep(60_000 + random.int(120_000));
    await act(world, 'delete a lost node', () => world.client.of(Nodes).delete(second.name).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    }));
    await world.clock.sleep(random.int(60_000));
    second.boot();
    await change(world, Nodes, undefined, first.name, { spec: { unschedulable: null } });
  },
};
