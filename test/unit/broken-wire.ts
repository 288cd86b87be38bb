/** Makes requests that are broken on the wire from a random stream: HTTP/1.1 as bytes, and HTTP/2 as frames. */
import { gzipSync } from 'node:zlib';
import type { Prng } from '../../src/base/prng.ts';
import { requestMaker, type MutatedRequest } from './mutated-requests.ts';

/** What is done on a connection of its own. */
export interface WireCase {
  /** What is wrong with it, for complaints. */
  name: string;
  protocol: 'http/1.1' | 'h2';
  /** Written one after the other, in turns of their own. */
  pieces: readonly Uint8Array[];
  /** What the client does after: waits for an answer, says that nothing more comes, or is gone. */
  after: 'wait' | 'end' | 'gone';
  /** HTTP itself is in order: there has to be an answer. */
  answered: boolean;
  head: boolean;
}

const crlf = '\r\n';
const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
const host = 'localhost';
const token = 'wire-token';
/** The bearer token that the server has to know. */
export const wireToken = token;

const requestLines = [
  'GET', 'GET /', 'GET  / HTTP/1.1', 'GET / HTTP/9.9', 'GET / HTTP/1', 'GET / http/1.1', 'get / HTTP/1.1', 'GE\u0000T / HTTP/1.1', 'GET /\u0000 HTTP/1.1', 'GET /\u0001\u0002 HTTP/1.1', ' GET / HTTP/1.1', 'GET /a b HTTP/1.1', 'GET http://other/ HTTP/1.1', 'GET https://x:y@other:99999/api HTTP/1.1', 'GET * HTTP/1.1',
  'OPTIONS * HTTP/1.1', 'CONNECT localhost:80 HTTP/1.1', 'PRI * HTTP/2.0', `GET /${'a'.repeat(20_000)} HTTP/1.1`, `GET /${'a'.repeat(100_000)} HTTP/1.1`, `GET /api?${'a=b&'.repeat(3_000)} HTTP/1.1`, '\u0016\u0003\u0001', '{"kind":"Pod"}', 'GET /%zz HTTP/1.1', 'GET //api//v1///pods HTTP/1.1', 'GET /api/v1/../../x HTTP/1.1', 'FOO /api HTTP/1.1', 'GET api/v1 HTTP/1.1', 'GET /\u00e4\u00ff HTTP/1.1', 'GET /api#x HTTP/1.1', 'GET /api HTTP/1.0', 'TRACE /api HTTP/1.1',
] as const;

