import { isPodReady, isPodTerminal, podIpsOf } from '../../api/core/v1/pods.ts';
import type { EndpointSlice } from '../../api/discovery/v1/types.ts';
import { familyOf } from '../../api/meta/addresses.ts';
import { labelsMatcher } from '../../api/meta/selectors.ts';
import { EndpointSlices, Pods, Services } from '../../api/resources.ts';
import { isGoing, nameOf, safety, type Properties } from '../property.ts';
import { selectsPods, serviceNameLabel } from '../service-pods.ts';
import { managedBy, managedByLabel, maxEndpointsPerSlice } from './decide.ts';
import { addressTypesOf } from './endpoints.ts';

export const properties: Properties = {
  safety: [
    safety<EndpointSlice>({
      name: 'slices stay small', promise: 'a slice has at most 100 endpoints, none twice, all of its own address family', of: EndpointSlices,
      broken({ type, object }) {
        if (type === 'deleted' || object.metadata.labels?.[managedByLabel] !== managedBy) return undefined;
        const endpoints = object.endpoints ?? [];
        if (endpoints.length > maxEndpointsPerSlice) return `${nameOf(object)} has ${endpoints.length} endpoints`;
        const foreign = endpoints.flatMap((endpoint) => endpoint.addresses).find((ip) => familyOf(ip) !== object.addressType);
        if (foreign !== undefined) return `${nameOf(object)} of ${object.addressType} holds ${foreign}`;
        const uids = endpoints.map((endpoint) => endpoint.targetRef?.uid);
        return new Set(uids).size < uids.length ? `${nameOf(object)} names a pod twice` : undefined;
      },
    }),
  ],
  liveness: [{
    name: 'endpoints match', promise: 'the EndpointSlices of a service name its ready pods, each once in each of its families, and no others; slices of services that are gone are gone',
    *missing(world) {
      const services = new Map(world.list(Services).map((service) => [`${service.metadata.namespace}/${service.metadata.name}`, service]));
      const told = new Map<string, string[]>();
      for (const slice of world.list(EndpointSlices)) {
        if (slice.metadata.labels?.[managedByLabel] !== managedBy) continue;
        const key = `${slice.metadata.namespace}/${slice.metadata.labels[serviceNameLabel]}`;
        if (!services.has(key)) yield `${nameOf(slice)} belongs to service ${key}, which is gone`;
        const ready = (slice.endpoints ?? []).filter((endpoint) => endpoint.conditions?.ready !== false).flatMap((endpoint) => endpoint.addresses ?? []);
        told.set(key, [...(told.get(key) ?? []), ...ready]);
      }
      for (const [key, service] of services) {
        const selector = service.spec?.selector ?? {};
        if (!selectsPods(service) || Object.keys(selector).length === 0 || service.spec?.publishNotReadyAddresses) continue;
        const matches = labelsMatcher(selector);
        const families = addressTypesOf(service);
        const ready = world.list(Pods, service.metadata.namespace).filter((pod) => matches(pod.metadata.labels) && isPodReady(pod) && !isPodTerminal(pod) && !isGoing(pod));
        const wanted = ready.flatMap((pod) => podIpsOf(pod).filter((ip) => families.some((family) => family === familyOf(ip)))).toSorted();
        const actual = (told.get(key) ?? []).toSorted();
        if (wanted.join() !== actual.join()) yield `service ${key} has endpoints [${actual.join(', ')}], and its ready pods are [${wanted.join(', ')}]`;
      }
    },
  }],
};
