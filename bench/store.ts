/**
 * The stores side by side: writes, reads, lists and watch events a second.
 *
 *   node bench/store.ts [--keys 4000] [--bytes 2048] [--out FILE]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeHost } from '../src/host/node/index.ts';
import type { Backend } from '../src/store/backend.ts';
import { hasEtcd, startEtcd } from '../src/store/etcd.fixture.ts';
import { etcdBackend } from '../src/store/etcd.ts';
import { lmdbBackend } from '../src/store/lmdb.ts';
import { memoryBackend } from '../src/store/memory.ts';
import { count, report, type Figure } from './report.ts';

const keys = count('keys', 4_000);
const bytes = count('bytes', 2_048);
const lanes = 32;
const host = nodeHost();

async function rate(total: number, width: number, work: (i: number) => Promise<unknown>): Promise<number> {
  const began = performance.now();
  let next = 0;
  await Promise.all(Array.from({ length: width }, async () => {
    while (next < total) await work(next++);
  }));
  return (total / (performance.now() - began)) * 1000;
}

const value = (i: number): Buffer => Buffer.from(String(i).padEnd(bytes, 'v'));
const key = (i: number): string => `/registry/pods/default/pod-${String(i).padStart(6, '0')}`;

async function measure(name: string, store: Backend): Promise<Figure[]> {
  const figures: Figure[] = [];
  const note = (what: string, perSecond: number): void => void figures.push({ name: `${name}: ${what}`, value: Math.round(perSecond), unit: '/s' });
  const revisions = new Map<string, number>();
  const create = async (i: number): Promise<void> => {
    const result = await store.commit({ type: 'create', key: key(i), value: value(i) });
    if (!result.ok) throw new Error(`${key(i)} is there already`);
    revisions.set(key(i), result.revision);
  };
  const update = async (i: number): Promise<void> => {
    const result = await store.commit({ type: 'update', key: key(i), value: value(i + 1), expected: revisions.get(key(i))! });
    if (!result.ok) throw new Error(`${key(i)} has been changed`);
    revisions.set(key(i), result.revision);
  };
  const one = Math.min(500, keys / 2);
  note('create, one at a time', await rate(one, 1, create));
  note(`create, ${lanes} at a time`, await rate(keys - one, lanes, (i) => create(i + one)));
  note('get, one at a time', await rate(keys, 1, (i) => store.get(key(i))));
  note(`get, ${lanes} at a time`, await rate(keys, lanes, (i) => store.get(key(i))));
  note('newest revision, 32 at a time', await rate(keys * 4, lanes, () => store.revision()));
  note(`entries listed (${keys} a list)`, (await rate(10, 1, () => store.list('/registry/pods/'))) * keys);
  const from = await store.revision();
  let seen = 0;
  const stop = new AbortController();
  const watching = (async () => {
    for await (const batch of store.watch('/registry/', from, stop.signal)) if ((seen += batch.changes.length) >= keys) return;
  })();
  const began = performance.now();
  const updates = rate(keys, lanes, update);
  await watching;
  note('updates seen by a watch while they are made', (seen / (performance.now() - began)) * 1000);
  note(`update, ${lanes} at a time, watched`, await updates);
  return figures;
}

const directory = await mkdtemp(join(tmpdir(), 'kubets-bench-'));
const figures: Figure[] = [];
const stores: [string, () => Promise<{ store: Backend; close?: () => Promise<void> }>][] = [
  ['memory', async () => ({ store: memoryBackend({ clock: host.clock }) })],
  ['lmdb', async () => ({ store: await lmdbBackend({ path: join(directory, 'store'), disk: host.disk, clock: host.clock }) })],
];
if (hasEtcd('the store on etcd')) stores.push(['etcd', async () => {
  const etcd = await startEtcd();
  return { store: await etcdBackend({ endpoints: etcd.endpoints, clock: host.clock }), close: () => etcd.close() };
}]);
for (const [name, open] of stores) {
  const { store, close } = await open();
  figures.push(...(await measure(name, store)));
  await store.close();
  await close?.();
}
await rm(directory, { recursive: true, force: true });
report('store', figures);
process.exit(0);
