import { describe, expect, test } from 'vitest';
import type { PodAffinityTerm, TopologySpreadConstraint } from '../../api/core/v1/types.ts';
import { fakeNode, fakePod, fakeSnapshot, infoOf } from '../fake-cluster.ts';
import type { PodShape } from '../fake-cluster.ts';
import type { ClusterEvent, EventAction } from '../events.ts';
import type { Plugin } from '../framework.ts';
import { interPodAffinity, neighbourMatters } from './inter-pod-affinity.ts';
import { countsFor, podTopologySpread } from './pod-topology-spread.ts';

const ZONE = 'topology.kubernetes.io/zone';
const HOST = 'kubernetes.io/hostname';
const NODES = [['a1', 'a'], ['a2', 'a'], ['b1', 'b'], ['b2', 'b']].map(([name, zone]) => fakeNode(name!, { labels: { [ZONE]: zone! } }));
const NO_ZONE = fakeNode('loner');

/** Pods that are there: node name to shapes. */
type There = Record<string, PodShape[]>;
function set(pod: PodShape, there: There, nodes = NODES) {
  const bound = Object.entries(there).flatMap(([nodeName, shapes]) => shapes.map((shape, i) => fakePod(`${nodeName}-${i}`, { ...shape, nodeName })));
  const built = fakeSnapshot(nodes, bound);
  return { ...built, run: built.cycle(fakePod('p', pod), { namespaceLabels: (name) => ({ name }) }) };
}

function verdicts(plugin: Plugin, pod: PodShape, there: There, nodes = NODES): Record<string, string> {
  const { run, snapshot } = set(pod, there, nodes);
  const pre = plugin.preFilter!(run);
  return Object.fromEntries(snapshot.nodes.map((node) => [node.name, pre?.skip ? 'skip' : (plugin.filter!(run, node)?.reasons[0] ?? 'ok')]).toSorted());
}

function scores(plugin: Plugin, pod: PodShape, there: There, nodes = NODES): Record<string, number> | undefined {
  const { run, snapshot } = set(pod, there, nodes);
  if (plugin.preScore!(run, snapshot.nodes) === false) return undefined;
  const values = Float64Array.from(snapshot.nodes, (node) => plugin.score!(run, node));
  plugin.normalize!(run, values);
  return Object.fromEntries(snapshot.nodes.map((node, i): [string, number] => [node.name, values[i]!]).toSorted());
}

const web = { labels: { app: 'web' } };
const term = (app: string, topologyKey: string, extra: Partial<PodAffinityTerm> = {}): PodAffinityTerm => ({ labelSelector: { matchLabels: { app } }, topologyKey, ...extra });
const near = (...terms: PodAffinityTerm[]): PodShape => ({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } } });
const apart = (...terms: PodAffinityTerm[]): PodShape => ({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } } });
const [noAffinity, noAnti, noExisting] = ["node(s) didn't match pod affinity rules", "node(s) didn't match pod anti-affinity rules", "node(s) didn't satisfy existing pods anti-affinity rules"];
const inZone = (zone: string, inside: string, outside: string): Record<string, string> => Object.fromEntries(NODES.map((node) => [node.metadata.name!, node.metadata.labels![ZONE] === zone ? inside : outside]));

describe('InterPodAffinity filters', () => {
  const rows: [string, PodShape, There, Record<string, string>][] = [
    ['nothing to say', web, { a1: [web] }, inZone('', '', 'skip')],
    ['near a pod of the zone', near(term('web', ZONE)), { a1: [web] }, inZone('a', 'ok', noAffinity)],
    ['near a pod of the node', near(term('web', HOST)), { a1: [web] }, { a1: 'ok', a2: noAffinity, b1: noAffinity, b2: noAffinity }],
    ['nobody to be near', near(term('web', ZONE)), {}, inZone('', '', noAffinity)],
    ['the first of a group may go anywhere', { ...web, ...near(term('web', ZONE)) }, {}, inZone('', '', 'ok')],
    ['other namespace does not count', near(term('web', ZONE)), { a1: [{ ...web, namespace: 'other' }] }, inZone('', '', noAffinity)],
    ['named namespace', near(term('web', ZONE, { namespaces: ['other'] })), { a1: [{ ...web, namespace: 'other' }] }, inZone('a', 'ok', noAffinity)],
    ['namespaces by label', near(term('web', ZONE, { namespaceSelector: { matchLabels: { name: 'other' } } })), { a1: [{ ...web, namespace: 'other' }] }, inZone('a', 'ok', noAffinity)],
    ['all namespaces', near(term('web', ZONE, { namespaceSelector: {} })), { a1: [{ ...web, namespace: 'other' }] }, inZone('a', 'ok', noAffinity)],
    ['two terms must meet in one pod', near(term('web', ZONE), { labelSelector: { matchLabels: { tier: 'x' } }, topologyKey: ZONE }), { a1: [web, { labels: { tier: 'x' } }], b1: [{ labels: { app: 'web', tier: 'x' } }] }, inZone('b', 'ok', noAffinity)],
    ['apart from a pod of the zone', apart(term('web', ZONE)), { a1: [web] }, inZone('a', noAnti, 'ok')],
    ['apart: nobody there', apart(term('web', ZONE)), {}, inZone('', '', 'ok')],
    ['a pod that is there wants to be apart', web, { b1: [apart(term('web', ZONE))] }, inZone('b', noExisting, 'ok')],
    ['matchLabelKeys narrow the term', { labels: { app: 'web', hash: '2' }, ...apart(term('web', ZONE, { matchLabelKeys: ['hash'] })) }, { a1: [{ labels: { app: 'web', hash: '1' } }], b1: [{ labels: { app: 'web', hash: '2' } }] }, inZone('b', noAnti, 'ok')],
  ];
  test.each(rows)('%s', (_name, pod, there, expected) => expect(verdicts(interPodAffinity, pod, there)).toEqual(expected));

  test('preemption: taking the pod away changes the word, on the copy alone', () => {
    const { run, snapshot, node } = set(apart(term('web', HOST)), { a1: [web] });
    interPodAffinity.preFilter!(run);
    const copy = { ...run, state: new Map([[interPodAffinity.name, interPodAffinity.copyState!(run.state.get(interPodAffinity.name))]]) };
    interPodAffinity.removePod!(copy, node('a1').pods[0]!, snapshot.get('a1')!);
    expect(interPodAffinity.filter!(copy, node('a1'))).toBeUndefined();
    expect(interPodAffinity.filter!(run, node('a1'))?.reasons[0]).toBe(noAnti);
    interPodAffinity.addPod!(copy, infoOf(fakePod('x', web)), snapshot.get('b1')!);
    expect(interPodAffinity.filter!(copy, node('b1'))?.reasons[0]).toBe(noAnti);
  });
});

