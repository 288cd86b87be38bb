/**
 * Clients that list, watch, lose the connection and come back, as informers do, while others write, history is compacted, readers are slow and the server
 * is restarted: none ever misses a change, hears of one twice, or in another order. The judge is a list of all writes, kept beside the server.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualClock } from '../../store/manual-clock.ts';
import { memoryBackend } from '../../store/memory.ts';
import { startRig, type Rig, type WatchReader } from './rig.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';

type Change = { name: string; label: '1' | '2' | undefined };
type Act =
  | { what: 'write'; changes: Change[] }
  | { what: 'read'; client: number; events: number }
  | { what: 'reconnect'; client: number; bookmarks: boolean }
  | { what: 'compact' }
  | { what: 'restart' };

const change: fc.Arbitrary<Change> = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), label: fc.constantFrom('1', '2', undefined) });
const client = fc.nat(2);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('write' as const), changes: fc.array(change, { minLength: 1, maxLength: 6 }) }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('read' as const), client, events: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('reconnect' as const), client, bookmarks: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant<Act>({ what: 'compact' }) },
  { weight: 1, arbitrary: fc.constant<Act>({ what: 'restart' }) },
);

/** What there is after each write: name → its label and revision. */
type State = ReadonlyMap<string, { label: string; revision: number }>;
interface Write {
  revision: number;
  name: string;
  before: State;
  after: State;
}

type Selector = { query: string; holds: (label: string | undefined) => boolean };
const selectors: readonly Selector[] = [
  { query: '', holds: () => true },
  { query: '&labelSelector=l%3D1', holds: (label) => label === '1' },
  { query: '&fieldSelector=metadata.name%3Da', holds: () => true },
];

class Truth {
  readonly writes: Write[] = [];
  state: State = new Map();

  add(revision: number, name: string, label: string | undefined): void {
    const after = new Map(this.state);
    if (label === undefined) after.delete(name);
    else after.set(name, { label, revision });
    this.writes.push({ revision, name, before: this.state, after });
    this.state = after;
  }
}

class Client {
  /** Everything up to here has been heard of. */
  position = 0;
  known = new Map<string, number>();
  resumed = 0;
  relisted = 0;
  #watch: WatchReader | undefined;
  readonly #selector: Selector;
  readonly #truth: Truth;
  readonly #only: string | undefined;

  constructor(number: number, truth: Truth) {
    this.#selector = selectors[number]!;
    this.#only = number === 2 ? 'a' : undefined;
    this.#truth = truth;
  }

  #sees(name: string, label: string | undefined): boolean {
    return label !== undefined && (this.#only === undefined || this.#only === name) && this.#selector.holds(label);
  }

