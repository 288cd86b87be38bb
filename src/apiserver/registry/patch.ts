/** PATCH: works out the new object from the stored one, then goes the way of every update. */
import { decodeObject, fieldProblems, parseJson, parseYamlStrictly, strictDecodingMessage } from '../../api/decode.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { apiVersionOf } from '../../api/meta/resource.ts';
import { badRequest, failure, unsupportedMediaType } from '../../api/meta/status.ts';
import { formatTime } from '../../api/meta/time.ts';
import type { CachedObject } from '../cache/object.ts';
import { readCbor } from '../cbor-body.ts';
import { apply, jsonPatch, mergePatch, shapeOfType, strategicMergePatch, type Json, type JsonObject } from '../patch/index.ts';
import type { Call } from './context.ts';
import { contentTypeOf } from './negotiate.ts';
import { writeOptions, type WriteOptions } from './options.ts';
import { objectIn } from './views.ts';
import { checkCustomTypes, createObject, decodeBody, updateObject, type Change, type Written } from './write.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
const APPLY_PATCH = 'application/apply-patch+yaml';
const APPLY_CBOR = 'application/apply-patch+cbor';
const TYPES = [JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH];
/** Nothing says how lists of custom resources would be merged. */
const CUSTOM_TYPES = [JSON_PATCH, MERGE_PATCH, APPLY_PATCH];

export interface Patch {
  type: string;
  value: Json;
  duplicates: string[];
  options: WriteOptions;
}

/** The body of a PATCH. Throws StatusError 415 for a type that is none. */
export async function readPatch(call: Call): Promise<Patch> {
  const asked = contentTypeOf(call.request);
  const plain = call.kind.custom === undefined ? TYPES : CUSTOM_TYPES;
  const types = call.request.formats?.includes('cbor') === true ? [...plain, APPLY_CBOR] : plain;
  // An apply is one, however it is written.
  const type = asked === APPLY_CBOR ? APPLY_PATCH : asked;
  if (!types.includes(asked)) {
    throw unsupportedMediaType(`the body of the request was in an unknown format - accepted media types include: ${types.join(', ')}`);
  }
  const options = writeOptions(call.request, 'PatchOptions', type === APPLY_PATCH);
  const { ownText } = call.request;
  if (ownText !== undefined && type !== APPLY_PATCH) return { type, value: JSON.parse(ownText) as Json, duplicates: [], options };
  const bytes = await call.request.body();
  const strict = { strict: options.fieldValidation !== 'Ignore' };
  const parsed = asked === APPLY_CBOR ? readCbor(bytes) : type === APPLY_PATCH ? parseYamlStrictly(Buffer.from(bytes).toString()) : parseJson(bytes, strict);
  return { type, value: parsed.value as Json, duplicates: fieldProblems({ duplicates: parsed.duplicates }), options };
}

/** Applies a patch that is no apply to an object in the request's version. The original is left as it is. */
export function patched(patch: Patch, original: JsonObject, schema: string): Json {
  if (patch.type === JSON_PATCH) return jsonPatch(original, patch.value);
  if (patch.type === MERGE_PATCH) return mergePatch(original, patch.value);
  return strategicMergePatch(original, patch.value, schema);
}

/** Changes the object that the path names; an apply creates it when there is none. */
export async function patchObject(call: Call, restrict: (object: KubeObject, old: KubeObject) => void): Promise<Written> {
  const patch = await readPatch(call);
  if (patch.type === APPLY_PATCH) return applyObject(call, patch, restrict);
  const change: Change = (old, current) => {
    const value = patched(patch, objectIn(call.kind, current) as unknown as JsonObject, call.kind.resource.schema);
    const object = decodeBody(call, { value: ownValue(call, value), duplicates: patch.duplicates }, patch.options);
    restrict(object, old);
    return object;
  };
  return updateObject(call, patch.options, change);
}

/** Reading a custom resource changes the value in place; what a patch yields shares parts with the stored object. */
const ownValue = (call: Call, value: Json): Json => (call.kind.custom === undefined ? value : structuredClone(value));

async function applyObject(call: Call, patch: Patch, restrict: (object: KubeObject, old: KubeObject) => void): Promise<Written> {
  const wanted = appliedObject(call, patch);
  const outcome = (live: KubeObject | undefined): { object: KubeObject; changed: boolean } => {
    const result = apply({
      shape: call.kind.custom?.shape() ?? shapeOfType(call.kind.resource.schema), live: live as unknown as JsonObject | undefined, applied: structuredClone(wanted),
      force: patch.options.force,
      writer: { manager: patch.options.fieldManager, operation: 'Apply', apiVersion: apiVersionOf(call.kind.resource), subresource: call.subresource, time: formatTime(call.context.host.clock.now()) },
    });
    const object = decodeBody(call, { value: ownValue(call, result.object), duplicates: [] }, { ...patch.options, fieldValidation: 'Ignore' });
    object.metadata.managedFields = result.managedFields;
    return { object, changed: result.changed };
  };
  const change = (old: KubeObject, current: CachedObject): KubeObject => {
    const { object, changed } = outcome(objectIn(call.kind, current));
    if (!changed) return structuredClone(old);
    restrict(object, old);
    return object;
  };
  const create = (): Promise<Written> => {
    const { object } = outcome(undefined);
    delete object.metadata.resourceVersion;
    return createObject({ ...call, name: '' }, object, patch.options);
  };
  return updateObject(call, patch.options, change, { owned: true, ...(call.subresource === '' ? { create } : {}) });
}

