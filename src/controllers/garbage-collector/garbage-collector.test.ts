import { describe, expect, test } from 'vitest';
import type { KubeObject, OwnerReference } from '../../api/meta/v1/types.ts';
import { ConfigMaps, Nodes, Pods, ReplicaSets, RESOURCES, Secrets } from '../../api/resources.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startGarbageCollector } from './controller.ts';
import { decideItem, type OwnerState } from './decide.ts';
import { OwnerGraph, type GraphNode } from './graph.ts';
import { Monitors } from './monitors.ts';

const reference = (uid: string, extra: Partial<OwnerReference> = {}): OwnerReference => ({ apiVersion: 'v1', kind: 'ConfigMap', name: uid, uid, ...extra });

describe('what to do about an object', () => {
  const graphNode = (extra: Partial<GraphNode> = {}): GraphNode => ({
    identity: { uid: 'me', apiVersion: 'v1', kind: 'ConfigMap', namespace: 'x', name: 'me' }, owners: [], dependents: new Set(), virtual: false,
    beingDeleted: false, deletingDependents: false, orphaning: false, resourceVersion: '1', finalizers: [], ...extra,
  });
  const dependent = (block: boolean, deletingDependents = false): GraphNode => graphNode({ identity: { ...graphNode().identity, uid: `d${block}${deletingDependents}` }, owners: [reference('me', { blockOwnerDeletion: block })], deletingDependents });
  const foreground = { beingDeleted: true, deletingDependents: true };
  const rows: [string, Partial<GraphNode>, OwnerState[], GraphNode[], unknown][] = [
    ['no owners', {}, [], [], { do: 'nothing' }],
    ['an owner that stays', {}, ['solid'], [], { do: 'nothing' }],
    ['all owners gone', {}, ['absent', 'absent'], [], { do: 'delete', propagationPolicy: 'Background', unblock: false }],
    ['all owners gone, finalizer orphan', { finalizers: ['orphan'] }, ['absent'], [], { do: 'delete', propagationPolicy: 'Orphan', unblock: false }],
    ['all owners gone, finalizer foreground', { finalizers: ['foregroundDeletion'] }, ['absent'], [], { do: 'delete', propagationPolicy: 'Foreground', unblock: false }],
    ['one owner gone, one stays', {}, ['absent', 'solid'], [], { do: 'drop-references', uids: ['o0'] }],
    ['one owner waits, one stays', {}, ['waiting', 'solid'], [], { do: 'drop-references', uids: ['o0'] }],
    ['the owner waits, no dependents', {}, ['waiting'], [], { do: 'delete', propagationPolicy: 'Background', unblock: false }],
    ['the owner waits, dependents', {}, ['waiting'], [dependent(true)], { do: 'delete', propagationPolicy: 'Foreground', unblock: false }],
    ['the owner waits, dependents wait: a circle', {}, ['waiting'], [dependent(true, true)], { do: 'delete', propagationPolicy: 'Foreground', unblock: true }],
    ['being deleted', { beingDeleted: true }, ['absent'], [], { do: 'nothing' }],
    ['foreground, nothing holds it', foreground, [], [dependent(false)], { do: 'finish-foreground' }],
    ['foreground, held', foreground, [], [dependent(true), dependent(false)], { do: 'look-at', uids: ['dtruefalse'] }],
    ['foreground, held by what is on its way', foreground, [], [dependent(true, true)], { do: 'nothing' }],
  ];
  test.each(rows)('%s', (_name, extra, states, dependents, expected) => {
    const owners = states.map((state, i) => ({ reference: reference(`o${i}`), state }));
    expect(decideItem({ node: graphNode(extra), owners, dependents })).toEqual(expected);
  });
});

describe('owner graph', () => {
  test('an owner that nobody has seen is virtual, and goes with its last dependent', () => {
    const graph = new OwnerGraph();
    const effects = graph.put({ uid: 'a', apiVersion: 'v1', kind: 'Pod', namespace: 'x', name: 'a' }, { ownerReferences: [reference('owner')] });
    expect([...effects.look]).toEqual(['a']);
    expect(graph.get('owner')?.virtual).toBe(true);
    graph.put({ uid: 'a', apiVersion: 'v1', kind: 'Pod', namespace: 'x', name: 'a' }, {});
    expect(graph.size).toBe(1);
  });

  test('a dependent that goes gives its waiting owner a look', () => {
    const graph = new OwnerGraph();
    const owner = { uid: 'owner', apiVersion: 'v1', kind: 'ConfigMap', namespace: 'x', name: 'owner' };
    graph.put(owner, { deletionTimestamp: 'now', finalizers: ['foregroundDeletion'] });
    graph.put({ uid: 'a', apiVersion: 'v1', kind: 'Pod', namespace: 'x', name: 'a' }, { ownerReferences: [reference('owner', { blockOwnerDeletion: true })] });
    expect([...graph.remove('a').look]).toEqual(['owner']);
  });
});

