/** Calls to an etcd cluster: over one member until it fails, then over the next. */
import type { Client, ClientDuplexStream, Metadata, ServiceError } from '@grpc/grpc-js';
import type { Clock, Log } from '../../host/types.ts';
import { EtcdError, explain, isTransient } from './errors.ts';
import { METHODS } from './messages.ts';

export interface EtcdTls {
  /** PEM. The authority that the members' certificates chain up to; without it the system's. */
  ca?: string;
  cert?: string;
  key?: string;
}

export interface ConnectionOptions {
  /** As `https://10.0.0.1:2379`, `http://…`, `unix:///path`. */
  endpoints: readonly string[];
  tls?: EtcdTls;
  clock: Clock;
  log?: Log;
  /** How long a call is tried over all members together. */
  callTimeoutMs?: number;
  /** How long the first member is waited for. Default 2 s. */
  attemptTimeoutMs?: number;
}

/** How long the first member is waited for before the next is asked; twice as long each time. A member without a leader answers nothing at all. */
const FIRST_ATTEMPT_TIMEOUT_MS = 2_000;
const LAST_ATTEMPT_TIMEOUT_MS = 10_000;
const CALL_TIMEOUT_MS = 30_000;
const FIRST_BACKOFF_MS = 20;
const LAST_BACKOFF_MS = 1_000;
const KEEPALIVE_MS = 30_000;
const KEEPALIVE_TIMEOUT_MS = 10_000;

type Library = typeof import('@grpc/grpc-js');

export type WatchStream = ClientDuplexStream<Buffer, Buffer>;

const same = (bytes: Buffer): Buffer => bytes;

interface Target {
  address: string;
  secure: boolean;
  /** What the member is asked for by name. */
  authority: string | undefined;
}

/** Throws, by name, for what is no address of a member. */
export function parseEndpoint(endpoint: string): Target {
  const unix = /^unix:\/\/(.+)$/.exec(endpoint);
  if (unix) return { address: endpoint, secure: false, authority: 'localhost' };
  const match = /^(?:(https?):\/\/)?((?:\[[0-9a-fA-F:]+\]|[^/:@[\]]+):\d+)\/?$/.exec(endpoint);
  if (!match) throw new EtcdError('endpoint', `"${endpoint}" is no address of an etcd member: it must have the form https://host:port, http://host:port or unix:///path`);
  return { address: match[2]!, secure: match[1] === 'https', authority: undefined };
}

export class EtcdConnection {
  readonly endpoints: readonly string[];
  readonly #targets: readonly Target[];
  readonly #options: ConnectionOptions;
  readonly #clients: (Client | undefined)[];
  #library: Library | undefined;
  #loading: Promise<Library> | undefined;
  #leaderWanted: Metadata | undefined;
  #current = 0;
  #closed = false;

  constructor(options: ConnectionOptions) {
    if (options.endpoints.length === 0) throw new EtcdError('endpoint', 'no etcd member is named');
    this.#options = options;
    this.endpoints = options.endpoints;
    this.#targets = options.endpoints.map(parseEndpoint);
    this.#clients = options.endpoints.map(() => undefined);
  }

  /**
   * Sends a request, to another member when one does not answer. Only what may be done twice should be sent so; `uncertain` is told when an
   * earlier try may have been carried out without its answer reaching us.
   */
  async call<R>(method: string, request: Buffer, read: (bytes: Buffer) => R, options: { timeoutMs?: number; uncertain?: () => void } = {}): Promise<R> {
    const { clock } = this.#options;
    const until = clock.monotonic() + (options.timeoutMs ?? this.#options.callTimeoutMs ?? CALL_TIMEOUT_MS);
    const firstLimitMs = this.#options.attemptTimeoutMs ?? FIRST_ATTEMPT_TIMEOUT_MS;
    for (let attempt = 0; ; attempt++) {
      const at = this.#current;
      try {
        const limitMs = Math.min(firstLimitMs * 2 ** attempt, LAST_ATTEMPT_TIMEOUT_MS, until - clock.monotonic());
        return await this.#attempt(at, method, request, read, limitMs);
      } catch (error) {
        if (!isTransient(error)) throw explain(error, this.endpoints[at]!);
        if (error.code !== undefined) options.uncertain?.();
        this.rotate(at);
        const backoffMs = attempt < this.endpoints.length ? FIRST_BACKOFF_MS : Math.min(FIRST_BACKOFF_MS * 2 ** (attempt - this.endpoints.length + 1), LAST_BACKOFF_MS);
        if (this.#closed || clock.monotonic() + backoffMs >= until) throw explain(error, this.endpoints[at]!);
        await clock.sleep(backoffMs);
      }
    }
  }

  /** Asks one member, once. */
  ask<R>(endpoint: number, method: string, request: Buffer, read: (bytes: Buffer) => R, timeoutMs: number): Promise<R> {
    return this.#attempt(endpoint, method, request, read, timeoutMs).catch((error: unknown) => {
      throw explain(error, this.endpoints[endpoint]!);
    });
  }

  /** A watch stream to the member in use; `rotate` when it fails. The member ends it when it has lost its leader. */
  async watchStream(): Promise<{ stream: WatchStream; endpoint: number }> {
    const endpoint = this.#current;
    const client = await this.#client(endpoint);
    if (this.#leaderWanted === undefined) {
      this.#leaderWanted = new this.#library!.Metadata();
      this.#leaderWanted.set('hasleader', 'true');
    }
    return { stream: client.makeBidiStreamRequest<Buffer, Buffer>(METHODS.watch, same, same, this.#leaderWanted), endpoint };
  }

  /** Leaves a member that failed, unless somebody else has done so already. */
  rotate(from: number): void {
    if (this.#current !== from || this.endpoints.length === 1) return;
    this.#current = (from + 1) % this.endpoints.length;
    this.#options.log?.debug('going over to the next etcd member', { from: this.endpoints[from], to: this.endpoints[this.#current] });
  }

  close(): void {
    this.#closed = true;
    for (const client of this.#clients) client?.close();
  }

  async #attempt<R>(endpoint: number, method: string, request: Buffer, read: (bytes: Buffer) => R, timeoutMs: number): Promise<R> {
    if (this.#closed) throw new Error('the store has been closed');
    const client = await this.#client(endpoint);
    return new Promise<R>((resolve, reject) => {
      const deadline = this.#options.clock.now() + timeoutMs;
      client.makeUnaryRequest<Buffer, R>(method, same, read, request, { deadline }, (error: ServiceError | null, answer?: R) => (error ? reject(error) : resolve(answer!)));
    });
  }

  /** The library is loaded by the first call. */
  async #client(endpoint: number): Promise<Client> {
    this.#loading ??= import('@grpc/grpc-js');
    this.#library ??= await this.#loading;
    const there = this.#clients[endpoint];
    if (there) return there;
    const { Client, credentials } = this.#library;
    const { address, secure, authority } = this.#targets[endpoint]!;
    const { ca, cert, key } = this.#options.tls ?? {};
    const pem = (text: string | undefined): Buffer | null => (text === undefined ? null : Buffer.from(text));
    const client = new Client(address, secure ? credentials.createSsl(pem(ca), pem(key), pem(cert)) : credentials.createInsecure(), {
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': LAST_BACKOFF_MS,
      'grpc.keepalive_time_ms': KEEPALIVE_MS,
      'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
      'grpc.use_local_subchannel_pool': 1,
      ...(authority === undefined ? {} : { 'grpc.default_authority': authority }),
    });
    this.#clients[endpoint] = client;
    return client;
  }
}
