/** The binding subresource: how a scheduler puts a pod on a node. */
import { conflict, invalid } from '../../../api/meta/status.ts';
import { formatTime } from '../../../api/meta/time.ts';
import type { Binding, Pod } from '../../../api/core/v1/types.ts';

const pods = { group: '', plural: 'pods' };

/** The pod, bound. Throws StatusError: 422 for a target that is no node, 409 for a pod that is bound, terminating, gated, or another than meant. */
export function bindPod(pod: Pod, binding: Binding, nowMs: number): Pod {
  const name = pod.metadata.name!;
  const target = binding.target ?? {};
  if (target.kind !== undefined && target.kind !== '' && target.kind !== 'Node') {
    throw invalid({ group: '', kind: 'Binding' }, name, [{ type: 'FieldValueNotSupported', field: 'target.kind', detail: `Unsupported value: ${JSON.stringify(target.kind)}: supported values: "Node", "<empty>"` }]);
  }
  if (!target.name) throw invalid({ group: '', kind: 'Binding' }, name, [{ type: 'FieldValueRequired', field: 'target.name', detail: 'Required value' }]);
  const { uid, resourceVersion, annotations, labels } = binding.metadata ?? {};
  if (uid && uid !== pod.metadata.uid) throw conflict(pods, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid}`);
  if (resourceVersion && resourceVersion !== pod.metadata.resourceVersion) {
    throw conflict(pods, name, `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${pod.metadata.resourceVersion}`);
  }
  if (pod.metadata.deletionTimestamp) throw conflict(pods, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec?.nodeName) throw conflict(pods, name, `pod ${name} is already assigned to node "${pod.spec.nodeName}"`);
  if ((pod.spec?.schedulingGates ?? []).length > 0) throw conflict(pods, name, `pod ${name} has non-empty .spec.schedulingGates`);
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null as unknown as string, lastTransitionTime: formatTime(nowMs), observedGeneration: pod.metadata.generation };
  const conditions = (pod.status?.conditions ?? []).filter((condition) => condition.type !== 'PodScheduled');
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      ...(annotations ? { annotations: { ...pod.metadata.annotations, ...annotations } } : {}),
      ...(labels ? { labels: { ...pod.metadata.labels, ...labels } } : {}),
    },
    spec: { ...pod.spec!, nodeName: target.name },
    status: { ...pod.status, conditions: [...conditions, scheduled] },
  };
}
