import type { Deployment, ReplicaSet } from '../../api/apps/v1/types.ts';
import { Deployments, ReplicaSets } from '../../api/resources.ts';
import { controllerOf, nameOf, safety, unobserved, wants, type Properties, type World } from '../property.ts';
import { sameTemplate } from '../shared/index.ts';
import { isRolling, rollingLimits, wantedReplicas } from './replica-sets.ts';

const setsOf = (world: World, deployment: Deployment): ReplicaSet[] => world.list(ReplicaSets, deployment.metadata.namespace).filter((set) => controllerOf(world, set) === deployment);
const sizeOf = (set: ReplicaSet): number => set.spec?.replicas ?? 1;
const total = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, set) => sum + sizeOf(set), 0);

export const properties: Properties = {
  safety: [
    safety<ReplicaSet>({
      name: 'deployments keep within the surge', promise: 'no ReplicaSet grows while all of them together would ask for more than replicas and maxSurge', of: ReplicaSets, alone: true,
      broken({ type, object, old }, world) {
        const deployment = controllerOf(world, object) as Deployment | undefined;
        const grew = type === 'created' || (type === 'updated' && sizeOf(object) > sizeOf(old!));
        if (deployment?.kind !== 'Deployment' || !grew) return undefined;
        const most = wantedReplicas(deployment) + (isRolling(deployment) ? rollingLimits(deployment).maxSurge : 0);
        const asked = total(setsOf(world, deployment));
        return asked > most ? `${nameOf(object)} grew to ${sizeOf(object)}, so that ${nameOf(deployment)} asks for ${asked} pods, ${most} at most` : undefined;
      },
    }),
    safety<ReplicaSet>({
      name: 'deployments keep their pods available', promise: 'a rolling update takes no available pod away where fewer than replicas less maxUnavailable would be left', of: ReplicaSets, alone: true,
      broken({ type, object, old }, world) {
        const deployment = controllerOf(world, object) as Deployment | undefined;
        if (type !== 'updated' || deployment?.kind !== 'Deployment' || !isRolling(deployment) || sizeOf(object) >= sizeOf(old!)) return undefined;
        // Of a set that shrinks, pods that are not available go first.
        const kept = setsOf(world, deployment).reduce((sum, set) => sum + Math.min(sizeOf(set), set.status?.availableReplicas ?? 0), 0);
        const least = wantedReplicas(deployment) - rollingLimits(deployment).maxUnavailable;
        const before = kept - Math.min(sizeOf(object), object.status?.availableReplicas ?? 0) + Math.min(sizeOf(old!), object.status?.availableReplicas ?? 0);
        return kept < least && kept < before ? `${nameOf(object)} shrank to ${sizeOf(object)}: ${kept} available pods are left to ${nameOf(deployment)}, and it wants ${least}` : undefined;
      },
    }),
  ],
  liveness: [
    {
      name: 'rollouts end', promise: 'a deployment that is not paused has all its replicas in the ReplicaSet of its template, and says so',
      *missing(world) {
        for (const deployment of world.list(Deployments)) {
          if (world.isHopeless(deployment)) continue;
          yield* unobserved(deployment);
          const wanted = wantedReplicas(deployment);
          yield* wants(deployment, 'replicas', wanted, deployment.status?.replicas);
          yield* wants(deployment, 'ready replicas', wanted, deployment.status?.readyReplicas);
          if (deployment.spec?.paused) continue;
          yield* wants(deployment, 'updated replicas', wanted, deployment.status?.updatedReplicas);
          for (const set of setsOf(world, deployment)) if (sizeOf(set) > 0 && !sameTemplate(set.spec?.template, deployment.spec?.template)) yield `${nameOf(set)} is of an old template and still asks for ${sizeOf(set)} pods`;
        }
      },
    },
    {
      name: 'history is kept short', promise: 'of the ReplicaSets of old templates, no more are left than revisionHistoryLimit says',
      *missing(world) {
        for (const deployment of world.list(Deployments)) {
          const limit = deployment.spec?.revisionHistoryLimit;
          const old = setsOf(world, deployment).filter((set) => !sameTemplate(set.spec?.template, deployment.spec?.template));
          if (limit !== undefined && !world.isHopeless(deployment) && !deployment.spec?.paused && old.length > limit) yield `${nameOf(deployment)} keeps ${old.length} old ReplicaSets, ${limit} at most`;
        }
      },
    },
  ],
};
