/** The framework's points at work: permits, several profiles, plug-ins from outside, webhooks, metrics. */
import { afterEach, describe, expect, test } from 'vitest';
import { parseConfiguration } from './config/load.ts';
import type { ExtenderSettings } from './extenders/extender.ts';
import type { Plugin, PluginFactory, PluginHandle } from './framework.ts';
import { SchedulerMetrics } from './metrics.ts';
import { setUp } from './scheduler.fixture.ts';

const HEAD = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';
const withMine = parseConfiguration(`${HEAD}profiles:\n- plugins:\n    multiPoint:\n      enabled:\n      - name: Mine\n`);

let cluster: ReturnType<typeof setUp>;
afterEach(() => cluster.stop());

/** A cluster whose one profile has the plug-in beside the default ones. */
function start(plugin: Partial<Plugin>, settings: object = {}): PluginHandle {
  cluster = setUp();
  let given: PluginHandle | undefined;
  const factory: PluginFactory = (_args, handle) => {
    given = handle;
    return { name: 'Mine', ...plugin };
  };
  cluster.start({ configuration: withMine, plugins: new Map([['Mine', factory]]), ...settings });
  return given!;
}

describe('Permit', () => {
  test('a pod waits until it is allowed', async () => {
    const handle = start({ permit: () => ({ waitMs: 60_000 }) });
    cluster.node('n1');
    cluster.pod('p');
    await cluster.advance();
    expect(cluster.bindings).toEqual([]);
    const [waiting] = handle.waitingPods.all();
    expect([waiting!.pod.name, waiting!.nodeName, waiting!.pendingPlugins()]).toEqual(['p', 'n1', ['Mine']]);
    expect(cluster.get('p').status?.nominatedNodeName).toBe('n1');
    waiting!.allow('Mine');
    await cluster.advance();
    expect(cluster.bindings).toEqual(['p n1']);
  });
  test('a pod that waits holds its place', async () => {
    start({ permit: ({ pod }) => (pod.name === 'first' ? { waitMs: 60_000 } : undefined) });
    cluster.node('n1', { cpu: '1' });
    cluster.pod('first', { requests: { cpu: '800m' } });
    await cluster.advance(200);
    cluster.pod('second', { requests: { cpu: '800m' } });
    await cluster.advance();
    expect(cluster.bindings).toEqual([]);
    expect(cluster.get('second').status?.conditions?.[0]?.message).toContain('0/1 nodes are available: 1 Insufficient cpu.');
  });
  test('time runs out', async () => {
    start({ permit: () => ({ waitMs: 3000 }) });
    cluster.node('n1');
    cluster.pod('p');
    await cluster.advance(3100);
    expect(cluster.get('p').status?.conditions?.[0]).toMatchObject({ reason: 'Unschedulable', message: '0/1 nodes are available: 1 rejected due to timeout after waiting 3s at plugin Mine.' });
    expect(cluster.bindings).toEqual([]);
  });
  test('a rejection gives the place to others', async () => {
    const handle = start({ permit: ({ pod }) => (pod.name === 'first' ? { waitMs: 60_000 } : undefined) });
    cluster.node('n1', { cpu: '1' });
    cluster.pod('first', { requests: { cpu: '800m' } });
    await cluster.advance(200);
    cluster.pod('second', { requests: { cpu: '800m' } });
    await cluster.advance();
    [...handle.waitingPods.all()][0]!.reject('Mine', 'not today');
    await cluster.advance(5000);
    expect(cluster.bindings).toEqual(['second n1']);
    expect(cluster.events()).toContain('Warning FailedScheduling first: 0/1 nodes are available: 1 not today.');
  });
  test('a pod that is deleted waits no more', async () => {
    const handle = start({ permit: () => ({ waitMs: 600_000 }) });
    cluster.node('n1');
    cluster.pod('p');
    await cluster.advance();
    cluster.api.remove('pods', 'default/p');
    await cluster.advance();
    expect([...handle.waitingPods.all()]).toEqual([]);
  });
});

describe('Reserve and PreBind', () => {
  test('what is reserved is given back when PreBind refuses', async () => {
    const calls: string[] = [];
    start({
      reserve: (cycle, node) => void calls.push(`reserve ${cycle.pod.name} ${node}`),
      unreserve: (cycle, node) => void calls.push(`unreserve ${cycle.pod.name} ${node}`),
      preBind: async () => ({ code: 'unschedulable', plugin: 'Mine', reasons: ['not bound'] }),
      events: () => [],
    });
    cluster.node('n1');
    cluster.pod('p');
    await cluster.advance();
    expect(calls).toEqual(['reserve p n1', 'unreserve p n1']);
    expect(cluster.get('p').status?.conditions?.[0]?.message).toBe('0/1 nodes are available: 1 not bound.');
  });
});

