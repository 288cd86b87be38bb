/** What every backend promises, as one suite of tests. A backend's own test file calls `backendConformance` with a way to make an empty one. */
import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { Clock } from '../host/types.ts';
import type { Backend, Change, Entry, WatchChange } from './backend.ts';
import { CompactedError, FutureRevisionError, SlowWatcherError } from './backend.ts';
import { ManualClock } from './manual-clock.ts';

export interface ConformanceOptions {
  clock: Clock;
  watchBufferLimit?: number;
}

/** Makes an empty backend, whose revisions go on from wherever they are. The suite closes it. */
export type MakeBackend = (options: ConformanceOptions) => Promise<Backend>;

export interface SuiteOptions {
  /** Times to live run on the machine's clock, in seconds of at least this many; by default on the clock that the backend is given. */
  realSeconds?: number;
  /** Histories that are played against the model. */
  histories?: number;
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (value: Uint8Array): string => Buffer.from(value).toString();
const shown = (entries: readonly Entry[]): string[] => entries.map((entry) => `${entry.key}=${text(entry.value)}@${entry.modRevision}`);

async function put(store: Backend, key: string, value: string, ttlSeconds?: number): Promise<number> {
  const there = await store.get(key);
  const limit = ttlSeconds === undefined ? {} : { ttlSeconds };
  const result = await store.commit(there ? { type: 'update', key, value: bytes(value), expected: there.modRevision, ...limit } : { type: 'create', key, value: bytes(value), ...limit });
  if (!result.ok) throw new Error(`could not write "${key}"`);
  return result.revision;
}

async function remove(store: Backend, key: string): Promise<number> {
  const result = await store.commit({ type: 'delete', key, expected: (await store.get(key))!.modRevision });
  if (!result.ok) throw new Error(`could not delete "${key}"`);
  return result.revision;
}

/** Reads changes until `count` have come. */
async function take(store: Backend, prefix: string, from: number, count: number): Promise<WatchChange[]> {
  const seen: WatchChange[] = [];
  const stop = new AbortController();
  for await (const batch of store.watch(prefix, from, stop.signal)) {
    seen.push(...batch.changes);
    if (seen.length >= count) break;
  }
  return seen;
}

const told = (change: WatchChange, base: number): string => `${change.type} ${change.key}=${text(change.value)}@${change.revision - base}${change.previous ? ` was ${text(change.previous.value)}@${change.previous.modRevision - base}` : ''}`;
const toldFrom = (base: number) => (change: WatchChange): string => told(change, base);

/** Runs the whole suite against the backends that `makeBackend` makes. */
export function backendConformance(name: string, makeBackend: MakeBackend, suite: SuiteOptions = {}): void {
  describe(`backend ${name}`, () => {
    const opened: Backend[] = [];
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
    });
    const make = async (options: Partial<ConformanceOptions> = {}): Promise<Backend> => {
      const store = await makeBackend({ clock: new ManualClock(), ...options });
      opened.push(store);
      return store;
    };
    commitTests(make);
    readTests(make);
    watchTests(make);
    slowWatcherTest(make);
    compactionTests(make);
    if (suite.realSeconds === undefined) expiryTests(make);
    else realExpiryTest(make, suite.realSeconds);
    historyProperty(make, suite.histories ?? 25);
  });
}

type Make = (options?: Partial<ConformanceOptions>) => Promise<Backend>;

