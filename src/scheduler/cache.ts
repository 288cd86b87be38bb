/**
 * The scheduler's own picture of the cluster. It runs ahead of the API: a pod is *assumed* on its node the moment that is decided, then
 * confirmed when the informer shows it bound, or forgotten when binding failed. So decisions need not wait for writes.
 */
import type { Node } from '../api/core/v1/types.ts';
import { NodeInfo } from './node-info.ts';
import type { ImageState } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import { PodIndex } from './pod-index.ts';
import type { NodeLabels } from './pod-index.ts';
import { interleaveZones, zoneOf } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';

interface Entry {
  info: NodeInfo;
  /** Neighbours in the order of change: `previous` changed later, `next` earlier. */
  previous: Entry | undefined;
  next: Entry | undefined;
}

interface Placed {
  pod: PodInfo;
  nodeName: string;
  assumed: boolean;
  /** An assumed pod whose binding was written. */
  bound: boolean;
  /** Milliseconds since 1970 after which an assumed, bound pod that no informer confirmed is dropped. */
  expiresAt: number | undefined;
}

const differs = (a: unknown, b: unknown): boolean => a !== b && JSON.stringify(a) !== JSON.stringify(b);

export interface CacheOptions {
  /** How long a bound pod may stay unconfirmed before it is dropped; 0: for ever. Default 0, as upstream's. */
  assumedTtlMs?: number;
}

