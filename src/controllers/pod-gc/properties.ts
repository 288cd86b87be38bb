import type { Pod } from '../../api/core/v1/types.ts';
import { getPodCondition } from '../../api/core/v1/pods.ts';
import { Nodes, Pods } from '../../api/resources.ts';
import { isGoing, nameOf, safety, type Properties } from '../property.ts';

const isMarked = (pod: Pod | undefined): boolean => pod !== undefined && getPodCondition(pod, 'DisruptionTarget')?.reason === 'DeletionByPodGC';

export const properties: Properties = {
  safety: [
    safety<Pod>({
      name: 'pods of living nodes stay', promise: 'no pod is taken for an orphan whose node is there', of: Pods, alone: true,
      broken({ object, old }, world) {
        return isMarked(object) && !isMarked(old) && world.get(Nodes, undefined, object.spec?.nodeName ?? '') ? `${nameOf(object)} was removed as an orphan, and its node ${object.spec?.nodeName} is there` : undefined;
      },
    }),
  ],
  liveness: [{
    name: 'orphaned pods go', promise: 'no pod is left on a node that is gone, nor one that was deleted before it had a node',
    *missing(world) {
      for (const pod of world.list(Pods)) {
        const node = pod.spec?.nodeName;
        if (node && !world.get(Nodes, undefined, node)) yield `${nameOf(pod)} is on ${node}, which is gone`;
        if (!node && isGoing(pod)) yield `${nameOf(pod)} was deleted before it had a node, and is still there`;
      }
    },
  }],
};
