/** Keeps a pod out of the queue while its spec names scheduling gates (KEP-3521). */
import { refusal } from '../framework.ts';
import type { Plugin } from '../framework.ts';

const NAME = 'SchedulingGates';
export const GATED_MESSAGE = 'Scheduling is blocked due to non-empty scheduling gates';

export const schedulingGates: Plugin = {
  name: NAME,
  preEnqueue(pod) {
    const gates = pod.pod.spec?.schedulingGates ?? [];
    if (gates.length === 0) return undefined;
    return refusal(NAME, 'unresolvable', `waiting for scheduling gates: [${gates.map((gate) => gate.name).join(' ')}]`);
  },
  events: () => [{ resource: 'PendingPod', actions: ['updateGates'], hint: (pod, event) => event.pod?.uid === pod.uid && !event.pod.pod.spec?.schedulingGates?.length }],
};
