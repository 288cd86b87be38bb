/**
 * The workload controllers and the scheduler against the real API server on the memory store and the virtual clock. The test plays kubelet: it
 * sets pods' status and takes terminated pods away.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ControllerRevision, DaemonSet, Deployment, ReplicaSet } from '../../api/apps/v1/types.ts';
import type { Job } from '../../api/batch/v1/types.ts';
import type { Event, Pod } from '../../api/core/v1/types.ts';
import { isPodTerminal } from '../../api/core/v1/pods.ts';
import { formatTime } from '../../api/meta/time.ts';
import { ControllerRevisions, DaemonSets, Deployments, Events, Jobs, Nodes, Pods, ReplicaSets } from '../../api/resources.ts';
import type { Client } from '../../client/index.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import type { VirtualHost } from '../../simulate/virtual-host.ts';
import type { Backend } from '../../store/backend.ts';
import { memoryBackend } from '../../store/memory.ts';
import { startControlPlane } from '../../testing/control-plane.ts';
import type { ControlPlane } from '../../testing/control-plane.ts';

const CONTROLLERS = ['namespace-controller', 'serviceaccount-controller', 'replicaset-controller', 'deployment-controller', 'daemonset-controller', 'job-controller', 'garbage-collector-controller'];
const labels = { app: 'web' };
const template = (image: string, extra: object = {}) => ({ metadata: { labels }, spec: { containers: [{ name: 'main', image, resources: { requests: { cpu: '100m' } } }], ...extra } });

describe('against the real API server', () => {
  let host: VirtualHost;
  let plane: ControlPlane;
  let client: Client;
  let backend: Backend;

  async function drive<T>(work: Promise<T>): Promise<T> {
    let done = false;
    work.finally(() => (done = true)).catch(() => undefined);
    await host.clock.runUntil(() => done, 600_000);
    return work;
  }
  const pods = async (): Promise<Pod[]> => (await drive(client.of(Pods).inNamespace('default').list())).items;

  /** A round of the kubelet: bound pods run and become ready, deleted ones go. */
  async function kubelet(finish?: 'Succeeded' | 'Failed'): Promise<void> {
    for (const pod of await pods()) {
      const mine = client.of(Pods).inNamespace('default');
      if (pod.metadata.deletionTimestamp) {
        await drive(mine.delete(pod.metadata.name!, { gracePeriodSeconds: 0 }).catch(() => undefined));
        continue;
      }
      if (!pod.spec?.nodeName || isPodTerminal(pod)) continue;
      const time = formatTime(host.clock.now());
      const running = pod.status?.phase === 'Running';
      const exitCode = finish === 'Failed' ? 1 : 0;
      const status = finish && running
        ? { phase: finish, containerStatuses: [{ name: 'main', image: 'x', imageID: 'x', ready: false, restartCount: 0, state: { terminated: { exitCode, finishedAt: time } } }] }
        : running ? undefined : { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: time }] };
      if (status) await drive(mine.patch(pod.metadata.name!, { status }, { type: 'strategic', subresource: 'status' }));
    }
  }
  async function rounds(count: number, finish?: 'Succeeded' | 'Failed'): Promise<void> {
    for (let i = 0; i < count; i++) {
      await host.clock.advance(1000);
      await kubelet(finish);
    }
    await host.clock.advance(1000);
  }

  beforeEach(async () => {
    host = virtualHost({ seed: 'real', settle: turn });
    backend = memoryBackend({ clock: host.clock });
    const start = startControlPlane({
      host, enabledControllers: CONTROLLERS,
      server: { backend, version: '0.0.0-test', serviceCidr: '10.96.0.0/16', nodePortRange: { from: 30_000, to: 32_767 }, authentication: {}, authorizationModes: ['Node', 'RBAC'], securePort: 6443, kubeletClient: {} },
    });
    plane = await drive(start);
    await drive(plane.startWorkers());
    client = plane.client();
    for (const name of ['a', 'b', 'c']) {
      await drive(client.of(Nodes).create({ metadata: { name, labels: { 'kubernetes.io/hostname': name } } }));
      const allocatable = { cpu: '4', memory: '8Gi', pods: '110' };
      await drive(client.of(Nodes).patch(name, { status: { allocatable, capacity: allocatable, conditions: [{ type: 'Ready', status: 'True' }] } }, { subresource: 'status' }));
      const node = await drive(client.of(Nodes).get(name));
      // Nodes start tainted until their lifecycle controller, which does not run here, sees them ready.
      if (node.spec?.taints) await drive(client.of(Nodes).patch(name, { spec: { taints: null } }, { type: 'merge' }));
    }
    await host.clock.advance(2000);
  });
  /** Requests that the server refused for want of rights: every controller acts as its own account. */
  async function refusedRequests(): Promise<string[]> {
    const { body } = await client.transport.send({ method: 'GET', path: '/metrics' });
    let text = '';
    for await (const chunk of body) text += Buffer.from(chunk).toString();
    expect(text).toMatch(/^apiserver_request_total\{.*code="201"/m);
    return text.split('\n').filter((line) => line.startsWith('apiserver_request_total{') && line.includes('code="403"'));
  }
  afterEach(async () => {
    expect(await drive(refusedRequests())).toEqual([]);
    await drive(plane.stop());
  });

  test('deployment: roll out, scale, new image, undo, delete', async () => {
    const mine = client.of(Deployments).inNamespace('default');
    await drive(mine.create({ metadata: { name: 'web' }, spec: { replicas: 4, selector: { matchLabels: labels }, template: template('web:1') } } as Deployment));
    await rounds(4);
    let web = await drive(mine.get('web'));
    expect(web.status).toMatchObject({ observedGeneration: web.metadata.generation, replicas: 4, updatedReplicas: 4, readyReplicas: 4, availableReplicas: 4 });
    expect(web.status!.conditions!.map((c) => `${c.type} ${c.status} ${c.reason}`).toSorted()).toEqual(['Available True MinimumReplicasAvailable', 'Progressing True NewReplicaSetAvailable']);
    expect(new Set((await pods()).map((pod) => pod.spec!.nodeName)).size).toBeGreaterThan(1);

    await drive(mine.updateSubresource('web', 'scale', { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web', namespace: 'default' }, spec: { replicas: 6 } }));
    await rounds(4);
    expect(await pods()).toHaveLength(6);

    await drive(mine.patch('web', { spec: { template: template('web:2') } }));
    await rounds(10);
    web = await drive(mine.get('web'));
    expect(web.metadata.annotations!['deployment.kubernetes.io/revision']).toBe('2');
    expect((await pods()).map((pod) => pod.spec!.containers[0]!.image)).toEqual(Array.from({ length: 6 }, () => 'web:2'));
    expect(web.status).toMatchObject({ replicas: 6, updatedReplicas: 6, availableReplicas: 6 });

    // What `kubectl rollout undo` does: the template of the old ReplicaSet without its hash goes back into the Deployment.
    const sets = (await drive(client.of(ReplicaSets).inNamespace('default').list())).items;
    const old = structuredClone(sets.find((set: ReplicaSet) => set.spec!.replicas === 0)!.spec!.template!);
    delete old.metadata!.labels!['pod-template-hash'];
    await drive(mine.patch('web', [{ op: 'replace', path: '/spec/template', value: old }], { type: 'json' }));
    await rounds(10);
    web = await drive(mine.get('web'));
    expect(web.metadata.annotations!['deployment.kubernetes.io/revision']).toBe('3');
    expect(new Set((await pods()).map((pod) => pod.spec!.containers[0]!.image))).toEqual(new Set(['web:1']));
    expect((await drive(client.of(ReplicaSets).inNamespace('default').list())).items).toHaveLength(2);
    const events = (await drive(client.of(Events).inNamespace('default').list())).items as Event[];
    expect(events.filter((event) => event.reason === 'ScalingReplicaSet' && event.involvedObject.name === 'web').length).toBeGreaterThan(5);

    await drive(mine.delete('web', { propagationPolicy: 'Background' }));
    await rounds(6);
    expect(await pods()).toEqual([]);
  });

  test('job: counts, completes, and its pods stay', async () => {
    const mine = client.of(Jobs).inNamespace('default');
    const body = { metadata: { name: 'work' }, spec: { completions: 3, parallelism: 2, completionMode: 'Indexed', template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'task' }] } } } };
    await drive(mine.create(body as Job));
    await rounds(8, 'Succeeded');
    const work = await drive(mine.get('work'));
    expect(work.status).toMatchObject({ succeeded: 3, completedIndexes: '0-2', completionTime: expect.any(String) });
    expect(work.status!.conditions!.map((c) => c.type)).toEqual(['SuccessCriteriaMet', 'Complete']);
    const left = await pods();
    expect(left).toHaveLength(3);
    expect(left.flatMap((pod) => pod.metadata.finalizers ?? [])).toEqual([]);
    await drive(mine.delete('work', { propagationPolicy: 'Background' }));
    await rounds(5);
    expect(await pods()).toEqual([]);
  });

  test('job: failures end it at backoffLimit; deleting a running job leaves no pod behind', async () => {
    const mine = client.of(Jobs).inNamespace('default');
    const body = (name: string) => ({ metadata: { name }, spec: { backoffLimit: 1, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'task' }] } } } }) as Job;
    await drive(mine.create(body('bad')));
    await rounds(40, 'Failed');
    const bad = await drive(mine.get('bad'));
    expect(bad.status).toMatchObject({ failed: 2 });
    expect(bad.status!.conditions!.map((c) => `${c.type} ${c.reason}`)).toEqual(['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded']);
    await drive(mine.create(body('long')));
    await rounds(3);
    await drive(mine.delete('long', { propagationPolicy: 'Background' }));
    await rounds(5);
    expect((await pods()).filter((pod) => pod.metadata.name!.startsWith('long'))).toEqual([]);
  });

  test('daemonset: one a node, rolling update', async () => {
    const mine = client.of(DaemonSets).inNamespace('default');
    await drive(mine.create({ metadata: { name: 'agent' }, spec: { selector: { matchLabels: labels }, template: template('agent:1') } } as DaemonSet));
    await rounds(4);
    expect((await pods()).map((pod) => pod.spec!.nodeName).toSorted()).toEqual(['a', 'b', 'c']);
    await drive(mine.patch('agent', { spec: { template: template('agent:2') } }));
    await rounds(15);
    expect((await pods()).map((pod) => `${pod.spec!.nodeName} ${pod.spec!.containers[0]!.image}`).toSorted()).toEqual(['a agent:2', 'b agent:2', 'c agent:2']);
    const agent = await drive(mine.get('agent'));
    expect(agent.status).toMatchObject({ desiredNumberScheduled: 3, currentNumberScheduled: 3, updatedNumberScheduled: 3, numberReady: 3, numberAvailable: 3, observedGeneration: agent.metadata.generation });
    const revisions = (await drive(client.of(ControllerRevisions).inNamespace('default').list())).items as ControllerRevision[];
    expect(revisions.map((revision) => revision.revision).toSorted()).toEqual([1, 2]);
    expect(revisions[0]!.data).toMatchObject({ spec: { template: { $patch: 'replace' } } });
  });

  test('settled workloads write nothing', async () => {
    await drive(client.of(Deployments).inNamespace('default').create({ metadata: { name: 'web' }, spec: { replicas: 2, selector: { matchLabels: labels }, template: template('web:1') } } as Deployment));
    await drive(client.of(DaemonSets).inNamespace('default').create({ metadata: { name: 'agent' }, spec: { selector: { matchLabels: { app: 'agent' } }, template: { ...template('agent:1'), metadata: { labels: { app: 'agent' } } } } } as DaemonSet));
    await drive(client.of(Jobs).inNamespace('default').create({ metadata: { name: 'work' }, spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'task' }] } } } } as Job));
    await rounds(6);
    const writes: string[] = [];
    const from = await drive(backend.revision());
    const stop = new AbortController();
    void (async () => {
      for await (const batch of backend.watch('/registry/', from, stop.signal)) for (const change of batch.changes) writes.push(change.key);
    })().catch(() => undefined);
    await host.clock.advance(30 * 60_000);
    // The last one shows that writes would have been seen.
    await drive(client.of(Deployments).inNamespace('default').patch('web', { metadata: { labels: { touched: 'yes' } } }));
    await host.clock.advance(60_000);
    stop.abort();
    expect(writes.filter((key) => !key.startsWith('/registry/leases/') && !key.startsWith('/registry/masterleases/'))).toEqual(['/registry/deployments/default/web']);
  });

  test('a pod that fits nowhere says why, and is placed when it fits', async () => {
    const mine = client.of(Pods).inNamespace('default');
    await drive(mine.create({ metadata: { name: 'big' }, spec: { containers: [{ name: 'main', image: 'x', resources: { requests: { cpu: '6' } } }] } } as Pod));
    await host.clock.advance(2000);
    const big = await drive(mine.get('big'));
    expect(big.status!.conditions).toMatchObject([{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: expect.stringMatching(/^0\/3 nodes are available: 3 Insufficient cpu\./) }]);
    await drive(client.of(Nodes).patch('b', { status: { allocatable: { cpu: '8', memory: '8Gi', pods: '110' } } }, { subresource: 'status' }));
    await host.clock.advance(3000);
    const placed = await drive(mine.get('big'));
    expect(placed.spec!.nodeName).toBe('b');
    expect(placed.status!.conditions).toMatchObject([{ type: 'PodScheduled', status: 'True' }]);
  });

  test('preemption: the less important pod makes room', async () => {
    const mine = client.of(Pods).inNamespace('default');
    const pod = (name: string, priorityClassName?: string): Pod => ({ metadata: { name }, spec: { ...(priorityClassName ? { priorityClassName } : {}), containers: [{ name: 'main', image: 'x', resources: { requests: { cpu: '3' } } }] } }) as Pod;
    for (const name of ['one', 'two', 'three']) await drive(mine.create(pod(name)));
    await rounds(3);
    await drive(client.request({ method: 'POST', path: '/apis/scheduling.k8s.io/v1/priorityclasses', body: JSON.stringify({ metadata: { name: 'high' }, value: 1000 }), headers: { 'content-type': 'application/json' } }));
    await host.clock.advance(1000);
    await drive(mine.create(pod('vip', 'high')));
    await host.clock.advance(1000);
    const nominated = (await drive(mine.get('vip'))).status!.nominatedNodeName;
    expect(nominated).toBeDefined();
    await rounds(4);
    expect((await drive(mine.get('vip'))).spec!.nodeName).toBe(nominated);
    expect(await pods()).toHaveLength(3);
  });
});
