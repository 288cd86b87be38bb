/** The add-on behind a real API server and in front of a real kubelet's port, with the certificates between them. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { makePki, register as registerOther, send, startRig, type Pki, type Rig } from '../../apiserver/aggregation/rig.fixture.ts';
import { APIServices, ClusterRoleBindings, ClusterRoles, Namespaces, Nodes, Pods, ServiceAccounts } from '../../api/resources.ts';
import { createClient } from '../../client/index.ts';
import type { Client, Running } from '../../client/types.ts';
import type { ContainerRuntime } from '../../cri/index.ts';
import { nodeHost } from '../../host/node/index.ts';
import type { Host, TlsClientOptions } from '../../host/types.ts';
import { startKubeletServer } from '../../kubelet/server/index.ts';
import { createAuthority, issueCertificate, type KeyPair } from '../../pki/certificates.ts';
import { firstGapMs } from './collector.ts';
import { servingName, startMetrics, userName } from './index.ts';
import { targetOf } from './server.ts';

const real = nodeHost({ logLevel: 'silent' });
/** The first gap passes at once: the readings tell their own times. */
const hasty: Host = { ...real, clock: { now: () => real.clock.now(), monotonic: () => real.clock.monotonic(), setTimer: (callback, ms) => real.clock.setTimer(callback, ms), sleep: (ms, signal) => real.clock.sleep(ms === firstGapMs ? 1 : ms, signal) } };

/** At each reading ten seconds have passed: the node worked five, container `a` one, `b` two. */
function kubeletText(reading: number): string {
  const atMs = 1_800_000_000_000 + reading * 10_000;
  const container = (pod: string, name: string, seconds: number, bytes: number): string => `container_cpu_usage_seconds_total{container="${name}",namespace="shop",pod="${pod}"} ${seconds} ${atMs}\ncontainer_memory_working_set_bytes{container="${name}",namespace="shop",pod="${pod}"} ${bytes} ${atMs}\n`;
  return `node_cpu_usage_seconds_total ${reading * 5} ${atMs}\nnode_memory_working_set_bytes ${64 * 2 ** 20} ${atMs}\n${container('web', 'a', reading, 2048)}${container('web', 'b', reading * 2, 1024)}${container('other', 'c', 0, 100)}`;
}

