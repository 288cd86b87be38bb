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
  /** Called when a pod can be taken. */
  onReady: () => void;
  initialBackoffMs?: number;
  maxBackoffMs?: number;
  /** How long a pod may wait without any event before it is tried anyway. */
  maxWaitMs?: number;
}

export const INITIAL_BACKOFF_MS = 1000;
export const MAX_BACKOFF_MS = 10_000;
export const MAX_WAIT_MS = 5 * 60_000;
const WAIT_CHECK_MS = 30_000;

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
}

interface Slot extends QueuedPodOrder {
  entry: Entry;
  ticket: number;
  dueAt: number;
}

export class SchedulingQueue {
  readonly #options: QueueOptions;
  readonly #entries = new Map<string, Entry>();
  /** Those among them that events may wake. */
  readonly #waiting = new Set<Entry>();
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
      sequence: this.#sequence++, place: 'gone', ticket: 0,
    };
    this.#entries.set(pod.uid, entry);
    this.#enter(entry);
  }

  /** The waiting pod changed. Changes that its refusing plug-ins care about bring it back at once. */
  update(pod: PodInfo, event?: ClusterEvent): void {
    const entry = this.#entries.get(pod.uid);
    if (!entry) {
      this.add(pod);
      return;
    }
    entry.pod = pod;
    if (entry.place === 'gated') this.#enter(entry);
    else if (entry.place === 'waiting' && event && this.#wakes(entry, event)) this.#wake(entry);
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
    entry.attempts++;
    return entry;
  }

  /** The attempt ended with a node. */
  done(uid: string): void {
    this.remove(uid);
  }

  /**
   * No node would do: wait for an event that these plug-ins care about. To be called in the turn in which the pod was taken, so that no event
   * can come between; after waiting for anything, say `failed`.
   */
  refused(uid: string, rejectors: ReadonlySet<string>): void {
    const entry = this.#giveBack(uid);
    if (!entry) return;
    entry.rejectors = rejectors;
    entry.failed = false;
    this.#wait(entry);
  }

  /** Something else went wrong (a write was refused): try again after the backoff. */
  failed(uid: string): void {
    const entry = this.#giveBack(uid);
    if (!entry) return;
    entry.rejectors = new Set();
    entry.failed = true;
    this.#backOff(entry);
  }

  /** Something happened in the cluster: wakes the pods for which it may make a difference. */
  notify(event: ClusterEvent): void {
    for (const entry of this.#waiting) if (this.#wakes(entry, event)) this.#wake(entry);
  }

  /** Brings a pod that waits to the front door now (its victims are gone). */
  activate(uid: string): void {
    const entry = this.#entries.get(uid);
    if (entry && (entry.place === 'waiting' || entry.place === 'backoff')) this.#enter(entry);
  }

  #move(entry: Entry, place: Place): void {
    if (entry.place === 'waiting') this.#waiting.delete(entry);
    if (place === 'waiting') this.#waiting.add(entry);
    entry.place = place;
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
        if (!interest.hint || interest.hint(entry.pod, event)) return true;
      }
    }
    return false;
  }

  #wake(entry: Entry): void {
    if (this.#backoffEnd(entry) > this.#options.clock.now()) this.#backOff(entry);
    else this.#enter(entry);
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

  #enter(entry: Entry): void {
    entry.gatedBy = this.#options.gate(entry.pod);
    if (entry.gatedBy) {
      this.#move(entry, 'gated');
      entry.ticket = 0;
      return;
    }
    this.#move(entry, 'active');
    this.#active.push(this.#slot(entry, 0));
    this.#options.onReady();
  }

  #backOff(entry: Entry): void {
    this.#move(entry, 'backoff');
    this.#backoff.push(this.#slot(entry, this.#backoffEnd(entry)));
    this.#armBackoff();
    if (!entry.failed) this.#options.onReady();
  }

  #wait(entry: Entry): void {
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
      if (entry.queuedAt < limit) this.#wake(entry);
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
      this.#enter(slot.entry);
    }
    this.#armBackoff();
  }
}
