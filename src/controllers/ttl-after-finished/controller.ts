/**
 * ttl-after-finished-controller: removes finished jobs, with their pods, when `ttlSecondsAfterFinished` is over.
 *
 * Contract: asks the server anew before it deletes, since the time may have been raised meanwhile.
 * Never: deletes a job that has not finished, or one without a time, or another of the same name. Eventually: a job whose time is over goes.
 */
import { keyOf, splitKey } from '../../api/meta/objects.ts';
import { isConflict, isNotFound } from '../../api/meta/status.ts';
import { Jobs } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import { workersOf, type ControllerContext } from '../context.ts';
import { decideFinished, finishedMs } from './decide.ts';

export function startTtlAfterFinished(context: ControllerContext): Running {
  const { client, informers, host } = context;
  const jobs = informers.of(Jobs);

  async function reconcile(key: string): Promise<Outcome> {
    const action = decideFinished(jobs.lister.byKey(key), host.clock.now());
    if (!action) return { done: true };
    if ('afterMs' in action) return action;
    const { namespace, name } = splitKey(key);
    const inNamespace = client.of(Jobs).inNamespace(namespace);
    try {
      const fresh = await inNamespace.get(name);
      const again = decideFinished(fresh, host.clock.now());
      if (!again) return { done: true };
      if ('afterMs' in again) return again;
      await inNamespace.delete(name, { propagationPolicy: 'Foreground', preconditions: { uid: fresh.metadata.uid } });
      const dueMs = finishedMs(fresh)! + fresh.spec!.ttlSecondsAfterFinished! * 1000;
      context.metrics?.jobs.deletionDelay.observe([], (host.clock.now() - dueMs) / 1000);
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
    return { done: true };
  }

  const queue = startController(host, { name: 'ttl-after-finished-controller', workers: workersOf(context, 'concurrent-ttl-after-finished-syncs', 5), informers, reconcile });
  jobs.onEvent(({ type, object }) => {
    if (type !== 'deleted' && object.spec?.ttlSecondsAfterFinished !== undefined) queue.add(keyOf(object));
  });
  return queue;
}
