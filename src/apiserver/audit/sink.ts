/** Where audit events go, and how: each by itself or many together, cut to size, at no more than a rate. */
import type { Host, Timer } from '../../host/types.ts';
import { cutShort, type WrittenEvent } from './event.ts';

export interface AuditSink {
  /** Stores events, in order. Resolves to whether all have been stored; never rejects. */
  process(events: readonly WrittenEvent[]): Promise<boolean>;
  /** Stores what is waiting, and takes no more. */
  close(): Promise<void>;
}

/** `batch`: later, and many together; `blocking`: before the answer; `blocking-strict`: and a request that cannot be written down is refused. */
export const modes = ['batch', 'blocking', 'blocking-strict'] as const;
export type AuditMode = (typeof modes)[number];

export interface BatchOptions {
  /** Events that wait or are on their way, at most; more are dropped. So are they when there are 128 MiB of them. */
  bufferSize: number;
  maxBatchSize: number;
  maxWaitMs: number;
  /** Batches a second, and how many at once after a rest. */
  throttle?: { perSecond: number; burst: number };
}

export interface TruncateOptions {
  maxEventBytes: number;
  maxBatchBytes: number;
}

export interface Delivery {
  mode: AuditMode;
  batch: BatchOptions;
  truncate?: TruncateOptions;
}

export const defaultBatch: BatchOptions = { bufferSize: 10_000, maxBatchSize: 400, maxWaitMs: 30_000, throttle: { perSecond: 10, burst: 15 } };
/** Of the log, which is written line by line. */
export const defaultLogBatch: BatchOptions = { bufferSize: 10_000, maxBatchSize: 1, maxWaitMs: 0 };
export const defaultTruncate: TruncateOptions = { maxEventBytes: 100 * 2 ** 10, maxBatchBytes: 10 * 2 ** 20 };

/** What waiting events take at most, whatever their number: with bodies of long lists ten thousand would be more than there is. */
const maxHeldBytes = 128 * 2 ** 20;

/** Leaves out the bodies of events that are too long, drops those that are too long without, and keeps batches within their size. */
export function truncated(host: Pick<Host, 'log'>, sink: AuditSink, { maxEventBytes, maxBatchBytes }: TruncateOptions): AuditSink {
  return {
    close: () => sink.close(),
    async process(events) {
      const batches: WrittenEvent[][] = [];
      let room = 0;
      for (const whole of events) {
        const event = whole.bytes > maxEventBytes && whole.event.level !== 'Metadata' ? cutShort(whole) : whole;
        if (event.bytes > maxEventBytes) {
          host.log.error('an audit event is too large even without its bodies, and is dropped', { auditID: event.event.auditID, stage: event.event.stage, bytes: event.bytes });
          continue;
        }
        if (batches.length === 0 || event.bytes > room) {
          batches.push([]);
          room = maxBatchBytes;
        }
        room -= event.bytes;
        batches.at(-1)!.push(event);
      }
      let stored = true;
      for (const batch of batches) stored = (await sink.process(batch)) && stored;
      return stored;
    },
  };
}

/** Says at what moment the next batch may go. */
class Pace {
  readonly #host: Pick<Host, 'clock'>;
  readonly #throttle: { perSecond: number; burst: number };
  #tokens: number;
  #at: number;

  constructor(host: Pick<Host, 'clock'>, throttle: { perSecond: number; burst: number }) {
    this.#host = host;
    this.#throttle = throttle;
    this.#tokens = throttle.burst;
    this.#at = host.clock.monotonic();
  }

  /** Takes a place; the milliseconds until it is due. */
  take(): number {
    const { perSecond, burst } = this.#throttle;
    const now = this.#host.clock.monotonic();
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) / 1000) * perSecond) - 1;
    this.#at = now;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / perSecond) * 1000;
  }
}

class Buffered implements AuditSink {
  readonly #host: Pick<Host, 'clock' | 'log'>;
  readonly #sink: AuditSink;
  readonly #options: BatchOptions;
  readonly #pace: Pace | undefined;
  #waiting: WrittenEvent[] = [];
  /** Events that wait or are on their way, and their bytes. */
  #held = 0;
  #heldBytes = 0;
  #dropped = 0;
  #timer: Timer | undefined;
  readonly #sending = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(host: Pick<Host, 'clock' | 'log'>, sink: AuditSink, options: BatchOptions) {
    this.#host = host;
    this.#sink = sink;
    this.#options = options;
    this.#pace = options.throttle && new Pace(host, options.throttle);
  }

  get #isFull(): boolean {
    return this.#held >= this.#options.bufferSize || this.#heldBytes >= maxHeldBytes;
  }

  /** Takes them to be stored: they wait. */
  process(events: readonly WrittenEvent[]): Promise<boolean> {
    for (const event of events) {
      if (this.#isFull || this.#closing.signal.aborted) {
        if (this.#dropped++ === 0) this.#host.log.warn('audit events are dropped', { why: this.#isFull ? 'the buffer is full' : 'the server is stopping', events: this.#held, bytes: this.#heldBytes });
        continue;
      }
      this.#held += 1;
      this.#heldBytes += event.bytes;
      this.#waiting.push(event);
      if (this.#waiting.length >= this.#options.maxBatchSize) this.#send();
    }
    if (this.#waiting.length > 0) this.#timer ??= this.#host.clock.setTimer(() => this.#send(), this.#options.maxWaitMs);
    return Promise.resolve(true);
  }

  #send(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const batch = this.#waiting;
    this.#waiting = [];
    const done = this.#deliver(batch).finally(() => this.#sending.delete(done));
    this.#sending.add(done);
  }

  async #deliver(batch: readonly WrittenEvent[]): Promise<void> {
    const waitMs = this.#pace?.take() ?? 0;
    if (waitMs > 0) await this.#host.clock.sleep(waitMs, this.#closing.signal);
    await this.#sink.process(batch);
    this.#held -= batch.length;
    for (const { bytes } of batch) this.#heldBytes -= bytes;
    if (this.#dropped > 0 && !this.#isFull) {
      this.#host.log.warn('audit events were dropped', { dropped: this.#dropped });
      this.#dropped = 0;
    }
  }

  async close(): Promise<void> {
    this.#send();
    this.#closing.abort();
    const closed = this.#sink.close();
    await Promise.all(this.#sending);
    await closed;
  }
}

/** Gathers events, so that nobody waits for them to be stored. */
export const buffered = (host: Pick<Host, 'clock' | 'log'>, sink: AuditSink, options: BatchOptions): AuditSink => new Buffered(host, sink, options);

/** A sink as its delivery says. */
export function delivered(host: Host, sink: AuditSink, { mode, batch, truncate }: Delivery): { sink: AuditSink; isStrict: boolean } {
  const whole = mode === 'batch' ? buffered(host, sink, batch) : sink;
  return { sink: truncate ? truncated(host, whole, truncate) : whole, isStrict: mode === 'blocking-strict' };
}
