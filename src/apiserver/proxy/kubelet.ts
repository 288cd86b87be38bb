/** Where a node's kubelet is, and how it is spoken to. */
import type { Node } from '../../api/core/v1/types.ts';
import { badRequest, notFound } from '../../api/meta/status.ts';
import { Nodes } from '../../api/resources.ts';
import type { Client } from '../../client/types.ts';
import type { TlsClientOptions } from '../../host/types.ts';
import { findLive } from '../lookup.ts';

/** Which of a node's addresses is taken, first come first served. */
const addressTypes = ['InternalIP', 'ExternalIP', 'Hostname'] as const;
const defaultKubeletPort = 10250;

export interface KubeletLocation {
  /** As `https://10.0.0.1:10250`. */
  origin: string;
  address: string;
  port: number;
  tls: TlsClientOptions;
  /** What the node says of itself that it can. */
  features: readonly string[];
}

/** Brackets around IPv6 addresses. */
export const hostInUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** The location in a node's status. Throws 400 when it has no usable address. */
export function locationOf(node: Node, tls: TlsClientOptions): KubeletLocation {
  const addresses = node.status?.addresses ?? [];
  const address = addressTypes.map((type) => addresses.find((a) => a.type === type)?.address).find((a) => a);
  if (!address) throw badRequest(`no preferred addresses found; known addresses: [${addresses.map((a) => `{${a.type} ${a.address}}`).join(' ')}]`);
  const port = node.status?.daemonEndpoints?.kubeletEndpoint?.Port || defaultKubeletPort;
  return { origin: `https://${hostInUrl(address)}:${port}`, address, port, tls, features: node.status?.declaredFeatures ?? [] };
}

/** Finds a kubelet by the name of its node. */
export async function locateKubelet(client: Client, name: string, tls: TlsClientOptions | undefined): Promise<KubeletLocation> {
  const node = await findLive(client, Nodes, undefined, name);
  if (!node) throw notFound({ group: '', plural: 'nodes' }, name);
  return locationOf(node, tls ?? {});
}
