/**
 * endpointslice-mirroring-controller: Endpoints objects of services without a selector, which people or programs keep, as EndpointSlices, which
 * proxies read.
 * Contract: one slice for each address family and set of ports; they go with the service, with the Endpoints object, or when that asks not to be
 * mirrored. Slices that others manage, and those of a service that selects pods, are not touched. Nothing is decided on a copy that lacks our own
 * last writes.
 */
import type { EndpointSlice } from '../../api/discovery/v1/types.ts';
import { keyOf } from '../../api/meta/objects.ts';
import { isNotFound } from '../../api/meta/status.ts';
import { Endpoints, EndpointSlices, Services } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import { workersOf, type ControllerContext } from '../context.ts';
import { UnseenSlices } from '../endpointslice/unseen.ts';
import { serviceNameLabel } from '../service-pods.ts';
import { isNamespaceTerminating } from '../shared/index.ts';
import { decideMirror, managedBy, managedByLabel, maxEndpointsPerSubset, shouldMirror, type MirrorChanges } from './decide.ts';

export const baseRetryMs = 1_000;
export const maxRetryMs = 100_000;
const indexName = 'endpointslice-mirroring-controller/service';

const isOurs = (slice: EndpointSlice): boolean => slice.metadata.labels?.[managedByLabel] === managedBy;
const serviceKeyOf = (slice: EndpointSlice): string => `${slice.metadata.namespace}/${slice.metadata.labels?.[serviceNameLabel] ?? ''}`;

export function startEndpointSliceMirroring(context: ControllerContext): Running {
  const { client, informers, host } = context;
  const services = informers.of(Services);
  const endpoints = informers.of(Endpoints);
  const slices = informers.of(EndpointSlices);
  slices.addIndex(indexName, (slice) => (isOurs(slice) ? [serviceKeyOf(slice)] : []));
  const recorder = context.recorder('endpoint-slice-mirroring-controller');
  const unseen = new UnseenSlices();

  async function apply(key: string, changes: MirrorChanges): Promise<void> {
    const inNamespace = client.of(EndpointSlices).inNamespace(key.slice(0, key.indexOf('/')));
    for (const slice of changes.create) unseen.wrote(key, await inNamespace.create(slice), slices.lister);
    for (const slice of changes.update) {
      const written = await inNamespace.update(slice);
      if (written.metadata.resourceVersion !== slice.metadata.resourceVersion) unseen.wrote(key, written, slices.lister);
    }
    for (const slice of changes.delete) {
      try {
        await inNamespace.delete(slice.metadata.name!, { preconditions: { uid: slice.metadata.uid } });
        unseen.deleted(key, slice, slices.lister);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  }

  async function reconcile(key: string): Promise<Outcome> {
    // The event that is waited for brings the key back; the delay is for a copy that stays behind.
    if (unseen.has(key)) return { afterMs: 1_000 };
    const service = services.lister.byKey(key);
    const object = endpoints.lister.byKey(key);
    // A service that has come to select pods has slices of its own: the mirrored ones go.
    const mirrored = service && !service.spec?.selector && object && shouldMirror(object) ? object : undefined;
    const changes = decideMirror({ endpoints: mirrored, slices: slices.lister.byIndex(indexName, key), maxPerSubset: context.settings.maxMirroredEndpoints });
    if (mirrored && changes.skipped > 0) recorder.event(mirrored, 'Warning', 'TooManyAddressesToMirror', `A max of ${context.settings.maxMirroredEndpoints ?? maxEndpointsPerSubset} addresses can be mirrored to EndpointSlices per Endpoints subset. ${changes.skipped} addresses were skipped`);
    if (mirrored && changes.invalid > 0) recorder.event(mirrored, 'Warning', 'InvalidAddress', `Skipped ${changes.invalid} invalid IP addresses when mirroring to EndpointSlices`);
    try {
      await apply(key, changes);
    } catch (error) {
      if (isNamespaceTerminating(error)) return { done: true };
      return { retry: error as Error };
    }
    return { done: true };
  }

  const queue = startController(host, { name: 'endpointslice-mirroring-controller', informers, workers: workersOf(context, 'mirroring-concurrent-service-endpoint-syncs', 5), baseRetryMs, maxRetryMs, reconcile });
  services.onEvent(({ object }) => queue.add(keyOf(object)));
  endpoints.onEvent((event) => {
    const old = event.type === 'updated' ? event.old : event.object;
    // Such as a component's lease of the old kind, renewed every two seconds.
    if (shouldMirror(event.object) || shouldMirror(old)) queue.add(keyOf(event.object));
  });
  slices.onEvent((event) => {
    const { type, object } = event;
    const old = type === 'updated' ? event.old : object;
    const keys = new Set([old, object].filter(isOurs).map(serviceKeyOf));
    for (const key of keys) {
      const expected = unseen.has(key);
      if (unseen.saw(key, object, type === 'deleted') || !expected) queue.add(key);
    }
  });
  return queue;
}
