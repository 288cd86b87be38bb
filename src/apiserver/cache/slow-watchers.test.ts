/** Watches whose clients do not keep up: what they are told, and what they cost. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLabelSelector } from '../../api/meta/selectors.ts';
import { ConfigMaps } from '../../api/resources.ts';
import { CompactedError, type WatchChange } from '../../store/backend.ts';
import { memoryBackend } from '../../store/memory.ts';
import { EVENT_HISTORY_LIMIT, EVENT_HISTORY_NEEDED_BYTES_LIMIT, type EventView } from './events.ts';
import { EVENT_FRAMES_BYTES_LIMIT } from './frames.ts';
import { DecodedPool } from './pool.ts';
import { encodeStored, storedFormOf } from './stored.ts';
import { WATCH_PIECE_BYTES, WatchSending } from './sending.ts';
import { WatchCache } from './watch-cache.ts';
import { bodyOf, WATCHER_LINE_LIMIT, type Selection } from './watcher.ts';

const PREFIX = '/registry/configmaps/';
const form = storedFormOf(ConfigMaps);

/** A cache whose changes are made by hand. */
class Rig {
  readonly pool: DecodedPool;
  readonly cache: WatchCache;
  readonly #position = { revision: 0 };
  readonly #there = new Set<string>();

  constructor(sending: WatchSending = new WatchSending()) {
    this.pool = new DecodedPool(8, undefined, sending);
    const source = { prefix: PREFIX, form, pool: this.pool, fieldsOf: () => ({}) };
    this.cache = new WatchCache({ backend: memoryBackend(), source, position: this.#position, entries: [], decoded: new WeakMap(), written: new WeakMap() });
  }

  get revision(): number {
    return this.#position.revision;
  }

  /** Changes that a foreign transaction makes at one revision. */
  together(...names: string[]): void {
    const revision = ++this.#position.revision;
    this.cache.apply(names.map((name): WatchChange => {
      this.#there.add(`${PREFIX}n/${name}`);
      return { type: 'put', key: `${PREFIX}n/${name}`, value: encodeStored(form, { metadata: { name, namespace: 'n' } }), revision, createRevision: 1 };
    }));
  }

  /** Changes of one turn; without labels the object is deleted. */
  change(...changes: { name: string; labels?: Record<string, string> | undefined; padding?: number }[]): void {
    const told: WatchChange[] = [];
    for (const { name, labels, padding = 0 } of changes) {
      const key = `${PREFIX}n/${name}`;
      if (labels === undefined && !this.#there.delete(key)) continue;
      if (labels !== undefined) this.#there.add(key);
      const revision = ++this.#position.revision;
      const value = encodeStored(form, { metadata: { name, namespace: 'n', labels: labels ?? {}, annotations: { padding: 'x'.repeat(padding) } } });
      told.push({ type: labels === undefined ? 'delete' : 'put', key, value, revision, createRevision: 1 });
    }
    this.cache.apply(told);
  }
}

const view: EventView = {
  key: 'test',
  frame: (type, object) => Buffer.from(`${type} ${object.name}@${object.revision} ${object.bytes.length}${'x'.repeat(object.bytes.length)}\n`),
  bookmark: (revision, initialEnd) => Buffer.from(`BOOKMARK @${revision} ${initialEnd}\n`),
};
const everything: Selection = { namespace: '', labels: undefined, fields: undefined };
const watch = (rig: Rig, from: number, selection: Selection = everything, initial = false): { next: () => Promise<string | undefined>; bookmark: () => void; end: () => void } => {
  const watcher = rig.cache.watch({ selection, view, bookmarks: true, from, initial, tooSlow: () => Buffer.from('ERROR\n') });
  const body = bodyOf(watcher, rig.pool.sending);
  return {
    next: async () => {
      const { value, done } = await body.next();
      return done === true ? undefined : Buffer.from(value).toString();
    },
    bookmark: () => watcher.bookmark(rig.revision, false),
    end: () => watcher.end(),
  };
};
const linesOf = (text: string): string[] => text.split('\n').slice(0, -1).map((line) => line.split(' ').slice(0, 2).join(' '));

async function readAll(reader: { next: () => Promise<string | undefined> }): Promise<string[]> {
  const lines: string[] = [];
  for (let piece = await reader.next(); piece !== undefined; piece = await reader.next()) lines.push(...linesOf(piece));
  return lines;
}

const change = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), labels: fc.option(fc.record({ l: fc.constantFrom('1', '2') }), { nil: undefined }), padding: fc.constantFrom(0, 0, 700) });
/** Changes in one turn, or readers that take one piece. */
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ changes: fc.array(change, { minLength: 1, maxLength: 300 }) }) },
  { weight: 2, arbitrary: fc.record({ reads: fc.constantFrom(0, 1, 2) }) },
  { weight: 1, arbitrary: fc.constant({ bookmark: true as const }) },
);

