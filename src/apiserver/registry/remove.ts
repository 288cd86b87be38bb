/** delete and deletecollection: grace, finalizers and propagation. */
import { oneAfter } from '../../api/exact-json.ts';
import type { KubeObject, ListMeta } from '../../api/meta/v1/types.ts';
import { badRequest, conflict, invalid, isNotFound, notFound } from '../../api/meta/status.ts';
import { formatTime, parseTime } from '../../api/meta/time.ts';
import { kindOf } from '../../api/decode.ts';
import { booleanQuery } from '../chain/request-info.ts';
import { noteDeleteOptions } from '../audit/note.ts';
import { CachedObject } from '../cache/object.ts';
import { encodeStored } from '../cache/stored.ts';
import type { ServerRequest } from '../types.ts';
import { cacheOf, type Call } from './context.ts';
import { readBody } from './negotiate.ts';
import { checkDryRun, listOptions, wholeNumber } from './options.ts';
import { aboutOf, readList } from './read.ts';
import { admissionRequest, admitMutating, admitValidating } from './write.ts';

const DELETE_ATTEMPTS = 8;
/** Deletes of one collection that run at the same time, so that they share flushes of the store. */
const COLLECTION_WORKERS = 64;

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  orphanDependents?: boolean;
  preconditions?: { uid?: string; resourceVersion?: string };
  dryRun: boolean;
}

type RawOptions = { gracePeriodSeconds?: unknown; propagationPolicy?: unknown; orphanDependents?: unknown; preconditions?: { uid?: string; resourceVersion?: string } | null; dryRun?: unknown; kind?: unknown; apiVersion?: unknown };

/** Options out of the body, or out of the query where there is no body. */
export async function readDeleteOptions(request: ServerRequest): Promise<DeleteOptions> {
  const body = await request.body();
  let raw: RawOptions;
  if (body.length > 0) {
    const { value } = await readBody(request, 'Ignore', undefined);
    raw = (value ?? {}) as RawOptions;
    checkOptionsKind(raw);
    noteDeleteOptions(request, raw);
    const dryRun = request.query.getAll('dryRun');
    if (dryRun.length > 0 && raw.dryRun === undefined) raw = { ...raw, dryRun };
  } else raw = fromQuery(request.query);
  return checked(raw);
}

/** Where upstream keeps the kinds that a delete's body can be. */
const SCHEME = 'k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27';

/** That a body says of itself that it is options, or nothing. Throws StatusError 400. */
function checkOptionsKind({ kind, apiVersion }: RawOptions): void {
  if (typeof apiVersion === 'string' && apiVersion.split('/').length > 2) throw badRequest(`unexpected GroupVersion string: ${apiVersion}`);
  if (kind === undefined || kind === '' || kind === 'DeleteOptions') return;
  const version = typeof apiVersion === 'string' && apiVersion !== '' ? apiVersion : 'meta.k8s.io/v1';
  if (kind === 'Status' && version === 'v1') throw badRequest('converting (v1.Status) to (v1.DeleteOptions): unknown conversion');
  throw badRequest(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(version)} in scheme ${JSON.stringify(SCHEME)}`);
}

function fromQuery(query: URLSearchParams): RawOptions {
  const grace = wholeNumber(query, 'gracePeriodSeconds');
  const [uid, resourceVersion] = [query.get('uid'), query.get('resourceVersion')];
  return {
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(uid || resourceVersion ? { preconditions: { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) } } : {}),
    ...(query.has('propagationPolicy') ? { propagationPolicy: query.get('propagationPolicy') } : {}),
    ...(query.has('orphanDependents') ? { orphanDependents: booleanQuery(query, 'orphanDependents') } : {}),
    dryRun: query.getAll('dryRun'),
  };
}

function checked(raw: RawOptions): DeleteOptions {
  const mismatch = (field: string, value: unknown, type: string): Error => badRequest(`json: cannot unmarshal ${kindOf(value)} into Go struct field DeleteOptions.${field} of type ${type}`);
  if (raw.orphanDependents !== undefined && raw.orphanDependents !== null && typeof raw.orphanDependents !== 'boolean') throw mismatch('orphanDependents', raw.orphanDependents, 'bool');
  if (raw.dryRun !== undefined && raw.dryRun !== null && !Array.isArray(raw.dryRun)) throw mismatch('dryRun', raw.dryRun, '[]string');
  const dryRun = Array.isArray(raw.dryRun) ? (raw.dryRun as string[]) : [];
  const causes: ReturnType<typeof checkDryRun> = [];
  const { propagationPolicy: policy, orphanDependents: orphan, gracePeriodSeconds: grace } = raw;
  if (policy !== undefined && policy !== null && orphan !== undefined && orphan !== null) {
    causes.push({ type: 'FieldValueInvalid', field: 'propagationPolicy', detail: `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set` });
  }
  if (policy !== undefined && policy !== null && policy !== 'Orphan' && policy !== 'Background' && policy !== 'Foreground') {
    causes.push({ type: 'FieldValueNotSupported', field: 'propagationPolicy', detail: `Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"` });
  }
  causes.push(...checkDryRun(dryRun));
  if (grace !== undefined && grace !== null && typeof grace !== 'bigint' && (typeof grace !== 'number' || !Number.isInteger(grace))) throw badRequest(`json: cannot unmarshal ${typeof grace === 'number' ? `number ${grace}` : kindOf(grace)} into Go struct field DeleteOptions.gracePeriodSeconds of type int64`);
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', causes);
  return {
    dryRun: dryRun.length > 0,
    ...(typeof grace === 'number' || typeof grace === 'bigint' ? { gracePeriodSeconds: grace as number } : {}),
    ...(policy ? { propagationPolicy: policy as NonNullable<DeleteOptions['propagationPolicy']> } : {}),
    ...(typeof orphan === 'boolean' ? { orphanDependents: orphan } : {}),
    ...(raw.preconditions ? { preconditions: raw.preconditions } : {}),
  };
}

