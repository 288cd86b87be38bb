import { describe, expect, test } from 'vitest';
import { nodeHost } from '../../host/node/index.ts';
import { forbidden, StatusError } from '../../api/meta/status.ts';
import { createServerMetrics } from '../endpoints/server-metrics.ts';
import { versionInfo } from '../endpoints/version.ts';
import { ManualClock } from '../../store/manual-clock.ts';
import type { Attributes, Authorizer, Next, ServerRequest, ServerResponse } from '../types.ts';
import { forbiddenMessage, union } from './authorization.ts';
import { compose } from './compose.ts';
import { deadline } from './deadline.ts';
import { warningHeader } from './headers.ts';
import { createChain } from './index.ts';
import { impersonation } from './impersonation.ts';
import { Gate } from './max-in-flight.ts';
import { measure } from './metrics.ts';
import { isLongRunning, requestInfo, requestInfoOf } from './request-info.ts';

const host = nodeHost({ logLevel: 'silent' });

function requestFor(method: string, path: string, more: Partial<ServerRequest> = {}): ServerRequest {
  const url = new URL(path, 'http://test');
  return {
    method, path: url.pathname, rawPath: url.pathname, query: url.searchParams, headers: {}, body: async () => new Uint8Array(), signal: new AbortController().signal,
    remoteAddress: '', wantsUpgrade: false, warnings: [], receivedAt: 0, ...more,
  };
}

const infoFor = (method: string, path: string) => {
  const url = new URL(path, 'http://test');
  return requestInfoOf(method, url.pathname, url.searchParams);
};

describe('request info', () => {
  test.each([
    ['list in all namespaces', 'GET', '/api/v1/pods', { verb: 'list', apiGroup: '', apiVersion: 'v1', resource: 'pods', namespace: '', name: '' }],
    ['list in a namespace', 'GET', '/api/v1/namespaces/a/pods', { verb: 'list', namespace: 'a', resource: 'pods', name: '' }],
    ['get', 'GET', '/api/v1/namespaces/a/pods/x', { verb: 'get', namespace: 'a', resource: 'pods', name: 'x' }],
    ['a namespace itself', 'GET', '/api/v1/namespaces/a', { verb: 'get', namespace: 'a', resource: 'namespaces', name: 'a', subresource: '' }],
    ['a namespace subresource', 'PUT', '/api/v1/namespaces/a/finalize', { verb: 'update', namespace: 'a', resource: 'namespaces', name: 'a', subresource: 'finalize' }],
    ['watch', 'GET', '/apis/apps/v1/deployments?watch=1', { verb: 'watch', apiGroup: 'apps', resource: 'deployments' }],
    ['watch without a value', 'GET', '/apis/apps/v1/deployments?watch', { verb: 'watch' }],
    ['not a watch', 'GET', '/apis/apps/v1/deployments?watch=false', { verb: 'list' }],
    ['old watch path', 'GET', '/api/v1/watch/namespaces/a/pods', { verb: 'watch', namespace: 'a', resource: 'pods' }],
    ['create', 'POST', '/api/v1/namespaces/a/pods', { verb: 'create', resource: 'pods' }],
    ['patch of a subresource', 'PATCH', '/apis/apps/v1/namespaces/a/deployments/d/scale', { verb: 'patch', name: 'd', subresource: 'scale' }],
    ['delete', 'DELETE', '/api/v1/nodes/n', { verb: 'delete', resource: 'nodes', name: 'n', namespace: '' }],
    ['delete of a collection', 'DELETE', '/api/v1/namespaces/a/pods', { verb: 'deletecollection' }],
    ['proxy with a rest', 'GET', '/api/v1/namespaces/a/pods/http:x:80/proxy/b/c', { verb: 'get', name: 'http:x:80', subresource: 'proxy', parts: ['b', 'c'] }],
    ['a name pinned by a field selector', 'GET', '/api/v1/nodes?fieldSelector=metadata.name%3Dn1', { verb: 'list', name: 'n1' }],
    ['a watch pinned by a field selector', 'GET', '/api/v1/nodes?watch=true&fieldSelector=metadata.name%3Dn1', { verb: 'watch', name: 'n1' }],
    ['head', 'HEAD', '/api/v1/nodes/n', { verb: 'get' }],
  ])('%s', (_, method, path, expected) => {
    expect(infoFor(method, path)).toMatchObject({ isResourceRequest: true, ...expected });
  });

  test.each(['/', '/api', '/api/v1', '/apis/apps', '/apis/apps/v1', '/healthz', '/openapi/v3/apis/apps/v1'])('%s is no resource', (path) => {
    expect(infoFor('GET', path)).toMatchObject({ isResourceRequest: false, path, verb: 'get' });
  });

  test('what may go on for long', () => {
    expect(isLongRunning(infoFor('GET', '/api/v1/pods?watch=1'))).toBe(true);
    expect(isLongRunning(infoFor('GET', '/api/v1/namespaces/a/pods/x/log'))).toBe(true);
    expect(isLongRunning(infoFor('POST', '/api/v1/namespaces/a/pods/x/exec'))).toBe(true);
    expect(isLongRunning(infoFor('GET', '/api/v1/pods'))).toBe(false);
  });
});

