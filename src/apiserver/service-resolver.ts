/**
 * Where the HTTPS server behind a Service is: for aggregated API servers and for webhooks, which both name a Service and a port.
 * Answers come out of the server's own caches, so that a request waits for nothing.
 */
import type { Service } from '../api/core/v1/types.ts';
import { notFound, serviceUnavailable } from '../api/meta/status.ts';
import { EndpointSlices, Services } from '../api/resources.ts';
import type { Random } from '../host/types.ts';
import type { Lookup } from './lookup.ts';

/** What a reference that names no port means. */
export const defaultServicePort = 443;

export interface ServiceLocation {
  /** As `https://10.0.0.5:8443`. */
  origin: string;
  /** The name that the server's certificate must be for: `<name>.<namespace>.svc`. */
  serverName: string;
}

export interface ServiceResolver {
  /**
   * Picks one of the Service's ready endpoints for the port (not its name: its number), by chance. Throws 404 when there is no such Service, 503 when it does
   * not serve the port, or nobody is behind it.
   */
  resolve(namespace: string, name: string, port?: number): ServiceLocation;
}

/**
 * `endpoints` goes straight to a pod, and needs no service proxy on this machine; `cluster-ip` leaves the choice to that proxy.
 * A Service without a selector whose type is ExternalName is found by its name either way.
 */
export type ServiceRouting = 'endpoints' | 'cluster-ip';

export interface ServiceResolverOptions {
  lookup: Lookup;
  random: Random;
  /** Default `endpoints`. */
  routing?: ServiceRouting;
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** The addresses, with the port of the pod, that stand ready behind one port of a Service. */
export function readyAddresses(lookup: Lookup, namespace: string, name: string, portName: string): { address: string; port: number }[] {
  const found: { address: string; port: number }[] = [];
  for (const slice of lookup.list(EndpointSlices, namespace)) {
    if (slice.metadata.labels?.['kubernetes.io/service-name'] !== name || slice.addressType === 'FQDN') continue;
    const ports = (slice.ports ?? []).filter((port) => (port.name ?? '') === portName && port.port !== undefined);
    if (ports.length === 0) continue;
    for (const endpoint of slice.endpoints ?? []) {
      if (endpoint.conditions?.ready === false) continue;
      for (const address of endpoint.addresses) for (const { port } of ports) found.push({ address, port: port! });
    }
  }
  return found;
}

export function createServiceResolver({ lookup, random, routing = 'endpoints' }: ServiceResolverOptions): ServiceResolver {
  const draws = random.fork('service-resolver');

  function originOf(service: Service, namespace: string, name: string, port: number): string {
    const { type = 'ClusterIP', externalName = '', clusterIP = '', ports = [] } = service.spec ?? {};
    if (type === 'ExternalName') return `https://${bracketed(externalName)}:${port}`;
    const found = ports.find((candidate) => candidate.port === port);
    if (!found) throw serviceUnavailable(`no service port ${port} found for service "${name}"`);
    if (routing === 'cluster-ip' && clusterIP !== '' && clusterIP !== 'None') return `https://${bracketed(clusterIP)}:${port}`;
    const candidates = readyAddresses(lookup, namespace, name, found.name ?? '');
    if (candidates.length === 0) throw serviceUnavailable(`no endpoints available for service "${name}"`);
    const chosen = candidates[candidates.length === 1 ? 0 : draws.int(candidates.length)]!;
    return `https://${bracketed(chosen.address)}:${chosen.port}`;
  }

  return {
    resolve(namespace, name, port = defaultServicePort) {
      const service = lookup.get(Services, namespace, name);
      if (!service) throw notFound(Services, name);
      return { origin: originOf(service, namespace, name, port), serverName: `${name}.${namespace}.svc` };
    },
  };
}
