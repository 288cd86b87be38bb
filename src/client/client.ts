/** The typed client: verbs on resources, over any transport. */
import { withEmptyLists } from '../api/empty-lists.ts';
import { parseExactly } from '../api/exact-json.ts';
import { apiVersionOf, groupResourceOf, pathOf, type Resource } from '../api/meta/resource.ts';
import { StatusError } from '../api/meta/status.ts';
import type { KubeObject, Status } from '../api/meta/v1/types.ts';
import { errorBodyLimitBytes, errorOfAnswer, readBody } from './errors.ts';
import { linesOf } from './frames.ts';
import type {
  ApiRequest, ApiResponse, Client, DeleteOptions, List, ListOptions, PatchOptions, PatchType, ResourceClient, Transport, WatchEvent, WatchOptions, WriteOptions,
} from './types.ts';

export interface ClientOptions {
  /** Sent as `fieldManager` with every write that names none. Absent: the server takes it from the user agent. */
  defaultFieldManager?: string;
  /** `Accept` for reads (get, list, watch). Default JSON. */
  readAccept?: string;
  /** Nobody who uses this client writes to what it answers: a server in this process may then answer with its own objects, frozen and shared. */
  takesShared?: boolean;
}

const json = 'application/json';
/** Asks the server to leave out everything but metadata. */
export const metadataAccept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';
const metadataListAccept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

const patchMediaTypes: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

type Query = NonNullable<ApiRequest['query']>;

function listQuery(options: ListOptions): Query {
  return {
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    limit: options.limit,
    continue: options.continue,
    resourceVersion: options.resourceVersion,
    resourceVersionMatch: options.resourceVersionMatch,
  };
}

async function throwAnswer(request: ApiRequest, response: ApiResponse): Promise<never> {
  const body = await readBody(response.body, errorBodyLimitBytes);
  throw errorOfAnswer(request, response, body.toString('utf8'));
}

/** @param schema of the object, or of the objects of a list, where the answer is one. */
async function sendForJson<R>(transport: Transport, request: ApiRequest, schema?: string): Promise<R> {
  const response = await transport.send(request);
  if (response.status >= 400) return throwAnswer(request, response);
  if (response.shared !== undefined) return response.shared as R;
  const body = await readBody(response.body);
  if (body.length === 0) return undefined as R;
  const text = body.toString('utf8');
  const answer = parseExactly(text);
  if (schema !== undefined) {
    const { items } = answer as Partial<List<object>>;
    for (const object of Array.isArray(items) ? items : [answer as object]) withEmptyLists(schema, object, text);
  }
  return answer as R;
}

type AnyEvent<T> = WatchEvent<T> | { type: 'ERROR'; object: Status };

async function* decodedLines<T>(body: ApiResponse['body'], schema: string): AsyncGenerator<AnyEvent<T>[]> {
  const decoded = (line: string): AnyEvent<T> => {
    const event = parseExactly(line) as AnyEvent<T>;
    withEmptyLists(schema, event.object, line);
    return event;
  };
  for await (const lines of linesOf(body)) yield lines.map(decoded);
}

async function* watchBatches<T>(transport: Transport, request: ApiRequest, schema: string): AsyncGenerator<WatchEvent<T>[]> {
  const response = await transport.send(request);
  if (response.status >= 400) await throwAnswer(request, response);
  const batches = (response.events as AsyncIterable<AnyEvent<T>[]> | undefined) ?? decodedLines<T>(response.body, schema);
  for await (const batch of batches) {
    const events: WatchEvent<T>[] = [];
    let failed: StatusError | undefined;
    for (const event of batch) {
      if (event.type === 'ERROR') {
        failed = new StatusError(event.object);
        break;
      }
      events.push(event);
    }
    if (events.length > 0) yield events;
    if (failed) throw failed;
  }
}

class RestResource<T extends KubeObject> implements ResourceClient<T> {
  readonly resource: Resource<T>;
  readonly #transport: Transport;
  readonly #options: ClientOptions;
  readonly #namespace: string | undefined;

  constructor(transport: Transport, options: ClientOptions, resource: Resource<T>, namespace?: string) {
    this.#transport = transport;
    this.#options = options;
    this.resource = resource;
    this.#namespace = namespace;
  }

