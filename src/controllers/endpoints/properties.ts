import { isPodReady, isPodTerminal, podIpsOf } from '../../api/core/v1/pods.ts';
import type { Endpoints } from '../../api/core/v1/types.ts';
import { labelsMatcher } from '../../api/meta/selectors.ts';
import { Endpoints as EndpointsResource, Pods, Services } from '../../api/resources.ts';
import { isGoing, nameOf, safety, type Properties } from '../property.ts';
import { selectsPods } from '../service-pods.ts';
import { maxCapacity, overCapacityAnnotation } from './decide.ts';

const addressesOf = (endpoints: Endpoints | undefined): string[] => (endpoints?.subsets ?? []).flatMap((subset) => (subset.addresses ?? []).map(({ ip }) => ip));

export const properties: Properties = {
  safety: [
    safety<Endpoints>({
      name: 'endpoints say when they are cut', promise: 'Endpoints hold at most 1,000 addresses, and name nobody both ready and not ready', of: EndpointsResource,
      broken({ type, object }) {
        if (type === 'deleted' || object.metadata.labels?.['endpoints.kubernetes.io/managed-by'] === undefined) return undefined;
        const ready = addressesOf(object);
        const notReady = new Set((object.subsets ?? []).flatMap((subset) => (subset.notReadyAddresses ?? []).map(({ ip }) => ip)));
        if (ready.length + notReady.size > maxCapacity) return `${nameOf(object)} holds ${ready.length + notReady.size} addresses`;
        return object.subsets?.length === 1 && ready.some((ip) => notReady.has(ip)) ? `${nameOf(object)} names an address both ready and not ready` : undefined;
      },
    }),
  ],
  liveness: [{
    name: 'the Endpoints of a service match', promise: 'the ready addresses of a service with a selector are those of its ready pods in its first family, unless they were cut',
    *missing(world) {
      for (const service of world.list(Services)) {
        const selector = service.spec?.selector ?? {};
        if (!selectsPods(service) || Object.keys(selector).length === 0 || service.spec?.publishNotReadyAddresses || (service.spec?.ports ?? []).length === 0 || isGoing(service)) continue;
        const endpoints = world.get(EndpointsResource, service.metadata.namespace, service.metadata.name!);
        if (!endpoints) {
          yield `${nameOf(service)} has no Endpoints`;
          continue;
        }
        if (endpoints.metadata.annotations?.[overCapacityAnnotation] !== undefined) continue;
        const matches = labelsMatcher(selector);
        const ready = world.list(Pods, service.metadata.namespace).filter((pod) => matches(pod.metadata.labels) && isPodReady(pod) && !isPodTerminal(pod) && !isGoing(pod));
        const known = new Set(ready.flatMap(podIpsOf));
        const actual = addressesOf(endpoints);
        if (actual.length !== ready.length || actual.some((ip) => !known.has(ip))) yield `Endpoints ${endpoints.metadata.namespace}/${endpoints.metadata.name} hold [${actual.join(', ')}], and the ready pods have [${[...known].join(', ')}]`;
      }
    },
  }],
};
