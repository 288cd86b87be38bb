/** The kubelet on a containerd of the test's own, in a network namespace of its own. Skipped where that cannot run. */
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConfigMap, ContainerStatus, Event, Pod, Secret, Service } from '../api/core/v1/types.ts';
import { formatTime } from '../api/meta/time.ts';
import { fakeApi, type FakeApi } from '../client/fake-api.ts';
import { createClient } from '../client/index.ts';
import { startTestContainerd, type TestContainerd } from '../cri/containerd-harness.ts';
import { nodeHost } from '../host/node/index.ts';
import { busyboxImage } from '../images/busybox.ts';
import { pauseImage, pauseImageName } from '../images/pause.ts';
import { startKubelet, type Kubelet } from './index.ts';

const host = nodeHost({ logLevel: 'error' });
const can = process.getuid?.() === 0 && existsSync('/usr/bin/containerd') && existsSync('/usr/lib/cni/bridge') && existsSync('/bin/busybox');
if (!can) console.warn('kubelet tests on containerd skipped: they need root, containerd, the CNI plug-ins and busybox');

const image = 'docker.io/library/busybox:1';
const pollMs = 20;

describe.runIf(can)('the kubelet on containerd', () => {
  let folder: string;
  let containerd: TestContainerd;
  let api: FakeApi;
  let kubelet: Kubelet;
  const hostFolder = (): string => join(folder, 'shared');

  async function start(): Promise<void> {
    kubelet = await startKubelet({
      host, client: createClient(api), runtime: containerd.runtime,
      config: {
        nodeName: 'n1', nodeIp: '127.0.0.1', podCidr: '10.88.7.0/24', rootDir: join(folder, 'kubelet'), clusterDns: ['10.96.0.10'], clusterDomain: 'cluster.local',
        cgroupRoot: containerd.cgroupParent, cgroupDriver: 'cgroupfs', authentication: 'cert-only', staticPodPath: join(folder, 'manifests'),
        timing: { volumeRefreshMs: 300, crashBackoffBaseMs: 300, staticPodsMs: 500 },
      },
    });
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kubets-kubelet-'));
    await host.disk.mkdir(join(folder, 'containerd'));
    await host.disk.mkdir(hostFolder());
    const archives = [(await pauseImage('amd64', [pauseImageName])).archive, (await busyboxImage(host, { names: [image] })).archive];
    containerd = await startTestContainerd(host, { folder: join(folder, 'containerd'), archives, sandboxImage: pauseImageName });
    api = fakeApi(host.clock);
    api.intercept = ({ target, method, json }) => {
      const patch = json as { status?: { podIPs?: { $patch?: string }[]; conditions?: object[] } } | undefined;
      if (patch?.status?.conditions) patch.status.conditions = patch.status.conditions.map((c) => Object.fromEntries(Object.entries(c).filter(([, value]) => value !== null)));
      if (patch?.status?.podIPs) patch.status.podIPs = patch.status.podIPs.filter((item) => item.$patch === undefined);
      if (target.subresource !== 'token' || method !== 'POST') return undefined;
      const body = { ...(json as object), status: { token: `token of ${target.name}`, expirationTimestamp: formatTime(host.clock.now() + 3_600_000) } };
      return { status: 201, headers: {}, body: (async function* bytes() { yield Buffer.from(JSON.stringify(body)); })() };
    };
    await start();
  }, 60_000);

  afterAll(async () => {
    await kubelet?.stop();
    await containerd?.stop();
    const mounts = (): string[] => readFileSync('/proc/self/mountinfo', 'utf8').split('\n').filter((line) => line.includes(folder)).map((line) => line.split(' ')[4]!);
    // Only the one file system for secrets is the kubelet's to keep over restarts.
    expect(mounts()).toEqual([join(folder, 'kubelet/memory')]);
    await host.exec.run('umount', [join(folder, 'kubelet/memory')]);
    await host.disk.remove(folder);
    for (const hierarchy of readdirSync('/sys/fs/cgroup')) expect(existsSync(`/sys/fs/cgroup/${hierarchy}${containerd.cgroupParent}`)).toBe(false);
  }, 60_000);

  const pod = (name: string): Pod | undefined => api.object<Pod>('pods', `default/${name}`);
  const statusOf = (name: string, container = 'main'): ContainerStatus | undefined => [...(pod(name)?.status?.containerStatuses ?? []), ...(pod(name)?.status?.initContainerStatuses ?? [])].find((s) => s.name === container);

  async function until(what: string, condition: () => boolean | Promise<boolean>, limitMs = 20_000): Promise<void> {
    const deadline = host.clock.monotonic() + limitMs;
    while (!(await condition())) {
      if (host.clock.monotonic() > deadline) throw new Error(`not within ${limitMs} ms: ${what}\n${JSON.stringify(api.objects<Pod>('pods').map((p) => p.status), null, 1)}\n${api.objects<Event>('events').map((e) => `${e.involvedObject.name} ${e.reason} ${e.message}`).join('\n')}`);
      await host.clock.sleep(pollMs);
    }
  }

  function put(name: string, spec: Partial<Pod['spec']>, metadata: Partial<Pod['metadata']> = {}): string {
    const uid = `uid-${name}`;
    api.put('pods', {
      apiVersion: 'v1', kind: 'Pod',
      metadata: { name, namespace: 'default', uid, generation: 1, ...metadata },
      spec: { nodeName: 'n1', restartPolicy: 'Always', terminationGracePeriodSeconds: 5, serviceAccountName: 'default', containers: [], ...spec },
      status: { phase: 'Pending' },
    } as Pod);
    return uid;
  }

  function requestDeletion(name: string, graceSeconds = 5): void {
    const going = structuredClone(pod(name)!);
    going.metadata.deletionTimestamp = formatTime(host.clock.now() + graceSeconds * 1000);
    going.metadata.deletionGracePeriodSeconds = graceSeconds;
    api.put('pods', going);
  }

  /** The log without times and streams. */
  function logOf(name: string, container = 'main', attempt = 0): string {
    return readFileSync(join(folder, `kubelet/pod-logs/default_${name}_uid-${name}/${container}/${attempt}.log`), 'utf8').split('\n').map((line) => line.replace(/^\S+ \S+ \S+ /, '')).join('\n');
  }

  const shell = (script: string): { name: string; image: string; command: string[]; terminationMessagePath: string } => ({ name: 'main', image, command: ['sh', '-c', script], terminationMessagePath: '/dev/termination-log' });

  test('a pod runs soon after it was created, one after the other', async () => {
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const name = `quick-${i}`;
      const at = host.clock.monotonic();
      put(name, { containers: [shell('sleep 1000')] });
      await until('running', () => pod(name)?.status?.phase === 'Running');
      times.push(host.clock.monotonic() - at);
    }
    console.info(`created to Running, ms: ${times.map(Math.round).join(' ')}`);
    for (let i = 0; i < 5; i++) requestDeletion(`quick-${i}`, 1);
    await until('gone', () => api.objects('pods').length === 0);
    await until('no sandboxes', async () => (await containerd.runtime.listPodSandboxes()).length === 0);
    await until('no files', async () => (await host.disk.list(join(folder, 'kubelet/pods'))).length === 0);
  }, 60_000);

  test('volumes, environment, names and rights are as specified', async () => {
    api.put('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'default' }, data: { color: 'blue', 'other.txt': 'words' } } as ConfigMap);
    api.put('secrets', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'default' }, data: { key: Buffer.from('hidden').toString('base64') } } as Secret);
    api.put('services', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'my-db', namespace: 'default' }, spec: { clusterIP: '10.96.3.4', ports: [{ port: 5432, protocol: 'TCP' }] } } as Service);
    await host.clock.sleep(200);
    const script = [
      'echo "config $(cat /config/color) $(cat /config/other.txt)"', 'echo "secret $(cat /secret/key) $(stat -c %a /secret/..data/key)"', 'echo "token $(cat /projected/token) $(cat /projected/labels)"',
      'echo "id $(id -u) $(id -g) $(id -G)"', 'echo "scratch $(stat -c "%a %g" /scratch)"', 'touch /scratch/mine && echo "wrote"', 'df -t tmpfs /fast | tail -n 1 | grep -q fast && echo "memory"',
      'echo "sub $(cat /etc/one.txt)"', 'touch /config/x 2>/dev/null || echo "config is read-only"', 'echo "env $COLOR $KEY $NAME $IP $LIMIT $JOINED $MY_DB_SERVICE_HOST"', 'hostname', 'grep pod-host /etc/hosts | tr "\\t" " "', 'head -n 2 /etc/resolv.conf',
      'touch /shared/from-pod', 'touch /readonly-root 2>/dev/null || echo "root is read-only"', 'sleep 1000',
    ].join('\n');
    put('volumes', {
      hostname: 'pod-host', subdomain: 'sub',
      securityContext: { runAsUser: 1000, runAsGroup: 2000, fsGroup: 3000, supplementalGroups: [4000], runAsNonRoot: true },
      volumes: [
        { name: 'config', configMap: { name: 'c' } }, { name: 'secret', secret: { secretName: 's', defaultMode: 0o400 } }, { name: 'scratch', emptyDir: {} }, { name: 'fast', emptyDir: { medium: 'Memory' } },
        { name: 'shared', hostPath: { path: hostFolder(), type: 'Directory' } },
        { name: 'projected', projected: { sources: [{ serviceAccountToken: { path: 'token' } }, { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } }] } },
      ],
      containers: [{
        ...shell(script),
        securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
        resources: { requests: { cpu: '100m', memory: '32Mi' }, limits: { cpu: '500m', memory: '64Mi' } },
        env: [
          { name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'c', key: 'color' } } }, { name: 'KEY', valueFrom: { secretKeyRef: { name: 's', key: 'key' } } }, { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }, { name: 'LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } }, { name: 'JOINED', value: '$(COLOR)-$(NAME)-$(NONE)' },
        ],
        volumeMounts: [
          { name: 'config', mountPath: '/config' }, { name: 'secret', mountPath: '/secret' }, { name: 'scratch', mountPath: '/scratch' }, { name: 'fast', mountPath: '/fast' }, { name: 'projected', mountPath: '/projected' },
          { name: 'config', mountPath: '/etc/one.txt', subPath: 'other.txt' }, { name: 'shared', mountPath: '/shared' },
        ],
      }],
    }, { labels: { app: 'x' } });
    await host.disk.chmod(hostFolder(), 0o777);
    await until('running', () => pod('volumes')?.status?.phase === 'Running');
    await until('all said', () => logOf('volumes').includes('root is read-only'));
    const ip = pod('volumes')!.status!.podIP!;
    expect(logOf('volumes').split('\n').filter(Boolean)).toEqual([
      'config blue words', 'secret hidden 440', 'token token of default app="x"', 'id 1000 2000 2000 3000 4000', 'scratch 2777 3000', 'wrote', 'memory', 'sub words', 'config is read-only',
      `env blue hidden volumes ${ip} 64 blue-volumes-$(NONE) 10.96.3.4`, 'pod-host', `${ip} pod-host.sub.default.svc.cluster.local pod-host`, expect.stringMatching(/^search default\.svc\.cluster\.local svc\.cluster\.local cluster\.local/), 'nameserver 10.96.0.10', 'root is read-only',
    ]);
    expect(existsSync(join(hostFolder(), 'from-pod'))).toBe(true);
    const cgroup = `${containerd.cgroupParent}/kubepods/burstable/poduid-volumes`;
    if (existsSync('/sys/fs/cgroup/memory')) {
      expect(readFileSync(`/sys/fs/cgroup/memory${cgroup}/memory.limit_in_bytes`, 'utf8').trim()).toBe(String(64 * 2 ** 20));
      expect(readFileSync(`/sys/fs/cgroup/cpu${cgroup}/cpu.cfs_quota_us`, 'utf8').trim()).toBe('50000');
      expect(readFileSync(`/sys/fs/cgroup/cpu${cgroup}/cpu.shares`, 'utf8').trim()).toBe('102');
    }
    const changed = structuredClone(api.object<ConfigMap>('configmaps', 'default/c')!);
    api.put('configmaps', { ...changed, data: { color: 'green', 'other.txt': 'words' } } as ConfigMap);
    const id = statusOf('volumes')!.containerID!.split('//')[1]!;
    await until('the volume follows', async () => Buffer.from((await containerd.runtime.execSync(id, ['cat', '/config/color'], 5)).stdout).toString() === 'green');
    requestDeletion('volumes', 1);
    await until('gone', () => pod('volumes') === undefined);
    await until('no files', async () => (await host.disk.list(join(folder, 'kubelet/pods'))).length === 0);
    expect(await host.disk.list(join(folder, 'kubelet/memory'))).toEqual([]);
  }, 60_000);

  test('a container that fails leaves its last words, is restarted, and is found healthy or not', async () => {
    put('fails', { containers: [{ ...shell('echo -n gone > /dev/termination-log; exit 7') }] });
    put('talks', { restartPolicy: 'Never', containers: [{ ...shell('echo last line; exit 3'), terminationMessagePolicy: 'FallbackToLogsOnError' }] });
    put('sick', { containers: [{ ...shell('sleep 1000'), livenessProbe: { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 1 }, readinessProbe: { exec: { command: ['true'] }, periodSeconds: 1 } }] });
    await until('restarts', () => (statusOf('fails')?.restartCount ?? 0) >= 2);
    expect(statusOf('fails')?.lastState?.terminated).toMatchObject({ exitCode: 7, message: 'gone', reason: 'Error' });
    await until('failed', () => pod('talks')?.status?.phase === 'Failed');
    expect(statusOf('talks')?.state?.terminated).toMatchObject({ exitCode: 3, message: 'last line\n' });
    await until('restarted', () => (statusOf('sick')?.restartCount ?? 0) >= 1);
    for (const name of ['fails', 'talks', 'sick']) requestDeletion(name, 1);
    await until('gone', () => api.objects('pods').length === 0);
  }, 60_000);

  test('a restart of the kubelet, and of containerd, restarts no container', async () => {
    put('stays', { containers: [shell('sleep 1000')] });
    await until('running', () => pod('stays')?.status?.phase === 'Running');
    const before = pod('stays')!.status;
    await kubelet.stop();
    await containerd.restartDaemon();
    await start();
    await host.clock.sleep(2_000);
    expect(pod('stays')!.status).toEqual(before);
    // Deleted while nobody looks.
    await kubelet.stop();
    api.remove('pods', 'default/stays');
    await start();
    await until('ended', async () => (await containerd.runtime.listPodSandboxes()).length === 0);
  }, 60_000);

  test('a static pod runs without the API, and is mirrored in it', async () => {
    const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'own', namespace: 'default' }, spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'main', image, imagePullPolicy: 'IfNotPresent', command: ['sleep', '1000'] }] } };
    await host.disk.write(join(folder, 'manifests/own.json'), JSON.stringify(manifest));
    await until('mirrored and running', () => pod('own-n1')?.status?.phase === 'Running');
    expect(pod('own-n1')?.metadata.annotations?.['kubernetes.io/config.mirror']).toBeTruthy();
    await host.disk.remove(join(folder, 'manifests/own.json'));
    await until('gone', async () => pod('own-n1') === undefined && (await containerd.runtime.listPodSandboxes()).length === 0);
  }, 60_000);
});
