/** Two nodes in namespaces on this machine, a pod on each: addresses, routes, masquerading, and nothing left afterwards. Needs root. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Node } from '../api/core/v1/types.ts';
import type { InformerFactory } from '../client/types.ts';
import { nodeHost } from '../host/node/index.ts';
import { attempt, command, type Place } from './command.ts';
import { containerdConfig, probeContainerdSettings } from './containerd.ts';
import { createNodeNamespace, removeNodeNamespace, type NodeNamespaceOptions } from './namespace.ts';
import { prepareNodeNetwork, removeNodeNetwork } from './node.ts';
import { startRouteSync } from './routes.ts';

const can = process.getuid?.() === 0 && existsSync('/usr/lib/cni/bridge');
const host = nodeHost({ logLevel: 'error' });
const here: Place = { exec: host.exec };
const tag = `t${process.pid % 10_000}`;
const dir = mkdtempSync(join(tmpdir(), 'kubets-net-'));
const clusterCidrs = ['198.19.0.0/16'];
const options = (index: number): NodeNamespaceOptions => ({ prefix: tag, name: `${tag}-node${index}`, index, nodesCidr: '198.18.241.0/24', clusterCidrs, sysctlFile: join(dir, 'machine.json') });
const podCidr = (index: number): string => `198.19.${index}.0/24`;
const networkOptions = (index: number) => ({ prefix: tag, nodeName: `node${index}`, dir: join(dir, `node${index}`), podCidrs: [podCidr(index)], clusterCidrs, namespace: `${tag}-node${index}` });

/** Runs the plug-ins of the configuration as a runtime would. */
async function cni(action: 'ADD' | 'DEL', index: number, pod: string, hostPort: number): Promise<string> {
  const config = JSON.parse(await host.disk.readText(join(dir, `node${index}/cni/net.d/10-kubets.conflist`))) as { cniVersion: string; name: string; plugins: object[] };
  const env = { CNI_COMMAND: action, CNI_CONTAINERID: pod, CNI_NETNS: `/run/netns/${pod}`, CNI_IFNAME: 'eth0', CNI_PATH: '/usr/lib/cni' };
  let result: { ips?: { address: string }[] } | undefined;
  for (const plugin of config.plugins as { type: string }[]) {
    const input = JSON.stringify({ cniVersion: config.cniVersion, name: config.name, ...plugin, runtimeConfig: { portMappings: [{ hostPort, containerPort: 80, protocol: 'tcp' }] }, ...(result ? { prevResult: result } : {}) });
    const run = await host.exec.run('nsenter', [`--net=/run/netns/${tag}-node${index}`, `/usr/lib/cni/${plugin.type}`], { env, input });
    if (run.code !== 0) throw new Error(`${plugin.type}: ${run.stdout}${run.stderr}`);
    if (action === 'ADD') result = JSON.parse(run.stdout) as typeof result;
  }
  return result?.ips?.[0]?.address.split('/')[0] ?? '';
}

function informersOf(nodes: Node[]): InformerFactory {
  const informer = { lister: { list: () => nodes }, onEvent: () => undefined, hasSynced: () => true };
  return { of: () => informer } as unknown as InformerFactory;
}

const ping = async (from: string, to: string): Promise<number> => (await attempt({ exec: host.exec, namespace: from }, 'busybox', ['ping', '-c', '1', '-W', '2', to])).code;
const snapshot = async (): Promise<string> => `${await command(here, 'ip', ['-br', 'link'])}${await command(here, 'ip', ['route'])}${(await command(here, 'iptables-save', [])).split('\n').filter((line) => line.toLowerCase().includes(tag)).join('\n')}`;
const own = (text: string): string[] => text.split('\n').filter((line) => line.includes(tag) || line.includes('198.18.241') || line.includes('198.19.'));

