/** PATCH: works out the new object from the stored one, then goes the way of every update. */
import { parseExactly } from '../../api/exact-json.ts';
import { inTypeOrder } from '../../api/order.ts';
import { decodeObject, fieldProblems, kindOf } from '../../api/decode.ts';
import { beyondNumbers, JsonSyntaxError, readJson, type ParsedJson } from '../../api/json.ts';
import type { KubeObject, ManagedFieldsEntry } from '../../api/meta/v1/types.ts';
import { sameValue } from '../../api/meta/validation.ts';
import { apiVersionOf, type Resource } from '../../api/meta/resource.ts';
import { badRequest, conflict, invalid, StatusError, unsupportedMediaType } from '../../api/meta/status.ts';
import { readYaml, YamlSyntaxError } from '../../api/yaml.ts';
import type { CachedObject } from '../cache/object.ts';
import { readCbor } from '../cbor-body.ts';
import { sortedJson } from '../go-json.ts';
import type { ObjectView } from '../types.ts';
import { applyAcross, faultsText, goText, isObject, jsonPatch, KUBECTL, LAST_APPLIED, mergePatch, shapeOfType, strategicMergePatch, type ApplyRequest, type Json, type JsonObject } from '../patch/index.ts';
import type { Call } from './context.ts';
import { contentTypeOf } from './negotiate.ts';
import { writeOptions, type WriteOptions } from './options.ts';
import { otherVersions, touched, writeTime } from './owners.ts';
import { checkAgainstPath, stateWanted } from './metadata.ts';
import { yamlErrors } from './problems.ts';
import { aboutOf } from './read.ts';
import { objectIn } from './views.ts';
import { checkCustomTypes, createObject, decodedCustom, decodeBody, updateObject, type Change, type Written } from './write.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
export const APPLY_PATCH = 'application/apply-patch+yaml';
const APPLY_CBOR = 'application/apply-patch+cbor';
const TYPES = [JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH];
/** Nothing says how lists of custom resources would be merged. */
const CUSTOM_TYPES = [JSON_PATCH, MERGE_PATCH, APPLY_PATCH];

export interface Patch {
  type: string;
  value: Json;
  /** What is wrong with the patch itself, as with any other body. */
  duplicates: string[];
  repeated: string[];
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
  if (ownText !== undefined && type !== APPLY_PATCH) return { type, value: parseExactly(ownText) as Json, duplicates: [], repeated: [], options };
  const bytes = await call.request.body();
  const strict = { strict: options.fieldValidation !== 'Ignore' };
  if (type === APPLY_PATCH && asked !== APPLY_CBOR) {
    const { value, repeated } = readYamlPatch(bytes);
    return { type, value: value as Json, duplicates: [], repeated, options };
  }
  const parsed = asked === APPLY_CBOR ? readCbor(bytes) : readJsonPatch(bytes, strict);
  const value = parsed.value as Json;
  const beyond = beyondNumbers(value);
  if (beyond !== undefined) throw badRequest(`error decoding patch: json: cannot unmarshal number ${beyond} into Go ${type === JSON_PATCH && strict.strict ? 'struct field jsonPatchOp.value' : 'value'} of type float64`);
  if (type === MERGE_PATCH && !isObject(value)) {
    throw badRequest(value === null ? 'Invalid JSON Patch' : `error decoding patch: json: cannot unmarshal ${kindOf(value)} into Go value of type map[string]interface {}`);
  }
  if (type === JSON_PATCH && !Array.isArray(value)) {
    throw badRequest(`error decoding patch: json: cannot unmarshal ${kindOf(value)} into Go value of type ${strict.strict ? '[]handlers.jsonPatchOp' : 'jsonpatch.Patch'}`);
  }
  const found = fieldProblems({ duplicates: parsed.duplicates });
  return { type, value, duplicates: type === JSON_PATCH ? [...found, ...strayFields(value)].map((problem) => `json patch ${problem}`) : found, repeated: [], options };
}

function readYamlPatch(bytes: Uint8Array): ReturnType<typeof readYaml> {
  try {
    return readYaml(Buffer.from(bytes).toString());
  } catch (error) {
    if (error instanceof YamlSyntaxError) throw badRequest(`error decoding YAML: ${error.message}`);
    throw error;
  }
}

function readJsonPatch(bytes: Uint8Array, options: { strict: boolean }): ParsedJson {
  try {
    return readJson(bytes, options);
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw badRequest(`error decoding patch: ${error.message}`);
    throw error;
  }
}

const OPERATION_FIELDS: ReadonlySet<string> = new Set(['op', 'path', 'from', 'value']);

/** Fields of a JSON patch's operations that mean nothing. */
function strayFields(value: Json): string[] {
  if (!Array.isArray(value)) return [];
  const paths = value.flatMap((operation, at) => (isObject(operation) ? Object.keys(operation).filter((field) => !OPERATION_FIELDS.has(field)).map((field) => `[${at}].${field}`) : []));
  return fieldProblems({ unknownFields: paths });
}

