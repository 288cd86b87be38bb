/** Two pods of one node cannot listen on the same host port. */
import { refusal } from '../framework.ts';
import type { Plugin } from '../framework.ts';
import { HostPorts } from '../node-info.ts';

const NAME = 'NodePorts';
export const PORTS_TAKEN = refusal(NAME, 'unschedulable', "node(s) didn't have free ports for the requested pod ports");

export const nodePorts: Plugin = {
  name: NAME,
  preFilter: (cycle) => (cycle.pod.hostPorts.length === 0 ? { skip: true } : undefined),
  filter(cycle, node) {
    for (const port of cycle.pod.hostPorts) if (node.ports.clashes(port)) return PORTS_TAKEN;
    return undefined;
  },
  events: () => [
    {
      resource: 'AssignedPod',
      actions: ['delete'],
      hint(pod, event) {
        const freed = new HostPorts();
        for (const port of event.pod?.hostPorts ?? []) freed.add(port);
        return pod.hostPorts.some((port) => freed.clashes(port));
      },
    },
    { resource: 'Node', actions: ['add'] },
  ],
};