describe('metrics.k8s.io', () => {
  let rig: Rig;
  let front: Pki;
  let metrics: Running;
  let kubelet: Running & { port: number };
  let clusterCa: KeyPair;
  let serving: KeyPair;
  let start: (admin?: Client) => Promise<Running>;
  const ask = async (path: string, accept = 'application/json'): Promise<{ status: number; body: any }> => {
    const { status, text } = await send(rig.transport, path.split('?')[0]!, { headers: { accept }, query: Object.fromEntries(new URLSearchParams(path.split('?')[1] ?? '')) });
    return { status, body: JSON.parse(text) };
  };

  beforeAll(async () => {
    const nowMs = real.clock.now();
    front = await makePki('unused.default.svc');
    clusterCa = await createAuthority({ commonName: 'kubernetes', nowMs, days: 1 });
    const leaf = (commonName: string, usages: ('client' | 'server')[], names: object = {}): Promise<KeyPair> => issueCertificate(clusterCa, { commonName, usages, ...names, nowMs, days: 1 });
    const kubeletClient = await leaf(userName, ['client']);
    serving = await leaf(servingName, ['server'], { dnsNames: [servingName] });
    let readings = 0;
    rig = await startRig({ host: real, proxyClient: front.proxyClient, authorizationModes: ['Node', 'RBAC'] });
    kubelet = await startKubeletServer({
      host: real, client: createClient(rig.transport), runtime: {} as ContainerRuntime, nodeName: 'n1',
      pods: { byName: () => undefined, all: () => [], container: async () => undefined, previousContainer: async () => undefined, sandboxId: async () => undefined },
      stats: { summary: async () => ({}), metrics: async () => '', probeMetrics: () => '', resourceMetrics: async () => kubeletText(++readings) },
      config: { address: '127.0.0.1', port: 0, serving: await leaf('n1', ['server'], { ipAddresses: ['127.0.0.1'] }), clientCa: clusterCa.cert, authentication: 'delegated' },
    });
    await rig.admin.of(Namespaces).create({ metadata: { name: 'kube-system' } }).catch(() => undefined);
    await rig.admin.of(Namespaces).create({ metadata: { name: 'shop' } });
    await rig.admin.of(ServiceAccounts).inNamespace('shop').create({ metadata: { name: 'default' } });
    await rig.admin.of(Nodes).create({ metadata: { name: 'n1', labels: { zone: 'a' } } });
    await rig.admin.of(Nodes).updateStatus({ ...(await rig.admin.of(Nodes).get('n1')), status: { addresses: [{ type: 'InternalIP', address: '127.0.0.1' }], daemonEndpoints: { kubeletEndpoint: { Port: kubelet.port } } } });
    for (const [name, app] of [['web', 'web'], ['other', 'other'], ['unread', 'web']]) {
      await rig.admin.of(Pods).inNamespace('shop').create({ metadata: { name: name!, labels: { app: app! } }, spec: { automountServiceAccountToken: false, nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] } });
    }
    // Its own rights only, as in a cluster.
    const own = createClient(rig.server.transport({ name: userName, groups: ['system:authenticated'] }));
    start = (admin = rig.admin) => startMetrics({
      host: hasty, client: own, admin, kubelets: async () => ({ ca: clusterCa.cert, ...kubeletClient }), tls: { ...serving, frontProxyCa: front.front.cert }, frontProxyNames: ['front-proxy-client'], ca: clusterCa.cert,
    });
    metrics = await start();
    await vi.waitFor(async () => expect((await rig.admin.of(APIServices).get('v1beta1.metrics.k8s.io')).status?.conditions?.[0]?.status).toBe('True'), { timeout: 20_000, interval: 50 });
  }, 60_000);
  afterAll(async () => {
    await metrics?.stop();
    await kubelet?.stop();
    await rig?.close();
  });

  test('nodes and pods, one and all, by selectors', async () => {
    const window = '10s';
    const { body: nodes } = await ask('/apis/metrics.k8s.io/v1beta1/nodes');
    expect(nodes).toEqual({
      kind: 'NodeMetricsList', apiVersion: 'metrics.k8s.io/v1beta1', metadata: {},
      items: [{ metadata: { name: 'n1', creationTimestamp: expect.any(String), labels: expect.objectContaining({ zone: 'a' }) }, timestamp: '2027-01-15T08:00:20Z', window, usage: { cpu: '500m', memory: '64Mi' } }],
    });
    const { body: web } = await ask('/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods/web');
    expect(web).toMatchObject({ kind: 'PodMetrics', apiVersion: 'metrics.k8s.io/v1beta1', metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } }, window });
    expect(web.containers).toEqual([{ name: 'a', usage: { cpu: '100m', memory: '2Ki' } }, { name: 'b', usage: { cpu: '200m', memory: '1Ki' } }]);
    const names = async (path: string): Promise<string[]> => (await ask(`/apis/metrics.k8s.io/v1beta1/${path}`)).body.items.map((item: { metadata: { name: string } }) => item.metadata.name).toSorted();
    expect(await names('pods')).toEqual(['other', 'web']);
    expect(await names('namespaces/shop/pods?labelSelector=app=web')).toEqual(['web']);
    expect(await names('namespaces/shop/pods?fieldSelector=metadata.name=other')).toEqual(['other']);
    expect(await names('namespaces/default/pods')).toEqual([]);
    expect(await names('nodes?labelSelector=zone!=a')).toEqual([]);
  });

  test('tables are metrics-server\'s', async () => {
    const { body } = await ask('/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods?labelSelector=app=web', 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json');
    expect(body.columnDefinitions.map(({ name, format }: { name: string; format: string }) => [name, format])).toEqual([['Name', 'name'], ['cpu', 'quantity'], ['memory', 'quantity'], ['Window', 'duration']]);
    expect(body.rows).toEqual([{ cells: ['web', '300m', '3Ki', '10s'], object: expect.objectContaining({ kind: 'PartialObjectMetadata', metadata: expect.objectContaining({ name: 'web' }) }) }]);
  });

  test('discovery', async () => {
    expect((await ask('/apis/metrics.k8s.io/v1beta1')).body.resources).toEqual([
      { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs: ['get', 'list'] }, { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
    ]);
    await expect.poll(async () => (await ask('/apis')).body.groups.map(({ name }: { name: string }) => name), { timeout: 20_000 }).toContain('metrics.k8s.io');
  });

  test.each([
    ['namespaces/shop/pods/unread', 404, 'podmetrics.metrics.k8s.io "shop/unread" not found'],
    ['namespaces/shop/pods/absent', 404, 'podmetrics.metrics.k8s.io "shop/absent" not found'],
    ['nodes/absent', 404, 'nodemetrics.metrics.k8s.io "absent" not found'],
    ['pods?labelSelector=a%3D%3D%3Db', 400, 'unable to parse requirement: found \'=\', expected: identifier'],
    ['pods?fieldSelector=spec.no=1', 400, expect.stringContaining('spec.no')],
    ['services', 404, 'the server could not find the requested resource'],
  ])('%s is refused with %i', async (path, status, message) => {
    expect(await ask(`/apis/metrics.k8s.io/v1beta1/${path}`)).toMatchObject({ status, body: { kind: 'Status', message } });
  });

  test('only the front proxy is let in', async () => {
    const { spec } = await rig.admin.of(APIServices).get('v1beta1.metrics.k8s.io');
    const nowMs = real.clock.now();
    const stranger = await issueCertificate(front.front, { commonName: 'stranger', usages: ['client'], nowMs, days: 1 });
    const forged = await issueCertificate(clusterCa, { commonName: 'front-proxy-client', usages: ['client'], nowMs, days: 1 });
    const status = async (tls: TlsClientOptions): Promise<number> => (await real.net.request({ method: 'GET', url: `https://127.0.0.1:${spec!.service!.port}/apis/metrics.k8s.io/v1beta1/pods`, headers: { 'x-remote-user': 'admin', 'x-remote-group': 'system:masters' }, tls: { ca: clusterCa.cert, serverName: servingName, ...tls } })).status;
    expect([await status({}), await status(stranger), await status(forged), await status(front.proxyClient)]).toEqual([401, 401, 401, 200]);
  });

  test('its rights are few, and viewers get the metrics', async () => {
    expect((await rig.admin.of(ClusterRoleBindings).get(userName)).subjects).toEqual([{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: userName }]);
    expect((await rig.admin.of(ClusterRoles).get(userName)).rules).toEqual([{ apiGroups: [''], resources: ['nodes', 'pods'], verbs: ['get', 'list'] }, { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] }]);
    expect((await rig.admin.of(ClusterRoles).get('kubets:metrics-reader')).metadata.labels).toMatchObject({ 'rbac.authorization.k8s.io/aggregate-to-view': 'true' });
  });

  test('started again it keeps its port where that is free, and else names its new one', async () => {
    const port = async (): Promise<number> => (await rig.admin.of(APIServices).get('v1beta1.metrics.k8s.io')).spec!.service!.port!;
    const first = await port();
    await metrics.stop();
    metrics = await start();
    expect(await port()).toBe(first);
    const beside = await start();
    expect(await port()).not.toBe(first);
    await metrics.stop();
    metrics = beside;
  });

  test('another server that is registered stays', async () => {
    await metrics.stop();
    await rig.admin.of(APIServices).delete('v1beta1.metrics.k8s.io');
    await registerOther(rig.admin, 'metrics.k8s.io', 'v1beta1', { insecureSkipTLSVerify: true });
    metrics = await start();
    expect((await rig.admin.of(APIServices).get('v1beta1.metrics.k8s.io')).spec).toMatchObject({ service: { name: 'extension' }, insecureSkipTLSVerify: true });
  });
});

test.each([
  ['nodes', { plural: 'nodes' }], ['nodes/a', { plural: 'nodes', name: 'a' }], ['pods', { plural: 'pods' }], ['namespaces/n/pods', { plural: 'pods', namespace: 'n' }],
  ['namespaces/n/pods/p%2e', { plural: 'pods', namespace: 'n', name: 'p.' }], ['pods/a', undefined], ['nodes/', undefined], ['nodes/a/b', undefined], ['namespaces/n/nodes', undefined], ['namespaces//pods', undefined], ['namespaces/n/pods/p/log', undefined],
])('what %s is', (path, target) => {
  expect(targetOf(`/apis/metrics.k8s.io/v1beta1/${path}`)).toEqual(target);
});
