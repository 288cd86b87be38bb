/** get, list and watch. */
import type { ListMeta, Status } from '../../api/meta/v1/types.ts';
import { badRequest, failure, gone, notFound, StatusError } from '../../api/meta/status.ts';
import { fieldMatcher, parseFieldSelector, parseLabelSelector, type FieldMatcher } from '../../api/meta/selectors.ts';
import { CompactedError, FutureRevisionError } from '../../store/backend.ts';
import type { CachedObject } from '../cache/object.ts';
import { booleanQuery } from '../chain/request-info.ts';
import type { ListQuery, ListResult } from '../cache/watch-cache.ts';
import { bodyOf, type Selection, type Watcher } from '../cache/watcher.ts';
import type { Timer } from '../../host/types.ts';
import type { ServerRequest, ServerResponse, SharedEvent } from '../types.ts';
import { cacheOf, type Call } from './context.ts';
import type { Kind } from './kinds.ts';
import { listConverted, watchConverted } from './converted.ts';
import { decodeContinue, encodeContinue, EXPIRED_CONTINUE } from './continue.ts';
import { negotiate, offerOf, type Negotiated } from './negotiate.ts';
import { listOptions, parseRevision, type ListOptions } from './options.ts';
import { sharedEvents, sharedList, sharedObject } from './views-shared.ts';
import { viewOf } from './views.ts';

/** How long a read waits for the caches to reach a revision that a client has seen elsewhere. */
const FRESH_WAIT_MS = 3_000;
/** A watch without a time limit of its own ends after this, up to twice as long, so that clients spread over servers again. */
const WATCH_MINIMUM_MS = 1_800_000;
/** Before its end a watch says how far it is, so that the next one begins there. */
const LAST_BOOKMARK_MS = 2_000;

export function aboutOf(kind: Kind): { group: string; plural: string } {
  return { group: kind.resource.group, plural: kind.resource.plural };
}

function tooLarge(wanted: number, current: number): StatusError {
  return failure(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }], retryAfterSeconds: 1,
  });
}

/** Waits until the caches are as new as a read wants: the present for '', anything for '0', at least that revision otherwise. */
async function freshEnough(call: Call, wanted: number | undefined): Promise<void> {
  const { feed } = call.context;
  if (wanted === undefined) await feed.caughtUp();
  else if (wanted > feed.revision && !(await feed.reached(wanted, FRESH_WAIT_MS))) throw tooLarge(wanted, feed.revision);
}

/** The object that a path names, as it is now. Throws StatusError 404. */
export async function find(call: Call, wanted?: number): Promise<CachedObject> {
  await freshEnough(call, wanted);
  const object = cacheOf(call).get(call.namespace, call.name);
  if (object === undefined) throw notFound(aboutOf(call.kind), call.name);
  return object;
}

export async function get(call: Call): Promise<ServerResponse> {
  const { request, kind } = call;
  const how = negotiate(request, offerOf(kind));
  if (booleanQuery(request.query, 'export')) throw badRequest('the export parameter, deprecated since v1.14, is no longer supported');
  const object = await find(call, parseRevision(request.query.get('resourceVersion') ?? '', ''));
  await kind.custom?.prepare([object]);
  return { status: 200, ...objectAnswer(call, object, how) };
}

/** Headers and body that show an object; the object itself where the caller takes that. */
export function objectAnswer({ context, kind, request }: Call, object: CachedObject, how: Negotiated): Pick<ServerResponse, 'headers' | 'body' | 'shared' | 'sharedBytes'> {
  const view = viewOf(context, kind, how, request.query);
  const headers = { 'content-type': view.contentType };
  return isShared(request, how) ? { headers, shared: sharedObject(kind, object, how), sharedBytes: object.size } : { headers, body: view.object(object) };
}

/** Whether the answer may be the cache's own objects: the caller asks from within the process, and for plain objects or their metadata. */
const isShared = (request: ServerRequest, how: Negotiated): boolean => request.takesShared === true && how.as !== 'table';

