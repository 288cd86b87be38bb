/** What the server itself puts into an object's metadata, and what it checks of it against the request. */
import { canonicalTime, formatTime } from '../../api/meta/time.ts';
import type { KubeObject, ObjectMeta } from '../../api/meta/v1/types.ts';
import type { About } from '../../api/meta/status.ts';
import { badRequest, conflict, invalid, type StatusError } from '../../api/meta/status.ts';
import type { Random } from '../../host/types.ts';
import { cacheOf, type Call } from './context.ts';
import { aboutOf } from './read.ts';

/** Letters and digits of generated names: no vowels and nothing that looks alike, so that no words come out. */
const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
/** Names are cut so that name and suffix make a DNS label. */
const GENERATED_BASE_LIMIT = 63 - SUFFIX_LENGTH;

export function generateName(base: string, random: Random): string {
  let suffix = '';
  for (let i = 0; i < SUFFIX_LENGTH; i++) suffix += NAME_ALPHABET[random.int(NAME_ALPHABET.length)];
  return `${base.slice(0, GENERATED_BASE_LIMIT)}${suffix}`;
}

/** Makes the body's namespace that of the request; kinds without namespaces lose it. Throws StatusError 400 when they differ. */
export function settleNamespace(call: Call, metadata: ObjectMeta): void {
  if (!call.kind.resource.namespaced) {
    delete metadata.namespace;
    return;
  }
  if (metadata.namespace === undefined || metadata.namespace === '') metadata.namespace = call.namespace;
  else if (metadata.namespace !== call.namespace) throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

/** Checks the body of a PUT or the outcome of a patch against the path. */
export function checkAgainstPath(call: Call, metadata: ObjectMeta): void {
  if (metadata.name === undefined || metadata.name === '') throw badRequest(`the name of the object (${call.name} based on URL) was undeterminable: name must be provided`);
  if (metadata.name !== call.name) throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${call.name})`);
  if (call.namespace !== '' && metadata.namespace !== undefined && metadata.namespace !== '' && metadata.namespace !== call.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  settleNamespace(call, metadata);
}

/** System fields of a new object. Throws StatusError when the client names a resourceVersion. */
export function settleNew(call: Call, object: KubeObject): void {
  const { metadata } = object;
  // What is no number is no version.
  if (/^0*[1-9]\d*$/.test(metadata.resourceVersion ?? '')) {
    // Upstream's words, and a 500 for them.
    throw badRequest('resourceVersion should not be set on objects to be created');
  }
  delete metadata.resourceVersion;
  delete metadata.selfLink;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  metadata.uid = call.context.random.uuid();
  metadata.creationTimestamp = formatTime(call.context.host.clock.now());
}

/** 409 of a write that means another object (`field`: `UID`, `ResourceVersion`) than the one under the key, in the words that upstream's storage has for it. */
export function storageConflict(about: About, name: string, key: string, field: 'UID' | 'ResourceVersion', wanted: string, actual: string): StatusError {
  return conflict(about, name, `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ${field} in precondition: ${wanted}, ${field} in object meta: ${actual}`);
}

/** 422 of a change that names no state of an object whose kind wants one. Named after the resource, as upstream does here and nowhere else. */
export function stateWanted({ kind: { resource }, name }: Call): StatusError {
  return invalid({ group: resource.group, kind: resource.plural }, name, [{ type: 'FieldValueInvalid', field: 'metadata.resourceVersion', detail: 'Invalid value: 0: must be specified for an update' }]);
}

/** Refuses what says it is another object: a PUT by way of the store, a patch by its rules. */
function checkUid(call: Call, wanted: string, actual: string): void {
  if (wanted === actual) return;
  if (call.request.method === 'PUT') throw storageConflict(aboutOf(call.kind), call.name, cacheOf(call).keyOf(call.namespace, call.name), 'UID', wanted, actual);
  const cause = { type: 'FieldValueInvalid', field: 'metadata.uid', detail: `Invalid value: ${JSON.stringify(wanted)}: field is immutable` };
  // The rules of all objects say so, and those of the kind again.
  throw invalid(call.kind.resource, call.name, [cause, cause]);
}

/** Carries over what only the server writes, and checks what the client claims to know of the stored object. */
export function settleUpdated(call: Call, object: KubeObject, old: KubeObject): void {
  const { metadata } = object;
  const before = old.metadata;
  // A patch of a custom resource's status changes nothing but that.
  const foreign = call.kind.custom !== undefined && call.subresource === 'status' && call.request.method === 'PATCH';
  if (metadata.uid !== undefined && metadata.uid !== '' && !foreign) checkUid(call, metadata.uid, before.uid ?? '');
  delete metadata.selfLink;
  metadata.resourceVersion = before.resourceVersion!;
  keep(metadata, before, 'uid');
  keep(metadata, before, 'creationTimestamp');
  if (metadata.deletionTimestamp === undefined || sameMoment(metadata.deletionTimestamp, before.deletionTimestamp)) keep(metadata, before, 'deletionTimestamp');
  metadata.deletionGracePeriodSeconds ??= before.deletionGracePeriodSeconds!;
  if (metadata.deletionGracePeriodSeconds === undefined) delete metadata.deletionGracePeriodSeconds;
  if (metadata.generation === undefined || metadata.generation === 0) keep(metadata, before, 'generation');
  if (metadata.generateName === undefined || metadata.generateName === '') keep(metadata, before, 'generateName');
}

function sameMoment(a: string, b: string | undefined): boolean {
  return b !== undefined && canonicalTime(a) === canonicalTime(b);
}

function keep<Field extends keyof ObjectMeta>(metadata: ObjectMeta, before: ObjectMeta, field: Field): void {
  if (before[field] === undefined) delete metadata[field];
  else metadata[field] = before[field];
}

/** Owner references that name the same object twice count once; tells the client so. */
export function dedupeOwners(metadata: ObjectMeta, warn: (text: string) => void): void {
  const owners = metadata.ownerReferences;
  if (owners === undefined || owners.length < 2) return;
  const seen = new Set<string>();
  const kept = owners.filter((owner) => {
    const text = JSON.stringify(owner);
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
  if (kept.length === owners.length) return;
  metadata.ownerReferences = kept;
  warn('.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests');
}
