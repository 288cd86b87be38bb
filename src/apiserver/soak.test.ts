/**
 * What a server is asked to do again and again must not add up: after each round of creating, patching, listing, watching and deleting, and of requests
 * that fail, as many things are alive as after the round before, except for the history, which holds one event for each change until it is full.
 */
import * as http2 from 'node:http2';
import { queryObjects } from 'node:v8';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeHost } from '../host/node/index.ts';
import type { Listener } from '../host/types.ts';
import { createAuthority, createSigningKeys, issueCertificate, type KeyPair } from '../pki/certificates.ts';
import { memoryBackend } from '../store/memory.ts';
import { CacheEvent } from './cache/events.ts';
import { CachedObject } from './cache/object.ts';
import { Watcher } from './cache/watcher.ts';
import { createApiServer, type ApiServer } from './server.ts';

const host = nodeHost({ logLevel: 'silent' });
const backend = memoryBackend();
let server: ApiServer;
let listener: Listener;
let authority: KeyPair;
let admin: KeyPair;
beforeAll(async () => {
  const common = { nowMs: host.clock.now(), days: 1 };
  authority = await createAuthority({ commonName: 'ca', ...common });
  const serving = await issueCertificate(authority, { commonName: 'server', usages: ['server'], ipAddresses: ['127.0.0.1'], ...common });
  admin = await issueCertificate(authority, { commonName: 'admin', organizations: ['system:masters'], usages: ['client'], ...common });
  const signing = await createSigningKeys();
  server = await createApiServer({
    host, backend, version: '0.0.0', serviceCidr: '10.96.0.0/16',
    authentication: { clientCa: authority.cert, serviceAccount: { issuer: 'https://soak', signingKey: signing.privateKey, publicKeys: [signing.publicKey] } },
  });
  await server.start();
  listener = await server.listen({ address: '127.0.0.1', port: 0, tls: { ...serving, clientCa: authority.cert } });
  await server.ready();
}, 60_000);
afterAll(async () => {
  await listener.close(0);
  await server.stop(0);
});

interface Answer { status: number; text: string }

class Client {
  readonly #session: http2.ClientHttp2Session;

  constructor() {
    this.#session = http2.connect(`https://127.0.0.1:${listener.port}`, { ca: authority.cert, cert: admin.cert, key: admin.key });
  }

  open(path: string): http2.ClientHttp2Stream {
    return this.#session.request({ ':path': path });
  }

  send(method: string, path: string, body?: object | string, headers: Record<string, string> = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const stream = this.#session.request({ ':method': method, ':path': path, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers });
      let [status, text] = [0, ''];
      stream.on('response', (head) => (status = head[':status'] ?? 0));
      stream.on('data', (piece: Buffer) => (text += piece.toString('latin1')));
      stream.on('error', reject);
      stream.on('end', () => resolve({ status, text }));
      stream.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#session.close(() => resolve()));
  }
}

const maps = '/api/v1/namespaces/default/configmaps';
const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

