/** `…/scale`: the replica count of a workload as an autoscaling/v1 Scale. */
import type { Scale } from '../../../api/autoscaling/v1/types.ts';
import { decodeObject, fieldProblems, undecodable } from '../../../api/decode.ts';
import { labelSelectorOf } from '../../../api/meta/selectors.ts';
import { apiVersionOf } from '../../../api/meta/resource.ts';
import type { KubeObject, LabelSelector } from '../../../api/meta/v1/types.ts';
import { badRequest, failure, internalError, invalid } from '../../../api/meta/status.ts';
import { noteObject } from '../../audit/note.ts';
import { setReplicasAt, textAt, wholeNumberAt } from '../../crd/scale.ts';
import type { CachedObject } from '../../cache/object.ts';
import { isObject, type Json, type JsonObject } from '../../patch/index.ts';
import type { ObjectView, ServerResponse } from '../../types.ts';
import { cacheOf, type Call } from '../context.ts';
import { storageConflict } from '../metadata.ts';
import { negotiate, readBody, type Negotiated } from '../negotiate.ts';
import { writeOptions, type WriteOptions } from '../options.ts';
import { APPLY_PATCH, applyObject, patched, patchFault, readPatch, type Patch } from '../patch.ts';
import { settleProblems, type Body } from '../problems.ts';
import { aboutOf, find } from '../read.ts';
import { objectIn, valueResponse } from '../views.ts';
import { updateObject } from '../write.ts';

const SCHEMA = 'io.k8s.api.autoscaling.v1.Scale';
const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
const OFFER = { table: true };

interface Scalable extends KubeObject {
  spec?: { replicas?: number; selector?: unknown };
  status?: { replicas?: number };
}

export function scaleOf(object: KubeObject): Scale {
  const { spec, status } = object as Scalable;
  return makeScale(object, { wanted: spec?.replicas, present: status?.replicas, selector: selectorText(object.kind ?? '', spec?.selector) });
}

function makeScale(object: KubeObject, { wanted, present, selector }: { wanted: number | undefined; present: number | undefined; selector: string }): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  return {
    kind: 'Scale', apiVersion: 'autoscaling/v1',
    metadata: { name: name!, ...(namespace === undefined ? {} : { namespace }), uid: uid!, resourceVersion: resourceVersion!, creationTimestamp: creationTimestamp! },
    // None wanted is nothing said.
    spec: wanted ? { replicas: wanted } : {},
    status: { replicas: present ?? 0, ...(selector === '' ? {} : { selector }) },
  } as Scale;
}

/** What an object keeps at a place of its scale. What cannot be read is the server's own trouble: nobody could write it so under the definition of today. Throws StatusError 500. */
function readable<T>({ value, fault }: { value: T | undefined; fault?: string }): T | undefined {
  if (fault !== undefined) throw failure(500, '', fault);
  return value;
}

function numberAt(object: KubeObject, path: string): number | undefined {
  const value = readable(wholeNumberAt(object, path));
  // A scale has 32 bits for it.
  return value === undefined ? undefined : Number(BigInt.asIntN(32, BigInt(value)));
}

/** The scale of an object as the kind has it: where a custom resource keeps its numbers, its definition says. */
function scaleIn(call: Call, object: KubeObject): Scale {
  const where = call.kind.custom?.scale;
  if (where === undefined) return scaleOf(object);
  const [wanted, present] = [numberAt(object, where.specReplicasPath), numberAt(object, where.statusReplicasPath)];
  return makeScale(object, { wanted, present, selector: where.labelSelectorPath === undefined ? '' : (readable(textAt(object, where.labelSelectorPath)) ?? '') });
}

/** What a patch is applied to, where nothing says how many are wanted: an impossible number, which a patch must have replaced. */
const UNSAID = -2_147_483_648;

function scaleToPatch(call: Call, object: KubeObject): Scale {
  const scale = scaleIn(call, object);
  const where = call.kind.custom?.scale;
  if (where !== undefined && numberAt(object, where.specReplicasPath) === undefined) scale.spec = { replicas: UNSAID };
  return scale;
}

