/** What the server fills in on storage classes and CSI drivers. */
import type { Defaulters } from '../../meta/defaulting.ts';
import { unset } from '../../meta/defaulting.ts';
import type { CSIDriver, StorageClass } from './types.ts';

function driver({ spec }: CSIDriver): void {
  spec.attachRequired ??= true;
  spec.podInfoOnMount ??= false;
  spec.storageCapacity ??= false;
  if (unset(spec.fsGroupPolicy)) spec.fsGroupPolicy = 'ReadWriteOnceWithFSType';
  if ((spec.volumeLifecycleModes ?? []).length === 0) spec.volumeLifecycleModes = ['Persistent'];
  spec.requiresRepublish ??= false;
  spec.seLinuxMount ??= false;
}

const P = 'io.k8s.api.storage.v1';

export const storageDefaulters: Defaulters = {
  [`${P}.CSIDriver`]: driver,
  [`${P}.StorageClass`]: (object: StorageClass) => {
    if (unset(object.reclaimPolicy)) object.reclaimPolicy = 'Delete';
    if (unset(object.volumeBindingMode)) object.volumeBindingMode = 'Immediate';
  },
};
