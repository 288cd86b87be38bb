/**
 * One watch that outlives connections and members. What has been received is remembered by revision, so that a new stream goes on exactly
 * there: no change is told twice, none is left out.
 */
import type { Clock, Log, Timer } from '../../host/types.ts';
import { CompactedError, SlowWatcherError, type Revision, type WatchBatch, type WatchChange } from '../backend.ts';
import type { EtcdConnection, WatchStream } from './connection.ts';
import { explain, isTransient } from './errors.ts';
import { readWatch, watchCreateRequest, watchProgressRequest, type WatchAnswer, type WatchEvent } from './messages.ts';

/** Waits between attempts to reach a member again. */
const FIRST_BACKOFF_MS = 20;
const LAST_BACKOFF_MS = 1_000;
/** How long a member may take to say that a watch has begun. */
const CREATED_WITHIN_MS = 5_000;
/** How often an idle watch asks how far it is, where asking is needed. */
const IDLE_PROGRESS_MS = 30_000;
/** Waits before asking again while somebody waits for a revision. */
const ASK_AGAIN_MS = 100;

export interface WatchSource {
  connection: EtcdConnection;
  clock: Clock;
  log: Log | undefined;
  /** What is asked of the member; may be wider than what is wanted. */
  range: { key: Uint8Array; end: Uint8Array };
  /** Progress is asked for; otherwise every revision shows in the range itself. */
  asksProgress: boolean;
  bufferLimit: number;
  /** An event as a change; undefined for a key that nobody asked for. */
  changeOf: (event: WatchEvent) => WatchChange | undefined;
}

export class EtcdWatch {
  readonly #source: WatchSource;
  /** All up to here has been received. */
  #position: Revision;
  /** A revision that somebody waits for this watch to reach. */
  #wanted: Revision = 0;
  #pending: WatchBatch[] = [];
  #pendingChanges = 0;
  /** Events of an answer whose other parts are still to come. */
  #parts: WatchEvent[] = [];
  #stream: WatchStream | undefined;
  #endpoint = 0;
  #live = false;
  #failures = 0;
  #failure: Error | undefined;
  #ended = false;
  #wake: (() => void) | undefined;
  #timer: Timer | undefined;
  #progressTimer: Timer | undefined;

  constructor(source: WatchSource, from: Revision) {
    this.#source = source;
    // Nothing happens at revision 1, where every etcd begins.
    this.#position = Math.max(1, from);
    if (from < 1) this.#pending.push({ changes: [], revision: 1 });
  }

