import type { StatefulSet } from '../../api/apps/v1/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { Pods, StatefulSets } from '../../api/resources.ts';
import { activePodsOf, controllerOf, nameOf, podsOwnedBy, safety, unobserved, wants, type Properties } from '../property.ts';
import { firstOrdinal, isGoing, isRunningAndReady, ordinalOf, replicasOf } from './pods.ts';

export const properties: Properties = {
  safety: [
    safety<Pod>({
      name: 'stateful pods come in order', promise: 'under OrderedReady a pod is made only when all before it run and are ready', of: Pods, alone: true,
      broken({ type, object }, world) {
        const set = type === 'created' ? (controllerOf(world, object) as StatefulSet | undefined) : undefined;
        if (set?.kind !== 'StatefulSet' || set.spec?.podManagementPolicy === 'Parallel') return undefined;
        const own = ordinalOf(set, object) ?? 0;
        const before = podsOwnedBy(world, set).filter((pod) => (ordinalOf(set, pod) ?? Infinity) < own && isRunningAndReady(pod) && !isGoing(pod));
        return before.length < own - firstOrdinal(set) ? `${nameOf(object)} was made, and only ${before.length} of the ${own - firstOrdinal(set)} before it are ready` : undefined;
      },
    }),
    safety<Pod>({
      name: 'stateful pods have their numbers', promise: 'no pod is made outside the range of ordinals', of: Pods, alone: true,
      broken({ type, object }, world) {
        const set = type === 'created' ? (controllerOf(world, object) as StatefulSet | undefined) : undefined;
        if (set?.kind !== 'StatefulSet') return undefined;
        const ordinal = ordinalOf(set, object) ?? -1;
        return ordinal < firstOrdinal(set) || ordinal >= firstOrdinal(set) + replicasOf(set) ? `${nameOf(object)} is not one of the ${replicasOf(set)} of ${nameOf(set)}` : undefined;
      },
    }),
  ],
  liveness: [{
    name: 'stateful sets are complete', promise: 'there is a ready pod of each ordinal and no other, and the status says so',
    *missing(world) {
      for (const set of world.list(StatefulSets)) {
        if (world.isHopeless(set)) continue;
        yield* unobserved(set);
        const pods = activePodsOf(world, set);
        yield* wants(set, 'pods', replicasOf(set), pods.length);
        yield* wants(set, 'ready pods', replicasOf(set), pods.filter(isRunningAndReady).length);
        yield* wants(set, 'replicas', replicasOf(set), set.status?.replicas);
        yield* wants(set, 'ready replicas', replicasOf(set), set.status?.readyReplicas);
      }
    },
  }],
};
