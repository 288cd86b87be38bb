/** Kernel settings that a node needs, and putting back what was there before. */
import { attempt, type Place } from './command.ts';

/** A setting by its path below /proc/sys, as `net/ipv4/ip_forward`. */
export interface Sysctl {
  path: string;
  value: string;
  /** Why, for the error that an essential setting throws. An absent setting (a module that is not loaded) is left alone unless essential. */
  essential?: string;
}

/** Settings of a node. Bridge netfilter makes service traffic between two pods of one bridge pass the NAT rules on its way back. */
export function nodeSysctls(families: readonly (4 | 6)[]): Sysctl[] {
  const v6: Sysctl[] = families.includes(6) ? [{ path: 'net/ipv6/conf/all/forwarding', value: '1', essential: 'pods of other nodes cannot be reached without it' }, { path: 'net/bridge/bridge-nf-call-ip6tables', value: '1' }] : [];
  return [
    { path: 'net/ipv4/ip_forward', value: '1', essential: 'pods cannot be reached without it' },
    { path: 'net/bridge/bridge-nf-call-iptables', value: '1' },
    ...v6,
  ];
}

/** Reads a setting in the place's network namespace; undefined where the kernel has none. */
export async function readSysctl(place: Place, path: string): Promise<string | undefined> {
  const result = await attempt(place, 'cat', [`/proc/sys/${path}`]);
  return result.code === 0 ? result.stdout.trim() : undefined;
}

async function writeSysctl(place: Place, path: string, value: string): Promise<boolean> {
  return (await attempt(place, 'tee', [`/proc/sys/${path}`], value)).code === 0;
}

/** Sets what differs. Returns the previous values of what was changed. */
export async function applySysctls(place: Place, wanted: readonly Sysctl[]): Promise<Record<string, string>> {
  const previous: Record<string, string> = {};
  for (const { path, value, essential } of wanted) {
    const found = await readSysctl(place, path);
    if (found === value) continue;
    const done = found !== undefined && (await writeSysctl(place, path, value));
    if (done) previous[path] = found;
    else if (essential !== undefined) throw new Error(`The kernel setting "${path.replaceAll('/', '.')}" cannot be set to ${value}: ${essential}`);
  }
  return previous;
}

/** Puts earlier values back; a setting that is gone is left alone. */
export async function restoreSysctls(place: Place, previous: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, value] of Object.entries(previous)) await writeSysctl(place, path, value);
}
