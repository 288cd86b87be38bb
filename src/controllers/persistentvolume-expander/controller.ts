/**
 * persistentvolume-expander-controller: claims that ask for more than their volumes have.
 *
 * Contract: no built-in kind of volume can grow, so each such claim gets an event that says whom it waits for: the resizer of its driver.
 * Never: writes a claim or a volume: capacity and conditions are the resizer's.
 */
import { keyOf } from '../../api/meta/objects.ts';
import { PersistentVolumeClaims, PersistentVolumes } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import type { ControllerContext } from '../context.ts';
import { decideExpansion } from './decide.ts';

export function startVolumeExpander(context: ControllerContext): Running {
  const { informers, host } = context;
  const claims = informers.of(PersistentVolumeClaims);
  const volumes = informers.of(PersistentVolumes);
  const recorder = context.recorder('volume_expand');

  async function reconcile(key: string): Promise<Outcome> {
    const claim = claims.lister.byKey(key);
    const action = decideExpansion(claim, claim?.spec?.volumeName ? volumes.lister.byKey(claim.spec.volumeName) : undefined);
    if (action) recorder.event(claim!, 'Normal', 'ExternalExpanding', action.wait);
    return { done: true };
  }

  const queue = startController(host, { name: 'persistentvolume-expander-controller', informers, reconcile });
  const sizes = ({ spec, status }: { spec?: { resources?: { requests?: Record<string, string> } }; status?: { phase?: string; capacity?: Record<string, string> } }): string =>
    `${spec?.resources?.requests?.['storage']} ${status?.capacity?.['storage']} ${status?.phase}`;
  claims.onEvent((event) => {
    if (event.type === 'deleted' || (event.type === 'updated' && sizes(event.old) === sizes(event.object))) return;
    queue.add(keyOf(event.object));
  });
  return queue;
}
