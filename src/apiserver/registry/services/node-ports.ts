/**
 * Which node ports are taken: one bitmap in the store, which all API servers of a cluster (upstream's too) change by compare-and-swap. What
 * waits at the same time shares one write.
 */
import { Buffer } from 'node:buffer';
import { decodeProtobuf } from '../../../api/protobuf/decode.ts';
import { isProtobuf } from '../../../api/protobuf/envelope.ts';
import { failure } from '../../../api/meta/status.ts';
import type { RangeAllocation } from '../../../api/core/v1/types.ts';
import type { KubeObject } from '../../../api/meta/v1/types.ts';
import type { Random } from '../../../host/types.ts';
import type { Backend, Entry, Revision } from '../../../store/backend.ts';
import { encodeStored, storedFormOf, type StorageEncoding } from '../../cache/stored.ts';
import { REGISTRY_PREFIX } from '../../cache/feed.ts';
import { Bitmap } from './bitmap.ts';
import { freePlace, reservedPart } from './ranges.ts';

export const NODE_PORTS_KEY = `${REGISTRY_PREFIX}ranges/servicenodeports`;

const SCHEMA = 'io.k8s.api.core.v1.RangeAllocation';
/** Times that other servers may write in between. */
const ATTEMPTS = 32;
/** Upstream's bitmap says nothing of who wrote it; this tells two writers of the same bits apart when an answer is lost. */
const WRITER_ANNOTATION = 'kubets.dev/writer';

/** What is asked of the bitmap: works on it, and answers whether it changed. */
type Step = (bitmap: Bitmap) => boolean;

interface Waiting {
  step: Step;
  resolve: () => void;
  reject: (error: unknown) => void;
}

export interface NodePortsOptions {
  backend: Backend;
  random: Random;
  range: { from: number; to: number };
  encoding: StorageEncoding;
}

export class NodePorts {
  readonly range: { from: number; to: number };
  readonly #options: NodePortsOptions;
  readonly #size: number;
  readonly #reserved: number;
  #queue: Waiting[] = [];
  #working = false;
  /** As last seen; another server may have written since. */
  #known: { bitmap: Bitmap; revision: Revision; object: RangeAllocation | undefined } | undefined;

  constructor(options: NodePortsOptions) {
    this.#options = options;
    this.range = options.range;
    this.#size = options.range.to - options.range.from + 1;
    this.#reserved = reservedPart(this.#size, 16, 32, 128);
  }

  has(port: number): boolean {
    return port >= this.range.from && port <= this.range.to;
  }

  /** Takes a free port, and perhaps more of them. Rejects with StatusError 500 when there is none. */
  async takeAny(dryRun: boolean): Promise<number> {
    let port: number | undefined;
    await this.#change((bitmap) => {
      const offset = freePlace(this.#size, this.#reserved, this.#options.random, (place) => !bitmap.has(place));
      port = offset === undefined ? undefined : this.range.from + offset;
      if (offset !== undefined && !dryRun) bitmap.set(offset, true);
      return offset !== undefined && !dryRun;
    });
    if (port === undefined) throw failure(500, 'InternalError', 'Internal error occurred: failed to allocate a nodePort: range is full');
    return port;
  }

  /** Takes that port of the range; false when it is taken. */
  async take(port: number, dryRun: boolean): Promise<boolean> {
    let free = false;
    await this.#change((bitmap) => {
      free = !bitmap.has(port - this.range.from);
      if (free && !dryRun) bitmap.set(port - this.range.from, true);
      return free && !dryRun;
    });
    return free;
  }

  async release(ports: readonly number[]): Promise<void> {
    const places = ports.filter((port) => this.has(port)).map((port) => port - this.range.from);
    if (places.length === 0) return;
    await this.#change((bitmap) => {
      const held = places.filter((place) => bitmap.has(place));
      for (const place of held) bitmap.set(place, false);
      return held.length > 0;
    });
  }

  /** Ports that are marked as taken. */
  async taken(): Promise<number[]> {
    let ports: number[] = [];
    await this.#change((bitmap) => {
      ports = bitmap.members(this.#size).map((place) => place + this.range.from);
      return false;
    });
    return ports;
  }

  /** Marks ports as taken that services have. Resolves to those that were not marked. */
  async restore(ports: readonly number[]): Promise<number[]> {
    let missing: number[] = [];
    await this.#change((bitmap) => {
      missing = ports.filter((port) => this.has(port) && !bitmap.has(port - this.range.from));
      for (const port of missing) bitmap.set(port - this.range.from, true);
      return missing.length > 0;
    });
    return missing;
  }

  #change(step: Step): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ step, resolve, reject });
      if (this.#working) return;
      this.#working = true;
      queueMicrotask(() => void this.#work());
    });
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0) {
      const waiting = this.#queue.splice(0);
      try {
        await this.#apply(waiting);
        for (const one of waiting) one.resolve();
      } catch (error) {
        this.#known = undefined;
        for (const one of waiting) one.reject(error);
      }
    }
    this.#working = false;
  }

  async #apply(waiting: readonly Waiting[]): Promise<void> {
    const { backend } = this.#options;
    // What is only looked at must be looked at in the store: another server may have changed it.
    let known = this.#known ?? this.#read(await backend.get(NODE_PORTS_KEY));
    let fresh = this.#known === undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const bitmap = known.bitmap.copy();
      let changed = false;
      for (const one of waiting) changed = one.step(bitmap) || changed;
      if (!changed) {
        if (fresh) {
          this.#known = known;
          return;
        }
        known = this.#read(await backend.get(NODE_PORTS_KEY));
        fresh = true;
        continue;
      }
      const value = this.#encode(bitmap, known.object);
      const result = await backend.commit(known.revision === 0 ? { type: 'create', key: NODE_PORTS_KEY, value } : { type: 'update', key: NODE_PORTS_KEY, value, expected: known.revision });
      if (result.ok) {
        this.#known = { bitmap, revision: result.revision, object: known.object };
        return;
      }
      known = this.#read(result.actual);
      fresh = true;
    }
    throw failure(500, 'InternalError', 'Internal error occurred: failed to allocate a nodePort: other servers changed the range too often');
  }

  #read(entry: Entry | undefined): { bitmap: Bitmap; revision: Revision; object: RangeAllocation | undefined } {
    if (entry === undefined) return { bitmap: new Bitmap(), revision: 0, object: undefined };
    const bytes = Buffer.from(entry.value.buffer, entry.value.byteOffset, entry.value.byteLength);
    const object = isProtobuf(bytes) ? decodeProtobuf<RangeAllocation>(SCHEMA, bytes) : (JSON.parse(bytes.toString()) as RangeAllocation);
    const range = `${this.range.from}-${this.range.to}`;
    if (object.range !== '' && object.range !== range) {
      // Another range was in use before: what lies in both stays taken.
      return { bitmap: Bitmap.read(object.data ?? '').moved(Number(object.range.split('-')[0]) - this.range.from, this.#size), revision: entry.modRevision, object };
    }
    return { bitmap: Bitmap.read(object.data ?? ''), revision: entry.modRevision, object };
  }

  #encode(bitmap: Bitmap, before: RangeAllocation | undefined): Buffer {
    const form = storedFormOf({ kind: 'RangeAllocation', group: '', version: 'v1', schema: SCHEMA }, this.#options.encoding);
    const metadata = { ...before?.metadata, annotations: { ...before?.metadata?.annotations, [WRITER_ANNOTATION]: this.#options.random.uuid() } };
    return encodeStored(form, { metadata, range: `${this.range.from}-${this.range.to}`, data: bitmap.write() } as unknown as KubeObject);
  }
}
