/** One object of the watch cache: the bytes that are served, and what has been read out of them so far. */
import { parseExactly } from '../../api/exact-json.ts';
import { decodeCbor, isCbor } from '../../api/cbor/decode.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { withResourceVersion } from '../../api/protobuf/envelope.ts';
import type { Revision } from '../../store/backend.ts';
import { bytesOfLine, isOfForm, withoutRevisionInJson } from '../go-json.ts';
import type { DecodedPool, Kept, Pooled } from './pool.ts';
import { decodeStored, encodeOrdered, textOf, withRevision, type StorageEncoding, type StoredForm } from './stored.ts';

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

export class CachedObject implements Pooled {
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
