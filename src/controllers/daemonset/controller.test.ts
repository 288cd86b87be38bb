import { afterEach, describe, expect, test } from 'vitest';
import type { ControllerRevision, DaemonSet } from '../../api/apps/v1/types.ts';
import type { Node, NodeSpec, Pod } from '../../api/core/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { about, fakeCluster } from '../shared/fake-cluster.ts';
import type { FakeCluster } from '../shared/fake-cluster.ts';
import { startDaemonSet } from './controller.ts';
import { updateLimits } from './decide.ts';
import { belongsOn, daemonPod, nodeOfPod } from './placement.ts';

const newHost = () => virtualHost({ seed: 'daemonset', settle: turn });

function daemonSet(extra: Partial<NonNullable<DaemonSet['spec']>> = {}): DaemonSet {
  return {
    apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: about('agent'),
    spec: {
      selector: { matchLabels: { app: 'agent' } }, revisionHistoryLimit: 10,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'main', image: 'agent:1' }] } },
      ...extra,
    },
  };
}

const node = (name: string, labels: Record<string, string> = {}, spec: NodeSpec = {}): Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec });

describe('where a daemon belongs', () => {
  const withSpec = (spec: object): DaemonSet => daemonSet({ template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [], ...spec } } });
  const taint = (key: string, effect: string): NodeSpec => ({ taints: [{ key, effect }] });
  const rows: [string, DaemonSet, Node, boolean, boolean][] = [
    ['a plain node', daemonSet(), node('a'), true, true],
    ['a cordoned node', daemonSet(), node('a', {}, { unschedulable: true }), true, true],
    ['a node that is not ready', daemonSet(), node('a', {}, taint('node.kubernetes.io/not-ready', 'NoExecute')), true, true],
    ['a node under disk pressure', daemonSet(), node('a', {}, taint('node.kubernetes.io/disk-pressure', 'NoSchedule')), true, true],
    ['no network yet, pod network', daemonSet(), node('a', {}, taint('node.kubernetes.io/network-unavailable', 'NoSchedule')), false, true],
    ['no network yet, host network', withSpec({ hostNetwork: true }), node('a', {}, taint('node.kubernetes.io/network-unavailable', 'NoSchedule')), true, true],
    ['NoSchedule taint', daemonSet(), node('a', {}, taint('team', 'NoSchedule')), false, true],
    ['NoExecute taint', daemonSet(), node('a', {}, taint('team', 'NoExecute')), false, false],
    ['PreferNoSchedule taint', daemonSet(), node('a', {}, taint('team', 'PreferNoSchedule')), true, true],
    ['tolerated taint', withSpec({ tolerations: [{ key: 'team', operator: 'Exists' }] }), node('a', {}, taint('team', 'NoExecute')), true, true],
    ['nodeSelector matches', withSpec({ nodeSelector: { disk: 'ssd' } }), node('a', { disk: 'ssd' }), true, true],
    ['nodeSelector does not match', withSpec({ nodeSelector: { disk: 'ssd' } }), node('a'), false, false],
    ['another node by name', withSpec({ nodeName: 'b' }), node('a'), false, false],
  ];
  test.each(rows)('%s', (_name, set, on, shouldRun, mayStay) => {
    expect(belongsOn(set, on)).toEqual({ shouldRun, mayStay });
  });

  test('the pod is pinned by name and keeps preferred affinity', () => {
    const preferred = [{ weight: 1, preference: { matchExpressions: [{ key: 'a', operator: 'Exists' }] } }];
    const pod = daemonPod(withSpec({ affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } } }), 'node-7', 'h');
    expect(nodeOfPod(pod)).toBe('node-7');
    expect(pod.spec!.affinity!.nodeAffinity!.preferredDuringSchedulingIgnoredDuringExecution).toEqual(preferred);
    expect(pod.metadata.labels).toMatchObject({ app: 'agent', 'controller-revision-hash': 'h' });
  });

  test.each([
    ['numbers', 2, 0, 10, { maxUnavailable: 2, maxSurge: 0 }],
    ['shares round up', '15%', 0, 10, { maxUnavailable: 2, maxSurge: 0 }],
    ['surge', 0, '10%', 5, { maxUnavailable: 0, maxSurge: 1 }],
    ['both zero', 0, 0, 5, { maxUnavailable: 1, maxSurge: 0 }],
  ] as const)('limits: %s', (_name, maxUnavailable, maxSurge, desired, limits) => {
    expect(updateLimits(daemonSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable, maxSurge } } }), desired)).toEqual(limits);
  });
});

