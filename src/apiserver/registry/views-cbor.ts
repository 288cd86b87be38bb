/** Objects, lists and events in CBOR: items that are kept with their objects, joined by copying. A watch is a sequence of data items. */
import { encodeCbor, joinCborEvent, joinCborList } from '../../api/cbor/encode.ts';
import type { KubeObject, ListMeta } from '../../api/meta/v1/types.ts';
import { inTypeOrder } from '../../api/order.ts';
import { cborSequenceType, cborType } from '../accept.ts';
import type { EventView } from '../cache/events.ts';
import type { CachedObject } from '../cache/object.ts';
import type { Turn } from '../outgoing.ts';
import { inTurns } from './in-turns.ts';
import type { Kind } from './kinds.ts';
import type { Negotiated } from './negotiate.ts';
import { bookmarkOf, objectIn, PARTIAL, PARTIAL_SCHEMA, type View } from './view.ts';

interface CborForm {
  key: string;
  kind: string;
  listKind: string;
  apiVersion: string;
  /** What objects keep their item of a list under. */
  itemKey: string;
  /** Of a built-in kind, whose bookmarks are empty objects. */
  schema?: string;
  object(object: CachedObject): Buffer;
  item(object: CachedObject): Buffer;
}

/** The frame of an ERROR event. */
export function cborError(status: object): Buffer {
  return joinCborEvent('ERROR', encodeCbor({ ...status, kind: 'Status', apiVersion: 'v1' }));
}

function cborView(form: CborForm, turn: Turn | undefined): View {
  return {
    contentType: cborType,
    streamType: cborSequenceType,
    object: form.object,
    list: async (objects, meta) => joinCborList(form.listKind, form.apiVersion, meta, await inTurns(objects, form.itemKey, (object) => form.item(object), turn)),
    events: {
      key: form.key,
      frame: (type, object) => joinCborEvent(type, form.object(object)),
      bookmark: (revision, initialEnd) => joinCborEvent('BOOKMARK', encodeCbor(bookmarkOf(form.kind, form.apiVersion, revision, initialEnd, form.schema).object)),
    },
    error: cborError,
  };
}

/** Objects of a kind. */
export function objectCborView(kind: Kind, turn: Turn | undefined): View {
  const { apiVersion } = kind.form;
  const { schema } = kind.resource;
  const key = `cbor ${apiVersion}`;
  const whole = (object: CachedObject): KubeObject => objectIn(kind, object);
  const written = (value: KubeObject): KubeObject => (kind.custom === undefined ? inTypeOrder(schema, value) : value);
  const bytes = (object: CachedObject): Buffer => object.encoded(key, () => encodeCbor(written(whole(object)), schema));
  const form = { key, kind: kind.resource.kind, listKind: kind.resource.listKind, apiVersion, object: bytes };
  if (kind.custom !== undefined) {
    const view = cborView({ ...form, itemKey: key, item: bytes }, turn);
    return { ...view, list: (objects, meta) => view.list(objects, { continue: '', ...meta }) };
  }
  return cborView({
    ...form, schema, itemKey: `${key} item`,
    item: (object) => object.encoded(`${key} item`, () => {
      const { kind: _kind, apiVersion: _apiVersion, ...rest } = written(whole(object));
      return encodeCbor(rest, schema);
    }),
  }, turn);
}

/** Their metadata only. */
export function partialCborView(how: Negotiated, turn: Turn | undefined): View {
  const apiVersion = how.metaVersion;
  const key = `cbor partial ${apiVersion}`;
  const bytes = (object: CachedObject): Buffer => object.encoded(key, ({ metadata }) => encodeCbor({ kind: PARTIAL, apiVersion, metadata }, PARTIAL_SCHEMA));
  return cborView({ key, kind: PARTIAL, listKind: `${PARTIAL}List`, apiVersion, itemKey: key, object: bytes, item: bytes }, turn);
}

/** Events of tables; `table` makes one of some objects, `mark` a bookmark's. */
export function cborTableEvents(how: Negotiated, table: (objects: readonly CachedObject[], meta: ListMeta) => object, mark: (revision: number, initialEnd: boolean) => object, key: string): EventView {
  return {
    key: `cbor table ${key} ${how.metaVersion}`,
    frame: (type, object) => joinCborEvent(type, encodeCbor(table([object], { resourceVersion: String(object.revision) }))),
    bookmark: (revision, initialEnd) => joinCborEvent('BOOKMARK', encodeCbor(mark(revision, initialEnd))),
  };
}
