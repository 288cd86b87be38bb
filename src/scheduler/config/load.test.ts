import { describe, expect, test } from 'vitest';
import { readArgs } from './plugin-args.ts';
import { parseConfiguration } from './load.ts';
import { FieldPath } from '../../api/meta/field.ts';

const HEAD = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';
const profile = (rest: string): string => `profiles:\n- schedulerName: default-scheduler\n${rest}`;
const args = (name: string, text: string): string => profile(`  pluginConfig:\n  - name: ${name}\n    args: ${text}\n`);
const at = 'profiles[0].pluginConfig[0].args';

describe('a configuration', () => {
  test('defaults fill what it leaves out', () => {
    const config = parseConfiguration(`${HEAD}podMaxBackoffSeconds: 20\nleaderElection:\n  leaderElect: false\n`);
    expect(config).toMatchObject({
      parallelism: 16, percentageOfNodesToScore: 0, podInitialBackoffSeconds: 1, podMaxBackoffSeconds: 20,
      profiles: [{ schedulerName: 'default-scheduler' }], leaderElection: { leaderElect: false, leaseDuration: '15s', resourceName: 'kube-scheduler' },
    });
  });
  test('a single profile without a name is the default one', () => {
    expect(parseConfiguration(`${HEAD}profiles:\n- percentageOfNodesToScore: 10\n`).profiles).toEqual([{ schedulerName: 'default-scheduler', percentageOfNodesToScore: 10 }]);
  });

  const refused: [string, string, string][] = [
    ['another kind', 'apiVersion: v1\nkind: Pod\n', 'no kind "Pod" is registered for version "v1": must be KubeSchedulerConfiguration of kubescheduler.config.k8s.io/v1'],
    ['an unknown field', `${HEAD}paralelism: 4\n`, 'strict decoding error: unknown field "paralelism"'],
    ['an unknown field far down', `${HEAD}${profile('  plugins:\n    score:\n      enable: []\n')}`, 'strict decoding error: unknown field "profiles[0].plugins.score.enable"'],
    ['no parallelism', `${HEAD}parallelism: 0\n`, 'parallelism: Invalid value: 0: should be an integer value greater than zero'],
    ['more than all nodes', `${HEAD}percentageOfNodesToScore: 101\n`, 'percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]'],
    ['backoff that shrinks', `${HEAD}podInitialBackoffSeconds: 5\npodMaxBackoffSeconds: 2\n`, 'podMaxBackoffSeconds: Invalid value: 2: must be greater than or equal to PodInitialBackoffSeconds'],
    ['two faults', `${HEAD}podInitialBackoffSeconds: 0\nparallelism: -1\n`, '[parallelism: Invalid value: -1: should be an integer value greater than zero, podInitialBackoffSeconds: Invalid value: 0: must be greater than 0]'],
    ['a profile twice', `${HEAD}profiles:\n- schedulerName: a\n- schedulerName: a\n`, 'profiles[1].schedulerName: Duplicate value: "a"'],
    ['queues sorted differently', `${HEAD}profiles:\n- schedulerName: a\n- schedulerName: b\n  plugins:\n    queueSort:\n      enabled:\n      - name: Mine\n`, 'profiles[1].plugins.queueSort: Invalid value: {"enabled":[{"name":"Mine"}]}: queueSort must be the same for all profiles'],
    ['arguments twice', `${HEAD}${profile('  pluginConfig:\n  - name: Mine\n  - name: Mine\n')}`, 'profiles[0].pluginConfig[1]: Duplicate value: "Mine"'],
    ['an extender without weight', `${HEAD}extenders:\n- urlPrefix: http://x\n  prioritizeVerb: p\n`, 'extenders[0].weight: Invalid value: 0: must have a positive weight applied to it'],
    ['two binders', `${HEAD}extenders:\n- urlPrefix: http://x\n  bindVerb: b\n- urlPrefix: http://y\n  bindVerb: b\n`, 'extenders: Invalid value: "found 2 extenders implementing bind": only one extender can implement bind'],
    ['hard affinity out of range', `${HEAD}${args('InterPodAffinity', '{hardPodAffinityWeight: 101}')}`, `${at}.hardPodAffinityWeight: Invalid value: 101: not in valid range [0-100]`],
    ['an unknown argument', `${HEAD}${args('NodeAffinity', '{added: 1}')}`, `${at}: Invalid value: "added": unknown field "added"`],
    ['an argument of another type', `${HEAD}${args('VolumeBinding', '{bindTimeoutSeconds: soon}')}`, `${at}.bindTimeoutSeconds: Invalid value: "soon": must be of type number`],
    ['system defaults with own constraints', `${HEAD}${args('PodTopologySpread', '{defaultConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway}]}')}`, `${at}.defaultingType: Invalid value: "System": when .defaultConstraints are not empty`],
    ['a constraint with a selector', `${HEAD}${args('PodTopologySpread', '{defaultingType: List, defaultConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {}}]}')}`, `${at}.defaultConstraints[0].labelSelector: Forbidden: constraint must not define a selector, as they deduced for each pod`],
    ['a shape that falls back', `${HEAD}${args('NodeResourcesFit', '{scoringStrategy: {type: RequestedToCapacityRatio, requestedToCapacityRatio: {shape: [{utilization: 50, score: 1}, {utilization: 20, score: 2}]}}}')}`, `${at}.scoringStrategy.requestedToCapacityRatio.shape[1].utilization: Invalid value: 20: utilization values must be sorted in increasing order`],
    ['a ratio without a shape', `${HEAD}${args('NodeResourcesFit', '{scoringStrategy: {type: RequestedToCapacityRatio}}')}`, `${at}.scoringStrategy.requestedToCapacityRatio.shape: Required value: at least one point must be specified`],
    ['an unknown strategy', `${HEAD}${args('NodeResourcesFit', '{scoringStrategy: {type: Best}}')}`, `${at}.scoringStrategy.type: Unsupported value: "Best": supported values: "LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"`],
  ];
  test.each(refused)('is refused: %s', (_name, text, message) => expect(() => parseConfiguration(text)).toThrow(expect.objectContaining({ name: 'ConfigurationError', message })));

  test('no candidates for preemption at all', () => {
    const { errors } = readArgs('DefaultPreemption', { minCandidateNodesPercentage: 0, minCandidateNodesAbsolute: 0 }, new FieldPath('args'));
    expect(errors.map(({ field, detail }) => `${field}: ${detail}`)).toEqual([
      'args.minCandidateNodesPercentage: Invalid value: 0: cannot be zero at the same time as minCandidateNodesAbsolute',
      'args.minCandidateNodesAbsolute: Invalid value: 0: cannot be zero at the same time as minCandidateNodesPercentage',
    ]);
  });
});
