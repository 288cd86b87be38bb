/** A stateful set's pods: their names, their claims, and what makes one of them ours. */
import type { ControllerRevision, StatefulSet } from '../../api/apps/v1/types.ts';
import type { PersistentVolumeClaim, Pod, PodTemplateSpec, Volume } from '../../api/core/v1/types.ts';
import { isPodAvailable, isPodReady, isPodTerminal } from '../../api/core/v1/pods.ts';
import { StatefulSets } from '../../api/resources.ts';
import { controllerReference, podFromTemplate, sameValue } from '../shared/index.ts';
import { REVISION_HASH_LABEL } from '../shared/history.ts';

export const podNameLabel = 'statefulset.kubernetes.io/pod-name';
export const podIndexLabel = 'apps.kubernetes.io/pod-index';

export const replicasOf = (set: StatefulSet): number => set.spec?.replicas ?? 1;
export const firstOrdinal = (set: StatefulSet): number => set.spec?.ordinals?.start ?? 0;
export const podNameOf = (set: StatefulSet, ordinal: number): string => `${set.metadata.name}-${ordinal}`;
export const claimNameOf = (set: StatefulSet, template: PersistentVolumeClaim, ordinal: number): string => `${template.metadata.name}-${podNameOf(set, ordinal)}`;

/** The number at the end of the pod's name; undefined where the rest is not the set's name. */
export function ordinalOf(set: StatefulSet, pod: { metadata: { name?: string } }): number | undefined {
  const match = /^(.*)-(\d+)$/.exec(pod.metadata.name ?? '');
  return match && match[1] === set.metadata.name ? Number(match[2]) : undefined;
}

export const revisionOf = (pod: Pod): string => pod.metadata.labels?.[REVISION_HASH_LABEL] ?? '';
export const isGoing = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;
export const isRunningAndReady = (pod: Pod): boolean => pod.status?.phase === 'Running' && isPodReady(pod);
export const isFinished = isPodTerminal;

export function isRunningAndAvailable(set: StatefulSet, pod: Pod, nowMs: number): boolean {
  return pod.status?.phase === 'Running' && isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs);
}

/** The template that a revision keeps. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  const { $patch: _, ...template } = (revision.data as { spec: { template: PodTemplateSpec & { $patch?: string } } }).spec.template;
  return template;
}

/** The pod of one ordinal. Revision names are `set-hash`; pods carry the name. */
export function newPod(set: StatefulSet, ordinal: number, template: PodTemplateSpec, revisionName: string): Pod {
  const pod = podFromTemplate(template, set, controllerReference(set, StatefulSets));
  delete pod.metadata.generateName;
  pod.metadata.name = podNameOf(set, ordinal);
  pod.metadata.labels = { ...pod.metadata.labels, [REVISION_HASH_LABEL]: revisionName };
  return withIdentity(set, pod, ordinal);
}

function withIdentity(set: StatefulSet, pod: Pod, ordinal: number): Pod {
  const name = podNameOf(set, ordinal);
  const claims: Volume[] = (set.spec?.volumeClaimTemplates ?? []).map((template) => ({ name: template.metadata.name!, persistentVolumeClaim: { claimName: claimNameOf(set, template, ordinal) } }));
  const others = (pod.spec?.volumes ?? []).filter((volume) => !claims.some((claim) => claim.name === volume.name));
  return {
    ...pod,
    metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, [podNameLabel]: name, [podIndexLabel]: String(ordinal) } },
    spec: { ...pod.spec!, hostname: pod.spec?.hostname || name, subdomain: pod.spec?.subdomain || (set.spec?.serviceName ?? ''), ...(claims.length + others.length > 0 ? { volumes: [...claims, ...others] } : {}) },
  };
}

/** Labels that the pod should have and has not, for its identity. */
export function missingLabels(set: StatefulSet, pod: Pod, ordinal: number): Record<string, string> | undefined {
  const wanted: Record<string, string> = { [podNameLabel]: podNameOf(set, ordinal), [podIndexLabel]: String(ordinal) };
  const missing = Object.entries(wanted).filter(([name, value]) => pod.metadata.labels?.[name] !== value);
  return missing.length > 0 ? Object.fromEntries(missing) : undefined;
}

/** The claims of one ordinal's pod. */
export function claimsOf(set: StatefulSet, ordinal: number): PersistentVolumeClaim[] {
  return (set.spec?.volumeClaimTemplates ?? []).map((template) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...(template.metadata.annotations ? { annotations: { ...template.metadata.annotations } } : {}),
      name: claimNameOf(set, template, ordinal),
      namespace: set.metadata.namespace,
      labels: { ...template.metadata.labels, ...set.spec?.selector.matchLabels },
    },
    spec: structuredClone(template.spec),
  }));
}

/** A claim that goes with a pod of this name that is gone already: whoever used it would lose it. */
export function isLeftBehind(claim: PersistentVolumeClaim, podName: string, podUid: string | undefined): boolean {
  return (claim.metadata.ownerReferences ?? []).some((owner) => owner.kind === 'Pod' && owner.name === podName && owner.uid !== podUid);
}

type Owner = NonNullable<PersistentVolumeClaim['metadata']['ownerReferences']>[number];

/**
 * Who a claim should belong to under the set's retention policy: the set when it is to go with it, the pod when the pod has been told to go for good
 * (condemned), nobody otherwise. Owners that are not ours stay. Undefined when the claim has them already.
 */
export function claimOwners(set: StatefulSet, claim: PersistentVolumeClaim, pod: Pod | undefined, condemned: boolean): Owner[] | undefined {
  const policy = set.spec?.persistentVolumeClaimRetentionPolicy;
  const ours = (owner: Owner): boolean => owner.uid === set.metadata.uid || (owner.kind === 'Pod' && owner.name === claim.metadata.name?.slice(-owner.name.length));
  const owners = (claim.metadata.ownerReferences ?? []).filter((owner) => !ours(owner));
  const onScale = policy?.whenScaled === 'Delete';
  if (onScale && condemned && pod) owners.push({ apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name!, uid: pod.metadata.uid! });
  else if (policy?.whenDeleted === 'Delete') owners.push(controllerReference(set, StatefulSets));
  return sameValue(claim.metadata.ownerReferences ?? [], owners) ? undefined : owners;
}
