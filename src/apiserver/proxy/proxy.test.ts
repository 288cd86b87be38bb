import { describe, expect, test } from 'vitest';
import type { Pod } from '../../api/core/v1/types.ts';
import type { StatusError } from '../../api/meta/status.ts';
import { nodeHost } from '../../host/node/index.ts';
import type { HttpRequest, HttpResponse } from '../../host/types.ts';
import type { ServerRequest } from '../types.ts';
import { containerFor } from './containers.ts';
import { locationOf } from './kubelet.ts';
import { logQuery, podLogs } from './logs.ts';
import { proxy, rewrittenLocation, splitProxyPath } from './reverse-proxy.ts';
import { kubeletTarget } from './streams.ts';
import { isProxyable, podTarget, splitSchemeNamePort } from './targets.ts';
import type { Client } from '../../client/types.ts';
import { upgradeHeaders } from './tunnel.ts';

const pod = (spec: object): Pod => ({ metadata: { name: 'p', namespace: 'ns' }, spec: { nodeName: 'n', containers: [{ name: 'a' }], ...spec } }) as Pod;
const two = pod({ containers: [{ name: 'a' }, { name: 'b' }], initContainers: [{ name: 'i' }] });

describe('containers', () => {
  test('the only one', () => expect(containerFor(pod({}), '')).toBe('a'));
  test('an init container by name', () => expect(containerFor(two, 'i')).toBe('i'));
  test('which of several', () => expect(() => containerFor(two, '')).toThrow('a container name must be specified for pod p, choose one of: [a b] or one of the init containers: [i]'));
  test('none of that name', () => expect(() => containerFor(two, 'x')).toThrow('container x is not valid for pod p'));
});

describe('kubelet', () => {
  test.each([
    ['internal first', [{ type: 'Hostname', address: 'h' }, { type: 'InternalIP', address: '10.0.0.1' }], 'https://10.0.0.1:10250'],
    ['then external', [{ type: 'Hostname', address: 'h' }, { type: 'ExternalIP', address: '1.2.3.4' }], 'https://1.2.3.4:10250'],
    ['IPv6', [{ type: 'InternalIP', address: 'fd00::1' }], 'https://[fd00::1]:10250'],
  ])('%s', (_, addresses, origin) => expect(locationOf({ metadata: {}, status: { addresses } }, {}).origin).toBe(origin));
  test('its own port', () => expect(locationOf({ metadata: {}, status: { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }], daemonEndpoints: { kubeletEndpoint: { Port: 4321 } } } }, {}).port).toBe(4321));
  test('no address', () => expect(() => locationOf({ metadata: {} }, {})).toThrow('no preferred addresses found'));
});

