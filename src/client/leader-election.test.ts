import { describe, expect, test } from 'vitest';
import type { Lease } from '../api/coordination/v1/types.ts';
import { failure } from '../api/meta/status.ts';
import { turn } from '../host/node/turn.ts';
import { virtualHost } from '../simulate/virtual-host.ts';
import { createClient } from './client.ts';
import { fakeApi } from './fake-api.ts';
import { runWithLeaderElection } from './leader-election.ts';
import type { ApiRequest, Running, Transport } from './types.ts';

function setUp() {
  const host = virtualHost({ seed: 'election', settle: turn });
  const api = fakeApi(host.clock);
  const leading = new Set<string>();
  const history: string[] = [];
  const partitioned = new Set<string>();
  let most = 0;
  function stand(identity: string): Running {
    const transport: Transport = { send: (request: ApiRequest) => (partitioned.has(identity) ? Promise.reject(new Error('unreachable')) : api.send(request)) };
    return runWithLeaderElection(host, createClient(transport), {
      namespace: 'kube-system', name: 'test', identity,
      onLost: () => history.push(`lost ${identity}`),
      lead: async (signal) => {
        leading.add(identity);
        most = Math.max(most, leading.size);
        history.push(identity);
        while (!signal.aborted) await host.clock.sleep(60_000, signal);
        leading.delete(identity);
      },
    });
  }
  const lease = () => api.object<Lease>('leases', 'kube-system/test')!;
  return { host, api, leading, history, partitioned, stand, lease, most: () => most };
}

describe('leader election', () => {
  test('one leads and renews; the other stands by', async () => {
    const { host, stand, leading, lease } = setUp();
    const parts = [stand('a'), stand('b')];
    await host.clock.advance(60_000);
    expect([...leading]).toEqual(['a']);
    expect(lease().spec).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 });
    expect(Number(lease().metadata.resourceVersion)).toBeGreaterThan(25);
    for (const part of parts) await part.stop();
  });

  test('who stops gives the lease back, and the other leads within two retry periods', async () => {
    const { host, stand, leading, lease } = setUp();
    const a = stand('a');
    await host.clock.advance(5_000);
    const b = stand('b');
    await host.clock.advance(5_000);
    await a.stop();
    expect(lease().spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
    await host.clock.advance(5_000);
    expect([...leading]).toEqual(['b']);
    expect(lease().spec?.leaseTransitions).toBe(1);
    await b.stop();
  });

  test('a leader that is cut off stops before another can lead', async () => {
    const { host, stand, leading, history, partitioned, most } = setUp();
    const parts = [stand('a'), stand('b')];
    await host.clock.advance(10_000);
    partitioned.add('a');
    await host.clock.advance(40_000);
    expect(history).toEqual(['a', 'lost a', 'b']);
    expect([...leading]).toEqual(['b']);
    partitioned.delete('a');
    partitioned.add('b');
    await host.clock.advance(40_000);
    expect(history).toEqual(['a', 'lost a', 'b', 'lost b', 'a']);
    expect(most()).toBe(1);
    for (const part of parts) await part.stop();
  });

  test('a short outage of the server costs no leadership', async () => {
    const { host, api, stand, history } = setUp();
    const a = stand('a');
    await host.clock.advance(10_000);
    api.intercept = () => failure(503, 'ServiceUnavailable', 'restarting');
    await host.clock.advance(7_000);
    api.intercept = undefined;
    await host.clock.advance(60_000);
    expect(history).toEqual(['a']);
    await a.stop();
  });

  test('settings that cannot be safe are refused', () => {
    const { host, api } = setUp();
    const settings = { namespace: 'kube-system', name: 'x', identity: 'a', lead: async () => undefined };
    expect(() => runWithLeaderElection(host, createClient(api), { ...settings, leaseDurationMs: 10_000 })).toThrow('longer than the renew deadline');
    expect(() => runWithLeaderElection(host, createClient(api), { ...settings, retryPeriodMs: 9_000 })).toThrow('longer than the retry period');
  });
});
