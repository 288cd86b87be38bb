/** An explanation for the reader at a terminal. */
import type { Explanation, NodeExplanation } from './explain.ts';

/** Nodes shown unless all are asked for. */
const SHOWN = 10;

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]! + 3))).join('').trimEnd()).join('\n');
}

function rowsOf(each: NodeExplanation, placedOn: string | undefined): string[][] {
  const name = each.node === placedOn ? `${each.node} *` : each.node;
  if (each.rejections.length === 0) return [[name, `fits: ${each.total}`, each.scores.map(({ plugin, score, weight }) => `${plugin} ${score}${weight === 1 ? '' : `×${weight}`}`).join(', ')]];
  return each.rejections.map(({ plugin, reasons }, i) => [i === 0 ? name : '', i === 0 ? 'no' : '', `${plugin}: ${reasons.join(', ')}`]);
}

/** Nodes that want the same changes are one line. */
function changeLines(nodes: readonly NodeExplanation[], all: boolean): string[] {
  const byChange = new Map<string, string[]>();
  for (const { node, rejections } of nodes) {
    const text = rejections.flatMap((each) => each.changes).join('; ');
    byChange.set(text, [...(byChange.get(text) ?? []), node]);
  }
  const lines = [...byChange].map(([text, names]) => `  ${names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')}: ${text}`);
  return all ? lines : lines.slice(0, 3);
}

export function renderExplanation(explanation: Explanation, all = false): string {
  const { pod, placedOn, everywhere, nodes } = explanation;
  const fitting = nodes.filter((each) => each.rejections.length === 0);
  const refusing = nodes.filter((each) => each.rejections.length > 0);
  const state = placedOn ? `is on node ${placedOn}` : 'has no node';
  const out = [`Pod ${pod.namespace}/${pod.name} ${state}. ${fitting.length} of ${nodes.length} nodes would take it now.`];
  for (const { plugin, reasons } of everywhere) out.push(`Whatever the node, ${plugin} says: ${reasons.join(', ')}`);
  const shown = all ? nodes : nodes.slice(0, SHOWN);
  if (shown.length > 0) out.push('', table([['NODE', 'VERDICT', 'WHY'], ...shown.flatMap((each) => rowsOf(each, placedOn))]));
  if (shown.length < nodes.length) out.push(`… and ${nodes.length - shown.length} more nodes (--all shows them)`);
  if (fitting.length === 0 && refusing.length > 0) out.push('', 'The smallest change that would do:', ...changeLines(refusing, all));
  return `${out.join('\n')}\n`;
}
