/**
 * Throughput of the API server: real TLS, durable LMDB, the server in a process of its own, whose CPU time an operation is reported beside the rate.
 *
 *   node bench/apiserver.ts [--clients 32] [--objects 5000] [--watchers 200] [--many-watchers 1000] [--out FILE]
 *   node bench/apiserver.ts --only 'get,watch'   the operations whose names begin so, after the pods have been created
 *   node bench/apiserver.ts --windows node     reads over HTTP/2 windows of 64 KiB, as Node's clients have them, in place of Go's
 *   node bench/apiserver.ts --profiles DIR     writes a CPU profile of the server for each operation alone
 *   node bench/apiserver.ts --memory 100000 [--full] [--snapshot]    creates so many small (or full) pods and tells what memory the server holds
 *
 * SERVER_FLAGS="…" are flags for the server's Node; with --expose-gc what the server holds is measured after a collection.
 */
import { mkdirSync, rmSync } from 'node:fs';
import * as http2 from 'node:http2';
import { join } from 'node:path';
import { count, flag, report, type Figure } from './report.ts';
import { startServerProcess } from './server-process.ts';

interface Ready { port: number; ca: string; cert: string; key: string; startMs: number; path: string }
interface Usage { cpuMs: number; rssBytes: number; mappedBytes: number; heapBytes: number; heapTotalBytes: number; bufferBytes: number }

const clients = count('clients', 32);
const objects = count('objects', 5000);
const watchers = count('watchers', 200);
const manyWatchers = count('many-watchers', 1000);
const memoryObjects = count('memory', 0);
const only = flag('only', '') === '' ? undefined : flag('only', '').split(',');
const goWindows = flag('windows', 'go') === 'go';
const profiles = flag('profiles', '') || undefined;
const figures: Figure[] = [];

const server = await startServerProcess(memoryObjects > 0);
if (profiles !== undefined) mkdirSync(profiles, { recursive: true });
const answer = <T>(): Promise<T> => new Promise((resolve) => server.once('message', (message) => resolve(message as T)));
const ready = await answer<Ready>();
async function usage(): Promise<Usage> {
  const got = answer<Usage>();
  server.send('usage');
  return got;
}

async function profile(file: string | undefined): Promise<void> {
  if (profiles === undefined) return;
  const done = answer<string>();
  server.send({ profile: file ?? null });
  await done;
}

/** Where an operation's profile goes. */
const profileOf = (name: string): string => join(profiles ?? '', `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.cpuprofile`);
const isWanted = (name: string): boolean => only === undefined || name.startsWith('create pod') || only.some((start) => name.startsWith(start));

/** What clients written in Go give a stream and a connection to send without asking again; Node's own 64 KiB would measure the asking. */
const streamWindowBytes = 4 * 2 ** 20;
const connectionWindowBytes = 2 ** 30;

function connected(): http2.ClientHttp2Session {
  const session = http2.connect(`https://127.0.0.1:${ready.port}`, { ca: ready.ca, cert: ready.cert, key: ready.key, ...(goWindows ? { settings: { initialWindowSize: streamWindowBytes } } : {}) });
  if (goWindows) session.once('connect', () => session.setLocalWindowSize(connectionWindowBytes));
  return session;
}

const sessions = Array.from({ length: 8 }, connected);

function call(session: http2.ClientHttp2Session, method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': method, ':path': path, ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }), ...headers });
    const pieces: Buffer[] = [];
    let status = 0;
    stream.on('response', (head) => (status = head[':status'] ?? 0));
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    stream.on('error', reject);
    stream.on('end', () => (status < 400 ? resolve(Buffer.concat(pieces)) : reject(new Error(`${method} ${path}: ${status} ${Buffer.concat(pieces).toString().slice(0, 300)}`))));
    stream.end(body);
  });
}

/** Runs `total` operations by so many clients at once, and notes rate and server CPU an operation. */
async function measure(name: string, total: number, operation: (i: number, session: http2.ClientHttp2Session) => Promise<unknown>): Promise<void> {
  if (!isWanted(name)) return;
  await profile(undefined);
  const before = await usage();
  const start = performance.now();
  let next = 0;
  await Promise.all(Array.from({ length: clients }, async (_, c) => {
    for (let i = next++; i < total; i = next++) await operation(i, sessions[c % sessions.length]!);
  }));
  const seconds = (performance.now() - start) / 1000;
  const after = await usage();
  await profile(profileOf(name));
  figures.push({ name: `${name}: rate`, value: total / seconds, unit: 'ops/s' }, { name: `${name}: server CPU`, value: (after.cpuMs - before.cpuMs) / total, unit: 'ms/op' });
}

