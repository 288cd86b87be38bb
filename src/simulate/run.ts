/** One run: a cluster, a workload, a storm of faults, calm, and the question whether all is as it must be. */
import { createHash } from 'node:crypto';
import { createCheckers, type Checker, type RunningPod, type Scene } from './checkers/index.ts';
import type { Commit, State } from './commits.ts';
import { chooseFaults, heal, storm } from './faults.ts';
import type { Exchange, Watched } from './network.ts';
import type { ApiRequest } from '../client/types.ts';
import { defaultShape, type World, type WorldShape } from './world.ts';
import { act, type Workload } from './workloads/workload.ts';

export interface RunObserver {
  committed(commit: Commit): void;
  sent(request: ApiRequest, user: string): void;
  exchanged(exchange: Exchange): void;
  watched(watched: Watched): void;
  note(text: string): void;
}

/** A world that can be started and ended, and tells what runs. The composition root makes it. */
export interface RunnableWorld extends World {
  start(): Promise<void>;
  end(): Promise<void>;
  running(): readonly RunningPod[];
}

export type MakeWorld = (options: { seed: string; shape: WorldShape; observer: RunObserver }) => RunnableWorld;

export interface RunOptions {
  seed: string;
  workload: Workload;
  /** Names as `--fault` takes them. Default all. */
  faults?: readonly string[];
  /** How long the storm lasts, in virtual time. Default the workload's own. */
  durationMs?: number;
  makeWorld: MakeWorld;
  /** Told every line of the history. */
  verbose?: (line: string) => void;
}

export interface Violation {
  checker: string;
  message: string;
  atMs: number;
}

export interface RunReport {
  seed: string;
  workload: string;
  violations: Violation[];
  /** SHA-256 over every commit: the same for the same seed. */
  hash: string;
  commits: number;
  virtualMs: number;
  /** The last lines of the history. */
  last: string[];
}

/** How long after the storm all must be well, in virtual time: the longest back-offs come to 16 minutes. */
const calmLimitMs = 2_700_000;
/** How long nothing may change before the run counts as at rest. */
const restMs = 20_000;
const lookEveryMs = 5_000;
const lastLines = 60;
/** A run that has gone wrong this often tells nothing more. */
const violationsLimit = 10;

