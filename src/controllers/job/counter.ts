/** What metrics tell of jobs: how often they were looked at, how they and their pods ended. */
import type { Job, JobStatus } from '../../api/batch/v1/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { isPodTerminal, getCondition } from '../../api/core/v1/pods.ts';
import type { InformerEvent } from '../../client/types.ts';
import type { ControllerMetrics } from '../metrics.ts';
import type { JobActions, SyncAction } from './decide.ts';
import { parseIndexes } from './indexes.ts';
import { isIndexed, isTracked } from './pods.ts';

const modeOf = (job: Job): string => job.spec?.completionMode ?? 'NonIndexed';

const isWaiting = (pod: Pod | undefined): boolean => pod !== undefined && isTracked(pod) && isPodTerminal(pod);

/** Counts for one job controller. */
export class JobCounter {
  readonly #metrics: ControllerMetrics['jobs'];
  /** Failed pods whose rule has been counted: one that is ignored is named by no status. */
  readonly #judged = new Set<string>();

  constructor(metrics: ControllerMetrics['jobs']) {
    this.#metrics = metrics;
  }

  /** Pods that have ended and wait to be counted, and those that wait no more. */
  podEvent(event: InformerEvent<Pod>): void {
    const { type, object } = event;
    if (type === 'deleted') this.#judged.delete(object.metadata.uid!);
    const before = isWaiting(type === 'updated' ? event.old : type === 'deleted' ? object : undefined);
    const after = type !== 'deleted' && isWaiting(object);
    if (before !== after) this.#metrics.trackedTerminated.add([after ? 'add' : 'delete']);
  }

  synced(job: Job, action: SyncAction, isDone: boolean, seconds: number): void {
    const labels = [action, modeOf(job), isDone ? 'success' : 'error'];
    this.#metrics.syncs.add(labels);
    this.#metrics.syncDuration.observe(labels, seconds);
  }

  /** The status has been stored. */
  tracked(job: Job, { status, judged }: JobActions): void {
    const mode = modeOf(job);
    // A job whose number of completions was lowered loses some that it had.
    const more = (count: (status: JobStatus | undefined) => number): number => Math.max(0, count(status) - count(job.status));
    const succeeded = (each: JobStatus | undefined): number => (isIndexed(job) ? parseIndexes(each?.completedIndexes, job.spec?.completions ?? 0).size : (each?.succeeded ?? 0));
    this.#metrics.podsFinished.add([mode, 'succeeded'], more(succeeded));
    this.#metrics.podsFinished.add([mode, 'failed'], more((each) => each?.failed ?? 0));
    for (const { uid, action } of judged) {
      if (this.#judged.has(uid)) continue;
      this.#judged.add(uid);
      this.#metrics.failuresByPolicy.add([action]);
    }
    for (const [type, result] of [['Complete', 'succeeded'], ['Failed', 'failed']] as const) {
      const condition = getCondition(status.conditions, type);
      if (condition?.status === 'True') this.#metrics.finished.add([mode, condition.reason ?? '', result]);
    }
  }
}
