/**
 * Fair queuing in one priority level: requests take seats for as long as they run; those that find none wait in queues, and the queue that has had the
 * least so far goes first. How much a queue has had is measured in virtual time, which runs as fast as a busy queue is served.
 * The promise: no more seats are in use than the limit (but for one request that is wider than it, alone), and every queue's turn comes.
 */
import type { Clock, Timer } from '../../host/types.ts';
import { Integrator } from './demand.ts';
import { deal, flowHash } from './shuffle-sharding.ts';

/** How long a request is thought to take before anybody knows. */
const guessedMs = 3;
/** Hands that are remembered, so that a flow's hash is not worked out for each of its requests. */
const maxHands = 4096;

export interface Queuing {
  queues: number;
  handSize: number;
  queueLengthLimit: number;
}

export interface QueueSetOptions {
  clock: Clock;
  /** Seats. */
  limit: number;
  /** Undefined: what finds no seat is refused. */
  queuing: Queuing | undefined;
  /** The longest that a request waits. */
  maxWaitMs: number;
}

/** What a request will cost, as far as can be told before. */
export interface Work {
  initialSeats: number;
  /** Seats that its aftermath keeps: watchers that must be told of what it wrote. */
  finalSeats: number;
  aftermathMs: number;
}

export type Refusal = 'queue-full' | 'concurrency-limit' | 'time-out' | 'cancelled';

interface Queue {
  index: number;
  waiting: Ticket[];
  executing: number;
  seatsInUse: number;
  waitingSeats: number;
  /** Seat-milliseconds. */
  waitingWork: number;
  /** The virtual time at which its next request is due. */
  nextDispatchR: number;
}

/** A request that runs, or waits to. */
export interface Ticket {
  readonly flow: string;
  readonly work: Work;
  readonly seats: number;
  readonly arrivedMs: number;
  startedMs: number;
  readonly queue: Queue;
  settle?: (refusal: Refusal | undefined) => void;
  /** For whoever looks in from outside. */
  readonly about?: unknown;
}

const totalWork = ({ initialSeats, finalSeats, aftermathMs }: Work): number => initialSeats * guessedMs + finalSeats * aftermathMs;
const newQueue = (index: number): Queue => ({ index, waiting: [], executing: 0, seatsInUse: 0, waitingSeats: 0, waitingWork: 0, nextDispatchR: 0 });

export class QueueSet {
  readonly #clock: Clock;
  readonly #maxWaitMs: number;
  #limit: number;
  #queuing: Queuing | undefined;
  readonly #queues: Queue[] = [];
  readonly #hands = new Map<string, number[]>();
  #waiting = 0;
  #waitingSeats = 0;
  #executing = 0;
  #seatsInUse = 0;
  #active = 0;
  #robin = 0;
  #virtual = 0;
  #syncedMs: number;
  /** Requests that have ended and still keep their seats, by when they let go. */
  readonly #aftermath: { untilMs: number; seats: number; queue: Queue }[] = [];
  #timer: Timer | undefined;
  readonly demand: Integrator;
  /** For the debug pages. */
  readonly running = new Set<Ticket>();
  readonly counts = { dispatched: 0, rejected: 0, timedOut: 0, cancelled: 0 };

