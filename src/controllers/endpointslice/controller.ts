/**
 * endpointslice-controller: the addresses behind a service, in slices of at most 100.
 * With `service.kubernetes.io/topology-mode: Auto` each zone has a share of the endpoints as large as its share of the processors (`topology.ts`).
 * Contract: each pod that a service selects and that has an address stands in exactly one slice a family, with its conditions; slices
 * change as little as can be; slices that others manage are not touched; nothing is decided on a copy that lacks our own last writes.
 */
import type { Service } from '../../api/core/v1/types.ts';
import type { EndpointSlice } from '../../api/discovery/v1/types.ts';
import { keyOf } from '../../api/meta/objects.ts';
import { isNotFound, StatusError } from '../../api/meta/status.ts';
import { EndpointSlices, Nodes, Pods, Services } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import { workersOf, type ControllerContext } from '../context.ts';
import { isNamespaceTerminating } from '../shared/index.ts';
import { podsOf, selectsPods, serviceNameLabel, servicesTouched, TriggerTimes } from '../service-pods.ts';
import { decideSlices, managedBy, managedByLabel, type SliceChanges } from './decide.ts';
import { SliceTotals } from './totals.ts';
import { wantsZoneHints, zoneFacts, zoneShares, type ZoneShares } from './topology.ts';
import { UnseenSlices } from './unseen.ts';

/** Waits after a failure: first, and longest. */
export const baseRetryMs = 1_000;
export const maxRetryMs = 1_000_000;
const indexName = 'endpointslice-controller/service';

function serviceKeyOf(slice: EndpointSlice): string {
  return `${slice.metadata.namespace}/${slice.metadata.labels?.[serviceNameLabel] ?? ''}`;
}

export function startEndpointSlice(context: ControllerContext): Running {
  const { client, informers, host } = context;
  const services = informers.of(Services);
  const pods = informers.of(Pods);
  const nodes = informers.of(Nodes);
  const slices = informers.of(EndpointSlices);
  slices.addIndex(indexName, (slice) => (slice.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] === 'endpointslice-controller.k8s.io' ? [`${slice.metadata.namespace}/${slice.metadata.labels['kubernetes.io/service-name'] ?? ''}`] : []));
  const recorder = context.recorder('endpoint-slice-controller');
  const unseen = new UnseenSlices();
  const totals = context.metrics && new SliceTotals(context.metrics.slices);
  const triggers = new TriggerTimes();
  const waitingForNodes = new Set<string>();
  /** Services that want zone hints, and what was last said of theirs. */
  const hinted = new Map<string, string>();
  let shares: { of: ZoneShares } | undefined;

  /** Events tell when hints begin and end, not that they go on. */
  function tellOfHints(service: Service, key: string, changes: SliceChanges): void {
    if (!wantsZoneHints(service)) {
      hinted.delete(key);
      return;
    }
    const problems = [...changes.zoneHints].filter(([, problem]) => problem !== '').map(([type, problem]) => `${problem}, addressType: ${type}`);
    const said = problems.join('\n');
    if (hinted.get(key) === said) return;
    hinted.set(key, said);
    for (const problem of problems) recorder.event(service, 'Warning', 'TopologyAwareHintsDisabled', problem);
    if (problems.length === 0) for (const type of changes.zoneHints.keys()) recorder.event(service, 'Normal', 'TopologyAwareHintsEnabled', `Topology Aware Hints has been enabled, addressType: ${type}`);
  }

  async function apply(key: string, changes: SliceChanges): Promise<void> {
    const inNamespace = client.of(EndpointSlices).inNamespace(key.slice(0, key.indexOf('/')));
    for (const slice of changes.create) {
      unseen.wrote(key, await inNamespace.create(slice), slices.lister);
      totals?.changed('create');
    }
    for (const slice of changes.update) {
      const written = await inNamespace.update(slice);
      totals?.changed('update');
      // A write that changed nothing makes no event to wait for.
      if (written.metadata.resourceVersion !== slice.metadata.resourceVersion) unseen.wrote(key, written, slices.lister);
    }
    for (const slice of changes.delete) {
      try {
        await inNamespace.delete(slice.metadata.name!, { preconditions: { uid: slice.metadata.uid } });
        unseen.deleted(key, slice, slices.lister);
        totals?.changed('delete');
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  }

  async function reconcile(key: string): Promise<Outcome> {
    const service = services.lister.byKey(key);
    if (!service) {
      triggers.forget(key);
      unseen.forget(key);
      waitingForNodes.delete(key);
      hinted.delete(key);
      totals?.forget(key);
      return { done: true };
    }
    if (!selectsPods(service) || service.metadata.deletionTimestamp) return { done: true };
    // The last event that is waited for brings the key back; the delay is for a copy that stays behind.
    if (unseen.has(key)) {
      totals?.synced('stale');
      return { afterMs: 1_000 };
    }
    const selected = podsOf(service, pods.lister);
    const changes = decideSlices({ service, pods: selected, nodes: (name) => nodes.lister.byKey(name), slices: slices.lister.byIndex(indexName, key), triggerTime: triggers.take(service, selected),
      zoneShares: () => (shares ??= { of: zoneShares(nodes.lister.list()) }).of, ...(context.settings.maxEndpointsPerSlice === undefined ? {} : { maxPerSlice: context.settings.maxEndpointsPerSlice }) });
    if (changes.missingNodes.length > 0) waitingForNodes.add(key);
    else waitingForNodes.delete(key);
    tellOfHints(service, key, changes);
    totals?.decided(key, service, changes);
    try {
      await apply(key, changes);
      totals?.synced('success');
    } catch (error) {
      if (isNamespaceTerminating(error)) return { done: true };
      totals?.synced('error');
      if (!(error instanceof StatusError && error.code === 409)) recorder.event(service, 'Warning', 'FailedToUpdateEndpointSlices', `Error updating Endpoint Slices for Service ${key}: ${(error as Error).message}`);
      return { retry: error as Error };
    }
    return { done: true, lookedAt: selected.length };
  }

  const queue = startController(host, { name: 'endpointslice-controller', informers, workers: workersOf(context, 'concurrent-service-endpoint-syncs', 5), baseRetryMs, maxRetryMs, reconcile });
  services.onEvent(({ object }) => queue.add(keyOf(object)));
  pods.onEvent((event) => {
    for (const key of servicesTouched(event, services.lister)) queue.add(key);
  });
  nodes.onEvent((event) => {
    if (event.type === 'added') for (const key of waitingForNodes) queue.add(key);
    if (event.type === 'updated' && (shares === undefined || zoneFacts(event.old) === zoneFacts(event.object))) return;
    shares = undefined;
    for (const key of hinted.keys()) queue.add(key);
  });
  slices.onEvent((event) => {
    const { type, object } = event;
    const old = type === 'updated' ? event.old : object;
    const managed = [old, object].filter((slice) => slice.metadata.labels?.[managedByLabel] === managedBy);
    for (const slice of managed) {
      const key = serviceKeyOf(slice);
      const expected = unseen.has(key);
      // Our own writes, seen: nothing to do but what was put off. Anybody else's: look again.
      if (unseen.saw(key, object, type === 'deleted') || !expected) queue.add(key);
    }
  });
  return queue;
}
