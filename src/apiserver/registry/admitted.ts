/** What admission has made of a custom resource: whether it is still the object that the request is for. What a webhook may have written is read again, as a client's words would be. */
import { sortedJson } from '../go-json.ts';
import { shown } from '../../api/meta/field.ts';
import { groupVersionOf } from '../../api/meta/objects.ts';
import { apiVersionOf } from '../../api/meta/resource.ts';
import { conflict, failure, internalError, invalid } from '../../api/meta/status.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { Call } from './context.ts';
import { settleNamespace, settleUpdated, stateWanted } from './metadata.ts';
import { aboutOf } from './read.ts';

const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

/** Throws StatusError where the object's kind or version is none that it could be stored as. Another version that the definition has is as good. */
function checkTypes(call: Call, object: KubeObject): void {
  const { custom, resource } = call.kind;
  const said = object as { kind?: unknown; apiVersion?: unknown };
  if (typeof said.kind !== 'string' || said.kind === '') throw internalError(new Error(`Object 'Kind' is missing in '${sortedJson(object)}'`));
  const apiVersion = typeof said.apiVersion === 'string' ? said.apiVersion : '';
  const { group, version } = groupVersionOf(apiVersion);
  if (group !== resource.group || !custom!.scalePaths.has(`${group}/${version}`)) {
    throw failure(500, '', `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${said.kind} is unstructured and is not suitable for converting to "${apiVersionOf(resource)}"`);
  }
  // A write of the status takes the status alone.
  if (said.kind !== resource.kind && call.subresource === '') throw invalid({ group, kind: said.kind }, object.metadata.name ?? '', [{ type: 'FieldValueInvalid', field: 'kind', detail: `Invalid value: ${shown(said.kind)}: must be ${resource.kind}` }]);
  object.kind = resource.kind;
  object.apiVersion = apiVersionOf(resource);
}

/**
 * Takes from a new object what upstream gives it after admission alone, its uid, time and generation; who may change the object sees the status that the client has sent.
 * Answers with what gives uid and time back.
 */
export function beforeCreation(object: KubeObject, status: unknown): () => void {
  const { uid, creationTimestamp } = object.metadata;
  for (const field of ['uid', 'creationTimestamp', 'generation'] as const) delete object.metadata[field];
  if (status !== undefined) (object as { status?: unknown }).status = status;
  return () => void Object.assign(object.metadata, { uid, creationTimestamp });
}

/** After admission may have changed a new object. */
export function settleAdmittedNew(call: Call, object: KubeObject): void {
  object.metadata = call.kind.custom!.metadataOf(object);
  checkTypes(call, object);
  const { metadata } = object;
  settleNamespace(call, metadata);
  if (/^0*[1-9]\d*$/.test(metadata.resourceVersion ?? '')) throw failure(500, '', 'resourceVersion should not be set on objects to be created');
  delete metadata.resourceVersion;
  for (const field of ['deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink'] as const) delete metadata[field];
}

/** After admission may have changed an object that is about to take the place of `old`. */
export function settleAdmitted(call: Call, object: KubeObject, old: KubeObject): void {
  object.metadata = call.kind.custom!.metadataOf(object);
  checkTypes(call, object);
  settleNamespace(call, object.metadata);
  const { resourceVersion = '' } = object.metadata;
  if (resourceVersion === '' || resourceVersion === '0') throw stateWanted(call);
  if (resourceVersion !== old.metadata.resourceVersion) throw conflict(aboutOf(call.kind), call.name, MODIFIED);
  settleUpdated(call, object, old);
}
