/** One object of the watch cache: the bytes that are served, and what has been read out of them so far. */
import { parseExactly } from '../../api/exact-json.ts';
import { decodeCbor, isCbor } from '../../api/cbor/decode.ts';
import { encodeCbor } from '../../api/cbor/encode.ts';
import { convert } from '../../api/convert.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { apiVersionOf, type Resource } from '../../api/meta/resource.ts';
import { decodeProtobuf, readEnvelope } from '../../api/protobuf/decode.ts';
import { encodeProtobuf } from '../../api/protobuf/encode.ts';
import { envelopeHead, hasHead, isProtobuf, withResourceVersion } from '../../api/protobuf/envelope.ts';
import { protobufSchema } from '../../api/protobuf/kinds.ts';
import { parseWritten } from '../../api/empty-lists.ts';
import { inTypeOrder } from '../../api/order.ts';
import { isBuiltIn } from '../../api/schema.ts';
import { bytesOfLine, escaped, isOfForm, lineOf, sortedJson, withoutLineFeed, withoutRevisionInJson, withRevisionInJson } from '../go-json.ts';
import { storedVersionOf, type StoredVersion } from '../../api/storage-versions.ts';
import type { Revision } from '../../store/backend.ts';
import { FramePool } from './frames.ts';
import { WatchSending } from './sending.ts';
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
function textOf(form: StoredForm, object: KubeObject): string {
  if (form.sorted === true) return sortedJson(object);
  return escaped(JSON.stringify(form.protobuf === undefined ? object : inTypeOrder(form.protobuf.schema, object)));
}

function encodeOrdered(form: StoredForm, object: KubeObject): Buffer {
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
function decodeStored(form: StoredForm, bytes: Buffer): KubeObject {
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
function withRevision(form: StoredForm, value: Uint8Array, revision: Revision): Buffer {
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

/** Freezes an object and all that it holds. */
export function freezeDeep<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const key in value) freezeDeep(value[key]);
  }
  return value;
}

/** What a write has worked out, as it is from its commit on: with its revision, and frozen. */
export function settled(object: KubeObject, revision: Revision): KubeObject {
  if (!Object.isFrozen(object)) object.metadata.resourceVersion = String(revision);
  return freezeDeep(object);
}

/** Decoded objects that are kept beside their bytes at most, over all resources; the longest kept go first. */
export const DECODED_OBJECTS_LIMIT = 4_096;
/** Stored bytes of those objects; decoded they take some three times as much. */
export const DECODED_BYTES_LIMIT = 4 * 2 ** 20;
/** Bytes of objects in other encodings and versions than the one they are cached in, over all resources; the longest kept go first. */
export const ENCODED_BYTES_LIMIT = 96 * 2 ** 20;

/** What one cached object has in the pool of encodings. */
interface Kept {
  object: CachedObject | undefined;
  bytes: number;
}

/** Remembers which cached objects hold a decoded form or further encodings, and has the oldest forget theirs. */
export class DecodedPool {
  readonly #decodedLimit: number;
  readonly #encodedLimit: number;
  #decoded: (CachedObject | undefined)[] = [];
  #firstDecoded = 0;
  #decodedBytes = 0;
  #encoded: Kept[] = [];
  #first = 0;
  #encodedBytes = 0;
  /** What events have been framed as. */
  readonly frames = new FramePool();
  /** What watches have on its way. */
  readonly sending: WatchSending;

  constructor(limit: number = DECODED_OBJECTS_LIMIT, encodedLimit: number = ENCODED_BYTES_LIMIT, sending: WatchSending = new WatchSending()) {
    this.sending = sending;
    this.#decodedLimit = limit;
    this.#encodedLimit = encodedLimit;
  }

  /** Bytes of further encodings that are kept now. */
  get encodedBytes(): number {
    return this.#encodedBytes;
  }

