/** Whole lives of pods on a hollow node, on the virtual clock, against an API of a few lines. */
import { describe, expect, test } from 'vitest';
import type { ConfigMap, ContainerStatus, Event, Node, Pod } from '../api/core/v1/types.ts';
import type { Lease } from '../api/coordination/v1/types.ts';
import { formatTime } from '../api/meta/time.ts';
import { createClient, createInformers } from '../client/index.ts';
import { fakeApi, type FakeApi, type FakeRequest } from '../client/fake-api.ts';
import { hollowRuntime, type ContainerRuntime } from '../cri/index.ts';
import { virtualHost, type VirtualHost } from '../simulate/virtual-host.ts';
import { startKubelet, type Kubelet, type KubeletConfig } from './index.ts';

const config: KubeletConfig = {
  nodeName: 'n1', nodeIp: '192.0.2.1', podCidr: '10.1.0.0/24', rootDir: '/k', clusterDns: ['10.96.0.10'], clusterDomain: 'cluster.local', cgroupRoot: '/', cgroupDriver: 'cgroupfs', authentication: 'cert-only',
};

interface Bench {
  host: VirtualHost;
  api: FakeApi;
  runtime: ContainerRuntime;
  kubelet: Kubelet;
  restart(): Promise<void>;
  pod(name: string): Pod | undefined;
  status(name: string, container?: string): ContainerStatus | undefined;
  until(what: string, condition: () => boolean, limitMs?: number): Promise<void>;
  events(): string[];
}

interface StatusPatch { status?: { conditions?: { type: string }[]; podIPs?: { $patch?: string }[] } }

function mergeLists(api: FakeApi, { method, target, json }: FakeRequest): undefined {
  const patch = json as StatusPatch | undefined;
  if (method === 'PATCH' && patch?.status?.podIPs) patch.status.podIPs = patch.status.podIPs.filter((item) => item.$patch === undefined);
  if (method !== 'PATCH' || !patch?.status?.conditions) return;
  const key = target.namespace ? `${target.namespace}/${target.name}` : target.name;
  const before = api.object<Pod>(target.plural, key)?.status?.conditions ?? [];
  const sent = patch.status.conditions.map((c) => Object.fromEntries(Object.entries(c).filter(([, value]) => value !== null)) as typeof c);
  patch.status.conditions = [...sent, ...before.filter((c) => !sent.some((s) => s.type === c.type))];
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function bench(options: { seed?: string; config?: Partial<KubeletConfig> } = {}): Promise<Bench> {
  const host = virtualHost({ seed: options.seed ?? 'x', settle });
  const api = fakeApi(host.clock);
  const client = createClient(api);
  // The few lines merge lists as RFC 7386 does; a status needs what a strategic merge does.
  api.intercept = (request) => mergeLists(api, request);
  const runtime = hollowRuntime(host);
  const start = async (): Promise<Kubelet> => {
    const starting = startKubelet({ host, client, runtime, config: { ...config, ...options.config } });
    await host.clock.advance(0);
    return starting;
  };
  const self: Bench = {
    host, api, runtime,
    kubelet: await start(),
    async restart() {
      const stopping = self.kubelet.stop();
      await host.clock.advance(2_000);
      await stopping;
      self.kubelet = await start();
    },
    pod: (name) => api.object<Pod>('pods', `default/${name}`),
    status: (name, container = 'main') => {
      const { status } = self.pod(name) ?? {};
      return [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? []), ...(status?.ephemeralContainerStatuses ?? [])].find((s) => s.name === container);
    },
    async until(what, condition, limitMs = 60_000) {
      if (!(await host.clock.runUntil(condition, limitMs))) throw new Error(`not within ${limitMs} ms: ${what}\n${JSON.stringify(api.objects('pods'), null, 1)}`);
    },
    events: () => api.objects<Event>('events').map((e) => `${e.involvedObject.name} ${e.reason}: ${e.message}`),
  };
  return self;
}

function makePod(name: string, spec: Partial<Pod['spec']> = {}, metadata: Partial<Pod['metadata']> = {}): Pod {
  return {
    apiVersion: 'v1', kind: 'Pod',
    metadata: { name, namespace: 'default', uid: `uid-${name}`, generation: 1, ...metadata },
    spec: { nodeName: 'n1', restartPolicy: 'Always', terminationGracePeriodSeconds: 30, containers: [{ name: 'main', image: 'app:1' }], ...spec },
    status: { phase: 'Pending' },
  };
}