describe('profiles', () => {
  test('each pod is placed by the profile that it names, and by nobody else', async () => {
    cluster = setUp();
    const configuration = parseConfiguration(`${HEAD}profiles:\n- schedulerName: default-scheduler\n- schedulerName: packer\n  pluginConfig:\n  - name: NodeResourcesFit\n    args: {scoringStrategy: {type: MostAllocated}}\n`);
    cluster.start({ configuration });
    cluster.node('n1');
    cluster.node('n2');
    cluster.pod('there', { requests: { cpu: '1', memory: '8Gi' }, nodeName: 'n1' });
    cluster.pod('spread', { requests: { cpu: '100m', memory: '1Gi' } });
    cluster.pod('packed', { requests: { cpu: '100m', memory: '1Gi' }, schedulerName: 'packer' });
    cluster.pod('foreign', { schedulerName: 'somebody-else' });
    await cluster.advance();
    expect(cluster.bindings.toSorted()).toEqual(['packed n1', 'spread n2']);
  });
});

describe('an extender', () => {
  const settings = (more: Partial<ExtenderSettings> = {}): ExtenderSettings => ({
    urlPrefix: 'http://extender/scheduler', weight: 1, httpTimeoutMs: 1000, nodeCacheCapable: true, managedResources: [], ignorable: false, ...more,
  });
  type Verbs = Record<string, (body: Record<string, unknown>) => unknown>;

  /** Answers the extender's calls; a verb that it lacks is an error 500. */
  function withExtender(extender: Partial<ExtenderSettings>, verbs: Verbs): string[] {
    cluster = setUp();
    const asked: string[] = [];
    cluster.host.net.request = async ({ url, body }) => {
      const verb = url.split('/').at(-1)!;
      asked.push(url);
      const answer = verbs[verb]?.(JSON.parse(String(body)) as Record<string, unknown>);
      return { status: answer === undefined ? 500 : 200, headers: {}, body: (async function* () { yield Buffer.from(JSON.stringify(answer ?? {})); })() };
    };
    cluster.start({ extenders: [settings(extender)] });
    return asked;
  }

  test('filters', async () => {
    const asked = withExtender({ filterVerb: 'filter' }, { filter: ({ NodeNames }) => ({ NodeNames: (NodeNames as string[]).filter((name) => name === 'n2'), FailedNodes: { n1: 'not mine' } }) });
    cluster.node('n1');
    cluster.node('n2');
    cluster.pod('p');
    await cluster.advance();
    expect(cluster.bindings).toEqual(['p n2']);
    expect(asked).toEqual(['http://extender/scheduler/filter']);
  });
  test('its refusals stand in the message', async () => {
    withExtender({ filterVerb: 'filter' }, { filter: () => ({ nodenames: [], failedNodes: { n1: 'not mine' } }) });
    cluster.node('n1');
    cluster.pod('p');
    await cluster.advance();
    expect(cluster.get('p').status?.conditions?.[0]?.message).toContain('0/1 nodes are available: 1 not mine.');
  });
  test('prioritizes', async () => {
    withExtender({ prioritizeVerb: 'prioritize', weight: 5 }, { prioritize: () => [{ Host: 'n3', Score: 10 }, { Host: 'n1', Score: 0 }] });
    for (const name of ['n1', 'n2', 'n3']) cluster.node(name);
    cluster.pod('p');
    await cluster.advance();
    expect(cluster.bindings).toEqual(['p n3']);
  });
  test('binds', async () => {
    let bound: unknown;
    withExtender({ bindVerb: 'bind' }, { bind: (body) => {
      bound = body;
      return {};
    } });
    cluster.node('n1');
    cluster.pod('p');
    await cluster.advance();
    expect(bound).toEqual({ PodName: 'p', PodNamespace: 'default', PodUID: 'pod-default-p', Node: 'n1' });
    expect(cluster.bindings).toEqual([]);
  });
  test('chooses among victims', async () => {
    withExtender({ preemptVerb: 'preempt' }, { preempt: ({ NodeNameToMetaVictims }) => ({ NodeNameToMetaVictims: { n2: (NodeNameToMetaVictims as Record<string, unknown>)['n2'] } }) });
    for (const name of ['n1', 'n2']) {
      cluster.node(name, { cpu: '1' });
      cluster.pod(`low-${name}`, { requests: { cpu: '1' }, nodeName: name, priority: name === 'n1' ? 0 : 5 });
    }
    cluster.pod('high', { requests: { cpu: '1' }, priority: 10 });
    await cluster.advance(500);
    expect(cluster.get('high').status?.nominatedNodeName).toBe('n2');
  });
  test('one that fails stops the pod, unless it may be ignored', async () => {
    withExtender({ filterVerb: 'filter' }, {});
    cluster.node('n1');
    cluster.pod('p');
    await cluster.advance();
    expect(cluster.bindings).toEqual([]);
    expect(cluster.get('p').status?.conditions?.[0]).toMatchObject({ reason: 'SchedulerError', message: 'failed filter with extender at URL http://extender/scheduler/filter, code 500' });
    await cluster.stop();
    withExtender({ filterVerb: 'filter', ignorable: true }, {});
    cluster.node('n1');
    cluster.pod('p');
    await cluster.advance();
    expect(cluster.bindings).toEqual(['p n1']);
  });
  test('is asked only about pods that want what it manages, and then nobody else counts that', async () => {
    const asked = withExtender({ filterVerb: 'filter', managedResources: [{ name: 'example.com/fpga', ignoredByScheduler: true }] }, { filter: ({ NodeNames }) => ({ NodeNames }) });
    cluster.node('n1');
    cluster.pod('plain');
    await cluster.advance();
    expect([cluster.bindings, asked]).toEqual([['plain n1'], []]);
  });
});

