/** Writes pod statuses to the API: only what changed, one write a pod at a time, the newest wins, and nothing is lost while the API is away. */
import { isDeepStrictEqual } from 'node:util';
import type { Pod, PodCondition, PodStatus } from '../api/core/v1/types.ts';
import { isConflict, isNotFound } from '../api/meta/status.ts';
import { Pods } from '../api/resources.ts';
import type { KubeletContext } from './config.ts';
import { podNameOf } from './names.ts';

const retryBaseMs = 200;
const retryMaxMs = 10_000;

type Loose = Record<string, unknown>;

/** Lists that the API merges by a key; what is gone from them must be said. */
function keyedListPatch(before: readonly Loose[] | undefined, after: readonly Loose[] | undefined, key: string): Loose[] {
  const kept = new Set((after ?? []).map((item) => item[key]));
  return [...(after ?? []), ...(before ?? []).filter((item) => !kept.has(item[key])).map((item) => ({ $patch: 'delete', [key]: item[key] }))];
}

/** All of the kubelet's own conditions, if one of them changed. Those of others are not in its statuses. What a condition no longer says is taken away. */
function conditionsPatch(before: readonly PodCondition[] | undefined, after: readonly PodCondition[] | undefined): readonly Loose[] {
  const old = new Map((before ?? []).map((condition) => [condition.type, condition]));
  const isChanged = (after ?? []).some((c) => !isDeepStrictEqual(c, old.get(c.type)));
  if (!isChanged) return [];
  return after!.map((condition) => {
    const gone = Object.keys(old.get(condition.type) ?? {}).filter((name) => !(name in condition));
    return { ...condition, ...Object.fromEntries(gone.map((name) => [name, null])) };
  });
}

/** The strategic merge patch from one status to another; undefined when they are the same. Fields that the kubelet does not know stay. */
export function statusPatch(before: PodStatus | undefined, after: PodStatus): Loose | undefined {
  const patch: Loose = {};
  const old = (before ?? {}) as Loose;
  const next = after as Loose;
  for (const name of Object.keys(next)) {
    if (name === 'conditions' || isDeepStrictEqual(old[name], next[name])) continue;
    patch[name] = name === 'podIPs' || name === 'hostIPs' ? keyedListPatch(old[name] as Loose[] | undefined, next[name] as Loose[], 'ip') : next[name];
  }
  for (const name of ['reason', 'message']) if (old[name] !== undefined && next[name] === undefined) patch[name] = null;
  const conditions = conditionsPatch(before?.conditions, after.conditions);
  if (conditions.length > 0) patch.conditions = conditions;
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** Whether `a` is a later state of the object than `b`. Versions of one object compare as numbers. */
export function isNewer(a: Pod, b: Pod): boolean {
  const [left, right] = [a.metadata.resourceVersion ?? '', b.metadata.resourceVersion ?? ''];
  if (!/^\d+$/.test(left) || !/^\d+$/.test(right)) return true;
  return BigInt(left) > BigInt(right);
}

interface Entry {
  /** The object in the API that carries the status (a mirror for a static pod). */
  target: Pod;
  wanted: PodStatus;
  sending: Promise<void> | undefined;
  gone: boolean;
  /** What was written last, and what object came of it: a server that takes it and does not show it is not asked for ever. */
  written?: { patch: string; version: string | undefined };
}

export class StatusManager {
  readonly #context: KubeletContext;
  /** The newest known API object of a pod, by the pod's uid. */
  readonly #apiPod: (uid: string) => Pod | undefined;
  /** Takes the answer to a write, which is news before the watch brings it. */
  readonly #observed: (uid: string, pod: Pod) => void;
  readonly #entries = new Map<string, Entry>();
  readonly #abort = new AbortController();

  constructor(context: KubeletContext, apiPod: (uid: string) => Pod | undefined, observed: (uid: string, pod: Pod) => void) {
    this.#context = context;
    this.#apiPod = apiPod;
    this.#observed = observed;
  }

  /** Has the status written, soon. */
  set(uid: string, wanted: PodStatus): void {
    const target = this.#apiPod(uid);
    const entry = this.#entries.get(uid);
    if (!target) {
      // A static pod's mirror is not there yet: remember what it shall say.
      if (entry) entry.wanted = wanted;
      else this.#entries.set(uid, { target: { metadata: {} } as Pod, wanted, sending: undefined, gone: true });
      return;
    }
    if (entry && !entry.gone && entry.target.metadata.uid === target.metadata.uid) entry.wanted = wanted;
    else this.#entries.set(uid, { target, wanted, sending: undefined, gone: false });
    this.#kick(uid);
  }

  /** The API's object was seen: writes again what it does not show. */
  refresh(uid: string): void {
    const entry = this.#entries.get(uid);
    const target = this.#apiPod(uid);
    if (entry && target && (entry.gone || entry.target.metadata.uid !== target.metadata.uid)) this.set(uid, entry.wanted);
    else if (entry && target) this.#kick(uid);
  }

  get(uid: string): PodStatus | undefined {
    return this.#entries.get(uid)?.wanted;
  }

  /** Resolves when the API shows the status that was last set, or the pod is gone. */
  async flushed(uid: string): Promise<void> {
    await this.#entries.get(uid)?.sending;
  }

  forget(uid: string): void {
    this.#entries.delete(uid);
  }

  async stop(): Promise<void> {
    // What is being written gets a moment: the last words of pods that ended just now.
    const written = new AbortController();
    await Promise.race([Promise.all([...this.#entries.values()].map((e) => e.sending)), this.#context.host.clock.sleep(1_000, written.signal)]);
    written.abort();
    this.#abort.abort();
    await Promise.all([...this.#entries.values()].map((e) => e.sending));
  }

  #kick(uid: string): void {
    const entry = this.#entries.get(uid)!;
    entry.sending ??= this.#send(uid, entry).finally(() => (entry.sending = undefined));
  }

  async #send(uid: string, entry: Entry): Promise<void> {
    const { host } = this.#context;
    for (let retryMs = retryBaseMs; !entry.gone && !this.#abort.signal.aborted; ) {
      const patch = statusPatch((this.#apiPod(uid) ?? entry.target).status, entry.wanted);
      const text = JSON.stringify(patch);
      const version = this.#apiPod(uid)?.metadata.resourceVersion;
      if (!patch || (entry.written?.patch === text && entry.written.version === version)) return;
      try {
        await this.#write(uid, entry, patch);
        entry.written = { patch: text, version: this.#apiPod(uid)?.metadata.resourceVersion };
        retryMs = retryBaseMs;
      } catch (error) {
        if (isNotFound(error) || isConflict(error)) {
          entry.gone = true;
          return;
        }
        if (this.#abort.signal.aborted) return;
        host.log.warn('pod status not written yet', { pod: podNameOf(entry.target), error: String((error as Error)?.message ?? error) });
        await host.clock.sleep(retryMs, this.#abort.signal);
        retryMs = Math.min(retryMs * 2, retryMaxMs);
      }
    }
  }

  async #write(uid: string, entry: Entry, patch: Loose): Promise<void> {
    const { namespace, name, uid: targetUid } = entry.target.metadata;
    const body = { metadata: { uid: targetUid }, status: patch };
    const written = await this.#context.client.of(Pods).inNamespace(namespace!).patch(name!, body, { type: 'strategic', subresource: 'status', signal: this.#abort.signal });
    if (written.metadata.uid === targetUid) this.#observed(uid, written);
    else entry.gone = true;
  }
}
