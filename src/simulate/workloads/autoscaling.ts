/** A deployment under a load that rises and falls, steered by an autoscaler whose metrics come from the load. */
import { isPodReady } from '../../api/core/v1/pods.ts';
import { formatTime } from '../../api/meta/time.ts';
import { parseLabelSelector } from '../../api/meta/selectors.ts';
import { Deployments, HorizontalPodAutoscalers, Pods } from '../../api/resources.ts';
import type { ApiRequest } from '../../client/types.ts';
import type { World } from '../world.ts';
import { podSpec, put, type Workload } from './workload.ts';

const namespace = 'default';
const limits = { minReplicas: 2, maxReplicas: 8 };
/** What each pod asks for, in thousandths of a CPU; the autoscaler wants half of it used. */
const requestMilli = 100;
const finalLoadMilli = 200;

/** What the metrics API says of pods: the load, shared by all that are ready. */
function metrics(world: World, { path, query }: ApiRequest, loadMilli: number): object | undefined {
  if (!path.startsWith(`/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`)) return undefined;
  const matches = parseLabelSelector(String(query?.labelSelector ?? ''));
  const pods = world.state.list(Pods, namespace).filter((pod) => matches(pod.metadata.labels) && isPodReady(pod));
  const usage = { cpu: `${Math.round((loadMilli / Math.max(pods.length, 1)) * 1_000_000)}n`, memory: '10Mi' };
  const items = pods.map((pod) => ({ metadata: { name: pod.metadata.name, namespace, labels: pod.metadata.labels }, timestamp: formatTime(world.clock.now()), window: '15s', containers: [{ name: 'main', usage }] }));
  return { kind: 'PodMetricsList', apiVersion: 'metrics.k8s.io/v1beta1', metadata: {}, items };
}

export const autoscaling: Workload = {
  name: 'autoscaling',
  what: 'an autoscaler follows a load',
  durationMs: 240_000,
  async run(world) {
    const random = world.random.fork('autoscaling');
    let loadMilli = 150;
    world.network.aggregated = (request) => metrics(world, request, loadMilli);
    await put(world, Deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace }, spec: { selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: podSpec() } } });
    await put(world, HorizontalPodAutoscalers, {
      apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'web', namespace },
      spec: { ...limits, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }] },
    });
    for (let i = 0; i < 4; i++) {
      await world.clock.sleep(30_000 + random.int(60_000));
      loadMilli = random.int(800);
      world.note(`the load is ${loadMilli} m`);
    }
    loadMilli = finalLoadMilli;
    world.note(`the load is ${loadMilli} m`);
  },
  verify(state, fail) {
    const replicas = state.get(Deployments, namespace, 'web')?.spec?.replicas ?? 0;
    const wanted = finalLoadMilli / (requestMilli / 2);
    // Within tolerance the number of replicas stays: one more than needed is 20 % less load, and goes.
    if (replicas !== wanted) fail(`the autoscaler holds ${replicas} replicas, and the load asks for ${wanted}`);
  },
};