function commitTests(make: Make): void {
  test('an empty store is healthy, and holds nothing', async () => {
    const store = await make();
    await store.health();
    const revision = await store.revision();
    expect(await store.get('/a')).toBeUndefined();
    expect(await store.list('/')).toEqual({ entries: [], revision, more: false, remaining: 0 });
  });

  test('revisions rise by each change, and only by changes', async () => {
    const store = await make();
    const first = await put(store, '/a', '1');
    const second = await put(store, '/b', '1');
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(first);
    expect((await store.commit({ type: 'create', key: '/a', value: bytes('x') })).ok).toBe(false);
    expect(await store.revision()).toBe(second);
    expect(await store.get('/a')).toMatchObject({ createRevision: first, modRevision: first });
    const third = await put(store, '/a', '2');
    expect(await store.get('/a')).toMatchObject({ createRevision: first, modRevision: third });
  });

  test('compare and swap: a change that expects something else is refused and told what is there', async () => {
    const store = await make();
    const revision = await put(store, '/a', '1');
    const refused: [string, Change][] = [
      ['create over', { type: 'create', key: '/a', value: bytes('2') }],
      ['update with an old revision', { type: 'update', key: '/a', value: bytes('2'), expected: revision - 1 }],
      ['delete with a wrong revision', { type: 'delete', key: '/a', expected: revision + 1 }],
    ];
    for (const [row, change] of refused) {
      const result = await store.commit(change);
      expect(result.ok, row).toBe(false);
      if (!result.ok) expect(shown([result.actual!]), row).toEqual([`/a=1@${revision}`]);
    }
    expect(await store.commit({ type: 'update', key: '/b', value: bytes('2'), expected: 1 })).toEqual({ ok: false });
    expect(await store.commit({ type: 'delete', key: '/b', expected: 1 })).toEqual({ ok: false });
  });

  test('of many writers of one revision exactly one wins', async () => {
    const store = await make();
    let revision = await put(store, '/a', '0');
    for (let round = 0; round < 5; round++) {
      const results = await Promise.all(Array.from({ length: 20 }, (_, i) => store.commit({ type: 'update', key: '/a', value: bytes(`${round}.${i}`), expected: revision })));
      const winners = results.filter((result) => result.ok);
      expect(winners).toHaveLength(1);
      revision = (winners[0] as { revision: number }).revision;
    }
    expect((await store.get('/a'))!.modRevision).toBe(revision);
  });

  test('an update and a delete tell what was there before; a new create starts a new life', async () => {
    const store = await make();
    const first = await put(store, '/a', '1');
    const update = await store.commit({ type: 'update', key: '/a', value: bytes('2'), expected: first });
    expect(update.ok && shown([update.previous!])).toEqual([`/a=1@${first}`]);
    await remove(store, '/a');
    expect(await store.get('/a')).toBeUndefined();
    const again = await put(store, '/a', '3');
    expect(await store.get('/a')).toMatchObject({ createRevision: again, modRevision: again });
  });
}

function readTests(make: Make): void {
  test('a list is in byte order of the keys, whatever order they came in', async () => {
    const store = await make();
    const keys = ['/x/b', '/x/a', '/x/é', '/x/\u{1F600}', '/x/\uffee', '/x/a/b', '/x/a-b', '/y/1', '/w/1'];
    for (const key of keys) await put(store, key, 'v');
    const inOrder = keys.filter((key) => key.startsWith('/x/')).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect((await store.list('/x/')).entries.map((entry) => entry.key)).toEqual(inOrder);
    expect(await store.count('/x/')).toBe(7);
    expect(await store.count('/')).toBe(9);
    expect(await store.count('/none')).toBe(0);
  });

  test('pages of one revision join up to the list of that revision, whatever is written between them', async () => {
    const store = await make();
    for (let i = 0; i < 25; i++) await put(store, `/p/${String(i).padStart(2, '0')}`, 'old');
    const whole = await store.list('/p/');
    const joined: Entry[] = [];
    let page = await store.list('/p/', { limit: 10 });
    joined.push(...page.entries);
    expect(page).toMatchObject({ more: true, remaining: 15, revision: whole.revision });
    for (let round = 0; page.more; round++) {
      await put(store, `/p/${15 + round}`, 'new');
      await put(store, `/p/2${round}x`, 'new');
      await remove(store, `/p/2${4 - round}`);
      page = await store.list('/p/', { limit: 10, after: joined.at(-1)!.key, at: whole.revision });
      joined.push(...page.entries);
    }
    expect(shown(joined)).toEqual(shown(whole.entries));
    expect(page.remaining).toBe(0);
  });

  test('a key is read as it stood at a revision', async () => {
    const store = await make();
    const [other, one, two] = [await put(store, '/other', 'x'), await put(store, '/a', '1'), await put(store, '/a', '2')];
    const gone = await remove(store, '/a');
    const three = await put(store, '/a', '3');
    const at = async (revision: number): Promise<string | undefined> => (await store.get('/a', revision).then((entry) => entry && text(entry.value)));
    expect(await Promise.all([other, one, two, gone, three].map(at))).toEqual([undefined, '1', '2', undefined, '3']);
    await expect(store.get('/a', three + 1)).rejects.toThrow(FutureRevisionError);
    await expect(store.list('/', { at: three + 1 })).rejects.toThrow(FutureRevisionError);
  });
}

