/**
 * The scheduler at work: informer events go into the cache and the queue, pods come out of the queue one at a time, `decide` says where each
 * goes, and the writes that follow overlap with the decisions after it. All state is in memory and made anew from the API after a restart.
 */
import type { Node, Pod } from '../api/core/v1/types.ts';
import { Namespaces, Nodes, PersistentVolumeClaims, PersistentVolumes, Pods, StorageClasses } from '../api/resources.ts';
import { isConflict, isNotFound } from '../api/meta/status.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import type { Resource } from '../api/meta/resource.ts';
import type { Client, EventRecorder, InformerEvent, InformerFactory, Running } from '../client/types.ts';
import type { Host } from '../host/types.ts';
import { SchedulerCache } from './cache.ts';
import { decide } from './decide.ts';
import type { Misfit, Placement } from './decide.ts';
import { assignedPodActions, nodeActions, pendingPodActions } from './events.ts';
import type { ClusterEvent, EventResource } from './events.ts';
import type { BindContext, Cycle, Lookups, Status, WeightedPlugin } from './framework.ts';
import { createLookups } from './lookups.ts';
import { Nominator } from './nominator.ts';
import { assumedOn, podInfoOf } from './pod-info.ts';
import type { PodInfo } from './pod-info.ts';
import { DEFAULT_PLUGINS, DEFAULT_SCHEDULER_NAME } from './plugins/index.ts';
import { GATED_MESSAGE } from './plugins/scheduling-gates.ts';
import { createProfile, runPreEnqueue } from './profile.ts';
import type { Profile } from './profile.ts';
import { SchedulingQueue } from './queue.ts';
import type { QueuedPod } from './queue.ts';
import { Snapshot } from './snapshot.ts';
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

function reserveAndPermit(profile: Profile, { cycle, nodeName }: Placement): Status | undefined {
  for (const plugin of profile.reserve) {
    const status = plugin.reserve?.(cycle, nodeName);
    if (status) return status;
  }
  for (const plugin of profile.permit) {
    const status = plugin.permit(cycle, nodeName);
    if (status) return status;
  }
  return undefined;
}

class Scheduler implements Running {
  readonly #host: Host;
  readonly #options: SchedulerOptions;
  readonly #recorder: EventRecorder;
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #cache: SchedulerCache;
  readonly #queue: SchedulingQueue;
  readonly #nominator = new Nominator();
  readonly #snapshot = new Snapshot();
  readonly #writes: Writes;
  readonly #lookups: Lookups;
  readonly #bindContext: BindContext;
  readonly #bindings = new Set<Promise<void>>();
  readonly #listeners = new Set<() => void>();
  readonly #random: (bound: number) => number;
  readonly #stop = new AbortController();
  #startIndex = 0;
  /** Bindings on their way to the API; those that wait for volumes do not count. */
  #writing = 0;
  #ready = false;
  #pumpScheduled = false;