function setUp() {
  const host = virtualHost({ seed: 'gc', settle: turn });
  const context = fakeContext(host);
  context.api.served = [ConfigMaps, Pods, ReplicaSets, Secrets, Nodes];
  const put = (plural: string, name: string, owners: OwnerReference[] = [], extra: object = {}): KubeObject =>
    context.api.put(plural, { metadata: { name, namespace: plural === 'nodes' ? undefined : 'x', ownerReferences: owners, ...extra } } as KubeObject);
  const own = (owner: KubeObject, kind = 'ConfigMap', extra: Partial<OwnerReference> = {}): OwnerReference => ({ apiVersion: kind === 'ReplicaSet' ? 'apps/v1' : 'v1', kind, name: owner.metadata.name!, uid: owner.metadata.uid!, ...extra });
  const names = () => RESOURCES.flatMap((resource) => context.api.objects(resource.plural)).map((object) => object.metadata.name!).filter((name, i, all) => all.indexOf(name) === i && !name.includes('.')).sort();
  const remove = (resource: 'configmaps' | 'replicasets', name: string, propagationPolicy: 'Background' | 'Foreground' | 'Orphan') =>
    context.client.of((resource === 'configmaps' ? ConfigMaps : ReplicaSets) as typeof ConfigMaps).inNamespace('x').delete(name, { propagationPolicy });
  return { host, context, put, own, names, remove };
}

