import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ServerRequest } from '../types.ts';
import { clientFrame, webSocketHeaders } from '../proxy/streaming.fixture.ts';
import { binaryHead, closeFrame, FrameParser, handshakeAnswer, handshakeFailure, offeredProtocols, pongFrame, WebSocketError, type FrameEvent } from './frames.ts';

const limit = 1000;
function parsed(pieces: readonly Uint8Array[]): FrameEvent[] {
  const parser = new FrameParser(limit);
  return pieces.flatMap((piece) => [...parser.push(Buffer.from(piece))].map((event) => ('bytes' in event ? { ...event, bytes: Buffer.from(event.bytes) } : event)));
}
/** Messages put together, and what came between. */
function messages(events: readonly FrameEvent[]): unknown[] {
  const all: unknown[] = [];
  let text = '';
  for (const event of events) {
    if (event.kind !== 'piece') {
      all.push(event.kind);
      continue;
    }
    text = (event.first ? '' : text) + Buffer.from(event.bytes).toString('hex');
    if (event.last) all.push(text);
  }
  return all;
}

describe('handshake', () => {
  const request = (headers: Record<string, string>, method = 'GET'): ServerRequest => ({ method, headers: { ...webSocketHeaders, ...headers } }) as unknown as ServerRequest;
  test('the answer of RFC 6455', () => {
    expect(handshakeAnswer(webSocketHeaders, 'v5.channel.k8s.io')).toBe('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\n');
    expect(handshakeAnswer(webSocketHeaders, undefined)).not.toContain('Sec-WebSocket-Protocol');
  });
  test.each([
    ['as it should be', {}, 'GET', undefined],
    ['another method', {}, 'POST', 405],
    ['another version', { 'sec-websocket-version': '8' }, 'GET', 400],
    ['no key', { 'sec-websocket-key': '' }, 'GET', 400],
    ['half a key', { 'sec-websocket-key': 'dGhlIHNhbXBsZQ==' }, 'GET', 400],
  ])('%s', (_name, headers, method, status) => expect(handshakeFailure(request(headers, method))?.status).toBe(status));
  test('tells the version that it knows', () => expect(handshakeFailure(request({ 'sec-websocket-version': '8' }))?.headers['sec-websocket-version']).toBe('13'));
  test('a token is no protocol', () => expect(offeredProtocols({ 'sec-websocket-protocol': 'base64url.bearer.authorization.k8s.io.eA, v5.channel.k8s.io ,,b' })).toEqual(['v5.channel.k8s.io', 'b']));
});

describe('frames', () => {
  test('a message in parts, a ping between them', () => {
    expect(messages(parsed([clientFrame(2, 'ab', { last: false }), clientFrame(9, 'p'), clientFrame(0, 'c', { last: false }), clientFrame(0, ''), clientFrame(8, Buffer.from([3, 232]))]))).toEqual(['ping', '616263', 'close']);
  });
  test('lengths of each form', () => {
    const parser = new FrameParser(1 << 20);
    for (const length of [0, 1, 125, 126, 65_535, 65_536, 70_000]) {
      const events = [...parser.push(clientFrame(2, Buffer.alloc(length, 65)))];
      expect(events.map((event) => (event.kind === 'piece' ? event.bytes.length : -1))).toEqual([length]);
    }
  });
  test('cut anywhere and in any parts, messages are the same', () => {
    const message = fc.record({ bytes: fc.uint8Array({ maxLength: 300 }), parts: fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 4 }), ping: fc.boolean() });
    fc.assert(fc.property(fc.array(message, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 30 }), (sent, cuts) => {
      const bytes = Buffer.concat(sent.flatMap(({ bytes: all, parts, ping }) => {
        const frames: Buffer[] = [];
        let at = 0;
        for (const part of parts) {
          frames.push(clientFrame(frames.length === 0 ? 2 : 0, all.subarray(at, at + part), { last: false }), ...(ping ? [clientFrame(9, 'x')] : []));
          at += part;
        }
        return [...frames, clientFrame(frames.length === 0 ? 2 : 0, all.subarray(at))];
      }));
      const pieces: Buffer[] = [];
      for (let at = 0, index = 0; at < bytes.length; index++) {
        const cut = cuts[index % cuts.length]!;
        pieces.push(bytes.subarray(at, at + cut));
        at += cut;
      }
      expect(messages(parsed(pieces)).filter((event) => event !== 'ping')).toEqual(sent.map(({ bytes: all }) => Buffer.from(all).toString('hex')));
    }), { seed: 17 });
  });
  test.each([
    ['not masked', clientFrame(2, 'x', { mask: false }), 1002],
    ['a reserved bit', clientFrame(2, 'x', { reserved: 0x40 }), 1002],
    ['an unknown opcode', clientFrame(3, 'x'), 1002],
    ['an unknown control opcode', clientFrame(11, 'x'), 1002],
    ['a long ping', clientFrame(9, Buffer.alloc(126)), 1002],
    ['a ping in parts', clientFrame(9, 'x', { last: false }), 1002],
    ['a continuation of nothing', clientFrame(0, 'x'), 1002],
    ['a message in a message', Buffer.concat([clientFrame(2, 'x', { last: false }), clientFrame(2, 'x')]), 1002],
    ['half a close code', clientFrame(8, 'x'), 1002],
    ['too long a message', clientFrame(2, Buffer.alloc(limit + 1)), 1009],
    ['too long a message in parts', Buffer.concat([clientFrame(2, Buffer.alloc(limit), { last: false }), clientFrame(0, 'x')]), 1009],
    ['a message without an end', clientFrame(2, '', { length: 2 ** 52 }), 1009],
  ])('refused: %s', (_name, bytes, code) => {
    const run = (): unknown => parsed([bytes]);
    expect(run).toThrow(expect.objectContaining({ name: 'WebSocketError', code }) as Error);
  });
  test('whatever comes, it is events or an error', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (pieces) => {
      try {
        parsed(pieces);
      } catch (error) {
        expect(error).toBeInstanceOf(WebSocketError);
      }
    }), { seed: 6, numRuns: 500 });
  });
  test('what is sent', () => {
    expect(binaryHead(5)).toEqual(Buffer.from([0x82, 5]));
    expect(binaryHead(300)).toEqual(Buffer.from([0x82, 126, 1, 44]));
    expect(binaryHead(70_000)).toEqual(Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x70]));
    expect(pongFrame(Buffer.from('x'))).toEqual(Buffer.from([0x8a, 1, 0x78]));
    expect(closeFrame(1000)).toEqual(Buffer.from([0x88, 2, 3, 232]));
  });
});
