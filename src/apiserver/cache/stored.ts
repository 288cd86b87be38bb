/** What the store has of a kind: how its bytes begin, how an object becomes them, and how they are read again. */
import { encodeCbor } from '../../api/cbor/encode.ts';
import { convert } from '../../api/convert.ts';
import { parseWritten } from '../../api/empty-lists.ts';
import { apiVersionOf, type Resource } from '../../api/meta/resource.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { inTypeOrder } from '../../api/order.ts';
import { decodeProtobuf, readEnvelope } from '../../api/protobuf/decode.ts';
import { encodeProtobuf } from '../../api/protobuf/encode.ts';
import { envelopeHead, hasHead, isProtobuf, withResourceVersion } from '../../api/protobuf/envelope.ts';
import { protobufSchema } from '../../api/protobuf/kinds.ts';
import { isBuiltIn } from '../../api/schema.ts';
import { storedVersionOf, type StoredVersion } from '../../api/storage-versions.ts';
import type { Revision } from '../../store/backend.ts';
import { bytesOfLine, escaped, lineOf, sortedJson, withoutLineFeed, withRevisionInJson } from '../go-json.ts';
import { withSharedFields } from './shared-fields.ts';

/** What stored values are written as. Reading tells the two apart by how they begin. */
export type StorageEncoding = 'json' | 'protobuf';

/** How the bytes of a stored kind begin, so that the resourceVersion can be put in, and the kind left out, without decoding. */
export interface StoredForm {
  /** `{"kind":"Pod","apiVersion":"v1","metadata":{` */
  head: Buffer;
  /** Length of `{"kind":"Pod","apiVersion":"v1",`: where an item of a list begins. */
  itemAt: number;
  kind: string;
  apiVersion: string;
  target: { group: string; version: string; kind: string };
  /** What new values are written as. */
  encoding: StorageEncoding;
  /** How new values begin. */
  written: Buffer;
  /** JSON has its members in the order of their names (custom resources). */
  sorted?: boolean;
  /** New values are written as CBOR, whatever `encoding` says of what is served (custom resources, behind a gate). */
  cbor?: boolean;
  /** The same kind in protobuf; undefined where it has none (custom resources). */
  protobuf: { schema: string; head: Buffer } | undefined;
  /** How upstream stores the kind, where that is another version. Written where values are in protobuf, read everywhere. */
  stored: StoredVersion | undefined;
}

type FormOf = Pick<Resource, 'kind' | 'group' | 'version' | 'storageVersion'> & { schema?: string };

/** `encoding` is a wish: kinds without a form in protobuf are written as JSON. */
export function storedFormOf(resource: FormOf, encoding: StorageEncoding = 'json'): StoredForm {
  const apiVersion = apiVersionOf(resource.storageVersion ?? resource);
  const types = `{"kind":${JSON.stringify(resource.kind)},"apiVersion":${JSON.stringify(apiVersion)},`;
  const schema = resource.schema !== undefined && isBuiltIn(resource.schema) ? resource.schema : undefined;
  const stored = schema === undefined ? undefined : storedVersionOf(schema);
  const head = Buffer.from(`${types}"metadata":{`);
  return {
    head, written: schema === undefined || encoding === 'json' ? head : envelopeHead(stored?.apiVersion ?? apiVersion, resource.kind), itemAt: Buffer.byteLength(types), kind: resource.kind, apiVersion,
    target: { ...(resource.storageVersion ?? { group: resource.group, version: resource.version }), kind: resource.kind },
    encoding: schema === undefined ? 'json' : encoding,
    protobuf: schema === undefined ? undefined : { schema, head: envelopeHead(apiVersion, resource.kind) },
    stored,
  };
}

/** How custom resources are stored: JSON in the order of its members' names. */
export function sortedFormOf(resource: FormOf): StoredForm {
  const form = storedFormOf(resource);
  const head = Buffer.from(`{"apiVersion":${JSON.stringify(form.apiVersion)},`);
  return { ...form, head, written: head, itemAt: 0, sorted: true };
}

