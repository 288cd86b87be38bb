import { once } from 'node:events';
import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as net from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { nodeHost } from '../host/node/index.ts';
import type { Listener } from '../host/types.ts';
import { createAuthority, issueCertificate } from '../pki/certificates.ts';
import { httpFront } from './http.ts';
import { decodePath, splitTarget } from './paths.ts';
import { Running } from './running.ts';
import type { Next } from './types.ts';

const host = nodeHost({ logLevel: 'silent' });
const open: Listener[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});

async function serve(handle: Next): Promise<{ url: string; running: Running }> {
  const running = new Running();
  const front = httpFront({ clock: host.clock, log: host.log, handle, running });
  const listener = await host.net.listen({ address: '127.0.0.1', port: 0, onRequest: front.onRequest, onStream: front.onStream, onUpgrade: front.onUpgrade });
  open.push(listener);
  return { url: `http://127.0.0.1:${listener.port}`, running };
}

describe('paths', () => {
  test.each([['/a/b?c=d', { rawPath: '/a/b', query: 'c=d' }], ['http://h:1/a?b', { rawPath: '/a', query: 'b' }], ['*', { rawPath: '*', query: '' }], ['', { rawPath: '/', query: '' }], ['/a#b', { rawPath: '/a', query: '' }]])('target %s', (target, expected) => expect(splitTarget(target)).toEqual(expected));
  test('decoded once', () => expect(decodePath('/a%20b/%2541')).toBe('/a b/%41'));
  test.each(['/a/../b', '/a/%2e%2e/b', '/..', '/a/.', '/%2e', '/a%00', '/%', '/a%2f..%2fb'])('refused: %s', (path) => expect(() => decodePath(path)).toThrow(expect.objectContaining({ code: 400 })));
  test('dots in names are fine', () => expect(decodePath('/a..b/.c/d...')).toBe('/a..b/.c/d...'));
});

