import { describe, expect, test } from 'vitest';
import type { Node } from '../api/core/v1/types.ts';
import { cniConfig } from './cni.ts';
import { containerdConfig } from './containerd.ts';
import { firewallIptables, firewallNftables } from './firewall.ts';
import { hostPortCleanup } from './hostports.ts';
import { describeNodeNamespace } from './namespace.ts';
import { nodeNetworkPaths } from './node.ts';
import { decideRoutes, wantedRoutes } from './routes.ts';

const node = (name: string, ip: string, podCIDR?: string): Node => ({ metadata: { name }, ...(podCIDR ? { spec: { podCIDR, podCIDRs: [podCIDR] } } : {}), status: { addresses: [{ type: 'Hostname', address: name }, { type: 'InternalIP', address: ip }] } });

describe('routes', () => {
  const nodes = [node('b', '192.0.2.3', '10.244.1.0/24'), node('a', '192.0.2.2', '10.244.0.0/24'), node('c', '192.0.2.4'), node('d', '192.0.2.5', '10.244.3.0/24')];

  test('are wanted for other nodes that have a range', () => {
    expect(wantedRoutes(nodes, { nodeName: 'a' })).toEqual([{ cidr: '10.244.1.0/24', via: '192.0.2.3' }, { cidr: '10.244.3.0/24', via: '192.0.2.5' }]);
  });

  test('lead through the machine for nodes in namespaces', () => {
    expect(wantedRoutes(nodes, { nodeName: 'a', gateway: '198.18.240.1' }).map((route) => route.via)).toEqual(['198.18.240.1', '198.18.240.1']);
  });

  test.each([
    ['nothing to do', [{ cidr: 'x', via: '1' }], [{ cidr: 'x', via: '1' }], []],
    ['a new one', [{ cidr: 'x', via: '1' }], [], [{ replace: { cidr: 'x', via: '1' } }]],
    ['another way', [{ cidr: 'x', via: '2' }], [{ cidr: 'x', via: '1' }], [{ replace: { cidr: 'x', via: '2' } }]],
    ['one too many', [], [{ cidr: 'x', via: '1' }], [{ remove: { cidr: 'x', via: '1' } }]],
  ])('%s', (_name, wanted, present, actions) => {
    expect(decideRoutes(wanted, present)).toEqual(actions);
  });
});

describe('rules', () => {
  const options = { prefix: 'kubets', tool: 'iptables' as const, sourceCidrs: ['10.244.0.0/24', 'fd00:1::/64'], directCidrs: ['10.244.0.0/16'], forwardCidrs: ['10.244.0.0/16'] };

  test('iptables, IPv4', () => {
    expect(firewallIptables(options, 4)).toBe(`*nat
:KUBETS-MASQ - [0:0]
-A KUBETS-MASQ -d 10.244.0.0/16 -j RETURN
-A KUBETS-MASQ -d 224.0.0.0/4 -j RETURN
-A KUBETS-MASQ -s 10.244.0.0/24 -j MASQUERADE --random-fully
COMMIT
*filter
:KUBETS-FORWARD - [0:0]
-A KUBETS-FORWARD -s 10.244.0.0/16 -j ACCEPT
-A KUBETS-FORWARD -d 10.244.0.0/16 -j ACCEPT
COMMIT
`);
  });

  test('nftables, IPv6', () => {
    const text = firewallNftables(options, 6);
    expect(text).toContain('ip6 saddr { fd00:1::/64 } ip6 daddr != { ff00::/8 } masquerade fully-random');
    expect(text).not.toContain('10.244');
  });

  test('host ports: only the own network goes while others use the chains', () => {
    const saved = [
      ':CNI-HOSTPORT-DNAT - [0:0]', ':CNI-DN-aaaa - [0:0]', ':CNI-DN-bbbb - [0:0]', '-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT',
      '-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"kubets-a\\" id: \\"1\\"" -m multiport --dports 80 -j CNI-DN-aaaa',
      '-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"other\\" id: \\"2\\"" -m multiport --dports 81 -j CNI-DN-bbbb',
    ].join('\n');
    expect(hostPortCleanup(saved, 'kubets-a')).toBe('*nat\n:CNI-DN-aaaa - [0:0]\n-D CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"kubets-a\\" id: \\"1\\"" -m multiport --dports 80 -j CNI-DN-aaaa\n-X CNI-DN-aaaa\nCOMMIT\n');
    expect(hostPortCleanup(':POSTROUTING ACCEPT [0:0]', 'kubets-a')).toBe('');
  });
});

describe('configuration', () => {
  test('CNI: a bridge with the node range and host ports', () => {
    expect(cniConfig({ networkName: 'kubets-a', podCidrs: ['10.244.0.0/24'], bridge: 'kubets-br0', stateDir: '/s', mtu: 1400 })).toEqual({
      cniVersion: '1.0.0',
      name: 'kubets-a',
      plugins: [
        {
          type: 'bridge', bridge: 'kubets-br0', isGateway: true, isDefaultGateway: false, ipMasq: false, hairpinMode: true, mtu: 1400,
          ipam: { type: 'host-local', dataDir: '/s', ranges: [[{ subnet: '10.244.0.0/24' }]], routes: [{ dst: '0.0.0.0/0' }] },
        },
        { type: 'portmap', capabilities: { portMappings: true }, snat: true },
      ],
    });
  });

  test('containerd: everything of the node lies in its own places', () => {
    const text = containerdConfig({ root: '/d/containerd', state: '/r/state', socket: '/r/c.sock', cniConfDir: '/d/net.d', sandboxImage: 'registry.k8s.io/pause:3.10.1', snapshotter: 'native', restrictOomScoreAdj: true, disableApparmor: true });
    for (const line of ['root = "/d/containerd"', 'address = "/r/c.sock"', 'conf_dir = "/d/net.d"', 'snapshotter = "native"', 'restrict_oom_score_adj = true', 'path = "/d/containerd/opt"']) expect(text).toContain(line);
  });

  test.each([['too long', 'kubernetes'], ['upper case', 'Kube'], ['empty', '']])('a prefix is refused when %s', (_name, prefix) => {
    expect(() => nodeNetworkPaths({ dir: '/d', prefix, nodeName: 'a' })).toThrow(`The prefix "${prefix}"`);
  });

  test('a node namespace has its address from its index', () => {
    expect(describeNodeNamespace({ name: 'kubets-b', index: 1 })).toEqual({ name: 'kubets-b', path: '/run/netns/kubets-b', address: '198.18.240.11', gateway: '198.18.240.1', hostInterface: 'kubets-n1', enter: ['nsenter', '--net=/run/netns/kubets-b'] });
  });
});