describe('InterPodAffinity scores', () => {
  const prefer = (kind: 'podAffinity' | 'podAntiAffinity', weight: number, podAffinityTerm: PodAffinityTerm): PodShape => ({ affinity: { [kind]: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm }] } } });
  const rows: [string, PodShape, There, Record<string, number> | undefined][] = [
    ['nothing to say', web, { a1: [web] }, undefined],
    ['the more, the better', prefer('podAffinity', 5, term('web', HOST)), { a1: [web, web], a2: [web] }, { a1: 100, a2: 50, b1: 0, b2: 0 }],
    ['away from', prefer('podAntiAffinity', 5, term('web', ZONE)), { a1: [web] }, { a1: 0, a2: 0, b1: 100, b2: 100 }],
    ['pods that are there prefer the newcomer near', web, { b1: [prefer('podAffinity', 3, term('web', HOST))] }, { a1: 0, a2: 0, b1: 100, b2: 0 }],
    ['what pods that are there require counts one', web, { b1: [near(term('web', HOST))], b2: [prefer('podAffinity', 4, term('web', HOST))] }, { a1: 0, a2: 0, b1: 25, b2: 100 }],
  ];
  test.each(rows)('%s', (_name, pod, there, expected) => expect(scores(interPodAffinity, pod, there)).toEqual(expected));
});

const spread = (constraint: Partial<TopologySpreadConstraint> = {}): PodShape => ({
  ...web,
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } }, ...constraint }],
});
const uneven = "node(s) didn't match pod topology spread constraints";

describe('PodTopologySpread filters', () => {
  const rows: [string, PodShape, There, Record<string, string>][] = [
    ['no constraints', web, {}, inZone('', '', 'skip')],
    ['empty cluster', spread(), {}, inZone('', '', 'ok')],
    ['the fuller zone is out', spread(), { a1: [web] }, inZone('a', uneven, 'ok')],
    ['a larger skew is fine', spread({ maxSkew: 2 }), { a1: [web] }, inZone('', '', 'ok')],
    ['over nodes', spread({ topologyKey: HOST }), { a1: [web], b1: [web] }, { a1: uneven, a2: 'ok', b1: uneven, b2: 'ok' }],
    ['other pods do not count', spread(), { a1: [{ labels: { app: 'db' } }, { ...web, namespace: 'other' }] }, inZone('', '', 'ok')],
    ['fewer domains than wanted: the emptiest counts as empty', spread({ minDomains: 3 }), { a1: [web], b1: [web] }, inZone('', '', uneven)],
    ['nodes that the pod cannot use do not count', { ...spread(), nodeSelector: { [ZONE]: 'a' } }, { a1: [web] }, { a1: 'ok', a2: 'ok', b1: 'ok', b2: 'ok' }],
    ['unless the policy says so', { ...spread({ nodeAffinityPolicy: 'Ignore' }), nodeSelector: { [ZONE]: 'a' } }, { a1: [web] }, inZone('a', uneven, 'ok')],
    ['matchLabelKeys', { ...spread({ matchLabelKeys: ['hash'] }), labels: { app: 'web', hash: '2' } }, { a1: [{ labels: { app: 'web', hash: '1' } }] }, inZone('', '', 'ok')],
  ];
  test.each(rows)('%s', (_name, pod, there, expected) => expect(verdicts(podTopologySpread, pod, there)).toEqual(expected));

  test('a node without the label', () => {
    expect(verdicts(podTopologySpread, spread(), {}, [...NODES, NO_ZONE])['loner']).toBe(`${uneven} (missing required label)`);
  });

  test('terminating pods are as good as gone', () => {
    const built = fakeSnapshot(NODES, [{ ...fakePod('old', { ...web, nodeName: 'a1' }), metadata: { name: 'old', namespace: 'default', uid: 'old', labels: web.labels, deletionTimestamp: '2030-01-01T00:00:00Z' } }]);
    const run = built.cycle(fakePod('p', spread()));
    podTopologySpread.preFilter!(run);
    expect(podTopologySpread.filter!(run, built.node('a2'))).toBeUndefined();
  });
});

