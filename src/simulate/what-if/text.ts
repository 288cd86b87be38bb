/** The report for a terminal: tables, and a plot of utilisation over time. */
import { durationText, resample, type WhatIfReport, type WorkloadReport } from './report.ts';

const blocks = ' ▁▂▃▄▅▆▇█';
const plotWidth = 72;
const plotHeight = 8;

/** Shares from 0 to 1 as columns of blocks. */
export function plot(values: readonly number[], height = plotHeight): string[] {
  const rows: string[] = [];
  for (let row = height - 1; row >= 0; row--) {
    rows.push(values.map((value) => blocks[Math.max(0, Math.min(8, Math.round((Math.min(value, 1) * height - row) * 8)))]).join(''));
  }
  return rows;
}

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;

function utilisation(report: WhatIfReport): string[] {
  const { durationMs } = report.question;
  const lines: string[] = [];
  for (const [name, column, peak] of [['CPU', 1, report.peak.cpu], ['memory', 2, report.peak.memory]] as const) {
    // A nearly empty cluster would show as a blank field: the top of the plot is the next full tenth.
    const top = Math.max(0.1, Math.min(1, Math.ceil(peak * 10) / 10));
    const values = resample(report.samples, durationMs, plotWidth, column).map((value) => value / top);
    lines.push('', `${name} asked for by pods, of what the nodes have (at most ${percent(peak)})`);
    for (const [i, row] of plot(values).entries()) lines.push(`${(i === 0 ? percent(top) : i === plotHeight - 1 ? '0 %' : '').padStart(6)} │${row}`.trimEnd());
    lines.push(`${''.padStart(6)} └${'─'.repeat(plotWidth)}`, `${''.padStart(8)}0${durationText(durationMs).padStart(plotWidth - 1)}`);
  }
  return lines;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  return all.map((row) => row.map((cell, i) => cell.padEnd(widths[i]!)).join('   ').trimEnd());
}

const lostText = (lost: Readonly<Record<string, number>>): string => Object.entries(lost).map(([reason, pods]) => `${pods} ${reason}`).join(', ');

function rowOf(workload: WorkloadReport): string[] {
  const { kind, namespace, name, ready, desired, readyAfterMs, degradedMs, downMs, lost, restarts } = workload;
  return [`${kind} ${namespace}/${name}`, `${ready}/${desired}`, readyAfterMs === undefined ? 'never' : durationText(readyAfterMs), kind === 'Job' ? '' : durationText(degradedMs), kind === 'Job' ? '' : durationText(downMs), String(restarts), lostText(lost)];
}

export function reportText(report: WhatIfReport): string {
  const { question, pods, workloads } = report;
  const { shape } = question;
  const faults = question.faults.length === 0 ? 'no faults' : `faults ${question.faults.join(', ')}`;
  const lines = [
    `${question.nodes} nodes of ${shape.cpu} CPUs and ${(shape.memoryBytes / 2 ** 30).toFixed(0)} GiB in ${shape.zones} ${shape.zones === 1 ? 'zone' : 'zones'}, ${durationText(question.durationMs)}, ${faults}, seed ${question.seed}`,
    ...report.notes,
    '',
    report.readyAfterMs === undefined ? 'Not everything became ready.' : `Everything had become ready after ${durationText(report.readyAfterMs)}.`,
    '',
    ...table(['WORKLOAD', 'READY', 'FIRST READY', 'DEGRADED', 'DOWN', 'RESTARTS', 'PODS LOST'], workloads.map(rowOf)),
  ];
  const unready = workloads.filter((each) => each.why.length > 0);
  if (unready.length > 0) lines.push('', 'Not ready at the end, and why:');
  for (const each of unready) for (const { message, pods: count } of each.why) lines.push(`  ${each.kind} ${each.namespace}/${each.name}: ${count} ${count === 1 ? 'pod' : 'pods'}: ${message}`);
  lines.push('', `Pods at the end: ${pods.running} running, ${pods.pending} pending; ${pods.succeeded} had succeeded, ${pods.failed} failed. Lost: ${lostText(report.lost) || 'none'}.`);
  lines.push(...utilisation(report));
  if (report.incidents.length > 0) {
    lines.push('', `What befell nodes (${report.incidents.length}${report.incidents.length >= 1_000 ? ' or more' : ''}, the first ten):`);
    for (const { atMs, what } of report.incidents.slice(0, 10)) lines.push(`  ${durationText(atMs).padStart(12)}  ${what}`);
  }
  lines.push('', `${report.commits} commits, trace ${report.trace.slice(0, 16)}: the same for the same question and seed.`);
  return `${lines.join('\n')}\n`;
}
