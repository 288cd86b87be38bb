/** One object of the watch cache: the bytes that are served, and what has been read out of them so far. */
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { apiVersionOf, type Resource } from '../../api/meta/resource.ts';
import type { Revision } from '../../store/backend.ts';

/** How the bytes of a stored kind begin, so that the resourceVersion can be put in, and the kind left out, without decoding. */
export interface StoredForm {
  /** `{"kind":"Pod","apiVersion":"v1","metadata":{` */
  head: Buffer;
  /** Length of `{"kind":"Pod","apiVersion":"v1",`: where an item of a list begins. */
  itemAt: number;
  kind: string;
  apiVersion: string;
}

export function storedFormOf(resource: Pick<Resource, 'kind' | 'group' | 'version' | 'storageVersion'>): StoredForm {
  const apiVersion = apiVersionOf(resource.storageVersion ?? resource);
  const types = `{"kind":${JSON.stringify(resource.kind)},"apiVersion":${JSON.stringify(apiVersion)},`;
  return { head: Buffer.from(`${types}"metadata":{`), itemAt: Buffer.byteLength(types), kind: resource.kind, apiVersion };
}

/** The bytes to store: kind, apiVersion and metadata first, no resourceVersion. */
export function encodeStored(form: StoredForm, object: KubeObject): Buffer {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object;
  const { resourceVersion: _resourceVersion, ...meta } = metadata;
  return Buffer.from(JSON.stringify({ kind: form.kind, apiVersion: form.apiVersion, metadata: meta, ...rest }));
}

/** Puts `"resourceVersion":"N"` first into the metadata. Bytes that do not begin as expected (written by others) are decoded and written anew. */
function withRevision(form: StoredForm, value: Uint8Array, revision: Revision): Buffer {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (bytes.length < form.head.length || form.head.compare(bytes, 0, form.head.length) !== 0) {
    return withRevision(form, encodeStored(form, JSON.parse(bytes.toString()) as KubeObject), revision);
  }
  const comma = bytes[form.head.length] === 0x7d ? '' : ',';
  const insert = `"resourceVersion":"${revision}"${comma}`;
  const out = Buffer.allocUnsafe(bytes.length + insert.length);
  bytes.copy(out, 0, 0, form.head.length);
  out.write(insert, form.head.length, 'latin1');
  bytes.copy(out, form.head.length + insert.length, form.head.length);
  return out;
}

/** Freezes an object and all that it holds. */
export function freezeDeep<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const key in value) freezeDeep(value[key]);
  }
  return value;
}

/** Decoded objects that are kept beside their bytes at most, over all resources; the longest kept go first. */
export const DECODED_OBJECTS_LIMIT = 4_096;

/** Remembers which cached objects hold a decoded form, and has the oldest forget theirs. */
export class DecodedPool {
  readonly #slots: (CachedObject | undefined)[];
  #next = 0;

  constructor(limit: number = DECODED_OBJECTS_LIMIT) {
    this.#slots = Array.from({ length: limit }, () => undefined);
  }

  keep(object: CachedObject): void {
    this.#slots[this.#next]?.forget();
    this.#slots[this.#next] = object;
    this.#next = (this.#next + 1) % this.#slots.length;
  }
}

/** What selectors look at. */
export interface Facts {
  labels: Readonly<Record<string, string>> | undefined;
  fields: Readonly<Record<string, string>>;
}

/** Reads the selectable fields out of an object in its stored version. */
export type FieldsOf = (object: KubeObject) => Record<string, string>;

export class CachedObject {
  readonly key: string;
  /** '' for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  readonly revision: Revision;
  /** JSON in the stored version, with resourceVersion; what clients get. */
  readonly bytes: Buffer;
  readonly form: StoredForm;
  readonly #pool: DecodedPool;
  readonly #fieldsOf: FieldsOf;
  #object: KubeObject | undefined;
  #facts: Facts | undefined;
  #others: Map<string, Buffer> | undefined;

  constructor(source: CachedSource, key: string, value: Uint8Array, revision: Revision, object?: KubeObject) {
    this.key = key;
    const path = key.slice(source.prefix.length);
    const slash = path.indexOf('/');
    this.namespace = slash < 0 ? '' : path.slice(0, slash);
    this.name = path.slice(slash + 1);
    this.revision = revision;
    this.form = source.form;
    this.bytes = withRevision(source.form, value, revision);
    this.#pool = source.pool;
    this.#fieldsOf = source.fieldsOf;
    if (object !== undefined) this.#remember(object);
  }

  /** The decoded object, frozen and shared: clone before changing. */
  get object(): KubeObject {
    if (this.#object === undefined) this.#remember(freezeDeep(JSON.parse(this.bytes.toString()) as KubeObject));
    return this.#object!;
  }

  /** Labels and selectable fields; kept though the decoded object may be dropped. */
  get facts(): Facts {
    if (this.#facts === undefined) {
      const object = this.#object ?? (JSON.parse(this.bytes.toString()) as KubeObject);
      const own: Record<string, string> = { 'metadata.name': this.name };
      if (this.namespace !== '') own['metadata.namespace'] = this.namespace;
      this.#facts = { labels: object.metadata.labels, fields: Object.assign(own, this.#fieldsOf(object)) };
    }
    return this.#facts;
  }

  /** The bytes as they are stored: without the resourceVersion. */
  get stored(): Buffer {
    const { head } = this.form;
    let at = head.length + `"resourceVersion":"${this.revision}"`.length;
    if (this.bytes[at] === 0x2c) at += 1;
    return Buffer.concat([this.bytes.subarray(0, head.length), this.bytes.subarray(at)]);
  }

  /** The bytes in another served version, made once. */
  in(apiVersion: string, make: (object: KubeObject) => Buffer): Buffer {
    if (apiVersion === this.form.apiVersion) return this.bytes;
    let bytes = this.#others?.get(apiVersion);
    if (bytes === undefined) {
      bytes = make(this.object);
      (this.#others ??= new Map()).set(apiVersion, bytes);
    }
    return bytes;
  }

  forget(): void {
    this.#object = undefined;
    this.#others = undefined;
  }

  #remember(object: KubeObject): void {
    this.#object = object;
    this.#pool.keep(this);
  }
}

/** What all objects of one cache have in common. */
export interface CachedSource {
  /** `/registry/pods/` */
  prefix: string;
  form: StoredForm;
  pool: DecodedPool;
  fieldsOf: FieldsOf;
}
