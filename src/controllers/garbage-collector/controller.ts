/**
 * garbage-collector-controller: deletes what has lost all its owners, waits for dependents where a deletion says so, and lets dependents go
 * where it says that.
 * Contract: an object is deleted only when the server itself, asked by the reference's own coordinates, does not know any of its owners by
 * uid; and only in the state in which that was judged (uid and revision are preconditions of every write).
 */
import { apiVersionOf, type Resource } from '../../api/meta/resource.ts';
import { isConflict, isNotFound } from '../../api/meta/status.ts';
import type { KubeObject, OwnerReference } from '../../api/meta/v1/types.ts';
import { startController } from '../../client/index.ts';
import type { InformerEvent, Outcome, Running } from '../../client/types.ts';
import { workersOf, type ControllerContext } from '../context.ts';
import { decideItem, withoutReferences, type OwnerState } from './decide.ts';
import { describe, foregroundFinalizer, means, orphanFinalizer, OwnerGraph, type Effects, type GraphNode } from './graph.ts';
import { Monitors } from './monitors.ts';

/** Objects worked on at the same time. */
export const concurrentSyncs = 20;
/** Owners that are known to be gone; the longest known are forgotten. */
export const absentOwnersLimit = 20_000;
/** An owner that exists and that no watch has shown yet is looked for again after this. */
const unseenOwnerMs = 5_000;
const unwatchedOwnerMs = 60_000;

/** Retrying cannot mend it. */
class HopelessReference extends Error {}

class Collector {
  readonly #context: ControllerContext;
  readonly graph = new OwnerGraph();
  readonly monitors: Monitors;
  readonly #recorder;
  readonly #absent = new Set<string>();
  enqueue: (key: string) => void = () => undefined;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#recorder = context.recorder('garbage-collector-controller');
    this.monitors = new Monitors(context.host, context.client, (resource, event) => this.#take(resource, event));
  }

