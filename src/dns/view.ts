/** The zone's view of the cluster, kept by informers: no question ever reaches the API server. */
import type { Service } from '../api/core/v1/types.ts';
import type { EndpointSlice } from '../api/discovery/v1/types.ts';
import { EndpointSlices, Namespaces, Services } from '../api/resources.ts';
import type { InformerFactory } from '../client/types.ts';
import { addressBytes, addressText } from './address.ts';
import type { ZoneView } from './zone.ts';

const byService = 'dns-service';
const byAddress = 'dns-address';

/** One spelling for each address, so that `fd00:0::1` and `fd00::1` meet. */
function canonical(address: string): string {
  const bytes = addressBytes(address);
  return bytes === undefined ? address : addressText(bytes);
}

function sliceService(slice: EndpointSlice): string[] {
  const name = slice.metadata.labels?.['kubernetes.io/service-name'];
  return name === undefined ? [] : [`${slice.metadata.namespace}/${name}`];
}

const sliceAddresses = (slice: EndpointSlice): string[] => (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses.map(canonical));

function serviceAddresses(service: Service): string[] {
  const all = service.spec?.clusterIPs?.length ? service.spec.clusterIPs : [service.spec?.clusterIP ?? ''];
  return all.filter((address) => address !== '' && address !== 'None').map(canonical);
}

/** Asks for the informers; the caller starts the factory. `hasSynced` tells when the view is whole. */
export function informerView(informers: InformerFactory): { view: ZoneView; hasSynced: () => boolean } {
  const services = informers.of(Services);
  const slices = informers.of(EndpointSlices);
  const namespaces = informers.of(Namespaces);
  services.addIndex(byAddress, serviceAddresses);
  slices.addIndex(byService, sliceService);
  slices.addIndex(byAddress, sliceAddresses);
  return {
    view: {
      service: (namespace, name) => services.lister.get(namespace, name),
      slices: (namespace, name) => slices.lister.byIndex(byService, `${namespace}/${name}`),
      namespaceExists: (name) => namespaces.lister.byKey(name) !== undefined,
      servicesByAddress: (address) => services.lister.byIndex(byAddress, canonical(address)),
      slicesByAddress: (address) => slices.lister.byIndex(byAddress, canonical(address)),
    },
    hasSynced: () => services.hasSynced() && slices.hasSynced() && namespaces.hasSynced(),
  };
}
