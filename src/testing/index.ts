/**
 * The library's face: a whole cluster inside a test.
 *
 * ```ts
 * import { startCluster } from 'kubets';
 * const cluster = await startCluster({ nodes: 3 });
 * await cluster.client.of(Pods).inNamespace('default').create(pod);
 * await cluster.stop();
 * ```
 */
import { secretTokenSigner } from '../apiserver/authentication/service-account-tokens.ts';
import { createAuthority, createSigningKeys, issueCertificate } from '../pki/certificates.ts';
import { createInformers, type Client, type Running, type Transport } from '../client/index.ts';
import { nodeHost } from '../host/node/index.ts';
import type { LogLevel } from '../host/node/log.ts';
import { turn } from '../host/node/turn.ts';
import type { Host, Listener } from '../host/types.ts';
import { virtualHost, type VirtualHost } from '../simulate/virtual-host.ts';
import type { Backend } from '../store/backend.ts';
import { memoryBackend, type MemorySnapshot } from '../store/memory.ts';
import type { HollowSnapshot } from '../cri/index.ts';
import { serverOptions, startControlPlane, type ControlPlane } from './control-plane.ts';
import { hollowNodeList, startHollowNodes, type HollowNode } from './hollow-nodes.ts';

export * from '../api/resources.ts';
export { StatusError } from '../api/meta/status.ts';
export type { Client, InformerFactory, ResourceClient, Transport, WatchEvent } from '../client/index.ts';
export type { VirtualHost } from '../simulate/virtual-host.ts';

export interface ClusterOptions {
  /** Hollow nodes. Default 1. */
  nodes?: number;
  /** What runs the containers: only the pretending runtime lives inside a test. */
  runtime?: 'hollow';
  /** `virtual`: time stands still until `cluster.advance` or `cluster.until` moves it. Default `real`. */
  clock?: 'real' | 'virtual';
  /** Decides all chance on the virtual clock. Default `1`. */
  seed?: string;
  logLevel?: LogLevel;
  /** Processors and memory that each hollow node claims. Default 8 and 32 GiB. */
  nodeCpus?: number;
  nodeMemoryBytes?: number;
  labelsFor?: (node: HollowNode) => Record<string, string>;
  /** As upstream's flag: `*`, a name, `-name`. Default all. */
  controllers?: readonly string[];
  /** Watches every commit, e.g. for a trace. Such a cluster has no snapshots. */
  backend?: Backend;
  /** Begins as another cluster was when the snapshot was taken: objects, containers that run, keys and, on the virtual clock, the time. */
  from?: Snapshot;
  withoutScheduler?: boolean;
}

/** What certificates and tokens of a cluster are signed with. */
export interface ClusterKeys {
  authority: Awaited<ReturnType<typeof createAuthority>>;
  signing: Awaited<ReturnType<typeof createSigningKeys>>;
}

/** A cluster at one moment. Any number of clusters can begin from it, at any time; it holds no running part. */
export interface Snapshot {
  readonly options: ClusterOptions;
  readonly store: MemorySnapshot;
  readonly nodes: ReadonlyMap<string, HollowSnapshot>;
  readonly nowMs: number;
  readonly keys: ClusterKeys | undefined;
}

export interface TestCluster extends Running {
  /** As an admin. */
  client: Client;
  transport: Transport;
  host: Host;
  backend: Backend;
  controlPlane: ControlPlane;
  /** Moves virtual time; on the real clock it waits that long. */
  advance(durationMs: number): Promise<void>;
  /** Lets time pass until the condition holds (asked every 100 ms of the cluster's time). Rejects after `limitMs` of it. */
  until(what: string, condition: () => boolean | Promise<boolean>, limitMs?: number): Promise<void>;
  /** The state as it is now, in a moment's time: values are shared, not copied. The cluster goes on. */
  snapshot(): Snapshot;
  /** Another cluster that begins as this one is now, and goes its own way. */
  fork(options?: Omit<ClusterOptions, 'from' | 'clock' | 'backend'>): Promise<TestCluster>;
  /** Opens a TLS port on loopback for real clients, and returns its kubeconfig as an object (JSON is YAML). Real clock only. */
  serve(): Promise<{ server: string; ca: string; cert: string; key: string; kubeconfig: object; close(): Promise<void> }>;
}

const defaultUntilMs = 60_000;
const askEveryMs = 100;

const isVirtual = (host: Host): host is VirtualHost => 'advance' in host.clock;

/** Time has to pass for promises to resolve that wait on the virtual clock: this moves it until the work is done. */
async function drive<T>(host: Host, work: Promise<T>): Promise<T> {
  if (!isVirtual(host)) return work;
  let done = false;
  const finished = work.finally(() => (done = true));
  finished.catch(() => undefined);
  await host.clock.runUntil(() => done, 600_000);
  return finished;
}

async function makeKeys(nowMs: number): Promise<ClusterKeys> {
  const [authority, signing] = await Promise.all([createAuthority({ commonName: 'kubets-test', nowMs, days: 1 }), createSigningKeys()]);
  return { authority, signing };
}

