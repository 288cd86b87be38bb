import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { Kubectl, root, sharedSandbox } from './cluster.ts';

describe.skipIf(inject('skipped'))('@kubernetes/client-node', () => {
  test('lists, watches and execs', async () => {
    const sandbox = sharedSandbox(inject('sandbox'));
    const { env } = await Kubectl.shipped(sandbox);
    const text = await sandbox.must(process.execPath, ['--no-warnings', join(root, 'test/e2e/client-node.script.ts')], { env, timeoutMs: 60_000 });
    expect(JSON.parse(text)).toEqual({ nodes: ['node-1'], seen: ['ADDED', 'MODIFIED', 'DELETED'], output: 'from exec\n', status: 'Success' });
  });
});