  constructor(options: SchedulerOptions) {
    this.#host = options.host;
    this.#options = options;
    this.#recorder = options.recorder;
    const settings = options.settings ?? {};
    const profiles = settings.profiles ?? [{ schedulerName: DEFAULT_SCHEDULER_NAME, plugins: DEFAULT_PLUGINS }];
    this.#profiles = new Map(profiles.map(({ schedulerName, plugins }) => [schedulerName, createProfile(schedulerName, plugins)]));
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
      ...(settings.initialBackoffMs === undefined ? {} : { initialBackoffMs: settings.initialBackoffMs }),
      ...(settings.maxBackoffMs === undefined ? {} : { maxBackoffMs: settings.maxBackoffMs }),
    });
    this.#lookups = createLookups(options.informers);
    this.#bindContext = {
      bind: (pod, binding) => this.#writes.bind(pod, binding),
      selectNode: (claim, nodeName) => this.#writes.selectNode(claim, nodeName),
      reserveVolume: (volume, claim) => this.#writes.reserveVolume(volume, claim),
      until: (condition, timeoutMs) => this.#until(condition, timeoutMs),
      lookups: this.#lookups,
    };
    this.#listen();
    void this.#begin();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#queue.stop();
    for (const listener of this.#listeners) listener();
    await Promise.all(this.#bindings);
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
  }

  #forward<T extends KubeObject>(resource: Resource<T>, name: EventResource): void {
    this.#options.informers.of(resource).onEvent((event) => {
      const action = event.type === 'added' ? 'add' : event.type === 'updated' ? 'update' : 'delete';
      this.#notify({ resource: name, actions: [action], object: event.object, ...(event.type === 'updated' ? { old: event.old } : {}) });
    });
  }

  #notify(event: ClusterEvent): void {
    this.#queue.notify(event);
    for (const listener of this.#listeners) listener();
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
    else if (this.#cache.nodeOf(info.uid) !== undefined && !this.#cache.isAssumed(info.uid)) this.#onUnassigned(info);
    if (standing === 'pending') this.#onPending(info, event);
    else if (this.#queue.has(info.uid)) this.#queue.remove(info.uid);
    if (standing !== 'pending') this.#nominator.remove(info.uid);
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
    this.#notify({ resource: 'AssignedPod', actions: ['delete'], pod: info, object: info.pod });
  }

  #onPending(info: PodInfo, event: InformerEvent<Pod>): void {
    const nominated = info.pod.status?.nominatedNodeName;
    if (nominated) this.#nominator.set(info, nominated);
    // A write of ours about this pod is still on its way: its end decides what comes next.
    if (this.#cache.isAssumed(info.uid)) return;
    if (event.type !== 'updated' || !this.#queue.has(info.uid)) {
      this.#queue.add(info);
      return;
    }
    const actions = pendingPodActions(event.old, event.object);
    this.#queue.update(info, actions.length > 0 ? { resource: 'PendingPod', actions, pod: info, object: info.pod } : undefined);
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
      if (this.#writing >= limit) return;
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
    try {
      this.#cache.updateSnapshot(this.#snapshot);
      const { decision, nextStartIndex } = decide({
        profile, pod: queued.pod, snapshot: this.#snapshot, lookups: this.#lookups, startIndex: this.#startIndex,
        percentageOfNodesToScore: this.#options.settings?.percentageOfNodesToScore ?? 0,
        random: this.#random,
        nominatedTo: (nodeName) => this.#nominator.nominatedTo(nodeName),
      });
      this.#startIndex = nextStartIndex;
      if (decision.type === 'placed') this.#place(profile, queued, decision);
      else this.#leaveWaiting(profile, queued, decision);
    } catch (error) {
      this.#fail(queued.pod, error);
    }
  }

  #leaveWaiting(profile: Profile, queued: QueuedPod, misfit: Misfit): void {
    const { pod } = queued;
    this.#queue.refused(pod.uid, misfit.rejectors);
    const nominated = misfit.nominatedNodeName;
    // Undefined: what was nominated before still holds, its victims are on their way out.
    if (nominated === '') this.#nominator.remove(pod.uid);
    else if (nominated !== undefined) this.#nominator.set(pod, nominated);
    for (const victim of misfit.victims) {
      this.#writes.evict(victim, profile.schedulerName);
      this.#recorder.event(victim.pod, 'Normal', 'Preempted', `Preempted by pod ${pod.uid} on node ${nominated}`);
    }
    this.#recorder.event(pod.pod, 'Warning', 'FailedScheduling', misfit.message.slice(0, EVENT_MESSAGE_LIMIT));
    this.#writes.pending(pod.pod, { reason: 'Unschedulable', message: misfit.message, ...(nominated === undefined ? {} : { nominatedNodeName: nominated }) });
  }

  #place(profile: Profile, queued: QueuedPod, placement: Placement): void {
    const { pod } = queued;
    const { nodeName } = placement;
    this.#cache.assume(assumedOn(pod, nodeName), nodeName);
    const status = reserveAndPermit(profile, placement);
    if (status) {
      this.#undo(profile, placement, pod);
      this.#fail(pod, new Error(status.reasons.join(', ')));
      return;
    }
    const binding: Promise<void> = this.#bind(profile, pod, placement).finally(() => this.#bindings.delete(binding));
    this.#bindings.add(binding);
  }

  async #bind(profile: Profile, pod: PodInfo, placement: Placement): Promise<void> {
    const { cycle, nodeName } = placement;
    try {
      for (const plugin of profile.preBind) {
        const status = await plugin.preBind(cycle, nodeName, this.#bindContext);
        if (status) throw new Error(status.reasons.join(', '));
      }
      await this.#write(profile, cycle, nodeName);
    } catch (error) {
      this.#undo(profile, placement, pod);
      this.#fail(pod, error);
      return;
    }
    this.#cache.finishBinding(pod.uid, this.#host.clock.now());
    this.#nominator.remove(pod.uid);
    this.#queue.done(pod.uid);
    this.#recorder.event(pod.pod, 'Normal', 'Scheduled', `Successfully assigned ${pod.namespace}/${pod.name} to ${nodeName}`);
    for (const plugin of profile.postBind) plugin.postBind(cycle, nodeName);
  }

  async #write(profile: Profile, cycle: Cycle, nodeName: string): Promise<void> {
    this.#writing++;
    try {
      for (const plugin of profile.bind) if (await plugin.bind(cycle, nodeName, this.#bindContext)) return;
    } finally {
      this.#writing--;
      this.#schedulePump();
    }
    throw new Error(`no plug-in of profile "${profile.schedulerName}" bound the pod`);
  }

  #undo(profile: Profile, { cycle, nodeName }: Placement, pod: PodInfo): void {
    for (const plugin of profile.reserve.toReversed()) plugin.unreserve?.(cycle, nodeName);
    if (!this.#cache.isAssumed(pod.uid)) return;
    this.#cache.forget(pod.uid);
    this.#notify({ resource: 'AssignedPod', actions: ['delete'], pod });
  }

  /** An attempt that ended in an error. A pod that is gone or bound by somebody else meanwhile is let go. */
  #fail(pod: PodInfo, error: unknown): void {
    const now = this.#options.informers.of(Pods).lister.get(pod.namespace, pod.name);
    if (!now || now.metadata.uid !== pod.pod.metadata.uid || this.#standing(now) !== 'pending') {
      this.#queue.remove(pod.uid);
      return;
    }
    if (this.#stop.signal.aborted) return;
    const message = String((error as Error)?.message ?? error);
    this.#queue.failed(pod.uid);
    this.#queue.update(podInfoOf(now));
    // The informer will soon show what the API meant: the pod gone, or changed.
    if (isConflict(error) || isNotFound(error)) return;
    this.#recorder.event(now, 'Warning', 'FailedScheduling', message.slice(0, EVENT_MESSAGE_LIMIT));
    this.#writes.pending(now, { reason: 'SchedulerError', message });
  }

  #until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    if (condition()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (held: boolean): void => {
        timer.cancel();
        this.#listeners.delete(look);
        resolve(held);
      };
      const look = (): void => {
        if (condition()) end(true);
        else if (this.#stop.signal.aborted) end(false);
      };
      const timer = this.#host.clock.setTimer(() => end(condition()), timeoutMs);
      this.#listeners.add(look);
    });
  }
}

/** Starts placing pods. The caller starts the informer factory afterwards; decisions begin when its informers are complete. */
export function startScheduler(options: SchedulerOptions): Running {
  return new Scheduler(options);
}
