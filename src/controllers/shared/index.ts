/** What the workload controllers share. */
export { canonicalJson, sameStatus, sameValue } from './equality.ts';
export { EXPECTATION_TIMEOUT_MS, Expectations } from './expectations.ts';
export { FailedPods } from './failed-pods.ts';
export { claim, controllerReference, indexByOwner, orphansIn, ownedBy, planClaims, siblingsOf } from './ownership.ts';
export type { ClaimOptions, Claims } from './ownership.ts';
export { PodControl, isNamespaceTerminating } from './pod-control.ts';
export { countOf } from './int-or-percent.ts';
export { followPods } from './pod-events.ts';
export { POD_DELETION_COST_ANNOTATION, compareForDeletion, deletionCost, podsToDelete } from './pod-ranking.ts';
export { asError, slowStart } from './slow-start.ts';
export type { SlowStartResult } from './slow-start.ts';
export { POD_TEMPLATE_HASH_LABEL, podFromTemplate, safeHash, sameTemplate, templateHash } from './template.ts';
