/** The answer to "what would happen": what came to be ready and when, what did not and why, what was lost, and how full the cluster was. */

export interface NodeShape {
  cpu: number;
  memoryBytes: number;
  pods: number;
  zones: number;
}

export interface WhatIfQuestion {
  nodes: number;
  shape: NodeShape;
  durationMs: number;
  seed: string;
  /** As given: `node-crash=10m`. */
  faults: readonly string[];
}

export interface Why {
  message: string;
  pods: number;
}

export interface WorkloadReport {
  kind: string;
  namespace: string;
  name: string;
  desired: number;
  ready: number;
  /** When it first had all that it wants; absent: never. Milliseconds from the start. */
  readyAfterMs?: number;
  /** How long, after that, it had fewer ready pods than it wants, and how long none at all. */
  degradedMs: number;
  downMs: number;
  /** Pods that it lost, by reason. */
  lost: Record<string, number>;
  restarts: number;
  /** Ready and desired pods over time: when they changed. */
  series: [atMs: number, ready: number, desired: number][];
  /** Why pods of it are not ready at the end. */
  why: Why[];
}

/** One moment of the cluster: what pods ask for, as shares of what the nodes have, and how many run and wait. */
export type Sample = [atMs: number, cpu: number, memory: number, running: number, pending: number, readyNodes: number];

export interface WhatIfReport {
  question: WhatIfQuestion;
  /** When every workload had first been ready; absent: that never came. */
  readyAfterMs?: number;
  workloads: WorkloadReport[];
  pods: { running: number; pending: number; succeeded: number; failed: number };
  lost: Record<string, number>;
  samples: Sample[];
  peak: { cpu: number; memory: number; running: number };
  /** What befell nodes, in order; the first thousand. */
  incidents: { atMs: number; what: string }[];
  notes: string[];
  commits: number;
  /** The same for the same question and seed. */
  trace: string;
}

/** `1h 2m 3s`, `350 ms`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  const seconds = Math.round(ms / 1_000);
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60];
  return [[days, 'd'], [hours, 'h'], [minutes, 'm'], [seconds % 60, 's']].filter(([amount]) => amount !== 0).map(([amount, unit]) => `${amount}${unit}`).join(' ');
}

/** The value of a step function in each of `count` equal stretches of time: its last in each, taken over where nothing changed. */
export function resample<T extends readonly [number, ...number[]]>(steps: readonly T[], durationMs: number, count: number, column: number): number[] {
  const values: number[] = [];
  let next = 0;
  let value = 0;
  for (let i = 1; i <= count; i++) {
    const endMs = (durationMs * i) / count;
    while (next < steps.length && steps[next]![0] <= endMs) value = steps[next++]![column]!;
    values.push(value);
  }
  return values;
}