describe('always', () => {
  test('slow readers hear of every change that concerns them once and in order, as fast ones do', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const rig = new Rig(new WatchSending(4_000, 2_000));
        const selections: Selection[] = [everything, { ...everything, labels: parseLabelSelector('l=1') }, { ...everything, labels: parseLabelSelector('l!=2') }];
        const slow = selections.map((selection) => ({ reader: watch(rig, 0, selection), lines: [] as string[], due: 0 }));
        const oracles = selections.map((selection) => ({ selection, lines: [] as string[] }));
        for (const one of steps) {
          if ('changes' in one) {
            const fast = oracles.map(({ selection }) => rig.cache.watch({ selection, view, bookmarks: false, from: rig.revision, initial: false, tooSlow: () => Buffer.from('ERROR\n') }));
            for (let i = 0; i < one.changes.length; i += 50) rig.change(...one.changes.slice(i, i + 50));
            for (const [i, watcher] of fast.entries()) {
              watcher.end();
              for await (const frames of watcher) oracles[i]!.lines.push(...frames.flatMap((frame) => linesOf(Buffer.from(frame).toString())));
            }
          } else if ('bookmark' in one) slow.forEach(({ reader }) => reader.bookmark());
          else {
            const { reader, lines } = slow[one.reads]!;
            // Only where something is due: otherwise the reader would wait.
            if (lines.filter((line) => !line.startsWith('BOOKMARK')).length < oracles[one.reads]!.lines.length) lines.push(...linesOf((await reader.next())!));
          }
        }
        for (const [i, { reader, lines }] of slow.entries()) {
          reader.end();
          lines.push(...await readAll(reader));
          expect(lines.filter((line) => !line.startsWith('BOOKMARK'))).toEqual(oracles[i]!.lines);
          // A bookmark never promises more than what has been told before it.
          let told = 0;
          for (const line of lines) {
            const revision = Number(line.split('@')[1]);
            expect(revision).toBeGreaterThanOrEqual(told);
            told = revision;
          }
        }
        expect(rig.pool.sending.bytes).toBe(0);
        expect(rig.cache.behindCount).toBe(0);
      }),
      { numRuns: 15, seed: 11 },
    );
  }, 60_000);

  test('a watch that ends before its client has read it all can be resumed at the last revision that was read', async () => {
    const rig = new Rig(new WatchSending(4_000, 2_000));
    const heard: string[] = [];
    let last = 0;
    let made = 0;
    while (made < 3_500 || last < rig.revision) {
      const reader = watch(rig, last);
      const batch = made < 3_500 ? 700 : 0;
      for (let i = 0; i < batch; i++) rig.change({ name: `c${made++ % 7}`, labels: {} });
      for (let pieces = 0; pieces < 5 && last < rig.revision; pieces++) {
        heard.push(...linesOf((await reader.next())!));
        last = Number(heard.at(-1)!.split('@')[1]);
      }
      reader.end();
    }
    expect(heard.map((line) => Number(line.split('@')[1]))).toEqual(Array.from({ length: 3_500 }, (_, i) => i + 1));
  });
});

test('the initial state is framed as it is read, and what happens meanwhile follows after its end', async () => {
  const rig = new Rig(new WatchSending(4_000, 2_000));
  for (let i = 0; i < 500; i++) rig.change({ name: `c${String(i).padStart(3, '0')}`, labels: {} });
  let framed = 0;
  const counting: EventView = { ...view, frame: (type, object) => { framed += 1; return view.frame(type, object); } };
  const watcher = rig.cache.watch({ selection: everything, view: counting, bookmarks: true, from: 0, initial: true, tooSlow: () => Buffer.from('ERROR\n') });
  watcher.bookmark(rig.revision, true);
  for (let i = 0; i < WATCHER_LINE_LIMIT + 10; i++) rig.change({ name: 'c000', labels: { i: String(i) } });
  expect(framed).toBe(0);
  const body = bodyOf(watcher, rig.pool.sending);
  const first = linesOf(Buffer.from((await body.next()).value!).toString());
  expect(first.length).toBeLessThan(100);
  watcher.end();
  const lines = [...first, ...await readAll({ next: async () => { const { value, done } = await body.next(); return done === true ? undefined : Buffer.from(value).toString(); } })];
  expect(lines.slice(0, 500).every((line) => line.startsWith('ADDED'))).toBe(true);
  expect(lines[500]).toBe('BOOKMARK @500');
  expect(lines.slice(501)).toEqual(Array.from({ length: WATCHER_LINE_LIMIT + 10 }, (_, i) => `MODIFIED c000@${501 + i}`));
});

