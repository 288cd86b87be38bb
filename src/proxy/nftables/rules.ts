/** The model as an nftables table: maps from address, protocol and port to a chain, so that a lookup costs the same for one Service as for thousands. Pure. */
import { chainHash } from '../hash.ts';
import { joinHostPort, type Family, type ProxyEndpoint, type ServicePortModel } from '../model.ts';
import { allowsNode, externalEndpoints, externalRefusal, hasFirewall, internalEndpoints, internalRefusal, isExternal, masqueradeMark, usesClusterChain, usesLocalChain, type RuleSettings } from '../rules.ts';

/** The changing part of the table: what a sync compares and updates piece by piece. */
export interface NftablesRules {
  /** Rules of the chains of Services and endpoints. */
  chains: Map<string, string[]>;
  /** Elements of the verdict maps, by map, then by key. */
  maps: Record<MapName, Map<string, string>>;
  clusterIps: Set<string>;
  /** Sets that remember clients, with the time that they do in seconds. */
  affinitySets: Map<string, number>;
}

export type MapName = 'service-ips' | 'service-nodeports' | 'no-endpoint-services' | 'no-endpoint-nodeports' | 'firewall-ips';
const mapNames: readonly MapName[] = ['firewall-ips', 'no-endpoint-services', 'no-endpoint-nodeports', 'service-ips', 'service-nodeports'];

export const tableName = 'kube-proxy';
const mark = `0x${masqueradeMark.toString(16)}`;
const maxNameLength = 120;
/** `ip` or `ip6`: the word for the family, of the table and in rules. */
export const familyWord = (family: Family): 'ip' | 'ip6' => (family === 4 ? 'ip' : 'ip6');

function named(kind: string, rest: string): string {
  return `${kind}-${chainHash(rest, 8)}-${rest}`.slice(0, maxNameLength);
}
const portText = (s: ServicePortModel): string => `${s.namespace}/${s.name}/${s.protocol}/${s.portName}`;
const endpointText = (s: ServicePortModel, endpoint: ProxyEndpoint): string => `${portText(s)}__${endpoint.ip.replaceAll(':', '.')}/${endpoint.port}`;

/** The chain of a Service port. */
export const serviceChain = (kind: 'service' | 'local' | 'external' | 'firewall', s: ServicePortModel): string => named(kind, portText(s));
/** The chain, or with `affinity` the client set, of an endpoint. */
export const endpointName = (kind: 'endpoint' | 'affinity', s: ServicePortModel, endpoint: ProxyEndpoint): string => named(kind, endpointText(s, endpoint));

class Builder {
  readonly rules: NftablesRules = {
    chains: new Map(),
    maps: Object.fromEntries(mapNames.map((name) => [name, new Map<string, string>()])) as NftablesRules['maps'],
    clusterIps: new Set(),
    affinitySets: new Map(),
  };
  readonly #settings: RuleSettings;
  readonly #ip: string;
  constructor(settings: RuleSettings, family: Family) {
    this.#settings = settings;
    this.#ip = familyWord(family);
  }

