/**
 * Both back ends against the kernel, in network namespaces of the test's own: a node, a client beyond it, and two pods. The pods' servers answer with their name and the
 * address that they see. Needs root.
 */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Service } from '../api/core/v1/types.ts';
import type { EndpointSlice } from '../api/discovery/v1/types.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import type { Informer, InformerEvent, InformerFactory } from '../client/types.ts';
import { nodeHost } from '../host/node/index.ts';
import type { Child, Host } from '../host/types.ts';
import { cleanupProxy, startProxy, type ProxyMode, type RunningProxy } from './proxy.ts';

const can = process.getuid?.() === 0 && ['/usr/sbin/nft', '/usr/sbin/iptables', '/usr/sbin/conntrack', '/usr/bin/socat'].every((path) => existsSync(path));
const host = nodeHost({ logLevel: 'error' });
const tag = `kp${process.pid % 100_000}`;
const spaces = { node: `${tag}n`, client: `${tag}c`, a: `${tag}a`, b: `${tag}b` };
const addresses = { nodeIp: '192.0.2.2', client: '192.0.2.9', a: '10.1.0.1', b: '10.1.0.2' };

async function run(file: string, args: string[], input?: string): Promise<string> {
  const result = await host.exec.run(file, args, { timeoutMs: 10_000, ...(input === undefined ? {} : { input }) });
  if (result.code !== 0) throw new Error(`${file} ${args.join(' ')}: ${result.stderr || result.stdout}`);
  return result.stdout;
}
const enter = (space: string, args: string[]): [string, string[]] => ['nsenter', [`--net=/run/netns/${space}`, ...args]];

/** A Host whose tools and kernel settings are those of the node's namespace. */
function hostIn(space: string): Host {
  return {
    ...host,
    exec: { ...host.exec, run: (file, args, options) => host.exec.run(...enter(space, [file, ...args]), options) },
    disk: {
      ...host.disk,
      readText: async (path) => (path.startsWith('/proc/sys/') ? await run(...enter(space, ['cat', path])) : await host.disk.readText(path)),
      write: async (path, content) => void (await run(...enter(space, ['tee', path]), String(content))),
    },
  };
}

