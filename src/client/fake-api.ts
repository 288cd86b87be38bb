/**
 * For unit tests only: an API server of a few lines in memory, with faults on demand. It knows keys, revisions, watches, finalizers and
 * preconditions; it does not validate, default or authorize. What the real server does is tested against the real server.
 */
import { fieldMatcher, parseFieldSelector, parseLabelSelector } from '../api/meta/selectors.ts';
import type { Resource } from '../api/meta/resource.ts';
import { alreadyExists, conflict, gone, notFound, StatusError } from '../api/meta/status.ts';
import { formatTime } from '../api/meta/time.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import type { Clock } from '../host/types.ts';
import type { ApiRequest, ApiResponse, Transport } from './types.ts';

interface Target {
  group: string;
  version: string;
  plural: string;
  namespace: string;
  name: string;
  subresource: string;
}

interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: KubeObject;
  collection: string;
  revision: number;
  /** Before the change: a selector may lose an object. */
  old?: KubeObject;
}

type Loose = Record<string, unknown>;

export interface FakeRequest extends ApiRequest {
  target: Target;
  json?: unknown;
}

export interface FakeApi extends Transport {
  readonly requests: FakeRequest[];
  /** What discovery tells of. */
  served: readonly Resource[];
  /** Answers instead of the fake where it returns something; throws to break the connection. */
  intercept?: (request: FakeRequest) => StatusError | ApiResponse | undefined;
  /** Told of every change, when it has happened. */
  changed?: (change: { type: 'ADDED' | 'MODIFIED' | 'DELETED'; collection: string; object: KubeObject; old?: KubeObject }) => void;
  /** Writes straight into the store, as another client would. */
  put(plural: string, object: KubeObject): KubeObject;
  remove(plural: string, key: string): void;
  objects<T extends KubeObject>(plural: string): T[];
  object<T extends KubeObject>(plural: string, key: string): T | undefined;
  /** Ends all watches, cleanly or with an error in the stream. */
  endWatches(how: 'clean' | 'broken'): void;
  /** Forgets all changes so far: watches from before get 410. */
  compact(): void;
  /** Sends every open watch a bookmark. */
  bookmark(): void;
  readonly revision: number;
  readonly watches: number;
}

function targetOf(path: string): Target {
  const parts = path.split('/').filter((part) => part !== '').map(decodeURIComponent);
  const [group, version] = parts[0] === 'api' ? ['', parts[1]!] : [parts[1]!, parts[2]!];
  const rest = parts.slice(parts[0] === 'api' ? 2 : 3);
  const namespaced = rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2]!);
  const [plural = '', name = '', subresource = ''] = namespaced ? rest.slice(2) : rest;
  return { group, version, plural, namespace: namespaced ? rest[1]! : '', name, subresource };
}

class Stream implements AsyncIterable<Uint8Array> {
  #chunks: Uint8Array[] = [];
  #end: Error | undefined | 'open' = 'open';
  #wake: () => void = () => undefined;
  readonly #closed: () => void;

  constructor(closed: () => void) {
    this.#closed = closed;
  }

  push(value: unknown): void {
    this.#chunks.push(Buffer.from(`${JSON.stringify(value)}\n`));
    this.#wake();
  }

