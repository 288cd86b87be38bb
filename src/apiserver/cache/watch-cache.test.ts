import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFieldSelector, parseLabelSelector } from '../../api/meta/selectors.ts';
import { ConfigMaps } from '../../api/resources.ts';
import type { Backend } from '../../store/backend.ts';
import { ManualClock } from '../../store/manual-clock.ts';
import { memoryBackend } from '../../store/memory.ts';
import { stillHost } from '../registry/rig.ts';
import type { EventView } from './events.ts';
import { Feed, REPLAYED_CHANGES_LIMIT } from './feed.ts';
import { CachedObject, type CachedSource } from './object.ts';
import { DecodedPool } from './pool.ts';
import { encodeStored, storedFormOf } from './stored.ts';
import type { WatchCache } from './watch-cache.ts';
import { bodyOf, type Selection } from './watcher.ts';

const PREFIX = '/registry/configmaps/';
const form = storedFormOf(ConfigMaps);

async function startFeed(backend: Backend): Promise<{ feed: Feed; cache: WatchCache }> {
  const feed = new Feed(stillHost(new ManualClock()), backend, [{ prefix: PREFIX, form, pool: new DecodedPool(8), fieldsOf: () => ({}) }, { prefix: '/registry/services/specs/', form, pool: new DecodedPool(8), fieldsOf: () => ({}) }]);
  await feed.start();
  return { feed, cache: feed.cache(PREFIX) };
}

async function put(backend: Backend, namespace: string, name: string, labels: Record<string, string>): Promise<void> {
  const key = `${PREFIX}${namespace}/${name}`;
  const value = encodeStored(form, { metadata: { name, namespace, labels } });
  const there = await backend.get(key);
  await backend.commit(there ? { type: 'update', key, value, expected: there.modRevision } : { type: 'create', key, value });
}

async function remove(backend: Backend, namespace: string, name: string): Promise<void> {
  const there = await backend.get(`${PREFIX}${namespace}/${name}`);
  if (there) await backend.commit({ type: 'delete', key: there.key, expected: there.modRevision });
}

const view: EventView = {
  key: 'test',
  frame: (type, object) => Buffer.from(`${type} ${object.namespace}/${object.name}@${object.revision}\n`),
  bookmark: (revision) => Buffer.from(`BOOKMARK @${revision}\n`),
};
const everything: Selection = { namespace: '', labels: undefined, fields: undefined };
const shown = (objects: readonly CachedObject[]): string[] => objects.map((object) => `${object.namespace}/${object.name}@${object.revision}`);

