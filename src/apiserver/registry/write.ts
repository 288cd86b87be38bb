/** create and update: decode, default, prepare, note who owns what, admit, validate, commit. All writes of objects end here. */
import { sameJson } from '../../api/apiextensions/schema/index.ts';
import { convert } from '../../api/convert.ts';
import { decodeObject, fieldProblems } from '../../api/decode.ts';
import { applyDefaults } from '../../api/defaults.ts';
import { beyondNumbers } from '../../api/json.ts';
import { shown, type FieldError } from '../../api/meta/field.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { groupVersionOf } from '../../api/meta/objects.ts';
import { apiVersionOf, type Resource } from '../../api/meta/resource.ts';
import { alreadyExists, badRequest, conflict, failure, forbidden, invalid, isAlreadyExists, notFound, StatusError } from '../../api/meta/status.ts';
import { needsCommonUpdate, sameValue, validateCommonUpdate } from '../../api/meta/validation.ts';
import type { CommitResult } from '../../store/backend.ts';
import { EtcdError } from '../../store/etcd/errors.ts';
import { CachedObject, settled } from '../cache/object.ts';
import { encodeStored } from '../cache/stored.ts';
import type { WatchCache } from '../cache/watch-cache.ts';
import { sortedJson } from '../go-json.ts';
import type { JsonObject } from '../patch/index.ts';

import { noteObject } from '../audit/note.ts';
import { mutateAll } from '../admission/run.ts';
import type { AdmissionRequest, ObjectView } from '../types.ts';
import { cacheOf, shapeOf, strategyContext, type Call, type RegistryContext } from './context.ts';
import { beforeCreation, settleAdmitted, settleAdmittedNew } from './admitted.ts';
import type { Kind } from './kinds.ts';
import { checkAgainstPath, dedupeOwners, generateName, settleNamespace, settleNew, settleUpdated, storageConflict, stateWanted } from './metadata.ts';
import { checkKind, unrecognized } from './body-kind.ts';
import type { CustomKind } from './custom.ts';
import { settleProblems, type Body } from './problems.ts';
import type { WriteOptions } from './options.ts';
import { noteOwners } from './owners.ts';
import { aboutOf } from './read.ts';

/** Names that are tried for one generateName. */
const GENERATED_NAME_ATTEMPTS = 8;
/** Times an update that names no resourceVersion is worked out anew because somebody else wrote in between. */
const UPDATE_ATTEMPTS = 8;

const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

export interface Written {
  object: CachedObject;
  created: boolean;
}

/** The body as an object of the stored version, defaults filled in. Throws StatusError 400 for another kind, or unknown fields under Strict. */
export function decodeBody(call: Call, body: Body, options: WriteOptions): KubeObject {
  const { resource, stored } = call.kind;
  if (call.kind.custom !== undefined) return decodeCustom(call, body, options);
  checkKind(resource, body.value, () => resourcesOf(call.context), body.bytes);
  // Nothing at all is an object with nothing in it.
  const { object, unknownFields } = decodeObject<KubeObject & Record<string, unknown>>(resource.schema, body.value ?? {}, { fieldValidation: options.fieldValidation, notesEmpty: body.tellsEmpty === true });
  settleProblems(resource.schema, body, fieldProblems({ unknownFields }), options.fieldValidation, call.request.warnings);
  object.kind = resource.kind;
  object.apiVersion = apiVersionOf(resource);
  object.metadata ??= {};
  applyDefaults(resource.schema, object, { nowMs: call.context.host.clock.now() });
  note(call, object);
  if (resource === stored) return object;
  const converted = structuredClone(convert(object, stored));
  // Versions that are off by default have no rules of their own for what is left out.
  if (resource.offByDefault === true) applyDefaults(stored.schema, converted, { nowMs: call.context.host.clock.now() });
  return converted;
}

