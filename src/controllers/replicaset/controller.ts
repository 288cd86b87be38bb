/** Runs `decideReplicaSet` against the API. */
import type { ReplicaSet } from '../../api/apps/v1/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { isPodActive } from '../../api/core/v1/pods.ts';
import { isTerminating, keyOf } from '../../api/meta/objects.ts';
import { labelSelectorOf } from '../../api/meta/selectors.ts';
import { Pods, ReplicaSets } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Informer, Outcome, Running, WorkQueue } from '../../client/types.ts';
import { workersOf, type ControllerContext, type StartController } from '../context.ts';
import { Expectations, PodControl, asError, claim, controllerReference, followPods, indexByOwner, isNamespaceTerminating, ownedBy, podFromTemplate, sameStatus, siblingsOf, slowStart } from '../shared/index.ts';
import { decideReplicaSet, nextAvailabilityMs, replicaSetStatus } from './decide.ts';
import type { PodCounts, ReplicaFailure } from './decide.ts';
import { PodTallies } from './tallies.ts';

const WORKERS = 16;

class ReplicaSetController {
  readonly #context: ControllerContext;
  readonly #replicaSets: Informer<ReplicaSet>;
  readonly #pods: Informer<Pod>;
  readonly #expectations: Expectations;
  readonly #podControl: PodControl;
  readonly #tallies: PodTallies;
  readonly queue: WorkQueue & Running;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#replicaSets = context.informers.of(ReplicaSets);
    this.#pods = context.informers.of(Pods);
    indexByOwner(this.#replicaSets);
    indexByOwner(this.#pods);
    this.#tallies = new PodTallies(this.#pods);
    this.#expectations = new Expectations(context.host.clock);
    this.#podControl = new PodControl(context.client, context.recorder('replicaset-controller'));
    this.queue = startController(context.host, { name: 'replicaset', workers: workersOf(context, 'concurrent-replicaset-syncs', WORKERS), informers: context.informers, reconcile: (key) => this.#reconcile(key) });
    this.#replicaSets.onEvent((event) => this.queue.add(keyOf(event.object)));
    followPods({
      pods: this.#pods, owners: this.#replicaSets, kind: 'ReplicaSet', expectations: this.#expectations,
      selectorOf: (replicaSet) => replicaSet.spec?.selector,
      changed: (key) => this.queue.add(key),
    });
  }

  async #reconcile(key: string): Promise<Outcome> {
    const replicaSet = this.#replicaSets.lister.byKey(key);
    if (!replicaSet) {
      this.#expectations.forget(key);
      this.#tallies.forget(key);
      return { done: true };
    }
    const pods = this.#tallies.of(replicaSet) ?? (await this.#claim(replicaSet));
    const waitMs = this.#expectations.remainingMs(key);
    const error = waitMs === 0 && !isTerminating(replicaSet) ? await this.#manage(key, replicaSet, pods) : undefined;
    await this.#updateStatus(replicaSet, pods, error);
    if (error) return { retry: error.error };
    const availableMs = 'replicas' in pods ? undefined : nextAvailabilityMs(pods, replicaSet.spec?.minReadySeconds ?? 0, this.#context.host.clock.now());
    const afterMs = Math.min(availableMs ?? Infinity, waitMs === 0 ? Infinity : waitMs);
    return afterMs === Infinity ? { done: true } : { afterMs };
  }

  /** The pods that it manages, one by one; those that it should manage are adopted, those that it should not are let go. */
  #claim(replicaSet: ReplicaSet): Promise<Pod[]> {
    return claim({
      client: this.#context.client, ownerResource: ReplicaSets, owner: replicaSet, resource: Pods, lister: this.#pods.lister,
      matches: labelSelectorOf(replicaSet.spec?.selector),
    });
  }

  async #manage(key: string, replicaSet: ReplicaSet, known: readonly Pod[] | PodCounts): Promise<{ reason: ReplicaFailure['reason']; error: Error } | undefined> {
    const relatedPods = (): Pod[] => this.#relatedPods(replicaSet);
    const pods = (): readonly Pod[] => ('replicas' in known ? ownedBy(this.#pods.lister, replicaSet) : known);
    const counted = 'replicas' in known ? { active: known.replicas } : {};
    const actions = decideReplicaSet({ replicaSet, ...counted, get pods() { return pods(); }, get related() { return relatedPods(); } }, this.#context.host.clock.now());
    if (actions.create > 0) {
      const error = await this.#create(key, replicaSet, actions.create);
      return error && { reason: 'FailedCreate', error };
    }
    if (actions.delete.length === 0) return undefined;
    this.#expectations.expect(key, 0, actions.delete.map((pod) => pod.metadata.uid!));
    const results = await Promise.allSettled(actions.delete.map(async (pod) => {
      try {
        await this.#podControl.delete(pod, replicaSet);
      } catch (error) {
        this.#expectations.deletionObserved(key, pod.metadata.uid!);
        throw error;
      }
    }));
    const failed = results.find((result) => result.status === 'rejected');
    return failed && { reason: 'FailedDelete', error: asError(failed.reason) };
  }

  async #create(key: string, replicaSet: ReplicaSet, count: number): Promise<Error | undefined> {
    this.#expectations.expect(key, count);
    const result = await slowStart(count, async () => {
      try {
        await this.#podControl.create(podFromTemplate(replicaSet.spec?.template, replicaSet, controllerReference(replicaSet, ReplicaSets)), replicaSet);
      } catch (error) {
        this.#expectations.creationObserved(key);
        if (!isNamespaceTerminating(error)) throw error;
      }
    });
    if (result.skipped > 0) this.#expectations.creationObserved(key, result.skipped);
    return result.error;
  }

  /** Active pods of all ReplicaSets under the same controller. */
  #relatedPods(replicaSet: ReplicaSet): Pod[] {
    return siblingsOf(this.#replicaSets.lister, replicaSet).flatMap((sibling) => ownedBy(this.#pods.lister, sibling)).filter(isPodActive);
  }

  async #updateStatus(replicaSet: ReplicaSet, pods: readonly Pod[] | PodCounts, failed: { reason: ReplicaFailure['reason']; error: Error } | undefined): Promise<void> {
    const failure = failed && { reason: failed.reason, message: failed.error.message };
    const status = replicaSetStatus(replicaSet, pods, failure, this.#context.host.clock.now());
    if (sameStatus(replicaSet.status, status)) return;
    await this.#context.client.of(ReplicaSets).inNamespace(replicaSet.metadata.namespace!).updateStatus({ ...replicaSet, status });
  }
}

export const startReplicaSet: StartController = (context) => new ReplicaSetController(context).queue;
