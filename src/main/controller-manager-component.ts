/** The controllers as a program of their own: leader election, an account for each where asked, and what the program tells about itself. */
import { UserError } from '../cli/operations.ts';
import { createClient, createInformers, createRecorder, httpTransport, type Client, type Running } from '../client/index.ts';
import type { TokenRequest } from '../api/authentication/v1/types.ts';
import { isAlreadyExists, isNotFound } from '../api/meta/status.ts';
import { ServiceAccounts } from '../api/resources.ts';
import { concurrencyFlags, type ControllerSettings } from '../controllers/context.ts';
import { controllers as known, isEnabled, startControllers } from '../controllers/index.ts';
import type { Host, Listener, TlsClientOptions } from '../host/types.ts';
import { defaultControllerSettings } from '../testing/control-plane.ts';
import { startComponentServer } from './component-server.ts';
import { booleanFlag, countFlag, durationFlag, listFlag, needFlag, portFlag, type Flags } from './flags.ts';

const DEFAULT_PORT = 10257;
const userAgent = 'kube-controller-manager';
const tokenSeconds = 3600;
/** A token is asked for anew when so much of its life is over. */
const renewAtShare = 0.8;

/** Where the API server is, and how it is believed. */
export interface ServerAccess {
  server: string;
  tls?: TlsClientOptions;
}

async function fileOf(host: Host, flags: Flags, name: string): Promise<string | undefined> {
  const path = flags[name];
  if (path === undefined) return undefined;
  return host.disk.readText(path).catch((error: unknown) => {
    throw new UserError(`--${name}: "${path}" cannot be read: ${(error as Error).message}`);
  });
}

async function signingOf(host: Host, flags: Flags): Promise<Pick<ControllerSettings, 'signing'>> {
  const [cert, key] = [await fileOf(host, flags, 'cluster-signing-cert-file'), await fileOf(host, flags, 'cluster-signing-key-file')];
  if (cert === undefined && key === undefined) return {};
  if (cert === undefined || key === undefined) throw new UserError('--cluster-signing-cert-file and --cluster-signing-key-file belong together');
  return { signing: { cert, key, durationMs: durationFlag(flags, 'cluster-signing-duration', 365 * 24 * 3_600_000) } };
}

function workersOf(flags: Flags): Record<string, number> {
  return Object.fromEntries(concurrencyFlags.filter((flag) => flags[flag] !== undefined).map((flag) => {
    const count = countFlag(flags, flag, 1);
    if (count < 1) throw new UserError(`--${flag}: invalid value "${flags[flag]}": must be at least 1`);
    return [flag, count];
  }));
}

/** The controllers' settings as the flags say. */
export async function controllerSettings(host: Host, flags: Flags): Promise<ControllerSettings> {
  const allocate = booleanFlag(flags, 'allocate-node-cidrs', false);
  const accountKey = await fileOf(host, flags, 'service-account-private-key-file');
  return {
    ...defaultControllerSettings,
    rootCa: (await fileOf(host, flags, 'root-ca-file')) ?? '',
    nodeMonitorGraceMs: durationFlag(flags, 'node-monitor-grace-period', defaultControllerSettings.nodeMonitorGraceMs),
    nodeMonitorPeriodMs: durationFlag(flags, 'node-monitor-period', defaultControllerSettings.nodeMonitorPeriodMs),
    terminatedPodThreshold: countFlag(flags, 'terminated-pod-gc-threshold', defaultControllerSettings.terminatedPodThreshold),
    legacyTokenUnusedMs: durationFlag(flags, 'legacy-service-account-token-clean-up-period', 365 * 24 * 3_600_000),
    workers: workersOf(flags),
    ...(await signingOf(host, flags)),
    ...(accountKey === undefined ? {} : { signSecretToken: (await import('../apiserver/authentication/service-account-tokens.ts')).secretTokenSigner(accountKey) }),
    ...(allocate ? { clusterCidr: needFlag(flags, 'cluster-cidr', 'nodes are to get a share of it'), nodeCidrMaskSize: countFlag(flags, 'node-cidr-mask-size', 24) } : {}),
    ...(flags['service-cluster-ip-range'] === undefined ? {} : { serviceCidr: flags['service-cluster-ip-range'] }),
  };
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
    if (!client) made.set(account, (client = createClient(httpTransport(host.net, { server: config.server, tls, userAgent: `${userAgent}/${account}`, token: tokenOf(host, root, account) }), { defaultFieldManager: userAgent })));
    return client;
  };
}

