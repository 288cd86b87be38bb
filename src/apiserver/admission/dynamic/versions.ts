/** A request's resource in its other versions, and its objects in them: for rules that match equivalent resources. */
import { convert } from '../../../api/convert.ts';
import { decodeObject } from '../../../api/decode.ts';
import { applyDefaults } from '../../../api/defaults.ts';
import { groupVersionOf } from '../../../api/meta/objects.ts';
import { apiVersionOf, type Resource } from '../../../api/meta/resource.ts';
import type { KubeObject } from '../../../api/meta/v1/types.ts';
import { inArrivingOrder, inTypeOrder } from '../../../api/order.ts';
import { protobufSchema } from '../../../api/protobuf/kinds.ts';
import { RESOURCES } from '../../../api/resources.ts';
import { findSchema } from '../../../api/schema.ts';
import type { AdmissionRequest } from '../../types.ts';
import type { AdmissionContext } from '../context.ts';

export interface GroupVersionKind { group: string; version: string; kind: string }

/** The resource in the version that the client asked for. */
export const requestedOf = (request: AdmissionRequest): Resource => request.requested ?? request.resource;

/** The kind of the request's objects where its resource is seen in a version. */
export function kindIn(request: AdmissionRequest, resource: Resource): GroupVersionKind {
  const { subresourceInfo: sub } = request;
  if (sub === undefined || request.subresource === '') return { group: resource.group, version: resource.version, kind: resource.kind };
  return { group: sub.group ?? resource.group, version: sub.version ?? resource.version, kind: sub.kind };
}

/** The same objects under other groups or versions; the requested one is not among them. */
export function equivalentsOf(request: AdmissionRequest, { custom }: Pick<AdmissionContext, 'custom'>): Resource[] {
  const asked = requestedOf(request);
  const same = (resource: Resource): boolean => resource.group === asked.group && resource.version === asked.version && resource.plural === asked.plural;
  const known = RESOURCES.filter((resource) => resource.storagePrefix === request.resource.storagePrefix && resource.kind === asked.kind && !same(resource));
  if (known.length > 0 || findSchema(asked.schema) !== undefined) return known;
  return (custom?.served(asked.group, asked.plural) ?? []).filter((name) => name !== asked.version).map((name) => ({ ...asked, version: name }));
}

/** Custom resources of a request in other versions, as long as the request's object stays as it is. */
interface Converted {
  of: string;
  object: Record<string, unknown>;
}

const converted = new WeakMap<AdmissionRequest, Map<string, Converted>>();

export const isCustom = (request: AdmissionRequest): boolean => findSchema(request.resource.schema) === undefined;

/**
 * Converts the request's objects, where the version that a rule has matched is another than theirs and they are custom resources: what looks at them afterwards
 * does so at once. Throws StatusError where a webhook fails to convert.
 */
export async function prepareVersion(request: AdmissionRequest, resource: Resource, { custom }: Pick<AdmissionContext, 'custom'>): Promise<void> {
  if (custom === undefined || resource.version === request.resource.version || request.view !== undefined || !isCustom(request)) return;
  const known = converted.get(request) ?? new Map<string, Converted>();
  converted.set(request, known);
  for (const [name, object] of [['new', request.object], ['old', request.oldObject]] as const) {
    if (object === undefined || !isMain(request, object)) continue;
    const of = JSON.stringify(object);
    const key = `${name} ${resource.version}`;
    if (known.get(key)?.of === of) continue;
    const made = await custom.convert(resource.group, resource.plural, whole(request, object) as unknown as KubeObject, resource.version);
    known.set(key, { of, object: made as unknown as Record<string, unknown> });
  }
}

function preparedVersion(request: AdmissionRequest, object: Record<string, unknown>, { version }: Resource): Record<string, unknown> | undefined {
  const known = converted.get(request);
  if (known === undefined) return undefined;
  const found = known.get(`${object === request.oldObject ? 'old' : 'new'} ${version}`);
  return found?.of === JSON.stringify(object) ? found.object : undefined;
}

