/**
 * The network between components and API servers, in memory: every request and every answer is a message that takes its time on the virtual clock, and
 * may be lost, held up or brought twice. Watches are streams: they keep their order, and may be cut, starved or told that their revision has gone.
 */
import { gone as goneStatusOf } from '../api/meta/status.ts';
import type { ApiRequest, ApiResponse, Transport } from '../client/types.ts';
import type { Clock, Random } from '../host/types.ts';
import { following, type Following } from './signals.ts';

/** How likely each is, for one message. */
export interface MessageFaults {
  dropRequest: number;
  dropAnswer: number;
  duplicate: number;
  delay: number;
  cutWatch: number;
  starveWatch: number;
  expireWatch: number;
}

export const noMessageFaults: MessageFaults = { dropRequest: 0, dropAnswer: 0, duplicate: 0, delay: 0, cutWatch: 0, starveWatch: 0, expireWatch: 0 };

/** How long a message takes, in milliseconds: evenly drawn. */
const latencyMs = { min: 0, max: 4 } as const;
/** How long one that is held up takes at most. */
const heldUpMs = 3_000;
/** How long the sender of a lost message waits before it gives up. */
const patienceMs = { min: 200, max: 10_000 } as const;
/** How long a starved watch hears nothing at most. */
const starvedMs = 60_000;

/** An API server as the network sees it. */
export interface Endpoint {
  name: string;
  /** Undefined while it is down. */
  transport(user: User): Transport | undefined;
  /** Aborts when it goes down. */
  down(): AbortSignal;
}

export interface User {
  name: string;
  groups: readonly string[];
}

/** A request that came through, and what was answered. */
export interface Exchange {
  component: string;
  user: string;
  request: ApiRequest;
  status: number;
  /** The decoded answer, for small JSON bodies. */
  answer: unknown;
  /** The newest revision that the store had acknowledged when the request set out. */
  revisionBefore: number;
}

/** One batch of a watch as it reaches the component. */
export interface Watched {
  watchId: number;
  component: string;
  request: ApiRequest;
  events: readonly { type: string; object: { kind?: string; metadata?: { name?: string; namespace?: string; resourceVersion?: string } } }[];
}

export interface NetworkObserver {
  /** A request sets out; returns the newest revision of the store. */
  sends(request: ApiRequest, user: string): number;
  exchanged(exchange: Exchange): void;
  watched(watched: Watched): void;
}

export interface SimulatedNetworkOptions {
  clock: Clock;
  random: Random;
  endpoints: readonly Endpoint[];
  observer: NetworkObserver;
  /** Messages take time. Without it they arrive at once. */
  latency: boolean;
}

function broken(code: 'ECONNRESET' | 'ECONNREFUSED' | 'ETIMEDOUT', component: string): Error {
  return Object.assign(new Error(`${code}: simulated, between "${component}" and the API server`), { code });
}

const decoder = new TextDecoder();
const newline = 10;

export class SimulatedNetwork {
  readonly #options: SimulatedNetworkOptions;
  faults: MessageFaults = noMessageFaults;
  /** Answers requests that an API server would pass on to another server (metrics); undefined: it is the API server's. */
  aggregated: (request: ApiRequest) => object | undefined = () => undefined;
  #nextWatch = 1;
  /** Messages of each kind of trouble so far. */
  readonly counts: Record<keyof MessageFaults, number> = { dropRequest: 0, dropAnswer: 0, duplicate: 0, delay: 0, cutWatch: 0, starveWatch: 0, expireWatch: 0 };

  constructor(options: SimulatedNetworkOptions) {
    this.#options = options;
  }

  /** A component's way to the API servers. `reliable`: messages take time, and none is lost. */
  link(component: string, user: User, reliable = false): Link {
    const random = this.#options.random.fork(component);
    return new Link(this.#options, { component, user, reliable, random, aggregated: (request) => this.aggregated(request), chance: (kind) => this.#happens(kind, random, reliable), watchId: () => this.#nextWatch++ });
  }

  #happens(kind: keyof MessageFaults, random: Random, reliable: boolean): boolean {
    const share = reliable ? 0 : this.faults[kind];
    if (share === 0 || random.next() >= share) return false;
    this.counts[kind]++;
    return true;
  }
}

