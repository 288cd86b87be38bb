/** Runs `decideJob` against the API, and takes tracking finalizers off pods whose job is gone. */
import type { Job } from '../../api/batch/v1/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { controllerOf, keyOf } from '../../api/meta/objects.ts';
import { labelSelectorOf } from '../../api/meta/selectors.ts';
import { isNotFound } from '../../api/meta/status.ts';
import { Jobs, Pods } from '../../api/resources.ts';
import { runningAll, startController } from '../../client/index.ts';
import type { EventRecorder, Informer, Outcome, Running, WorkQueue } from '../../client/types.ts';
import { workersOf, type ControllerContext, type StartController } from '../context.ts';
import { Expectations, PodControl, asError, claim, followPods, indexByOwner, isNamespaceTerminating, ownedBy, sameStatus, slowStart } from '../shared/index.ts';
import { decideJob, isFinished } from './decide.ts';
import type { JobActions, SyncAction } from './decide.ts';
import { JobCounter } from './counter.ts';
import { TRACKING_FINALIZER, isTracked, jobPod } from './pods.ts';

const WORKERS = 8;
const CONTROLLER_NAME = 'kubernetes.io/job-controller';

/** Jobs that another controller looks after (KEP-4368). */
const isForeign = (job: Job): boolean => job.spec?.managedBy !== undefined && job.spec.managedBy !== CONTROLLER_NAME;

