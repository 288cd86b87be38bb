/**
 * What every component sees of the API: a typed client over a transport, informers that keep a local copy, and the loop that reconciles keys.
 * Nothing here knows whether the API server is in this process, on this machine or upstream's.
 */
import type { Resource } from '../api/meta/resource.ts';
import type { KubeObject, ListMeta } from '../api/meta/v1/types.ts';

export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';
  /** As `/api/v1/namespaces/default/pods`, without a query. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  /** Lower-case names. */
  headers?: Record<string, string>;
  body?: Uint8Array | string;
  signal?: AbortSignal;
  /** The caller never writes to what it is given: within the process the answer may have `shared` or `events` in place of a body. */
  takesShared?: boolean;
  /** `body` is what JSON.stringify made of a value: a server in this process need not look for fields that come twice. */
  isOwnJson?: boolean;
}

export interface ApiResponse {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** Whole pieces or fragments, as they come. A watch's body goes on until the server ends it; leaving the loop ends the request. */
  body: AsyncIterable<Uint8Array>;
  /** In place of a body, for requests with `takesShared`: what the body would say, as the server's own objects, frozen and shared. */
  shared?: object;
  /** In place of a body, for requests with `takesShared`: events whose objects are the server's own, frozen and shared by all who listen. */
  events?: AsyncIterable<{ type: string; object: object }[]>;
}

/** Carries a request to an API server: over HTTP, or straight into a server's handler in this process. */
export interface Transport {
  send(request: ApiRequest): Promise<ApiResponse>;
}

export interface ListOptions {
  labelSelector?: string;
  fieldSelector?: string;
  limit?: number;
  continue?: string;
  resourceVersion?: string;
  resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  signal?: AbortSignal;
}

export interface WatchOptions extends ListOptions {
  timeoutSeconds?: number;
  allowWatchBookmarks?: boolean;
  sendInitialEvents?: boolean;
}

export interface List<T> {
  apiVersion?: string;
  kind?: string;
  metadata: ListMeta;
  items: T[];
}

export type WatchEvent<T> = { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: T };

export interface WriteOptions {
  dryRun?: boolean;
  fieldManager?: string;
  fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
  signal?: AbortSignal;
}

export interface DeleteOptions extends WriteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  preconditions?: { uid?: string; resourceVersion?: string };
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

export interface PatchOptions extends WriteOptions {
  /** Default `strategic`. */
  type?: PatchType;
  subresource?: string;
  force?: boolean;
}

/** Verbs on one resource, in one namespace or in all. Every method throws StatusError for an answer of 400 and above. */
export interface ResourceClient<T extends KubeObject> {
  readonly resource: Resource<T>;
  inNamespace(namespace: string): ResourceClient<T>;
  get(name: string, options?: { resourceVersion?: string; signal?: AbortSignal }): Promise<T>;
  list(options?: ListOptions): Promise<List<T>>;
  /** Throws StatusError when the server sends an ERROR event (410 Expired). Ends when the server or the signal ends it. */
  watch(options?: WatchOptions): AsyncIterable<WatchEvent<T>>;
  /** The namespace is the client's, or the object's own. */
  create(object: T, options?: WriteOptions): Promise<T>;
  update(object: T, options?: WriteOptions): Promise<T>;
  updateStatus(object: T, options?: WriteOptions): Promise<T>;
  patch(name: string, patch: unknown, options?: PatchOptions): Promise<T>;
  delete(name: string, options?: DeleteOptions): Promise<void>;
  deleteCollection(options?: ListOptions & DeleteOptions): Promise<void>;
  /** POST (create) to a subresource: binding, eviction, token. Returns the decoded answer. */
  createSubresource<B, R = B>(name: string, subresource: string, body: B): Promise<R>;
  getSubresource<R>(name: string, subresource: string, query?: Record<string, string>): Promise<R>;
  updateSubresource<B, R = B>(name: string, subresource: string, body: B): Promise<R>;
}

export interface Client {
  readonly transport: Transport;
  of<T extends KubeObject>(resource: Resource<T>): ResourceClient<T>;
  /** A request of any shape; throws StatusError for 400 and above, decodes JSON. */
  request<R>(request: ApiRequest): Promise<R>;
}

/** A change as an informer tells it. `old` and `object` are frozen shared copies: never write to them. */
export type InformerEvent<T> =
  | { type: 'added'; object: T }
  | { type: 'updated'; object: T; old: T }
  | { type: 'deleted'; object: T };

export interface Lister<T> {
  get(namespace: string | undefined, name: string): T | undefined;
  /** `namespace/name`, or `name` for cluster-scoped kinds. */
  byKey(key: string): T | undefined;
  list(namespace?: string): T[];
  /** Objects under a value of an index that was given to `Informer.addIndex`. */
  byIndex(index: string, value: string): T[];
}

export interface Informer<T extends KubeObject> {
  readonly resource: Resource<T>;
  readonly lister: Lister<T>;
  /** Must be called before start. */
  addIndex(name: string, valuesOf: (object: T) => string[]): void;
  onEvent(handler: (event: InformerEvent<T>) => void): void;
  hasSynced(): boolean;
}

/** Shared informers: one watch a resource and selector, however many listen. */
export interface InformerFactory {
  of<T extends KubeObject>(resource: Resource<T>, options?: { namespace?: string; labelSelector?: string; fieldSelector?: string }): Informer<T>;
  /** Starts what was asked for since the last start. */
  start(): void;
  /** Resolves when every started informer holds a complete list. */
  synced(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * How a reconcile ends. Errors thrown count as `retry`. `lookedAt`: how many objects it had to look at, where those may be thousands; the key then rests
 * the longer, and what changes meanwhile is seen to in one go.
 */
export type Outcome = { done: true; lookedAt?: number } | { afterMs: number; lookedAt?: number } | { retry: Error } | { terminal: Error };

export interface WorkQueue {
  /** The same key waits at most once; a key that is being worked on is taken up again afterwards. */
  add(key: string): void;
  addAfter(key: string, delayMs: number): void;
  readonly length: number;
}

/** A running part of kubets. */
export interface Running {
  stop(): Promise<void>;
}

export interface EventRecorder {
  /** Writes (or counts up) an Event about an object; never throws, never waits. */
  event(about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void;
}
