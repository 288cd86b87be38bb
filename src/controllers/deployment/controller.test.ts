import { afterEach, describe, expect, test } from 'vitest';
import type { Deployment, ReplicaSet } from '../../api/apps/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { about, fakeCluster } from '../shared/fake-cluster.ts';
import type { FakeCluster } from '../shared/fake-cluster.ts';
import { startReplicaSet } from '../replicaset/controller.ts';
import { startDeployment } from './controller.ts';
import { REVISION_ANNOTATION } from './replica-sets.ts';

const newHost = () => virtualHost({ seed: 'deployment', settle: turn });

function deployment(name: string, replicas: number, extra: Partial<NonNullable<Deployment['spec']>> = {}): Deployment {
  return {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: about(name, { annotations: { note: 'kept' } }),
    spec: {
      replicas, selector: { matchLabels: { app: name } }, progressDeadlineSeconds: 600, revisionHistoryLimit: 10,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'web:1' }] } },
      ...extra,
    },
  };
}

const setImage = (image: string) => (object: Deployment) => {
  object.spec!.template.spec!.containers[0]!.image = image;
};

describe('deployment controller', () => {
  let cluster: FakeCluster;
  afterEach(() => cluster.stop());

  const sizes = (): Record<string, number> =>
    Object.fromEntries(cluster.context.api.objects<ReplicaSet>('replicasets').map((set) => [set.spec!.template!.spec!.containers[0]!.image!, set.spec!.replicas!]));
  const progressing = (name: string): string | undefined => cluster.get<Deployment>('deployments', name).status?.conditions?.find((c) => c.type === 'Progressing')?.reason;
  /** Makes pods ready until nothing moves any more; returns the largest and smallest numbers seen on the way. */
  async function settle(): Promise<{ most: number; fewestReady: number }> {
    let most = 0;
    let fewestReady = Infinity;
    for (let i = 0; i < 30; i++) {
      await cluster.advance(1000);
      most = Math.max(most, cluster.pods().length);
      fewestReady = Math.min(fewestReady, cluster.pods().filter((pod) => pod.status?.phase === 'Running').length);
      cluster.makeReady(cluster.pods().filter((pod) => pod.status?.phase !== 'Running'));
    }
    return { most, fewestReady };
  }

  test('brings up pods, says so, and completes', async () => {
    cluster = fakeCluster(newHost(), startDeployment, startReplicaSet);
    cluster.context.api.put('deployments', deployment('web', 3));
    await cluster.advance();
    expect(cluster.pods()).toHaveLength(3);
    expect(progressing('web')).toBe('ReplicaSetUpdated');
    await settle();
    const { status, metadata } = cluster.get<Deployment>('deployments', 'web');
    expect(status).toMatchObject({ replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3, unavailableReplicas: 0, observedGeneration: 1 });
    expect(metadata.annotations).toMatchObject({ [REVISION_ANNOTATION]: '1' });
    expect(status?.conditions?.map((c) => `${c.type} ${c.status} ${c.reason}`).toSorted()).toEqual(['Available True MinimumReplicasAvailable', 'Progressing True NewReplicaSetAvailable']);
    const [set] = cluster.context.api.objects<ReplicaSet>('replicasets');
    expect(set!.metadata.annotations).toMatchObject({ note: 'kept', [REVISION_ANNOTATION]: '1', 'deployment.kubernetes.io/desired-replicas': '3', 'deployment.kubernetes.io/max-replicas': '4' });
    expect(set!.metadata.name).toBe(`web-${set!.metadata.labels!['pod-template-hash']}`);
    expect(cluster.pods()[0]!.metadata).toMatchObject({ labels: { app: 'web', 'pod-template-hash': set!.metadata.labels!['pod-template-hash'] } });
    expect(cluster.events('web')).toEqual([`ScalingReplicaSet: Scaled up replica set ${set!.metadata.name} from 0 to 3`]);
  });

  test('a rolling update keeps within its limits and ends with new pods only', async () => {
    cluster = fakeCluster(newHost(), startDeployment, startReplicaSet);
    cluster.context.api.put('deployments', deployment('web', 8));
    await settle();
    cluster.change('deployments', 'web', setImage('web:2'));
    const { most, fewestReady } = await settle();
    expect(most).toBeLessThanOrEqual(10);
    expect(fewestReady).toBeGreaterThanOrEqual(6);
    expect(sizes()).toEqual({ 'web:1': 0, 'web:2': 8 });
    expect(cluster.pods().every((pod) => pod.spec!.containers[0]!.image === 'web:2')).toBe(true);
    expect(progressing('web')).toBe('NewReplicaSetAvailable');
  });

  test('undo: the old template comes back under a new revision', async () => {
    cluster = fakeCluster(newHost(), startDeployment, startReplicaSet);
    cluster.context.api.put('deployments', deployment('web', 2));
    await settle();
    cluster.change('deployments', 'web', setImage('web:2'));
    await settle();
    expect(cluster.get<Deployment>('deployments', 'web').metadata.annotations![REVISION_ANNOTATION]).toBe('2');
    cluster.change('deployments', 'web', setImage('web:1'));
    await settle();
    expect(sizes()).toEqual({ 'web:1': 2, 'web:2': 0 });
    const first = cluster.context.api.objects<ReplicaSet>('replicasets').find((set) => set.spec!.replicas === 2)!;
    expect(first.metadata.annotations).toMatchObject({ [REVISION_ANNOTATION]: '3', 'deployment.kubernetes.io/revision-history': '1' });
    expect(cluster.get<Deployment>('deployments', 'web').metadata.annotations![REVISION_ANNOTATION]).toBe('3');
  });

  test('recreate: no new pod before the last old one is gone', async () => {
    cluster = fakeCluster(newHost(), startDeployment, startReplicaSet);
    cluster.context.api.put('deployments', deployment('web', 3, { strategy: { type: 'Recreate' } }));
    await settle();
    const held = cluster.pods()[0]!;
    cluster.change('pods', held.metadata.name!, (pod) => {
      pod.metadata.finalizers = ['example.com/slow'];
    });
    cluster.change('deployments', 'web', setImage('web:2'));
    await settle();
    expect(cluster.pods().map((pod) => pod.metadata.name)).toEqual([held.metadata.name]);
    cluster.context.api.remove('pods', `default/${held.metadata.name}`);
    await settle();
    expect(cluster.pods().map((pod) => pod.spec!.containers[0]!.image)).toEqual(['web:2', 'web:2', 'web:2']);
  });

  test('paused: a new template waits, a new size does not', async () => {
    cluster = fakeCluster(newHost(), startDeployment, startReplicaSet);
    cluster.context.api.put('deployments', deployment('web', 2));
    await settle();
    cluster.change<Deployment>('deployments', 'web', (object) => {
      object.spec!.paused = true;
      setImage('web:2')(object);
    });
    await settle();
    expect(sizes()).toEqual({ 'web:1': 2 });
    expect(progressing('web')).toBe('DeploymentPaused');
    cluster.change<Deployment>('deployments', 'web', (object) => {
      object.spec!.replicas = 4;
    });
    await settle();
    expect(sizes()).toEqual({ 'web:1': 4 });
    cluster.change<Deployment>('deployments', 'web', (object) => {
      object.spec!.paused = false;
    });
    await settle();
    expect(sizes()).toEqual({ 'web:1': 0, 'web:2': 4 });
  });

  test('scaling in the middle of a rollout is shared in proportion', async () => {
    cluster = fakeCluster(newHost(), startDeployment, startReplicaSet);
    cluster.context.api.put('deployments', deployment('web', 10, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } }));
    await settle();
    cluster.change('deployments', 'web', setImage('web:broken'));
    await cluster.advance(5000);
    expect(sizes()).toEqual({ 'web:1': 8, 'web:broken': 5 });
    cluster.change<Deployment>('deployments', 'web', (object) => {
      object.spec!.replicas = 15;
    });
    await cluster.advance(5000);
    expect(sizes()).toEqual({ 'web:1': 11, 'web:broken': 7 });
  });

  test('no progress until the deadline: ProgressDeadlineExceeded', async () => {
    cluster = fakeCluster(newHost(), startDeployment, startReplicaSet);
    cluster.context.api.put('deployments', deployment('web', 1, { progressDeadlineSeconds: 30 }));
    await cluster.advance(25_000);
    expect(progressing('web')).toBe('ReplicaSetUpdated');
    await cluster.advance(10_000);
    expect(progressing('web')).toBe('ProgressDeadlineExceeded');
    expect(cluster.get<Deployment>('deployments', 'web').status?.conditions?.find((c) => c.type === 'Progressing')?.status).toBe('False');
    await settle();
    expect(progressing('web')).toBe('NewReplicaSetAvailable');
  });

  test('old ReplicaSets beyond the history limit go', async () => {
    cluster = fakeCluster(newHost(), startDeployment, startReplicaSet);
    cluster.context.api.put('deployments', deployment('web', 1, { revisionHistoryLimit: 1 }));
    await settle();
    for (const image of ['web:2', 'web:3', 'web:4']) {
      cluster.change('deployments', 'web', setImage(image));
      await settle();
    }
    expect(sizes()).toEqual({ 'web:3': 0, 'web:4': 1 });
  });

  test('an idle deployment writes nothing', async () => {
    cluster = fakeCluster(newHost(), startDeployment, startReplicaSet);
    cluster.context.api.put('deployments', deployment('web', 3));
    await settle();
    const before = cluster.context.api.requests.length;
    await cluster.advance(3_600_000);
    expect(cluster.context.api.requests.slice(before).filter((r) => r.method !== 'GET')).toEqual([]);
  });
});
