/**
 * pod-garbage-collector-controller: removes pods that nobody else will: those of nodes that are gone, terminated ones over the threshold,
 * terminating ones that never had a node, and terminating ones on nodes taken out of service.
 * Contract: a node counts as gone when it was missing for 40 s and the server, asked anew, does not know it.
 */
import type { Pod } from '../../api/core/v1/types.ts';
import { setCondition } from '../../api/core/v1/pods.ts';
import { isConflict, isNotFound } from '../../api/meta/status.ts';
import { formatTime } from '../../api/meta/time.ts';
import { Nodes, Pods } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import type { ControllerContext } from '../context.ts';
import { decidePodGc, type PodGcAction } from './decide.ts';

export const sweepPeriodMs = 20_000;
/** How long a node must be missing before the server is asked whether it is gone. */
export const quarantineMs = 40_000;

export function startPodGc(context: ControllerContext): Running {
  const { client, informers, host, settings } = context;
  const pods = informers.of(Pods);
  const nodes = informers.of(Nodes);
  const missingSinceMs = new Map<string, number>();
  /** What is to be removed follows from pods and nodes alone: while neither changes there is nothing to look for. */
  let isChanged = true;
  const noteChange = (): void => void (isChanged = true);
  pods.onEvent(noteChange);
  nodes.onEvent(noteChange);

  async function absentNodes(): Promise<Set<string>> {
    const now = host.clock.monotonic();
    const named = new Set(pods.lister.list().map((pod) => pod.spec?.nodeName ?? '').filter((name) => name !== '' && !nodes.lister.byKey(name)));
    for (const name of missingSinceMs.keys()) if (!named.has(name)) missingSinceMs.delete(name);
    const absent = new Set<string>();
    for (const name of named) {
      const since = missingSinceMs.get(name) ?? now;
      missingSinceMs.set(name, since);
      if (now - since < quarantineMs) continue;
      try {
        await client.of(Nodes).get(name);
      } catch (error) {
        if (!isNotFound(error)) throw error;
        absent.add(name);
      }
    }
    return absent;
  }

  async function remove({ pod, reason, markFailed }: PodGcAction): Promise<void> {
    const { name, namespace, uid } = pod.metadata;
    const inNamespace = client.of(Pods).inNamespace(namespace!);
    try {
      if (markFailed) await inNamespace.patch(name!, { metadata: { uid }, status: failedStatus(pod, reason, formatTime(host.clock.now())) }, { type: 'merge', subresource: 'status' });
      await inNamespace.delete(name!, { gracePeriodSeconds: 0, preconditions: { uid } });
      host.log.info('pod removed', { controller: 'pod-garbage-collector-controller', pod: `${namespace}/${name}`, reason });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  async function sweep(): Promise<Outcome> {
    if (!isChanged) return { afterMs: sweepPeriodMs };
    isChanged = false;
    try {
      return await sweepAll();
    } catch (error) {
      isChanged = true;
      throw error;
    }
  }

  async function sweepAll(): Promise<Outcome> {
    const byName = new Map(nodes.lister.list().map((node) => [node.metadata.name!, node]));
    const actions = decidePodGc({ pods: pods.lister.list(), nodes: byName, absentNodes: await absentNodes(), terminatedThreshold: settings.terminatedPodThreshold });
    let failed = 0;
    for (const action of actions) {
      const labels = [action.pod.metadata.namespace!, action.reason];
      context.metrics?.nodes.forcedDeletions.add(labels);
      try {
        await remove(action);
      } catch (error) {
        failed++;
        context.metrics?.nodes.forcedDeletionErrors.add(labels);
        host.log.warn('pod not removed', { pod: `${action.pod.metadata.namespace}/${action.pod.metadata.name}`, error: (error as Error).message });
      }
    }
    // A node that is missing is looked at again when its time is over.
    if (failed > 0 || missingSinceMs.size > 0) isChanged = true;
    return { afterMs: failed > 0 ? 1_000 : sweepPeriodMs };
  }

  const queue = startController(host, { name: 'pod-garbage-collector-controller', informers, reconcile: sweep });
  queue.add('sweep');
  return queue;
}

/** What the status becomes: Failed, and for orphans the condition that tells Jobs that it was no fault of the pod's. */
function failedStatus(pod: Pod, reason: string, now: string): object {
  if (reason !== 'orphaned') return { phase: 'Failed' };
  const condition = {
    type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists', observedGeneration: pod.metadata.generation,
  };
  return { phase: 'Failed', conditions: setCondition(pod.status?.conditions, condition, now) };
}
