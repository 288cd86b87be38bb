import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import type { Child, Exec, ExecOptions, ExecResult, SpawnOptions } from '../types.ts';

const defaultMaxOutputBytes = 16 * 1024 * 1024;

function exitCode(code: number | null, signal: NodeJS.Signals | null): number {
  if (code !== null) return code;
  return 128 + (signal === null ? 0 : (constants.signals[signal] ?? 0));
}

/** Keeps the first bytes of a stream up to a limit and drops the rest. */
class Collector {
  #pieces: Buffer[] = [];
  #room: number;
  constructor(maxBytes: number) {
    this.#room = maxBytes;
  }
  add(piece: Buffer): void {
    const kept = piece.subarray(0, this.#room);
    this.#room -= kept.length;
    if (kept.length > 0) this.#pieces.push(kept);
  }
  text(): string {
    return Buffer.concat(this.#pieces).toString('utf8');
  }
}

function run(file: string, args: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...args], { cwd: options.cwd, env: options.env ? { ...process.env, ...options.env } : process.env, stdio: ['pipe', 'pipe', 'pipe'] });
    const limit = options.maxOutputBytes ?? defaultMaxOutputBytes;
    const stdout = new Collector(limit);
    const stderr = new Collector(limit);
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), options.timeoutMs);
    child.stdout.on('data', (piece: Buffer) => stdout.add(piece));
    child.stderr.on('data', (piece: Buffer) => stderr.add(piece));
    // A program that ends without reading its input closes the pipe; its exit status tells what happened.
    child.stdin.on('error', () => undefined);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code: exitCode(code, signal), stdout: stdout.text(), stderr: stderr.text() });
    });
    child.stdin.end(options.input ?? '');
  });
}

function spawnChild(file: string, args: readonly string[], options: SpawnOptions = {}): Promise<Child> {
  const log = options.logFile === undefined ? undefined : openSync(options.logFile, 'a', 0o640);
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...args], {
      cwd: options.cwd,
      env: options.env ? { ...process.env, ...options.env } : process.env,
      detached: options.detached ?? false,
      stdio: ['ignore', log ?? 'ignore', log ?? 'ignore'],
    });
    if (log !== undefined) closeSync(log);
    const exited = new Promise<{ code: number }>((ended) => child.once('exit', (code, signal) => ended({ code: exitCode(code, signal) })));
    child.once('error', reject);
    child.once('spawn', () => {
      if (options.detached) child.unref();
      resolve({ pid: child.pid!, exited, kill: (signal) => void child.kill(signal) });
    });
  });
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL' | 'SIGHUP' | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as { code?: string }).code === 'ESRCH') return false;
    throw error;
  }
}

/** The machine's processes. */
export function nodeExec(): Exec {
  return { run, spawn: spawnChild, signal };
}
