/**
 * replicationcontroller-controller: ReplicationControllers are ReplicaSets of an older form.
 * Contract: as many active pods as `spec.replicas` says, as for a ReplicaSet and by the same code; pods that the selector matches and nobody owns are
 * taken in, those that it matches no more are let go.
 */
import type { ReplicaSet } from '../../api/apps/v1/types.ts';
import type { Pod, ReplicationController } from '../../api/core/v1/types.ts';
import { isTerminating, keyOf } from '../../api/meta/objects.ts';
import { labelsMatcher } from '../../api/meta/selectors.ts';
import { Pods, ReplicationControllers } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import { workersOf, type ControllerContext } from '../context.ts';
import { decideReplicaSet, nextAvailabilityMs, replicaSetStatus } from '../replicaset/decide.ts';
import { Expectations, PodControl, asError, claim, controllerReference, followPods, indexByOwner, isNamespaceTerminating, podFromTemplate, sameStatus, slowStart } from '../shared/index.ts';

const workers = 5;

/** The same wish in the form of a ReplicaSet, for which it is decided. */
export function asReplicaSet({ metadata, spec, status }: ReplicationController): ReplicaSet {
  return {
    metadata,
    spec: { replicas: spec?.replicas, minReadySeconds: spec?.minReadySeconds, selector: { matchLabels: spec?.selector }, template: spec?.template },
    ...(status ? { status } : {}),
  };
}

type Failure = { reason: 'FailedCreate' | 'FailedDelete'; error: Error } | undefined;

export function startReplicationController(context: ControllerContext): Running {
  const { client, informers, host } = context;
  const owners = informers.of(ReplicationControllers);
  const pods = informers.of(Pods);
  indexByOwner(pods);
  const expectations = new Expectations(host.clock);
  const control = new PodControl(client, context.recorder('replication-controller'));

  async function create(key: string, owner: ReplicationController, count: number): Promise<Failure> {
    expectations.expect(key, count);
    const result = await slowStart(count, async () => {
      try {
        await control.create(podFromTemplate(owner.spec?.template, owner, controllerReference(owner, ReplicationControllers)), owner);
      } catch (error) {
        expectations.creationObserved(key);
        if (!isNamespaceTerminating(error)) throw error;
      }
    });
    if (result.skipped > 0) expectations.creationObserved(key, result.skipped);
    return result.error && { reason: 'FailedCreate', error: result.error };
  }

  async function remove(key: string, owner: ReplicationController, going: readonly Pod[]): Promise<Failure> {
    expectations.expect(key, 0, going.map((pod) => pod.metadata.uid!));
    let failed: Failure;
    for (const pod of going) {
      try {
        await control.delete(pod, owner);
      } catch (error) {
        expectations.deletionObserved(key, pod.metadata.uid!);
        failed = { reason: 'FailedDelete', error: asError(error) };
      }
    }
    return failed;
  }

  async function reconcile(key: string): Promise<Outcome> {
    const owner = owners.lister.byKey(key);
    if (!owner) {
      expectations.forget(key);
      return { done: true };
    }
    const owned = await claim({ client, ownerResource: ReplicationControllers, owner, resource: Pods, lister: pods.lister, matches: labelsMatcher(owner.spec?.selector) });
    const view = asReplicaSet(owner);
    const waitMs = expectations.remainingMs(key);
    let failed: Failure;
    if (waitMs === 0 && !isTerminating(owner)) {
      const actions = decideReplicaSet({ replicaSet: view, pods: owned, related: owned }, host.clock.now());
      if (actions.create > 0) failed = await create(key, owner, actions.create);
      else if (actions.delete.length > 0) failed = await remove(key, owner, actions.delete);
    }
    const { terminatingReplicas: _, ...status } = replicaSetStatus(view, owned, failed && { reason: failed.reason, message: failed.error.message }, host.clock.now());
    if (!sameStatus(owner.status, status)) await client.of(ReplicationControllers).updateStatus({ ...owner, status });
    if (failed) return { retry: failed.error };
    const afterMs = Math.min(nextAvailabilityMs(owned, owner.spec?.minReadySeconds ?? 0, host.clock.now()) ?? Infinity, waitMs === 0 ? Infinity : waitMs);
    return afterMs === Infinity ? { done: true } : { afterMs };
  }

  const queue = startController(host, { name: 'replicationcontroller-controller', informers, workers: workersOf(context, 'concurrent-rc-syncs', workers), reconcile });
  owners.onEvent(({ object }) => queue.add(keyOf(object)));
  followPods({ pods, owners, kind: 'ReplicationController', expectations, selectorOf: (owner) => (owner.spec?.selector ? { matchLabels: owner.spec.selector } : undefined), changed: (key) => queue.add(key) });
  return queue;
}
