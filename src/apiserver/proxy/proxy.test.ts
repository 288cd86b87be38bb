import { describe, expect, test } from 'vitest';
import type { Pod } from '../../api/core/v1/types.ts';
import { notFound, type StatusError } from '../../api/meta/status.ts';
import { nodeHost } from '../../host/node/index.ts';
import type { HttpRequest, HttpResponse } from '../../host/types.ts';
import type { ServerRequest } from '../types.ts';
import { containerFor } from './containers.ts';
import { locationOf } from './kubelet.ts';
import { logQuery, podLogs } from './logs.ts';
import { plainPath, proxy, rewrittenLocation, splitProxyPath } from './reverse-proxy.ts';
import { kubeletTarget } from './streams.ts';
import { isProxyable, podTarget, serviceTarget, splitSchemeNamePort } from './targets.ts';
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
    ['portforward', 'portforward', 'ports=80&ports=81,82', '/portForward/ns/p?port=80%2C81%2C82'],
    ['portforward over SPDY', 'portforward', '', '/portForward/ns/p'],
  ] as const)('%s', (_, kind, query, target) => expect(kubeletTarget(kind, pod({}), new URLSearchParams(query))).toBe(target));
  test.each([['x', 'parsing "x": invalid syntax'], ['', 'parsing "": invalid syntax'], ['4294967296', 'parsing "4294967296": value out of range']])('ports %j', (port, message) => {
    expect(() => kubeletTarget('portforward', pod({}), new URLSearchParams({ ports: port }))).toThrow(`strconv.ParseInt: ${message}`);
  });
  test('exec of nothing', () => expect(() => kubeletTarget('exec', pod({}), new URLSearchParams())).toThrow('you must specify at least 1 command'));
  test('headers: the protocol goes along, credentials do not', () => {
    expect(upgradeHeaders({ upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io', authorization: 'Bearer x', cookie: 'c', 'sec-websocket-protocol': 'base64url.bearer.authorization.k8s.io.eA' })).toEqual({ upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io' });
  });
});

