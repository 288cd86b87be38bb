/** Metrics that every component of a cluster has beside its own: what it is, and how its health checks have ended. */
import { Counter, MetricsRegistry } from './metrics.ts';

/** What is told of a build, in the order of the metric's labels. */
const BUILD_FACTS = ['buildDate', 'compiler', 'gitCommit', 'gitTreeState', 'gitVersion', 'goVersion', 'major', 'minor', 'platform'] as const;

/** As `/version` shows it. */
export type BuildInfo = Record<(typeof BUILD_FACTS)[number], string>;

/** Tells what the component is. */
export function tellBuild(registry: MetricsRegistry, build: BuildInfo): void {
  const labels = BUILD_FACTS.map((fact) => fact.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  const metric = registry.register(new Counter('kubernetes_build_info', 'What this server is, always 1.', labels, 'gauge'));
  registry.onScrape(() => metric.set(BUILD_FACTS.map((fact) => build[fact]), 1));
}

/** How well a component does, by itself at `/metrics/slis`. */
export class HealthIndicators {
  readonly registry = new MetricsRegistry();
  readonly #made = this.registry.register(new Counter('kubernetes_healthchecks_total', 'Health checks made, by outcome.', ['name', 'status', 'type']));
  readonly #last = this.registry.register(new Counter('kubernetes_healthcheck', 'The last outcome of each health check, 1 is well.', ['name', 'type'], 'gauge'));

  /** `type`: which page has asked (`healthz`, `livez`, `readyz`). */
  checked(name: string, type: string, isWell: boolean): void {
    this.#made.add([name, isWell ? 'success' : 'error', type]);
    this.#last.set([name, type], Number(isWell));
  }
}
