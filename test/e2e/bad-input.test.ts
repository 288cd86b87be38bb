/** Wrong words, wrong places, missing rights: one clear line, an exit code, and nothing lost. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { root } from './cluster.ts';
import { run } from './sandbox.ts';

describe('bad input to the command line', () => {
  let directory: string;
  const kubets = (...args: string[]) => run(join(root, 'kubets'), args, { cwd: root, timeoutMs: 60_000 });

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'kubets-bad-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test.each([
    ['an unknown command', ['fly'], /unknown command 'fly'/],
    ['an unknown flag', ['up', '--wings'], /unknown option '--wings'/],
    ['a runtime that is none', ['up', '--runtime', 'steam'], /steam.*containerd, hollow/],
    ['a number of nodes that is none', ['up', '--nodes', 'many'], /--nodes: invalid value "many"/],
    ['a range that is none', ['up', '--runtime', 'hollow', '--service-cidr', 'everything'], /--service-cidr: invalid value "everything"/],
    ['reset without yes', ['reset'], /add --yes/],
    ['a component without its kubeconfig', ['scheduler'], /--kubeconfig is required/],
  ] as [string, string[], RegExp][])('%s', async (_name, args, expected) => {
    const withDirectory = args[0] === 'up' || args[0] === 'reset' ? [...args, '--data-dir', join(directory, 'none')] : args;
    const result = await kubets(...withDirectory);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(expected);
  });

  test('a data directory without a cluster', async () => {
    const result = await kubets('status', '--data-dir', join(directory, 'nothing'));
    expect([result.code, result.stderr]).toEqual([1, expect.stringMatching(/there is no cluster in/)]);
  });

  test('a data directory that cannot be made', async () => {
    writeFileSync(join(directory, 'file'), '');
    const result = await kubets('up', '--runtime', 'hollow', '--data-dir', join(directory, 'file', 'below'));
    expect([result.code, result.stderr]).toEqual([1, expect.stringMatching(/cannot be written: .*\n\s+choose another with --data-dir/)]);
  });

  test('a port in use', async () => {
    const server = createServer().listen(0, '0.0.0.0');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    try {
      const result = await kubets('up', '--runtime', 'hollow', '--port', String(port), '--data-dir', join(directory, 'port'));
      expect([result.code, result.stderr]).toEqual([1, expect.stringMatching(new RegExp(`port ${port} is in use`))]);
    } finally {
      server.close();
    }
  });

  test.skipIf(inject('skipped'))('a machine without control groups', async () => {
    const without = 'mount -t tmpfs tmpfs /sys/fs/cgroup && exec "$0" up --data-dir "$1"';
    const result = await run('unshare', ['--mount', 'sh', '-c', without, join(root, 'kubets'), join(directory, 'no-cgroups')], { cwd: root });
    expect([result.code, result.stderr]).toEqual([1, expect.stringMatching(/no control groups are mounted at \/sys\/fs\/cgroup\n\s+mount them/)]);
    expect(existsSync(join(directory, 'no-cgroups'))).toBe(false);
  });

  test.skipIf(inject('skipped'))('a missing package: what for, how to get it, and nothing is installed against the user\'s word', async () => {
    // In a mount namespace of its own, a program hides behind a file that cannot be run.
    const hidden = 'mount --bind /dev/null /usr/bin/containerd && exec "$0" up --no-install --data-dir "$1"';
    const result = await run('unshare', ['--mount', 'sh', '-c', hidden, join(root, 'kubets'), join(directory, 'missing')], { cwd: root });
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/missing containerd: runs the containers \(package containerd\)/);
    expect(result.stderr).toMatch(/not installing \(--no-install\)\. Run: apt-get install --no-install-recommends containerd$/m);
    expect(existsSync(join(directory, 'missing'))).toBe(false);
  });

  test('a damaged cluster file, and a corrupt store', async () => {
    const dataDir = join(directory, 'damaged');
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'cluster.json'), '{');
    expect((await kubets('status', '--data-dir', dataDir)).stderr).toMatch(/is damaged: it is not JSON/);
    const corrupt = join(directory, 'corrupt');
    mkdirSync(join(corrupt, 'store'), { recursive: true });
    writeFileSync(join(corrupt, 'store', 'data.mdb'), 'this is no database');
    const result = await kubets('up', '--runtime', 'hollow', '--port', '17553', '--data-dir', corrupt);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/control-plane has ended: .*store/);
  });
});
