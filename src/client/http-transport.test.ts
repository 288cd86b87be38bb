import { describe, expect, test } from 'vitest';
import { nodeNetwork } from '../host/node/network.ts';
import { turn } from '../host/node/turn.ts';
import { virtualHost } from '../simulate/virtual-host.ts';
import { createClient } from './client.ts';
import { ConnectionError, httpTransport } from './http-transport.ts';
import { loadKubeconfig, parseKubeconfig, tokenFileTtlMs } from './kubeconfig.ts';
import { ConfigMaps } from '../api/resources.ts';

describe('HTTP transport', () => {
  test('sends path, query, token and user agent, and streams the answer', async () => {
    const net = nodeNetwork();
    const seen: Record<string, unknown>[] = [];
    const listener = await net.listen({
      address: '127.0.0.1', port: 0,
      onRequest: (request, response) => {
        seen.push({ url: request.url, authorization: request.headers.authorization, agent: request.headers['user-agent'] });
        (response as import('node:http').ServerResponse).write('{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n{"type":');
        setTimeout(() => response.end('"BOOKMARK","object":{"metadata":{}}}\n'), 20);
      },
    });
    const transport = httpTransport(net, { server: `http://127.0.0.1:${listener.port}/prefix/`, token: async () => 'secret', userAgent: 'tester/1' });
    const types: string[] = [];
    for await (const event of createClient(transport).of(ConfigMaps).inNamespace('x').watch({ resourceVersion: '3' })) types.push(event.type);
    expect(types).toEqual(['ADDED', 'BOOKMARK']);
    expect(seen).toEqual([{ url: '/prefix/api/v1/namespaces/x/configmaps?resourceVersion=3&watch=true', authorization: 'Bearer secret', agent: 'tester/1' }]);
    await listener.close(0);
    const refused = transport.send({ method: 'GET', path: '/version' });
    await expect(refused).rejects.toThrow(`cannot reach the API server at http://127.0.0.1:${listener.port}/prefix: connection refused`);
    await expect(refused).rejects.toBeInstanceOf(ConnectionError);
  });
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function config(user: string, cluster = `server: https://10.0.0.1:6443, certificate-authority-data: ${base64('CA')}`): string {
  return `apiVersion: v1
kind: Config
current-context: main
contexts: [{name: main, context: {cluster: c, user: u, namespace: shop}}, {name: lost, context: {cluster: nowhere, user: u}}]
clusters: [{name: c, cluster: {${cluster}}}]
users: [{name: u, user: {${user}}}]
`;
}

describe('kubeconfig', () => {
  test('inline credentials', () => {
    expect(parseKubeconfig(config(`client-certificate-data: ${base64('CERT')}, client-key-data: ${base64('KEY')}`))).toMatchObject({
      context: 'main', server: 'https://10.0.0.1:6443', namespace: 'shop', tls: { ca: 'CA', cert: 'CERT', key: 'KEY' }, files: {},
    });
    expect(parseKubeconfig(config('token: t')).token).toBe('t');
  });

  const refused: [string, () => unknown, string][] = [
    ['exec plug-ins', () => parseKubeconfig(config('exec: {command: aws}')), 'user "u".exec: credential plug-ins are not supported'],
    ['auth providers', () => parseKubeconfig(config('auth-provider: {name: gcp}')), 'user "u".auth-provider is not supported'],
    ['passwords', () => parseKubeconfig(config('username: x')), 'basic authentication is not supported'],
    ['impersonation', () => parseKubeconfig(config('as: x')), 'impersonation is not supported'],
    ['proxies', () => parseKubeconfig(config('', 'server: x, proxy-url: y')), 'proxy-url is not supported'],
    ['a missing context', () => parseKubeconfig(config(''), 'other'), 'no context is named "other"'],
    ['a missing cluster', () => parseKubeconfig(config(''), 'lost'), 'no cluster is named "nowhere"'],
    ['a missing server', () => parseKubeconfig(config('', '')), 'cluster "c".server is not set'],
    ['no current context', () => parseKubeconfig('{}'), 'current-context is not set'],
    ['a wrong type', () => parseKubeconfig(config('token: 5')), 'user "u".token must be a string'],
  ];
  test.each(refused)('says what is wrong: %s', (_name, parse, words) => {
    expect(parse).toThrow(words);
  });

  test('files are read from beside the kubeconfig, and a token file is followed', async () => {
    const host = virtualHost({ seed: 'kubeconfig', settle: turn });
    await host.disk.mkdir('/etc/kube');
    await host.disk.write('/etc/kube/config', config('client-certificate: c.crt, client-key: /etc/kube/c.key, tokenFile: token', 'server: https://x, certificate-authority: ca.crt'));
    for (const [name, content] of [['ca.crt', 'CA'], ['c.crt', 'CERT'], ['c.key', 'KEY'], ['token', 'one\n']]) await host.disk.write(`/etc/kube/${name}`, content!);
    const loaded = await loadKubeconfig(host, '/etc/kube/config');
    expect(loaded).toMatchObject({ server: 'https://x', tls: { ca: 'CA', cert: 'CERT', key: 'KEY' } });
    const token = loaded.token as () => Promise<string>;
    expect(await token()).toBe('one');
    await host.disk.write('/etc/kube/token', 'two');
    expect(await token()).toBe('one');
    await host.clock.advance(tokenFileTtlMs);
    expect(await token()).toBe('two');
    await host.disk.remove('/etc/kube/token');
    await host.clock.advance(tokenFileTtlMs);
    expect(await token()).toBe('two');
    await host.disk.remove('/etc/kube/ca.crt');
    await expect(loadKubeconfig(host, '/etc/kube/config')).rejects.toThrow('cannot read certificate-authority "/etc/kube/ca.crt"');
  });
});
