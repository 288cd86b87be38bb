/**
 * ttl-controller: tells kubelets, by an annotation of each node, how long they may keep secrets and config maps in their caches.
 *
 * Contract: the time grows with the number of nodes, so that many kubelets together ask no more than the server can take.
 * Never: touches anything but its own annotation. Eventually: every node carries the time for the size that the cluster has.
 */
import { isNotFound } from '../../api/meta/status.ts';
import { Nodes } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import type { ControllerContext } from '../context.ts';
import { decideTtl, nextStep, ttlAnnotation } from './decide.ts';

export function startTtl(context: ControllerContext): Running {
  const { client, informers, host } = context;
  const nodes = informers.of(Nodes);
  let count = 0;
  let step = 0;

  async function reconcile(name: string): Promise<Outcome> {
    const node = nodes.lister.byKey(name);
    const wanted = node && decideTtl(node.metadata.annotations, step);
    if (wanted === undefined) return { done: true };
    try {
      await client.of(Nodes).patch(name, { metadata: { annotations: { [ttlAnnotation]: wanted } } }, { type: 'merge' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return { done: true };
  }

  const queue = startController(host, { name: 'ttl-controller', workers: 5, informers, reconcile });
  nodes.onEvent((event) => {
    if (event.type === 'updated') {
      if (event.old.metadata.annotations?.[ttlAnnotation] !== event.object.metadata.annotations?.[ttlAnnotation]) queue.add(event.object.metadata.name!);
      return;
    }
    count += event.type === 'added' ? 1 : -1;
    const next = nextStep(step, count);
    if (next !== step) {
      step = next;
      for (const node of nodes.lister.list()) queue.add(node.metadata.name!);
    }
    if (event.type === 'added') queue.add(event.object.metadata.name!);
  });
  return queue;
}
