/**
 * Thousands of broken requests, drawn from a seed, straight into a server's chain: bad JSON, deep nesting, huge numbers, odd headers, truncated protobuf,
 * path tricks. Whatever comes in, the answer is an answer: what is refused is refused with a Status of the 400s, nothing hangs, nothing throws.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pathOf, requestMaker, type MutatedRequest } from './mutated-requests.ts';
import { createApiServer, loopbackUser, type ApiServer } from '../../src/apiserver/server.ts';
import { Prng } from '../../src/base/prng.ts';
import { ServiceAccounts } from '../../src/api/resources.ts';
import { createClient } from '../../src/client/index.ts';
import type { ApiResponse } from '../../src/client/types.ts';
import { nodeHost } from '../../src/host/node/index.ts';
import { memoryBackend } from '../../src/store/memory.ts';

const seeds = ['a', 'b', 'c', 'd'];
const requestsPerSeed = 1000;
const hangMs = 10_000;

let server: ApiServer;
const nobody = async (): Promise<never> => {
  throw new Error('nobody is there');
};
const machine = nodeHost({ logLevel: 'silent' });
/** Proxied requests must not leave the process. */
const host = { ...machine, net: { ...machine.net, request: nobody, upgrade: nobody, connect: nobody } };

beforeAll(async () => {
  server = await createApiServer({ host, backend: memoryBackend({ clock: host.clock }), version: '0.0.0', serviceCidr: '10.96.0.0/16', authentication: {}, authorizationModes: ['Node', 'RBAC'] });
  await server.start();
  await server.ready();
  // Without it, every pod would wait for the controller that makes it elsewhere.
  await createClient(server.transport(loopbackUser)).of(ServiceAccounts).inNamespace('default').create({ metadata: { name: 'default' } });
});
afterAll(() => server.stop());

/** Refusals outside the 400s that are right: nobody is behind a proxied address, and an apply of fields that no schema knows (as upstream answers it). */
function isKnownRefusal(status: number, message: string): boolean {
  if (status === 503) return /no endpoints available|no service port|error trying to reach/.test(message);
  return status === 500 && message.startsWith('failed to create typed patch object');
}

async function textOf(response: ApiResponse): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of response.body) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

async function complaintAbout(request: MutatedRequest): Promise<string | undefined> {
  const stop = new AbortController();
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    stop.abort(new Error('hung'));
  }, hangMs);
  try {
    const response = await server.transport(loopbackUser).send({ ...request, signal: stop.signal });
    const text = await textOf(response);
    if (hung) return 'it hangs';
    if (response.status < 400) return undefined;
    if (request.method === 'HEAD' && text === '') return response.status < 500 ? undefined : `${response.status}`;
    const status = JSON.parse(text) as { kind?: string; apiVersion?: string; status?: string; code?: number; message?: string };
    if (status.kind !== 'Status' || status.apiVersion !== 'v1' || status.status !== 'Failure' || status.code !== response.status) return `no Status: ${response.status} ${text.slice(0, 300)}`;
    if (response.status < 500 || isKnownRefusal(response.status, status.message ?? '')) return undefined;
    return `${response.status} ${text.slice(0, 500)}`;
  } catch (error) {
    return `it throws: ${error instanceof Error ? error.stack : String(error)}`;
  } finally {
    clearTimeout(timer);
  }
}

test.each(seeds)('seed %s', async (seed) => {
  const next = requestMaker(new Prng(`mutated-requests/${seed}`));
  const complaints: string[] = [];
  for (let i = 0; i < requestsPerSeed; i++) {
    const request = next();
    const complaint = await complaintAbout(request);
    if (complaint !== undefined) complaints.push(`${i}: ${request.method} ${pathOf(request).slice(0, 200)} ${JSON.stringify(request.query)} ${JSON.stringify(request.headers)} ${Buffer.from(request.body ?? '').toString('latin1').slice(0, 300)}\n  → ${complaint}`);
  }
  expect(complaints.join('\n')).toBe('');
  // The server is as well as before.
  expect((await server.transport(loopbackUser).send({ method: 'GET', path: '/readyz' })).status).toBe(200);
}, 60_000);
