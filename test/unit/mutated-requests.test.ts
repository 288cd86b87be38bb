/**
 * Thousands of broken requests, drawn from a seed, straight into a server's chain: bad JSON, YAML bombs, deep nesting, huge numbers, odd headers, truncated
 * protobuf and CBOR, path tricks. Whatever comes in, the answer is an answer: what is refused is refused with a Status of the 400s, nothing hangs, nothing
 * throws. `npm run fuzz` sends a hundred thousand.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attack, startVictim } from './mutated-requests-run.ts';
import { loopbackUser, type ApiServer } from '../../src/apiserver/server.ts';

const seeds = ['a', 'b', 'c', 'd'];
const requestsPerSeed = 1000;

let server: ApiServer;
beforeAll(async () => {
  server = await startVictim();
});
afterAll(() => server.stop());

test.each(seeds)('seed %s', async (seed) => {
  const statuses = new Map<number, number>();
  expect((await attack(server, seed, requestsPerSeed, statuses)).join('\n')).toBe('');
  // Most get past the first check: some succeed, and refusals are of many kinds.
  expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBe(requestsPerSeed);
  for (const status of [200, 201, 400, 404, 405, 409, 415, 422]) expect(statuses.get(status), `answers of ${status}`).toBeGreaterThan(0);
  // The server is as well as before.
  expect((await server.transport(loopbackUser).send({ method: 'GET', path: '/readyz' })).status).toBe(200);
}, 60_000);
