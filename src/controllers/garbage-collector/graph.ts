/**
 * Who owns whom, by uid. Pure: changes of objects go in, keys that need a look come out. It knows nothing of the server.
 */
import type { ObjectMeta, OwnerReference } from '../../api/meta/v1/types.ts';

export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

export interface Identity {
  uid: string;
  apiVersion: string;
  kind: string;
  /** '' for cluster-scoped objects. */
  namespace: string;
  name: string;
}

export interface GraphNode {
  identity: Identity;
  owners: readonly OwnerReference[];
  dependents: Set<string>;
  /** Known only because others name it as their owner: whether it exists, the server must say. */
  virtual: boolean;
  beingDeleted: boolean;
  /** Goes only after its dependents (finalizer foregroundDeletion). */
  deletingDependents: boolean;
  /** Lets go of its dependents before it goes (finalizer orphan). */
  orphaning: boolean;
  resourceVersion: string;
  finalizers: readonly string[];
}

/** What a change leads to, by uid. */
export interface Effects {
  /** May have to be deleted, or to lose references. */
  look: Set<string>;
  /** Its dependents must be let go of. */
  orphan: Set<string>;
  /** Names an owner that exists, but not where the reference says. */
  wrongOwner: { node: GraphNode; reference: OwnerReference }[];
}

export function noEffects(): Effects {
  return { look: new Set(), orphan: new Set(), wrongOwner: [] };
}