/** Kind, apiVersion and metadata first, no resourceVersion. */
function ordered(form: StoredForm, object: KubeObject): KubeObject {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object;
  const { resourceVersion: _resourceVersion, ...meta } = metadata;
  return { kind: form.kind, apiVersion: form.apiVersion, metadata: meta, ...rest };
}

/** An object in JSON, in the order in which upstream has its members. */
export function textOf(form: StoredForm, object: KubeObject): string {
  if (form.sorted === true) return sortedJson(object);
  return escaped(JSON.stringify(form.protobuf === undefined ? object : inTypeOrder(form.protobuf.schema, object)));
}

export function encodeOrdered(form: StoredForm, object: KubeObject): Buffer {
  const stored = ordered(form, object);
  if (form.encoding === 'protobuf') return ownCopy(encodeProtobuf(form.protobuf!.schema, stored));
  return lineOf(form.protobuf === undefined ? textOf(form, stored) : withSharedFields(stored, (marked) => textOf(form, marked)));
}

/**
 * Bytes in memory of their own. What the cache keeps must not be a piece of something larger: small buffers are otherwise cut from
 * shared blocks, and one that is kept keeps its whole block, with all that was passing through.
 */
function ownCopy(...parts: readonly Buffer[]): Buffer {
  const bytes = Buffer.allocUnsafeSlow(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) at += part.copy(bytes, at);
  return bytes;
}

/** The bytes to store. */
export function encodeStored(form: StoredForm, object: KubeObject): Buffer {
  if (form.cbor === true) return encodeCbor(ordered(form, object));
  if (form.encoding === 'json' || form.stored === undefined) return encodeOrdered(form, object);
  const { schema, toStored } = form.stored;
  return ownCopy(encodeProtobuf(schema, toStored(ordered(form, object))));
}

/** Decodes a stored value, or one with a resourceVersion, into the version of the form. */
export function decodeStored(form: StoredForm, bytes: Buffer): KubeObject {
  if (!isProtobuf(bytes)) return inVersion(form, parseWritten(form.protobuf?.schema, bytes.toString()) as KubeObject);
  if (form.protobuf === undefined) throw new Error(`a stored ${form.kind} of ${form.apiVersion} is in protobuf, which that kind does not have`);
  const schema = hasHead(bytes, form.protobuf.head) ? form.protobuf.schema : schemaOfStored(form, bytes);
  return inVersion(form, decodeProtobuf<KubeObject>(schema, bytes));
}

function schemaOfStored(form: StoredForm, bytes: Buffer): string {
  const { apiVersion, kind } = readEnvelope(bytes);
  const schema = kind === form.kind && apiVersion === form.stored?.apiVersion ? form.stored.schema : protobufSchema(apiVersion, kind);
  if (schema === undefined) throw new Error(`a stored ${kind} of ${apiVersion} is of a version that is not known`);
  return schema;
}

function inVersion(form: StoredForm, object: KubeObject): KubeObject {
  // What a custom resource's other versions mean, its definition knows.
  if (object.apiVersion === form.apiVersion || form.protobuf === undefined) return object;
  return form.stored !== undefined && object.apiVersion === form.stored.apiVersion ? form.stored.fromStored(object) : convert(object, form.target);
}

/** Puts the resourceVersion into a stored value; none for 0. Bytes that do not begin as expected (written by others, in another version) are decoded and written anew. */
export function withRevision(form: StoredForm, value: Uint8Array, revision: Revision): Buffer {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  // What a dry run would have created.
  if (revision === 0) return isProtobuf(bytes) ? bytes : withoutLineFeed(bytes);
  if (isProtobuf(bytes)) {
    const out = form.protobuf !== undefined && hasHead(bytes, form.protobuf.head) ? withResourceVersion(bytes, String(revision)) : undefined;
    if (out !== undefined) return out;
  } else {
    const out = withRevisionInJson(form, bytes, revision);
    if (out !== undefined) return out;
  }
  const object = decodeStored(form, bytes);
  object.metadata ??= {};
  const whole = ordered(form, object);
  whole.metadata = { ...whole.metadata, resourceVersion: String(revision) };
  return form.encoding === 'protobuf' ? ownCopy(encodeProtobuf(form.protobuf!.schema, whole)) : bytesOfLine(textOf(form, whole));
}
