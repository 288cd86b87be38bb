/**
 * A place for a cluster under test: a network namespace of its own ("the machine") and one beside it ("the neighbour"), joined by a
 * veth pair. Nothing listens on, or sends to, an address outside of the two.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  input?: string;
  env?: Record<string, string>;
  timeoutMs?: number;
  cwd?: string;
}

export function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Result> {
  return new Promise((resolve) => {
    const child = execFile(
      file,
      [...args],
      { env: { ...process.env, ...options.env }, cwd: options.cwd, timeout: options.timeoutMs ?? 120_000, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 255;
        resolve({ code, stdout, stderr: error !== null && typeof error.code !== 'number' ? `${stderr}${error.message}` : stderr });
      },
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}

export async function must(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await run(file, args, options);
  if (result.code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${result.code}\n${result.stdout}\n${result.stderr}`);
  return result.stdout;
}

export const machineAddress = '10.99.0.2';
export const neighbourAddress = '10.99.0.1';

export class Sandbox {
  readonly machine: string;
  readonly neighbour: string;
  readonly directory: string;
  readonly root: string;
  #children: ChildProcess[] = [];

  /** Names the sandbox; with a directory it is one that `create` has made before, in another process. */
  constructor(root: string, name: string, directory?: string) {
    this.root = root;
    this.machine = `kt-${name}-m`;
    this.neighbour = `kt-${name}-n`;
    this.directory = directory ?? mkdtempSync(join(tmpdir(), `kubets-${name}-`));
  }

  get dataDir(): string {
    return join(this.directory, 'data');
  }

  async create(): Promise<void> {
    const link = `kt${process.pid}`;
    await must('ip', ['netns', 'add', this.machine]);
    await must('ip', ['netns', 'add', this.neighbour]);
    await must('ip', ['link', 'add', `${link}0`, 'netns', this.machine, 'type', 'veth', 'peer', 'name', `${link}1`, 'netns', this.neighbour]);
    const within = (namespace: string, ...args: string[]): Promise<string> => must('ip', ['-n', namespace, ...args]);
    await within(this.machine, 'link', 'set', `${link}0`, 'name', 'eth0');
    await within(this.neighbour, 'link', 'set', `${link}1`, 'name', 'eth0');
    for (const [namespace, address] of [[this.machine, machineAddress], [this.neighbour, neighbourAddress]] as const) {
      await within(namespace, 'link', 'set', 'lo', 'up');
      await within(namespace, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
      await within(namespace, 'link', 'set', 'eth0', 'up');
    }
    await within(this.machine, 'route', 'add', 'default', 'via', neighbourAddress);
  }

  /** The arguments that run a program in the machine's network namespace. */
  enter(file: string, args: readonly string[], namespace = this.machine): [string, string[]] {
    return ['nsenter', [`--net=/run/netns/${namespace}`, '--', file, ...args]];
  }

  run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Result> {
    const [program, all] = this.enter(file, args);
    return run(program, all, { cwd: this.root, ...options });
  }

  async must(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    const [program, all] = this.enter(file, args);
    return must(program, all, { cwd: this.root, ...options });
  }

  fromNeighbour(file: string, args: readonly string[]): Promise<Result> {
    const [program, all] = this.enter(file, args, this.neighbour);
    return run(program, all);
  }

  kubets(args: readonly string[], options: RunOptions = {}): Promise<Result> {
    const [command, ...rest] = args;
    return this.run(join(this.root, 'kubets'), [command!, '--data-dir', this.dataDir, ...rest], { timeoutMs: 240_000, ...options });
  }

  /** A program that goes on while the test does; ended with the sandbox at the latest. */
  start(file: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess {
    const [program, all] = this.enter(file, args);
    const child = spawn(program, all, { env: { ...process.env, ...env }, cwd: this.root, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#children.push(child);
    return child;
  }

  async remove(): Promise<void> {
    for (const child of this.#children) if (child.exitCode === null) child.kill('SIGKILL');
    for (const namespace of [this.machine, this.neighbour]) if (existsSync(`/run/netns/${namespace}`)) await must('ip', ['netns', 'delete', namespace]);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** What a cluster must not leave behind, as sets that are compared before and after. */
export async function machineTraces(): Promise<Record<string, string[]>> {
  const lines = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter(Boolean).toSorted();
  const processes: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      // Everything that a cluster under test starts names its run directory or its sandbox's folder.
      if (/\/run\/kubets\/|\/kubets-(e2e|life|bad)/.test(command)) processes.push(command);
    } catch {
      // It ended while we looked.
    }
  }
  const cgroups = (await run('find', ['/sys/fs/cgroup', '-type', 'd', '(', '-name', 'kubets*', '-o', '-name', 'kubepods*', ')'])).stdout;
  return {
    processes: processes.toSorted(),
    mounts: lines(readFileSync('/proc/self/mountinfo', 'utf8')).map((line) => line.split(' ')[4]!).filter((path) => /kubets|containerd|netns/.test(path)),
    namespaces: existsSync('/run/netns') ? readdirSync('/run/netns').toSorted() : [],
    interfaces: lines((await run('ip', ['-o', 'link', 'show'])).stdout).map((line) => line.split(': ')[1]!.split('@')[0]!),
    rules: lines((await run('iptables-save', [])).stdout).filter((line) => /KUBE|CNI|kubets/.test(line)),
    tables: lines((await run('nft', ['list', 'tables'])).stdout).filter((line) => /kube|cni/.test(line)),
    cgroups: lines(cgroups),
    runDirectories: existsSync('/run/kubets') ? readdirSync('/run/kubets').toSorted() : [],
  };
}

/** What is there now and was not before, by kind; empty when all is as it was. */
export function leftBehind(before: Record<string, string[]>, after: Record<string, string[]>): Record<string, string[]> {
  const rows = Object.entries(after).map(([kind, things]) => [kind, things.filter((thing) => !before[kind]!.includes(thing))] as const);
  return Object.fromEntries(rows.filter(([, things]) => things.length > 0));
}
