/** What the portmap plug-in leaves behind: its shared chains, and rules of pods that were not torn down in order. */
import { attempt, command, type Place } from './command.ts';

const topChains = ['CNI-HOSTPORT-DNAT', 'CNI-HOSTPORT-SETMARK', 'CNI-HOSTPORT-MASQ', 'CNI-DN-'];

/** Lines for iptables-restore that remove the host ports of one CNI network, and the shared chains once nobody uses them. Pure. */
export function hostPortCleanup(saved: string, networkName: string): string {
  const lines = saved.split('\n');
  const own = lines.filter((line) => line.startsWith('-A CNI-HOSTPORT-DNAT ') && line.includes(`\\"${networkName}\\"`));
  const others = lines.filter((line) => line.startsWith('-A CNI-HOSTPORT-DNAT ') && !own.includes(line));
  const removed = own.map((line) => line.replace('-A ', '-D '));
  const ownChains = own.flatMap((line) => /-j (CNI-DN-\S+)/.exec(line)?.[1] ?? []);
  const chains = new Set(ownChains);
  if (others.length === 0) {
    const declared = lines.flatMap((line) => /^:(CNI-\S+) /.exec(line)?.[1] ?? []);
    for (const chain of declared) if (topChains.some((name) => chain.startsWith(name))) chains.add(chain);
    const jumps = lines.filter((line) => /^-A (PREROUTING|OUTPUT|POSTROUTING) .*-j CNI-HOSTPORT-/.test(line));
    removed.push(...jumps.map((line) => line.replace('-A ', '-D ')));
  }
  if (removed.length === 0 && chains.size === 0) return '';
  // A chain is emptied by naming it, and may go once nothing jumps to it: so all are emptied first.
  return ['*nat', ...[...chains].map((chain) => `:${chain} - [0:0]`), ...removed.filter((line) => !ownChainFlushed(line, chains)), ...[...chains].map((chain) => `-X ${chain}`), 'COMMIT', ''].join('\n');
}

/** True for the removal of a rule from a chain that is emptied anyway. */
function ownChainFlushed(line: string, chains: ReadonlySet<string>): boolean {
  return chains.has(line.split(' ')[1]!);
}

/** Applies `hostPortCleanup` to both families; does nothing where iptables is missing. */
export async function removeHostPorts(place: Place, networkName: string): Promise<void> {
  for (const tool of ['iptables', 'ip6tables']) {
    const saved = await attempt(place, `${tool}-save`, ['-t', 'nat']).catch(() => undefined);
    if (saved === undefined || saved.code !== 0) continue;
    const text = hostPortCleanup(saved.stdout, networkName);
    if (text !== '') await command(place, `${tool}-restore`, ['-w', '5', '--noflush'], text);
  }
}
