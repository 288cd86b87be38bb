/**
 * Forgets history by age. API servers that share a cluster (upstream's too) agree through one key: who raises its version first in an interval
 * compacts, to the revision that was newest an interval ago; the others only take note.
 */
import type { Clock, Log, Timer } from '../../host/types.ts';
import type { Revision } from '../backend.ts';
import type { EtcdConnection } from './connection.ts';
import { METHODS, readTxn, txnRequest } from './messages.ts';

const AGREED_KEY = Buffer.from('compact_rev_key');

export class Compactor {
  readonly #connection: EtcdConnection;
  readonly #clock: Clock;
  readonly #log: Log | undefined;
  readonly #intervalMs: number;
  readonly #compact: (upTo: Revision) => Promise<void>;
  /** The agreed key's version, as last seen. */
  #version = 0;
  /** The newest revision then. */
  #revision: Revision = 0;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: { connection: EtcdConnection; clock: Clock; log: Log | undefined; intervalMs: number; compact: (upTo: Revision) => Promise<void> }) {
    this.#connection = options.connection;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#intervalMs = options.intervalMs;
    this.#compact = options.compact;
  }

  start(): void {
    this.#timer = this.#clock.setTimer(() => void this.turn().catch((error: unknown) => this.#log?.warn('old history could not be removed', { error: String(error) })).then(() => this.#stopped || this.start()), this.#intervalMs);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** One interval's end. Resolves to the revision that was compacted, if it was this server's turn. */
  async turn(): Promise<Revision | undefined> {
    const upTo = this.#revision;
    let uncertain = false;
    const put = Buffer.from(String(upTo));
    const answer = await this.#connection.call(METHODS.txn, txnRequest(AGREED_KEY, { version: this.#version }, { put }), readTxn, { uncertain: () => (uncertain = true) });
    this.#revision = answer.revision;
    if (!answer.succeeded) {
      this.#version = answer.kv?.version ?? 0;
      return undefined;
    }
    this.#version += 1;
    // What was asked twice may have been done twice by others in between: the turn is left to the next interval.
    if (upTo === 0 || uncertain) return undefined;
    await this.#compact(upTo);
    return upTo;
  }
}