/** Characters of a patch that an error shows at most. */
const SHOWN_LIMIT = 10_000;

const BESIDE_REST: ReadonlySet<string> = new Set(['kind', 'apiVersion', 'metadata', 'status']);

/** Whether a patch of /status has left all else as it was, which is then neither read again nor changed. */
function isOfStatusAlone({ kind: { custom, resource, stored, strategy }, subresource }: Call, value: Json, original: JsonObject): value is JsonObject {
  if (subresource !== 'status' || custom !== undefined || resource !== stored || strategy.keepsAllButStatus !== true || !isObject(value)) return false;
  for (const name in value) if (!BESIDE_REST.has(name) && value[name] !== original[name]) return false;
  for (const name in original) if (!BESIDE_REST.has(name) && !Object.hasOwn(value, name)) return false;
  return true;
}

/** The patched object, read as far as it has changed; the rest is the stored object's own, frozen. */
function decodeStatus(call: Call, patch: Patch, value: JsonObject, original: JsonObject): KubeObject {
  const changed: JsonObject = {};
  for (const name of BESIDE_REST) if (Object.hasOwn(value, name)) changed[name] = value[name]!;
  const object = decodeBody(call, { value: changed, duplicates: patch.duplicates }, patch.options) as unknown as JsonObject;
  for (const name of Object.keys(object)) if (!BESIDE_REST.has(name) && !Object.hasOwn(original, name)) delete object[name];
  for (const name in original) if (!BESIDE_REST.has(name)) object[name] = original[name]!;
  return object as unknown as KubeObject;
}

/** Works out what a patch has made; what is no object of the kind is the patch's fault. Throws StatusError 422. */
function decodePatched(call: Call, patch: Patch, original: JsonObject): KubeObject {
  const { custom, resource } = call.kind;
  const value = patched(patch, original, resource.schema);
  try {
    if (isOfStatusAlone(call, value, original)) return decodeStatus(call, patch, value, original);
    return decodeBody(call, { value: ownValue(call, value), duplicates: patch.duplicates, tellsEmpty: patch.type === JSON_PATCH }, patch.options);
  } catch (error) {
    // It is shown as what lies in the store, with what the patch adds at the end.
    throw patchFault(patch, custom === undefined ? value : patched(patch, JSON.parse(sortedJson(original)) as JsonObject, resource.schema), error);
  }
}

/** 422 of what a patch has made and what is no object of the kind; any other error as it is. */
export function patchFault(patch: Patch, value: Json, error: unknown): unknown {
  if (!(error instanceof StatusError) || typeof error.cause !== 'string') return error;
  const text = patch.type === STRATEGIC_PATCH ? goText(patch.value) : JSON.stringify(value);
  const shown = text.length > SHOWN_LIMIT ? `${text.slice(0, SHOWN_LIMIT)}...` : text;
  return invalid({ group: '', kind: '' }, '', [{ type: 'FieldValueInvalid', field: 'patch', detail: `Invalid value: ${JSON.stringify(shown)}: ${error.cause}` }]);
}

/** Applies a patch that is no apply to an object in the request's version. The original is left as it is. */
export function patched(patch: Patch, original: JsonObject, schema: string): Json {
  if (patch.type === JSON_PATCH) return jsonPatch(original, patch.value);
  if (patch.type === MERGE_PATCH) return mergePatch(original, patch.value);
  return strategicMergePatch(original, patch.value, schema);
}

/** The object as a patch meets it: the operations of a JSON patch are on what clients are shown, null for an empty list included. */
function originalOf({ kind }: Call, patch: Patch, current: CachedObject): JsonObject {
  const object = objectIn(kind, current);
  return (patch.type === JSON_PATCH && kind.custom === undefined ? inTypeOrder(kind.resource.schema, object) : object) as unknown as JsonObject;
}

/** Changes the object that the path names; an apply creates it when there is none. */
export async function patchObject(call: Call, restrict: (object: KubeObject, old: KubeObject) => void): Promise<Written> {
  const patch = await readPatch(call);
  if (patch.type === APPLY_PATCH) return applyObject(call, patch, restrict);
  const change: Change = (old, current) => {
    const object = decodePatched(call, patch, originalOf(call, patch, current));
    restrict(object, old);
    return object;
  };
  return updateObject(call, patch.options, change);
}

/** Reading a custom resource changes the value in place; what a patch yields shares parts with the stored object. */
const ownValue = (call: Call, value: Json): Json => (call.kind.custom === undefined ? value : structuredClone(value));

/** How a configuration is applied that is said through another object (scale). */
export interface ApplyHow extends Pick<ApplyRequest, 'fieldName' | 'part'> {
  /** What admission is shown in the object's place. */
  view?: ObjectView;
}

