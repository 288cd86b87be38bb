/** Claims for devices (dynamic resource allocation): made from templates, reserved for pods, given back. Pure. */
import { isPodTerminal } from '../../api/core/v1/pods.ts';
import type { Pod, PodResourceClaimStatus } from '../../api/core/v1/types.ts';
import { isControlledBy, isTerminating } from '../../api/meta/objects.ts';
import type { ResourceClaim, ResourceClaimTemplate } from '../../api/resource/v1/types.ts';
import { Pods } from '../../api/resources.ts';
import { controllerReference } from '../shared/index.ts';

export const podClaimAnnotation = 'resource.kubernetes.io/pod-claim-name';
export const claimFinalizer = 'resource.kubernetes.io/delete-protection';

/** A pod that needs its devices no more: it ended, or goes without ever having had a node. */
export function isPodDone(pod: Pod): boolean {
  return isPodTerminal(pod) || (isTerminating(pod) && !pod.spec?.nodeName);
}

export type PodClaimAction =
  | { create: ResourceClaim; name: string }
  /** A claim of the pod's that its status does not name yet. */
  | { record: PodResourceClaimStatus[] }
  | { reserve: ResourceClaim }
  | { fail: string };

export interface PodClaimsSnapshot {
  pod: Pod;
  claims: (name: string) => ResourceClaim | undefined;
  /** Claims that the pod owns. */
  owned: readonly ResourceClaim[];
  templates: (name: string) => ResourceClaimTemplate | undefined;
}

function claimFrom(pod: Pod, name: string, template: ResourceClaimTemplate): ResourceClaim {
  const { labels, annotations } = template.spec.metadata ?? {};
  return {
    apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim',
    metadata: {
      generateName: `${pod.metadata.name}-${name}-`, namespace: pod.metadata.namespace!, ...(labels ? { labels } : {}),
      annotations: { ...annotations, [podClaimAnnotation]: name }, ownerReferences: [controllerReference(pod, Pods)],
    },
    spec: template.spec.spec,
  };
}

const isReservedFor = (claim: ResourceClaim, pod: Pod): boolean => (claim.status?.reservedFor ?? []).some((consumer) => consumer.uid === pod.metadata.uid);

/** A pod that was bound past the scheduler (by hand, say) still needs its claims reserved. */
function reservations(pod: Pod, claims: readonly ResourceClaim[]): PodClaimAction[] {
  if (!pod.spec?.nodeName) return [];
  return claims.filter((claim) => claim.status?.allocation && !isReservedFor(claim, pod)).map((reserve) => ({ reserve }));
}

/** What a pod's claims lack. One step each: what it changes brings the pod back. */
export function decidePodClaims({ pod, claims, owned, templates }: PodClaimsSnapshot): PodClaimAction[] {
  if (isTerminating(pod) || isPodDone(pod)) return [];
  const actions: PodClaimAction[] = [];
  const named: ResourceClaim[] = [];
  const record: PodResourceClaimStatus[] = [];
  for (const { name, resourceClaimName, resourceClaimTemplateName } of pod.spec?.resourceClaims ?? []) {
    if (resourceClaimName !== undefined) {
      const claim = claims(resourceClaimName);
      if (claim) named.push(claim);
      continue;
    }
    if (resourceClaimTemplateName === undefined) continue;
    const known = (pod.status?.resourceClaimStatuses ?? []).find((status) => status.name === name);
    // No name at all: none is needed.
    if (known && known.resourceClaimName === undefined) continue;
    const existing = known ? claims(known.resourceClaimName!) : owned.find((claim) => claim.metadata.annotations?.[podClaimAnnotation] === name && !isTerminating(claim));
    if (existing) {
      if (!isControlledBy(existing, pod)) {
        actions.push({ fail: `ResourceClaim ${pod.metadata.namespace}/${existing.metadata.name} was not created for pod ${pod.metadata.namespace}/${pod.metadata.name} (pod is not owner)` });
        continue;
      }
      if (!known) record.push({ name, resourceClaimName: existing.metadata.name! });
      named.push(existing);
      continue;
    }
    const template = templates(resourceClaimTemplateName);
    actions.push(template ? { create: claimFrom(pod, name, template), name } : { fail: `resource claim template "${resourceClaimTemplateName}": resourceclaimtemplate.resource.k8s.io "${resourceClaimTemplateName}" not found` });
  }
  if (record.length > 0) actions.push({ record });
  return [...actions, ...reservations(pod, named)];
}

export type ClaimAction =
  /** New reservations; without any the devices are given back, too. */
  | { do: 'unreserve'; claim: ResourceClaim }
  /** Nothing is allocated: the claim may go. */
  | { do: 'unprotect'; claim: ResourceClaim }
  | { do: 'delete' };

/** What a claim needs. `isGone` says of a consumer whether its pod surely needs it no more. */
export function decideResourceClaim(claim: ResourceClaim, isGone: (uid: string) => boolean, ownerDone: boolean): ClaimAction | undefined {
  const { reservedFor = [], allocation, ...rest } = claim.status ?? {};
  const left = reservedFor.filter((consumer) => !(consumer.resource === 'pods' && (consumer.apiGroup ?? '') === '' && isGone(consumer.uid)));
  if (left.length < reservedFor.length || (left.length === 0 && allocation && isTerminating(claim))) {
    // Devices are allocated for a pod: nobody holds them, nobody pays for them.
    return { do: 'unreserve', claim: { ...claim, status: left.length > 0 ? { ...claim.status, reservedFor: left } : rest } };
  }
  // Only on its way out: the scheduler protects a claim before it writes the allocation down, and must find it as it left it.
  if (!allocation && isTerminating(claim) && (claim.metadata.finalizers ?? []).includes(claimFinalizer)) {
    return { do: 'unprotect', claim: { ...claim, metadata: { ...claim.metadata, finalizers: claim.metadata.finalizers!.filter((name) => name !== claimFinalizer) } } };
  }
  return ownerDone && left.length === 0 && !isTerminating(claim) ? { do: 'delete' } : undefined;
}