  inNamespace(namespace: string): ResourceClient<T> {
    return new RestResource(this.#transport, this.#options, this.resource, namespace);
  }

  get(name: string, options: { resourceVersion?: string; signal?: AbortSignal } = {}): Promise<T> {
    return this.#send({
      method: 'GET', path: this.#pathTo(name), query: { resourceVersion: options.resourceVersion },
      headers: { accept: this.#readAccept(false) }, signal: options.signal,
    });
  }

  list(options: ListOptions = {}): Promise<List<T>> {
    return this.listShared(options, this.#options.takesShared);
  }

  /** As `list`; `takesShared` as in a request. */
  async listShared(options: ListOptions, takesShared: boolean | undefined): Promise<List<T>> {
    const list: List<T> = await this.#send({
      takesShared,
      method: 'GET', path: this.#collection(), query: listQuery(options), headers: { accept: this.#readAccept(true) }, signal: options.signal,
    });
    list.items ??= [];
    // Lists leave out what all items share; events and owner references need it.
    const apiVersion = apiVersionOf(this.resource);
    for (const item of list.items) {
      if (item.kind !== undefined) continue;
      item.apiVersion = apiVersion;
      item.kind = this.resource.kind;
    }
    return list;
  }

  async *watch(options: WatchOptions = {}): AsyncIterable<WatchEvent<T>> {
    for await (const batch of this.watchBatches(options)) yield* batch;
  }

  /** As `watch`, but hands on all events that came in one piece together: the informers' way, with fewer turns of the loop. */
  watchBatches(options: WatchOptions = {}, takesShared = this.#options.takesShared): AsyncGenerator<WatchEvent<T>[]> {
    return watchBatches<T>(this.#transport, {
      method: 'GET', path: this.#collection(), headers: { accept: this.#readAccept(false) }, signal: options.signal, takesShared,
      query: {
        ...listQuery(options), watch: true, timeoutSeconds: options.timeoutSeconds,
        allowWatchBookmarks: options.allowWatchBookmarks, sendInitialEvents: options.sendInitialEvents,
      },
    }, this.resource.schema);
  }

  create(object: T, options: WriteOptions = {}): Promise<T> {
    const namespace = this.#namespace ?? object.metadata.namespace;
    if (this.resource.namespaced && !namespace) throw this.#noNamespace('create');
    return this.#send({
      method: 'POST', path: pathOf(this.resource, { namespace }), query: this.#writeQuery(options), headers: { 'content-type': json, accept: json },
      body: JSON.stringify(this.#typed(object)), signal: options.signal,
    });
  }

  update(object: T, options: WriteOptions = {}): Promise<T> {
    return this.#put(object, undefined, options);
  }

  updateStatus(object: T, options: WriteOptions = {}): Promise<T> {
    return this.#put(object, 'status', options);
  }

  patch(name: string, patch: unknown, options: PatchOptions = {}): Promise<T> {
    const type = options.type ?? 'strategic';
    return this.#send({
      method: 'PATCH', path: this.#pathTo(name, options.subresource), query: { ...this.#writeQuery(options), force: options.force },
      headers: { 'content-type': patchMediaTypes[type], accept: json }, body: JSON.stringify(patch), signal: options.signal,
    });
  }

  async delete(name: string, options: DeleteOptions = {}): Promise<void> {
    await this.#send({
      method: 'DELETE', path: this.#pathTo(name), headers: { 'content-type': json, accept: json }, body: deleteBody(options), signal: options.signal,
    });
  }

  async deleteCollection(options: ListOptions & DeleteOptions = {}): Promise<void> {
    if (this.resource.namespaced && this.#namespace === undefined) throw this.#noNamespace('deleteCollection');
    await this.#send({
      method: 'DELETE', path: this.#collection(), query: listQuery(options), headers: { 'content-type': json, accept: json },
      body: deleteBody(options), signal: options.signal,
    });
  }

  createSubresource<B, R = B>(name: string, subresource: string, body: B): Promise<R> {
    return this.#send({
      method: 'POST', path: this.#pathTo(name, subresource), query: this.#writeQuery({}), headers: { 'content-type': json, accept: json }, body: JSON.stringify(body),
    });
  }

  getSubresource<R>(name: string, subresource: string, query?: Record<string, string>): Promise<R> {
    return this.#send({ method: 'GET', path: this.#pathTo(name, subresource), query, headers: { accept: json } });
  }

  updateSubresource<B, R = B>(name: string, subresource: string, body: B): Promise<R> {
    return this.#send({
      method: 'PUT', path: this.#pathTo(name, subresource), query: this.#writeQuery({}), headers: { 'content-type': json, accept: json }, body: JSON.stringify(body),
    });
  }

  #put(object: T, subresource: string | undefined, options: WriteOptions): Promise<T> {
    const name = object.metadata.name;
    if (!name) throw new Error(`${groupResourceOf(this.resource)}: an update needs metadata.name`);
    const namespace = this.#namespace ?? object.metadata.namespace;
    return this.#send({
      method: 'PUT', path: this.#pathTo(name, subresource, namespace), query: this.#writeQuery(options), headers: { 'content-type': json, accept: json },
      body: JSON.stringify(this.#typed(object)), signal: options.signal,
    });
  }

  #send<R>(request: ApiRequest): Promise<R> {
    request.takesShared ??= this.#options.takesShared;
    if (request.body !== undefined) request.isOwnJson = true;
    return sendForJson<R>(this.#transport, request, this.resource.schema);
  }

  #typed(object: T): T {
    return object.kind !== undefined && object.apiVersion !== undefined ? object : { ...object, apiVersion: apiVersionOf(this.resource), kind: this.resource.kind };
  }

  #readAccept(list: boolean): string {
    const accept = this.#options.readAccept ?? json;
    return list && accept === metadataAccept ? metadataListAccept : accept;
  }

  #writeQuery(options: WriteOptions): Query {
    return {
      fieldManager: options.fieldManager ?? this.#options.defaultFieldManager,
      dryRun: options.dryRun ? 'All' : undefined,
      fieldValidation: options.fieldValidation,
    };
  }

  #collection(): string {
    return pathOf(this.resource, { namespace: this.#namespace });
  }

  #pathTo(name: string, subresource?: string, namespace = this.#namespace): string {
    if (name === '') throw new Error(`${groupResourceOf(this.resource)}: the name of an object must not be empty`);
    if (this.resource.namespaced && !namespace) throw this.#noNamespace(name);
    return pathOf(this.resource, { namespace, name, subresource });
  }

  #noNamespace(what: string): Error {
    return new Error(`${groupResourceOf(this.resource)} "${what}" needs a namespace: use inNamespace(…)`);
  }
}