export class SchedulerCache {
  readonly #entries = new Map<string, Entry>();
  readonly #pods = new Map<string, Placed>();
  readonly #images = new Map<string, ImageState>();
  readonly #assumedTtlMs: number;
  #newest: Entry | undefined;
  #generation = 0;
  /** Rises when nodes come, go or change zone: the snapshot's order is then made anew. */
  #structure = 0;
  readonly #structureSeen = new WeakMap<Snapshot, number>();
  readonly #nodeLabels: NodeLabels = { layout: 0, of: (name) => this.#entries.get(name)?.info.labels };
  readonly index = new PodIndex(this.#nodeLabels);

  constructor(options: CacheOptions = {}) {
    this.#assumedTtlMs = options.assumedTtlMs ?? 0;
  }

  get podCount(): number {
    return this.#pods.size;
  }

  get nodeCount(): number {
    let count = 0;
    for (const entry of this.#entries.values()) if (entry.info.node) count++;
    return count;
  }

  isAssumed(uid: string): boolean {
    return this.#pods.get(uid)?.assumed ?? false;
  }

  /** Whether the pod's binding is still being written. */
  isBeingBound(uid: string): boolean {
    const placed = this.#pods.get(uid);
    return placed !== undefined && placed.assumed && !placed.bound;
  }

  /** Where the pod lies in this picture. */
  nodeOf(uid: string): string | undefined {
    return this.#pods.get(uid)?.nodeName;
  }

  podsOn(nodeName: string): readonly PodInfo[] {
    return this.#entries.get(nodeName)?.info.pods ?? [];
  }

  podOf(uid: string): PodInfo | undefined {
    return this.#pods.get(uid)?.pod;
  }

  /** Counts a pod on a node ahead of the API. Throws when the pod is already somewhere. */
  assume(pod: PodInfo, nodeName: string): void {
    if (this.#pods.has(pod.uid)) throw new Error(`pod ${pod.namespace}/${pod.name} is already in the cache, so it cannot be assumed`);
    this.#place(pod, nodeName, true);
  }

  /** The binding was written: from now on an assumed pod may expire. */
  finishBinding(uid: string, now: number): void {
    const placed = this.#pods.get(uid);
    if (!placed?.assumed) return;
    placed.bound = true;
    if (this.#assumedTtlMs > 0) placed.expiresAt = now + this.#assumedTtlMs;
  }

  /** Takes an assumed pod back out; a confirmed one stays. */
  forget(uid: string): void {
    if (this.#pods.get(uid)?.assumed) this.#remove(uid);
  }

  /** Drops assumed pods whose time is over and returns them. */
  expire(now: number): PodInfo[] {
    const expired: PodInfo[] = [];
    for (const [uid, placed] of this.#pods) {
      if (!placed.assumed || placed.expiresAt === undefined || placed.expiresAt > now) continue;
      expired.push(placed.pod);
      this.#remove(uid);
    }
    return expired;
  }

  /** A bound pod as the API shows it: new, confirmed, or changed. The API is right where it and an assumption differ. */
  setPod(pod: PodInfo, nodeName: string): void {
    if (this.#pods.has(pod.uid)) this.#remove(pod.uid);
    this.#place(pod, nodeName, false);
  }

  removePod(uid: string): boolean {
    if (!this.#pods.has(uid)) return false;
    this.#remove(uid);
    return true;
  }

  setNode(node: Node): void {
    const name = node.metadata.name ?? '';
    const entry = this.#entry(name);
    const before = entry.info.node;
    if (!before || zoneOf(entry.info.labels) !== zoneOf(node.metadata.labels ?? {})) this.#structure++;
    if (!before || differs(before.metadata.labels, node.metadata.labels) || differs(before.spec, node.spec)) this.#nodeLabels.layout++;
    this.#dropImages(before);
    entry.info.setNode(node);
    entry.info.images = this.#takeImages(node);
    this.#touch(entry);
  }

  removeNode(name: string): void {
    const entry = this.#entries.get(name);
    if (!entry) return;
    this.#structure++;
    this.#nodeLabels.layout++;
    this.#dropImages(entry.info.node);
    entry.info.setNode(undefined);
    entry.info.images = new Map();
    // Pods of a node that is gone are still to be deleted one by one: the entry stays until the last has left.
    if (entry.info.pods.length === 0) this.#unlink(entry);
    else this.#touch(entry);
  }

  /** Brings a snapshot up to date, copying only nodes that changed since it was last brought up to date. */
  updateSnapshot(snapshot: Snapshot): void {
    snapshot.index = this.index;
    const restructured = this.#structureSeen.get(snapshot) !== this.#structure;
    for (let entry = this.#newest; entry && entry.info.generation > snapshot.generation; entry = entry.next) {
      const { info } = entry;
      if (!info.node) continue;
      const there = snapshot.byName.get(info.name);
      if (there) there.copyFrom(info);
      else snapshot.byName.set(info.name, info.copy());
    }
    snapshot.generation = this.#generation;
    if (snapshot.layout !== this.#nodeLabels.layout) snapshot.memo.clear();
    snapshot.layout = this.#nodeLabels.layout;
    if (!restructured) return;
    for (const name of snapshot.byName.keys()) if (!this.#entries.get(name)?.info.node) snapshot.byName.delete(name);
    // In the order in which nodes came, whatever changed last.
    snapshot.nodes = interleaveZones([...this.#entries.keys()].flatMap((name) => snapshot.byName.get(name) ?? []));
    this.#structureSeen.set(snapshot, this.#structure);
  }

  #place(pod: PodInfo, nodeName: string, assumed: boolean): void {
    const entry = this.#entry(nodeName);
    entry.info.addPod(pod);
    this.index.add(pod, nodeName);
    this.#pods.set(pod.uid, { pod, nodeName, assumed, bound: !assumed, expiresAt: undefined });
    this.#touch(entry);
  }

  #remove(uid: string): void {
    const placed = this.#pods.get(uid)!;
    this.#pods.delete(uid);
    this.index.remove(placed.pod, placed.nodeName);
    const entry = this.#entries.get(placed.nodeName);
    if (!entry) return;
    entry.info.removePod(uid);
    if (!entry.info.node && entry.info.pods.length === 0) this.#unlink(entry);
    else this.#touch(entry);
  }

  #entry(name: string): Entry {
    let entry = this.#entries.get(name);
    if (!entry) {
      entry = { info: new NodeInfo(name), previous: undefined, next: undefined };
      this.#entries.set(name, entry);
    }
    return entry;
  }

  #touch(entry: Entry): void {
    entry.info.generation = ++this.#generation;
    if (this.#newest === entry) return;
    this.#detach(entry);
    entry.next = this.#newest;
    if (this.#newest) this.#newest.previous = entry;
    this.#newest = entry;
  }

  #detach(entry: Entry): void {
    if (entry.previous) entry.previous.next = entry.next;
    if (entry.next) entry.next.previous = entry.previous;
    if (this.#newest === entry) this.#newest = entry.next;
    entry.previous = undefined;
    entry.next = undefined;
  }

  #unlink(entry: Entry): void {
    this.#detach(entry);
    this.#entries.delete(entry.info.name);
  }

  #takeImages(node: Node): Map<string, ImageState> {
    const images = new Map<string, ImageState>();
    for (const image of node.status?.images ?? []) {
      for (const name of image.names ?? []) {
        if (images.has(name)) continue;
        let state = this.#images.get(name);
        if (!state) {
          state = { sizeBytes: Number(image.sizeBytes ?? 0), nodeCount: 0 };
          this.#images.set(name, state);
        }
        state.nodeCount++;
        images.set(name, state);
      }
    }
    return images;
  }

  #dropImages(node: Node | undefined): void {
    const names = new Set((node?.status?.images ?? []).flatMap((image) => image.names ?? []));
    for (const name of names) {
      const state = this.#images.get(name);
      if (state && --state.nodeCount === 0) this.#images.delete(name);
    }
  }
}
