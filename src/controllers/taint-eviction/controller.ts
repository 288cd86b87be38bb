/**
 * taint-eviction-controller: removes pods from nodes with NoExecute taints that they do not tolerate, or no longer.
 * Contract: a pod's time begins when it is first seen beside such a taint and ends when the last one goes; a deletion that was set and is
 * no longer due is cancelled, and an event says so.
 */
import { setCondition } from '../../api/core/v1/pods.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { keyOf } from '../../api/meta/objects.ts';
import { isConflict, isNotFound } from '../../api/meta/status.ts';
import { formatTime } from '../../api/meta/time.ts';
import { Nodes, Pods } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import type { ControllerContext } from '../context.ts';
import { podsByNode } from '../pod-index.ts';
import { decideEviction } from './decide.ts';

export const podWorkers = 8;

export function startTaintEviction(context: ControllerContext): Running {
  const { client, informers, host } = context;
  const nodes = informers.of(Nodes);
  const pods = podsByNode(informers);
  const recorder = context.recorder('taint-eviction-controller');
  /** Pods beside a taint that drives out: since when, and whether their end is set. */
  const marked = new Map<string, { uid: string; sinceMs: number; scheduled: boolean }>();

  function forget(key: string, pod: Pod | undefined): void {
    if (marked.get(key)?.scheduled && pod) recorder.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${key}`);
    marked.delete(key);
  }

  async function evict(key: string, pod: Pod): Promise<void> {
    const { name, namespace, uid } = pod.metadata;
    recorder.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`);
    const inNamespace = client.of(Pods).inNamespace(namespace!);
    const condition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint', observedGeneration: pod.metadata.generation };
    const conditions = setCondition(pod.status?.conditions, condition, formatTime(host.clock.now()));
    try {
      if (conditions !== pod.status?.conditions) await inNamespace.patch(name!, { metadata: { uid }, status: { conditions: [conditions.find((each) => each.type === 'DisruptionTarget')] } }, { type: 'strategic', subresource: 'status' });
      await inNamespace.delete(name!, { preconditions: { uid } });
      context.metrics?.nodes.podDeletions.add([]);
    } catch (error) {
      // Gone, or another pod under the same name.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  async function reconcile(key: string): Promise<Outcome> {
    const pod = pods.informer.lister.byKey(key);
    const node = pod?.spec?.nodeName ? nodes.lister.byKey(pod.spec.nodeName) : undefined;
    if (!pod || !node || pod.metadata.deletionTimestamp) {
      marked.delete(key);
      return { done: true };
    }
    const now = host.clock.now();
    const before = marked.get(key);
    const sinceMs = before?.uid === pod.metadata.uid ? before!.sinceMs : now;
    const decision = decideEviction({ pod, taints: node.spec?.taints ?? [], sinceMs }, now);
    if (decision.evict === 'never') {
      forget(key, pod);
      return { done: true };
    }
    marked.set(key, { uid: pod.metadata.uid!, sinceMs, scheduled: decision.evict === 'later' });
    if (decision.evict === 'later') return { afterMs: decision.atMs - now };
    await evict(key, pod);
    return { done: true };
  }

  const queue = startController(host, { name: 'taint-eviction-controller', informers, workers: podWorkers, reconcile });
  const driving = (taints: readonly { effect: string }[] | undefined): string => JSON.stringify((taints ?? []).filter((taint) => taint.effect === 'NoExecute'));
  nodes.onEvent((event) => {
    const before = event.type === 'updated' ? driving(event.old.spec?.taints) : '[]';
    if (before === driving(event.object.spec?.taints)) return;
    for (const pod of pods.onNode(event.object.metadata.name!)) queue.add(keyOf(pod));
  });
  pods.informer.onEvent((event) => {
    const { object, type } = event;
    const old = type === 'updated' ? event.old : undefined;
    const same = old?.spec?.nodeName === object.spec?.nodeName && JSON.stringify(old?.spec?.tolerations) === JSON.stringify(object.spec?.tolerations) && old?.metadata.deletionTimestamp === object.metadata.deletionTimestamp;
    if (object.spec?.nodeName && !(old && same)) queue.add(keyOf(object));
  });
  return queue;
}
