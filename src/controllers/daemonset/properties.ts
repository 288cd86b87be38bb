import type { DaemonSet } from '../../api/apps/v1/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { isPodTerminal } from '../../api/core/v1/pods.ts';
import { DaemonSets, Nodes, Pods } from '../../api/resources.ts';
import { controllerOf, isGoing, nameOf, podsOwnedBy, safety, unobserved, wants, type Properties, type World } from '../property.ts';
import { updateLimits } from './decide.ts';
import { belongsOn, nodeOfPod } from './placement.ts';

const liveOn = (world: World, set: DaemonSet, node: string | undefined): Pod[] => podsOwnedBy(world, set).filter((pod) => nodeOfPod(pod) === node && !isPodTerminal(pod) && !isGoing(pod));

export const properties: Properties = {
  safety: [
    safety<Pod>({
      name: 'one daemon a node', promise: 'a new daemon comes to a node that has none, or one of an older template where the update may surge', of: Pods, alone: true,
      broken({ type, object }, world) {
        const set = type === 'created' ? (controllerOf(world, object) as DaemonSet | undefined) : undefined;
        if (set?.kind !== 'DaemonSet') return undefined;
        const most = updateLimits(set, world.list(Nodes).length).maxSurge > 0 ? 2 : 1;
        const there = liveOn(world, set, nodeOfPod(object)).length;
        return there > most ? `${nameOf(object)} is daemon ${there} of ${nameOf(set)} on ${nodeOfPod(object)}` : undefined;
      },
    }),
    safety<Pod>({
      name: 'daemons come only where they belong', promise: 'no daemon is made for a node that its template does not fit', of: Pods, alone: true,
      broken({ type, object }, world) {
        const set = type === 'created' ? (controllerOf(world, object) as DaemonSet | undefined) : undefined;
        if (set?.kind !== 'DaemonSet') return undefined;
        const node = world.get(Nodes, undefined, nodeOfPod(object) ?? '');
        return node && !belongsOn(set, node).shouldRun ? `${nameOf(object)} is for ${node.metadata.name}, where it does not belong` : undefined;
      },
    }),
  ],
  liveness: [{
    name: 'every node has its daemon', promise: 'each node that the template fits has one live daemon, of the present template unless the strategy is OnDelete; the status counts them',
    *missing(world) {
      for (const set of world.list(DaemonSets)) {
        if (world.isHopeless(set)) continue;
        yield* unobserved(set);
        const nodes = world.list(Nodes).filter((node) => belongsOn(set, node).shouldRun);
        for (const node of nodes) yield* wants(set, `live daemons on ${node.metadata.name}`, 1, liveOn(world, set, node.metadata.name).length);
        const { desiredNumberScheduled, numberReady, numberMisscheduled, updatedNumberScheduled } = set.status ?? {};
        yield* wants(set, 'nodes to be on', nodes.length, desiredNumberScheduled);
        yield* wants(set, 'ready pods', nodes.length, numberReady);
        yield* wants(set, 'misscheduled pods', 0, numberMisscheduled);
        if (set.spec?.updateStrategy?.type !== 'OnDelete') yield* wants(set, 'updated pods', nodes.length, updatedNumberScheduled);
      }
    },
  }],
};
