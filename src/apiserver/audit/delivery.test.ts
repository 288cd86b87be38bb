/** How audit events reach a server of another's, and what they tell of bodies in each encoding. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { encodeCbor } from '../../api/cbor/encode.ts';
import { encodeProtobuf } from '../../api/protobuf/encode.ts';
import { nodeHost } from '../../host/node/index.ts';
import type { Host } from '../../host/types.ts';
import { ManualClock } from '../../store/manual-clock.ts';
import { memoryBackend } from '../../store/memory.ts';
import { stillHost } from '../registry/rig.ts';
import { createApiServer, loopbackUser, type ApiServer } from '../server.ts';
import { written, type AuditEvent, type WrittenEvent } from './event.ts';
import { readPolicy } from './policy.ts';
import { buffered, defaultBatch, truncated, type AuditSink, type BatchOptions, type Delivery } from './sink.ts';
import { auditWebhook } from './webhook.ts';

const event = (auditID: string, more: Partial<AuditEvent> = {}): WrittenEvent => written({
  level: 'Metadata', auditID, stage: 'ResponseComplete', requestURI: '/', verb: 'get', user: { username: 'alice', groups: [] }, sourceIPs: [], userAgent: '', requestReceivedTimestamp: '', stageTimestamp: '', ...more,
});

class Kept implements AuditSink {
  batches: AuditEvent[][] = [];
  process(events: readonly WrittenEvent[]): Promise<boolean> {
    this.batches.push(events.map(({ json }) => JSON.parse(json) as AuditEvent));
    return Promise.resolve(true);
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
  get ids(): string[][] {
    return this.batches.map((batch) => batch.map(({ auditID }) => auditID));
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('batches', () => {
  const start = (options: Partial<BatchOptions>): { clock: ManualClock; kept: Kept; sink: AuditSink } => {
    const clock = new ManualClock();
    const kept = new Kept();
    return { clock, kept, sink: buffered(stillHost(clock), kept, { bufferSize: 10, maxBatchSize: 3, maxWaitMs: 1_000, ...options }) };
  };

  test('go when they are full, or have waited', async () => {
    const { clock, kept, sink } = start({});
    await sink.process(['1', '2', '3', '4'].map((id) => event(id)));
    await turn();
    expect(kept.ids).toEqual([['1', '2', '3']]);
    clock.advance(1_000);
    await turn();
    expect(kept.ids).toEqual([['1', '2', '3'], ['4']]);
  });

  test('go no faster than they may', async () => {
    const { clock, kept, sink } = start({ maxBatchSize: 1, throttle: { perSecond: 2, burst: 2 } });
    await sink.process(['1', '2', '3', '4'].map((id) => event(id)));
    const seen: number[] = [];
    for (let i = 0; i < 3; i++) {
      await turn();
      seen.push(kept.batches.length);
      clock.advance(500);
    }
    await turn();
    expect([...seen, kept.batches.length]).toEqual([2, 3, 4, 4]);
  });

  test('what the buffer has no room for is dropped; closing sends the rest', async () => {
    const { kept, sink } = start({ bufferSize: 2 });
    await sink.process(['1', '2', '3'].map((id) => event(id)));
    await sink.close();
    expect(kept.ids).toEqual([['1', '2']]);
  });
});

test('what is held is bounded in bytes too', async () => {
  let held = 0;
  const endless: AuditSink = { process: (events) => ((held += events.length), new Promise(() => undefined)), close: () => Promise.resolve() };
  const sink = buffered(stillHost(new ManualClock()), endless, { ...defaultBatch, maxBatchSize: 1 });
  const long = { ...event('1'), bytes: 30 * 2 ** 20 };
  await sink.process(Array.from({ length: 10 }, () => long));
  await turn();
  expect(held).toBe(5);
});

test('events that are too long lose their bodies, and batches are split', async () => {
  const kept = new Kept();
  const host = stillHost(new ManualClock());
  const long = { level: 'RequestResponse' as const, requestObject: { data: 'x'.repeat(2_000) } };
  const sink = truncated(host, kept, { maxEventBytes: 500, maxBatchBytes: 550 });
  await sink.process([event('1'), event('2', long), event('3', { userAgent: 'y'.repeat(600) }), event('4')]);
  expect(kept.ids).toEqual([['1', '2'], ['4']]);
  expect(kept.batches[0]![1]).toMatchObject({ annotations: { 'audit.k8s.io/truncated': 'true' } });
  expect(kept.batches[0]![1]).not.toHaveProperty('requestObject');
});

interface Receiver {
  url: string;
  lists: { kind: string; apiVersion: string; metadata: object; items: AuditEvent[] }[];
  headers: Record<string, unknown>[];
}

const servers: Server[] = [];
const running: ApiServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  for (const server of servers.splice(0)) server.close();
});

/** Answers with these codes in turn, and then 200. */
async function receiver(codes: number[] = []): Promise<Receiver> {
  const received: Receiver = { url: '', lists: [], headers: [] };
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (piece: Buffer) => (text += piece.toString()));
    request.on('end', () => {
      const code = codes.shift() ?? 200;
      if (code === 200) received.lists.push(JSON.parse(text) as Receiver['lists'][number]);
      received.headers.push(request.headers);
      response.writeHead(code, code === 302 ? { location: '/elsewhere' } : {}).end();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  received.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events?timeout=30s`;
  return received;
}

const host = nodeHost({ logLevel: 'silent' });
/** The clock does not keep anybody waiting, and tells for how long it would have. */
function quick(waits: number[]): Host {
  return { ...host, random: { ...host.random, next: () => 0.5 }, clock: { ...host.clock, sleep: (ms: number) => (waits.push(ms), Promise.resolve()) } as Host['clock'] };
}

describe('the webhook', () => {
  test('is sent lists of events, with the token', async () => {
    const to = await receiver();
    expect(await auditWebhook(host, { url: to.url, token: 'secret' }).process([event('1'), event('2')])).toBe(true);
    expect(to.lists).toMatchObject([{ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items: [{ auditID: '1' }, { auditID: '2' }] }]);
    expect(to.lists[0]!.items[0]).not.toHaveProperty('kind');
    expect(to.headers[0]).toMatchObject({ 'content-type': 'application/json', 'authorization': 'Bearer secret' });
  });

  test('is tried again later and later, whatever went wrong', async () => {
    const to = await receiver([503, 400, 302]);
    const waits: number[] = [];
    expect(await auditWebhook(quick(waits), { url: to.url, initialBackoffMs: 1_000 }).process([event('1')])).toBe(true);
    expect(waits.map(Math.round)).toEqual([1_100, 1_650, 2_475]);
    expect(to.lists).toHaveLength(1);
  });

  test('that hangs does not hold up the end of the server', async () => {
    const server = createServer(() => undefined);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const clock = new ManualClock();
    const failures: unknown[] = [];
    const log = { ...host.log, error: (_words: string, fields?: object) => void failures.push(fields) };
    const sink = auditWebhook({ ...host, clock, log }, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
    const sent = sink.process([event('1')]);
    await new Promise((resolve) => server.once('request', resolve));
    await sink.close();
    clock.advance(5_000);
    expect(await sent).toBe(false);
    expect(failures).toMatchObject([{ error: 'The operation was aborted', events: 1 }]);
    server.closeAllConnections();
  });

  test('is given up after five attempts', async () => {
    const to = await receiver([500, 500, 500, 500, 500]);
    expect(await auditWebhook(quick([]), { url: to.url }).process([event('1')])).toBe(false);
    expect([to.headers.length, to.lists.length]).toEqual([5, 0]);
  });
});

const policy = readPolicy('apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nomitManagedFields: true\nrules:\n- {level: None, users: ["system:apiserver"]}\n- {level: Metadata, resources: [{group: "", resources: [secrets]}]}\n- {level: Request, verbs: [delete]}\n- {level: RequestResponse}\n');

async function start(to: Receiver, delivery: Partial<Delivery>, withPolicy = policy): Promise<ApiServer> {
  const server = await createApiServer({
    host, backend: memoryBackend({ clock: host.clock }), version: '0.0.0', serviceCidr: '10.96.0.0/16', authentication: {}, featureGates: { CBORServingAndStorage: true },
    auditWebhook: { url: to.url, initialBackoffMs: 1 }, auditWebhookDelivery: { mode: 'blocking', batch: defaultBatch, ...delivery }, auditPolicy: withPolicy,
  });
  running.push(server);
  await server.start();
  await server.ready();
  return server;
}

const alice = { name: 'alice', groups: ['system:masters'] };
const maps = '/api/v1/namespaces/default/configmaps';
const object = (name: string): object => ({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name }, data: { a: 'b' } });
const PROTOBUF = 'application/vnd.kubernetes.protobuf';

async function send(server: ApiServer, method: 'POST' | 'PATCH' | 'DELETE' | 'GET', path: string, body?: Uint8Array | string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  const answer = await server.transport(alice).send({ method, path: path.split('?')[0]!, query: Object.fromEntries(new URLSearchParams(path.split('?')[1])), headers, ...(body === undefined ? {} : { body: Buffer.from(body) }) });
  let text = '';
  for await (const piece of answer.body) text += Buffer.from(piece).toString();
  return { status: answer.status, text };
}

describe('a server', () => {
  test('bodies are objects, in whatever encoding they come and go', async () => {
    const to = await receiver();
    const server = await start(to, {});
    const rows: [name: string, type: string, body: Uint8Array | string, accept: string][] = [
      ['json', 'application/json', JSON.stringify(object('json')), 'application/json'],
      ['yaml', 'application/yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\ndata: {a: b}\n', 'application/yaml'],
      ['protobuf', PROTOBUF, encodeProtobuf('io.k8s.api.core.v1.ConfigMap', object('protobuf')), PROTOBUF],
      ['cbor', 'application/cbor', encodeCbor(object('cbor')), 'application/cbor'],
    ];
    for (const [, type, body, accept] of rows) expect((await send(server, 'POST', maps, body, { 'content-type': type, accept })).status).toBe(201);
    const events = to.lists.flatMap(({ items }) => items);
    expect(events.map(({ requestObject, responseObject, objectRef, responseStatus }) => ({ requestObject, responseObject, objectRef, responseStatus }))).toMatchObject(rows.map(([name]) => ({
      requestObject: { kind: 'ConfigMap', metadata: { name }, data: { a: 'b' } }, responseObject: { kind: 'ConfigMap', metadata: { name }, data: { a: 'b' } },
      objectRef: { resource: 'configmaps', namespace: 'default', name, apiVersion: 'v1' }, responseStatus: { metadata: {}, code: 201 },
    })));
    expect(events.some(({ responseObject }) => 'managedFields' in (responseObject as { metadata: object }).metadata)).toBe(false);
  });

  test('patches, refusals, and what a secret is called but not what it holds', async () => {
    const to = await receiver();
    const server = await start(to, {});
    await send(server, 'PATCH', `${maps}/applied?fieldManager=me`, 'apiVersion: v1\nkind: ConfigMap\ndata: {a: c}\n', { 'content-type': 'application/apply-patch+yaml' });
    await send(server, 'DELETE', `${maps}/none`);
    await send(server, 'POST', '/api/v1/namespaces/default/secrets', JSON.stringify({ kind: 'Secret', apiVersion: 'v1', metadata: { name: 'kept' }, stringData: { password: 'hunter2' } }), { 'content-type': 'application/json' });
    const [applied, refused, secret] = to.lists.flatMap(({ items }) => items);
    expect(applied).toMatchObject({ verb: 'patch', requestObject: { data: { a: 'c' } }, responseObject: { data: { a: 'c' } } });
    expect(refused).toMatchObject({ verb: 'delete', responseStatus: { metadata: {}, status: 'Failure', reason: 'NotFound', message: 'configmaps "none" not found', details: { name: 'none', kind: 'configmaps' }, code: 404 } });
    expect(refused).not.toHaveProperty('responseObject');
    expect(secret).toMatchObject({ level: 'Metadata', objectRef: { name: 'kept' } });
    expect(JSON.stringify(to.lists)).not.toContain('hunter2');
  });

  test('in strict mode a request that cannot be written down is refused', async () => {
    const to = await receiver();
    const received = readPolicy('apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- {level: None, users: ["system:apiserver"]}\n- {level: Metadata}\n');
    const server = await start(to, { mode: 'blocking-strict' }, received);
    expect((await send(server, 'GET', maps)).status).toBe(200);
    for (const one of servers) one.close().closeAllConnections();
    expect(await send(server, 'GET', maps)).toEqual({ status: 500, text: `Internal Server Error: "${maps}": failed to store audit event\n` });
    // What no rule names goes on.
    expect((await server.transport(loopbackUser).send({ method: 'GET', path: maps })).status).toBe(200);
  });

  test('in batches nobody waits, and a stop sends what is left', async () => {
    const to = await receiver();
    const server = await start(to, { mode: 'batch' });
    await send(server, 'GET', maps);
    expect(to.lists).toHaveLength(0);
    running.splice(0);
    await server.stop();
    expect(to.lists.flatMap(({ items }) => items)).toMatchObject([{ verb: 'list', user: { username: 'alice' } }]);
  });
});