function deleteBody(options: DeleteOptions): string {
  return JSON.stringify({
    kind: 'DeleteOptions', apiVersion: 'v1',
    gracePeriodSeconds: options.gracePeriodSeconds,
    propagationPolicy: options.propagationPolicy,
    preconditions: options.preconditions,
    ...(options.dryRun ? { dryRun: ['All'] } : {}),
  });
}

/** A client over a transport. Cheap: nothing is opened before the first request. */
export function createClient(transport: Transport, options: ClientOptions = {}): Client {
  return {
    transport,
    of: <T extends KubeObject>(resource: Resource<T>): ResourceClient<T> => new RestResource<T>(transport, options, resource),
    request: <R>(request: ApiRequest) => sendForJson<R>(transport, request),
  };
}

/** The same server seen through metadata alone: get, list and watch answer PartialObjectMetadata, whatever the resource. */
export function metadataClient(client: Client): Client {
  return createClient(client.transport, { readAccept: metadataAccept });
}

/** A list, for a caller that never writes to the objects. */
export function listOf<T extends KubeObject>(resource: ResourceClient<T>, options: ListOptions): Promise<List<T>> {
  return resource instanceof RestResource ? (resource as RestResource<T>).listShared(options, true) : resource.list(options);
}

/** A watch as batches, for a caller that never writes to the objects: native where the resource client has it, one event a batch for any other implementation. */
export function batchesOf<T extends KubeObject>(resource: ResourceClient<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>[]> {
  if (resource instanceof RestResource) return (resource as RestResource<T>).watchBatches(options, true);
  return singleBatches(resource.watch(options));
}

async function* singleBatches<T>(events: AsyncIterable<WatchEvent<T>>): AsyncGenerator<WatchEvent<T>[]> {
  for await (const event of events) yield [event];
}
