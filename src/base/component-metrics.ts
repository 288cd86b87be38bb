/** Metrics that every component of a cluster has beside its own: what it is, and how its health checks have ended. */
import { Counter, MetricsRegistry } from './metrics.ts';

/** As `/version` shows it. */
export interface BuildInfo {
  major: string;
  minor: string;
  gitVersion: string;
  gitCommit: string;
  gitTreeState: string;
  buildDate: string;
  goVersion: string;
  compiler: string;
  platform: string;
}

/** Tells what the component is. */
export function tellBuild(registry: MetricsRegistry, build: BuildInfo): void {
  const metric = registry.register(new Counter('kubernetes_build_info', 'What this server is, always 1.', ['build_date', 'compiler', 'git_commit', 'git_tree_state', 'git_version', 'go_version', 'major', 'minor', 'platform'], 'gauge'));
  registry.onScrape(() => metric.set([build.buildDate, build.compiler, build.gitCommit, build.gitTreeState, build.gitVersion, build.goVersion, build.major, build.minor, build.platform], 1));
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
