/**
 * Every part of the cluster as a program of its own, with upstream's flags: `up` makes a cluster, stops its processes but not its pods, and the
 * parts take it over one by one. What ran goes on running, and what is new is served.
 */
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { nodeHost } from '../../src/host/node/index.ts';
import { ClusterPki } from '../../src/main/cluster-pki.ts';
import { kubeconfigFor, kubeconfigText } from '../../src/main/kubeconfig.ts';
import { cgroupRootOf, layoutOf, type Layout } from '../../src/main/layout.ts';
import { eventually, Kubectl, root } from './cluster.ts';
import { machineAddress, Sandbox } from './sandbox.ts';

const image = 'kubets.local/busybox:1';
const port = '6443';
const clusterCidr = '10.244.0.0/16';

interface PodShape { metadata: { uid: string }; status: { containerStatuses?: { containerID: string; restartCount: number }[] } }
interface NodeShape { status: { conditions: { type: string; status: string; lastHeartbeatTime: string }[] } }

const webServer = (name: string, replicas: number): object => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name },
  spec: {
    replicas, selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image, command: ['sh', '-c', 'mkdir /tmp/www; hostname > /tmp/www/index.html; exec httpd -f -p 8080 -h /tmp/www'] }] } },
  },
});

describe.skipIf(inject('skipped'))('components alone', () => {
  let sandbox: Sandbox;
  let kubectl: Kubectl;
  let layout: Layout;
  let pki: ClusterPki;
  const parts = new Map<string, ChildProcess>();
  const said = new Map<string, string>();

  const start = (name: string, flags: readonly string[]): void => {
    const child = sandbox.start(join(root, 'kubets'), [name, ...flags]);
    const note = (chunk: Buffer): void => void said.set(name, `${said.get(name) ?? ''}${chunk.toString()}`.slice(-4000));
    child.stdout?.on('data', note);
    child.stderr?.on('data', note);
    parts.set(name, child);
  };
  /** Waits for `probe`; a part that ended meanwhile is told with its last words. */
  const until = (what: string, probe: () => Promise<boolean>): Promise<boolean> => eventually(what, async () => {
    for (const [name, child] of parts) if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}: ${said.get(name)}`);
    return probe();
  }, 90_000);
  const file = (name: string): string => join(layout.pki, name);
  const kubeconfig = async (name: string, commonName: string, organizations: readonly string[] = []): Promise<string> => {
    const credentials = await pki.leaf(name, { commonName, organizations, usages: ['client'] });
    const path = join(sandbox.directory, `${name}.kubeconfig`);
    const config = kubeconfigFor({ name, server: `https://${machineAddress}:${port}`, ca: (await pki.authority()).cert, credentials, user: commonName });
    writeFileSync(path, kubeconfigText(config), { mode: 0o600 });
    return path;
  };
  const containers = async (): Promise<string[]> =>
    (await kubectl.json<{ items: PodShape[] }>(['get', 'pods', '-l', 'app=stays'])).items.flatMap((pod) => pod.status.containerStatuses!.map((c) => `${pod.metadata.uid} ${c.containerID} ${c.restartCount}`)).toSorted();
  const up = async (): Promise<void> => {
    const result = await sandbox.kubets(['up', '--port', port]);
    if (result.code !== 0) throw new Error(`up ended with ${result.code}\n${result.stdout}${result.stderr}`);
  };
  let before: string[];

  beforeAll(async () => {
    sandbox = new Sandbox(root, `life-parts${process.pid}`.slice(0, 20));
    await sandbox.create();
    layout = layoutOf(sandbox.dataDir, true);
    pki = new ClusterPki(nodeHost({ logLevel: 'error' }), layout.pki);
    await up();
    kubectl = await Kubectl.shipped(sandbox);
    await kubectl.apply(webServer('stays', 2));
    await kubectl.must(['rollout', 'status', 'deployment/stays', '--timeout=60s']);
    before = await containers();
    expect((await sandbox.kubets(['down', '--keep-pods'])).code).toBe(0);
  });
  afterAll(async () => {
    for (const child of parts.values()) if (child.exitCode === null) child.kill('SIGKILL');
    await sandbox?.kubets(['reset', '--yes']);
    await sandbox?.remove();
  });

  test('apiserver: the state of the embedded store', async () => {
    start('apiserver', [
      '--data-dir', layout.store, '--secure-port', port, '--advertise-address', machineAddress,
      '--tls-cert-file', file('apiserver.crt'), '--tls-private-key-file', file('apiserver.key'), '--client-ca-file', file('ca.crt'),
      '--service-account-key-file', file('service-account.crt'), '--service-account-signing-key-file', file('service-account.key'), '--service-account-issuer', 'https://kubernetes.default.svc.cluster.local',
      '--kubelet-certificate-authority', file('ca.crt'), '--kubelet-client-certificate', file('apiserver-kubelet-client.crt'), '--kubelet-client-key', file('apiserver-kubelet-client.key'),
    ]);
    await until('ready', async () => (await kubectl.run(['get', '--raw', '/readyz'])).stdout === 'ok');
    expect(await containers()).toEqual(before);
  });

  test('kubelet: takes the running pods over', async () => {
    const { containerdSocket, kubeletRoot } = layout.node('node-1');
    const since = Date.now();
    start('kubelet', [
      '--kubeconfig', await kubeconfig('kubelet-node-1', 'system:node:node-1', ['system:nodes']), '--hostname-override', 'node-1', '--node-ip', machineAddress,
      '--container-runtime-endpoint', `unix://${containerdSocket}`, '--root-dir', kubeletRoot, '--cgroup-root', cgroupRootOf(layout), '--cluster-dns', '10.96.0.10',
      '--client-ca-file', file('ca.crt'), '--tls-cert-file', file('kubelet-node-1-serving.crt'), '--tls-private-key-file', file('kubelet-node-1-serving.key'),
    ]);
    await until('a fresh heartbeat', async () => {
      const node = await kubectl.json<NodeShape>(['get', 'node', 'node-1']);
      return node.status.conditions.some((c) => c.type === 'Ready' && c.status === 'True' && Date.parse(c.lastHeartbeatTime) >= Math.floor(since / 1000) * 1000);
    });
    expect(await containers()).toEqual(before);
  });

  test('controller-manager and scheduler, each leading: new pods run', async () => {
    start('controller-manager', ['--kubeconfig', sandbox.dataDir + '/admin.kubeconfig', '--root-ca-file', file('ca.crt')]);
    start('scheduler', ['--kubeconfig', await kubeconfig('scheduler', 'system:kube-scheduler')]);
    await kubectl.apply(webServer('alone', 2));
    await kubectl.must(['expose', 'deployment', 'alone', '--port=80', '--target-port=8080']);
    await until('two are available', async () => (await kubectl.must(['get', 'deployment', 'alone', '-o', 'jsonpath={.status.availableReplicas}'])) === '2');
    const leases = await kubectl.must(['-n', 'kube-system', 'get', 'leases', '-o', 'name']);
    expect(leases).toContain('lease.coordination.k8s.io/kube-controller-manager');
    expect(leases).toContain('lease.coordination.k8s.io/kube-scheduler');
  });

  test('proxy and dns: the new Service is served by address and by name', async () => {
    start('proxy', ['--kubeconfig', await kubeconfig('kube-proxy', 'system:kube-proxy'), '--hostname-override', 'node-1', '--cluster-cidr', clusterCidr]);
    start('dns', ['--kubeconfig', await kubeconfig('kube-dns', 'system:serviceaccount:kube-system:kube-dns'), '--bind-address', machineAddress, '--port', '10053', '--publish-as-node', 'node-1']);
    const ip = await kubectl.must(['get', 'service', 'alone', '-o', 'jsonpath={.spec.clusterIP}']);
    await until('by address', async () => (await sandbox.run('timeout', ['5', '/bin/busybox', 'wget', '-q', '-O', '-', `http://${ip}/`])).stdout.startsWith('alone-'));
    await until('by name, from a pod', async () => (await kubectl.run(['exec', 'deploy/stays', '--', 'timeout', '5', 'wget', '-q', '-O', '-', 'http://alone/'])).stdout.startsWith('alone-'));
  });

  test('each ends in good order when asked to, and `up` finds the cluster as it was', async () => {
    for (const child of parts.values()) child.kill('SIGTERM');
    const codes = await Promise.all([...parts].map(async ([name, child]) => [name, child.exitCode ?? (await new Promise<number | string>((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal!))))] as const));
    expect(Object.fromEntries(codes)).toEqual({ apiserver: 0, kubelet: 0, 'controller-manager': 0, scheduler: 0, proxy: 0, dns: 0 });
    await up();
    expect(await containers()).toEqual(before);
  });
});