const pod = (i: number): string => JSON.stringify({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: `pod-${i}`, labels: { app: `app-${i % 100}`, tier: 'bench' }, annotations: { note: 'x'.repeat(200) } },
  spec: { containers: [{ name: 'c', image: 'registry.example/app:1', env: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }], resources: { requests: { cpu: '100m', memory: '64Mi' } }, ports: [{ containerPort: 8080 }] }] },
});
const pods = '/api/v1/namespaces/default/pods';

async function prepare(): Promise<void> {
  // Without controllers nobody makes the account that pods run under.
  await call(sessions[0]!, 'POST', '/api/v1/namespaces/default/serviceaccounts', JSON.stringify({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } })).catch(() => undefined);
}

/** A pod as benchmarks of the scheduler have it: a container and nothing else. */
const smallPod = (i: number): string => JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: `small-${i}` }, spec: { containers: [{ name: 'pause', image: 'registry.k8s.io/pause:3.10' }] } });

async function readPages(session: http2.ClientHttp2Session): Promise<number> {
  let pages = 0;
  let token = '';
  do {
    const page = (await call(session, 'GET', `${pods}?limit=500${token === '' ? '' : `&continue=${encodeURIComponent(token)}`}`)).toString('latin1', 0, 1_000);
    token = /"continue":"([^"]*)"/.exec(page)?.[1] ?? '';
    pages++;
  } while (token !== '');
  return pages;
}

/** What the server holds once the collector has had its turn. */
async function memoryFigures(when: string): Promise<Usage> {
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const got = answer<Usage>();
  server.send('settled');
  const used = await got;
  const mib = (name: string, bytes: number): Figure => ({ name: `${when}: ${name}`, value: bytes / 2 ** 20, unit: 'MiB' });
  figures.push(mib('resident', used.rssBytes), mib('of it mapped files', used.mappedBytes), mib('heap in use', used.heapBytes), mib('heap taken', used.heapTotalBytes), mib('buffers', used.bufferBytes));
  return used;
}

async function memoryBench(): Promise<void> {
  const before = await memoryFigures('at the start');
  const body = process.argv.includes('--full') ? pod : smallPod;
  await measure(`create ${memoryObjects} pods`, memoryObjects, (i, session) => call(session, 'POST', pods, body(i)));
  const after = await memoryFigures(`with ${memoryObjects} pods`);
  const kib = (bytes: (usage: Usage) => number): number => (bytes(after) - bytes(before)) / memoryObjects / 1024;
  figures.push({ name: 'a pod: resident', value: kib((usage) => usage.rssBytes), unit: 'KiB' }, { name: 'a pod: heap and buffers', value: kib((usage) => usage.heapBytes + usage.bufferBytes), unit: 'KiB' });
  const bytes = (await call(sessions[0]!, 'GET', `${pods}?resourceVersion=0`)).length;
  figures.push({ name: 'a pod: JSON', value: bytes / memoryObjects / 1024, unit: 'KiB' });
  await measure(`list ${memoryObjects} pods`, 4, (_i, session) => call(session, 'GET', `${pods}?resourceVersion=0`));
  await memoryFigures('after five lists');
  await measure('list by label', 4, (_i, session) => call(session, 'GET', `${pods}?resourceVersion=0&labelSelector=app%3Dapp-1`));
  await readPages(sessions[0]!);
  await memoryFigures('after lists by label and in pages');
  if (!process.argv.includes('--snapshot')) return;
  const file = answer<string>();
  server.send('snapshot');
  process.stdout.write(`heap snapshot: ${await file}\n`);
}

async function watchBench(watchers: number): Promise<void> {
  if (watchers === 0 || !isWanted('watch')) return;
  let events = 0;
  const streams = Array.from({ length: watchers }, (_, i) => {
    const stream = sessions[i % sessions.length]!.request({ ':path': '/api/v1/namespaces/default/configmaps?watch=1' });
    stream.on('data', (piece: Buffer) => {
      for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) events++;
    });
    stream.on('error', () => undefined);
    return stream;
  });
  await Promise.all(streams.map((stream) => new Promise((resolve) => stream.once('response', resolve))));
  await new Promise((resolve) => setTimeout(resolve, 500));
  const base = events;
  const total = 500;
  await profile(undefined);
  const before = await usage();
  const start = performance.now();
  let next = 0;
  await Promise.all(Array.from({ length: clients }, async (_, c) => {
    for (let i = next++; i < total; i = next++) await call(sessions[c % sessions.length]!, 'POST', '/api/v1/namespaces/default/configmaps', JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `watched-${watchers}-${i}` }, data: { a: 'x'.repeat(500) } }));
  }));
  const deadline = performance.now() + 60_000;
  while (events - base < total * watchers && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
  const seconds = (performance.now() - start) / 1000;
  const after = await usage();
  await profile(profileOf(`watch ${watchers}`));
  if (events - base < total * watchers) throw new Error(`watchers got ${events - base} events of ${total * watchers}`);
  figures.push({ name: `watch, ${watchers} watchers: events`, value: (total * watchers) / seconds, unit: 'events/s' }, { name: `watch, ${watchers} watchers: server CPU`, value: ((after.cpuMs - before.cpuMs) * 1000) / (total * watchers), unit: 'µs/event' });
  await Promise.all(streams.map((stream) => new Promise<void>((resolve) => stream.close(http2.constants.NGHTTP2_CANCEL, resolve))));
}

