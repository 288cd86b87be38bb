/** The forms in which objects, lists and events leave the server. Plain JSON is joined from the bytes at hand; nothing is decoded for it. */
import { convert } from '../../api/convert.ts';
import type { KubeObject, ListMeta } from '../../api/meta/v1/types.ts';
import { badRequest } from '../../api/meta/status.ts';
import { apiVersionOf } from '../../api/meta/resource.ts';
import type { EventType, EventView } from '../cache/events.ts';
import type { CachedObject } from '../cache/object.ts';
import { contentTypeFor, encodeValue, streamTypeFor } from '../encode-value.ts';
import { pieceBytes, Pieces } from '../pieces.ts';
import type { ServerResponse } from '../types.ts';
import type { TableOptions } from '../printers/index.ts';
import type { RegistryContext } from './context.ts';
import type { Kind } from './kinds.ts';
import type { Negotiated } from './negotiate.ts';
import { bookmarkOf, INITIAL_EVENTS_END, objectIn, PARTIAL, type View } from './view.ts';
import { cborError, cborTableEvents, objectCborView, partialCborView } from './views-cbor.ts';
import { objectProtobufView, partialProtobufView } from './views-protobuf.ts';

export { INITIAL_EVENTS_END, objectIn, type View } from './view.ts';

/** An answer with a value that is not in the cache (Status, Scale …). */
export function valueResponse(status: number, value: unknown, how: Negotiated): ServerResponse {
  return { status, headers: { 'content-type': contentTypeFor(how) }, body: encodeValue(value, how) };
}

/** The object's bytes in the version that is asked for. */
function bytesOf(kind: Kind, object: CachedObject): Buffer {
  if (kind.custom !== undefined) return kind.custom.bytes(object);
  const apiVersion = apiVersionOf(kind.resource);
  return object.in(apiVersion, (source) => versionBytes(kind, source));
}

function versionBytes(kind: Kind, source: KubeObject): Buffer {
  const converted = convert(source, kind.resource);
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = converted;
  const { resourceVersion, ...meta } = metadata;
  return Buffer.from(JSON.stringify({ kind: kind.form.kind, apiVersion: kind.form.apiVersion, metadata: { ...(resourceVersion === undefined ? {} : { resourceVersion }), ...meta }, ...rest }));
}

const TYPES: readonly EventType[] = ['ADDED', 'MODIFIED', 'DELETED'];
const FRAME_HEADS = new Map(TYPES.map((type) => [type, Buffer.from(`{"type":"${type}","object":`)]));
const FRAME_TAIL = Buffer.from('}\n');

const frameOf = (type: EventType, bytes: Uint8Array): Buffer => Buffer.concat([FRAME_HEADS.get(type)!, bytes, FRAME_TAIL]);