describe('HTTP/1.1', () => {
  test('request and answer', async () => {
    const { url, running } = await serve(async (request) => ({ status: 201, headers: { 'x-a': '1' }, body: JSON.stringify({ method: request.method, path: request.path, q: request.query.get('q'), body: Buffer.from(await request.body()).toString(), own: request.headers['x-own'] }) }));
    const answer = await fetch(`${url}/a%20b?q=%26`, { method: 'POST', body: 'hello', headers: { 'x-own': 'y' } });
    expect([answer.status, answer.headers.get('x-a')]).toEqual([201, '1']);
    expect(await answer.json()).toEqual({ method: 'POST', path: '/a b', q: '&', body: 'hello', own: 'y' });
    expect(running.size).toBe(0);
  });

  test('a body over the limit is refused when it says how long it will be, and who goes on sending hears why', async () => {
    const { url } = await serve(async (request) => ({ status: 200, headers: {}, body: await request.body() }));
    const socket = net.connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
    const answered = once(socket, 'data') as Promise<[Buffer]>;
    socket.write('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3145729\r\n\r\nfirst');
    const [answer] = await answered;
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 [^]*Request entity too large: limit is 3145728/);
    let closed = false;
    socket.on('error', () => undefined);
    socket.on('close', () => (closed = true));
    socket.write(Buffer.alloc(3_145_724));
    socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    const [next] = (await once(socket, 'data')) as [Buffer];
    expect([next.toString().slice(0, 12), closed]).toEqual(['HTTP/1.1 200', false]);
    socket.destroy();
  });

  test('a body over the limit that did not say so is refused, not cut off', async () => {
    const { url } = await serve(async (request) => ({ status: 200, headers: {}, body: await request.body() }));
    const status = await new Promise((resolve, reject) => {
      const outgoing = http.request(url, { method: 'POST' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      outgoing.on('error', reject);
      for (let i = 0; i < 50; i++) outgoing.write(Buffer.alloc(64 * 1024));
      outgoing.end();
    });
    expect(status).toBe(413);
  });

  test.each([
    ['a body nobody would read', 'POST', 'Content-Length: 5\r\n', '400', 'must not have a body'],
    ['an answer that is a stream', 'GET', '', '400', 'cannot be given to an upgrade request'],
  ])('upgrades: %s', async (_name, method, header, status, words) => {
    const { url } = await serve(async (request) => {
      await request.body();
      return { status: 200, headers: {}, body: (async function* body() { yield Buffer.from('x'); })() };
    });
    const socket = await host.net.connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
    socket.write(`${method} / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n${header}\r\n`);
    let text = '';
    for await (const piece of socket) text += String(piece);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(text).toContain(words);
  });

  test.each([['comes', true], ['never comes', false]])('who closes the connection behind an answer that does not wait for its body gets it: the rest %s', async (_name, comes) => {
    const { url } = await serve(async () => ({ status: 404, headers: {}, body: 'nothing here' }));
    for (let i = 0; i < 5; i++) {
      const socket = net.connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
      let fault: Error | undefined;
      socket.on('error', (error) => (fault = error));
      socket.write(`POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: ${comes ? 100_005 : 200_000}\r\n\r\nfirst`);
      setImmediate(() => socket.write(Buffer.alloc(100_000)));
      let text = '';
      socket.on('data', (piece: Buffer) => (text += piece.toString()));
      await once(socket, 'close');
      expect([fault, text]).toEqual([undefined, expect.stringMatching(/^HTTP\/1.1 404 [^]*nothing here/)]);
    }
  });

  test('upgrades: who is refused and says more, or never leaves, is not kept', async () => {
    const { url, running } = await serve(async () => ({ status: 403, headers: {}, body: 'no' }));
    const connections = await Promise.all(Array.from({ length: 3 }, async () => {
      const socket = net.connect({ host: '127.0.0.1', port: Number(new URL(url).port), allowHalfOpen: true });
      socket.on('error', () => undefined);
      socket.write('GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nand more that nobody reads');
      const [piece] = (await once(socket, 'data')) as [Buffer];
      expect(piece.toString()).toContain('403');
      return socket;
    }));
    await expect.poll(() => running.size, { timeout: 20_000 }).toBe(0);
    for (const socket of connections) socket.destroy();
  });

  test('steps upwards are refused', async () => {
    const { url } = await serve(async () => ({ status: 200, headers: {} }));
    const status = await new Promise((resolve) => http.get({ port: new URL(url).port, host: '127.0.0.1', path: '/a/../b' }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }));
    expect(status).toBe(400);
  });

  test('large answers are compressed for who takes it', async () => {
    const big = 'x'.repeat(200_000);
    const { url } = await serve(async () => ({ status: 200, headers: {}, body: big }));
    const raw = (encoding: string): Promise<{ headers: http.IncomingHttpHeaders; body: Buffer }> => new Promise((resolve) => http.get(url, { headers: { 'accept-encoding': encoding } }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(pieces) }));
    }));
    const zipped = await raw('gzip');
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(zipped.body).toString()).toBe(big);
    expect((await raw('identity')).body.length).toBe(big.length);
    expect((await raw('gzip;q=0')).headers['content-encoding']).toBeUndefined();
  });

  test('a stream comes piece by piece, and ends when the client leaves', async () => {
    let signal: AbortSignal | undefined;
    const { url, running } = await serve(async (request) => {
      signal = request.signal;
      return { status: 200, headers: {}, body: (async function* body() {
        for (let i = 0; !request.signal.aborted; i++) {
          yield Buffer.from(`${i}\n`);
          await host.clock.sleep(5, request.signal);
        }
      })() };
    });
    const abort = new AbortController();
    const answer = await fetch(url, { signal: abort.signal });
    const reader = answer.body!.getReader();
    // On a busy machine several pieces may have come by the first look.
    expect(Buffer.from((await reader.read()).value!).toString()).toMatch(/^0\n(\d+\n)*$/);
    abort.abort();
    await expect.poll(() => signal?.aborted).toBe(true);
    await expect.poll(() => running.size).toBe(0);
  });

  test('the server can end a stream in order', async () => {
    const { url, running } = await serve(async (request) => ({ status: 200, headers: {}, body: (async function* body() {
      yield Buffer.from('a');
      await host.clock.sleep(60_000, request.signal);
      yield Buffer.from('b');
    })() }));
    const answer = await fetch(`${url}/api/v1/pods?watch=1`);
    running.cancelAll(new Error('stop'));
    expect(await answer.text()).toBe('ab');
  });

  test('slow readers hold the writer back', async () => {
    let written = 0;
    const { url } = await serve(async () => ({ status: 200, headers: {}, body: (async function* body() {
      for (; written < 1000; written++) yield new Uint8Array(64 * 1024);
    })() }));
    const response = await new Promise<http.IncomingMessage>((resolve) => http.get(url, resolve));
    response.pause();
    await host.clock.sleep(100);
    expect(written).toBeLessThan(900);
    response.destroy();
  });

  test('HEAD', async () => {
    const { url } = await serve(async () => ({ status: 200, headers: {}, body: 'hello' }));
    const answer = await fetch(url, { method: 'HEAD' });
    expect([answer.headers.get('content-length'), await answer.text()]).toEqual(['5', '']);
  });

  test('upgrades: taken over, or refused with an ordinary answer', async () => {
    const { url } = await serve(async (request) => {
      if (request.path !== '/ok') return { status: 403, headers: {}, body: 'no' };
      return { status: 101, headers: {}, upgrade: async (socket) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
        socket.pipe(socket);
      } };
    });
    const accepted = await host.net.upgrade({ method: 'GET', url: `${url}/ok`, headers: { upgrade: 'echo' } });
    expect(accepted.status).toBe(101);
    const echoed = new Promise((resolve) => accepted.socket!.once('data', (piece: Buffer) => resolve(piece.toString())));
    accepted.socket!.write('hi');
    expect(await echoed).toBe('hi');
    accepted.socket!.destroy();
    const refused = await host.net.upgrade({ method: 'GET', url: `${url}/no`, headers: { upgrade: 'echo' } });
    expect([refused.status, Buffer.from(refused.refusal!).toString()]).toEqual([403, 'no']);
  });
});