/** That a value is of the custom resource that the request is for. Throws StatusError 400, or 422 for another kind. */
export function checkCustomTypes(call: Call, value: unknown, bytes?: Uint8Array): asserts value is JsonObject {
  const { resource } = call.kind;
  const { kind, apiVersion, metadata } = (value ?? {}) as { kind?: unknown; apiVersion?: unknown; metadata?: KubeObject['metadata'] };
  const sent = bytes ?? Buffer.from(sortedJson(value ?? null));
  if (typeof kind !== 'string' || kind === '') {
    const text = sent[0] === 0x7b || value === null ? Buffer.from(sent).toString() : JSON.stringify(value ?? null);
    const why = `Object 'Kind' is missing in '${text}'`;
    throw Object.assign(unrecognized(resource.kind, why, sent), { cause: why });
  }
  if (typeof apiVersion === 'string' && apiVersion.split('/').length > 2) {
    const why = `unexpected GroupVersion string: ${apiVersion}`;
    throw Object.assign(unrecognized(resource.kind, why, sent), { cause: why });
  }
  const { method } = call.request;
  if (method === 'PATCH' && apiVersion === undefined) throw badRequest("Object 'apiVersion' is missing in 'object has no apiVersion field'");
  if (apiVersion === null) throw badRequest(`${kind} in version "" cannot be handled as a ${resource.kind}: .apiVersion accessor error: <nil> is of the type <nil>, expected string`);
  // A write of the status takes nothing but that from what it is given.
  if (call.subresource === 'status' && (method === 'PATCH' || apiVersion === apiVersionOf(resource))) return;
  if (apiVersion !== apiVersionOf(resource)) {
    if (method === 'PATCH' && typeof apiVersion === 'string' && kind === resource.kind) {
      checkAgainstPath(call, { ...metadata });
      throw invalid({ group: groupVersionOf(apiVersion).group, kind }, metadata?.name ?? '', [{ type: 'FieldValueInvalid', field: 'apiVersion', detail: `Invalid value: ${JSON.stringify(apiVersion)}: must be ${apiVersionOf(resource)}` }]);
    }
    throw badRequest(`the API version in the data (${typeof apiVersion === 'string' ? apiVersion : ''}) does not match the expected API version (${apiVersionOf(resource)})`);
  }
  if (kind === resource.kind) return;
  note(call, value as unknown as KubeObject);
  // A body that says of itself that it is for another path is told that first.
  if (call.name !== '' && method !== 'POST') checkAgainstPath(call, { ...metadata });
  throw invalid({ group: resource.group, kind }, metadata?.name ?? '', [{ type: 'FieldValueInvalid', field: 'kind', detail: `Invalid value: ${JSON.stringify(kind)}: must be ${resource.kind}` }]);
}

/** No number is larger than 64 bits of a fraction hold. Throws StatusError 400. */
function refuseBeyond({ kind: { resource } }: Call, value: unknown): void {
  const text = beyondNumbers(value);
  if (text !== undefined) throw badRequest(`${resource.kind} in version ${JSON.stringify(resource.version)} cannot be handled as a ${resource.kind}: json: cannot unmarshal number ${text} into Go value of type float64`);
}

/** A custom resource in the version of the request; the body's value is used up. */
function decodeCustom(call: Call, body: Body, options: WriteOptions): KubeObject {
  const { custom, resource } = call.kind;
  const { value } = body;
  refuseBeyond(call, value);
  checkCustomTypes(call, value, body.bytes);
  const { object, unknownFields } = decodedCustom(call, value, custom!, true);
  settleProblems(resource.schema, body, unknownFields.map((path) => `unknown field "${path}"`), options.fieldValidation, call.request.warnings, true);
  note(call, object);
  return object;
}

/** Audit events tell of objects as they are read; of patches they tell what came. */
function note({ request, kind: { resource } }: Call, object: KubeObject): void {
  if (request.audited !== undefined && request.method !== 'PATCH') noteObject(request, object, resource.schema);
}

/** Reads a value of the kind. What cannot be read of its metadata is told as the whole object's fault. Throws StatusError 400. */
export function decodedCustom({ kind: { resource } }: Call, value: JsonObject, custom: CustomKind, defaults: boolean): ReturnType<CustomKind['decode']> {
  try {
    return custom.decode(value, defaults);
  } catch (error) {
    if (!(error instanceof StatusError) || typeof error.cause !== 'string') throw error;
    throw Object.assign(badRequest(`${resource.kind} in version ${JSON.stringify(resource.version)} cannot be handled as a ${resource.kind}: ${error.cause}`), { cause: error.cause });
  }
}