function watchTests(make: Make): void {
  test('a watch tells past and new changes once, in order, with what was before', async () => {
    const store = await make();
    const base = await store.revision();
    const start = await put(store, '/a/1', 'x');
    await put(store, '/a/1', 'y');
    await put(store, '/b/1', 'elsewhere');
    const seen = take(store, '/a/', start, 4);
    await put(store, '/a/2', 'z');
    await put(store, '/b/2', 'elsewhere');
    await remove(store, '/a/1');
    await put(store, '/a/1', 'again');
    expect((await seen).map(toldFrom(base))).toEqual([`put /a/1=y@2 was x@1`, `put /a/2=z@4`, `delete /a/1=y@6 was y@2`, `put /a/1=again@7`]);
  });

  test('an idle watch learns from an empty batch how far it has been told', async () => {
    const store = await make();
    const start = await put(store, '/a/1', 'x');
    const stop = new AbortController();
    const reached = (async () => {
      for await (const batch of store.watch('/a/', start, stop.signal)) {
        expect(batch.changes).toEqual([]);
        if (batch.revision >= start + 2) return batch.revision;
      }
      return undefined;
    })();
    await put(store, '/b/1', 'x');
    await put(store, '/b/2', 'x');
    expect(await reached).toBe(start + 2);
  });

  test('a watch ends when its signal aborts, while waiting too', async () => {
    const store = await make();
    const stop = new AbortController();
    const ended = (async () => {
      for await (const batch of store.watch('/', await store.revision(), stop.signal)) expect(batch.changes).toEqual([]);
      return 'ended';
    })();
    await Promise.resolve();
    stop.abort();
    expect(await ended).toBe('ended');
  });

  test('watchers that start anywhere in a busy history see every later change', async () => {
    const store = await make();
    const base = await store.revision();
    const total = 300;
    const watchers: Promise<WatchChange[]>[] = [];
    for (let i = 1; i <= total; i++) {
      await put(store, `/w/${i % 7}`, String(i));
      if (i % 50 === 0) watchers.push(take(store, '/w/', base + i - 50, total - (i - 50)));
    }
    for (const [index, watcher] of watchers.entries()) {
      expect((await watcher).map((change) => change.revision)).toEqual(Array.from({ length: total - index * 50 }, (_, i) => base + index * 50 + 1 + i));
    }
  });
}

function slowWatcherTest(make: Make): void {
  test('a watcher that does not read is cut off and told so; others are not', async () => {
    const store = await make({ watchBufferLimit: 10 });
    const base = await store.revision();
    const slow = store.watch('/s/', base)[Symbol.asyncIterator]();
    const first = slow.next();
    const quick = take(store, '/s/', base, 31);
    await put(store, '/s/first', 'v');
    await first;
    for (let i = 0; i < 30; i++) await put(store, `/s/${i}`, 'v');
    expect(await quick).toHaveLength(31);
    await expect((async () => { for (;;) await slow.next(); })()).rejects.toThrow(SlowWatcherError);
  });
}

function compactionTests(make: Make): void {
  test('compaction keeps the present and refuses what came before', async () => {
    const store = await make();
    const base = await store.revision();
    for (let i = 0; i < 10; i++) await put(store, '/a', String(i));
    await put(store, '/b', 'kept');
    await remove(store, '/a');
    const revision = await store.revision();
    await store.compact(revision - 1);
    expect(await store.get('/a', revision - 1)).toMatchObject({ modRevision: base + 10 });
    await expect(store.get('/a', base + 5)).rejects.toThrow(CompactedError);
    await expect(store.list('/', { at: base + 5 })).rejects.toThrow(CompactedError);
    await expect(take(store, '/', base + 5, 1)).rejects.toThrow(CompactedError);
    expect((await take(store, '/', revision - 1, 1)).map(toldFrom(base))).toEqual([`delete /a=9@12 was 9@10`]);
    await store.compact(revision);
    expect(shown((await store.list('/')).entries)).toEqual([`/b=kept@${base + 11}`]);
    await expect(store.compact(revision + 1)).rejects.toThrow(FutureRevisionError);
    await store.compact(base + 1);
    expect(await put(store, '/a', 'new life')).toBe(revision + 1);
  });
}

function expiryTests(make: Make): void {
  /** Waits for the next change after a revision, which must be the removal of `key`. */
  const gone = async (store: Backend, from: number, key: string): Promise<void> => {
    expect((await take(store, '/e/', from, 1)).map((change) => `${change.type} ${change.key}`)).toEqual([`delete ${key}`]);
  };

  test('a key with a time to live goes when its time has come, and watchers see it go', async () => {
    const clock = new ManualClock();
    const store = await make({ clock });
    await put(store, '/e/1', 'short', 10);
    await put(store, '/e/2', 'long', 100);
    await put(store, '/e/3', 'for ever');
    clock.advance(9_000);
    expect(await store.count('/e/')).toBe(3);
    const written = await store.revision();
    clock.advance(2_000);
    await gone(store, written, '/e/1');
    clock.advance(100_000);
    await gone(store, written + 1, '/e/2');
    expect((await store.list('/e/')).entries.map((entry) => entry.key)).toEqual(['/e/3']);
  });

  test('a later write sets the time anew', async () => {
    const clock = new ManualClock();
    const store = await make({ clock });
    await put(store, '/e/1', 'a', 10);
    await put(store, '/e/2', 'a', 10);
    clock.advance(5_000);
    await put(store, '/e/1', 'b', 10);
    await put(store, '/e/2', 'b');
    clock.advance(6_000);
    expect(await store.count('/e/')).toBe(2);
    const written = await store.revision();
    clock.advance(6_000);
    await gone(store, written, '/e/1');
    expect((await store.list('/e/')).entries.map((entry) => entry.key)).toEqual(['/e/2']);
  });
}