/** What the API server does on a delete of a running pod. */
function requestDeletion({ api, host, pod }: Bench, name: string, graceSeconds = 30): void {
  const going = structuredClone(pod(name)!);
  going.metadata.deletionTimestamp = formatTime(host.clock.now() + graceSeconds * 1000);
  going.metadata.deletionGracePeriodSeconds = graceSeconds;
  api.put('pods', going);
}

const isReady = (pod: Pod | undefined): boolean => pod?.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;

describe('the node', () => {
  test('registers, becomes ready and renews its lease', async () => {
    const b = await bench({ config: { labels: { zone: 'a' }, taints: [{ key: 'k', effect: 'NoSchedule' }], maxPods: 7 } });
    const node = (): Node | undefined => b.api.object<Node>('nodes', 'n1');
    await b.until('node ready', () => node()?.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false);
    expect(node()).toMatchObject({
      metadata: { labels: { zone: 'a', 'kubernetes.io/hostname': 'n1', 'kubernetes.io/os': 'linux' } },
      spec: { taints: [{ key: 'k', effect: 'NoSchedule' }], podCIDR: '10.1.0.0/24' },
      status: { capacity: { pods: '7' }, nodeInfo: { containerRuntimeVersion: 'hollow://1.0.0', kubeletVersion: 'v1.36.2' }, addresses: [{ type: 'InternalIP', address: '192.0.2.1' }, { type: 'Hostname', address: 'n1' }] },
    });
    const lease = (): Lease | undefined => b.api.object<Lease>('leases', 'kube-node-lease/n1');
    const first = lease()?.spec?.renewTime;
    expect(lease()).toMatchObject({ spec: { holderIdentity: 'n1', leaseDurationSeconds: 40 } });
    await b.host.clock.advance(15_000);
    expect(lease()?.spec?.renewTime).not.toBe(first);
    expect(lease()?.metadata.ownerReferences?.[0]?.kind).toBe('Node');
    const writes = b.api.requests.filter((r) => r.target.plural === 'nodes' && r.method === 'PATCH').length;
    await b.host.clock.advance(60_000);
    expect(b.api.requests.filter((r) => r.target.plural === 'nodes' && r.method === 'PATCH').length).toBe(writes);
    await b.kubelet.stop();
  });

  test('that is stopped while it writes its status does not wait for its next look', async () => {
    const b = await bench();
    await b.until('node ready', () => b.api.object<Node>('nodes', 'n1')?.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false);
    let stoppedMs: number | undefined;
    let writtenMs: number | undefined;
    b.api.intercept = (request) => {
      if (request.method === 'PATCH' && request.target.plural === 'nodes' && writtenMs === undefined) {
        writtenMs = b.host.clock.monotonic();
        void b.kubelet.stop().then(() => (stoppedMs = b.host.clock.monotonic()));
      }
      return mergeLists(b.api, request);
    };
    // A status is repeated every five minutes.
    await b.host.clock.advance(330_000);
    expect(writtenMs).toBeDefined();
    expect(stoppedMs! - writtenMs!).toBeLessThan(5_000);
  });

  test('waits for its range of addresses and is not ready before', async () => {
    const { podCidr: _none, ...without } = config;
    const b = await bench({ config: { ...without, podCidr: undefined } as Partial<KubeletConfig> });
    await b.until('registered', () => b.api.object('nodes', 'n1') !== undefined);
    b.api.put('pods', makePod('a'));
    await b.host.clock.advance(3_000);
    expect(b.pod('a')?.status?.phase).toBe('Pending');
    const node = structuredClone(b.api.object<Node>('nodes', 'n1')!);
    expect(node.status?.conditions?.find((c) => c.type === 'Ready')).toMatchObject({ status: 'False', reason: 'KubeletNotReady' });
    b.api.put('nodes', { ...node, spec: { ...node.spec, podCIDR: '10.5.0.0/24' } } as Node);
    await b.until('pod runs', () => b.pod('a')?.status?.phase === 'Running', 400_000);
    expect(b.pod('a')?.status?.podIP).toBe('10.5.0.2');
  });
});

