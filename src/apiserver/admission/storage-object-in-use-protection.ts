/** Claims and volumes in use are not removed: a finalizer holds them, and a controller lets them go. */
import { PersistentVolumeClaims, PersistentVolumes, VolumeAttributesClasses } from '../../api/resources.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { isFor, objectOf, type CreatePlugin } from './context.ts';

const finalizers = [[PersistentVolumeClaims, 'kubernetes.io/pvc-protection'], [PersistentVolumes, 'kubernetes.io/pv-protection'], [VolumeAttributesClasses, 'kubernetes.io/vac-protection']] as const;

export const storageObjectInUseProtection: CreatePlugin = () => ({
  name: 'StorageObjectInUseProtection',
  handles: (request) => request.operation === 'CREATE' && finalizers.some(([resource]) => isFor(request, resource)),
  mutate(request) {
    const finalizer = finalizers.find(([resource]) => isFor(request, resource))![1];
    const { metadata } = objectOf<KubeObject>(request);
    if (!metadata.finalizers?.includes(finalizer)) metadata.finalizers = [...(metadata.finalizers ?? []), finalizer];
  },
});
