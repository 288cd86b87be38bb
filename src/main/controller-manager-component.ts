/** The controllers as a program of their own: leader election, an account for each where asked, and what the program tells about itself. */
import { createClient, createInformers, createRecorder, httpTransport, type Client, type Running } from '../client/index.ts';
import type { TokenRequest } from '../api/authentication/v1/types.ts';
import { isAlreadyExists, isNotFound } from '../api/meta/status.ts';
import { ServiceAccounts } from '../api/resources.ts';
import type { ControllerSettings } from '../controllers/context.ts';
import { maxEndpointsPerSlice } from '../controllers/endpointslice/decide.ts';
import { maxEndpointsPerSubset } from '../controllers/endpointslice-mirroring/decide.ts';
import { defaultTolerance, syncPeriodMs, timing } from '../controllers/horizontal-pod-autoscaler/controller.ts';
import { downscaleStabilizationMs } from '../controllers/horizontal-pod-autoscaler/limits.ts';
import { controllers as known, isEnabled, startControllers } from '../controllers/index.ts';
import { ControllerMetrics } from '../controllers/metrics.ts';
import { startupGraceMs } from '../controllers/node-lifecycle/controller.ts';
import { evictionQps, largeZoneSize, secondaryEvictionQps, unhealthyThreshold } from '../controllers/node-lifecycle/zones.ts';
import { fullResyncPeriodMs } from '../controllers/resourcequota/controller.ts';
import { limitedTransport, type RequestLimit } from '../client/limited-transport.ts';
import { QueueMetrics } from '../client/queue-metrics.ts';
import type { Host, Listener, TlsClientOptions } from '../host/types.ts';
import type { MetricsRegistry } from '../base/metrics.ts';
import { tellBuild } from '../base/component-metrics.ts';
import { stabilityOf } from '../base/metric-stability.ts';
import { buildInfo } from './package.ts';
import { serveComponent } from './component-server.ts';
import { controllerSettings, enabledControllers } from './controller-settings.ts';
import { booleanFlag, countFlag, durationFlag, portFlag, type Flags } from './flags.ts';

const DEFAULT_PORT = 10257;
const userAgent = 'kube-controller-manager';
const tokenSeconds = 3600;
/** A token is asked for anew when so much of its life is over. */
const renewAtShare = 0.8;

/** Where the API server is, and how it is believed. */
export interface ServerAccess {
  server: string;
  tls?: TlsClientOptions;
  /** Requests a second at most, for each client. */
  limit?: RequestLimit;
}

/** A token of a service account of kube-system, renewed before it ends. The account is made where it is missing. */
function tokenOf(host: Host, root: Client, account: string): () => Promise<string> {
  const accounts = root.of(ServiceAccounts).inNamespace('kube-system');
  let current: Promise<{ token: string; untilMs: number }> | undefined;
  async function ask(): Promise<{ token: string; untilMs: number }> {
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {}, spec: { expirationSeconds: tokenSeconds } } as unknown as TokenRequest;
    const askedMs = host.clock.monotonic();
    const request = (): Promise<TokenRequest> => accounts.createSubresource<TokenRequest>(account, 'token', body);
    const answer = await request().catch(async (error: unknown) => {
      if (!isNotFound(error)) throw error;
      await accounts.create({ metadata: { name: account, namespace: 'kube-system' } }).catch((each: unknown) => {
        if (!isAlreadyExists(each)) throw each;
      });
      return request();
    });
    const token = answer.status?.token;
    if (!token) throw new Error(`the server gave no token for service account kube-system/${account}`);
    return { token, untilMs: askedMs + tokenSeconds * 1000 * renewAtShare };
  }
  return async () => {
    const held = await current?.catch(() => undefined);
    if (held && held.untilMs > host.clock.monotonic()) return held.token;
    current = ask();
    return (await current).token;
  };
}

