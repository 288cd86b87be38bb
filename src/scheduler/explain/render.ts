/** An explanation for the reader at a terminal. */
import type { Explanation, NodeExplanation } from './explain.ts';

/** Nodes shown unless all are asked for. */
const SHOWN = 10;
/** Different ways out shown unless all are asked for. */
const SHOWN_CHANGES = 3;

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]! + 3))).join('').trimEnd()).join('\n');
}

function rowsOf(each: NodeExplanation, placedOn: string | undefined): string[][] {
  const name = each.node === placedOn ? `${each.node} *` : each.node;
  if (each.rejections.length === 0) return [[name, `fits: ${each.total}`, each.scores.map(({ plugin, score, weight }) => `${plugin} ${score}${weight === 1 ? '' : `×${weight}`}`).join(', ')]];
  return each.rejections.map(({ plugin, reasons }, i) => [i === 0 ? name : '', i === 0 ? 'no' : '', `${plugin}: ${reasons.join(', ')}`]);
}

/** Nodes that want the same changes are one line; unless all are asked for, only those that want the fewest. */
function changeLines(nodes: readonly NodeExplanation[], all: boolean): string[] {
  const count = ({ rejections }: NodeExplanation): number => rejections.reduce((sum, { changes }) => sum + changes.length, 0);
  const fewest = Math.min(...nodes.map(count));
  const byChange = new Map<string, string[]>();
  for (const node of nodes) {
    if (!all && count(node) > fewest) continue;
    const text = node.rejections.flatMap((each) => each.changes).join('; ');
    byChange.set(text, [...(byChange.get(text) ?? []), node.node]);
  }
  const lines = [...byChange].map(([text, names]) => `  ${names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')}: ${text}`);
  return all ? lines : lines.slice(0, SHOWN_CHANGES);
}

function headline({ pod, placedOn, everywhere, nodes, otherScheduler, nominatedNode, preemption }: Explanation, fitting: number): string[] {
  const state = placedOn ? `is on node ${placedOn}` : 'has no node';
  const count = everywhere.length > 0 ? `No node would take it; but for what follows ${fitting} of ${nodes.length} would` : `${fitting} of ${nodes.length} nodes would take it now`;
  const out = [`Pod ${pod.namespace}/${pod.name} ${state}. ${count}.`];
  if (otherScheduler) out.push(`It asks for scheduler "${otherScheduler}", whose plug-ins are not known here: these are the default ones.`);
  for (const { plugin, reasons } of everywhere) out.push(`Whatever the node, ${plugin} says: ${reasons.join(', ')}`);
  if (nominatedNode && !placedOn) out.push(`Room is being made for it on node ${nominatedNode}.`);
  if (preemption && !placedOn) out.push(`Preemption would evict ${preemption.victims.join(', ')} from node ${preemption.node}.`);
  return out;
}

export function renderExplanation(explanation: Explanation, all = false): string {
  const { placedOn, everywhere, nodes } = explanation;
  const fitting = nodes.filter((each) => each.rejections.length === 0);
  const refusing = nodes.filter((each) => each.rejections.length > 0);
  const out = headline(explanation, fitting.length);
  const shown = all ? nodes : nodes.slice(0, SHOWN);
  if (shown.length > 0) out.push('', table([['NODE', 'VERDICT', 'WHY'], ...shown.flatMap((each) => rowsOf(each, placedOn))]));
  if (shown.length < nodes.length) out.push(`… and ${nodes.length - shown.length} more nodes (--all shows them)`);
  const lines = [
    ...everywhere.flatMap(({ changes }) => changes.map((change) => `  whatever the node: ${change}`)),
    ...(fitting.length === 0 && refusing.length > 0 ? changeLines(refusing, all) : []),
  ];
  if (lines.length > 0) out.push('', 'The smallest change that would do:', ...lines);
  return `${out.join('\n')}\n`;
}
