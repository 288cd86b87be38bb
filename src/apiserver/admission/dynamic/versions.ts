/** A request's resource in its other versions, and its objects in them: for rules that match equivalent resources. */
import { convert } from '../../../api/convert.ts';
import { decodeObject } from '../../../api/decode.ts';
import { applyDefaults } from '../../../api/defaults.ts';
import { apiVersionOf, type Resource } from '../../../api/meta/resource.ts';
import type { KubeObject } from '../../../api/meta/v1/types.ts';
import { CustomResourceDefinitions, RESOURCES } from '../../../api/resources.ts';
import { findSchema } from '../../../api/schema.ts';
import type { Lookup } from '../../lookup.ts';
import type { AdmissionRequest } from '../../types.ts';

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
export function equivalentsOf(request: AdmissionRequest, lookup: Lookup): Resource[] {
  const asked = requestedOf(request);
  const same = (resource: Resource): boolean => resource.group === asked.group && resource.version === asked.version && resource.plural === asked.plural;
  const known = RESOURCES.filter((resource) => resource.storagePrefix === request.resource.storagePrefix && resource.kind === asked.kind && !same(resource));
  if (known.length > 0 || findSchema(asked.schema) !== undefined) return known;
  const definition = lookup.list(CustomResourceDefinitions).find(({ spec }) => spec.group === asked.group && spec.names.plural === asked.plural);
  if (definition?.spec.conversion?.strategy === 'Webhook') return [];
  return (definition?.spec.versions ?? []).filter(({ served, name }) => served && name !== asked.version).map(({ name }) => ({ ...asked, version: name }));
}

/** Stored objects need not say what they are: what has no kind is of the request's. */
const isMain = (request: AdmissionRequest, object: Record<string, unknown>): boolean => object['kind'] === undefined || object['kind'] === request.resource.kind;

/** An object of the request as it looks in a version of its resource. It may share parts with the original: not to be changed. */
export function inVersion(request: AdmissionRequest, object: Record<string, unknown> | undefined, resource: Resource): Record<string, unknown> | undefined {
  if (object === undefined || !isMain(request, object)) return object;
  const whole = object['kind'] === undefined || object['apiVersion'] === undefined ? { kind: request.resource.kind, apiVersion: apiVersionOf(request.resource), ...object } : object;
  if (request.view !== undefined) return request.view.show(whole as unknown as KubeObject) as unknown as Record<string, unknown>;
  if (whole['apiVersion'] === apiVersionOf(resource)) return whole;
  if (findSchema(request.resource.schema) === undefined) return { ...whole, apiVersion: apiVersionOf(resource) };
  return convert(whole as unknown as KubeObject, resource) as unknown as Record<string, unknown>;
}

/** Takes over an object that came back changed, in the version in which it was sent: decoded, converted, with defaults. Throws StatusError 400. */
export function takeOver(request: AdmissionRequest, changed: Record<string, unknown>, resource: Resource, nowMs: number): void {
  const object = request.object!;
  if (request.view !== undefined) return request.view.take(object as unknown as KubeObject, changed as unknown as KubeObject);
  let made = changed;
  if (isMain(request, changed)) {
    if (findSchema(resource.schema) !== undefined) {
      const decoded = decodeObject<KubeObject & Record<string, unknown>>(resource.schema, changed, { fieldValidation: 'Ignore' }).object;
      decoded.kind = resource.kind;
      decoded.apiVersion = apiVersionOf(resource);
      decoded.metadata ??= {};
      applyDefaults(resource.schema, decoded, { nowMs });
      made = structuredClone(convert(decoded, request.resource)) as unknown as Record<string, unknown>;
    } else made = { ...changed, apiVersion: apiVersionOf(request.resource) };
  }
  // Who holds the request holds the object: it is changed in place.
  for (const key of Object.keys(object)) delete object[key];
  Object.assign(object, made);
}