/** Headers that the parser of HTTP has to judge. */
const brokenHeaders = [
  'no colon', ': no name', 'a b: c', 'a\u0000b: c', 'a: b\u0000c', ' folded: x', 'x: 1\r\n folded', 'content-length: -1', 'content-length: +1', 'content-length: 1e3', 'content-length: 0x10', 'content-length: 99999999999999999999', 'content-length: 1, 2', 'content-length: 5\r\ncontent-length: 6', 'content-length: 5\r\ncontent-length: 5', 'content-length:',
  'transfer-encoding: chunked\r\ncontent-length: 5', 'transfer-encoding: gzip', 'transfer-encoding: chunked, gzip', 'transfer-encoding: chunked, chunked', 'transfer-encoding: xchunked', 'transfer-encoding: \u000bchunked', 'transfer-encoding : chunked', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', 'host: a\r\nhost: b', 'host: a b', 'host: \u0000', 'x: \u007f', 'upgrade: h2c\r\nconnection: upgrade, http2-settings\r\nhttp2-settings: AAMAAABkAARAAAAAAAIAAAAA',
] as const;
/** Headers that HTTP lets pass. */
const oddHeaders = [
  'connection: close', 'connection: keep-alive, close', 'connection: \u00e4', 'expect: 100-continue', 'expect: x', 'te: trailers', 'trailer: content-length', 'upgrade: websocket\r\nconnection: upgrade', 'upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-key: x\r\nsec-websocket-version: 13', 'upgrade: SPDY/3.1\r\nconnection: upgrade', 'upgrade: \u00ff\r\nconnection: upgrade', 'authorization: Bearer', 'authorization: Basic =', 'authorization: \u00ff', 'accept: \u00ff', 'cookie: x', 'range: bytes=0-0', 'x-forwarded-host: \u00fe',
  'accept-encoding: gzip;q=x', 'accept-encoding: *;q=0', 'if-none-match: W/"', 'origin: null', 'content-type: \u0080', 'warning: 299 - "x"', 'audit-id: \u00e4', 'user-agent:', 'proxy-connection: x', 'keep-alive: timeout=-1', 'connection: transfer-encoding', 'connection: authorization', 'impersonate-extra-%00: x', 'x-remote-user: root',
] as const;
/** Bodies in chunks that are none. */
const brokenChunks = [
  'x\r\n', '0x5\r\nhello\r\n0\r\n\r\n', '-5\r\nhello\r\n', 'ffffffffffffffff\r\nhello', '5\r\nhello world\r\n0\r\n\r\n', '5 ; a\r\nhello\r\n0\r\n\r\n', `5;${'a'.repeat(20_000)}\r\nhello\r\n0\r\n\r\n`, '5\nhello\n0\n\n', '5\r\nhello\r\n0\r\nx', '\r\n\r\n', '5\r\nhello0\r\n\r\n', '00000000000000000000005\r\nhello\r\n0\r\n\r\n', '5\r\nhello\r\n0\r\ncontent-length: 5\r\n\r\n', `0\r\n${'a: b\r\n'.repeat(20_000)}\r\n`,
] as const;

/** A frame of HTTP/2 (RFC 9113, 4.1). */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array, length = payload.length): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream >>> 0, 5);
  return Buffer.concat([head, payload]);
}