describe('forbidden messages', () => {
  const user = { name: 'x', groups: [] };
  test.each([
    ['GET', '/api/v1/namespaces/y/pods', 'User "x" cannot list resource "pods" in API group "" in the namespace "y"'],
    ['GET', '/api/v1/nodes/n', 'User "x" cannot get resource "nodes" in API group "" at the cluster scope'],
    ['PUT', '/apis/apps/v1/namespaces/y/deployments/d/status', 'User "x" cannot update resource "deployments/status" in API group "apps" in the namespace "y"'],
    ['GET', '/metrics', 'User "x" cannot get path "/metrics"'],
  ])('%s %s', (method, path, message) => {
    expect(forbiddenMessage({ user, info: infoFor(method, path) })).toBe(message);
  });
});

describe('deadline', () => {
  test.each([
    ['1m30s', undefined], ['500ms', undefined], ['0', undefined], ['', undefined], ['-1s', undefined], ['10', 'time: missing unit in duration "10"'], ['x', 'time: invalid duration "x"'], ['1d', 'time: unknown unit "d" in duration "1d"'],
  ])('asked for as %j', async (text, fault) => {
    const answer = (async () => compose([requestInfo(), deadline(host.clock)], async () => ({ status: 200, headers: {} }))(requestFor('GET', `/api/v1/pods?timeout=${text}`)))();
    if (fault === undefined) expect((await answer).status).toBe(200);
    else await expect(answer).rejects.toMatchObject({ status: { code: 400, message: `invalid timeout specified in the request URL - ${fault}` } });
  });

  test('a request that takes longer than it asked for gets 504, and is cancelled', async () => {
    const abort = new AbortController();
    const request = requestFor('GET', '/api/v1/pods?timeout=20ms', { signal: abort.signal, cancel: (reason) => abort.abort(reason) });
    const handle = compose([requestInfo(), deadline(host.clock)], () => new Promise(() => undefined));
    await expect(handle(request)).rejects.toMatchObject({ status: { code: 504, reason: 'Timeout' } });
    expect(abort.signal.aborted).toBe(true);
  });

  test('a timer that keeps nobody from ending is set once, and again for whoever is still waiting', async () => {
    const clock = new ManualClock();
    const set: number[] = [];
    const yielding = { ...clock, now: () => clock.now(), monotonic: () => clock.monotonic(), sleep: clock.sleep.bind(clock), setTimer: (callback: () => void, delayMs: number) => {
      set.push(delayMs);
      return { ...clock.setTimer(callback, delayMs), yield: () => undefined };
    } };
    const answers: ((response: ServerResponse) => void)[] = [];
    const handle = compose([requestInfo(), deadline(yielding)], () => new Promise((resolve) => answers.push(resolve)));
    for (let i = 0; i < 5; i++) {
      const answer = handle(requestFor('GET', '/api/v1/pods'));
      answers.pop()!({ status: 200, headers: {} });
      await answer;
    }
    expect(set).toEqual([60_000]);
    clock.advance(50_000);
    const late = handle(requestFor('GET', '/api/v1/pods'));
    clock.advance(10_000);
    expect(set).toEqual([60_000, 50_000]);
    clock.advance(50_000);
    await expect(late).rejects.toMatchObject({ status: { code: 504 } });
    clock.advance(600_000);
    expect(set).toEqual([60_000, 50_000]);
  });

  test('each of those that ask for no time of their own gets a minute from when it came', async () => {
    const clock = new ManualClock();
    const ended: string[] = [];
    const answers = new Map<string, (response: ServerResponse) => void>();
    const handle = compose([requestInfo(), deadline(clock)], (request) => new Promise((resolve) => answers.set(request.path, resolve)));
    const begin = (name: string): Promise<unknown> => handle(requestFor('GET', `/api/v1/namespaces/${name}`)).then(() => ended.push(`${name} answered`), (error: StatusError) => ended.push(`${name} ${error.status.code}`));
    const first = begin('first');
    clock.advance(20_000);
    const second = begin('second');
    const answered = begin('answered');
    clock.advance(20_000);
    const third = begin('third');
    answers.get('/api/v1/namespaces/answered')!({ status: 200, headers: {} });
    await answered;
    clock.advance(19_999);
    expect(ended).toEqual(['answered answered']);
    clock.advance(1);
    await first;
    clock.advance(20_000);
    await second;
    expect(ended).toEqual(['answered answered', 'first 504', 'second 504']);
    answers.get('/api/v1/namespaces/third')!({ status: 200, headers: {} });
    await third;
    clock.advance(120_000);
    const late = begin('late');
    clock.advance(60_000);
    await late;
    expect(ended).toEqual(['answered answered', 'first 504', 'second 504', 'third answered', 'late 504']);
  });
});

