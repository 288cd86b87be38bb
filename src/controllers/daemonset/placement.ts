/** Which nodes a daemon belongs on, and the pod that is made for one. */
import type { Node, Pod, PodSpec, PodTemplateSpec, Toleration } from '../../api/core/v1/types.ts';
import type { DaemonSet } from '../../api/apps/v1/types.ts';
import { DaemonSets } from '../../api/resources.ts';
import { matchesNodeAffinity, tolerates, untoleratedTaint } from '../../api/core/v1/scheduling-terms.ts';
import { controllerReference } from '../shared/ownership.ts';
import { REVISION_HASH_LABEL } from '../shared/history.ts';
import { podFromTemplate } from '../shared/template.ts';

const TEMPLATE_GENERATION_LABEL = 'pod-template-generation';
const TEMPLATE_GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation';

const toleration = (key: string, effect: string): Toleration => ({ key, operator: 'Exists', effect });

/** Daemons stay on nodes in trouble: they may be what gets the node out of it. */
export const DAEMON_TOLERATIONS: readonly Toleration[] = [
  toleration('node.kubernetes.io/not-ready', 'NoExecute'),
  toleration('node.kubernetes.io/unreachable', 'NoExecute'),
  toleration('node.kubernetes.io/disk-pressure', 'NoSchedule'),
  toleration('node.kubernetes.io/memory-pressure', 'NoSchedule'),
  toleration('node.kubernetes.io/pid-pressure', 'NoSchedule'),
  toleration('node.kubernetes.io/unschedulable', 'NoSchedule'),
];
const HOST_NETWORK_TOLERATION = toleration('node.kubernetes.io/network-unavailable', 'NoSchedule');

const sameToleration = (a: Toleration, b: Toleration): boolean =>
  (a.key ?? '') === (b.key ?? '') && (a.effect ?? '') === (b.effect ?? '') && (a.operator ?? 'Equal') === (b.operator ?? 'Equal') && (a.value ?? '') === (b.value ?? '');

function withDaemonTolerations(spec: PodSpec | undefined): Toleration[] {
  const tolerations = [...(spec?.tolerations ?? [])];
  const wanted = spec?.hostNetwork ? [...DAEMON_TOLERATIONS, HOST_NETWORK_TOLERATION] : DAEMON_TOLERATIONS;
  for (const each of wanted) if (!tolerations.some((present) => sameToleration(present, each))) tolerations.push(each);
  return tolerations;
}

export interface Belonging {
  /** A pod should be made there. */
  shouldRun: boolean;
  /** One that is there may stay: a NoSchedule taint that came later drives nobody out. */
  mayStay: boolean;
}

/** What the scheduler would say of the daemon on this node, leaving aside room: daemons wait for room rather than give up a node. */
export function belongsOn(daemonSet: DaemonSet, node: Node): Belonging {
  const spec = daemonSet.spec?.template.spec;
  if (!spec) return { shouldRun: false, mayStay: false };
  if (spec.nodeName && spec.nodeName !== node.metadata.name) return { shouldRun: false, mayStay: false };
  if (!matchesNodeAffinity(spec, node)) return { shouldRun: false, mayStay: false };
  const tolerations = withDaemonTolerations(spec);
  const unschedulable = node.spec?.unschedulable && !tolerations.some((each) => tolerates(each, { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }));
  if (!unschedulable && !untoleratedTaint(node.spec?.taints, tolerations, ['NoSchedule', 'NoExecute'])) return { shouldRun: true, mayStay: true };
  return { shouldRun: false, mayStay: !untoleratedTaint(node.spec?.taints, tolerations, ['NoExecute']) };
}

/** The node that a pod is on, or is pinned to while it waits for the scheduler. */
export function nodeOfPod(pod: Pod): string | undefined {
  if (pod.spec?.nodeName) return pod.spec.nodeName;
  const terms = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const term of terms) {
    for (const field of term.matchFields ?? []) if (field.key === 'metadata.name' && field.operator === 'In' && field.values?.length === 1) return field.values[0];
  }
  return undefined;
}

/** The pod of this revision for one node, pinned by affinity so that the scheduler still has the word on room. */
export function daemonPod(daemonSet: DaemonSet, nodeName: string, hash: string): Pod {
  const template: PodTemplateSpec = daemonSet.spec!.template;
  const pod = podFromTemplate(template, daemonSet, controllerReference(daemonSet, DaemonSets));
  const generation = daemonSet.metadata.annotations?.[TEMPLATE_GENERATION_ANNOTATION];
  pod.metadata.labels = { ...pod.metadata.labels, [REVISION_HASH_LABEL]: hash, ...(generation === undefined ? {} : { [TEMPLATE_GENERATION_LABEL]: generation }) };
  const spec = pod.spec!;
  spec.tolerations = withDaemonTolerations(template.spec);
  const pinned = { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] }] };
  spec.affinity = { ...spec.affinity, nodeAffinity: { ...spec.affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: pinned } };
  return pod;
}

/** Whether the pod is of the present revision. */
export const isCurrent = (pod: Pod, hash: string): boolean => pod.metadata.labels?.[REVISION_HASH_LABEL] === hash;
