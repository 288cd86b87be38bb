/**
 * resourcequota-controller: each ResourceQuota's status holds its limits and what its namespace's objects take of them.
 * Contract: admission adds what is new before it is stored; this controller gives back what went, counts all anew every five minutes and when
 * limits change, and writes with the revision that it counted at, so that a charge in between is never lost. What it cannot count (a kind that is
 * not served) has no `used`, and admission then says so.
 */
import type { ResourceQuota } from '../../api/core/v1/types.ts';
import { countedGroupResource, usageOf, type Usage } from '../../api/core/v1/quota.ts';
import { keyOf } from '../../api/meta/objects.ts';
import { isNotFound } from '../../api/meta/status.ts';
import type { Resource } from '../../api/meta/resource.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { PersistentVolumeClaims, Pods, ResourceQuotas, Services } from '../../api/resources.ts';
import { runningAll, startController } from '../../client/index.ts';
import type { InformerEvent, Outcome, Running } from '../../client/types.ts';
import { workersOf, type ControllerContext } from '../context.ts';
import { sameValue } from '../shared/index.ts';
import { Counters } from './counters.ts';
import { countedResources, decideQuota, givesBack, isTouched } from './decide.ts';

export const fullResyncPeriodMs = 300_000;
/** Until when after giving room back a new object makes it count again: it may have been charged for before its watch event came. */
export const unsettledMs = 10_000;
const concurrentSyncs = 5;
const notKnownYetMs = 500;
const unservedMs = 30_000;

const measured: readonly Resource<KubeObject>[] = [Pods, Services, PersistentVolumeClaims];

export function startResourceQuota(context: ControllerContext): Running {
  const { client, informers, host } = context;
  const quotas = informers.of(ResourceQuotas);
  const listers = new Map(measured.map((resource) => [resource.plural, informers.of(resource).lister]));
  /** Quotas that gave room back a moment ago, and until when. */
  const unsettled = new Map<string, number>();

  const counters = new Counters(host, client, (groupResource, namespace) => {
    for (const quota of quotas.lister.list(namespace)) {
      if (Object.keys(quota.spec?.hard ?? {}).some((name) => countedGroupResource(name) === groupResource)) queue.add(keyOf(quota));
    }
  });

  async function reconcile(key: string): Promise<Outcome> {
    const quota = quotas.lister.byKey(key);
    if (!quota) {
      unsettled.delete(key);
      return { done: true };
    }
    const namespace = quota.metadata.namespace!;
    const counted = countedResources(quota);
    const pending = await counters.watch(counted);
    const snapshot = { quota, objects: (plural: string) => listers.get(plural)!.list(namespace), count: (name: string) => counters.count(name, namespace) };
    const status = decideQuota(snapshot, host.clock.now());
    if (status) {
      if (givesBack(quota, status)) unsettled.set(key, host.clock.monotonic() + unsettledMs);
      try {
        await client.of(ResourceQuotas).updateStatus({ ...quota, status });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    if (pending.length > 0) return { afterMs: notKnownYetMs };
    return counted.some((name) => counters.count(name, namespace) === undefined) ? { afterMs: unservedMs } : { done: true };
  }

  const queue = startController(host, { name: 'resourcequota-controller', informers, workers: workersOf(context, 'concurrent-resource-quota-syncs', concurrentSyncs), reconcile });
  quotas.onEvent((event) => {
    // The status is written by admission all the time: nothing to count anew for.
    if (event.type === 'updated' && sameValue(event.old.spec, event.object.spec)) return;
    queue.add(keyOf(event.object));
  });
  for (const resource of measured) informers.of(resource).onEvent((event) => replenish(resource, event));

  function replenish(resource: Resource<KubeObject>, event: InformerEvent<KubeObject>): void {
    const inNamespace = quotas.lister.list(event.object.metadata.namespace);
    if (inNamespace.length === 0) return;
    const now = host.clock.now();
    const take = (object: KubeObject): Usage => usageOf(resource, object, now);
    if (event.type === 'added') {
      for (const quota of inNamespace) settle(quota);
      return;
    }
    const before = take(event.type === 'updated' ? event.old : event.object);
    const after = event.type === 'updated' ? take(event.object) : {};
    for (const quota of inNamespace) if (isTouched(quota, before, after)) queue.add(keyOf(quota));
  }

  function settle(quota: ResourceQuota): void {
    const key = keyOf(quota);
    const until = unsettled.get(key);
    if (until === undefined) return;
    if (until < host.clock.monotonic()) unsettled.delete(key);
    else queue.addAfter(key, 1_000);
  }

  const resync = startController(host, {
    name: 'resourcequota-controller-resync', informers,
    async reconcile(): Promise<Outcome> {
      const all = quotas.lister.list();
      await counters.keep(new Set(all.flatMap(countedResources)));
      for (const quota of all) queue.add(keyOf(quota));
      return { afterMs: context.settings.quotaSyncPeriodMs ?? fullResyncPeriodMs };
    },
  });
  resync.add('all');
  return runningAll([counters, queue, resync]);
}
