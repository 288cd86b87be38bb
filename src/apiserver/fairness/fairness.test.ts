import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { FlowSchema } from '../../api/flowcontrol/v1/types.ts';
import { FlowSchemas, PriorityLevelConfigurations } from '../../api/resources.ts';
import { createClient } from '../../client/index.ts';
import { nodeHost } from '../../host/node/index.ts';
import { ManualClock } from '../../store/manual-clock.ts';
import { memoryBackend } from '../../store/memory.ts';
import { bootstrapFlowSchemas, bootstrapPriorityLevels } from '../bootstrap/flow-control.ts';
import { priorityAndFairness } from '../chain/priority-and-fairness.ts';
import { requestInfoOf } from '../chain/request-info.ts';
import { createApiServer, loopbackUser, type ApiServer } from '../server.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import { currentLimits, nominalLimits, shareOut } from './allocation.ts';
import { Integrator, SmoothedDemand } from './demand.ts';
import { fairnessPages } from './dump.ts';
import { createConfiguration, danglingCondition } from './index.ts';
import { deal, flowHash } from './shuffle-sharding.ts';
import { seatsLimit, WatchTracker, workOf } from './work.ts';

const infoOf = (method: string, target: string) => {
  const url = new URL(target, 'http://t');
  return requestInfoOf(method, url.pathname, url.searchParams);
};