/** `{"type":"ERROR","object":<Status>}` */
function errorFrame(status: object): Buffer {
  return Buffer.from(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
}

/** Joins objects' bytes into a list; the first bytes of each (kind and apiVersion, which items do not have) can be left out. */
function joinList({ listKind: kind, apiVersion, itemAt: skipped }: JsonForm, meta: ListMeta, { items, bytes }: Items): Pieces {
  const head = Buffer.from(`{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${JSON.stringify(meta)},"items":[`);
  const [first, next] = skipped > 0 ? BEFORE_CUT : BEFORE_WHOLE;
  const between = items.length === 0 ? 0 : first.length + (items.length - 1) * next.length;
  const length = head.length + bytes - items.length * skipped + between + LIST_TAIL.length;
  return new Pieces({ head, tail: LIST_TAIL, items, skipped, length, before: (i) => (i === 0 ? first : next) });
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

function readItems(form: JsonForm, objects: readonly CachedObject[]): Items {
  const known = itemsOf.get(objects);
  if (known?.key === form.key) return known;
  const items = objects.map(form.bytesOf);
  const read = { key: form.key, items, bytes: items.reduce((sum, item) => sum + item.length, 0) };
  if (form.keepsItems) itemsOf.set(objects, read);
  return read;
}

const LIST_TAIL = Buffer.from(']}');
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
  /** The bytes are those that the objects hold for good: a list may hold on to them too. */
  keepsItems: boolean;
  bytesOf(object: CachedObject): Buffer;
}

function jsonView(form: JsonForm, how: Negotiated): View {
  const { bytesOf, apiVersion } = form;
  const plain = how.format === 'json' && !how.pretty;
  const shaped = (bytes: Buffer): Uint8Array => (plain ? bytes : encodeValue(JSON.parse(bytes.toString()), how));
  return {
    contentType: contentTypeFor(how),
    streamType: streamTypeFor(how),
    object: (object) => shaped(bytesOf(object)),
    list: (objects, meta) => {
      const joined = joinList(form, meta, readItems(form, objects));
      return plain && joined.length > pieceBytes ? joined : shaped(joined.bytes());
    },
    events: {
      key: form.key,
      frame: (type, object) => frameOf(type, bytesOf(object)),
      bookmark: (revision, initialEnd) => Buffer.from(`${JSON.stringify(bookmarkOf(form.kind, apiVersion, revision, initialEnd))}\n`),
    },
    error: errorFrame,
  };
}

function plainView(kind: Kind, how: Negotiated): View {
  const { apiVersion, itemAt } = kind.form;
  const keepsItems = kind.custom === undefined && kind.resource === kind.stored && kind.storedForm.encoding === 'json';
  return jsonView({ key: apiVersion, kind: kind.resource.kind, listKind: kind.resource.listKind, apiVersion, itemAt, keepsItems, bytesOf: (object) => bytesOf(kind, object) }, how);
}

function partialView(how: Negotiated): View {
  const apiVersion = how.metaVersion;
  const make = (object: KubeObject): Buffer => Buffer.from(JSON.stringify({ kind: PARTIAL, apiVersion, metadata: object.metadata }));
  return jsonView({
    key: `partial ${apiVersion}`, kind: PARTIAL, listKind: `${PARTIAL}List`, apiVersion, itemAt: 0, keepsItems: false,
    bytesOf: (object) => object.encoded(`json partial ${apiVersion}`, make),
  }, how);
}

function tableView(context: RegistryContext, kind: Kind, how: Negotiated, includeObject: NonNullable<TableOptions['includeObject']>): View {
  const table = (objects: readonly CachedObject[], extra: Partial<TableOptions>): object => {
    const columns = kind.custom === undefined ? {} : { customColumns: kind.custom.columns };
    const made = context.tableFor(kind.resource, objects.map((object) => objectIn(kind, object)), { now: context.host.clock.now(), includeObject, ...columns, ...extra });
    return how.metaVersion === 'meta.k8s.io/v1' ? made : { ...made, apiVersion: how.metaVersion };
  };
  const events = (noHeaders: boolean): EventView => (how.format === 'cbor' ? cborTableEvents(how, (objects, meta) => table(objects, { noHeaders, listMeta: meta }), `${includeObject} ${noHeaders} ${kind.form.apiVersion}`) : {
    key: `table ${includeObject} ${noHeaders} ${how.metaVersion} ${kind.form.apiVersion}`,
    frame: (type, object) => frameOf(type, Buffer.from(JSON.stringify(table([object], { noHeaders, listMeta: { resourceVersion: String(object.revision) } })))),
    bookmark: (revision, initialEnd) => {
      const empty = table([], { noHeaders, listMeta: { resourceVersion: String(revision) } }) as { metadata?: object };
      const metadata = initialEnd ? { ...empty.metadata, annotations: { [INITIAL_EVENTS_END]: 'true' } } : empty.metadata;
      return Buffer.from(`${JSON.stringify({ type: 'BOOKMARK', object: { ...empty, metadata } })}\n`);
    },
  });
  return {
    contentType: contentTypeFor(how),
    streamType: streamTypeFor(how),
    object: (object) => encodeValue(table([object], { listMeta: { resourceVersion: String(object.revision) } }), how),
    list: (objects, listMeta) => encodeValue(table(objects, { listMeta }), how),
    events: events(true),
    firstEvents: events(false),
    error: how.format === 'cbor' ? cborError : errorFrame,
  };
}

const INCLUDED: ReadonlySet<string> = new Set(['None', 'Metadata', 'Object']);

/** What the rows of a table carry beside their cells. Throws StatusError 400. */
function includedBy(query: URLSearchParams): NonNullable<TableOptions['includeObject']> {
  const asked = query.get('includeObject') ?? '';
  if (asked === '') return 'Metadata';
  if (!INCLUDED.has(asked)) throw badRequest(`unrecognized includeObject value: ${JSON.stringify(asked)}`);
  return asked as NonNullable<TableOptions['includeObject']>;
}

export function viewOf(context: RegistryContext, kind: Kind, how: Negotiated, query: URLSearchParams): View {
  if (how.as === 'table') return tableView(context, kind, how, includedBy(query));
  if (how.format === 'cbor') return how.as === 'partial' ? partialCborView(how) : objectCborView(kind);
  if (how.format === 'protobuf') return how.as === 'partial' ? partialProtobufView(how) : objectProtobufView(kind);
  return how.as === 'partial' ? partialView(how) : plainView(kind, how);
}
