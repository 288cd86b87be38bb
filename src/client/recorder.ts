/**
 * Writes core/v1 Events: equal ones are counted up on one object, many alike are folded into one, and an object that talks too much is
 * cut short. Numbers as client-go's.
 */
import { keyOf } from '../api/meta/objects.ts';
import { isAlreadyExists, isNotFound, StatusError } from '../api/meta/status.ts';
import { formatTime } from '../api/meta/time.ts';
import type { Event } from '../api/core/v1/types.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import { Events } from '../api/resources.ts';
import type { Host } from '../host/types.ts';
import type { Client, EventRecorder, Running } from './types.ts';

/** Events that wait to be written; more are dropped, and the drop is logged. */
export const eventQueueLimit = 1_000;
/** Objects and messages that are remembered; the longest unused are forgotten. */
export const eventCacheLimit = 4_096;
/** Events alike but for their message within the interval, before they are folded into one. */
export const similarEventsLimit = 10;
export const similarEventsIntervalMs = 600_000;
/** Events that one source may write about one object at once, and how long each further one takes to earn. */
export const eventBurst = 25;
export const eventRefillMs = 300_000;
/** Attempts to write an event when the server cannot be reached, and the wait between them. */
export const eventWriteAttempts = 12;
export const eventRetryMs = 10_000;
/** Longest message of an event, in characters. */
export const eventMessageLimit = 1_024;

const combinedPrefix = '(combined from similar events): ';

/** Keeps the most recently used entries. */
class RecentMap<V> {
  readonly #entries = new Map<string, V>();

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > eventCacheLimit) this.#entries.delete(this.#entries.keys().next().value!);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}

interface Bucket {
  tokens: number;
  atMs: number;
}

interface Similar {
  messages: Set<string>;
  lastMs: number;
}

/** The event as it was written last. */
interface Written {
  name: string;
  count: number;
  firstTimestamp: string;
}

interface Occurrence {
  about: KubeObject;
  type: string;
  reason: string;
  message: string;
  atMs: number;
}

class Recorder implements EventRecorder, Running {
  readonly #host: Host;
  readonly #client: Client;
  readonly #component: string;
  readonly #random: Host['random'];
  readonly #buckets = new RecentMap<Bucket>();
  readonly #similar = new RecentMap<Similar>();
  readonly #written = new RecentMap<Written>();
  readonly #abort = new AbortController();
  #waiting: Occurrence[] = [];
  #dropped = 0;
  #writer: Promise<void> | undefined;

  constructor(host: Host, client: Client, component: string) {
    this.#host = host;
    this.#client = client;
    this.#component = component;
    this.#random = host.random.fork(`events/${component}`);
  }