describe('a pod', () => {
  test('runs, is ready, and tells what it uses', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a'));
    await b.until('ready', () => isReady(b.pod('a')));
    expect(b.pod('a')?.status).toMatchObject({
      phase: 'Running', podIP: '10.1.0.2', podIPs: [{ ip: '10.1.0.2' }], hostIP: '192.0.2.1', qosClass: 'BestEffort', observedGeneration: 1,
      containerStatuses: [{ name: 'main', ready: true, started: true, restartCount: 0, state: { running: {} } }],
    });
    expect(b.status('a')?.containerID).toMatch(/^hollow:\/\/[0-9a-f]{64}$/);
    expect((b.pod('a')?.status?.conditions ?? []).map((c) => `${c.type}=${c.status}`)).toEqual(['PodReadyToStartContainers=True', 'Initialized=True', 'Ready=True', 'ContainersReady=True', 'PodScheduled=True']);
    await b.host.clock.advance(1_000);
    expect(b.events().map((e) => e.split(':')[0])).toEqual(['a Pulling', 'a Pulled', 'a Created', 'a Started']);
    const writes = b.api.requests.filter((r) => r.target.plural === 'pods' && r.method === 'PATCH').length;
    expect(writes).toBeLessThanOrEqual(4);
    await b.host.clock.advance(600_000);
    expect(b.api.requests.filter((r) => r.target.plural === 'pods' && r.method === 'PATCH').length).toBe(writes);
  });

  test.each([
    ['Never', 0, 'Succeeded', 'Completed'],
    ['Never', 3, 'Failed', 'Error'],
    ['OnFailure', 0, 'Succeeded', 'Completed'],
  ])('with restart policy %s whose container ends with %i is %s', async (restartPolicy, code, phase, reason) => {
    const b = await bench();
    b.api.put('pods', makePod('a', { restartPolicy, containers: [{ name: 'main', image: `hollow/exit:${code}-2s` }] }));
    await b.until('over', () => b.pod('a')?.status?.phase === phase);
    expect(b.status('a')).toMatchObject({ ready: false, restartCount: 0, state: { terminated: { exitCode: code, reason } } });
    const ready = b.pod('a')?.status?.conditions?.find((c) => c.type === 'Ready');
    expect(ready).toMatchObject({ status: 'False', reason: phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed' });
    expect((await b.runtime.listPodSandboxes({ state: 'ready' }))).toEqual([]);
  });

  test('that crashes is restarted at once, then later and later', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a', { containers: [{ name: 'main', image: 'hollow/exit:1' }] }));
    await b.until('backing off', () => b.status('a')?.state?.waiting?.reason === 'CrashLoopBackOff');
    expect(b.status('a')).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 1 } } });
    expect(b.status('a')?.state?.waiting?.message).toMatch(/^back-off 10s restarting failed container=main pod=a_default\(uid-a\)$/);
    expect(b.pod('a')?.status?.phase).toBe('Running');
    const at = b.host.clock.monotonic();
    await b.until('third start', () => b.status('a')?.restartCount === 2);
    expect(b.host.clock.monotonic() - at).toBeGreaterThan(9_000);
    expect(b.host.clock.monotonic() - at).toBeLessThan(11_000);
    await b.until('longer back-off', () => b.status('a')?.state?.waiting?.message?.startsWith('back-off 20s') ?? false);
  });

  test('runs init containers one after the other, and sidecars beside', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a', {
      initContainers: [{ name: 'first', image: 'hollow/exit:0-1s' }, { name: 'side', image: 'side:1', restartPolicy: 'Always' }, { name: 'second', image: 'hollow/exit:0-1s' }],
    }));
    await b.until('first runs', () => b.status('a', 'first')?.state?.running !== undefined);
    expect(b.status('a')?.state?.waiting?.reason).toBe('PodInitializing');
    expect(b.pod('a')?.status?.conditions?.find((c) => c.type === 'Initialized')).toMatchObject({ status: 'False', message: 'containers with incomplete status: [first side second]' });
    await b.until('second runs', () => b.status('a', 'second')?.state?.running !== undefined);
    expect(b.status('a', 'side')).toMatchObject({ started: true, state: { running: {} } });
    await b.until('ready', () => isReady(b.pod('a')));
    expect(b.status('a', 'first')).toMatchObject({ ready: true, state: { terminated: { exitCode: 0, reason: 'Completed' } } });
  });

  test('whose init container fails for good never starts', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a', { restartPolicy: 'Never', initContainers: [{ name: 'first', image: 'hollow/exit:4' }] }));
    await b.until('failed', () => b.pod('a')?.status?.phase === 'Failed');
    expect(b.events().some((e) => e.includes('app:1'))).toBe(false);
  });

  test('ends its sidecar when its main container is done', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a', { restartPolicy: 'Never', initContainers: [{ name: 'side', image: 'side:1', restartPolicy: 'Always' }], containers: [{ name: 'main', image: 'hollow/exit:0-1s' }] }));
    await b.until('succeeded', () => b.pod('a')?.status?.phase === 'Succeeded');
    expect(b.status('a', 'side')?.state?.terminated).toBeDefined();
  });

  test('waits for an image that is not to be had, by name', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a', { containers: [{ name: 'main', image: 'hollow/missing:1' }, { name: 'other', image: 'app:1' }] }));
    await b.until('error', () => b.status('a')?.state?.waiting?.reason === 'ErrImagePull');
    await b.until('back-off', () => b.status('a')?.state?.waiting?.reason === 'ImagePullBackOff');
    expect(b.status('a')?.state?.waiting?.message).toMatch(/^Back-off pulling image "hollow\/missing:1": ErrImagePull: rpc error: code = NotFound/);
    expect(b.status('a', 'other')?.state?.running).toBeDefined();
    expect(b.pod('a')?.status?.phase).toBe('Pending');
  });

  test.each([
    ['Bad Image', undefined, 'InvalidImageName'],
    ['app:2', 'Never', 'ErrImageNeverPull'],
  ])('with image %s and pull policy %s waits as %s', async (image, imagePullPolicy, reason) => {
    const b = await bench();
    b.api.put('pods', makePod('a', { containers: [{ name: 'main', image, ...(imagePullPolicy ? { imagePullPolicy } : {}) }] }));
    await b.until('waiting', () => b.status('a')?.state?.waiting?.reason === reason);
  });

  test('waits for a ConfigMap that is missing, and goes on when it is there', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a', { containers: [{ name: 'main', image: 'app:1', env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } }] }] }));
    await b.until('config error', () => b.status('a')?.state?.waiting?.reason === 'CreateContainerConfigError');
    expect(b.status('a')?.state?.waiting?.message).toBe('configmap "c" not found');
    b.api.put('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'default' }, data: { k: 'v' } } as ConfigMap);
    await b.until('running', () => b.pod('a')?.status?.phase === 'Running');
  });

  test('waits for a volume, by name', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a', { volumes: [{ name: 'v', secret: { secretName: 's' } }], containers: [{ name: 'main', image: 'app:1', volumeMounts: [{ name: 'v', mountPath: '/v' }] }] }));
    await b.host.clock.advance(5_000);
    expect(b.status('a')?.state?.waiting?.reason).toBe('ContainerCreating');
    expect(b.events()).toContain('a FailedMount: MountVolume.SetUp failed for volume "v" : secret "s" not found');
  });

  test('is refused where it does not fit, and stays so', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a', { containers: [{ name: 'main', image: 'app:1', resources: { requests: { cpu: '9' } } }] }));
    await b.until('failed', () => b.pod('a')?.status?.phase === 'Failed');
    expect(b.pod('a')?.status).toMatchObject({ reason: 'OutOfcpu', message: 'Pod was rejected: Node didn\'t have enough resource: cpu, requested: 9000, used: 0, capacity: 8000' });
    expect(await b.runtime.listPodSandboxes()).toEqual([]);
  });

  test('is over when its time is up', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a', { activeDeadlineSeconds: 20 }));
    await b.until('failed', () => b.pod('a')?.status?.phase === 'Failed');
    expect(b.pod('a')?.status).toMatchObject({ reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' });
  });

  test('gets its readiness from gates of others', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a', { readinessGates: [{ conditionType: 'example.com/gate' }] }));
    await b.until('running', () => b.pod('a')?.status?.phase === 'Running');
    expect(b.pod('a')?.status?.conditions?.find((c) => c.type === 'Ready')).toMatchObject({ status: 'False', reason: 'ReadinessGatesNotReady' });
    const open = structuredClone(b.pod('a')!);
    open.status!.conditions!.push({ type: 'example.com/gate', status: 'True' });
    b.api.put('pods', open);
    await b.until('ready', () => isReady(b.pod('a')));
  });
});

