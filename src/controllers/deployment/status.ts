/** What a Deployment says about itself: counts, and the conditions that `kubectl rollout status` waits for. */
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '../../api/apps/v1/types.ts';
import { getCondition, removeCondition } from '../../api/core/v1/pods.ts';
import { formatTime, parseTime } from '../../api/meta/time.ts';
import { rollingLimits, wantedReplicas } from './replica-sets.ts';

const MAX_INT32 = 2 ** 31 - 1;

export const hasDeadline = (deployment: Deployment): boolean =>
  deployment.spec?.progressDeadlineSeconds !== undefined && deployment.spec.progressDeadlineSeconds !== MAX_INT32;

export type ConditionStatus = 'True' | 'False' | 'Unknown';

export function condition(type: string, status: ConditionStatus, reason: string, message: string, nowMs: number): DeploymentCondition {
  const time = formatTime(nowMs);
  return { type, status, lastUpdateTime: time, lastTransitionTime: time, reason, message };
}

/** Puts the condition in unless one with the same status and reason is there; the transition time stays while the status does. */
export function withCondition(conditions: readonly DeploymentCondition[] | undefined, wanted: DeploymentCondition): DeploymentCondition[] {
  const list = conditions ?? [];
  const old = getCondition(list, wanted.type);
  if (old?.status === wanted.status && old.reason === wanted.reason) return [...list];
  const kept = old?.status === wanted.status && old.lastTransitionTime ? { ...wanted, lastTransitionTime: old.lastTransitionTime } : wanted;
  return [...removeCondition(list, wanted.type), kept];
}

const sum = (replicaSets: readonly ReplicaSet[], field: 'replicas' | 'readyReplicas' | 'availableReplicas'): number =>
  replicaSets.reduce((total, replicaSet) => total + (replicaSet.status?.[field] ?? 0), 0);

