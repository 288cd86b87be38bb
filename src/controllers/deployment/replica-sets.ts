/** A Deployment's ReplicaSets: which is the new one, revisions, and the annotations in which the controller keeps its memory. */
import type { Deployment, ReplicaSet } from '../../api/apps/v1/types.ts';
import { ReplicaSets, Deployments } from '../../api/resources.ts';
import { countOf } from '../shared/int-or-percent.ts';
import { controllerReference } from '../shared/ownership.ts';
import { POD_TEMPLATE_HASH_LABEL, sameTemplate, templateHash } from '../shared/template.ts';
import { apiVersionOf } from '../../api/meta/resource.ts';

export const REVISION_ANNOTATION = 'deployment.kubernetes.io/revision';
export const REVISION_HISTORY_ANNOTATION = 'deployment.kubernetes.io/revision-history';
export const DESIRED_REPLICAS_ANNOTATION = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS_ANNOTATION = 'deployment.kubernetes.io/max-replicas';
/** Annotations of the Deployment that are its own and not handed to its ReplicaSets. */
const OWN_ANNOTATIONS = new Set([
  'kubectl.kubernetes.io/last-applied-configuration', 'deprecated.deployment.rollback.to',
  REVISION_ANNOTATION, REVISION_HISTORY_ANNOTATION, DESIRED_REPLICAS_ANNOTATION, MAX_REPLICAS_ANNOTATION,
]);
/** The history of revisions in one ReplicaSet is cut from its old end beyond so many characters. */
const REVISION_HISTORY_LIMIT = 2000;

export const wantedReplicas = (deployment: Deployment): number => deployment.spec?.replicas ?? 1;
export const isRolling = (deployment: Deployment): boolean => (deployment.spec?.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate';

/** The two limits of a rolling update in pods. When both round to zero nothing could move, so one pod may be missing. */
export function rollingLimits(deployment: Deployment): { maxSurge: number; maxUnavailable: number } {
  const replicas = wantedReplicas(deployment);
  if (!isRolling(deployment) || replicas === 0) return { maxSurge: 0, maxUnavailable: 0 };
  const rolling = deployment.spec?.strategy?.rollingUpdate;
  const maxSurge = countOf(rolling?.maxSurge ?? '25%', replicas, 'up');
  const maxUnavailable = countOf(rolling?.maxUnavailable ?? '25%', replicas, 'down');
  if (maxSurge === 0 && maxUnavailable === 0) return { maxSurge, maxUnavailable: 1 };
  return { maxSurge, maxUnavailable: Math.min(maxUnavailable, replicas) };
}

/** Revisions are 64-bit numbers: they may go past what a double can count. Undefined for other texts. */
function revisionFrom(text: string | undefined): bigint | undefined {
  return text !== undefined && /^\d{1,19}$/.test(text) ? BigInt(text) : undefined;
}

export function revisionOf(object: { metadata: { annotations?: Record<string, string> } }): bigint {
  return revisionFrom(object.metadata.annotations?.[REVISION_ANNOTATION]) ?? 0n;
}

/** Older first; those of one second by name. */
export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  const [left, right] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  if (left !== right) return left < right ? -1 : 1;
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}

/** The oldest ReplicaSet whose template is the Deployment's: with several (after a hash change) the first keeps the pods. */
export function findNewReplicaSet(deployment: Deployment, replicaSets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return replicaSets.toSorted(byAge).find((replicaSet) => sameTemplate(replicaSet.spec?.template, deployment.spec?.template));
}

/** Annotations that the new ReplicaSet should have: the Deployment's, and its revision with the revisions it had before. */
export function newAnnotations(deployment: Deployment, current: Record<string, string>, newRevision: bigint): Record<string, string> {
  const annotations = { ...current };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) if (!OWN_ANNOTATIONS.has(key)) annotations[key] = value;
  const old = current[REVISION_ANNOTATION];
  const oldRevision = old === undefined ? 0n : revisionFrom(old);
  if (oldRevision === undefined || oldRevision >= newRevision) return annotations;
  annotations[REVISION_ANNOTATION] = String(newRevision);
  if (old !== undefined) {
    const history = [...(current[REVISION_HISTORY_ANNOTATION]?.split(',') ?? []), old];
    while (history.join(',').length > REVISION_HISTORY_LIMIT && history.length > 1) history.shift();
    annotations[REVISION_HISTORY_ANNOTATION] = history.join(',');
  }
  return annotations;
}

/** What the Deployment wanted when it last scaled the ReplicaSet: proportional scaling starts from it. */
export function sizeAnnotations(deployment: Deployment): Record<string, string> {
  const replicas = wantedReplicas(deployment);
  return { [DESIRED_REPLICAS_ANNOTATION]: String(replicas), [MAX_REPLICAS_ANNOTATION]: String(replicas + rollingLimits(deployment).maxSurge) };
}

/** How many pods a new ReplicaSet may have beside those of the others. */
export function newReplicaCount(deployment: Deployment, currentOfAll: number, currentOfNew: number): number {
  const wanted = wantedReplicas(deployment);
  if (!isRolling(deployment)) return wanted;
  const limit = wanted + rollingLimits(deployment).maxSurge;
  if (currentOfAll >= limit) return currentOfNew;
  return currentOfNew + Math.min(limit - currentOfAll, wanted - currentOfNew);
}

/** A ReplicaSet for the Deployment's present template. */
export function buildReplicaSet(deployment: Deployment, revision: bigint, replicas: number): ReplicaSet {
  const spec = deployment.spec!;
  const hash = templateHash(spec.template, deployment.status?.collisionCount);
  const template = structuredClone(spec.template);
  template.metadata = { ...template.metadata, labels: { ...template.metadata?.labels, [POD_TEMPLATE_HASH_LABEL]: hash } };
  return {
    apiVersion: apiVersionOf(ReplicaSets),
    kind: ReplicaSets.kind,
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace!,
      ownerReferences: [controllerReference(deployment, Deployments)],
      labels: { ...template.metadata.labels },
      annotations: { ...newAnnotations(deployment, {}, revision), ...sizeAnnotations(deployment) },
    },
    spec: {
      replicas,
      ...(spec.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [POD_TEMPLATE_HASH_LABEL]: hash } },
      template,
    },
  };
}