/** Applies a configuration of the object. */
export async function applyObject(call: Call, patch: Patch, restrict: (object: KubeObject, old: KubeObject) => void, { view, ...how }: ApplyHow = {}): Promise<Written> {
  const wanted = writable(call, appliedObject(call, patch));
  const outcome = async (live: KubeObject | undefined): Promise<{ object: KubeObject; changed: boolean }> => {
    const result = await applyAcross({
      shape: call.kind.custom?.shape() ?? shapeOfType(call.kind.resource.schema), live: live as unknown as JsonObject | undefined, applied: wanted,
      force: patch.options.force, place: saidPlace(call.kind.resource, patch.value),
      writer: { manager: patch.options.fieldManager, operation: 'Apply', apiVersion: apiVersionOf(call.kind.resource), subresource: call.subresource, time: writeTime(call) },
      part: (object) => touched(call, object as unknown as KubeObject), typesChange: call.kind.custom !== undefined, ...how,
    }, otherVersions(call));
    const object = mergedObject(call, result.object, patch.options);
    object.metadata.managedFields = result.managedFields;
    const noted = noteLastApplied(patch, object);
    return { object, changed: noted || (result.changed && !differsInTimesOnly(object, live)) };
  };
  const change = async (old: KubeObject, current: CachedObject): Promise<KubeObject> => {
    checkSaid(call, patch.value);
    const { object, changed } = await outcome(objectIn(call.kind, current));
    if (!changed) {
      // Whoever names a state of the object means that one, also where there is nothing to change.
      const { resourceVersion, uid } = (wanted['metadata'] ?? {}) as KubeObject['metadata'];
      const same = structuredClone(old);
      Object.assign(same.metadata, { ...(resourceVersion ? { resourceVersion } : {}), ...(uid ? { uid } : {}) });
      return same;
    }
    restrict(object, old);
    return object;
  };
  const create = async (): Promise<Written> => {
    const { object } = await outcome(undefined);
    const { uid } = object.metadata;
    if (uid) throw conflict(aboutOf(call.kind), call.name, `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`);
    delete object.metadata.resourceVersion;
    return createObject({ ...call, name: '' }, object, patch.options);
  };
  return updateObject(call, patch.options, change, { owned: true, ...(view ? { view } : {}), ...(call.subresource === '' ? { create } : {}) });
}

/** What an apply has made, as an object of the kind. Nulls that it has written into a custom resource stay there, for the schema to judge. */
function mergedObject(call: Call, value: JsonObject, options: WriteOptions): KubeObject {
  const { custom } = call.kind;
  if (custom === undefined) return decodeBody(call, { value, duplicates: [] }, { ...options, fieldValidation: 'Ignore' });
  const { object } = decodedCustom(call, value, custom, false);
  custom.fill(object);
  return object;
}

/** Whether nothing but the times of managers is new: then there is nothing to write. */
export function differsInTimesOnly(object: KubeObject, live: KubeObject | undefined): boolean {
  const { managedFields = [], resourceVersion: _, ...metadata } = object.metadata;
  const { managedFields: old = [], resourceVersion: _old, ...oldMetadata } = live?.metadata ?? {};
  if (live === undefined || managedFields.length === 0 || managedFields.length !== old.length) return false;
  const timeless = ({ time: _time, ...entry }: ManagedFieldsEntry): ManagedFieldsEntry => entry;
  return managedFields.every((entry, i) => sameValue(timeless(entry), timeless(old[i]!))) && sameValue({ ...object, metadata }, { ...live, metadata: oldMetadata });
}

/** Bytes of annotations that an object has at most. */
const ANNOTATIONS_LIMIT = 262_144;

/** That an applied configuration means the object of the path, where it says which; of custom resources also that it says a state where it says one. Throws StatusError 400 or 422. */
function checkSaid(call: Call, value: Json): void {
  const metadata = isObject(value) ? value['metadata'] : undefined;
  if (!isObject(metadata ?? null) || call.subresource === 'scale') return;
  const { name, namespace, resourceVersion } = metadata as { name?: string | null; namespace?: string | null; resourceVersion?: string | null };
  if (name !== undefined || namespace) checkAgainstPath(call, { name: name === undefined ? call.name : (name ?? ''), ...(namespace ? { namespace } : {}) });
  if ((resourceVersion === null || resourceVersion === '') && call.kind.strategy.unconditionalUpdate === false) throw stateWanted(call);
}

