/** What both back ends share: settings of the rules, and what becomes of traffic that no endpoint can take. */
import type { ProxyEndpoint, ServicePortModel } from './model.ts';

export interface RuleSettings {
  /** Sources inside it are pods; traffic to a cluster address from elsewhere is masqueraded so that answers come back this way. */
  clusterCidr?: string;
  /** Masquerade all service traffic. */
  masqueradeAll?: boolean;
  /**
   * Where node ports answer: addresses of this node, or `all` for every local address.
   */
  nodePortAddresses: 'all' | readonly string[];
  /** Node ports also answer on loopback addresses (with `all`, IPv4, iptables only: it needs route_localnet). */
  localhostNodePorts: boolean;
  /** Addresses of this node, for load balancer source ranges that include the node itself. */
  nodeAddresses: readonly string[];
  /** Ranges of cluster addresses: traffic to one that no Service has is dropped. */
  serviceCidrs: readonly string[];
}

/** The bit of the packet mark that says: masquerade me. */
export const masqueradeMark = 0x4000;

export type Refusal = 'reject' | 'drop';

/** Endpoints that traffic to the cluster address goes to. */
export const internalEndpoints = (s: ServicePortModel): readonly ProxyEndpoint[] => (s.internalLocal ? s.localEndpoints : s.clusterEndpoints);
/** Endpoints that traffic from outside goes to. */
export const externalEndpoints = (s: ServicePortModel): readonly ProxyEndpoint[] => (s.externalLocal ? s.localEndpoints : s.clusterEndpoints);

function refusal(endpoints: readonly ProxyEndpoint[], s: ServicePortModel): Refusal | undefined {
  if (endpoints.length > 0) return undefined;
  // Another node could serve it: silence makes clients and balancers try again, a refusal would tell them that it is down.
  return s.hasAnyEndpoints ? 'drop' : 'reject';
}

/** What to do with traffic to the cluster address; undefined: let it through. */
export const internalRefusal = (s: ServicePortModel): Refusal | undefined => refusal(internalEndpoints(s), s);
/** What to do with traffic from outside. */
export const externalRefusal = (s: ServicePortModel): Refusal | undefined => refusal(externalEndpoints(s), s);

/** True where node ports answer on 127.0.0.1; the kernel has no such thing for IPv6. */
export const answersOnLoopback = (settings: RuleSettings, family: 4 | 6): boolean => settings.localhostNodePorts && settings.nodePortAddresses === 'all' && family === 4;

export const isExternal = (s: ServicePortModel): boolean => s.nodePort !== 0 || s.externalIps.length > 0 || s.loadBalancerIps.length > 0;
export const hasFirewall = (s: ServicePortModel): boolean => s.loadBalancerIps.length > 0 && s.sourceRanges.length > 0;

/** True where the model needs a chain over `clusterEndpoints`: for one of its policies, or for a pod's traffic to an external address under policy Local. */
export const usesClusterChain = (s: ServicePortModel): boolean => s.clusterEndpoints.length > 0 && (!s.internalLocal || isExternal(s));
export const usesLocalChain = (s: ServicePortModel): boolean => s.localEndpoints.length > 0 && (s.internalLocal || (s.externalLocal && isExternal(s)));

/** `prefix/bits` of an address range, both as big integers, to compare addresses of either family. */
export function parseCidr(cidr: string): { base: bigint; bits: number; width: number } {
  const [address, bits] = cidr.split('/') as [string, string | undefined];
  const width = address.includes(':') ? 128 : 32;
  return { base: addressToBigInt(address), bits: bits === undefined ? width : Number(bits), width };
}

/** An address as a number. */
export function addressToBigInt(address: string): bigint {
  if (!address.includes(':')) return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [head = '', tail] = address.split('::') as [string, string | undefined];
  const groups = (text: string | undefined): string[] => (text === undefined || text === '' ? [] : text.split(':'));
  const first = groups(head);
  const last = groups(tail);
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  return [...first, ...Array.from({ length: zeros }, () => '0'), ...last].reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
}

/** True where the address lies in the range. */
export function inCidr(address: string, cidr: string): boolean {
  const { base, bits, width } = parseCidr(cidr);
  if ((address.includes(':') ? 128 : 32) !== width) return false;
  const shift = BigInt(width - bits);
  return addressToBigInt(address) >> shift === base >> shift;
}

/** True where the firewall of a Service lets the node itself through. */
export const allowsNode = (s: ServicePortModel, settings: RuleSettings): boolean => s.sourceRanges.some((range) => settings.nodeAddresses.some((address) => inCidr(address, range)));