/** All kinds that the server has of its own. */
export function* resourcesOf({ kinds }: RegistryContext): Generator<Resource, void, undefined> {
  for (const kind of kinds.values()) yield kind.resource;
}

export function admissionRequest(call: Call, operation: AdmissionRequest['operation'], options: WriteOptions | { dryRun: boolean }, objects: { object?: KubeObject; oldObject?: KubeObject }): AdmissionRequest {
  const request: AdmissionRequest = {
    operation, resource: call.kind.stored, subresource: call.subresource, namespace: call.namespace,
    name: call.name !== '' ? call.name : (objects.object?.metadata.name ?? ''), user: call.user, options: 'fieldManager' in options ? { ...options.asked } : { ...options }, dryRun: options.dryRun, warnings: call.request.warnings,
  };
  if (call.kind.stored !== call.kind.resource) request.requested = call.kind.resource;
  if (call.kind.custom !== undefined) request.shape = () => shapeOf(call.kind);
  request.annotations = call.request.auditAnnotations ??= {};
  if (call.request.audited) request.auditLevel = call.request.audited.level;
  if (call.subresourceInfo) request.subresourceInfo = call.subresourceInfo;
  if (objects.object) request.object = objects.object as unknown as Record<string, unknown>;
  if (objects.oldObject) request.oldObject = objects.oldObject as unknown as Record<string, unknown>;
  return request;
}

/** Takes the time of one step of admission. */
async function timed<T>({ context: { host, observeAdmission } }: Call, request: AdmissionRequest, step: 'admit' | 'validate', run: () => Promise<T>): Promise<T> {
  if (!observeAdmission) return run();
  const started = host.clock.monotonic();
  let rejected = true;
  try {
    const result = await run();
    rejected = false;
    return result;
  } finally {
    observeAdmission([request.operation, String(rejected), step], (host.clock.monotonic() - started) / 1000);
  }
}

/** Runs the plug-ins that may change the object; true when there were any. */
export function admitMutating(call: Call, request: AdmissionRequest): Promise<boolean> {
  return timed(call, request, 'admit', () => mutateAll(call.context.admission, request));
}

export function admitValidating(call: Call, request: AdmissionRequest): Promise<void> {
  return timed(call, request, 'validate', () => validated(call, request));
}

async function validated(call: Call, request: AdmissionRequest): Promise<void> {
  for (const plugin of call.context.admission) {
    const answer = plugin.validate !== undefined && plugin.handles(request) ? plugin.validate(request) : undefined;
    if (answer !== undefined) await answer;
  }
}

/** 422 with the broken rules, in the words of the API. */
export function refusal(call: Call, name: string, errors: readonly FieldError[]): StatusError {
  return invalid({ group: call.kind.resource.group, kind: call.kind.resource.kind }, name, errors);
}

/** Creates the object. It is this call's own; it is changed. */
export async function createObject(call: Call, object: KubeObject, options: WriteOptions): Promise<Written> {
  settleNamespace(call, object.metadata);
  const named = object.metadata.name !== undefined && object.metadata.name !== '';
  if (named || !object.metadata.generateName) return createNamed(call, object, options);
  for (let attempt = 1; ; attempt++) {
    const copy = structuredClone(object);
    copy.metadata.name = generateName(object.metadata.generateName, call.context.random);
    try {
      return await createNamed(call, copy, options);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      if (attempt < GENERATED_NAME_ATTEMPTS) continue;
      throw failure(409, 'AlreadyExists', `${error.message}, the server was not able to generate a unique name for the object`, { ...error.status.details, retryAfterSeconds: 1 });
    }
  }
}