  constructor({ clock, limit, queuing, maxWaitMs }: QueueSetOptions) {
    this.#clock = clock;
    this.#limit = limit;
    this.#queuing = queuing;
    this.#maxWaitMs = maxWaitMs;
    this.#syncedMs = clock.monotonic();
    this.demand = new Integrator(this.#syncedMs);
    this.#grow();
  }

  get limit(): number {
    return this.#limit;
  }

  get queuing(): Queuing | undefined {
    return this.#queuing;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get executing(): number {
    return this.#executing;
  }

  get seatsInUse(): number {
    return this.#seatsInUse;
  }

  /** For the debug pages. */
  queues(): readonly Readonly<Queue>[] {
    return this.#queues;
  }

  get virtualTime(): number {
    return this.#virtual;
  }

  /** Takes new settings. Requests that wait keep their place, in queues that may no longer be dealt. */
  configure(limit: number, queuing: Queuing | undefined): void {
    this.#limit = limit;
    if (queuing?.queues !== this.#queuing?.queues || queuing?.handSize !== this.#queuing?.handSize) this.#hands.clear();
    this.#queuing = queuing;
    this.#grow();
    this.#sync();
    this.#dispatch();
  }

  #grow(): void {
    for (let i = this.#queues.length; i < Math.max(1, this.#queuing?.queues ?? 0); i++) this.#queues.push(newQueue(i));
  }

  /**
   * Takes a seat for a request, or a place in a queue: a ticket that is running, a promise of one (undefined: it runs; else why it does not), or a refusal.
   * The request's signal is looked at only when it has to wait.
   */
  begin(schema: string, distinguisher: string, work: Work, request: { readonly signal: AbortSignal }, about?: unknown): Ticket | Refusal | { ticket: Ticket; started: Promise<Refusal | undefined> } {
    const nowMs = this.#sync();
    const queue = this.#queueFor(schema, distinguisher);
    const ticket: Ticket = { flow: schema, work, seats: Math.max(work.initialSeats, work.finalSeats), arrivedMs: nowMs, startedMs: nowMs, queue, about };
    if (this.#waiting === 0 && this.#fits(ticket.seats)) {
      this.demand.add(ticket.seats, nowMs);
      this.#wake(queue);
      this.#start(ticket, nowMs);
      return ticket;
    }
    if (!this.#queuing) return this.#refuse('concurrency-limit');
    if (queue.waiting.length >= this.#queuing.queueLengthLimit) return this.#refuse('queue-full');
    return { ticket, started: this.#wait(ticket, request.signal) };
  }

  #refuse(reason: Refusal): Refusal {
    if (reason === 'time-out') this.counts.timedOut++;
    else if (reason === 'cancelled') this.counts.cancelled++;
    else this.counts.rejected++;
    return reason;
  }

  /** Among the flow's hand, the queue with the least work before it. */
  #queueFor(schema: string, distinguisher: string): Queue {
    if (!this.#queuing || this.#queuing.queues <= 1) return this.#queues[0]!;
    const key = `${schema}\u0000${distinguisher}`;
    let hand = this.#hands.get(key);
    if (!hand) {
      if (this.#hands.size >= maxHands) this.#hands.clear();
      hand = deal(flowHash(schema, distinguisher), this.#queuing.queues, this.#queuing.handSize);
      this.#hands.set(key, hand);
    }
    let best = this.#queues[hand[0]!]!;
    let least = best.waitingWork + best.seatsInUse * guessedMs;
    for (let i = 1; i < hand.length && least > 0; i++) {
      const queue = this.#queues[hand[i]!]!;
      const before = queue.waitingWork + queue.seatsInUse * guessedMs;
      if (before < least) [best, least] = [queue, before];
    }
    return best;
  }

  #wait(ticket: Ticket, signal: AbortSignal): Promise<Refusal | undefined> {
    const { queue } = ticket;
    this.#wake(queue);
    queue.waiting.push(ticket);
    this.#countWaiting(ticket, 1);
    this.demand.add(ticket.seats, ticket.arrivedMs);
    return new Promise((resolve) => {
      const leave = (reason: Refusal) => (): void => {
        this.#sync();
        queue.waiting.splice(queue.waiting.indexOf(ticket), 1);
        this.#countWaiting(ticket, -1);
        this.demand.add(-ticket.seats, this.#syncedMs);
        this.#rest(queue);
        ticket.settle!(this.#refuse(reason));
        this.#dispatch();
      };
      const cancelled = leave('cancelled');
      const timer = this.#clock.setTimer(leave('time-out'), this.#maxWaitMs);
      ticket.settle = (refusal) => {
        timer.cancel();
        signal.removeEventListener('abort', cancelled);
        resolve(refusal);
      };
      signal.addEventListener('abort', cancelled, { once: true });
      if (signal.aborted) cancelled();
      else this.#dispatch();
    });
  }

  #countWaiting({ queue, seats, work }: Ticket, by: 1 | -1): void {
    this.#waiting += by;
    this.#waitingSeats += by * seats;
    queue.waitingSeats += by * seats;
    queue.waitingWork += by * totalWork(work);
  }

  /** A queue that had nothing to do begins as of now: it has no claim for the time that it slept, and no debt from before. */
  #wake(queue: Queue): void {
    if (queue.waiting.length > 0 || queue.executing > 0) return;
    this.#active++;
    queue.nextDispatchR = this.#virtual;
  }

  #rest(queue: Queue): void {
    if (queue.waiting.length === 0 && queue.executing === 0) this.#active--;
  }

  /** A request wider than the whole limit runs when nothing else does. */
  #fits(seats: number): boolean {
    return this.#seatsInUse === 0 || this.#seatsInUse + seats <= this.#limit;
  }

  #start(ticket: Ticket, nowMs: number): void {
    const { queue, seats, work } = ticket;
    ticket.startedMs = nowMs;
    queue.executing++;
    queue.seatsInUse += seats;
    queue.nextDispatchR += totalWork(work);
    this.#executing++;
    this.#seatsInUse += seats;
    this.counts.dispatched++;
    this.running.add(ticket);
  }

  /** The request has been answered. */
  finish(ticket: Ticket): void {
    const nowMs = this.#sync();
    const { queue, seats, work } = ticket;
    this.running.delete(ticket);
    this.#executing--;
    queue.executing--;
    // What was guessed is put right.
    queue.nextDispatchR += (nowMs - ticket.startedMs - guessedMs) * work.initialSeats;
    this.#rest(queue);
    if (work.aftermathMs > 0) this.#linger(nowMs + work.aftermathMs, seats, queue);
    else this.#release(queue, seats);
    this.#dispatch();
  }

  #release(queue: Queue, seats: number): void {
    queue.seatsInUse -= seats;
    this.#seatsInUse -= seats;
    this.demand.add(-seats, this.#syncedMs);
  }

  #linger(untilMs: number, seats: number, queue: Queue): void {
    let at = this.#aftermath.length;
    while (at > 0 && this.#aftermath[at - 1]!.untilMs > untilMs) at--;
    this.#aftermath.splice(at, 0, { untilMs, seats, queue });
  }

  /** Brings virtual time, and the seats of aftermaths that are over, up to now. */
  #sync(): number {
    const nowMs = this.#clock.monotonic();
    if (this.#active > 0) this.#virtual += ((nowMs - this.#syncedMs) * Math.min(this.#seatsInUse + this.#waitingSeats, this.#limit)) / this.#active;
    this.#syncedMs = nowMs;
    let over = 0;
    for (; over < this.#aftermath.length && this.#aftermath[over]!.untilMs <= nowMs; over++) this.#release(this.#aftermath[over]!.queue, this.#aftermath[over]!.seats);
    if (over > 0) this.#aftermath.splice(0, over);
    return nowMs;
  }

  /** Lets run what may. Only while somebody waits does a timer see to it that aftermaths end in time. */
  #dispatch(): void {
    while (this.#waiting > 0) {
      const queue = this.#next();
      if (!queue) break;
      const ticket = queue.waiting.shift()!;
      this.#countWaiting(ticket, -1);
      this.#start(ticket, this.#syncedMs);
      ticket.settle!(undefined);
    }
    if (this.#waiting === 0 || this.#aftermath.length === 0 || this.#timer) return;
    this.#timer = this.#clock.setTimer(() => {
      this.#timer = undefined;
      this.#sync();
      this.#dispatch();
    }, Math.max(1, this.#aftermath[0]!.untilMs - this.#syncedMs));
  }

  /** The queue whose first request would be done earliest in virtual time; of equals, the next in turn. Undefined when that request finds no seats yet. */
  #next(): Queue | undefined {
    const count = this.#queues.length;
    let best: Queue | undefined;
    let earliest = Number.POSITIVE_INFINITY;
    for (let i = 1; i <= count; i++) {
      const queue = this.#queues[(this.#robin + i) % count]!;
      if (queue.waiting.length === 0) continue;
      const finish = queue.nextDispatchR + totalWork(queue.waiting[0]!.work);
      if (finish < earliest) [best, earliest] = [queue, finish];
    }
    if (!best || !this.#fits(best.waiting[0]!.seats)) return undefined;
    this.#robin = best.index;
    return best;
  }
}
