/** The forms in which objects, lists and events leave the server. Plain JSON is joined from the bytes at hand; nothing is decoded for it. */
import { convert } from '../../api/convert.ts';
import type { KubeObject, ListMeta } from '../../api/meta/v1/types.ts';
import { apiVersionOf } from '../../api/meta/resource.ts';
import { encodeMessage, encodeProtobuf } from '../../api/protobuf/encode.ts';
import { envelopeHead, firstField, messageOf, watchFrame, wrap, wrapList } from '../../api/protobuf/envelope.ts';
import type { EventType, EventView } from '../cache/events.ts';
import type { CachedObject } from '../cache/object.ts';
import { protobufType } from '../accept.ts';
import { contentTypeFor, encodeValue, streamTypeFor } from '../encode-value.ts';
import type { ServerResponse, SharedEvent } from '../types.ts';
import type { TableOptions } from '../printers/index.ts';
import type { Kind, RegistryContext } from './context.ts';
import type { Negotiated } from './negotiate.ts';

/** Events as the objects of the cache themselves, for listeners within the process: no encoding, no decoding, one copy for all. */
export function sharedEvents(kind: Kind): EventView<SharedEvent> {
  const { apiVersion } = kind.form;
  return {
    key: `shared ${apiVersion}`,
    frame: (type, object) => ({ type, object: objectIn(kind, object) }),
    bookmark: (revision, initialEnd) => bookmarkOf(kind.resource.kind, apiVersion, revision, initialEnd),
  };
}

export const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

export interface View {
  contentType: string;
  /** Of a watch. */
  streamType: string;
  object(object: CachedObject): Uint8Array;
  list(objects: readonly CachedObject[], meta: ListMeta): Uint8Array;
  events: EventView;
  firstEvents?: EventView;
  /** The frame of an ERROR event. */
  error(status: object): Uint8Array;
}

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

/** The object, decoded, in the version that is asked for. Frozen, or to be treated so. */
export function objectIn(kind: Kind, object: CachedObject): KubeObject {
  if (kind.custom !== undefined) return kind.custom.view(object);
  return kind.resource === kind.stored ? object.object : convert(object.object, kind.resource);
}

const TYPES: readonly EventType[] = ['ADDED', 'MODIFIED', 'DELETED'];
const FRAME_HEADS = new Map(TYPES.map((type) => [type, Buffer.from(`{"type":"${type}","object":`)]));
const FRAME_TAIL = Buffer.from('}\n');

const frameOf = (type: EventType, bytes: Uint8Array): Buffer => Buffer.concat([FRAME_HEADS.get(type)!, bytes, FRAME_TAIL]);

function bookmarkOf(kind: string, apiVersion: string, resourceVersion: number, initialEnd: boolean): SharedEvent {
  const annotations = initialEnd ? { annotations: { [INITIAL_EVENTS_END]: 'true' } } : {};
  return { type: 'BOOKMARK', object: { kind, apiVersion, metadata: { resourceVersion: String(resourceVersion), ...annotations } } };
}

