/** `/healthz`, `/livez` and `/readyz`: named checks, each also by itself below the path. */
import { text } from '../chain/responses.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import type { ServerMetrics } from './server-metrics.ts';

export interface HealthCheck {
  name: string;
  /** Rejects or throws when all is not well. */
  check(): void | Promise<void>;
  /** Which of the three ask it; all when absent. */
  endpoints?: readonly ('healthz' | 'livez' | 'readyz')[];
}

type Endpoint = 'healthz' | 'livez' | 'readyz';

const truthy = (request: ServerRequest, name: string): boolean => request.query.has(name);

export class Health {
  readonly #checks: HealthCheck[] = [];
  readonly #metrics: ServerMetrics | undefined;

  constructor(metrics?: ServerMetrics) {
    this.#metrics = metrics;
  }

  add(...checks: HealthCheck[]): void {
    this.#checks.push(...checks);
  }

  #of(endpoint: Endpoint): HealthCheck[] {
    return this.#checks.filter((check) => check.endpoints?.includes(endpoint) ?? true);
  }

  paths(): string[] {
    return (['healthz', 'livez', 'readyz'] as const).flatMap((endpoint) => ['', ...this.#of(endpoint).map((check) => `/${check.name}`)].map((below) => `/${endpoint}${below}`));
  }

  async #run(endpoint: Endpoint, { name, check }: HealthCheck): Promise<Error | undefined> {
    let failed: Error | undefined;
    try {
      await check();
    } catch (error) {
      failed = error instanceof Error ? error : new Error(String(error));
    }
    this.#metrics?.health.set([name, endpoint], failed ? 0 : 1);
    this.#metrics?.healthChecks.add([name, failed ? 'error' : 'success', endpoint]);
    return failed;
  }

  /** Names of the checks that fail now. */
  async failing(endpoint: Endpoint): Promise<string[]> {
    const outcomes = await Promise.all(this.#of(endpoint).map(async (check) => ({ check, failed: await this.#run(endpoint, check) })));
    return outcomes.filter(({ failed }) => failed).map(({ check }) => check.name);
  }

  /** Undefined when the path is none of its own. */
  async handle(request: ServerRequest): Promise<ServerResponse | undefined> {
    const [endpoint, ...rest] = request.path.slice(1).split('/');
    if (endpoint !== 'healthz' && endpoint !== 'livez' && endpoint !== 'readyz') return undefined;
    const name = rest.join('/');
    if (rest.length > 0) return this.#single(endpoint, name);
    const excluded = new Set(request.query.getAll('exclude'));
    const outcomes = await Promise.all(this.#of(endpoint).map(async (check) => (excluded.has(check.name) ? { check, skipped: true, failed: undefined } : { check, skipped: false, failed: await this.#run(endpoint, check) })));
    const known = new Set(outcomes.map(({ check }) => check.name));
    const lines = outcomes.map(({ check, skipped, failed }) => (skipped ? `[+]${check.name} excluded: ok` : failed ? `[-]${check.name} failed: reason withheld` : `[+]${check.name} ok`));
    const unknown = [...excluded].filter((name) => !known.has(name)).toSorted();
    if (unknown.length > 0) lines.push(`warn: some health checks cannot be excluded: no matches for ${unknown.map((name) => JSON.stringify(name)).join(',')}`);
    const failed = outcomes.some((outcome) => outcome.failed);
    if (failed) return text(500, `${lines.join('\n')}\n${endpoint} check failed\n`);
    return text(200, truthy(request, 'verbose') ? `${lines.join('\n')}\n${endpoint} check passed\n` : 'ok');
  }

  async #single(endpoint: Endpoint, name: string): Promise<ServerResponse | undefined> {
    const check = this.#of(endpoint).find((c) => c.name === name);
    if (!check) return undefined;
    const failed = await this.#run(endpoint, check);
    return failed ? text(500, `internal server error: ${failed.message}\n`) : { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'ok' };
  }
}
