/**
 * The Deployment contract: pods of the present template, as many as asked for, reached without ever having more than `maxSurge` extra or
 * fewer than `replicas - maxUnavailable` available. Each template has a ReplicaSet; each time one becomes the newest it takes the next revision,
 * so that going back is going forward to an old template. One step a decision: what a step does is looked at before the next.
 */
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '../../api/apps/v1/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { getCondition } from '../../api/core/v1/pods.ts';
import { isTerminating } from '../../api/meta/objects.ts';
import { Plan } from './plan.ts';
import { REVISION_ANNOTATION, buildReplicaSet, findNewReplicaSet, isRolling, newAnnotations, newReplicaCount, revisionOf } from './replica-sets.ts';
import { isScalingEvent, recreateStep, rollingStep, scaleStep } from './rollout.ts';
import { condition, countStatus, deadlineInMs, hasDeadline, isComplete, progressStatus, withCondition } from './status.ts';

export type DeploymentAction =
  | { type: 'create'; replicaSet: ReplicaSet }
  /** `from` and `to` are set when the size changes: an event tells of it. */
  | { type: 'update'; replicaSet: ReplicaSet; from?: number; to?: number }
  | { type: 'delete'; replicaSet: ReplicaSet }
  /** Writes the revision on the Deployment itself. */
  | { type: 'setRevision'; revision: string }
  | { type: 'warn'; reason: string; message: string };

export interface DeploymentSnapshot {
  deployment: Deployment;
  /** ReplicaSets that it manages. */
  replicaSets: readonly ReplicaSet[];
  /** Pods of a ReplicaSet, finished and terminating ones included. */
  podsOf: (replicaSet: ReplicaSet) => readonly Pod[];
}

export interface DeploymentDecision {
  actions: DeploymentAction[];
  status: DeploymentStatus;
  /** Look again after so long, though nothing happens: the progress deadline. */
  afterMs?: number;
}