describe('probes', () => {
  test('a pod is not ready while its probe fails', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a', { containers: [{ name: 'main', image: 'app:1', readinessProbe: { httpGet: { port: 80 }, periodSeconds: 1 } }] }, { annotations: { 'kubets.dev/hollow-unhealthy': 'readiness' } }));
    await b.host.clock.advance(20_000);
    expect(b.status('a')).toMatchObject({ ready: false, started: true });
    expect(b.events().some((e) => e.startsWith('a Unhealthy: Readiness probe failed:'))).toBe(true);
  });

  test('a container that fails its liveness probe is ended and started again', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a', { restartPolicy: 'OnFailure', containers: [{ name: 'main', image: 'app:1', livenessProbe: { exec: { command: ['x'] }, periodSeconds: 2, failureThreshold: 2 } }] }, { annotations: { 'kubets.dev/hollow-unhealthy': 'liveness' } }));
    await b.until('restarted', () => (b.status('a')?.restartCount ?? 0) >= 1);
    expect(b.events()).toContain('a Killing: Container main failed liveness probe, will be restarted');
  });

  test('the other probes wait for the startup probe', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a', { containers: [{ name: 'main', image: 'app:1', startupProbe: { tcpSocket: { port: 1 }, initialDelaySeconds: 5 }, readinessProbe: { tcpSocket: { port: 1 } } }] }));
    await b.until('running', () => b.pod('a')?.status?.phase === 'Running');
    expect(b.status('a')).toMatchObject({ started: false, ready: false });
    const at = b.host.clock.monotonic();
    await b.until('ready', () => isReady(b.pod('a')));
    expect(b.host.clock.monotonic() - at).toBeGreaterThan(4_000);
  });
});