function checkFields(kind: Kind, matcher: FieldMatcher): void {
  for (const { field } of matcher.requirements) {
    if (field === 'metadata.name' || field === 'metadata.namespace' || kind.selectable?.has(field) === true) continue;
    throw badRequest(kind.selectable === undefined ? `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"` : `field label not supported: ${field}`);
  }
}

/** What the request's selectors and path choose. Throws StatusError 400 for a selector that cannot be read or is not supported. */
export function selectionOf(call: Call, options: Pick<ListOptions, 'labelSelector' | 'fieldSelector'>): Selection {
  const labels = parseLabelSelector(options.labelSelector);
  let fields = parseFieldSelector(options.fieldSelector);
  checkFields(call.kind, fields);
  // A name in the path of an old-style watch (`/api/v1/watch/…/name`) selects as a field selector does.
  if (call.name !== '' && options.fieldSelector === '') fields = fieldMatcher([{ field: 'metadata.name', operator: '=', value: call.name }]);
  return { namespace: call.namespace, labels: labels.isEmpty ? undefined : labels, fields: fields.isEmpty ? undefined : inStoredTerms(call.kind, fields) };
}

/** Fields of the other version of a kind, under the names that the stored version has them under (events). */
function inStoredTerms(kind: Kind, matcher: FieldMatcher): FieldMatcher {
  if (kind.resource === kind.stored) return matcher;
  const stored = (field: string): string => (field === 'reportingController' ? 'reportingComponent' : field.replace(/^regarding\./, 'involvedObject.'));
  return fieldMatcher(matcher.requirements.map((requirement) => ({ ...requirement, field: stored(requirement.field) })));
}

/** What a list shows, with the token for its next page. */
export async function readList(call: Call, options: ListOptions): Promise<{ result: ListResult; meta: ListMeta }> {
  const query: ListQuery = { selection: selectionOf(call, options), limit: options.limit };
  await place(call, options, query);
  const cache = cacheOf(call);
  let result: ListResult;
  try {
    result = await (call.kind.custom?.convertsElsewhere === true ? listConverted(cache, call.kind.custom, query) : cache.list(query));
  } catch (error) {
    if (error instanceof FutureRevisionError) throw tooLarge(error.wanted, error.newest);
    if (!(error instanceof CompactedError)) throw error;
    if (options.continue === '') throw gone('The resourceVersion for the provided list is too old.');
    const expired = gone(EXPIRED_CONTINUE);
    throw new StatusError({ ...expired.status, metadata: { continue: encodeContinue({ revision: -1, after: query.after!.slice(prefixOf(call).length) }, false) } });
  }
  const meta: ListMeta = { resourceVersion: String(result.revision) };
  if (result.more) {
    meta.continue = encodeContinue({ revision: result.revision, after: result.objects.at(-1)!.key.slice(prefixOf(call).length) });
    if (result.remaining !== undefined) meta.remainingItemCount = result.remaining;
  }
  return { result, meta };
}

/** What the keys of everything in the list begin with. */
const prefixOf = (call: Call): string => cacheOf(call).keyOf(call.namespace, '');

/** Works out at which revision the list is read and where it begins. */
async function place(call: Call, options: ListOptions, query: ListQuery): Promise<void> {
  if (options.continue !== '') {
    const token = decodeContinue(options.continue);
    if (options.resourceVersion !== '' && options.resourceVersion !== '0') throw badRequest('specifying resource version is not allowed when using continue');
    if (options.resourceVersion === '0') query.limit = 0;
    query.after = `${prefixOf(call)}${token.after}`;
    if (token.revision < 0) await freshEnough(call, undefined);
    else {
      await freshEnough(call, token.revision);
      query.at = token.revision;
    }
    return;
  }
  const revision = parseRevision(options.resourceVersion);
  const exact = options.resourceVersionMatch === 'Exact' || (options.limit > 0 && options.resourceVersionMatch === '');
  await freshEnough(call, revision);
  if (revision === 0) query.limit = 0;
  if (revision !== undefined && revision > 0 && exact) query.at = revision;
}