describe('HTTP/2', () => {
  test('the same front answers', async () => {
    const running = new Running();
    const front = httpFront({ clock: host.clock, log: host.log, running, handle: async (request) => ({ status: 200, headers: { connection: 'keep-alive' }, body: JSON.stringify({ host: request.headers['host'], path: request.path, body: Buffer.from(await request.body()).toString() }) }) });
    const server = http2.createServer().on('stream', (stream, headers, _flags, rawHeaders) => front.onStream(stream, headers, rawHeaders));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = http2.connect(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
    const stream = client.request({ ':method': 'POST', ':path': '/x' });
    stream.end('body');
    let text = '';
    for await (const piece of stream) text += String(piece);
    expect(JSON.parse(text)).toMatchObject({ path: '/x', body: 'body', host: expect.stringContaining('127.0.0.1') });
    client.close();
    server.close();
  });

  test.each<[string, number, boolean]>([['small', 10, false], ['large, and not read to its end', 4 * 1024 * 1024, true]])('a body that is %s and that nobody wants holds no stream open', async (_name, size, read) => {
    const running = new Running();
    const front = httpFront({ clock: host.clock, log: host.log, running, handle: async (request) => {
      if (read) await request.body();
      return { status: 403, headers: {}, body: 'no' };
    } });
    const server = http2.createServer().on('stream', (stream, headers, _flags, rawHeaders) => front.onStream(stream, headers, rawHeaders));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = http2.connect(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
    const stream = client.request({ ':method': 'POST', ':path': '/x' });
    stream.on('error', () => undefined);
    let status = 0;
    stream.on('response', (headers) => (status = headers[':status'] ?? 0));
    stream.resume();
    stream.end(Buffer.alloc(size));
    await new Promise((resolve) => stream.on('close', resolve));
    expect(status).toBe(read ? 413 : 403);
    await expect.poll(() => running.size).toBe(0);
    client.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  test('a client that has left holds no stream open', async () => {
    let released = false;
    let answer: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    // A body that does not look at the signal, and has a piece at all times.
    const body: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: false, value: new Uint8Array(1024) }),
      return: async () => {
        released = true;
        return { done: true, value: undefined };
      },
    }) };
    const front = httpFront({ clock: host.clock, log: host.log, running: new Running(), handle: async ({ signal }) => {
      answer();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return { status: 200, headers: {}, body };
    } });
    const server = http2.createServer().on('stream', (stream, headers, _flags, rawHeaders) => front.onStream(stream, headers, rawHeaders));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = http2.connect(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
    const stream = client.request({ ':path': '/' });
    stream.on('error', () => undefined);
    await asked;
    stream.close(http2.constants.NGHTTP2_CANCEL);
    await expect.poll(() => released).toBe(true);
    client.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
});

describe('TLS', () => {
  test('a client certificate is read over both protocols; one that is not trusted is told', async () => {
    const nowMs = host.clock.now();
    const [authority, stranger] = await Promise.all([createAuthority({ commonName: 'ca', nowMs, days: 1 }), createAuthority({ commonName: 'other', nowMs, days: 1 })]);
    const client = { commonName: 'jane', organizations: ['dev', 'ops'], usages: ['client' as const], nowMs, days: 1 };
    const [serving, jane, evil] = await Promise.all([issueCertificate(authority, { commonName: 's', usages: ['server'], ipAddresses: ['127.0.0.1'], nowMs, days: 1 }), issueCertificate(authority, client), issueCertificate(stranger, client)]);
    const running = new Running();
    const front = httpFront({ clock: host.clock, log: host.log, running, handle: async ({ clientCertificate, clientCertificateError }) => ({ status: 200, headers: {}, body: JSON.stringify({ clientCertificate, clientCertificateError }) }) });
    const listener = await host.net.listen({ address: '127.0.0.1', port: 0, tls: { ...serving, clientCa: authority.cert }, onRequest: front.onRequest, onStream: front.onStream, onUpgrade: front.onUpgrade });
    open.push(listener);
    const url = `https://127.0.0.1:${listener.port}`;
    const one = async (pair?: { cert: string; key: string }): Promise<Record<string, unknown>> => {
      const answer = await host.net.request({ method: 'GET', url, tls: { ca: authority.cert, ...pair } });
      let text = '';
      for await (const piece of answer.body) text += Buffer.from(piece).toString();
      return JSON.parse(text) as Record<string, unknown>;
    };
    const expected = { clientCertificate: { commonName: 'jane', organizations: ['dev', 'ops'], fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) } };
    expect(await one(jane)).toEqual(expected);
    expect(await one()).toEqual({});
    expect(await one(evil)).toEqual({ clientCertificateError: expect.any(String) });
    const session = http2.connect(url, { ca: authority.cert, ...jane });
    let text = '';
    for await (const piece of session.request({ ':path': '/' })) text += String(piece);
    expect(JSON.parse(text)).toEqual(expected);
    session.close();
  });
});
