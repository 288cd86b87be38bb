/** The components as programs of their own: against any Kubernetes API server, with upstream's flags for what they support. */
import { UserError } from '../cli/operations.ts';
import { createClient, createInformers, createRecorder, httpTransport, loadKubeconfig, runWithLeaderElection, type Client, type Running } from '../client/index.ts';
import { defaultLeaseDurationMs, defaultRenewDeadlineMs, defaultRetryPeriodMs, retryJitter } from '../client/leader-election.ts';
import { limitedTransport, type RequestLimit } from '../client/limited-transport.ts';
import { grpcRuntime } from '../cri/index.ts';
import { startDns } from '../dns/index.ts';
import type { Host, TlsClientOptions } from '../host/types.ts';
import { startKubelet } from '../kubelet/index.ts';
import { cleanupProxy, startProxy } from '../proxy/index.ts';
import { featureGates } from '../apiserver/feature-gates.ts';
import type { StorageMediaType } from '../apiserver/options.ts';
import { originPatternFault } from '../apiserver/chain/cors.ts';
import type { ApiServerOptions } from '../apiserver/options.ts';
import type { RequestHeaderOptions } from '../apiserver/authentication/request-header.ts';
import { parseRuntimeConfig, type RuntimeConfig } from '../apiserver/runtime-config.ts';
import { createApiServer } from '../apiserver/server.ts';
import type { Lifetime } from './lifetime.ts';
import { openStore } from './store.ts';
import { buildInfo, packageVersion } from './package.ts';
import { auditFlags } from './audit-flags.ts';
import { booleanFlag, countFlag, durationFlag, fractionFlag, listFlag, mapFlag, needFlag, portFlag, portRangeFlag, taintsFlag, type Flags } from './flags.ts';

const shutdownGraceMs = 5_000;

/** Undefined: as many as it likes. Priority and fairness keep order at the server. */
function requestLimit(flags: Flags): RequestLimit | undefined {
  const perSecond = countFlag(flags, 'kube-api-qps', 0);
  return perSecond === 0 ? undefined : { perSecond, burst: Math.max(1, countFlag(flags, 'kube-api-burst', perSecond)) };
}

async function accessFrom(host: Host, flags: Flags, userAgent: string): Promise<{ client: Client; access: { server: string; tls?: TlsClientOptions; limit?: RequestLimit } }> {
  const path = needFlag(flags, 'kubeconfig', 'it says how to reach the API server');
  const config = await loadKubeconfig(host, path).catch((error: unknown) => {
    throw new UserError(`--kubeconfig: "${path}" cannot be used: ${(error as Error).message}`);
  });
  const transport = httpTransport(host.net, { server: config.server, tls: config.tls, userAgent, ...(config.token === undefined ? {} : { token: config.token }) });
  const limit = requestLimit(flags);
  const client = createClient(limit ? limitedTransport(host, transport, limit) : transport, { defaultFieldManager: userAgent });
  return { client, access: { server: config.server, tls: config.tls, ...(limit ? { limit } : {}) } };
}

async function clientFrom(host: Host, flags: Flags, userAgent: string): Promise<Client> {
  return (await accessFrom(host, flags, userAgent)).client;
}

async function readFlagFile(host: Host, flags: Flags, name: string): Promise<string | undefined> {
  const path = flags[name];
  if (path === undefined) return undefined;
  return host.disk.readText(path).catch((error: unknown) => {
    throw new UserError(`--${name}: "${path}" cannot be read: ${(error as Error).message}`);
  });
}

async function needFlagFile(host: Host, flags: Flags, name: string, why: string): Promise<string> {
  needFlag(flags, name, why);
  return (await readFlagFile(host, flags, name))!;
}

/** Origins whose pages may read answers. */
function corsFlags(flags: Flags): Pick<ApiServerOptions, 'corsAllowedOrigins'> {
  const patterns = listFlag(flags, 'cors-allowed-origins');
  for (const pattern of patterns ?? []) {
    const fault = originPatternFault(pattern);
    if (fault !== undefined) throw new UserError(`--cors-allowed-origins has an invalid regular expression: ${fault}`);
  }
  return patterns === undefined ? {} : { corsAllowedOrigins: patterns };
}

/** Which front proxies are believed, and in which headers they speak. */
function requestHeaderFlags(flags: Flags, clientCa: string): RequestHeaderOptions {
  const named = { allowedNames: 'requestheader-allowed-names', usernameHeaders: 'requestheader-username-headers', uidHeaders: 'requestheader-uid-headers', groupHeaders: 'requestheader-group-headers', extraHeaderPrefixes: 'requestheader-extra-headers-prefix' } as const;
  return { clientCa, ...Object.fromEntries(Object.entries(named).flatMap(([option, flag]) => (flags[flag] === undefined ? [] : [[option, listFlag(flags, flag)!]]))) };
}

