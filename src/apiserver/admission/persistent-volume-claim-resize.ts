/** Claims grow only where their class says that volumes can. */
import type { PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import { compareQuantity } from '../../api/meta/quantity.ts';
import { PersistentVolumeClaims, StorageClasses } from '../../api/resources.ts';
import { find } from '../lookup.ts';
import { isFor, objectOf, oldOf, refusal, type CreatePlugin } from './context.ts';

export const persistentVolumeClaimResize: CreatePlugin = (context) => {
  return {
    name: 'PersistentVolumeClaimResize',
    handles: (request) => request.operation === 'UPDATE' && isFor(request, PersistentVolumeClaims),
    async validate(request) {
      const [claim, old] = [objectOf<PersistentVolumeClaim>(request), oldOf<PersistentVolumeClaim>(request)];
      const [size, oldSize] = [claim.spec?.resources?.requests?.['storage'], old.spec?.resources?.requests?.['storage']];
      if (size === undefined || oldSize === undefined || compareQuantity(size, oldSize) <= 0) return;
      if (old.status?.phase !== 'Bound') throw refusal(request, 'Only bound persistent volume claims can be expanded');
      const className = claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? claim.spec?.storageClassName ?? '';
      const storageClass = className === '' ? undefined : await find(context, StorageClasses, undefined, className);
      if (!storageClass?.allowVolumeExpansion) throw refusal(request, 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize');
    },
  };
};
