/** The forms in which objects, lists and events leave the server. Plain JSON is joined from the bytes at hand; nothing is decoded for it. */
import { dump } from 'js-yaml';
import { convert } from '../../api/convert.ts';
import type { KubeObject, ListMeta } from '../../api/meta/v1/types.ts';
import { apiVersionOf } from '../../api/meta/resource.ts';
import type { EventType, EventView } from '../cache/events.ts';
import type { CachedObject } from '../cache/object.ts';
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
  object(object: CachedObject): Uint8Array;
  list(objects: readonly CachedObject[], meta: ListMeta): Uint8Array;
  events: EventView;
  firstEvents?: EventView;
}

const YAML = { noRefs: true, sortKeys: true, lineWidth: -1 } as const;

/** A value as JSON or YAML. */
export function encodeValue(value: unknown, how: Pick<Negotiated, 'format' | 'pretty'>): Buffer {
  if (how.format === 'yaml') return Buffer.from(dump(value, YAML));
  return Buffer.from(how.pretty ? `${JSON.stringify(value, null, 2)}\n` : JSON.stringify(value));
}

export const contentTypeFor = (how: Pick<Negotiated, 'format'>): string => (how.format === 'yaml' ? 'application/yaml' : 'application/json');

/** An answer with a value that is not in the cache (Status, Scale …). */
export function valueResponse(status: number, value: unknown, how: Negotiated): ServerResponse {
  return { status, headers: { 'content-type': contentTypeFor(how) }, body: encodeValue(value, how) };
}

/** The object's bytes in the version that is asked for. */
function bytesOf(kind: Kind, object: CachedObject): Buffer {
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
export function errorFrame(status: object): Buffer {
  return Buffer.from(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
}

/** Joins the objects' bytes into a list; items are without kind and apiVersion, as the API has them. */
function joinList(kind: Kind, objects: readonly CachedObject[], meta: ListMeta): Buffer {
  const head = Buffer.from(`{"kind":${JSON.stringify(kind.resource.listKind)},"apiVersion":${JSON.stringify(kind.form.apiVersion)},"metadata":${JSON.stringify(meta)},"items":[`);
  const skipped = kind.form.itemAt;
  const pieces = objects.map((object) => bytesOf(kind, object));
  let length = head.length + 2 + Math.max(0, pieces.length - 1);
  for (const piece of pieces) length += piece.length - skipped + 1;
  const out = Buffer.allocUnsafe(length);
  let at = head.copy(out, 0);
  for (let i = 0; i < pieces.length; i++) {
    if (i > 0) out[at++] = 0x2c;
    out[at++] = 0x7b;
    at += pieces[i]!.copy(out, at, skipped);
  }
  out[at++] = 0x5d;
  out[at] = 0x7d;
  return out;
}

function plainView(kind: Kind, how: Negotiated): View {
  const plain = how.format === 'json' && !how.pretty;
  const shaped = (bytes: Buffer): Uint8Array => (plain ? bytes : encodeValue(JSON.parse(bytes.toString()), how));
  return {
    contentType: contentTypeFor(how),
    object: (object) => shaped(bytesOf(kind, object)),
    list: (objects, meta) => shaped(joinList(kind, objects, meta)),
    events: {
      key: kind.form.apiVersion,
      frame: (type, object) => frameOf(type, bytesOf(kind, object)),
      bookmark: (revision, initialEnd) => Buffer.from(`${JSON.stringify(bookmarkOf(kind.resource.kind, kind.form.apiVersion, revision, initialEnd))}\n`),
    },
  };
}

const META_VERSION = 'meta.k8s.io/v1';

function partialView(how: Negotiated): View {
  const partial = (object: CachedObject): object => ({ kind: 'PartialObjectMetadata', apiVersion: META_VERSION, metadata: object.object.metadata });
  return {
    contentType: contentTypeFor(how),
    object: (object) => encodeValue(partial(object), how),
    list: (objects, metadata) => encodeValue({ kind: 'PartialObjectMetadataList', apiVersion: META_VERSION, metadata, items: objects.map(partial) }, how),
    events: {
      key: 'partial',
      frame: (type, object) => frameOf(type, Buffer.from(JSON.stringify(partial(object)))),
      bookmark: (revision, initialEnd) => Buffer.from(`${JSON.stringify(bookmarkOf('PartialObjectMetadata', META_VERSION, revision, initialEnd))}\n`),
    },
  };
}

function tableView(context: RegistryContext, kind: Kind, how: Negotiated, includeObject: TableOptions['includeObject']): View {
  const table = (objects: readonly CachedObject[], extra: Partial<TableOptions>): object =>
    context.tableFor(kind.resource, objects.map((object) => objectIn(kind, object)), { now: context.host.clock.now(), includeObject: includeObject ?? 'Metadata', ...extra });
  const events = (noHeaders: boolean): EventView => ({
    key: `table ${includeObject} ${noHeaders} ${kind.form.apiVersion}`,
    frame: (type, object) => frameOf(type, Buffer.from(JSON.stringify(table([object], { noHeaders, listMeta: { resourceVersion: String(object.revision) } })))),
    bookmark: (revision, initialEnd) => {
      const empty = table([], { noHeaders, listMeta: { resourceVersion: String(revision) } }) as { metadata?: object };
      const metadata = initialEnd ? { ...empty.metadata, annotations: { [INITIAL_EVENTS_END]: 'true' } } : empty.metadata;
      return Buffer.from(`${JSON.stringify({ type: 'BOOKMARK', object: { ...empty, metadata } })}\n`);
    },
  });
  return {
    contentType: contentTypeFor(how),
    object: (object) => encodeValue(table([object], { listMeta: { resourceVersion: String(object.revision) } }), how),
    list: (objects, listMeta) => encodeValue(table(objects, { listMeta }), how),
    events: events(true),
    firstEvents: events(false),
  };
}

export function viewOf(context: RegistryContext, kind: Kind, how: Negotiated, query: URLSearchParams): View {
  if (how.as === 'partial') return partialView(how);
  if (how.as === 'table') return tableView(context, kind, how, (query.get('includeObject') ?? 'Metadata') as TableOptions['includeObject']);
  return plainView(kind, how);
}