export async function list(call: Call): Promise<ServerResponse> {
  const { request, context, kind } = call;
  const how = negotiate(request, { ...offerOf(kind), list: true });
  const { result, meta } = await readList(call, listOptions(request, false));
  await kind.custom?.prepare(result.objects);
  const view = viewOf(context, kind, how, request.query);
  const headers = { 'content-type': view.contentType };
  if (isShared(request, how)) return { status: 200, headers, shared: await sharedList(kind, result.objects, meta, how, context.host.turn), sharedBytes: result.objects.reduce((bytes, { size }) => bytes + size, 0) };
  return { status: 200, headers, body: await view.list(result.objects, meta) };
}

export async function watch(call: Call): Promise<ServerResponse> {
  const { request, context, kind } = call;
  const began = context.host.clock.monotonic();
  const how = negotiate(request, { ...offerOf(kind), watch: true });
  const options = listOptions(request, true);
  const selection = selectionOf(call, options);
  const revision = parseRevision(options.resourceVersion, '');
  const fromStart = revision === undefined || revision === 0;
  // A watch from the start asks for the state first, though it does not say so.
  const initial = options.sendInitialEvents ?? fromStart;
  const view = viewOf(context, kind, how, request.query);
  const headers = { 'content-type': view.streamType };
  try {
    if (fromStart || initial) await freshEnough(call, revision);
  } catch (error) {
    // Told within the stream, as all that goes wrong once a watch has been understood.
    if (error instanceof StatusError) return { status: 200, headers, body: once(view.error(error.status)) };
    throw error;
  }
  const cache = cacheOf(call);
  const limit: { timer?: Timer; bookmark?: Timer } = {};
  const end = (): void => watcher.end();
  const about = {
    selection, bookmarks: options.bookmarks && (isShared(request, how) ? 'news' as const : true), initial, from: initial || fromStart ? cache.revision : revision,
    initialEnded: () => context.observeWatchList?.([kind.resource.group, kind.resource.plural, call.namespace === '' ? 'cluster' : 'namespace', kind.resource.version], (context.host.clock.monotonic() - began) / 1000),
    ended: () => {
      limit.timer?.cancel();
      limit.bookmark?.cancel();
      request.signal.removeEventListener('abort', end);
    },
  };
  const tooSlow = (): Status => gone('the watch was cut off because the client does not keep up with the changes').status;
  let watcher: Pick<Watcher, 'end' | 'bookmark'>;
  let answer: Pick<ServerResponse, 'body' | 'events'>;
  try {
    if (kind.custom?.convertsElsewhere === true) {
      const converted = watchConverted(cache, kind.custom, view, about, () => Buffer.from(view.error(tooSlow())));
      watcher = converted.watcher;
      answer = { body: converted.body };
    } else if (isShared(request, how)) {
      const shared = cache.watch<SharedEvent>({ ...about, view: sharedEvents(kind, how), tooSlow: () => ({ type: 'ERROR', object: tooSlow() }) });
      watcher = shared;
      answer = { events: shared };
    } else {
      const framed = cache.watch({ ...about, view: view.events, ...(view.firstEvents ? { firstView: view.firstEvents } : {}), tooSlow: () => view.error(tooSlow()) });
      watcher = framed;
      answer = { body: bodyOf(framed, cache.source.pool.sending) };
    }
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error;
    // Told within the stream, as clients expect of a watch.
    const expired = view.error(gone(`too old resource version: ${error.wanted} (${error.oldest})`).status);
    return { status: 200, headers, body: once(expired) };
  }
  if (initial && options.bookmarks) watcher.bookmark(cache.revision, true);
  const limitMs = options.timeoutSeconds === undefined || options.timeoutSeconds <= 0 ? WATCH_MINIMUM_MS * (1 + context.random.next()) : options.timeoutSeconds * 1000;
  limit.timer = context.host.clock.setTimer(end, limitMs);
  if (options.bookmarks && limitMs > LAST_BOOKMARK_MS) limit.bookmark = context.host.clock.setTimer(() => watcher.bookmark(cache.revision, false), limitMs - LAST_BOOKMARK_MS);
  request.signal.addEventListener('abort', end, { once: true });
  if (request.signal.aborted) end();
  return { status: 200, headers, ...answer };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}
