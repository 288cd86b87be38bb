/** Applies iptables rules by `iptables-restore --noflush`: only chains that changed are written. */
import type { Host } from '../../host/types.ts';
import type { ProxyBackend } from '../backend.ts';
import type { Family, ServicePortModel } from '../model.ts';
import { answersOnLoopback, type RuleSettings } from '../rules.ts';
import { fixedChains, iptablesRules, jumps, noRules, restoreText, serviceChainPattern, type IptablesRules } from './rules.ts';

const commandTimeoutMs = 60_000;
/** A chain that nothing uses: when it is gone, somebody flushed the rules (a firewall's restart, for one). */
const canary = 'KUBE-PROXY-CANARY';
const routeLocalnet = '/proc/sys/net/ipv4/conf/all/route_localnet';
const tables = ['nat', 'filter'] as const;
const maxCopies = 10;

/** The words of a rule as arguments: double quotes hold comments together. */
const argumentsOf = (rule: string): string[] => [...rule.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);

export function iptablesBackend(host: Pick<Host, 'exec' | 'disk' | 'log'>, settings: RuleSettings, family: Family): ProxyBackend {
  const tool = family === 4 ? 'iptables' : 'ip6tables';
  let applied: IptablesRules | undefined;

  async function run(file: string, args: readonly string[], input?: string): Promise<string> {
    const result = await host.exec.run(file, args, { timeoutMs: commandTimeoutMs, ...(input === undefined ? {} : { input }) });
    if (result.code !== 0) throw new Error(`"${[file, ...args].join(' ')}" failed with status ${result.code}: ${result.stderr.trim()}`);
    return result.stdout;
  }
  const ipt = (table: string, args: readonly string[]) => host.exec.run(tool, ['-w', '5', '-t', table, ...args], { timeoutMs: commandTimeoutMs });

  /** Our chains that a table holds now. */
  async function presentChains(table: 'nat' | 'filter'): Promise<string[]> {
    const saved = await run(`${tool}-save`, ['-t', table]);
    const names = [...saved.matchAll(/^:(\S+) /gm)].map((match) => match[1]!);
    return names.filter((name) => serviceChainPattern.test(name) || fixedChains[table].includes(name) || name === canary);
  }

  async function ensureJumps(): Promise<void> {
    for (const { table, from, rule } of jumps) {
      const words = argumentsOf(rule);
      if ((await ipt(table, ['-C', from, ...words])).code === 0) continue;
      const inserted = await ipt(table, ['-I', from, ...words]);
      if (inserted.code !== 0) throw new Error(`"${tool} -t ${table} -I ${from} ${rule}" failed: ${inserted.stderr.trim()}`);
    }
  }

  async function ensureRouteLocalnet(): Promise<void> {
    if (!answersOnLoopback(settings, family)) return;
    if ((await host.disk.readText(routeLocalnet)).trim() === '1') return;
    // Without it the kernel drops what a local program sends to 127.0.0.1:NODEPORT once the destination became a pod.
    await host.disk.write(routeLocalnet, '1');
  }

  async function sync(models: readonly ServicePortModel[]): Promise<void> {
    const wanted = iptablesRules(models, settings, family);
    for (const table of tables) wanted[table].set(canary, []);
    const before = applied;
    applied = undefined;
    if (before === undefined) {
      await ensureRouteLocalnet();
      const text = restoreText(wanted, noRules(), { nat: await presentChains('nat'), filter: await presentChains('filter') });
      await run(`${tool}-restore`, ['-w', '5', '--noflush'], text);
      await ensureJumps();
    } else {
      const text = restoreText(wanted, before);
      if (text !== '') await run(`${tool}-restore`, ['-w', '5', '--noflush'], text);
    }
    applied = wanted;
  }

  async function intact(): Promise<boolean> {
    if (applied === undefined) return true;
    for (const table of tables) if ((await ipt(table, ['-S', canary])).code !== 0) return false;
    return true;
  }

  async function cleanup(): Promise<void> {
    applied = undefined;
    let found = false;
    for (const { table, from, rule } of jumps) {
      // A rule that was inserted twice is deleted twice.
      for (let i = 0; i < maxCopies && (await ipt(table, ['-D', from, ...argumentsOf(rule)])).code === 0; i++) found = true;
    }
    for (const table of tables) {
      const chains = await presentChains(table);
      if (chains.length === 0) continue;
      found = true;
      const text = [`*${table}`, ...chains.map((chain) => `:${chain} - [0:0]`), ...chains.map((chain) => `-X ${chain}`), 'COMMIT', ''].join('\n');
      await run(`${tool}-restore`, ['-w', '5', '--noflush'], text);
    }
    // Nobody else sets it for all interfaces, and it is safer off.
    if (found && family === 4 && (await host.disk.readText(routeLocalnet)).trim() === '1') await host.disk.write(routeLocalnet, '0');
  }

  return { sync, intact, cleanup, forget: () => void (applied = undefined) };
}