  /** Sees to it that the watch tells of having reached a revision, soon. */
  want(revision: Revision): void {
    if (revision > this.#wanted) this.#wanted = revision;
    if (this.#source.asksProgress && this.#position < this.#wanted) this.#ask();
  }

  async *batches(signal?: AbortSignal): AsyncGenerator<WatchBatch, void, undefined> {
    const stop = (): void => this.end();
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted === true) this.#ended = true;
    void this.#connect();
    try {
      for (;;) {
        if (this.#ended) return;
        const batch = this.#pending.shift();
        if (batch !== undefined) {
          this.#pendingChanges -= batch.changes.length;
          yield batch;
          continue;
        }
        if (this.#failure) throw this.#failure;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      signal?.removeEventListener('abort', stop);
      this.end();
    }
  }

  /** Ends the watch: in peace, or with an error that its reader gets after what has been received. */
  end(error?: Error): void {
    if (error) this.#failure ??= error;
    else this.#ended = true;
    this.#timer?.cancel();
    this.#progressTimer?.cancel();
    this.#drop();
    this.#rouse();
  }

  get #over(): boolean {
    return this.#ended || this.#failure !== undefined;
  }

  #rouse(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #drop(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#live = false;
    this.#parts = [];
    stream?.removeAllListeners('data');
    stream?.cancel();
  }

  async #connect(): Promise<void> {
    if (this.#over) return;
    const { connection, clock, range } = this.#source;
    try {
      const { stream, endpoint } = await connection.watchStream();
      if (this.#over) return void stream.on('error', () => undefined).cancel();
      this.#stream = stream;
      this.#endpoint = endpoint;
      const failed = (error: unknown): void => {
        if (this.#stream === stream) this.#lost(error);
      };
      stream.on('error', failed);
      stream.on('end', () => failed(new Error('the stream ended')));
      stream.on('data', (bytes: Buffer) => {
        if (this.#stream === stream) this.#receive(bytes);
      });
      this.#timer = clock.setTimer(() => failed(new Error('the watch did not begin in time')), CREATED_WITHIN_MS);
      // The revision that is there already is asked for again, and left out: so the member notices when what comes next has been compacted.
      stream.write(watchCreateRequest({ ...range, from: this.#position }));
    } catch (error) {
      this.#lost(error);
    }
  }

  #receive(bytes: Buffer): void {
    try {
      this.#take(readWatch(bytes));
    } catch (error) {
      this.end(error as Error);
    }
  }

  #take(answer: WatchAnswer): void {
    if (answer.compactRevision > 0) return this.end(new CompactedError(this.#position, answer.compactRevision));
    if (answer.canceled) return this.#canceled(answer.reason);
    if (answer.created) {
      this.#timer?.cancel();
      this.#live = true;
      this.#failures = 0;
      if (this.#source.asksProgress) this.#ask();
      return;
    }
    if (answer.events.length > 0 || answer.fragment) {
      this.#parts.push(...answer.events);
      if (answer.fragment) return;
      const events = this.#parts;
      this.#parts = [];
      return this.#deliver(events);
    }
    // No events: a mark that all up to this revision has been told.
    if (answer.revision > this.#position) this.#push({ changes: [], revision: answer.revision });
  }

  #deliver(events: readonly WatchEvent[]): void {
    const revision = events.at(-1)!.kv.modRevision;
    const changes: WatchChange[] = [];
    for (const event of events) {
      if (event.kv.modRevision <= this.#position) continue;
      const change = this.#source.changeOf(event);
      if (change !== undefined) changes.push(change);
    }
    if (revision > this.#position) this.#push({ changes, revision });
  }

  #push(batch: WatchBatch): void {
    this.#position = batch.revision;
    const last = this.#pending.at(-1);
    // A mark after a mark says the same, and more.
    if (batch.changes.length === 0 && last?.changes.length === 0) this.#pending[this.#pending.length - 1] = batch;
    else this.#pending.push(batch);
    const behind = this.#pendingChanges;
    this.#pendingChanges += batch.changes.length;
    if (behind > 0 && this.#pendingChanges > this.#source.bufferLimit) {
      this.#pending = [];
      return this.end(new SlowWatcherError(this.#source.bufferLimit));
    }
    this.#rouse();
  }

  /** A member that stops, or has lost its leader, cancels its watches; another one may go on. */
  #canceled(reason: string): void {
    if (/permission denied|auth|user name/i.test(reason)) return this.end(explain({ code: 7, details: reason }, this.#source.connection.endpoints[this.#endpoint]!));
    this.#lost(new Error(reason === '' ? 'the member ended the watch' : reason));
  }

  #lost(error: unknown): void {
    const coded = (error as { code?: number }).code !== undefined;
    const { connection, clock, log } = this.#source;
    const endpoint = this.#endpoint;
    this.#timer?.cancel();
    this.#drop();
    if (this.#over) return;
    if (coded && !isTransient(error)) return this.end(explain(error, connection.endpoints[endpoint]!));
    log?.debug('a watch on etcd is taken up again', { at: this.#position, error: (error as Error).message });
    connection.rotate(endpoint);
    const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** this.#failures++, LAST_BACKOFF_MS);
    this.#timer = clock.setTimer(() => void this.#connect(), backoffMs);
  }

  /** Asks how far the watch is; again while somebody waits, and now and then so that an idle watch stays above what is compacted. */
  #ask(): void {
    if (!this.#live || this.#over) return;
    this.#progressTimer?.cancel();
    this.#stream?.write(watchProgressRequest());
    this.#progressTimer = this.#source.clock.setTimer(() => this.#ask(), this.#position < this.#wanted ? ASK_AGAIN_MS : IDLE_PROGRESS_MS);
  }
}