test('an upgrade that is no stream has a deadline like any other request', async () => {
  const abort = new AbortController();
  const request = requestFor('GET', '/api/v1/pods?timeout=20ms', { wantsUpgrade: true, signal: abort.signal, cancel: (reason) => abort.abort(reason) });
  await expect(compose([requestInfo(), deadline(host.clock)], () => new Promise(() => undefined))(request)).rejects.toMatchObject({ status: { code: 504 } });
});

test('a method that objects have by themselves is no verb', () => expect(infoFor('constructor', '/api/v1/pods').verb).toBe(''));

test('strangers cannot add labels to the metrics', async () => {
  const metrics = createServerMetrics(versionInfo('0.0.0', 'x64'));
  const handle = compose([requestInfo(), measure(host.clock, metrics)], async () => ({ status: 404, headers: {}, body: '' }));
  await handle(requestFor('GET', '/api/v1/pods'));
  await handle(requestFor('x1', '/apis/a/b/c'));
  const size = (): number => metrics.registry.text().split('\n').length;
  const before = size();
  for (let i = 0; i < 50; i++) await handle(requestFor(`x${i}`, `/apis/a${i}/b${i}/c${i}/d/e${i}?dryRun=${i}`));
  for (let i = 0; i < 50; i++) await handle(requestFor('GET', `/api/v1/pods?dryRun=${i}`));
  expect(size()).toBe(before);
});

describe('gate', () => {
  test('lets in up to its limit, then one for each that leaves, in order', async () => {
    const gate = new Gate(host.clock, 2, 10, 1000);
    const signal = new AbortController().signal;
    expect([gate.tryEnter(), gate.tryEnter(), gate.tryEnter()]).toEqual([true, true, false]);
    const order: string[] = [];
    const first = gate.wait(signal).then((ok) => order.push(`first ${ok}`));
    const second = gate.wait(signal).then((ok) => order.push(`second ${ok}`));
    gate.leave();
    gate.leave();
    await Promise.all([first, second]);
    expect(order).toEqual(['first true', 'second true']);
    expect(gate.inside).toBe(2);
  });

  test('turns away what does not fit the line, or waits too long, or is gone', async () => {
    const gate = new Gate(host.clock, 1, 1, 10);
    const abort = new AbortController();
    gate.tryEnter();
    const waiting = gate.wait(abort.signal);
    expect(await gate.wait(abort.signal)).toBe(false);
    expect(await waiting).toBe(false);
    const gone = gate.wait(abort.signal);
    abort.abort();
    expect(await gone).toBe(false);
    expect(gate.waiting).toBe(0);
  });
});

const allowing = (rule: (attributes: Attributes) => boolean): Authorizer => ({ name: 'test', authorize: (attributes) => ({ decision: rule(attributes) ? 'allow' : 'no-opinion', reason: '' }) });

describe('union of authorizers', () => {
  test('the first opinion counts, silent reasons are joined', async () => {
    const silent = (reason: string): Authorizer => ({ name: reason, authorize: () => ({ decision: 'no-opinion', reason }) });
    const attributes = { user: { name: 'x', groups: [] }, info: infoFor('GET', '/api/v1/pods') };
    expect(await union([silent('a'), silent('b')]).authorize(attributes)).toEqual({ decision: 'no-opinion', reason: 'a\nb' });
    expect(await union([silent('a'), allowing(() => true)]).authorize(attributes)).toMatchObject({ decision: 'allow' });
  });
});

