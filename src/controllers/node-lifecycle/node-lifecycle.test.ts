import { describe, expect, test } from 'vitest';
import type { Lease } from '../../api/coordination/v1/types.ts';
import type { Node, NodeCondition, Pod, Taint } from '../../api/core/v1/types.ts';
import { formatMicroTime, formatTime } from '../../api/meta/time.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startNodeLifecycle } from './controller.ts';
import { decideHealth, decideLabels, decideNoExecuteTaints, decideNoScheduleTaints, type Sighting } from './decide.ts';
import { evictionRate, ZoneLimiter, zoneStateOf } from './zones.ts';

const condition = (type: string, status: string, lastHeartbeatTime = 'h1'): NodeCondition => ({ type, status, lastHeartbeatTime, lastTransitionTime: 't1' });
const nodeWith = (conditions: NodeCondition[], taints: Taint[] = [], extra: Partial<Node['spec']> = {}): Node => ({ metadata: { name: 'n', uid: 'u', creationTimestamp: 'c' }, spec: { taints, ...extra }, status: { conditions } });
const sighting: Sighting = { aliveAtMs: 0, heartbeat: 'h1', renewTime: 'r1', readySignature: 'True/t1' };
const lease = (renewTime: string): Lease => ({ metadata: { name: 'n' }, spec: { renewTime } });
const all = (status: string) => ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => condition(type, status));

describe('health', () => {
  const rows: [string, NodeCondition[], Lease | undefined, Sighting | undefined, { ready: string; aliveAtMs: number; writes: boolean; lost: boolean }][] = [
    ['first seen: alive now', all('True'), undefined, undefined, { ready: 'True', aliveAtMs: 60_000, writes: false, lost: false }],
    ['silent too long', all('True'), lease('r1'), sighting, { ready: 'Unknown', aliveAtMs: 0, writes: true, lost: true }],
    ['the lease was renewed', all('True'), lease('r2'), sighting, { ready: 'True', aliveAtMs: 60_000, writes: false, lost: false }],
    ['the status was posted', [condition('Ready', 'True', 'h2')], lease('r1'), sighting, { ready: 'True', aliveAtMs: 60_000, writes: false, lost: false }],
    ['silent within the grace', all('True'), lease('r1'), { ...sighting, aliveAtMs: 20_000 }, { ready: 'True', aliveAtMs: 20_000, writes: false, lost: false }],
    ['not ready and alive', all('False'), lease('r2'), sighting, { ready: 'False', aliveAtMs: 60_000, writes: false, lost: false }],
    ['not ready and silent', all('False'), lease('r1'), sighting, { ready: 'Unknown', aliveAtMs: 0, writes: true, lost: false }],
    ['unknown already: nothing to write', all('Unknown'), lease('r1'), sighting, { ready: 'Unknown', aliveAtMs: 0, writes: false, lost: false }],
    ['never posted a status, within the longer grace', [], undefined, { ...sighting, heartbeat: '', renewTime: '' }, { ready: 'Unknown', aliveAtMs: 0, writes: false, lost: false }],
  ];
  test.each(rows)('%s', (_name, conditions, ofLease, before, expected) => {
    const decision = decideHealth({ node: nodeWith(conditions), lease: ofLease, sighting: before, graceMs: 50_000, startupGraceMs: 60_000 }, 60_000, 'now');
    expect({ ready: decision.ready, aliveAtMs: decision.sighting.aliveAtMs, writes: decision.conditions !== undefined, lost: decision.lost }).toEqual(expected);
  });

  test('conditions of a silent node say why', () => {
    const decide = (conditions: NodeCondition[]) => decideHealth({ node: nodeWith(conditions), lease: undefined, sighting: { ...sighting, heartbeat: conditions[0]?.lastHeartbeatTime ?? '', renewTime: '' }, graceMs: 50_000, startupGraceMs: 60_000 }, 61_000, 'now');
    expect(decide([]).conditions?.map(({ type, status, reason, lastHeartbeatTime }) => [type, status, reason, lastHeartbeatTime])).toEqual(
      ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => [type, 'Unknown', 'NodeStatusNeverUpdated', 'c']));
    expect(decide([condition('Ready', 'True'), condition('Other', 'True')]).conditions?.slice(0, 2)).toMatchObject([
      { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.', lastTransitionTime: 'now' }, { type: 'Other', status: 'True' },
    ]);
  });
});

