import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { isStaticElf } from './busybox.ts';
import { pauseImage, pauseProgram } from './pause.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubets-pause-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const canRun = process.platform === 'linux' && process.arch === 'x64';

/** Runs the arm64 program's instructions until the wait, then as a signal handler would; returns the system calls made. */
function runArm64(program: Buffer): { calls: bigint[][]; exit: bigint[] } {
  const base = 0x400000;
  const registers = Array.from({ length: 31 }, () => 0n);
  const calls: bigint[][] = [];
  const stepUntil = (start: number, stop: (calls: bigint[][]) => boolean): void => {
    let pc = start;
    for (let steps = 0; steps < 100 && !stop(calls); steps++) {
      const word = program.readUInt32LE(pc - base);
      if ((word & 0xffe00000) >>> 0 === 0xd2800000) registers[word & 31] = BigInt((word >>> 5) & 0xffff);
      else if ((word & 0x9f000000) >>> 0 === 0x10000000) registers[word & 31] = BigInt(pc + (((word >>> 5) & 0x7ffff) << 2) + ((word >>> 29) & 3));
      else if (word === 0xd4000001) {
        calls.push([registers[8]!, ...registers.slice(0, 4)]);
        registers[0] = -4n;
      } else if ((word & 0xfc000000) >>> 0 === 0x14000000) {
        pc += (((word & 0x3ffffff) << 6) >> 6) * 4;
        continue;
      } else throw new Error(`unknown instruction ${word.toString(16)} at ${pc.toString(16)}`);
      pc += 4;
    }
  };
  stepUntil(Number(program.readBigUInt64LE(24)), (made) => made.length === 6);
  const action = Number(calls[1]![2]) - base;
  stepUntil(Number(program.readBigUInt64LE(action)), (made) => made.length === 7);
  return { calls, exit: calls[6]! };
}

describe('the pause program', () => {
  test.each(['amd64', 'arm64'] as const)('%s is a static ELF executable of under 512 bytes', (architecture) => {
    const program = pauseProgram(architecture);
    expect(isStaticElf(program)).toBe(true);
    expect(program.length).toBeLessThan(512);
  });

  test('arm64 installs three handlers, waits again and again, and exits with 0', () => {
    const program = pauseProgram('arm64');
    const { calls, exit } = runArm64(program);
    expect(calls.slice(0, 3).map((call) => [call[0], call[1], call[3], call[4]])).toEqual([[134n, 17n, 0n, 8n], [134n, 15n, 0n, 8n], [134n, 2n, 0n, 8n]]);
    expect(program.readBigUInt64LE(Number(calls[0]![2]) - 0x400000 + 8)).toBe(2n); // SA_NOCLDWAIT
    expect(calls.slice(3, 6)).toEqual(Array.from({ length: 3 }, () => [73n, 0n, 0n, 0n, 0n]));
    expect(exit.slice(0, 2)).toEqual([94n, 0n]);
  });

  test.runIf(canRun).each(['SIGTERM', 'SIGINT'] as const)('amd64 waits, and %s ends it with status 0', async (name) => {
    const path = join(folder, `pause-${name}`);
    writeFileSync(path, pauseProgram('amd64'), { mode: 0o755 });
    const child = spawn(path);
    const ended = new Promise<[number | null, string | null]>((resolve) => child.once('exit', (code, signal) => resolve([code, signal])));
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(child.exitCode).toBe(null);
    child.kill(name);
    expect(await ended).toEqual([0, null]);
  });

  test.runIf(canRun && process.getuid?.() === 0)('amd64 as process 1 of a PID namespace reaps orphans', async () => {
    const path = join(folder, 'pause-init');
    writeFileSync(path, pauseProgram('amd64'), { mode: 0o755 });
    // The outer unshare forks the program as process 1; a second process enters, leaves an orphan that ends, and looks for zombies.
    const child = spawn('unshare', ['--pid', '--fork', '--mount-proc', '--kill-child', path]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const init = await output('pgrep', ['-P', String(child.pid)]);
    const listing = await output('nsenter', ['-t', init.trim(), '-p', '-m', 'sh', '-c', '(sleep 0.1 &) ; sleep 0.5; ps -eo stat,comm']);
    child.kill('SIGKILL');
    expect(listing).toContain('pause-init');
    expect(listing).not.toMatch(/^Z/m);
  });

  test('the image is the same bytes each time', async () => {
    const [first, second] = [await pauseImage('amd64'), await pauseImage('amd64')];
    expect(first.archive.equals(second.archive)).toBe(true);
    expect(first.names).toEqual(['registry.k8s.io/pause:3.10.1']);
  });
});

function output(file: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args);
    let text = '';
    child.stdout.on('data', (piece: Buffer) => (text += piece.toString()));
    child.once('error', reject);
    child.once('close', () => resolve(text));
  });
}
