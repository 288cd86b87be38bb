/** Everything that the scheduler writes to the API. Each write is about one pod; writes about the same pod keep their order. */
import type { Binding, PersistentVolume, PersistentVolumeClaim, Pod, PodCondition, PodExtendedResourceClaimStatus } from '../api/core/v1/types.ts';
import type { AllocationResult, ResourceClaim } from '../api/resource/v1/types.ts';
import { PersistentVolumeClaims, PersistentVolumes, Pods, ResourceClaims } from '../api/resources.ts';
import { isConflict, isNotFound } from '../api/meta/status.ts';
import { formatTime } from '../api/meta/time.ts';
import type { Client, ResourceClient } from '../client/types.ts';
import type { Host } from '../host/types.ts';
import type { PodInfo } from './pod-info.ts';

export const SELECTED_NODE_ANNOTATION = 'volume.kubernetes.io/selected-node';

/** How often a claim that others change meanwhile is written again. */
const CLAIM_ATTEMPTS = 5;
const CLAIM_FINALIZER = 'resource.kubernetes.io/delete-protection';

/** What a waiting pod's status should say. `nominatedNodeName` '' clears it, undefined leaves it. */
export interface PendingStatus {
  reason: 'Unschedulable' | 'SchedulingGated' | 'SchedulerError';
  message: string;
  nominatedNodeName?: string;
}

function scheduledCondition(pod: Pod): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === 'PodScheduled');
}

/** The status patch that brings a pod to `wanted`; undefined when it is there already. `announced`: a node was named that `pod` may not show yet. */
export function pendingPatch(pod: Pod, wanted: PendingStatus, now: number, announced = false): object | undefined {
  const old = scheduledCondition(pod);
  const sameCondition = old?.status === 'False' && old.reason === wanted.reason && old.message === wanted.message;
  const sameNode = wanted.nominatedNodeName === undefined || (!announced && (pod.status?.nominatedNodeName ?? '') === wanted.nominatedNodeName);
  if (sameCondition && sameNode) return undefined;
  const time = formatTime(now);
  const condition = {
    type: 'PodScheduled', status: 'False', reason: wanted.reason, message: wanted.message,
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    lastProbeTime: null,
    lastTransitionTime: old?.status === 'False' ? (old.lastTransitionTime ?? time) : time,
  };
  return {
    metadata: { uid: pod.metadata.uid },
    status: {
      ...(sameCondition ? {} : { conditions: [condition] }),
      ...(sameNode ? {} : { nominatedNodeName: wanted.nominatedNodeName === '' ? null : wanted.nominatedNodeName }),
    },
  };
}

/** Writes of this kind on their way at once: a storm of them must not use up what the API server lets in. */
const WRITES_IN_FLIGHT = 64;

/** Lets so many in at a time; evictions, which make room, go before what only tells. */
class Gate {
  readonly #limit: number;
  readonly #urgent: (() => void)[] = [];
  readonly #others: (() => void)[] = [];
  #inside = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async pass<T>(urgent: boolean, work: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#limit) await new Promise<void>((resolve) => (urgent ? this.#urgent : this.#others).push(resolve));
    else this.#inside++;
    try {
      return await work();
    } finally {
      // The place goes over to the next one that waits.
      const next = this.#urgent.shift() ?? this.#others.shift();
      if (next) next();
      else this.#inside--;
    }
  }
}

export class Writes {
  readonly #host: Host;
  readonly #client: Client;
  /** Pods whose node was announced ahead of the binding. */
  readonly #announced = new Set<string>();
  readonly #gate = new Gate(WRITES_IN_FLIGHT);
  readonly #chains = new Map<string, Promise<void>>();

  constructor(host: Host, client: Client) {
    this.#host = host;
    this.#client = client;
  }