/** What the client wrote, with values in their canonical form, and nothing that it did not write. Throws StatusError 400. */
function appliedObject(call: Call, patch: Patch): JsonObject {
  const { resource } = call.kind;
  const value = patch.value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRequest('error decoding YAML: the body of an apply must be an object');
  if (typeof value['kind'] !== 'string' || value['kind'] === '') throw badRequest(`Object 'Kind' is missing in ${JSON.stringify(JSON.stringify(value)).slice(0, 200)}`);
  if (typeof value['apiVersion'] !== 'string' || value['apiVersion'] === '') throw badRequest(`Object 'apiVersion' is missing in ${JSON.stringify(JSON.stringify(value)).slice(0, 200)}`);
  if (call.kind.custom !== undefined) return checkedMetadata(call, appliedCustom(call, patch, value));
  // Checks kind and version in the same words as every other body.
  decodeBody(call, { value: { apiVersion: value['apiVersion'], kind: value['kind'] }, duplicates: [] }, { ...patch.options, fieldValidation: 'Ignore' });
  const { object, unknownFields } = decodeObject<JsonObject>(resource.schema, value, { fieldValidation: 'Strict' });
  const problems = [...patch.duplicates, ...fieldProblems({ unknownFields })];
  if (problems.length > 0 && patch.options.fieldValidation === 'Strict') throw badRequest(strictDecodingMessage(resource.schema, value, problems));
  if (unknownFields.length > 0) throw undeclared(call, unknownFields);
  if (problems.length > 0) call.request.warnings.push(...problems);
  return checkedMetadata(call, onlyWritten(object, value) as JsonObject);
}

function undeclared(call: Call, unknownFields: readonly string[]): Error {
  const { resource } = call.kind;
  const place = `${call.namespace}/${call.name}; ${apiVersionOf(resource)}, Kind=${resource.kind}`;
  return failure(500, '', `failed to create typed patch object (${place}): ${unknownFields.map((path) => `.${path}: field not declared in schema`).join('\n')}`);
}

/** As written, without defaults; what the schema does not know is refused, as it cannot be merged. */
function appliedCustom(call: Call, patch: Patch, value: JsonObject): JsonObject {
  checkCustomTypes(call, value);
  const { object, unknownFields } = call.kind.custom!.decode(structuredClone(value), false);
  const problems = [...patch.duplicates, ...fieldProblems({ unknownFields })];
  if (problems.length > 0 && patch.options.fieldValidation === 'Strict') throw badRequest(strictDecodingMessage(call.kind.resource.schema, value, problems));
  if (unknownFields.length > 0) throw undeclared(call, unknownFields);
  if (patch.options.fieldValidation === 'Warn') call.request.warnings.push(...problems);
  if (value['metadata'] !== undefined) (object as unknown as JsonObject)['metadata'] = onlyWritten(object.metadata as unknown as Json, value['metadata']);
  return object as unknown as JsonObject;
}

function checkedMetadata(call: Call, written: JsonObject): JsonObject {
  const { resource } = call.kind;
  const metadata = (written['metadata'] ?? {}) as JsonObject;
  if (Array.isArray(metadata['managedFields']) && metadata['managedFields'].length > 0) throw badRequest('metadata.managedFields must be nil');
  written['metadata'] = { ...metadata, name: metadata['name'] ?? call.name, ...(resource.namespaced ? { namespace: metadata['namespace'] ?? call.namespace } : {}) };
  return written;
}

/** The decoded value, without the fields that decoding has added to what was written. */
function onlyWritten(decoded: Json | undefined, written: Json): Json {
  if (Array.isArray(decoded) && Array.isArray(written) && decoded.length === written.length) return decoded.map((item, i) => onlyWritten(item, written[i]!));
  if (typeof decoded !== 'object' || decoded === null || Array.isArray(decoded) || typeof written !== 'object' || written === null || Array.isArray(written)) return decoded ?? null;
  const out: JsonObject = {};
  for (const key in written) {
    const value = decoded[key];
    // An empty list, map or string is left out by decoding, but the client did write it.
    if (value !== undefined) out[key] = onlyWritten(value, written[key]!);
    else if (isEmpty(written[key]!)) out[key] = written[key]!;
  }
  return out;
}

function isEmpty(value: Json): boolean {
  return (Array.isArray(value) && value.length === 0) || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}
