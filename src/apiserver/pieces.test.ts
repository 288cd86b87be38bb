import * as http from 'node:http';
import * as http2 from 'node:http2';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { nodeHost } from '../host/node/index.ts';
import type { Listener } from '../host/types.ts';
import { httpFront } from './http.ts';
import { isWhole, Pieces, pieceBytes } from './pieces.ts';
import { Running } from './running.ts';

const host = nodeHost({ logLevel: 'silent' });
const open: Listener[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});

const separators = [Buffer.from('{'), Buffer.from(',{')] as const;
const before = (i: number): Buffer => separators[i === 0 ? 0 : 1];

function listOf(items: readonly Buffer[], skipped: number): { body: Pieces; whole: Buffer } {
  const whole = Buffer.concat([Buffer.from('['), ...items.flatMap((item, i) => [before(i), item.subarray(skipped)]), Buffer.from(']')]);
  return { whole, body: new Pieces({ head: Buffer.from('['), tail: Buffer.from(']'), items, skipped, length: whole.length, before }) };
}

/** Long enough for many rooms, and every item another one. */
const long = (): { body: Pieces; whole: Buffer } => listOf(Array.from({ length: 3_000 }, (_, i) => Buffer.from(`??${i}:${String(i % 10).repeat(100 + (i % 700))}`)), 2);

async function serve(body: () => Pieces): Promise<{ port: number; running: Running }> {
  const running = new Running();
  const front = httpFront({ clock: host.clock, log: host.log, running, handle: async () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: body() }) });
  const listener = await host.net.listen({ address: '127.0.0.1', port: 0, onRequest: front.onRequest, onUpgrade: front.onUpgrade });
  open.push(listener);
  return { port: listener.port, running };
}

describe('a body in parts', () => {
  test('is the same in rooms of any size', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ minLength: 2, maxLength: 60 }), { maxLength: 20 }), fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 80 }), (items, skipped, size) => {
      const { body, whole } = listOf(items.map((item) => Buffer.from(item)), skipped);
      const room = Buffer.alloc(size);
      const pieces = [...body.fill(() => room)].length;
      expect(pieces).toBe(Math.ceil(whole.length / size));
      const read: Buffer[] = [];
      for (const piece of body.fill(() => room)) read.push(Buffer.from(piece));
      expect(Buffer.concat(read)).toEqual(whole);
      expect(body.bytes()).toEqual(whole);
    }), { seed: 20_261_126 });
  });

  test('is whole, and a stream is not', () => {
    expect([isWhole(long().body), isWhole('x'), isWhole(undefined), isWhole((async function* none() {})())]).toEqual([true, true, true, false]);
  });

  test('pieces of an iterator are the reader’s own', async () => {
    const { body, whole } = long();
    const pieces: Uint8Array[] = [];
    for await (const piece of body) pieces.push(piece);
    expect(pieces.length).toBe(Math.ceil(whole.length / pieceBytes));
    expect(Buffer.concat(pieces).equals(whole)).toBe(true);
  });
});

describe('over a connection', () => {
  test('many at once, with their length, and compressed for those who take it', async () => {
    const { whole } = long();
    const { port, running } = await serve(() => long().body);
    const answers = await Promise.all(Array.from({ length: 12 }, async (_, i) => {
      const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { 'accept-encoding': i % 3 === 0 ? 'gzip' : 'identity' } });
      const length = answer.headers.get('content-encoding') === 'gzip' ? whole.length : Number(answer.headers.get('content-length'));
      return { length, same: Buffer.from(await answer.arrayBuffer()).equals(whole) };
    }));
    expect(answers).toEqual(answers.map(() => ({ length: whole.length, same: true })));
    await expect.poll(() => running.size).toBe(0);
  });

  test('HTTP/2, a small window', async () => {
    const { whole } = long();
    const { body } = long();
    const server = http2.createServer();
    const running = new Running();
    const front = httpFront({ clock: host.clock, log: host.log, running, handle: async () => ({ status: 200, headers: {}, body }) });
    server.on('stream', (stream, headers, _flags, rawHeaders) => front.onStream(stream, headers, rawHeaders));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const session = http2.connect(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
    try {
      const pieces: Buffer[] = [];
      const stream = session.request({ ':path': '/' });
      for await (const piece of stream) pieces.push(piece as Buffer);
      expect(Buffer.concat(pieces).equals(whole)).toBe(true);
    } finally {
      session.destroy();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('a client that leaves in the midst frees the request, and the next is served right', async () => {
    const { whole } = long();
    const { port, running } = await serve(() => long().body);
    await new Promise<void>((resolve, reject) => {
      const outgoing = http.get({ port, host: '127.0.0.1' }, (response) => response.once('data', () => {
        response.destroy();
        resolve();
      }));
      outgoing.on('error', reject);
    });
    await expect.poll(() => running.size).toBe(0);
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect(Buffer.from(await answer.arrayBuffer()).equals(whole)).toBe(true);
  });

  test('HEAD has the length and no body', async () => {
    const { whole } = long();
    const { port } = await serve(() => long().body);
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'HEAD', headers: { 'accept-encoding': 'identity' } });
    expect([answer.headers.get('content-length'), await answer.text()]).toEqual([String(whole.length), '']);
  });
});