const getPod = (i: number, session: http2.ClientHttp2Session): Promise<Buffer> => call(session, 'GET', `${pods}/pod-${i % objects}`);

async function operations(): Promise<void> {
  await measure('create pod', objects, (i, session) => call(session, 'POST', pods, pod(i)));
  await measure('get pod', objects, getPod);
  // Once more, when what has been read for the first time, and compiled, is paid for.
  await measure('warm: get pod', 4 * objects, getPod);
  await measure(`list ${objects} pods`, 20, (_i, session) => call(session, 'GET', '/api/v1/pods?resourceVersion=0'));
  const protobuf = { accept: 'application/vnd.kubernetes.protobuf' };
  await call(sessions[0]!, 'GET', '/api/v1/pods?resourceVersion=0', undefined, protobuf);
  await measure(`list ${objects} pods, protobuf`, 20, (_i, session) => call(session, 'GET', '/api/v1/pods?resourceVersion=0', undefined, protobuf));
  await measure(`list ${objects} pods, protobuf, gzip`, 20, (_i, session) => call(session, 'GET', '/api/v1/pods?resourceVersion=0', undefined, { ...protobuf, 'accept-encoding': 'gzip' }));
  await measure(`list ${objects} pods, table`, 20, (_i, session) => call(session, 'GET', '/api/v1/pods?resourceVersion=0', undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }));
  await measure(`list ${objects} pods, metadata only`, 20, (_i, session) => call(session, 'GET', '/api/v1/pods?resourceVersion=0', undefined, { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' }));
  await measure(`list ${objects} pods, one changed before each`, 20, async (i, session) => {
    await call(session, 'PATCH', `${pods}/pod-${i}`, JSON.stringify({ metadata: { labels: { changed: String(i) } } }), { 'content-type': 'application/merge-patch+json' });
    return call(session, 'GET', '/api/v1/pods?resourceVersion=0');
  });
  await measure(`list ${objects} pods in pages of 500`, 20, (_i, session) => readPages(session));
  await measure('list by label (1%)', 200, (i, session) => call(session, 'GET', `${pods}?labelSelector=app%3Dapp-${i % 100}`));
  await measure('patch status', Math.min(objects, 2000), (i, session) =>
    call(session, 'PATCH', `${pods}/pod-${i}/status`, JSON.stringify({ status: { phase: 'Running', podIP: `10.0.${i >> 8}.${i & 255}` } }), { 'content-type': 'application/strategic-merge-patch+json' }));
  await measure('apply', Math.min(objects, 1000), (i, session) =>
    call(session, 'PATCH', `/api/v1/namespaces/default/configmaps/applied-${i}?fieldManager=bench`, JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `applied-${i}` }, data: { a: '1' } }), { 'content-type': 'application/apply-patch+yaml' }));
  await watchBench(watchers);
  await watchBench(manyWatchers);
  await measure(`delete ${objects} pods by collection`, 1, (_i, session) => call(session, 'DELETE', `${pods}?labelSelector=tier%3Dbench&gracePeriodSeconds=0`));
  figures.push({ name: 'server memory at the end', value: (await usage()).rssBytes / 2 ** 20, unit: 'MiB' });
  await measure('warm: create pod', objects, (i, session) => call(session, 'POST', pods, pod(objects + i)));
}

await prepare();
figures.push({ name: 'start to ready (certificates included)', value: ready.startMs, unit: 'ms' });
await (memoryObjects > 0 ? memoryBench() : operations());
for (const session of sessions) session.close();
server.send('stop');
await new Promise((resolve) => server.once('exit', resolve));
rmSync(ready.path, { recursive: true, force: true });
report('apiserver', figures);
process.exit(0);