describe('classification', () => {
  const configuration = createConfiguration({ clock: new ManualClock() }, 600);
  configuration.apply(bootstrapFlowSchemas(), bootstrapPriorityLevels());
  const account = (namespace: string, name: string): [string, string[]] => [`system:serviceaccount:${namespace}:${name}`, ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']];
  test.each<[string, [string, string[]], string, string, string, string]>([
    ['masters', ['admin', ['system:masters', 'system:authenticated']], 'GET', '/api/v1/pods', 'exempt', 'exempt'],
    ['probes', ['system:anonymous', ['system:unauthenticated']], 'GET', '/readyz', 'probes', 'exempt'],
    ['a page below a probe\'s', ['system:anonymous', ['system:unauthenticated']], 'GET', '/readyz/ping', 'global-default', 'global-default'],
    ['a lease of the scheduler', ['system:kube-scheduler', ['system:authenticated']], 'PUT', '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler', 'system-leader-election', 'leader-election'],
    ['a lease\'s deletion by it', ['system:kube-scheduler', ['system:authenticated']], 'DELETE', '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler', 'kube-scheduler', 'workload-high'],
    ['a node\'s status', ['system:node:a', ['system:nodes', 'system:authenticated']], 'PATCH', '/api/v1/nodes/a/status', 'system-node-high', 'node-high'],
    ['a node\'s lease', ['system:node:a', ['system:nodes', 'system:authenticated']], 'PUT', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/a', 'system-node-high', 'node-high'],
    ['a node\'s pods', ['system:node:a', ['system:nodes', 'system:authenticated']], 'GET', '/api/v1/pods?fieldSelector=spec.nodeName=a', 'system-nodes', 'system'],
    ['the controllers', ['system:kube-controller-manager', ['system:authenticated']], 'GET', '/api/v1/pods', 'kube-controller-manager', 'workload-high'],
    ['an account of kube-system', account('kube-system', 'x'), 'GET', '/api/v1/pods', 'kube-system-service-accounts', 'workload-high'],
    ['another account', account('default', 'x'), 'GET', '/api/v1/namespaces/default/pods', 'service-accounts', 'workload-low'],
    ['a person', ['alice', ['system:authenticated']], 'GET', '/api/v1/pods', 'global-default', 'global-default'],
    ['somebody of no group', ['nobody', []], 'GET', '/api/v1/pods', 'catch-all', 'catch-all'],
  ])('%s', (_, [name, groups], method, path, schema, level) => {
    const found = configuration.classify({ name, groups }, infoOf(method, path));
    expect([found.name, found.level.name]).toEqual([schema, level]);
  });

  test('a schema without its level takes no part; precedence decides, then the name', () => {
    const rule = { subjects: [{ kind: 'Group', group: { name: '*' } }], resourceRules: [{ verbs: ['get'], apiGroups: ['apps'], resources: ['deployments/scale'], namespaces: ['a'] }] };
    const schema = (name: string, matchingPrecedence: number, level: string): FlowSchema => ({ metadata: { name }, spec: { priorityLevelConfiguration: { name: level }, matchingPrecedence, rules: [rule] } });
    configuration.apply([...bootstrapFlowSchemas(), schema('dangling', 3, 'absent'), schema('z', 5, 'system'), schema('y', 5, 'system')], bootstrapPriorityLevels());
    const alice = { name: 'alice', groups: ['system:authenticated'] };
    const of = (path: string): string => configuration.classify(alice, infoOf('GET', path)).name;
    expect(of('/apis/apps/v1/namespaces/a/deployments/d/scale')).toBe('y');
    expect(of('/apis/apps/v1/namespaces/a/deployments/d')).toBe('global-default');
    expect(of('/apis/apps/v1/namespaces/b/deployments/d/scale')).toBe('global-default');
  });
});

describe('seats of the levels', () => {
  const levels = bootstrapPriorityLevels();
  test('nominal ones, by shares', () => {
    const limits = nominalLimits(levels, 600);
    expect(Object.fromEntries([...limits].map(([name, { nominal, min, max }]) => [name, [nominal, min, max]]))).toEqual({
      exempt: [0, 0, Infinity], 'catch-all': [13, 13, Infinity], system: [74, 50, Infinity], 'node-high': [98, 73, Infinity], 'leader-election': [25, 25, Infinity], 'workload-high': [98, 49, Infinity], 'workload-low': [245, 24, Infinity], 'global-default': [49, 24, Infinity],
    });
  });

  test('idle levels lend what they may; a busy one borrows it', () => {
    const limits = nominalLimits(levels, 600);
    const names = [...limits.keys()];
    const total = [...limits.values()].reduce((sum, { nominal }) => sum + nominal, 0);
    const current = currentLimits(names.map((name) => ({ limits: limits.get(name)!, peak: name === 'global-default' ? 500 : 0, smoothed: name === 'global-default' ? 500 : 0 })), total);
    const of = (name: string): number => current[names.indexOf(name)]!;
    expect(of('global-default')).toBeGreaterThan(200);
    expect(of('workload-low')).toBeGreaterThanOrEqual(24);
    expect(of('leader-election')).toBeGreaterThanOrEqual(25);
    expect(Math.abs(current.reduce((a, b) => a + b, 0) - total)).toBeLessThanOrEqual(names.length);
  });

  test('a share-out keeps to its bounds and gives everything away', () => {
    const claim = fc.tuple(fc.nat(50), fc.nat(50), fc.nat(100)).map(([lower, more, target]) => ({ lower, upper: lower + more, target: Math.max(1, target) }));
    fc.assert(fc.property(fc.array(claim, { minLength: 1, maxLength: 8 }), fc.nat(600), (claims, total) => {
      const parts = shareOut(claims, total);
      const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0);
      for (const [i, part] of parts.entries()) {
        expect(part).toBeGreaterThanOrEqual(claims[i]!.lower);
        expect(part).toBeLessThanOrEqual(claims[i]!.upper);
      }
      const [least, most] = [sum(claims.map(({ lower }) => lower)), sum(claims.map(({ upper }) => upper))];
      expect(sum(parts)).toBeCloseTo(Math.min(most, Math.max(least, total)), 3);
    }), { seed: 36 });
  });

  test('demand rises at once and falls slowly', () => {
    const integrator = new Integrator(0);
    const demand = new SmoothedDemand();
    integrator.add(10, 0);
    integrator.add(-10, 5_000);
    const period = integrator.reset(10_000);
    expect(period).toEqual({ mean: 5, deviation: 5, peak: 10 });
    demand.update(period);
    expect(demand.smoothed).toBe(10);
    demand.update(integrator.reset(20_000));
    expect(demand.smoothed).toBeCloseTo(9.77);
  });
});

test('hands hold different queues, and all queues are dealt', () => {
  const seen = new Set<number>();
  for (let i = 0; i < 500; i++) {
    const hand = deal(flowHash('schema', `user-${i}`), 64, 6);
    expect(new Set(hand).size).toBe(6);
    for (const card of hand) {
      expect(card).toBeGreaterThanOrEqual(0);
      expect(card).toBeLessThan(64);
      seen.add(card);
    }
  }
  expect(seen.size).toBe(64);
  expect(deal(flowHash('a', 'bc'), 64, 6)).not.toEqual(deal(flowHash('ab', 'c'), 64, 6));
  expect(deal(5n, 3, 8).toSorted()).toEqual([0, 1, 2]);
});

describe('work', () => {
  const watchers = new WatchTracker();
  for (let i = 0; i < 30; i++) watchers.add(infoOf('GET', '/api/v1/configmaps?watch=1'));
  watchers.add(infoOf('GET', '/api/v1/namespaces/a/configmaps?watch=1'));
  watchers.add(infoOf('GET', '/api/v1/namespaces/a/configmaps?watch=1&fieldSelector=metadata.name=x'));
  watchers.add(infoOf('GET', '/api/v1/pods?watch=1&fieldSelector=spec.nodeName=n'));
  const one = { initialSeats: 1, finalSeats: 0, aftermathMs: 0 };
  test.each<[string, string, string, number | undefined, object]>([
    ['a get', 'GET', '/api/v1/namespaces/a/configmaps/x', 1000, one],
    ['a list of few', 'GET', '/api/v1/configmaps', 100, one],
    ['a list of many', 'GET', '/api/v1/configmaps', 450, { ...one, initialSeats: 5 }],
    ['a list of very many', 'GET', '/api/v1/configmaps', 45_000, { ...one, initialSeats: 10 }],
    ['a list of one name', 'GET', '/api/v1/configmaps?fieldSelector=metadata.name=x', 45_000, one],
    ['a list of another server', 'GET', '/apis/x.y/v1/things', undefined, one],
    ['a watch', 'GET', '/api/v1/configmaps?watch=1', 45_000, one],
    ['a watch that begins with a list', 'GET', '/api/v1/configmaps?watch=1&sendInitialEvents=true', 300, { ...one, initialSeats: 3 }],
    ['a write that many hear of', 'POST', '/api/v1/namespaces/b/configmaps', 1, { initialSeats: 1, finalSeats: 3, aftermathMs: 5 }],
    ['a write that even more hear of', 'PUT', '/api/v1/namespaces/a/configmaps/x', 1, { initialSeats: 1, finalSeats: 4, aftermathMs: 5 }],
    ['a write that nobody hears of', 'POST', '/api/v1/namespaces/b/pods', 1, one],
    ['a question', 'POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', 1, one],
  ])('%s', (_, method, target, count, expected) => {
    const info = infoOf(method, target);
    expect(workOf({ query: new URL(target, 'http://t').searchParams } as ServerRequest, info, watchers, () => count, 10)).toEqual(expected);
  });

  test('one request gets but a part of its level', () => expect([0, 13, 49, 98, 600].map(seatsLimit)).toEqual([1, 2, 8, 10, 10]));

  test('a watch that has ended is not counted', () => {
    const tracker = new WatchTracker();
    const end = tracker.add(infoOf('GET', '/api/v1/namespaces/a/secrets?watch=1'));
    expect(tracker.interestedIn(infoOf('POST', '/api/v1/namespaces/a/secrets'))).toBe(1);
    end();
    expect(tracker.interestedIn(infoOf('POST', '/api/v1/namespaces/a/secrets'))).toBe(0);
  });
});

describe('the stage', () => {
  test('refuses with 429, advice, and the names of schema and level; what is let in runs to its end', async () => {
    const clock = new ManualClock();
    const configuration = createConfiguration({ clock }, 1);
    configuration.apply(
      [{ metadata: { name: 'catch-all', uid: 'schema-uid', generation: 1 }, spec: bootstrapFlowSchemas().at(-1)!.spec! }],
      bootstrapPriorityLevels().filter(({ metadata }) => metadata.name === 'catch-all').map((level) => ({ ...level, metadata: { ...level.metadata, uid: 'level-uid' } })),
    );
    const waits: unknown[] = [];
    const { stage, inside } = priorityAndFairness({ clock, configuration, count: () => 1, observeWait: ({ name }, executed, seconds) => waits.push([name, executed, seconds]) });
    const request = (): ServerRequest => ({ method: 'GET', query: new URLSearchParams(), headers: {}, signal: new AbortController().signal, user: { name: 'u', groups: ['system:authenticated'] }, info: infoOf('GET', '/api/v1/pods') }) as unknown as ServerRequest;
    let answer: (response: ServerResponse) => void = () => undefined;
    const first = stage.handle(request(), () => new Promise((resolve) => (answer = resolve)));
    expect(inside).toEqual({ readOnly: 1, mutating: 0 });
    const second = request();
    expect(await stage.handle(second, async () => ({ status: 200, headers: {} }))).toMatchObject({ status: 429, body: 'Too many requests, please try again later.\n', headers: { 'retry-after': '1' } });
    expect(second.flow).toEqual({ schemaUid: 'schema-uid', levelUid: 'level-uid' });
    // Refused at once is a wait, too.
    expect(waits).toEqual([['catch-all', false, 0]]);
    answer({ status: 200, headers: {} });
    expect((await first).status).toBe(200);
    expect(await stage.handle(request(), async () => ({ status: 200, headers: {} }))).toMatchObject({ status: 200 });
    expect(inside).toEqual({ readOnly: 0, mutating: 0 });
  });

  test('those who run and those who wait are on the page of requests', async () => {
    const clock = new ManualClock();
    const configuration = createConfiguration({ clock }, 1);
    configuration.apply(
      [{ metadata: { name: 'queue', generation: 1 }, spec: { ...bootstrapFlowSchemas().at(-1)!.spec!, priorityLevelConfiguration: { name: 'queue' }, distinguisherMethod: { type: 'ByUser' }, matchingPrecedence: 1 } }],
      [{ metadata: { name: 'queue' }, spec: { type: 'Limited', limited: { nominalConcurrencyShares: 10, limitResponse: { type: 'Queue', queuing: { queues: 1, handSize: 1, queueLengthLimit: 5 } } } } }],
    );
    const { stage } = priorityAndFairness({ clock, configuration, count: () => 1 });
    const [, , [, page]] = fairnessPages(configuration, clock) as [unknown, unknown, [string, (request: ServerRequest) => ServerResponse]];
    const rows = (): string[] => String(page({ query: new URLSearchParams('includeRequestDetails=1') } as ServerRequest).body).split('\n').slice(1, -1).map((line) => line.replaceAll(/ +/g, ' '));
    const answers: ((response: ServerResponse) => void)[] = [];
    const send = (name: string) => stage.handle({ method: 'GET', query: new URLSearchParams(), headers: {}, signal: new AbortController().signal, user: { name, groups: ['system:authenticated'] }, info: infoOf('GET', '/apis/apps/v1/namespaces/n/deployments/d/status') } as unknown as ServerRequest, () => new Promise((resolve) => answers.push(resolve)));
    const both = [send('a'), send('b')];
    const what = 'get, /apis/apps/v1/namespaces/n/deployments/d/status, n, d, apps/v1, deployments, status';
    expect(rows()).toEqual([
      `queue, queue, 0, 0, b, 2023-11-14T22:13:20.000Z, 1, 0, 0s, 0001-01-01T00:00:00Z, b, ${what}`,
      `queue, queue, 0, -1, a, 2023-11-14T22:13:20.000Z, 1, 0, 0s, 2023-11-14T22:13:20.000Z, a, ${what}`,
    ]);
    for (const each of both) {
      await vi.waitFor(() => expect(answers.length).toBeGreaterThan(0));
      answers.shift()!({ status: 200, headers: {} });
      await each;
    }
    expect(rows()).toEqual([]);
  });

  test('a seat comes back whatever happens', async () => {
    const clock = new ManualClock();
    const configuration = createConfiguration({ clock }, 1);
    const { stage } = priorityAndFairness({ clock, configuration, count: () => 1 });
    for (let i = 0; i < 3; i++) {
      await expect(stage.handle({ method: 'GET', query: new URLSearchParams(), headers: {}, signal: new AbortController().signal, user: { name: 'u', groups: ['system:authenticated'] }, info: infoOf('GET', '/api/v1/pods') } as unknown as ServerRequest, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    }
  });
});

test('what a status says of a level that is not there', () => {
  const schema: FlowSchema = { metadata: { name: 's' }, spec: { priorityLevelConfiguration: { name: 'l' } } };
  expect(danglingCondition(schema, false, 0)).toEqual({ type: 'Dangling', status: 'True', reason: 'NotFound', message: 'This FlowSchema references the PriorityLevelConfiguration object named "l" but there is no such object', lastTransitionTime: '1970-01-01T00:00:00Z' });
  expect(danglingCondition(schema, true, 0)).toMatchObject({ status: 'False', reason: 'Found', message: 'This FlowSchema references the PriorityLevelConfiguration object named "l" and it exists' });
});

describe('in a server', () => {
  const servers: ApiServer[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  test('objects take effect, statuses follow, answers name them, pages and numbers show them', async () => {
    const server = await createApiServer({ host: nodeHost({ logLevel: 'silent' }), backend: memoryBackend(), version: '0.0.0', serviceCidr: '10.96.0.0/16', authentication: {} });
    servers.push(server);
    await server.start();
    await server.ready();
    const transport = server.transport(loopbackUser);
    const admin = createClient(transport);
    const conditionOf = async (name: string) => (await admin.of(FlowSchemas).get(name)).status?.conditions?.[0]?.reason;
    await vi.waitFor(async () => expect(await conditionOf('global-default')).toBe('Found'), 10_000);
    await admin.of(FlowSchemas).create({ metadata: { name: 'mine' }, spec: { priorityLevelConfiguration: { name: 'mine' }, matchingPrecedence: 3, rules: [{ subjects: [{ kind: 'User', user: { name: 'alice' } }], nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/version'] }] }] } });
    await vi.waitFor(async () => expect(await conditionOf('mine')).toBe('NotFound'), 10_000);
    const level = await admin.of(PriorityLevelConfigurations).create({ metadata: { name: 'mine' }, spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } } });
    const schema = await admin.of(FlowSchemas).get('mine');
    const alice = server.transport({ name: 'alice', groups: ['system:authenticated'] });
    await vi.waitFor(async () => {
      expect(await conditionOf('mine')).toBe('Found');
      const { headers } = await alice.send({ method: 'GET', path: '/version' });
      expect([headers['x-kubernetes-pf-flowschema-uid'], headers['x-kubernetes-pf-prioritylevel-uid']]).toEqual([schema.metadata.uid, level.metadata.uid]);
    }, 10_000);
    const page = async (path: string, query: Record<string, string> = {}): Promise<string> => {
      let text = '';
      for await (const piece of (await transport.send({ method: 'GET', path, query })).body) text += Buffer.from(piece).toString();
      return text;
    };
    const lines = (await page('/debug/api_priority_and_fairness/dump_priority_levels')).split('\n');
    expect(lines[0]).toMatch(/^PriorityLevelName, +ActiveQueues, +IsIdle, +IsQuiescing, +WaitingRequests, +ExecutingRequests, +DispatchedRequests, +RejectedRequests, +TimedoutRequests, +CancelledRequests$/);
    expect(lines.find((line) => line.startsWith('mine,'))).toMatch(/^mine, +0, +true, +false, +0, +0, +1, +0, +0, +0$/);
    // In the order of their names, the exempt level like the others: the request for the page itself is one of its.
    const names = lines.slice(1, -1).map((line) => line.split(',')[0]!);
    expect(names).toEqual(names.toSorted());
    expect(lines.find((line) => line.startsWith('exempt,'))).toMatch(/^exempt, +0, +false, +false, +0, +1, +\d+, +0, +0, +0$/);
    expect((await page('/debug/api_priority_and_fairness/dump_queues')).split('\n').filter((line) => line.startsWith('workload-low,'))).toHaveLength(128);
    const moment = '\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z';
    expect(await page('/debug/api_priority_and_fairness/dump_requests')).toMatch(new RegExp(`^PriorityLevelName, FlowSchemaName, QueueIndex.*\nexempt, +exempt, +-1, +-1, +, +${moment}, +1, +0, +0s, +${moment}\n$`));
    expect(await page('/debug/api_priority_and_fairness/dump_requests', { includeRequestDetails: '1' })).toMatch(/, get, +\/debug\/api_priority_and_fairness\/dump_requests, +, +, +, +, +\n$/);
    expect((await alice.send({ method: 'GET', path: '/debug/api_priority_and_fairness/dump_queues' })).status).toBe(403);
    expect(await page('/metrics')).toMatch(/apiserver_flowcontrol_dispatched_requests_total\{flow_schema="mine",priority_level="mine"\} 1\n/);
  });
});
