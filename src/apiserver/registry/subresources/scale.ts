/** `…/scale`: the replica count of a workload as an autoscaling/v1 Scale. */
import type { Scale } from '../../../api/autoscaling/v1/types.ts';
import { decodeObject, fieldProblems } from '../../../api/decode.ts';
import { labelSelectorOf } from '../../../api/meta/selectors.ts';
import type { KubeObject, LabelSelector } from '../../../api/meta/v1/types.ts';
import { badRequest, internalError, invalid, unsupportedMediaType } from '../../../api/meta/status.ts';
import { setAt, stepsOf, valueAt } from '../../crd/paths.ts';
import type { JsonObject } from '../../patch/index.ts';
import type { ObjectView, ServerResponse } from '../../types.ts';
import { cacheOf, type Call } from '../context.ts';
import { storageConflict } from '../metadata.ts';
import { negotiate, readBody, type Negotiated } from '../negotiate.ts';
import { writeOptions, type WriteOptions } from '../options.ts';
import { patched, readPatch } from '../patch.ts';
import { settleProblems, type Body } from '../problems.ts';
import { aboutOf, find } from '../read.ts';
import { objectIn, valueResponse } from '../views.ts';
import { updateObject } from '../write.ts';

const SCHEMA = 'io.k8s.api.autoscaling.v1.Scale';

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
    spec: wanted === undefined ? {} : { replicas: wanted },
    status: { replicas: present ?? 0, ...(selector === '' ? {} : { selector }) },
  } as Scale;
}

const numberAt = (object: KubeObject, path: string): number | undefined => {
  const value = valueAt(object, stepsOf(path));
  return typeof value === 'number' ? value : undefined;
};

/** The scale of an object as the kind has it: where a custom resource keeps its numbers, its definition says. */
function scaleIn(call: Call, object: KubeObject): Scale {
  const where = call.kind.custom?.scale;
  if (where === undefined) return scaleOf(object);
  const selector = where.labelSelectorPath === undefined ? undefined : valueAt(object, stepsOf(where.labelSelectorPath));
  return makeScale(object, { wanted: numberAt(object, where.specReplicasPath), present: numberAt(object, where.statusReplicasPath), selector: typeof selector === 'string' ? selector : '' });
}

function setReplicas(call: Call, object: KubeObject, replicas: number): void {
  const where = call.kind.custom?.scale;
  if (where !== undefined) return setAt(object, stepsOf(where.specReplicasPath), replicas);
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
  const how = negotiate(call.request, {});
  const found = await find(call);
  await call.kind.custom?.prepare([found]);
  const scale = scaleIn(call, objectIn(call.kind, found));
  const { custom } = call.kind;
  if (custom !== undefined && scale.spec?.replicas === undefined) throw internalError(new Error(`the spec replicas field ${JSON.stringify(custom.scale!.specReplicasPath)} does not exist`));
  return valueResponse(200, scale, how);
}

export async function updateScale(call: Call): Promise<ServerResponse> {
  const how = negotiate(call.request, {});
  const options = writeOptions(call.request, 'UpdateOptions');
  const body = await readBody(call.request, options.fieldValidation, 'Scale');
  return write(call, options, how, () => decodeScale(call, body, options));
}

export async function patchScale(call: Call): Promise<ServerResponse> {
  const how = negotiate(call.request, {});
  const patch = await readPatch(call);
  if (patch.type === 'application/apply-patch+yaml') throw unsupportedMediaType('server-side apply is not supported on the scale subresource; use a merge patch');
  return write(call, patch.options, how, (old) => decodeScale(call, { ...patch, value: patched(patch, scaleIn(call, old) as unknown as JsonObject, SCHEMA) }, patch.options));
}

function decodeScale(call: Call, body: Body, options: WriteOptions): Scale {
  const { value } = body;
  const { kind, apiVersion } = (typeof value === 'object' && value !== null ? value : {}) as { kind?: unknown; apiVersion?: unknown };
  if ((kind !== undefined && kind !== '' && kind !== 'Scale') || (apiVersion !== undefined && apiVersion !== '' && apiVersion !== 'autoscaling/v1')) {
    throw badRequest(`the body must be a Scale of autoscaling/v1, not ${String(kind)} of ${String(apiVersion)}`);
  }
  const { object, unknownFields } = decodeObject<Scale & Record<string, unknown>>(SCHEMA, value, { fieldValidation: options.fieldValidation });
  settleProblems(SCHEMA, body, fieldProblems({ unknownFields }), options.fieldValidation, call.request.warnings);
  const name = object.metadata?.name ?? '';
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
    if (replicas < 0) {
      throw invalid({ group: 'autoscaling', kind: 'Scale' }, call.name, [{ type: 'FieldValueInvalid', field: 'spec.replicas', detail: `Invalid value: ${replicas}: must be greater than or equal to 0` }]);
    }
    const { uid, resourceVersion } = scale.metadata ?? {};
    if (uid !== undefined && uid !== '' && uid !== old.metadata.uid) {
      throw storageConflict(aboutOf(call.kind), call.name, cacheOf(call).keyOf(call.namespace, call.name), 'UID', uid, old.metadata.uid ?? '');
    }
    const object = structuredClone(old);
    setReplicas(call, object, replicas);
    if (resourceVersion === undefined || resourceVersion === '') delete object.metadata.resourceVersion;
    else object.metadata.resourceVersion = resourceVersion;
    return object;
  }, { view: viewOf(call) });
  await call.kind.custom?.prepare([object]);
  return valueResponse(200, scaleIn(call, objectIn(call.kind, object)), how);
}