describe('daemonset controller', () => {
  let cluster: FakeCluster;
  afterEach(() => cluster.stop());

  function start(set: DaemonSet, nodes: readonly Node[]): void {
    cluster = fakeCluster(newHost(), startDaemonSet);
    for (const each of nodes) cluster.context.api.put('nodes', each);
    cluster.context.api.put('daemonsets', set);
  }
  /** Binds waiting pods to their nodes and makes them ready. */
  function run(): void {
    for (const pod of cluster.pods()) {
      if (!pod.spec!.nodeName) cluster.change<Pod>('pods', pod.metadata.name!, (object) => (object.spec!.nodeName = nodeOfPod(object)));
    }
    cluster.makeReady(cluster.pods().filter((pod) => pod.status?.phase !== 'Running' && pod.status?.phase !== 'Failed'));
  }
  const images = (): string[] => cluster.pods().map((pod) => `${nodeOfPod(pod)} ${pod.spec!.containers[0]!.image}`).toSorted();
  const setImage = (image: string): void => cluster.change<DaemonSet>('daemonsets', 'agent', (object) => (object.spec!.template.spec!.containers[0]!.image = image));
  const status = (): DaemonSet['status'] => cluster.get<DaemonSet>('daemonsets', 'agent').status;

  test('one pod a node, following nodes as they come, change and go', async () => {
    start(daemonSet(), [node('a'), node('b')]);
    await cluster.advance();
    expect(images()).toEqual(['a agent:1', 'b agent:1']);
    run();
    cluster.context.api.put('nodes', node('c'));
    await cluster.advance();
    run();
    await cluster.advance();
    expect(status()).toMatchObject({ desiredNumberScheduled: 3, currentNumberScheduled: 3, numberReady: 3, numberAvailable: 3, updatedNumberScheduled: 3, numberUnavailable: 0, numberMisscheduled: 0 });
    const b = cluster.context.api.object<Node>('nodes', 'b')!;
    cluster.context.api.put('nodes', { ...b, spec: { taints: [{ key: 'gone', effect: 'NoExecute' }] } } as Node);
    await cluster.advance();
    expect(images()).toEqual(['a agent:1', 'c agent:1']);
  });

  test('rolling update: one node at a time, only when the last is available again', async () => {
    start(daemonSet(), ['a', 'b', 'c'].map((name) => node(name)));
    await cluster.advance();
    run();
    await cluster.advance();
    setImage('agent:2');
    await cluster.advance(60_000);
    const changed = (): number => images().filter((text) => text.endsWith('agent:2')).length;
    expect(changed()).toBe(1);
    for (let i = 0; i < 3; i++) {
      run();
      await cluster.advance();
    }
    expect(images()).toEqual(['a agent:2', 'b agent:2', 'c agent:2']);
    const revisions = cluster.context.api.objects<ControllerRevision>('controllerrevisions');
    expect(revisions.map((revision) => revision.revision)).toEqual([1, 2]);
    expect(revisions[0]!.data).toMatchObject({ spec: { template: { $patch: 'replace', spec: { containers: [{ image: 'agent:1' }] } } } });
  });

  test('undo renumbers the old revision', async () => {
    start(daemonSet(), [node('a')]);
    for (const image of ['agent:1', 'agent:2', 'agent:1']) {
      if (cluster.context.api.objects('controllerrevisions').length > 0) setImage(image);
      for (let i = 0; i < 3; i++) {
        await cluster.advance();
        run();
      }
    }
    expect(cluster.context.api.objects<ControllerRevision>('controllerrevisions').map((revision) => revision.revision).toSorted()).toEqual([2, 3]);
    expect(images()).toEqual(['a agent:1']);
  });

  test('surge: the new pod is available before the old one goes', async () => {
    start(daemonSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } }), [node('a'), node('b')]);
    await cluster.advance();
    run();
    await cluster.advance();
    setImage('agent:2');
    await cluster.advance();
    expect(images()).toEqual(['a agent:1', 'a agent:2', 'b agent:1']);
    run();
    await cluster.advance();
    expect(images()).toEqual(['a agent:2', 'b agent:1', 'b agent:2']);
    run();
    await cluster.advance();
    expect(images()).toEqual(['a agent:2', 'b agent:2']);
  });

  test('OnDelete: nothing moves until a pod is deleted', async () => {
    start(daemonSet({ updateStrategy: { type: 'OnDelete' } }), [node('a'), node('b')]);
    await cluster.advance();
    run();
    setImage('agent:2');
    await cluster.advance(60_000);
    expect(images()).toEqual(['a agent:1', 'b agent:1']);
    const first = cluster.pods().find((pod) => nodeOfPod(pod) === 'a')!;
    cluster.context.api.remove('pods', `default/${first.metadata.name}`);
    await cluster.advance();
    expect(images()).toEqual(['a agent:2', 'b agent:1']);
    expect(status()).toMatchObject({ updatedNumberScheduled: 1 });
  });

  test('a daemon that keeps failing is replaced more and more slowly', async () => {
    start(daemonSet(), [node('a')]);
    const births: number[] = [];
    let last = '';
    for (let second = 0; second < 40; second++) {
      await cluster.advance(1000);
      const pod = cluster.pods()[0];
      if (!pod || pod.metadata.name === last) continue;
      last = pod.metadata.name!;
      births.push(second);
      cluster.setPod(pod, { phase: 'Failed' });
    }
    const gaps = births.slice(1).map((at, i) => at - births[i]!);
    expect(births.length).toBeGreaterThan(3);
    expect(gaps).toEqual(gaps.toSorted((x, y) => x - y));
    expect(cluster.events('agent').some((text) => text.startsWith('FailedDaemonPod: Found failed daemon pod default/'))).toBe(true);
  });
});
