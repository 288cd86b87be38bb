import { afterEach, describe, expect, test } from 'vitest';
import { nodeHost } from '../../host/node/index.ts';
import type { Listener } from '../../host/types.ts';
import { httpFront } from '../http.ts';
import { Running } from '../running.ts';
import { tunnel, upgradeHeaders } from './tunnel.ts';

const host = nodeHost({ logLevel: 'silent' });
const open: Listener[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});

/** A node that answers an upgrade by echoing what it hears, and another server before it that passes everything on. */
async function chainOf(behaviour: 'echo' | 'refuse' | 'farewell'): Promise<{ url: string; running: Running; seen: Record<string, unknown>[] }> {
  const seen: Record<string, unknown>[] = [];
  const node = await host.net.listen({
    address: '127.0.0.1', port: 0, onRequest: (_, response) => response.end(),
    onUpgrade: (request, socket) => {
      seen.push({ ...request.headers, url: request.url, method: request.method });
      if (behaviour === 'refuse') return void socket.end('HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\ncontent-length: 9\r\n\r\nnot today');
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\nhello ');
      if (behaviour === 'farewell') return void socket.end('bye');
      socket.pipe(socket);
    },
  });
  const running = new Running();
  const front = httpFront({ clock: host.clock, log: host.log, running, handle: (request) => tunnel(host, request, { method: request.method, url: `http://127.0.0.1:${node.port}/exec?command=a`, headers: upgradeHeaders(request.headers) }) });
  const server = await host.net.listen({ address: '127.0.0.1', port: 0, onRequest: front.onRequest, onUpgrade: front.onUpgrade });
  open.push(node, server);
  return { url: `http://127.0.0.1:${server.port}`, running, seen };
}

const dial = (url: string) => host.net.upgrade({ method: 'POST', url: `${url}/x`, headers: { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io', authorization: 'Bearer secret' } });

test('nobody to dial: 500 without a reason, in the words that kubectl shows', async () => {
  const request = { wantsUpgrade: true, headers: {}, signal: new AbortController().signal } as never;
  await expect(tunnel(host, request, { method: 'POST', url: 'http://127.0.0.1:1/exec', headers: {} })).rejects.toMatchObject({ status: { code: 500, message: 'error dialing backend: dial tcp 127.0.0.1:1: connect: connection refused' } });
});

async function textUntil(socket: NodeJS.ReadableStream, head: Uint8Array | undefined, wanted: string): Promise<string> {
  let text = Buffer.from(head ?? []).toString();
  return new Promise((resolve) => {
    const check = (): void => {
      if (text.includes(wanted)) resolve(text);
    };
    socket.on('data', (piece: Buffer) => {
      text += piece.toString();
      check();
    });
    socket.on('close', () => resolve(text));
    check();
  });
}

describe('tunnel', () => {
  test('bytes pass both ways, the protocol is agreed, credentials stay here', async () => {
    const { url, seen } = await chainOf('echo');
    const { status, headers, socket, head } = await dial(url);
    expect([status, headers['upgrade'], headers['x-stream-protocol-version']]).toEqual([101, 'SPDY/3.1', 'v4.channel.k8s.io']);
    socket!.write('ping');
    expect(await textUntil(socket!, head, 'ping')).toBe('hello ping');
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/exec?command=a', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io' });
    expect(seen[0]).not.toHaveProperty('authorization');
    socket!.destroy();
  });

  test('what the node says last still arrives', async () => {
    const { url, running } = await chainOf('farewell');
    const { socket, head } = await dial(url);
    expect(await textUntil(socket!, head, 'bye')).toBe('hello bye');
    await expect.poll(() => running.size).toBe(0);
  });

  test('a refusal comes through as it is', async () => {
    const { url } = await chainOf('refuse');
    const { status, refusal, socket } = await dial(url);
    expect([status, Buffer.from(refusal!).toString(), socket]).toEqual([403, 'not today', undefined]);
  });

  test('the server can cut it', async () => {
    const { url, running } = await chainOf('echo');
    const { socket, head } = await dial(url);
    await textUntil(socket!, head, 'hello');
    const closed = new Promise((resolve) => socket!.once('close', resolve));
    running.cancelLongRunning(new Error('stop'));
    await closed;
  });
});