/** Clients that act as service accounts, for `--use-service-account-credentials`. */
function accountClients(host: Host, root: Client, config: ServerAccess): (account: string) => Client {
  const made = new Map<string, Client>();
  // The authority of the server is trusted as before; the certificate of the program's own user must not speak for the account.
  const { cert: _cert, key: _key, ...tls } = config.tls ?? {};
  return (account) => {
    let client = made.get(account);
    if (!client) {
      const transport = httpTransport(host.net, { server: config.server, tls, userAgent: `${userAgent}/${account}`, token: tokenOf(host, root, account) });
      made.set(account, (client = createClient(config.limit ? limitedTransport(host, transport, config.limit) : transport, { defaultFieldManager: userAgent })));
    }
    return client;
  };
}

/** What is in force, as `/configz` shows it. */
export function shownConfiguration(flags: Flags, settings: ControllerSettings): object {
  const enabled = enabledControllers(flags);
  const seconds = (ms: number): string => `${ms / 1000}s`;
  const { autoscaler = {}, nodeEviction = {} } = settings;
  return {
    'kubecontrollermanager.config.k8s.io': {
      Generic: { Controllers: enabled, Address: flags['bind-address'] ?? '127.0.0.1', Port: portFlag(flags, 'secure-port', DEFAULT_PORT), ClientConnection: { QPS: countFlag(flags, 'kube-api-qps', 0), Burst: countFlag(flags, 'kube-api-burst', 0) }, LeaderElection: { LeaderElect: booleanFlag(flags, 'leader-elect', true), LeaseDuration: seconds(durationFlag(flags, 'leader-elect-lease-duration', 15_000)), RenewDeadline: seconds(durationFlag(flags, 'leader-elect-renew-deadline', 10_000)), RetryPeriod: seconds(durationFlag(flags, 'leader-elect-retry-period', 2_000)), ResourceName: flags['leader-elect-resource-name'] ?? userAgent, ResourceNamespace: flags['leader-elect-resource-namespace'] ?? 'kube-system' } },
      KubeCloudShared: { UseServiceAccountCredentials: booleanFlag(flags, 'use-service-account-credentials', false), AllocateNodeCIDRs: settings.clusterCidr !== undefined, ClusterCIDR: settings.clusterCidr ?? '', NodeMonitorPeriod: seconds(settings.nodeMonitorPeriodMs) },
      NodeLifecycleController: {
        NodeMonitorGracePeriod: seconds(settings.nodeMonitorGraceMs), NodeStartupGracePeriod: seconds(nodeEviction.startupGraceMs ?? startupGraceMs), NodeEvictionRate: nodeEviction.perSecond ?? evictionQps,
        SecondaryNodeEvictionRate: nodeEviction.secondaryPerSecond ?? secondaryEvictionQps, LargeClusterSizeThreshold: nodeEviction.largeZoneSize ?? largeZoneSize, UnhealthyZoneThreshold: nodeEviction.unhealthyShare ?? unhealthyThreshold,
      },
      HPAController: {
        HorizontalPodAutoscalerSyncPeriod: seconds(autoscaler.syncPeriodMs ?? syncPeriodMs), HorizontalPodAutoscalerTolerance: autoscaler.tolerance ?? defaultTolerance,
        HorizontalPodAutoscalerDownscaleStabilizationWindow: seconds(autoscaler.downscaleStabilizationMs ?? downscaleStabilizationMs),
        HorizontalPodAutoscalerCPUInitializationPeriod: seconds(autoscaler.cpuInitializationMs ?? timing.cpuInitializationMs), HorizontalPodAutoscalerInitialReadinessDelay: seconds(autoscaler.initialReadinessDelayMs ?? timing.initialReadinessDelayMs),
      },
      EndpointSliceController: { MaxEndpointsPerSlice: settings.maxEndpointsPerSlice ?? maxEndpointsPerSlice },
      EndpointSliceMirroringController: { MirroringMaxEndpointsPerSubset: settings.maxMirroredEndpoints ?? maxEndpointsPerSubset },
      ResourceQuotaController: { ResourceQuotaSyncPeriod: seconds(settings.quotaSyncPeriodMs ?? fullResyncPeriodMs) },
      GarbageCollectorController: { EnableGarbageCollector: booleanFlag(flags, 'enable-garbage-collector', true) },
      PodGCController: { TerminatedPodGCThreshold: settings.terminatedPodThreshold },
      Concurrency: settings.workers ?? {},
    },
  };
}

