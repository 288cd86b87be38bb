/** Connections that a server must not keep: those that are of no use any more, and those whose clients have gone in the worst moment. */
import { EventEmitter, once } from 'node:events';
import * as http2 from 'node:http2';
import * as net from 'node:net';
import * as tls from 'node:tls';
import { queryObjects } from 'node:v8';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createAuthority, issueCertificate, type KeyPair } from '../../pki/certificates.ts';
import type { Listener } from '../types.ts';
import { listenHttp } from './http-server.ts';

const idleTimeoutMs = 200;
let serving: KeyPair;
let listener: Listener;
beforeAll(async () => {
  const common = { nowMs: Date.now(), days: 1 };
  serving = await issueCertificate(await createAuthority({ commonName: 'ca', ...common }), { commonName: 'server', usages: ['server'], dnsNames: ['localhost'], ...common });
});
afterEach(() => listener.close());

const listen = async (onStream: (stream: http2.ServerHttp2Stream) => void): Promise<void> => {
  listener = await listenHttp({ address: '127.0.0.1', port: 0, tls: serving, idleTimeoutMs, onRequest: () => undefined, onStream });
};

test('an HTTP/2 connection without requests goes; one with a request that runs stays', async () => {
  await listen((stream) => {
    stream.respond({ ':status': 200 });
    stream.write('begun');
  });
  const [idle, busy] = [1, 2].map(() => http2.connect(`https://127.0.0.1:${listener.port}`, { rejectUnauthorized: false })) as [http2.ClientHttp2Session, http2.ClientHttp2Session];
  const [idleGone, busyGone] = [once(idle, 'close'), once(busy, 'close')];
  const stream = busy.request({ ':path': '/' });
  await once(stream, 'data');
  await idleGone;
  expect(busy.closed).toBe(false);
  stream.close();
  await busyGone;
});

test('a connection that is over without having said so goes when it has been idle', async () => {
  let session: http2.ServerHttp2Session | undefined;
  await listen((stream) => {
    session = stream.session as http2.ServerHttp2Session;
    stream.respond({ ':status': 204 }, { endStream: true });
  });
  const client = http2.connect(`https://127.0.0.1:${listener.port}`, { rejectUnauthorized: false }).on('error', () => undefined);
  await once(client.request({ ':path': '/' }).resume(), 'end');
  session!.removeAllListeners('close');
  const { destroy } = net.Socket.prototype;
  const held = vi.spyOn(net.Socket.prototype, 'destroy').mockImplementation(function keep(this: net.Socket) {
    return this;
  });
  session!.destroy();
  held.mockImplementation(destroy);
  await once(client, 'close');
  held.mockRestore();
});

test('a connection that has ended is let go at once, not when it would have been idle for long', async () => {
  let kind: (new () => object) | undefined;
  listener = await listenHttp({
    address: '127.0.0.1',
    port: 0,
    tls: serving,
    onRequest: () => undefined,
    onStream: (stream) => {
      kind = stream.session!.constructor as new () => object;
      stream.respond({ ':status': 204 }, { endStream: true });
    },
  });
  for (let client = 0; client < 10; client++) {
    const session = http2.connect(`https://127.0.0.1:${listener.port}`, { rejectUnauthorized: false });
    const stream = session.request({ ':path': '/' }).resume();
    await once(stream, 'end');
    session.close();
    await once(session, 'close');
  }
  // Its prototype may count, and the newest may still be in use.
  await expect.poll(() => queryObjects(kind!), { timeout: 30_000 }).toBeLessThan(5);
});

test('clients that ask for answers, and break off instead of reading them, leave nothing behind', async () => {
  const open = new Set<object>();
  const prepend = vi.spyOn(net.Server.prototype, 'emit').mockImplementation(function emit(this: net.Server, ...args: unknown[]) {
    if (args[0] === 'connection') {
      const socket = args[1] as net.Socket;
      open.add(socket);
      socket.once('close', () => open.delete(socket));
    }
    return EventEmitter.prototype.emit.apply(this, args as never);
  } as never);
  await listen((stream) => stream.respond({ ':status': 200 }, { endStream: true }));
  const ping = Buffer.alloc(17);
  ping.set([0, 0, 8, 6]);
  const flood = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]), ...Array.from({ length: 2_000 }, () => ping)]);
  for (let round = 0; round < 10; round++) {
    await Promise.all(Array.from({ length: 8 }, async () => {
      const socket = tls.connect({ host: '127.0.0.1', port: listener.port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
      socket.on('error', () => undefined);
      await once(socket, 'secureConnect');
      socket.end(flood);
      await Promise.race([once(socket, 'data'), once(socket, 'close')]);
      socket.destroy();
    }));
  }
  await expect.poll(() => open.size, { timeout: 30_000 }).toBe(0);
  prepend.mockRestore();
});

test('a request before what is no HTTP gets its answer, however much of that comes meanwhile', async () => {
  let answer: (() => void) | undefined;
  listener = await listenHttp({ address: '127.0.0.1', port: 0, onRequest: (_request, response) => void (answer = () => response.end('first')) });
  const socket = net.connect(listener.port, '127.0.0.1');
  let heard = '';
  socket.on('data', (piece: Buffer) => (heard += piece.toString()));
  socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\nno HTTP\r\n\r\n');
  await vi.waitFor(() => expect(answer).toBeDefined());
  for (let more = 0; more < 5; more++) {
    await new Promise<void>((resolve) => socket.write('nor this\r\n\r\n', () => resolve()));
    await new Promise((resolve) => setImmediate(resolve));
  }
  answer!();
  await once(socket, 'end');
  expect(heard).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*first[^]*HTTP\/1\.1 400 Bad Request\r\n[^]*400 Bad Request$/);
  socket.destroy();
});
