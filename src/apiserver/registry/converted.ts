/** Lists and watches of custom resources whose objects somebody else must convert before their fields can be looked at, or their bytes be shown. */
import { fieldMatcher, type FieldMatcher } from '../../api/meta/selectors.ts';
import type { EventType, EventView } from '../cache/events.ts';
import { CachedObject } from '../cache/object.ts';
import type { ListQuery, ListResult, WatchCache, WatchQuery } from '../cache/watch-cache.ts';
import { bodyOf, type Selection, type Watcher } from '../cache/watcher.ts';
import { StatusError, internalError } from '../../api/meta/status.ts';
import type { CustomKind } from './custom.ts';
import type { View } from './views.ts';

interface Split {
  /** What the cache can tell by itself. */
  selection: Selection;
  /** What must be asked of the converted object; undefined: nothing. */
  fields: FieldMatcher | undefined;
}

const ofMetadata = (field: string): boolean => field === 'metadata.name' || field === 'metadata.namespace';

function split(selection: Selection): Split {
  const requirements = selection.fields?.requirements ?? [];
  const own = requirements.filter(({ field }) => ofMetadata(field));
  const further = requirements.filter(({ field }) => !ofMetadata(field));
  return {
    selection: { ...selection, fields: own.length === 0 ? undefined : fieldMatcher(own) },
    fields: further.length === 0 ? undefined : fieldMatcher(further),
  };
}

/** A list of converted objects. */
export async function listConverted(cache: WatchCache, custom: CustomKind, query: ListQuery): Promise<ListResult> {
  const { selection, fields } = split(query.selection);
  if (fields === undefined) return cache.list(query);
  const all = await cache.list({ ...query, selection, limit: 0 });
  await custom.prepare(all.objects);
  const matching = all.objects.filter((object) => fields(custom.fieldsOf(custom.view(object))));
  const objects = query.limit > 0 ? matching.slice(0, query.limit) : matching;
  return { ...all, objects, more: objects.length < matching.length, remaining: undefined };
}

type Raw = { type: EventType; object: CachedObject } | { bookmark: number; initialEnd: boolean } | { error: true };

const RAW: EventView<Raw> = {
  key: 'raw',
  frame: (type, object) => ({ type, object }),
  bookmark: (bookmark, initialEnd) => ({ bookmark, initialEnd }),
};

/** Turns what happened in the cache into what the client sees. */
class Translator {
  readonly #cache: WatchCache;
  readonly #custom: CustomKind;
  readonly #view: View;
  readonly #fields: FieldMatcher | undefined;
  readonly #tooSlow: () => Uint8Array;
  /** Objects that the client knows, where it sees only some. */
  readonly known = new Map<string, CachedObject>();
  #events: EventView;

  constructor(cache: WatchCache, custom: CustomKind, view: View, fields: FieldMatcher | undefined, tooSlow: () => Uint8Array) {
    this.#cache = cache;
    this.#custom = custom;
    this.#view = view;
    this.#fields = fields;
    this.#tooSlow = tooSlow;
    this.#events = view.firstEvents ?? view.events;
  }

  matches(object: CachedObject): boolean {
    return this.#fields === undefined || this.#fields(this.#custom.fieldsOf(this.#custom.view(object)));
  }

  #frame(type: EventType, object: CachedObject): Uint8Array {
    const events = this.#events;
    this.#events = this.#view.events;
    return events.frame(type, object);
  }

  async #change(type: EventType, object: CachedObject): Promise<Uint8Array | undefined> {
    if (this.#fields === undefined) return this.#frame(type, object);
    const before = this.known.get(object.key);
    const now = type !== 'DELETED' && this.matches(object);
    if (now) {
      this.known.set(object.key, object);
      return this.#frame(before === undefined ? 'ADDED' : 'MODIFIED', object);
    }
    if (before === undefined) return undefined;
    this.known.delete(object.key);
    if (type === 'DELETED') return this.#frame('DELETED', object);
    // It has left: shown as it was when the client last saw it.
    const departed = new CachedObject(this.#cache.source, before.key, before.stored, object.revision);
    await this.#custom.prepare([departed]);
    return this.#frame('DELETED', departed);
  }

  async frames(raw: readonly Raw[]): Promise<Uint8Array[]> {
    await this.#custom.prepare(raw.flatMap((one) => ('object' in one ? [one.object] : [])));
    const out: Uint8Array[] = [];
    for (const one of raw) {
      if ('error' in one) out.push(this.#tooSlow());
      else if ('bookmark' in one) out.push(this.#view.events.bookmark(one.bookmark, one.initialEnd));
      else {
        const frame = await this.#change(one.type, one.object);
        if (frame !== undefined) out.push(frame);
      }
    }
    return out;
  }
}

type About = Omit<WatchQuery, 'view' | 'firstView' | 'tooSlow'>;

/** A watch of converted objects. A conversion that fails ends it, with the error as its last event. */
export function watchConverted(cache: WatchCache, custom: CustomKind, view: View, about: About, tooSlow: () => Uint8Array): { watcher: Pick<Watcher, 'end' | 'bookmark'>; body: AsyncIterable<Uint8Array> } {
  const { selection, fields } = split(about.selection);
  const watcher = cache.watch<Raw>({ ...about, selection, view: RAW, tooSlow: () => ({ error: true }) });
  const translator = new Translator(cache, custom, view, fields, tooSlow);
  async function* shown(): AsyncGenerator<Uint8Array[], void, undefined> {
    try {
      if (fields !== undefined && !about.initial) {
        const { objects } = await cache.list({ selection, limit: 0, at: about.from });
        await custom.prepare(objects);
        for (const object of objects) if (translator.matches(object)) translator.known.set(object.key, object);
      }
      for await (const raw of watcher) {
        const frames = await translator.frames(raw);
        if (frames.length > 0) yield frames;
      }
    } catch (error) {
      yield [view.error((error instanceof StatusError ? error : internalError(error)).status)];
    } finally {
      watcher.end();
    }
  }
  return { watcher, body: bodyOf(shown(), cache.source.pool.sending) };
}
