/** A namespace with a quota that is too small for what is asked, then large enough. */
import { Deployments, Namespaces, ResourceQuotas } from '../../api/resources.ts';
import { change, podSpec, put, type Workload } from './workload.ts';

const namespace = 'narrow';

export const quotas: Workload = {
  name: 'quotas',
  what: 'deployments press against a quota that then grows',
  durationMs: 180_000,
  async run(world) {
    const random = world.random.fork('quotas');
    await put(world, Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await put(world, ResourceQuotas, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'limit', namespace }, spec: { hard: { pods: '5', 'requests.cpu': '2' } } });
    for (const name of ['first', 'second']) {
      await put(world, Deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec: { replicas: 4, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: podSpec() } } });
    }
    await world.clock.sleep(30_000 + random.int(60_000));
    await change(world, Deployments, namespace, 'first', { spec: { replicas: 1 } });
    await world.clock.sleep(random.int(60_000));
    await change(world, ResourceQuotas, namespace, 'limit', { spec: { hard: { pods: '12' } } });
    await change(world, Deployments, namespace, 'first', { spec: { replicas: 5 } });
  },
  verify(state, fail) {
    const used = state.get(ResourceQuotas, namespace, 'limit')?.status?.used;
    if (used?.['pods'] !== '9') fail(`the quota says that ${used?.['pods']} pods are used, and there are 9`);
  },
};