class Run implements RunObserver {
  readonly #options: RunOptions;
  readonly #checkers: Checker[] = createCheckers();
  readonly #digest = createHash('sha256');
  readonly #lines: string[] = [];
  readonly violations: Violation[] = [];
  readonly #world: RunnableWorld;
  readonly #beginMs: number;
  #commits = 0;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#world = options.makeWorld({ seed: `${options.seed}/${options.workload.name}`, shape: { ...defaultShape, ...options.workload.shape }, observer: this });
    this.#beginMs = this.#world.clock.now();
  }

  get #scene(): Scene {
    const world = this.#world;
    return { state: world.state, nowMs: () => world.clock.now(), running: () => world.running() };
  }

  #fail(checker: Checker, message: string): void {
    const atMs = this.#world.clock.now() - this.#beginMs;
    if (this.violations.length < violationsLimit) this.violations.push({ checker: checker.name, message, atMs });
    this.note(`VIOLATION (${checker.name}): ${message}`);
  }

  note(text: string): void {
    const line = `${((this.#world.clock.now() - this.#beginMs) / 1000).toFixed(3).padStart(9)} s  ${text}`;
    this.#lines.push(line);
    if (this.#lines.length > lastLines) this.#lines.shift();
    this.#options.verbose?.(line);
  }

  committed(commit: Commit): void {
    this.#commits++;
    this.#digest.update(`${commit.atMs} ${commit.revision} ${commit.type} ${commit.key}\n${JSON.stringify(commit.object)}`);
    if (commit.folder !== 'leases' && commit.folder !== 'events') this.note(`${commit.revision} ${commit.type} ${commit.key.slice('/registry/'.length)}${wordsOn(commit)}`);
    for (const checker of this.#checkers) checker.committed?.(commit, this.#scene, (message) => this.#fail(checker, message));
  }

  sent(request: ApiRequest, user: string): void {
    for (const checker of this.#checkers) checker.sent?.(request, user, this.#scene);
  }

  exchanged(exchange: Exchange): void {
    for (const checker of this.#checkers) checker.exchanged?.(exchange, this.#scene, (message) => this.#fail(checker, message));
  }

  watched(watched: Watched): void {
    for (const checker of this.#checkers) checker.watched?.(watched, this.#scene, (message) => this.#fail(checker, message));
  }

  async #drive<T>(work: Promise<T>, limitMs: number): Promise<T> {
    let isDone = false;
    const watched = work.finally(() => (isDone = true));
    watched.catch(() => undefined);
    if (!(await this.#world.clock.runUntil(() => isDone, limitMs))) throw new Error(`not done within ${limitMs / 1000} s of virtual time`);
    return watched;
  }

  /** What liveness checkers miss, now. */
  #missing(): { checker: Checker; message: string }[] {
    const found: { checker: Checker; message: string }[] = [];
    for (const checker of this.#checkers) checker.healed?.(this.#scene, (message) => found.push({ checker, message }));
    this.#options.workload.verify?.(this.#world.state, (message) => found.push({ checker: { name: this.#options.workload.name, promise: '' }, message }));
    return found;
  }

  async #calm(): Promise<void> {
    const { clock, state } = this.#world;
    const deadlineMs = clock.now() + calmLimitMs;
    for (;;) {
      await clock.advance(lookEveryMs);
      const missing = this.#missing();
      const isAtRest = clock.now() - state.lastChangeMs >= restMs;
      if (missing.length === 0 && isAtRest) return;
      if (clock.now() < deadlineMs) continue;
      for (const { checker, message } of missing) this.#fail(checker, message);
      if (!isAtRest) this.#fail({ name: 'queues go idle', promise: '' }, `objects still change ${calmLimitMs / 1000} s after the last fault: see the last lines`);
      return;
    }
  }

  async run(): Promise<RunReport> {
    const { workload, faults = ['all'], durationMs = workload.durationMs } = this.#options;
    const world = this.#world;
    try {
      await this.#drive(world.start(), 600_000);
      await this.#drive(act(world, 'nodes are there', async () => {
        if (world.state.folder('minions').size < world.nodes.length) throw new Error('not all nodes are there');
      }), 600_000);
      const end = new AbortController();
      const storming = storm(world, chooseFaults(faults), end.signal);
      const working = workload.run(world);
      this.note('the storm begins');
      await world.clock.advance(durationMs);
      end.abort();
      await this.#drive(storming, 3_600_000);
      this.note('the storm is over');
      heal(world);
      await this.#drive(working, 3_600_000);
      this.note('calm');
      await this.#calm();
    } catch (error) {
      this.#fail({ name: 'the run itself', promise: '' }, (error as Error).stack ?? String(error));
    }
    const virtualMs = world.clock.now() - this.#beginMs;
    await this.#drive(world.end(), 600_000).catch(() => undefined);
    return { seed: this.#options.seed, workload: workload.name, violations: this.violations, hash: this.#digest.digest('hex'), commits: this.#commits, virtualMs, last: this.#lines };
  }
}

function wordsOn({ folder, object, type }: Commit): string {
  if (type === 'deleted') return '';
  const { status, spec } = object as { status?: { phase?: string; replicas?: number; readyReplicas?: number }; spec?: { nodeName?: string; replicas?: number } };
  const words = folder === 'pods' ? [status?.phase, spec?.nodeName] : spec?.replicas === undefined ? [] : [`${status?.readyReplicas ?? 0}/${status?.replicas ?? 0} of ${spec.replicas}`];
  if (object.metadata.deletionTimestamp) words.push('being deleted');
  return words.length === 0 ? '' : ` (${words.filter(Boolean).join(', ')})`;
}

/** Runs one seed to its end. */
export function runSimulation(options: RunOptions): Promise<RunReport> {
  return new Run(options).run();
}

/** The line that runs the same again. */
export function replayLine(report: Pick<RunReport, 'seed' | 'workload'>, options: Pick<RunOptions, 'faults' | 'durationMs'>): string {
  const faults = options.faults && options.faults.join() !== 'all' ? ` --fault ${options.faults.join(',')}` : '';
  return `npm run sim -- --seed ${report.seed} --workload ${report.workload}${faults}${options.durationMs === undefined ? '' : ` --for ${options.durationMs / 1000}s`}`;
}

/** What went wrong, for a person: the last events, the broken promises, and the line that replays it. */
export function failureText(report: RunReport, options: Pick<RunOptions, 'faults' | 'durationMs'>): string {
  const broken = report.violations.map(({ checker, message, atMs }) => `  ${(atMs / 1000).toFixed(3)} s  ${checker}: ${message}`);
  return [`seed ${report.seed}, workload ${report.workload}:`, 'last events:', ...report.last.map((line) => `  ${line}`), 'broken:', ...broken, 'again:', `  ${replayLine(report, options)}`].join('\n');
}

export type { State };