export interface Removed {
  object: CachedObject;
  /** False: it waits for its grace period, or for finalizers. */
  gone: boolean;
}

/** Deletes the object that the path names, or marks it. Throws StatusError 404, or 409 for preconditions that do not hold. */
export async function removeObject(call: Call, options: DeleteOptions): Promise<Removed> {
  for (let attempt = 1; ; attempt++) {
    await call.context.feed.caughtUp();
    const current = cacheOf(call).get(call.namespace, call.name);
    if (current === undefined) throw notFound(aboutOf(call.kind), call.name);
    checkPreconditions(call, options, current);
    await call.kind.custom?.prepare([current]);
    const admission = admissionRequest(call, 'DELETE', options, { oldObject: call.kind.custom?.view(current) ?? current.object });
    await admitMutating(call, admission);
    await admitValidating(call, admission);
    const removed = await removeOnce(call, options, current);
    if (removed !== undefined) return removed;
    if (attempt >= DELETE_ATTEMPTS) throw conflict(aboutOf(call.kind), call.name, 'the object has been modified; please apply your changes to the latest version and try again');
  }
}

function checkPreconditions(call: Call, { preconditions }: DeleteOptions, current: CachedObject): void {
  if (preconditions === undefined) return;
  const { uid, resourceVersion } = preconditions;
  // Named after the kind, as upstream does here and nowhere else.
  const about = { group: call.kind.resource.group, plural: call.kind.resource.kind };
  if (uid !== undefined && uid !== null && uid !== current.object.metadata.uid) {
    throw conflict(about, call.name, `the UID in the precondition (${uid}) does not match the UID in record (${current.object.metadata.uid ?? ''}). The object might have been deleted and then recreated`);
  }
  if (resourceVersion !== undefined && resourceVersion !== null && resourceVersion !== String(current.revision)) {
    throw conflict(about, call.name, `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${current.revision}). The object might have been modified`);
  }
}

/** One try. Undefined: somebody else wrote in between. */
async function removeOnce(call: Call, options: DeleteOptions, current: CachedObject): Promise<Removed | undefined> {
  const plan = planRemoval(call, options, current.object);
  if (plan === 'pending') return { object: current, gone: false };
  if (plan !== 'now') {
    const { custom } = call.kind;
    // A custom resource keeps the version that it lies in.
    const value = encodeStored(custom === undefined ? call.kind.storedForm : current.form, plan);
    if (custom !== undefined && current.form === call.kind.storedForm) custom.wrote(value);
    const cache = cacheOf(call);
    if (options.dryRun) return { object: new CachedObject(cache.source, current.key, value, current.revision), gone: false };
    call.context.feed.decoded.set(value, plan);
    const result = await call.context.backend.commit({ type: 'update', key: current.key, value, expected: current.revision });
    return result.ok ? { object: new CachedObject(cache.source, current.key, value, result.revision), gone: false } : undefined;
  }
  if (options.dryRun) return { object: current, gone: true };
  const result = await call.context.backend.commit({ type: 'delete', key: current.key, expected: current.revision });
  if (!result.ok) return undefined;
  await call.context.serviceAddresses.free(call.kind.stored, current.object);
  return { object: current, gone: true };
}