function endpointReconcilerOf(flags: Flags): { endpointReconciler?: 'lease' | 'none' } {
  const type = flags['endpoint-reconciler-type'];
  if (type === undefined) return {};
  if (type !== 'lease' && type !== 'none') throw new UserError(`--endpoint-reconciler-type: invalid value "${type}": must be lease or none`);
  return { endpointReconciler: type };
}

/** Starts an API server on its port, and leaves it in the lifetime's charge. */
export async function startApiServer(host: Host, flags: Flags, lifetime: Lifetime): Promise<void> {
  const port = portFlag(flags, 'secure-port', 6443);
  const [cert, key] = [await needFlagFile(host, flags, 'tls-cert-file', 'it is the serving certificate'), await needFlagFile(host, flags, 'tls-private-key-file', 'it is the serving certificate\'s key')];
  const clientCa = await readFlagFile(host, flags, 'client-ca-file');
  const [signingKey, publicKey] = [await readFlagFile(host, flags, 'service-account-signing-key-file'), await readFlagFile(host, flags, 'service-account-key-file')];
  const modes = listFlag(flags, 'authorization-mode') ?? ['Node', 'RBAC'];
  if (modes.some((mode) => !['Node', 'RBAC', 'AlwaysAllow'].includes(mode))) throw new UserError(`--authorization-mode: invalid value "${modes.join(',')}": must be Node,RBAC or AlwaysAllow`);
  const backend = await openStore(host, flags);
  await lifetime.add({ stop: () => backend.close() });
  const kubelet = { ca: await readFlagFile(host, flags, 'kubelet-certificate-authority'), cert: await readFlagFile(host, flags, 'kubelet-client-certificate'), key: await readFlagFile(host, flags, 'kubelet-client-key') };
  const [requestHeaderCa, proxyCert, proxyKey] = [await readFlagFile(host, flags, 'requestheader-client-ca-file'), await readFlagFile(host, flags, 'proxy-client-cert-file'), await readFlagFile(host, flags, 'proxy-client-key-file')];
  if ((proxyCert === undefined) !== (proxyKey === undefined)) throw new UserError('--proxy-client-cert-file and --proxy-client-key-file: one is of no use without the other');
  const auditPolicy = await readFlagFile(host, flags, 'audit-policy-file');
  const server = await createApiServer({
    host,
    backend,
    version: packageVersion(),
    serviceCidr: flags['service-cluster-ip-range'] ?? '10.96.0.0/16',
    nodePortRange: portRangeFlag(flags, 'service-node-port-range', { from: 30_000, to: 32_767 }),
    authentication: {
      ...(clientCa === undefined ? {} : { clientCa }),
      ...(requestHeaderCa === undefined ? {} : { requestHeader: requestHeaderFlags(flags, requestHeaderCa) }),
      anonymous: booleanFlag(flags, 'anonymous-auth', true),
      ...(signingKey === undefined ? {} : { serviceAccount: { issuer: flags['service-account-issuer'] ?? 'https://kubernetes.default.svc.cluster.local', signingKey, publicKeys: publicKey === undefined ? [] : [publicKey] } }),
    },
    authorizationModes: modes.includes('AlwaysAllow') ? 'AlwaysAllow' : ['Node', 'RBAC'],
    advertiseAddress: flags['advertise-address'] ?? host.net.addresses().find((a) => a.family === 4)?.address ?? '127.0.0.1',
    securePort: port,
    identity: { hostname: host.machine.info().hostname },
    eventTtlSeconds: durationFlag(flags, 'event-ttl', 3_600_000) / 1000,
    ...endpointReconcilerOf(flags),
    kubeletClient: kubelet,
    inFlight: { readOnly: countFlag(flags, 'max-requests-inflight', 400), mutating: countFlag(flags, 'max-mutating-requests-inflight', 200) },
    ...(await auditFlags(host, flags, auditPolicy)),
    ...corsFlags(flags),
    profiling: booleanFlag(flags, 'profiling', true),
    goawayChance: goawayFlag(flags),
    shutdownDelayMs: durationFlag(flags, 'shutdown-delay-duration', 0),
    flags: Object.fromEntries(Object.entries(flags).filter((flag): flag is [string, string] => flag[1] !== undefined)),
    priorityAndFairness: booleanFlag(flags, 'enable-priority-and-fairness', true),
    ...storageMediaTypeFlag(flags),
    ...runtimeConfigFlag(flags),
    ...featureGatesFlag(flags),
    ...(proxyCert === undefined || proxyKey === undefined ? {} : { proxyClient: { cert: proxyCert, key: proxyKey } }),
    serviceRouting: booleanFlag(flags, 'enable-aggregator-routing', true) ? 'endpoints' : 'cluster-ip',
    ...(listFlag(flags, 'enable-admission-plugins') ? { enableAdmission: listFlag(flags, 'enable-admission-plugins')! } : {}),
    ...(listFlag(flags, 'disable-admission-plugins') ? { disableAdmission: listFlag(flags, 'disable-admission-plugins')! } : {}),
  });
  await server.start();
  // It closes its port itself, once its watches have come to an orderly end.
  await lifetime.add({ stop: () => server.stop(shutdownGraceMs) });
  const listener = await server.listen({ address: flags['bind-address'] ?? '0.0.0.0', port, tls: { cert, key, ...(clientCa === undefined ? {} : { clientCa }) } });
  host.log.info('serving', { address: listener.address, port: listener.port });
}