describe('logs', () => {
  test.each([
    ['follow=true&tailLines=5&sinceSeconds=10&timestamps=1&container=a&pretty=1', 'follow=true&timestamps=true&sinceSeconds=10&tailLines=5'],
    ['follow=false&previous=0&timestamps=', 'timestamps=true'],
    ['tailLines=0&limitBytes=%2B7', 'tailLines=0&limitBytes=7'],
    ['sinceTime=2024-02-29T01:02:03.5%2B02:00&insecureSkipTLSVerifyBackend=true', 'sinceTime=2024-02-28T23%3A02%3A03Z'],
    ['sinceTime=', ''],
  ])('the query %s', (query, expected) => expect(logQuery(new URLSearchParams(query)).toString()).toBe(expected));
  test.each([
    ['tailLines=-1', 422, 'PodLogOptions "p" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0'],
    ['sinceSeconds=0', 422, 'PodLogOptions "p" is invalid: sinceSeconds: Invalid value: 0: must be greater than zero'],
    ['limitBytes=0', 422, 'PodLogOptions "p" is invalid: limitBytes: Invalid value: 0: must be greater than zero'],
    ['sinceSeconds=1&sinceTime=2024-01-01T00:00:00Z', 422, 'PodLogOptions "p" is invalid: : Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified'],
    ['stream=Stdout', 422, 'PodLogOptions "p" is invalid: stream: Forbidden: may not be specified'],
    ['tailLines=-1&limitBytes=-1', 422, 'PodLogOptions "p" is invalid: [tailLines: Invalid value: -1: must be greater than or equal to 0, limitBytes: Invalid value: -1: must be greater than zero]'],
    ['limitBytes=x', 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
    ['tailLines=', 400, 'strconv.ParseInt: parsing "": invalid syntax'],
    ['tailLines=1.5', 400, 'strconv.ParseInt: parsing "1.5": invalid syntax'],
    ['sinceSeconds=99999999999999999999', 400, 'strconv.ParseInt: parsing "99999999999999999999": value out of range'],
    ['sinceTime=yesterday', 400, 'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": it is of another form'],
    ['sinceTime=2023-02-29T00:00:00Z', 400, 'parsing time "2023-02-29T00:00:00Z": day out of range'],
    ['sinceTime=2023-13-01T00:00:00Z', 400, 'parsing time "2023-13-01T00:00:00Z": month out of range'],
  ])('refused: %s', async (query, code, message) => {
    const notLooked = async (): Promise<Pod> => {
      throw new Error('the pod was looked for');
    };
    const refusal = podLogs(nodeHost({ logLevel: 'silent' }), { query: new URLSearchParams(query) } as unknown as ServerRequest, 'p', notLooked, kubelet);
    await expect(refusal).rejects.toMatchObject({ status: { code, message } });
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
    const answer = await podLogs(host, requestTo('/x?tailLines=2'), 'p', async () => pod({}), kubelet);
    expect(await textOf(answer.body)).toBe('one\ntwo\n');
    expect(asked[0]).toMatchObject({ url: 'https://10.0.0.1:10250/containerLogs/ns/p/a?tailLines=2', tls: { ca: 'CA' } });
  });
  test.each([
    ['a waiting container', { status: 400, body: pieces('container "a" in pod "p" is waiting to start: ContainerCreating') }, 400, 'container "a" in pod "p" is waiting to start: ContainerCreating'],
    ['a broken kubelet', { status: 500, body: pieces('oh') }, 500, 'Internal error occurred: oh'],
    ['no kubelet', new Error('connect ECONNREFUSED'), 500, 'Internal error occurred: Get "https://10.0.0.1:10250/containerLogs/ns/p/a": connect ECONNREFUSED'],
  ])('%s', async (_, response, code, message) => {
    const error = await podLogs(answering(response).host, requestTo('/x'), 'p', async () => pod({}), kubelet).catch((e: unknown) => e as StatusError);
    expect((error as StatusError).status).toMatchObject({ code, message });
  });
  test('a pod without a node has said nothing', async () => expect((await podLogs(answering({}).host, requestTo('/x'), 'p', async () => pod({ nodeName: '' }), kubelet)).body).toBe(''));
});

describe('proxy', () => {
  test.each([
    ['/api/v1/namespaces/ns/pods/p/proxy/a/b%2Fc', { base: '/api/v1/namespaces/ns/pods/p/proxy', rest: '/a/b/c' }],
    ['/api/v1/nodes/n/proxy/', { base: '/api/v1/nodes/n/proxy', rest: '/' }],
    ['/api/v1/nodes/n/proxy///a//b//', { base: '/api/v1/nodes/n/proxy', rest: '/a/b/' }],
    ['/api/v1/nodes/n/proxy', { base: '/api/v1/nodes/n/proxy', rest: '' }],
    ['/api/v1/namespaces/ns/services/proxy/proxy/proxy', { base: '/api/v1/namespaces/ns/services/proxy/proxy', rest: '/proxy' }],
  ])('path %s', (path, split) => expect(splitProxyPath(path)).toEqual(split));
  test.each([
    ['%2F', '/'], ['a%2Fb%2f', '/a/b/'], ['a%20b%C3%A9%ff', '/a%20b%C3%A9%FF'], ["$&+,:;=@-_.~!*'()[]", "/$&+,:;=@-_.~%21%2A%27%28%29%5B%5D"], ['%3Fa=1%23b%25', '/%3Fa=1%23b%25'],
    ['a/%2e%2e/%2E%2E/..%2fb', '/b'], ['%2e', '/'], ['a/..%2f', '/'], ['%0d%0aX:y', '/%0D%0AX:y'], ['%5c%5chost', '/%5C%5Chost'], ['\u00e9', '/%E9'],
  ])('passed on: %s', (raw, plain) => expect(plainPath(raw)).toBe(plain));

  test.each([['p', { scheme: '', name: 'p', port: '' }], ['p:80', { scheme: '', name: 'p', port: '80' }], ['https:p:80', { scheme: 'https', name: 'p', port: '80' }], ['https:p:', { scheme: 'https', name: 'p', port: '' }], ['ftp:p:1', undefined], ['a:b:c:d', undefined], ['', undefined]])('id %s', (id, split) => expect(splitSchemeNamePort(id)).toEqual(split));

  test.each([['10.0.0.1', true], ['127.0.0.1', false], ['169.254.169.254', false], ['0.0.0.0', false], ['::1', false], ['fe80::1', false], ['fd00::5', true], ['', false], ['example.com', false], ['::ffff:127.0.0.1', false]])('address %s', (address, allowed) => expect(isProxyable(address)).toBe(allowed));

  test.each([
    ['an absolute path', '/login', '/base/login'],
    ['query and fragment', '/login/?a=b&c#d', '/base/login/?a=b&c#d'],
    ['the same host', 'http://10.0.0.5:8080/x?y=1', '/base/x?y=1'],
    ['the same host and nothing else', 'http://10.0.0.5:8080', '/base/'],
    ['the host that the client asked', 'https://api.example:6443/login', '/base/login'],
    ['another port of the same host', 'http://10.0.0.5/x', 'http://10.0.0.5/x'],
    ['another host', 'http://evil.example/x', 'http://evil.example/x'],
    ['another host, whatever the scheme', '//evil.example/x', '//evil.example/x'],
    ['another host in disguise', '/\\evil.example/x', '/base/%5Cevil.example/x'],
    ['another host in deeper disguise', '\\/evil.example', '\\/evil.example'],
    ['relative', 'next', 'next'], ['relative, upwards', '../up', '../up'], ['a query', '?q=1', '?q=1'], ['a fragment', '#x', '#x'],
    ['steps upwards stay below', '/../../api/v1/secrets', '/base/api/v1/secrets'],
    ['steps upwards in disguise stay below', '/%2e%2e/%2E./api/v1/secrets', '/base/api/v1/secrets'],
    ['encoded slashes', '/a%2Fb c', '/base/a%2Fb%20c'],
    ['one that knows where it stands', '/base/x', '/base/x'], ['one that only looks so', '/basement', '/base/basement'],
    ['no address of the web', 'mailto:a@b', 'mailto:a@b'],
  ])('location: %s', (_, location, expected) => expect(rewrittenLocation(location, 'http://10.0.0.5:8080', '/base', 'api.example:6443')).toBe(expected));

  test('drops credentials and hop headers, keeps path, query and the rest', async () => {
    const cors = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'x', 'access-control-allow-methods': 'GET', 'access-control-allow-credentials': 'true', 'access-control-expose-headers': 'y' };
    const { host, asked } = answering({ status: 302, headers: { location: '/in', connection: 'keep-alive', 'x-own': '1', ...cors }, cookies: ['a=b; Path=/', 'c=d'], body: pieces('hi') });
    const answer = await proxy(host, requestTo('/api/v1/namespaces/ns/pods/p:80/proxy/a%20b//c/?q=1%202&empty&x;y', { rawQuery: 'q=1%202&empty&x;y', headers: { authorization: 'Bearer x', 'impersonate-user': 'y', connection: 'close, x-hop', 'x-hop': '1', accept: 'text/html', host: 'api.example:6443', 'x-forwarded-host': 'theirs', 'x-forwarded-for': '9.9.9.9' } }), { origin: 'http://10.0.0.5:80' });
    expect(asked[0]).toMatchObject({ method: 'GET', url: 'http://10.0.0.5:80/a%20b/c/?q=1%202&empty&x;y' });
    expect(asked[0]!.headers).toEqual({ accept: 'text/html', host: 'api.example:6443', 'x-forwarded-for': '9.9.9.9, 1.2.3.4', 'x-forwarded-host': 'theirs', 'x-forwarded-uri': '/api/v1/namespaces/ns/pods/p:80/proxy/a%20b/c/' });
    expect(answer).toMatchObject({ status: 302, headers: { location: '/api/v1/namespaces/ns/pods/p:80/proxy/in', 'x-own': '1', 'access-control-expose-headers': 'y' }, cookies: ['a=b; Path=/', 'c=d'] });
    expect(Object.keys(answer.headers).filter((name) => /^access-control-allow|^connection$/.test(name))).toEqual([]);
    expect(await textOf(answer.body)).toBe('hi');
  });
  test('a location that is none', async () => await expect(proxy(answering({ status: 302, headers: { location: 'http://[bad' } }).host, requestTo('/api/v1/nodes/n/proxy/'), { origin: 'http://10.0.0.5' })).rejects.toMatchObject({ status: { code: 500, message: 'Internal error occurred: error trying to parse Location header: parse "http://[bad": invalid URL' } }));
  test.each([['a pod', 'https://10.0.0.5:8443', ''], ['over IPv6', 'https://[fd00::5]:8443', ''], ['by name', 'https://node.example:10250', 'node.example']])('certificates are for the address dialled: %s', async (_, origin, serverName) => {
    const { host, asked } = answering({});
    await proxy(host, requestTo('/api/v1/nodes/n/proxy/', { headers: { host: 'localhost:8001' } }), { origin, tls: { ca: 'CA' } });
    expect(asked[0]!.tls).toEqual({ ca: 'CA', serverName });
  });
  test.each([['GET', 'GET', true], ['POST', 'POST', true], ['OPTIONS', 'OPTIONS', true], ['TRACE', 'TRACE', false], ['PROPFIND', 'PROPFIND', false]])('method %s', async (_, method, passed) => {
    const answer = proxy(answering({}).host, requestTo('/api/v1/nodes/n/proxy/x', { method }), { origin: 'http://10.0.0.5' });
    if (passed) expect((await answer).status).toBe(200);
    else await expect(answer).rejects.toMatchObject({ status: { code: 405 } });
  });
  test.each([['GET', { 'content-length': '4' }, 4], ['DELETE', { 'content-length': '4' }, 4], ['OPTIONS', { 'transfer-encoding': 'chunked' }, undefined], ['POST', {}, undefined]])('the body of a %s with %j', async (method, headers, bodyLength) => {
    const { host, asked } = answering({});
    await proxy(host, requestTo('/api/v1/nodes/n/proxy/x', { method, headers: headers as Record<string, string>, bodyStream: () => pieces('bo', 'dy') }), { origin: 'http://10.0.0.5' });
    expect(await textOf(asked[0]!.body)).toBe('body');
    expect(asked[0]!.bodyLength).toBe(bodyLength);
  });
  test('a page needs its slash', async () => expect(await proxy(answering({}).host, requestTo('/api/v1/nodes/n/proxy?a=1%20b', { rawQuery: 'a=1%20b' }), { origin: 'http://x' })).toMatchObject({ status: 301, headers: { location: '/api/v1/nodes/n/proxy/?a=1%20b' } }));
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
  await podLogs(host, requestTo('/x?insecureSkipTLSVerifyBackend=true'), 'p', async () => pod({}), async () => ({ origin: 'https://h', address: 'h', port: 1, tls: { ca: 'CA', cert: 'C', key: 'K' }, features: [] }));
  expect(asked[0]!.tls).toEqual({ ca: 'CA', cert: 'C', key: 'K', insecureSkipVerify: true });
});

