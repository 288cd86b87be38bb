import { describe, expect, test } from 'vitest';
import { turn } from '../host/node/turn.ts';
import { virtualHost } from '../simulate/virtual-host.ts';
import { fakeContext } from './fake-context.ts';
import { controllers, isEnabled, startControllers } from './index.ts';

describe('the list of controllers', () => {
  const rows: [string[], boolean][] = [[['*'], true], [[], false], [['job-controller'], true], [['*', '-job-controller'], false], [['-job-controller'], false], [['*', '-namespace-controller'], true]];
  test.each(rows)('%j enables job-controller: %s', (enabled, expected) => {
    expect(isEnabled('job-controller', enabled)).toBe(expected);
  });

  test('names are unique; unknown ones are refused', () => {
    expect(new Set(controllers.map(([name]) => name)).size).toBe(controllers.length);
    const context = fakeContext(virtualHost({ seed: 'list', settle: turn }));
    expect(() => startControllers(context, ['*', '-jobs'])).toThrow('"jobs" is not in the list of known controllers');
  });

  test('all start, idle on an empty cluster, and stop', async () => {
    const host = virtualHost({ seed: 'all', settle: turn });
    const context = fakeContext(host, { clusterCidr: '10.244.0.0/16' });
    const running = startControllers(context);
    context.informers.start();
    await host.clock.advance(60_000);
    const quiet = context.api.revision;
    await host.clock.advance(600_000);
    expect(context.api.revision).toBe(quiet);
    await running.stop();
    await context.stop();
    expect(context.api.watches).toBe(0);
  });

  test('the same seed gives the same requests', async () => {
    async function history(seed: string): Promise<string> {
      const host = virtualHost({ seed, settle: turn });
      const context = fakeContext(host, { clusterCidr: '10.244.0.0/16' });
      const running = startControllers(context);
      context.informers.start();
      for (let i = 0; i < 10; i++) {
        context.api.put('namespaces', { metadata: { name: `ns${i}` } });
        context.api.put('nodes', { metadata: { name: `n${i}` } });
        await host.clock.advance(1_000);
      }
      await host.clock.advance(120_000);
      await running.stop();
      await context.stop();
      return context.api.requests.map((request) => `${request.method} ${request.path} ${String(request.body ?? '')}`).join('\n');
    }
    expect(await history('a')).toBe(await history('a'));
  });
});
