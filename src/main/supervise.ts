/** Starts the parts of a cluster as processes of their own, and waits until they say that they are ready. */
import { join } from 'node:path';
import { UserError } from '../cli/operations.ts';
import type { Host } from '../host/types.ts';
import type { Layout } from './layout.ts';
import { packageRoot } from './package.ts';
import { ProcessTable } from './processes.ts';
import { allocatorSettings, nodeFlags } from './server-flags.ts';

const pollMs = 15;

/**
 * Where Node keeps what it has compiled of the program, for the next start; it goes without where it cannot write.
 * Beside the program, so that nobody can put code there who could not change the program itself.
 */
const compiledCode = (): string => join(packageRoot(), 'node_modules', '.cache', 'kubets-code');

export interface PartRequest {
  name: string;
  /** Arguments after the program: `control-plane --data-dir …`. */
  args: readonly string[];
  /** Run inside this network namespace. */
  namespace?: string;
}

/** The newest line of a part's log that tells an error, for the person who waits for it. */
async function lastErrorOf(host: Host, logFile: string): Promise<string> {
  const text = await host.disk.readText(logFile).catch(() => '');
  const lines = text.trim().split('\n').slice(-200);
  for (const line of lines.toReversed()) {
    try {
      const { level, msg, error } = JSON.parse(line) as { level: number; msg: string; error?: string };
      if (level >= 50) return error === undefined ? msg : `${msg}: ${error}`;
    } catch {
      // Not a line of ours: a stack trace, or a library's own word.
    }
  }
  return lines.findLast((line) => /error/i.test(line))?.trim() ?? 'it left no word';
}

export class Supervisor {
  readonly table: ProcessTable;
  readonly #host: Host;
  readonly #layout: Layout;

  constructor(host: Host, layout: Layout) {
    this.#host = host;
    this.#layout = layout;
    this.table = new ProcessTable(host, layout.processes);
  }

  logFile(name: string): string {
    return join(this.#layout.logs, `${name}.log`);
  }

  /** Starts the part unless it runs already. Returns whether it was started. */
  async start(part: PartRequest): Promise<boolean> {
    if (await this.table.running(part.name)) return false;
    await this.#host.disk.mkdir(this.#layout.logs, 0o755);
    const program = process.execPath;
    const args = [...nodeFlags, process.argv[1]!, ...part.args];
    const given = Object.fromEntries(Object.entries(allocatorSettings).map(([name, value]) => [name, process.env[name] ?? value]));
    const options = { detached: true, logFile: this.logFile(part.name), env: { KUBETS_PART: part.name, ...given, NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? compiledCode() } };
    const child = part.namespace === undefined
      ? await this.#host.exec.spawn(program, args, options)
      : await this.#host.exec.spawn('nsenter', [`--net=/run/netns/${part.namespace}`, '--', program, ...args], options);
    await this.table.record(part.name, child.pid);
    return true;
  }

  /** Waits until `ready` says so. Fails at once, with the part's own last word, when the part ends before. */
  async waitUntil(part: string, ready: () => Promise<boolean>, limitMs: number): Promise<void> {
    const deadline = this.#host.clock.monotonic() + limitMs;
    for (let i = 0; ; i++) {
      if (await ready()) return;
      // Looking at the process table costs more than the probe, so not each time.
      if (i % 10 === 9 && !(await this.table.running(part))) {
        throw new UserError(`${part} has ended: ${await lastErrorOf(this.#host, this.logFile(part))}`, `its log is ${this.logFile(part)}`);
      }
      if (this.#host.clock.monotonic() > deadline) {
        throw new UserError(`${part} is not ready after ${limitMs / 1000} s: ${await lastErrorOf(this.#host, this.logFile(part))}`, `its log is ${this.logFile(part)}`);
      }
      await this.#host.clock.sleep(pollMs);
    }
  }
}
