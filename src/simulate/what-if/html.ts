/** The report as one HTML file without scripts and without anything from elsewhere. */
import { durationText, resample, type WhatIfReport, type WorkloadReport } from './report.ts';

const width = 960;
const height = 160;
const points = 480;

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const text = (value: string): string => value.replaceAll(/[&<>"]/g, (letter) => escapes[letter]!);

/** A step line over time, as an SVG path; values from 0 to 1. */
export function path(values: readonly number[]): string {
  return values.map((value, i) => `${i === 0 ? 'M' : 'L'}${((i / (values.length - 1)) * width).toFixed(1)} ${(height - Math.max(0, Math.min(1, value)) * height).toFixed(1)}`).join('');
}

function chart(title: string, top: string, durationMs: number, lines: readonly { name: string; values: readonly number[]; style: string }[]): string {
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => `<line x1="0" x2="${width}" y1="${height * share}" y2="${height * share}" class="grid"/>`).join('');
  const drawn = lines.map(({ values, style }) => `<path d="${path(values)}" class="${style}"/>`).join('');
  const legend = lines.map(({ name, style }) => `<span class="key ${style}"></span>${text(name)}`).join(' ');
  return `<figure><figcaption>${text(title)} <small>${legend}</small></figcaption><div class="top">${text(top)}</div><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${text(title)}" preserveAspectRatio="none">${ticks}${drawn}</svg><div class="axis"><span>0</span><span>${durationText(durationMs / 2)}</span><span>${durationText(durationMs)}</span></div></figure>`;
}

const style = `:root{color-scheme:light dark;--line:#8884;--a:#2563eb;--b:#d97706;--bad:#dc2626}body{font:15px/1.5 system-ui,sans-serif;max-width:1000px;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}th{font-weight:600}
figure{margin:1.5rem 0}svg{width:100%;height:${height}px;display:block;background:#8881}.grid{stroke:var(--line);stroke-width:1}path{fill:none;stroke-width:2;vector-effect:non-scaling-stroke}
path.a{stroke:var(--a)}path.b{stroke:var(--b)}.key{display:inline-block;width:1em;height:3px;vertical-align:middle;margin:0 .3em 0 .8em}.key.a{background:var(--a)}.key.b{background:var(--b)}
.axis{display:flex;justify-content:space-between}.axis,.top,small{color:#888;font-size:12px}.bad{color:var(--bad)}`;

function rows(workloads: readonly WorkloadReport[]): string {
  return workloads.map((each) => {
    const never = each.readyAfterMs === undefined;
    const lost = Object.entries(each.lost).map(([reason, pods]) => `${pods} ${reason}`).join(', ');
    const why = each.why.map(({ message, pods }) => `${pods}: ${message}`).join('; ');
    const cells = [`${each.kind} ${each.namespace}/${each.name}`, `${each.ready}/${each.desired}`, never ? 'never' : durationText(each.readyAfterMs!), durationText(each.degradedMs), durationText(each.downMs), String(each.restarts), lost, why];
    return `<tr${never ? ' class="bad"' : ''}>${cells.map((cell) => `<td>${text(cell)}</td>`).join('')}</tr>`;
  }).join('\n');
}

/** Charts of workloads that were not always whole, the worst first, so many at most. */
const workloadCharts = 20;

export function reportHtml(report: WhatIfReport): string {
  const { question, samples, workloads } = report;
  const { durationMs } = question;
  const of = (column: number, scale = 1): number[] => resample(samples, durationMs, points, column).map((value) => value / scale);
  const mostRunning = Math.max(1, ...samples.map((sample) => sample[3] + sample[4]));
  const uneven = workloads.filter((each) => each.degradedMs > 0 || each.readyAfterMs === undefined).toSorted((a, b) => b.degradedMs - a.degradedMs).slice(0, workloadCharts);
  const charts = uneven.map((each) => {
    const most = Math.max(1, ...each.series.map(([, ready, desired]) => Math.max(ready, desired)));
    return chart(`${each.kind} ${each.namespace}/${each.name}`, `${most} pods`, durationMs, [
      { name: 'ready', values: resample(each.series, durationMs, points, 1).map((value) => value / most), style: 'a' },
      { name: 'wanted', values: resample(each.series, durationMs, points, 2).map((value) => value / most), style: 'b' },
    ]);
  });
  const summary = report.readyAfterMs === undefined ? '<p class="bad">Not everything became ready.</p>' : `<p>Everything had become ready after ${durationText(report.readyAfterMs)}.</p>`;
  const incidents = report.incidents.map(({ atMs, what }) => `<tr><td>${durationText(atMs)}</td><td>${text(what)}</td></tr>`).join('');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>kubets simulate</title><style>${style}</style></head><body>
<h1>What would happen</h1>
<p>${question.nodes} nodes of ${question.shape.cpu} CPUs and ${(question.shape.memoryBytes / 2 ** 30).toFixed(0)} GiB in ${question.shape.zones} zones, ${durationText(durationMs)}, faults: ${text(question.faults.join(', ') || 'none')}, seed ${text(question.seed)}. ${report.notes.map(text).join(' ')}</p>
${summary}
<table><tr><th>Workload</th><th>Ready</th><th>First ready</th><th>Degraded</th><th>Down</th><th>Restarts</th><th>Pods lost</th><th>Why not ready</th></tr>
${rows(workloads)}
</table>
${chart('Asked for by pods, of what nodes have', '100 %', durationMs, [{ name: 'CPU', values: of(1), style: 'a' }, { name: 'memory', values: of(2), style: 'b' }])}
${chart('Pods', String(mostRunning), durationMs, [{ name: 'running', values: of(3, mostRunning), style: 'a' }, { name: 'pending', values: of(4, mostRunning), style: 'b' }])}
${chart('Ready nodes', String(question.nodes), durationMs, [{ name: 'ready', values: of(5, question.nodes), style: 'a' }])}
${charts.join('\n')}
${incidents === '' ? '' : `<h2>What befell nodes</h2><table>${incidents}</table>`}
<p><small>${report.commits} commits, trace ${report.trace}: the same for the same question and seed.</small></p>
</body></html>
`;
}
