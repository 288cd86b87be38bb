/**
 * The scheduler at work: informer events go into the cache and the queue, pods come out of the queue one at a time, `decide` says where each
 * goes, and the writes that follow overlap with the decisions after it. All state is in memory and made anew from the API after a restart.
 */
import type { Node, Pod } from '../api/core/v1/types.ts';
import { CSIDrivers, CSINodes, CSIStorageCapacities, DeviceClasses, Namespaces, Nodes, PersistentVolumeClaims, PersistentVolumes, Pods, ResourceClaims, ResourceSlices, StorageClasses } from '../api/resources.ts';
import { isConflict, isNotFound } from '../api/meta/status.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import type { Resource } from '../api/meta/resource.ts';
import type { Client, EventRecorder, InformerEvent, InformerFactory, Running } from '../client/types.ts';
import type { Host } from '../host/types.ts';
import { SchedulerCache } from './cache.ts';
import { Binder, bindContext } from './binding.ts';
import { Conditions } from './conditions.ts';
import { buildProfile } from './config/profiles.ts';
import type { SchedulerConfiguration } from './config/types.ts';
import { decide } from './decide.ts';
import type { DecideInput, Decision, Misfit, Placement } from './decide.ts';
import { loadSelectors, selectorsReady } from './dra/selectors.ts';
import { assignedPodActions, nodeActions, pendingPodActions } from './events.ts';
import type { ClusterEvent, EventResource } from './events.ts';
import { Evaluations } from './evaluations.ts';
import { decideWithExtenders } from './extenders/decide.ts';
import { Extender } from './extenders/extender.ts';
import type { ExtenderSettings } from './extenders/extender.ts';
import type { Lookups, PluginFactory, PluginHandle, Status, WeightedPlugin } from './framework.ts';
import { createLookups } from './lookups.ts';
import { fitMessage } from './message.ts';
import { SchedulerMetrics } from './metrics.ts';
import { Nominator } from './nominator.ts';
import { podInfoOf } from './pod-info.ts';
import type { PodInfo } from './pod-info.ts';
import { DEFAULT_SCHEDULER_NAME, defaultPlugins } from './plugins/index.ts';
import { GATED_MESSAGE } from './plugins/scheduling-gates.ts';
import { createProfile, runPreEnqueue } from './profile.ts';
import type { Profile } from './profile.ts';
import { SchedulingQueue } from './queue.ts';
import type { QueuedPod } from './queue.ts';
import { Snapshot } from './snapshot.ts';
import { WaitingPods } from './waiting-pods.ts';
import { Writes } from './writes.ts';

export interface SchedulerSettings {
  /** Lists of plug-ins by the name that pods ask for. Default: `default-scheduler` with the default plug-ins. */
  profiles?: readonly { schedulerName: string; plugins: readonly WeightedPlugin[] }[];
  /** 0: adapt to the cluster's size. */
  percentageOfNodesToScore?: number;
  initialBackoffMs?: number;
  maxBackoffMs?: number;
  /** Bindings that may be on their way to the API at once. Default 128. */
  maxBindingsInFlight?: number;
  /** How long a bound pod may stay unconfirmed by the informer; 0: for ever. */
  assumedTtlMs?: number;
  /** Profiles, backoff and the share of nodes by a configuration; what is set above goes before it. */
  configuration?: SchedulerConfiguration;
  /** Plug-ins from outside, by name, that the configuration's profiles may name. */
  plugins?: ReadonlyMap<string, PluginFactory>;
  /** Webhooks, in order. */
  extenders?: readonly ExtenderSettings[];
  metrics?: SchedulerMetrics;
}

export interface SchedulerOptions {
  host: Host;
  client: Client;
  informers: InformerFactory;
  recorder: EventRecorder;
  settings?: SchedulerSettings;
}

/** Decisions made before the event loop gets a turn. */
const DECISIONS_PER_TURN = 32;
const EXPIRY_CHECK_MS = 10_000;
/** Events keep at most so much of a message. */
const EVENT_MESSAGE_LIMIT = 1024;

type Standing = 'assigned' | 'pending' | 'none';

