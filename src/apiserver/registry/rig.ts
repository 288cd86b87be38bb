/** What the registry's tests stand on: a registry over a memory store and a clock that stands still, spoken to without sockets. */
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { Strategy } from '../../api/meta/strategy.ts';
import { RESOURCES } from '../../api/resources.ts';
import { strategyFor } from '../../api/strategies.ts';
import { Prng } from '../../base/prng.ts';
import { uuidFrom } from '../../base/uuid.ts';
import type { Host, Log, Random } from '../../host/types.ts';
import type { Backend } from '../../store/backend.ts';
import { ManualClock } from '../../store/manual-clock.ts';
import { memoryBackend } from '../../store/memory.ts';
import { requestInfoOf } from '../chain/request-info.ts';
import type { Format } from '../accept.ts';
import type { AdmissionPlugin, ServerRequest, ServerResponse, UserInfo } from '../types.ts';
import { createResources, type CreateResourcesOptions, type Resources } from './index.ts';

export interface RigOptions {
  backend?: Backend;
  clock?: ManualClock;
  admission?: AdmissionPlugin[];
  strategyFor?: (schema: string) => Strategy;
  options?: Partial<CreateResourcesOptions>;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into all kinds of answers.
  body: any;
  warnings: string[];
}

export interface SendOptions {
  headers?: Record<string, string>;
  user?: UserInfo;
  signal?: AbortSignal;
  /** What the server speaks. */
  formats?: readonly Format[];
}

export interface Rig {
  resources: Resources;
  /** Errors that were logged. */
  failures: string[];
  clock: ManualClock;
  backend: Backend;
  /** A whole answer. The body may be a value (sent as JSON) or text. */
  send(method: string, url: string, body?: unknown, options?: SendOptions): Promise<Answer>;
  /** The answer as it comes; for watches. */
  open(method: string, url: string, body?: unknown, options?: SendOptions): Promise<ServerResponse>;
  /** Creates an object; throws when it is refused. */
  create(url: string, object: unknown): Promise<KubeObject>;
  /** Opens a watch. */
  watch(url: string, options?: SendOptions): Promise<WatchReader>;
  stop(): Promise<void>;
}

export interface WatchEvent {
  type: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- see above.
  object: any;
}

/** Reads events off a watch. */
export class WatchReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #text = '';
  /** Pieces that have come so far: events of one turn come in one. */
  pieces = 0;

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#pieces = body[Symbol.asyncIterator]();
  }

  /** The next event; undefined at the end. */
  async next(): Promise<WatchEvent | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n');
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return JSON.parse(line) as WatchEvent;
      }
      const { value, done } = await this.#pieces.next();
      if (done === true) return undefined;
      this.pieces += 1;
      this.#text += Buffer.from(value).toString();
    }
  }

  async take(count: number): Promise<WatchEvent[]> {
    const events: WatchEvent[] = [];
    while (events.length < count) {
      const event = await this.next();
      if (event === undefined) break;
      events.push(event);
    }
    return events;
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}

function seededRandom(seed: string): Random {
  const prng = new Prng(seed);
  return { next: () => prng.next(), int: (bound) => Math.floor(prng.next() * bound), bytes: (length) => prng.bytes(length), uuid: () => uuidFrom(prng.bytes(16)), fork: (name) => seededRandom(`${seed}/${name}`) };
}

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

/** A host of which only clock, chance and log work; the registry needs no more. */
export function stillHost(clock: ManualClock, log: Log = silent): Host {
  return { clock, random: seededRandom('rig'), log } as unknown as Host;
}

export async function startRig(rig: RigOptions = {}): Promise<Rig> {
  const clock = rig.clock ?? new ManualClock();
  const backend = rig.backend ?? memoryBackend({ clock });
  const failures: string[] = [];
  const log: Log = { ...silent, error: (message, fields) => void failures.push(`${message} ${JSON.stringify(fields)}`) };
  const resources = createResources({
    host: stillHost(clock, log), backend, resources: RESOURCES, strategyFor: rig.strategyFor ?? strategyFor, admission: rig.admission ?? [], serviceCidr: '10.96.0.0/16', ...rig.options,
  });
  await resources.start();
  const requestOf = (method: string, url: string, body: unknown, options: SendOptions): ServerRequest => {
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const path = decodeURIComponent(pathname);
    const bytes = body === undefined ? new Uint8Array() : body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    return {
      method, path, rawPath: pathname, query: searchParams, headers: { 'user-agent': 'rig/1.0', ...options.headers }, body: async () => bytes, signal: options.signal ?? new AbortController().signal,
      remoteAddress: '127.0.0.1', wantsUpgrade: false, user: options.user ?? { name: 'tester', groups: ['system:authenticated'] }, info: requestInfoOf(method, path, searchParams), warnings: [], receivedAt: clock.now(),
      ...(options.formats ? { formats: options.formats } : {}),
    };
  };
  const send = async (method: string, url: string, body?: unknown, options: SendOptions = {}): Promise<Answer> => {
    const request = requestOf(method, url, body, options);
    const response = await resources.handle(request);
    let text = '';
    if (typeof response.body === 'string') text = response.body;
    else if (response.body instanceof Uint8Array) text = Buffer.from(response.body).toString();
    else if (response.body !== undefined) for await (const piece of response.body) text += Buffer.from(piece).toString();
    if (response.status === 500 && failures.length > 0) throw new Error(failures.splice(0).join('\n'));
    return { status: response.status, headers: response.headers, text, body: response.headers['content-type'] === 'application/json' && text.startsWith('{') && !text.includes('}\n{') ? (JSON.parse(text) as unknown) : undefined, warnings: request.warnings };
  };
  return {
    resources, clock, backend, send, failures,
    open: (method, url, body, options = {}) => resources.handle(requestOf(method, url, body, options)),
    async create(url, object) {
      const answer = await send('POST', url, object);
      if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
      return answer.body as KubeObject;
    },
    async watch(url, options = {}) {
      const response = await resources.handle(requestOf('GET', url, undefined, options));
      if (response.status !== 200) throw new Error(`${response.status} ${String(response.body)}`);
      return new WatchReader(response.body as AsyncIterable<Uint8Array>);
    },
    stop: () => resources.stop(),
  };
}
