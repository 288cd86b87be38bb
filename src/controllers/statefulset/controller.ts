/** Runs `decideStatefulSet` against the API, and keeps the claims of its pods. */
import type { ControllerRevision, StatefulSet } from '../../api/apps/v1/types.ts';
import type { PersistentVolumeClaim, Pod } from '../../api/core/v1/types.ts';
import { isControlledBy, isTerminating, keyOf } from '../../api/meta/objects.ts';
import { labelSelectorOf } from '../../api/meta/selectors.ts';
import { isAlreadyExists, isNotFound } from '../../api/meta/status.ts';
import { ControllerRevisions, PersistentVolumeClaims, Pods, StatefulSets } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { EventRecorder, Informer, Outcome, Running, WorkQueue } from '../../client/types.ts';
import { workersOf, type ControllerContext, type StartController } from '../context.ts';
import { Expectations, FailedPods, asError, claim, followPods, indexByOwner, isNamespaceTerminating, sameStatus, sameValue } from '../shared/index.ts';
import { buildRevision, outdatedRevisions, planHistory, type HistoryPlan } from '../shared/history.ts';
import { decideStatefulSet, type StatefulSetAction } from './decide.ts';
import { claimNameOf, claimOwners, claimsOf, firstOrdinal, isLeftBehind, ordinalOf, replicasOf, revisionOf } from './pods.ts';

const workers = 5;
/** A pod that its node turns away again and again is made again at once the first time, and then ever less often. */
const FAILED_POD_MAX_BACKOFF_MS = 60_000;

