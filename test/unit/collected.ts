/** Memory of a process that has been told to collect what is free. */

/** What a process says of itself. */
export interface VictimState {
  /** Requests that are still running. */
  left: number;
  heapBytes: number;
  /** Buffers, and what else lies outside the heap but hangs on it. */
  externalBytes: number;
  residentBytes: number;
}

/** After an ordinary collection, or after one for which nothing that is free is kept for later. */
export type VictimQuestion = 'collected' | 'held';

/** Collects; nothing without `--expose-gc`. */
export function collect(question: VictimQuestion): void {
  if (question === 'held') globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  else globalThis.gc?.();
}
