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
/** Backoffs end on whole windows, so that pods of one window come out highest priority first. */
const BACKOFF_WINDOW_MS = 1000;
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
  /** Those among them that wait for something of their own: once that is there, no backoff keeps the pod. */
  pending: ReadonlySet<string>;
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
  /** Somebody wants it tried again at once, though it is being tried. */
  activated: boolean;
  /** Attempts that ended in a refusal, and errors in a row: each has a backoff of its own. */
  refusals: number;
  errors: number;
  /** The list of gated pods that it stands in. */
  gate: readonly EventInterest[] | undefined;
}

interface Slot extends QueuedPodOrder {
  entry: Entry;
  ticket: number;
  dueAt: number;
}

const NONE: ReadonlySet<string> = new Set();
const NO_INTERESTS: readonly EventInterest[] = Object.freeze([]);

const speaksOf = ({ resource, actions }: EventInterest, event: ClusterEvent): boolean => resource === event.resource && actions.some((action) => event.actions.includes(action));

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
  readonly #backoff: PriorityQueue<Slot>;
  /** Gated pods by what the plug-in that gates them cares about: most events concern none of the lists. */
  readonly #gated = new Map<readonly EventInterest[], Set<Entry>>();
  #sequence = 0;
  #tickets = 0;
  #backoffTimer: Timer | undefined;
  #waitTimer: Timer | undefined;
  #stopped = false;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#active = new PriorityQueue<Slot>(options.before);
    this.#backoff = new PriorityQueue<Slot>((a, b) => a.dueAt < b.dueAt || (a.dueAt === b.dueAt && options.before(a, b)));
  }

  /** How many pods lie where. */
  counts(): Record<'active' | 'backoff' | 'waiting' | 'gated', number> {
    const counts = { active: 0, backoff: 0, waiting: 0, gated: 0 };
    for (const { place } of this.#entries.values()) if (place in counts) counts[place as keyof typeof counts]++;
    return counts;
  }

  /** Pods that were refused and wait, with the plug-ins that refused them. */
  refusedPods(): Iterable<QueuedPod> {
    return this.#waiting;
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
      pod, attempts: 0, firstSeenAt: now, queuedAt: now, rejectors: NONE, pending: NONE, failed: false, gatedBy: undefined,
      sequence: this.#sequence++, place: 'gone', ticket: 0, takenAt: 0, activated: false, refusals: 0, errors: 0, gate: undefined,
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
    else if (entry.place === 'waiting' && event) this.#wakeFor(entry, event, 'PodUpdate');
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
    entry.activated = false;
    entry.attempts++;
    return entry;
  }

  /** The attempt ended with a node. */
  done(uid: string): void {
    this.remove(uid);
  }

  /**
   * No node would do: wait for an event that these plug-ins care about. One that came while the pod was being tried counts too. `pending`: those
   * among them that wait for something of their own.
   */
  refused(uid: string, rejectors: ReadonlySet<string>, pending: ReadonlySet<string> = NONE): void {
    const entry = this.#giveBack(uid);
    if (!entry) return;
    entry.rejectors = rejectors;
    entry.pending = pending;
    entry.failed = false;
    entry.errors = 0;
    entry.refusals++;
    const missed = this.#missed(entry);
    const activated = entry.activated;
    this.#wait(entry);
    if (activated || missed === 'now') this.#enter(entry, activated ? 'ForceActivate' : 'ScheduleAttemptFailure');
    else if (missed) this.#wake(entry, 'ScheduleAttemptFailure');
  }

  /** Something else went wrong (a write was refused): try again after the backoff. */
  failed(uid: string): void {
    const entry = this.#giveBack(uid);
    if (!entry) return;
    entry.rejectors = NONE;
    entry.pending = NONE;
    entry.failed = true;
    entry.errors++;
    this.#backOff(entry, 'ScheduleAttemptFailure');
  }

  /** Something happened in the cluster: wakes the pods for which it may make a difference. */
  notify(event: ClusterEvent): void {
    this.#keep(event);
    for (const entry of this.#waiting) this.#wakeFor(entry, event, labelOf(event));
    for (const [interests, entries] of this.#gated) {
      const concerned = interests.filter((interest) => speaksOf(interest, event));
      if (concerned.length === 0) continue;
      const woken: Entry[] = [];
      for (const entry of entries) if (concerned.some(({ hint }) => !hint || hint(entry.pod, event))) woken.push(entry);
      for (const entry of woken) this.#enter(entry, labelOf(event));
    }
  }

  #wakeFor(entry: Entry, event: ClusterEvent, label: string): void {
    const how = this.#wakes(entry, event);
    if (how === 'now') this.#enter(entry, label);
    else if (how) this.#wake(entry, label);
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
  #missed(entry: Entry): 'now' | 'later' | undefined {
    let found: 'later' | undefined;
    // Too long ago to tell.
    if (entry.takenAt < this.#eventsBefore) found = 'later';
    for (let i = Math.max(0, entry.takenAt - this.#eventsBefore); i < this.#events.length; i++) {
      const how = this.#wakes(entry, this.#events[i]!);
      if (how === 'now') return how;
      found ??= how;
      if (found && entry.pending.size === 0) break;
    }
    return found;
  }

  #trim(): void {
    const oldest = this.#taken.values().next().value;
    if (!oldest) {
      this.#eventsBefore += this.#events.length;
      this.#events = [];
    } else if (oldest.takenAt - this.#eventsBefore > 1000) this.#forget(oldest.takenAt - this.#eventsBefore);
  }

  /** Brings a pod that waits to the front door now (its victims are gone). One that is being tried is tried again at once if it is refused. */
  activate(uid: string): void {
    const entry = this.#entries.get(uid);
    if (!entry) return;
    if (entry.place === 'taken') entry.activated = true;
    else if (entry.place === 'waiting' || entry.place === 'backoff' || entry.place === 'gated') this.#enter(entry, 'ForceActivate');
  }

  #move(entry: Entry, place: Place): void {
    if (entry.place === 'waiting') this.#waiting.delete(entry);
    if (entry.gate) this.#ungate(entry, entry.gate);
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

  #ungate(entry: Entry, gate: readonly EventInterest[]): void {
    const others = this.#gated.get(gate);
    entry.gate = undefined;
    if (others?.delete(entry) && others.size === 0) this.#gated.delete(gate);
  }

  /** Whether the event may undo the refusal; 'now': a plug-in has waited for just that, and no backoff is due. */
  #wakes(entry: Entry, event: ClusterEvent): 'now' | 'later' | undefined {
    const interests = this.#options.interests(entry.pod);
    let found: 'later' | undefined;
    for (const name of entry.rejectors) {
      const pending = entry.pending.has(name);
      if (found && !pending) continue;
      for (const interest of interests.get(name) ?? NO_INTERESTS) {
        if (!speaksOf(interest, event) || (interest.hint && !interest.hint(entry.pod, event))) continue;
        if (this.#options.holds?.(entry.pod, event)) return undefined;
        if (pending) return 'now';
        found = 'later';
        break;
      }
      if (found && entry.pending.size === 0) return found;
    }
    return found;
  }

  #wake(entry: Entry, event: string): void {
    if (this.#backoffEnd(entry) > this.#options.clock.now()) this.#backOff(entry, event);
    else this.#enter(entry, event);
  }

  #backoffEnd(entry: Entry): number {
    const initial = this.#options.initialBackoffMs ?? INITIAL_BACKOFF_MS;
    const max = this.#options.maxBackoffMs ?? MAX_BACKOFF_MS;
    const count = entry.failed ? entry.errors : entry.refusals;
    if (count === 0) return entry.queuedAt;
    const backoffMs = Math.min(max, initial * 2 ** Math.min(count - 1, 30));
    const end = entry.queuedAt + backoffMs;
    return backoffMs < BACKOFF_WINDOW_MS ? end : end - (end % BACKOFF_WINDOW_MS);
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
      this.#gateBy(entry, entry.gatedBy.plugin);
      this.#options.onIncoming?.('gated', event);
      return;
    }
    this.#options.onIncoming?.('active', event);
    this.#move(entry, 'active');
    this.#active.push(this.#slot(entry, 0));
    this.#options.onReady();
  }

  #gateBy(entry: Entry, plugin: string): void {
    const gate = this.#options.interests(entry.pod).get(plugin);
    if (!gate || gate.length === 0) return;
    entry.gate = gate;
    const others = this.#gated.get(gate);
    if (others) others.add(entry);
    else this.#gated.set(gate, new Set([entry]));
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
