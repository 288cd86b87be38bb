/** What happens to writers and watchers when members stop, lose their leader, or answer into the void. */
import { createServer, connect, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { nodeClock } from '../host/node/clock.ts';
import { CompactedError, type Backend, type WatchChange } from './backend.ts';
import { hasEtcd, startEtcd, type EtcdCluster } from './etcd.fixture.ts';
import { etcdBackend, type EtcdBackendOptions } from './etcd.ts';

const clock = nodeClock();
const open: { close(): Promise<void> | void }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

async function cluster(size = 1, options: Parameters<typeof startEtcd>[1] = {}): Promise<EtcdCluster> {
  const started = await startEtcd(size, options);
  open.push(started);
  return started;
}

async function connectTo(endpoints: readonly string[], options: Partial<EtcdBackendOptions> = {}): Promise<Backend> {
  const store = await etcdBackend({ endpoints, clock, rename: { from: '', to: '/t' }, compactionIntervalMs: 0, ...options });
  open.push(store);
  return store;
}

const value = (text: string): Buffer => Buffer.from(text);

/** Creates keys, several at a time, until stopped; remembers what was acknowledged, and with which revision. */
function writeSteadily(store: Backend, workers = 4): { acknowledged: Map<string, number>; stop(): Promise<void> } {
  const acknowledged = new Map<string, number>();
  let stopped = false;
  let next = 0;
  const worker = async (): Promise<void> => {
    while (!stopped) {
      const key = `/k/${next++}`;
      const result = await store.commit({ type: 'create', key, value: value(key) });
      expect(result.ok, `${key} was there before it was created`).toBe(true);
      if (result.ok) acknowledged.set(key, result.revision);
      await clock.sleep(1);
    }
  };
  const running = Promise.all(Array.from({ length: workers }, worker));
  return {
    acknowledged,
    stop: () => {
      stopped = true;
      return running.then(() => undefined);
    },
  };
}

/** Collects what a watch tells until stopped. */
function watchSteadily(store: Backend, from: number): { changes: WatchChange[]; reached: () => number; ended: Promise<void>; stop(): Promise<void> } {
  const changes: WatchChange[] = [];
  const stop = new AbortController();
  let reached = from;
  const running = (async () => {
    for await (const batch of store.watch('/k/', from, stop.signal)) {
      changes.push(...batch.changes);
      reached = batch.revision;
    }
  })();
  running.catch(() => undefined);
  return { changes, reached: () => reached, ended: running, stop: async () => { stop.abort(); await running; } };
}

async function eventually(what: string, holds: () => boolean | Promise<boolean>, limitMs = 30_000): Promise<void> {
  for (const until = clock.monotonic() + limitMs; !(await holds()); await clock.sleep(20)) if (clock.monotonic() > until) throw new Error(`never came true: ${what}`);
}

/** Every key that is in the store was told once, in the order of revisions, with the revision that its writer was told. */
async function expectNoGap(store: Backend, watching: ReturnType<typeof watchSteadily>, acknowledged: Map<string, number>): Promise<void> {
  const there = await store.list('/k/');
  await eventually('the watch has come to the end', () => watching.reached() >= there.revision || watching.changes.length >= there.entries.length);
  const told = watching.changes.map((change) => change.revision);
  expect(told).toEqual(there.entries.map((entry) => entry.modRevision).sort((a, b) => a - b));
  const stored = new Map(there.entries.map((entry) => [entry.key, entry.modRevision]));
  expect([...acknowledged].filter(([key, revision]) => stored.get(key) !== revision)).toEqual([]);
}

describe.skipIf(!hasEtcd('faults of etcd'))('etcd that fails', () => {
  test('a member that is killed and started again: no acknowledged write is lost, no watcher misses or repeats a change', async () => {
    const etcd = await cluster();
    const store = await connectTo(etcd.endpoints);
    const from = await store.revision();
    const [writing, watching] = [writeSteadily(store), watchSteadily(store, from)];
    for (let round = 1; round <= 2; round++) {
      await eventually('writes are acknowledged', () => writing.acknowledged.size > 40 * round);
      await etcd.members[0]!.stop('SIGKILL');
      const before = writing.acknowledged.size;
      etcd.start(etcd.members[0]!);
      await eventually('writing goes on', () => writing.acknowledged.size > before + 8);
    }
    await writing.stop();
    await expectNoGap(store, watching, writing.acknowledged);
    await watching.stop();
  }, 60_000);

  test('three members, and the one in use goes, then comes back: the others take over', async () => {
    const etcd = await cluster(3);
    const store = await connectTo(etcd.endpoints);
    const from = await store.revision();
    const [writing, watching] = [writeSteadily(store), watchSteadily(store, from)];
    for (const member of etcd.members) {
      const before = writing.acknowledged.size;
      await eventually('writes are acknowledged', () => writing.acknowledged.size > before + 20);
      // One after the other, so that the leader is among them.
      await member.stop('SIGKILL');
      const without = writing.acknowledged.size;
      await eventually('writing goes on without it', () => writing.acknowledged.size > without + 20);
      etcd.start(member);
    }
    await writing.stop();
    await expectNoGap(store, watching, writing.acknowledged);
    await watching.stop();
  }, 90_000);

  test('a member that hangs is left for another one', async () => {
    const etcd = await cluster(3);
    const store = await connectTo(etcd.endpoints, { attemptTimeoutMs: 500 });
    for (const [i, member] of etcd.members.entries()) {
      member.freeze(true);
      expect((await store.commit({ type: 'create', key: `/k/${i}`, value: value('v') })).ok).toBe(true);
      member.freeze(false);
    }
    expect(await store.count('/k/')).toBe(3);
  }, 60_000);

  test('a watcher whose place is compacted while it is cut off is told so; the present stays', async () => {
    const etcd = await cluster();
    const proxy = await proxyTo(etcd.endpoints[0]!);
    const [direct, proxied] = [await connectTo(etcd.endpoints), await connectTo([proxy.endpoint])];
    const first = await direct.commit({ type: 'create', key: '/k/1', value: value('1') });
    const watching = watchSteadily(proxied, first.ok ? first.revision : 0);
    await eventually('the watch is under way', async () => {
      await direct.commit({ type: 'create', key: `/k/x${watching.changes.length}.${clock.monotonic()}`, value: value('x') });
      return watching.changes.length > 0;
    });
    proxy.cut(true);
    for (let i = 0; i < 5; i++) await direct.commit({ type: 'create', key: `/k/later${i}`, value: value('y') });
    await direct.compact(await direct.revision());
    proxy.cut(false);
    await expect(watching.ended).rejects.toThrow(CompactedError);
    expect(await proxied.count('/k/')).toBeGreaterThan(5);
  }, 60_000);

  test.each(['create', 'update', 'delete'] as const)('the answer to a %s is lost: it is found to have been done, once', async (type) => {
    const etcd = await cluster();
    const proxy = await proxyTo(etcd.endpoints[0]!);
    const store = await connectTo([proxy.endpoint]);
    const direct = await connectTo(etcd.endpoints);
    const made = type === 'create' ? undefined : await store.commit({ type: 'create', key: '/k/1', value: value('old') });
    const expected = made?.ok === true ? made.revision : 0;
    await store.revision();
    const before = await direct.revision();
    proxy.loseAnswers('/k/1');
    const result = await store.commit(type === 'create' ? { type, key: '/k/1', value: value('new') } : type === 'update' ? { type, key: '/k/1', value: value('new'), expected } : { type, key: '/k/1', expected });
    expect(proxy.lost()).toBe(1);
    expect(result).toMatchObject({ ok: true, revision: before + 1 });
    expect(await direct.revision()).toBe(before + 1);
    expect((await direct.get('/k/1'))?.value.toString()).toBe(type === 'delete' ? undefined : 'new');
  }, 60_000);

  test('the answer to a write is lost and somebody else writes at once: nobody claims to know', async () => {
    const etcd = await cluster();
    const proxy = await proxyTo(etcd.endpoints[0]!);
    const [store, direct] = [await connectTo([proxy.endpoint]), await connectTo(etcd.endpoints)];
    await store.revision();
    proxy.loseAnswers('/k/1');
    const writing = store.commit({ type: 'create', key: '/k/1', value: value('ours') });
    const outcome = expect(writing).rejects.toThrow('whether it was done is not known');
    await eventually('it is done', async () => (await direct.get('/k/1')) !== undefined);
    const done = (await direct.get('/k/1'))!;
    await direct.commit({ type: 'update', key: '/k/1', value: value('theirs'), expected: done.modRevision });
    await outcome;
    expect((await direct.get('/k/1'))!.value.toString()).toBe('theirs');
  }, 60_000);

  test('nobody answers: one error that names the member, in time', async () => {
    await expect(connectTo(['http://127.0.0.1:1'], { callTimeoutMs: 300 })).rejects.toThrow('etcd at http://127.0.0.1:1 does not answer');
    const etcd = await cluster();
    await connectTo(etcd.endpoints);
    const store = await connectTo(etcd.endpoints, { callTimeoutMs: 2_000, healthTimeoutMs: 300 });
    await etcd.members[0]!.stop();
    await expect(store.health()).rejects.toThrow('does not answer');
    await expect(store.commit({ type: 'create', key: '/k/1', value: value('1') })).rejects.toThrow('does not answer');
  }, 60_000);
});

interface Proxy {
  endpoint: string;
  /** Cuts every connection, and refuses new ones until told otherwise. */
  cut(off: boolean): void;
  /** The next request that holds these bytes reaches etcd; the connection goes before its answer comes. */
  loseAnswers(marker: string): void;
  lost(): number;
}

/** A TCP relay that can be told to fail. */
async function proxyTo(endpoint: string): Promise<Proxy> {
  const { hostname, port } = new URL(endpoint);
  const sockets = new Set<Socket>();
  let off = false;
  let marker: string | undefined;
  let lost = 0;
  const server: Server = createServer((client) => {
    if (off) return void client.destroy();
    const upstream = connect(Number(port), hostname);
    let losing = false;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end).on('close', () => { sockets.delete(socket); end(); });
    }
    client.on('data', (bytes) => {
      if (marker !== undefined && bytes.includes(marker)) {
        losing = true;
        marker = undefined;
        lost += 1;
        // Long enough for etcd to have done it, whatever else the machine is doing: the write is looked for below.
        void clock.sleep(500).then(end);
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (!losing) client.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({ close: () => new Promise<void>((resolve) => { for (const socket of sockets) socket.destroy(); server.close(() => resolve()); }) });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    cut: (now) => {
      off = now;
      if (off) for (const socket of sockets) socket.destroy();
    },
    loseAnswers: (text) => (marker = text),
    lost: () => lost,
  };
}