class Scheduler implements Running {
  readonly #host: Host;
  readonly #options: SchedulerOptions;
  readonly #recorder: EventRecorder;
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #cache: SchedulerCache;
  readonly #queue: SchedulingQueue;
  readonly #nominator = new Nominator();
  /** Victims of preemption that are still there, with their nodes. */
  readonly #leaving = new Map<string, string>();
  readonly #snapshot = new Snapshot();
  readonly #writes: Writes;
  readonly #lookups: Lookups;
  readonly #binder: Binder;
  readonly #waitingPods: WaitingPods;
  readonly #extenders: readonly Extender[];
  readonly #metrics: SchedulerMetrics;
  readonly #evaluations = new Map<string, Evaluations>();
  readonly #conditions: Conditions;
  readonly #random: (bound: number) => number;
  readonly #stop = new AbortController();
  #startIndex = 0;
  /** A decision waits for an extender's answer: the next one begins after it. */
  #deciding: Promise<void> | undefined;
  #ready = false;
  #pumpScheduled = false;

  constructor(options: SchedulerOptions) {
    this.#host = options.host;
    this.#options = options;
    this.#recorder = options.recorder;
    this.#conditions = new Conditions(options.host.clock, this.#stop.signal);
    const settings = options.settings ?? {};
    this.#metrics = settings.metrics ?? new SchedulerMetrics();
    this.#waitingPods = new WaitingPods(options.host.clock);
    // Those that may be ignored come last: they are asked about what the others leave.
    this.#extenders = (settings.extenders ?? []).toSorted((a, b) => Number(a.ignorable) - Number(b.ignorable)).map((each) => new Extender(options.host, each));
    this.#profiles = new Map(this.#createProfiles(settings).map((profile) => [profile.schedulerName, profile]));
    this.#cache = new SchedulerCache({ assumedTtlMs: settings.assumedTtlMs ?? 0 });
    this.#writes = new Writes(options.host, options.client);
    const random = options.host.random.fork('scheduler');
    this.#random = (bound) => random.int(bound);
    const first = [...this.#profiles.values()][0]!;
    this.#queue = new SchedulingQueue({
      clock: options.host.clock,
      before: first.queueSort,
      gate: (pod) => this.#gate(pod),
      interests: (pod) => this.#profileOf(pod.pod)!.interests,
      onReady: () => this.#schedulePump(),
      holds: (pod, event) => this.#roomIsBeingMade(pod, event),
      onIncoming: (queue, event) => this.#metrics.incoming.add([event, queue]),
      initialBackoffMs: settings.initialBackoffMs ?? (settings.configuration?.podInitialBackoffSeconds ?? 1) * 1000,
      maxBackoffMs: settings.maxBackoffMs ?? (settings.configuration?.podMaxBackoffSeconds ?? 10) * 1000,
    });
    for (const name of this.#profiles.keys()) this.#evaluations.set(name, new Evaluations());
    this.#metrics.registry.onScrape(() => {
      this.#metrics.gauge(this.#queue, this.#binder.running);
      for (const [name, evaluations] of this.#evaluations) evaluations.show(this.#metrics.evaluations, name);
    });
    const pods = options.informers.of(Pods).lister;
    this.#metrics.pods = () => pods.list();
    this.#lookups = createLookups(options.informers);
    const context = bindContext(this.#writes, this.#conditions, this.#lookups);
    this.#binder = new Binder({
      host: options.host, cache: this.#cache, writes: this.#writes, waiting: this.#waitingPods, context, extenders: this.#extenders, metrics: this.#metrics,
      onWritten: () => this.#schedulePump(),
      exists: ({ namespace, name, pod }) => pods.get(namespace, name)?.metadata.uid === pod.metadata.uid,
      onFreed: (pod) => this.#notify({ resource: 'AssignedPod', actions: ['delete'], pod, object: pod.pod }),
    });
    this.#listen();
    void this.#begin();
  }

  #createProfiles(settings: SchedulerSettings): Profile[] {
    if (settings.profiles) return settings.profiles.map(({ schedulerName, plugins }) => createProfile(schedulerName, plugins));
    if (!settings.configuration) return [createProfile(DEFAULT_SCHEDULER_NAME, defaultPlugins())];
    const { host, client, informers } = this.#options;
    const handle: PluginHandle = { clock: host.clock, log: host.log, client, informers, waitingPods: this.#waitingPods, activate: (uid) => this.#queue.activate(uid) };
    const ignoredResources = (settings.extenders ?? []).flatMap((each) => each.managedResources.filter((resource) => resource.ignoredByScheduler).map((resource) => resource.name));
    const extraArgs: Record<string, Record<string, unknown>> = ignoredResources.length > 0 ? { NodeResourcesFit: { ignoredResources } } : {};
    return settings.configuration.profiles.map((profile) => buildProfile(profile, { handle, extraArgs, ...(settings.plugins ? { factories: settings.plugins } : {}) }));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#queue.stop();
    this.#conditions.look();
    for (const pod of this.#waitingPods.all()) pod.reject('', 'the scheduler ends');
    await this.#deciding;
    await this.#binder.settled();
    await this.#writes.settled();
  }

  async #begin(): Promise<void> {
    try {
      await this.#options.informers.synced();
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#host.log.error('scheduler cannot begin', { error: String((error as Error)?.message ?? error) });
      return;
    }
    this.#ready = true;
    this.#schedulePump();
    if ((this.#options.settings?.assumedTtlMs ?? 0) > 0) void this.#expireForever();
  }

  async #expireForever(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#host.clock.sleep(EXPIRY_CHECK_MS, this.#stop.signal);
      for (const pod of this.#cache.expire(this.#host.clock.now())) {
        this.#host.log.warn('a bound pod was never confirmed and is no longer counted', { pod: `${pod.namespace}/${pod.name}` });
        this.#notify({ resource: 'AssignedPod', actions: ['delete'], pod });
      }
    }
  }

  // ---- what comes in ----

  #listen(): void {
    const { informers } = this.#options;
    informers.of(Nodes).onEvent((event) => this.#onNode(event));
    informers.of(Pods).onEvent((event) => this.#onPod(event));
    this.#forward(Namespaces, 'Namespace');
    this.#forward(PersistentVolumeClaims, 'PersistentVolumeClaim');
    this.#forward(PersistentVolumes, 'PersistentVolume');
    this.#forward(StorageClasses, 'StorageClass');
    this.#forward(CSINodes, 'CSINode');
    this.#forward(CSIDrivers, 'CSIDriver');
    this.#forward(CSIStorageCapacities, 'CSIStorageCapacity');
    this.#forward(ResourceClaims, 'ResourceClaim');
    this.#forward(ResourceSlices, 'ResourceSlice');
    this.#forward(DeviceClasses, 'DeviceClass');
    // A class may stand for an extended resource that pods ask for already.
    informers.of(DeviceClasses).onEvent(() => void (selectorsReady() || loadSelectors()));
  }

  #forward<T extends KubeObject>(resource: Resource<T>, name: EventResource): void {
    this.#options.informers.of(resource).onEvent((event) => {
      const action = event.type === 'added' ? 'add' : event.type === 'updated' ? 'update' : 'delete';
      this.#notify({ resource: name, actions: [action], object: event.object, ...(event.type === 'updated' ? { old: event.old } : {}) });
    });
  }

  #notify(event: ClusterEvent): void {
    this.#queue.notify(event);
    this.#conditions.look();
  }

  #onNode(event: InformerEvent<Node>): void {
    const node = event.object;
    if (event.type === 'deleted') {
      this.#cache.removeNode(node.metadata.name!);
      this.#notify({ resource: 'Node', actions: ['delete'], object: node });
      return;
    }
    const actions = event.type === 'added' ? (['add'] as const) : nodeActions(event.old, node);
    // Heartbeats change nothing that scheduling looks at.
    if (actions.length === 0) return;
    this.#cache.setNode(node);
    this.#notify({ resource: 'Node', actions, object: node, ...(event.type === 'updated' ? { old: event.old } : {}) });
  }

  /** A pod that waits for victims to leave a node need not look again for every pod that goes elsewhere, nor before the last of them has left. */
  #roomIsBeingMade(pod: PodInfo, event: ClusterEvent): boolean {
    if (event.resource !== 'AssignedPod') return false;
    const nodeName = this.#nominator.nodeOf(pod.uid);
    if (nodeName === undefined) return false;
    if (event.pod?.pod.spec?.nodeName !== nodeName) return true;
    return this.#cache.podsOn(nodeName).some((other) => this.#leaving.has(other.uid));
  }

  #profileOf(pod: Pod): Profile | undefined {
    return this.#profiles.get(pod.spec?.schedulerName || DEFAULT_SCHEDULER_NAME);
  }

  #standing(pod: Pod | undefined): Standing {
    if (!pod || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return 'none';
    if (pod.spec?.nodeName) return 'assigned';
    return this.#profileOf(pod) && !pod.metadata.deletionTimestamp ? 'pending' : 'none';
  }

  #onPod(event: InformerEvent<Pod>): void {
    const pod = event.type === 'deleted' ? undefined : event.object;
    const standing = this.#standing(pod);
    const info = podInfoOf(event.object);
    if (standing === 'assigned') this.#onAssigned(info);
    // A pod that is being bound is the binding's affair; one that is gone for good takes no room, whether or not it was ever seen bound.
    else if (this.#cache.nodeOf(info.uid) !== undefined && (!this.#cache.isAssumed(info.uid) || (event.type === 'deleted' && !this.#cache.isBeingBound(info.uid)))) this.#onUnassigned(info);
    if (standing === 'pending') this.#onPending(info, event);
    else if (this.#queue.has(info.uid)) this.#queue.remove(info.uid);
    if (standing !== 'pending') this.#nominator.remove(info.uid);
    if (standing === 'none') this.#waitingPods.drop(info.uid, 'the pod is gone');
  }

  #onAssigned(info: PodInfo): void {
    const before = this.#cache.podOf(info.uid);
    const confirmed = this.#cache.isAssumed(info.uid);
    this.#cache.setPod(info, info.pod.spec!.nodeName!);
    const actions = before && !confirmed ? assignedPodActions(before, info) : (['add'] as const);
    if (actions.length > 0) this.#notify({ resource: 'AssignedPod', actions, pod: info, object: info.pod, ...(before ? { old: before.pod } : {}) });
  }

  #onUnassigned(info: PodInfo): void {
    this.#cache.removePod(info.uid);
    this.#leaving.delete(info.uid);
    this.#notify({ resource: 'AssignedPod', actions: ['delete'], pod: info, object: info.pod });
  }

  #onPending(info: PodInfo, event: InformerEvent<Pod>): void {
    const asksForDevices = info.pod.spec?.resourceClaims?.length || (info.request.amounts.scalars && this.#lookups.deviceClasses().length > 0);
    if (asksForDevices && !selectorsReady()) {
      void this.#loadSelectorsFor(info.pod);
      return;
    }
    // A write of ours about this pod is still on its way: its end decides what comes next.
    if (this.#cache.isAssumed(info.uid)) return;
    this.#nominator.follow(info, event.type === 'updated' ? event.old.status?.nominatedNodeName : undefined, info.pod.status?.nominatedNodeName);
    if (event.type !== 'updated' || !this.#queue.has(info.uid)) {
      this.#queue.add(info);
      return;
    }
    const actions = pendingPodActions(event.old, event.object);
    this.#queue.update(info, actions.length > 0 ? { resource: 'PendingPod', actions, pod: info, object: info.pod } : undefined);
  }

  /** The language of device selectors is loaded with the first pod that needs it. */
  async #loadSelectorsFor({ metadata: { namespace, name, uid } }: Pod): Promise<void> {
    await loadSelectors();
    const now = this.#options.informers.of(Pods).lister.get(namespace, name!);
    if (now && now.metadata.uid === uid && this.#standing(now) === 'pending' && !this.#stop.signal.aborted) this.#onPending(podInfoOf(now), { type: 'added', object: now });
  }

  #gate(pod: PodInfo): Status | undefined {
    const status = runPreEnqueue(this.#profileOf(pod.pod)!, pod);
    if (status && pod.pod.spec?.schedulingGates?.length) this.#writes.pending(pod.pod, { reason: 'SchedulingGated', message: GATED_MESSAGE });
    return status;
  }

  // ---- the cycle ----

  #schedulePump(): void {
    if (this.#pumpScheduled || !this.#ready || this.#stop.signal.aborted) return;
    this.#pumpScheduled = true;
    // A timer, not a microtask: events that arrive together are all seen before the first decision.
    this.#host.clock.setTimer(() => {
      this.#pumpScheduled = false;
      this.#pump();
    }, 0);
  }

  #pump(): void {
    const limit = this.#options.settings?.maxBindingsInFlight ?? 128;
    for (let made = 0; !this.#stop.signal.aborted; made++) {
      if (this.#deciding || this.#binder.writing >= limit) return;
      if (made >= DECISIONS_PER_TURN) {
        this.#schedulePump();
        return;
      }
      const queued = this.#queue.take();
      if (!queued) return;
      this.#tryPod(queued);
    }
  }

  #tryPod(queued: QueuedPod): void {
    const profile = this.#profileOf(queued.pod.pod)!;
    const began = this.#host.clock.monotonic();
    const input: DecideInput = {
      profile, pod: queued.pod, snapshot: this.#snapshot, lookups: this.#lookups, startIndex: this.#startIndex,
      percentageOfNodesToScore: profile.percentageOfNodesToScore ?? this.#options.settings?.percentageOfNodesToScore ?? this.#options.settings?.configuration?.percentageOfNodesToScore ?? 0,
      random: this.#random,
      nominatedTo: (nodeName) => this.#nominator.nominatedTo(nodeName),
      nominatedNodeOf: (uid) => this.#nominator.nodeOf(uid),
      isLeaving: (uid) => this.#leaving.has(uid),
      evaluations: this.#evaluations.get(profile.schedulerName)!,
      timer: { now: () => this.#host.clock.monotonic(), took: (point, sinceMs, status) => this.#metrics.pointSeconds.observe([point, profile.schedulerName, status], (this.#host.clock.monotonic() - sinceMs) / 1000) },
    };
    const act = ({ decision, nextStartIndex }: { decision: Decision; nextStartIndex: number }): void => {
      this.#startIndex = nextStartIndex;
      if (decision.type === 'placed') this.#place(profile, queued, decision, began);
      else this.#leaveWaiting(profile, queued, decision, began);
    };
    const failed = (error: unknown): void => {
      this.#count(profile, 'error', began);
      this.#fail(queued.pod, error);
    };
    try {
      this.#cache.updateSnapshot(this.#snapshot);
      const asked = this.#extenders.filter((extender) => extender.isInterested(queued.pod.pod));
      if (asked.length === 0) act(decide(input));
      else this.#deciding = decideWithExtenders(input, asked, (message, fields) => this.#host.log.warn(message, fields)).then(act).catch(failed).finally(() => {
        this.#deciding = undefined;
        this.#schedulePump();
      });
    } catch (error) {
      failed(error);
    }
  }

  #count(profile: Profile, result: 'scheduled' | 'unschedulable' | 'error', began: number): void {
    this.#metrics.attempts.add([profile.schedulerName, result]);
    this.#metrics.attemptSeconds.observe([profile.schedulerName, result], (this.#host.clock.monotonic() - began) / 1000);
  }

  #leaveWaiting(profile: Profile, queued: QueuedPod, misfit: Misfit, began: number): void {
    const { pod } = queued;
    this.#count(profile, 'unschedulable', began);
    if (this.#queue.get(pod.uid) === queued) {
      // A webhook's refusal may be over at any time: whatever happens wakes the pod.
      const fromOutside = misfit.rejectors.size > 0 && this.#extenders.some((extender) => misfit.rejectors.has(extender.name));
      this.#queue.refused(pod.uid, fromOutside ? new Set(profile.interests.keys()) : misfit.rejectors, misfit.pending);
    }
    const nominated = misfit.nominatedNodeName;
    // Undefined: what was nominated before still holds, its victims are on their way out.
    if (nominated === '') this.#nominator.remove(pod.uid);
    else if (nominated !== undefined) {
      this.#nominator.set(pod, nominated);
      this.#sendAway(pod, nominated);
    }
    if (misfit.victims.length > 0) {
      this.#metrics.preemptions.add([]);
      this.#metrics.victims.observe([], misfit.victims.length);
    }
    this.#freeDevices(pod, misfit);
    for (const victim of misfit.victims) {
      this.#evict(victim, profile, pod);
      this.#recorder.event(victim.pod, 'Normal', 'Preempted', `Preempted by pod ${pod.uid} on node ${nominated}`);
    }
    this.#recorder.event(pod.pod, 'Warning', 'FailedScheduling', misfit.message.slice(0, EVENT_MESSAGE_LIMIT));
    this.#writes.pending(pod.pod, { reason: 'Unschedulable', message: misfit.message, ...(nominated === undefined ? {} : { nominatedNodeName: nominated }) });
  }

  /** Devices that are in the pod's own way go; the claim's change wakes the pod. */
  #freeDevices({ pod }: PodInfo, { release, remove }: Misfit): void {
    const failed = (error: unknown): void => this.#host.log.warn('a claim could not be freed', { pod: `${pod.metadata.namespace}/${pod.metadata.name}`, error: String((error as Error)?.message ?? error) });
    if (release) void this.#writes.releaseClaim(release, pod).catch(failed);
    if (remove) void this.#writes.removeClaim(remove).catch(failed);
  }

  /** Less important pods that hoped for the room may not fit any more: they look again now, for another place. */
  #sendAway(pod: PodInfo, nodeName: string): void {
    for (const other of this.#nominator.nominatedTo(nodeName)) {
      if (other.priority >= pod.priority) continue;
      this.#nominator.remove(other.uid);
      this.#writes.unnominate(other.pod);
      this.#queue.activate(other.uid);
    }
  }

  /** A victim that still waits for a permit is sent back instead of deleted. */
  #evict(victim: PodInfo, profile: Profile, newcomer: PodInfo): void {
    const waiting = this.#waitingPods.get(victim.uid);
    if (waiting) waiting.reject('DefaultPreemption', 'preempted');
    else {
      this.#leaving.set(victim.uid, victim.pod.spec?.nodeName ?? '');
      this.#writes.evict(victim, profile.schedulerName, () => {
        this.#leaving.delete(victim.uid);
        // No event will tell of room there: the newcomer looks again.
        this.#queue.activate(newcomer.uid);
      });
    }
  }

  #place(profile: Profile, queued: QueuedPod, placement: Placement, began: number): void {
    const { pod } = queued;
    // From now on it is counted on the node itself; counted twice, it would push out others.
    this.#nominator.remove(pod.uid);
    this.#binder.begin(profile, pod, placement, (outcome) => {
      if (outcome.type === 'bound') this.#bound(profile, queued, placement, began);
      else if (outcome.type === 'failed') {
        this.#count(profile, 'error', began);
        this.#fail(pod, outcome.error);
      } else this.#refusedLate(profile, queued, outcome.status, began);
    });
  }

  #bound(profile: Profile, queued: QueuedPod, { nodeName }: Placement, began: number): void {
    const { pod } = queued;
    this.#count(profile, 'scheduled', began);
    this.#metrics.podAttempts.observe([], queued.attempts);
    this.#metrics.sliSeconds.observe([queued.attempts > 15 ? '16+' : String(queued.attempts)], (this.#host.clock.now() - queued.firstSeenAt) / 1000);
    this.#queue.done(pod.uid);
    this.#recorder.event(pod.pod, 'Normal', 'Scheduled', `Successfully assigned ${pod.namespace}/${pod.name} to ${nodeName}`);
  }

  /** Reserve, Permit or PreBind said no: the pod waits for what that plug-in cares about. */
  #refusedLate(profile: Profile, queued: QueuedPod, status: Status, began: number): void {
    const { pod } = queued;
    this.#count(profile, 'unschedulable', began);
    if (!this.#current(pod)) return;
    this.#queue.refused(pod.uid, new Set([status.plugin]), status.code === 'pending' ? new Set([status.plugin]) : undefined);
    this.#nominator.remove(pod.uid);
    const message = fitMessage({ nodeCount: 1, refused: [{ node: this.#snapshot.nodes[0]!, status }] });
    this.#recorder.event(pod.pod, 'Warning', 'FailedScheduling', message.slice(0, EVENT_MESSAGE_LIMIT));
    this.#writes.pending(pod.pod, { reason: 'Unschedulable', message, nominatedNodeName: '' });
  }

  /** The pod as the API has it now; undefined, and let go, when it is gone or bound by somebody else meanwhile. */
  #current(pod: PodInfo): Pod | undefined {
    const now = this.#options.informers.of(Pods).lister.get(pod.namespace, pod.name);
    if (now && now.metadata.uid === pod.pod.metadata.uid && this.#standing(now) === 'pending') return now;
    this.#queue.remove(pod.uid);
    return undefined;
  }

  /** An attempt that ended in an error. A pod that is gone or bound by somebody else meanwhile is let go. */
  #fail(pod: PodInfo, error: unknown): void {
    const now = this.#current(pod);
    if (!now || this.#stop.signal.aborted) return;
    const message = String((error as Error)?.message ?? error);
    this.#queue.failed(pod.uid);
    const info = podInfoOf(now);
    if (now.status?.nominatedNodeName) this.#nominator.set(info, now.status.nominatedNodeName);
    this.#queue.update(info);
    // The informer will soon show what the API meant: the pod gone, or changed.
    if (isConflict(error) || isNotFound(error)) return;
    this.#recorder.event(now, 'Warning', 'FailedScheduling', message.slice(0, EVENT_MESSAGE_LIMIT));
    this.#writes.pending(now, { reason: 'SchedulerError', message });
  }
}

/** Starts placing pods. The caller starts the informer factory afterwards; decisions begin when its informers are complete. */
export function startScheduler(options: SchedulerOptions): Running {
  return new Scheduler(options);
}
