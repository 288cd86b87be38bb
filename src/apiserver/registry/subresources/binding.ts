/** `pods/binding` and `bindings`: puts a pod on a node. */
import type { Binding, Pod } from '../../../api/core/v1/types.ts';
import { decodeObject } from '../../../api/decode.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { badRequest, conflict, invalid } from '../../../api/meta/status.ts';
import type { KubeObject } from '../../../api/meta/v1/types.ts';
import { Pods } from '../../../api/resources.ts';
import { noteObject } from '../../audit/note.ts';
import type { ServerResponse } from '../../types.ts';
import type { Call } from '../context.ts';
import { kindOf } from '../kinds.ts';
import { storageConflict } from '../metadata.ts';
import { negotiate, readBody } from '../negotiate.ts';
import { writeOptions } from '../options.ts';
import { valueResponse } from '../views.ts';
import { admissionRequest, admitMutating, admitValidating, updateObject } from '../write.ts';

const PODS = { group: '', plural: 'pods' };
const ABOUT = { group: '', plural: 'pods/binding' };

/** Answers POST of a Binding, to the pod's subresource or to the collection. */
export async function bind(call: Call): Promise<ServerResponse> {
  const how = negotiate(call.request, {});
  const options = writeOptions(call.request, 'CreateOptions');
  const { value } = await readBody(call.request, options.fieldValidation, 'Binding');
  const { object: binding } = decodeObject<Binding & Record<string, unknown>>('io.k8s.api.core.v1.Binding', value);
  noteObject(call.request, binding, 'io.k8s.api.core.v1.Binding');
  const named = binding.metadata?.name ?? '';
  if (call.name !== '' && named !== '' && named !== call.name) throw badRequest('name in URL does not match name in Binding object');
  const name = call.name === '' ? named : call.name;
  if (binding.metadata?.namespace && binding.metadata.namespace !== call.namespace) throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  checkBinding(binding, name);
  const pods: Call = { ...call, kind: kindOf(call.context, Pods), name, subresource: 'binding', subresourceInfo: Pods.subresources.find((sub) => sub.name === 'binding') };
  const admission = admissionRequest(pods, 'CREATE', options, { object: binding as unknown as KubeObject });
  await admitMutating(pods, admission);
  await admitValidating(pods, admission);
  await updateObject(pods, options, (old, { key }) => bound(old as Pod, binding, { name, key }, call.context.host.clock.now()), { trusted: true });
  return valueResponse(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }, how);
}

function checkBinding(binding: Binding, name: string): void {
  const { target } = binding;
  if (target?.kind !== undefined && target.kind !== '' && target.kind !== 'Node') {
    throw invalid({ group: '', kind: 'Binding' }, name, [{ type: 'FieldValueNotSupported', field: 'target.kind', detail: `Unsupported value: ${JSON.stringify(target.kind)}: supported values: "Node", "<empty>"` }]);
  }
  if (target?.name === undefined || target.name === '') throw invalid({ group: '', kind: 'Binding' }, name, [{ type: 'FieldValueRequired', field: 'target.name', detail: 'Required value' }]);
}

/** The pod with its node. Throws StatusError 409 when it has one, is going away, or may not be scheduled yet. */
function bound(old: Pod, binding: Binding, { name, key }: { name: string; key: string }, nowMs: number): Pod {
  const { uid, resourceVersion } = binding.metadata ?? {};
  if (uid && uid !== old.metadata.uid) throw storageConflict(PODS, name, key, 'UID', uid, old.metadata.uid!);
  if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) {
    throw storageConflict(PODS, name, key, 'ResourceVersion', resourceVersion, old.metadata.resourceVersion!);
  }
  if (old.metadata.deletionTimestamp !== undefined) throw conflict(ABOUT, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  if (old.spec?.nodeName) throw conflict(ABOUT, name, `pod ${name} is already assigned to node ${JSON.stringify(old.spec.nodeName)}`);
  if ((old.spec?.schedulingGates?.length ?? 0) > 0) throw conflict(ABOUT, name, `pod ${name} has non-empty .spec.schedulingGates`);
  // Copied as deep as it changes: the old object is frozen, and the new one shares the rest with it.
  const { resourceVersion: _seen, ...metadata } = old.metadata;
  const pod: Pod = { ...old, metadata, spec: { ...old.spec!, nodeName: binding.target.name! } };
  if (binding.metadata?.annotations) pod.metadata.annotations = { ...pod.metadata.annotations, ...binding.metadata.annotations };
  // Labels that the pod has already stay as they are: a binding only adds.
  if (binding.metadata?.labels) pod.metadata.labels = { ...binding.metadata.labels, ...pod.metadata.labels };
  const conditions = (pod.status?.conditions ?? []).filter((condition) => condition.type !== 'PodScheduled');
  const before = pod.status?.conditions?.find((condition) => condition.type === 'PodScheduled');
  const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: before?.status === 'True' ? before.lastTransitionTime! : formatTime(nowMs), ...(before?.observedGeneration === undefined ? {} : { observedGeneration: before.observedGeneration }) };
  pod.status = { ...pod.status, conditions: [...conditions, scheduled] } as NonNullable<Pod['status']>;
  return pod;
}
