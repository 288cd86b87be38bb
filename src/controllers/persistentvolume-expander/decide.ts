import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import { compareQuantity } from '../../api/meta/quantity.ts';

/** Who makes a bound claim's volume larger, when it asks for more than it has: nobody in here, since no built-in kind of volume can grow. */
export function decideExpansion(claim: PersistentVolumeClaim | undefined, volume: PersistentVolume | undefined): { wait: string } | undefined {
  if (!claim || claim.status?.phase !== 'Bound' || claim.metadata.deletionTimestamp) return undefined;
  const { namespace, name, uid } = claim.metadata;
  const [wanted, has] = [claim.spec?.resources?.requests?.['storage'], claim.status.capacity?.['storage']];
  if (wanted === undefined || has === undefined || compareQuantity(wanted, has) <= 0) return undefined;
  const reference = volume?.spec?.claimRef;
  // Bound to another: not this claim's to make larger.
  if (!reference || reference.namespace !== namespace || reference.name !== name || reference.uid !== uid) return undefined;
  return { wait: 'waiting for an external controller to expand this PVC' };
}
