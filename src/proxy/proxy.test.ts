/** The proxy's loop on real informers, with a kernel that only takes notes. */
import { afterEach, describe, expect, test } from 'vitest';
import { fakeApi, type FakeApi } from '../client/fake-api.ts';
import { createClient, createInformers } from '../client/index.ts';
import { freePort } from '../host/node/free-port.fixture.ts';
import { nodeHost } from '../host/node/index.ts';
import type { Host } from '../host/types.ts';
import { chooseProxyMode, startProxy, type RunningProxy } from './proxy.ts';

const real = nodeHost({ logLevel: 'error' });
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

interface Kernel {
  host: Host;
  /** Texts given to `nft -f -` that changed something, without cleanups. */
  written: string[];
  failures: number;
  tools: Set<string>;
}

function kernel(): Kernel {
  const notes: Kernel = { host: real, written: [], failures: 0, tools: new Set(['nft', 'iptables', 'iptables-restore', 'iptables-save', 'conntrack']) };
  notes.host = {
    ...real,
    log: { ...real.log, error: () => undefined, warn: () => undefined, info: () => undefined, child: () => notes.host.log },
    exec: {
      ...real.exec,
      run: async (file, args, options) => {
        if (!notes.tools.has(file)) throw Object.assign(new Error(`spawn ${file} ENOENT`), { code: 'ENOENT' });
        const input = String(options?.input ?? '');
        if (args.includes('-D')) return { code: 1, stdout: '', stderr: 'no such rule' };
        if (file !== 'nft' || args[0] !== '-f') return { code: 0, stdout: '', stderr: '' };
        if (notes.failures > 0) return (notes.failures -= 1), { code: 1, stdout: '', stderr: 'Error: busy' };
        notes.written.push(input);
        return { code: 0, stdout: '', stderr: '' };
      },
    },
  };
  return notes;
}

async function start(notes: Kernel, api: FakeApi, minSyncPeriodMs = 20): Promise<RunningProxy> {
  const client = createClient(api);
  const informers = createInformers(real, client, { freeze: true });
  const none = { address: '127.0.0.1', port: 0 };
  const proxy = await startProxy({ host: notes.host, client, informers, mode: 'nftables', nodeName: 'here', nodeIp: '192.0.2.2', minSyncPeriodMs, healthz: none, metrics: none });
  informers.start();
  stops.push(() => informers.stop(), () => proxy.stop());
  return proxy;
}

const service = (name: string, clusterIP: string) => ({ metadata: { namespace: 'ns', name }, spec: { clusterIP, ports: [{ port: 80 }] } }) as never;
const until = async (done: () => boolean): Promise<void> => {
  for (let i = 0; i < 200 && !done(); i++) await real.clock.sleep(10);
  expect(done()).toBe(true);
};

test('it tells what it is, and how its health checks were', async () => {
  const client = createClient(fakeApi(real.clock));
  const informers = createInformers(real, client, { freeze: true });
  const port = await freePort();
  const build = { major: '1', minor: '36', gitVersion: 'v1.36.2', gitCommit: 'c', gitTreeState: 'clean', buildDate: 'd', goVersion: 'none', compiler: 'node', platform: 'linux/amd64' };
  const proxy = await startProxy({ host: kernel().host, client, informers, mode: 'nftables', nodeName: 'here', nodeIp: '192.0.2.2', healthz: { address: '127.0.0.1', port: 0 }, metrics: { address: '127.0.0.1', port }, build });
  informers.start();
  stops.push(() => informers.stop(), () => proxy.stop());
  const get = async (path: string): Promise<string> => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  expect(await get('/metrics')).toContain('\nkubernetes_build_info{build_date="d",compiler="node",git_commit="c",git_tree_state="clean",git_version="v1.36.2",go_version="none",major="1",minor="36",platform="linux/amd64"} 1\n');
  expect(await get('/healthz')).toBe('ok');
  expect(await get('/metrics/slis')).toContain('\nkubernetes_healthchecks_total{name="ping",status="success",type="healthz"} 1\n');
});

describe('the loop', () => {
  test('writes the whole table once, then what changed', async () => {
    const [notes, api] = [kernel(), fakeApi(real.clock)];
    api.put('services', service('one', '10.96.0.1'));
    await (await start(notes, api)).firstSync;
    expect(notes.written.at(-1)).toContain('add element ip kube-proxy no-endpoint-services { 10.96.0.1 . tcp . 80 : goto reject-chain }');
    const before = notes.written.length;
    api.put('services', service('two', '10.96.0.2'));
    await until(() => notes.written.length > before);
    expect(notes.written.at(-1)).toBe('add element ip kube-proxy no-endpoint-services { 10.96.0.2 . tcp . 80 : goto reject-chain }\nadd element ip kube-proxy cluster-ips { 10.96.0.2 }\n');
  });

  test('many changes at once are few writes', async () => {
    const [notes, api] = [kernel(), fakeApi(real.clock)];
    await (await start(notes, api, 200)).firstSync;
    const before = notes.written.length;
    for (let i = 0; i < 100; i++) api.put('services', service(`s${i}`, `10.96.1.${i}`));
    await until(() => notes.written.slice(before).join('').includes('10.96.1.99'));
    expect(notes.written.length - before).toBeLessThanOrEqual(3);
  });

  test('heartbeats of the node write nothing; its zone does not either when nothing depends on it', async () => {
    const [notes, api] = [kernel(), fakeApi(real.clock)];
    api.put('nodes', { metadata: { name: 'here' } });
    await (await start(notes, api)).firstSync;
    const before = notes.written.length;
    api.put('nodes', { metadata: { name: 'here' }, status: { conditions: [] } } as never);
    await real.clock.sleep(100);
    expect(notes.written.length).toBe(before);
  });
});

test('a failure is tried again, with the whole table', async () => {
  const [notes, api] = [kernel(), fakeApi(real.clock)];
  await (await start(notes, api)).firstSync;
  const before = notes.written.length;
  notes.failures = 1;
  api.put('services', service('one', '10.96.0.1'));
  await until(() => notes.written.length > before);
  expect(notes.written.at(-1)).toMatch(/^add table ip kube-proxy\ndelete table ip kube-proxy\n/);
});

describe('which back end', () => {
  test.each([
    ['auto, both there', 'auto', ['iptables-restore', 'nft'], 'iptables'],
    ['auto, nftables only', 'auto', ['nft'], 'nftables'],
    ['nftables wanted', 'nftables', ['iptables-restore', 'nft'], 'nftables'],
  ] as const)('%s', async (_name, mode, tools, expected) => {
    const notes = kernel();
    notes.tools = new Set(tools);
    expect(await chooseProxyMode(notes.host, mode)).toBe(expected);
  });

  test.each([['auto', 'needs the package iptables or nftables'], ['iptables', 'needs the package iptables'], ['nftables', 'needs the package nftables']] as const)('%s without its tools fails by name', async (mode, message) => {
    const notes = kernel();
    notes.tools = new Set();
    await expect(chooseProxyMode(notes.host, mode)).rejects.toThrow(message);
  });
});
