import { describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import type { Plugin, PluginFactory, PluginHandle } from '../framework.ts';
import { buildProfile } from './profiles.ts';
import type { Plugins } from './types.ts';

const handle = {} as PluginHandle;
const own = (name: string, plugin: Partial<Plugin>): [string, PluginFactory] => [name, () => ({ name, ...plugin })];
const factories = new Map([own('Mine', { filter: () => undefined, score: () => 0 }), own('Other', { score: () => 1 })]);
const build = (plugins: Plugins) => buildProfile({ schedulerName: 'p', plugins }, { handle, factories });
const scores = (plugins: Plugins): string[] => build(plugins).score.map(({ plugin, weight }) => `${plugin.name} ${weight}`);

const DEFAULT_SCORES = ['TaintToleration 3', 'NodeAffinity 2', 'NodeResourcesFit 1', 'PodTopologySpread 2', 'InterPodAffinity 2', 'DynamicResources 2', 'NodeResourcesBalancedAllocation 1', 'ImageLocality 1'];
const facts = '../shared/k8s-api/scheduler.json';
const known = (() => {
  try {
    return JSON.parse(readFileSync(facts, 'utf8')) as { extensionPoints: { Score: [string, number][]; Filter: string[] } };
  } catch {
    return undefined;
  }
})();

describe('plug-ins of a profile', () => {
  const rows: [string, Plugins, string[]][] = [
    ['nothing said', {}, DEFAULT_SCORES],
    ['one more everywhere comes last', { multiPoint: { enabled: [{ name: 'Mine', weight: 7 }] } }, [...DEFAULT_SCORES, 'Mine 7']],
    ['a default with another weight keeps its place', { multiPoint: { enabled: [{ name: 'NodeAffinity', weight: 9 }] } }, DEFAULT_SCORES.with(1, 'NodeAffinity 9')],
    ['one less', { multiPoint: { disabled: [{ name: 'ImageLocality' }] } }, DEFAULT_SCORES.slice(0, -1)],
    ['one less at a point', { score: { disabled: [{ name: 'ImageLocality' }] } }, DEFAULT_SCORES.slice(0, -1)],
    ['another order at a point', { score: { enabled: [{ name: 'ImageLocality', weight: 4 }] } }, ['ImageLocality 4', ...DEFAULT_SCORES.slice(0, -1)]],
    ['only those named at a point', { score: { disabled: [{ name: '*' }], enabled: [{ name: 'Other', weight: 2 }] } }, ['Other 2']],
    ['a new one at a point comes after', { score: { enabled: [{ name: 'Other' }] } }, [...DEFAULT_SCORES, 'Other 1']],
    ['taken away and put last', { multiPoint: { disabled: [{ name: 'TaintToleration' }], enabled: [{ name: 'TaintToleration', weight: 1 }] } }, [...DEFAULT_SCORES.slice(1), 'TaintToleration 1']],
  ];
  test.each(rows)('%s', (_name, plugins, expected) => expect(scores(plugins)).toEqual(expected));

  test('a point of its own leaves the others as they are', () => {
    const profile = build({ score: { disabled: [{ name: '*' }], enabled: [{ name: 'Mine' }] } });
    expect(profile.filter.map((plugin) => plugin.name)).not.toContain('Mine');
    expect(profile.filter.map((plugin) => plugin.name)).toContain('NodeResourcesFit');
  });

  const refused: [string, Plugins, string][] = [
    ['one that does not exist', { multiPoint: { enabled: [{ name: 'Nobody' }] } }, 'profile "p": plugin "Nobody" does not exist'],
    ['one that does not serve the point', { filter: { enabled: [{ name: 'Other' }] } }, 'plugin "Other" does not extend Filter plugin'],
    ['no sorter', { queueSort: { disabled: [{ name: '*' }] } }, 'profile "p" has no plug-in that sorts the queue'],
    ['no binder', { bind: { disabled: [{ name: 'DefaultBinder' }] } }, 'profile "p" has no plug-in that binds'],
  ];
  test.each(refused)('refused: %s', (_name, plugins, message) => expect(() => build(plugins)).toThrow(message));

  test.skipIf(!known)('default scores and weights are upstream’s', () => {
    const byDefault = new Map(known!.extensionPoints.Score);
    for (const line of scores({})) {
      const [name, weight] = line.split(' ');
      expect(byDefault.get(name!), name).toBe(Number(weight));
    }
  });
});

describe('arguments reach the plug-in', () => {
  test('factories get them, with what extenders look after', () => {
    let seen: unknown;
    const plugins = new Map<string, PluginFactory>([['Mine', (args) => {
      seen = args;
      return { name: 'Mine', score: () => 0 };
    }]]);
    buildProfile({ schedulerName: 'p', plugins: { multiPoint: { enabled: [{ name: 'Mine' }] } }, pluginConfig: [{ name: 'Mine', args: { list: ['a'], n: 1 } }] }, { handle, factories: plugins, extraArgs: { Mine: { list: ['b'] } } });
    expect(seen).toEqual({ list: ['a', 'b'], n: 1 });
  });
});