/** Informers over objects that the test changes. */
class Store<T extends KubeObject> {
  readonly items = new Map<string, T>();
  readonly #handlers: ((event: InformerEvent<T>) => void)[] = [];
  set(object: T): void {
    const key = object.metadata.name!;
    const old = this.items.get(key);
    this.items.set(key, object);
    for (const handler of this.#handlers) handler(old === undefined ? { type: 'added', object } : { type: 'updated', object, old });
  }
  clear(): void {
    for (const [key, object] of this.items) {
      this.items.delete(key);
      for (const handler of this.#handlers) handler({ type: 'deleted', object });
    }
  }
  informer(): Informer<T> {
    const lister = { list: () => [...this.items.values()], byKey: (key: string) => this.items.get(key), get: (_namespace: string | undefined, name: string) => this.items.get(name), byIndex: () => [] };
    return { resource: {} as Informer<T>['resource'], lister, addIndex: () => undefined, onEvent: (handler) => void this.#handlers.push(handler), hasSynced: () => true };
  }
}
const services = new Store<Service>();
const slices = new Store<EndpointSlice>();
const nodes = new Store<KubeObject>();
const ranges = new Store<KubeObject>();
const stores: Record<string, Store<never>> = { servicecidrs: ranges as never, services: services as never, endpointslices: slices as never, nodes: nodes as never };
const informers = { of: (resource: { plural: string }) => stores[resource.plural]!.informer() } as unknown as InformerFactory;

const ports = [{ name: 'tcp', port: 80, protocol: 'TCP' }, { name: 'udp', port: 80, protocol: 'UDP' }];
const portsWith = (nodePort: number): Service['spec'] => ({ type: 'NodePort', ports: ports.map((port) => ({ ...port, nodePort })) });
function put(name: string, spec: Service['spec'], endpoints: string[], status?: Service['status']): void {
  services.set({ metadata: { namespace: 'ns', name }, spec: { ports, ...spec }, ...(status ? { status } : {}) });
  putEndpoints(name, endpoints);
}
function putEndpoints(name: string, endpoints: string[]): void {
  const targets = ports.map(({ name: port, protocol }) => ({ name: port, protocol, port: 8080 }));
  slices.set({ metadata: { namespace: 'ns', name, labels: { 'kubernetes.io/service-name': name } }, addressType: 'IPv4', endpoints: endpoints.map((address) => ({ addresses: [address], nodeName: 'here' })), ports: targets });
}

const children: Child[] = [];

async function buildNetwork(): Promise<void> {
  for (const space of Object.values(spaces)) {
    await run('ip', ['netns', 'add', space]);
    await run('ip', ['-n', space, 'link', 'set', 'lo', 'up']);
  }
  for (const [space, name] of [[spaces.client, 'client'], [spaces.a, 'a'], [spaces.b, 'b']] as const) {
    await run('ip', ['-n', spaces.node, 'link', 'add', `v${name}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space]);
    await run('ip', ['-n', spaces.node, 'link', 'set', `v${name}`, 'up']);
    await run('ip', ['-n', spaces.node, 'address', 'add', `${addresses.nodeIp}/32`, 'dev', `v${name}`]);
    await run('ip', ['-n', space, 'address', 'add', `${addresses[name]}/32`, 'dev', 'eth0']);
    await run('ip', ['-n', space, 'link', 'set', 'eth0', 'up']);
    await run('ip', ['-n', space, 'route', 'add', addresses.nodeIp, 'dev', 'eth0']);
    await run('ip', ['-n', space, 'route', 'add', 'default', 'via', addresses.nodeIp]);
    await run('ip', ['-n', spaces.node, 'route', 'add', addresses[name], 'dev', `v${name}`, 'src', addresses.nodeIp]);
  }
  // Requests to a cluster address must have some way to set out on; not the client's, or the kernel would send it redirects and then spare the refusals.
  await run('ip', ['-n', spaces.node, 'link', 'add', 'world', 'type', 'veth', 'peer', 'name', 'void']);
  await run('ip', ['-n', spaces.node, 'link', 'set', 'world', 'up']);
  await run('ip', ['-n', spaces.node, 'link', 'set', 'void', 'up']);
  await run('ip', ['-n', spaces.node, 'route', 'add', 'default', 'dev', 'world', 'src', addresses.nodeIp]);
  await run(...enter(spaces.node, ['tee', '/proc/sys/net/ipv4/ip_forward']), '1');
}

const echo = `const [name] = process.argv.slice(1); const seen = (a) => name + ' ' + a.replace('::ffff:', '');
require('net').createServer((s) => { s.on('error', () => {}); s.end(seen(s.remoteAddress)); }).listen(8080, '0.0.0.0');
const u = require('dgram').createSocket('udp4'); u.on('message', (m, p) => u.send(seen(p.address), p.port, p.address)); u.bind(8080);`;

async function startServers(): Promise<void> {
  for (const name of ['a', 'b'] as const) children.push(await host.exec.spawn(...enter(spaces[name], [process.execPath, '-e', echo, name])));
  for (const name of ['a', 'b'] as const) for (let i = 0; i < 50 && !(await ask('node', addresses[name], 8080)).startsWith(name); i++) await host.clock.sleep(100);
}

/** What a server answers, or how the connection failed: `refused` or `silent`. */
async function ask(from: keyof typeof spaces, address: string, port = 80, protocol: 'tcp' | 'udp' = 'tcp', more = '', connectSeconds = 1): Promise<string> {
  const target = protocol === 'tcp' ? `TCP4:${address}:${port},connect-timeout=${connectSeconds}${more}` : `UDP4:${address}:${port}${more}`;
  const result = await host.exec.run(...enter(spaces[from], ['socat', '-T', '1', '-', target]), { input: 'x', timeoutMs: connectSeconds * 1_000 + 3_000 });
  if (/refused/i.test(result.stderr)) return 'refused';
  return result.stdout === '' ? 'silent' : result.stdout;
}
async function names(count: number, one: () => Promise<string>): Promise<string[]> {
  const found = new Set<string>();
  for (let i = 0; i < count; i++) found.add((await one()).split(' ')[0]!);
  return [...found].toSorted();
}

/** All rules of the node's namespace that are not the kernel tools' empty tables. */
async function leftovers(): Promise<string[]> {
  const ruleset = await run(...enter(spaces.node, ['nft', 'list', 'ruleset']));
  return ruleset.split('\n').filter((line) => /KUBE|kube-proxy/.test(line));
}

describe.runIf(can)('in the kernel', () => {
  beforeAll(async () => {
    await buildNetwork();
    await startServers();
  }, 60_000);
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(children.map((child) => child.exited));
    for (const space of Object.values(spaces)) await run('ip', ['netns', 'delete', space]);
  });

  describe.each(['iptables', 'nftables'] as ProxyMode[])('%s', (mode) => {
    let proxy: RunningProxy;
    /** The first word of what `flow` answers, once it is `wanted` or has had time to become it. */
    const becomes = async (wanted: string, flow: () => Promise<string>): Promise<void> => {
      let answer = '';
      for (let i = 0; i < 50 && answer !== wanted; i++) {
        if (i > 0) await host.clock.sleep(100);
        answer = (await flow()).split(' ')[0]!;
      }
      expect(answer).toBe(wanted);
    };

    beforeAll(async () => {
      put('both', { clusterIP: '10.96.0.1', ...portsWith(30_001) }, [addresses.a, addresses.b]);
      put('one', { clusterIP: '10.96.0.2', ...portsWith(30_002) }, [addresses.a]);
      put('sticky', { clusterIP: '10.96.0.3', sessionAffinity: 'ClientIP' }, [addresses.a, addresses.b]);
      put('nobody', { clusterIP: '10.96.0.4', ...portsWith(30_004) }, []);
      put('local', { clusterIP: '10.96.0.5', ...portsWith(30_005), externalTrafficPolicy: 'Local' }, [addresses.b]);
      put('balancer', { clusterIP: '10.96.0.6', ...portsWith(30_006), type: 'LoadBalancer', loadBalancerSourceRanges: [`${addresses.client}/32`] }, [addresses.b], { loadBalancer: { ingress: [{ ip: '203.0.113.6' }] } });
      proxy = await startProxy({ host: hostIn(spaces.node), informers, mode, nodeName: 'here', nodeIp: addresses.nodeIp, clusterCidr: '10.1.0.0/16', serviceCidr: '10.96.0.0/16', minSyncPeriodMs: 50, healthz: { address: '127.0.0.1', port: 0 }, metrics: { address: '127.0.0.1', port: 0 } });
      await proxy.firstSync;
    });
    afterAll(async () => {
      await proxy.cleanup();
      services.clear();
      slices.clear();
      expect(await leftovers()).toEqual([]);
      expect((await run(...enter(spaces.node, ['cat', '/proc/sys/net/ipv4/conf/all/route_localnet']))).trim()).toBe('0');
    });

    test.each(['tcp', 'udp'] as const)('a cluster address reaches all endpoints, %s', async (protocol) => {
      expect(await names(12, () => ask('client', '10.96.0.1', 80, protocol))).toEqual(['a', 'b']);
    });

    test('sources: a pod keeps its address, others take the node\'s', async () => {
      expect(await ask('b', '10.96.0.2')).toBe(`a ${addresses.b}`);
      expect(await ask('b', '10.96.0.2', 80, 'udp')).toBe(`a ${addresses.b}`);
      expect(await ask('node', '10.96.0.2')).toBe(`a ${addresses.nodeIp}`);
      expect(await ask('client', '10.96.0.2')).toBe(`a ${addresses.nodeIp}`);
    });

    test('a pod reaches itself through its Service', async () => {
      expect(await ask('a', '10.96.0.2')).toBe(`a ${addresses.nodeIp}`);
      expect(await ask('a', '10.96.0.2', 80, 'udp')).toBe(`a ${addresses.nodeIp}`);
    });

    test('a node port, from the client, a pod and the node', async () => {
      expect(await ask('client', addresses.nodeIp, 30_002)).toBe(`a ${addresses.nodeIp}`);
      expect(await ask('client', addresses.nodeIp, 30_002, 'udp')).toBe(`a ${addresses.nodeIp}`);
      expect((await ask('b', addresses.nodeIp, 30_002)).split(' ')[0]).toBe('a');
      expect((await ask('node', addresses.nodeIp, 30_002)).split(' ')[0]).toBe('a');
    });

    test('a node port on 127.0.0.1 answers with iptables only, as upstream', async () => {
      expect((await ask('node', '127.0.0.1', 30_002)).split(' ')[0]).toBe(mode === 'iptables' ? 'a' : 'refused');
    });

    test('affinity: a client stays with its endpoint', async () => {
      expect((await names(8, () => ask('client', '10.96.0.3'))).length).toBe(1);
      expect((await names(8, () => ask('b', '10.96.0.3'))).length).toBe(1);
    });

    test('nobody there: refused at once', async () => {
      expect(await ask('client', '10.96.0.4')).toBe('refused');
      expect(await ask('node', '10.96.0.4')).toBe('refused');
      expect(await ask('client', addresses.nodeIp, 30_004)).toBe('refused');
    });

    test('policy Local shows the client\'s own address', async () => {
      expect(await ask('client', addresses.nodeIp, 30_005)).toBe(`b ${addresses.client}`);
    });

    test('source ranges of a balancer', async () => {
      expect(await ask('client', '203.0.113.6')).toBe(`b ${addresses.nodeIp}`);
      expect(await ask('a', '203.0.113.6')).toBe('silent');
    });

    test('a UDP client that keeps its port follows when the endpoint moves', async () => {
      const flow = (): Promise<string> => ask('client', '10.96.0.2', 80, 'udp', ',sourceport=40000,reuseaddr');
      expect((await flow()).split(' ')[0]).toBe('a');
      putEndpoints('one', [addresses.b]);
      await becomes('b', () => ask('client', '10.96.0.2'));
      await becomes('b', flow);
      putEndpoints('one', [addresses.a]);
      await becomes('a', flow);
    });

    test('an endpoint that comes ends the refusal, also for a UDP client that tried before', async () => {
      const flow = (): Promise<string> => ask('client', '10.96.0.4', 80, 'udp', ',sourceport=40001,reuseaddr');
      await flow();
      putEndpoints('nobody', [addresses.a]);
      await becomes('a', flow);
      await becomes('a', () => ask('client', addresses.nodeIp, 30_004));
      putEndpoints('nobody', []);
      await becomes('refused', () => ask('client', '10.96.0.4'));
    });

    test('a client that is quicker than the rules of a new Service is served by its second attempt', async () => {
      const early = ask('client', '10.96.0.77', 80, 'tcp', '', 15);
      // The first packet has met the range without a Service; the kernel sends the next a second later.
      await host.clock.sleep(200);
      put('new', { clusterIP: '10.96.0.77' }, [addresses.a]);
      expect((await early).split(' ')[0]).toBe('a');
    });

    test('a second proxy on the same node takes over what a killed one left', async () => {
      await proxy.stop();
      expect((await ask('client', '10.96.0.2')).split(' ')[0]).toBe('a');
      proxy = await startProxy({ host: hostIn(spaces.node), informers, mode, nodeName: 'here', nodeIp: addresses.nodeIp, clusterCidr: '10.1.0.0/16', minSyncPeriodMs: 50, syncPeriodMs: 200, healthz: { address: '127.0.0.1', port: 0 }, metrics: { address: '127.0.0.1', port: 0 } });
      await proxy.firstSync;
      expect((await ask('client', '10.96.0.2')).split(' ')[0]).toBe('a');
    });

    test('rules that somebody flushed come back', async () => {
      await run(...enter(spaces.node, ['nft', 'flush', 'ruleset']));
      for (let i = 0; i < 30 && (await ask('client', '10.96.0.2')) === 'silent'; i++) await host.clock.sleep(100);
      expect((await ask('client', '10.96.0.2')).split(' ')[0]).toBe('a');
    });
  });

  test('cleanup without a running proxy leaves nothing of either mode', async () => {
    put('both', { clusterIP: '10.96.0.1', ...portsWith(30_001) }, [addresses.a, addresses.b]);
    const options = { host: hostIn(spaces.node), informers, nodeName: 'here', nodeIp: addresses.nodeIp, healthz: { address: '127.0.0.1', port: 0 }, metrics: { address: '127.0.0.1', port: 0 } };
    for (const mode of ['iptables', 'nftables'] as const) {
      const proxy = await startProxy({ ...options, mode });
      await proxy.firstSync;
      expect((await leftovers()).some((line) => (mode === 'iptables' ? line.includes('kube-proxy') : line.includes('KUBE')))).toBe(false);
      await proxy.stop();
      expect(await leftovers()).not.toEqual([]);
    }
    await cleanupProxy(hostIn(spaces.node));
    expect(await leftovers()).toEqual([]);
  });
});