/** Keeps up what kubectl noted of its applies where it has begun to. Answers whether that changes anything. */
function noteLastApplied({ value, options }: Patch, { metadata }: KubeObject): boolean {
  const { annotations } = metadata;
  const noted = annotations?.[LAST_APPLIED];
  if (options.fieldManager !== KUBECTL || !noted) return false;
  const applied = structuredClone(value) as unknown as KubeObject;
  if (applied.metadata?.annotations) delete applied.metadata.annotations[LAST_APPLIED];
  annotations![LAST_APPLIED] = `${sortedJson(applied)}\n`;
  // A note that does not fit is none.
  if (Object.entries(annotations!).reduce((size, [key, text]) => size + Buffer.byteLength(key) + Buffer.byteLength(text), 0) > ANNOTATIONS_LIMIT) {
    delete annotations![LAST_APPLIED];
    if (Object.keys(annotations!).length === 0) delete metadata.annotations;
    return true;
  }
  return annotations![LAST_APPLIED] !== noted;
}

/** What an apply of a status says of metadata that its kind keeps: which object it means. */
const IDENTITY: ReadonlySet<string> = new Set(['name', 'namespace', 'uid', 'resourceVersion']);

/** Without what this apply cannot touch: nobody owns that through it. */
function writable(call: Call, wanted: JsonObject): JsonObject {
  const { apiVersion, kind, ...rest } = touched(call, wanted as unknown as KubeObject);
  const out: JsonObject = { apiVersion: apiVersion ?? wanted['apiVersion']!, kind: kind ?? wanted['kind']!, ...rest };
  if (isObject(wanted['metadata'])) out['metadata'] ??= Object.fromEntries(Object.entries(wanted['metadata']).filter(([field]) => IDENTITY.has(field)));
  return out;
}

/** What the client wrote, to the letter: a quantity in another form is another value to owners. Throws StatusError 400. */
function appliedObject(call: Call, patch: Patch): JsonObject {
  const { resource } = call.kind;
  const value = patch.value;
  if (value === null) throw badRequest('invalid object type: /, Kind=');
  if (!isObject(value)) throw badRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kindOf(value)} into Go value of type map[string]interface {}`);
  const { kind, apiVersion } = value;
  if (kind !== resource.kind || apiVersion !== apiVersionOf(resource)) {
    const given = typeof apiVersion === 'string' ? apiVersion : '';
    throw badRequest(`invalid object type: ${given.includes('/') ? given : `/${given}`}, Kind=${typeof kind === 'string' ? kind : ''}`);
  }
  if (call.kind.custom !== undefined) return checkedMetadata(call, appliedCustom(call, patch, value));
  settleRepeated(call, patch);
  const { unknownFields } = decodeObject<JsonObject>(resource.schema, value, { fieldValidation: 'Strict' });
  if (unknownFields.length > 0) throw undeclared(call, unknownFields, value);
  return checkedMetadata(call, { ...value });
}

/** Keys of an applied configuration that come twice. Throws StatusError 400. */
function settleRepeated(call: Call, { repeated, duplicates, options }: Patch): void {
  const found = [...repeated, ...duplicates];
  if (found.length === 0 || options.fieldValidation === 'Ignore') return;
  if (options.fieldValidation === 'Strict') throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${yamlErrors(found)}`);
  call.request.warnings.push(...found);
}

/** What an applied configuration says of itself: `default/web; apps/v1, Kind=Deployment`. */
function saidPlace({ kind, ...resource }: Resource, value: Json): string {
  const { namespace = '', name = '' } = ((isObject(value) ? value['metadata'] : undefined) ?? {}) as KubeObject['metadata'];
  return `${namespace}/${name}; ${apiVersionOf(resource)}, Kind=${kind}`;
}

/** Fields that the schema does not have cannot be merged, whatever the request says of validation. Upstream has the words, and a 500 for them. */
function undeclared({ kind: { resource } }: Call, unknownFields: readonly string[], value: JsonObject): Error {
  return badRequest(`failed to create typed patch object (${saidPlace(resource, value)}): ${faultsText(unknownFields.map((path) => `.${path}: field not declared in schema`))}`);
}

/** As written, without defaults; what the schema does not know is refused, as it cannot be merged. */
function appliedCustom(call: Call, patch: Patch, value: JsonObject): JsonObject {
  checkCustomTypes(call, value);
  const { unknownFields } = decodedCustom(call, structuredClone(value), call.kind.custom!, false);
  settleRepeated(call, patch);
  if (unknownFields.length > 0) throw undeclared(call, unknownFields, value);
  return { ...value };
}

function checkedMetadata(call: Call, written: JsonObject): JsonObject {
  const { resource } = call.kind;
  const metadata = (written['metadata'] ?? {}) as JsonObject;
  if (metadata['managedFields'] !== undefined && metadata['managedFields'] !== null) throw badRequest('metadata.managedFields must be nil');
  written['metadata'] = { ...metadata, name: metadata['name'] ?? call.name, ...(resource.namespaced ? { namespace: metadata['namespace'] ?? call.namespace } : {}) };
  return written;
}
