/** Applies the table by `nft -f -`: the whole of it once, from then on only elements and chains that differ. */
import type { Host } from '../../host/types.ts';
import type { ProxyBackend } from '../backend.ts';
import type { Family, ServicePortModel } from '../model.ts';
import type { RuleSettings } from '../rules.ts';
import { familyWord, fullText, nftablesRules, sweepText, tableName, updateText, type NftablesRules } from './rules.ts';

const commandTimeoutMs = 60_000;

/** True where an affinity time changed: a set keeps the time that it was made with, so the table is made anew. */
function affinityChanged(after: NftablesRules, before: NftablesRules): boolean {
  return [...after.affinitySets].some(([name, seconds]) => before.affinitySets.has(name) && before.affinitySets.get(name) !== seconds);
}

export function nftablesBackend(host: Pick<Host, 'exec' | 'log'>, settings: RuleSettings, family: Family): ProxyBackend {
  let applied: NftablesRules | undefined;

  async function nft(text: string): Promise<void> {
    const result = await host.exec.run('nft', ['-f', '-'], { input: text, timeoutMs: commandTimeoutMs });
    if (result.code !== 0) throw new Error(`"nft -f -" failed with status ${result.code}: ${result.stderr.trim().slice(0, 2000)}`);
  }

  async function sync(models: readonly ServicePortModel[]): Promise<void> {
    const wanted = nftablesRules(models, settings, family);
    const before = applied;
    applied = undefined;
    if (before === undefined || affinityChanged(wanted, before)) {
      await nft(fullText(wanted, settings, family));
    } else {
      const update = updateText(wanted, before, family);
      if (update !== '') await nft(update);
      const sweep = sweepText(wanted, before, family);
      if (sweep !== '') await nft(sweep);
    }
    applied = wanted;
  }

  async function intact(): Promise<boolean> {
    if (applied === undefined) return true;
    return (await host.exec.run('nft', ['list', 'chain', familyWord(family), tableName, 'services'], { timeoutMs: commandTimeoutMs })).code === 0;
  }

  async function cleanup(): Promise<void> {
    applied = undefined;
    // Adding first makes deleting succeed where there is none.
    await nft(`add table ${familyWord(family)} ${tableName}\ndelete table ${familyWord(family)} ${tableName}\n`);
  }

  return { sync, intact, cleanup, forget: () => void (applied = undefined) };
}
