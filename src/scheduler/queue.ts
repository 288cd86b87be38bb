/**
 * Pods that wait for a node. Three places: *active* (to be tried, highest priority first), *backoff* (to be tried when its time has come) and
 * *waiting* (refused; only an event that the refusing plug-ins care about, or five minutes, brings a pod back). Gated pods wait too, but only
 * for a change of themselves.
 */
import { PriorityQueue } from '../base/priority-queue.ts';
import type { Clock, Timer } from '../host/types.ts';
import type { ClusterEvent, EventInterest } from './events.ts';
import type { QueuedPodOrder, Status } from './framework.ts';
import type { PodInfo } from './pod-info.ts';

export interface QueueOptions {
  clock: Clock;
  before: (a: QueuedPodOrder, b: QueuedPodOrder) => boolean;
  /** The first word against letting a pod in at all. */
  gate: (pod: PodInfo) => Status | undefined;
  interests: (pod: PodInfo) => ReadonlyMap<string, readonly EventInterest[]>;
  /** True while an event is not worth waking the pod for: the room that is being made for it is not complete. */
  holds?: (pod: PodInfo, event: ClusterEvent) => boolean;
  /** Called when a pod can be taken. */
  onReady: () => void;
  /** Told of every pod that enters one of the places, and on what occasion: for metrics. */
  onIncoming?: (queue: 'active' | 'backoff' | 'unschedulable' | 'gated', event: string) => void;
  initialBackoffMs?: number;
  maxBackoffMs?: number;
  /** How long a pod may wait without any event before it is tried anyway. */
  maxWaitMs?: number;
}

export const INITIAL_BACKOFF_MS = 1000;
export const MAX_BACKOFF_MS = 10_000;
export const MAX_WAIT_MS = 5 * 60_000;
const WAIT_CHECK_MS = 30_000;
/** Events remembered for pods that are being tried; beyond, a refused pod is tried again as if one of them concerned it. */
const IN_FLIGHT_EVENTS_LIMIT = 100_000;

type Place = 'active' | 'backoff' | 'waiting' | 'gated' | 'taken' | 'gone';

/** A pod with its history in the queue. */
export interface QueuedPod {
  pod: PodInfo;
  /** Attempts begun. */
  attempts: number;
  /** When it was first seen, and when it last entered the queue, in milliseconds since 1970. */
  firstSeenAt: number;
  queuedAt: number;
  /** Plug-ins that refused the last attempt. */
  rejectors: ReadonlySet<string>;
  /** The last attempt ended in an error, not in a refusal: its backoff is not cut short. */
  failed: boolean;
  gatedBy: Status | undefined;
}

interface Entry extends QueuedPod {
  sequence: number;
  place: Place;
  /** Changes with every move: what lies in a heap with an older one is left over. */
  ticket: number;
  /** How many events had been seen when it was taken. */
  takenAt: number;
}

interface Slot extends QueuedPodOrder {
  entry: Entry;
  ticket: number;
  dueAt: number;
}

/** As the metrics name an event: `AssignedPodDelete`. */
function labelOf(event: ClusterEvent): string {
  const action = event.actions[0]!;
  return `${event.resource}${action[0]!.toUpperCase()}${action.slice(1)}`;
}