describe('impersonation', () => {
  const last: Next = async (request) => ({ status: 200, headers: {}, body: JSON.stringify(request.user) });
  const run = (headers: Record<string, string>, authorizer: Authorizer, constrained = true) => compose([requestInfo(), impersonation(authorizer, constrained)], last)(requestFor('GET', '/api/v1/pods', { headers, user: { name: 'admin', groups: ['system:authenticated'] } }));

  test('takes user and groups from the headers', async () => {
    const answer = await run({ 'impersonate-user': 'jane', 'impersonate-group': 'a, b', 'impersonate-extra-scopes': 'view' }, allowing(() => true));
    expect(JSON.parse(answer.body as string)).toEqual({ name: 'jane', groups: ['a', 'b', 'system:authenticated'], extra: { scopes: ['view'] } });
  });

  test('a service account brings its groups', async () => {
    const answer = await run({ 'impersonate-user': 'system:serviceaccount:ns:sa' }, allowing(({ info }) => info.resource === 'serviceaccounts' && info.namespace === 'ns' && info.name === 'sa'));
    expect(JSON.parse(answer.body as string).groups).toEqual(['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated']);
  });

  test('is refused without the right, in the usual words', async () => {
    const { status, body } = await run({ 'impersonate-user': 'jane' }, allowing(() => false), false);
    expect([status, (JSON.parse(body as string) as { message: string }).message]).toEqual([403, 'users "jane" is forbidden: User "admin" cannot impersonate resource "users" in API group "" at the cluster scope']);
  });

  test('groups need a user', async () => {
    await expect(run({ 'impersonate-group': 'a' }, allowing(() => true))).rejects.toMatchObject({ status: { code: 400 } });
  });
});

describe('the whole chain', () => {
  const chain = (last: Next, authorizer = allowing(() => true)) => createChain({
    host, metrics: createServerMetrics(versionInfo('0.0.0', 'amd64')), authenticator: { name: 't', authenticate: async ({ headers }) => (headers['x'] ? undefined : { name: 'u', groups: [] }) }, authorizer,
    maxInFlight: { name: 'none', handle: (request, next) => next(request) },
  }, last);

  test.each<[string, string[], string | undefined]>([
    ['one', ['a'], '299 - "a"'],
    ['the same twice', ['a', 'b', 'a'], '299 - "a", 299 - "b"'],
    ['with quotes', ['a "b" \\ c'], '299 - "a \\"b\\" \\\\ c"'],
    ['none, and one of two lines', ['', 'a\nb', 'c'], '299 - "c"'],
    ['nothing that is one', ['', 'a\u0000'], undefined],
    ['long, but not too long together', ['x'.repeat(4096)], `299 - "${'x'.repeat(4096)}"`],
    ['too long', ['a', 'x'.repeat(4096)], `299 - "a", 299 - "${'x'.repeat(256)}"`],
    ['too many', Array.from({ length: 26 }, (_, i) => String.fromCharCode(65 + i).repeat(300)), Array.from({ length: 16 }, (_, i) => `299 - "${String.fromCharCode(65 + i).repeat(256)}"`).join(', ')],
  ])('warnings: %s', (_, texts, header) => expect(warningHeader(texts)).toBe(header));

  test('answers carry an audit id, no caching and warnings', async () => {
    const answer = await chain(async (request) => {
      request.warnings.push('old "thing"');
      return { status: 200, headers: {} };
    })(requestFor('GET', '/api/v1/pods', { headers: { 'audit-id': 'abc' } }));
    expect(answer.headers).toMatchObject({ 'audit-id': 'abc', 'cache-control': 'no-cache, private', warning: '299 - "old \\"thing\\""' });
  });

  test.each([
    ['an API error', () => { throw forbidden({ group: '', plural: 'pods' }, 'x', 'no'); }, 403, 'Forbidden'],
    ['anything else', () => { throw new Error('boom'); }, 500, 'InternalError'],
  ])('%s becomes a Status', async (_, throwing, code, reason) => {
    const answer = await chain(async () => throwing())(requestFor('GET', '/api/v1/pods'));
    expect(answer.status).toBe(code);
    expect(JSON.parse(answer.body as string)).toMatchObject({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, code });
  });

  test('nobody known: 401; not allowed: 403', async () => {
    const reached: Next = async () => { throw new StatusError({ code: 500 }); };
    expect((await chain(reached)(requestFor('GET', '/api/v1/pods', { headers: { x: '1' } }))).status).toBe(401);
    const refused = await chain(reached, allowing(() => false))(requestFor('GET', '/api/v1/namespaces/y/pods'));
    expect(JSON.parse(refused.body as string)).toMatchObject({ code: 403, message: 'pods is forbidden: User "u" cannot list resource "pods" in API group "" in the namespace "y"', details: { kind: 'pods' } });
  });
});