function setReplicas(call: Call, object: KubeObject, replicas: number): void {
  const where = call.kind.custom?.scale;
  if (where !== undefined) {
    if (replicas === UNSAID) throw badRequest(`the spec replicas field ${JSON.stringify(where.specReplicasPath)} cannot be empty`);
    const fault = setReplicasAt(object, where.specReplicasPath, replicas);
    if (fault !== undefined) throw failure(500, '', fault);
    return;
  }
  const scalable = object as Scalable;
  scalable.spec = { ...scalable.spec, replicas };
}

/** Replication controllers select by a plain map, the others by a LabelSelector. */
function selectorText(kind: string, selector: unknown): string {
  if (selector === undefined || selector === null) return '';
  const whole = kind === 'ReplicationController' ? { matchLabels: selector as Record<string, string> } : (selector as LabelSelector);
  return labelSelectorOf(whole).text;
}

export async function getScale(call: Call): Promise<ServerResponse> {
  const how = negotiate(call.request, OFFER);
  const found = await find(call);
  await call.kind.custom?.prepare([found]);
  const object = objectIn(call.kind, found);
  const scale = scaleIn(call, object);
  const { custom } = call.kind;
  if (custom !== undefined && numberAt(object, custom.scale!.specReplicasPath) === undefined) throw internalError(new Error(`the spec replicas field ${JSON.stringify(custom.scale!.specReplicasPath)} does not exist`));
  return scaleResponse(call, scale, how);
}

export async function updateScale(call: Call): Promise<ServerResponse> {
  const how = negotiate(call.request, OFFER);
  const options = writeOptions(call.request, 'UpdateOptions');
  const body = await readBody(call.request, options.fieldValidation, 'Scale');
  return write(call, options, how, () => decodeScale(call, body, options));
}

export async function patchScale(call: Call): Promise<ServerResponse> {
  const how = negotiate(call.request, OFFER);
  const patch = await readPatch(call);
  if (patch.type === APPLY_PATCH) return applyScale(call, patch, how);
  return write(call, patch.options, how, (old) => {
    const value = patched(patch, scaleToPatch(call, old) as unknown as JsonObject, SCHEMA);
    try {
      return decodeScale(call, { ...patch, value }, patch.options);
    } catch (error) {
      throw patchFault(patch, value, error);
    }
  });
}

/** An applied scale is an applied object of which nothing but the replicas is said: they are owned through the subresource, at their place in the object. */
async function applyScale(call: Call, patch: Patch, how: Negotiated): Promise<ServerResponse> {
  const { spec, metadata } = decodeScale(call, patch, patch.options, true);
  const { resource } = call.kind;
  checkReplicas(call, spec?.replicas ?? 0);
  const { uid, resourceVersion } = metadata ?? {};
  const wanted = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: { name: call.name, ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) } } as KubeObject;
  if (spec?.replicas !== undefined) setReplicas(call, wanted, spec.replicas);
  const { object } = await applyObject(call, { ...patch, value: wanted as unknown as Json, duplicates: [], repeated: [] }, () => undefined, { view: viewOf(call), part: (live) => replicasOnly(call, live), fieldName: () => '.spec.replicas' });
  return answer(call, object, how);
}

/** The number of replicas at its place, and nothing else: no more of an object can be owned through its scale. */
function replicasOnly(call: Call, object: JsonObject): JsonObject {
  const steps = call.kind.custom?.scalePaths.get(apiVersionOf(call.kind.resource)) ?? ['spec', 'replicas'];
  const value = steps.reduce<Json | undefined>((at, step) => (isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined), object);
  return value === undefined ? {} : (steps.toReversed().reduce<Json>((below, step) => ({ [step]: below }), value) as JsonObject);
}

function checkReplicas(call: Call, replicas: number): void {
  // What custom resources may have, their own rules say.
  if (replicas < 0 && call.kind.custom === undefined) throw invalid({ group: 'autoscaling', kind: 'Scale' }, call.name, [{ type: 'FieldValueInvalid', field: 'spec.replicas', detail: `Invalid value: ${replicas}: must be greater than or equal to 0` }]);
}

async function answer(call: Call, object: CachedObject, how: Negotiated): Promise<ServerResponse> {
  await call.kind.custom?.prepare([object]);
  return scaleResponse(call, scaleIn(call, objectIn(call.kind, object)), how);
}

