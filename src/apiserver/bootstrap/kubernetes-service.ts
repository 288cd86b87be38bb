/** `default/kubernetes`: the service by which pods reach the API server, its endpoints, and the address range that services draw from. */
import type { ConfigMap, Endpoints as EndpointsKind, Service } from '../../api/core/v1/types.ts';
import type { EndpointSlice } from '../../api/discovery/v1/types.ts';
import { formatIp, networkOf, parseCidr } from '../../api/meta/addresses.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../../api/meta/status.ts';
import type { Resource } from '../../api/meta/resource.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { ConfigMaps, Endpoints, EndpointSlices, Services } from '../../api/resources.ts';
import type { Client } from '../../client/types.ts';
import { requestHeaderConfig, type RequestHeaderOptions } from '../authentication/request-header.ts';
import type { Host } from '../../host/types.ts';
import type { Lookup } from '../lookup.ts';
import { covers, ensure } from './reconcile.ts';
import { ensureDefaultRange, rangesOf } from './service-ranges.ts';

export interface KubernetesServiceOptions {
  serviceCidr: string;
  /** Where the server is reached from nodes; without it no endpoints are written. */
  advertiseAddress?: string;
  securePort: number;
}

const fieldManager = 'kube-apiserver';
const attempts = 3;

/** The first address of a range that can be given out: `10.96.0.0/16` → `10.96.0.1`, `fd00::/108` → `fd00::1`. */
export function firstAddress(cidr: string): string {
  const parsed = parseCidr(cidr);
  if (!parsed) throw new Error(`the service range ${JSON.stringify(cidr)} is not an address range such as 10.96.0.0/16`);
  const network = networkOf(parsed);
  // The network's own bits below the prefix are zero, so that the last byte can be raised without a carry.
  return formatIp({ ...network, bytes: network.bytes.with(-1, network.bytes.at(-1)! + 1) });
}

/** Reads, compares, writes; takes another try when somebody wrote in between. */
async function put<T extends KubeObject>(client: Client, resource: Resource<T>, wanted: T): Promise<void> {
  const here = wanted.metadata.namespace === undefined ? client.of(resource) : client.of(resource).inNamespace(wanted.metadata.namespace);
  for (let attempt = 1; ; attempt++) {
    try {
      const existing = await here.get(wanted.metadata.name ?? '');
      const { metadata: _, ...content } = wanted;
      if (covers(existing, content) && covers(existing.metadata.labels, wanted.metadata.labels ?? {})) return;
      await here.update({ ...existing, ...content, metadata: { ...existing.metadata, labels: { ...existing.metadata.labels, ...wanted.metadata.labels } } } as T, { fieldManager });
      return;
    } catch (error) {
      if (isNotFound(error)) {
        try {
          await here.create(wanted, { fieldManager });
          return;
        } catch (again) {
          if (!isAlreadyExists(again) || attempt >= attempts) throw again;
        }
      } else if (!isConflict(error) || attempt >= attempts) throw error;
    }
  }
}

function service(options: KubernetesServiceOptions): Service {
  return {
    apiVersion: 'v1', kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { type: 'ClusterIP', clusterIP: firstAddress(rangesOf(options.serviceCidr)[0]!), ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: options.securePort }], sessionAffinity: 'None' },
  };
}

/** Writes the range and the service; the service takes the range's first address. */
export async function ensureKubernetesService(host: Host, client: Client, lookup: Lookup, options: KubernetesServiceOptions): Promise<void> {
  await Promise.all([
    ensureDefaultRange(host, client, options.serviceCidr),
    // Its address is taken where it is there already.
    lookup.get(Services, 'default', 'kubernetes') === undefined ? ensure(client, Services, service(options)) : undefined,
  ]);
}

/** Points the service at the servers with these addresses (of one family), in order. */
export async function publishEndpoints(client: Client, addresses: readonly string[], securePort: number): Promise<void> {
  const endpoints: EndpointsKind = {
    apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'kubernetes', namespace: 'default', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: addresses.map((ip) => ({ ip })), ports: [{ name: 'https', port: securePort, protocol: 'TCP' }] }],
  };
  const slice: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: addresses[0]!.includes(':') ? 'IPv6' : 'IPv4',
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [{ name: 'https', port: securePort, protocol: 'TCP' }],
  };
  await Promise.all([put(client, Endpoints, endpoints), put(client, EndpointSlices, slice)]);
}

/** What extension API servers need to trust this server's clients. */
export async function publishAuthentication(client: Client, clientCa: string | undefined, requestHeader?: RequestHeaderOptions): Promise<void> {
  const config: ConfigMap = {
    apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' }, data: { ...(clientCa === undefined ? {} : { 'client-ca-file': clientCa }), ...(requestHeader ? requestHeaderConfig(requestHeader) : {}) },
  };
  await put(client, ConfigMaps, config);
}
