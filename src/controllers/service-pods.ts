/** What the two endpoint controllers share: which services a pod belongs to, and when a change of endpoints began. */
import type { Pod, Service } from '../api/core/v1/types.ts';
import { getPodCondition, isPodTerminal } from '../api/core/v1/pods.ts';
import { keyOf } from '../api/meta/objects.ts';
import { formatTime } from '../api/meta/time.ts';
import type { InformerEvent, Lister } from '../client/types.ts';

export const serviceNameLabel = 'kubernetes.io/service-name';
export const headlessLabel = 'service.kubernetes.io/headless';
export const triggerTimeAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time';

export const isHeadless = (service: Service): boolean => service.spec?.clusterIP === 'None';

/** Whether a controller keeps this service's endpoints: it selects pods, and is not just a name. */
export function selectsPods(service: Service): boolean {
  return service.spec?.selector !== undefined && service.spec.selector !== null && service.spec.type !== 'ExternalName';
}

export function matchesService(service: Service, pod: Pod): boolean {
  const selector = Object.entries(service.spec?.selector ?? {});
  const labels = pod.metadata.labels;
  return selector.length > 0 && selector.every(([name, value]) => labels?.[name] === value);
}

/** A service whose selector is there but empty selects all pods of its namespace. */
export function podsOf(service: Service, pods: Lister<Pod>): Pod[] {
  const all = pods.list(service.metadata.namespace);
  return Object.keys(service.spec?.selector ?? {}).length === 0 ? all : all.filter((pod) => matchesService(service, pod));
}

/** Has an address, and will go on having it. */
export function isEndpoint(pod: Pod, includeTerminating: boolean): boolean {
  if (isPodTerminal(pod) || (!pod.status?.podIP && !pod.status?.podIPs?.length)) return false;
  return includeTerminating || pod.metadata.deletionTimestamp === undefined;
}

/** A pod in a headless service's domain answers by its own name. */
export function hostnameIn(service: Service, pod: Pod): string | undefined {
  const { hostname, subdomain } = pod.spec ?? {};
  return hostname && subdomain === service.metadata.name ? hostname : undefined;
}

/** All of a pod that endpoints are made of; when it is the same, nothing changed for services. */
function endpointFacts(pod: Pod): string {
  const { spec, status, metadata } = pod;
  return JSON.stringify([
    status?.podIP, status?.podIPs, status?.phase, spec?.nodeName, spec?.hostname, spec?.subdomain, metadata.deletionTimestamp !== undefined,
    getPodCondition(pod, 'Ready')?.status, getPodCondition(pod, 'Ready')?.lastTransitionTime,
  ]);
}

/** Keys of the services that a change of a pod may touch. */
export function servicesTouched(event: InformerEvent<Pod>, services: Lister<Service>): string[] {
  const { object } = event;
  const old = event.type === 'updated' ? event.old : undefined;
  const sameLabels = old !== undefined && sameEntries(old.metadata.labels ?? {}, object.metadata.labels ?? {});
  if (old && sameLabels && endpointFacts(old) === endpointFacts(object)) return [];
  const touched = services.list(object.metadata.namespace).filter((service) => {
    if (!selectsPods(service)) return false;
    if (Object.keys(service.spec!.selector!).length === 0) return true;
    return matchesService(service, object) || (old !== undefined && matchesService(service, old));
  });
  return touched.map(keyOf);
}

export function sameEntries(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/**
 * Remembers what each service's endpoints last told of, and answers the earliest moment of what has changed since: the annotation by which
 * the delay from a pod's readiness to the programmed network is measured.
 */
export class TriggerTimes {
  readonly #seen = new Map<string, { service: string; pods: Map<string, string> }>();

  /** RFC 3339, or undefined when nothing that has a time changed. */
  take(service: Service, pods: readonly Pod[]): string | undefined {
    const key = keyOf(service);
    const before = this.#seen.get(key);
    const now = { service: service.metadata.creationTimestamp ?? '', pods: new Map<string, string>() };
    const changed: number[] = [];
    for (const pod of pods) {
      const at = getPodCondition(pod, 'Ready')?.lastTransitionTime;
      if (!at) continue;
      now.pods.set(pod.metadata.name!, at);
      const last = before?.pods.get(pod.metadata.name!);
      if (before !== undefined && (last === undefined || Date.parse(at) > Date.parse(last))) changed.push(Date.parse(at));
    }
    // The first time nothing is known to compare with: the service's own creation is the change.
    if (before === undefined && now.service !== '') changed.push(Date.parse(now.service));
    this.#seen.set(key, now);
    return changed.length === 0 ? undefined : formatTime(Math.min(...changed));
  }

  forget(serviceKey: string): void {
    this.#seen.delete(serviceKey);
  }
}
