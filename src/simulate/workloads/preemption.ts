/** A full cluster: pods of higher priority drive others out, which come back when there is room. */
import { Deployments, PriorityClasses } from '../../api/resources.ts';
import { change, container, podSpec, put, type Workload } from './workload.ts';

const namespace = 'default';

export const preemption: Workload = {
  name: 'preemption',
  what: 'urgent pods drive others out of a full cluster',
  shape: { nodes: 3, nodeCpus: 2 },
  durationMs: 180_000,
  async run(world) {
    const random = world.random.fork('preemption');
    await put(world, PriorityClasses, { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'urgent' }, value: 1000 });
    const deployment = (name: string, replicas: number, priorityClassName?: string) => ({
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace },
      spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: podSpec(undefined, { containers: [container('hollow/app', '500m')], ...(priorityClassName ? { priorityClassName } : {}) }) } },
    });
    await put(world, Deployments, deployment('patient', 10));
    await world.clock.sleep(20_000 + random.int(30_000));
    await put(world, Deployments, deployment('urgent', 6, 'urgent'));
    await world.clock.sleep(20_000 + random.int(60_000));
    await change(world, Deployments, namespace, 'urgent', { spec: { replicas: 2 } });
    await world.clock.sleep(random.int(60_000));
    await change(world, Deployments, namespace, 'patient', { spec: { replicas: 8 } });
  },
};
