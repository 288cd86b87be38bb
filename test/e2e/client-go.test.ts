/** A program built on Kubernetes' own client-go (`test/client-go`): typed clients over protobuf and HTTP/2, informers, leader election, apply, exec. */
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { Kubectl, root, sharedSandbox } from './cluster.ts';
import { run } from './sandbox.ts';

const buildLimitMs = 20 * 60_000;

describe.skipIf(inject('skipped'))('client-go', () => {
  let program: string | undefined;

  beforeAll(async () => {
    const built = await run(join(root, 'scripts/client-go.sh'), [], { cwd: root, timeoutMs: buildLimitMs });
    if (built.code === 0) program = built.stdout.trim();
    // Debian's packages of it come over the network, and other systems have none.
    else if (/Could not resolve|Temporary failure|Unable to (?:fetch|locate)|(?:apt-get|apt-cache|dpkg-deb): (?:command )?not found/.test(built.stderr)) process.stderr.write(`\n*** THE CHECKS OF CLIENT-GO ARE SKIPPED: ${built.stderr.trim().split('\n').at(-1)} ***\n\n`);
    else throw new Error(`scripts/client-go.sh ended with ${built.code}: ${built.stderr}`);
  }, buildLimitMs);

  test('every check passes', async (context) => {
    if (program === undefined) return context.skip();
    const sandbox = sharedSandbox(inject('sandbox'));
    const { env } = await Kubectl.shipped(sandbox);
    const result = await sandbox.run(program, [env['KUBECONFIG']!, 'kubets.local/busybox:1'], { timeoutMs: 5 * 60_000 });
    const lines = result.stdout.trim().split('\n');
    expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([]);
    expect(lines.length).toBeGreaterThan(20);
    expect(result.code, result.stderr).toBe(0);
  }, 6 * 60_000);
});