function goawayFlag(flags: Flags): number {
  const chance = fractionFlag(flags, 'goaway-chance', 0);
  if (chance > 0.02) throw new UserError('--goaway-chance can not be less than 0 or greater than 0.02');
  return chance;
}

const storageMediaTypes: readonly StorageMediaType[] = ['application/json', 'application/vnd.kubernetes.protobuf'];

function storageMediaTypeFlag(flags: Flags): { storageMediaType?: StorageMediaType } {
  const asked = flags['storage-media-type'];
  // Whoever else opens that etcd may know no other form; alone, JSON spares a translation at every read.
  if (asked === undefined) return flags['etcd-servers'] === undefined ? {} : { storageMediaType: 'application/vnd.kubernetes.protobuf' };
  const found = storageMediaTypes.find((type) => type === asked);
  if (found === undefined) throw new UserError(`--storage-media-type: invalid value "${asked}": must be ${storageMediaTypes.join(' or ')}`);
  return { storageMediaType: found };
}

function featureGatesFlag(flags: Flags): { featureGates?: Readonly<Record<string, boolean>> } {
  const asked = flags['feature-gates'];
  if (asked === undefined) return {};
  try {
    const gates = parseRuntimeConfig(asked);
    featureGates(gates);
    return { featureGates: gates };
  } catch (error) {
    throw new UserError(`--feature-gates: ${(error as Error).message}`);
  }
}

function runtimeConfigFlag(flags: Flags): { runtimeConfig?: RuntimeConfig } {
  const asked = flags['runtime-config'];
  if (asked === undefined) return {};
  try {
    return { runtimeConfig: parseRuntimeConfig(asked) };
  } catch (error) {
    throw new UserError(`--runtime-config: ${(error as Error).message}`);
  }
}

/** How long leases last, checked here so that a bad choice is told before anything runs. */
function leaderTimes(flags: Flags): { leaseDurationMs: number; renewDeadlineMs: number; retryPeriodMs: number } {
  const leaseDurationMs = durationFlag(flags, 'leader-elect-lease-duration', defaultLeaseDurationMs);
  const renewDeadlineMs = durationFlag(flags, 'leader-elect-renew-deadline', defaultRenewDeadlineMs);
  const retryPeriodMs = durationFlag(flags, 'leader-elect-retry-period', defaultRetryPeriodMs);
  if (leaseDurationMs <= renewDeadlineMs) throw new UserError('--leader-elect-lease-duration: must be longer than --leader-elect-renew-deadline');
  if (renewDeadlineMs <= retryPeriodMs * retryJitter) throw new UserError(`--leader-elect-renew-deadline: must be longer than ${retryJitter} times --leader-elect-retry-period`);
  return { leaseDurationMs, renewDeadlineMs, retryPeriodMs };
}

/** Leads while it holds the lease, unless leader election is off. */
function led(host: Host, client: Client, flags: Flags, name: string, start: () => Promise<Running>): Running {
  if (!booleanFlag(flags, 'leader-elect', true)) {
    const running = start();
    return { stop: async () => (await running).stop() };
  }
  return runWithLeaderElection(host, client, {
    namespace: flags['leader-elect-resource-namespace'] ?? 'kube-system',
    name: flags['leader-elect-resource-name'] ?? name,
    ...leaderTimes(flags),
    identity: `${host.machine.info().hostname}_${host.random.uuid()}`,
    async lead(signal) {
      const running = await start();
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await running.stop();
    },
  });
}

export async function runControllerManager(host: Host, flags: Flags): Promise<Running> {
  const { startControllerManagerComponent } = await import('./controller-manager-component.ts');
  const { client, access } = await accessFrom(host, flags, 'kube-controller-manager');
  return startControllerManagerComponent(host, client, access, flags, (start) => led(host, client, flags, 'kube-controller-manager', start));
}

