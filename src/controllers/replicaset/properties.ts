import type { ReplicaSet } from '../../api/apps/v1/types.ts';
import type { Pod, ReplicationController } from '../../api/core/v1/types.ts';
import { isPodReady } from '../../api/core/v1/pods.ts';
import type { Resource } from '../../api/meta/resource.ts';
import { Pods, ReplicaSets } from '../../api/resources.ts';
import { activePodsOf, controllerOf, nameOf, safety, unobserved, wants, type Properties, type World } from '../property.ts';

function* missingReplicas(world: World, set: ReplicaSet | ReplicationController): Generator<string> {
  if (world.isHopeless(set)) return;
  yield* unobserved(set);
  const wanted = set.spec?.replicas ?? 1;
  const active = activePodsOf(world, set);
  yield* wants(set, 'pods', wanted, active.length);
  yield* wants(set, 'replicas', wanted, set.status?.replicas);
  yield* wants(set, 'ready pods', wanted, active.filter(isPodReady).length);
  yield* wants(set, 'ready replicas', wanted, set.status?.readyReplicas);
}

/** The promises of whatever keeps a number of equal pods. */
export function replicaProperties(resource: Resource<ReplicaSet> | Resource<ReplicationController>): Properties {
  return {
    safety: [
      safety<Pod>({
        name: `${resource.kind} makes no pod too many`, promise: 'a new pod never makes more active pods than the set asks for', of: Pods, alone: true,
        broken({ type, object }, world) {
          const set = type === 'created' ? (controllerOf(world, object) as ReplicaSet | undefined) : undefined;
          if (!set || set.kind !== resource.kind) return undefined;
          const [active, wanted] = [activePodsOf(world, set).length, set.spec?.replicas ?? 1];
          return active > wanted ? `${nameOf(object)} is pod ${active} of ${nameOf(set)}, which wants ${wanted}` : undefined;
        },
      }),
    ],
    liveness: [{
      name: `${resource.kind} has its replicas`, promise: 'there are as many active pods as the spec asks for, and the status says so',
      *missing(world) {
        for (const set of world.list(resource as Resource<ReplicaSet>)) yield* missingReplicas(world, set);
      },
    }],
  };
}

export const properties: Properties = replicaProperties(ReplicaSets);