async function createNamed(call: Call, object: KubeObject, options: WriteOptions): Promise<Written> {
  const { kind, context } = call;
  const { strategy } = kind;
  const warn = (text: string): void => void call.request.warnings.push(text);
  const rules = strategyContext(call, options.dryRun);
  dedupeOwners(object.metadata, warn);
  settleNew(call, object);
  const applied = object.metadata.managedFields;
  const owned = kind.custom?.typesFit(object, '') ?? true;
  const { status } = object as { status?: unknown };
  const prepare = (): void => {
    strategy.prepareForCreate?.(object, rules);
    completeStatus(call, object);
  };
  // What the kind's own rules make of it afterwards is nobody's.
  const noted = applied?.some((entry) => entry.operation === 'Apply') === true ? undefined : owned ? noteOwners(call, object, undefined, options) : disown(object);
  if (noted !== undefined) await noted;
  prepare();
  if (kind.custom?.terminating === true) throw forbidden(aboutOf(kind), object.metadata.name ?? '', 'create not allowed while custom resource definition is terminating');
  const giveBack = kind.custom && beforeCreation(object, status);
  const admission = admissionRequest(call, 'CREATE', options, { object });
  const changed = await admitMutating(call, admission);
  if (changed) {
    if (kind.custom !== undefined) settleAdmittedNew(call, object);
    dedupeOwners(object.metadata, warn);
    kind.custom?.clean(object);
  }
  giveBack?.();
  if (changed || giveBack !== undefined) prepare();
  const release = await context.serviceAddresses.assign(kind.stored, object, undefined, options.dryRun);
  try {
    const errors = strategy.validate?.(object, rules) ?? [];
    if (errors.length > 0) throw refusal(call, object.metadata.name ?? '', errors);
    for (const text of strategy.warnings?.(object, undefined, rules) ?? []) warn(text);
    strategy.share?.(object);
    await admitValidating(call, admission);
    const cache = cacheOf(call);
    const key = cache.keyOf(call.kind.resource.namespaced ? object.metadata.namespace! : '', object.metadata.name!);
    const value = await storedBytes(kind, object);
    if (options.dryRun) {
      await context.feed.caughtUp();
      if (cache.get(object.metadata.namespace ?? '', object.metadata.name!)) throw taken(call, object);
      return { object: unwritten(cache, key, value), created: true };
    }
    remember(call, value, object);
    const result = await context.backend.commit({ type: 'create', key, value, ...ttlOf(call) });
    if (!result.ok) throw taken(call, object);
    return { object: writtenObject(call, key, value, result.revision, object), created: true };
  } catch (error) {
    if (!isUnknownOutcome(error)) await release();
    throw error;
  }
}

/** 409 of a name that another object has, perhaps not for long. */
function taken(call: Call, { metadata }: KubeObject): StatusError {
  const error = alreadyExists(aboutOf(call.kind), metadata.name!);
  const other = cacheOf(call).get(metadata.namespace ?? '', metadata.name!);
  if (other?.object.metadata.deletionTimestamp === undefined) return error;
  return failure(409, 'AlreadyExists', `object is being deleted: ${error.message}`, error.status.details);
}

/** Nobody can tell any longer who owns what. */
function disown(object: KubeObject): undefined {
  delete object.metadata.managedFields;
}

/** What goes to the store. Custom resources are converted first. */
async function storedBytes(kind: Kind, object: KubeObject): Promise<Buffer> {
  if (kind.custom === undefined) return encodeStored(kind.storedForm, object);
  const stored = await kind.custom.toStored(object);
  const value = encodeStored(kind.storedForm, stored);
  // What has been converted has not got the defaults of its new version yet: whoever reads it gives them.
  if (stored === object) kind.custom.wrote(value);
  return value;
}

/** Saves the cache the decoding of what it gets to see of this write. */
function remember({ context, kind }: Call, value: Uint8Array, object: KubeObject): void {
  if (kind.custom === undefined || kind.form.apiVersion === kind.storedForm.apiVersion) context.feed.decoded.set(value, object);
}

/**
 * What a write answers with; decoded already where the answer is to be shared. Otherwise answer and cache have one and the same object, whichever comes first:
 * the bytes that are made for the answer are those that are read and watched next.
 */
function writtenObject(call: Call, key: string, value: Buffer, revision: number, object: KubeObject): CachedObject {
  const cache = cacheOf(call);
  const { source } = cache;
  const { custom, form, storedForm } = call.kind;
  // Protobuf, and another version, say some empty fields that the object has not got: who reads the store sees those, and so does the answer.
  if (custom !== undefined || storedForm.encoding !== 'json' || storedForm.apiVersion !== form.apiVersion) return new CachedObject(source, key, value, revision);
  if (call.request.takesShared === true) return new CachedObject(source, key, value, revision, settled(object, revision), false);
  const cached = cache.at(key);
  if (cached?.revision === revision) return cached;
  const made = new CachedObject(source, key, value, revision, settled(object, revision));
  const { decoded, written } = call.context.feed;
  if (decoded.delete(value)) written.set(value, made);
  return made;
}

