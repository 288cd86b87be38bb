/** The answer to `/metrics/probes`: how the probes of this node's containers have ended. */
import { Counter, MetricsRegistry } from '../../base/metrics.ts';
import type { Pod } from '../../api/core/v1/types.ts';

const results = { success: 'successful', failure: 'failed' } as const;

/** Counts the probes of pods for as long as the pods are there. */
export class ProbeMetrics {
  readonly registry = new MetricsRegistry();
  readonly #probes = this.registry.register(new Counter('prober_probe_total', 'Cumulative number of a liveness, readiness or startup probe for a container by result.', ['container', 'namespace', 'pod', 'pod_uid', 'probe_type', 'result']));
  /** What has been counted of a pod, by its uid and then by container, kind and result. */
  readonly #ofPod = new Map<string, Map<string, string[]>>();

  /** `kind` is `Liveness`, `Readiness` or `Startup`. A probe that could not be carried out has found out nothing, and is not counted. */
  ended({ metadata: { name = '', namespace = '', uid = '' } }: Pod, container: string, kind: string, result: 'success' | 'failure'): void {
    const key = `${container}/${kind}/${result}`;
    const known = this.#ofPod.get(uid)?.get(key);
    if (known) return this.#probes.add(known);
    const labels = [container, namespace, name, uid, kind, results[result]];
    const ofPod = this.#ofPod.get(uid) ?? new Map<string, string[]>();
    this.#ofPod.set(uid, ofPod.set(key, labels));
    this.#probes.add(labels);
  }

  forgetPod(uid: string): void {
    for (const labels of this.#ofPod.get(uid)?.values() ?? []) this.#probes.forget(labels);
    this.#ofPod.delete(uid);
  }

  text(): string {
    return this.registry.text();
  }
}
