/** The forms in which objects, lists and events leave the server. Plain JSON is joined from the bytes at hand; nothing is decoded for it. */
import { parseExactly } from '../../api/exact-json.ts';
import type { ListMeta } from '../../api/meta/v1/types.ts';
import type { CachedObject } from '../cache/object.ts';
import { contentTypeFor, encodeValue, streamTypeFor } from '../encode-value.ts';
import { asLine, sortedJson } from '../go-json.ts';
import type { Turn } from '../outgoing.ts';
import { pieceBytes, Pieces } from '../pieces.ts';
import type { ServerResponse } from '../types.ts';
import type { RegistryContext } from './context.ts';
import { inTurns } from './in-turns.ts';
import type { Kind } from './kinds.ts';
import type { Negotiated } from './negotiate.ts';
import { bookmarkJson, bookmarkOf, PARTIAL, type View } from './view.ts';
import { objectCborView, partialCborView } from './views-cbor.ts';
import { bytesOf, errorFrame, frameOf, partialBytes, partialKey } from './views-json.ts';
import { objectProtobufView, partialProtobufView } from './views-protobuf.ts';
import { tableView } from './views-table.ts';

export { INITIAL_EVENTS_END, objectIn, type View } from './view.ts';

/** An answer with a value that is not in the cache (Status, Scale …). */
export function valueResponse(status: number, value: unknown, how: Negotiated): ServerResponse {
  return { status, headers: { 'content-type': contentTypeFor(how) }, body: encodeValue(value, how) };
}

/** What goes before the items of a list, and after them. */
function wrapOf({ listKind: kind, apiVersion, sorted }: JsonForm, meta: ListMeta): { head: Buffer; tail: Buffer } {
  if (!sorted) return { head: Buffer.from(`{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${JSON.stringify(meta)},"items":[`), tail: LIST_TAIL };
  return { head: Buffer.from(`{"apiVersion":${JSON.stringify(apiVersion)},"items":[`), tail: Buffer.from(`],"kind":${JSON.stringify(kind)},"metadata":${sortedJson({ continue: '', ...meta })}}\n`) };
}

/** Joins objects' bytes into a list; the first bytes of each (kind and apiVersion, which items do not have) can be left out. */
function joinList(form: JsonForm, meta: ListMeta, { items, bytes }: Items): Pieces {
  const { itemAt: skipped } = form;
  const { head, tail } = wrapOf(form, meta);
  const [first, next] = skipped > 0 ? BEFORE_CUT : BEFORE_WHOLE;
  const between = items.length === 0 ? 0 : first.length + (items.length - 1) * next.length;
  const length = head.length + bytes - items.length * skipped + between + tail.length;
  return new Pieces({ head, tail, items, skipped, length, before: (i) => (i === 0 ? first : next) });
}

/** The objects of a list as bytes. */
interface Items {
  key: string;
  items: readonly Buffer[];
  /** Of all together. */
  bytes: number;
}

/** Of lists that were read, by their objects: between two changes all readers of a whole resource are given the same array, and find this done. */
const itemsOf = new WeakMap<readonly CachedObject[], Items>();

async function readItems(form: JsonForm, objects: readonly CachedObject[], turn: Turn | undefined): Promise<Items> {
  const known = itemsOf.get(objects);
  if (known?.key === form.key) return known;
  const items = form.madeAs === undefined ? objects.map(form.bytesOf) : await inTurns(objects, form.madeAs, form.bytesOf, turn);
  const read = { key: form.key, items, bytes: items.reduce((sum, item) => sum + item.length, 0) };
  if (form.keepsItems) itemsOf.set(objects, read);
  return read;
}

const LIST_TAIL = Buffer.from(']}\n');
/** What goes before the first item, and before the others. */
const BEFORE_WHOLE = [Buffer.alloc(0), Buffer.from(',')] as const;
const BEFORE_CUT = [Buffer.from('{'), Buffer.from(',{')] as const;

/** What the JSON views have in common: each object's bytes, and how they are joined. */
interface JsonForm {
  key: string;
  kind: string;
  listKind: string;
  apiVersion: string;
  itemAt: number;
  /** Of a built-in kind, whose bookmarks are empty objects. */
  schema?: string;
  /** Members of the list are in the order of their names, and its items whole (custom resources). */
  sorted: boolean;
  /** The bytes are those that the objects hold for good: a list may hold on to them too. */
  keepsItems: boolean;
  /** The key that objects keep the bytes under, where they have to be made; undefined where they are at hand. */
  madeAs: string | undefined;
  bytesOf(object: CachedObject): Buffer;
}

function jsonView(form: JsonForm, how: Negotiated, turn: Turn | undefined): View {
  const { bytesOf, apiVersion } = form;
  const plain = how.format === 'json' && !how.pretty;
  const shaped = (bytes: Buffer): Uint8Array => (plain ? bytes : encodeValue(parseExactly(bytes.toString()), how));
  return {
    contentType: contentTypeFor(how),
    streamType: streamTypeFor(how),
    object: (object) => (plain ? asLine(bytesOf(object)) : shaped(bytesOf(object))),
    list: async (objects, meta) => {
      const joined = joinList(form, meta, await readItems(form, objects, turn));
      return plain && joined.length > pieceBytes ? joined : shaped(joined.bytes());
    },
    events: {
      key: form.key,
      frame: (type, object) => frameOf(type, bytesOf(object)),
      bookmark: (revision, initialEnd) => bookmarkJson(bookmarkOf(form.kind, apiVersion, revision, initialEnd, form.schema), form.sorted),
    },
    error: errorFrame,
  };
}

function plainView(kind: Kind, how: Negotiated, turn: Turn | undefined): View {
  const { apiVersion } = kind.form;
  const isCustom = kind.custom !== undefined;
  const keepsItems = !isCustom && kind.resource === kind.stored && kind.storedForm.encoding === 'json';
  return jsonView({
    key: apiVersion, kind: kind.resource.kind, listKind: kind.resource.listKind, apiVersion, itemAt: kind.form.itemAt, sorted: kind.form.sorted === true, keepsItems, ...(isCustom ? {} : { schema: kind.resource.schema }),
    madeAs: keepsItems || isCustom ? undefined : `json ${apiVersion}`, bytesOf: (object) => bytesOf(kind, object),
  }, how, turn);
}

function partialView(how: Negotiated, turn: Turn | undefined): View {
  const apiVersion = how.metaVersion;
  return jsonView({
    key: `partial ${apiVersion}`, kind: PARTIAL, listKind: `${PARTIAL}List`, apiVersion, itemAt: 0, sorted: false, keepsItems: false,
    madeAs: partialKey(apiVersion), bytesOf: (object) => partialBytes(object, apiVersion),
  }, how, turn);
}

export function viewOf(context: RegistryContext, kind: Kind, how: Negotiated, query: URLSearchParams): View {
  const { turn } = context.host;
  if (how.as === 'table') return tableView(context, kind, how, query);
  if (how.format === 'cbor') return how.as === 'partial' ? partialCborView(how, turn) : objectCborView(kind, turn);
  if (how.format === 'protobuf') return how.as === 'partial' ? partialProtobufView(how, turn) : objectProtobufView(kind, turn);
  return how.as === 'partial' ? partialView(how, turn) : plainView(kind, how, turn);
}
