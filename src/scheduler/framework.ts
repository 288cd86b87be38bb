/**
 * The plug-in framework: at which points of a scheduling cycle a plug-in may speak, and what it may say. Plug-ins are values without hidden
 * state: what they work out for one pod lies in the cycle's `state` under their name.
 * The points are those of the scheduling framework (KEP-624).
 */
import type { Binding, PersistentVolume, PersistentVolumeClaim, Pod, PodExtendedResourceClaimStatus } from '../api/core/v1/types.ts';
import type { PodDisruptionBudget } from '../api/policy/v1/types.ts';
import type { AllocationResult, DeviceClass, ResourceClaim, ResourceSlice } from '../api/resource/v1/types.ts';
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass } from '../api/storage/v1/types.ts';
import type { Client, InformerFactory } from '../client/types.ts';
import type { Clock, Log } from '../host/types.ts';
import type { EventInterest } from './events.ts';
import type { NodeInfo } from './node-info.ts';
import type { Labels, PodInfo } from './pod-info.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * `unschedulable`: not now, but evicting pods could help. `unresolvable`: evicting pods cannot help. `pending`: waits for something outside.
 * `error`: the attempt itself failed and is worth repeating.
 */
export type StatusCode = 'unschedulable' | 'unresolvable' | 'pending' | 'error';

/** A refusal. Shared constants wherever possible: filters return them thousands of times a cycle. */
export interface Status {
  readonly code: StatusCode;
  readonly plugin: string;
  readonly reasons: readonly string[];
}

export function refusal(plugin: string, code: StatusCode, ...reasons: string[]): Status {
  return Object.freeze({ code, plugin, reasons: Object.freeze(reasons) });
}

/** Other objects that plug-ins read, as the informers hold them. */
export interface Lookups {
  namespaceLabels(namespace: string): Labels;
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  volumes(): readonly PersistentVolume[];
  storageClass(name: string): StorageClass | undefined;
  csiNode(name: string): CSINode | undefined;
  csiDriver(name: string): CSIDriver | undefined;
  storageCapacities(): readonly CSIStorageCapacity[];
  resourceClaim(namespace: string, name: string): ResourceClaim | undefined;
  resourceClaims(): readonly ResourceClaim[];
  resourceSlices(): readonly ResourceSlice[];
  deviceClass(name: string): DeviceClass | undefined;
  deviceClasses(): readonly DeviceClass[];
  disruptionBudgets(namespace: string): readonly PodDisruptionBudget[];
  /** Matches the labels of pods that serve with this one, by its Services and its controller; undefined when it has neither. */
  siblings(pod: Pod): ((labels: Labels) => boolean) | undefined;
}

/** One attempt to place one pod. */
export interface Cycle {
  readonly pod: PodInfo;
  readonly snapshot: Snapshot;
  readonly lookups: Lookups;
  /** What plug-ins keep for themselves between points of this cycle, by plug-in name. */
  readonly state: Map<string, unknown>;
}

export interface PreFilterResult {
  /** This plug-in's filter has nothing to say about this pod. */
  skip?: true;
  /** Only these nodes come into question. */
  nodeNames?: ReadonlySet<string>;
  /** The pod fits nowhere. */
  status?: Status;
}

export interface PostFilterResult {
  /** The node that will have room once the victims are gone. */
  nominatedNodeName?: string;
  /** Pods to evict, most important last to go first in the list's order. */
  victims: readonly PodInfo[];
  /** All that could be done, when extenders have a say in it: `choose` takes the best of what they leave. */
  candidates?: readonly PreemptionCandidate[];
  choose?(candidates: readonly PreemptionCandidate[]): PreemptionCandidate | undefined;
  /** Why nothing could be done, or what will let a later attempt succeed. */
  status?: Status;
  /** A claim whose devices are to be given back, and one that is to go. */
  release?: ResourceClaim;
  remove?: ResourceClaim;
}

/** Pods of a node without which the newcomer fits there. */
export interface PreemptionCandidate {
  readonly node: NodeInfo;
  /** Most important first. */
  readonly victims: readonly PodInfo[];
  /** Victims whose eviction breaks a disruption budget. */
  readonly violations: number;
}

/** What asynchronous points may use. */
export interface BindContext {
  bind(pod: Pod, binding: Binding): Promise<void>;
  /** Asks the provisioner for a volume that this node can use. */
  selectNode(claim: PersistentVolumeClaim, nodeName: string): Promise<void>;
  /** Keeps an existing volume for the claim. */
  reserveVolume(volume: PersistentVolume, claim: PersistentVolumeClaim): Promise<void>;
  /** Writes down the devices that a claim gets, and that the pod uses it. */
  reserveClaim(claim: ResourceClaim, allocation: AllocationResult | undefined, pod: Pod): Promise<void>;
  /** Takes its devices from a claim that nobody but this pod uses. */
  releaseClaim(claim: ResourceClaim, user: Pod): Promise<void>;
  /** Makes a claim; resolves with what the API made of it. */
  createClaim(claim: ResourceClaim): Promise<ResourceClaim>;
  removeClaim(claim: ResourceClaim): Promise<void>;
  /** Says in the pod's status which claim holds its extended resources. */
  tellExtendedClaim(pod: Pod, status: PodExtendedResourceClaimStatus): Promise<void>;
  /** Resolves when the condition holds after an informer's event, or false after the time is over; rejects with what the condition throws. */
  until(condition: () => boolean, timeoutMs: number): Promise<boolean>;
  lookups: Lookups;
}

