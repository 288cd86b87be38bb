/** Higher priority first, then who came first. */
import type { Plugin } from '../framework.ts';

export const prioritySort: Plugin = {
  name: 'PrioritySort',
  queueSort(a, b) {
    if (a.pod.priority !== b.pod.priority) return a.pod.priority > b.pod.priority;
    if (a.queuedAt !== b.queuedAt) return a.queuedAt < b.queuedAt;
    return a.sequence < b.sequence;
  },
};