class StatefulSetController {
  readonly #context: ControllerContext;
  readonly #sets: Informer<StatefulSet>;
  readonly #pods: Informer<Pod>;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #revisions: Informer<ControllerRevision>;
  readonly #recorder: EventRecorder;
  readonly #failed: FailedPods;
  readonly queue: WorkQueue & Running;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, host } = context;
    this.#sets = informers.of(StatefulSets);
    this.#pods = informers.of(Pods);
    this.#claims = informers.of(PersistentVolumeClaims);
    this.#revisions = informers.of(ControllerRevisions);
    indexByOwner(this.#pods);
    indexByOwner(this.#revisions);
    this.#recorder = context.recorder('statefulset-controller');
    this.#failed = new FailedPods(() => host.clock.monotonic(), FAILED_POD_MAX_BACKOFF_MS);
    this.queue = startController(host, { name: 'statefulset-controller', workers: workersOf(context, 'concurrent-statefulset-syncs', workers), informers, reconcile: (key) => this.#reconcile(key) });
    this.#sets.onEvent((event) => this.queue.add(keyOf(event.object)));
    followPods({
      // Names are fixed, so that nothing can be made twice: expectations are not needed.
      pods: this.#pods, owners: this.#sets, kind: 'StatefulSet', expectations: new Expectations(host.clock),
      selectorOf: (set) => set.spec?.selector,
      changed: (key) => this.queue.add(key),
    });
  }

  async #reconcile(key: string): Promise<Outcome> {
    const set = this.#sets.lister.byKey(key);
    if (!set) {
      this.#failed.forget(`${key}/`);
      return { done: true };
    }
    const { client, host } = this.#context;
    const matches = labelSelectorOf(set.spec?.selector);
    const claimed = await claim({ client, ownerResource: StatefulSets, owner: set, resource: Pods, lister: this.#pods.lister, matches });
    const pods = claimed.filter((pod) => ordinalOf(set, pod) !== undefined);
    const { update, current, history } = await this.#history(set);
    const decision = decideStatefulSet({ set, pods, current, update }, host.clock.now());
    let failed: Error | undefined;
    let afterMs = decision.afterMs;
    try {
      await this.#keepClaimOwners(set, pods);
      for (const action of decision.actions) {
        const waitMs = this.#patience(key, action);
        if (waitMs > 0) afterMs = Math.min(afterMs ?? Infinity, waitMs);
        else await this.#apply(set, action);
      }
    } catch (error) {
      if (!isNamespaceTerminating(error)) failed = asError(error);
    }
    if (!sameStatus(set.status, decision.status)) await client.of(StatefulSets).inNamespace(set.metadata.namespace!).updateStatus({ ...set, status: decision.status });
    if (failed) return { retry: failed };
    await this.#cleanUpHistory(set, history, pods, [current.metadata.name!, update.metadata.name!]);
    return afterMs === undefined ? { done: true } : { afterMs };
  }

  /** How long a failed pod must wait to be replaced; that it is replaced now counts for the next time. */
  #patience(key: string, action: StatefulSetAction): number {
    if (action.do !== 'delete' || action.why !== 'finished' || action.pod.status?.phase !== 'Failed') return 0;
    const pod = `${key}/${action.pod.metadata.name}`;
    const waitMs = this.#failed.waitMs(pod);
    if (waitMs === 0) this.#failed.failed(pod);
    return waitMs;
  }

  async #apply(set: StatefulSet, action: StatefulSetAction): Promise<void> {
    const pods = this.#context.client.of(Pods).inNamespace(set.metadata.namespace!);
    switch (action.do) {
      case 'create': return this.#create(set, action.pod, action.ordinal);
      case 'label': await pods.patch(action.pod.metadata.name!, { metadata: { uid: action.pod.metadata.uid, labels: action.labels } }, { type: 'merge' }); return;
      case 'delete': {
        const name = action.pod.metadata.name!;
        if (action.why === 'finished') {
          const reason = action.pod.status?.phase === 'Failed' ? 'RecreatingFailedPod' : 'RecreatingTerminatedPod';
          this.#recorder.event(set, action.pod.status?.phase === 'Failed' ? 'Warning' : 'Normal', reason, `StatefulSet ${keyOf(set)} is recreating ${action.pod.status?.phase === 'Failed' ? 'failed' : 'terminated'} Pod ${name}`);
        }
        try {
          await pods.delete(name, { preconditions: { uid: action.pod.metadata.uid } });
          this.#recorder.event(set, 'Normal', 'SuccessfulDelete', `delete Pod ${name} in StatefulSet ${set.metadata.name} successful`);
        } catch (error) {
          if (isNotFound(error)) return;
          this.#recorder.event(set, 'Warning', 'FailedDelete', `delete Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${asError(error).message}`);
          throw error;
        }
      }
    }
  }

  async #create(set: StatefulSet, pod: Pod, ordinal: number): Promise<void> {
    const { client } = this.#context;
    const name = pod.metadata.name!;
    try {
      await this.#createClaims(set, name, ordinal);
      await client.of(Pods).create(pod);
      this.#recorder.event(set, 'Normal', 'SuccessfulCreate', `create Pod ${name} in StatefulSet ${set.metadata.name} successful`);
    } catch (error) {
      // Our own, which the local copy does not show yet; or somebody else's, which must go first.
      if (isAlreadyExists(error) && isControlledBy(await client.of(Pods).inNamespace(set.metadata.namespace!).get(name), set)) return;
      if (!isNamespaceTerminating(error)) this.#recorder.event(set, 'Warning', 'FailedCreate', `create Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${asError(error).message}`);
      throw error;
    }
  }

  async #createClaims(set: StatefulSet, podName: string, ordinal: number): Promise<void> {
    for (const wanted of claimsOf(set, ordinal)) {
      const existing = this.#claims.lister.byKey(keyOf(wanted));
      if (existing) {
        if (isTerminating(existing)) throw new Error(`pvc ${wanted.metadata.name} is being deleted`);
        // Scaled down and up again with whenScaled Delete: the garbage collector takes it, and then there is a new one.
        if (isLeftBehind(existing, podName, undefined)) throw new Error(`pvc ${wanted.metadata.name} goes with the former pod ${podName}`);
        continue;
      }
      const owners = claimOwners(set, wanted, undefined, false);
      try {
        await this.#context.client.of(PersistentVolumeClaims).create(owners ? { ...wanted, metadata: { ...wanted.metadata, ownerReferences: owners } } : wanted);
        this.#recorder.event(set, 'Normal', 'SuccessfulCreate', `create Claim ${wanted.metadata.name} Pod ${podName} in StatefulSet ${set.metadata.name} success`);
      } catch (error) {
        if (isAlreadyExists(error)) continue;
        this.#recorder.event(set, 'Warning', 'FailedCreate', `create Claim ${wanted.metadata.name} Pod ${podName} in StatefulSet ${set.metadata.name} failed error: ${asError(error).message}`);
        throw error;
      }
    }
  }

  /** Claims follow the retention policy: whom they belong to decides with whom they go. */
  async #keepClaimOwners(set: StatefulSet, pods: readonly Pod[]): Promise<void> {
    if (isTerminating(set) || !set.spec?.volumeClaimTemplates?.length) return;
    const end = firstOrdinal(set) + replicasOf(set);
    for (const pod of pods) {
      const ordinal = ordinalOf(set, pod)!;
      const condemned = ordinal >= end || ordinal < firstOrdinal(set);
      for (const template of set.spec.volumeClaimTemplates) {
        const existing = this.#claims.lister.get(set.metadata.namespace, claimNameOf(set, template, ordinal));
        const owners = existing && claimOwners(set, existing, pod, condemned);
        if (!existing || !owners) continue;
        // The controller's role has no patch.
        await this.#context.client.of(PersistentVolumeClaims).inNamespace(set.metadata.namespace!).update({ ...existing, metadata: { ...existing.metadata, ownerReferences: owners } });
      }
    }
  }

  // ---- revisions ----

  async #history(set: StatefulSet): Promise<{ update: ControllerRevision; current: ControllerRevision; history: HistoryPlan }> {
    const { client } = this.#context;
    const revisions = await claim({ client, ownerResource: StatefulSets, owner: set, resource: ControllerRevisions, lister: this.#revisions.lister, matches: labelSelectorOf(set.spec?.selector) });
    const history = planHistory(set, StatefulSets, set.spec!.template, revisions, set.status?.collisionCount);
    const inNamespace = client.of(ControllerRevisions).inNamespace(set.metadata.namespace!);
    let update = history.current;
    if (history.create) update = await this.#createRevision(set, history.create);
    else if (history.renumber !== undefined) update = await inNamespace.update({ ...history.current!, revision: history.renumber });
    const current = revisions.find((revision) => revision.metadata.name === set.status?.currentRevision) ?? update!;
    return { update: update!, current, history };
  }

  async #createRevision(set: StatefulSet, revision: ControllerRevision): Promise<ControllerRevision> {
    const inNamespace = this.#context.client.of(ControllerRevisions).inNamespace(set.metadata.namespace!);
    try {
      return await inNamespace.create(revision);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const existing = await inNamespace.get(revision.metadata.name!);
      if (isControlledBy(existing, set) && sameValue(existing.data, revision.data)) return existing;
      // Two templates, one hash: the next count gives another name.
      const collisionCount = (set.status?.collisionCount ?? 0) + 1;
      await this.#context.client.of(StatefulSets).inNamespace(set.metadata.namespace!).updateStatus({ ...set, status: { ...set.status, replicas: set.status?.replicas ?? 0, collisionCount } });
      return inNamespace.create(buildRevision(set, StatefulSets, set.spec!.template, revision.revision, collisionCount));
    }
  }

  async #cleanUpHistory(set: StatefulSet, history: HistoryPlan, pods: readonly Pod[], inUse: readonly string[]): Promise<void> {
    const names = new Set([...pods.map(revisionOf), ...inUse]);
    const old = history.old.filter((revision) => !names.has(revision.metadata.name!));
    for (const revision of outdatedRevisions(old, set.spec?.revisionHistoryLimit ?? 10, new Set())) {
      try {
        await this.#context.client.of(ControllerRevisions).inNamespace(set.metadata.namespace!).delete(revision.metadata.name!);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  }
}

export const startStatefulSet: StartController = (context) => new StatefulSetController(context).queue;
