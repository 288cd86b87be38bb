/**
 * Reads the kubelets every 15 s while somebody wants to know, and not at all otherwise: a cluster that nobody measures pays nothing.
 * The first question after a pause waits for two readings that stand close together.
 */
import { readAtMost } from '../../base/read-at-most.ts';
import type { Node } from '../../api/core/v1/types.ts';
import { Nodes } from '../../api/resources.ts';
import type { Client, Running } from '../../client/types.ts';
import type { Host, TlsClientOptions } from '../../host/types.ts';
import { readResourceMetrics, type NodeReading, type PodReading } from './exposition.ts';
import { nodeUsage, podUsage, type Measured, type Usage } from './usage.ts';

export const resolutionMs = 15_000;
/** Between the first two readings after a pause. */
export const firstGapMs = 2_000;
/** Nobody has asked for so long: reading ends. */
export const idleAfterMs = 180_000;
const kubeletTimeoutMs = 10_000;
const maxAnswerBytes = 16 * 1024 * 1024;
const kubeletsAtOnce = 16;
const defaultKubeletPort = 10_250;

/** How to speak to kubelets: their authority, and who asks. */
export type KubeletAccess = Pick<TlsClientOptions, 'ca' | 'cert' | 'key'>;

export interface CollectorOptions {
  host: Pick<Host, 'clock' | 'net' | 'log'>;
  client: Client;
  /** Asked for before every round. */
  kubelets: () => Promise<KubeletAccess>;
}

/** What is known of usage; undefined of those that are not there, or of which there is but one reading. */
export interface UsageSource {
  /** Resolves when there is something to tell, or there cannot be. */
  ready(): Promise<void>;
  node(name: string): Measured<Usage> | undefined;
  pod(namespace: string, name: string): Measured<Map<string, Usage>> | undefined;
}

interface Pair {
  before?: NodeReading;
  after: NodeReading;
}

export function kubeletUrl(node: Node): string | undefined {
  const addresses = node.status?.addresses ?? [];
  const address = ['InternalIP', 'Hostname', 'ExternalIP'].map((type) => addresses.find((each) => each.type === type)).find((each) => each !== undefined)?.address;
  if (address === undefined) return undefined;
  return `https://${address.includes(':') ? `[${address}]` : address}:${node.status?.daemonEndpoints?.kubeletEndpoint?.Port || defaultKubeletPort}/metrics/resource`;
}

export class Collector implements UsageSource, Running {
  readonly #options: CollectorOptions;
  readonly #nodes = new Map<string, Pair>();
  /** Which node a pod's newest reading comes from. */
  #pods = new Map<string, { before: PodReading | undefined; after: PodReading }>();
  /** Nodes that did not answer last time: said once, not every round. */
  readonly #failing = new Set<string>();
  #askedMs = 0;
  #first: Promise<void> | undefined;
  #loop: Promise<void> | undefined;
  readonly #stopping = new AbortController();

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  ready(): Promise<void> {
    this.#askedMs = this.#options.host.clock.monotonic();
    if (!this.#first) {
      this.#first = this.#begin();
      this.#loop = this.#first.then(() => this.#goOn());
    }
    return this.#first;
  }

  async #begin(): Promise<void> {
    await this.#round();
    await this.#options.host.clock.sleep(firstGapMs, this.#stopping.signal);
    await this.#round();
  }

  async #goOn(): Promise<void> {
    const { clock } = this.#options.host;
    const { signal } = this.#stopping;
    for (;;) {
      await clock.sleep(resolutionMs, signal);
      if (signal.aborted) return;
      if (clock.monotonic() - this.#askedMs >= idleAfterMs) break;
      await this.#round();
    }
    this.#nodes.clear();
    this.#pods = new Map();
    this.#first = undefined;
  }

  /** One reading of every node. Never rejects: what cannot be read is missing from answers. */
  async #round(): Promise<void> {
    const { client, kubelets, host } = this.#options;
    if (this.#stopping.signal.aborted) return;
    try {
      const [{ items }, access] = await Promise.all([client.of(Nodes).list({ resourceVersion: '0' }), kubelets()]);
      const waiting = [...items];
      const worker = async (): Promise<void> => {
        for (let node = waiting.pop(); node; node = waiting.pop()) await this.#read(node, access);
      };
      await Promise.all(Array.from({ length: Math.min(kubeletsAtOnce, waiting.length) }, worker));
      const names = new Set(items.map(({ metadata }) => metadata.name));
      for (const known of [this.#nodes, this.#failing]) for (const name of known.keys()) if (!names.has(name)) known.delete(name);
    } catch (error) {
      host.log.warn('nodes cannot be read', { error: messageOf(error) });
    }
    this.#pods = new Map();
    for (const { before, after } of this.#nodes.values()) for (const [key, pod] of after.pods) this.#pods.set(key, { before: before?.pods.get(key), after: pod });
  }

  async #read(node: Node, access: KubeletAccess): Promise<void> {
    const name = node.metadata.name!;
    const before = this.#nodes.get(name)?.after;
    try {
      const url = kubeletUrl(node);
      if (url === undefined) throw new Error('the node has no address');
      const { clock, net } = this.#options.host;
      const response = await net.request({ method: 'GET', url, tls: access, timeoutMs: kubeletTimeoutMs, signal: this.#stopping.signal });
      const text = (await readAtMost(response.body, maxAnswerBytes)).toString('utf8');
      if (response.status !== 200) throw new Error(`the kubelet answers with status ${response.status}`);
      this.#failing.delete(name);
      this.#nodes.set(name, { ...(before ? { before } : {}), after: readResourceMetrics(text, clock.now()) });
    } catch (error) {
      // What was true a while ago is not told as if it were true now.
      this.#nodes.delete(name);
      const { log } = this.#options.host;
      log[this.#failing.has(name) ? 'debug' : 'warn']('a node cannot be read', { node: name, error: messageOf(error) });
      this.#failing.add(name);
    }
  }

  node(name: string): Measured<Usage> | undefined {
    const pair = this.#nodes.get(name);
    return pair && nodeUsage(pair.before, pair.after);
  }

  pod(namespace: string, name: string): Measured<Map<string, Usage>> | undefined {
    const pair = this.#pods.get(`${namespace}/${name}`);
    return pair && podUsage(pair.before, pair.after);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