test('a pre-filter that evicting pods may help lets preemption try', async () => {
  start({ preFilter: ({ pod, snapshot }) => (pod.name === 'vip' && snapshot.nodes.some((node) => node.pods.length > 0) ? { status: { code: 'unschedulable', plugin: 'Mine', reasons: ['taken'] } } : undefined), filter: (_cycle, node) => (node.pods.length > 0 ? { code: 'unschedulable', plugin: 'Mine', reasons: ['taken'] } : undefined) });
  cluster.node('n1');
  cluster.pod('old', { nodeName: 'n1' });
  await cluster.advance();
  cluster.pod('vip', { priority: 10 });
  await cluster.advance(10_000);
  expect(cluster.events()).toContain('Normal Preempted old: Preempted by pod pod-default-vip on node n1');
  expect(cluster.bindings).toEqual(['vip n1']);
});

test('a filter that fails ends the attempt as an error', async () => {
  start({ filter: () => ({ code: 'error', plugin: 'Mine', reasons: ['out of luck'] }) });
  cluster.node('n1');
  cluster.pod('p');
  await cluster.advance(100);
  expect(cluster.get('p').status?.conditions?.[0]).toMatchObject({ reason: 'SchedulerError', message: 'running Filter plugin "Mine": out of luck' });
});

test('metrics tell of attempts, waiting pods and preemption', async () => {
  cluster = setUp();
  const metrics = new SchedulerMetrics();
  cluster.start({ metrics });
  cluster.node('n1', { cpu: '1' });
  cluster.pod('fits', { requests: { cpu: '500m' } });
  cluster.pod('large', { requests: { cpu: '3' } });
  cluster.pod('gated', { schedulingGates: [{ name: 'example.com/hold' }] });
  await cluster.advance(500);
  const lines = metrics.text().split('\n').filter((line) => !line.startsWith('#'));
  expect(lines).toEqual(expect.arrayContaining([
    'scheduler_schedule_attempts_total{profile="default-scheduler",result="scheduled"} 1',
    'scheduler_schedule_attempts_total{profile="default-scheduler",result="unschedulable"} 1',
    'scheduler_pending_pods{queue="unschedulable"} 1',
    'scheduler_pending_pods{queue="gated"} 1',
    'scheduler_unschedulable_pods{plugin="NodeResourcesFit",profile="default-scheduler"} 1',
    'scheduler_queue_incoming_pods_total{event="PodAdd",queue="active"} 2',
    'scheduler_queue_incoming_pods_total{event="PodAdd",queue="gated"} 1',
    'scheduler_pod_scheduling_attempts_count 1',
    'scheduler_plugin_evaluation_total{extension_point="PreFilter",plugin="NodePorts",profile="default-scheduler"} 2',
    'scheduler_plugin_evaluation_total{extension_point="Filter",plugin="NodeResourcesFit",profile="default-scheduler"} 2',
    'scheduler_framework_extension_point_duration_seconds_count{extension_point="Bind",profile="default-scheduler",status="Success"} 1',
  ]));
});

test('pods that preempt together push out no more than they need', async () => {
  cluster = setUp();
  cluster.node('n1', { cpu: '5' });
  const one = { requests: { cpu: '1' } };
  for (const [name, priority] of [['low', 1], ['lower', 2], ['middle-1', 3], ['middle-2', 3], ['middle-3', 3]] as const) cluster.pod(name, { ...one, priority, nodeName: 'n1' });
  cluster.start();
  await cluster.advance(100);
  cluster.pod('high-1', { ...one, priority: 4 });
  cluster.pod('high-2', { ...one, priority: 4 });
  await cluster.advance(20_000);
  expect(cluster.bindings.toSorted()).toEqual(['high-1 n1', 'high-2 n1']);
  expect(['low', 'lower', 'middle-1', 'middle-2', 'middle-3'].filter((name) => cluster.get(name))).toEqual(['middle-1', 'middle-2', 'middle-3']);
});