describe('PodTopologySpread scores', () => {
  const soft = (extra: Partial<TopologySpreadConstraint> = {}): PodShape => spread({ whenUnsatisfiable: 'ScheduleAnyway', ...extra });
  test('the emptier zone', () => {
    expect(scores(podTopologySpread, soft(), { a1: [web, web], b1: [web] })).toEqual({ a1: 33, a2: 33, b1: 100, b2: 100 });
  });
  test('the emptier node', () => {
    const found = scores(podTopologySpread, soft({ topologyKey: HOST }), { a1: [web, web], b1: [web] })!;
    expect(found['a2']).toBe(100);
    expect(found['a1']! < found['b1']! && found['b1']! < found['b2']!).toBe(true);
  });
  test('replicas that say nothing are apart all the same', () => {
    const { cycle, snapshot } = fakeSnapshot(NODES, [fakePod('other', { ...web, nodeName: 'a1' })]);
    const run = cycle(fakePod('p', web), { siblings: () => (labels) => labels['app'] === 'web' });
    expect(podTopologySpread.preScore!(run, snapshot.nodes)).toBe(true);
    const values = Float64Array.from(snapshot.nodes, (node) => podTopologySpread.score!(run, node));
    podTopologySpread.normalize!(run, values);
    const found = Object.fromEntries(snapshot.nodes.map((node, i) => [node.name, values[i]!]));
    expect(found['b1'] === found['b2'] && found['b1']! > found['a2']! && found['a2']! > found['a1']!).toBe(true);
  });
  test('a node without the label comes last; without wishes nothing is said', () => {
    expect(scores(podTopologySpread, soft(), {}, [...NODES, NO_ZONE])).toEqual({ a1: 100, a2: 100, b1: 100, b2: 100, loner: 0 });
    expect(scores(podTopologySpread, spread(), {})).toBeUndefined();
  });
});

describe('which pods wake one that waits', () => {
  const selector = (app: string) => ({ labelSelector: { matchLabels: { app } }, topologyKey: 'kubernetes.io/hostname' });
  const near = (app: string, extra: object = {}) => ({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ ...selector(app), ...extra }] } } });
  const apart = (app: string) => ({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [selector(app)] } } });
  const event = (action: EventAction, shape: PodShape, old?: PodShape): ClusterEvent => ({ resource: 'AssignedPod', actions: [action], pod: infoOf(fakePod('other', shape)), ...(old ? { old: fakePod('other', old) } : {}) });
  const [db, web] = [{ labels: { app: 'db' } }, { labels: { app: 'web' } }];
  const affinityRows: [string, PodShape, ClusterEvent, boolean][] = [
    ['one to join comes', near('db'), event('add', db), true],
    ['another comes', near('db'), event('add', web), false],
    ['one to join comes to another namespace', near('db'), event('add', { ...db, namespace: 'other' }), false],
    ['one to join comes to a namespace that may be meant', near('db', { namespaceSelector: { matchLabels: { team: 'a' } } }), event('add', { ...db, namespace: 'other' }), true],
    ['one to keep away from comes', apart('db'), event('add', db), false],
    ['one to keep away from goes', apart('db'), event('delete', db), true],
    ['another goes', apart('db'), event('delete', web), false],
    ['one that keeps others away goes', db, event('delete', apart('db')), true],
    ['the last to join goes, of a kind that the pod is of', { ...near('db'), ...db }, event('delete', db), true],
    ['one to join goes', near('db'), event('delete', db), false],
    ['one to keep away from changes its labels', apart('db'), event('updateLabels', web, db), true],
  ];
  test.each(affinityRows)('affinity: %s', (_name, pod, happened, expected) => expect(neighbourMatters(infoOf(fakePod('p', pod)), happened)).toBe(expected));

  const spread: PodShape = { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } }] };
  const spreadRows: [string, PodShape, ClusterEvent, boolean][] = [
    ['one that counts comes', spread, event('add', web), true],
    ['one that does not count', spread, event('add', db), false],
    ['one of another namespace', spread, event('add', { ...web, namespace: 'other' }), false],
    ['one that counted before', spread, event('updateLabels', db, web), true],
    ['constraints are the profile’s', {}, event('delete', db), true],
  ];
  test.each(spreadRows)('spreading: %s', (_name, pod, happened, expected) => expect(countsFor(infoOf(fakePod('p', pod)), happened)).toBe(expected));
});