describe('several changes at one revision', () => {
  const names = Array.from({ length: WATCHER_LINE_LIMIT + 40 }, (_, i) => `c${String(i).padStart(3, '0')}`);
  const told = [...names.map((name) => `ADDED ${name}@1`), 'MODIFIED c000@2', 'MODIFIED c001@2'];

  test.each([
    ['a reader that keeps up', new WatchSending(), 1], ['one that gets a few at a time, and more than its line holds', new WatchSending(4_000, 2_000), 1], ['one of whom they are said one by one', new WatchSending(1, 1), 1], ['one that comes later', new WatchSending(4_000, 2_000), 2],
  ] as const)('all reach %s, once', async (_, sending, begins) => {
    const rig = new Rig(sending);
    let reader = watch(rig, 0);
    rig.together(...names);
    if (begins === 2) reader = watch(rig, 0);
    const lines = linesOf((await reader.next())!);
    rig.together('c000', 'c001');
    reader.end();
    expect([...lines, ...await readAll(reader)]).toEqual(told);
  });

  test('who knows that revision hears of none of them', async () => {
    const rig = new Rig();
    rig.together('a', 'b');
    const reader = watch(rig, 1);
    rig.together('a', 'c');
    reader.end();
    expect(await readAll(reader)).toEqual(['MODIFIED a@2', 'ADDED c@2']);
  });
});

describe('what cannot be caught up with', () => {
  test('a watch is told so when the history has gone on beyond it, at once; one that reads along is not', async () => {
    const rig = new Rig();
    const slow = watch(rig, 0);
    const fast = watch(rig, 0);
    const heard: string[] = [];
    for (let i = 0; i < EVENT_HISTORY_LIMIT + WATCHER_LINE_LIMIT + 10; i++) {
      rig.change({ name: 'c', labels: {} });
      if (i % 100 === 99) while (heard.length < rig.revision) heard.push(...linesOf((await fast.next())!));
    }
    expect(rig.cache.behindCount).toBe(0);
    expect(await readAll(slow)).toEqual(['ERROR']);
    fast.end();
    heard.push(...await readAll(fast));
    expect(heard.map((line) => Number(line.split('@')[1]))).toEqual(Array.from({ length: rig.revision }, (_, i) => i + 1));
    expect(() => watch(rig, 0)).toThrow(CompactedError);
  });

  test('large changes are kept for whom they are due to, up to a limit', async () => {
    const rig = new Rig();
    const padding = 300_000;
    for (let i = 0; i < 50; i++) rig.change({ name: 'c', labels: {}, padding });
    const slow = watch(rig, rig.revision - 1);
    for (let i = 0; i < EVENT_HISTORY_NEEDED_BYTES_LIMIT / padding - 20; i++) rig.change({ name: 'c', labels: {}, padding });
    slow.end();
    expect((await readAll(slow)).at(-1)).toBe(`MODIFIED c@${rig.revision}`);
  });
});

describe('bounds', () => {
  test('a thousand watches that nobody reads hold no frames, and those that are read share each piece', async () => {
    const sending = new WatchSending();
    const rig = new Rig(sending);
    const readers = Array.from({ length: 1_000 }, () => watch(rig, 0));
    for (let i = 0; i < 200; i++) rig.change({ name: `c${i}`, labels: {}, padding: 500 });
    expect([sending.bytes, rig.pool.frames.bytes]).toEqual([0, 0]);
    const joined: Uint8Array[] = [];
    const join = sending.join.bind(sending);
    sending.join = (frames) => {
      const piece = join(frames);
      joined.push(piece);
      return piece;
    };
    await Promise.all(readers.map((reader) => reader.next()));
    expect(new Set(joined).size).toBe(1);
    expect(sending.bytes).toBe(1_000 * joined[0]!.length);
    expect(joined[0]!.length).toBeLessThan(2 * WATCH_PIECE_BYTES);
    for (const reader of readers) reader.end();
  });

  test('beyond the limit of all watches together each gets one event at a time', async () => {
    const rig = new Rig(new WatchSending(10_000, 4_000));
    const readers = Array.from({ length: 20 }, () => watch(rig, 0));
    for (let i = 0; i < 50; i++) rig.change({ name: `c${i}`, labels: {} });
    const counts: number[] = [];
    for (const reader of readers) counts.push(linesOf((await reader.next())!).length);
    expect(counts[0]).toBeGreaterThan(5);
    expect(counts.slice(4)).toEqual(counts.slice(4).map(() => 1));
    for (const reader of readers) reader.end();
  });

  test('frames are remembered within a limit, and made again for who comes later', async () => {
    const rig = new Rig();
    const late = watch(rig, 0);
    const readers = [watch(rig, 0), watch(rig, 0)];
    for (let i = 0; i < 60; i++) {
      rig.change({ name: `c${i}`, labels: {}, padding: 200_000 });
      for (const reader of readers) expect(linesOf((await reader.next())!)).toEqual([`ADDED c${i}@${i + 1}`]);
      expect(rig.pool.frames.bytes).toBeLessThanOrEqual(EVENT_FRAMES_BYTES_LIMIT);
    }
    for (const reader of [late, ...readers]) reader.end();
    expect((await readAll(late)).length).toBe(60);
  });
});