/** `now`: delete it; `pending`: it is being deleted already and nothing changes; an object: write this, marked as being deleted. */
function planRemoval(call: Call, options: DeleteOptions, old: KubeObject): 'now' | 'pending' | KubeObject {
  const nowMs = call.context.host.clock.now();
  const first = old.metadata.deletionTimestamp === undefined ? call.kind.strategy.firstDelete?.(old, nowMs) : undefined;
  if (first !== undefined) return first;
  const { metadata } = old;
  const isNamespace = call.kind.stored.plural === 'namespaces' && call.kind.stored.group === '';
  if (isNamespace && metadata.deletionTimestamp !== undefined && ((old as { spec?: { finalizers?: string[] } }).spec?.finalizers?.length ?? 0) > 0) return 'pending';
  const grace = call.kind.strategy.gracePeriodSeconds?.(old, options.gracePeriodSeconds);
  if (metadata.deletionTimestamp !== undefined && grace !== undefined) {
    const before = metadata.deletionGracePeriodSeconds ?? 0;
    const asked = options.gracePeriodSeconds === undefined ? undefined : grace;
    if (asked === undefined || asked >= before) return before === 0 && (metadata.finalizers?.length ?? 0) === 0 ? 'now' : 'pending';
    if (asked === 0 && (metadata.finalizers?.length ?? 0) === 0) return 'now';
    return marked(old, parseTime(metadata.deletionTimestamp) - goMilliseconds(before) + goMilliseconds(asked), asked, metadata.finalizers);
  }
  const finalizers = collectorFinalizers(call, options, metadata.finalizers ?? []);
  const held = finalizers.length > 0 || isNamespace;
  if (metadata.deletionTimestamp !== undefined) {
    if (isNamespace) return finalizers.length === 0 ? 'now' : 'pending';
    return finalizers.length === 0 ? 'now' : sameList(finalizers, metadata.finalizers ?? []) ? 'pending' : { ...structuredClone(old), metadata: { ...structuredClone(metadata), finalizers } };
  }
  if (grace !== undefined && grace > 0) return marked(old, nowMs + goMilliseconds(grace), grace, finalizers);
  if (!held) return 'now';
  const object = marked(old, nowMs, 0, finalizers);
  if (isNamespace) {
    delete object.metadata.deletionGracePeriodSeconds;
    const namespace = object as { status?: { phase?: string } };
    namespace.status = { ...namespace.status, phase: 'Terminating' };
    if (((object as { spec?: { finalizers?: string[] } }).spec?.finalizers?.length ?? 0) === 0 && finalizers.length === 0) return 'now';
  }
  return object;
}

const sameList = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((item, i) => item === b[i]);

/** Seconds that Go counts in nanoseconds of 64 bits: it has 292 years of them, and then begins anew from the other end. */
const MOST_SECONDS = 9_223_372_036;
const goMilliseconds = (seconds: number): number =>
  (Math.abs(Number(seconds)) <= MOST_SECONDS ? seconds * 1000 : Number(BigInt.asIntN(64, BigInt(seconds) * 1_000_000_000n) / 1_000_000n));

function marked(old: KubeObject, atMs: number, grace: number, finalizers: readonly string[] | undefined): KubeObject {
  const object = structuredClone(old);
  const { metadata } = object;
  if (metadata.deletionTimestamp === undefined && (metadata.generation ?? 0) > 0) metadata.generation = oneAfter(metadata.generation!);
  metadata.deletionTimestamp = formatTime(atMs);
  metadata.deletionGracePeriodSeconds = grace;
  if (finalizers === undefined || finalizers.length === 0) delete metadata.finalizers;
  else metadata.finalizers = [...finalizers];
  return object;
}

/** The finalizers by which the garbage collector holds an object until its dependents are orphaned or gone, as the options ask. */
function collectorFinalizers(call: Call, options: DeleteOptions, finalizers: readonly string[]): string[] {
  const policy = options.propagationPolicy ?? (options.orphanDependents === undefined ? undefined : options.orphanDependents ? 'Orphan' : 'Background');
  const asked = policy ?? (finalizers.includes(ORPHAN) ? 'Orphan' : finalizers.includes(FOREGROUND) ? 'Foreground' : call.kind.strategy.defaultPropagation);
  const rest = finalizers.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND);
  if (asked === 'Orphan') return sameOrder(finalizers, rest, ORPHAN);
  if (asked === 'Foreground') return sameOrder(finalizers, rest, FOREGROUND);
  return rest;
}

function sameOrder(finalizers: readonly string[], rest: readonly string[], wanted: string): string[] {
  return finalizers.includes(wanted) && finalizers.length === rest.length + 1 ? [...finalizers] : [...rest, wanted];
}

/** Deletes everything that the selectors choose; answers with what was chosen, and where the rest begins when there was a limit. */
export async function removeCollection(call: Call): Promise<{ removed: CachedObject[]; meta: ListMeta }> {
  const options = await readDeleteOptions(call.request);
  const chosen = listOptions(call.request, false);
  // It is read in pages, and so at the very revision that is named.
  if (chosen.resourceVersionMatch === '' && chosen.resourceVersion !== '' && chosen.resourceVersion !== '0') chosen.resourceVersionMatch = 'Exact';
  const { result, meta } = await readList({ ...call, name: '' }, chosen);
  const queue = [...result.objects];
  const removed: CachedObject[] = [];
  const work = async (): Promise<void> => {
    for (let object = queue.shift(); object !== undefined; object = queue.shift()) {
      try {
        await removeObject({ ...call, namespace: object.namespace, name: object.name }, options);
        // Shown as they were found, also those that something holds.
        removed.push(object);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(COLLECTION_WORKERS, queue.length) }, work));
  return { removed: removed.sort((a, b) => (a.key < b.key ? -1 : 1)), meta };
}