  #take(resource: Resource, { type, object }: InformerEvent<KubeObject>): void {
    const { uid, namespace = '', name = '' } = object.metadata;
    if (!uid) return;
    if (type === 'deleted') {
      this.#remember(`${uid}|${namespace}`);
      this.#follow(this.graph.remove(uid));
    } else this.#follow(this.graph.put({ uid, apiVersion: apiVersionOf(resource), kind: resource.kind, namespace, name }, object.metadata));
  }

  #follow(effects: Effects): void {
    for (const uid of effects.look) this.enqueue(`look/${uid}`);
    for (const uid of effects.orphan) this.enqueue(`orphan/${uid}`);
    for (const { node, reference } of effects.wrongOwner) {
      const named = describe({ ...reference, namespace: node.identity.namespace });
      const { apiVersion, kind, namespace, name, uid } = node.identity;
      this.#recorder.event({ apiVersion, kind, metadata: { namespace, name, uid } }, 'Warning', 'OwnerRefInvalidNamespace', `ownerRef ${named} does not exist in namespace ${JSON.stringify(namespace)}`);
    }
  }

  #remember(absent: string): void {
    this.#absent.add(absent);
    if (this.#absent.size > absentOwnersLimit) this.#absent.delete(this.#absent.values().next().value!);
  }

  async reconcile(key: string): Promise<Outcome> {
    const slash = key.indexOf('/');
    const node = this.graph.get(key.slice(slash + 1));
    if (!node || node.virtual) return { done: true };
    try {
      return key.startsWith('orphan/') ? await this.#orphan(node) : await this.#look(node);
    } catch (error) {
      if (error instanceof HopelessReference) return { terminal: error };
      // Gone already: its own event tells the rest.
      if (isNotFound(error)) return { done: true };
      return { retry: error as Error };
    }
  }

  async #look(node: GraphNode): Promise<Outcome> {
    const owners: { reference: OwnerReference; state: OwnerState }[] = [];
    let againMs = 0;
    if (!node.beingDeleted) {
      for (const reference of node.owners) {
        const { state, unseenMs } = await this.#stateOf(node, reference);
        owners.push({ reference, state });
        againMs = Math.max(againMs, unseenMs);
      }
    }
    const action = decideItem({ node, owners, dependents: this.graph.dependentsOf(node) });
    switch (action.do) {
      case 'finish-foreground': await this.#dropFinalizer(node, foregroundFinalizer); break;
      case 'look-at': for (const uid of action.uids) this.enqueue(`look/${uid}`); break;
      case 'drop-references': await this.#patch(node, { ownerReferences: withoutReferences(node.owners, action.uids) }); break;
      case 'delete':
        if (action.unblock) await this.#unblock(node);
        else await this.#delete(node, action.propagationPolicy);
        break;
      case 'nothing': break;
    }
    return againMs > 0 ? { afterMs: againMs } : { done: true };
  }

  /** The graph where it has seen the owner; the server where it has not. */
  async #stateOf(node: GraphNode, reference: OwnerReference): Promise<{ state: OwnerState; unseenMs: number }> {
    const { namespace } = node.identity;
    const seen = this.graph.get(reference.uid);
    if (seen && !seen.virtual && means(reference, namespace, seen.identity)) return { state: seen.deletingDependents ? 'waiting' : 'solid', unseenMs: 0 };
    const resource = this.monitors.resourceOf(reference.apiVersion, reference.kind);
    const absentKey = `${reference.uid}|${resource?.namespaced === false ? '' : namespace}`;
    if (this.#absent.has(absentKey)) return { state: 'absent', unseenMs: 0 };
    if (!resource) throw new Error(`no resource serves ${reference.apiVersion} ${reference.kind}, an owner of ${describe(node.identity)}`);
    if (resource.namespaced && namespace === '') throw new HopelessReference(`cluster-scoped ${describe(node.identity)} names an owner of the namespaced kind ${reference.kind}`);
    try {
      const owner = await this.monitors.of(resource, namespace).get(reference.name);
      if (owner.metadata.uid === reference.uid) {
        const waiting = owner.metadata.deletionTimestamp !== undefined && (owner.metadata.finalizers ?? []).includes(foregroundFinalizer);
        return { state: waiting ? 'waiting' : 'solid', unseenMs: seen && !seen.virtual ? 0 : this.monitors.isWatched(resource) ? unseenOwnerMs : unwatchedOwnerMs };
      }
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    this.#remember(absentKey);
    return { state: 'absent', unseenMs: 0 };
  }

  async #orphan(owner: GraphNode): Promise<Outcome> {
    if (!owner.orphaning) return { done: true };
    const failed: Error[] = [];
    for (const dependent of this.graph.dependentsOf(owner)) {
      try {
        await this.#patch(dependent, { ownerReferences: withoutReferences(dependent.owners, [owner.identity.uid]) });
      } catch (error) {
        if (!isNotFound(error)) failed.push(error as Error);
      }
    }
    if (failed.length > 0) return { retry: failed.find(isConflict) ?? failed[0]! };
    await this.#dropFinalizer(owner, orphanFinalizer);
    return { done: true };
  }

  /** Dependents in a circle wait for each other: this one's references stop holding their owners. */
  async #unblock(node: GraphNode): Promise<void> {
    const ownerReferences: OwnerReference[] = [];
    for (const owner of node.owners) ownerReferences.push({ ...owner, blockOwnerDeletion: false });
    const changed = node.owners.some((owner) => owner.blockOwnerDeletion === true);
    if (changed) await this.#patch(node, { ownerReferences });
    else await this.#delete(node, 'Foreground');
  }

  async #dropFinalizer(node: GraphNode, finalizer: string): Promise<void> {
    const finalizers = node.finalizers.filter((each) => each !== finalizer);
    if (finalizers.length < node.finalizers.length) await this.#patch(node, { finalizers });
  }

  #clientFor(node: GraphNode) {
    const { apiVersion, kind, namespace } = node.identity;
    const resource = this.monitors.resourceOf(apiVersion, kind);
    if (!resource) throw new Error(`no resource serves ${apiVersion} ${kind} any more`);
    return this.monitors.of(resource, namespace);
  }

  async #patch(node: GraphNode, metadata: object): Promise<void> {
    const { uid, name } = node.identity;
    await this.#clientFor(node).patch(name, { metadata: { uid, resourceVersion: node.resourceVersion, ...metadata } }, { type: 'merge' });
  }

  async #delete(node: GraphNode, propagationPolicy: 'Orphan' | 'Background' | 'Foreground'): Promise<void> {
    const { uid, name } = node.identity;
    this.#context.host.log.debug('deleting object', { object: describe(node.identity), propagationPolicy });
    await this.#clientFor(node).delete(name, { propagationPolicy, preconditions: { uid, resourceVersion: node.resourceVersion } });
  }
}

export function startGarbageCollector(context: ControllerContext): Running {
  const collector = new Collector(context);
  const ready = collector.monitors.start();
  ready.catch(() => undefined);
  const queue = startController(context.host, { name: 'garbage-collector-controller', ready, workers: workersOf(context, 'concurrent-gc-syncs', concurrentSyncs), reconcile: (key) => collector.reconcile(key) });
  collector.enqueue = (key) => queue.add(key);
  return {
    async stop() {
      await queue.stop();
      await collector.monitors.stop();
    },
  };
}