describe('the endpoint of a service', () => {
  const podOf = (ip: string): Pod => ({ ...pod({}), status: { podIP: ip, podIPs: [{ ip }, { ip: 'fd00::9' }] } }) as Pod;
  const service = { metadata: { name: 's' }, spec: { ports: [{ name: 'http', port: 80 }, { name: 'tls', port: 443 }] } };
  const target = { kind: 'Pod', name: 'p', namespace: 'ns' };
  function clientOf(endpoints: readonly object[], more: object = {}): Client {
    const slices = [{ addressType: 'IPv4', ports: [{ name: 'http', port: 8080 }, { name: 'tls', port: 8443 }, { name: '', port: 9 }], endpoints, ...more }];
    return {
      of: ({ plural }: { plural: string }) => ({ inNamespace: () => ({
        get: async (name: string) => {
          const found = plural === 'services' && name === 's' ? service : plural === 'pods' && name === 'p' ? podOf('10.0.0.5') : undefined;
          if (!found) throw notFound({ group: '', plural }, name);
          return found;
        },
        list: async () => ({ items: endpoints.length > 0 ? slices : [] }),
      }) }),
    } as unknown as Client;
  }
  const good = { addresses: ['10.0.0.5'], targetRef: target };
  const at = (id: string, endpoints: readonly object[], more?: object) => serviceTarget(clientOf(endpoints, more), nodeHost({ logLevel: 'silent' }).random, 'ns', id);

  test.each([
    ['by number', 's:80', 'http://10.0.0.5:8080'], ['by name', 's:tls', 'http://10.0.0.5:8443'], ['with a scheme', 'https:s:443', 'https://10.0.0.5:8443'], ['the port without a name', 's', 'http://10.0.0.5:9'], ['the same, with a scheme', 'https:s:', 'https://10.0.0.5:9'],
  ])('%s', async (_, id, origin) => expect((await at(id, [good])).origin).toBe(origin));
  test('over IPv6', async () => expect((await at('s:80', [{ ...good, addresses: ['fd00::9'] }])).origin).toBe('http://[fd00::9]:8080'));
  test('one that is no pod\'s is passed over', async () => {
    const others = [{ addresses: ['10.0.0.66'], targetRef: target }, { addresses: ['10.0.0.5'] }, { addresses: ['10.0.0.7'], targetRef: { ...target, name: 'gone' } }];
    for (let index = 0; index < 10; index++) expect((await at('s:80', [...others, good])).origin).toBe('http://10.0.0.5:8080');
  });
  test.each([
    ['a port that it has not', 's:81', [good], {}, 'no service port 81 found for service "s"'],
    ['a name that it has not', 's:other', [good], {}, 'no endpoints available for service "s:other"'],
    ['nobody ready', 's:80', [{ ...good, conditions: { ready: false } }], {}, 'no endpoints available for service "s:80"'],
    ['nobody', 's:80', [], {}, 'no endpoints available for service "s"'],
    ['names instead of addresses', 's:80', [good], { addressType: 'FQDN' }, 'no endpoints available for service "s:80"'],
    ['addresses that are no pod\'s', 's:80', [{ addresses: ['10.0.0.66'] }], {}, 'no endpoints available for service "s:80"'],
    ['a pod of another namespace', 's:80', [{ ...good, targetRef: { ...target, namespace: 'other' } }], {}, 'no endpoints available for service "s:80"'],
  ])('503: %s', async (_, id, endpoints, more, message) => await expect(at(id, endpoints, more)).rejects.toMatchObject({ status: { code: 503, reason: 'ServiceUnavailable', message } }));
  test('no such service', async () => await expect(at('none:80', [])).rejects.toMatchObject({ status: { code: 404, message: 'services "none" not found' } }));
  test.each(['a:b:c:d', 'ftp:s:1', ':80'])('no service: %s', async (id) => await expect(at(id, [])).rejects.toMatchObject({ status: { code: 400, message: `invalid service request "${id}"` } }));
});
