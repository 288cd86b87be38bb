/** The model as iptables chains, with the chain names, comments and order that tools for kube-proxy know. Pure. */
import { chainHash } from '../hash.ts';
import { joinHostPort, type Family, type ProxyEndpoint, type ServicePortModel } from '../model.ts';
import { allowsNode, answersOnLoopback, externalEndpoints, externalRefusal, hasFirewall, internalEndpoints, internalRefusal, isExternal, masqueradeMark, usesClusterChain, usesLocalChain, type RuleSettings } from '../rules.ts';

/** Rules of each chain, each as the words after `-A CHAIN`. */
export type Chains = Map<string, string[]>;

export interface IptablesRules {
  nat: Chains;
  filter: Chains;
}

/** A jump from a built-in chain into ours. */
export interface Jump {
  table: 'nat' | 'filter';
  from: string;
  rule: string;
}

const mark = `0x${masqueradeMark.toString(16)}`;
const says = (text: string): string => `-m comment --comment "${text}"`;

/** Jumps in the order in which they are inserted at the head of the built-in chains. */
export const jumps: readonly Jump[] = [
  { table: 'filter', from: 'INPUT', rule: `-m conntrack --ctstate NEW ${says('kubernetes externally-visible service portals')} -j KUBE-EXTERNAL-SERVICES` },
  { table: 'filter', from: 'FORWARD', rule: `-m conntrack --ctstate NEW ${says('kubernetes externally-visible service portals')} -j KUBE-EXTERNAL-SERVICES` },
  // Not upstream's: without it the node's own requests to an external address that nobody serves would leave for the network.
  { table: 'filter', from: 'OUTPUT', rule: `-m conntrack --ctstate NEW ${says('kubernetes externally-visible service portals')} -j KUBE-EXTERNAL-SERVICES` },
  { table: 'filter', from: 'INPUT', rule: `${says('kubernetes health check service ports')} -j KUBE-NODEPORTS` },
  { table: 'filter', from: 'FORWARD', rule: `-m conntrack --ctstate NEW ${says('kubernetes service portals')} -j KUBE-SERVICES` },
  { table: 'filter', from: 'OUTPUT', rule: `-m conntrack --ctstate NEW ${says('kubernetes service portals')} -j KUBE-SERVICES` },
  { table: 'filter', from: 'FORWARD', rule: `${says('kubernetes forwarding rules')} -j KUBE-FORWARD` },
  { table: 'filter', from: 'INPUT', rule: `-m conntrack --ctstate NEW ${says('kubernetes load balancer firewall')} -j KUBE-PROXY-FIREWALL` },
  { table: 'filter', from: 'OUTPUT', rule: `-m conntrack --ctstate NEW ${says('kubernetes load balancer firewall')} -j KUBE-PROXY-FIREWALL` },
  { table: 'filter', from: 'FORWARD', rule: `-m conntrack --ctstate NEW ${says('kubernetes load balancer firewall')} -j KUBE-PROXY-FIREWALL` },
  { table: 'nat', from: 'OUTPUT', rule: `${says('kubernetes service portals')} -j KUBE-SERVICES` },
  { table: 'nat', from: 'PREROUTING', rule: `${says('kubernetes service portals')} -j KUBE-SERVICES` },
  { table: 'nat', from: 'POSTROUTING', rule: `${says('kubernetes postrouting rules')} -j KUBE-POSTROUTING` },
];

/** Chains that always exist. */
export const fixedChains: Record<'nat' | 'filter', readonly string[]> = {
  nat: ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ'],
  filter: ['KUBE-SERVICES', 'KUBE-EXTERNAL-SERVICES', 'KUBE-FORWARD', 'KUBE-NODEPORTS', 'KUBE-PROXY-FIREWALL'],
};

/** Names of chains that belong to one Service or endpoint. */
export const serviceChainPattern = /^KUBE-(?:SVC|SVL|EXT|FW|SEP)-[A-Z2-7]{16}$/;

/** The chain of a Service port: `SVC` policy Cluster, `SVL` policy Local, `EXT` traffic from outside, `FW` source ranges. */
export const serviceChain = (kind: 'SVC' | 'SVL' | 'EXT' | 'FW', s: ServicePortModel): string => `KUBE-${kind}-${chainHash(s.key + s.protocol, 16)}`;
/** The chain of an endpoint of a Service port. */
export const endpointChain = (s: ServicePortModel, endpoint: ProxyEndpoint): string => `KUBE-SEP-${chainHash(s.key + s.protocol + joinHostPort(endpoint.ip, endpoint.port), 16)}`;

