/** Why a pod could not be placed, in the words that operators grep for. */
import type { NodeInfo } from './node-info.ts';
import type { Status } from './framework.ts';

export const NO_NODES_MESSAGE = 'no nodes available to schedule pods';

/** Counts each reason over the refused nodes: `2 Insufficient cpu`. `absent` stands for nodes that were never looked at. */
export class Reasons {
  readonly #counts = new Map<string, number>();

  add(status: Status, times = 1): void {
    if (times <= 0) return;
    for (const reason of status.reasons) this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + times);
  }

  text(): string {
    return [...this.#counts].map(([reason, count]) => `${count} ${reason}`).sort().join(', ');
  }
}

export interface Diagnosis {
  nodeCount: number;
  /** A pre-filter's word that the pod fits nowhere. */
  preFilter?: Status;
  refused: readonly { node: NodeInfo; status: Status }[];
  /** The status of all nodes that `refused` does not name. */
  absent?: Status;
  /** What preemption had to say. */
  postFilter?: string;
}

/** `0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. preemption: …` */
export function fitMessage(diagnosis: Diagnosis): string {
  if (diagnosis.nodeCount === 0) return NO_NODES_MESSAGE;
  let text = `0/${diagnosis.nodeCount} nodes are available:`;
  if (diagnosis.preFilter) text += ` ${diagnosis.preFilter.reasons.join(', ')}.`;
  else {
    const reasons = new Reasons();
    for (const { status } of diagnosis.refused) reasons.add(status);
    if (diagnosis.absent) reasons.add(diagnosis.absent, diagnosis.nodeCount - diagnosis.refused.length);
    const counted = reasons.text();
    if (counted !== '') text += ` ${counted}.`;
  }
  return diagnosis.postFilter ? `${text} ${diagnosis.postFilter}` : text;
}