interface LinkParts {
  component: string;
  user: User;
  reliable: boolean;
  random: Random;
  chance(kind: keyof MessageFaults): boolean;
  aggregated(request: ApiRequest): object | undefined;
  watchId(): number;
}

/** One component's connection. It may be cut for a while, or for good when the component dies. */
export class Link implements Transport {
  readonly #options: SimulatedNetworkOptions;
  readonly #parts: LinkParts;
  #server = 0;
  /** Shared with links for other users of the same process. */
  #shared = { cut: new AbortController(), isCut: false, isDead: false };

  constructor(options: SimulatedNetworkOptions, parts: LinkParts) {
    this.#options = options;
    this.#parts = parts;
    this.#server = parts.random.int(options.endpoints.length);
  }

  /** The same connection for another user of the same process: what happens to one happens to both. */
  as(user: User): Link {
    const other = new Link(this.#options, { ...this.#parts, user, random: this.#parts.random.fork(user.name) });
    other.#shared = this.#shared;
    return other;
  }

  /** Nothing comes through any more, until `mend`. */
  cut(): void {
    this.#shared.isCut = true;
    this.#shared.cut.abort();
  }

  mend(): void {
    if (this.#shared.isDead) return;
    this.#shared.isCut = false;
    this.#shared.cut = new AbortController();
  }

  /** The component has died: nothing it still tries to say is heard. */
  kill(): void {
    this.#shared.isDead = true;
    this.cut();
  }

  async send(request: ApiRequest): Promise<ApiResponse> {
    const { endpoints, observer } = this.#options;
    const { component, chance } = this.#parts;
    const revisionBefore = observer.sends(request, this.#parts.user.name);
    await this.#travel(request.signal);
    if (this.#shared.isCut || chance('dropRequest')) return this.#lose(request.signal);
    let endpoint = endpoints[this.#server]!;
    let transport = endpoint.transport(this.#parts.user);
    if (!transport) {
      // Another server may be up: the next attempt goes there.
      this.#server = (this.#server + 1) % endpoints.length;
      endpoint = endpoints[this.#server]!;
      transport = endpoint.transport(this.#parts.user);
    }
    if (!transport) throw broken('ECONNREFUSED', component);
    const passedOn = this.#parts.aggregated(request);
    if (passedOn) return { status: 200, headers: { 'content-type': 'application/json' }, body: once(Buffer.from(JSON.stringify(passedOn))) };
    const gone = following([endpoint.down(), this.#shared.cut.signal, request.signal]);
    if (request.method !== 'GET' && chance('duplicate')) void transport.send({ ...request, signal: gone.signal }).then(drain, () => undefined);
    try {
      const response = await unlessGone(transport.send({ ...request, signal: gone.signal }), gone.signal, () => broken('ECONNRESET', component));
      if (isWatch(request) && response.status < 400) return this.#stream(request, response, gone);
      return await this.#answer(request, response, gone, revisionBefore);
    } catch (error) {
      gone.release();
      throw error;
    }
  }

  async #answer(request: ApiRequest, response: ApiResponse, gone: Following, revisionBefore: number): Promise<ApiResponse> {
    const { component, user, chance } = this.#parts;
    const body = response.shared === undefined ? await collect(response.body) : undefined;
    const isLost = chance('dropAnswer');
    this.#options.observer.exchanged({ component, user: user.name, request, status: response.status, answer: body === undefined ? sharedAnswer(response.shared!) : answerOf(request, response, body), revisionBefore });
    await this.#travel(request.signal);
    gone.release();
    if (isLost) return this.#lose(request.signal);
    if (gone.signal.aborted) throw request.signal?.aborted ? request.signal.reason : broken('ECONNRESET', component);
    return body === undefined ? response : { status: response.status, headers: response.headers, body: once(body) };
  }

  async #travel(signal: AbortSignal | undefined): Promise<void> {
    const { clock, latency } = this.#options;
    const { random, chance } = this.#parts;
    if (!latency) return;
    const heldUp = chance('delay') ? random.int(heldUpMs) : 0;
    await clock.sleep(latencyMs.min + random.int(latencyMs.max - latencyMs.min + 1) + heldUp, signal);
    signal?.throwIfAborted();
  }

  async #lose(signal: AbortSignal | undefined): Promise<never> {
    const { random, component } = this.#parts;
    await this.#options.clock.sleep(patienceMs.min + random.int(patienceMs.max - patienceMs.min), signal);
    signal?.throwIfAborted();
    throw broken('ETIMEDOUT', component);
  }

  #stream(request: ApiRequest, response: ApiResponse, gone: Following): ApiResponse {
    const info = { watchId: this.#parts.watchId(), component: this.#parts.component, request };
    const { observer } = this.#options;
    const stream: Stream = {
      pace: () => this.#pace(gone.signal),
      failure: () => (gone.signal.aborted && !request.signal?.aborted ? broken('ECONNRESET', info.component) : undefined),
      end: () => gone.abort(),
    };
    if (response.events) {
      const events = response.events as AsyncIterable<Watched['events'][number][]>;
      return { ...response, events: paced(events, stream, (batch) => observer.watched({ ...info, events: batch }), expiredBatch) as ApiResponse['events'] };
    }
    return { ...response, body: paced(response.body, stream, (bytes) => observer.watched({ ...info, events: linesIn(bytes) }), expiredLine) };
  }

  /** What happens to the next piece of a stream. */
  async #pace(gone: AbortSignal): Promise<'go on' | 'cut' | 'expired'> {
    const { clock, latency } = this.#options;
    const { chance, random } = this.#parts;
    if (!latency) return 'go on';
    await clock.sleep(latencyMs.min + random.int(latencyMs.max - latencyMs.min + 1), gone);
    if (chance('starveWatch')) await clock.sleep(random.int(starvedMs), gone);
    if (chance('expireWatch')) return 'expired';
    return chance('cutWatch') ? 'cut' : 'go on';
  }
}

interface Stream {
  pace(): Promise<'go on' | 'cut' | 'expired'>;
  /** Why it has broken; undefined when it has not, or its reader ended it. */
  failure(): Error | undefined;
  end(): void;
}

const isWatch = (request: ApiRequest): boolean => request.query?.watch === true || request.query?.watch === 'true';

/** Hands a stream on piece by piece; ends it early where the network says so. */
async function* paced<T>(source: AsyncIterable<T>, stream: Stream, told: (piece: T) => void, expiredPiece: () => T): AsyncGenerator<T> {
  try {
    for await (const piece of source) {
      const next = await stream.pace();
      const failed = stream.failure();
      if (failed) throw failed;
      if (next === 'cut') return;
      if (next === 'expired') {
        yield expiredPiece();
        return;
      }
      told(piece);
      yield piece;
    }
    const failed = stream.failure();
    if (failed) throw failed;
  } finally {
    stream.end();
  }
}

const goneStatus = () => ({ type: 'ERROR', object: goneStatusOf('too old resource version: compacted by the simulation').status });
const expiredBatch = (): Watched['events'][number][] => [goneStatus() as unknown as Watched['events'][number]];
const expiredLine = (): Uint8Array => Buffer.from(`${JSON.stringify(goneStatus())}\n`);

function linesIn(bytes: Uint8Array): Watched['events'] {
  // Pieces of a watch are whole lines, as the server writes them.
  if (bytes.at(-1) !== newline) return [];
  return decoder.decode(bytes).split('\n').filter(Boolean).map((line) => JSON.parse(line) as Watched['events'][number]);
}

/** The answer, or the error as soon as the connection has gone. */
function unlessGone<T>(answer: Promise<T>, gone: AbortSignal, error: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(error());
    gone.addEventListener('abort', fail, { once: true });
    answer.then(resolve, reject).finally(() => gone.removeEventListener('abort', fail));
  });
}

async function drain(response: ApiResponse): Promise<void> {
  for await (const _ of response.body);
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

/** As `answerOf`, where the answer is an object already. */
const sharedAnswer = (shared: object): unknown => ('items' in shared ? undefined : shared);

/** Decoded answers to what a checker looks at: writes, and reads of one object. Lists are left alone. */
function answerOf(request: ApiRequest, response: ApiResponse, body: Uint8Array): unknown {
  if (body.length === 0 || !(response.headers['content-type'] ?? '').includes('json')) return undefined;
  if (request.method === 'GET' && !response.headers['content-type']!.includes('json')) return undefined;
  const head = decoder.decode(body.subarray(0, 200));
  if (/"kind":"[A-Za-z]*List"/.test(head)) return undefined;
  return JSON.parse(decoder.decode(body));
}
