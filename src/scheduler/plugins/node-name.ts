/** A pod that names its node goes there or nowhere. */
import { refusal } from '../framework.ts';
import type { Plugin } from '../framework.ts';

const NAME = 'NodeName';
export const NODE_NAME_MISMATCH = refusal(NAME, 'unresolvable', "node(s) didn't match the requested node name");

export const nodeName: Plugin = {
  name: NAME,
  preFilter: (cycle) => (cycle.pod.pod.spec?.nodeName ? undefined : { skip: true }),
  filter: (cycle, node) => (cycle.pod.pod.spec?.nodeName === node.name ? undefined : NODE_NAME_MISMATCH),
  events: () => [{ resource: 'Node', actions: ['add'], hint: (pod, event) => event.object?.metadata.name === pod.pod.spec?.nodeName }],
};
