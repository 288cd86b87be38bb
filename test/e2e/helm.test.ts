import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { eventually, Kubectl, root, sharedSandbox } from './cluster.ts';

describe.skipIf(inject('skipped'))('Helm 4', () => {
  let helm: Kubectl;
  let kubectl: Kubectl;
  const chart = join(root, 'examples', 'chart');
  const namespace = 'helm';

  beforeAll(async () => {
    const sandbox = sharedSandbox(inject('sandbox'));
    helm = await Kubectl.shipped(sandbox, 'helm');
    kubectl = await Kubectl.shipped(sandbox);
    await kubectl.must(['create', 'namespace', namespace]);
  });
  afterAll(async () => {
    await kubectl?.must(['delete', 'namespace', namespace, '--timeout=90s']);
  });

  const page = async (): Promise<string> => (await kubectl.must(['-n', namespace, 'exec', 'deploy/greeter', '--', 'cat', '/www/index.html'])).trim();

  test('installs, upgrades, rolls back and uninstalls', async () => {
    expect(await helm.must(['-n', namespace, 'install', 'greeter', chart, '--wait', '--timeout', '90s'])).toContain('STATUS: deployed');
    expect(await page()).toBe('Good day');
    await helm.must(['-n', namespace, 'upgrade', 'greeter', chart, '--set', 'greeting=Good night', '--wait', '--timeout', '90s']);
    await eventually('the new page', async () => (await page()) === 'Good night');
    await helm.must(['-n', namespace, 'rollback', 'greeter', '1', '--wait', '--timeout', '90s']);
    await eventually('the old page', async () => (await page()) === 'Good day');
    expect(await helm.must(['-n', namespace, 'history', 'greeter'])).toMatch(/3\s+.*deployed/);
    await helm.must(['-n', namespace, 'uninstall', 'greeter', '--wait', '--timeout', '90s']);
    expect(await kubectl.must(['-n', namespace, 'get', 'deployments,services', '-o', 'name'])).toBe('');
  });
});
