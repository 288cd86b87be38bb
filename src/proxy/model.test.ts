import { describe, expect, test } from 'vitest';
import type { Endpoint } from '../api/discovery/v1/types.ts';
import { chainHash } from './hash.ts';
import { buildModel, healthChecksOf, isProxied, type ServicePortModel } from './model.ts';
import { node, service, slice } from './tracer/scenario.ts';
import { inCidr } from './rules.ts';

function model(spec: Parameters<typeof service>[1], endpoints: (Partial<Endpoint> & { addresses: string[] })[], family: 4 | 6 = 4): ServicePortModel {
  const base = slice('s', []);
  const found = buildModel({ services: [service('s', { clusterIP: '10.96.0.1', ...spec })], slices: [{ ...base, endpoints, addressType: family === 4 ? 'IPv4' : 'IPv6' }], node, nodeName: 'here', family });
  return found[0]!;
}
const ips = (list: readonly { ip: string }[]): string[] => list.map((endpoint) => endpoint.ip);
const ready = (ip: string, nodeName: string, more: Partial<Endpoint> = {}): Endpoint => ({ addresses: [ip], nodeName, conditions: { ready: true }, ...more });
const ending = (ip: string, nodeName: string, serving = true): Endpoint => ({ addresses: [ip], nodeName, conditions: { ready: false, serving, terminating: true } });

describe('which endpoints take traffic', () => {
  const rows: [string, Parameters<typeof service>[1], Endpoint[], { cluster: string[]; local?: string[]; any?: boolean }][] = [
    ['ready ones', {}, [ready('1.0.0.1', 'here'), ready('1.0.0.2', 'there'), { addresses: ['1.0.0.3'], conditions: { ready: false } }], { cluster: ['1.0.0.1', '1.0.0.2'] }],
    ['without conditions: ready', {}, [{ addresses: ['1.0.0.1'] }], { cluster: ['1.0.0.1'] }],
    ['ending ones only when none is ready', {}, [ready('1.0.0.1', 'here'), ending('1.0.0.2', 'here')], { cluster: ['1.0.0.1'] }],
    ['ending ones that serve, when none is ready', {}, [ending('1.0.0.1', 'here'), ending('1.0.0.2', 'here', false)], { cluster: ['1.0.0.1'] }],
    ['none', {}, [], { cluster: [], any: false }],
    ['internal policy Local', { internalTrafficPolicy: 'Local' }, [ready('1.0.0.1', 'here'), ready('1.0.0.2', 'there')], { cluster: [], local: ['1.0.0.1'] }],
    ['internal policy Local, others elsewhere', { internalTrafficPolicy: 'Local' }, [ready('1.0.0.2', 'there')], { cluster: [], local: [], any: true }],
    ['internal policy Local, ending ones here', { internalTrafficPolicy: 'Local' }, [ending('1.0.0.1', 'here'), ready('1.0.0.2', 'there')], { cluster: [], local: ['1.0.0.1'] }],
    ['external policy Local', { type: 'NodePort', externalTrafficPolicy: 'Local', ports: [{ name: 'p80', port: 80, nodePort: 30000 }] }, [ready('1.0.0.1', 'here'), ready('1.0.0.2', 'there')], { cluster: ['1.0.0.1', '1.0.0.2'], local: ['1.0.0.1'] }],
    ['external policy Local means nothing for a cluster address', { externalTrafficPolicy: 'Local' }, [ready('1.0.0.1', 'here'), ready('1.0.0.2', 'there')], { cluster: ['1.0.0.1', '1.0.0.2'], local: [] }],
    ['hints of this zone', {}, [ready('1.0.0.1', 'here', { hints: { forZones: [{ name: 'z1' }] } }), ready('1.0.0.2', 'there', { hints: { forZones: [{ name: 'z2' }] } })], { cluster: ['1.0.0.1'] }],
    ['hints that are not on all are not obeyed', {}, [ready('1.0.0.1', 'here', { hints: { forZones: [{ name: 'z1' }] } }), ready('1.0.0.2', 'there')], { cluster: ['1.0.0.1', '1.0.0.2'] }],
    ['hints for other zones only are not obeyed', {}, [ready('1.0.0.1', 'here', { hints: { forZones: [{ name: 'z3' }] } }), ready('1.0.0.2', 'there', { hints: { forZones: [{ name: 'z2' }] } })], { cluster: ['1.0.0.1', '1.0.0.2'] }],
    ['hints of this node before hints of its zone', {}, [ready('1.0.0.1', 'here', { hints: { forZones: [{ name: 'z1' }], forNodes: [{ name: 'here' }] } }), ready('1.0.0.2', 'there', { hints: { forZones: [{ name: 'z1' }], forNodes: [{ name: 'there' }] } })], { cluster: ['1.0.0.1'] }],
  ];
  test.each(rows)('%s', (_name, spec, endpoints, expected) => {
    const found = model(spec, endpoints);
    expect(ips(found.clusterEndpoints)).toEqual(expected.cluster);
    expect(ips(found.localEndpoints)).toEqual(expected.local ?? []);
    expect(found.hasAnyEndpoints).toBe(expected.any ?? true);
  });

  test('the same endpoint in two slices counts once, the ready one', () => {
    const base = slice('s', []);
    const slices = [{ ...base, endpoints: [ending('1.0.0.1', 'here')] }, { ...base, metadata: { ...base.metadata, name: 'second' }, endpoints: [ready('1.0.0.1', 'here')] }];
    const [found] = buildModel({ services: [service('s', { clusterIP: '10.96.0.1' })], slices, node, nodeName: 'here', family: 4 });
    expect(found!.clusterEndpoints).toEqual([expect.objectContaining({ ip: '1.0.0.1', ready: true })]);
  });
});

