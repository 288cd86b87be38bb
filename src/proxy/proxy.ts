/** The service proxy: watches Services and EndpointSlices and keeps this node's kernel rules equal to them. */
import { HealthIndicators, tellBuild, type BuildInfo } from '../base/component-metrics.ts';
import { Counter, Histogram, MetricsRegistry } from '../base/metrics.ts';
import type { Node } from '../api/core/v1/types.ts';
import { EndpointSlices, Nodes, ServiceCIDRs, Services } from '../api/resources.ts';
import type { Client, InformerFactory, Running } from '../client/types.ts';
import type { Host, Listener } from '../host/types.ts';
import type { ProxyBackend } from './backend.ts';
import { cleanFlows, udpFingerprint } from './conntrack.ts';
import { isHealthy, listenHealthz, serviceHealthPorts, type ProxyHealth } from './health.ts';
import { iptablesBackend } from './iptables/backend.ts';
import { buildModel, familyOf, healthChecksOf, type Family } from './model.ts';
import { nftablesBackend } from './nftables/backend.ts';
import type { RuleSettings } from './rules.ts';

export type ProxyMode = 'iptables' | 'nftables';

export interface ProxyOptions {
  host: Host;
  /** Kept for events to come; the proxy itself only reads, through informers. */
  client?: Client;
  /** The proxy asks for informers; the caller starts the factory. */
  informers: InformerFactory;
  /** `auto`: iptables where its tools are, else nftables. */
  mode: ProxyMode | 'auto';
  nodeName: string;
  /** Addresses of the node, comma-separated, one of each family at most; they decide which families are served. */
  nodeIp: string;
  /** Pod ranges of the cluster, comma-separated. Traffic to cluster addresses from elsewhere is masqueraded. */
  clusterCidr?: string;
  /** Ranges of cluster addresses, comma-separated, beside those that the cluster's ServiceCIDR objects name: traffic to addresses in them that no Service has is dropped. */
  serviceCidr?: string;
  /** Shortest time between two writes of rules. Default 1 s. The first change after a rest is applied at once. */
  minSyncPeriodMs?: number;
  /** How often to look whether the rules are still there. Default 30 s. */
  syncPeriodMs?: number;
  /** Addresses on which node ports answer. Default: all local ones with iptables, the node's own with nftables, as upstream. */
  nodePortAddresses?: 'all' | readonly string[];
  /** Default: true with iptables, false with nftables. */
  localhostNodePorts?: boolean;
  masqueradeAll?: boolean;
  /** Where `/healthz` answers. Default `0.0.0.0:10256`; port 0 turns it off. */
  healthz?: { address: string; port: number };
  /** Where `/metrics` and `/proxyMode` answer. Default `127.0.0.1:10249`; port 0 turns it off. */
  metrics?: { address: string; port: number };
  /** What the program is, for metrics. Absent: they do not say. */
  build?: BuildInfo;
}

export interface RunningProxy extends Running {
  readonly mode: ProxyMode;
  /** Resolves once the first complete set of rules is in the kernel. */
  readonly firstSync: Promise<void>;
  /** Stops and removes every chain, table and set. Without it the rules stay, and with them the traffic. */
  cleanup(): Promise<void>;
}

const retryDelayMs = 1_000;
const list = (text: string | undefined): string[] => (text ?? '').split(',').map((part) => part.trim()).filter((part) => part !== '');

/** Tells which back end this machine can run. */
export async function chooseProxyMode(host: Pick<Host, 'exec'>, mode: ProxyMode | 'auto'): Promise<ProxyMode> {
  const works = async (file: string, args: readonly string[]): Promise<boolean> => (await host.exec.run(file, args).catch(() => undefined))?.code === 0;
  const iptables = (): Promise<boolean> => works('iptables-restore', ['--version']);
  const nftables = (): Promise<boolean> => works('nft', ['list', 'tables']);
  if (mode !== 'nftables' && (await iptables())) return 'iptables';
  if (mode !== 'iptables' && (await nftables())) return 'nftables';
  throw new Error(mode === 'auto' ? 'The service proxy needs the package iptables or nftables, and root' : `The service proxy in mode "${mode}" needs the package ${mode}, and root`);
}

function settingsFor(options: ProxyOptions, mode: ProxyMode, family: Family): RuleSettings {
  const addresses = list(options.nodeIp).filter((address) => familyOf(address) === family);
  const clusterCidr = list(options.clusterCidr).find((cidr) => familyOf(cidr) === family);
  return {
    ...(clusterCidr === undefined ? {} : { clusterCidr }),
    masqueradeAll: options.masqueradeAll ?? false,
    nodePortAddresses: options.nodePortAddresses ?? (mode === 'iptables' ? 'all' : addresses),
    localhostNodePorts: options.localhostNodePorts ?? mode === 'iptables',
    nodeAddresses: addresses,
    serviceCidrs: list(options.serviceCidr).toSorted(),
  };
}

