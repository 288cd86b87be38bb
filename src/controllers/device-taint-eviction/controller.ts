/**
 * device-taint-eviction-controller: removes pods whose devices carry NoExecute taints that their claims do not tolerate, or no longer.
 *
 * Contract: what decides is the taints of the devices that a claim was given, the claim's tolerations, and the time since the taint was added.
 * Never: removes a pod for a taint of another effect, or one that its claim tolerates without limit. Eventually: no pod runs on a device that
 * drives it out. A pod is marked with the condition DisruptionTarget before it is deleted.
 */
import { setCondition } from '../../api/core/v1/pods.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { keyOf } from '../../api/meta/objects.ts';
import { isConflict, isNotFound } from '../../api/meta/status.ts';
import { formatTime } from '../../api/meta/time.ts';
import type { DeviceTaint, ResourceClaim, ResourceSlice } from '../../api/resource/v1/types.ts';
import { Pods, ResourceClaims, ResourceSlices } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import { workersOf, type ControllerContext } from '../context.ts';
import { decideDeviceEviction } from './decide.ts';

const poolIndex = 'device-taint-eviction-controller/pool';
const poolOf = (slice: ResourceSlice): string => `${slice.spec.driver}/${slice.spec.pool.name}`;

export function startDeviceTaintEviction(context: ControllerContext): Running {
  const { client, informers, host } = context;
  const pods = informers.of(Pods);
  const claims = informers.of(ResourceClaims);
  const slices = informers.of(ResourceSlices);
  slices.addIndex(poolIndex, (slice) => [poolOf(slice)]);
  const recorder = context.recorder('device-taint-eviction');
  const scheduled = new Map<string, string>();

  function taintsOf(driver: string, pool: string, device: string): readonly DeviceTaint[] {
    const all = slices.lister.byIndex(poolIndex, `${driver}/${pool}`);
    const newest = Math.max(...all.map((slice) => Number(slice.spec.pool.generation)));
    return all.filter((slice) => Number(slice.spec.pool.generation) === newest).flatMap((slice) => slice.spec.devices ?? []).find((each) => each.name === device)?.taints ?? [];
  }

  function claimsOf(pod: Pod): ResourceClaim[] {
    const names = [...(pod.spec?.resourceClaims ?? []).map((each) => each.resourceClaimName), ...(pod.status?.resourceClaimStatuses ?? []).map((each) => each.resourceClaimName)];
    return names.map((name) => (name === undefined ? undefined : claims.lister.get(pod.metadata.namespace, name))).filter((claim) => claim !== undefined);
  }

  async function evict(key: string, pod: Pod): Promise<void> {
    const { name, namespace, uid } = pod.metadata;
    recorder.event(pod, 'Normal', 'DeviceTaintManagerEviction', `Marking for deletion`);
    const condition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByDeviceTaintManager', message: 'Device Taint manager: deleting due to NoExecute taint', observedGeneration: pod.metadata.generation };
    const conditions = setCondition(pod.status?.conditions, condition, formatTime(host.clock.now()));
    const inNamespace = client.of(Pods).inNamespace(namespace!);
    try {
      if (conditions !== pod.status?.conditions) await inNamespace.patch(name!, { metadata: { uid }, status: { conditions: [conditions.find((each) => each.type === 'DisruptionTarget')] } }, { type: 'strategic', subresource: 'status' });
      await inNamespace.delete(name!, { preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
    scheduled.delete(key);
  }

  async function reconcile(key: string): Promise<Outcome> {
    const pod = pods.lister.byKey(key);
    const nowMs = host.clock.now();
    const decision = pod && decideDeviceEviction(pod, claimsOf(pod), taintsOf, nowMs);
    if (!decision) {
      if (pod && scheduled.get(key) === pod.metadata.uid && !pod.metadata.deletionTimestamp) recorder.event(pod, 'Normal', 'DeviceTaintManagerEviction', 'Cancelling deletion');
      scheduled.delete(key);
      return { done: true };
    }
    if (decision === 'now') {
      await evict(key, pod);
      return { done: true };
    }
    scheduled.set(key, pod.metadata.uid!);
    return { afterMs: decision.atMs - nowMs };
  }

  const queue = startController(host, { name: 'device-taint-eviction-controller', workers: workersOf(context, 'concurrent-device-taint-eviction-syncs', 8), informers, reconcile });
  const wake = (claim: ResourceClaim): void => {
    for (const consumer of claim.status?.reservedFor ?? []) if (consumer.resource === 'pods') queue.add(`${claim.metadata.namespace}/${consumer.name}`);
  };
  claims.onEvent(({ object }) => wake(object));
  pods.onEvent(({ type, object }) => {
    if (type !== 'deleted' && (object.spec?.resourceClaims ?? []).length > 0) queue.add(keyOf(object));
  });
  slices.onEvent((event) => {
    const tainted = (slice: ResourceSlice): string => JSON.stringify((slice.spec.devices ?? []).map((device) => [device.name, device.taints ?? []]));
    if (event.type === 'updated' && tainted(event.old) === tainted(event.object)) return;
    const { driver, pool } = event.object.spec;
    for (const claim of claims.lister.list()) if ((claim.status?.allocation?.devices?.results ?? []).some((result) => result.driver === driver && result.pool === pool.name)) wake(claim);
  });
  return queue;
}
