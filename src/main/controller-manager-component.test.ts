/** The controllers as a program of their own, against a cluster that has none: flags, accounts, and what it tells about itself. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { nodeHost } from '../host/node/index.ts';
import { ConfigMaps, Pods, ReplicaSets, ServiceAccounts, startCluster } from '../testing/index.ts';
import { controllerSettings, shownConfiguration } from './controller-manager-component.ts';
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

  test.each([
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
  } finally {
    await manager.stop();
    await close();
    await cluster.stop();
  }
}, 60_000);
