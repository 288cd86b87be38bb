/** Bodies on their way through a proxy, over real connections: of any length, no faster than the other side takes them, with what follows them. */
import { once } from 'node:events';
import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as https from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeHost } from '../../host/node/index.ts';
import type { Listener } from '../../host/types.ts';
import { createAuthority, issueCertificate } from '../../pki/certificates.ts';
import { passOn } from '../aggregation/proxy.ts';
import type { Registration } from '../aggregation/registration.ts';
import type { Remotes } from '../aggregation/remote.ts';
import { httpFront } from '../http.ts';
import { Running } from '../running.ts';
import { proxy } from './reverse-proxy.ts';

const host = nodeHost({ logLevel: 'silent' });
const running = new Running();
let backend: http.Server;
let listener: Listener;
/** What the other side does with a request. */
let answer: (request: http.IncomingMessage, response: http.ServerResponse) => void;

beforeAll(async () => {
  const common = { nowMs: host.clock.now(), days: 1 };
  const serving = await issueCertificate(await createAuthority({ commonName: 'ca', ...common }), { commonName: 'server', usages: ['server'], dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'], ...common });
  backend = http.createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
  await once(backend, 'listening');
  const origin = `http://127.0.0.1:${(backend.address() as { port: number }).port}`;
  const remotes = { locate: () => ({ origin, tls: {} }) } as unknown as Remotes;
  const front = httpFront({
    clock: host.clock, log: host.log, running,
    handle: (request) => {
      request.user = { name: 'somebody', groups: [] };
      return request.path.startsWith('/apis/') ? passOn(host, remotes, { available: true } as Registration, request) : proxy(host, request, { origin });
    },
  });
  listener = await host.net.listen({ address: '127.0.0.1', port: 0, tls: serving, ...front });
});
afterAll(async () => {
  await listener.close();
  backend.closeAllConnections();
  backend.close();
});

const paths = { aggregator: '/apis/metrics.example.com/v1/things', proxy: '/api/v1/nodes/n/proxy/things' };
const mebibyte = 2 ** 20;

interface Exchange {
  /** Of the client: the body goes in here, the answer comes out. */
  stream: http.ClientRequest | http2.ClientHttp2Stream;
  answered: Promise<{ status: number; headers: http.IncomingHttpHeaders; incoming: http.IncomingMessage | http2.ClientHttp2Stream; trailers: () => Record<string, unknown> }>;
  end(): void;
}

function overHttp1(method: string, path: string, headers: Record<string, string>, agent: https.Agent | false = false): Exchange {
  const stream = https.request({ host: '127.0.0.1', port: listener.port, method, path, headers, agent, rejectUnauthorized: false });
  const answered = new Promise<Awaited<Exchange['answered']>>((resolve, reject) => {
    stream.on('error', reject);
    stream.on('response', (incoming) => resolve({ status: incoming.statusCode!, headers: incoming.headers, incoming, trailers: () => incoming.trailers }));
  });
  return { stream, answered, end: () => stream.destroy() };
}

function overHttp2(method: string, path: string, headers: Record<string, string>): Exchange {
  const session = http2.connect(`https://127.0.0.1:${listener.port}`, { rejectUnauthorized: false });
  session.on('error', () => undefined);
  const { trailer, ...others } = headers;
  const stream = session.request({ ':method': method, ':path': path, ...others, ...(trailer === undefined ? {} : { trailer }) }, { endStream: method === 'GET', waitForTrailers: trailer !== undefined });
  let trailers: Record<string, unknown> = {};
  const answered = new Promise<Awaited<Exchange['answered']>>((resolve, reject) => {
    stream.on('error', reject);
    stream.on('trailers', (after) => (trailers = after));
    stream.on('response', (head) => resolve({ status: head[':status']!, headers: head as http.IncomingHttpHeaders, incoming: stream, trailers: () => trailers }));
  });
  return { stream, answered, end: () => session.destroy() };
}

async function lengthOf(incoming: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0;
  for await (const piece of incoming) length += piece.length;
  return length;
}

/** Writes until the stream takes no more for a while, or all is written; answers with how much went. */
async function fill(stream: { write(piece: Buffer): boolean; once(event: 'drain', listener: () => void): unknown }, total: number): Promise<number> {
  const piece = Buffer.alloc(mebibyte / 4, 'x');
  for (let written = 0; written < total;) {
    written += piece.length;
    if (stream.write(piece)) continue;
    const stalled = await Promise.race([new Promise<false>((resolve) => stream.once('drain', () => resolve(false))), host.clock.sleep(300).then(() => true)]);
    if (stalled) return written;
  }
  return total;
}

const ways = [['HTTP/1.1', overHttp1], ['HTTP/2', overHttp2]] as const;
const all = Object.entries(paths).flatMap(([name, path]) => ways.map(([protocol, open]) => [name, protocol, path, open] as const));

describe('a body of any length goes no faster than it is taken', () => {
  test.each(all)('to the other side: %s, %s', async (_, __, path, open) => {
    const begun = Promise.withResolvers<http.IncomingMessage>();
    answer = async (request, response) => {
      begun.resolve(request);
      response.setHeader('x-began', 'yes');
      response.flushHeaders();
    };
    const { stream, answered, end } = open('POST', path, { 'content-type': 'application/octet-stream' });
    // An answer may begin before the body has.
    stream.write(Buffer.alloc(1));
    expect((await answered).headers['x-began']).toBe('yes');
    const total = 40 * mebibyte;
    const written = await fill(stream, total);
    expect(written).toBeLessThan(20 * mebibyte);
    const request = await begun.promise;
    const arrived = lengthOf(request);
    const rest = Buffer.alloc(mebibyte / 4, 'y');
    for (let sent = written; sent < total; sent += rest.length) if (!stream.write(rest)) await new Promise((resolve) => stream.once('drain', resolve));
    stream.end();
    expect(await arrived).toBe(total + 1);
    end();
  });

  test.each(all)('to the client: %s, %s', async (_, __, path, open) => {
    const total = 40 * mebibyte;
    const filled = Promise.withResolvers<number>();
    answer = async (_request, response) => {
      const written = await fill(response, total);
      filled.resolve(written);
      const rest = Buffer.alloc(mebibyte / 4, 'y');
      for (let sent = written; sent < total; sent += rest.length) if (!response.write(rest)) await new Promise((resolve) => response.once('drain', resolve));
      response.end();
    };
    const { stream, answered, end } = open('GET', path, {});
    stream.end();
    const { incoming } = await answered;
    expect(await filled.promise).toBeLessThan(20 * mebibyte);
    expect(await lengthOf(incoming)).toBe(total);
    end();
  });
});

describe('what follows a body', () => {
  test.each(all)('goes with the answer: %s, %s', async (_, __, path, open) => {
    answer = (_request, response) => {
      response.setHeader('trailer', 'X-Checksum, Content-Length');
      response.write('body');
      response.addTrailers({ 'X-Checksum': 'abc', 'x-unannounced': 'no' });
      response.end();
    };
    const { stream, answered, end } = open('GET', path, {});
    stream.end();
    const { headers, incoming, trailers } = await answered;
    expect(headers['trailer']).toBe('x-checksum');
    expect(await lengthOf(incoming)).toBe(4);
    expect(Object.entries(trailers())).toEqual([['x-checksum', 'abc']]);
    end();
  });

  test.each(all)('goes with the request, but for what says who the client is: %s, %s', async (_, protocol, path, open) => {
    const got = Promise.withResolvers<object>();
    answer = async (request, response) => {
      expect(await lengthOf(request)).toBe(4);
      got.resolve({ announced: request.headers['trailer'], ...request.trailers });
      response.end();
    };
    const secret = { authorization: 'Bearer x', 'impersonate-user': 'root', ...(path === paths.aggregator ? { 'x-remote-user': 'root' } : {}) };
    const { stream, answered, end } = open('POST', path, { trailer: ['x-sum', ...Object.keys(secret)].join(', '), ...(protocol === 'HTTP/1.1' ? { 'transfer-encoding': 'chunked' } : {}) });
    stream.write('body');
    if (protocol === 'HTTP/1.1') (stream as http.ClientRequest).addTrailers({ 'x-sum': '1', ...secret });
    else stream.on('wantTrailers', () => (stream as http2.ClientHttp2Stream).sendTrailers({ 'x-sum': '1', ...secret }));
    stream.end();
    expect((await answered).status).toBe(200);
    expect(await got.promise).toEqual({ announced: 'x-sum', 'x-sum': '1' });
    end();
  });
});

describe('bodies that are not there, or not whole', () => {
  test.each(all)('none: %s, %s', async (_, __, path, open) => {
    for (const [method, expected] of [['POST', ['0', undefined]], ['GET', [undefined, undefined]]] as const) {
      const got = Promise.withResolvers<object>();
      answer = (request, response) => {
        got.resolve([request.headers['content-length'], request.headers['transfer-encoding']]);
        response.end();
      };
      // HTTP/2 says so with the end of the head, HTTP/1.1 with a length of none.
      const { stream, answered, end } = open === overHttp2 ? endsAtOnce(method, path) : open(method, path, {});
      stream.end();
      expect((await answered).status).toBe(200);
      expect(await got.promise).toEqual(expected);
      end();
    }
  });

  test.each(all)('one that breaks off is not taken for a whole one: %s, %s', async (_, __, path, open) => {
    const got = Promise.withResolvers<string>();
    answer = (request) => {
      request.on('data', () => end());
      request.on('error', () => got.resolve('broken off'));
      request.on('end', () => got.resolve('whole'));
    };
    const { stream, answered, end } = open('POST', path, {});
    answered.catch(() => undefined);
    stream.on('error', () => undefined);
    stream.write('half');
    expect(await got.promise).toBe('broken off');
    await expect.poll(() => running.size, { timeout: 20_000 }).toBe(0);
  });

  test('an answer before the body’s end leaves the connection good for the next request', async () => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    answer = (request, response) => {
      if (request.method === 'POST') {
        response.writeHead(413);
        response.end('too long');
      } else {
        response.end('here');
      }
    };
    const first = overHttp1('POST', paths.proxy, { 'content-length': String(4 * mebibyte) }, agent);
    first.stream.write(Buffer.alloc(mebibyte));
    const { status, incoming } = await first.answered;
    expect(status).toBe(413);
    const { socket } = first.stream as http.ClientRequest;
    const read = lengthOf(incoming);
    first.stream.end(Buffer.alloc(3 * mebibyte));
    expect(await read).toBe(8);
    const second = overHttp1('GET', paths.proxy, {}, agent);
    second.stream.end();
    expect(await lengthOf((await second.answered).incoming)).toBe(4);
    expect((second.stream as http.ClientRequest).socket).toBe(socket);
    agent.destroy();
  });
});

/** A request over HTTP/2 whose head is all of it. */
function endsAtOnce(method: string, path: string): Exchange {
  const session = http2.connect(`https://127.0.0.1:${listener.port}`, { rejectUnauthorized: false });
  const stream = session.request({ ':method': method, ':path': path }, { endStream: true });
  const answered = new Promise<Awaited<Exchange['answered']>>((resolve, reject) => {
    stream.on('error', reject);
    stream.on('response', (head) => resolve({ status: head[':status']!, headers: head as http.IncomingHttpHeaders, incoming: stream, trailers: () => ({}) }));
  });
  return { stream, answered, end: () => session.destroy() };
}