/** As above, where only the machine's clock counts: times are short, and only what has surely passed is looked at. */
function realExpiryTest(make: Make, seconds: number): void {
  test('a key with a time to live goes when its time has come, and watchers see it go; a later write voids it', async () => {
    const store = await make();
    await put(store, '/e/1', 'short', seconds);
    await put(store, '/e/2', 'long', seconds + 600);
    await put(store, '/e/3', 'short', seconds);
    await put(store, '/e/4', 'for ever');
    const from = await put(store, '/e/3', 'kept');
    expect((await take(store, '/e/', from, 1)).map((change) => `${change.type} ${change.key}=${text(change.value)}`)).toEqual(['delete /e/1=short']);
    expect((await store.list('/e/')).entries.map((entry) => entry.key)).toEqual(['/e/2', '/e/3', '/e/4']);
  }, 30_000);
}

type Step = { kind: 'put' | 'delete'; key: string } | { kind: 'compact'; back: number };

const stepOf = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), key: fc.constantFrom('/a/1', '/a/2', '/a/22', '/b/1') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), key: fc.constantFrom('/a/1', '/a/2', '/a/22', '/b/1') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('compact' as const), back: fc.nat(5) }) },
);

/** The simplest store there is: the whole map, kept for every revision. */
class Model {
  states: Map<string, string>[] = [new Map()];
  changes: string[] = [];
  compacted = 0;
  /** The store's revision before the first step. */
  base = 0;
  get newest(): number {
    return this.states.length - 1;
  }
  push(change: string, next: Map<string, string>): void {
    this.states.push(next);
    this.changes.push(`${change}@${this.newest}`);
  }
  list(prefix: string, at: number): string[] {
    return [...this.states[at]!].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${value}`);
  }
}

async function play(store: Backend, model: Model, step: Step, value: string): Promise<void> {
  if (step.kind === 'compact') {
    const upTo = Math.max(0, model.newest - step.back);
    await store.compact(model.base + upTo);
    model.compacted = Math.max(model.compacted, upTo);
    return;
  }
  const next = new Map(model.states.at(-1));
  if (step.kind === 'put') {
    next.set(step.key, value);
    model.push(`put ${step.key}=${value}`, next);
    await put(store, step.key, value);
  } else if (next.has(step.key)) {
    model.push(`delete ${step.key}=${next.get(step.key)}`, next);
    next.delete(step.key);
    await remove(store, step.key);
  }
}

function historyProperty(make: Make, numRuns: number): void {
  test('never differs from a naive model: any revision that is kept reads, pages and watches as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(stepOf, { maxLength: 40 }), fc.constantFrom('/', '/a/', '/a/2', '/b/'), fc.integer({ min: 1, max: 3 }), async (steps, prefix, limit) => {
        const store = await make();
        const model = new Model();
        const base = (model.base = await store.revision());
        const live: string[] = [];
        const stop = new AbortController();
        const watching = (async () => {
          for await (const batch of store.watch('/', base, stop.signal)) live.push(...batch.changes.map((change) => `${change.type} ${change.key}=${text(change.value)}@${change.revision - base}`));
        })().catch(() => undefined);
        for (const [index, step] of (steps as Step[]).entries()) await play(store, model, step, `v${index}`);
        expect(await store.revision()).toBe(base + model.newest);
        for (let at = model.compacted; at <= model.newest; at++) {
          const joined: string[] = [];
          for (let after: string | undefined; ; ) {
            const page = await store.list(prefix, { at: base + at, limit, ...(after === undefined ? {} : { after }) });
            joined.push(...page.entries.map((entry) => `${entry.key}=${text(entry.value)}`));
            if (!page.more) break;
            after = page.entries.at(-1)!.key;
          }
          expect(joined).toEqual(model.list(prefix, at));
          const wanted = model.changes.slice(at).filter((change) => change.split(' ')[1]!.startsWith(prefix));
          const seen = wanted.length === 0 ? [] : await take(store, prefix, base + at, wanted.length);
          expect(seen.map((change) => `${change.type} ${change.key}=${text(change.value)}@${change.revision - base}`)).toEqual(wanted);
        }
        stop.abort();
        await watching;
        expect(live).toEqual(model.changes.slice(0, live.length));
        await store.close();
      }),
      { numRuns, seed: 42 },
    );
  }, 60_000);
}
