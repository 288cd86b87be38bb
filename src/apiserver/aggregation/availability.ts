/** Whether another API server can be reached: what its Service and endpoints say, and then what it says itself. */
import type { APIService, APIServiceCondition } from '../../api/apiregistration/v1/types.ts';
import { formatTime } from '../../api/meta/time.ts';
import { APIServices, EndpointSlices, Services } from '../../api/resources.ts';
import { isNotFound } from '../../api/meta/status.ts';
import { startController } from '../../client/index.ts';
import type { Client, Outcome, Running } from '../../client/types.ts';
import type { Host } from '../../host/types.ts';
import { follow, type Following } from '../authorization/follow.ts';
import type { Lookup } from '../lookup.ts';
import { readyAddresses } from '../service-resolver.ts';
import { availableCondition, registrationOf, type Registration, type Registrations } from './registration.ts';
import type { Remotes } from './remote.ts';

/** A server that passed is asked again after this long. */
const recheckMs = 30_000;
const baseRetryMs = 5;
/** One of so many attempts at once must succeed: one lost packet does not make a server unavailable. */
const attempts = 5;

export type Verdict = Pick<APIServiceCondition, 'status' | 'reason' | 'message'>;

const no = (reason: string, message: string): Verdict => ({ status: 'False', reason, message });
export const local: Verdict = { status: 'True', reason: 'Local', message: 'Local APIServices are always available' };
const passed: Verdict = { status: 'True', reason: 'Passed', message: 'all checks passed' };

/** What can be told without asking the server; undefined: it must be asked. */
export function verdictFromObjects({ service: { namespace, name, port } }: Registration, lookup: Lookup): Verdict | undefined {
  const service = lookup.get(Services, namespace, name);
  if (!service) return no('ServiceNotFound', `service/${name} in "${namespace}" is not present`);
  // Others are found by a name, or lead out of the cluster: their endpoints say nothing.
  if ((service.spec?.type ?? 'ClusterIP') !== 'ClusterIP') return undefined;
  const found = service.spec?.ports?.find((candidate) => candidate.port === port);
  if (!found) return no('ServicePortError', `service/${name} in "${namespace}" is not listening on port ${port}`);
  const slices = lookup.list(EndpointSlices, namespace).some(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name);
  if (!slices) return no('EndpointsNotFound', `cannot find endpointslices for service/${name} in "${namespace}"`);
  const portName = found.name ?? '';
  if (readyAddresses(lookup, namespace, name, portName).length === 0) return no('MissingEndpoints', `endpointslices for service/${name} in "${namespace}" have no addresses with port name "${portName}"`);
  return undefined;
}

/** The conditions with the verdict in place; the moment of the change stays where the status does. */
export function withVerdict(service: APIService, verdict: Verdict, now: number): APIServiceCondition[] {
  const old = availableCondition(service);
  const since = old?.status === verdict.status && old.lastTransitionTime ? old.lastTransitionTime : formatTime(now);
  const others = (service.status?.conditions ?? []).filter(({ type }) => type !== 'Available');
  return [...others, { type: 'Available', ...verdict, lastTransitionTime: since }];
}

const isSaid = (service: APIService, { status, reason, message }: Verdict): boolean => {
  const old = availableCondition(service);
  return old?.status === status && old.reason === reason && old.message === message;
};

export interface AvailabilityOptions {
  host: Host;
  client: Client;
  lookup: Lookup;
  registrations: Registrations;
  remotes: Remotes;
  /** Told of every verdict about another server. */
  observe?: (name: string, available: boolean, reason: string) => void;
}

/** Checks each APIService when it, its Service or its endpoints change, and every half minute; writes what it finds. */
export function startAvailability(options: AvailabilityOptions): Running {
  const { host, client, lookup, registrations, remotes } = options;

  async function probe(registration: Registration): Promise<Verdict> {
    try {
      await Promise.any(Array.from({ length: attempts }, () => remotes.probe(registration)));
      return passed;
    } catch (error) {
      const last = error instanceof AggregateError ? (error.errors.at(-1) as unknown) : error;
      return no('FailedDiscoveryCheck', last instanceof Error ? last.message : String(last));
    }
  }

  async function reconcile(name: string): Promise<Outcome> {
    const service = lookup.get(APIServices, undefined, name);
    if (!service) return { done: true };
    const registration = registrationOf(service);
    const verdict = registration ? (verdictFromObjects(registration, lookup) ?? (await probe(registration))) : local;
    if (registration) options.observe?.(name, verdict.status === 'True', verdict.reason ?? '');
    if (!isSaid(service, verdict)) {
      try {
        await client.of(APIServices).updateStatus({ ...service, status: { conditions: withVerdict(service, verdict, host.clock.now()) } }, { fieldManager: 'kube-apiserver' });
      } catch (error) {
        if (isNotFound(error)) return { done: true };
        throw error;
      }
    }
    if (!registration) return { done: true };
    return verdict.reason === 'FailedDiscoveryCheck' ? { retry: new Error(verdict.message) } : { afterMs: recheckMs };
  }

  const controller = startController({ ...host, log: quiet(host) }, { name: 'remote-availability-controller', workers: 4, baseRetryMs, maxRetryMs: recheckMs, reconcile });
  const behind = (namespace: string | undefined, name: string | undefined): void => {
    for (const { name: key, service } of registrations.all()) if (service.namespace === namespace && service.name === name) controller.add(key);
  };
  const everything = (): void => {
    for (const { name } of registrations.all()) controller.add(name);
  };
  // Most clusters have no other API server: nobody then needs to hear of every endpoint.
  let followed: Following[] = [];
  const begin = (): void => {
    followed = [
      follow(host, client, { resource: Services, sink: { replace: everything, apply: ({ object }) => behind(object.metadata.namespace, object.metadata.name) } }),
      follow(host, client, { resource: EndpointSlices, sink: { replace: everything, apply: ({ object }) => behind(object.metadata.namespace, object.metadata.labels?.['kubernetes.io/service-name']) } }),
    ];
  };
  registrations.onChange((name) => {
    if (!registrations.empty && followed.length === 0) begin();
    controller.add(name);
  });
  return {
    async stop() {
      await Promise.all(followed.map((following) => following.stop()));
      await controller.stop();
    },
  };
}

/** A server that stays away is said in its status; a line of log for every attempt would drown everything else. */
function quiet({ log }: Host): Host['log'] {
  return { ...log, debug: log.debug.bind(log), info: log.info.bind(log), error: log.error.bind(log), child: log.child.bind(log), warn: log.debug.bind(log) };
}
