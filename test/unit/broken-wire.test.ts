/**
 * Hundreds of connections over which broken HTTP comes, drawn from a seed: request lines, headers, lengths and chunks that are none, huge and truncated ones,
 * frames of HTTP/2 that break its rules. The server answers with a refusal of the 400s, or closes where HTTP itself is broken; it never answers with a 500,
 * keeps no request running, and is as well as before. `npm run fuzz -- --wire` does so by the hundred thousand.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attackWire, inFlight, readHttp1, startWireVictim, statusOf, type WireVictim } from './broken-wire-run.ts';
import { loopbackUser } from '../../src/apiserver/server.ts';

let victim: WireVictim;
beforeAll(async () => {
  victim = await startWireVictim();
});
afterAll(() => victim.server.stop());

test.each(['a', 'b'])('seed %s', async (seed) => {
  const outcomes = new Map<string, number>();
  expect((await attackWire(victim, seed, 200, outcomes)).join('\n')).toBe('');
  for (const outcome of ['200', '400', '404']) expect(outcomes.get(outcome), outcome).toBeGreaterThan(0);
  // Requests whose clients have gone come to their end.
  await expect.poll(() => inFlight(victim), { timeout: 20_000 }).toBe(0);
  expect((await victim.server.transport(loopbackUser).send({ method: 'GET', path: '/readyz' })).status).toBe(200);
}, 60_000);

describe('what is read of answers', () => {
  test.each([
    ['nothing yet', 'HTTP/1.1 200 OK\r\n', false, undefined], ['nothing', '', true, { status: 0, text: '', whole: false }], ['all of it', 'HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nabc', false, { status: 404, text: 'ab', whole: true }],
    ['a part', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab', true, { status: 200, text: 'ab', whole: false }], ['what comes after a go-ahead', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n', false, { status: 204, text: '', whole: true }],
  ] as const)('%s', (_, bytes, closed, answer) => expect(readHttp1(Buffer.from(bytes), false, closed)).toEqual(answer));

  test.each([[[0x88], 200], [[0x8d], 404], [[0x48, 0x03, 0x35, 0x30, 0x33], 503], [[0x48, 0x82, 0x64, 0x02], 302], [[0x48, 0x83, 0x68, 0x0d, 0xff], 405]])('status of %j', (block, status) => expect(statusOf(Uint8Array.from(block))).toBe(status));
});
