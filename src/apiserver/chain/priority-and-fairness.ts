/**
 * Lets each request in when its priority level has seats for it, in fair turns. What would wait too long, or finds its queue full, gets 429.
 * https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
 */
import type { Clock } from '../../host/types.ts';
import type { Configuration, Level, Passing, Schema } from '../fairness/levels.ts';
import { distinguisher } from '../fairness/matching.ts';
import type { Refusal, Ticket } from '../fairness/queue-set.ts';
import { WatchTracker, workOf } from '../fairness/work.ts';
import type { RequestInfo, ServerRequest, ServerResponse, Stage } from '../types.ts';
import { userOf } from './authorization.ts';
import { infoOf, isLongRunning } from './request-info.ts';
import { text } from './responses.ts';
import { isWhole } from '../pieces.ts';

export interface FairnessStageOptions {
  clock: Clock;
  configuration: Configuration;
  /** How many objects of a kind there are; undefined for kinds that this server has not. */
  count: (info: RequestInfo) => number | undefined;
  /** Told how long a request waited that did wait, in seconds, and whether it then ran. */
  observeWait?: (schema: Schema, executed: boolean, seconds: number) => void;
}

export interface FairnessStage {
  stage: Stage;
  /** Requests inside now. */
  inside: { readOnly: number; mutating: number };
}

/** How a ticket is told about on the debug pages. */
export interface TicketDetails {
  schema: Schema;
  flow: string;
  user: string;
  info: RequestInfo;
}

const readVerbs: ReadonlySet<string> = new Set(['get', 'list', 'watch', 'head', 'options']);
const minRetryAfterSeconds = 1;
const maxRetryAfterSeconds = 8;
/** The advice to come back later doubles, or halves, once in this time at most. */
const adviceWindowMs = 1_000;

/** Tells the refused when to come back: later while refusals go on. */
class Advice {
  readonly #clock: Clock;
  #seconds = minRetryAfterSeconds;
  #windowMs = 0;
  #refused = 0;
  #before = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  next(): string {
    const nowMs = this.#clock.monotonic();
    if (nowMs - this.#windowMs >= adviceWindowMs) {
      const idle = nowMs - this.#windowMs >= 2 * adviceWindowMs;
      if (idle || this.#refused < this.#before / 2) this.#seconds = Math.max(minRetryAfterSeconds, Math.floor(this.#seconds / 2));
      else if (this.#refused > 0) this.#seconds = Math.min(maxRetryAfterSeconds, this.#seconds * 2);
      this.#before = this.#refused;
      this.#refused = 0;
      this.#windowMs = nowMs;
    }
    this.#refused++;
    return String(this.#seconds);
  }
}

export function priorityAndFairness({ clock, configuration, count, observeWait }: FairnessStageOptions): FairnessStage {
  const inside = { readOnly: 0, mutating: 0 };
  const watchers = new WatchTracker();
  const advice = new Advice(clock);

  /** The ticket when the request may run, or why it may not. */
  async function admitted(schema: Schema, started: { ticket: Ticket; started: Promise<Refusal | undefined> }): Promise<Ticket | Refusal> {
    schema.stats.waiting++;
    const refusal = await started.started;
    schema.stats.waiting--;
    observeWait?.(schema, refusal === undefined, (clock.monotonic() - started.ticket.arrivedMs) / 1000);
    return refusal ?? started.ticket;
  }

  /** `waited`: how long it waited in vain has been told already. */
  function refused(schema: Schema, reason: Refusal, waited: boolean): ServerResponse {
    if (!waited) observeWait?.(schema, false, 0);
    schema.stats.rejected.set(reason, (schema.stats.rejected.get(reason) ?? 0) + 1);
    return text(429, 'Too many requests, please try again later.\n', { 'retry-after': advice.next() });
  }

  function watched(request: ServerRequest, info: RequestInfo, { body, events }: ServerResponse): void {
    const streams = !isWhole(body);
    if ((!streams && !events) || request.signal.aborted) return;
    request.signal.addEventListener('abort', watchers.add(info), { once: true });
  }

  function entered(schema: Schema, info: RequestInfo, ticket: Ticket | undefined, request: ServerRequest): Passing | undefined {
    const { stats, level } = schema;
    inside[readVerbs.has(info.verb) ? 'readOnly' : 'mutating']++;
    stats.dispatched++;
    stats.executing++;
    stats.executingSeats += ticket?.seats ?? 1;
    if (ticket) return undefined;
    const passing = { schema, user: userOf(request), info, arrivedMs: clock.monotonic() };
    level.passing.add(passing);
    level.demand.add(1, passing.arrivedMs);
    return passing;
  }

  function left({ stats, level }: Schema, info: RequestInfo, ticket: Ticket | undefined, passing: Passing | undefined): void {
    inside[readVerbs.has(info.verb) ? 'readOnly' : 'mutating']--;
    stats.executing--;
    stats.executingSeats -= ticket?.seats ?? 1;
    if (ticket) level.queues.finish(ticket);
    if (!passing) return;
    level.passing.delete(passing);
    level.demand.add(-1, clock.monotonic());
  }

  function begin(request: ServerRequest, info: RequestInfo, schema: Schema): ReturnType<Level['queues']['begin']> | undefined {
    const { level } = schema;
    if (level.exempt) {
      schema.stats.immediate++;
      return undefined;
    }
    const user = userOf(request);
    const flow = distinguisher(schema.object, user, info);
    const begun = level.queues.begin(schema.name, flow, workOf(request, info, watchers, count, level.seatsLimit), request, { schema, flow, user: user.name, info } satisfies TicketDetails);
    if (typeof begun === 'object' && !('started' in begun)) schema.stats.immediate++;
    return begun;
  }

  return {
    inside,
    stage: {
      name: 'priority-and-fairness',
      async handle(request, next) {
        const info = infoOf(request);
        // Streams last as long as they like: only a watch's beginning is work that can be waited for.
        if (info.verb !== 'watch' && isLongRunning(info)) return next(request);
        const schema = configuration.classify(userOf(request), info);
        request.flow = { schemaUid: schema.uid, levelUid: schema.level.uid };
        const begun = begin(request, info, schema);
        const waited = typeof begun === 'object' && 'started' in begun;
        const ticket = waited ? await admitted(schema, begun) : begun;
        if (typeof ticket === 'string') return refused(schema, ticket, waited);
        const passing = entered(schema, info, ticket, request);
        try {
          const response = await next(request);
          if (info.verb === 'watch') watched(request, info, response);
          return response;
        } finally {
          left(schema, info, ticket, passing);
        }
      },
    },
  };
}
