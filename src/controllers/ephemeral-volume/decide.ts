import type { PersistentVolumeClaim, Pod, Volume } from '../../api/core/v1/types.ts';
import { isControlledBy } from '../../api/meta/objects.ts';
import { Pods } from '../../api/resources.ts';
import { controllerReference } from '../shared/index.ts';

export type EphemeralAction = { create: PersistentVolumeClaim } | { fail: string; volume: string };

/** The claim's name is made of the pod's and the volume's. */
export const ephemeralClaimName = (pod: Pod, volume: Volume): string => `${pod.metadata.name}-${volume.name}`;

/** The claims that a pod's generic ephemeral volumes lack, and those that another owns. */
export function decideEphemeral(pod: Pod, claimOf: (name: string) => PersistentVolumeClaim | undefined): EphemeralAction[] {
  if (pod.metadata.deletionTimestamp) return [];
  return (pod.spec?.volumes ?? []).flatMap((volume): EphemeralAction[] => {
    const template = volume.ephemeral?.volumeClaimTemplate;
    if (!template) return [];
    const name = ephemeralClaimName(pod, volume);
    const { namespace } = pod.metadata;
    const claim = claimOf(name);
    if (claim) return isControlledBy(claim, pod) ? [] : [{ fail: `PVC ${namespace}/${name} was not created for pod ${namespace}/${pod.metadata.name} (pod is not owner)`, volume: volume.name }];
    const { labels, annotations } = template.metadata ?? {};
    return [{
      create: {
        apiVersion: 'v1', kind: 'PersistentVolumeClaim',
        metadata: { name, namespace: namespace!, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}), ownerReferences: [controllerReference(pod, Pods)] },
        spec: template.spec,
      },
    }];
  });
}