describe('streams', () => {
  test.each([
    ['exec', 'exec', 'command=sh&command=-c&stdin=true&stdout=true&tty=true&stderr=false', '/exec/ns/p/a?input=1&output=1&tty=1&command=sh&command=-c'],
    ['attach', 'attach', 'stdin=1', '/attach/ns/p/a?input=1'],
    ['portforward', 'portforward', 'ports=80&ports=81', '/portForward/ns/p?port=80&port=81'],
    ['portforward over SPDY', 'portforward', '', '/portForward/ns/p'],
  ] as const)('%s', (_, kind, query, target) => expect(kubeletTarget(kind, pod({}), new URLSearchParams(query))).toBe(target));
  test('exec of nothing', () => expect(() => kubeletTarget('exec', pod({}), new URLSearchParams())).toThrow('you must specify at least 1 command'));
  test('headers: the protocol goes along, credentials do not', () => {
    expect(upgradeHeaders({ upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io', authorization: 'Bearer x', cookie: 'c', 'sec-websocket-protocol': 'base64url.bearer.authorization.k8s.io.eA' })).toEqual({ upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io' });
  });
});

describe('logs', () => {
  test('the query', () => expect(logQuery(new URLSearchParams('follow=true&tailLines=5&sinceSeconds=10&timestamps=1&container=a&pretty=1')).toString()).toBe('follow=true&timestamps=true&sinceSeconds=10&tailLines=5'));
  test.each([['tailLines=-1', 'tailLines: Invalid value: -1: must be greater than or equal to 0'], ['sinceSeconds=0', 'sinceSeconds: Invalid value: 0: must be greater than 0'], ['sinceSeconds=1&sinceTime=2024-01-01T00:00:00Z', 'at most one of `sinceTime` or `sinceSeconds` may be specified'], ['limitBytes=x', 'must be a whole number']])('%s', (query, message) => {
    expect(() => logQuery(new URLSearchParams(query))).toThrow(message);
  });
});

const pieces = (...texts: string[]): AsyncIterable<Uint8Array> => (async function* body() { for (const text of texts) yield Buffer.from(text); })();
const textOf = async (body: unknown): Promise<string> => {
  if (typeof body === 'string') return body;
  let all = '';
  for await (const piece of (body ?? pieces()) as AsyncIterable<Uint8Array>) all += Buffer.from(piece).toString();
  return all;
};
function answering(response: Partial<HttpResponse> | Error) {
  const asked: HttpRequest[] = [];
  const base = nodeHost({ logLevel: 'silent' });
  const host = { ...base, net: { ...base.net, request: async (request: HttpRequest) => {
    asked.push(request);
    if (response instanceof Error) throw response;
    return { status: 200, headers: {}, body: pieces(), ...response };
  } } };
  return { host, asked };
}
const requestTo = (path: string, more: Partial<ServerRequest> = {}): ServerRequest => {
  const url = new URL(path, 'http://t');
  return { method: 'GET', path: decodeURIComponent(url.pathname), rawPath: url.pathname, query: url.searchParams, headers: {}, body: async () => new Uint8Array(), signal: new AbortController().signal, remoteAddress: '1.2.3.4', wantsUpgrade: false, warnings: [], receivedAt: 0, ...more };
};
const kubelet = async () => ({ origin: 'https://10.0.0.1:10250', address: '10.0.0.1', port: 10250, tls: { ca: 'CA' }, features: [] });

describe('logs from a kubelet', () => {
  test('pass through', async () => {
    const { host, asked } = answering({ body: pieces('one\n', 'two\n') });
    const answer = await podLogs(host, requestTo('/x?tailLines=2'), pod({}), kubelet);
    expect(await textOf(answer.body)).toBe('one\ntwo\n');
    expect(asked[0]).toMatchObject({ url: 'https://10.0.0.1:10250/containerLogs/ns/p/a?tailLines=2', tls: { ca: 'CA' } });
  });
  test.each([
    ['a waiting container', { status: 400, body: pieces('container "a" in pod "p" is waiting to start: ContainerCreating') }, 400, 'container "a" in pod "p" is waiting to start: ContainerCreating'],
    ['a broken kubelet', { status: 500, body: pieces('oh') }, 500, 'Internal error occurred: oh'],
    ['no kubelet', new Error('connect ECONNREFUSED'), 500, 'Internal error occurred: Get "https://10.0.0.1:10250/containerLogs/ns/p/a": connect ECONNREFUSED'],
  ])('%s', async (_, response, code, message) => {
    const error = await podLogs(answering(response).host, requestTo('/x'), pod({}), kubelet).catch((e: unknown) => e as StatusError);
    expect((error as StatusError).status).toMatchObject({ code, message });
  });
  test('a pod without a node has said nothing', async () => expect((await podLogs(answering({}).host, requestTo('/x'), pod({ nodeName: '' }), kubelet)).body).toBe(''));
});

describe('proxy', () => {
  test.each([
    ['/api/v1/namespaces/ns/pods/p/proxy/a/b%2Fc', { base: '/api/v1/namespaces/ns/pods/p/proxy', rest: '/a/b%2Fc' }],
    ['/api/v1/nodes/n/proxy/', { base: '/api/v1/nodes/n/proxy', rest: '/' }],
    ['/api/v1/nodes/n/proxy', { base: '/api/v1/nodes/n/proxy', rest: '' }],
    ['/api/v1/namespaces/ns/services/proxy/proxy/proxy', { base: '/api/v1/namespaces/ns/services/proxy/proxy', rest: '/proxy' }],
  ])('path %s', (path, split) => expect(splitProxyPath(path)).toEqual(split));

  test.each([['p', { scheme: '', name: 'p', port: '' }], ['p:80', { scheme: '', name: 'p', port: '80' }], ['https:p:80', { scheme: 'https', name: 'p', port: '80' }], ['https:p:', { scheme: 'https', name: 'p', port: '' }], ['ftp:p:1', undefined], ['a:b:c:d', undefined], ['', undefined]])('id %s', (id, split) => expect(splitSchemeNamePort(id)).toEqual(split));

  test.each([['10.0.0.1', true], ['127.0.0.1', false], ['169.254.169.254', false], ['0.0.0.0', false], ['::1', false], ['fe80::1', false], ['fd00::5', true], ['', false], ['example.com', false], ['::ffff:127.0.0.1', false]])('address %s', (address, allowed) => expect(isProxyable(address)).toBe(allowed));

  test.each([
    ['an absolute path', '/login', '/base/login'], ['the same host', 'http://10.0.0.5:80/x?y=1', '/base/x?y=1'], ['another host', 'http://evil.example/x', 'http://evil.example/x'], ['relative', 'next', 'next'],
    ['steps upwards stay below', '/../../api/v1/secrets', '/base/api/v1/secrets'],
  ])('location: %s', (_, location, expected) => expect(rewrittenLocation(location, 'http://10.0.0.5:80', '/base')).toBe(expected));

  test('drops credentials and hop headers, keeps path, query and the rest', async () => {
    const { host, asked } = answering({ status: 302, headers: { location: '/in', connection: 'keep-alive', 'x-own': '1' }, body: pieces('hi') });
    const answer = await proxy(host, requestTo('/api/v1/namespaces/ns/pods/p:80/proxy/a%20b?q=1', { headers: { authorization: 'Bearer x', 'impersonate-user': 'y', connection: 'close, x-hop', 'x-hop': '1', accept: 'text/html' } }), { origin: 'http://10.0.0.5:80' });
    expect(asked[0]).toMatchObject({ method: 'GET', url: 'http://10.0.0.5:80/a%20b?q=1' });
    expect(asked[0]!.headers).toEqual({ accept: 'text/html', 'x-forwarded-for': '1.2.3.4', 'x-forwarded-uri': '/api/v1/namespaces/ns/pods/p:80/proxy/a%20b', 'x-forwarded-proto': 'https' });
    expect(answer).toMatchObject({ status: 302, headers: { location: '/api/v1/namespaces/ns/pods/p:80/proxy/in', 'x-own': '1' } });
    expect(answer.headers).not.toHaveProperty('connection');
    expect(await textOf(answer.body)).toBe('hi');
  });
  test('a page needs its slash', async () => expect(await proxy(answering({}).host, requestTo('/api/v1/nodes/n/proxy?a=1'), { origin: 'http://x' })).toMatchObject({ status: 301, headers: { location: '/api/v1/nodes/n/proxy/?a=1' } }));
  test('nobody there', async () => await expect(proxy(answering(Object.assign(new Error('connect ECONNREFUSED 10.0.0.5:80'), { code: 'ECONNREFUSED' })).host, requestTo('/api/v1/nodes/n/proxy/'), { origin: 'http://10.0.0.5' })).rejects.toMatchObject({ status: { code: 503, message: 'error trying to reach service: dial tcp 10.0.0.5:80: connect: connection refused' } }));
});

describe('the port of a pod', () => {
  const client = { of: () => ({ inNamespace: () => ({ get: async () => ({ ...pod({}), status: { podIP: '10.0.0.5' } }) }) }) } as unknown as Client;
  test('is a number', async () => expect((await podTarget(client, 'ns', 'p:8080')).origin).toBe('http://10.0.0.5:8080'));
  test.each(['80@169.254.169.254', '80@localhost', 'x', '0', '65536', '80%2f', '80#', '80\\@h', ' 80', '8'.repeat(6)])('is nothing that leads to another host: %s', async (port) => {
    await expect(podTarget(client, 'ns', `p:${port}`)).rejects.toMatchObject({ code: 400 });
  });
});

test('a log without the check of the server\'s certificate still shows the client\'s own', async () => {
  const { host, asked } = answering({ body: pieces('x') });
  await podLogs(host, requestTo('/x?insecureSkipTLSVerifyBackend=true'), pod({}), async () => ({ origin: 'https://h', address: 'h', port: 1, tls: { ca: 'CA', cert: 'C', key: 'K' }, features: [] }));
  expect(asked[0]!.tls).toEqual({ ca: 'CA', cert: 'C', key: 'K', insecureSkipVerify: true });
});
