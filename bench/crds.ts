/**
 * Many CustomResourceDefinitions: memory each, time from create to established and to the published schema, a start with all of them, what OpenAPI and custom
 * objects cost. Beside the time: processor time, and the longest turn of the event loop (processor time of its thread, so that other work on the machine does not count).
 *
 *   node --expose-gc bench/crds.ts [--definitions 1000] [--objects 2000] [--out FILE]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CustomResourceDefinition, JSONSchemaProps } from '../src/api/apiextensions/v1/types.ts';
import { CustomResourceDefinitions } from '../src/api/resources.ts';
import { createApiServer, loopbackUser, type ApiServer } from '../src/apiserver/server.ts';
import { createClient } from '../src/client/index.ts';
import type { Client } from '../src/client/types.ts';
import { nodeHost } from '../src/host/node/index.ts';
import { lmdbBackend } from '../src/store/lmdb.ts';
import { count, percentile, report, type Figure } from './report.ts';

const definitions = count('definitions', 1_000);
const objects = count('objects', 2_000);
const host = nodeHost({ logLevel: 'error' });
const directory = mkdtempSync(join(tmpdir(), 'kubets-bench-'));
const figures: Figure[] = [];
const note = (name: string, value: number, unit: string): void => void figures.push({ name, value, unit });
const median = (values: number[]): number => percentile(values.toSorted((a, b) => a - b), 0.5);
const memory = (): number => {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

/** A schema of some hundred fields, as an operator's are: about 12 kB. */
function schema(): JSONSchemaProps {
  const group = (i: number): JSONSchemaProps => ({
    type: 'object', description: `Settings of part ${i}, all of them optional.`,
    properties: Object.fromEntries(Array.from({ length: 10 }, (_, j): [string, JSONSchemaProps] => [`field${j}`, { type: 'string', maxLength: 100, description: `What field ${j} of part ${i} is for.` }])),
  });
  const parts = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`part${i}`, group(i)]));
  return { type: 'object', properties: { spec: { type: 'object', properties: { ...parts, replicas: { type: 'integer', default: 1 } } }, status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } };
}

function definition(i: number): CustomResourceDefinition {
  const group = `group${i % 100}.example.com`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `things${i}.${group}` },
    spec: {
      group, scope: 'Namespaced', names: { plural: `things${i}`, singular: `thing${i}`, kind: `Thing${i}`, listKind: `Thing${i}List` },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema() }, subresources: { status: {} } }],
    },
  };
}

interface Cost {
  cpuMs: number;
  longestTurnMs: number;
}

/** What `work` costs this process, and the longest time that nobody else would have been answered. */
async function costOf<T>(work: () => Promise<T>): Promise<[T, Cost]> {
  const begun = process.cpuUsage();
  const threadMs = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let last = threadMs();
  let longestTurnMs = 0;
  const look = (): void => {
    const now = threadMs();
    longestTurnMs = Math.max(longestTurnMs, now - last);
    last = now;
  };
  const timer = setInterval(look, 1);
  await host.clock.sleep(2);
  last = threadMs();
  longestTurnMs = 0;
  try {
    const result = await work();
    await host.clock.sleep(2);
    const { user, system } = process.cpuUsage(begun);
    return [result, { cpuMs: (user + system) / 1000, longestTurnMs }];
  } finally {
    clearInterval(timer);
  }
}

async function noteCost<T>(name: string, work: () => Promise<T>): Promise<T> {
  const [result, { cpuMs, longestTurnMs }] = await costOf(work);
  note(`${name}: CPU`, cpuMs, 'ms');
  note(`${name}: longest turn`, longestTurnMs, 'ms');
  return result;
}

async function start(path = join(directory, 'store')): Promise<{ server: ApiServer; client: Client; close: () => Promise<void>; startMs: number }> {
  const begun = performance.now();
  const backend = await lmdbBackend({ path, disk: host.disk, clock: host.clock, turn: host.turn });
  const server = await createApiServer({ host, backend, version: '0.0.0', serviceCidr: '10.96.0.0/16' });
  await server.start();
  await server.ready();
  const startMs = performance.now() - begun;
  return { server, startMs, client: createClient(server.transport(loopbackUser)), close: async () => { await server.stop(); await backend.close(); } };
}

const get = (client: Client, path: string, headers: Record<string, string> = { accept: 'application/json' }): Promise<{ paths: Record<string, { serverRelativeURL: string }> }> => client.request({ method: 'GET', path, headers });

