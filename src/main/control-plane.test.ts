/** The control plane of a data directory, with what its scheduler is told and tells. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { UpRequest } from '../cli/operations.ts';
import { nodeHost } from '../host/node/index.ts';
import { freePort } from '../host/node/free-port.fixture.ts';
import { clusterFor } from './cluster.ts';
import { layoutOf } from './layout.ts';
import { Lifetime } from './lifetime.ts';

const host = nodeHost({ logLevel: 'silent' });
const dataDir = mkdtempSync(join(tmpdir(), 'kubets-control-plane-'));
const config = join(dataDir, 'scheduler.yaml');
const layout = layoutOf(dataDir, false);
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

beforeAll(() => writeFileSync(config, 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\npercentageOfNodesToScore: 42\n'));

const request = (extra: Partial<UpRequest> = {}): UpRequest => ({
  dataDir, nodes: 1, runtime: 'hollow', foreground: false, demo: false, port: 6443, nodeIp: '127.0.0.1', proxyMode: 'iptables', serviceCidr: '10.96.0.0/16', clusterCidr: '10.244.0.0/16', logLevel: 'error', ...extra,
});

test('the scheduler’s configuration is kept for later starts, and dropped on demand', () => {
  const first = clusterFor(request({ schedulerConfig: config }), layout, undefined, '127.0.0.1');
  expect(first.schedulerConfig).toBe(config);
  expect(clusterFor(request(), layout, first, '127.0.0.1').schedulerConfig).toBe(config);
  expect(clusterFor(request({ schedulerConfig: '' }), layout, first, '127.0.0.1')).not.toHaveProperty('schedulerConfig');
});

test('scheduler and controllers of the control plane run with their configuration, and show it with their metrics', async () => {
  const { startControlPlaneOf } = await import('./control-plane.ts');
  const { ClusterPki } = await import('./cluster-pki.ts');
  const { controlPlaneCredentials } = await import('./control-plane-credentials.ts');
  const [port, pages, controllersPort] = [await freePort(), await freePort(), await freePort()];
  const cluster = clusterFor(request({ schedulerConfig: config, port }), layout, undefined, '127.0.0.1');
  await controlPlaneCredentials(new ClusterPki(host, layout.pki), cluster);
  const lifetime = new Lifetime((ms) => host.clock.sleep(ms));
  const starting = startControlPlaneOf(host, layout, cluster, lifetime, { schedulerPort: pages, controllersPort });
  await starting;
  try {
    const pki = new ClusterPki(host, layout.pki);
    const { cert: ca } = await pki.authority();
    const admin = await pki.leaf('test-admin', { commonName: 'admin', organizations: ['system:masters'], usages: ['client'] });
    const ask = async (url: string, options: object): Promise<[number, string]> => {
      const response = await host.net.request({ method: 'GET', url, ...options });
      const pieces: Uint8Array[] = [];
      for await (const piece of response.body) pieces.push(piece);
      return [response.status, Buffer.concat(pieces).toString()];
    };
    const api = (path: string, body: object): Promise<[number, string]> => ask(`https://127.0.0.1:${port}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), tls: { ca, ...admin } });
    await api('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'monitor' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' }, subjects: [{ kind: 'ServiceAccount', name: 'monitor', namespace: 'default' }] });
    await api('/api/v1/namespaces/default/serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'monitor' } });
    const [, answer] = await api('/api/v1/namespaces/default/serviceaccounts/monitor/token', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} });
    const { token } = (JSON.parse(answer) as { status: { token: string } }).status;
    const page = (path: string, headers: object = { authorization: `Bearer ${token}` }, at = pages): Promise<[number, string]> => ask(`https://127.0.0.1:${at}${path}`, { headers, tls: { ca } });
    await expect.poll(() => page('/healthz', {}).catch(() => []), { timeout: 30_000 }).toEqual([200, 'ok']);
    expect((await page('/metrics', {}))[0]).toBe(401);
    expect(await page('/metrics')).toEqual([200, expect.stringContaining('scheduler_pending_pods{queue="active"} 0')]);
    expect(await page('/configz')).toEqual([200, expect.stringContaining('"percentageOfNodesToScore":42')]);
    expect((await page('/metrics/resources'))[0]).toBe(200);
    const ofControllers = (path: string, headers?: object): Promise<[number, string]> => page(path, headers, controllersPort);
    await expect.poll(() => ofControllers('/healthz', {}).catch(() => []), { timeout: 30_000 }).toEqual([200, 'ok']);
    expect((await ofControllers('/metrics', {}))[0]).toBe(401);
    const [, told] = await ofControllers('/metrics');
    expect(told).toMatch(/^workqueue_adds_total\{name="serviceaccount-controller"\} [1-9]/m);
    expect(told).toMatch(/^running_managed_controllers\{manager="kube-controller-manager",name="token-cleaner-controller"\} 1$/m);
    expect(told).toMatch(/^kubernetes_build_info\{.*git_version="v1\.36\..*,major="1",minor="36",platform="linux\/.*"\} 1$/m);
    expect((await page('/metrics'))[1]).toMatch(/^kubernetes_build_info\{.*minor="36".*\} 1$/m);
    expect((await ofControllers('/metrics/slis'))[1]).toMatch(/^kubernetes_healthcheck\{name="job-controller",type="healthz"\} 1$/m);
    expect(told).toMatch(/^cronjob_controller_job_creation_skew_duration_seconds_count 0$/m);
    const [status, configuration] = await ofControllers('/configz');
    expect([status, JSON.parse(configuration)]).toMatchObject([200, { 'kubecontrollermanager.config.k8s.io': { Generic: { Port: controllersPort, LeaderElection: { LeaderElect: false } }, KubeCloudShared: { AllocateNodeCIDRs: true, ClusterCIDR: '10.244.0.0/16' } } }]);
    expect(configuration).not.toContain('PRIVATE KEY');
  } finally {
    await lifetime.end(starting);
  }
});