/** What is in force, as `/configz` shows it. */
export function shownConfiguration(flags: Flags, settings: ControllerSettings): object {
  const enabled = listFlag(flags, 'controllers') ?? ['*'];
  const seconds = (ms: number): string => `${ms / 1000}s`;
  return {
    'kubecontrollermanager.config.k8s.io': {
      Generic: { Controllers: enabled, Address: flags['bind-address'] ?? '127.0.0.1', Port: portFlag(flags, 'secure-port', DEFAULT_PORT), LeaderElection: { LeaderElect: booleanFlag(flags, 'leader-elect', true), ResourceName: userAgent, ResourceNamespace: flags['leader-elect-resource-namespace'] ?? 'kube-system' } },
      KubeCloudShared: { UseServiceAccountCredentials: booleanFlag(flags, 'use-service-account-credentials', false), AllocateNodeCIDRs: settings.clusterCidr !== undefined, ClusterCIDR: settings.clusterCidr ?? '', NodeMonitorPeriod: seconds(settings.nodeMonitorPeriodMs) },
      NodeLifecycleController: { NodeMonitorGracePeriod: seconds(settings.nodeMonitorGraceMs) },
      PodGCController: { TerminatedPodGCThreshold: settings.terminatedPodThreshold },
      Concurrency: settings.workers ?? {},
    },
  };
}

function metricsText(startedMs: number, running: readonly string[], leads: boolean): string {
  const usage = process.cpuUsage();
  const metric = (name: string, type: string, help: string, lines: readonly string[]): string[] => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
  return [
    ...metric('leader_election_master_status', 'gauge', 'Whether this process leads: 1, or stands by: 0.', [`leader_election_master_status{name="${userAgent}"} ${Number(leads)}`]),
    ...metric('running_managed_controllers', 'gauge', 'Controllers that run now, by name.', running.map((name) => `running_managed_controllers{manager="${userAgent}",name="${name}"} 1`)),
    ...metric('process_cpu_seconds_total', 'counter', 'Processor time used, in seconds.', [`process_cpu_seconds_total ${(usage.user + usage.system) / 1e6}`]),
    ...metric('process_resident_memory_bytes', 'gauge', 'Memory in use, in bytes.', [`process_resident_memory_bytes ${process.memoryUsage.rss()}`]),
    ...metric('process_start_time_seconds', 'gauge', 'When the process began, in seconds since 1970.', [`process_start_time_seconds ${startedMs / 1000}`]),
    '',
  ].join('\n');
}

async function serve(host: Host, client: Client, flags: Flags, pages: Parameters<typeof startComponentServer>[2]['pages']): Promise<Listener | undefined> {
  const port = portFlag(flags, 'secure-port', DEFAULT_PORT);
  if (port === 0) return undefined;
  const [cert, key] = [await fileOf(host, flags, 'tls-cert-file'), await fileOf(host, flags, 'tls-private-key-file')];
  try {
    return await startComponentServer(host, client, { name: userAgent, address: flags['bind-address'] ?? '127.0.0.1', port, ...(cert === undefined || key === undefined ? {} : { cert, key }), pages });
  } catch (error) {
    // Whoever names the port needs it; the default one may be another's on the same machine.
    if (flags['secure-port'] !== undefined) throw error;
    host.log.warn('health and metrics are not served', { port, error: String((error as Error)?.message ?? error) });
    return undefined;
  }
}

/** Serves health and metrics at once, and runs the controllers while `lead` says so. */
export async function startControllerManagerComponent(host: Host, client: Client, config: ServerAccess, flags: Flags, lead: (start: () => Promise<Running>) => Running): Promise<Running> {
  const settings = await controllerSettings(host, flags);
  const enabled = listFlag(flags, 'controllers') ?? ['*'];
  const names = known.map(([name]) => name).filter((name) => isEnabled(name, enabled));
  const startedMs = host.clock.now();
  let leads = false;
  const listener = await serve(host, client, flags, {
    '/metrics': { type: 'text/plain; version=0.0.4; charset=utf-8', text: () => metricsText(startedMs, leads ? names : [], leads) },
    '/configz': { type: 'application/json', text: () => JSON.stringify(shownConfiguration(flags, settings)) },
  });
  const clientFor = booleanFlag(flags, 'use-service-account-credentials', false) ? accountClients(host, client, config) : undefined;
  const leading = lead(async () => {
    const informers = createInformers(host, client);
    const controllers = startControllers({ host, client, informers, recorder: (component) => createRecorder(host, client, component), settings, ...(clientFor ? { clientFor } : {}) }, enabled);
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
