/**
 * namespace-controller: a namespace that was deleted is emptied, pods first, and only then goes. Its conditions tell what is in the way.
 * Contract: nothing in a namespace outlives it; a round that fails is made again with growing waits; finalizers of others are waited for, never taken off.
 */
import type { Namespace } from '../../api/core/v1/types.ts';
import { isConflict, isNotFound } from '../../api/meta/status.ts';
import { formatTime } from '../../api/meta/time.ts';
import { Namespaces } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import { workersOf, type ControllerContext } from '../context.ts';
import { deleteContent } from './content.ts';
import { conditionsOf, decideNamespace, kubernetesFinalizer, mayFinalize } from './decide.ts';

/** Wait after a deletion is seen: API servers whose own copy is behind may let creations through for this long. */
export const deletionGraceMs = 5_000;

/** The longest wait for content that is on its way out. */
const longestLookSeconds = 2;

/** The longest wait between rounds that fail: what holds a namespace may let go at any time. */
export const maxRetryMs = 60_000;

export function startNamespace(context: ControllerContext): Running {
  const { client, informers, host } = context;
  const namespaces = informers.of(Namespaces);

  async function emptyAndFinalize(namespace: Namespace): Promise<Outcome> {
    const name = namespace.metadata.name!;
    const { report, estimateSeconds } = await deleteContent(client, name);
    const conditions = conditionsOf(namespace, report, formatTime(host.clock.now()));
    let current = namespace;
    if (conditions !== namespace.status?.conditions) current = await client.of(Namespaces).updateStatus({ ...namespace, status: { ...namespace.status, conditions } });
    if (mayFinalize(report)) {
      const finalizers = (current.spec?.finalizers ?? []).filter((finalizer) => finalizer !== kubernetesFinalizer);
      await client.of(Namespaces).updateSubresource(name, 'finalize', { ...current, spec: { ...current.spec, finalizers } });
      return { done: true };
    }
    const what = [...report.discoveryFailures, ...report.deletionFailures];
    // Content that is on its way out is no failure: looking again is cheap, and most pods end long before their grace period does.
    if (what.length === 0) return { afterMs: Math.min(Math.floor(estimateSeconds / 2) + 1, longestLookSeconds) * 1000 };
    return { retry: new Error(what.join('; ')) };
  }

  async function reconcile(name: string): Promise<Outcome> {
    if (decideNamespace(namespaces.lister.byKey(name)) === 'ignore') return { done: true };
    try {
      // The server's own state: a finalizer must not be taken off by an old copy.
      let namespace = await client.of(Namespaces).get(name);
      if (decideNamespace(namespace) === 'mark-terminating') namespace = await client.of(Namespaces).updateStatus({ ...namespace, status: { ...namespace.status, phase: 'Terminating' } });
      return decideNamespace(namespace) === 'delete-content' ? await emptyAndFinalize(namespace) : { done: true };
    } catch (error) {
      if (isNotFound(error)) return { done: true };
      return isConflict(error) ? { afterMs: 10 } : { retry: error as Error };
    }
  }

  const queue = startController(host, { name: 'namespace-controller', informers, workers: workersOf(context, 'concurrent-namespace-syncs', 10), maxRetryMs, reconcile });
  namespaces.onEvent(({ type, object }) => {
    if (type !== 'deleted' && object.metadata.deletionTimestamp) queue.addAfter(object.metadata.name!, deletionGraceMs);
  });
  return queue;
}
