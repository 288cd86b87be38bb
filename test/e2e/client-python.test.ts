/** A program on the official Python client (`test/client-python`, Debian's `python3-kubernetes`): JSON over HTTP/1.1, the older WebSocket streams. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { Kubectl, root, sharedSandbox } from './cluster.ts';

const library = '/usr/lib/python3/dist-packages/kubernetes';

describe.skipIf(inject('skipped'))('the Python client', () => {
  test('every check passes', async (context) => {
    if (!existsSync(library)) {
      process.stderr.write(`\n*** THE CHECKS OF THE PYTHON CLIENT ARE SKIPPED: there is no ${library} ***\n\n`);
      return context.skip();
    }
    const sandbox = sharedSandbox(inject('sandbox'));
    const { env } = await Kubectl.shipped(sandbox);
    const result = await sandbox.run('/usr/bin/python3', [join(root, 'test/client-python/checks.py'), env['KUBECONFIG']!, 'kubets.local/busybox:1'], { timeoutMs: 5 * 60_000 });
    const lines = result.stdout.trim().split('\n');
    expect(lines.filter((line) => !line.startsWith('ok ')), result.stderr).toEqual([]);
    expect(lines.length).toBeGreaterThan(15);
    expect(result.code, result.stderr).toBe(0);
  }, 6 * 60_000);
});
