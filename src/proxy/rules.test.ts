/** The rules as text (golden files; `npx vitest run src/proxy --update` rewrites them) and as meaning (the tracers). */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Service } from '../api/core/v1/types.ts';
import type { EndpointSlice } from '../api/discovery/v1/types.ts';
import { endpointChain, iptablesRules, noRules, restoreText } from './iptables/rules.ts';
import { buildModel } from './model.ts';
import { endpointName, fullText, nftablesRules, sweepText, updateText } from './nftables/rules.ts';
import type { RuleSettings } from './rules.ts';
import { readIptables, traceIptables } from './tracer/iptables.ts';
import { readNftables, traceNftables } from './tracer/nftables.ts';
import { allOutcomes, type Packet, type TraceContext } from './tracer/packet.ts';
import { context, expectedOutcomes, node, service, services, settings, slice, slices } from './tracer/scenario.ts';

const models = buildModel({ services, slices, node, nodeName: 'here', family: 4 });
const six = buildModel({
  services: [service('clusterip', { clusterIP: 'fd00:96::1' }), service('sticky', { clusterIP: 'fd00:96::2', sessionAffinity: 'ClientIP', type: 'NodePort', ports: [{ name: 'p80', port: 80, nodePort: 30_001 }] })],
  slices: [slice('clusterip', [['fd00:1::1', 'here']], {}, 'IPv6'), slice('sticky', [['fd00:1::2', 'here'], ['fd00:1::3', 'there']], {}, 'IPv6')],
  node, nodeName: 'here', family: 6,
});
const sixSettings: RuleSettings = { ...settings, clusterCidr: 'fd00:1::/64', nodePortAddresses: ['fd00::2'], nodeAddresses: ['fd00::2'] };

describe('golden text', () => {
  test.each([
    ['iptables', () => restoreText(iptablesRules(models, { ...settings, nodePortAddresses: 'all', localhostNodePorts: true, serviceCidrs: ['10.96.0.0/16'] }, 4), noRules())],
    ['ip6tables', () => restoreText(iptablesRules(six, sixSettings, 6), noRules())],
    ['nftables', () => fullText(nftablesRules(models, settings, 4), { ...settings, serviceCidrs: ['10.96.0.0/16'] }, 4)],
    ['nftables-ip6', () => fullText(nftablesRules(six, sixSettings, 6), sixSettings, 6)],
  ])('%s', async (name, text) => {
    await expect(text()).toMatchFileSnapshot(`golden/${name}.txt`);
  });
});

type Tracer = (packet: Packet, where?: TraceContext) => string[];

function tracers(input: ReturnType<typeof buildModel>, s: RuleSettings, family: 4 | 6 = 4): Record<'iptables' | 'nftables', Tracer> {
  const ipt = readIptables(restoreText(iptablesRules(input, s, family), noRules()));
  const nft = readNftables(fullText(nftablesRules(input, s, family), s, family));
  return {
    iptables: (packet, where = context) => allOutcomes((pick) => traceIptables(ipt, packet, where, pick)),
    nftables: (packet, where = context) => allOutcomes((pick) => traceNftables(nft, packet, where, pick)),
  };
}

const pod = '10.1.0.50';
const outside = '198.51.100.7';
const stranger = '192.0.2.77';
const self = '192.0.2.2';
const packet = (source: string, destination: string, port = 80, protocol: Packet['protocol'] = 'tcp'): Packet => ({ source, destination, protocol, port, fromNode: context.local.has(source) });

