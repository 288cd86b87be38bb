/** Runs the DaemonSet's decisions against the API. */
import type { ControllerRevision, DaemonSet } from '../../api/apps/v1/types.ts';
import type { Node, Pod } from '../../api/core/v1/types.ts';
import { isTerminating, keyOf, isControlledBy } from '../../api/meta/objects.ts';
import { labelSelectorOf } from '../../api/meta/selectors.ts';
import { isAlreadyExists, isNotFound } from '../../api/meta/status.ts';
import { ControllerRevisions, DaemonSets, Nodes, Pods } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { EventRecorder, Informer, InformerEvent, Outcome, Running, WorkQueue } from '../../client/types.ts';
import { workersOf, type ControllerContext, type StartController } from '../context.ts';
import { buildRevision, outdatedRevisions, planHistory, revisionHash } from '../shared/history.ts';
import type { HistoryPlan } from '../shared/history.ts';
import { Expectations, FailedPods, PodControl, asError, claim, followPods, indexByOwner, isNamespaceTerminating, sameStatus, sameValue, slowStart } from '../shared/index.ts';
import { daemonSetStatus, decideDaemonSet, decideRollingUpdate } from './decide.ts';
import type { DaemonSetActions, DaemonSetSnapshot } from './decide.ts';
import { daemonPod, nodeOfPod } from './placement.ts';

const WORKERS = 4;
const FAILED_POD_MAX_BACKOFF_MS = 15 * 60_000;

