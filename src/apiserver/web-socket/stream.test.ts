import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { nodeHost } from '../../host/node/index.ts';
import type { Listener } from '../../host/types.ts';
import { httpFront } from '../http.ts';
import { Running } from '../running.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import { frames, lines, pieces } from './messages.ts';

const host = nodeHost({ logLevel: 'silent' });
const open: Listener[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});

async function serve(handle: (request: ServerRequest) => ServerResponse): Promise<string> {
  const front = httpFront({ clock: host.clock, log: host.log, running: new Running(), handle: async (request) => handle(request) });
  const listener = await host.net.listen({ address: '127.0.0.1', port: 0, onRequest: front.onRequest, onStream: front.onStream, onUpgrade: front.onUpgrade });
  open.push(listener);
  return `ws://127.0.0.1:${listener.port}`;
}

interface Heard {
  protocol: string;
  messages: (string | Buffer)[];
  code: number;
}

/** Listens to the end, or until there are so many messages, and leaves. */
function listen(url: string, protocols: string[] = [], enough = Infinity): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, protocols);
    const messages: (string | Buffer)[] = [];
    socket.on('message', (data: Buffer, binary: boolean) => {
      messages.push(binary ? data : data.toString());
      if (messages.length >= enough) socket.close();
    });
    socket.on('close', (code: number) => resolve({ protocol: socket.protocol, messages, code }));
    socket.on('error', reject);
    socket.on('unexpected-response', (_request: unknown, response: IncomingMessage) => {
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString()));
      response.on('end', () => reject(new Error(`${response.statusCode}: ${text}`)));
    });
  });
}

async function* of(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}
const collect = async <T>(stream: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const each of stream) all.push(each);
  return all;
};

describe('where messages end', () => {
  test.each<[string, string[], string[]]>([
    ['a line a piece', ['a\n', 'b\n'], ['a\n', 'b\n']],
    ['several lines in a piece', ['a\nb\nc\n'], ['a\n', 'b\n', 'c\n']],
    ['a line over several pieces', ['a', 'b', 'c\nd', '\n'], ['abc\n', 'd\n']],
    ['a letter cut in two', ['\u00fc\n'], ['\u00fc\n']],
    ['no line end at the end', ['a\nb'], ['a\n', 'b']],
  ])('lines: %s', async (_name, parts, wanted) => {
    expect(await collect(lines(of(...parts)))).toEqual(wanted);
  });

  test('lines: bytes of one letter in two pieces', async () => {
    const [first, second] = Buffer.from('\u00fc\n');
    async function* split(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(first!);
      yield Uint8Array.of(second!, 0x0a);
    }
    expect(await collect(lines(split()))).toEqual(['\u00fc\n']);
  });

  test('frames lose their length, however they are cut', async () => {
    const bytes = Buffer.concat([Buffer.from([0, 0, 0, 3]), Buffer.from('abc'), Buffer.from([0, 0, 0, 0]), Buffer.from([0, 0, 0, 1]), Buffer.from('d')]);
    for (const size of [1, 2, 5, 100]) {
      async function* cut(): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      }
      expect((await collect(frames(cut()))).map((each) => Buffer.from(each).toString())).toEqual(['abc', '', 'd']);
    }
  });

  test('pieces begin with an empty one and are not long', async () => {
    expect((await collect(pieces(of('abcde', 'f'), 2))).map((each) => Buffer.from(each).toString())).toEqual(['', 'ab', 'cd', 'e', 'f']);
  });
});

describe('streams over WebSocket', () => {
  const watch = (type: string, body: AsyncIterable<Uint8Array>): ServerResponse => ({ status: 200, headers: { 'content-type': type }, body });

  test('a watch in JSON is a text an event', async () => {
    const url = await serve(() => watch('application/json', of('{"type":"ADDED"}\n{"type":', '"DELETED"}\n')));
    expect(await listen(url)).toEqual({ protocol: '', messages: ['{"type":"ADDED"}\n', '{"type":"DELETED"}\n'], code: 1000 });
  });

  test('a watch in protobuf is a binary message an event', async () => {
    const url = await serve(() => watch('application/vnd.kubernetes.protobuf;stream=watch', of('\0\0\0\u0002ab\0\0\0\u0001c')));
    expect((await listen(url)).messages.map(String)).toEqual(['ab', 'c']);
  });

  test('a watch in CBOR is binary messages of whole events', async () => {
    const url = await serve(() => watch('application/cbor-seq', of('one', 'two')));
    expect(await listen(url)).toEqual({ protocol: '', messages: [Buffer.from('one'), Buffer.from('two')], code: 1000 });
  });

  test.each<[string, string[], string, (string | Buffer)[]]>([
    ['none', [], '', [Buffer.alloc(0), Buffer.from('some log')]],
    ['binary', ['binary.k8s.io'], 'binary.k8s.io', [Buffer.alloc(0), Buffer.from('some log')]],
    ['base64', ['base64.binary.k8s.io'], 'base64.binary.k8s.io', ['', 'c29tZSBsb2c=']],
    ['the first that is known, and the token is no protocol', ['base64url.bearer.authorization.k8s.io.eA', 'x', 'base64.binary.k8s.io'], 'base64.binary.k8s.io', ['', 'c29tZSBsb2c=']],
  ])('a log, protocol asked for: %s', async (_name, asked, protocol, messages) => {
    const url = await serve(() => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: of('some log') }));
    expect(await listen(url, asked)).toEqual({ protocol, messages, code: 1000 });
  });

  test('a protocol that is not there is refused, and the stream let go', async () => {
    let left = false;
    const url = await serve(() => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined), return: async () => ((left = true), { done: true, value: undefined }) }) } }));
    await expect(listen(url, ['channel.k8s.io'])).rejects.toThrow('403: requested protocol(s) are not supported: [channel.k8s.io]; supports [ binary.k8s.io base64.binary.k8s.io]');
    expect(left).toBe(true);
  });

  test('an answer that is no stream is an ordinary answer', async () => {
    const url = await serve(() => ({ status: 404, headers: {}, body: 'there is none' }));
    await expect(listen(url)).rejects.toThrow('404: there is none');
  });

  test('a client that leaves ends the request', async () => {
    let over: (() => void) | undefined;
    const ended = new Promise<void>((resolve) => (over = resolve));
    const url = await serve((request) => {
      request.signal.addEventListener('abort', () => over!());
      return watch('application/json', (async function* events() {
        for (let i = 0; !request.signal.aborted; i++) {
          yield Buffer.from(`${i}\n`);
          await host.clock.sleep(5, request.signal).catch(() => undefined);
        }
      })());
    });
    expect((await listen(url, [], 3)).messages.slice(0, 3)).toEqual(['0\n', '1\n', '2\n']);
    await ended;
  });

  test('a stream that breaks closes the connection without a farewell', async () => {
    const url = await serve(() => watch('application/json', (async function* events() {
      yield Buffer.from('1\n');
      throw new Error('lost');
    })()));
    expect(await listen(url)).toEqual({ protocol: '', messages: ['1\n'], code: 1006 });
  });
});