describe.each(['iptables', 'nftables'] as const)('packets through %s', (backend) => {
  const trace = tracers(models, settings)[backend];
  const rows: [string, Packet, string[]][] = [
    ['a pod to a Service', packet(pod, '10.96.0.1'), ['10.1.0.1:8080']],
    ['the node to a Service', packet(self, '10.96.0.1'), ['10.1.0.1:8080 masqueraded']],
    ['a pod to itself', packet('10.1.0.1', '10.96.0.1'), ['10.1.0.1:8080 masqueraded']],
    ['from outside to a cluster address', packet(outside, '10.96.0.1'), ['10.1.0.1:8080 masqueraded']],
    ['two endpoints', packet(pod, '10.96.0.2'), ['10.1.0.2:8080', '10.1.1.2:8080']],
    ['a node port', packet(outside, self, 30_002), ['10.1.0.2:8080 masqueraded', '10.1.1.2:8080 masqueraded']],
    ['a node port from the node', packet(self, self, 30_002), ['10.1.0.2:8080 masqueraded', '10.1.1.2:8080 masqueraded']],
    ['a node port on an address that is not chosen', packet(outside, '10.1.0.254', 30_002), ['10.1.0.254:30002']],
    ['an external address', packet(outside, '203.0.113.3'), ['10.1.1.3:8080 masqueraded']],
    ['a balancer, from its range', packet(outside, '203.0.113.4'), ['10.1.0.4:8080 masqueraded', '10.1.1.4:8080 masqueraded']],
    ['a balancer, from a stranger', packet(stranger, '203.0.113.4'), ['drop']],
    ['a balancer\'s node port is not guarded', packet(stranger, self, 30_004), ['10.1.0.4:8080 masqueraded', '10.1.1.4:8080 masqueraded']],
    ['policy Local keeps the source', packet(outside, '203.0.113.5'), ['10.1.0.5:8080']],
    ['policy Local, node port', packet(outside, self, 30_005), ['10.1.0.5:8080']],
    ['policy Local, from a pod: anywhere', packet(pod, '203.0.113.5'), ['10.1.0.5:8080', '10.1.1.5:8080']],
    ['policy Local, from the node: anywhere, masqueraded', packet(self, '203.0.113.5'), ['10.1.0.5:8080 masqueraded', '10.1.1.5:8080 masqueraded']],
    ['internal policy Local', packet(pod, '10.96.0.7'), ['10.1.0.7:8080']],
    ['internal policy Local without a local endpoint', packet(pod, '10.96.0.8'), ['drop']],
    ['both policies Local without a local endpoint', packet(outside, self, 30_008), ['drop']],
    ['nobody: a cluster address', packet(pod, '10.96.0.9'), ['reject']],
    ['nobody: a node port', packet(outside, self, 30_009), ['reject']],
    ['nobody: an external address', packet(outside, '203.0.113.9'), ['reject']],
    ['nobody: from the node', packet(self, '10.96.0.9'), ['reject']],
    ['UDP', packet(pod, '10.96.0.10', 53, 'udp'), ['10.1.0.10:5353']],
    ['the wrong protocol', packet(pod, '10.96.0.1', 80, 'udp'), backend === 'nftables' ? ['reject'] : ['10.96.0.1:80']],
    ['a port that the Service does not have', packet(pod, '10.96.0.1', 81), backend === 'nftables' ? ['reject'] : ['10.96.0.1:81']],
    ['traffic that is none of its business', packet(pod, '8.8.8.8', 443), ['8.8.8.8:443']],
  ];
  test.each(rows)('%s', (_name, sent, expected) => {
    expect(trace(sent)).toEqual(expected);
  });

  test('cluster addresses that no Service has, where their range is known', () => {
    const guarded = tracers(models, { ...settings, serviceCidrs: ['10.96.0.0/16', 'fd00:96::/112'] })[backend];
    expect(guarded(packet(pod, '10.96.77.1'))).toEqual(['drop']);
    expect(guarded(packet(self, '10.96.77.1', 53, 'udp'))).toEqual(['drop']);
    expect(guarded(packet(pod, '10.96.0.1'))).toEqual(['10.1.0.1:8080']);
    expect(guarded(packet(pod, '10.97.0.1'))).toEqual(['10.97.0.1:80']);
  });

  test('a client that is known goes where it went before', () => {
    const sticky = models.find((m) => m.name === 'sticky')!;
    expect(trace(packet(pod, '10.96.0.6'))).toEqual(['10.1.0.6:8080', '10.1.1.6:8080']);
    for (const endpoint of sticky.clusterEndpoints) {
      const name = backend === 'iptables' ? endpointChain(sticky, endpoint) : endpointName('affinity', sticky, endpoint);
      expect(trace(packet(pod, '10.96.0.6'), { ...context, remembered: new Set([name]) })).toEqual([`${endpoint.ip}:8080`]);
    }
  });

  test('IPv6', () => {
    const where = { local: new Set(['fd00::2']) };
    const sixTrace = tracers(six, sixSettings, 6)[backend];
    const from = (source: string, destination: string, port: number): Packet => ({ source, destination, port, protocol: 'tcp', fromNode: false });
    expect(sixTrace(from('fd00:1::9', 'fd00:96::1', 80), where)).toEqual(['[fd00:1::1]:8080']);
    expect(sixTrace(from('fd00:2::9', 'fd00::2', 30_001), where)).toEqual(['[fd00:1::2]:8080 masqueraded', '[fd00:1::3]:8080 masqueraded']);
  });
});

test('each endpoint gets the same share', () => {
  const many = buildModel({ services: [service('s', { clusterIP: '10.96.0.1' })], slices: [slice('s', Array.from({ length: 7 }, (_, i): [string, string] => [`10.1.0.${i}`, 'here']))], node, nodeName: 'here', family: 4 });
  const chain = [...iptablesRules(many, settings, 4).nat].find(([name]) => name.startsWith('KUBE-SVC-'))![1];
  const chances = chain.filter((rule) => rule.includes('->')).map((rule) => Number(/--probability (\S+)/.exec(rule)?.[1] ?? 1));
  let left = 1;
  const shares = chances.map((chance) => {
    const share = left * chance;
    left -= share;
    return share;
  });
  for (const share of shares) expect(share).toBeCloseTo(1 / 7, 8);
});

const address = fc.integer({ min: 1, max: 4 });
const anyEndpoint = fc.record({ ip: address, here: fc.boolean(), state: fc.constantFrom('ready', 'ending', 'down') });
const anyService = fc.record({
  type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer'),
  external: fc.boolean(),
  externalLocal: fc.boolean(),
  internalLocal: fc.boolean(),
  sticky: fc.boolean(),
  guarded: fc.boolean(),
  endpoints: fc.array(anyEndpoint, { maxLength: 4 }),
});
const anyCluster = fc.array(anyService, { minLength: 1, maxLength: 3 });