/** A status that is no pointer is there though empty, as clients know it. */
function completeStatus(call: Call, object: KubeObject): void {
  if (call.kind.alwaysStatus) (object as { status?: unknown }).status ??= {};
}

function ttlOf(call: Call): { ttlSeconds?: number } {
  return call.kind.stored.plural === 'events' && call.kind.stored.group === '' ? { ttlSeconds: call.context.eventTtlSeconds } : {};
}

/** What a dry run answers with: no revision of its own. */
function unwritten(cache: WatchCache, key: string, value: Buffer, revision = 0): CachedObject {
  return new CachedObject(cache.source, key, value, revision);
}

/** Works out the new object from the stored one, which is frozen. The answer is the update's own. */
export type Change = (old: KubeObject, current: CachedObject) => KubeObject | Promise<KubeObject>;

export interface UpdateHow {
  /** Makes the object when there is none (apply, and kinds that are created by PUT). */
  create?: () => Promise<Written>;
  /** What admission is shown in place of the object (scale). */
  view?: ObjectView;
  /** The object that is meant; there being none is then a conflict. */
  uid?: string | undefined;
  /** Owners have been worked out already (apply). */
  owned?: boolean;
  /** The change is the server's own and has been checked: no rules of the kind, no admission, no owners (binding). */
  trusted?: boolean;
}

/** Changes the object that the path names; tries again when somebody else wrote in between and the change does not name a resourceVersion. */
export async function updateObject(call: Call, options: WriteOptions, change: Change, how: UpdateHow = {}): Promise<Written> {
  const cache = cacheOf(call);
  const { warnings } = call.request;
  const said = warnings.length;
  for (let attempt = 1; ; attempt++) {
    // What an earlier try warned of is said again by this one.
    warnings.length = said;
    await call.context.feed.caughtUp();
    const current = cache.get(call.namespace, call.name);
    if (current === undefined) {
      if (how.uid && how.create !== undefined) throw storageConflict(aboutOf(call.kind), call.name, cache.keyOf(call.namespace, call.name), 'UID', how.uid, '');
      if (how.create === undefined) throw notFound(aboutOf(call.kind), call.name);
      try {
        return await how.create();
      } catch (error) {
        if (!isAlreadyExists(error) || attempt >= UPDATE_ATTEMPTS) throw error;
        continue;
      }
    }
    await call.kind.custom?.prepare([current]);
    const object = await change(oldOf(call, current), current);
    const named = object.metadata.resourceVersion;
    const unconditional = named === undefined || named === '' || named === '0';
    if (!unconditional && !/^\d+$/.test(named)) throw badRequest(`strconv.ParseUint: parsing ${shown(named)}: invalid syntax`);
    if (!unconditional && named !== String(current.revision)) throw conflict(aboutOf(call.kind), call.name, MODIFIED);
    const { method } = call.request;
    checkAgainstPath(call, object.metadata);
    if (unconditional && call.kind.strategy.unconditionalUpdate === false && (call.subresource !== 'scale' || named === '0') && (method === 'PUT' || (method === 'PATCH' && how.owned !== true))) {
      throw stateWanted(call);
    }
    const written = await replace(call, current, object, options, how);
    if (written !== undefined) return { object: written, created: false };
    if (!unconditional && call.request.method === 'PUT') throw conflict(aboutOf(call.kind), call.name, MODIFIED);
    if (attempt >= UPDATE_ATTEMPTS) throw conflict(aboutOf(call.kind), call.name, MODIFIED);
  }
}

/** The stored object as writes see it: custom resources in the version of the request. */
const oldOf = (call: Call, current: CachedObject): KubeObject => call.kind.custom?.view(current) ?? current.object;

