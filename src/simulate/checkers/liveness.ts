/** What must come true of the whole when no fault is at work any more; what each controller promises is in its own folder. */
import { isPodTerminal } from '../../api/core/v1/pods.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { Namespaces, Nodes, Pods } from '../../api/resources.ts';
import type { Checker } from './checker.ts';

const nameOf = (object: KubeObject): string => `${object.kind} ${object.metadata.namespace === undefined ? '' : `${object.metadata.namespace}/`}${object.metadata.name}`;

/** Objects with this annotation are not expected to become whole: what they ask for cannot be had. */
export const hopelessAnnotation = 'simulation/hopeless';
const isHopeless = (object: KubeObject): boolean => object.metadata.annotations?.[hopelessAnnotation] !== undefined;

export function nothingLeaks(): Checker {
  return {
    name: 'nothing leaks',
    promise: 'no namespace hangs in its deletion, and no node is forgotten',
    healed({ state }, fail) {
      for (const namespace of state.list(Namespaces)) if (namespace.metadata.deletionTimestamp !== undefined) fail(`${nameOf(namespace)} is still being deleted: ${JSON.stringify(namespace.status?.conditions ?? [])}`);
      for (const node of state.list(Nodes)) {
        if (!node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')) fail(`${nameOf(node)} is not ready`);
        const bad = node.spec?.taints?.find((taint) => taint.key.startsWith('node.kubernetes.io/') && taint.key !== 'node.kubernetes.io/unschedulable');
        if (bad) fail(`${nameOf(node)} is well and has taint ${bad.key}`);
      }
    },
  };
}

export function podsSettle(): Checker {
  return {
    name: 'pods settle',
    promise: 'every pod runs, has ended, or is one that cannot run; the containers that run are those of live pods',
    healed({ state, running }, fail) {
      for (const pod of state.list(Pods)) {
        if (isHopeless(pod) || isPodTerminal(pod) || pod.metadata.deletionTimestamp) continue;
        if (pod.status?.phase !== 'Running') fail(`${nameOf(pod)} is ${pod.status?.phase}${pod.spec?.nodeName ? ` on ${pod.spec.nodeName}` : `: ${pod.status?.conditions?.find((c) => c.type === 'PodScheduled')?.message ?? 'not looked at by the scheduler'}`}`);
      }
      for (const { uid, namespace, name, node } of running()) {
        const held = state.byUid(uid)?.object as Pod | undefined;
        if (!held || held.spec?.nodeName !== node) fail(`containers of pod ${namespace}/${name} (${uid}) run on ${node}, and the API knows no such pod there`);
      }
    },
  };
}
