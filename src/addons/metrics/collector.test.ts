import { describe, expect, test } from 'vitest';
import { createClient } from '../../client/index.ts';
import { fakeApi } from '../../client/fake-api.ts';
import type { HttpRequest } from '../../host/types.ts';
import { virtualHost, type VirtualHost } from '../../simulate/virtual-host.ts';
import { Collector, firstGapMs, idleAfterMs, kubeletUrl, resolutionMs } from './collector.ts';

const node = (name: string, address: string) => ({ metadata: { name }, status: { addresses: [{ type: 'Hostname', address: name }, { type: 'InternalIP', address }], daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } } } });

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Each second of the clock a node works half a second. */
function bench() {
  const host: VirtualHost = virtualHost({ seed: 'metrics', settle });
  const api = fakeApi(host.clock);
  api.put('nodes', node('n1', '192.0.2.1'));
  api.put('nodes', node('n2', '192.0.2.2'));
  const asked: HttpRequest[] = [];
  const broken = new Set<string>();
  const net = {
    ...host.net,
    async request(request: HttpRequest) {
      asked.push(request);
      if (broken.has(new URL(request.url).hostname)) throw new Error('connection refused');
      const seconds = host.clock.now() / 2000;
      async function* body() {
        yield Buffer.from(`node_cpu_usage_seconds_total ${seconds}\nnode_memory_working_set_bytes 5\n`);
      }
      return { status: 200, headers: {}, body: body() };
    },
  };
  const collector = new Collector({ host: { ...host, net }, client: createClient(api), kubelets: async () => ({ ca: 'ca', cert: 'cert', key: 'key' }) });
  return { host, collector, asked, broken, api };
}

describe('the collector', () => {
  test('reads nothing until it is asked, twice when it is, and no more when nobody asks again', async () => {
    const { host, collector, asked } = bench();
    await host.clock.advance(10 * idleAfterMs);
    expect(asked).toHaveLength(0);
    let settled = false;
    void collector.ready().then(() => (settled = true));
    await host.clock.advance(firstGapMs - 1);
    expect([settled, asked.length]).toEqual([false, 2]);
    await host.clock.advance(10);
    expect([settled, asked.length]).toEqual([true, 4]);
    expect(collector.node('n1')).toMatchObject({ usage: { cpuNanoCores: 500_000_000, memoryBytes: 5 }, windowMs: firstGapMs });
    await host.clock.advance(resolutionMs);
    expect(collector.node('n1')).toMatchObject({ windowMs: resolutionMs });
    await host.clock.advance(2 * idleAfterMs);
    const before = asked.length;
    expect(collector.node('n1')).toBeUndefined();
    await host.clock.advance(2 * idleAfterMs);
    expect(asked).toHaveLength(before);
    void collector.ready();
    await host.clock.advance(10);
    expect(asked).toHaveLength(before + 2);
    expect(asked[0]).toMatchObject({ url: expect.stringMatching(/^https:\/\/192\.0\.2\.\d:10250\/metrics\/resource$/), tls: { ca: 'ca', cert: 'cert', key: 'key' } });
  });

  test('a node that does not answer, or has left, is told nothing of; the others are', async () => {
    const { host, collector, broken, api } = bench();
    const ready = collector.ready();
    await host.clock.advance(firstGapMs + 10);
    await ready;
    expect(collector.node('n2')).toBeDefined();
    broken.add('192.0.2.2');
    await host.clock.advance(resolutionMs);
    expect([collector.node('n1'), collector.node('n2')]).toEqual([expect.anything(), undefined]);
    broken.clear();
    await host.clock.advance(2 * resolutionMs);
    expect(collector.node('n2')).toBeDefined();
    api.remove('nodes', 'n1');
    await host.clock.advance(resolutionMs);
    expect(collector.node('n1')).toBeUndefined();
  });
});

test.each([
  ['an internal address', node('a', '192.0.2.1'), 'https://192.0.2.1:10250/metrics/resource'],
  ['IPv6', node('a', '2001:db8::1'), 'https://[2001:db8::1]:10250/metrics/resource'],
  ['none', { metadata: { name: 'a' } }, undefined],
])('where a kubelet is: %s', (_name, object, url) => {
  expect(kubeletUrl(object)).toBe(url);
});
