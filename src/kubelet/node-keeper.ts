/** The node object: registered at the start, its status kept up to date. */
import { isDeepStrictEqual } from 'node:util';
import type { Node, NodeStatus } from '../api/core/v1/types.ts';
import { isAlreadyExists, isNotFound } from '../api/meta/status.ts';
import { Nodes } from '../api/resources.ts';
import type { Running } from '../client/types.ts';
import type { Image, RuntimeStatus, RuntimeVersion } from '../cri/runtime.ts';
import type { KubeletContext } from './config.ts';
import { nodeObject, nodeStatusOf, notReadyReasons, withoutHeartbeats, type NodeSnapshot, type Pressure } from './node-status.ts';

const imagesEveryMs = 60_000;
const retryBaseMs = 200;
const retryMaxMs = 7_000;
/** While the node is not ready it is looked at more often, so that it becomes ready soon after it could. */
const unreadyPollMs = 500;

export class NodeKeeper implements Running {
  readonly #context: KubeletContext;
  readonly #version: RuntimeVersion;
  readonly #pressure: () => Pressure;
  readonly #changed: (node: Node) => void;
  readonly #abort = new AbortController();
  #loop: Promise<void> | undefined;
  #node: Node | undefined;
  #runtime: RuntimeStatus | undefined;
  #images: readonly Image[] = [];
  #imagesAtMs = Number.NEGATIVE_INFINITY;
  #reportedAtMs = Number.NEGATIVE_INFINITY;
  #poke: () => void = () => undefined;
  readonly #disk: { bytes: number };
  port = 0;

  constructor(context: KubeletContext, options: { version: RuntimeVersion; diskBytes: number; pressure: () => Pressure; changed: (node: Node) => void }) {
    this.#context = context;
    this.#version = options.version;
    this.#disk = { bytes: options.diskBytes };
    this.#pressure = options.pressure;
    this.#changed = options.changed;
  }

  /** As the API had it last. */
  get node(): Node | undefined {
    return this.#node;
  }

  /** Why no pod can be started; undefined when it can. Pods of the host network need no network of the runtime's. */
  notReady(hostNetwork: boolean): string | undefined {
    const runtime = this.#runtime && hostNetwork ? { ...this.#runtime, conditions: this.#runtime.conditions.filter((c) => c.type !== 'NetworkReady') } : this.#runtime;
    const reasons = notReadyReasons({ runtime });
    return reasons.length === 0 ? undefined : reasons.join(', ');
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Looks at the node again, now. */
  poke(): void {
    this.#poke();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { host, timing } = this.#context;
    const { signal } = this.#abort;
    let retryMs = retryBaseMs;
    while (!signal.aborted) {
      let waitMs = timing.nodeStatusMs;
      try {
        await this.#sync();
        retryMs = retryBaseMs;
        if (this.notReady(false)) waitMs = Math.min(waitMs, unreadyPollMs);
      } catch (error) {
        if (signal.aborted) return;
        host.log.warn('node status not written', { error: (error as Error)?.message ?? String(error) });
        waitMs = retryMs;
        retryMs = Math.min(retryMs * 2, retryMaxMs);
      }
      // It may have been stopped while it looked: nothing would then end the wait.
      if (signal.aborted) return;
      const poked = new Promise<void>((resolve) => (this.#poke = resolve));
      const sleep = new AbortController();
      const ended = (): void => sleep.abort();
      signal.addEventListener('abort', ended, { once: true });
      await Promise.race([host.clock.sleep(waitMs, sleep.signal), poked]);
      sleep.abort();
      signal.removeEventListener('abort', ended);
    }
  }

  async #look(): Promise<NodeSnapshot> {
    const { host, runtime, config } = this.#context;
    this.#runtime = await runtime.status().catch(() => undefined);
    const nowMs = host.clock.now();
    if (this.#runtime && nowMs - this.#imagesAtMs >= imagesEveryMs) {
      this.#images = await runtime.listImages().catch(() => this.#images);
      this.#imagesAtMs = nowMs;
    }
    return { config, machine: host.machine.info(), version: this.#version, runtime: this.#runtime, images: this.#images, diskBytes: this.#disk.bytes, pressure: this.#pressure(), nowMs, port: this.port };
  }

  async #sync(): Promise<void> {
    const snapshot = await this.#look();
    if (!this.#node) await this.#register(snapshot);
    await this.#report(snapshot);
  }

  async #register(snapshot: NodeSnapshot): Promise<void> {
    const { client, config } = this.#context;
    const nodes = client.of(Nodes);
    const wanted = nodeObject(config, snapshot.machine, nodeStatusOf(snapshot, undefined));
    const { signal } = this.#abort;
    if (config.registerNode === false) {
      this.#observe(await nodes.get(config.nodeName, { signal }));
      return;
    }
    try {
      this.#observe(await nodes.create(wanted, { signal }));
      this.#reportedAtMs = snapshot.nowMs;
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const existing = await nodes.get(config.nodeName, { signal });
      const labels = Object.fromEntries(Object.entries(wanted.metadata.labels ?? {}).filter(([name, value]) => existing.metadata.labels?.[name] !== value));
      this.#observe(Object.keys(labels).length > 0 ? await nodes.patch(config.nodeName, { metadata: { labels } }, { type: 'strategic', signal }) : existing);
    }
  }

  #observe(node: Node): void {
    this.#node = node;
    this.#changed(node);
  }

  /** Written when something changed, and from time to time to show that it is still so. */
  async #report(snapshot: NodeSnapshot): Promise<void> {
    const { client, config, timing } = this.#context;
    const status = nodeStatusOf(snapshot, this.#node!.status);
    const known = comparable(this.#node!.status, status);
    const isChanged = !isDeepStrictEqual(withoutHeartbeats(status), known);
    if (!isChanged && snapshot.nowMs - this.#reportedAtMs < timing.nodeReportMs) return;
    try {
      this.#observe(await client.of(Nodes).patch(config.nodeName, { status: this.#patch(status) }, { type: 'strategic', subresource: 'status', signal: this.#abort.signal }));
      this.#reportedAtMs = snapshot.nowMs;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      // Somebody deleted the node while the kubelet lives: it registers anew.
      this.#node = undefined;
      throw error;
    }
  }

  /** Addresses merge by type, which is not unique: they are replaced as a whole. */
  #patch(status: NodeStatus): Record<string, unknown> {
    const same = isDeepStrictEqual(this.#node!.status?.addresses, status.addresses);
    const { addresses, ...rest } = status;
    return same ? rest : { ...rest, addresses: [...addresses!, { $patch: 'replace' }] };
  }
}

/** The known status as far as the kubelet writes it, without heartbeats. */
function comparable(status: NodeStatus | undefined, wanted: NodeStatus): NodeStatus {
  const known = withoutHeartbeats(status ?? {});
  const types = new Set((wanted.conditions ?? []).map((c) => c.type));
  const fields = Object.keys(wanted) as (keyof NodeStatus)[];
  const picked = Object.fromEntries(fields.filter((name) => known[name] !== undefined).map((name) => [name, known[name]])) as NodeStatus;
  return { ...picked, conditions: known.conditions!.filter((c) => types.has(c.type)) };
}
