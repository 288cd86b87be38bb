/** Connections of HTTP/1.1 whose clients send more than they should: every request gets its answer, in order, and no connection is kept. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import * as net from 'node:net';
import * as tls from 'node:tls';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createAuthority, issueCertificate, type KeyPair } from '../../pki/certificates.ts';
import type { AnyServerRequest, ListenOptions, Listener } from '../types.ts';
import { listenHttp } from './http-server.ts';

let serving: KeyPair;
let listener: Listener | undefined;
const sockets: net.Socket[] = [];
beforeAll(async () => {
  const common = { nowMs: Date.now(), days: 1 };
  serving = await issueCertificate(await createAuthority({ commonName: 'ca', ...common }), { commonName: 'server', usages: ['server'], dnsNames: ['localhost'], ...common });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await listener?.close();
});

interface Peer {
  socket: net.Socket;
  heard(): string;
  /** The codes of the answers so far. */
  codes(): string[];
}

async function listen(secure: boolean, onRequest: (request: AnyServerRequest, response: ServerResponse) => void, more: Partial<ListenOptions> = {}): Promise<() => Promise<Peer>> {
  const { port } = (listener = await listenHttp({ address: '127.0.0.1', port: 0, ...(secure ? { tls: serving } : {}), onRequest: onRequest as ListenOptions['onRequest'], ...more }));
  return async () => {
    const socket = secure ? tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] }) : net.connect({ port, host: '127.0.0.1' });
    sockets.push(socket);
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (piece: Buffer) => (text += piece.toString()));
    await once(socket, secure ? 'secureConnect' : 'connect');
    return { socket, heard: () => text, codes: () => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1]!) };
  };
}

const ask = (path: string, headers = ''): string => `GET ${path} HTTP/1.1\r\nHost: h\r\n${headers}\r\n`;
const patience = { timeout: 20_000 };

describe.each([['plain', false], ['TLS', true]])('%s', (_name, secure) => {
  test('requests sent at once are answered one after the other', async () => {
    const running = new Set<string>();
    let most = 0;
    const connect = await listen(secure, (request, response) => {
      running.add(request.url!);
      most = Math.max(most, running.size);
      setImmediate(() => {
        running.delete(request.url!);
        response.end(`<${request.url!}>`);
      });
    });
    const { socket, heard } = await connect();
    socket.write(Array.from({ length: 50 }, (_, i) => ask(`/${i}`)).join(''));
    await vi.waitFor(() => expect([...heard().matchAll(/<\/(\d+)>/g)].map((match) => Number(match[1]))).toEqual(Array.from({ length: 50 }, (_, i) => i)), patience);
    expect(most).toBe(1);
  });

  test('who sends too many at once gets the answers to those that were taken, and is refused', async () => {
    let served = 0;
    const connect = await listen(secure, (_request, response) => {
      served++;
      setImmediate(() => response.end('good'));
    });
    const { socket, codes } = await connect();
    socket.write(ask('/').repeat(500));
    await once(socket, 'close');
    expect([served, codes()]).toEqual([101, [...Array.from({ length: 101 }, () => '200'), '429']]);
  });

  test('requests that wait when the connection breaks are not begun, and hold nothing up', async () => {
    const begun: string[] = [];
    const closed: string[] = [];
    const connect = await listen(secure, (request, response) => {
      begun.push(request.url!);
      response.on('close', () => closed.push(request.url!));
    });
    const { socket } = await connect();
    socket.write(ask('/1') + ask('/2') + ask('/3'));
    await vi.waitFor(() => expect(begun).toEqual(['/1']), patience);
    socket.destroy();
    await vi.waitFor(() => expect(closed).toEqual(['/1']), patience);
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toEqual(['/1']);
  });

  test('junk without end behind a request that runs: it is answered, and the connection goes', async () => {
    let answer: (() => void) | undefined;
    const connect = await listen(secure, (_request, response) => void (answer = () => response.end('good')));
    const { socket, codes } = await connect();
    socket.write(`${ask('/')}junk\r\n\r\n`);
    let sent = 0;
    while (answer === undefined || sent < 5_000_000) {
      sent += 50_000;
      await new Promise<void>((resolve) => socket.write(Buffer.alloc(50_000, 'junk\r\n'), () => resolve()));
    }
    answer();
    while (!socket.destroyed) await Promise.race([new Promise<void>((resolve) => socket.write(Buffer.alloc(50_000, 'junk\r\n'), () => resolve())), once(socket, 'close')]);
    expect(codes()).toEqual(['200', '400']);
  });

  test('a body that goes on after its answer ends the connection', async () => {
    const connect = await listen(secure, (_request, response) => response.end('I do not read'));
    const { socket, codes } = await connect();
    socket.write('POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n');
    while (!socket.destroyed) {
      socket.write('1\r\nx\r\n');
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(codes()).toEqual(['200']);
  });

  test('one that ends soon after its answer does not', async () => {
    const connect = await listen(secure, (_request, response) => response.end('I do not read'));
    const { socket, codes } = await connect();
    socket.write('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\nfirst');
    await vi.waitFor(() => expect(codes()).toEqual(['200']), patience);
    socket.write(Buffer.alloc(100_000 - 5));
    socket.write(ask('/next'));
    await vi.waitFor(() => expect(codes()).toEqual(['200', '200']), patience);
  });

  test.each([['of the only request', '', ['400']], ['of a request behind another', ask('/'), ['200', '400']]])('a broken body %s, whose handler waits for it', async (_what, before, expected) => {
    const connect = await listen(secure, (request, response) => {
      request.resume();
      request.on('end', () => response.end('read'));
    });
    const { socket, codes } = await connect();
    socket.write(`${before}POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n`);
    await once(socket, 'close');
    expect(codes()).toEqual(expected);
  });

  test('what is broken in a body after its answer has no answer of its own', async () => {
    const connect = await listen(secure, (_request, response) => response.end('I do not read'));
    const { socket, codes } = await connect();
    socket.write('POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n');
    await vi.waitFor(() => expect(codes()).toEqual(['200']), patience);
    socket.write('no chunk\r\n');
    await once(socket, 'close');
    expect(codes()).toEqual(['200']);
  });

  test('a connection changes its protocol only where nothing runs over it', async () => {
    let answer: (() => void) | undefined;
    const onUpgrade = vi.fn();
    const connect = await listen(secure, (_request, response) => void (answer = () => response.end('good')), { onUpgrade });
    const { socket, codes } = await connect();
    socket.write(ask('/') + ask('/', 'Connection: Upgrade\r\nUpgrade: x\r\n'));
    await vi.waitFor(() => expect(answer).toBeDefined(), patience);
    answer!();
    await once(socket, 'close');
    expect(codes()).toEqual(['200', '400']);
    expect(onUpgrade).not.toHaveBeenCalled();
  });

  test('a client that does not read its answer, and sends junk, is read no more than others', async () => {
    const long = Buffer.alloc(2 ** 20);
    let writing: ServerResponse | undefined;
    const connect = await listen(secure, (_request, response) => {
      writing = response;
      for (let i = 0; i < 30; i++) response.write(long);
      response.end();
    });
    const { socket } = await connect();
    socket.pause();
    socket.write(ask('/'));
    await vi.waitFor(() => expect(writing).toBeDefined(), patience);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 200; i++) await Promise.race([new Promise<void>((resolve) => socket.write(Buffer.alloc(50_000, 'junk\r\n'), () => resolve())), new Promise((resolve) => setTimeout(resolve, 50))]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * 2 ** 20);
    socket.destroy();
    await vi.waitFor(() => expect(writing!.destroyed).toBe(true), patience);
  });
});
