/** StatefulSets, in order and in parallel: scaled up and down, and updated with a partition. */
import type { StatefulSet } from '../../api/apps/v1/types.ts';
import { Services, StatefulSets } from '../../api/resources.ts';
import { change, container, podSpec, put, type Workload } from './workload.ts';

const namespace = 'default';

function set(name: string, podManagementPolicy: 'OrderedReady' | 'Parallel', replicas: number): StatefulSet {
  return {
    apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name, namespace },
    spec: { serviceName: name, replicas, podManagementPolicy, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: podSpec('hollow/db:1') } },
  };
}

export const statefulSets: Workload = {
  name: 'statefulsets',
  what: 'stateful sets are scaled and updated, in order and in parallel',
  durationMs: 240_000,
  async run(world) {
    const random = world.random.fork('statefulsets');
    const pause = (): Promise<void> => world.clock.sleep(random.int(50_000));
    for (const [name, policy] of [['db', 'OrderedReady'], ['cache', 'Parallel']] as const) {
      await put(world, StatefulSets, set(name, policy, 3));
      await put(world, Services, { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { clusterIP: 'None', selector: { app: name }, ports: [{ port: 5432 }] } });
    }
    await pause();
    await change(world, StatefulSets, namespace, 'db', { spec: { replicas: 5 } });
    await change(world, StatefulSets, namespace, 'cache', { spec: { replicas: 1 } });
    await pause();
    await change(world, StatefulSets, namespace, 'db', { spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } }, template: { spec: { containers: [container('hollow/db:2')] } } } });
    await pause();
    await change(world, StatefulSets, namespace, 'cache', { spec: { replicas: 4, template: { spec: { containers: [container('hollow/db:3')] } } } });
    await change(world, StatefulSets, namespace, 'db', { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } });
    await pause();
    await change(world, StatefulSets, namespace, 'db', { spec: { replicas: 2 } });
  },
  verify(state, fail) {
    for (const name of ['db', 'cache']) {
      const status = state.get(StatefulSets, namespace, name)?.status;
      if (status?.currentRevision !== status?.updateRevision) fail(`stateful set ${name} has not come to its new revision`);
    }
  },
};