  service(s: ServicePortModel): void {
    const { maps, clusterIps, chains } = this.rules;
    const key = (ip: string): string => `${ip} . ${s.protocol} . ${s.port}`;
    const refuse = { reject: 'goto reject-chain', drop: 'drop' };
    clusterIps.add(s.clusterIp);
    const internal = internalRefusal(s);
    const external = externalRefusal(s);
    if (internal === undefined) maps['service-ips'].set(key(s.clusterIp), `goto ${serviceChain(s.internalLocal ? 'local' : 'service', s)}`);
    else maps['no-endpoint-services'].set(key(s.clusterIp), refuse[internal]);
    const externalExists = external === undefined || (s.externalLocal && s.clusterEndpoints.length > 0);
    for (const ip of [...s.externalIps, ...s.loadBalancerIps]) {
      if (externalExists) maps['service-ips'].set(key(ip), `goto ${serviceChain('external', s)}`);
      if (external !== undefined) maps['no-endpoint-services'].set(key(ip), refuse[external]);
    }
    if (s.nodePort !== 0) {
      const nodePort = `${s.protocol} . ${s.nodePort}`;
      if (externalExists) maps['service-nodeports'].set(nodePort, `goto ${serviceChain('external', s)}`);
      if (external !== undefined) maps['no-endpoint-nodeports'].set(nodePort, refuse[external]);
    }
    if (hasFirewall(s)) {
      for (const ip of s.loadBalancerIps) maps['firewall-ips'].set(key(ip), `goto ${serviceChain('firewall', s)}`);
      const allowed = [...s.sourceRanges, ...(allowsNode(s, this.#settings) ? s.loadBalancerIps : [])];
      chains.set(serviceChain('firewall', s), [`${this.#ip} saddr != { ${withoutOverlaps(allowed).join(', ')} } drop`]);
    }
    if (isExternal(s) && externalExists) chains.set(serviceChain('external', s), this.#external(s));
    if (usesClusterChain(s)) chains.set(serviceChain('service', s), this.#balance(s, s.clusterEndpoints, !s.internalLocal));
    if (usesLocalChain(s)) chains.set(serviceChain('local', s), this.#balance(s, s.localEndpoints, s.internalLocal));
    for (const endpoint of s.reachable) this.#endpoint(s, endpoint);
  }

  #external(s: ServicePortModel): string[] {
    const rules: string[] = [];
    if (!s.externalLocal) rules.push('jump mark-for-masquerade');
    else if (s.clusterEndpoints.length > 0) {
      const all = `goto ${serviceChain('service', s)}`;
      if (this.#settings.clusterCidr !== undefined) rules.push(`${this.#ip} saddr ${this.#settings.clusterCidr} ${all}`);
      rules.push('fib saddr type local jump mark-for-masquerade', `fib saddr type local ${all}`);
    }
    if (externalEndpoints(s).length > 0) rules.push(`goto ${serviceChain(s.externalLocal ? 'local' : 'service', s)}`);
    return rules;
  }

  #balance(s: ServicePortModel, endpoints: readonly ProxyEndpoint[], isInternal: boolean): string[] {
    const rules: string[] = [];
    const { clusterCidr, masqueradeAll } = this.#settings;
    if (isInternal && internalEndpoints(s).length > 0 && (masqueradeAll || clusterCidr !== undefined)) {
      const fromOutside = masqueradeAll ? '' : ` ${this.#ip} saddr != ${clusterCidr}`;
      rules.push(`${this.#ip} daddr ${s.clusterIp} ${s.protocol} dport ${s.port}${fromOutside} jump mark-for-masquerade`);
    }
    if (s.affinitySeconds > 0) for (const endpoint of endpoints) rules.push(`${this.#ip} saddr @${endpointName('affinity', s, endpoint)} goto ${endpointName('endpoint', s, endpoint)}`);
    rules.push(`numgen random mod ${endpoints.length} vmap { ${endpoints.map((endpoint, index) => `${index} : goto ${endpointName('endpoint', s, endpoint)}`).join(', ')} }`);
    return rules;
  }

  #endpoint(s: ServicePortModel, endpoint: ProxyEndpoint): void {
    const rules = [`${this.#ip} saddr ${endpoint.ip} jump mark-for-masquerade`];
    if (s.affinitySeconds > 0) {
      const set = endpointName('affinity', s, endpoint);
      this.rules.affinitySets.set(set, s.affinitySeconds);
      rules.push(`update @${set} { ${this.#ip} saddr }`);
    }
    rules.push(`meta l4proto ${s.protocol} dnat to ${joinHostPort(endpoint.ip, endpoint.port)}`);
    this.rules.chains.set(endpointName('endpoint', s, endpoint), rules);
  }
}

/** Drops ranges that repeat (an anonymous set refuses overlapping intervals only when equal ones differ in form; the kernel merges the rest). */
function withoutOverlaps(ranges: readonly string[]): string[] {
  return [...new Set(ranges)];
}

/** The changing part for a model of one family. */
export function nftablesRules(models: readonly ServicePortModel[], settings: RuleSettings, family: Family): NftablesRules {
  const builder = new Builder(settings, family);
  for (const model of models) builder.service(model);
  return builder.rules;
}

/** The part that never changes: base chains at their hooks, checks, and empty maps. */
export function skeleton(settings: RuleSettings, family: Family): string {
  const ip = familyWord(family);
  const address = family === 4 ? 'ipv4_addr' : 'ipv6_addr';
  const loopback = family === 4 ? '127.0.0.0/8' : '::1';
  const all = settings.nodePortAddresses === 'all';
  const isNodeAddress = all ? `fib daddr type local ${ip} daddr != ${loopback}` : `${ip} daddr @nodeport-ips`;
  const lookup = `${ip} daddr . meta l4proto . th dport vmap`;
  const serviceCidrs = settings.serviceCidrs.filter((cidr) => cidr.includes(':') === (family === 6));
  const map = (name: MapName): string => `  map ${name} { type ${name.endsWith('nodeports') ? '' : `${address} . `}inet_proto . inet_service : verdict; }`;
  const base = (name: string, type: string, hook: string, priority: number, rules: readonly string[]): string => `  chain ${name} {\n    type ${type} hook ${hook} priority ${priority};\n${rules.map((rule) => `    ${rule}\n`).join('')}  }`;
  const plain = (name: string, rules: readonly string[]): string => `  chain ${name} {\n${rules.map((rule) => `    ${rule}\n`).join('')}  }`;
  return [
    `table ${ip} ${tableName} {`,
    `  set cluster-ips { type ${address}; }`,
    `  set nodeport-ips { type ${address}; }`,
    ...mapNames.map(map),
    plain('reject-chain', ['reject']),
    plain('mark-for-masquerade', [`meta mark set meta mark or ${mark}`]),
    plain('masquerading', [`meta mark and ${mark} == 0 return`, `meta mark set meta mark xor ${mark}`, 'masquerade fully-random']),
    plain('firewall-check', [`${lookup} @firewall-ips`]),
    plain('service-endpoints-check', [`${lookup} @no-endpoint-services`]),
    plain('nodeport-endpoints-check', [`${isNodeAddress} meta l4proto . th dport vmap @no-endpoint-nodeports`]),
    // A cluster address that was not translated: a port that the Service does not have, or an address that no Service has.
    plain('cluster-ips-check', [`${ip} daddr @cluster-ips reject`, ...(serviceCidrs.length > 0 ? [`${ip} daddr { ${serviceCidrs.join(', ')} } drop`] : [])]),
    plain('services', [`${lookup} @service-ips`, `${isNodeAddress} meta l4proto . th dport vmap @service-nodeports`]),
    // Source ranges are checked before translation (-100), when the destination still is the load balancer's address …
    base('filter-prerouting-pre-dnat', 'filter', 'prerouting', -110, ['ct state new jump firewall-check']),
    base('filter-output-pre-dnat', 'filter', 'output', -110, ['ct state new jump firewall-check']),
    // … and what translation left alone is refused after it.
    base('filter-input', 'filter', 'input', 0, ['ct state new jump nodeport-endpoints-check', 'ct state new jump service-endpoints-check']),
    base('filter-forward', 'filter', 'forward', 0, ['ct state new jump service-endpoints-check', 'ct state new jump cluster-ips-check']),
    base('filter-output', 'filter', 'output', 0, ['ct state new jump service-endpoints-check', 'ct state new jump cluster-ips-check']),
    base('nat-prerouting', 'nat', 'prerouting', -100, ['jump services']),
    base('nat-output', 'nat', 'output', -100, ['jump services']),
    base('nat-postrouting', 'nat', 'postrouting', 100, ['jump masquerading']),
    '}',
    '',
  ].join('\n');
}

/** Text for `nft -f` that makes the whole table anew, in one transaction: no packet sees a half-made table. */
export function fullText(rules: NftablesRules, settings: RuleSettings, family: Family): string {
  const table = `${familyWord(family)} ${tableName}`;
  const nodeIps = settings.nodePortAddresses === 'all' ? [] : settings.nodePortAddresses.filter((address) => address.includes(':') === (family === 6));
  const nodePorts = nodeIps.length === 0 ? '' : `add element ${table} nodeport-ips { ${nodeIps.join(', ')} }\n`;
  return `add table ${table}\ndelete table ${table}\n${skeleton(settings, family)}${nodePorts}${updateText(rules, noRules(), family)}`;
}

export const noRules = (): NftablesRules => new Builder({ nodePortAddresses: [], localhostNodePorts: false, nodeAddresses: [], serviceCidrs: [] }, 4).rules;

/** Elements in one statement; a longer list is split so that no line grows without bound. */
const elementsPerStatement = 200;

function elementStatements(verb: 'add' | 'delete', table: string, set: string, elements: readonly string[]): string[] {
  const lines: string[] = [];
  for (let at = 0; at < elements.length; at += elementsPerStatement) lines.push(`${verb} element ${table} ${set} { ${elements.slice(at, at + elementsPerStatement).join(', ')} }`);
  return lines;
}

/** Text that turns `before` into `after` by elements and chains that differ. What is no longer used is emptied here and deleted by `sweepText`. */
export function updateText(after: NftablesRules, before: NftablesRules, family: Family): string {
  const table = `${familyWord(family)} ${tableName}`;
  const lines: string[] = [];
  const changed = [...after.chains].filter(([name, rules]) => before.chains.get(name)?.join('\n') !== rules.join('\n'));
  for (const [name] of changed) if (!before.chains.has(name)) lines.push(`add chain ${table} ${name}`);
  const address = family === 4 ? 'ipv4_addr' : 'ipv6_addr';
  for (const [name, seconds] of after.affinitySets) if (!before.affinitySets.has(name)) lines.push(`add set ${table} ${name} { type ${address}; flags dynamic, timeout; timeout ${seconds}s; }`);
  for (const [name, rules] of changed) {
    if (before.chains.has(name)) lines.push(`flush chain ${table} ${name}`);
    for (const rule of rules) lines.push(`add rule ${table} ${name} ${rule}`);
  }
  for (const name of mapNames) {
    const [old, now] = [before.maps[name], after.maps[name]];
    lines.push(...elementStatements('delete', table, name, [...old].filter(([key, value]) => now.get(key) !== value).map(([key]) => key)));
    lines.push(...elementStatements('add', table, name, [...now].filter(([key, value]) => old.get(key) !== value).map(([key, value]) => `${key} : ${value}`)));
  }
  lines.push(...elementStatements('delete', table, 'cluster-ips', [...before.clusterIps].filter((ip) => !after.clusterIps.has(ip))));
  lines.push(...elementStatements('add', table, 'cluster-ips', [...after.clusterIps].filter((ip) => !before.clusterIps.has(ip))));
  for (const name of before.chains.keys()) if (!after.chains.has(name)) lines.push(`flush chain ${table} ${name}`);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** Text that deletes what `updateText` left empty: in a transaction of its own, for the kernel counts references until the first one is done. */
export function sweepText(after: NftablesRules, before: NftablesRules, family: Family): string {
  const table = `${familyWord(family)} ${tableName}`;
  const lines = [...before.chains.keys()].filter((name) => !after.chains.has(name)).map((name) => `delete chain ${table} ${name}`);
  for (const [name, seconds] of before.affinitySets) if (after.affinitySets.get(name) !== seconds) lines.push(`delete set ${table} ${name}`);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
