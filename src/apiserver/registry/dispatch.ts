/** Which part of the registry answers what. */
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { failure, internalError, notFound, serviceUnavailable, StatusError, tooLarge } from '../../api/meta/status.ts';
import { cloneAsGiven } from '../../api/order.ts';
import { APISERVER } from '../authentication/identities.ts';
import { methodNotAllowed, pageNotFound, statusResponse, unknownPath, verbNotSupported } from '../chain/responses.ts';
import { requestInfoOf } from '../chain/request-info.ts';
import { EtcdError } from '../../store/etcd/errors.ts';
import type { CachedObject } from '../cache/object.ts';
import { requestOver } from '../transport.ts';
import type { RequestInfo, ServerRequest, ServerResponse, UserInfo } from '../types.ts';
import { annotateDeprecation } from '../deprecation.ts';
import { findKind, type Call, type RegistryContext } from './context.ts';
import type { Kind } from './kinds.ts';
import { checkAgainstPath } from './metadata.ts';
import { negotiate, offerOf, readBody, type Negotiated } from './negotiate.ts';
import { writeOptions } from './options.ts';
import { patchObject } from './patch.ts';
import { aboutOf, get, list, objectAnswer, watch } from './read.ts';
import { readDeleteOptions, removeCollection, removeObject } from './remove.ts';
import { bind } from './subresources/binding.ts';
import { evict } from './subresources/eviction.ts';
import { restrictTo } from './subresources/restrict.ts';
import { getScale, patchScale, updateScale } from './subresources/scale.ts';
import { valueResponse, viewOf } from './views.ts';
import { createObject, decodeBody, updateObject } from './write.ts';

type Handler = (call: Call) => Promise<ServerResponse>;

const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

async function objectResponse(call: Call, status: number, object: CachedObject, how: Negotiated): Promise<ServerResponse> {
  await call.kind.custom?.prepare([object]);
  return { status, ...objectAnswer(call, object, how) };
}

const negotiateObject = (call: Call): Negotiated => negotiate(call.request, offerOf(call.kind));

async function create(call: Call): Promise<ServerResponse> {
  const how = negotiateObject(call);
  const options = writeOptions(call.request, 'CreateOptions');
  const object = await decodeBody(call, await readBody(call.request, options.fieldValidation, call.kind.resource.kind), options);
  return objectResponse(call, 201, (await createObject(call.name === '' ? call : { ...call, name: '' }, object, options)).object, how);
}

async function update(call: Call): Promise<ServerResponse> {
  const how = negotiateObject(call);
  const options = writeOptions(call.request, 'UpdateOptions');
  const body = await readBody(call.request, options.fieldValidation, call.kind.resource.kind);
  const decoded = await decodeBody(call, body, options);
  checkAgainstPath(call, { ...decoded.metadata });
  // Who names a resourceVersion has one try: nothing else needs the object as it was sent.
  const isSingleTry = Boolean(decoded.metadata.resourceVersion) && decoded.metadata.resourceVersion !== '0';
  const change = (old: KubeObject): KubeObject => {
    const object = isSingleTry ? decoded : cloneAsGiven(decoded);
    restrictTo(call.subresource, object, old);
    return object;
  };
  // Who names a resourceVersion means an object that is there.
  const creates = call.subresource === '' && call.kind.strategy.createOnUpdate === true && !decoded.metadata.resourceVersion;
  const make = (): ReturnType<typeof createObject> => {
    const object = cloneAsGiven(decoded);
    checkAgainstPath(call, object.metadata);
    return createObject(call, object, options);
  };
  const { object, created } = await updateObject(call, options, change, { uid: decoded.metadata.uid, ...(creates ? { create: make } : {}) });
  return objectResponse(call, created ? 201 : 200, object, how);
}

async function patch(call: Call): Promise<ServerResponse> {
  const how = negotiateObject(call);
  const { object, created } = await patchObject(call, (changed, old) => restrictTo(call.subresource, changed, old));
  return objectResponse(call, created ? 201 : 200, object, how);
}

/** Kinds whose delete answers with the object; the others answer with a Status once it is gone. */
const RETURNS_DELETED: ReadonlySet<string> = new Set([
  'pods', 'persistentvolumes', 'persistentvolumeclaims', 'podtemplates', 'resourcequotas', 'serviceaccounts', 'services',
  'storageclasses', 'volumeattachments', 'csinodes', 'csidrivers', 'volumeattributesclasses',
  'deviceclasses', 'resourceclaims', 'resourceclaimtemplates', 'resourceslices', 'devicetaintrules', 'resourcepoolstatusrequests',
]);

async function remove(call: Call): Promise<ServerResponse> {
  const how = negotiateObject(call);
  const options = await readDeleteOptions(call.request);
  const { object, gone } = await removeObject(call, options);
  const { resource } = call.kind;
  if (gone && !(RETURNS_DELETED.has(resource.plural) && resource.group !== 'metrics.k8s.io')) {
    const details = { name: call.name, ...(resource.group === '' ? {} : { group: resource.group }), kind: resource.plural, uid: object.object.metadata.uid };
    return valueResponse(200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }, how);
  }
  return objectResponse(call, !gone && options.orphanDependents === false ? 202 : 200, object, how);
}