export async function runScheduler(host: Host, flags: Flags): Promise<Running> {
  const { readSchedulerSetup, startSchedulerComponent } = await import('./scheduler-component.ts');
  const setup = await readSchedulerSetup(host, flags);
  const { kubeconfig } = setup.configuration.clientConnection;
  const own: Flags = { ...flags, ...(flags['kubeconfig'] === undefined && kubeconfig !== '' ? { kubeconfig } : {}), 'leader-elect': flags['leader-elect'] ?? String(setup.configuration.leaderElection.leaderElect) };
  const client = await clientFrom(host, own, 'kube-scheduler');
  return startSchedulerComponent(host, client, own, setup, (start) => led(host, client, own, setup.configuration.leaderElection.resourceName, start));
}

function nodeNameOf(host: Host, flags: Flags): string {
  return flags['hostname-override'] ?? host.machine.info().hostname.toLowerCase();
}

function nodeIpOf(host: Host, flags: Flags): string {
  const address = flags['node-ip'] ?? host.net.addresses().find((a) => a.family === 4)?.address;
  if (address === undefined) throw new UserError('this machine has no IPv4 address but the loopback one', 'name one with --node-ip');
  return address;
}

export async function runKubelet(host: Host, flags: Flags): Promise<Running> {
  const client = await clientFrom(host, flags, 'kubelet');
  const [cert, key] = [await readFlagFile(host, flags, 'tls-cert-file'), await readFlagFile(host, flags, 'tls-private-key-file')];
  const staticPodPath = flags['pod-manifest-path'];
  const [labels, taints] = [mapFlag(flags, 'node-labels'), taintsFlag(flags, 'register-with-taints')];
  const runtime = grpcRuntime(host, { endpoint: flags['container-runtime-endpoint'] ?? 'unix:///run/containerd/containerd.sock' });
  return startKubelet({
    host,
    client,
    runtime,
    recorder: createRecorder(host, client, 'kubelet'),
    config: {
      nodeName: nodeNameOf(host, flags),
      nodeIp: nodeIpOf(host, flags),
      rootDir: flags['root-dir'] ?? '/var/lib/kubelet',
      clusterDns: listFlag(flags, 'cluster-dns') ?? [],
      clusterDomain: flags['cluster-domain'] ?? 'cluster.local',
      cgroupRoot: flags['cgroup-root'] ?? '/',
      cgroupDriver: 'cgroupfs',
      build: buildInfo(host),
      clientCa: (await readFlagFile(host, flags, 'client-ca-file')) ?? '',
      port: portFlag(flags, 'port', 10_250),
      registerNode: true,
      authentication: 'delegated',
      maxPods: countFlag(flags, 'max-pods', 110),
      ...(cert !== undefined && key !== undefined ? { serving: { cert, key } } : {}),
      ...(staticPodPath === undefined ? {} : { staticPodPath }),
      ...(labels ? { labels } : {}),
      ...(taints ? { taints } : {}),
    },
  });
}

export async function runProxy(host: Host, flags: Flags): Promise<Running> {
  if (booleanFlag(flags, 'cleanup', false)) {
    await cleanupProxy(host);
    process.exit(0);
  }
  const mode = flags['proxy-mode'] ?? 'auto';
  if (mode !== 'auto' && mode !== 'iptables' && mode !== 'nftables') throw new UserError(`--proxy-mode: invalid value "${mode}": must be iptables, nftables or auto`);
  const client = await clientFrom(host, flags, 'kube-proxy');
  const informers = createInformers(host, client);
  const clusterCidr = flags['cluster-cidr'];
  const proxy = await startProxy({ host, client, informers, mode, nodeName: nodeNameOf(host, flags), nodeIp: nodeIpOf(host, flags), build: buildInfo(host), ...(clusterCidr === undefined ? {} : { clusterCidr }) });
  informers.start();
  return {
    async stop() {
      await proxy.stop();
      await informers.stop();
    },
  };
}

export async function runDns(host: Host, flags: Flags): Promise<Running> {
  const client = await clientFrom(host, flags, 'kube-dns');
  const informers = createInformers(host, client);
  const upstreams = listFlag(flags, 'upstreams')?.map((address) => ({ address, port: 53 }));
  const address = flags['bind-address'] ?? '0.0.0.0';
  const [allowedCidrs, nodeName] = [listFlag(flags, 'allowed-cidrs'), flags['publish-as-node']];
  if (nodeName !== undefined && ['0.0.0.0', '::'].includes(address)) throw new UserError('--publish-as-node needs the address that pods reach', 'name it with --bind-address');
  const dns = await startDns({
    host, client, informers, address, port: portFlag(flags, 'port', 53), domain: flags['cluster-domain'] ?? 'cluster.local',
    ...(upstreams ? { upstreams } : {}), ...(allowedCidrs ? { allowedCidrs } : {}), ...(nodeName === undefined ? {} : { publishSliceAs: { nodeName, nodeIp: address } }),
  });
  informers.start();
  return {
    async stop() {
      await dns.stop();
      await informers.stop();
    },
  };
}
