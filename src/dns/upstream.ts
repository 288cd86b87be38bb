/** Names that are not the cluster's: asked of other servers, remembered for as long as they allow. */
import type { Host } from '../host/types.ts';
import { decodeMessage, encodeMessage, queryMessage, types, type Message, type Question } from './codec.ts';
import { frame, readFrames } from './stream.ts';

export interface UpstreamServer {
  address: string;
  port: number;
}

export interface UpstreamSettings {
  servers: readonly UpstreamServer[];
  /** How long to wait for one server. Default 2 s. */
  timeoutMs?: number;
  /** How often to go through the servers. Default 2. */
  rounds?: number;
  /** Answers kept at most. Default 10,000. */
  cacheEntries?: number;
  /** The longest time that an answer is kept, whatever it says. Default 30 s. */
  cacheMaxSeconds?: number;
  /** Questions under way at most; more are refused. Default 1,000. */
  maxConcurrent?: number;
}

interface Cached {
  message: Message;
  storedMs: number;
  ttlSeconds: number;
}

/** What the zone cannot answer. */
export interface Upstream {
  /** An answer with the flags, code and records of the server; undefined when none answered. */
  ask(question: Question, options: { dnssecOk: boolean; checkingDisabled: boolean; tcp: boolean }): Promise<Message | undefined>;
  close(): Promise<void>;
}

const ednsUdpBytes = 1232;

/** Seconds for which an answer may be kept: the least of its records; for a "no" what its SOA says; 0: not at all. */
export function cacheSeconds(message: Message, maxSeconds: number): number {
  if (message.truncated || (message.code !== 0 && message.code !== 3)) return 0;
  const records = [...message.answers, ...message.authorities, ...message.additionals];
  if (message.answers.length > 0 && message.code === 0) return Math.min(maxSeconds, ...records.map((record) => record.ttl));
  const soa = message.authorities.find((record) => record.type === types.SOA);
  if (soa === undefined || !('soa' in soa.data)) return 0;
  return Math.min(maxSeconds, soa.ttl, soa.data.soa.minimum);
}

/** The same answer some seconds later. */
export function aged(message: Message, seconds: number): Message {
  const older = (records: Message['answers']): Message['answers'] => records.map((record) => ({ ...record, ttl: Math.max(0, record.ttl - seconds) }));
  return { ...message, answers: older(message.answers), authorities: older(message.authorities), additionals: older(message.additionals) };
}

function answersQuestion(message: Message, id: number, question: Question): boolean {
  const [asked] = message.questions;
  return message.response && message.id === id && message.questions.length === 1 && asked!.type === question.type && asked!.class === question.class && asked!.name.toLowerCase() === question.name.toLowerCase();
}

type AskOptions = { dnssecOk: boolean; checkingDisabled: boolean };
type Ask = (server: UpstreamServer, question: Question, options: AskOptions) => Promise<Message | undefined>;
type OutsideWorld = Pick<Host, 'net' | 'clock' | 'random' | 'log'>;

function encodeQuery(id: number, question: Question, options: AskOptions): Uint8Array {
  return encodeMessage({ ...queryMessage(id, question, { udpBytes: ednsUdpBytes, version: 0, dnssecOk: options.dnssecOk }), checkingDisabled: options.checkingDisabled });
}

/** One question to one server by UDP and by TCP; undefined when no answer came in time. */
function askers(host: OutsideWorld, timeoutMs: number, closing: AbortSignal): { byUdp: Ask; byTcp: Ask } {
  const random = host.random.fork('dns-upstream');

  const byUdp: Ask = async (server, question, options) => {
    const id = random.int(65_536);
    const answered = Promise.withResolvers<Message | undefined>();
    // A new socket for each question: its port is one more thing that a forger must guess.
    const socket = await host.net.bindUdp({
      address: server.address.includes(':') ? '::' : '0.0.0.0',
      port: 0,
      onMessage: (bytes, port, address) => {
        if (port !== server.port || address.replace(/^::ffff:/, '') !== server.address) return;
        const message = tryDecode(bytes);
        if (message !== undefined && answersQuestion(message, id, question)) answered.resolve(message);
      },
    });
    const timer = host.clock.setTimer(() => answered.resolve(undefined), timeoutMs);
    const stop = (): void => answered.resolve(undefined);
    closing.addEventListener('abort', stop, { once: true });
    try {
      socket.send(encodeQuery(id, question, options), server.port, server.address);
      return await answered.promise;
    } finally {
      timer.cancel();
      closing.removeEventListener('abort', stop);
      await socket.close();
    }
  };

  const byTcp: Ask = async (server, question, options) => {
    const id = random.int(65_536);
    const socket = await host.net.connect({ host: server.address, port: server.port }, { timeoutMs, signal: closing });
    const timer = host.clock.setTimer(() => socket.destroy(), timeoutMs);
    socket.on('error', () => undefined);
    try {
      socket.write(frame(encodeQuery(id, question, options)));
      for await (const bytes of readFrames(socket)) {
        const message = tryDecode(bytes);
        if (message !== undefined && answersQuestion(message, id, question)) return message;
      }
      return undefined;
    } finally {
      timer.cancel();
      socket.destroy();
    }
  };
  return { byUdp, byTcp };
}

