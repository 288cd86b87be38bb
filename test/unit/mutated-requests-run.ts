/** Sends broken requests to a server of its own, and says what is wrong with the answers: for the suite, and in numbers by `npm run fuzz`. */
import { pathOf, requestMaker, type MutatedRequest } from './mutated-requests.ts';
import { createApiServer, loopbackUser, type ApiServer } from '../../src/apiserver/server.ts';
import type { AuthenticationOptions } from '../../src/apiserver/options.ts';
import { Prng } from '../../src/base/prng.ts';
import { ServiceAccounts } from '../../src/api/resources.ts';
import { createClient } from '../../src/client/index.ts';
import type { ApiResponse } from '../../src/client/types.ts';
import { nodeHost } from '../../src/host/node/index.ts';
import { memoryBackend } from '../../src/store/memory.ts';

const hangMs = 10_000;
const nobody = async (): Promise<never> => {
  throw new Error('nobody is there');
};

/** A server whose proxied requests do not leave the process. */
export async function startVictim(authentication: AuthenticationOptions = {}): Promise<ApiServer> {
  const machine = nodeHost({ logLevel: 'silent' });
  const host = { ...machine, net: { ...machine.net, request: nobody, upgrade: nobody, connect: nobody } };
  const server = await createApiServer({
    host, backend: memoryBackend({ clock: host.clock }), version: '0.0.0', serviceCidr: '10.96.0.0/16', authentication, authorizationModes: ['Node', 'RBAC'], featureGates: { CBORServingAndStorage: true },
  });
  await server.start();
  await server.ready();
  // Without it, every pod would wait for the controller that makes it elsewhere.
  await createClient(server.transport(loopbackUser)).of(ServiceAccounts).inNamespace('default').create({ metadata: { name: 'default' } });
  return server;
}

/** Refusals outside the 400s that are right: nobody is behind a proxied address, and a client that asks for less time than any answer takes. */
export function isKnownRefusal(status: number, message: string): boolean {
  if (status === 504) return message.includes('Timeout: request did not complete within requested timeout');
  return status === 503 && UNREACHABLE.test(message);
}

const UNREACHABLE = /no endpoints available|no service port|error trying to reach/;

async function textOf(response: ApiResponse): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of response.body) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

async function complaintAbout(server: ApiServer, request: MutatedRequest, count: (status: number) => void): Promise<string | undefined> {
  const stop = new AbortController();
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    stop.abort(new Error('hung'));
  }, hangMs);
  try {
    const response = await server.transport(loopbackUser).send({ ...request, signal: stop.signal });
    const text = await textOf(response);
    count(response.status);
    if (hung) return 'it hangs';
    if (response.status < 400) return undefined;
    if (request.method === 'HEAD' && text === '') return response.status < 500 ? undefined : `${response.status}`;
    // In other encodings the same Status is on its way; what it says is looked at in JSON.
    if (!(response.headers['content-type'] ?? '').startsWith('application/json')) return response.status < 500 || UNREACHABLE.test(text) ? undefined : `${response.status} ${text.slice(0, 500)}`;
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

/** Sends so many requests of a seed's stream; the answer describes each answer that is not as it should be. `statuses` counts all of them. */
export async function attack(server: ApiServer, seed: string, requests: number, statuses = new Map<number, number>()): Promise<string[]> {
  const next = requestMaker(new Prng(`mutated-requests/${seed}`));
  const complaints: string[] = [];
  const count = (status: number): void => void statuses.set(status, (statuses.get(status) ?? 0) + 1);
  for (let i = 0; i < requests; i++) {
    const request = next();
    const complaint = await complaintAbout(server, request, count);
    if (complaint !== undefined) complaints.push(`${seed} ${i}: ${request.method} ${pathOf(request).slice(0, 200)} ${JSON.stringify(request.query)} ${JSON.stringify(request.headers)} ${Buffer.from(request.body ?? '').toString('latin1').slice(0, 300)}\n  → ${complaint}`);
  }
  return complaints;
}
