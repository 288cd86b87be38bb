import type { Namespace, NamespaceCondition } from '../../api/core/v1/types.ts';
import { setCondition } from '../../api/core/v1/pods.ts';

/** The finalizer that the API server puts on every namespace, and that this controller takes off when it is empty. */
export const kubernetesFinalizer = 'kubernetes';

/** What was found and done in one round over a namespace's content. */
export interface ContentReport {
  /** Groups that discovery could not tell of, and why. */
  discoveryFailures: readonly string[];
  /** Errors of deleting. */
  deletionFailures: readonly string[];
  /** Instances that are still there, by `resource.group`. */
  remaining: ReadonlyMap<string, number>;
  /** Finalizers on them, and on how many instances each. */
  finalizers: ReadonlyMap<string, number>;
}

interface ConditionTexts {
  type: string;
  okReason: string;
  okMessage: string;
  failReason: string;
  message: (report: ContentReport) => string | undefined;
}

const sorted = (entries: ReadonlyMap<string, number>): [string, number][] => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

const conditionTexts: readonly ConditionTexts[] = [
  {
    type: 'NamespaceDeletionDiscoveryFailure', okReason: 'ResourcesDiscovered', okMessage: 'All resources successfully discovered', failReason: 'DiscoveryFailed',
    message: ({ discoveryFailures: failed }) => (failed.length === 0 ? undefined : `Discovery failed for some groups, ${failed.length} failing: unable to retrieve the complete list of server APIs: ${[...failed].sort().join(', ')}`),
  },
  {
    type: 'NamespaceDeletionGroupVersionParsingFailure', okReason: 'ParsedGroupVersions', okMessage: 'All legacy kube types successfully parsed', failReason: 'GroupVersionParsingFailed',
    message: () => undefined,
  },
  {
    type: 'NamespaceDeletionContentFailure', okReason: 'ContentDeleted', okMessage: 'All content successfully deleted, may be waiting on finalization', failReason: 'ContentDeletionFailed',
    message: ({ deletionFailures: failed }) => (failed.length === 0 ? undefined : `Failed to delete all resource types, ${failed.length} remaining: ${[...failed].sort().join(', ')}`),
  },
  {
    type: 'NamespaceContentRemaining', okReason: 'ContentRemoved', okMessage: 'All content successfully removed', failReason: 'SomeResourcesRemain',
    message: ({ remaining }) => (remaining.size === 0 ? undefined : `Some resources are remaining: ${sorted(remaining).map(([name, count]) => `${name} has ${count} resource instances`).join(', ')}`),
  },
  {
    type: 'NamespaceFinalizersRemaining', okReason: 'ContentHasNoFinalizers', okMessage: 'All content-preserving finalizers finished', failReason: 'SomeFinalizersRemain',
    message: ({ finalizers }) => (finalizers.size === 0 ? undefined : `Some content in the namespace has finalizers remaining: ${sorted(finalizers).map(([name, count]) => `${name} in ${count} resource instances`).join(', ')}`),
  },
];

/** The namespace's conditions after a round; the same list where nothing changed. */
export function conditionsOf(namespace: Namespace, report: ContentReport, now: string): NamespaceCondition[] {
  let conditions = namespace.status?.conditions ?? [];
  for (const { type, okReason, okMessage, failReason, message } of conditionTexts) {
    const failed = message(report);
    const condition = failed === undefined ? { type, status: 'False', reason: okReason, message: okMessage } : { type, status: 'True', reason: failReason, message: failed };
    conditions = setCondition(conditions, condition, now);
  }
  return conditions;
}

export type NamespaceStep = 'ignore' | 'mark-terminating' | 'delete-content';

/** What a namespace needs first. */
export function decideNamespace(namespace: Namespace | undefined): NamespaceStep {
  if (!namespace?.metadata.deletionTimestamp) return 'ignore';
  if (namespace.status?.phase !== 'Terminating') return 'mark-terminating';
  return (namespace.spec?.finalizers ?? []).includes(kubernetesFinalizer) ? 'delete-content' : 'ignore';
}

/** Whether the namespace may go: everything was seen, and nothing is left. */
export function mayFinalize(report: ContentReport): boolean {
  return report.discoveryFailures.length === 0 && report.deletionFailures.length === 0 && report.remaining.size === 0;
}