export interface PermitWait {
  readonly waitMs: number;
}

/** A pod that has a node and waits at Permit. */
export interface WaitingPod {
  readonly pod: PodInfo;
  readonly nodeName: string;
  /** Plug-ins that have not allowed it yet. */
  pendingPlugins(): string[];
  allow(plugin: string): void;
  reject(plugin: string, message: string): void;
}

/** What a plug-in may use beyond the cycle, given to its factory. */
export interface PluginHandle {
  readonly clock: Clock;
  readonly log: Log;
  readonly client: Client;
  /** Ask for informers while the plug-in is made; they start afterwards. */
  readonly informers: InformerFactory;
  readonly waitingPods: { get(uid: string): WaitingPod | undefined; all(): Iterable<WaitingPod> };
  /** Tries a waiting pod again now. */
  activate(uid: string): void;
}

/** Makes a plug-in for one profile. `args` are those of its `pluginConfig`, with defaults filled in. */
export type PluginFactory = (args: Readonly<Record<string, unknown>>, handle: PluginHandle) => Plugin;

/** Everything a plug-in may implement. `name` is also its key in the cycle's state and in reports. */
export interface Plugin {
  readonly name: string;
  /** A status keeps the pod out of the queue until something about the pod changes. */
  preEnqueue?(pod: PodInfo): Status | undefined;
  /** True when `a` is to be tried before `b`. One plug-in of the list has this. */
  queueSort?(a: QueuedPodOrder, b: QueuedPodOrder): boolean;
  events?(): readonly EventInterest[];
  preFilter?(cycle: Cycle): PreFilterResult | undefined;
  /** Undefined: the node will do. Called for every node that comes into question, so it makes no objects. */
  filter?(cycle: Cycle, node: NodeInfo): Status | undefined;
  /** Keep the cycle's state true while preemption tries a node without (or with) a pod. The copy of the state is the caller's. */
  addPod?(cycle: Cycle, pod: PodInfo, node: NodeInfo): void;
  removePod?(cycle: Cycle, pod: PodInfo, node: NodeInfo): void;
  copyState?(state: unknown): unknown;
  postFilter?(cycle: Cycle, statuses: NodeStatuses, run: FilterRun): PostFilterResult | undefined;
  /** False: this plug-in's score has nothing to say about this pod. */
  preScore?(cycle: Cycle, nodes: readonly NodeInfo[]): boolean;
  /** 0 to 100, or any number that `normalize` brings into that range. */
  score?(cycle: Cycle, node: NodeInfo): number;
  normalize?(cycle: Cycle, scores: Float64Array): void;
  reserve?(cycle: Cycle, nodeName: string): Status | undefined;
  unreserve?(cycle: Cycle, nodeName: string): void;
  /** A status sends the pod back; a wait holds it until `WaitingPod.allow` or the time is over. */
  permit?(cycle: Cycle, nodeName: string): Status | PermitWait | undefined;
  /** True when `preBind` has something slow to do for this pod: the node is then announced in the pod's status first. */
  preBindTakesTime?(cycle: Cycle, nodeName: string): boolean;
  preBind?(cycle: Cycle, nodeName: string, context: BindContext): Promise<Status | undefined>;
  /** True when it has bound the pod. */
  bind?(cycle: Cycle, nodeName: string, context: BindContext): Promise<boolean>;
  postBind?(cycle: Cycle, nodeName: string): void;
}

export interface QueuedPodOrder {
  readonly pod: PodInfo;
  /** When it entered the queue, in milliseconds since 1970. */
  readonly queuedAt: number;
  /** Breaks ties: the order of arrival. */
  readonly sequence: number;
}

/** Why each refused node was refused. */
export type NodeStatuses = ReadonlyMap<string, Status>;

/** How post-filters try nodes again under changed conditions. */
export interface FilterRun {
  /** The first refusal of this node, with pods nominated to it counted as there. */
  fits(cycle: Cycle, node: NodeInfo): Status | undefined;
  addPod(cycle: Cycle, pod: PodInfo, node: NodeInfo): void;
  removePod(cycle: Cycle, pod: PodInfo, node: NodeInfo): void;
  /** A cycle of the same pod with a state of its own. */
  copy(cycle: Cycle): Cycle;
  random(bound: number): number;
  nominatedTo(nodeName: string): readonly PodInfo[];
  /** The node on which room is being made for the pod. */
  nominatedNodeOf(pod: PodInfo): string | undefined;
  /** Whether this scheduler has asked for the pod to be evicted. */
  isLeaving(pod: PodInfo): boolean;
}

/** A plug-in in a profile's list, with the weight of its score. */
export interface WeightedPlugin {
  readonly plugin: Plugin;
  readonly weight: number;
}

export const MAX_NODE_SCORE = 100;

/** Brings the highest score to 100, and with `reverse` the lowest. With no score above zero all are alike: 0, or reversed 100. */
export function normalizeScores(scores: Float64Array, reverse: boolean): void {
  let max = 0;
  for (const score of scores) if (score > max) max = score;
  for (let i = 0; i < scores.length; i++) {
    const scaled = max === 0 ? 0 : Math.trunc((MAX_NODE_SCORE * scores[i]!) / max);
    scores[i] = reverse ? MAX_NODE_SCORE - scaled : scaled;
  }
}