describe('the end of a pod', () => {
  test('deletion ends it in order and leaves nothing', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a'));
    await b.until('ready', () => isReady(b.pod('a')));
    requestDeletion(b, 'a');
    await b.until('gone', () => b.pod('a') === undefined);
    await b.host.clock.advance(1_000);
    expect(await b.runtime.listPodSandboxes()).toEqual([]);
    expect(await b.runtime.listContainers()).toEqual([]);
    expect(b.events()).toContain('a Killing: Stopping container main');
    const removal = b.api.requests.find((r) => r.method === 'DELETE');
    expect(removal?.json).toMatchObject({ gracePeriodSeconds: 0, preconditions: { uid: 'uid-a' } });
  });

  test('one that will not end is killed when its time is over, or sooner when it was shortened', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a', {}, { annotations: { 'kubets.dev/hollow-ignore-stop': 'true' } }));
    await b.until('ready', () => isReady(b.pod('a')));
    const at = b.host.clock.monotonic();
    requestDeletion(b, 'a', 60);
    await b.host.clock.advance(5_000);
    requestDeletion(b, 'a', 10);
    await b.until('gone', () => b.pod('a') === undefined, 120_000);
    expect(b.host.clock.monotonic() - at).toBeGreaterThan(14_000);
    expect(b.host.clock.monotonic() - at).toBeLessThan(17_000);
  });

  test('a preStop hook counts against its time', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a', { containers: [{ name: 'main', image: 'app:1', lifecycle: { preStop: { sleep: { seconds: 8 } } } }] }));
    await b.until('ready', () => isReady(b.pod('a')));
    const at = b.host.clock.monotonic();
    requestDeletion(b, 'a', 30);
    await b.until('gone', () => b.pod('a') === undefined);
    expect(b.host.clock.monotonic() - at).toBeGreaterThanOrEqual(8_000);
    expect(b.host.clock.monotonic() - at).toBeLessThan(10_000);
  });

  test('one that is taken out of the API by force is ended all the same', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a'));
    await b.until('ready', () => isReady(b.pod('a')));
    b.api.remove('pods', 'default/a');
    await b.host.clock.advance(5_000);
    expect(await b.runtime.listPodSandboxes()).toEqual([]);
  });

  test('one that is deleted while it starts leaves nothing', async () => {
    for (const delayMs of [0, 30, 100, 200, 300, 400, 500, 600]) {
      const b = await bench({ seed: `delete ${delayMs}` });
      b.api.put('pods', makePod('a'));
      await b.host.clock.advance(delayMs);
      requestDeletion(b, 'a', 5);
      await b.until('gone', () => b.pod('a') === undefined);
      await b.host.clock.advance(3_000);
      expect(await b.runtime.listPodSandboxes()).toEqual([]);
      expect(await b.runtime.listContainers()).toEqual([]);
    }
  });
});

describe('a status that somebody else changes', () => {
  test('is said again, however often', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a'));
    await b.until('ready', () => isReady(b.pod('a')));
    for (let i = 0; i < 3; i++) {
      const pod = b.pod('a')!;
      // As node-lifecycle does for a node that has fallen silent.
      const conditions = pod.status!.conditions!.map((c) => (c.type === 'Ready' ? { ...c, status: 'False' as const, reason: 'NodeLost' } : c));
      b.api.put('pods', { ...pod, status: { ...pod.status, conditions } } as Pod);
      await b.until('ready again', () => isReady(b.pod('a')));
      expect(b.pod('a')!.status!.conditions!.find((c) => c.type === 'Ready')).not.toHaveProperty('reason');
    }
  });
});