async function removeAll(call: Call): Promise<ServerResponse> {
  const how = negotiate(call.request, { ...offerOf(call.kind), list: true });
  const { removed, meta } = await removeCollection(call);
  await call.kind.custom?.prepare(removed);
  const view = viewOf(call.context, call.kind, how, call.request.query);
  return { status: 200, headers: { 'content-type': view.contentType }, body: await view.list(removed, meta) };
}

const VERBS: Readonly<Record<string, Handler>> = { create, get, list, watch, update, patch, delete: remove, deletecollection: removeAll };
const OBJECT_SUBRESOURCE: Readonly<Record<string, Handler>> = { get, update, patch };
const SUBRESOURCES: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  status: OBJECT_SUBRESOURCE, approval: OBJECT_SUBRESOURCE, ephemeralcontainers: OBJECT_SUBRESOURCE, resize: OBJECT_SUBRESOURCE, finalize: { update },
  scale: { get: getScale, update: updateScale, patch: patchScale },
  binding: { create: bind }, eviction: { create: evict },
};

const reading: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

/** What is seen to before a request for a custom resource is worked on. */
async function enterCustom(context: RegistryContext, request: ServerRequest, kind: Kind, verb: string): Promise<void> {
  const { source, deprecation } = kind.custom!;
  if (deprecation !== undefined) {
    request.warnings.push(deprecation);
    annotateDeprecation(request, '');
  }
  if (!context.feed.has(source.prefix)) await context.feed.open(source);
  // Rules are for what is written: a read compiles nothing.
  if (!reading.has(verb)) await kind.custom!.ready();
}

/** Custom resources say what is not allowed, the program's kinds only that it is not. */
const notAllowed = ({ kind: { custom, resource } }: Call, verb: string): StatusError => (custom === undefined ? methodNotAllowed() : verbNotSupported(resource, verb));

function subresourceVerbOf(call: Call, { subresource, verb, name }: RequestInfo): Handler {
  if (call.subresourceInfo === undefined) throw call.kind.custom === undefined ? unknownPath() : notFound(aboutOf(call.kind), name);
  const handler = SUBRESOURCES[subresource]?.[verb];
  if (handler === undefined || !call.subresourceInfo.verbs.includes(verb)) throw notAllowed(call, verb);
  return handler;
}

function verbOf(call: Call, { verb, name }: RequestInfo): Handler {
  const { custom, resource } = call.kind;
  const handler = VERBS[verb];
  // A custom resource is created by what its body says, whatever stands behind the collection's path.
  if (handler === undefined || !(resource.verbs as readonly string[]).includes(verb) || (verb === 'create' && name !== '' && custom === undefined)) throw notAllowed(call, verb);
  return handler;
}

async function route(context: RegistryContext, request: ServerRequest): Promise<ServerResponse> {
  const info = (request.info ??= requestInfoOf(request.method, request.path, request.query));
  const bindings = info.resource === 'bindings' && info.apiGroup === '' && info.verb === 'create' && info.subresource === '';
  const kind = await findKind(context, info.apiGroup, info.apiVersion, bindings ? 'pods' : info.resource, request.user?.name === APISERVER);
  if (kind === undefined) throw unknownPath();
  if (kind.custom !== undefined) await enterCustom(context, request, kind, info.verb);
  const { resource } = kind;
  const collection = info.verb === 'list' || info.verb === 'watch' || info.verb === 'deletecollection';
  const subresourceInfo = info.subresource === '' ? undefined : resource.subresources.find((sub) => sub.name === info.subresource);
  const call: Call = {
    context, request, kind, subresource: info.subresource, subresourceInfo, user: request.user ?? ANONYMOUS,
    namespace: resource.namespaced ? info.namespace : '',
    // A field selector on the name shows in the request info too; the selector itself is what counts then.
    name: collection && info.fieldSelector !== undefined ? '' : info.name,
  };
  if (bindings) return bind(call);
  if (resource.namespaced && info.namespace === '' && info.verb !== 'list' && info.verb !== 'watch') {
    if (kind.custom !== undefined) return pageNotFound();
    throw info.name === '' ? methodNotAllowed() : unknownPath();
  }
  return (info.subresource === '' ? verbOf(call, info) : subresourceVerbOf(call, info))(call);
}

/** What the store says of a request itself: too large for it, or not answered in time, so that nobody knows whether it was done. */
function storeRefusal(error: unknown): StatusError | undefined {
  if (!(error instanceof EtcdError)) return undefined;
  if (error.reason === 'too-large') return tooLarge(error.message);
  return error.reason === 'unavailable' ? failure(504, 'Timeout', `Timeout: ${error.message}`) : undefined;
}

/** Answers a request; errors come as Status answers, never as exceptions. */
export async function dispatch(context: RegistryContext, request: ServerRequest): Promise<ServerResponse> {
  try {
    return await route(context, request);
  } catch (error) {
    if (error instanceof StatusError) return statusResponse(error.status);
    const told = storeRefusal(error);
    if (told !== undefined) return statusResponse(told.status);
    // Nobody is there any more to hear the answer, and nothing has gone wrong here.
    if (error === requestOver) return statusResponse(serviceUnavailable('the request was cut off').status);
    context.host.log.error('a request failed', { method: request.method, path: request.path, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    return statusResponse(internalError(error).status);
  }
}
