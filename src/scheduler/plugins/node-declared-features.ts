/** Pods that use something which only newer kubelets can do go to nodes that declare it (KEP-5328). */
import type { Pod, PodSpec } from '../../api/core/v1/types.ts';
import { refusal } from '../framework.ts';
import type { Plugin, Status } from '../framework.ts';

const NAME = 'NodeDeclaredFeatures';
export const RESTART_ALL_CONTAINERS = 'RestartAllContainersOnContainerExits';

/** Each feature that a node may declare, and which pods need it. */
const FEATURES: readonly { name: string; neededBy: (spec: PodSpec) => boolean }[] = [
  {
    name: RESTART_ALL_CONTAINERS,
    neededBy: (spec) => [...spec.containers, ...(spec.initContainers ?? [])].some((container) => container.restartPolicyRules?.some((rule) => rule.action === 'RestartAllContainers')),
  },
];

/** Names of features that the pod's node must have. */
export function neededFeatures(pod: Pod): string[] {
  return pod.spec ? FEATURES.filter(({ neededBy }) => neededBy(pod.spec!)).map(({ name }) => name) : [];
}

export function missingFeatures(lacking: readonly string[]): Status {
  return refusal(NAME, 'unresolvable', `node declared features check failed - unsatisfied requirements: ${lacking.join(', ')}`);
}

export const nodeDeclaredFeatures: Plugin = {
  name: NAME,
  preFilter(cycle) {
    const needed = neededFeatures(cycle.pod.pod);
    if (needed.length === 0) return { skip: true };
    cycle.state.set(NAME, needed);
    return undefined;
  },
  filter(cycle, node) {
    const declared = node.node?.status?.declaredFeatures;
    const lacking = (cycle.state.get(NAME) as string[]).filter((name) => !declared?.includes(name));
    return lacking.length === 0 ? undefined : missingFeatures(lacking);
  },
  events: () => [{ resource: 'Node', actions: ['add', 'updateFeatures'] }],
};