/** Collects the rules of one model. */
class Builder {
  readonly nat: Chains = new Map(fixedChains.nat.map((name) => [name, []]));
  readonly filter: Chains = new Map(fixedChains.filter.map((name) => [name, []]));
  readonly #settings: RuleSettings;
  readonly #family: Family;
  constructor(settings: RuleSettings, family: Family) {
    this.#settings = settings;
    this.#family = family;
  }

  #add(table: 'nat' | 'filter', chain: string, ...words: string[]): void {
    const chains = this[table];
    const rules = chains.get(chain);
    const rule = words.filter((word) => word !== '').join(' ');
    if (rules === undefined) chains.set(chain, [rule]);
    else rules.push(rule);
  }

  fixed(): void {
    this.#add('nat', 'KUBE-POSTROUTING', `-m mark ! --mark ${mark}/${mark}`, '-j RETURN');
    // The mark is cleared, so that a packet that passes here again (in another namespace, through a tunnel) is judged afresh.
    this.#add('nat', 'KUBE-POSTROUTING', `-j MARK --xor-mark ${mark}`);
    this.#add('nat', 'KUBE-POSTROUTING', says('kubernetes service traffic requiring SNAT'), '-j MASQUERADE --random-fully');
    this.#add('nat', 'KUBE-MARK-MASQ', `-j MARK --or-mark ${mark}`);
    // A packet that conntrack cannot place would leave without its address translated back, and reset the connection.
    this.#add('filter', 'KUBE-FORWARD', '-m conntrack --ctstate INVALID', '-j DROP');
    this.#add('filter', 'KUBE-FORWARD', says('kubernetes forwarding rules'), `-m mark --mark ${mark}/${mark}`, '-j ACCEPT');
    this.#add('filter', 'KUBE-FORWARD', says('kubernetes forwarding conntrack rule'), '-m conntrack --ctstate RELATED,ESTABLISHED', '-j ACCEPT');
    // Node ports on 127.0.0.1 need route_localnet, which alone would open loopback services to the network (CVE-2020-8558).
    if (answersOnLoopback(this.#settings, this.#family)) this.#add('filter', 'KUBE-PROXY-FIREWALL', says('block incoming localnet connections'), '! -s 127.0.0.0/8 -d 127.0.0.0/8', '-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT', '-j DROP');
  }

  service(s: ServicePortModel): void {
    const matches = `-m ${s.protocol} -p ${s.protocol}`;
    const to = (ip: string): string => `${matches} -d ${ip} --dport ${s.port}`;
    const internalChain = serviceChain(s.internalLocal ? 'SVL' : 'SVC', s);
    const externalChain = serviceChain('EXT', s);
    const internal = internalRefusal(s);
    const external = externalRefusal(s);
    if (internal === undefined) this.#add('nat', 'KUBE-SERVICES', says(`${s.key} cluster IP`), to(s.clusterIp), `-j ${internalChain}`);
    else this.#refuse('KUBE-SERVICES', s, internal, to(s.clusterIp));
    // Under policy Local a node without endpoints still serves its own pods, by the chain for external traffic.
    const externalExists = external === undefined || (s.externalLocal && s.clusterEndpoints.length > 0);
    const balancerChain = hasFirewall(s) ? serviceChain('FW', s) : externalChain;
    for (const [ips, what, chain] of [[s.externalIps, 'external IP', externalChain], [s.loadBalancerIps, 'loadbalancer IP', balancerChain]] as const) {
      for (const ip of ips) {
        if (externalExists) this.#add('nat', 'KUBE-SERVICES', says(`${s.key} ${what}`), to(ip), `-j ${chain}`);
        if (external !== undefined) this.#refuse('KUBE-EXTERNAL-SERVICES', s, external, to(ip));
      }
    }
    if (s.nodePort !== 0) {
      if (externalExists) this.#add('nat', 'KUBE-NODEPORTS', says(s.key), `${matches} --dport ${s.nodePort}`, `-j ${externalChain}`);
      if (external !== undefined) this.#refuse('KUBE-EXTERNAL-SERVICES', s, external, `-m addrtype --dst-type LOCAL ${matches} --dport ${s.nodePort}`);
    }
    if (s.healthCheckNodePort !== 0) this.#add('filter', 'KUBE-NODEPORTS', says(`${s.namespace}/${s.name} health check node port`), `-m tcp -p tcp --dport ${s.healthCheckNodePort}`, '-j ACCEPT');
    if (hasFirewall(s) && externalExists) this.#firewall(s, to, externalChain);
    if (isExternal(s) && externalExists) this.#externalChain(s, externalChain);
    this.#balance(s, internalChain, to);
    for (const endpoint of s.reachable) this.#endpoint(s, endpoint);
  }

  #refuse(chain: string, s: ServicePortModel, refusal: 'reject' | 'drop', match: string): void {
    this.#add('filter', chain, says(`${s.key} has no ${refusal === 'drop' ? 'local ' : ''}endpoints`), match, `-j ${refusal.toUpperCase()}`);
  }

  /** Only sources in the ranges go on to be translated; what still has the balancer's address when it comes to the filter table did not. */
  #firewall(s: ServicePortModel, to: (ip: string) => string, externalChain: string): void {
    const chain = serviceChain('FW', s);
    for (const ip of s.loadBalancerIps) this.#add('filter', 'KUBE-PROXY-FIREWALL', says(`${s.key} traffic not accepted by ${chain}`), to(ip), '-j DROP');
    for (const range of s.sourceRanges) this.#add('nat', chain, says(`${s.key} loadbalancer IP`), `-s ${range}`, `-j ${externalChain}`);
    // A load balancer's address may be one of the node's own: its own requests then come from there.
    if (allowsNode(s, this.#settings)) for (const ip of s.loadBalancerIps) this.#add('nat', chain, says(`${s.key} loadbalancer IP`), `-s ${ip}`, `-j ${externalChain}`);
    this.#add('nat', chain, says(`other traffic to ${s.key} will be dropped by KUBE-PROXY-FIREWALL`));
  }

  #externalChain(s: ServicePortModel, chain: string): void {
    const clusterChain = serviceChain('SVC', s);
    if (!s.externalLocal) this.#add('nat', chain, says(`masquerade traffic for ${s.key} external destinations`), '-j KUBE-MARK-MASQ');
    else if (s.clusterEndpoints.length > 0) {
      // Pods and the node itself get no preserved source by policy Local anyway: they may use any endpoint.
      if (this.#settings.clusterCidr !== undefined) this.#add('nat', chain, says(`pod traffic for ${s.key} external destinations`), `-s ${this.#settings.clusterCidr}`, `-j ${clusterChain}`);
      this.#add('nat', chain, says(`masquerade LOCAL traffic for ${s.key} external destinations`), '-m addrtype --src-type LOCAL', '-j KUBE-MARK-MASQ');
      this.#add('nat', chain, says(`route LOCAL traffic for ${s.key} external destinations`), '-m addrtype --src-type LOCAL', `-j ${clusterChain}`);
    }
    if (externalEndpoints(s).length > 0) this.#add('nat', chain, `-j ${s.externalLocal ? serviceChain('SVL', s) : clusterChain}`);
  }

  #balance(s: ServicePortModel, internalChain: string, to: (ip: string) => string): void {
    const settings = this.#settings;
    const wanted = [['SVC', s.clusterEndpoints, usesClusterChain(s)], ['SVL', s.localEndpoints, usesLocalChain(s)]] as const;
    for (const [kind, endpoints, used] of wanted) {
      if (!used) continue;
      const chain = serviceChain(kind, s);
      if (chain === internalChain && internalEndpoints(s).length > 0) {
        if (settings.masqueradeAll) this.#add('nat', chain, says(`${s.key} cluster IP`), to(s.clusterIp), '-j KUBE-MARK-MASQ');
        else if (settings.clusterCidr !== undefined) this.#add('nat', chain, says(`${s.key} cluster IP`), to(s.clusterIp), `! -s ${settings.clusterCidr}`, '-j KUBE-MARK-MASQ');
      }
      this.#spread(s, chain, endpoints);
    }
  }

  #spread(s: ServicePortModel, chain: string, endpoints: readonly ProxyEndpoint[]): void {
    const comment = (endpoint: ProxyEndpoint): string => says(`${s.key} -> ${joinHostPort(endpoint.ip, endpoint.port)}`);
    if (s.affinitySeconds > 0) {
      for (const endpoint of endpoints) {
        const name = endpointChain(s, endpoint);
        this.#add('nat', chain, comment(endpoint), `-m recent --name ${name} --rcheck --seconds ${s.affinitySeconds} --reap`, `-j ${name}`);
      }
    }
    endpoints.forEach((endpoint, index) => {
      // The first of n takes 1/n, the next 1/(n-1) of the rest, and so on: each gets the same share.
      const left = endpoints.length - index;
      const chance = left > 1 ? `-m statistic --mode random --probability ${(1 / left).toFixed(10)}` : '';
      this.#add('nat', chain, comment(endpoint), chance, `-j ${endpointChain(s, endpoint)}`);
    });
  }

  #endpoint(s: ServicePortModel, endpoint: ProxyEndpoint): void {
    const chain = endpointChain(s, endpoint);
    // A pod that reaches itself through its Service must not see its own address as the source: the answer would never leave it.
    this.#add('nat', chain, says(s.key), `-s ${endpoint.ip}`, '-j KUBE-MARK-MASQ');
    const remember = s.affinitySeconds > 0 ? `-m recent --name ${chain} --set` : '';
    this.#add('nat', chain, says(s.key), remember, `-m ${s.protocol} -p ${s.protocol}`, `-j DNAT --to-destination ${joinHostPort(endpoint.ip, endpoint.port)}`);
  }

  /**
   * Traffic to a cluster address that was not translated: no Service has the address, or not that port. Not upstream's with iptables (it is
   * with nftables): without it such a packet leaves for the default route, and its connection is tracked untranslated, so that a client that
   * was a moment quicker than the rules of its Service would hang until it gives up. Dropped, its second attempt is served.
   */
  unassigned(): void {
    for (const cidr of this.#settings.serviceCidrs) {
      if (cidr.includes(':') === (this.#family === 6)) this.#add('filter', 'KUBE-SERVICES', says('cluster addresses that no service has'), `-d ${cidr}`, '-j DROP');
    }
  }

  /** Must come last: node ports may not hide what is bound to an address. */
  nodePorts(): void {
    const { nodePortAddresses } = this.#settings;
    const comment = says('kubernetes service nodeports; NOTE: this must be the last rule in this chain');
    const loopback = this.#family === 4 ? '127.0.0.0/8' : '::1/128';
    if (nodePortAddresses === 'all') {
      const notLoopback = answersOnLoopback(this.#settings, this.#family) ? '' : `! -d ${loopback}`;
      this.#add('nat', 'KUBE-SERVICES', comment, notLoopback, '-m addrtype --dst-type LOCAL', '-j KUBE-NODEPORTS');
      return;
    }
    for (const address of nodePortAddresses) this.#add('nat', 'KUBE-SERVICES', comment, `-d ${address}`, '-j KUBE-NODEPORTS');
  }
}

/** All chains for a model of one family. */
export function iptablesRules(models: readonly ServicePortModel[], settings: RuleSettings, family: Family): IptablesRules {
  const builder = new Builder(settings, family);
  builder.fixed();
  for (const model of models) builder.service(model);
  builder.unassigned();
  builder.nodePorts();
  return { nat: builder.nat, filter: builder.filter };
}

/**
 * Text for `iptables-restore --noflush` that turns the chains of `before` into those of `after`: only chains that differ are written, and chains that are gone are emptied and
 * deleted. Empty when nothing differs.
 */
export function restoreText(after: IptablesRules, before: IptablesRules, staleChains: Readonly<Record<'nat' | 'filter', readonly string[]>> = { nat: [], filter: [] }): string {
  const lines: string[] = [];
  for (const table of ['filter', 'nat'] as const) {
    const changed = [...after[table]].filter(([chain, rules]) => !sameRules(before[table].get(chain), rules));
    const gone = [...new Set([...before[table].keys(), ...staleChains[table]])].filter((chain) => !after[table].has(chain));
    if (changed.length === 0 && gone.length === 0) continue;
    lines.push(`*${table}`);
    for (const [chain] of changed) lines.push(`:${chain} - [0:0]`);
    for (const chain of gone) lines.push(`:${chain} - [0:0]`);
    for (const [chain, rules] of changed) for (const rule of rules) lines.push(`-A ${chain} ${rule}`);
    for (const chain of gone) lines.push(`-X ${chain}`);
    lines.push('COMMIT');
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function sameRules(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((rule, index) => rule === b[index]);
}

export const noRules = (): IptablesRules => ({ nat: new Map(), filter: new Map() });