async function objectsComeAndGo(client: Client, round: number): Promise<void> {
  const watches = Array.from({ length: 4 }, () => client.open(`${maps}?watch=1`));
  await Promise.all(watches.map((watch) => new Promise((resolve) => watch.resume().once('response', resolve))));
  for (let i = 0; i < 10; i++) {
    const [name, labels] = [`c-${round}-${i}`, { round: String(round) }];
    expect((await client.send('POST', maps, { metadata: { name, labels }, data: { a: 'b' } })).status).toBe(201);
    expect((await client.send('PATCH', `${maps}/${name}`, { data: { [`k${round}`]: '1' } }, { 'content-type': 'application/merge-patch+json' })).status).toBe(200);
    const applied = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { applied: String(round) } };
    expect((await client.send('PATCH', `${maps}/${name}?fieldManager=soak-${round}`, applied, { 'content-type': 'application/apply-patch+yaml' })).status).toBe(200);
  }
  for (const accept of ['application/json', 'application/vnd.kubernetes.protobuf', 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json']) await client.send('GET', maps, undefined, { accept });
  await client.send('GET', `${maps}?labelSelector=round%3D${round}&limit=3`);
  const token = await client.send('POST', '/api/v1/namespaces/default/serviceaccounts/default/token', { spec: { expirationSeconds: 600 } });
  await client.send('GET', maps, undefined, { authorization: `Bearer ${(JSON.parse(token.text) as { status?: { token: string } }).status?.token ?? 'none'}` });
  expect((await client.send('DELETE', maps)).status).toBe(200);
  await Promise.all(watches.map((watch) => new Promise<void>((resolve) => watch.close(http2.constants.NGHTTP2_CANCEL, resolve))));
}

/** The test library's own way of waiting keeps a promise for each time. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await host.clock.sleep(10);
}

async function kindsComeAndGo(client: Client, round: number): Promise<void> {
  const [plural, group] = [`soaks${round}`, `round${round}.example.com`];
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { n: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: '!has(self.n) || self.n < 10' }] } } } };
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `${plural}.${group}` },
    spec: { group, scope: 'Namespaced', names: { plural, kind: `Soak${round}` }, versions: [{ name: 'v1', served: true, storage: true, schema }] },
  };
  expect((await client.send('POST', crds, definition)).status).toBe(201);
  const objects = `/apis/${group}/v1/namespaces/default/${plural}`;
  const object = { apiVersion: `${group}/v1`, kind: `Soak${round}`, metadata: { name: 'o' }, spec: { n: 1 } };
  await until(async () => (await client.send('POST', objects, object)).status === 201);
  await client.send('GET', objects);
  await client.send('GET', `/openapi/v3/apis/${group}/v1`);
  expect((await client.send('DELETE', `${crds}/${plural}.${group}`)).status).toBe(200);
  await until(async () => (await client.send('GET', objects)).status === 404);
  await client.send('GET', '/openapi/v3');
}

async function badRequests(client: Client, round: number): Promise<void> {
  await client.send('GET', `/apis/group${round}.example/v1/things${round}`);
  await client.send('GET', `/strange/${round}`);
  await client.send('POST', maps, `{"metadata":{"name":"BAD ${round}"}`);
  await client.send('PATCH', `${maps}/none-${round}`, {}, { 'content-type': `application/strange-${round}` });
  await client.send('GET', maps, undefined, { authorization: `Bearer token-${round}`, 'user-agent': `agent-${round}` });
  await client.send('GET', `/api/v1/namespaces/none-${round}/pods/none-${round}/log`);
}

async function play(round: number): Promise<void> {
  const client = new Client();
  await objectsComeAndGo(client, round);
  await kindsComeAndGo(client, round);
  await badRequests(client, round);
  await client.send('GET', '/metrics');
  await client.close();
}

/** How many of each are alive after a collection, which each question makes. */
function alive(): Record<string, number> {
  const kinds = { CachedObject, CacheEvent, Watcher, Map, Promise };
  return Object.fromEntries(Object.entries(kinds).map(([name, of]) => [name, queryObjects(of as never, { format: 'count' })]));
}

test('rounds of all kinds of requests leave nothing behind but the history of the changes', async () => {
  const [warmUp, rounds] = [2, 4];
  for (let round = 0; round < warmUp; round++) await play(round);
  const [before, revision] = [alive(), await backend.revision()];
  for (let round = warmUp; round < warmUp + rounds; round++) await play(round);
  const [after, changes] = [alive(), (await backend.revision()) - revision];
  expect(changes).toBeGreaterThan(rounds * 40);
  const { CachedObject: objects, CacheEvent: events, ...others } = Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - before[name]!]));
  expect(events).toBeLessThanOrEqual(changes);
  expect(objects).toBeLessThan(changes + rounds);
  // Whatever a round left behind would be there as often as there were rounds.
  for (const [name, grown] of Object.entries(others)) expect(grown, name).toBeLessThan(rounds);
}, 300_000);
