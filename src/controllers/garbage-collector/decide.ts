import type { OwnerReference } from '../../api/meta/v1/types.ts';
import { foregroundFinalizer, orphanFinalizer, type GraphNode } from './graph.ts';

/** What is known of the owner that a reference names. */
export type OwnerState =
  /** Is there, and stays. */
  | 'solid'
  /** Is there, and waits for its dependents to go. */
  | 'waiting'
  /** Is not there, or is another object than the one named. */
  | 'absent';

export interface ItemSnapshot {
  node: GraphNode;
  /** One an owner reference, in their order. */
  owners: readonly { reference: OwnerReference; state: OwnerState }[];
  /** Dependents that the graph knows. */
  dependents: readonly GraphNode[];
}

export type ItemAction =
  | { do: 'nothing' }
  /** All that held it is gone: the finalizer comes off. */
  | { do: 'finish-foreground' }
  /** Dependents that hold it are to be looked at. */
  | { do: 'look-at'; uids: string[] }
  /** Other owners stay: these references go. */
  | { do: 'drop-references'; uids: string[] }
  | { do: 'delete'; propagationPolicy: 'Orphan' | 'Background' | 'Foreground'; /** First, as its own dependents wait in a circle: its references stop blocking. */ unblock: boolean };

/** Dependents whose reference says that the owner must not go before them. */
export function blockersOf(node: GraphNode, dependents: readonly GraphNode[]): GraphNode[] {
  return dependents.filter((dependent) => dependent.owners.some((owner) => owner.uid === node.identity.uid && owner.blockOwnerDeletion === true));
}

/** What to do about one object, now. */
export function decideItem({ node, owners, dependents }: ItemSnapshot): ItemAction {
  if (node.beingDeleted && !node.deletingDependents) return { do: 'nothing' };
  if (node.deletingDependents) {
    const blockers = blockersOf(node, dependents);
    if (blockers.length === 0) return { do: 'finish-foreground' };
    const uids = blockers.filter((blocker) => !blocker.deletingDependents).map((blocker) => blocker.identity.uid);
    return uids.length > 0 ? { do: 'look-at', uids } : { do: 'nothing' };
  }
  if (owners.length === 0) return { do: 'nothing' };
  const of = (state: OwnerState): OwnerReference[] => owners.filter((owner) => owner.state === state).map((owner) => owner.reference);
  const [solid, waiting, absent] = [of('solid'), of('waiting'), of('absent')];
  if (solid.length > 0) {
    const uids = [...absent, ...waiting].map((reference) => reference.uid);
    return uids.length > 0 ? { do: 'drop-references', uids } : { do: 'nothing' };
  }
  if (waiting.length > 0 && dependents.length > 0) {
    return { do: 'delete', propagationPolicy: 'Foreground', unblock: dependents.some((dependent) => dependent.deletingDependents) };
  }
  const { finalizers } = node;
  const propagationPolicy = finalizers.includes(orphanFinalizer) ? 'Orphan' : finalizers.includes(foregroundFinalizer) ? 'Foreground' : 'Background';
  return { do: 'delete', propagationPolicy, unblock: false };
}

/** References that are left when those to `uids` go; undefined when none is left. */
export function withoutReferences(owners: readonly OwnerReference[], uids: readonly string[]): OwnerReference[] | null {
  const left = owners.filter((owner) => !uids.includes(owner.uid));
  return left.length > 0 ? left : null;
}
