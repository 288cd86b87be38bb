/** The next step of a DaemonSet, as tables: following nodes, and rolling out in place and with surge. */
import { describe, expect, test } from 'vitest';
import type { DaemonSet } from '../../api/apps/v1/types.ts';
import type { Node, Pod } from '../../api/core/v1/types.ts';
import { daemonSetStatus, decideDaemonSet, decideRollingUpdate, type DaemonSetActions } from './decide.ts';

const now = Date.parse('2030-01-01T01:00:00Z');
const set = (rollingUpdate: object | undefined, more: object = {}): DaemonSet => ({
  metadata: { name: 'd', namespace: 'default', generation: 3 },
  spec: { selector: {}, template: { spec: { containers: [] } }, updateStrategy: rollingUpdate ? { type: 'RollingUpdate', rollingUpdate } : { type: 'OnDelete' }, ...more },
});
const node = (name: string, taint?: string): Node => ({ metadata: { name }, spec: taint === undefined ? {} : { taints: [{ key: 'x', effect: taint }] } });

/** `a old ready`, `b new pending`, `c new ready 10` (ready for so many seconds), `d old failed`, `a old going`. */
function podOf(text: string, i: number): Pod {
  const [on, age, state, seconds = '3000'] = text.split(' ') as [string, string, string, string?];
  const isReady = state === 'ready' || state === 'going';
  return {
    metadata: { name: text, uid: `u${i}`, labels: { 'controller-revision-hash': age }, creationTimestamp: age === 'old' ? '2029-01-01T00:00:00Z' : '2029-06-01T00:00:00Z', ...(state === 'going' ? { deletionTimestamp: 'now' } : {}) },
    spec: { nodeName: on, containers: [] },
    status: { phase: state === 'failed' ? 'Failed' : state === 'done' ? 'Succeeded' : isReady ? 'Running' : 'Pending', conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime: new Date(now - Number(seconds) * 1000).toISOString() }] },
  };
}
const told = ({ createOn, delete: gone, afterMs }: DaemonSetActions): string[] => [...createOn.map((name) => `+${name}`), ...gone.map((pod) => `-${pod.metadata.name}`), ...(afterMs === undefined ? [] : [`in ${afterMs / 1000} s`])];
const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => node(name)) as [Node, Node, Node, Node];
const inPlace = (maxUnavailable: number | string = 1) => set({ maxUnavailable, maxSurge: 0 });
const surging = (maxSurge: number | string = 1, more: object = {}) => set({ maxUnavailable: 0, maxSurge }, more);

describe('pods follow nodes', () => {
  const rows: [string, DaemonSet, Node[], string[], number, string[]][] = [
    ['a node without one', inPlace(), [a, b], ['a new ready'], 0, ['+b']],
    ['two on a node: the older stays', inPlace(), [a], ['a new ready', 'a old ready'], 0, ['-a new ready']],
    ['with surge an old one stays beside a new one that is not available', surging(), [a], ['a old ready', 'a new pending'], 0, []],
    ['and goes when that is', surging(), [a], ['a old ready', 'a new ready'], 0, ['-a old ready']],
    ['and goes when it serves nobody itself', surging(), [a], ['a old pending', 'a new pending'], 0, ['-a old pending']],
    ['a node that drives it out', inPlace(), [node('a', 'NoExecute')], ['a new ready'], 0, ['-a new ready']],
    ['a node that only keeps new ones away', inPlace(), [node('a', 'NoSchedule')], ['a new ready'], 0, []],
    ['a failed one is replaced', inPlace(), [a], ['a new failed'], 0, ['-a new failed']],
    ['but not at once', inPlace(), [a], ['a new failed'], 7_000, ['in 7 s']],
    ['one that ended well is at once', inPlace(), [a], ['a new done'], 7_000, ['-a new done']],
    ['one that is going is waited for', inPlace(), [a], ['a new going'], 0, []],
  ];
  test.each(rows)('%s', (_name, daemonSet, nodes, pods, waitMs, expected) => {
    expect(told(decideDaemonSet({ daemonSet, nodes, pods: pods.map(podOf), hash: 'new' }, { waitMs: () => waitMs }, now))).toEqual(expected);
  });
});

describe('a new template reaches the nodes', () => {
  const all = (state: string) => ['a', 'b', 'c', 'd'].map((name) => `${name} ${state}`);
  const rows: [string, DaemonSet, string[], string[]][] = [
    ['one at a time', inPlace(), all('old ready'), ['-a old ready']],
    ['two at a time', inPlace(2), all('old ready'), ['-a old ready', '-b old ready']],
    ['a share rounds up', inPlace('26%'), all('old ready'), ['-a old ready', '-b old ready']],
    ['a new one that is not available holds the next', inPlace(), ['a new pending', 'b old ready', 'c old ready', 'd old ready'], []],
    ['a node without any counts as missing', inPlace(), ['b old ready', 'c old ready', 'd old ready'], []],
    ['old ones that serve nobody go at no cost', inPlace(), ['a old pending', 'b old pending', 'c old ready', 'd old ready'], ['-a old pending', '-b old pending']],
    ['OnDelete: nothing', set(undefined), all('old ready'), []],
    ['surge: a new one beside the old', surging(), all('old ready'), ['+a']],
    ['surge: two', surging('50%'), all('old ready'), ['+a', '+b']],
    ['surge: the new one is not ready, the old one stays', surging(), ['a old ready', 'a new pending', 'b old ready', 'c old ready', 'd old ready'], []],
    ['surge: the new one is ready, the old one goes and the next node has its turn', surging(), ['a old ready', 'a new ready', 'b old ready', 'c old ready', 'd old ready'], ['+b', '-a old ready']],
    ['surge: ready, but not yet for long enough', surging(1, { minReadySeconds: 30 }), ['a old ready', 'a new ready 10', 'b old ready', 'c old ready', 'd old ready'], []],
    ['surge: ready for long enough', surging(1, { minReadySeconds: 30 }), ['a old ready', 'a new ready 40', 'b old ready', 'c old ready', 'd old ready'], ['+b', '-a old ready']],
    ['surge: an old one that is not ready is replaced beyond the limit', surging(), ['a old ready', 'a new pending', 'b old pending', 'c old ready', 'd old ready'], ['+b']],
  ];
  test.each(rows)('%s', (_name, daemonSet, pods, expected) => {
    expect(told(decideRollingUpdate({ daemonSet, nodes: [a, b, c, d], pods: pods.map(podOf), hash: 'new' }, now)).map((each) => each.replace(/ 10$| 40$/, ''))).toEqual(expected);
  });
});

test('the status counts nodes, not pods', () => {
  const pods = ['a old ready', 'a new ready', 'b new pending', 'x new ready', 'c old ready'].map(podOf);
  const status = daemonSetStatus({ daemonSet: surging(), nodes: [a, b, d, node('c', 'NoSchedule')], pods, hash: 'new' }, now);
  expect(status).toMatchObject({ currentNumberScheduled: 2, desiredNumberScheduled: 3, numberMisscheduled: 1, numberReady: 1, numberAvailable: 1, numberUnavailable: 2, observedGeneration: 3 });
});