function build(drawn: (typeof anyCluster extends fc.Arbitrary<infer T> ? T : never)): { services: Service[]; slices: EndpointSlice[] } {
  const built = drawn.map((d, i) => service(`s${i}`, {
    clusterIP: `10.96.0.${i + 1}`,
    type: d.type,
    ports: [{ name: 'p80', port: 80, ...(d.type === 'ClusterIP' ? {} : { nodePort: 30_000 + i }) }],
    ...(d.external ? { externalIPs: [`203.0.113.${i + 1}`] } : {}),
    externalTrafficPolicy: d.externalLocal ? 'Local' : 'Cluster',
    internalTrafficPolicy: d.internalLocal ? 'Local' : 'Cluster',
    sessionAffinity: d.sticky ? 'ClientIP' : 'None',
    ...(d.guarded ? { loadBalancerSourceRanges: ['198.51.100.0/24', '10.1.0.0/24'] } : {}),
  }, d.type === 'LoadBalancer' ? { loadBalancer: { ingress: [{ ip: `203.0.113.${i + 101}` }] } } : undefined));
  const endpoints = drawn.map((d, i) => ({ ...slice(`s${i}`, []), endpoints: d.endpoints.map((e) => ({ addresses: [`10.1.${e.here ? 0 : 1}.${e.ip}`], nodeName: e.here ? 'here' : 'there', conditions: { ready: e.state === 'ready', serving: e.state !== 'down', terminating: e.state === 'ending' } })) }));
  return { services: built, slices: endpoints };
}

function everyPacket(count: number): Packet[] {
  const sources = ['10.1.0.1', '10.1.1.1', pod, outside, stranger, self];
  const targets = Array.from({ length: count }, (_, i): [string, number][] => [[`10.96.0.${i + 1}`, 80], [`203.0.113.${i + 1}`, 80], [`203.0.113.${i + 101}`, 80], [self, 30_000 + i]]).flat();
  return sources.flatMap((source) => targets.map(([destination, port]) => packet(source, destination, port)));
}

describe('whatever the cluster', () => {
  const variants: [string, RuleSettings][] = [['pod range known', settings], ['all masqueraded', { ...settings, masqueradeAll: true }], ['no pod range', { ...settings, clusterCidr: undefined } as unknown as RuleSettings]];

  test.each(variants)('packets never end where the API does not send them, and both back ends agree (%s)', (_name, s) => {
    fc.assert(fc.property(anyCluster, (drawn) => {
      const { services: some, slices: their } = build(drawn);
      const built = buildModel({ services: some, slices: their, node, nodeName: 'here', family: 4 });
      const trace = tracers(built, s);
      for (const sent of everyPacket(drawn.length)) {
        const expected = expectedOutcomes(built, sent, context, s);
        const untouched = expected.length === 1 && expected[0] === `${sent.destination}:${sent.port}`;
        for (const backend of ['iptables', 'nftables'] as const) {
          const found = trace[backend](sent);
          const wanted = expected.includes('drop') && expected.includes('reject') ? expected.filter((one) => found.includes(one)) : expected;
          if (!untouched || backend === 'iptables') expect({ backend, sent, found }).toEqual({ backend, sent, found: wanted });
        }
      }
    }), { numRuns: 150 });
  });

  test('updates lead to the same table as a fresh start', () => {
    fc.assert(fc.property(anyCluster, anyCluster, (first, second) => {
      const [a, b] = [first, second].map((drawn) => buildModel({ ...build(drawn), node, nodeName: 'here', family: 4 })) as [ReturnType<typeof buildModel>, ReturnType<typeof buildModel>];
      const [before, after] = [nftablesRules(a, settings, 4), nftablesRules(b, settings, 4)];
      const updated = readNftables(sweepText(after, before, 4), readNftables(updateText(after, before, 4), readNftables(fullText(before, settings, 4))));
      const fresh = readNftables(fullText(after, settings, 4));
      expect(new Map([...updated.chains].toSorted())).toEqual(new Map([...fresh.chains].toSorted()));
      expect(updated.maps).toEqual(fresh.maps);
      expect(new Map([...updated.sets].toSorted())).toEqual(new Map([...fresh.sets].toSorted()));
      const tables = [iptablesRules(a, settings, 4), iptablesRules(b, settings, 4)] as const;
      const text = restoreText(tables[1], tables[0]);
      // What is written is what differs: the rest is already there.
      for (const table of ['nat', 'filter'] as const) for (const [chain, rules] of tables[1][table]) if (tables[0][table].get(chain)?.join() !== rules.join()) expect(text).toContain(`:${chain} `);
      if (first === second) expect(text).toBe('');
    }), { numRuns: 150 });
  });

  test('nothing to do: nothing to write', () => {
    expect(restoreText(iptablesRules(models, settings, 4), iptablesRules(models, settings, 4))).toBe('');
    expect(updateText(nftablesRules(models, settings, 4), nftablesRules(models, settings, 4), 4)).toBe('');
  });
});