/** A scale as it is, as a row of a table, or its metadata alone. */
function scaleResponse({ context }: Call, scale: Scale, how: Negotiated): ServerResponse {
  if (how.as === 'object') return valueResponse(200, scale, how);
  if (how.as === 'partial') return valueResponse(200, { kind: 'PartialObjectMetadata', apiVersion: how.metaVersion, metadata: scale.metadata }, how);
  const table = context.tableFor(SCALE, [scale as KubeObject], { now: context.host.clock.now(), listMeta: { resourceVersion: scale.metadata!.resourceVersion! } });
  return valueResponse(200, { ...table, apiVersion: how.metaVersion }, how);
}

/** That a value is no other kind than a scale: what it does not say of itself it is. Throws StatusError 400. */
function checkScaleKind({ kind: { custom } }: Call, value: unknown): void {
  const said = (typeof value === 'object' && value !== null ? value : {}) as { kind?: unknown; apiVersion?: unknown };
  const [kind, apiVersion] = [said.kind || 'Scale', said.apiVersion || apiVersionOf(SCALE)];
  if (typeof kind !== 'string' || typeof apiVersion !== 'string' || (kind === 'Scale' && apiVersion === apiVersionOf(SCALE))) return;
  if (apiVersion.split('/').length > 2) throw undecodable(SCHEMA, value, `unexpected GroupVersion string: ${apiVersion}`);
  const scheme = custom === undefined ? 'pkg/api/legacyscheme/scheme.go:30' : 'k8s.io/client-go/scale/util.go:146';
  throw undecodable(SCHEMA, value, `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme ${JSON.stringify(scheme)}`);
}

function decodeScale(call: Call, body: Body, options: WriteOptions, applied = false): Scale {
  const { value } = body;
  if (applied && isObject(value) && value['kind'] === 'Scale' && typeof value['apiVersion'] === 'string' && value['apiVersion'] !== apiVersionOf(SCALE)) {
    throw badRequest(`invalid object type: ${value['apiVersion'].includes('/') ? '' : '/'}${value['apiVersion']}, Kind=Scale`);
  }
  checkScaleKind(call, value);
  const { object, unknownFields } = decodeObject<Scale & Record<string, unknown>>(SCHEMA, value ?? {}, { fieldValidation: options.fieldValidation });
  settleProblems(SCHEMA, body, fieldProblems({ unknownFields }), options.fieldValidation, call.request.warnings);
  if (call.request.method !== 'PATCH') noteObject(call.request, object, SCHEMA);
  const name = object.metadata?.name ?? '';
  if (name === '' && !applied) throw badRequest(`the name of the object (${call.name} based on URL) was undeterminable: name must be provided`);
  const namespace = object.metadata?.namespace ?? '';
  if (namespace !== '' && namespace !== call.namespace) throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  if (name !== '' && name !== call.name) throw badRequest(`the name of the object (${name}) does not match the name on the URL (${call.name})`);
  return object;
}

/** Admission sees scales, as the client does. */
const viewOf = (call: Call): ObjectView => ({
  show: (object) => scaleIn(call, object),
  take: (object, changed) => setReplicas(call, object, (changed as Scale).spec?.replicas ?? 0),
});

async function write(call: Call, options: WriteOptions, how: Negotiated, scaleFor: (old: KubeObject) => Scale): Promise<ServerResponse> {
  const { object } = await updateObject(call, options, (old) => {
    const scale = scaleFor(old);
    const replicas = scale.spec?.replicas ?? 0;
    checkReplicas(call, replicas);
    const { uid, resourceVersion } = scale.metadata ?? {};
    if (uid !== undefined && uid !== '' && uid !== old.metadata.uid && call.request.method === 'PUT') {
      throw storageConflict(aboutOf(call.kind), call.name, cacheOf(call).keyOf(call.namespace, call.name), 'UID', uid, old.metadata.uid ?? '');
    }
    const object = structuredClone(old);
    setReplicas(call, object, replicas);
    if (resourceVersion === undefined || resourceVersion === '') delete object.metadata.resourceVersion;
    else object.metadata.resourceVersion = resourceVersion;
    return object;
  }, { view: viewOf(call) });
  return answer(call, object, how);
}
