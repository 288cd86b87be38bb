/**
 * What the registry alone can do, without sockets: writes, reads, lists and watches a second, on the memory store and on LMDB.
 * `node bench/registry.ts [--pods 5000] [--watchers 200] [--out FILE]` prints a table and writes it as JSON.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { requestInfoOf } from '../src/apiserver/chain/request-info.ts';
import { createResources, type Resources } from '../src/apiserver/registry/index.ts';
import { Pieces } from '../src/apiserver/pieces.ts';
import type { ServerResponse } from '../src/apiserver/types.ts';
import { RESOURCES } from '../src/api/resources.ts';
import { strategyFor } from '../src/api/strategies.ts';
import { nodeHost } from '../src/host/node/index.ts';
import type { Backend } from '../src/store/backend.ts';
import { lmdbBackend } from '../src/store/lmdb.ts';
import { memoryBackend } from '../src/store/memory.ts';

const { values } = parseArgs({ options: { pods: { type: 'string', default: '5000' }, watchers: { type: 'string', default: '200' }, out: { type: 'string' } } });
const podCount = Number(values.pods);
const watcherCount = Number(values.watchers);
const host = nodeHost();

interface Measured {
  what: string;
  perSecond: number;
  milliseconds: number;
  /** Of processor time an operation, all threads. */
  cpuMicroseconds: number;
}

function send(resources: Resources, method: string, url: string, body?: unknown, headers: Record<string, string> = {}): Promise<ServerResponse> {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const bytes = body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(body));
  return resources.handle({
    method, path: pathname, rawPath: pathname, query: searchParams, headers: { 'user-agent': 'bench', ...headers }, body: async () => bytes, signal: new AbortController().signal, remoteAddress: '', wantsUpgrade: false,
    user: { name: 'bench', groups: ['system:authenticated'] }, info: requestInfoOf(method, pathname, searchParams), warnings: [], receivedAt: host.clock.now(),
  });
}

/** Takes the body as a connection would: a long list is put together only then. */
async function read(answer: Promise<ServerResponse>): Promise<void> {
  const { body } = await answer;
  if (body instanceof Pieces) await body.writeTo(() => Promise.resolve(true));
}

const pod = (i: number): object => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: `pod-${i}`, labels: { app: `app-${i % 50}`, tier: 'web' }, annotations: { note: 'x'.repeat(600) } },
  spec: {
    nodeName: `node-${i % 100}`,
    containers: [{ name: 'c', image: 'registry.example.com/image:1', env: Array.from({ length: 8 }, (_, e) => ({ name: `V${e}`, value: `value ${e}` })), resources: { requests: { cpu: '100m', memory: '64Mi' } }, ports: [{ containerPort: 80 }] }],
  },
});

async function timed(results: Measured[], what: string, count: number, lanes: number, work: (i: number) => Promise<unknown>): Promise<void> {
  const began = performance.now();
  const cpu = process.cpuUsage();
  let next = 0;
  await Promise.all(Array.from({ length: lanes }, async () => {
    while (next < count) await work(next++);
  }));
  const milliseconds = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  results.push({ what, perSecond: Math.round((count / milliseconds) * 1000), milliseconds: Math.round(milliseconds * 100) / 100, cpuMicroseconds: Math.round((user + system) / count) });
}

async function run(backend: Backend, storageEncoding: 'json' | 'protobuf'): Promise<Measured[]> {
  const results: Measured[] = [];
  const resources = createResources({ host, backend, resources: RESOURCES, strategyFor, admission: [], serviceCidr: '10.96.0.0/16', storageEncoding });
  await resources.start();
  const base = '/api/v1/namespaces/default/pods';
  const merge = { 'content-type': 'application/merge-patch+json' };
  await timed(results, 'create pod, one at a time', Math.min(200, podCount), 1, (i) => send(resources, 'POST', base, pod(i)));
  await timed(results, 'create pod, 32 at a time', podCount - 200, 32, (i) => send(resources, 'POST', base, pod(i + 200)));
  await timed(results, 'get pod', 20_000, 32, (i) => send(resources, 'GET', `${base}/pod-${i % podCount}`));
  await timed(results, `list ${podCount} pods`, 20, 1, () => read(send(resources, 'GET', base)));
  await timed(results, `list ${podCount} pods in protobuf, first`, 1, 1, () => read(send(resources, 'GET', base, undefined, { accept: 'application/vnd.kubernetes.protobuf' })));
  await timed(results, `list ${podCount} pods in protobuf`, 20, 1, () => read(send(resources, 'GET', base, undefined, { accept: 'application/vnd.kubernetes.protobuf' })));
  await timed(results, 'list 1 % by label', 200, 1, (i) => send(resources, 'GET', `${base}?labelSelector=app%3Dapp-${i % 50}`));
  await timed(results, 'list pods of a node', 500, 1, (i) => send(resources, 'GET', `/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-${i % 100}`));
  await timed(results, 'patch status, 32 at a time', 2_000, 32, (i) => send(resources, 'PATCH', `${base}/pod-${i % podCount}/status`, { status: { message: `m${i}` } }, merge));
  let seen = 0;
  const watches = await Promise.all(Array.from({ length: watcherCount }, () => send(resources, 'GET', `${base}?watch=1&resourceVersion=${podCount}`)));
  const readers = watches.map(async (answer) => {
    for await (const piece of answer.body as AsyncIterable<Uint8Array>) seen += piece.length;
  });
  const changes = 1_000;
  await timed(results, `patch status with ${watcherCount} watchers`, changes, 32, (i) => send(resources, 'PATCH', `${base}/pod-${i}/status`, { status: { message: `w${i}` } }, merge));
  await timed(results, 'delete pods by collection', 1, 1, () => send(resources, 'DELETE', `${base}?gracePeriodSeconds=0`));
  const began = performance.now();
  await resources.stop();
  await Promise.all(readers);
  results.push({ what: `megabytes to watchers: ${Math.round(seen / 2 ** 20)}`, perSecond: 0, milliseconds: performance.now() - began, cpuMicroseconds: 0 });
  return results;
}

const directory = await mkdtemp(join(tmpdir(), 'kubets-bench-'));
const report: Record<string, Measured[]> = {};
const memory = async (): Promise<Backend> => memoryBackend({ clock: host.clock });
const lmdb = (folder: string) => (): Promise<Backend> => lmdbBackend({ path: join(directory, folder), disk: host.disk, clock: host.clock });
for (const [name, open, encoding] of [['memory', memory, 'json'], ['memory, stored as protobuf', memory, 'protobuf'], ['lmdb', lmdb('json'), 'json'], ['lmdb, stored as protobuf', lmdb('protobuf'), 'protobuf']] as const) {
  const backend = await open();
  report[name] = await run(backend, encoding);
  await backend.close();
  console.log(`\n${name}`);
  for (const { what, perSecond, milliseconds, cpuMicroseconds } of report[name]) console.log(`  ${what.padEnd(44)} ${String(perSecond).padStart(8)}/s ${String(milliseconds).padStart(10)} ms ${String(cpuMicroseconds).padStart(9)} µs of processor each`);
}
console.log(`\nmemory used: ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`);
await rm(directory, { recursive: true, force: true });
if (values.out !== undefined) await writeFile(values.out, JSON.stringify(report, null, 2));
process.exit(0);
