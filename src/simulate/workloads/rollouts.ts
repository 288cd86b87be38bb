/** Deployments behind a service: rolled out, scaled, paused, given an image that does not exist, and undone. */
import type { Deployment } from '../../api/apps/v1/types.ts';
import { Deployments, Services } from '../../api/resources.ts';
import { change, container, podSpec, put, type Workload } from './workload.ts';

const namespace = 'default';

function deployment(name: string, replicas: number): Deployment {
  return {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: podSpec('hollow/app:1') } },
  };
}

const image = (name: string): unknown => ({ spec: { template: { spec: { containers: [container(name)] } } } });

export const rollouts: Workload = {
  name: 'rollouts',
  what: 'deployments are rolled out, scaled, paused, broken and undone',
  durationMs: 240_000,
  async run(world) {
    const { clock } = world;
    const random = world.random.fork('rollouts');
    const pause = (): Promise<void> => clock.sleep(random.int(30_000));
    for (const name of ['web', 'api']) {
      await put(world, Deployments, deployment(name, 3 + random.int(4)));
      await put(world, Services, { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { selector: { app: name }, ports: [{ port: 80 }] } });
    }
    await pause();
    await change(world, Deployments, namespace, 'web', image('hollow/app:2'));
    await pause();
    await change(world, Deployments, namespace, 'api', { spec: { replicas: 1 + random.int(8) } });
    await change(world, Deployments, namespace, 'web', image('hollow/missing:3'));
    await pause();
    await change(world, Deployments, namespace, 'api', { spec: { paused: true } });
    await change(world, Deployments, namespace, 'api', image('hollow/app:4'));
    await pause();
    await change(world, Deployments, namespace, 'web', image('hollow/app:2'));
    await change(world, Deployments, namespace, 'api', { spec: { paused: false, replicas: 4 } });
    await pause();
    await change(world, Deployments, namespace, 'web', { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } });
    await change(world, Deployments, namespace, 'web', image('hollow/app:5'));
  },
  verify(state, fail) {
    const web = state.get(Deployments, namespace, 'web');
    if (web?.spec?.template?.spec?.containers[0]?.image !== 'hollow/app:5') fail('the last image of deployment web was lost');
    if (state.get(Deployments, namespace, 'api')?.spec?.replicas !== 4) fail('the last scale of deployment api was lost');
  },
};
