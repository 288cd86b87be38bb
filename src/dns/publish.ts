/** The DNS component has no pod: it publishes its own endpoint for the Service kube-system/kube-dns. */
import type { EndpointSlice } from '../api/discovery/v1/types.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../api/meta/status.ts';
import { EndpointSlices } from '../api/resources.ts';
import type { Client, Running } from '../client/types.ts';
import type { Host } from '../host/types.ts';

export interface PublishOptions {
  /** Makes the slice's name; the node that DNS runs on. */
  nodeName: string;
  /** The address at which pods reach it. */
  nodeIp: string;
  /** The real port, for UDP and TCP. */
  port: number;
  /** The real port of `/metrics`, when there is one. */
  metricsPort?: number;
  /** Default `kube-system`. */
  namespace?: string;
  /** Default `kube-dns`. */
  service?: string;
  /** How often to look whether the slice is still there and right. Default 15 s. */
  periodMs?: number;
}

const managedBy = 'kubets-dns';

/** The slice that says where DNS answers. Pure. */
export function dnsSlice(options: PublishOptions): EndpointSlice {
  const service = options.service ?? 'kube-dns';
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${service}-${options.nodeName}`,
      namespace: options.namespace ?? 'kube-system',
      labels: { 'kubernetes.io/service-name': service, 'endpointslice.kubernetes.io/managed-by': managedBy },
    },
    addressType: options.nodeIp.includes(':') ? 'IPv6' : 'IPv4',
    endpoints: [{ addresses: [options.nodeIp], conditions: { ready: true, serving: true, terminating: false }, nodeName: options.nodeName }],
    ports: [
      { name: 'dns', protocol: 'UDP', port: options.port },
      { name: 'dns-tcp', protocol: 'TCP', port: options.port },
      ...(options.metricsPort === undefined ? [] : [{ name: 'metrics', protocol: 'TCP', port: options.metricsPort }]),
    ],
  };
}

/** True where the slice that is there says the same. */
function isSame(present: EndpointSlice, wanted: EndpointSlice): boolean {
  const [a, b] = [present.endpoints?.[0], wanted.endpoints![0]!];
  const ports = (slice: EndpointSlice): string => JSON.stringify((slice.ports ?? []).map((port) => [port.name, port.protocol, port.port]));
  return present.endpoints?.length === 1 && a!.addresses[0] === b.addresses[0] && a!.conditions?.ready === true && ports(present) === ports(wanted) && present.metadata.labels?.['kubernetes.io/service-name'] === wanted.metadata.labels!['kubernetes.io/service-name'];
}

async function ensure(client: Client, wanted: EndpointSlice): Promise<void> {
  const slices = client.of(EndpointSlices).inNamespace(wanted.metadata.namespace!);
  try {
    const present = await slices.get(wanted.metadata.name!);
    if (isSame(present, wanted)) return;
    await slices.update({ ...wanted, metadata: { ...wanted.metadata, resourceVersion: present.metadata.resourceVersion! } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await slices.create(wanted);
  }
}

/** Publishes the endpoint and keeps it published. Resolves after the first success or failure (which is tried again); `stop` withdraws it. */
export async function publishDnsEndpoint(host: Pick<Host, 'clock' | 'log'>, client: Client, options: PublishOptions): Promise<Running> {
  const wanted = dnsSlice(options);
  const stopping = new AbortController();
  const periodMs = options.periodMs ?? 15_000;

  /** Returns the wait until the next look. */
  async function look(): Promise<number> {
    try {
      await ensure(client, wanted);
      return periodMs;
    } catch (error) {
      if (!isConflict(error) && !isAlreadyExists(error)) host.log.warn('the DNS endpoint could not be published; trying again', { error: String(error) });
      return 1_000;
    }
  }
  async function keep(firstDelayMs: number): Promise<void> {
    let delayMs = firstDelayMs;
    for (;;) {
      await host.clock.sleep(delayMs, stopping.signal);
      if (stopping.signal.aborted) return;
      delayMs = await look();
    }
  }
  const keeping = keep(await look());
  return {
    async stop() {
      stopping.abort();
      await keeping;
      await client.of(EndpointSlices).inNamespace(wanted.metadata.namespace!).delete(wanted.metadata.name!).catch((error: unknown) => {
        if (!isNotFound(error)) host.log.warn('the DNS endpoint could not be withdrawn', { error: String(error) });
      });
    },
  };
}
