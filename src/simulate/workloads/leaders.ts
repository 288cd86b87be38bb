/** Several of everything: API servers, controller managers and schedulers that stand for election, under a changing deployment. */
import { Deployments } from '../../api/resources.ts';
import { change, container, podSpec, put, type Workload } from './workload.ts';

const namespace = 'default';

export const leaders: Workload = {
  name: 'leaders',
  what: 'two API servers, two controller managers and two schedulers serve one deployment',
  shape: { apiServers: 2, controllerManagers: 2, schedulers: 2 },
  durationMs: 240_000,
  async run(world) {
    const random = world.random.fork('leaders');
    await put(world, Deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace }, spec: { replicas: 5, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: podSpec() } } });
    for (let version = 2; version < 5; version++) {
      await world.clock.sleep(random.int(70_000));
      await change(world, Deployments, namespace, 'web', { spec: { replicas: 3 + random.int(5), template: { spec: { containers: [container(`hollow/app:${version}`)] } } } });
    }
  },
};
