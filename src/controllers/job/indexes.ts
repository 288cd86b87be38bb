/** Sets of completion indexes, which the API writes as `1,3-5,7`, and the index of a pod. */
import type { Pod } from '../../api/core/v1/types.ts';

export const COMPLETION_INDEX_ANNOTATION = 'batch.kubernetes.io/job-completion-index';

/** Reads `1,3-5,7`. What is not below `completions` or is no number is left out. */
export function parseIndexes(text: string | undefined, completions: number): Set<number> {
  const indexes = new Set<number>();
  for (const part of (text ?? '').split(',')) {
    const match = /^([0-9]+)(?:-([0-9]+))?$/.exec(part);
    if (!match) continue;
    const last = Math.min(Number(match[2] ?? match[1]), completions - 1);
    for (let i = Number(match[1]); i <= last; i++) indexes.add(i);
  }
  return indexes;
}

/** Writes `1,3-5,7`; two neighbours stay apart: `1,2`. */
export function formatIndexes(indexes: Iterable<number>): string {
  const ordered = [...indexes].toSorted((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < ordered.length; ) {
    let end = i;
    while (end + 1 < ordered.length && ordered[end + 1] === ordered[end]! + 1) end++;
    if (end - i >= 2) parts.push(`${ordered[i]}-${ordered[end]}`);
    else for (let j = i; j <= end; j++) parts.push(String(ordered[j]));
    i = end + 1;
  }
  return parts.join(',');
}

/** The completion index that a pod works for; undefined when it names none. */
export function indexOfPod(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[COMPLETION_INDEX_ANNOTATION];
  return text !== undefined && /^[0-9]+$/.test(text) ? Number(text) : undefined;
}

/** The first `count` indexes below `completions` that are not taken. */
export function firstFreeIndexes(count: number, completions: number, taken: ReadonlySet<number>): number[] {
  const free: number[] = [];
  for (let i = 0; i < completions && free.length < count; i++) if (!taken.has(i)) free.push(i);
  return free;
}
