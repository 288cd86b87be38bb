import type { HorizontalPodAutoscaler } from '../../api/autoscaling/v2/types.ts';
import { Deployments, HorizontalPodAutoscalers } from '../../api/resources.ts';
import { nameOf, safety, type Properties } from '../property.ts';

export const properties: Properties = {
  safety: [
    safety<HorizontalPodAutoscaler>({
      name: 'autoscalers stay within their bounds', promise: 'the count that an autoscaler newly wants lies between minReplicas and maxReplicas, or is zero for a target that is switched off', of: HorizontalPodAutoscalers,
      broken({ type, object, old }) {
        const wanted = object.status?.desiredReplicas ?? 0;
        if (type !== 'updated' || wanted === (old!.status?.desiredReplicas ?? 0) || wanted === 0) return undefined;
        const { minReplicas = 1, maxReplicas } = object.spec;
        // The spec may have changed since it was looked at; the next round sees that.
        if ((object.status?.observedGeneration ?? 0) < (object.metadata.generation ?? 0)) return undefined;
        return wanted < minReplicas || wanted > maxReplicas ? `${nameOf(object)} wants ${wanted}, and its bounds are ${minReplicas} and ${maxReplicas}` : undefined;
      },
    }),
  ],
  liveness: [{
    name: 'targets come within bounds', promise: 'a Deployment that an autoscaler steers, and that is not at zero, has between minReplicas and maxReplicas',
    *missing(world) {
      for (const autoscaler of world.list(HorizontalPodAutoscalers)) {
        const { scaleTargetRef: reference, minReplicas = 1, maxReplicas } = autoscaler.spec;
        const target = reference.kind === 'Deployment' ? world.get(Deployments, autoscaler.metadata.namespace, reference.name) : undefined;
        const replicas = target?.spec?.replicas ?? 0;
        if (replicas !== 0 && (replicas < minReplicas || replicas > maxReplicas)) yield `${nameOf(target!)} has ${replicas} replicas, and ${nameOf(autoscaler)} allows ${minReplicas} to ${maxReplicas}`;
      }
    },
  }],
};
