/** The control plane of a data directory: embedded store, API server on its port, controllers, scheduler. */
import { hostname } from 'node:os';
import { secretTokenSigner } from '../apiserver/authentication/service-account-tokens.ts';
import { UserError } from '../cli/operations.ts';
import type { Host, Listener } from '../host/types.ts';
import type { Client, Running } from '../client/types.ts';
import { QueueMetrics } from '../client/queue-metrics.ts';
import type { MetricsRegistry } from '../base/metrics.ts';
import type { ControllerSettings } from '../controllers/context.ts';
import { ControllerMetrics } from '../controllers/metrics.ts';
import { SchedulerMetrics, type SchedulerSettings } from '../scheduler/index.ts';
import { lmdbBackend } from '../store/lmdb.ts';
import { defaultControllerSettings, startControlPlane, type ControlPlane } from '../testing/control-plane.ts';
import { bootstrapCluster } from './bootstrap.ts';
import type { Cluster } from './cluster.ts';
import { ClusterPki } from './cluster-pki.ts';
import { controlPlaneCredentials, frontProxyName, pagesCertificate } from './control-plane-credentials.ts';
import type { Flags } from './flags.ts';
import type { Layout } from './layout.ts';
import type { Lifetime } from './lifetime.ts';
import { startMetricsLater } from './metrics.ts';
import { packageVersion } from './package.ts';
import { openEtcd } from './store.ts';

/** The first moments belong to those who have waited for the cluster: pages that are asked every half a minute can wait. */
const pagesDelayMs = 1_000;

/** A component's metrics and configuration at the port where monitoring looks for them. They are nobody's prerequisite: made once all else runs. */
function servePagesLater(host: Host, serve: () => Promise<Listener | undefined>): Running {
  const stopped = new AbortController();
  async function later(): Promise<Listener | undefined> {
    await host.clock.sleep(pagesDelayMs, stopped.signal);
    return stopped.signal.aborted ? undefined : serve();
  }
  const serving = later().catch((error: unknown) => {
    if (!stopped.signal.aborted) host.log.warn('metrics are not served', { error: String((error as Error)?.message ?? error) });
  });
  return {
    async stop() {
      stopped.abort();
      await (await serving)?.close(0);
    },
  };
}

/** Where pages are served, and with which certificate: the cluster's own, since making one takes a library that is long to load. */
function pageFlags(pki: ClusterPki, port: number | undefined): Flags {
  const { cert, key } = pki.files(pagesCertificate);
  return { 'tls-cert-file': cert, 'tls-private-key-file': key, ...(port === undefined ? {} : { 'secure-port': String(port) }) };
}

/** The pages of controllers and scheduler, each under the identity of its own. */
function servePages(host: Host, controlPlane: ControlPlane, parts: { pki: ClusterPki; scheduler: SchedulerSettings; schedulerMetrics: SchedulerMetrics; controllers: Partial<ControllerSettings>; registry: MetricsRegistry }, ports: PagePorts): Running[] {
  const clientOf = (name: string): Client => controlPlane.client({ name: `system:${name}`, groups: ['system:authenticated'] });
  const ofScheduler = { ...host, log: host.log.child('scheduler') };
  const ofControllers = { ...host, log: host.log.child('controllers') };
  return [
    servePagesLater(ofScheduler, async () => {
      const { serveScheduler, defaultConfiguration } = await import('./scheduler-component.ts');
      return serveScheduler(ofScheduler, clientOf('kube-scheduler'), pageFlags(parts.pki, ports.schedulerPort), { configuration: parts.scheduler.configuration ?? defaultConfiguration() }, parts.schedulerMetrics);
    }),
    servePagesLater(ofControllers, async () => {
      const { serveControllers } = await import('./controller-manager-component.ts');
      const flags = { ...pageFlags(parts.pki, ports.controllersPort), 'leader-elect': 'false', 'use-service-account-credentials': 'true', 'controllers': enabledControllers.join(',') };
      return serveControllers(ofControllers, clientOf('kube-controller-manager'), { flags, settings: { ...defaultControllerSettings, ...parts.controllers }, registry: parts.registry, leads: () => true });
    }),
  ];
}

/** With the configuration file of the cluster, if it has one. */
async function schedulerSettings(host: Host, cluster: Cluster, metrics: SchedulerMetrics): Promise<SchedulerSettings> {
  if (!cluster.schedulerConfig) return { metrics };
  const { readSchedulerSetup } = await import('./scheduler-component.ts');
  return { ...(await readSchedulerSetup(host, { config: cluster.schedulerConfig }, '--scheduler-config')), metrics };
}

const shutdownGraceMs = 2_000;
/** As kubeadm has it: tokens to join by end when their time is over, and sign cluster-info where there is one. */
const enabledControllers = ['*', 'bootstrap-signer-controller', 'token-cleaner-controller'];

/** In place of upstream's ports. */
export interface PagePorts {
  schedulerPort?: number;
  controllersPort?: number;
}

/** Starts it all, and leaves what runs in the lifetime's charge. */
export async function startControlPlaneOf(host: Host, layout: Layout, cluster: Cluster, lifetime: Lifetime, ports: PagePorts = {}): Promise<void> {
  const pki = new ClusterPki(host, layout.pki);
  const [{ authority, frontProxy, signing, serving, kubeletClient, proxyClient }, backend] = await Promise.all([
    controlPlaneCredentials(pki, cluster),
    cluster.etcd ? openEtcd(host, cluster.etcd) : lmdbBackend({ path: layout.store, clock: host.clock, disk: host.disk, turn: host.turn }),
  ]);
  await lifetime.add({ stop: () => backend.close() });
  const schedulerMetrics = new SchedulerMetrics();
  const scheduler = await schedulerSettings(host, cluster, schedulerMetrics);
  const queues = new QueueMetrics(host.clock);
  const controllers = { rootCa: authority.cert, signing: authority, signSecretToken: secretTokenSigner(signing.privateKey), clusterCidr: cluster.clusterCidr, nodeCidrMaskSize: 24 };
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
    enabledControllers,
    controllers,
    controllerMetrics: { queues, metrics: new ControllerMetrics(queues.registry) },
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
  for (const pages of servePages(host, controlPlane, { pki, scheduler, schedulerMetrics, controllers, registry: queues.registry }, ports)) await lifetime.add(pages);
  // Hollow nodes have no kubelet's port to be asked at.
  if (cluster.runtime === 'hollow') return;
  await lifetime.add(startMetricsLater({ ...host, log: host.log.child('metrics') }, { pki, authority, frontProxy, frontProxyName, clientFor: controlPlane.client, admin: controlPlane.client() }));
}
