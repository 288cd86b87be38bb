/** The controllers as a program of their own, against a cluster that has none: flags, accounts, and what it tells about itself. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { nodeHost } from '../host/node/index.ts';
import { ConfigMaps, Pods, ReplicaSets, ServiceAccounts, startCluster } from '../testing/index.ts';
import { ClusterRoleBindings } from '../api/resources.ts';
import { shownConfiguration } from './controller-manager-component.ts';
import { controllerSettings, enabledControllers } from './controller-settings.ts';
import { runControllerManager } from './standalone.ts';

const host = nodeHost({ logLevel: 'silent' });
const folder = mkdtempSync(join(tmpdir(), 'kubets-controller-manager-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('flags', () => {
  test('are read into settings', async () => {
    const settings = await controllerSettings(host, {
      'root-ca-file': file('ca', 'CA'), 'node-monitor-grace-period': '40s', 'terminated-pod-gc-threshold': '7', 'concurrent-job-syncs': '9',
      'cluster-signing-cert-file': file('cert', 'C'), 'cluster-signing-key-file': file('key', 'K'), 'cluster-signing-duration': '1h', 'allocate-node-cidrs': 'true', 'cluster-cidr': '10.0.0.0/8', 'node-cidr-mask-size': '20',
    });
    expect(settings).toMatchObject({ rootCa: 'CA', nodeMonitorGraceMs: 40_000, terminatedPodThreshold: 7, workers: { 'concurrent-job-syncs': 9 }, signing: { cert: 'C', key: 'K', durationMs: 3_600_000 }, clusterCidr: '10.0.0.0/8', nodeCidrMaskSize: 20 });
    const shown = JSON.stringify(shownConfiguration({}, settings));
    expect(shown).toContain('"TerminatedPodGCThreshold":7');
    expect(shown).not.toContain('"K"');
  });

  test('every one does something', async () => {
    const settings = await controllerSettings(host, {
      'horizontal-pod-autoscaler-sync-period': '30s', 'horizontal-pod-autoscaler-tolerance': '0.2', 'horizontal-pod-autoscaler-downscale-stabilization': '1m', 'horizontal-pod-autoscaler-cpu-initialization-period': '2m', 'horizontal-pod-autoscaler-initial-readiness-delay': '10s',
      'node-startup-grace-period': '90s', 'node-eviction-rate': '0.5', 'secondary-node-eviction-rate': '0', 'large-cluster-size-threshold': '20', 'unhealthy-zone-threshold': '0.7',
      'max-endpoints-per-slice': '50', 'mirroring-max-endpoints-per-subset': '10', 'resource-quota-sync-period': '1m', 'allocate-node-cidrs': 'true', 'cluster-cidr': '10.0.0.0/8,fd00::/48', 'node-cidr-mask-size-ipv4': '22', 'node-cidr-mask-size-ipv6': '60',
      'concurrent-cron-job-syncs': '3',
    });
    expect(settings).toMatchObject({
      autoscaler: { syncPeriodMs: 30_000, tolerance: 0.2, downscaleStabilizationMs: 60_000, cpuInitializationMs: 120_000, initialReadinessDelayMs: 10_000 },
      nodeEviction: { startupGraceMs: 90_000, perSecond: 0.5, secondaryPerSecond: 0, largeZoneSize: 20, unhealthyShare: 0.7 },
      maxEndpointsPerSlice: 50, maxMirroredEndpoints: 10, quotaSyncPeriodMs: 60_000, nodeCidrMaskSizes: { ipv4: 22, ipv6: 60 }, workers: { 'concurrent-cron-job-syncs': 3 },
    });
    const shown = JSON.stringify(shownConfiguration({ 'kube-api-qps': '40' }, settings));
    for (const part of ['"HorizontalPodAutoscalerTolerance":0.2', '"NodeEvictionRate":0.5', '"SecondaryNodeEvictionRate":0', '"MaxEndpointsPerSlice":50', '"ResourceQuotaSyncPeriod":"60s"', '"QPS":40']) expect(shown).toContain(part);
    expect(JSON.stringify(shownConfiguration({}, await controllerSettings(host, {})))).toContain('"HorizontalPodAutoscalerSyncPeriod":"15s"');
    expect([enabledControllers({}), enabledControllers({ 'enable-garbage-collector': 'false', 'controllers': 'job-controller,garbage-collector-controller' })]).toEqual([['*'], ['job-controller', '-garbage-collector-controller']]);
  });

  test.each([
    ['a rate that is none', { 'node-eviction-rate': 'often' }, '--node-eviction-rate: invalid value "often": must be a number such as 0.1'],
    ['too many endpoints', { 'max-endpoints-per-slice': '2000' }, '--max-endpoints-per-slice: invalid value "2000": must be from 1 to 1000'],
    ['no key', { 'service-account-private-key-file': '/nowhere' }, '--service-account-private-key-file: "/nowhere" cannot be read'],
    ['no workers', { 'concurrent-job-syncs': '0' }, '--concurrent-job-syncs: invalid value "0": must be at least 1'],
    ['half a signer', { 'cluster-signing-cert-file': file('half', 'C') }, '--cluster-signing-cert-file and --cluster-signing-key-file belong together'],
    ['shares of nothing', { 'allocate-node-cidrs': 'true' }, '--cluster-cidr is required: nodes are to get a share of it'],
  ])('%s', async (_name, flags, message) => {
    await expect(controllerSettings(host, flags)).rejects.toThrow(message);
  });
});

test('runs the controllers over HTTPS, each under its own account; health is open, metrics are not', async () => {
  const cluster = await startCluster({ nodes: 1, controllers: [] });
  const { kubeconfig, close } = await cluster.serve();
  const manager = await runControllerManager(host, { 'kubeconfig': file('kubeconfig', JSON.stringify(kubeconfig)), 'leader-elect': 'false', 'use-service-account-credentials': 'true', 'secure-port': '10257', 'bind-address': '127.0.0.73' });
  try {
    await cluster.client.of(ReplicaSets).inNamespace('default').create({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'web' }, spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'registry.example/web:1' }] } } } });
    await cluster.until('its pods run', async () => (await cluster.client.of(Pods).inNamespace('default').list()).items.filter((pod) => pod.status?.phase === 'Running').length === 2, 30_000);
    const accounts = (await cluster.client.of(ServiceAccounts).inNamespace('kube-system').list()).items.map(({ metadata }) => metadata.name);
    expect(accounts).toContain('replicaset-controller');
    await cluster.until('every namespace has its authority', async () => (await cluster.client.of(ConfigMaps).list({ fieldSelector: 'metadata.name=kube-root-ca.crt' })).items.length >= 4, 30_000);
    const get = async (path: string): Promise<number> => {
      const response = await host.net.request({ url: `https://127.0.0.73:10257${path}`, method: 'GET', tls: { insecureSkipVerify: true } });
      return response.status;
    };
    expect([await get('/healthz'), await get('/metrics')]).toEqual([200, 401]);
    // A secret of an account that may read it: the token is the cluster's own.
    await cluster.client.of(ClusterRoleBindings).create({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'reader' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:monitoring' }, subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: 'default' }] });
    const { token } = (await cluster.client.of(ServiceAccounts).inNamespace('default').createSubresource<{ apiVersion: string; kind: string; metadata: object; spec: object; status?: { token: string } }>('default', 'token', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {}, spec: { expirationSeconds: 600 } })).status!;
    const metrics = await host.net.request({ url: 'https://127.0.0.73:10257/metrics', method: 'GET', headers: { authorization: `Bearer ${token}` }, tls: { insecureSkipVerify: true } });
    let text = '';
    for await (const chunk of metrics.body) text += Buffer.from(chunk).toString('utf8');
    expect(text).toMatch(/^workqueue_adds_total\{name="replicaset"\} [1-9]/m);
    expect(text).toMatch(/^workqueue_work_duration_seconds_count\{name="replicaset"\} [1-9]/m);
    expect(text).toContain('workqueue_depth{name="namespace-controller"} 0');
    expect(text).toMatch(/^# HELP endpoint_slice_controller_num_endpoint_slices \[BETA\] /m);
    expect(text).toMatch(/^node_collector_zone_size\{zone=".*"\} 1$/m);
    expect(text).toMatch(/^registered_metrics_total\{deprecated_version="",stability_level="STABLE"\} 6$/m);
  } finally {
    await manager.stop();
    await close();
    await cluster.stop();
  }
}, 60_000);