const preface = latin('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const settings = frame(4, 0, 0, Buffer.alloc(0));
/** A field of a header block, as it is (RFC 7541, 6.2.2). Short names and values. */
const field = (name: string, value: string): Buffer => Buffer.concat([Buffer.from([0, name.length]), latin(name), Buffer.from([value.length]), latin(value)]);
const headers = (method: string, path: string, more: readonly [string, string][] = []): Buffer => Buffer.concat([field(':method', method), field(':scheme', 'https'), field(':path', path), field(':authority', host), field('authorization', `Bearer ${token}`), ...more.map(([name, value]) => field(name, value))]);
const endHeaders = 4;
const endStream = 1;

class WireMaker {
  readonly #prng: Prng;
  readonly #requests: () => MutatedRequest;

  constructor(prng: Prng) {
    this.#prng = prng;
    this.#requests = requestMaker(prng);
  }

  int(bound: number): number {
    return Math.floor(this.#prng.next() * bound);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)]!;
  }

  /** In few pieces, at random places. */
  cut(bytes: Uint8Array): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let at = 0;
    for (let left = this.int(4); left > 0 && at < bytes.length; left--) {
      const to = at + 1 + this.int(bytes.length - at);
      pieces.push(bytes.subarray(at, to));
      at = to;
    }
    return at < bytes.length || pieces.length === 0 ? [...pieces, bytes.subarray(at)] : pieces;
  }

  target({ path, query }: MutatedRequest): string {
    const text = new URLSearchParams(Object.entries(query ?? {}).map(([name, value]): [string, string] => [name, String(value)])).toString();
    // Whatever cannot stand in a request line is another case.
    const safe = Buffer.from(path.startsWith('/') ? path : `/${path}`).toString('latin1').replace(/[^\x21-\x7e]/g, '_');
    return text === '' ? safe : `${safe}?${text}`;
  }

  usual(): { request: MutatedRequest; method: string; lines: string[]; body: Uint8Array } {
    const request = this.#requests();
    const method = /^[A-Z]+$/.test(request.method) && request.method !== ('CONNECT' as string) ? request.method : 'POST';
    const lines = [`${method} ${this.target(request)} HTTP/1.1`, `host: ${host}`, `authorization: Bearer ${token}`];
    for (const [name, value] of Object.entries(request.headers ?? {})) lines.push(`${name.replace(/[^\w-]/g, '_')}: ${Buffer.from(value).toString('latin1').replace(/[^\x20-\x7e]/g, '_')}`);
    return { request, method, lines, body: request.body ?? new Uint8Array() };
  }

  http1(name: string, bytes: Uint8Array, rest: Partial<WireCase> = {}): WireCase {
    return { name, protocol: 'http/1.1', pieces: this.cut(bytes), after: 'wait', answered: false, head: false, ...rest };
  }

  /** Right on the wire; what it says is wrong. */
  framed(): WireCase {
    const { method, lines, body } = this.usual();
    const head = method === 'HEAD';
    if (this.int(3) === 0) lines.push(this.pick(oddHeaders));
    const expects = lines.some((line) => line.startsWith('expect') || line.startsWith('upgrade'));
    if (this.int(3) > 0 || body.length === 0) return this.http1('framed', Buffer.concat([latin(`${lines.join(crlf)}${crlf}content-length: ${body.length}${crlf}${crlf}`), body]), { answered: !expects, head });
    const chunks: Buffer[] = [];
    for (const piece of this.cut(body)) chunks.push(latin(`${piece.length.toString(16)}${crlf}`), Buffer.from(piece), latin(crlf));
    return this.http1('chunked', Buffer.concat([latin(`${lines.join(crlf)}${crlf}transfer-encoding: chunked${crlf}${crlf}`), ...chunks, latin(`0${crlf}${crlf}`)]), { answered: !expects, head });
  }

  requestLine(): WireCase {
    return this.http1('request line', latin(`${this.pick(requestLines)}${crlf}host: ${host}${crlf}authorization: Bearer ${token}${crlf}${crlf}`));
  }

  headerLines(): WireCase {
    const { lines, body, method } = this.usual();
    lines.splice(1 + this.int(lines.length), 0, this.pick(brokenHeaders));
    return this.http1('header', Buffer.concat([latin(`${lines.join(crlf)}${crlf}${crlf}`), body]), { head: method === 'HEAD' });
  }

  hugeHeaders(): WireCase {
    const { lines, method } = this.usual();
    const more = this.pick([() => `x: ${'a'.repeat(this.pick([8_000, 20_000, 70_000, 300_000]))}`, () => Array.from({ length: this.pick([50, 500, 5_000]) }, (_, i) => `x-${i}: y`).join(crlf), () => `${'n'.repeat(70_000)}: x`])();
    return this.http1('huge headers', latin(`${[...lines, more, 'content-length: 0'].join(crlf)}${crlf}${crlf}`), { head: method === 'HEAD' });
  }

  chunks(): WireCase {
    const { lines } = this.usual();
    return this.http1('chunks', latin(`${lines.join(crlf).replace(/^\S+/, 'POST')}${crlf}transfer-encoding: chunked${crlf}${crlf}${this.pick(brokenChunks)}`), { after: this.pick(['end', 'gone'] as const) });
  }

  truncated(): WireCase {
    const { lines, body, method } = this.usual();
    const bytes = Buffer.concat([latin(`${lines.join(crlf)}${crlf}content-length: ${body.length + 1 + this.int(100)}${crlf}${crlf}`), body]);
    return this.http1('truncated', bytes.subarray(0, 1 + this.int(bytes.length)), { after: this.pick(['end', 'gone'] as const), head: method === 'HEAD' });
  }

  compressed(): WireCase {
    const { lines, body, method } = this.usual();
    let bytes: Uint8Array = gzipSync(body);
    if (this.int(2) === 0) bytes = bytes.subarray(0, this.int(bytes.length));
    else (bytes = Uint8Array.from(bytes))[this.int(bytes.length)] = this.int(256);
    return this.http1('gzip', Buffer.concat([latin(`${lines.join(crlf)}${crlf}content-encoding: ${this.pick(['gzip', 'deflate', 'gzip, gzip', 'x'])}${crlf}content-length: ${bytes.length}${crlf}${crlf}`), bytes]), { answered: true, head: method === 'HEAD' });
  }

  /** A right request with a wrong one behind it. */
  pipelined(): WireCase {
    const first = `GET /version HTTP/1.1${crlf}host: ${host}${crlf}authorization: Bearer ${token}${crlf}${crlf}`;
    return this.http1('pipelined', Buffer.concat([latin(first), ...this.pick([() => this.requestLine(), () => this.headerLines(), () => this.truncated()])().pieces]), { answered: true, after: this.pick(['wait', 'end'] as const) });
  }

  noise(): WireCase {
    const bytes = this.#prng.bytes(1 + this.int(300));
    return this.http1('noise', bytes, { after: 'end' });
  }

  h2(name: string, frames: readonly Uint8Array[], rest: Partial<WireCase> = {}): WireCase {
    return { name: `h2 ${name}`, protocol: 'h2', pieces: this.cut(Buffer.concat([preface, settings, ...frames])), after: 'wait', answered: false, head: false, ...rest };
  }

  frames(): WireCase {
    const get = frame(1, endHeaders | endStream, 1, headers('GET', '/version'));
    const post = frame(1, endHeaders, 1, headers('POST', '/api/v1/namespaces/default/configmaps', [['content-type', 'application/json']]));
    const u32 = (value: number): Buffer => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value >>> 0);
      return bytes;
    };
    const cases: readonly (() => WireCase)[] = [
      () => this.h2('right', [get], { answered: true }),
      () => this.h2('preface', [], { pieces: [latin('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n')], after: 'end' }),
      () => this.h2('noise', [this.#prng.bytes(200)], { after: 'end' }),
      () => this.h2('header block', [frame(1, endHeaders | endStream, 1, this.#prng.bytes(60))]),
      () => this.h2('even stream', [frame(1, endHeaders | endStream, 2, headers('GET', '/'))]),
      () => this.h2('data on stream 0', [frame(0, 0, 0, Buffer.from('x'))]),
      () => this.h2('data before headers', [frame(0, 0, 5, Buffer.from('x'))]),
      () => this.h2('too long a frame', [frame(0, 0, 1, Buffer.alloc(10), 0xffffff)], { after: 'end' }),
      () => this.h2('unknown frame', [frame(0xbe, 0xff, 1, Buffer.alloc(8)), get], { answered: true }),
      () => this.h2('no end of headers', [frame(1, endStream, 1, headers('GET', '/version')), frame(6, 0, 0, Buffer.alloc(8))]),
      () => this.h2('continuations', [frame(1, endStream, 1, headers('GET', '/')), ...Array.from({ length: 2_000 }, () => frame(9, 0, 1, field('x', 'y')))], { after: 'end' }),
      () => this.h2('pings', Array.from({ length: 2_000 }, () => frame(6, 0, 0, Buffer.alloc(8))), { after: 'end' }),
      () => this.h2('settings', Array.from({ length: 2_000 }, () => settings), { after: 'end' }),
      () => this.h2('odd settings', [frame(4, 0, 0, Buffer.from([0, 4, 0xff, 0xff, 0xff, 0xff]))]),
      () => this.h2('settings of a stream', [frame(4, 0, 3, Buffer.alloc(6))]),
      () => this.h2('window of 0', [frame(8, 0, 0, u32(0))]),
      () => this.h2('window too wide', [get, frame(8, 0, 0, u32(0x7fffffff)), frame(8, 0, 0, u32(0x7fffffff))]),
      () => this.h2('stall', [frame(4, 0, 0, Buffer.concat([Buffer.from([0, 4]), u32(0)])), frame(1, endHeaders | endStream, 1, headers('GET', '/openapi/v2'))], { after: 'gone' }),
      () => this.h2('resets', Array.from({ length: 300 }, (_, i) => [frame(1, endHeaders | endStream, 2 * i + 1, headers('GET', '/api/v1/pods')), frame(3, 0, 2 * i + 1, u32(8))]).flat(), { after: 'end' }),
      () => this.h2('reset in the body', [post, frame(0, 0, 1, Buffer.from('{"metadata"')), frame(3, 0, 1, u32(8))], { after: 'end' }),
      () => this.h2('half a body', [post, frame(0, 0, 1, Buffer.from('{"metadata"'))], { after: this.pick(['end', 'gone'] as const) }),
      () => this.h2('broken body', [post, frame(0, endStream, 1, Buffer.from('{"metadata"'))], { answered: true }),
      () => this.h2('padding', [post, frame(0, 8 | endStream, 1, Buffer.from([200, 1, 2]))]),
      () => this.h2('length that lies', [frame(1, endHeaders, 1, headers('POST', '/api/v1/namespaces/default/configmaps', [['content-length', '5']])), frame(0, endStream, 1, Buffer.from('{}'))]),
      () => this.h2('two paths', [frame(1, endHeaders | endStream, 1, headers('GET', '/version', [[':path', '/x']]))]),
      () => this.h2('capital letters', [frame(1, endHeaders | endStream, 1, headers('GET', '/version', [['Accept', 'x']]))]),
      () => this.h2('hop headers', [frame(1, endHeaders | endStream, 1, headers('GET', '/version', [['connection', 'close']]))]),
      () => this.h2('no path', [frame(1, endHeaders | endStream, 1, Buffer.concat([field(':method', 'GET'), field(':scheme', 'https'), field(':authority', host)]))]),
      () => this.h2('odd path', [frame(1, endHeaders | endStream, 1, headers('GET', this.pick(['x', '*', '', '//', '/%zz', '/..', '/\u00ff', '/a b'])))]),
      () => this.h2('odd method', [frame(1, endHeaders | endStream, 1, headers(this.pick(['', 'get', 'G T', 'CONNECT', 'FOO', '\u00ff']), '/version'))]),
      () => this.h2('odd value', [frame(1, endHeaders | endStream, 1, headers('GET', '/version', [['x', this.pick(['\u0000', '\r\n', ' x', '\u00ff'])]]))]),
      () => this.h2('header bomb', [frame(1, endHeaders | endStream, 1, Buffer.concat([headers('GET', '/version'), Buffer.from([0x40, 1, 0x78, 100]), Buffer.alloc(100, 0x61), ...Array.from({ length: 10_000 }, () => Buffer.from([0xbe]))]))]),
      () => this.h2('goaway', [frame(7, 0, 0, Buffer.alloc(8)), get], { after: 'end' }),
      () => this.h2('priorities', Array.from({ length: 500 }, (_, i) => frame(2, 0, 2 * i + 1, Buffer.from([0, 0, 0, 0, 1]))), { after: 'end' }),
      () => this.h2('push', [frame(5, endHeaders, 1, Buffer.concat([u32(2), headers('GET', '/')]))]),
    ];
    return this.pick(cases)();
  }

  next(): WireCase {
    const kinds: readonly (() => WireCase)[] = [
      () => this.framed(), () => this.framed(), () => this.framed(), () => this.framed(), () => this.requestLine(), () => this.headerLines(), () => this.hugeHeaders(), () => this.chunks(), () => this.truncated(), () => this.compressed(), () => this.pipelined(), () => this.noise(),
      () => this.frames(), () => this.frames(), () => this.frames(),
    ];
    return this.pick(kinds)();
  }
}

/** Each call makes the next case of the stream. */
export function wireMaker(prng: Prng): () => WireCase {
  const maker = new WireMaker(prng);
  return () => maker.next();
}