/** Stored objects need not say what they are: what has no kind is of the request's. */
const isMain = (request: AdmissionRequest, object: Record<string, unknown>): boolean => object['kind'] === undefined || object['kind'] === request.resource.kind;

/** The object with its kind and version. */
function whole(request: AdmissionRequest, object: Record<string, unknown>): Record<string, unknown> {
  return object['kind'] === undefined || object['apiVersion'] === undefined ? { kind: request.resource.kind, apiVersion: apiVersionOf(request.resource), ...object } : object;
}

/**
 * An object of the request as webhooks and expressions see it, in a version of its resource: null stands for required lists and pointers that have nothing in
 * them, as everywhere outside. It may share parts with the original: not to be changed. Custom resources have been prepared before.
 */
export function inVersion(request: AdmissionRequest, object: Record<string, unknown> | undefined, resource: Resource): Record<string, unknown> | undefined {
  if (object === undefined) return undefined;
  const seen = isMain(request, object) ? mainInVersion(request, object, resource) : object;
  const schema = protobufSchema(String(seen['apiVersion'] ?? ''), String(seen['kind'] ?? ''));
  if (schema === undefined) return seen;
  return object === request.object ? inArrivingOrder(schema, seen) : inTypeOrder(schema, seen);
}

function mainInVersion(request: AdmissionRequest, object: Record<string, unknown>, resource: Resource): Record<string, unknown> {
  const complete = whole(request, object);
  if (request.view !== undefined) return request.view.show(complete as unknown as KubeObject) as unknown as Record<string, unknown>;
  if (complete['apiVersion'] === apiVersionOf(resource)) return complete;
  if (isCustom(request)) return preparedVersion(request, object, resource) ?? { ...complete, apiVersion: apiVersionOf(resource) };
  return convert(complete as unknown as KubeObject, resource) as unknown as Record<string, unknown>;
}

const isOfGroup = ({ apiVersion }: Record<string, unknown>, { group }: Resource): boolean => typeof apiVersion === 'string' && groupVersionOf(apiVersion).group === group;

/** Takes over an object that came back changed, in the version in which it was sent: decoded, converted, with defaults. Throws StatusError 400. */
export async function takeOver(request: AdmissionRequest, changed: Record<string, unknown>, resource: Resource, { custom, host }: Pick<AdmissionContext, 'custom' | 'host'>): Promise<void> {
  const object = request.object!;
  if (request.view !== undefined) return request.view.take(object as unknown as KubeObject, changed as unknown as KubeObject);
  let made = changed;
  if (isMain(request, changed)) {
    if (findSchema(resource.schema) !== undefined) {
      const decoded = decodeObject<KubeObject & Record<string, unknown>>(resource.schema, changed, { fieldValidation: 'Ignore', notesEmpty: true }).object;
      decoded.kind = resource.kind;
      decoded.apiVersion = apiVersionOf(resource);
      decoded.metadata ??= {};
      applyDefaults(resource.schema, decoded, { nowMs: host.clock.now() });
      const there = convert(decoded, request.resource);
      made = (there === decoded ? decoded : structuredClone(there)) as unknown as Record<string, unknown>;
    } else if (!isOfGroup(changed, resource)) {
      // Nobody can convert it: whoever stores the object says so.
      made = changed;
    } else if (custom !== undefined && changed['apiVersion'] !== apiVersionOf(request.resource)) {
      made = (await custom.convert(resource.group, resource.plural, changed as unknown as KubeObject, request.resource.version)) as unknown as Record<string, unknown>;
    } else made = { ...changed, apiVersion: apiVersionOf(request.resource) };
  }
  // Without metadata nothing could look at it: what is missing is told by the rules of the kind.
  if (typeof made['metadata'] !== 'object' || made['metadata'] === null) made = { ...made, metadata: {} };
  // Who holds the request holds the object: it is changed in place.
  for (const key of Object.keys(object)) delete object[key];
  Object.assign(object, made);
}