describe.runIf(can)('nodes in namespaces', () => {
  const pods = [`${tag}-pod0`, `${tag}-pod1`];
  const addresses: string[] = [];
  let routes: ReturnType<typeof startRouteSync>;

  beforeAll(async () => {
    for (const index of [0, 1]) {
      await createNodeNamespace(host, options(index));
      await createNodeNamespace(host, options(index)); // again: must change nothing
      await prepareNodeNetwork(host, networkOptions(index));
      await prepareNodeNetwork(host, networkOptions(index));
      await command(here, 'ip', ['netns', 'add', pods[index]!]);
      addresses.push(await cni('ADD', index, pods[index]!, 8080));
    }
    const nodes: Node[] = [0, 1].map((index) => ({ metadata: { name: `node${index}` }, spec: { podCIDR: podCidr(index) }, status: { addresses: [{ type: 'InternalIP', address: `198.18.241.${10 + index}` }] } }));
    routes = startRouteSync(host, { informers: informersOf(nodes), clusterCidrs });
    for (let i = 0; i < 40 && own(await command(here, 'ip', ['route'])).length < 4; i++) await host.clock.sleep(50);
  });

  afterAll(async () => {
    await routes.cleanup();
    for (const index of [0, 1]) {
      await cni('DEL', index, pods[index]!, 8080);
      await command(here, 'ip', ['netns', 'delete', pods[index]!]);
      await removeNodeNetwork(host, networkOptions(index));
      await removeNodeNamespace(host, options(index), index === 1);
      await removeNodeNamespace(host, options(index), index === 1); // again: must not fail
    }
    expect(own(await snapshot())).toEqual([]);
    expect(await host.disk.list(join(dir, 'node0'))).toEqual([]);
    rmSync(dir, { recursive: true, force: true });
  });

  test.each([
    ['node to node', () => ping(`${tag}-node0`, '198.18.241.11')],
    ['node to machine', () => ping(`${tag}-node0`, '198.18.241.1')],
    ['pod to pod of the other node', () => ping(pods[0]!, addresses[1]!)],
    ['pod to machine', () => ping(pods[0]!, '198.18.241.1')],
    ['pod to the other node', () => ping(pods[1]!, '198.18.241.10')],
    ['machine to pod', async () => (await attempt(here, 'busybox', ['ping', '-c', '1', '-W', '2', addresses[0]!])).code],
  ])('%s answers', async (_name, answers) => {
    expect(await answers()).toBe(0);
  });

  test('a pod is seen by another pod under its own address, by the machine under its node\'s', async () => {
    // The server answers with the address that it sees.
    const seen = async (from: string, to: string, at: Place): Promise<string> => {
      const server = command(at, 'timeout', ['3', 'socat', 'TCP-LISTEN:8099,reuseaddr', 'SYSTEM:echo $SOCAT_PEERADDR']);
      await host.clock.sleep(300);
      const answer = await command({ exec: host.exec, namespace: from }, 'busybox', ['nc', '-w', '1', to, '8099'], 'x');
      await server;
      return answer.trim();
    };
    expect(await seen(pods[0]!, addresses[1]!, { exec: host.exec, namespace: pods[1]! })).toBe(addresses[0]);
    expect(await seen(pods[0]!, '198.18.241.1', here)).toBe('198.18.241.10');
  });

  test('containerd starts with the written configuration and finds the network', async () => {
    const root = join(dir, 'ctr');
    const socket = join(root, 'c.sock');
    await host.disk.mkdir(root);
    const settings = await probeContainerdSettings(host, root);
    const text = containerdConfig({ root: join(root, 'root'), state: join(root, 'state'), socket, cniConfDir: join(dir, 'node0/cni/net.d'), sandboxImage: 'registry.k8s.io/pause:3.10.1', ...settings });
    await host.disk.write(join(root, 'config.toml'), text);
    const daemon = await host.exec.spawn('nsenter', [`--net=/run/netns/${tag}-node0`, 'containerd', '--config', join(root, 'config.toml')], { logFile: join(root, 'log') });
    try {
      let plugins = '';
      for (let i = 0; i < 100 && !/\bcri\b.*ok/.test(plugins); i++) {
        await host.clock.sleep(50);
        plugins = (await host.exec.run('ctr', ['-a', socket, 'plugins', 'ls'])).stdout;
      }
      expect(plugins).toMatch(/\bcri\b.*ok/);
      const log = await host.disk.readText(join(root, 'log'));
      expect(log).not.toMatch(/level=error|cni config load failed|no network config found/);
    } finally {
      daemon.kill('SIGTERM');
      await daemon.exited;
    }
  });
});
