import type { EndpointSlice } from '../../api/discovery/v1/types.ts';
import { Endpoints, EndpointSlices, Services } from '../../api/resources.ts';
import { nameOf, safety, type Properties } from '../property.ts';
import { serviceNameLabel } from '../service-pods.ts';
import { managedByLabel } from '../endpointslice/decide.ts';
import { managedBy } from './decide.ts';

const isMirror = (slice: EndpointSlice): boolean => slice.metadata.labels?.[managedByLabel] === managedBy;

export const properties: Properties = {
  safety: [
    safety<EndpointSlice>({
      name: 'mirrors make nothing up', promise: 'a mirrored slice is made only for Endpoints that are there', of: EndpointSlices, alone: true,
      broken({ type, object }, world) {
        if (type !== 'created' || !isMirror(object)) return undefined;
        return world.get(Endpoints, object.metadata.namespace, object.metadata.labels?.[serviceNameLabel] ?? '') ? undefined : `${nameOf(object)} mirrors Endpoints that are not there`;
      },
    }),
  ],
  liveness: [{
    name: 'mirrors match', promise: 'of a service without a selector, the mirrored slices hold the addresses of its Endpoints; of any other there are none',
    *missing(world) {
      const told = Map.groupBy(world.list(EndpointSlices).filter(isMirror), (slice) => `${slice.metadata.namespace}/${slice.metadata.labels?.[serviceNameLabel]}`);
      for (const service of world.list(Services)) {
        const key = `${service.metadata.namespace}/${service.metadata.name}`;
        const endpoints = service.spec?.selector ? undefined : world.get(Endpoints, service.metadata.namespace, service.metadata.name!);
        const wanted = new Set((endpoints?.subsets ?? []).flatMap((subset) => (subset.addresses ?? []).map(({ ip }) => ip)));
        const actual = new Set((told.get(key) ?? []).flatMap((slice) => (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).flatMap(({ addresses }) => addresses)));
        told.delete(key);
        if ([...wanted].sort().join() !== [...actual].sort().join()) yield `service ${key} has mirrored [${[...actual].sort().join(', ')}], and its Endpoints hold [${[...wanted].sort().join(', ')}]`;
      }
      for (const key of told.keys()) yield `slices mirror service ${key}, which is gone`;
    },
  }],
};
