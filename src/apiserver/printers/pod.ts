/** The row of a pod, whose status cell says in one word what the pod is waiting for or what became of it. */
import type { ContainerStatus, Pod } from '../../api/core/v1/types.ts';
import { getPodCondition, isConditionTrue, isSidecar } from '../../api/core/v1/pods.ts';
import type { Cell } from './cells.ts';
import { age, NONE } from './cells.ts';
import type { Printer } from './column.ts';
import { AGE, NAME, printer, text } from './column.ts';

/** Restarts and the latest end of a container before one of them. */
class Restarts {
  count = 0;
  latest = 0;
  add(status: ContainerStatus): void {
    this.count += status.restartCount ?? 0;
    const finished = status.lastState?.terminated?.finishedAt;
    if (finished) this.latest = Math.max(this.latest, Date.parse(finished));
  }
  text(now: number): string {
    return this.count !== 0 && this.latest !== 0 ? `${this.count} (${age(new Date(this.latest).toISOString(), now)} ago)` : String(this.count);
  }
}

interface Summary {
  status: string;
  ready: number;
  restarts: Restarts;
}

function endText(terminated: { reason?: string; signal?: number; exitCode: number }): string {
  if (terminated.reason) return terminated.reason;
  return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`;
}

/** What the first init container that is not passed over says; undefined when all are through. */
function initializing(pod: Pod, all: Restarts, sidecars: Restarts): { reason?: string; ready: number } {
  const specs = new Map((pod.spec?.initContainers ?? []).map((container) => [container.name, container]));
  let ready = 0;
  for (const [i, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const spec = specs.get(status.name);
    const sidecar = spec !== undefined && isSidecar(spec);
    all.add(status);
    if (sidecar) sidecars.add(status);
    const { terminated, waiting } = status.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (sidecar && status.started) {
      if (status.ready) ready++;
      continue;
    }
    if (terminated !== undefined) return { reason: `Init:${endText(terminated)}`, ready };
    if (waiting?.reason && waiting.reason !== 'PodInitializing') return { reason: `Init:${waiting.reason}`, ready };
    return { reason: `Init:${i}/${specs.size}`, ready };
  }
  return { ready };
}

function running(pod: Pod, summary: Summary): void {
  let hasRunning = false;
  let failure = '';
  for (const status of (pod.status?.containerStatuses ?? []).toReversed()) {
    summary.restarts.add(status);
    const state = status.state ?? {};
    if (state.waiting?.reason) summary.status = state.waiting.reason;
    else if (state.terminated !== undefined) {
      summary.status = endText(state.terminated);
      if (state.terminated.exitCode !== 0) failure = summary.status;
    } else if (status.ready && state.running !== undefined) {
      hasRunning = true;
      summary.ready++;
    }
  }
  if (summary.status === 'Completed' && hasRunning) summary.status = isConditionTrue(pod.status?.conditions, 'Ready') ? 'Running' : failure || 'NotReady';
}

function summarize(pod: Pod): Summary {
  const all = new Restarts();
  const sidecars = new Restarts();
  const summary: Summary = { status: pod.status?.reason || (pod.status?.phase ?? ''), ready: 0, restarts: all };
  if (getPodCondition(pod, 'PodScheduled')?.reason === 'SchedulingGated') summary.status = 'SchedulingGated';
  const init = initializing(pod, all, sidecars);
  summary.ready = init.ready;
  if (init.reason !== undefined) summary.status = init.reason;
  if (init.reason === undefined || isConditionTrue(pod.status?.conditions, 'Initialized')) {
    summary.restarts = sidecars;
    running(pod, summary);
  }
  if (pod.metadata.deletionTimestamp !== undefined) {
    if (pod.status?.reason === 'NodeLost') summary.status = 'Unknown';
    else if (pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed') summary.status = 'Terminating';
  }
  return summary;
}

/** The word that tables show for a pod's status. */
export function podStatusText(pod: Pod): string {
  return summarize(pod).status;
}

function gatesText(pod: Pod): string {
  const gates = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return NONE;
  return `${gates.filter((gate) => isConditionTrue(pod.status?.conditions, gate.conditionType)).length}/${gates.length}`;
}

function cells(pod: Pod, now: number): Cell[] {
  const summary = summarize(pod);
  const total = (pod.spec?.containers ?? []).length + (pod.spec?.initContainers ?? []).filter(isSidecar).length;
  return [
    pod.metadata.name ?? '', `${summary.ready}/${total}`, summary.status, summary.restarts.text(now), age(pod.metadata.creationTimestamp, now),
    pod.status?.podIPs?.[0]?.ip || NONE, pod.spec?.nodeName || NONE, pod.status?.nominatedNodeName || NONE, gatesText(pod),
  ];
}

export const podPrinter = (): Printer => printer<Pod>(
  [NAME, text('Ready'), text('Status'), text('Restarts'), AGE, text('IP', 1), text('Node', 1), text('Nominated Node', 1), text('Readiness Gates', 1)],
  cells,
  (pod) => {
    const phase = pod.status?.phase;
    return phase === 'Succeeded' || phase === 'Failed' ? [{ type: 'Completed', status: 'True', reason: phase }] : undefined;
  },
);
