import type { Pod, Taint } from '../../api/core/v1/types.ts';
import { getPodCondition } from '../../api/core/v1/pods.ts';
import { tolerates } from '../../api/core/v1/scheduling-terms.ts';
import { Nodes, Pods } from '../../api/resources.ts';
import { isGoing, nameOf, safety, type Properties, type World } from '../property.ts';

const isMarked = (pod: Pod | undefined): boolean => pod !== undefined && getPodCondition(pod, 'DisruptionTarget')?.reason === 'DeletionByTaintManager';
const drivingOn = (world: World, pod: Pod): Taint[] => (world.get(Nodes, undefined, pod.spec?.nodeName ?? '')?.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
/** Tolerations of a taint; the first that fits counts. */
const holdsFor = (pod: Pod, taint: Taint): number => {
  const toleration = (pod.spec?.tolerations ?? []).find((each) => tolerates(each, taint));
  return toleration ? Number(toleration.tolerationSeconds ?? Infinity) : -1;
};

export const properties: Properties = {
  safety: [
    safety<Pod>({
      name: 'who tolerates stays', promise: 'no pod is driven out that tolerates all NoExecute taints of its node for ever', of: Pods, alone: true,
      broken({ object, old }, world) {
        if (!isMarked(object) || isMarked(old)) return undefined;
        return drivingOn(world, object).every((taint) => holdsFor(object, taint) === Infinity) ? `${nameOf(object)} was driven out, and it tolerates every taint of ${object.spec?.nodeName}` : undefined;
      },
    }),
  ],
  liveness: [{
    name: 'who does not tolerate goes', promise: 'no pod is left on a node with a NoExecute taint that it does not tolerate',
    *missing(world) {
      for (const pod of world.list(Pods)) {
        const taint = isGoing(pod) ? undefined : drivingOn(world, pod).find((each) => holdsFor(pod, each) < 0);
        if (taint) yield `${nameOf(pod)} is on ${pod.spec?.nodeName}, and does not tolerate its taint ${taint.key}`;
      }
    },
  }],
};
