/** From two readings to what is used now. */
import type { NodeReading, PodReading, Reading } from './exposition.ts';

export interface Usage {
  cpuNanoCores: number;
  memoryBytes: number;
}

export interface Measured<T> {
  usage: T;
  /** The end of the window. */
  timestampMs: number;
  windowMs: number;
}

/** A container that began between two readings is measured from its start, when it is at least this old. */
const minFreshMs = 10_000;
/** A container without an earlier reading may have begun this long ago at most: its average would say little of now. */
const maxFreshMs = 60_000;

/** Undefined while there is no rate to tell: one reading only, or the counter began anew. */
function measure(before: Reading | undefined, after: Reading): Measured<Usage> | undefined {
  const { cpuSeconds, memoryBytes, atMs, startedMs } = after;
  if (cpuSeconds === undefined || memoryBytes === undefined || atMs === undefined) return undefined;
  const sameRun = before?.cpuSeconds !== undefined && before.atMs !== undefined && (startedMs === undefined || before.startedMs === undefined || before.startedMs === startedMs);
  const [fromMs, fromSeconds] = sameRun ? [before.atMs!, before.cpuSeconds!] : [startedMs, 0];
  if (fromMs === undefined || atMs <= fromMs || cpuSeconds < fromSeconds) return undefined;
  const windowMs = atMs - fromMs;
  if (!sameRun && (windowMs < minFreshMs || windowMs > maxFreshMs)) return undefined;
  return { usage: { cpuNanoCores: Math.round(((cpuSeconds - fromSeconds) * 1e12) / windowMs), memoryBytes }, timestampMs: atMs, windowMs };
}

export function nodeUsage(before: NodeReading | undefined, after: NodeReading): Measured<Usage> | undefined {
  return before && measure(before.node, after.node);
}

/** Of a pod all containers are told, or none: a part would be taken for the whole. Time and window are those of the container that was read first. */
export function podUsage(before: PodReading | undefined, after: PodReading): Measured<Map<string, Usage>> | undefined {
  const usage = new Map<string, Usage>();
  let earliest: Measured<Usage> | undefined;
  for (const [name, reading] of after.containers) {
    const measured = measure(before?.containers.get(name), reading);
    if (!measured) return undefined;
    usage.set(name, measured.usage);
    if (!earliest || measured.timestampMs < earliest.timestampMs) earliest = measured;
  }
  return earliest && { usage, timestampMs: earliest.timestampMs, windowMs: earliest.windowMs };
}
