/** The control plane of a data directory: embedded store, API server on its port, controllers, scheduler. */
import { hostname } from 'node:os';
import { secretTokenSigner } from '../apiserver/authentication/service-account-tokens.ts';
import { UserError } from '../cli/operations.ts';
import type { Host, Listener } from '../host/types.ts';
import type { Client, Running } from '../client/types.ts';
import { SchedulerMetrics, type SchedulerSettings } from '../scheduler/index.ts';
import { lmdbBackend } from '../store/lmdb.ts';
import { startControlPlane } from '../testing/control-plane.ts';
import { bootstrapCluster } from './bootstrap.ts';
import type { Cluster } from './cluster.ts';
import { ClusterPki } from './cluster-pki.ts';
import { controlPlaneCredentials, frontProxyName } from './control-plane-credentials.ts';
import type { Layout } from './layout.ts';
import type { Lifetime } from './lifetime.ts';
import { startMetricsLater } from './metrics.ts';
import { packageVersion } from './package.ts';
import { openEtcd } from './store.ts';

/** The first moments belong to those who have waited for the cluster: a certificate for pages that are asked every half a minute can wait. */
const pagesDelayMs = 1_000;

/** The scheduler's metrics and configuration at the port where monitoring looks for them. They are nobody's prerequisite: made once all else runs. */
function serveSchedulerLater(host: Host, client: Client, scheduler: SchedulerSettings, metrics: SchedulerMetrics, port: number | undefined): Running {
  const stopped = new AbortController();
  async function serve(): Promise<Listener | undefined> {
    await host.clock.sleep(pagesDelayMs, stopped.signal);
    if (stopped.signal.aborted) return undefined;
    const { serveScheduler, defaultConfiguration } = await import('./scheduler-component.ts');
    return serveScheduler(host, client, port === undefined ? {} : { 'secure-port': String(port) }, { configuration: scheduler.configuration ?? defaultConfiguration() }, metrics);
  }
  const serving = serve().catch((error: unknown) => {
    if (!stopped.signal.aborted) host.log.warn('the scheduler\'s metrics are not served', { error: String((error as Error)?.message ?? error) });
  });
  return {
    async stop() {
      stopped.abort();
      await (await serving)?.close(0);
    },
  };
}

/** With the configuration file of the cluster, if it has one. */
async function schedulerSettings(host: Host, cluster: Cluster, metrics: SchedulerMetrics): Promise<SchedulerSettings> {
  if (!cluster.schedulerConfig) return { metrics };
  const { readSchedulerSetup } = await import('./scheduler-component.ts');
  return { ...(await readSchedulerSetup(host, { config: cluster.schedulerConfig }, '--scheduler-config')), metrics };
}

const shutdownGraceMs = 2_000;
/** Starts it all, and leaves what runs in the lifetime's charge. */
export async function startControlPlaneOf(host: Host, layout: Layout, cluster: Cluster, lifetime: Lifetime, { schedulerPort }: { schedulerPort?: number } = {}): Promise<void> {
  const pki = new ClusterPki(host, layout.pki);
  const [{ authority, frontProxy, signing, serving, kubeletClient, proxyClient }, backend] = await Promise.all([
    controlPlaneCredentials(pki, cluster),
    cluster.etcd ? openEtcd(host, cluster.etcd) : lmdbBackend({ path: layout.store, clock: host.clock, disk: host.disk, turn: host.turn }),
  ]);
  await lifetime.add({ stop: () => backend.close() });
  const schedulerMetrics = new SchedulerMetrics();
  const scheduler = await schedulerSettings(host, cluster, schedulerMetrics);
  const controlPlane = await startControlPlane({
    host,
    scheduler,
    server: {
      backend,
      // Whoever else opens that etcd may know no other form.
      ...(cluster.etcd ? { storageMediaType: 'application/vnd.kubernetes.protobuf' as const } : {}),
      version: packageVersion(),
      serviceCidr: cluster.serviceCidr,
      nodePortRange: { from: 30_000, to: 32_767 },
      authentication: {
        clientCa: authority.cert,
        requestHeader: { clientCa: frontProxy.cert, allowedNames: [frontProxyName] },
        serviceAccount: { issuer: `https://kubernetes.default.svc.${cluster.clusterDomain}`, signingKey: signing.privateKey, publicKeys: [signing.publicKey] },
        anonymous: true,
      },
      authorizationModes: ['Node', 'RBAC'],
      // A loopback address is no endpoint for anybody else.
      ...(cluster.nodeIp.startsWith('127.') ? {} : { advertiseAddress: cluster.nodeIp }),
      securePort: cluster.port,
      identity: { hostname: hostname() },
      kubeletClient: { ca: authority.cert, ...kubeletClient },
      proxyClient,
    },
    // As kubeadm has it: tokens to join by end when their time is over, and sign cluster-info where there is one.
    enabledControllers: ['*', 'bootstrap-signer-controller', 'token-cleaner-controller'],
    controllers: { rootCa: authority.cert, signing: authority, signSecretToken: secretTokenSigner(signing.privateKey), clusterCidr: cluster.clusterCidr, nodeCidrMaskSize: 24 },
  });
  // The server closes its port itself, once its watches have come to an orderly end.
  await lifetime.add({ stop: () => controlPlane.stop(shutdownGraceMs) });
  const listener = await controlPlane.server.listen({ address: '0.0.0.0', port: cluster.port, tls: { ...serving, clientCa: authority.cert } }).catch((error: unknown) => {
    if ((error as { code?: string }).code === 'EADDRINUSE') throw new UserError(`port ${cluster.port} is in use by another program`);
    throw error;
  });
  host.log.info('serving', { address: listener.address, port: listener.port });
  await lifetime.during(controlPlane.startWorkers());
  await lifetime.during(bootstrapCluster(controlPlane.client(), cluster));
  await lifetime.add(serveSchedulerLater({ ...host, log: host.log.child('scheduler') }, controlPlane.client({ name: 'system:kube-scheduler', groups: ['system:authenticated'] }), scheduler, schedulerMetrics, schedulerPort));
  // Hollow nodes have no kubelet's port to be asked at.
  if (cluster.runtime === 'hollow') return;
  await lifetime.add(startMetricsLater({ ...host, log: host.log.child('metrics') }, { pki, authority, frontProxy, frontProxyName, clientFor: controlPlane.client, admin: controlPlane.client() }));
}