  /** What is held beside the objects themselves, by part. */
  memory(): { part: string; bytes: number; limit: number }[] {
    return [
      { part: 'decoded', bytes: this.#decodedBytes, limit: DECODED_BYTES_LIMIT },
      { part: 'encodings', bytes: this.#encodedBytes, limit: this.#encodedLimit },
      { part: 'watch_frames', bytes: this.frames.bytes, limit: this.frames.limit },
      { part: 'watch_sending', bytes: this.sending.bytes, limit: this.sending.limit },
    ];
  }

  /** Notes that an object holds its decoded form. */
  keep(object: CachedObject): void {
    this.#decoded.push(object);
    this.#decodedBytes += object.size;
    while (this.#decoded.length - this.#firstDecoded > this.#decodedLimit || (this.#decodedBytes > DECODED_BYTES_LIMIT && this.#decoded.length - this.#firstDecoded > 1)) {
      const oldest = this.#decoded[this.#firstDecoded];
      this.#decoded[this.#firstDecoded++] = undefined;
      this.#decodedBytes -= oldest?.size ?? 0;
      oldest?.forget();
    }
    if (this.#firstDecoded > 1_000 && this.#firstDecoded > this.#decoded.length / 2) {
      this.#decoded = this.#decoded.slice(this.#firstDecoded);
      this.#firstDecoded = 0;
    }
  }

  /** Notes that an object holds that much in a further encoding. */
  keepEncoded(object: CachedObject, bytes: number): Kept {
    const kept: Kept = { object, bytes };
    this.#encoded.push(kept);
    this.#encodedBytes += bytes;
    while (this.#encodedBytes > this.#encodedLimit && this.#encoded.length - this.#first > 1) {
      const oldest = this.#encoded[this.#first++]!;
      oldest.object?.forgetEncoded();
    }
    if (this.#first > 1_000 && this.#first > this.#encoded.length / 2) {
      this.#encoded = this.#encoded.slice(this.#first);
      this.#first = 0;
    }
    return kept;
  }

  /** Lets go of all objects of a cache that is no more, and so of the rules that they were read by. */
  leave(source: CachedSource): void {
    for (let i = this.#firstDecoded; i < this.#decoded.length; i++) {
      const object = this.#decoded[i];
      if (object?.isOf(source) !== true) continue;
      this.#decoded[i] = undefined;
      this.#decodedBytes -= object.size;
      object.forget();
    }
    for (let i = this.#first; i < this.#encoded.length; i++) {
      const { object } = this.#encoded[i]!;
      if (object?.isOf(source) === true) object.forgetEncoded();
    }
    this.frames.leave(source);
  }

  /** What the object held is gone. */
  release(kept: Kept): void {
    kept.object = undefined;
    this.#encodedBytes -= kept.bytes;
    kept.bytes = 0;
  }
}

/** What selectors look at. */
export interface Facts {
  labels: Readonly<Record<string, string>> | undefined;
  fields: Readonly<Record<string, string>>;
}

/** Reads the selectable fields out of an object in its stored version. */
export type FieldsOf = (object: KubeObject) => Record<string, string>;

/** How values are read that may have been stored in several versions, or before their schema became what it is (custom resources). */
export interface StoredReader {
  /** How bytes of a version begin. */
  formOf(apiVersion: string): StoredForm;
  /** The stored object as it is to be seen; the same value when nothing is to be changed. The argument is the reader's own. */
  read(object: KubeObject): KubeObject;
  /** Whether these very bytes were written by the rules that the reader knows: then there is nothing to change. */
  wrote(value: Uint8Array): boolean;
}

/** The bytes by themselves, where they are a piece of something much larger that they would keep in memory. */
const apart = (value: Uint8Array): Uint8Array => (value.buffer.byteLength > 2 * value.byteLength ? new Uint8Array(value) : value);

const beginsAs = (head: Buffer, value: Uint8Array): boolean => value.length >= head.length && head.compare(value, 0, head.length) === 0;
/** Objects whose stored bytes are not what a write would store now: few, and fewer with every write. */
const stale = new WeakSet<CachedObject>();

export class CachedObject {
  readonly key: string;
  /** '' for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  readonly revision: Revision;
  /** Length of the stored bytes. */
  readonly size: number;
  readonly #source: CachedSource;
  /** As stored: until the primary bytes are made, and for good where those differ by more than the resourceVersion. */
  #value: Uint8Array | undefined;
  #form: StoredForm;
  #primary: Buffer | undefined;
  #unreadable: Error | undefined;
  #object: KubeObject | undefined;
  #facts: Facts | undefined;
  #others: Map<string, Buffer> | undefined;
  #kept: Kept[] = NONE;
  /** JSON of other versions, made elsewhere at some cost, and so not forgotten. */
  #converted: Map<string, Buffer> | undefined;

  /** `object`: the decoded form, where this process has written it. `pooled`: it is forgotten when others are needed more; false for an object that does not stay. */
  constructor(source: CachedSource, key: string, value: Uint8Array, revision: Revision, object?: KubeObject, pooled = true) {
    this.key = key;
    const path = key.slice(source.prefix.length);
    const slash = path.indexOf('/');
    this.namespace = slash < 0 ? '' : path.slice(0, slash);
    this.name = path.slice(slash + 1);
    this.revision = revision;
    this.size = value.length;
    this.#source = source;
    this.#form = source.form;
    this.#value = value;
    // What this process has written itself is at hand decoded: its bytes are made when somebody wants them. Others' may be a piece of something large.
    if (object !== undefined && pooled) this.#remember(object);
    else if (object !== undefined) this.#object = object;
    else if (source.lazy === true) this.#value = apart(value);
    else if (source.reader === undefined) this.#begin(value);
  }

  /** One value that cannot be read must not keep all the others from being served: whoever asks for it is told. */
  #begin(value: Uint8Array): void {
    if (!beginsAs(this.#source.form.written, value)) stale.add(this);
    try {
      this.#primary = withRevision(this.#source.form, value, this.revision);
    } catch (error) {
      this.#unreadable = new Error(`the stored value of "${this.key}" cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#value = undefined;
  }

  /** The stored version with its resourceVersion, in the encoding of the stored value: JSON or an envelope in protobuf. Throws Error for a value that cannot be read. */
  get primary(): Buffer {
    if (this.#primary !== undefined) return this.#primary;
    const { reader } = this.#source;
    if (reader !== undefined) return this.#read(reader);
    if (this.#value !== undefined) this.#begin(this.#value);
    if (this.#unreadable !== undefined) throw this.#unreadable;
    return this.#primary!;
  }

  /** The form of the primary bytes. */
  get form(): StoredForm {
    if (this.#primary === undefined && this.#source.reader !== undefined) this.#read(this.#source.reader);
    return this.#form;
  }

  /** What the primary bytes are. */
  get encoding(): StorageEncoding {
    return this.primary[0] === 0x7b ? 'json' : 'protobuf';
  }

  /** JSON in the stored version, with resourceVersion. */
  get bytes(): Buffer {
    return this.encoding === 'json' ? this.primary : this.encoded(`json ${this.form.apiVersion}`, (object) => bytesOfLine(textOf(this.form, object)));
  }

  /** True when the stored bytes are not what a write of the same object would store now. */
  get isStale(): boolean {
    void this.primary;
    return stale.has(this) || (this.#source.reader !== undefined && this.form !== this.#source.form);
  }

  #read(reader: StoredReader): Buffer {
    const value = this.#value!;
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    let primary: Buffer | undefined;
    if (reader.wrote(value) && isOfForm(this.#source.form, bytes)) primary = withRevision(this.#source.form, value, this.revision);
    else {
      const inCbor = isCbor(bytes);
      const stored = (inCbor ? decodeCbor(bytes).value : parseExactly(bytes.toString())) as KubeObject;
      this.#form = reader.formOf(stored.apiVersion ?? '');
      const object = reader.wrote(value) ? stored : reader.read(stored);
      if (object !== stored || inCbor !== (this.#form.cbor === true) || !(inCbor || isOfForm(this.#form, bytes))) stale.add(this);
      if (inCbor || object !== stored || !isOfForm(this.#form, bytes)) return (this.#primary = withRevision(this.#form, encodeOrdered(this.#form, object), this.revision));
      primary = withRevision(this.#form, value, this.revision);
    }
    this.#value = undefined;
    return (this.#primary = primary);
  }

  /** The decoded object, frozen and shared: clone before changing. */
  get object(): KubeObject {
    if (this.#object === undefined) this.#remember(freezeDeep(decodeStored(this.form, this.primary)));
    return this.#object!;
  }

  isOf(source: CachedSource): boolean {
    return this.#source === source;
  }

  /** Whether looking at the object costs nothing. */
  get isDecoded(): boolean {
    return this.#object !== undefined;
  }

  /** Labels and selectable fields; kept though the decoded object may be dropped. */
  get facts(): Facts {
    if (this.#facts === undefined) {
      const object = this.glance();
      const own: Record<string, string> = { 'metadata.name': this.name };
      if (this.namespace !== '') own['metadata.namespace'] = this.namespace;
      this.#facts = { labels: object.metadata.labels, fields: Object.assign(own, this.#source.fieldsOf(object)) };
    }
    return this.#facts;
  }

  /** The bytes as they are stored: without the resourceVersion. */
  get stored(): Buffer {
    if (this.#value !== undefined) return Buffer.from(this.#value.buffer, this.#value.byteOffset, this.#value.byteLength);
    if (this.encoding === 'protobuf') return withResourceVersion(this.primary, '')!;
    return withoutRevisionInJson(this.form, this.primary);
  }

  /** Whether the bytes of another version have been made already. */
  has(apiVersion: string): boolean {
    return apiVersion === this.form.apiVersion || this.#converted?.has(apiVersion) === true;
  }

  /** Takes the bytes of another version, made elsewhere (a conversion webhook). */
  put(apiVersion: string, bytes: Buffer): void {
    (this.#converted ??= new Map()).set(apiVersion, bytes);
  }

  /** JSON in another served version, made once. */
  in(apiVersion: string, make: (object: KubeObject) => Buffer): Buffer {
    if (apiVersion === this.form.apiVersion) return this.bytes;
    return this.#converted?.get(apiVersion) ?? this.encoded(`json ${apiVersion}`, make);
  }

  /** Whether a further encoding is at hand. */
  holds(key: string): boolean {
    return this.#others?.has(key) === true;
  }

  /** A further encoding, made once while there is room for it. Equal keys must mean equal bytes. `make` must not keep or change the object. */
  encoded(key: string, make: (object: KubeObject) => Buffer): Buffer {
    let bytes = this.#others?.get(key);
    if (bytes === undefined) {
      bytes = make(this.glance());
      (this.#others ??= new Map()).set(key, bytes);
      const kept = this.#source.pool.keepEncoded(this, bytes.length);
      this.#kept = this.#kept === NONE ? [kept] : [...this.#kept, kept];
    }
    return bytes;
  }

  /** Lets go of the decoded object. */
  forget(): void {
    this.#object = undefined;
  }

  /** Lets go of further encodings. */
  forgetEncoded(): void {
    this.#others = undefined;
    for (const kept of this.#kept) this.#source.pool.release(kept);
    this.#kept = NONE;
  }

  /** The object for one look: decoding for a single use must not push out what others need again. */
  glance(): KubeObject {
    return this.#object ?? decodeStored(this.form, this.primary);
  }

  #remember(object: KubeObject): void {
    this.#object = object;
    this.#source.pool.keep(this);
  }
}

const NONE: Kept[] = [];

/** What all objects of one cache have in common. */
export interface CachedSource {
  /** `/registry/pods/` */
  prefix: string;
  form: StoredForm;
  pool: DecodedPool;
  fieldsOf: FieldsOf;
  reader?: StoredReader;
  /** Objects are many and long, and few are ever asked for: nothing is made of the stored bytes before somebody does. */
  lazy?: boolean;
  /** Told of every change before any watcher hears of it. */
  onEvent?: (event: { deleted: boolean; object: CachedObject }) => void;
}