function metricsText(startedMs: number, running: readonly string[], leads: boolean): string {
  const usage = process.cpuUsage();
  const promise = (name: string): string => (stabilityOf(name) === undefined ? '' : `[${stabilityOf(name)}] `);
  const metric = (name: string, type: string, help: string, lines: readonly string[]): string[] => [`# HELP ${name} ${promise(name)}${help}`, `# TYPE ${name} ${type}`, ...lines];
  return [
    ...metric('leader_election_master_status', 'gauge', 'Whether this process leads: 1, or stands by: 0.', [`leader_election_master_status{name="${userAgent}"} ${Number(leads)}`]),
    ...metric('running_managed_controllers', 'gauge', 'Controllers that run now, by name.', running.map((name) => `running_managed_controllers{manager="${userAgent}",name="${name}"} 1`)),
    ...metric('process_cpu_seconds_total', 'counter', 'Processor time used, in seconds.', [`process_cpu_seconds_total ${(usage.user + usage.system) / 1e6}`]),
    ...metric('process_resident_memory_bytes', 'gauge', 'Memory in use, in bytes.', [`process_resident_memory_bytes ${process.memoryUsage.rss()}`]),
    ...metric('process_start_time_seconds', 'gauge', 'When the process began, in seconds since 1970.', [`process_start_time_seconds ${startedMs / 1000}`]),
    '',
  ].join('\n');
}

/** What is told about controllers, and by whom. */
export interface ControllerPages {
  flags: Flags;
  settings: ControllerSettings;
  /** Everything that is counted, the queues among it. */
  registry: MetricsRegistry;
  /** Whether the controllers run in this process now. */
  leads: () => boolean;
}

/** Health for everybody, metrics and configuration for whom the API server allows them; undefined when the default port is taken. */
export async function serveControllers(host: Host, client: Client, { flags, settings, registry, leads }: ControllerPages): Promise<Listener | undefined> {
  const enabled = enabledControllers(flags);
  const names = known.map(([name]) => name).filter((name) => isEnabled(name, enabled));
  const startedMs = host.clock.now();
  tellBuild(registry, buildInfo(host));
  const isElected = booleanFlag(flags, 'leader-elect', true);
  const checks = (page: string): string[] => (page === 'healthz' ? [...(isElected ? ['leaderElection'] : []), ...(leads() ? names : [])] : ['ping']);
  return serveComponent(host, client, flags, DEFAULT_PORT, {
    name: userAgent, checks,
    pages: {
      '/metrics': { type: 'text/plain; version=0.0.4; charset=utf-8', text: () => metricsText(startedMs, leads() ? names : [], leads()) + registry.text() },
      '/configz': { type: 'application/json', text: () => JSON.stringify(shownConfiguration(flags, settings)) },
    },
  });
}

/** Serves health and metrics at once, and runs the controllers while `lead` says so. */
export async function startControllerManagerComponent(host: Host, client: Client, config: ServerAccess, flags: Flags, lead: (start: () => Promise<Running>) => Running): Promise<Running> {
  const settings = await controllerSettings(host, flags);
  const enabled = enabledControllers(flags);
  const queues = new QueueMetrics(host.clock);
  const metrics = new ControllerMetrics(queues.registry);
  let leads = false;
  const listener = await serveControllers(host, client, { flags, settings, registry: queues.registry, leads: () => leads });
  const clientFor = booleanFlag(flags, 'use-service-account-credentials', false) ? accountClients(host, client, config) : undefined;
  const leading = lead(async () => {
    const informers = createInformers(host, client);
    const controllers = startControllers({ host, client, informers, recorder: (component) => createRecorder(host, client, component), settings, queues, metrics, ...(clientFor ? { clientFor } : {}) }, enabled);
    informers.start();
    leads = true;
    return {
      async stop() {
        leads = false;
        await controllers.stop();
        await informers.stop();
      },
    };
  });
  return {
    async stop() {
      await leading.stop();
      await listener?.close(0);
    },
  };
}
