/** All pods of the node: one worker each. Pods come from the API and from files; what the runtime runs for nobody is ended. */
import type { Pod } from '../api/core/v1/types.ts';
import { podEvent } from './events.ts';
import { annotationNames } from './names.ts';
import type { KubeletParts } from './parts.ts';
import { PodWorker, type Verdict } from './pod-worker.ts';
import type { RuntimePodBrief } from './runtime-state.ts';

/** Grace of a pod that only the runtime knows, in seconds: its deletion was asked for while the kubelet was away. */
const orphanGraceSeconds = 1;

export class PodWorkers {
  readonly #parts: KubeletParts;
  readonly #workers = new Map<string, PodWorker>();
  /** Worker that has the name at present, by `namespace/name`. */
  readonly #names = new Map<string, PodWorker>();
  #stopped = false;

  constructor(parts: KubeletParts) {
    this.#parts = parts;
  }

  get(uid: string): PodWorker | undefined {
    return this.#workers.get(uid);
  }

  byName(namespace: string, name: string): PodWorker | undefined {
    return this.#names.get(`${namespace}/${name}`);
  }

  all(): PodWorker[] {
    return [...this.#workers.values()];
  }

  /** Pods that count against the node's room. */
  active(): Pod[] {
    return this.all().filter((worker) => worker.isActive).map((worker) => worker.pod);
  }

  /** A pod that shall run here, or a newer state of it. `isKnown`: it was here before the kubelet started. */
  apply(pod: Pod, isKnown: boolean): void {
    if (this.#stopped) return;
    const existing = this.#workers.get(pod.metadata.uid!);
    if (existing) return existing.update(pod);
    const verdict = isKnown || pod.metadata.deletionTimestamp ? undefined : this.#refusal(pod);
    const worker = new PodWorker(this.#parts, pod, { done: (uid) => this.#done(uid) }, verdict ? { verdict } : {});
    this.#workers.set(worker.uid, worker);
    this.#names.set(`${pod.metadata.namespace}/${pod.metadata.name}`, worker);
    worker.poke();
  }

  #refusal(pod: Pod): Verdict | undefined {
    const over = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
    const rejection = over ? undefined : this.#parts.admit(pod);
    if (!rejection) return undefined;
    podEvent(this.#parts.context, pod, 'Warning', rejection.reason, rejection.message);
    return { phase: 'Failed', ...rejection };
  }

  /** The pod is not wanted here any more. */
  remove(uid: string): void {
    this.#workers.get(uid)?.remove();
  }

  #done(uid: string): void {
    const worker = this.#workers.get(uid);
    this.#workers.delete(uid);
    if (!worker) return;
    const key = `${worker.pod.metadata.namespace}/${worker.pod.metadata.name}`;
    if (this.#names.get(key) === worker) this.#names.delete(key);
    this.#parts.status.forget(uid);
  }

  poke(uid: string): void {
    this.#workers.get(uid)?.poke();
  }

  pokeAll(): void {
    for (const worker of this.#workers.values()) worker.poke();
  }

  /** Ends pods that run and that nobody wants: their pod was deleted while the kubelet was away. */
  endOrphans(found: Iterable<RuntimePodBrief>): void {
    for (const { uid, name, namespace } of found) {
      if (this.#workers.has(uid)) continue;
      const pod: Pod = {
        apiVersion: 'v1', kind: 'Pod',
        metadata: { name, namespace, uid, deletionTimestamp: '1970-01-01T00:00:00Z', deletionGracePeriodSeconds: orphanGraceSeconds, annotations: { [annotationNames.configSource]: 'runtime' } },
        spec: { containers: [], terminationGracePeriodSeconds: orphanGraceSeconds },
      };
      const worker = new PodWorker(this.#parts, pod, { done: (id) => this.#done(id) });
      this.#workers.set(uid, worker);
      worker.remove();
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.all().map((worker) => worker.stop()));
  }
}