  /** What it must be told next, if anything. */
  #next(): { write: Write; type: string } | undefined {
    for (const write of this.#truth.writes) {
      if (write.revision <= this.position) continue;
      const before = this.#sees(write.name, write.before.get(write.name)?.label);
      const after = this.#sees(write.name, write.after.get(write.name)?.label);
      if (before || after) return { write, type: after ? (before ? 'MODIFIED' : 'ADDED') : 'DELETED' };
    }
    return undefined;
  }

  async connect(rig: Rig, bookmarks = false): Promise<void> {
    await this.disconnect();
    if (this.position === 0) return this.#list(rig);
    this.resumed += 1;
    this.#watch = await rig.watch(`${MAPS}?watch=1&resourceVersion=${this.position}${bookmarks ? '&allowWatchBookmarks=true' : ''}${this.#selector.query}`);
  }

  async #list(rig: Rig): Promise<void> {
    const { metadata, items } = (await rig.send('GET', `${MAPS}?limit=500${this.#selector.query}`)).body as { metadata: { resourceVersion: string }; items: { metadata: { name: string; resourceVersion: string } }[] };
    this.position = Number(metadata.resourceVersion);
    this.known = new Map(items.map((item) => [item.metadata.name, Number(item.metadata.resourceVersion)]));
    expect(this.known).toEqual(this.#wanted());
    this.#watch = await rig.watch(`${MAPS}?watch=1&resourceVersion=${this.position}${this.#selector.query}`);
  }

  /** What it should know at its position. */
  #wanted(): Map<string, number> {
    const state = this.#truth.writes.findLast(({ revision }) => revision <= this.position)?.after ?? new Map<string, { label: string; revision: number }>();
    return new Map([...state].filter(([name, { label }]) => this.#sees(name, label)).map(([name, { revision }]) => [name, revision]));
  }

  async disconnect(): Promise<void> {
    await this.#watch?.close();
    this.#watch = undefined;
  }

  /** Reads so many events, as far as there are any to come. A watch that has been compacted away begins with a list again. */
  async read(rig: Rig, events: number): Promise<void> {
    for (let left = events; left > 0; left--) {
      const due = this.#next();
      if (due === undefined) return;
      const event = await this.#watch?.next();
      if (event === undefined) {
        await this.connect(rig);
        continue;
      }
      if (event.type === 'BOOKMARK') {
        expect(Number(event.object.metadata.resourceVersion)).toBeLessThan(due.write.revision);
        continue;
      }
      if (event.type === 'ERROR') {
        expect([event.object.code, event.object.reason]).toEqual([410, 'Expired']);
        this.relisted += 1;
        this.position = 0;
        await this.connect(rig);
        continue;
      }
      const { name, resourceVersion } = event.object.metadata as { name: string; resourceVersion: string };
      expect([event.type, name, Number(resourceVersion)], `after ${this.position}`).toEqual([due.type, due.write.name, due.write.revision]);
      this.position = due.write.revision;
      if (event.type === 'DELETED') this.known.delete(name);
      else this.known.set(name, this.position);
      expect(this.known).toEqual(this.#wanted());
    }
  }
}

async function write(rig: Rig, truth: Truth, { name, label }: Change): Promise<void> {
  const url = `${MAPS}/${name}`;
  if (label === undefined) {
    if (!truth.state.has(name)) return;
    expect((await rig.send('DELETE', url)).status).toBe(200);
    return truth.add(Number((await rig.send('GET', MAPS)).body.metadata.resourceVersion), name, undefined);
  }
  // Each write changes something: the number of writes so far.
  const body = { metadata: { name, labels: { l: label } }, data: { n: String(truth.writes.length) } };
  const answer = truth.state.has(name) ? await rig.send('PUT', url, body) : await rig.send('POST', MAPS, body);
  expect([200, 201]).toContain(answer.status);
  truth.add(Number(answer.body.metadata.resourceVersion), name, label);
}

test('never: a change missed, told twice, or out of its order', async () => {
  let resumed = 0;
  let relisted = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40 }), async (acts) => {
      const clock = new ManualClock();
      const backend = memoryBackend({ clock });
      let rig = await startRig({ backend, clock });
      const truth = new Truth();
      await write(rig, truth, { name: 'a', label: '1' });
      const clients = selectors.map((_, number) => new Client(number, truth));
      for (const one of clients) await one.connect(rig);
      for (const next of acts) {
        if (next.what === 'write') for (const one of next.changes) await write(rig, truth, one);
        else if (next.what === 'read') await clients[next.client]!.read(rig, next.events);
        else if (next.what === 'reconnect') await clients[next.client]!.connect(rig, next.bookmarks);
        else if (next.what === 'compact') await backend.compact(truth.writes.at(-1)!.revision);
        else {
          await rig.stop();
          rig = await startRig({ backend, clock });
          for (const one of clients) await one.disconnect();
        }
      }
      for (const one of clients) {
        await one.read(rig, 1_000);
        resumed += one.resumed;
        relisted += one.relisted;
        await one.disconnect();
      }
      await rig.stop();
    }),
    { numRuns: 120, seed: 36 },
  );
  // The faults were there: connections were resumed, and some had been compacted away.
  expect(resumed).toBeGreaterThan(100);
  expect(relisted).toBeGreaterThan(5);
}, 60_000);