/** What a snapshot leaves open is as it was in the cluster that it was taken of. */
function settle(options: ClusterOptions): ClusterOptions {
  const { from } = options;
  if (!from) return options;
  if (options.backend) throw new Error('a cluster that begins from a snapshot has its own backend');
  if (options.clock !== undefined && options.clock !== (from.options.clock ?? 'real')) throw new Error(`the snapshot is of a cluster on the ${from.options.clock ?? 'real'} clock, and cannot go on on another`);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { ...from.options, ...given };
}

function hostOf(options: ClusterOptions): Host {
  const { from, seed = '1', logLevel = 'silent' } = options;
  if (options.clock !== 'virtual') return nodeHost({ logLevel });
  // Another stream of chance than the one that made what is there: names and uids would come twice.
  if (from) return virtualHost({ seed: `${seed}/from ${from.store.revision}`, startMs: from.nowMs, settle: turn });
  return virtualHost({ seed, settle: turn });
}

/** Starts API server, controllers, scheduler and hollow nodes in this process, on a store in memory. */
export async function startCluster(given: ClusterOptions = {}): Promise<TestCluster> {
  const options = settle(given);
  const { from } = options;
  const host = hostOf(options);
  const memory = options.backend ? undefined : memoryBackend({ clock: host.clock, ...(from ? { from: from.store } : {}) });
  const backend = options.backend ?? memory!;
  const keys = options.clock === 'virtual' ? undefined : (from?.keys ?? (await makeKeys(host.clock.now())));
  const controlPlane = await drive(host, startControlPlane({
    host,
    server: serverOptions(backend, keys?.signing, keys?.authority.cert),
    controllers: { rootCa: keys?.authority.cert ?? 'simulated', ...(keys ? { signSecretToken: secretTokenSigner(keys.signing.privateKey) } : {}) },
    ...(options.controllers ? { enabledControllers: options.controllers } : {}),
    ...(options.withoutScheduler ? { withoutScheduler: true } : {}),
  }));
  await drive(host, controlPlane.startWorkers());
  // Hollow kubelets share one watch: what they may read is not what a test of theirs is about, what they write is.
  const informers = createInformers(host, controlPlane.client());
  const nodes = await drive(host, startHollowNodes({
    host,
    informers,
    nodes: hollowNodeList(options.nodes ?? 1),
    clientFor: (node) => controlPlane.client({ name: `system:node:${node.name}`, groups: ['system:nodes', 'system:authenticated'] }, { takesShared: true }),
    ...(from ? { from: from.nodes } : {}),
    ...(options.nodeCpus === undefined ? {} : { cpus: options.nodeCpus }),
    ...(options.nodeMemoryBytes === undefined ? {} : { memoryBytes: options.nodeMemoryBytes }),
    ...(options.labelsFor ? { labelsFor: options.labelsFor } : {}),
  }));
  const client = controlPlane.client();
  const stop = (): Promise<void> => drive(host, (async () => {
    await nodes.stop();
    await informers.stop();
    await controlPlane.stop();
    await backend.close();
  })());
  const snapshot = (): Snapshot => {
    if (!memory) throw new Error('a cluster on a backend of its own has no snapshots');
    const { from: _from, ...own } = options;
    return { options: own, store: memory.snapshot(), nodes: nodes.snapshot(), nowMs: host.clock.now(), keys };
  };
  return {
    client, transport: client.transport, host, backend, controlPlane, snapshot, stop, ...timeOf(host),
    fork: (own = {}) => startCluster({ ...own, from: snapshot() }),
    serve: () => serve(host, controlPlane, keys?.authority),
  };
}

function timeOf(host: Host): Pick<TestCluster, 'advance' | 'until'> {
  async function advance(durationMs: number): Promise<void> {
    if (isVirtual(host)) await host.clock.advance(durationMs);
    else await host.clock.sleep(durationMs);
  }
  return {
    advance,
    async until(what, condition, limitMs = defaultUntilMs) {
      const deadline = host.clock.monotonic() + limitMs;
      while (!(await drive(host, Promise.resolve(condition())))) {
        if (host.clock.monotonic() >= deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
        await advance(askEveryMs);
      }
    },
  };
}

async function serve(host: Host, controlPlane: ControlPlane, authority: ClusterKeys['authority'] | undefined): ReturnType<TestCluster['serve']> {
  if (!authority) throw new Error('a cluster on the virtual clock has no sockets');
  const [serving, admin] = await Promise.all([
    issueCertificate(authority, { commonName: 'kube-apiserver', usages: ['server'], dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'], nowMs: host.clock.now(), days: 1 }),
    issueCertificate(authority, { commonName: 'kubernetes-admin', organizations: ['system:masters'], usages: ['client'], nowMs: host.clock.now(), days: 1 }),
  ]);
  const listener: Listener = await controlPlane.server.listen({ address: '127.0.0.1', port: 0, tls: { ...serving, clientCa: authority.cert } });
  const server = `https://127.0.0.1:${listener.port}`;
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const kubeconfig = {
    apiVersion: 'v1', kind: 'Config', 'current-context': 'kubets',
    clusters: [{ name: 'kubets', cluster: { server, 'certificate-authority-data': base64(authority.cert) } }],
    users: [{ name: 'admin', user: { 'client-certificate-data': base64(admin.cert), 'client-key-data': base64(admin.key) } }],
    contexts: [{ name: 'kubets', context: { cluster: 'kubets', user: 'admin' } }],
  };
  return { server, ca: authority.cert, ...admin, kubeconfig, close: () => listener.close(0) };
}
