/** Strategies of the group discovery.k8s.io. */
import { addressWarnings } from '../../meta/addresses.ts';
import { FieldPath } from '../../meta/field.ts';
import { dnsSubdomain } from '../../meta/names.ts';
import { makeStrategy } from '../../meta/rules.ts';
import type { Strategy } from '../../meta/strategy.ts';
import { sameValue } from '../../meta/validation.ts';
import type { EndpointSlice } from './types.ts';
import { validateSlice, validateSliceUpdate } from './validation.ts';

const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const CONTROLLERS: ReadonlySet<string> = new Set(['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io']);
const HOST_NAME = 'kubernetes.io/hostname';

/** Addresses in odd forms; those of controllers have none. */
function addressesWarnings({ metadata, endpoints = [] }: EndpointSlice): string[] {
  if (CONTROLLERS.has(metadata.labels?.[MANAGED_BY] ?? '')) return [];
  return endpoints.flatMap((endpoint, i) => (endpoint.addresses ?? []).flatMap((address, j) => addressWarnings(new FieldPath('endpoints').index(i).child('addresses').index(j), address)));
}

/** Topologies are of v1beta1: whatever changes endpoints drops them, but for the names of nodes that have been there, which are kept as such. */
function dropTopology(slice: EndpointSlice, old?: EndpointSlice): void {
  if (old !== undefined && sameValue(slice.endpoints, old.endpoints)) return;
  const known = new Set((old?.endpoints ?? []).map((endpoint) => endpoint.deprecatedTopology?.[HOST_NAME]));
  for (const endpoint of slice.endpoints ?? []) {
    const node = endpoint.deprecatedTopology?.[HOST_NAME];
    if (endpoint.nodeName === undefined && node !== undefined && known.has(node) && dnsSubdomain(node).length === 0) endpoint.nodeName = node;
    delete endpoint.deprecatedTopology;
  }
}

/** Kind to strategy. */
export function discoveryStrategies(): Record<string, Strategy<never>> {
  return {
    EndpointSlice: makeStrategy<EndpointSlice>({
      namespaced: true, generation: ['addressType', 'endpoints', 'ports'],
      alsoRaises: (slice, old) => !sameValue(slice.metadata.labels ?? {}, old.metadata.labels ?? {}),
      validate: validateSlice, validateUpdate: validateSliceUpdate,
      prepareForCreate: (slice) => dropTopology(slice),
      prepareForUpdate: (slice, old) => dropTopology(slice, old),
      warnings: (slice, old) => [...(old === undefined && slice.addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []), ...addressesWarnings(slice)],
    }),
  };
}