const protobuf = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
/** Reads all of an answer, without parsing it, as a socket does: others have their turns between the pieces. */
async function read(path: string, accept = 'application/json'): Promise<void> {
  const response = await running.client.transport.send({ method: 'GET', path, headers: { accept } });
  if (response.status !== 200) throw new Error(`GET ${path}: ${response.status}`);
  for await (const _ of response.body) await host.turn?.();
}

let running = await start();
note('start without definitions', running.startMs, 'ms');
const before = memory();
const crds = running.client.of(CustomResourceDefinitions);
const begun = performance.now();
for (let i = 0; i < definitions; i += 50) await Promise.all(Array.from({ length: Math.min(50, definitions - i) }, (_, j) => crds.create(definition(i + j))));
const isEstablished = ({ status }: CustomResourceDefinition): boolean => status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True') === true;
// One after the other: a list of all of them again and again would be what is measured.
for (let i = 0; i < definitions; i++) while (!isEstablished(await crds.get(definition(i).metadata.name!))) await host.clock.sleep(5);
note(`create and establish ${definitions} definitions`, performance.now() - begun, 'ms');
await host.clock.sleep(1_000);
note('memory a definition, unused', (memory() - before) / definitions / 1024, 'KiB');
await running.close();
running = await noteCost('empty start again, for the code to be warm', async () => {
  const empty = await start(join(directory, 'empty'));
  await empty.close();
  return empty;
});
running = await noteCost('start without definitions, warm', () => start(join(directory, 'empty')));
await running.close();
running = await noteCost(`start right after ${definitions} definitions came`, () => start());
// A cluster that has gone on for a while: its last thousand changes, which a start takes in again, are others.
for (let i = 0; i < 1_100; i++) await running.client.request({ method: 'PATCH', path: '/api/v1/namespaces/default', headers: { 'content-type': 'application/merge-patch+json' }, body: `{"metadata":{"labels":{"turn":"${i}"}}}` });
await running.close();
running = await noteCost(`start with ${definitions} definitions`, () => start());
note(`start with ${definitions} definitions`, running.startMs, 'ms');

await noteCost('what goes on in the second after', () => host.clock.sleep(1_000));
await noteCost('/apis in the aggregated form, first', () => read('/apis', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'));
await noteCost('/openapi/v2, first', () => read('/openapi/v2'));
await noteCost('/openapi/v2 in protobuf, first', () => read('/openapi/v2', protobuf));

const established: number[] = [];
const published: number[] = [];
for (let i = 0; i < 20; i++) {
  const one = definition(definitions + i);
  const name = `apis/${one.spec.group}/v1`;
  const hashBefore = (await get(running.client, '/openapi/v3')).paths[name]?.serverRelativeURL;
  const from = performance.now();
  await running.client.of(CustomResourceDefinitions).create(one);
  while (!isEstablished(await running.client.of(CustomResourceDefinitions).get(one.metadata.name!))) await host.clock.sleep(1);
  established.push(performance.now() - from);
  for (;;) {
    const now = (await get(running.client, '/openapi/v3')).paths[name]?.serverRelativeURL;
    if (now !== undefined && now !== hashBefore) break;
    await host.clock.sleep(1);
  }
  await get(running.client, `/openapi/v3/${name}`);
  published.push(performance.now() - from);
}
note('create to established, median', median(established), 'ms');
note('create to schema read from /openapi/v3, median', median(published), 'ms');
await noteCost('/openapi/v2 after 20 more definitions', () => read('/openapi/v2'));
await noteCost('/openapi/v2 in protobuf after 20 more definitions', () => read('/openapi/v2', protobuf));

const { spec } = definition(0);
const path = `/apis/${spec.group}/v1/namespaces/default/things0`;
const body = (i: number): string => JSON.stringify({ apiVersion: `${spec.group}/v1`, kind: 'Thing0', metadata: { name: `thing-${i}` }, spec: { part0: { field0: 'x', field1: 'y' }, part1: { field0: 'z' } } });
const create = performance.now();
for (let i = 0; i < objects; i += 32) {
  await Promise.all(Array.from({ length: Math.min(32, objects - i) }, (_, j) => running.client.request({ method: 'POST', path, headers: { 'content-type': 'application/json' }, body: body(i + j) })));
}
note('create custom objects, 32 at a time', objects / ((performance.now() - create) / 1000), '1/s');
const lists = 20;
const list = performance.now();
for (let i = 0; i < lists; i++) {
  const response = await running.client.transport.send({ method: 'GET', path });
  for await (const _ of response.body) void _;
}
note(`list ${objects} custom objects`, (performance.now() - list) / lists, 'ms');
await running.close();
rmSync(directory, { recursive: true, force: true });
report('crds', figures);