export class SchedulingQueue {
  readonly #options: QueueOptions;
  readonly #entries = new Map<string, Entry>();
  /** Those among them that events may wake. */
  readonly #waiting = new Set<Entry>();
  /** Pods that are being tried, those taken first in front. */
  readonly #taken = new Set<Entry>();
  /** Events since the oldest of them was taken: what happens while a pod is being tried must not be lost on it. */
  #events: ClusterEvent[] = [];
  /** Events dropped from the front of that list so far. */
  #eventsBefore = 0;
  readonly #active: PriorityQueue<Slot>;
  readonly #backoff = new PriorityQueue<Slot>((a, b) => a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.sequence < b.sequence));
  #sequence = 0;
  #tickets = 0;
  #backoffTimer: Timer | undefined;
  #waitTimer: Timer | undefined;
  #stopped = false;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#active = new PriorityQueue<Slot>(options.before);
  }

  /** How many pods lie where. */
  counts(): Record<'active' | 'backoff' | 'waiting' | 'gated', number> {
    const counts = { active: 0, backoff: 0, waiting: 0, gated: 0 };
    for (const { place } of this.#entries.values()) if (place in counts) counts[place as keyof typeof counts]++;
    return counts;
  }

  /** How many refused pods wait on each plug-in. */
  waitingByPlugin(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { rejectors } of this.#waiting) for (const name of rejectors) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts;
  }

  has(uid: string): boolean {
    return this.#entries.has(uid);
  }

  get(uid: string): QueuedPod | undefined {
    return this.#entries.get(uid);
  }

  stop(): void {
    this.#stopped = true;
    this.#backoffTimer?.cancel();
    this.#waitTimer?.cancel();
  }

  /** A pod without a node, new to this scheduler. */
  add(pod: PodInfo): void {
    if (this.#entries.has(pod.uid)) {
      this.update(pod);
      return;
    }
    const now = this.#options.clock.now();
    const entry: Entry = {
      pod, attempts: 0, firstSeenAt: now, queuedAt: now, rejectors: new Set(), failed: false, gatedBy: undefined,
      sequence: this.#sequence++, place: 'gone', ticket: 0, takenAt: 0,
    };
    this.#entries.set(pod.uid, entry);
    this.#enter(entry, 'PodAdd');
  }

  /** The waiting pod changed. Changes that its refusing plug-ins care about bring it back at once. */
  update(pod: PodInfo, event?: ClusterEvent): void {
    const entry = this.#entries.get(pod.uid);
    if (!entry) {
      this.add(pod);
      return;
    }
    entry.pod = pod;
    if (entry.place === 'gated') this.#enter(entry, 'PodUpdate');
    else if (entry.place === 'waiting' && event && this.#wakes(entry, event)) this.#wake(entry, 'PodUpdate');
    else if (entry.place === 'taken' && event) this.#keep(event);
  }

  remove(uid: string): void {
    const entry = this.#entries.get(uid);
    if (!entry) return;
    this.#move(entry, 'gone');
    entry.ticket = 0;
    this.#entries.delete(uid);
  }

  /** The pod to try next. The caller ends the attempt with `done`, `refused` or `failed`. */
  take(): QueuedPod | undefined {
    // With nothing else to do, pods in backoff (other than after errors) need not wait their time out.
    const slot = this.#next(this.#active, 'active') ?? this.#idleBackoff();
    if (!slot) return undefined;
    const { entry } = slot;
    this.#move(entry, 'taken');
    entry.ticket = 0;
    entry.takenAt = this.#eventsBefore + this.#events.length;
    entry.attempts++;
    return entry;
  }

  /** The attempt ended with a node. */
  done(uid: string): void {
    this.remove(uid);
  }

  /** No node would do: wait for an event that these plug-ins care about. One that came while the pod was being tried counts too. */
  refused(uid: string, rejectors: ReadonlySet<string>): void {
    const entry = this.#giveBack(uid);
    if (!entry) return;
    entry.rejectors = rejectors;
    entry.failed = false;
    const missed = this.#missed(entry);
    this.#wait(entry);
    if (missed) this.#wake(entry, 'ScheduleAttemptFailure');
  }

  /** Something else went wrong (a write was refused): try again after the backoff. */
  failed(uid: string): void {
    const entry = this.#giveBack(uid);
    if (!entry) return;
    entry.rejectors = new Set();
    entry.failed = true;
    this.#backOff(entry, 'ScheduleAttemptFailure');
  }

  /** Something happened in the cluster: wakes the pods for which it may make a difference. */
  notify(event: ClusterEvent): void {
    this.#keep(event);
    for (const entry of this.#waiting) if (this.#wakes(entry, event)) this.#wake(entry, labelOf(event));
  }

  #keep(event: ClusterEvent): void {
    if (this.#taken.size === 0) return;
    this.#events.push(event);
    if (this.#events.length > IN_FLIGHT_EVENTS_LIMIT) this.#forget(IN_FLIGHT_EVENTS_LIMIT / 2);
  }

  #forget(count: number): void {
    this.#events = this.#events.slice(count);
    this.#eventsBefore += count;
  }

  /** Whether something that concerns the pod happened since it was taken. */
  #missed(entry: Entry): boolean {
    // Too long ago to tell.
    if (entry.takenAt < this.#eventsBefore) return true;
    for (let i = entry.takenAt - this.#eventsBefore; i < this.#events.length; i++) if (this.#wakes(entry, this.#events[i]!)) return true;
    return false;
  }

  #trim(): void {
    const oldest = this.#taken.values().next().value;
    if (!oldest) {
      this.#eventsBefore += this.#events.length;
      this.#events = [];
    } else if (oldest.takenAt - this.#eventsBefore > 1000) this.#forget(oldest.takenAt - this.#eventsBefore);
  }

  /** Brings a pod that waits to the front door now (its victims are gone). */
  activate(uid: string): void {
    const entry = this.#entries.get(uid);
    if (entry && (entry.place === 'waiting' || entry.place === 'backoff')) this.#enter(entry, 'ForceActivate');
  }

  #move(entry: Entry, place: Place): void {
    if (entry.place === 'waiting') this.#waiting.delete(entry);
    if (place === 'waiting') this.#waiting.add(entry);
    if (place === 'taken') this.#taken.add(entry);
    const returned = entry.place === 'taken' && this.#taken.delete(entry);
    entry.place = place;
    if (returned) this.#trim();
  }

  #giveBack(uid: string): Entry | undefined {
    const entry = this.#entries.get(uid);
    if (entry?.place !== 'taken') return undefined;
    entry.queuedAt = this.#options.clock.now();
    return entry;
  }

  #wakes(entry: Entry, event: ClusterEvent): boolean {
    const interests = this.#options.interests(entry.pod);
    for (const name of entry.rejectors) {
      for (const interest of interests.get(name) ?? []) {
        if (interest.resource !== event.resource || !interest.actions.some((action) => event.actions.includes(action))) continue;
        if (!interest.hint || interest.hint(entry.pod, event)) return !this.#options.holds?.(entry.pod, event);
      }
    }
    return false;
  }

  #wake(entry: Entry, event: string): void {
    if (this.#backoffEnd(entry) > this.#options.clock.now()) this.#backOff(entry, event);
    else this.#enter(entry, event);
  }

  #backoffEnd(entry: Entry): number {
    const initial = this.#options.initialBackoffMs ?? INITIAL_BACKOFF_MS;
    const max = this.#options.maxBackoffMs ?? MAX_BACKOFF_MS;
    if (entry.attempts === 0) return entry.queuedAt;
    return entry.queuedAt + Math.min(max, initial * 2 ** Math.min(entry.attempts - 1, 30));
  }

  #slot(entry: Entry, dueAt: number): Slot {
    entry.ticket = ++this.#tickets;
    return { entry, ticket: entry.ticket, pod: entry.pod, queuedAt: entry.queuedAt, sequence: entry.sequence, dueAt };
  }

  #enter(entry: Entry, event: string): void {
    entry.gatedBy = this.#options.gate(entry.pod);
    if (entry.gatedBy) {
      this.#move(entry, 'gated');
      entry.ticket = 0;
      this.#options.onIncoming?.('gated', event);
      return;
    }
    this.#options.onIncoming?.('active', event);
    this.#move(entry, 'active');
    this.#active.push(this.#slot(entry, 0));
    this.#options.onReady();
  }

  #backOff(entry: Entry, event: string): void {
    this.#options.onIncoming?.('backoff', event);
    this.#move(entry, 'backoff');
    this.#backoff.push(this.#slot(entry, this.#backoffEnd(entry)));
    this.#armBackoff();
    if (!entry.failed) this.#options.onReady();
  }

  #wait(entry: Entry): void {
    this.#options.onIncoming?.('unschedulable', 'ScheduleAttemptFailure');
    this.#move(entry, 'waiting');
    entry.ticket = 0;
    if (this.#waitTimer || this.#stopped) return;
    this.#waitTimer = this.#options.clock.setTimer(() => this.#wakeLongWaiting(), WAIT_CHECK_MS);
  }

  #wakeLongWaiting(): void {
    this.#waitTimer = undefined;
    if (this.#stopped) return;
    const limit = this.#options.clock.now() - (this.#options.maxWaitMs ?? MAX_WAIT_MS);
    let left = false;
    for (const entry of this.#waiting) {
      if (entry.queuedAt < limit) this.#wake(entry, 'UnschedulableTimeout');
      else left = true;
    }
    if (left) this.#waitTimer ??= this.#options.clock.setTimer(() => this.#wakeLongWaiting(), WAIT_CHECK_MS);
  }

  #peek(heap: PriorityQueue<Slot>, place: Place): Slot | undefined {
    for (let slot = heap.peek(); slot; slot = heap.peek()) {
      if (slot.entry.place === place && slot.entry.ticket === slot.ticket) return slot;
      heap.pop();
    }
    return undefined;
  }

  #next(heap: PriorityQueue<Slot>, place: Place): Slot | undefined {
    const slot = this.#peek(heap, place);
    if (slot) heap.pop();
    return slot;
  }

  #idleBackoff(): Slot | undefined {
    const slot = this.#peek(this.#backoff, 'backoff');
    if (!slot || slot.entry.failed) return undefined;
    this.#backoff.pop();
    return slot;
  }

  #armBackoff(): void {
    this.#backoffTimer?.cancel();
    this.#backoffTimer = undefined;
    const first = this.#peek(this.#backoff, 'backoff');
    if (!first || this.#stopped) return;
    const delayMs = Math.max(0, first.dueAt - this.#options.clock.now());
    this.#backoffTimer = this.#options.clock.setTimer(() => this.#endBackoffs(), delayMs);
  }

  #endBackoffs(): void {
    this.#backoffTimer = undefined;
    if (this.#stopped) return;
    const now = this.#options.clock.now();
    for (let slot = this.#peek(this.#backoff, 'backoff'); slot && slot.dueAt <= now; slot = this.#peek(this.#backoff, 'backoff')) {
      this.#backoff.pop();
      this.#enter(slot.entry, 'BackoffComplete');
    }
    this.#armBackoff();
  }
}
