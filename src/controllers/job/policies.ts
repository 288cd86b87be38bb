/** What a failed pod or a set of done indexes means for the whole job (KEP-3329, KEP-3998). */
import type { Job, PodFailurePolicy, PodFailurePolicyOnExitCodesRequirement, SuccessPolicy } from '../../api/batch/v1/types.ts';
import type { ContainerStatus, Pod } from '../../api/core/v1/types.ts';
import { parseIndexes } from './indexes.ts';

export interface FailureVerdict {
  /** Whether the failure counts against backoffLimit. */
  counts: boolean;
  action?: 'Ignore' | 'Count' | 'FailIndex' | 'FailJob';
  /** Why the whole job fails. */
  message?: string;
}

function exitMatches(code: number, { operator, values }: PodFailurePolicyOnExitCodesRequirement): boolean {
  if (operator === 'In') return values.includes(code);
  return operator === 'NotIn' && !values.includes(code);
}

function exitedContainer(pod: Pod, requirement: PodFailurePolicyOnExitCodesRequirement): ContainerStatus | undefined {
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  return statuses.find((status) => {
    const code = status.state?.terminated?.exitCode;
    if (code === undefined || code === 0) return false;
    return (requirement.containerName === undefined || requirement.containerName === status.name) && exitMatches(code, requirement);
  });
}

/** The first rule that a failed pod matches decides; without one the failure counts. */
export function judgeFailure(policy: PodFailurePolicy | undefined, pod: Pod): FailureVerdict {
  for (const [i, rule] of (policy?.rules ?? []).entries()) {
    let subject: string | undefined;
    if (rule.onExitCodes) {
      const container = exitedContainer(pod, rule.onExitCodes);
      if (container) subject = `Container ${container.name} for pod ${pod.metadata.namespace}/${pod.metadata.name} failed with exit code ${container.state!.terminated!.exitCode}`;
    } else {
      const condition = pod.status?.conditions?.find((each) => rule.onPodConditions?.some((pattern) => pattern.type === each.type && (pattern.status ?? 'True') === each.status));
      if (condition) subject = `Pod ${pod.metadata.namespace}/${pod.metadata.name} has condition ${condition.type}`;
    }
    if (subject === undefined) continue;
    switch (rule.action) {
      case 'Ignore': return { counts: false, action: 'Ignore' };
      case 'FailIndex': return { counts: true, action: 'FailIndex' };
      case 'Count': return { counts: true, action: 'Count' };
      case 'FailJob': return { counts: true, action: 'FailJob', message: `${subject} matching FailJob rule at index ${i}` };
      default: break;
    }
  }
  return { counts: true };
}

/** The message of the first rule that the done indexes fulfil; undefined when none does. */
export function judgeSuccess(policy: SuccessPolicy | undefined, completions: number, succeeded: ReadonlySet<number>): string | undefined {
  for (const [i, rule] of (policy?.rules ?? []).entries()) {
    const wanted = rule.succeededIndexes === undefined ? undefined : parseIndexes(rule.succeededIndexes, completions);
    const relevant = wanted ? [...wanted].filter((index) => succeeded.has(index)).length : succeeded.size;
    const needed = rule.succeededCount ?? wanted?.size ?? completions;
    if (relevant >= needed) return `Matched rules at index ${i}`;
  }
  return undefined;
}

export const onlyReplacesFailed = (job: Job): boolean => job.spec?.podReplacementPolicy === 'Failed' || (job.spec?.podReplacementPolicy === undefined && job.spec?.podFailurePolicy !== undefined);

/** Failed, or on its way out without having succeeded, unless only pods that have really ended are replaced. */
export function isFailed(job: Job, pod: Pod): boolean {
  if (pod.status?.phase === 'Failed') return true;
  if (onlyReplacesFailed(job)) return false;
  return pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded';
}

