/** The two ways from old pods to new ones, and scaling in the middle of it. Each function changes the plan by at most one step. */
import type { Pod } from '../../api/core/v1/types.ts';
import { isPodTerminal } from '../../api/core/v1/pods.ts';
import type { Plan, Planned } from './plan.ts';
import { DESIRED_REPLICAS_ANNOTATION, MAX_REPLICAS_ANNOTATION, isRolling, newReplicaCount, rollingLimits, wantedReplicas } from './replica-sets.ts';

const sum = (sets: readonly Planned[], of: (planned: Planned) => number): number => sets.reduce((total, planned) => total + of(planned), 0);

function growNew(plan: Plan): boolean {
  const { newSet, deployment } = plan;
  if (!newSet) return false;
  const wanted = wantedReplicas(deployment);
  if (newSet.replicas === wanted) return false;
  return plan.scale(newSet, newSet.replicas > wanted ? wanted : newReplicaCount(deployment, plan.total(), newSet.replicas));
}

/** Pods of old sets that are not available serve nobody: they go first. Returns how many. */
function dropUnhealthy(plan: Plan, limit: number): number {
  let dropped = 0;
  for (const planned of plan.oldSets) {
    if (dropped >= limit) break;
    const unhealthy = planned.replicas - planned.available;
    if (planned.replicas === 0 || unhealthy <= 0) continue;
    const count = Math.min(limit - dropped, unhealthy);
    plan.scale(planned, planned.replicas - count);
    dropped += count;
  }
  return dropped;
}

function dropAvailable(plan: Plan, minAvailable: number): number {
  let spare = sum(plan.all, (planned) => planned.available) - minAvailable;
  let dropped = 0;
  for (const planned of plan.oldSets) {
    if (spare <= 0) break;
    if (planned.replicas === 0) continue;
    const count = Math.min(planned.replicas, spare);
    plan.scale(planned, planned.replicas - count);
    spare -= count;
    dropped += count;
  }
  return dropped;
}

function shrinkOld(plan: Plan): boolean {
  if (sum(plan.oldSets, (planned) => planned.replicas) === 0) return false;
  const minAvailable = wantedReplicas(plan.deployment) - rollingLimits(plan.deployment).maxUnavailable;
  // New pods that are not available yet may fail: what they would replace stays.
  const unavailableNew = plan.newSet ? plan.newSet.replicas - plan.newSet.available : 0;
  const limit = plan.total() - minAvailable - unavailableNew;
  if (limit <= 0) return false;
  const unhealthy = dropUnhealthy(plan, limit);
  return dropAvailable(plan, minAvailable) + unhealthy > 0;
}

/** RollingUpdate: new pods up to the surge, then old ones down to what must stay available. True when something moved. */
export function rollingStep(plan: Plan): boolean {
  return growNew(plan) || shrinkOld(plan);
}

/** Recreate: all old pods gone, terminating ones too, before any new one comes. `mayCreate` says that the time for new ones has come. */
export function recreateStep(plan: Plan, podsOfOldSets: readonly Pod[]): { moved: boolean; mayCreate: boolean } {
  let moved = false;
  for (const planned of plan.oldSets) moved = plan.scale(planned, 0) || moved;
  if (moved || podsOfOldSets.some((pod) => !isPodTerminal(pod))) return { moved, mayCreate: false };
  if (plan.newSet) moved = plan.scale(plan.newSet, wantedReplicas(plan.deployment));
  return { moved, mayCreate: true };
}

/** Whether `spec.replicas` changed since the active sets were last scaled. */
export function isScalingEvent(plan: Plan): boolean {
  const wanted = String(wantedReplicas(plan.deployment));
  return plan.all.some((planned) => planned.replicas > 0 && planned.annotations[DESIRED_REPLICAS_ANNOTATION] !== undefined && planned.annotations[DESIRED_REPLICAS_ANNOTATION] !== wanted);
}

/** The one set that holds all pods, or would. Undefined when several do. */
function activeOrLatest(plan: Plan): Planned | undefined {
  const active = plan.all.filter((planned) => planned.replicas > 0);
  if (active.length === 0) return plan.newSet ?? plan.oldSets.at(-1);
  return active.length === 1 ? active[0] : undefined;
}

/** The new set has everything it wants: nothing is rolling any more. */
function isSaturated(plan: Plan): boolean {
  const { newSet } = plan;
  const wanted = wantedReplicas(plan.deployment);
  return newSet !== undefined && Number(newSet.annotations[DESIRED_REPLICAS_ANNOTATION]) === wanted && newSet.replicas === wanted && newSet.available === wanted;
}

/** The share of a change in size that falls to one set, in proportion to its part of the former whole. */
function proportion(plan: Plan, planned: Planned, toAdd: number, added: number): number {
  if (planned.replicas === 0 || toAdd === 0 || toAdd === added) return 0;
  const wanted = wantedReplicas(plan.deployment);
  const limit = toAdd - added;
  let share: number;
  if (wanted === 0) share = -planned.replicas;
  else {
    const before = Number(planned.annotations[MAX_REPLICAS_ANNOTATION] ?? 0) || (plan.deployment.status?.replicas ?? 0);
    const whole = wanted + rollingLimits(plan.deployment).maxSurge;
    share = before === 0 ? 0 : Math.round((planned.replicas * whole) / before) - planned.replicas;
  }
  return toAdd > 0 ? Math.min(share, limit) : Math.max(share, limit);
}

const newestFirst = (plan: Plan, planned: Planned): number => -plan.all.indexOf(planned);

function scaleInProportion(plan: Plan): void {
  const active = plan.all.filter((planned) => planned.replicas > 0);
  const wanted = wantedReplicas(plan.deployment);
  const allowed = wanted > 0 ? wanted + rollingLimits(plan.deployment).maxSurge : 0;
  const toAdd = allowed - sum(active, (planned) => planned.replicas);
  // Growing favours the newest of equal sets, shrinking takes from the oldest.
  const direction = toAdd > 0 ? 1 : -1;
  const ordered = active.toSorted((a, b) => b.replicas - a.replicas || direction * (newestFirst(plan, a) - newestFirst(plan, b)));
  const sizes = new Map<Planned, number>();
  let added = 0;
  for (const planned of ordered) {
    const share = proportion(plan, planned, toAdd, added);
    sizes.set(planned, planned.replicas + share);
    added += share;
  }
  for (const [i, planned] of ordered.entries()) {
    const leftover = i === 0 ? toAdd - added : 0;
    plan.scale(planned, Math.max(0, sizes.get(planned)! + leftover));
    plan.note(planned);
  }
}

/** Brings the sets to the Deployment's size without rolling: one set takes it all, several each their share. */
export function scaleStep(plan: Plan): void {
  const only = activeOrLatest(plan);
  if (only) {
    plan.scale(only, wantedReplicas(plan.deployment));
    return;
  }
  if (isSaturated(plan)) {
    for (const planned of plan.oldSets) plan.scale(planned, 0);
    return;
  }
  if (isRolling(plan.deployment)) scaleInProportion(plan);
}