/** Progressing says Unknown while paused, so that the deadline does not run. A missed deadline stays on record. */
function pauseConditions(deployment: Deployment, nowMs: number): DeploymentCondition[] | undefined {
  const conditions = deployment.status?.conditions;
  if (!hasDeadline(deployment)) return conditions;
  const progressing = getCondition(conditions, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') return conditions;
  const isPausedNoted = progressing?.reason === 'DeploymentPaused';
  if (deployment.spec?.paused && !isPausedNoted) return withCondition(conditions, condition('Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused', nowMs));
  if (!deployment.spec?.paused && isPausedNoted) return withCondition(conditions, condition('Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed', nowMs));
  return conditions;
}

function selectsEverything(deployment: Deployment): boolean {
  const selector = deployment.spec?.selector;
  return Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0;
}

/** Old, empty, fully observed ReplicaSets beyond the history limit, lowest revision first. */
function outdated(deployment: Deployment, plan: Plan): ReplicaSet[] {
  const limit = deployment.spec?.revisionHistoryLimit;
  if (limit === undefined || limit === 2 ** 31 - 1) return [];
  const candidates = plan.oldSets.map((planned) => planned.original).filter((replicaSet) => !isTerminating(replicaSet));
  const excess = candidates.length - limit;
  if (excess <= 0) return [];
  return candidates
    .toSorted((a, b) => (revisionOf(a) < revisionOf(b) ? -1 : revisionOf(a) > revisionOf(b) ? 1 : 0))
    .slice(0, excess)
    .filter((replicaSet) => (replicaSet.status?.replicas ?? 0) === 0 && replicaSet.spec?.replicas === 0
      && (replicaSet.metadata.generation ?? 0) <= (replicaSet.status?.observedGeneration ?? 0));
}

function planActions(plan: Plan): DeploymentAction[] {
  return plan.all.filter((planned) => planned.changed).map((planned) => {
    const replicaSet = planned.result();
    return planned.scaled ? { type: 'update', replicaSet, from: planned.original.spec?.replicas ?? 1, to: planned.replicas } : { type: 'update', replicaSet };
  });
}

const revisionAction = (deployment: Deployment, revision: string | undefined): DeploymentAction[] =>
  revision === undefined || deployment.metadata.annotations?.[REVISION_ANNOTATION] === revision ? [] : [{ type: 'setRevision', revision }];

/** Gives the new ReplicaSet its revision, the Deployment's annotations and minReadySeconds. */
function bringNewUpToDate(deployment: Deployment, plan: Plan, revision: bigint): DeploymentAction[] {
  const { newSet } = plan;
  if (!newSet) return [];
  newSet.annotations = newAnnotations(deployment, newSet.annotations, revision);
  newSet.minReadySeconds = deployment.spec?.minReadySeconds ?? 0;
  return revisionAction(deployment, newSet.annotations[REVISION_ANNOTATION]);
}

function created(deployment: Deployment, plan: Plan, revision: bigint, counted: DeploymentStatus, nowMs: number): DeploymentDecision {
  const replicaSet = buildReplicaSet(deployment, revision, newReplicaCount(deployment, plan.total(), 0));
  const progress = condition('Progressing', 'True', 'NewReplicaSetCreated', `Created new replica set "${replicaSet.metadata.name}"`, nowMs);
  const status = hasDeadline(deployment) ? { ...counted, conditions: withCondition(counted.conditions, progress) } : counted;
  const afterMs = deadlineInMs(deployment, status, nowMs);
  return {
    actions: [...planActions(plan), { type: 'create', replicaSet }, ...revisionAction(deployment, String(revision))],
    status,
    ...(afterMs === undefined ? {} : { afterMs }),
  };
}

/** A Deployment that a controller newly finds with its ReplicaSet in place starts its deadline now. */
function foundCondition(deployment: Deployment, newReplicaSet: ReplicaSet | undefined, nowMs: number): DeploymentCondition[] | undefined {
  const conditions = deployment.status?.conditions;
  if (!newReplicaSet || !hasDeadline(deployment) || getCondition(conditions, 'Progressing')) return conditions;
  return withCondition(conditions, condition('Progressing', 'True', 'FoundNewReplicaSet', `Found new replica set "${newReplicaSet.metadata.name}"`, nowMs));
}

/** The next step towards the wanted state, and the status that describes the present one. */
export function decideDeployment(snapshot: DeploymentSnapshot, nowMs: number): DeploymentDecision {
  const { replicaSets } = snapshot;
  let { deployment } = snapshot;
  if (selectsEverything(deployment)) {
    const message = 'This deployment is selecting all pods. A non-empty selector is required.';
    const generation = deployment.metadata.generation;
    return { actions: [{ type: 'warn', reason: 'SelectingAll', message }], status: { ...deployment.status, ...(generation === undefined ? {} : { observedGeneration: generation }) } };
  }
  const newReplicaSet = findNewReplicaSet(deployment, replicaSets);
  const withConditions = (conditions: DeploymentCondition[] | undefined): Deployment =>
    ({ ...deployment, status: { ...deployment.status, ...(conditions ? { conditions } : {}) } });
  if (isTerminating(deployment)) return { actions: [], status: countStatus(deployment, replicaSets, newReplicaSet, nowMs) };
  deployment = withConditions(pauseConditions(deployment, nowMs));

  const plan = new Plan(deployment, newReplicaSet, replicaSets);
  const revision = plan.oldSets.map((planned) => revisionOf(planned.original)).reduce((highest, each) => (each > highest ? each : highest), 0n) + 1n;
  const actions = bringNewUpToDate(deployment, plan, revision);
  deployment = withConditions(foundCondition(deployment, newReplicaSet, nowMs));
  const counted = countStatus(deployment, replicaSets, newReplicaSet, nowMs);

  if (deployment.spec?.paused || isScalingEvent(plan)) {
    scaleStep(plan);
    const removed = deployment.spec?.paused ? outdated(deployment, plan) : [];
    return { actions: [...actions, ...planActions(plan), ...removed.map((replicaSet): DeploymentAction => ({ type: 'delete', replicaSet }))], status: counted };
  }
  let moved: boolean;
  if (isRolling(deployment)) {
    if (!newReplicaSet) return created(deployment, plan, revision, counted, nowMs);
    moved = rollingStep(plan);
  } else {
    const step = recreateStep(plan, plan.oldSets.flatMap((planned) => snapshot.podsOf(planned.original)));
    if (step.mayCreate && !newReplicaSet) return created(deployment, plan, revision, counted, nowMs);
    moved = step.moved;
  }
  actions.push(...planActions(plan));
  const status = progressStatus(deployment, counted, replicaSets, newReplicaSet, nowMs);
  if (!moved && isComplete(deployment, counted)) actions.push(...outdated(deployment, plan).map((replicaSet): DeploymentAction => ({ type: 'delete', replicaSet })));
  const afterMs = deadlineInMs(deployment, status, nowMs);
  return { actions, status, ...(afterMs === undefined ? {} : { afterMs }) };
}
