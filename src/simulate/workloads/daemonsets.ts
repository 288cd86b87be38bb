/** DaemonSets: on all nodes, on some, updated one node after the other, with nodes cordoned and tainted meanwhile. */
import type { DaemonSet } from '../../api/apps/v1/types.ts';
import { DaemonSets, Nodes } from '../../api/resources.ts';
import { change, container, podSpec, put, type Workload } from './workload.ts';

const namespace = 'kube-system';

function set(name: string, more: Partial<DaemonSet['spec']> = {}): DaemonSet {
  return {
    apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name, namespace },
    spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: podSpec('hollow/agent:1') }, ...more } as DaemonSet['spec'],
  };
}

export const daemonSets: Workload = {
  name: 'daemonsets',
  what: 'daemon sets are updated while nodes change',
  shape: { nodes: 5 },
  durationMs: 240_000,
  async run(world) {
    const random = world.random.fork('daemonsets');
    const pause = (): Promise<void> => world.clock.sleep(random.int(50_000));
    await put(world, DaemonSets, set('agent'));
    await put(world, DaemonSets, set('zonal', { template: { metadata: { labels: { app: 'zonal' } }, spec: podSpec('hollow/agent:1', { nodeSelector: { 'topology.kubernetes.io/zone': 'zone-1' } }) } } as Partial<DaemonSet['spec']>));
    await pause();
    const node = world.nodes[random.int(world.nodes.length)]!.name;
    await change(world, Nodes, undefined, node, { spec: { unschedulable: true } });
    await change(world, DaemonSets, namespace, 'agent', { spec: { template: { spec: { containers: [container('hollow/agent:2')] } } } });
    await pause();
    await change(world, Nodes, undefined, node, { spec: { unschedulable: null } });
    await change(world, Nodes, undefined, node, { metadata: { labels: { 'topology.kubernetes.io/zone': 'zone-3' } } });
    await pause();
    await change(world, DaemonSets, namespace, 'agent', { spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }, template: { spec: { containers: [container('hollow/agent:3')] } } } });
  },
};