  end(error?: Error): void {
    if (this.#end === 'open') this.#end = error;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    try {
      for (;;) {
        if (this.#chunks.length > 0) {
          const chunks = this.#chunks;
          this.#chunks = [];
          yield Buffer.concat(chunks);
        } else if (this.#end === 'open') await new Promise<void>((resolve) => (this.#wake = resolve));
        else if (this.#end) throw this.#end;
        else return;
      }
    } finally {
      this.#closed();
    }
  }
}

function field(object: unknown, path: string): string {
  let at = object;
  for (const step of path.split('.')) at = (at as Loose | undefined)?.[step];
  return at === undefined || at === null ? '' : String(at as string);
}

/** RFC 7386. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Loose = typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...(target as Loose) } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = merge(result[name], value);
  }
  return result;
}

class Fake implements FakeApi {
  readonly requests: FakeRequest[] = [];
  served: readonly Resource[] = [];
  intercept?: (request: FakeRequest) => StatusError | ApiResponse | undefined;
  changed?: FakeApi['changed'];
  readonly #clock: Clock;
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  #history: Change[] = [];
  #compactedAt = 0;
  #revision = 0;
  readonly #streams = new Set<{ stream: Stream; tell: (change: Change) => void }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get revision(): number {
    return this.#revision;
  }

  get watches(): number {
    return this.#streams.size;
  }

  put(plural: string, object: KubeObject): KubeObject {
    return this.#write(plural, structuredClone(object));
  }

  remove(plural: string, key: string): void {
    const object = this.#objects.get(plural)?.get(key);
    if (object) this.#drop(plural, key, object);
  }

  objects<T extends KubeObject>(plural: string): T[] {
    return [...(this.#objects.get(plural)?.values() ?? [])] as T[];
  }

  object<T extends KubeObject>(plural: string, key: string): T | undefined {
    return this.#objects.get(plural)?.get(key) as T | undefined;
  }

  endWatches(how: 'clean' | 'broken'): void {
    for (const { stream } of this.#streams) stream.end(how === 'broken' ? new Error('connection lost') : undefined);
    this.#streams.clear();
  }

  compact(): void {
    this.#history = [];
    this.#compactedAt = this.#revision;
  }

  bookmark(): void {
    for (const { stream } of this.#streams) stream.push({ type: 'BOOKMARK', object: { kind: 'Bookmark', apiVersion: 'v1', metadata: { resourceVersion: String(this.#revision) } } });
  }

  async send(request: ApiRequest): Promise<ApiResponse> {
    // A request takes a turn, as a real one does: callers must not rely on an answer in the same step.
    await Promise.resolve();
    request.signal?.throwIfAborted();
    const full: FakeRequest = { ...request, target: targetOf(request.path), json: typeof request.body === 'string' ? JSON.parse(request.body) : undefined };
    this.requests.push(full);
    try {
      const early = this.intercept?.(full);
      if (early instanceof StatusError) throw early;
      return early ?? this.#answer(full);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return this.#json(error.code, error.status);
    }
  }

  #answer(request: FakeRequest): ApiResponse {
    const { target } = request;
    if (request.path === '/api' || request.path === '/apis') return this.#json(200, this.#discovery(request.path === '/api'));
    if (request.method === 'GET' && target.name === '') return request.query?.watch ? this.#watch(request) : this.#list(request);
    const key = target.namespace ? `${target.namespace}/${target.name}` : target.name;
    if (request.method === 'POST') return this.#json(201, this.#create(target, request.json as KubeObject));
    const object = this.#objects.get(target.plural)?.get(key);
    if (!object && request.method === 'DELETE' && target.name === '') {
      for (const each of this.objects(target.plural).filter((o) => !target.namespace || o.metadata.namespace === target.namespace)) this.#delete(target, each, request.json as Loose);
      return this.#json(200, { kind: 'Status', status: 'Success' });
    }
    if (!object) throw notFound(target, target.name);
    switch (request.method) {
      case 'GET': return this.#json(200, object);
      case 'DELETE': return this.#json(200, this.#delete(target, object, (request.json ?? {}) as Loose));
      case 'PUT': return this.#json(200, this.#update(target, object, request.json as KubeObject));
      default: return this.#json(200, this.#update(target, object, merge(object, request.json) as KubeObject, request.json as Loose));
    }
  }

  #discovery(core: boolean): unknown {
    const groups = Map.groupBy(this.served.filter((resource) => (resource.group === '') === core), (resource) => resource.group);
    const items = [...groups].map(([group, resources]) => ({
      metadata: { name: group },
      versions: [...Map.groupBy(resources, (resource) => resource.version)].map(([version, list]) => ({
        version,
        resources: list.map(({ plural, singular, kind, namespaced, verbs }) => ({ resource: plural, singularResource: singular, responseKind: { group, version, kind }, scope: namespaced ? 'Namespaced' : 'Cluster', verbs })),
      })),
    }));
    return { kind: 'APIGroupDiscoveryList', items };
  }

  #create(target: Target, sent: KubeObject): unknown {
    const object = structuredClone(sent);
    if (target.subresource !== '') return object;
    if (target.namespace) object.metadata.namespace = target.namespace;
    object.metadata.name ??= `${object.metadata.generateName}${(this.#revision + 1).toString(36).padStart(5, 'x')}`;
    const key = object.metadata.namespace ? `${object.metadata.namespace}/${object.metadata.name}` : object.metadata.name;
    if (this.#objects.get(target.plural)?.has(key)) throw alreadyExists(target, object.metadata.name);
    return this.#write(target.plural, object);
  }

  #update(target: Target, old: KubeObject, sent: KubeObject, patch?: Loose): KubeObject {
    const asked = patch ? (patch.metadata as Loose | undefined)?.resourceVersion : sent.metadata.resourceVersion;
    if (asked !== undefined && asked !== old.metadata.resourceVersion) {
      throw conflict(target, target.name, 'the object has been modified; please apply your changes to the latest version and try again');
    }
    const uid = (patch ? (patch.metadata as Loose | undefined)?.uid : sent.metadata.uid) ?? old.metadata.uid;
    if (uid !== old.metadata.uid) throw conflict(target, target.name, `Precondition failed: UID in precondition: ${String(uid)}, UID in object meta: ${old.metadata.uid}`);
    const next = structuredClone(sent) as KubeObject & Loose;
    const before = old as KubeObject & Loose;
    if (target.subresource === 'status') {
      const statusOnly = { ...structuredClone(before), status: next.status };
      return this.#write(target.plural, statusOnly);
    }
    next.metadata.deletionTimestamp = old.metadata.deletionTimestamp;
    if (!next.metadata.deletionTimestamp) delete next.metadata.deletionTimestamp;
    const finalizers = (next.metadata.finalizers ?? []).length + ((next as { spec?: { finalizers?: string[] } }).spec?.finalizers ?? []).length;
    if (next.metadata.deletionTimestamp && finalizers === 0) {
      this.#drop(target.plural, next.metadata.namespace ? `${next.metadata.namespace}/${next.metadata.name}` : next.metadata.name!, next);
      return next;
    }
    return this.#write(target.plural, next);
  }

  #delete(target: Target, object: KubeObject, options: Loose): unknown {
    const preconditions = (options.preconditions ?? {}) as { uid?: string; resourceVersion?: string };
    for (const [name, want] of Object.entries(preconditions)) {
      const has = object.metadata[name as 'uid' | 'resourceVersion'];
      if (want !== has) throw conflict(target, target.name, `Precondition failed: ${name}: ${want}, in object meta: ${has}`);
    }
    const add = { Foreground: 'foregroundDeletion', Orphan: 'orphan' }[String(options.propagationPolicy)];
    const finalizers = new Set(object.metadata.finalizers ?? []);
    if (add) finalizers.add(add);
    const key = object.metadata.namespace ? `${object.metadata.namespace}/${object.metadata.name}` : object.metadata.name!;
    const held = finalizers.size + ((object as { spec?: { finalizers?: string[] } }).spec?.finalizers ?? []).length;
    if (held === 0) this.#drop(target.plural, key, object);
    else {
      const going = structuredClone(object);
      going.metadata.finalizers = [...finalizers];
      going.metadata.deletionTimestamp ??= formatTime(this.#clock.now());
      this.#write(target.plural, going);
    }
    return { kind: 'Status', status: 'Success' };
  }

  #list({ target, query }: FakeRequest): ApiResponse {
    const matches = this.#matcher(target, query);
    const items = this.objects(target.plural).filter(matches);
    return this.#json(200, { kind: 'List', apiVersion: 'v1', metadata: { resourceVersion: String(this.#revision) }, items });
  }

  #watch({ target, query, signal }: FakeRequest): ApiResponse {
    const from = Number(query?.resourceVersion ?? 0);
    if (from < this.#compactedAt) throw gone(`too old resource version: ${from} (${this.#compactedAt})`);
    const matches = this.#matcher(target, query);
    const tell = (change: Change): void => {
      if (change.collection !== target.plural) return;
      const is = change.type !== 'DELETED' && matches(change.object);
      const was = change.old !== undefined && matches(change.old);
      if (is) stream.push({ type: was ? 'MODIFIED' : 'ADDED', object: change.object });
      else if (was) stream.push({ type: 'DELETED', object: { ...(change.type === 'DELETED' ? change.object : change.old!), metadata: { ...change.object.metadata, resourceVersion: String(change.revision) } } });
    };
    const entry = { stream: new Stream(() => this.#streams.delete(entry)), tell };
    const { stream } = entry;
    for (const change of this.#history) if (change.revision > from) tell(change);
    this.#streams.add(entry);
    signal?.addEventListener('abort', () => stream.end(new DOMException('This operation was aborted', 'AbortError')), { once: true });
    return { status: 200, headers: {}, body: stream };
  }

  #matcher(target: Target, query: ApiRequest['query']): (object: KubeObject) => boolean {
    const labels = parseLabelSelector(String(query?.labelSelector ?? ''));
    const fields = query?.fieldSelector ? parseFieldSelector(String(query.fieldSelector)) : fieldMatcher([]);
    return (object) =>
      (target.namespace === '' || object.metadata.namespace === target.namespace)
      && labels(object.metadata.labels)
      && fields(Object.fromEntries(fields.requirements.map(({ field: path }) => [path, field(object, path)])));
  }

  #write(plural: string, object: KubeObject): KubeObject {
    let collection = this.#objects.get(plural);
    if (!collection) this.#objects.set(plural, (collection = new Map()));
    const key = object.metadata.namespace ? `${object.metadata.namespace}/${object.metadata.name}` : object.metadata.name!;
    const old = collection.get(key);
    this.#revision++;
    object.metadata.resourceVersion = String(this.#revision);
    object.metadata.uid ??= old?.metadata.uid ?? `uid-${this.#revision}`;
    object.metadata.creationTimestamp ??= old?.metadata.creationTimestamp ?? formatTime(this.#clock.now());
    collection.set(key, object);
    this.#publish({ type: old ? 'MODIFIED' : 'ADDED', object, collection: plural, revision: this.#revision, old });
    return object;
  }

  #drop(plural: string, key: string, object: KubeObject): void {
    const old = this.#objects.get(plural)!.get(key)!;
    this.#objects.get(plural)!.delete(key);
    this.#revision++;
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#revision) } };
    this.#publish({ type: 'DELETED', object: last, collection: plural, revision: this.#revision, old });
  }

  #publish(change: Change): void {
    this.#history.push(change);
    this.changed?.(change);
    for (const { tell } of this.#streams) tell(change);
  }

  #json(status: number, value: unknown): ApiResponse {
    const bytes = Buffer.from(JSON.stringify(value));
    return { status, headers: { 'content-type': 'application/json' }, body: (async function* body() { yield bytes; })() };
  }
}

/** See the file's head: for unit tests only. */
export function fakeApi(clock: Clock): FakeApi {
  return new Fake(clock);
}