/** A node that is going away should not be sent new connections by load balancers. */
function isEligible(node: Node | undefined): boolean {
  return node === undefined || (node.metadata.deletionTimestamp === undefined && !(node.spec?.taints ?? []).some((taint) => taint.key === 'ToBeDeletedByClusterAutoscaler'));
}

/** Removes what a proxy of either mode left on this machine, whether it runs or not. Tools that are missing made nothing. */
export async function cleanupProxy(host: Pick<Host, 'exec' | 'disk' | 'log'>): Promise<void> {
  const settings: RuleSettings = { nodePortAddresses: 'all', localhostNodePorts: false, nodeAddresses: [], serviceCidrs: [] };
  for (const family of [4, 6] as const) {
    for (const backend of [iptablesBackend(host, settings, family), nftablesBackend(host, settings, family)]) {
      await backend.cleanup().catch((error: unknown) => host.log.debug('nothing to clean up', { error: String(error) }));
    }
  }
}

interface Served {
  family: Family;
  /** What `backend` makes rules by; only the ranges of cluster addresses change. */
  settings: RuleSettings;
  backend: ProxyBackend;
  udp: string;
}

/** Starts the proxy. It resolves when its back end is chosen; rules follow once the informers are complete (`firstSync`). */
export async function startProxy(options: ProxyOptions): Promise<RunningProxy> {
  const { host, informers, nodeName } = options;
  const log = host.log.child('proxy');
  const mode = await chooseProxyMode(host, options.mode);
  const families = [...new Set(list(options.nodeIp).map(familyOf))];
  if (families.length === 0) throw new Error('The service proxy needs the address of its node');
  await removeOtherMode(host, mode);
  const make = mode === 'iptables' ? iptablesBackend : nftablesBackend;
  const served: Served[] = families.map((family) => {
    const settings = settingsFor(options, mode, family);
    return { family, settings, backend: make(host, settings, family), udp: '' };
  });
  const services = informers.of(Services);
  const slices = informers.of(EndpointSlices);
  const ranges = informers.of(ServiceCIDRs);
  const node = informers.of(Nodes, { fieldSelector: `metadata.name=${nodeName}` });
  const health: ProxyHealth = { lastUpdatedMs: undefined, pendingSinceMs: undefined, nodeEligible: true };
  const meters = proxyMeters();
  const ports = serviceHealthPorts(host, families.includes(4) ? '0.0.0.0' : '::', () => isHealthy(health, host.clock.now()));
  const listeners = await listenAll(options, mode, health, meters.registry);

  async function syncOnce(): Promise<void> {
    const started = host.clock.monotonic();
    const self = node.lister.byKey(nodeName);
    const serviceCidrs = [...new Set([...list(options.serviceCidr), ...ranges.lister.list().flatMap((range) => range.spec?.cidrs ?? [])])].toSorted();
    for (const part of served) {
      if (part.settings.serviceCidrs.join() !== serviceCidrs.join()) {
        part.settings.serviceCidrs = serviceCidrs;
        part.backend.forget();
      }
      const models = buildModel({ services: services.lister.list(), slices: slices.lister.list(), node: self, nodeName, family: part.family });
      await part.backend.sync(models);
      const udp = udpFingerprint(models);
      if (udp !== part.udp) await cleanFlows(host, part.family, models);
      part.udp = udp;
      if (part === served[0]) await ports.sync(healthChecksOf(models));
    }
    health.nodeEligible = isEligible(self);
    meters.duration.observe([], (host.clock.monotonic() - started) / 1000);
  }

  const loop = syncLoop(options, health, syncOnce, async () => {
    for (const part of served) if (!(await part.backend.intact())) return part.backend.forget(), true;
    return false;
  }, () => {
    for (const part of served) part.backend.forget();
    meters.failures.add([]);
  });
  services.onEvent(loop.changed);
  slices.onEvent(loop.changed);
  // Not waited for: a server without ServiceCIDR objects is served all the same.
  ranges.onEvent(loop.changed);
  node.onEvent((event) => {
    // Heartbeats change nothing here: only the zone and what makes a node ineligible do.
    const matters = (object: Node): string => JSON.stringify([object.metadata.labels, object.metadata.deletionTimestamp, object.spec?.taints]);
    if (event.type !== 'updated' || matters(event.old) !== matters(event.object)) loop.changed();
  });
  loop.start(() => services.hasSynced() && slices.hasSynced() && node.hasSynced());
  log.info('service proxy started', { mode, families });

  async function stop(): Promise<void> {
    await loop.stop();
    await ports.close();
    for (const listener of listeners) await listener.close(0);
  }
  return {
    mode,
    firstSync: loop.firstSync,
    stop,
    async cleanup() {
      await stop();
      for (const part of served) await part.backend.cleanup();
    },
  };
}

/** A change of mode must not leave two sets of rules. */
async function removeOtherMode(host: Host, mode: ProxyMode): Promise<void> {
  const other = mode === 'iptables' ? nftablesBackend : iptablesBackend;
  const settings: RuleSettings = { nodePortAddresses: 'all', localhostNodePorts: false, nodeAddresses: [], serviceCidrs: [] };
  for (const family of [4, 6] as const) await other(host, settings, family).cleanup().catch(() => undefined);
}

