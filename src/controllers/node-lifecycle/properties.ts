import type { Node } from '../../api/core/v1/types.ts';
import { getCondition } from '../../api/core/v1/pods.ts';
import { Nodes } from '../../api/resources.ts';
import { nameOf, safety, type Properties } from '../property.ts';
import { decideNoScheduleTaints, notReadyTaint, unreachableTaint } from './decide.ts';

const readiness = (node: Node): string => getCondition(node.status?.conditions, 'Ready')?.status ?? 'Unknown';
const drives = (node: Node | undefined, key: string): boolean => (node?.spec?.taints ?? []).some((taint) => taint.key === key && taint.effect === 'NoExecute');

export const properties: Properties = {
  safety: [
    safety<Node>({
      name: 'well nodes are not emptied', promise: 'no node that says it is ready is given a taint that drives its pods out', of: Nodes, alone: true,
      broken({ type, object, old }) {
        if (type !== 'updated' || readiness(object) !== 'True') return undefined;
        const key = [notReadyTaint, unreachableTaint].find((each) => drives(object, each) && !drives(old, each));
        return key && `${nameOf(object)} is ready and was given taint ${key}`;
      },
    }),
  ],
  liveness: [
    {
      name: 'conditions become taints', promise: 'the NoSchedule taints of a node are those that its conditions ask for',
      *missing(world) {
        for (const node of world.list(Nodes)) {
          const wanted = decideNoScheduleTaints(node, '');
          if (wanted) yield `${nameOf(node)} has taints [${(node.spec?.taints ?? []).map(({ key }) => key).join(', ')}], and its conditions ask for [${wanted.map(({ key }) => key).join(', ')}]`;
        }
      },
    },
    {
      name: 'well nodes are free', promise: 'a node that is ready has no taint of trouble left',
      *missing(world) {
        for (const node of world.list(Nodes)) for (const key of [notReadyTaint, unreachableTaint]) if (readiness(node) === 'True' && drives(node, key)) yield `${nameOf(node)} is well and has taint ${key}`;
      },
    },
  ],
};
