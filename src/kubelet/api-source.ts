/** Pods of this node as the API has them. Kubelets of one process share one watch, whatever their number. */
import type { Pod } from '../api/core/v1/types.ts';
import { Pods } from '../api/resources.ts';
import type { Informer, InformerEvent, InformerFactory } from '../client/types.ts';

type Listener = (event: InformerEvent<Pod>) => void;

const byNodeIndex = 'kubelet/node';

/** One handler on a shared informer that hands each pod to its node's kubelet. */
class Hub {
  readonly informer: Informer<Pod>;
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(informers: InformerFactory) {
    this.informer = informers.of(Pods);
    this.informer.addIndex(byNodeIndex, (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []));
    this.informer.onEvent((event) => {
      const node = event.object.spec?.nodeName;
      if (node) for (const listener of this.#listeners.get(node) ?? []) listener(event);
    });
  }

  listen(node: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(node) ?? new Set();
    this.#listeners.set(node, listeners.add(listener));
    for (const object of this.informer.lister.byIndex(byNodeIndex, node)) listener({ type: 'added', object });
    return () => void listeners.delete(listener);
  }
}

const hubs = new WeakMap<InformerFactory, Hub>();

export interface PodSource {
  /** All pods of the node are known. */
  hasSynced(): boolean;
  stop(): void;
}

/** Tells the listener of every pod of the node, those already known first. `shared`: the factory serves other kubelets too. */
export function watchPods(informers: InformerFactory, nodeName: string, shared: boolean, listener: Listener): PodSource {
  if (!shared) {
    const informer = informers.of(Pods, { fieldSelector: `spec.nodeName=${nodeName}` });
    informer.onEvent(listener);
    return { hasSynced: () => informer.hasSynced(), stop: () => undefined };
  }
  let hub = hubs.get(informers);
  if (!hub) {
    hub = new Hub(informers);
    hubs.set(informers, hub);
  }
  const stop = hub.listen(nodeName, listener);
  return { hasSynced: () => hub.informer.hasSynced(), stop };
}