describe('taints', () => {
  const key = (name: string) => `node.kubernetes.io/${name}`;
  const noSchedule: [string, Node, string[] | undefined][] = [
    ['ready', nodeWith([condition('Ready', 'True')]), undefined],
    ['not ready', nodeWith([condition('Ready', 'False')]), ['not-ready']],
    ['unknown', nodeWith([condition('Ready', 'Unknown')]), ['unreachable']],
    ['the taint of the start goes', nodeWith([condition('Ready', 'True')], [{ key: key('not-ready'), effect: 'NoSchedule' }]), []],
    ['pressures', nodeWith([condition('Ready', 'True'), condition('MemoryPressure', 'True'), condition('DiskPressure', 'True'), condition('PIDPressure', 'True'), condition('NetworkUnavailable', 'True')]), ['memory-pressure', 'disk-pressure', 'network-unavailable', 'pid-pressure']],
    ['cordoned', nodeWith([condition('Ready', 'True')], [], { unschedulable: true }), ['unschedulable']],
    ['right already', nodeWith([condition('Ready', 'False')], [{ key: key('not-ready'), effect: 'NoSchedule' }]), undefined],
  ];
  test.each(noSchedule)('against scheduling: %s', (_name, node, expected) => {
    expect(decideNoScheduleTaints(node, 'now')?.map((taint) => taint.key)).toEqual(expected?.map(key));
  });

  test('taints of others and other effects are left alone', () => {
    const others: Taint[] = [{ key: 'mine', effect: 'NoSchedule' }, { key: key('not-ready'), effect: 'NoExecute' }];
    expect(decideNoScheduleTaints(nodeWith([condition('Ready', 'True')], [...others, { key: key('unreachable'), effect: 'NoSchedule' }]), 'now')).toEqual(others);
  });

  const driving: Taint[] = [{ key: key('not-ready'), effect: 'NoExecute' }];
  const noExecute: [string, Taint[], string | undefined, string[] | undefined, boolean][] = [
    ['ready, none', [], undefined, undefined, false],
    ['ready again', driving, undefined, [], false],
    ['not ready', [], key('not-ready'), [key('not-ready')], true],
    ['from not ready to unreachable costs nothing', driving, key('unreachable'), [key('unreachable')], false],
    ['right already', driving, key('not-ready'), undefined, false],
  ];
  test.each(noExecute)('driving out: %s', (_name, taints, wanted, expected, evicts) => {
    const decision = decideNoExecuteTaints(nodeWith([], taints), wanted, 'now');
    expect([decision.taints?.map((taint) => taint.key), decision.evicts]).toEqual([expected, evicts]);
  });

  test('old labels follow the new ones', () => {
    const labelled = (labels: Record<string, string>): Node => ({ metadata: { name: 'n', labels } });
    expect(decideLabels(labelled({ 'kubernetes.io/os': 'linux', 'beta.kubernetes.io/os': 'windows' }))).toEqual({ 'beta.kubernetes.io/os': 'linux' });
    expect(decideLabels(labelled({ 'kubernetes.io/os': 'linux', 'beta.kubernetes.io/os': 'linux' }))).toBeUndefined();
  });
});

describe('zones', () => {
  const rows: [number, number, string][] = [[5, 0, 'Normal'], [0, 3, 'FullDisruption'], [2, 3, 'PartialDisruption'], [1, 2, 'Normal'], [60, 60, 'Normal'], [40, 60, 'PartialDisruption']];
  test.each(rows)('%d ready, %d not: %s', (ready, notReady, expected) => {
    expect(zoneStateOf(ready, notReady)).toBe(expected);
  });
  test('rates', () => {
    expect([evictionRate('Normal', 5, false), evictionRate('PartialDisruption', 51, false), evictionRate('PartialDisruption', 50, false), evictionRate('FullDisruption', 9, false), evictionRate('FullDisruption', 9, true)]).toEqual([0.1, 0.01, 0, 0.1, 0]);
  });
  test('rates and bounds of flags', () => {
    const limits = { perSecond: 2, secondaryPerSecond: 0.5, largeZoneSize: 10 };
    expect([evictionRate('Normal', 5, false, limits), evictionRate('PartialDisruption', 11, false, limits), evictionRate('PartialDisruption', 10, false, limits), evictionRate('FullDisruption', 9, true, limits)]).toEqual([2, 0.5, 0, 0]);
    expect([zoneStateOf(4, 6), zoneStateOf(4, 6, 0.7), zoneStateOf(3, 7, 0.7)]).toEqual(['PartialDisruption', 'Normal', 'PartialDisruption']);
  });
  test('one at once, then one each ten seconds', () => {
    const limiter = new ZoneLimiter(0);
    const taken = Array.from({ length: 31 }, (_, second) => second).filter((second) => limiter.tryTake(second * 1000));
    expect(taken).toEqual([0, 10, 20, 30]);
  });
});

