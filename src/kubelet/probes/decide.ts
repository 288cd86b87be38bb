/** Thresholds of a probe: what a run of outcomes means. Pure. */
import type { Probe } from '../../api/core/v1/types.ts';

export type ProbeKind = 'startup' | 'liveness' | 'readiness';
export type ProbeResult = 'success' | 'failure';

/** Outcomes of the same sort in a row, and what they have led to. */
export interface ProbeState {
  last: ProbeResult | undefined;
  run: number;
  /** Undefined until a threshold is reached. */
  result: ProbeResult | undefined;
}

/** Where a probe stands before it ran: a container is taken for alive, and for neither started nor ready. */
export const initialState: ProbeState = { last: undefined, run: 0, result: undefined };

export function afterOutcome(state: ProbeState, outcome: ProbeResult, probe: Pick<Probe, 'successThreshold' | 'failureThreshold'>): ProbeState {
  const run = state.last === outcome ? state.run + 1 : 1;
  const threshold = outcome === 'success' ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
  return { last: outcome, run, result: run >= threshold ? outcome : state.result };
}

/** When the probe runs next, counted from the container's start or from the last run, in milliseconds by the same clock. */
export function nextRunMs(probe: Probe, startedMs: number, lastRunMs: number | undefined, nowMs: number): number {
  const earliest = startedMs + (probe.initialDelaySeconds ?? 0) * 1000;
  const periodMs = (probe.periodSeconds ?? 10) * 1000;
  return Math.max(nowMs, earliest, lastRunMs === undefined ? 0 : lastRunMs + periodMs);
}