  event(about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    if (this.#abort.signal.aborted) return;
    if (this.#waiting.length >= eventQueueLimit) {
      this.#dropped++;
      return;
    }
    this.#waiting.push({ about, type, reason, message: message.slice(0, eventMessageLimit), atMs: this.#host.clock.now() });
    this.#begin();
  }

  #begin(): void {
    this.#writer ??= this.#write().finally(() => {
      this.#writer = undefined;
      // What came in while the writer was ending.
      if (this.#waiting.length > 0 && !this.#abort.signal.aborted) this.#begin();
    });
  }

  /** Drops what waits. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#writer;
  }

  async #write(): Promise<void> {
    // The writer begins after the caller is done: an event never slows down what it tells of.
    await Promise.resolve();
    while (this.#waiting.length > 0 && !this.#abort.signal.aborted) {
      const batch = this.#waiting;
      this.#waiting = [];
      for (const occurrence of batch) {
        if (this.#abort.signal.aborted) return;
        await this.#record(occurrence);
      }
      if (this.#dropped > 0) {
        this.#host.log.warn('events dropped: too many waited to be written', { component: this.#component, count: this.#dropped });
        this.#dropped = 0;
      }
    }
  }

  async #record(occurrence: Occurrence): Promise<void> {
    const { about, type, reason } = occurrence;
    const subject = [about.apiVersion, about.kind, keyOf(about), about.metadata.uid].join('|');
    const message = this.#fold(`${subject}|${type}|${reason}`, occurrence);
    if (!this.#allow(subject)) return;
    const key = [subject, type, reason, message.key].join('|');
    await this.#attempt(key, { ...occurrence, message: message.text });
  }

  /** Many messages of one kind become one event, which carries the latest text. */
  #fold(group: string, { message, atMs }: Occurrence): { key: string; text: string } {
    let similar = this.#similar.get(group);
    if (!similar || atMs - similar.lastMs > similarEventsIntervalMs) {
      similar = { messages: new Set(), lastMs: atMs };
      this.#similar.set(group, similar);
    }
    similar.lastMs = atMs;
    similar.messages.add(message);
    if (similar.messages.size < similarEventsLimit) return { key: message, text: message };
    similar.messages.delete(similar.messages.values().next().value!);
    return { key: combinedPrefix, text: `${combinedPrefix}${message}` };
  }

  #allow(subject: string): boolean {
    const now = this.#host.clock.monotonic();
    const bucket = this.#buckets.get(subject) ?? { tokens: eventBurst, atMs: now };
    bucket.tokens = Math.min(eventBurst, bucket.tokens + (now - bucket.atMs) / eventRefillMs);
    bucket.atMs = now;
    const allowed = bucket.tokens >= 1;
    if (allowed) bucket.tokens--;
    this.#buckets.set(subject, bucket);
    return allowed;
  }

  async #attempt(key: string, occurrence: Occurrence): Promise<void> {
    for (let attempt = 1; !this.#abort.signal.aborted; attempt++) {
      try {
        await this.#put(key, occurrence);
        return;
      } catch (error) {
        // The server has seen it and refuses: a namespace that is going away, a missing right. Trying again changes nothing.
        const refused = error instanceof StatusError && error.code < 500 && error.code !== 429;
        if (refused || attempt >= eventWriteAttempts) {
          this.#host.log.debug('event not written', { component: this.#component, reason: occurrence.reason, error: String((error as Error)?.message ?? error) });
          return;
        }
        await this.#host.clock.sleep(eventRetryMs * (attempt === 1 ? this.#random.next() : 1), this.#abort.signal);
      }
    }
  }

  async #put(key: string, occurrence: Occurrence): Promise<void> {
    const namespace = occurrence.about.metadata.namespace || 'default';
    const events = this.#client.of(Events).inNamespace(namespace);
    const known = this.#written.get(key);
    const at = formatTime(occurrence.atMs);
    if (known) {
      try {
        await events.patch(known.name, { count: known.count + 1, lastTimestamp: at, message: occurrence.message }, { type: 'strategic', signal: this.#abort.signal });
        this.#written.set(key, { ...known, count: known.count + 1 });
        return;
      } catch (error) {
        if (!isNotFound(error)) throw error;
        this.#written.delete(key);
      }
    }
    const event = this.#build(occurrence, namespace, known ? { ...known, count: known.count + 1 } : undefined);
    try {
      await events.create(event, { signal: this.#abort.signal });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    this.#written.set(key, { name: event.metadata.name!, count: event.count!, firstTimestamp: event.firstTimestamp! });
  }

  #build({ about, type, reason, message, atMs }: Occurrence, namespace: string, known: Written | undefined): Event {
    const at = formatTime(atMs);
    // The name's second half is the time in nanoseconds; the clock has none, so chance fills them in.
    const nanos = BigInt(Math.floor(atMs)) * 1_000_000n + BigInt(this.#random.int(1_000_000));
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${about.metadata.name}.${nanos.toString(16)}`, namespace },
      involvedObject: {
        kind: about.kind, namespace: about.metadata.namespace, name: about.metadata.name, uid: about.metadata.uid,
        apiVersion: about.apiVersion, resourceVersion: about.metadata.resourceVersion,
        ...fieldPathOf(about),
      },
      reason,
      message,
      source: { component: this.#component },
      firstTimestamp: known?.firstTimestamp ?? at,
      lastTimestamp: at,
      count: known?.count ?? 1,
      type,
      reportingComponent: this.#component,
      reportingInstance: '',
    };
  }
}

/** A part of an object, as `spec.containers{web}`, where the caller speaks of one. */
function fieldPathOf(about: KubeObject & { fieldPath?: string }): { fieldPath?: string } {
  return about.fieldPath === undefined ? {} : { fieldPath: about.fieldPath };
}

/** A recorder that writes in the background as `component` (`replicaset-controller`). What it cannot write it logs. */
export function createRecorder(host: Host, client: Client, component: string): EventRecorder & Running {
  return new Recorder(host, client, component);
}
