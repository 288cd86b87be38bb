/** The CNI configuration of a node: one bridge (or routed pairs), addresses from the node's own range, host ports. https://www.cni.dev/docs/spec/ */

export interface CniOptions {
  /** Name of the network; it is unique to the node, for CNI keeps state under it. */
  networkName: string;
  /** The node's share of the pod addresses, one of each family at most. */
  podCidrs: readonly string[];
  /** Name of the bridge, at most 15 characters. */
  bridge: string;
  /** Folder in which host-local remembers the addresses that it gave out. */
  stateDir: string;
  mtu?: number;
  /**
   * `bridge`: pods share a bridge; service traffic between pods of one node then needs the kernel's bridge netfilter.
   * `ptp`: every pod is a routed pair of its own, which needs nothing of the kind. Default `bridge`.
   */
  plugin?: 'bridge' | 'ptp';
}

interface Plugin {
  type: string;
  [key: string]: unknown;
}

/** The network list as an object. Masquerading is left to the node's own rules: the plug-in's would also hide pods from the pods of other nodes. */
export function cniConfig(options: CniOptions): { cniVersion: string; name: string; plugins: Plugin[] } {
  const ipam = {
    type: 'host-local',
    dataDir: options.stateDir,
    ranges: options.podCidrs.map((subnet) => [{ subnet }]),
    routes: options.podCidrs.map((cidr) => ({ dst: cidr.includes(':') ? '::/0' : '0.0.0.0/0' })),
  };
  const mtu = options.mtu === undefined ? {} : { mtu: options.mtu };
  const link: Plugin =
    options.plugin === 'ptp'
      ? { type: 'ptp', ipMasq: false, ...mtu, ipam }
      : { type: 'bridge', bridge: options.bridge, isGateway: true, isDefaultGateway: false, ipMasq: false, hairpinMode: true, ...mtu, ipam };
  return { cniVersion: '1.0.0', name: options.networkName, plugins: [link, { type: 'portmap', capabilities: { portMappings: true }, snat: true }] };
}
