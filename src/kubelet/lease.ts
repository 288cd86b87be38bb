/** The node's heartbeat: a Lease in kube-node-lease that is renewed as long as the kubelet lives (KEP-589). */
import type { Lease } from '../api/coordination/v1/types.ts';
import type { Node } from '../api/core/v1/types.ts';
import { isConflict, isNotFound } from '../api/meta/status.ts';
import { formatMicroTime } from '../api/meta/time.ts';
import { Leases } from '../api/resources.ts';
import type { Running } from '../client/types.ts';
import type { KubeletContext } from './config.ts';

const namespace = 'kube-node-lease';
const retryBaseMs = 200;
const retryMaxMs = 7_000;

class LeaseKeeper implements Running {
  readonly #context: KubeletContext;
  readonly #node: () => Node | undefined;
  readonly #abort = new AbortController();
  readonly #loop: Promise<void>;
  #lease: Lease | undefined;

  constructor(context: KubeletContext, node: () => Node | undefined) {
    this.#context = context;
    this.#node = node;
    this.#loop = this.#run();
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
      try {
        await this.#renew();
        retryMs = retryBaseMs;
        // Not all nodes at the same moment.
        await host.clock.sleep(timing.leaseRenewMs * (1 + 0.04 * host.random.next()), signal);
      } catch (error) {
        if (signal.aborted) return;
        if (isConflict(error) || isNotFound(error)) this.#lease = undefined;
        else host.log.warn('node lease not renewed', { error: (error as Error)?.message ?? String(error) });
        await host.clock.sleep(retryMs, signal);
        retryMs = Math.min(retryMs * 2, retryMaxMs);
      }
    }
  }

  async #renew(): Promise<void> {
    const { client, config } = this.#context;
    const leases = client.of(Leases).inNamespace(namespace);
    const { signal } = this.#abort;
    if (!this.#lease) {
      try {
        this.#lease = await leases.get(config.nodeName, { signal });
      } catch (error) {
        if (!isNotFound(error)) throw error;
        this.#lease = await leases.create(this.#wanted(undefined), { signal });
        return;
      }
    }
    this.#lease = await leases.update(this.#wanted(this.#lease), { signal });
  }

  #wanted(old: Lease | undefined): Lease {
    const { config, timing, host } = this.#context;
    const node = this.#node();
    const owner = node ? { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: config.nodeName, uid: node.metadata.uid! }] } : {};
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { ...old?.metadata, name: config.nodeName, namespace, ...owner },
      spec: { ...old?.spec, holderIdentity: config.nodeName, leaseDurationSeconds: Math.round(timing.leaseDurationMs / 1000), renewTime: formatMicroTime(host.clock.now()) },
    };
  }
}

/** Renews until it is stopped; the lease belongs to the node object as soon as that is known. */
export function keepLease(context: KubeletContext, node: () => Node | undefined): Running {
  return new LeaseKeeper(context, node);
}