describe('garbage collector', () => {
  test('many kinds are begun in turns: others are served between them', async () => {
    const { host, context } = setUp();
    const served = (context.api.served = RESOURCES.slice(0, 45));
    const begun: number[] = [0];
    const monitors: Monitors = new Monitors({ ...host, turn: () => Promise.resolve(void begun.push(served.filter((resource) => monitors.isWatched(resource)).length)) }, context.client, () => undefined);
    const started = monitors.start();
    await host.clock.advance(1_000);
    await started;
    expect(begun.at(-1)).toBeGreaterThanOrEqual(30);
    expect(Math.max(...begun.slice(1).map((count, i) => count - begun[i]!))).toBe(5);
    await monitors.stop();
  });

  test('background: what loses its last owner goes, level by level; the rest stays', async () => {
    const { host, context, put, own, names, remove } = setUp();
    const top = put('configmaps', 'top');
    const other = put('configmaps', 'other');
    const middle = put('replicasets', 'middle', [own(top)]);
    put('pods', 'leaf', [own(middle, 'ReplicaSet')]);
    put('pods', 'shared', [own(middle, 'ReplicaSet'), own(other)]);
    put('pods', 'free');
    context.run(startGarbageCollector);
    await host.clock.advance(1_000);
    expect(names()).toEqual(['free', 'leaf', 'middle', 'other', 'shared', 'top']);
    await remove('configmaps', 'top', 'Background');
    await host.clock.advance(1_000);
    expect(names()).toEqual(['free', 'other', 'shared']);
    expect(context.api.object('pods', 'x/shared')?.metadata.ownerReferences).toEqual([own(other)]);
    await context.stop();
  });

  test('foreground: the owner goes last', async () => {
    const { host, context, put, own, names, remove } = setUp();
    const top = put('replicasets', 'top');
    put('pods', 'held', [own(top, 'ReplicaSet', { blockOwnerDeletion: true })], { finalizers: ['example.com/slow'] });
    put('pods', 'loose', [own(top, 'ReplicaSet')]);
    context.run(startGarbageCollector);
    await host.clock.advance(1_000);
    await remove('replicasets', 'top', 'Foreground');
    await host.clock.advance(1_000);
    expect(names()).toEqual(['held', 'top']);
    expect(context.api.object('pods', 'x/held')?.metadata.deletionTimestamp).toBeDefined();
    const held = context.api.object('pods', 'x/held')!;
    await context.client.of(Pods).inNamespace('x').update({ ...held, metadata: { ...held.metadata, finalizers: [] } } as never);
    await host.clock.advance(1_000);
    expect(names()).toEqual([]);
    await context.stop();
  });

  test('foreground through several levels, and in a circle', async () => {
    const { host, context, put, own, names, remove } = setUp();
    const top = put('configmaps', 'top');
    const middle = put('replicasets', 'middle', [own(top, 'ConfigMap', { blockOwnerDeletion: true })]);
    put('pods', 'leaf', [own(middle, 'ReplicaSet', { blockOwnerDeletion: true })]);
    const a = put('configmaps', 'a');
    const b = put('configmaps', 'b', [own(a, 'ConfigMap', { blockOwnerDeletion: true })]);
    context.api.put('configmaps', { ...a, metadata: { ...a.metadata, ownerReferences: [own(b, 'ConfigMap', { blockOwnerDeletion: true })] } });
    context.run(startGarbageCollector);
    await host.clock.advance(1_000);
    await remove('configmaps', 'top', 'Foreground');
    await remove('configmaps', 'a', 'Foreground');
    await host.clock.advance(60_000);
    expect(names()).toEqual([]);
    await context.stop();
  });

  test('orphan: dependents lose the reference and stay', async () => {
    const { host, context, put, own, names, remove } = setUp();
    const top = put('replicasets', 'top');
    for (let i = 0; i < 5; i++) put('pods', `p${i}`, [own(top, 'ReplicaSet', { blockOwnerDeletion: true })]);
    context.run(startGarbageCollector);
    await host.clock.advance(1_000);
    await remove('replicasets', 'top', 'Orphan');
    await host.clock.advance(5_000);
    expect(names()).toEqual(['p0', 'p1', 'p2', 'p3', 'p4']);
    expect(context.api.objects('pods').every((pod) => pod.metadata.ownerReferences === undefined)).toBe(true);
    await context.stop();
  });

  test('an owner that never was: the dependent goes; one that has another uid now counts as gone', async () => {
    const { host, context, put, own, names } = setUp();
    const owner = put('configmaps', 'owner');
    put('pods', 'a', [reference('nobody')]);
    put('pods', 'b', [{ ...own(owner), uid: 'earlier' }]);
    put('pods', 'c', [own(owner)]);
    context.run(startGarbageCollector);
    await host.clock.advance(5_000);
    expect(names()).toEqual(['c', 'owner']);
    await context.stop();
  });

  test('an owner in another namespace does not count, and an event says so; a cluster-scoped one does', async () => {
    const { host, context, put, own, names } = setUp();
    const foreign = context.api.put('configmaps', { metadata: { name: 'foreign', namespace: 'y' } });
    const machine = put('nodes', 'machine');
    context.run(startGarbageCollector);
    await host.clock.advance(1_000);
    put('pods', 'lost', [own(foreign)]);
    put('pods', 'kept', [own(machine, 'Node')]);
    await host.clock.advance(5_000);
    expect(names()).toEqual(['foreign', 'kept', 'machine']);
    expect(context.eventReasons()).toEqual(['Warning OwnerRefInvalidNamespace lost']);
    await context.stop();
  });

  test('a cluster-scoped object with a namespaced owner is never deleted', async () => {
    const { host, context, put, names } = setUp();
    put('nodes', 'machine', [reference('nobody')]);
    context.run(startGarbageCollector);
    await host.clock.advance(60_000);
    expect(names()).toEqual(['machine']);
    await context.stop();
  });

  test('a kind that the server does not serve keeps its dependents', async () => {
    const { host, context, put, names } = setUp();
    put('pods', 'kept', [reference('x', { apiVersion: 'example.com/v1', kind: 'Unknown' })]);
    context.run(startGarbageCollector);
    await host.clock.advance(60_000);
    expect(names()).toEqual(['kept']);
    await context.stop();
  });

  test('a resource that appears later is followed', async () => {
    const { host, context, put, own, names } = setUp();
    context.api.served = [ConfigMaps];
    context.run(startGarbageCollector);
    const owner = put('configmaps', 'owner');
    put('secrets', 'late', [own(owner)]);
    await host.clock.advance(1_000);
    context.api.served = [ConfigMaps, Secrets];
    await host.clock.advance(31_000);
    context.api.remove('configmaps', 'x/owner');
    await host.clock.advance(1_000);
    expect(names()).toEqual([]);
    await context.stop();
  });

  test('10,000 dependents go without a question asked of the server for each', async () => {
    const { host, context, put, own } = setUp();
    const top = put('replicasets', 'top');
    for (let i = 0; i < 10_000; i++) put('pods', `p${i}`, [own(top, 'ReplicaSet')]);
    context.run(startGarbageCollector);
    await host.clock.advance(1_000);
    const before = context.api.requests.length;
    context.api.remove('replicasets', 'x/top');
    await host.clock.advance(10_000);
    expect(context.api.objects('pods')).toHaveLength(0);
    expect(context.api.requests.length - before).toBeLessThan(10_100);
    await context.stop();
  });
});