/** `{"type":"ERROR","object":<Status>}` */
function errorFrame(status: object): Buffer {
  return Buffer.from(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
}

/** Joins objects' bytes into a list; the first bytes of each (kind and apiVersion, which items do not have) can be left out. */
function joinList(kind: string, apiVersion: string, meta: ListMeta, pieces: readonly Buffer[], skipped: number): Buffer {
  const head = Buffer.from(`{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${JSON.stringify(meta)},"items":[`);
  const opening = skipped > 0 ? 1 : 0;
  let length = head.length + 2 + Math.max(0, pieces.length - 1);
  for (const piece of pieces) length += piece.length - skipped + opening;
  const out = Buffer.allocUnsafe(length);
  let at = head.copy(out, 0);
  for (let i = 0; i < pieces.length; i++) {
    if (i > 0) out[at++] = 0x2c;
    if (opening > 0) out[at++] = 0x7b;
    at += pieces[i]!.copy(out, at, skipped);
  }
  out[at++] = 0x5d;
  out[at] = 0x7d;
  return out;
}

/** What the JSON views have in common: each object's bytes, and how they are joined. */
interface JsonForm {
  key: string;
  kind: string;
  listKind: string;
  apiVersion: string;
  itemAt: number;
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
    list: (objects, meta) => shaped(joinList(form.listKind, apiVersion, meta, objects.map(bytesOf), form.itemAt)),
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
  return jsonView({ key: apiVersion, kind: kind.resource.kind, listKind: kind.resource.listKind, apiVersion, itemAt, bytesOf: (object) => bytesOf(kind, object) }, how);
}

const PARTIAL = 'PartialObjectMetadata';

function partialView(how: Negotiated): View {
  const apiVersion = how.metaVersion;
  const make = (object: KubeObject): Buffer => Buffer.from(JSON.stringify({ kind: PARTIAL, apiVersion, metadata: object.metadata }));
  return jsonView({
    key: `partial ${apiVersion}`, kind: PARTIAL, listKind: `${PARTIAL}List`, apiVersion, itemAt: 0,
    bytesOf: (object) => object.encoded(`json partial ${apiVersion}`, make),
  }, how);
}

const LIST_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta';
const PARTIAL_SCHEMA = `io.k8s.apimachinery.pkg.apis.meta.v1.${PARTIAL}`;

/** A kind in protobuf: each object's envelope, and what stands at the front of those of lists. */
interface ProtobufForm {
  key: string;
  kind: string;
  apiVersion: string;
  schema: string;
  listHead: Buffer;
  envelopeOf(object: CachedObject): Buffer;
}

function protobufView(form: ProtobufForm): View {
  const { envelopeOf } = form;
  return {
    contentType: protobufType,
    streamType: streamTypeFor({ format: 'protobuf' }),
    object: envelopeOf,
    list: (objects, meta) => wrapList(form.listHead, encodeMessage(LIST_META, meta), objects.map((object) => messageOf(envelopeOf(object)))),
    events: {
      key: form.key,
      frame: (type, object) => watchFrame(type, envelopeOf(object)),
      bookmark: (revision, initialEnd) => watchFrame('BOOKMARK', encodeProtobuf(form.schema, bookmarkOf(form.kind, form.apiVersion, revision, initialEnd).object)),
    },
    error: (status) => watchFrame('ERROR', encodeValue({ ...status, kind: 'Status', apiVersion: 'v1' }, { format: 'protobuf', pretty: false })),
  };
}

function objectProtobufView(kind: Kind): View {
  const { apiVersion, protobuf } = kind.form;
  const { schema } = protobuf!;
  const stored = apiVersion === kind.storedForm.apiVersion;
  const key = `protobuf ${apiVersion}`;
  const make = (source: KubeObject): Buffer => encodeProtobuf(schema, convert(source, kind.resource));
  return protobufView({
    key, kind: kind.resource.kind, apiVersion, schema, listHead: envelopeHead(apiVersion, kind.resource.listKind),
    envelopeOf: (object) => (stored && object.encoding === 'protobuf' ? object.primary : object.encoded(key, make)),
  });
}

function partialProtobufView(how: Negotiated): View {
  const apiVersion = how.metaVersion;
  const key = `protobuf partial ${apiVersion}`;
  const head = envelopeHead(apiVersion, PARTIAL);
  // Metadata is the first field of every message, as it is of the partial object's.
  const fromPrimary = (object: CachedObject): Buffer => wrap(head, firstField(messageOf(object.primary)));
  const make = (source: KubeObject): Buffer => encodeProtobuf(PARTIAL_SCHEMA, { kind: PARTIAL, apiVersion, metadata: source.metadata } as KubeObject);
  return protobufView({
    key, kind: PARTIAL, apiVersion, schema: PARTIAL_SCHEMA, listHead: envelopeHead(apiVersion, `${PARTIAL}List`),
    envelopeOf: (object) => (object.encoding === 'protobuf' ? fromPrimary(object) : object.encoded(key, make)),
  });
}

function tableView(context: RegistryContext, kind: Kind, how: Negotiated, includeObject: TableOptions['includeObject']): View {
  const table = (objects: readonly CachedObject[], extra: Partial<TableOptions>): object => {
    const columns = kind.custom === undefined ? {} : { customColumns: kind.custom.columns };
    const made = context.tableFor(kind.resource, objects.map((object) => objectIn(kind, object)), { now: context.host.clock.now(), includeObject: includeObject ?? 'Metadata', ...columns, ...extra });
    return how.metaVersion === 'meta.k8s.io/v1' ? made : { ...made, apiVersion: how.metaVersion };
  };
  const events = (noHeaders: boolean): EventView => ({
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
    error: errorFrame,
  };
}

export function viewOf(context: RegistryContext, kind: Kind, how: Negotiated, query: URLSearchParams): View {
  if (how.as === 'table') return tableView(context, kind, how, (query.get('includeObject') ?? 'Metadata') as TableOptions['includeObject']);
  if (how.format === 'protobuf') return how.as === 'partial' ? partialProtobufView(how) : objectProtobufView(kind);
  return how.as === 'partial' ? partialView(how) : plainView(kind, how);
}