class JobController {
  readonly #context: ControllerContext;
  readonly #jobs: Informer<Job>;
  readonly #pods: Informer<Pod>;
  readonly #expectations: Expectations;
  readonly #podControl: PodControl;
  readonly #recorder: EventRecorder;
  readonly #queue: WorkQueue & Running;
  readonly #orphans: WorkQueue & Running;
  readonly #counter: JobCounter | undefined;
  readonly running: Running;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, host } = context;
    this.#jobs = informers.of(Jobs);
    this.#pods = informers.of(Pods);
    indexByOwner(this.#pods);
    this.#expectations = new Expectations(host.clock);
    this.#recorder = context.recorder('job-controller');
    this.#podControl = new PodControl(context.client, this.#recorder);
    this.#counter = context.metrics && new JobCounter(context.metrics.jobs);
    this.#queue = startController(host, { name: 'job', workers: workersOf(context, 'concurrent-job-syncs', WORKERS), informers, reconcile: (key) => this.#reconcile(key) });
    this.#orphans = startController(host, { name: 'job-orphan-pods', workers: workersOf(context, 'concurrent-job-syncs', WORKERS), informers, reconcile: (key) => this.#freeOrphan(key) });
    this.running = runningAll([this.#queue, this.#orphans]);
    this.#jobs.onEvent((event) => {
      const key = keyOf(event.object);
      this.#queue.add(key);
      if (event.type === 'deleted' || isFinished(event.object)) for (const pod of ownedBy(this.#pods.lister, event.object)) if (isTracked(pod)) this.#orphans.add(keyOf(pod));
    });
    followPods({
      pods: this.#pods, owners: this.#jobs, kind: 'Job', expectations: this.#expectations,
      selectorOf: (job) => job.spec?.selector,
      changed: (key) => this.#queue.add(key),
    });
    this.#pods.onEvent((event) => {
      this.#counter?.podEvent(event);
      if (event.type !== 'deleted' && isTracked(event.object) && !this.#jobOf(event.object)) this.#orphans.add(keyOf(event.object));
    });
  }

  /** The job that will count the pod: one that has not ended, or whose end is another controller's to tell. */
  #jobOf(pod: Pod): Job | undefined {
    const reference = controllerOf(pod);
    if (!reference) {
      return this.#jobs.lister.list(pod.metadata.namespace).find((job) => labelSelectorOf(job.spec?.selector)(pod.metadata.labels));
    }
    const job = reference.kind === 'Job' ? this.#jobs.lister.get(pod.metadata.namespace, reference.name) : undefined;
    return job?.metadata.uid === reference.uid && (isForeign(job) || !isFinished(job)) ? job : undefined;
  }

  async #reconcile(key: string): Promise<Outcome> {
    const job = this.#jobs.lister.byKey(key);
    if (!job || isFinished(job) || isForeign(job)) {
      this.#expectations.forget(key);
      return { done: true };
    }
    const sync = { action: 'reconciling' as SyncAction };
    const { clock } = this.#context.host;
    const beganMs = clock.monotonic();
    let isDone = false;
    try {
      const outcome = await this.#sync(key, job, sync);
      isDone = !('retry' in outcome);
      return outcome;
    } finally {
      this.#counter?.synced(job, sync.action, isDone, (clock.monotonic() - beganMs) / 1000);
    }
  }

  async #sync(key: string, job: Job, sync: { action: SyncAction }): Promise<Outcome> {
    const pods = await claim({
      client: this.#context.client, ownerResource: Jobs, owner: job, resource: Pods, lister: this.#pods.lister,
      matches: labelSelectorOf(job.spec?.selector), finalizer: TRACKING_FINALIZER,
    });
    const waitMs = this.#expectations.remainingMs(key);
    const actions = decideJob({ job, pods, upToDate: waitMs === 0 }, this.#context.host.clock.now());
    sync.action = actions.action;
    const created = await this.#create(key, job, actions);
    const deleted = await this.#delete(key, job, actions);
    actions.status.active = (actions.status.active ?? 0) - created.missing + deleted.missing;
    actions.status.terminating = (actions.status.terminating ?? 0) - deleted.missing;
    await this.#track(job, actions);
    const error = created.error ?? deleted.error;
    if (error) return { retry: error };
    const afterMs = Math.min(actions.afterMs ?? Infinity, waitMs === 0 ? Infinity : waitMs);
    return afterMs === Infinity ? { done: true } : { afterMs };
  }

  async #create(key: string, job: Job, { create }: JobActions): Promise<{ missing: number; error?: Error }> {
    if (create.length === 0) return { missing: 0 };
    this.#expectations.expect(key, create.length);
    let ended = 0;
    const result = await slowStart(create.length, async (i) => {
      const { index, replaces } = create[i]!;
      try {
        await this.#podControl.create(jobPod(job, index, replaces), job);
      } catch (error) {
        this.#expectations.creationObserved(key);
        if (!isNamespaceTerminating(error)) throw error;
        ended++;
      }
    });
    if (result.skipped > 0) this.#expectations.creationObserved(key, result.skipped);
    return { missing: create.length - result.succeeded + ended, ...(result.error ? { error: result.error } : {}) };
  }

  async #delete(key: string, job: Job, actions: JobActions): Promise<{ missing: number; error?: Error }> {
    if (actions.delete.length === 0) return { missing: 0 };
    // A job's end waits until all is gone anyway; elsewhere deciding again on pods that are going would delete too many.
    this.#expectations.expect(key, 0, actions.delete.map((pod) => pod.metadata.uid!));
    const results = await Promise.allSettled(actions.delete.map(async (pod) => {
      try {
        // Without its finalizer it is not counted as a failure, since nobody will see it end.
        if (!actions.deletedCount) await this.#removeFinalizer(pod);
        await this.#podControl.delete(pod, job);
      } catch (error) {
        this.#expectations.deletionObserved(key, pod.metadata.uid!);
        throw error;
      }
    }));
    const failed = results.filter((result) => result.status === 'rejected');
    return { missing: failed.length, ...(failed[0] ? { error: asError(failed[0].reason) } : {}) };
  }

  /** Status first, finalizers after it: a pod is let go only when the status names it. */
  async #track(job: Job, actions: JobActions): Promise<void> {
    if (!sameStatus(job.status, actions.status)) {
      await this.#context.client.of(Jobs).inNamespace(job.metadata.namespace!).updateStatus({ ...job, status: actions.status });
      this.#counter?.tracked(job, actions);
      for (const { type, reason, message } of actions.events) this.#recorder.event(job, type, reason, message);
    }
    const results = await Promise.allSettled(actions.removeFinalizer.map((pod) => this.#removeFinalizer(pod)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #removeFinalizer(pod: Pod): Promise<void> {
    if (!isTracked(pod)) return;
    const patch = { metadata: { uid: pod.metadata.uid, '$deleteFromPrimitiveList/finalizers': [TRACKING_FINALIZER] } };
    await this.#context.client.of(Pods).inNamespace(pod.metadata.namespace!).patch(pod.metadata.name!, patch, { type: 'strategic' }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }

  /** A tracked pod whose job is gone, finished, or let it go: nobody will count it. */
  async #freeOrphan(key: string): Promise<Outcome> {
    const pod = this.#pods.lister.byKey(key);
    if (pod && isTracked(pod) && !this.#jobOf(pod)) await this.#removeFinalizer(pod);
    return { done: true };
  }
}

export const startJob: StartController = (context) => new JobController(context).running;