class DaemonSetController {
  readonly #context: ControllerContext;
  readonly #daemonSets: Informer<DaemonSet>;
  readonly #revisions: Informer<ControllerRevision>;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #expectations: Expectations;
  readonly #podControl: PodControl;
  readonly #recorder: EventRecorder;
  readonly #failed: FailedPods;
  readonly queue: WorkQueue & Running;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#daemonSets = context.informers.of(DaemonSets);
    this.#revisions = context.informers.of(ControllerRevisions);
    this.#pods = context.informers.of(Pods);
    this.#nodes = context.informers.of(Nodes);
    indexByOwner(this.#revisions);
    indexByOwner(this.#pods);
    this.#expectations = new Expectations(context.host.clock);
    this.#recorder = context.recorder('daemonset-controller');
    this.#podControl = new PodControl(context.client, this.#recorder);
    this.#failed = new FailedPods(() => context.host.clock.monotonic(), FAILED_POD_MAX_BACKOFF_MS);
    this.queue = startController(context.host, { name: 'daemonset', workers: workersOf(context, 'concurrent-daemonset-syncs', WORKERS), informers: context.informers, reconcile: (key) => this.#reconcile(key) });
    this.#daemonSets.onEvent((event) => this.queue.add(keyOf(event.object)));
    this.#nodes.onEvent((event) => this.#onNode(event));
    followPods({
      pods: this.#pods, owners: this.#daemonSets, kind: 'DaemonSet', expectations: this.#expectations,
      selectorOf: (daemonSet) => daemonSet.spec?.selector,
      changed: (key) => this.queue.add(key),
    });
  }

  /** Heartbeats change nothing here; labels, taints and cordoning do. */
  #onNode(event: InformerEvent<Node>): void {
    if (event.type === 'updated' && sameValue(event.old.metadata.labels, event.object.metadata.labels) && sameValue(event.old.spec, event.object.spec)) return;
    for (const daemonSet of this.#daemonSets.lister.list()) this.queue.add(keyOf(daemonSet));
  }

  async #reconcile(key: string): Promise<Outcome> {
    const daemonSet = this.#daemonSets.lister.byKey(key);
    if (!daemonSet) {
      this.#expectations.forget(key);
      this.#failed.forget(`${key}/`);
      return { done: true };
    }
    const selector = labelSelectorOf(daemonSet.spec?.selector);
    if (selector.isEmpty) {
      this.#recorder.event(daemonSet, 'Warning', 'SelectingAll', 'This daemon set is selecting all pods. A non-empty selector is required.');
      return { done: true };
    }
    if (isTerminating(daemonSet)) return { done: true };
    const history = await this.#history(daemonSet);
    const pods = await claim({ client: this.#context.client, ownerResource: DaemonSets, owner: daemonSet, resource: Pods, lister: this.#pods.lister, matches: selector });
    const snapshot: DaemonSetSnapshot = { daemonSet, nodes: this.#nodes.lister.list(), pods, hash: revisionHash(history.current!) };
    const waitMs = this.#expectations.remainingMs(key);
    let error: Error | undefined;
    let afterMs = waitMs === 0 ? undefined : waitMs;
    if (waitMs === 0) {
      const actions = this.#decide(key, snapshot);
      afterMs = actions.afterMs;
      error = await this.#apply(key, snapshot, actions);
      await this.#cleanUpHistory(daemonSet, history, pods);
    }
    await this.#writeStatus(snapshot);
    if (error) return { retry: error };
    if (afterMs !== undefined) return { afterMs };
    const minReadySeconds = daemonSet.spec?.minReadySeconds ?? 0;
    const status = daemonSetStatus(snapshot, this.#context.host.clock.now());
    return minReadySeconds > 0 && status.numberReady !== status.numberAvailable ? { afterMs: minReadySeconds * 1000 } : { done: true };
  }

  #decide(key: string, snapshot: DaemonSetSnapshot): DaemonSetActions {
    const now = this.#context.host.clock.now();
    const actions = decideDaemonSet(snapshot, { waitMs: (node) => this.#failed.waitMs(`${key}/${node}`) }, now);
    if (actions.createOn.length + actions.delete.length > 0) return actions;
    return { ...decideRollingUpdate(snapshot, now), ...(actions.afterMs === undefined ? {} : { afterMs: actions.afterMs }) };
  }

  async #apply(key: string, { daemonSet, hash }: DaemonSetSnapshot, actions: DaemonSetActions): Promise<Error | undefined> {
    if (actions.createOn.length + actions.delete.length === 0) return undefined;
    for (const pod of actions.ended) this.#tellEnded(key, daemonSet, pod);
    this.#expectations.expect(key, actions.createOn.length, actions.delete.map((pod) => pod.metadata.uid!));
    const created = slowStart(actions.createOn.length, async (i) => {
      try {
        await this.#podControl.create(daemonPod(daemonSet, actions.createOn[i]!, hash), daemonSet);
      } catch (error) {
        this.#expectations.creationObserved(key);
        if (!isNamespaceTerminating(error)) throw error;
      }
    });
    const deleted = Promise.allSettled(actions.delete.map(async (pod) => {
      try {
        await this.#podControl.delete(pod, daemonSet);
      } catch (error) {
        this.#expectations.deletionObserved(key, pod.metadata.uid!);
        throw error;
      }
    }));
    const [creation, deletions] = await Promise.all([created, deleted]);
    if (creation.skipped > 0) this.#expectations.creationObserved(key, creation.skipped);
    const failed = deletions.find((result) => result.status === 'rejected');
    return creation.error ?? (failed && asError(failed.reason));
  }

  #tellEnded(key: string, daemonSet: DaemonSet, pod: Pod): void {
    const node = nodeOfPod(pod)!;
    if (pod.status?.phase === 'Failed') {
      this.#failed.failed(`${key}/${node}`);
      this.#recorder.event(daemonSet, 'Warning', 'FailedDaemonPod', `Found failed daemon pod ${keyOf(pod)} on node ${node}, will try to kill it`);
    } else this.#recorder.event(daemonSet, 'Normal', 'SucceededDaemonPod', `Found succeeded daemon pod ${keyOf(pod)} on node ${node}, will try to delete it`);
  }

  // ---- revisions ----

  async #history(daemonSet: DaemonSet): Promise<HistoryPlan> {
    const revisions = await claim({
      client: this.#context.client, ownerResource: DaemonSets, owner: daemonSet, resource: ControllerRevisions, lister: this.#revisions.lister,
      matches: labelSelectorOf(daemonSet.spec?.selector),
    });
    const plan = planHistory(daemonSet, DaemonSets, daemonSet.spec!.template, revisions, daemonSet.status?.collisionCount);
    const client = this.#context.client.of(ControllerRevisions).inNamespace(daemonSet.metadata.namespace!);
    if (plan.create) return { ...plan, current: await this.#createRevision(daemonSet, plan.create) };
    if (plan.renumber !== undefined) return { ...plan, current: await client.update({ ...plan.current!, revision: plan.renumber }) };
    return plan;
  }

  async #createRevision(daemonSet: DaemonSet, revision: ControllerRevision): Promise<ControllerRevision> {
    const client = this.#context.client.of(ControllerRevisions).inNamespace(daemonSet.metadata.namespace!);
    try {
      return await client.create(revision);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const existing = await client.get(revision.metadata.name!);
      if (isControlledBy(existing, daemonSet) && sameValue(existing.data, buildRevision(daemonSet, DaemonSets, daemonSet.spec!.template, 0, 0).data)) return existing;
      const status = { ...daemonSetStatus({ daemonSet, nodes: [], pods: [], hash: '' }, this.#context.host.clock.now()), ...daemonSet.status, collisionCount: (daemonSet.status?.collisionCount ?? 0) + 1 };
      await this.#context.client.of(DaemonSets).inNamespace(daemonSet.metadata.namespace!).updateStatus({ ...daemonSet, status });
      throw error;
    }
  }

  async #cleanUpHistory(daemonSet: DaemonSet, history: HistoryPlan, pods: readonly Pod[]): Promise<void> {
    const inUse = new Set(pods.map((pod) => pod.metadata.labels?.['controller-revision-hash'] ?? ''));
    const client = this.#context.client.of(ControllerRevisions).inNamespace(daemonSet.metadata.namespace!);
    for (const revision of outdatedRevisions(history.old, daemonSet.spec?.revisionHistoryLimit ?? 10, inUse)) {
      await client.delete(revision.metadata.name!).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
    }
  }

  async #writeStatus(snapshot: DaemonSetSnapshot): Promise<void> {
    const { daemonSet } = snapshot;
    const status = daemonSetStatus(snapshot, this.#context.host.clock.now());
    if (sameStatus(daemonSet.status, status)) return;
    await this.#context.client.of(DaemonSets).inNamespace(daemonSet.metadata.namespace!).updateStatus({ ...daemonSet, status });
  }
}

export const startDaemonSet: StartController = (context) => new DaemonSetController(context).queue;