  /** Resolves when all writes begun so far have ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#chains.values());
  }

  async bind(pod: Pod, binding: Binding): Promise<void> {
    this.#announced.delete(pod.metadata.uid ?? '');
    await this.#client.of(Pods).inNamespace(pod.metadata.namespace!).createSubresource(pod.metadata.name!, 'binding', binding);
  }

  async selectNode(claim: PersistentVolumeClaim, nodeName: string): Promise<void> {
    const patch = { metadata: { uid: claim.metadata.uid, annotations: { [SELECTED_NODE_ANNOTATION]: nodeName } } };
    await this.#client.of(PersistentVolumeClaims).inNamespace(claim.metadata.namespace!).patch(claim.metadata.name!, patch, { type: 'merge' });
  }

  /** Fails with a conflict when somebody else changed the volume meanwhile. */
  async reserveVolume(volume: PersistentVolume, claim: PersistentVolumeClaim): Promise<void> {
    const { namespace, name, uid, resourceVersion } = claim.metadata;
    const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion };
    const patch = { metadata: { uid: volume.metadata.uid, resourceVersion: volume.metadata.resourceVersion, annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes' } }, spec: { claimRef } };
    await this.#client.of(PersistentVolumes).patch(volume.metadata.name!, patch, { type: 'merge' });
  }

  /** The claim keeps a finalizer for as long as it has devices; the pod stands in its status. What others change meanwhile is taken in. */
  async reserveClaim(claim: ResourceClaim, allocation: AllocationResult | undefined, pod: Pod): Promise<void> {
    const claims = this.#client.of(ResourceClaims).inNamespace(claim.metadata.namespace!);
    let latest = claim;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#writeClaim(claims, latest, allocation, pod);
        return;
      } catch (error) {
        if (!isConflict(error) || attempt >= CLAIM_ATTEMPTS) throw error;
        latest = await claims.get(claim.metadata.name!);
        const changed = latest.metadata.uid !== claim.metadata.uid || latest.metadata.deletionTimestamp !== undefined || (allocation === undefined) !== (latest.status?.allocation !== undefined);
        if (changed) throw error;
      }
    }
  }

  async #writeClaim(claims: ResourceClient<ResourceClaim>, claim: ResourceClaim, allocation: AllocationResult | undefined, pod: Pod): Promise<void> {
    const { finalizers = [] } = claim.metadata;
    const kept = !allocation || finalizers.includes(CLAIM_FINALIZER) ? claim : await claims.update({ ...claim, metadata: { ...claim.metadata, finalizers: [...finalizers, CLAIM_FINALIZER] } });
    const others = (kept.status?.reservedFor ?? []).filter((each) => each.uid !== pod.metadata.uid);
    const reservedFor = [...others, { resource: 'pods', name: pod.metadata.name!, uid: pod.metadata.uid! }];
    await claims.updateStatus({ ...kept, status: { ...kept.status, reservedFor, ...(allocation ? { allocation: { ...allocation, allocationTimestamp: formatTime(this.#host.clock.now()) } } : {}) } });
  }

  /** Takes its devices from a claim, unless another pod than `user` uses it meanwhile. */
  async releaseClaim({ metadata: { namespace, name, uid } }: ResourceClaim, user: Pod): Promise<void> {
    const claims = this.#client.of(ResourceClaims).inNamespace(namespace!);
    for (let attempt = 1; ; attempt++) {
      const latest = await claims.get(name!);
      const users = latest.status?.reservedFor ?? [];
      if (latest.metadata.uid !== uid || !latest.status?.allocation || users.some((each) => each.uid !== user.metadata.uid)) return;
      const { allocation: _given, reservedFor: _users, devices: _devices, ...status } = latest.status;
      try {
        await claims.updateStatus({ ...latest, status });
        return;
      } catch (error) {
        if (!isConflict(error) || attempt >= CLAIM_ATTEMPTS) throw error;
      }
    }
  }

  async createClaim({ metadata: { uid: _own, ...metadata }, ...claim }: ResourceClaim): Promise<ResourceClaim> {
    return this.#client.of(ResourceClaims).inNamespace(metadata.namespace!).create({ ...claim, metadata });
  }

  /** Takes the scheduler's protection off the claim, and deletes it. */
  async removeClaim({ metadata: { namespace, name, uid } }: ResourceClaim): Promise<void> {
    const claims = this.#client.of(ResourceClaims).inNamespace(namespace!);
    const latest = await claims.get(name!);
    if (latest.metadata.uid !== uid) return;
    const finalizers = (latest.metadata.finalizers ?? []).filter((each) => each !== CLAIM_FINALIZER);
    if (finalizers.length !== (latest.metadata.finalizers?.length ?? 0)) await claims.update({ ...latest, metadata: { ...latest.metadata, finalizers } });
    await claims.delete(name!, { preconditions: { uid: uid! } });
  }

  async tellExtendedClaim({ metadata: { namespace, name, uid } }: Pod, extendedResourceClaimStatus: PodExtendedResourceClaimStatus): Promise<void> {
    await this.#client.of(Pods).inNamespace(namespace!).patch(name!, { metadata: { uid }, status: { extendedResourceClaimStatus } }, { type: 'strategic', subresource: 'status' });
  }

  /** Says in the pod's status why it waits. Failures are logged: the next attempt says it again. */
  pending(pod: Pod, wanted: PendingStatus): void {
    const patch = pendingPatch(pod, wanted, this.#host.clock.now(), wanted.nominatedNodeName !== undefined && this.#announced.delete(pod.metadata.uid ?? ''));
    if (!patch) return;
    this.#inOrder(pod, async () => {
      await this.#client.of(Pods).inNamespace(pod.metadata.namespace!).patch(pod.metadata.name!, patch, { type: 'strategic', subresource: 'status' });
    });
  }

  /** Says where the pod is expected to run before it is bound there. */
  nominate(pod: Pod, nodeName: string): void {
    if (pod.status?.nominatedNodeName === nodeName) return;
    this.#announced.add(pod.metadata.uid ?? '');
    this.#inOrder(pod, async () => {
      await this.#client.of(Pods).inNamespace(pod.metadata.namespace!).patch(pod.metadata.name!, { metadata: { uid: pod.metadata.uid }, status: { nominatedNodeName: nodeName } }, { type: 'strategic', subresource: 'status' });
    });
  }

  /** Takes a nomination back. */
  unnominate(pod: Pod): void {
    this.#inOrder(pod, async () => {
      await this.#client.of(Pods).inNamespace(pod.metadata.namespace!).patch(pod.metadata.name!, { metadata: { uid: pod.metadata.uid }, status: { nominatedNodeName: null } }, { type: 'strategic', subresource: 'status' });
    });
  }

  /** Evicts a victim of preemption: says so in its status, then deletes it. `onFailed`: it stays. */
  evict(victim: PodInfo, schedulerName: string, onFailed: () => void): void {
    const pods = this.#client.of(Pods).inNamespace(victim.namespace);
    const condition = {
      type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler',
      message: `${schedulerName}: preempting to accommodate a higher priority pod`,
      lastTransitionTime: formatTime(this.#host.clock.now()),
    };
    this.#inOrder(victim.pod, async () => {
      try {
        await pods.patch(victim.name, { metadata: { uid: victim.uid }, status: { conditions: [condition] } }, { type: 'strategic', subresource: 'status' });
        await pods.delete(victim.name, { preconditions: { uid: victim.uid } });
      } catch (error) {
        onFailed();
        throw error;
      }
    }, true);
  }

  #inOrder(pod: Pod, write: () => Promise<void>, urgent = false): void {
    const key = pod.metadata.uid ?? `${pod.metadata.namespace}/${pod.metadata.name}`;
    const before = this.#chains.get(key) ?? Promise.resolve();
    const after: Promise<void> = before
      .then(() => this.#gate.pass(urgent, write))
      .catch((error: unknown) => {
        if (isNotFound(error)) return;
        this.#host.log.warn('pod status write failed', { pod: `${pod.metadata.namespace}/${pod.metadata.name}`, error: String((error as Error)?.message ?? error) });
      })
      .finally(() => {
        if (this.#chains.get(key) === after) this.#chains.delete(key);
      });
    this.#chains.set(key, after);
  }
}
