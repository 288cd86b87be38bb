/**
 * service-cidr-controller.
 * Contract: every ServiceCIDR has its finalizer and a Ready condition. One that is being deleted stays, and says why, as long as an address lies in it
 * and in no other range; it goes once API servers have had the time to see that it gives out no more. It never deletes an address.
 */
import { keyOf } from '../../api/meta/objects.ts';
import { isNotFound } from '../../api/meta/status.ts';
import { formatTime } from '../../api/meta/time.ts';
import { IPAddresses, ServiceCIDRs } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import type { ControllerContext } from '../context.ts';
import { decide, FINALIZER, withReady } from './decide.ts';

export function startServiceCidr({ client, informers, host }: ControllerContext): Running {
  const ranges = informers.of(ServiceCIDRs);
  const addresses = informers.of(IPAddresses);

  async function reconcile(key: string): Promise<Outcome> {
    let range = ranges.lister.byKey(key);
    if (!range) return { done: true };
    // Whether an address is left is asked of the server: a local copy may not know yet of the one that was just given out.
    const known = range.metadata.deletionTimestamp === undefined ? [] : (await client.of(IPAddresses).list()).items;
    for (const action of decide({ range, ranges: ranges.lister.list(), addresses: known }, host.clock.now())) {
      if (action.type === 'wait') return { afterMs: action.forMs };
      try {
        if (action.type === 'ready') {
          range = await client.of(ServiceCIDRs).updateStatus(withReady(range, action, formatTime(host.clock.now())));
          continue;
        }
        const others: string[] = (range.metadata.finalizers ?? []).filter((name) => name !== FINALIZER);
        range = await client.of(ServiceCIDRs).update({ ...range, metadata: { ...range.metadata, finalizers: action.type === 'protect' ? [...others, FINALIZER] : others } });
      } catch (error) {
        if (!isNotFound(error)) throw error;
        return { done: true };
      }
    }
    return { done: true };
  }

  const queue = startController(host, { name: 'service-cidr-controller', informers, reconcile });
  ranges.onEvent(({ type, object }) => {
    if (type !== 'deleted') queue.add(keyOf(object));
    // What this range covered may be covered by no other now.
    for (const other of ranges.lister.list()) if (other.metadata.deletionTimestamp !== undefined) queue.add(keyOf(other));
  });
  addresses.onEvent(({ type }) => {
    if (type !== 'deleted') return;
    for (const range of ranges.lister.list()) if (range.metadata.deletionTimestamp !== undefined) queue.add(keyOf(range));
  });
  return queue;
}