describe('restarts of the kubelet', () => {
  test('running containers are taken over as they are', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a', { containers: [{ name: 'main', image: 'app:1', readinessProbe: { tcpSocket: { port: 1 }, initialDelaySeconds: 30 } }] }));
    await b.until('ready', () => isReady(b.pod('a')), 120_000);
    const before = b.status('a');
    const writes = b.api.requests.filter((r) => r.target.plural === 'pods' && r.method === 'PATCH').length;
    await b.restart();
    await b.host.clock.advance(60_000);
    expect(b.status('a')).toEqual(before);
    expect(b.api.requests.filter((r) => r.target.plural === 'pods' && r.method === 'PATCH').length).toBe(writes);
  });

  test('what ended meanwhile is told, what was deleted meanwhile is ended', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a', { restartPolicy: 'Never', containers: [{ name: 'main', image: 'hollow/exit:0-30s' }] }));
    b.api.put('pods', makePod('b'));
    await b.until('both run', () => b.pod('a')?.status?.phase === 'Running' && b.pod('b')?.status?.phase === 'Running');
    const stopping = b.kubelet.stop();
    await b.host.clock.advance(2_000);
    await stopping;
    requestDeletion(b, 'b');
    await b.host.clock.advance(60_000);
    expect(b.pod('a')?.status?.phase).toBe('Running');
    await b.restart();
    await b.until('told and ended', () => b.pod('a')?.status?.phase === 'Succeeded' && b.pod('b') === undefined);
  });

  test('a new sandbox is made where the old one died', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a'));
    await b.until('ready', () => isReady(b.pod('a')));
    const [sandbox] = await b.runtime.listPodSandboxes();
    await b.runtime.stopPodSandbox(sandbox!.id);
    await b.until('again', () => (b.status('a')?.restartCount ?? 0) === 1 && isReady(b.pod('a')));
    expect((await b.runtime.listPodSandboxes({ state: 'ready' }))[0]?.metadata.attempt).toBe(1);
    expect(b.events()).toContain('a SandboxChanged: Pod sandbox changed, it will be killed and re-created.');
  });
});

describe('the API away', () => {
  test('no status is lost', async () => {
    const b = await bench();
    b.api.put('pods', makePod('a'));
    b.api.intercept = (request) => {
      if (request.method === 'PATCH') throw new Error('connection refused');
      return undefined;
    };
    await b.host.clock.advance(20_000);
    expect(b.pod('a')?.status?.phase).toBe('Pending');
    b.api.intercept = (request) => mergeLists(b.api, request);
    await b.until('told', () => isReady(b.pod('a')));
  });
});

describe('many nodes', () => {
  test('share a watch, and the same seed gives the same history', async () => {
    async function history(seed: string): Promise<{ lines: string[]; watches: number }> {
      const host = virtualHost({ seed, settle });
      const api = fakeApi(host.clock);
      const client = createClient(api);
      const informers = createInformers(host, client);
      const lines: string[] = [];
      api.intercept = (request) => {
        if (request.method !== 'GET' && request.target.plural === 'pods') lines.push(`${host.clock.monotonic()} ${request.target.name} ${JSON.stringify(request.json)}`);
        return undefined;
      };
      const kubelets = Promise.all(Array.from({ length: 5 }, (_, i) => startKubelet({
        host: { ...host, random: host.random.fork(`n${i}`) }, client, informers, runtime: hollowRuntime({ clock: host.clock, random: host.random.fork(`n${i}`) }), config: { ...config, nodeName: `n${i}`, podCidr: `10.${i}.0.0/24` },
      })));
      await host.clock.advance(100);
      for (let i = 0; i < 20; i++) api.put('pods', makePod(`p${i}`, { nodeName: `n${i % 5}` }));
      const ran = await host.clock.runUntil(() => api.objects<Pod>('pods').every(isReady), 30_000);
      expect(ran).toBe(true);
      await kubelets;
      return { lines, watches: api.watches };
    }
    const one = await history('s');
    // One of pods, one of nodes.
    expect(one.watches).toBe(2);
    expect(await history('s')).toEqual(one);
    expect((await history('t')).lines).not.toEqual(one.lines);
  });
});