/** Counts and the Available condition. */
export function countStatus(deployment: Deployment, replicaSets: readonly ReplicaSet[], newReplicaSet: ReplicaSet | undefined, nowMs: number): DeploymentStatus {
  const available = sum(replicaSets, 'availableReplicas');
  const wanted = replicaSets.reduce((total, replicaSet) => total + (replicaSet.spec?.replicas ?? 1), 0);
  const enough = available >= wantedReplicas(deployment) - rollingLimits(deployment).maxUnavailable;
  const availability = enough
    ? condition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', nowMs)
    : condition('Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.', nowMs);
  const known = replicaSets.every((replicaSet) => replicaSet.status?.terminatingReplicas !== undefined || (replicaSet.status?.replicas ?? 0) === 0);
  return {
    ...(deployment.metadata.generation === undefined ? {} : { observedGeneration: deployment.metadata.generation }),
    replicas: sum(replicaSets, 'replicas'),
    updatedReplicas: newReplicaSet?.status?.replicas ?? 0,
    readyReplicas: sum(replicaSets, 'readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, wanted - available),
    ...(known ? { terminatingReplicas: replicaSets.reduce((total, replicaSet) => total + (replicaSet.status?.terminatingReplicas ?? 0), 0) } : {}),
    ...(deployment.status?.collisionCount === undefined ? {} : { collisionCount: deployment.status.collisionCount }),
    conditions: withCondition(deployment.status?.conditions, availability),
  };
}

/** All pods are new, available, and of the right number. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wanted = wantedReplicas(deployment);
  return (status.updatedReplicas ?? 0) === wanted && (status.replicas ?? 0) === wanted && (status.availableReplicas ?? 0) === wanted
    && (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0);
}

function isProgressing(deployment: Deployment, status: DeploymentStatus): boolean {
  const old = deployment.status ?? {};
  const oldReplicas = (s: DeploymentStatus): number => (s.replicas ?? 0) - (s.updatedReplicas ?? 0);
  return (status.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) || oldReplicas(status) < oldReplicas(old)
    || (status.readyReplicas ?? 0) > (old.readyReplicas ?? 0) || (status.availableReplicas ?? 0) > (old.availableReplicas ?? 0);
}

function deadlineMs(deployment: Deployment, progressing: DeploymentCondition): number {
  return parseTime(progressing.lastUpdateTime ?? progressing.lastTransitionTime ?? formatTime(0)) + (deployment.spec?.progressDeadlineSeconds ?? 0) * 1000;
}

function isTimedOut(deployment: Deployment, progressing: DeploymentCondition | undefined, nowMs: number): boolean {
  if (!progressing || progressing.reason === 'NewReplicaSetAvailable') return false;
  return progressing.reason === 'ProgressDeadlineExceeded' || deadlineMs(deployment, progressing) < nowMs;
}

/** Failures of ReplicaSets to make pods: the new one's word counts first. */
function replicaFailure(replicaSets: readonly ReplicaSet[], newReplicaSet: ReplicaSet | undefined): DeploymentCondition | undefined {
  const ordered = newReplicaSet ? [newReplicaSet, ...replicaSets] : replicaSets;
  for (const replicaSet of ordered) {
    const failure = getCondition(replicaSet.status?.conditions, 'ReplicaFailure');
    if (failure?.status === 'True') return { ...failure, lastUpdateTime: failure.lastTransitionTime ?? formatTime(0) };
  }
  return undefined;
}

/** Adds Progressing and ReplicaFailure: done, moving, or stuck beyond the deadline. */
export function progressStatus(deployment: Deployment, counted: DeploymentStatus, replicaSets: readonly ReplicaSet[], newReplicaSet: ReplicaSet | undefined, nowMs: number): DeploymentStatus {
  let conditions = counted.conditions ?? [];
  const progressing = getCondition(deployment.status?.conditions, 'Progressing');
  const wasComplete = (counted.replicas ?? 0) === (counted.updatedReplicas ?? 0) && progressing?.reason === 'NewReplicaSetAvailable';
  if (!hasDeadline(deployment)) conditions = removeCondition(conditions, 'Progressing');
  else if (!wasComplete) {
    const subject = newReplicaSet ? `ReplicaSet "${newReplicaSet.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
    if (isComplete(deployment, counted)) {
      conditions = withCondition(conditions, condition('Progressing', 'True', 'NewReplicaSetAvailable', `${subject} has successfully progressed.`, nowMs));
    } else if (isProgressing(deployment, counted)) {
      const moved = condition('Progressing', 'True', 'ReplicaSetUpdated', `${subject} is progressing.`, nowMs);
      const since = progressing?.status === 'True' && progressing.lastTransitionTime ? { lastTransitionTime: progressing.lastTransitionTime } : {};
      // Taken out first, so that the time of the last progress is written anew.
      conditions = withCondition(removeCondition(conditions, 'Progressing'), { ...moved, ...since });
    } else if (isTimedOut(deployment, progressing, nowMs)) {
      conditions = withCondition(conditions, condition('Progressing', 'False', 'ProgressDeadlineExceeded', `${subject} has timed out progressing.`, nowMs));
    }
  }
  const failure = replicaFailure(replicaSets, newReplicaSet);
  conditions = failure ? withCondition(conditions, failure) : removeCondition(conditions, 'ReplicaFailure');
  return { ...counted, conditions };
}

/** Milliseconds until a rollout that makes no progress is late; undefined when there is no such moment. */
export function deadlineInMs(deployment: Deployment, status: DeploymentStatus, nowMs: number): number | undefined {
  const progressing = getCondition(status.conditions, 'Progressing');
  if (!hasDeadline(deployment) || !progressing || isComplete(deployment, status)) return undefined;
  if (progressing.reason === 'ProgressDeadlineExceeded' || progressing.reason === 'NewReplicaSetAvailable') return undefined;
  return Math.max(0, deadlineMs(deployment, progressing) - nowMs) + 1000;
}
