/** The one cluster that most end-to-end tests share, and the real clients that talk to it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findClient } from '../../src/main/kubectl.ts';
import { Sandbox, type Result, type RunOptions } from './sandbox.ts';

export const root = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');

/** Why end-to-end tests cannot run here; undefined when they can. */
export function cannotRun(): string | undefined {
  if (process.platform !== 'linux') return 'they need Linux';
  if (process.getuid?.() !== 0) return 'they need root';
  const missing = ['containerd', 'runc', 'iptables', 'nft', 'ip', 'nsenter'].filter((p) => !['/usr/bin', '/usr/sbin', '/sbin', '/bin'].some((d) => existsSync(join(d, p))));
  return missing.length > 0 ? `missing programs: ${missing.join(', ')}` : undefined;
}

/** kubectl (or helm) run inside the sandbox's machine, against its cluster. */
export class Kubectl {
  readonly sandbox: Sandbox;
  readonly program: string;
  readonly kubeconfig: string;

  constructor(sandbox: Sandbox, program: string) {
    this.sandbox = sandbox;
    this.program = program;
    this.kubeconfig = join(sandbox.dataDir, 'admin.kubeconfig');
  }

  static async shipped(sandbox: Sandbox, program: 'kubectl' | 'helm' = 'kubectl'): Promise<Kubectl> {
    return new Kubectl(sandbox, await findClient(program, true));
  }

  get env(): Record<string, string> {
    const home = join(this.sandbox.directory, 'home');
    return { KUBECONFIG: this.kubeconfig, HOME: home, HELM_CACHE_HOME: join(home, 'helm'), HELM_CONFIG_HOME: join(home, 'helm'), HELM_DATA_HOME: join(home, 'helm') };
  }

  run(args: readonly string[], options: RunOptions = {}): Promise<Result> {
    return this.sandbox.run(this.program, args, { ...options, env: { ...this.env, ...options.env } });
  }

  must(args: readonly string[], options: RunOptions = {}): Promise<string> {
    return this.sandbox.must(this.program, args, { ...options, env: { ...this.env, ...options.env } });
  }

  apply(manifest: object | string, namespace = 'default'): Promise<string> {
    return this.must(['apply', '-n', namespace, '-f', '-'], { input: typeof manifest === 'string' ? manifest : JSON.stringify(manifest) });
  }

  async json<T>(args: readonly string[]): Promise<T> {
    return JSON.parse(await this.must([...args, '-o', 'json'])) as T;
  }
}

/** The cluster that the global set-up brought up. */
export function sharedSandbox(provided: { name: string; directory: string } | undefined): Sandbox {
  if (!provided) throw new Error('there is no shared cluster');
  return new Sandbox(root, provided.name, provided.directory);
}

/** Waits until `probe` returns something, or throws its last error. */
export async function eventually<T>(what: string, probe: () => Promise<T | undefined | false>, limitMs = 60_000): Promise<T> {
  const deadline = Date.now() + limitMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}${last === undefined ? '' : `: ${String(last)}`}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