/** Answers by question, each as long as it allows, the oldest going first when there are too many. */
class AnswerCache {
  readonly #entries = new Map<string, Cached>();
  readonly #clock: Host['clock'];
  readonly #limits: { entries: number; maxSeconds: number };
  constructor(clock: Host['clock'], limits: { entries: number; maxSeconds: number }) {
    this.#clock = clock;
    this.#limits = limits;
  }
  get(key: string): Message | undefined {
    const kept = this.#entries.get(key);
    if (kept === undefined) return undefined;
    const seconds = Math.floor((this.#clock.monotonic() - kept.storedMs) / 1000);
    if (seconds < kept.ttlSeconds) return aged(kept.message, seconds);
    this.#entries.delete(key);
    return undefined;
  }
  set(key: string, message: Message): void {
    const ttlSeconds = cacheSeconds(message, this.#limits.maxSeconds);
    if (ttlSeconds <= 0) return;
    this.#entries.delete(key);
    this.#entries.set(key, { message, storedMs: this.#clock.monotonic(), ttlSeconds });
    // A Map keeps the order in which keys came.
    if (this.#entries.size > this.#limits.entries) this.#entries.delete(this.#entries.keys().next().value!);
  }
  clear(): void {
    this.#entries.clear();
  }
}

/** Asks the servers in their order, so often as the settings say; answers are kept, and the same question is asked once at a time. */
export function createUpstream(host: OutsideWorld, settings: UpstreamSettings): Upstream {
  const { servers, rounds = 2, maxConcurrent = 1_000 } = settings;
  const closing = new AbortController();
  const { byUdp, byTcp } = askers(host, settings.timeoutMs ?? 2_000, closing.signal);
  const cache = new AnswerCache(host.clock, { entries: settings.cacheEntries ?? 10_000, maxSeconds: settings.cacheMaxSeconds ?? 30 });
  const underWay = new Map<string, Promise<Message | undefined>>();

  async function askServer(server: UpstreamServer, question: Question, options: AskOptions & { tcp: boolean }): Promise<Message | undefined> {
    try {
      const message = options.tcp ? undefined : await byUdp(server, question, options);
      if (!options.tcp && !message?.truncated) return message;
      // A cut answer is asked for again, whole: it can then be kept for everybody.
      return (await byTcp(server, question, options).catch((error: unknown) => (message === undefined ? Promise.reject(error as Error) : undefined))) ?? message;
    } catch (error) {
      host.log.debug('a DNS server cannot be reached', { server: server.address, error: String(error) });
      return undefined;
    }
  }

  async function askServers(question: Question, options: AskOptions & { tcp: boolean }): Promise<Message | undefined> {
    for (let round = 0; round < rounds; round++) {
      let refusal: Message | undefined;
      for (const server of servers) {
        if (closing.signal.aborted) return undefined;
        const message = await askServer(server, question, options);
        if (message !== undefined && (message.code === 0 || message.code === 3)) return message;
        refusal ??= message;
      }
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  async function ask(question: Question, options: AskOptions & { tcp: boolean }): Promise<Message | undefined> {
    const key = `${question.name.toLowerCase()} ${question.type} ${question.class} ${options.dnssecOk} ${options.checkingDisabled}`;
    const kept = cache.get(key) ?? underWay.get(key);
    if (kept !== undefined) return await kept;
    if (underWay.size >= maxConcurrent || servers.length === 0) return undefined;
    const asking = askServers(question, options).then((message) => {
      if (message !== undefined) cache.set(key, message);
      return message;
    }).finally(() => underWay.delete(key));
    underWay.set(key, asking);
    return await asking;
  }

  return {
    ask,
    async close() {
      closing.abort();
      await Promise.allSettled(underWay.values());
      cache.clear();
    },
  };
}

function tryDecode(bytes: Uint8Array): Message | undefined {
  try {
    return decodeMessage(bytes);
  } catch {
    return undefined;
  }
}

/** Servers of a resolv.conf, at most three as every resolver takes. */
export function parseResolvConf(text: string): UpstreamServer[] {
  const servers: UpstreamServer[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*nameserver\s+(\S+)/.exec(line);
    if (match !== null && servers.length < 3) servers.push({ address: match[1]!, port: 53 });
  }
  return servers;
}