interface Meters {
  registry: MetricsRegistry;
  duration: Histogram;
  failures: Counter;
}

function proxyMeters(): Meters {
  const registry = new MetricsRegistry();
  registry.countMetrics();
  const buckets = Array.from({ length: 15 }, (_, index) => 0.001 * 2 ** index);
  return {
    registry,
    duration: registry.register(new Histogram('kubeproxy_sync_proxy_rules_duration_seconds', 'Time that writing the rules took, in seconds', [], buckets)),
    failures: registry.register(new Counter('kubeproxy_sync_proxy_rules_failures_total', 'Syncs that failed and were tried again')),
  };
}

async function listenAll(options: ProxyOptions, mode: ProxyMode, health: ProxyHealth, registry: MetricsRegistry): Promise<Listener[]> {
  const { host } = options;
  const listeners: Listener[] = [];
  const healthz = options.healthz ?? { address: '0.0.0.0', port: 10256 };
  if (healthz.port !== 0) listeners.push(await listenHealthz(host, healthz.address, healthz.port, () => health));
  const metrics = options.metrics ?? { address: '127.0.0.1', port: 10249 };
  if (metrics.port === 0) return listeners;
  if (options.build) tellBuild(registry, options.build);
  const indicators = new HealthIndicators();
  const ping = (): string => {
    indicators.checked('ping', 'healthz', true);
    return 'ok';
  };
  const texts: Record<string, () => string> = { '/proxyMode': () => mode, '/healthz': ping, '/metrics': () => registry.text(), '/metrics/slis': () => indicators.registry.text() };
  listeners.push(
    await host.net.listen({
      address: metrics.address,
      port: metrics.port,
      onRequest: (request, raw) => {
        const response = raw as { writeHead(status: number, headers: Record<string, string>): void; end(text: string): void };
        const text = texts[(request.url ?? '/').split('?')[0]!];
        response.writeHead(text === undefined ? 404 : 200, { 'content-type': 'text/plain; charset=utf-8' });
        response.end(text?.() ?? '404 page not found\n');
      },
    }),
  );
  return listeners;
}

interface Loop {
  changed(): void;
  start(ready: () => boolean): void;
  stop(): Promise<void>;
  firstSync: Promise<void>;
}

/** Runs `sync` after changes: at once after a rest, else not sooner than the minimal period; again after a failure; and whenever the rules were tampered with. */
function syncLoop(options: ProxyOptions, health: ProxyHealth, sync: () => Promise<void>, broken: () => Promise<boolean>, failed: () => void): Loop {
  const { host } = options;
  const log = host.log.child('proxy');
  const minSyncPeriodMs = options.minSyncPeriodMs ?? 1_000;
  const syncPeriodMs = options.syncPeriodMs ?? 30_000;
  const wake = new EventTarget();
  const stopping = new AbortController();
  let dirty = true;
  let running: Promise<void> = Promise.resolve();
  const first = Promise.withResolvers<void>();

  function changed(): void {
    dirty = true;
    health.pendingSinceMs ??= host.clock.now();
    wake.dispatchEvent(new Event('wake'));
  }
  /** Waits for a change, at most so long. */
  async function rest(limitMs: number): Promise<void> {
    if (dirty) return;
    const early = new AbortController();
    const abort = (): void => early.abort();
    wake.addEventListener('wake', abort, { once: true });
    stopping.signal.addEventListener('abort', abort, { once: true });
    await host.clock.sleep(limitMs, early.signal);
    wake.removeEventListener('wake', abort);
    stopping.signal.removeEventListener('abort', abort);
  }
  async function run(ready: () => boolean): Promise<void> {
    while (!ready() && !stopping.signal.aborted) await host.clock.sleep(20, stopping.signal);
    while (!stopping.signal.aborted) {
      const pendingSinceMs = health.pendingSinceMs;
      dirty = false;
      try {
        await sync();
        health.lastUpdatedMs = host.clock.now();
        if (!dirty) health.pendingSinceMs = undefined;
        first.resolve();
      } catch (error) {
        failed();
        log.error('the rules could not be written; trying again', { error: error instanceof Error ? error.message : String(error) });
        health.pendingSinceMs = pendingSinceMs ?? host.clock.now();
        await host.clock.sleep(retryDelayMs, stopping.signal);
        continue;
      }
      await host.clock.sleep(minSyncPeriodMs, stopping.signal);
      while (!dirty && !stopping.signal.aborted) {
        await rest(syncPeriodMs);
        if (!dirty && !stopping.signal.aborted && (await broken())) {
          log.warn('somebody removed the rules of the service proxy; writing them again');
          dirty = true;
        }
      }
    }
  }
  return {
    changed,
    firstSync: first.promise,
    start: (ready) => void (running = run(ready)),
    async stop() {
      stopping.abort();
      await running;
      // Whoever still waits for the first sync waits no longer.
      first.resolve();
    },
  };
}