/** `[v1/Pod, namespace: x, name: y, uid: z]`, as messages show an object. */
export function describe({ apiVersion, kind, namespace, name, uid }: Identity): string {
  return `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
}

/** An object can be owned by what is cluster-scoped, or in its own namespace. */
function inReach(namespace: string, owner: Identity): boolean {
  return owner.namespace === '' || owner.namespace === namespace;
}

/** Whether a reference held in `namespace` means this object by its coordinates, too. */
export function means(reference: OwnerReference, namespace: string, owner: Identity): boolean {
  return inReach(namespace, owner) && reference.name === owner.name && reference.kind === owner.kind && reference.apiVersion === owner.apiVersion;
}

function sameReferences(a: readonly OwnerReference[], b: readonly OwnerReference[]): boolean {
  return a.length === b.length && a.every((reference, i) => reference.uid === b[i]!.uid && reference.blockOwnerDeletion === b[i]!.blockOwnerDeletion && reference.name === b[i]!.name && reference.kind === b[i]!.kind && reference.apiVersion === b[i]!.apiVersion);
}

export class OwnerGraph {
  readonly #nodes = new Map<string, GraphNode>();

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  get size(): number {
    return this.#nodes.size;
  }

  nodes(): IterableIterator<GraphNode> {
    return this.#nodes.values();
  }

  dependentsOf(node: GraphNode): GraphNode[] {
    return [...node.dependents].map((uid) => this.#nodes.get(uid)).filter((dependent) => dependent !== undefined);
  }

  /** An object as it is now. */
  put(identity: Identity, metadata: ObjectMeta): Effects {
    const effects = noEffects();
    const before = this.#nodes.get(identity.uid);
    const finalizers = metadata.finalizers ?? [];
    const beingDeleted = metadata.deletionTimestamp !== undefined && metadata.deletionTimestamp !== null;
    const node: GraphNode = before ?? { identity, owners: [], dependents: new Set(), virtual: false, beingDeleted: false, deletingDependents: false, orphaning: false, resourceVersion: '', finalizers: [] };
    const wasVirtual = before?.virtual === true;
    if (wasVirtual) this.#settle(node, identity, effects);
    node.identity = identity;
    node.virtual = false;
    node.resourceVersion = metadata.resourceVersion ?? '';
    node.finalizers = finalizers;
    if (!before) this.#nodes.set(identity.uid, node);
    const was = { beingDeleted: node.beingDeleted, deletingDependents: node.deletingDependents, orphaning: node.orphaning };
    node.beingDeleted = beingDeleted;
    node.deletingDependents = beingDeleted && finalizers.includes(foregroundFinalizer);
    node.orphaning = beingDeleted && finalizers.includes(orphanFinalizer);
    this.#changeOwners(node, metadata.ownerReferences ?? [], effects);
    if (node.orphaning && !was.orphaning) effects.orphan.add(identity.uid);
    if (node.deletingDependents && !was.deletingDependents) {
      effects.look.add(identity.uid);
      for (const dependent of node.dependents) effects.look.add(dependent);
    }
    return effects;
  }

  /** An object that is gone. */
  remove(uid: string): Effects {
    const effects = noEffects();
    const node = this.#nodes.get(uid);
    if (!node) return effects;
    this.#nodes.delete(uid);
    for (const dependent of node.dependents) effects.look.add(dependent);
    for (const reference of node.owners) this.#detach(node, reference, effects);
    return effects;
  }

  /** A virtual owner is now known for what it is: those who named it wrongly need a look. */
  #settle(node: GraphNode, identity: Identity, effects: Effects): void {
    for (const dependent of this.dependentsOf(node)) {
      const reference = dependent.owners.find((owner) => owner.uid === identity.uid);
      if (!reference || means(reference, dependent.identity.namespace, identity)) continue;
      effects.look.add(dependent.identity.uid);
      if (!inReach(dependent.identity.namespace, identity)) effects.wrongOwner.push({ node: dependent, reference });
    }
  }

  #changeOwners(node: GraphNode, next: readonly OwnerReference[], effects: Effects): void {
    const before = node.owners;
    if (sameReferences(before, next)) return;
    node.owners = next;
    const kept = new Map(next.map((reference) => [reference.uid, reference]));
    for (const reference of before) {
      const now = kept.get(reference.uid);
      if (!now) this.#detach(node, reference, effects);
      else if (reference.blockOwnerDeletion === true && now.blockOwnerDeletion !== true) this.#unblock(reference, effects);
    }
    for (const reference of next) this.#attach(node, reference, effects);
    // Which of the owners exist may decide over the object: whoever changed them wants it judged anew.
    if (before.length > 0 || next.some((reference) => this.#nodes.get(reference.uid)?.virtual)) effects.look.add(node.identity.uid);
  }

  #attach(node: GraphNode, reference: OwnerReference, effects: Effects): void {
    const owner = this.#nodes.get(reference.uid);
    if (!owner) {
      const identity: Identity = { uid: reference.uid, apiVersion: reference.apiVersion, kind: reference.kind, name: reference.name, namespace: node.identity.namespace };
      this.#nodes.set(reference.uid, {
        identity, owners: [], dependents: new Set([node.identity.uid]), virtual: true, beingDeleted: false, deletingDependents: false, orphaning: false, resourceVersion: '', finalizers: [],
      });
      effects.look.add(node.identity.uid);
      return;
    }
    const isNew = !owner.dependents.has(node.identity.uid);
    owner.dependents.add(node.identity.uid);
    if (owner.virtual) return;
    if (!means(reference, node.identity.namespace, owner.identity)) {
      effects.look.add(node.identity.uid);
      if (isNew && !inReach(node.identity.namespace, owner.identity)) effects.wrongOwner.push({ node, reference });
    } else if (owner.deletingDependents) effects.look.add(node.identity.uid);
  }

  #detach(node: GraphNode, reference: OwnerReference, effects: Effects): void {
    const owner = this.#nodes.get(reference.uid);
    if (!owner) return;
    owner.dependents.delete(node.identity.uid);
    if (owner.virtual && owner.dependents.size === 0) this.#nodes.delete(reference.uid);
    else this.#unblock(reference, effects);
  }

  #unblock(reference: OwnerReference, effects: Effects): void {
    if (this.#nodes.get(reference.uid)?.deletingDependents) effects.look.add(reference.uid);
  }
}