describe('node lifecycle controller', () => {
  function setUp(count: number) {
    const host = virtualHost({ seed: 'lifecycle', settle: turn });
    const context = fakeContext(host);
    const dead = new Set<string>();
    const now = () => formatTime(host.clock.now());
    for (let i = 0; i < count; i++) {
      context.api.put('nodes', { metadata: { name: `n${i}`, labels: { 'topology.kubernetes.io/zone': `z${i % 2}` } }, spec: { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] }, status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: now(), lastTransitionTime: now() }] } } as Node);
      context.api.put('pods', { metadata: { name: `p${i}`, namespace: 'x' }, spec: { containers: [], nodeName: `n${i}` }, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } } as Pod);
    }
    const beat = (): void => {
      for (let i = 0; i < count; i++) {
        if (dead.has(`n${i}`)) continue;
        context.api.put('leases', { metadata: { name: `n${i}`, namespace: 'kube-node-lease' }, spec: { renewTime: formatMicroTime(host.clock.now()) } } as Lease);
        const node = context.api.object<Node>('nodes', `n${i}`)!;
        if (node.status?.conditions?.[0]?.status === 'Unknown') context.api.put('nodes', { ...node, status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: now(), lastTransitionTime: now() }] } } as Node);
      }
      host.clock.setTimer(beat, 10_000);
    };
    beat();
    context.run(startNodeLifecycle);
    const taints = (name: string) => (context.api.object<Node>('nodes', name)?.spec?.taints ?? []).map((taint) => `${taint.key.split('/')[1]}:${taint.effect}`);
    const driven = () => context.api.objects<Node>('nodes').filter((node) => (node.spec?.taints ?? []).some((taint) => taint.effect === 'NoExecute')).map((node) => node.metadata.name);
    const ready = (name: string) => context.api.object<Node>('nodes', name)?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    return { host, context, dead, taints, driven, ready };
  }

  test('a node that falls silent is marked, tainted, and its pods are no longer ready; it comes back', async () => {
    const { host, context, dead, taints, ready } = setUp(4);
    await host.clock.advance(30_000);
    expect(taints('n1')).toEqual([]);
    dead.add('n1');
    await host.clock.advance(70_000);
    expect(ready('n1')).toBe('Unknown');
    expect(taints('n1').sort()).toEqual(['unreachable:NoExecute', 'unreachable:NoSchedule']);
    expect(context.api.object<Pod>('pods', 'x/p1')?.status?.conditions?.[0]?.status).toBe('False');
    expect(context.api.object<Pod>('pods', 'x/p2')?.status?.conditions?.[0]?.status).toBe('True');
    expect(context.eventReasons()).toEqual(expect.arrayContaining(['Normal RegisteredNode n1', 'Normal NodeNotReady n1', 'Warning NodeNotReady p1']));
    dead.delete('n1');
    await host.clock.advance(30_000);
    expect([ready('n1'), taints('n1')]).toEqual(['True', []]);
    await context.stop();
  });

  test('nodes that fail together are driven out one each ten seconds', async () => {
    const { host, context, dead, driven } = setUp(20);
    await host.clock.advance(30_000);
    for (const name of ['n0', 'n2', 'n4', 'n6']) dead.add(name);
    await host.clock.runUntil(() => driven().length === 1, 70_000);
    await host.clock.advance(8_000);
    expect(driven()).toHaveLength(1);
    await host.clock.advance(7_000);
    expect(driven()).toHaveLength(2);
    await host.clock.advance(20_000);
    expect(driven()).toHaveLength(4);
    await context.stop();
  });

  test('a small zone that is partly down drives nobody out', async () => {
    const { host, context, dead, driven } = setUp(10);
    await host.clock.advance(30_000);
    for (const name of ['n0', 'n2', 'n4']) dead.add(name);
    await host.clock.advance(200_000);
    expect(driven()).toEqual([]);
    await context.stop();
  });

  test('when everything is silent nobody is driven out, and afterwards all begin anew', async () => {
    const { host, context, dead, driven, ready } = setUp(6);
    await host.clock.advance(30_000);
    for (let i = 0; i < 6; i++) dead.add(`n${i}`);
    await host.clock.advance(300_000);
    expect(ready('n0')).toBe('Unknown');
    expect(driven()).toEqual([]);
    dead.clear();
    await host.clock.advance(60_000);
    expect(driven()).toEqual([]);
    expect(ready('n0')).toBe('True');
    await context.stop();
  });
});