describe('which Services are served', () => {
  test.each([
    ['a cluster address', service('s', { clusterIP: '10.96.0.1' }), true],
    ['headless', service('s', { clusterIP: 'None' }), false],
    ['no address yet', service('s', {}), false],
    ['an external name', service('s', { type: 'ExternalName', externalName: 'x' }), false],
    ['given to another proxy', { ...service('s', { clusterIP: '10.96.0.1' }), metadata: { namespace: 'ns', name: 's', labels: { 'service.kubernetes.io/service-proxy-name': 'x' } } }, false],
  ])('%s', (_name, object, expected) => {
    expect(isProxied(object)).toBe(expected);
  });

  test('each family sees its own addresses', () => {
    const spec = { clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1', 'fd00:96::1'], type: 'LoadBalancer', externalIPs: ['203.0.113.1', 'fd00:203::1'], loadBalancerSourceRanges: ['10.0.0.0/8', 'fd00::/8'] };
    const six = model(spec, [{ addresses: ['fd00:1::1'] }], 6);
    expect([six.clusterIp, six.externalIps, six.sourceRanges, ips(six.clusterEndpoints)]).toEqual(['fd00:96::1', ['fd00:203::1'], ['fd00::/8'], ['fd00:1::1']]);
    expect(model(spec, [{ addresses: ['1.0.0.1'] }], 4).clusterIp).toBe('10.96.0.1');
  });

  test('a balancer of mode Proxy does not short-circuit', () => {
    const s = service('s', { clusterIP: '10.96.0.1', type: 'LoadBalancer' }, { loadBalancer: { ingress: [{ ip: '203.0.113.1', ipMode: 'Proxy' }, { ip: '203.0.113.2', ipMode: 'VIP' }] } });
    expect(buildModel({ services: [s], slices: [], node, nodeName: 'here', family: 4 })[0]!.loadBalancerIps).toEqual(['203.0.113.2']);
  });

  test('health checks count endpoints that are ready here, each address once over all ports', () => {
    const spec = { clusterIP: '10.96.0.1', type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 31000, ports: [{ name: 'p80', port: 80, nodePort: 30000 }, { name: 'p81', port: 81, nodePort: 30001 }] };
    const base = slice('s', [['1.0.0.1', 'here'], ['1.0.0.2', 'there']]);
    const slices = [{ ...base, ports: [{ name: 'p80', port: 8080, protocol: 'TCP' }, { name: 'p81', port: 8081, protocol: 'TCP' }] }];
    const models = buildModel({ services: [service('s', spec)], slices, node, nodeName: 'here', family: 4 });
    expect([...healthChecksOf(models)]).toEqual([['ns/s', { port: 31000, localEndpoints: 1 }]]);
  });
});

test('hashes are base32 of SHA-256', () => {
  // RFC 4648 over the digest of the empty text, e3b0c44298fc1c149afb…
  expect(chainHash('', 16)).toBe('4OYMIQUY7QOBJGX3');
  // A name that any cluster has: the chain of default/kubernetes:https.
  expect(chainHash('default/kubernetes:httpstcp', 16)).toBe('NPX46M4PTMTKRN6Y');
});

test.each([['10.1.2.3', '10.1.0.0/16', true], ['10.2.0.0', '10.1.0.0/16', false], ['10.1.0.0', '10.1.0.0', true], ['fd00::5', 'fd00::/64', true], ['fd00:0:0:1::5', 'fd00::/64', false], ['10.0.0.1', '::/0', false], ['10.0.0.1', '0.0.0.0/0', true]])('%s in %s: %s', (address, cidr, expected) => {
  expect(inCidr(address, cidr)).toBe(expected);
});