/** One try. Undefined: somebody else wrote in between. */
async function replace(call: Call, current: CachedObject, object: KubeObject, options: WriteOptions, how: UpdateHow): Promise<CachedObject | undefined> {
  const { kind, context } = call;
  const { strategy } = kind;
  const old = oldOf(call, current);
  const warn = (text: string): void => void call.request.warnings.push(text);
  const rules = strategyContext(call, options.dryRun);
  dedupeOwners(object.metadata, warn);
  settleUpdated(call, object, old);
  if (how.trusted === true) return commitUpdate(call, current, object, options);
  const owned = kind.custom?.typesFit(object, call.subresource) ?? true;
  const prepare = (): void => {
    strategy.prepareForUpdate?.(object, old, rules);
    completeStatus(call, object);
  };
  const noted = how.owned === true ? undefined : owned ? noteOwners(call, object, old, options) : disown(object);
  if (noted !== undefined) await noted;
  prepare();
  const admission = admissionRequest(call, 'UPDATE', options, { object, oldObject: old });
  if (how.view !== undefined) admission.view = how.view;
  if (await admitMutating(call, admission)) {
    if (kind.custom !== undefined) settleAdmitted(call, object, old);
    dedupeOwners(object.metadata, warn);
    kind.custom?.clean(object);
    prepare();
  }
  const release = call.subresource === '' ? await context.serviceAddresses.assign(kind.stored, object, old, options.dryRun) : nothing;
  let kept = false;
  try {
    const errors = strategy.validateUpdate?.(object, old, rules) ?? [];
    // What all objects must keep to is told of first, and nearly all of it by each kind again.
    const common = errors.length > 0 || needsCommonUpdate(object.metadata) ? validateCommonUpdate(object.metadata, old.metadata, kind.resource.namespaced) : [];
    if (errors.length + common.length > 0) throw refusal(call, kind.custom === undefined ? call.name : (object.metadata.name ?? ''), [...common, ...errors]);
    for (const text of strategy.warnings?.(object, old, rules) ?? []) warn(text);
    await admitValidating(call, admission);
    const written = await commitUpdate(call, current, object, options);
    kept = written !== undefined && written !== current && !options.dryRun;
    return written;
  } catch (error) {
    kept = isUnknownOutcome(error);
    throw error;
  } finally {
    if (!kept) await release();
  }
}

/** Writes the object in place of the current one, if it differs. Undefined: somebody else wrote in between. */
async function commitUpdate(call: Call, current: CachedObject, object: KubeObject, options: WriteOptions): Promise<CachedObject | undefined> {
  const { kind, context } = call;
  const old = oldOf(call, current);
  const finished = isFinished(kind.stored.plural, object);
  if (!finished && (kind.custom === undefined ? sameValue(object, old) : sameJson(object, old)) && !current.isStale) return current;
  const value = await storedBytes(kind, object);
  const cache = cacheOf(call);
  if (finished) return removeFinished(call, current, object, value, options);
  if (options.dryRun) return unwritten(cache, current.key, value, current.revision);
  remember(call, value, object);
  const result = await context.backend.commit({ type: 'update', key: current.key, value, expected: current.revision, ...ttlOf(call) });
  if (!result.ok) return undefined;
  await context.serviceAddresses.settle(kind.stored, object, old);
  return writtenObject(call, current.key, value, result.revision, object);
}

/** The last finalizer of an object that is being deleted has gone: nothing holds it any longer. */
function isFinished(plural: string, object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (deletionTimestamp === undefined || (deletionGracePeriodSeconds ?? 0) !== 0 || (finalizers?.length ?? 0) > 0) return false;
  return plural !== 'namespaces' || ((object as { spec?: { finalizers?: string[] } }).spec?.finalizers?.length ?? 0) === 0;
}

async function removeFinished(call: Call, current: CachedObject, object: KubeObject, value: Buffer, options: WriteOptions): Promise<CachedObject | undefined> {
  const cache = cacheOf(call);
  if (!options.dryRun) {
    const result: CommitResult = await call.context.backend.commit({ type: 'delete', key: current.key, expected: current.revision });
    if (!result.ok) return undefined;
    await call.context.serviceAddresses.free(call.kind.stored, object);
  }
  return unwritten(cache, current.key, value, current.revision);
}

/** The write may have been done: what it took must not be given to others. What is left over is found by the repair of services. */
const isUnknownOutcome = (error: unknown): boolean => error instanceof EtcdError && error.reason === 'unavailable';

const nothing = (): Promise<void> => Promise.resolve();
