import { connect as connectTls } from 'node:tls';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Client, Running } from '../../client/types.ts';
import type { ContainerRuntime } from '../../cri/index.ts';
import { nodeHost } from '../../host/node/index.ts';
import type { Listener } from '../../host/types.ts';
import { createAuthority, issueCertificate, type KeyPair } from '../../pki/certificates.ts';
import { nodeSubresource } from './access.ts';
import { startKubeletServer } from './server.ts';
import { passOn } from './streaming.ts';

const host = nodeHost({ logLevel: 'silent' });
const open: Running[] = [];
let authority: KeyPair;
let serving: KeyPair;
let jane: KeyPair;
beforeAll(async () => {
  const nowMs = host.clock.now();
  authority = await createAuthority({ commonName: 'ca', nowMs, days: 1 });
  serving = await issueCertificate(authority, { commonName: 'node', usages: ['server'], ipAddresses: ['127.0.0.1'], nowMs, days: 1 });
  jane = await issueCertificate(authority, { commonName: 'jane', usages: ['client'], nowMs, days: 1 });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((running) => running.stop()));
});

async function start(): Promise<number> {
  const running = await startKubeletServer({
    host, client: {} as Client, runtime: {} as ContainerRuntime, nodeName: 'n',
    pods: { byName: () => undefined, all: () => [], container: async () => undefined, previousContainer: async () => undefined, sandboxId: async () => undefined },
    config: { address: '127.0.0.1', port: 0, serving, clientCa: authority.cert, authentication: 'cert-only' },
  });
  open.push(running);
  return running.port;
}

/** The answer's status line to a request written by hand. */
function ask(port: number, target: string, more = '', credentials: Partial<KeyPair> = jane): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port, ca: authority.cert, ...credentials, ALPNProtocols: ['http/1.1'] });
    let text = '';
    socket.on('secureConnect', () => socket.write(`GET ${target} HTTP/1.1\r\nHost: n\r\n${more === '' ? 'Connection: close\r\n' : more}\r\n`));
    socket.on('data', (piece: Buffer) => (text += piece.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve(text.split('\r\n', 1)[0]!));
  });
}

describe('the node\'s server', () => {
  test.each([['//', 404], ['//[', 404], ['http://[', 400], ['/containerLogs/%zz/p/c', 400], ['/containerLogs/ns/p/c', 404], ['/exec/ns/p/c', 404], ['/pods', 200], ['/../pods', 200], ['/healthz', 200]])('%s is answered, and the server lives on', async (target, status) => {
    const port = await start();
    expect(await ask(port, target)).toContain(` ${status} `);
    expect(await ask(port, target, 'Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n')).toMatch(/^HTTP\/1.1 4\d\d /);
    expect(await ask(port, '/healthz')).toContain(' 200 ');
  });

  test('tells how its health checks were, and of nothing before there was one', async () => {
    const port = await start();
    const body = async (path: string): Promise<string> => {
      const response = await host.net.request({ method: 'GET', url: `https://127.0.0.1:${port}${path}`, tls: { ca: authority.cert, ...jane } });
      let text = '';
      for await (const piece of response.body) text += Buffer.from(piece).toString();
      return text;
    };
    expect(await body('/metrics/slis')).toBe('');
    await body('/healthz');
    expect(await body('/metrics/slis')).toContain('\nkubernetes_healthcheck{name="ping",type="healthz"} 1\n');
  });

  test.each(['/pods', '//', '/run/ns/p/c?cmd=x', '/healthz/../pods', '/%68ealthz'])('nobody without credentials gets past the door: %s', async (target) => {
    const port = await start();
    expect(await ask(port, target, '', {})).toMatch(/ (401|400) /);
  });
});

test.each([['/metrics/cadvisor', 'metrics'], ['/logs/x', 'log'], ['/exec/a/b/c', 'proxy'], ['/constructor', 'proxy'], ['/toString/x', 'proxy'], ['/%6detrics', 'proxy']])('%s is asked for as nodes/%s', (path, subresource) => expect(nodeSubresource(path)).toBe(subresource));

test('a client that left while its session was dialled leaves no connection behind', async () => {
  let closed: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const runtime: Listener = await host.net.listen({ address: '127.0.0.1', port: 0, onRequest: (_request, response) => response.end(), onUpgrade: (_request, socket) => {
    socket.on('close', closed);
    socket.on('error', () => undefined);
    socket.resume();
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n');
    socket.on('end', () => socket.end());
  } });
  const door: Listener = await host.net.listen({ address: '127.0.0.1', port: 0, onRequest: (_request, response) => response.end(), onUpgrade: (request, socket, head) => {
    socket.on('error', () => undefined);
    socket.destroy();
    void passOn(host, `http://127.0.0.1:${runtime.port}/`, request, socket, head);
  } });
  const client = await host.net.connect({ host: '127.0.0.1', port: door.port });
  client.on('error', () => undefined);
  client.write('GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n');
  await over;
  client.destroy();
  await Promise.all([runtime.close(), door.close()]);
});
