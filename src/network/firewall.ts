/**
 * The rules that a node needs besides the service proxy's: traffic of pods that leaves the cluster takes the node's address, and traffic of pods may be
 * forwarded though the machine's own policy is to drop. Everything lies in chains (or a table) of our own, so that removing them removes all.
 */
import { attempt, command, type Place } from './command.ts';

export interface FirewallOptions {
  /** Begins every name: `kubets` makes the chains KUBETS-MASQ and KUBETS-FORWARD, or the tables kubets. At most 15 characters. */
  prefix: string;
  tool: 'iptables' | 'nftables';
  /** Ranges whose traffic is masqueraded (the node's pods). */
  sourceCidrs: readonly string[];
  /** Destinations that see the true source: the cluster's pods, perhaps the nodes. */
  directCidrs: readonly string[];
  /** Ranges that may be forwarded from and to. */
  forwardCidrs: readonly string[];
}

export type Family = 4 | 6;

export const familyOf = (cidr: string): Family => (cidr.includes(':') ? 6 : 4);
const multicast: Record<Family, string> = { 4: '224.0.0.0/4', 6: 'ff00::/8' };

/** Rules for one family as text for `iptables-restore --noflush`: only our chains, without the jumps to them. */
export function firewallIptables(options: FirewallOptions, family: Family): string {
  const of = (cidrs: readonly string[]): string[] => cidrs.filter((cidr) => familyOf(cidr) === family);
  const { masquerade, forward } = chainNames(options.prefix);
  return [
    '*nat',
    `:${masquerade} - [0:0]`,
    ...[...of(options.directCidrs), multicast[family]].map((cidr) => `-A ${masquerade} -d ${cidr} -j RETURN`),
    ...of(options.sourceCidrs).map((cidr) => `-A ${masquerade} -s ${cidr} -j MASQUERADE --random-fully`),
    'COMMIT',
    '*filter',
    `:${forward} - [0:0]`,
    ...of(options.forwardCidrs).flatMap((cidr) => [`-A ${forward} -s ${cidr} -j ACCEPT`, `-A ${forward} -d ${cidr} -j ACCEPT`]),
    'COMMIT',
    '',
  ].join('\n');
}

/** Rules for one family as text for `nft -f`: the table is made anew in one transaction. */
export function firewallNftables(options: FirewallOptions, family: Family): string {
  const word = family === 4 ? 'ip' : 'ip6';
  const set = (cidrs: readonly string[]): string => `{ ${cidrs.join(', ')} }`;
  const sources = options.sourceCidrs.filter((cidr) => familyOf(cidr) === family);
  const direct = [...options.directCidrs.filter((cidr) => familyOf(cidr) === family), multicast[family]];
  const forwarded = options.forwardCidrs.filter((cidr) => familyOf(cidr) === family);
  return [
    `table ${word} ${options.prefix}`,
    `delete table ${word} ${options.prefix}`,
    `table ${word} ${options.prefix} {`,
    '  chain masquerade {',
    '    type nat hook postrouting priority 110; policy accept;',
    ...(sources.length > 0 ? [`    ${word} saddr ${set(sources)} ${word} daddr != ${set(direct)} masquerade fully-random`] : []),
    '  }',
    '  chain forward {',
    // Before the machine's own filter chains; an accept here does not overrule a drop there, which is said in the README.
    '    type filter hook forward priority -1; policy accept;',
    ...(forwarded.length > 0 ? [`    ${word} saddr ${set(forwarded)} accept`, `    ${word} daddr ${set(forwarded)} accept`] : []),
    '  }',
    '}',
    '',
  ].join('\n');
}

export function chainNames(prefix: string): { masquerade: string; forward: string } {
  const upper = prefix.toUpperCase();
  return { masquerade: `${upper}-MASQ`, forward: `${upper}-FORWARD` };
}

const iptablesOf = (family: Family): string => (family === 4 ? 'iptables' : 'ip6tables');

function jumps(prefix: string): { table: string; rule: string[] }[] {
  const { masquerade, forward } = chainNames(prefix);
  const comment = ['-m', 'comment', '--comment', `${prefix} pods`];
  return [{ table: 'nat', rule: ['POSTROUTING', ...comment, '-j', masquerade] }, { table: 'filter', rule: ['FORWARD', ...comment, '-j', forward] }];
}

/** Writes the rules; running it again with other ranges replaces them. */
export async function applyFirewall(place: Place, options: FirewallOptions): Promise<void> {
  const families = new Set([...options.sourceCidrs, ...options.forwardCidrs].map(familyOf));
  for (const family of families) {
    if (options.tool === 'nftables') {
      await command(place, 'nft', ['-f', '-'], firewallNftables(options, family));
      continue;
    }
    await command(place, `${iptablesOf(family)}-restore`, ['-w', '5', '--noflush'], firewallIptables(options, family));
    for (const { table, rule } of jumps(options.prefix)) {
      const present = await attempt(place, iptablesOf(family), ['-w', '5', '-t', table, '-C', ...rule]);
      if (present.code !== 0) await command(place, iptablesOf(family), ['-w', '5', '-t', table, '-A', ...rule]);
    }
  }
}

/** Removes the rules of both families and both tools; no error where there are none or a tool is missing. */
export async function removeFirewall(place: Place, prefix: string): Promise<void> {
  const { masquerade, forward } = chainNames(prefix);
  for (const family of [4, 6] as const) {
    const tool = iptablesOf(family);
    const steps: [string, string[]][] = [
      ...jumps(prefix).map(({ table, rule }): [string, string[]] => [tool, ['-w', '5', '-t', table, '-D', ...rule]]),
      ...([['nat', masquerade], ['filter', forward]] as const).flatMap(([table, chain]): [string, string[]][] => [[tool, ['-w', '5', '-t', table, '-F', chain]], [tool, ['-w', '5', '-t', table, '-X', chain]]]),
      ['nft', ['delete', 'table', family === 4 ? 'ip' : 'ip6', prefix]],
    ];
    for (const [file, args] of steps) await attempt(place, file, args).catch(() => undefined);
  }
}
