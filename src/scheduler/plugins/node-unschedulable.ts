/** Passes over nodes that are cordoned, unless the pod tolerates the taint that stands for it. */
import { refusal } from '../framework.ts';
import type { Plugin } from '../framework.ts';
import { toleratedBy } from '../../api/core/v1/scheduling-terms.ts';
import type { Node } from '../../api/core/v1/types.ts';

const NAME = 'NodeUnschedulable';
const TAINT = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
export const NODE_UNSCHEDULABLE = refusal(NAME, 'unresolvable', 'node(s) were unschedulable');

export const nodeUnschedulable: Plugin = {
  name: NAME,
  filter(cycle, node) {
    if (!node.unschedulable) return undefined;
    return toleratedBy(cycle.pod.pod.spec?.tolerations, TAINT) ? undefined : NODE_UNSCHEDULABLE;
  },
  events: () => [
    { resource: 'Node', actions: ['add', 'updateUnschedulable'], hint: (_pod, event) => !(event.object as Node).spec?.unschedulable },
    { resource: 'PendingPod', actions: ['updateTolerations'], hint: (pod, event) => event.pod?.uid === pod.uid },
  ],
};
