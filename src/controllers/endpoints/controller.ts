/**
 * endpoints-controller: the v1 Endpoints object of each service that selects pods; EndpointSlices are what proxies read.
 * Contract: at most 1000 addresses; it goes with its service; an object of a service without a selector is its owner's own.
 */
import { keyOf, splitKey } from '../../api/meta/objects.ts';
import { isConflict, isNotFound } from '../../api/meta/status.ts';
import { Endpoints, Pods, Services } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import { workersOf, type ControllerContext } from '../context.ts';
import { isNamespaceTerminating } from '../shared/index.ts';
import { podsOf, selectsPods, servicesTouched, TriggerTimes } from '../service-pods.ts';
import { decideEndpoints, managedBy, managedByLabel } from './decide.ts';

export const baseRetryMs = 1_000;
export const maxRetryMs = 1_000_000;

export function startEndpoints(context: ControllerContext): Running {
  const { client, informers, host } = context;
  const services = informers.of(Services);
  const pods = informers.of(Pods);
  const endpoints = informers.of(Endpoints);
  const recorder = context.recorder('endpoint-controller');
  const triggers = new TriggerTimes();

  async function reconcile(key: string): Promise<Outcome> {
    const { namespace, name } = splitKey(key);
    const inNamespace = client.of(Endpoints).inNamespace(namespace);
    const service = services.lister.byKey(key);
    if (!service) {
      triggers.forget(key);
      return remove(() => inNamespace.delete(name));
    }
    if (!selectsPods(service)) return { done: true };
    const selected = podsOf(service, pods.lister);
    const action = decideEndpoints({ service, pods: selected, current: endpoints.lister.byKey(key), triggerTime: triggers.take(service, selected) });
    const done = { done: true, lookedAt: selected.length } as const;
    if (!action) return done;
    try {
      if ('create' in action) await inNamespace.create(action.create);
      else await inNamespace.update(action.update);
    } catch (error) {
      if (isNamespaceTerminating(error)) return { done: true };
      if (!isConflict(error)) {
        if ('create' in action) recorder.event(service, 'Warning', 'FailedToCreateEndpoint', `Failed to create endpoint for service ${key}: ${(error as Error).message}`);
        else recorder.event(service, 'Warning', 'FailedToUpdateEndpoint', `Failed to update endpoint ${key}: ${(error as Error).message}`);
      }
      return { retry: error as Error };
    }
    return done;
  }

  const queue = startController(host, { name: 'endpoints-controller', informers, workers: workersOf(context, 'concurrent-endpoint-syncs', 5), baseRetryMs, maxRetryMs, reconcile });
  services.onEvent(({ object }) => queue.add(keyOf(object)));
  pods.onEvent((event) => {
    for (const key of servicesTouched(event, services.lister)) queue.add(key);
  });
  endpoints.onEvent(({ type, object }) => {
    const key = keyOf(object);
    const ours = object.metadata.labels?.[managedByLabel] === managedBy;
    // Without a service: what was left by one that went while nobody looked. An object that somebody made by hand is not ours to delete.
    if (services.lister.byKey(key) ? type !== 'added' : ours && type === 'added') queue.add(key);
  });
  return queue;
}

async function remove(run: () => Promise<void>): Promise<Outcome> {
  try {
    await run();
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  return { done: true };
}