describe('bytes', () => {
  const source: CachedSource = { prefix: PREFIX, form, pool: new DecodedPool(2), fieldsOf: () => ({}) };

  test('the resourceVersion is put in, and taken out again, without decoding', () => {
    const value = encodeStored(form, { metadata: { resourceVersion: '3', name: 'a', namespace: 'n' } });
    expect(value.toString()).toBe('{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","namespace":"n"}}\n');
    const object = new CachedObject(source, `${PREFIX}n/a`, value, 17);
    expect(object.bytes.toString()).toBe('{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","namespace":"n","resourceVersion":"17"}}');
    expect(object.stored.equals(value)).toBe(true);
    expect([object.namespace, object.name]).toEqual(['n', 'a']);
  });

  test('bytes in another order, written by others, are read all the same', () => {
    const object = new CachedObject(source, `${PREFIX}n/a`, Buffer.from('{"data":{"metadata":"x"},"metadata":{"name":"a"},"apiVersion":"v1","kind":"ConfigMap"}'), 5);
    expect(object.object).toEqual({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a', resourceVersion: '5' }, data: { metadata: 'x' } });
  });

  test('decoded objects are frozen, and the oldest are forgotten', () => {
    const objects = ['a', 'b', 'c'].map((name) => new CachedObject(source, `${PREFIX}n/${name}`, encodeStored(form, { metadata: { name, labels: { l: name } } }), 1));
    const first = objects[0]!.object;
    expect(Object.isFrozen(first.metadata.labels)).toBe(true);
    expect(objects[0]!.object).toBe(first);
    void objects[1]!.object;
    void objects[2]!.object;
    expect(objects[0]!.object).not.toBe(first);
    expect(objects[0]!.facts.labels).toEqual({ l: 'a' });
  });
});

describe('feed', () => {
  test('deals changes to the caches of their resources, which all show one revision', async () => {
    const backend = memoryBackend();
    await put(backend, 'n', 'a', {});
    const { feed, cache } = await startFeed(backend);
    await backend.commit({ type: 'create', key: '/registry/services/specs/n/s', value: Buffer.from('{"metadata":{}}') });
    await backend.commit({ type: 'create', key: '/registry/unknown/n/s', value: Buffer.from('{}') });
    await feed.caughtUp();
    expect([feed.revision, cache.revision, cache.size, feed.cache('/registry/services/specs/').size]).toEqual([3, 3, 1, 1]);
    await feed.stop();
  });

  test('what is shown never goes back in time, though the watch on the store fails and everything is read anew', async () => {
    const backend = memoryBackend();
    for (let i = 0; i < REPLAYED_CHANGES_LIMIT + 500; i++) await put(backend, 'n', `c${i % 3}`, { i: String(i) });
    let failing = new AbortController();
    const failingWatch: Backend = {
      get: (key, at) => backend.get(key, at), list: (prefix, page) => backend.list(prefix, page), count: (prefix) => backend.count(prefix), commit: (change) => backend.commit(change),
      compact: (upTo) => backend.compact(upTo), revision: () => backend.revision(), health: () => backend.health(), close: () => backend.close(),
      async *watch(prefix, from, signal) {
        const { signal: broken } = failing;
        yield* backend.watch(prefix, from, AbortSignal.any([broken, ...(signal ? [signal] : [])]));
        if (broken.aborted) throw new Error('the connection to the store was lost');
      },
    };
    const clock = new ManualClock();
    const feed = new Feed(stillHost(clock), failingWatch, [{ prefix: PREFIX, form, pool: new DecodedPool(8), fieldsOf: () => ({}) }]);
    await feed.start();
    for (let round = 0; round < 3; round++) {
      const shown = feed.revision;
      expect(shown).toBe(REPLAYED_CHANGES_LIMIT + 500 + round);
      const watcher = feed.cache(PREFIX).watch({ selection: everything, view, bookmarks: false, from: shown, initial: false, tooSlow: () => Buffer.alloc(0) });
      const broken = failing;
      failing = new AbortController();
      broken.abort();
      await put(backend, 'n', 'a', { round: String(round) });
      for (let turn = 0; turn < 500; turn++) {
        if (turn === 50) clock.advance(1_000);
        await Promise.resolve();
        expect(feed.revision).toBeGreaterThanOrEqual(shown);
        expect(feed.cache(PREFIX).get('n', 'c2')?.revision).toBeGreaterThanOrEqual(REPLAYED_CHANGES_LIMIT + 498);
      }
      await feed.caughtUp();
      // Whoever had heard of everything goes on where it was.
      expect(await drain(bodyOf(watcher, feed.cache(PREFIX).source.pool.sending))).toBe('');
      const resumed = feed.cache(PREFIX).watch({ selection: everything, view, bookmarks: false, from: shown, initial: false, tooSlow: () => Buffer.alloc(0) });
      resumed.end();
      expect(await drain(bodyOf(resumed, feed.cache(PREFIX).source.pool.sending))).toBe(`${round === 0 ? 'ADDED' : 'MODIFIED'} n/a@${shown + 1}\n`);
    }
    await feed.stop();
  });

  test('what has been committed can be read at once', async () => {
    const backend = memoryBackend();
    const { feed, cache } = await startFeed(backend);
    for (let i = 0; i < 100; i++) {
      await put(backend, 'n', `c${i}`, {});
      await feed.caughtUp();
      expect(cache.get('n', `c${i}`)?.revision).toBe(i + 1);
    }
    await feed.stop();
  });
});

type Step = { namespace: string; name: string; labels: Record<string, string> | undefined };
const step: fc.Arbitrary<Step> = fc.record({ namespace: fc.constantFrom('m', 'n'), name: fc.constantFrom('a', 'b', 'c'), labels: fc.option(fc.record({ l: fc.constantFrom('1', '2') }), { nil: undefined }) });
const selections: [string, Selection][] = [
  ['everything', everything],
  ['a namespace', { ...everything, namespace: 'n' }],
  ['a label', { ...everything, labels: parseLabelSelector('l=1') }],
  ['a name', { ...everything, fields: parseFieldSelector('metadata.name=a') }],
  ['a namespace, a name and a label', { namespace: 'm', labels: parseLabelSelector('l!=2'), fields: parseFieldSelector('metadata.name=b') }],
];

/** Plays what a watcher was told onto what it listed. */
function follow(start: readonly string[], frames: string): string[] {
  const state = new Map(start.map((text) => text.split('@') as [string, string]));
  for (const line of frames.split('\n').slice(0, -1)) {
    const [type, text] = line.split(' ') as [string, string];
    const [name, revision] = text.split('@') as [string, string];
    if (type === 'DELETED') {
      if (!state.delete(name)) throw new Error(`${name} was deleted without having been there`);
      continue;
    }
    if (state.has(name) !== (type === 'MODIFIED')) throw new Error(`${line} does not fit what was there`);
    state.set(name, revision);
  }
  return [...state].map(([name, revision]) => `${name}@${revision}`).sort();
}

async function drain(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const piece of body) text += Buffer.from(piece).toString();
  return text;
}

test('always: a list at any revision and the changes after it add up to the list of the present, for every selection', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), fc.nat(25), fc.integer({ min: 1, max: 3 }), async (steps, restartAt, limit) => {
      const backend = memoryBackend();
      let { feed, cache } = await startFeed(backend);
      for (const [index, { namespace, name, labels }] of steps.entries()) {
        if (index === restartAt) {
          await feed.stop();
          ({ feed, cache } = await startFeed(backend));
        }
        await (labels ? put(backend, namespace, name, labels) : remove(backend, namespace, name));
      }
      await feed.caughtUp();
      for (const [, selection] of selections) {
        const present = shown((await cache.list({ selection, limit: 0 })).objects).sort();
        for (let at = 1; at <= feed.revision; at++) {
          const whole = shown((await cache.list({ selection, limit: 0, at })).objects);
          const pages: CachedObject[] = [];
          for (let after: string | undefined; ; ) {
            const page = await cache.list({ selection, limit, at, ...(after === undefined ? {} : { after }) });
            pages.push(...page.objects);
            if (!page.more) break;
            after = page.objects.at(-1)!.key;
          }
          expect(shown(pages)).toEqual(whole);
          const watcher = cache.watch({ selection, view, bookmarks: false, from: at, initial: false, tooSlow: () => Buffer.alloc(0) });
          watcher.end();
          expect(follow(whole, await drain(bodyOf(watcher, cache.source.pool.sending)))).toEqual(present);
        }
      }
      await feed.stop();
    }),
    { numRuns: 40, seed: 7 },
  );
});

test('an event is framed once for all watchers that want it alike', async () => {
  const backend = memoryBackend();
  const { feed, cache } = await startFeed(backend);
  let framed = 0;
  const counting: EventView = { ...view, frame: (type, object) => { framed += 1; return view.frame(type, object); } };
  const watchers = Array.from({ length: 50 }, () => cache.watch({ selection: everything, view: counting, bookmarks: false, from: 0, initial: true, tooSlow: () => Buffer.alloc(0) }));
  await put(backend, 'n', 'a', {});
  await feed.caughtUp();
  for (const watcher of watchers) watcher.end();
  expect(await Promise.all(watchers.map((watcher) => drain(bodyOf(watcher, cache.source.pool.sending))))).toEqual(watchers.map(() => 'ADDED n/a@1\n'));
  expect(framed).toBe(1);
  expect(cache.watcherCount).toBe(0);
  await feed.stop();
});
