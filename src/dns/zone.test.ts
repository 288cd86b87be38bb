import { describe, expect, test } from 'vitest';
import type { Service } from '../api/core/v1/types.ts';
import type { EndpointSlice } from '../api/discovery/v1/types.ts';
import { addressText, addressBytes, rangeTest, reverseAddress } from './address.ts';
import { codes, types, type DnsRecord } from './codec.ts';
import { Zone, type ZoneView } from './zone.ts';

const service = (namespace: string, name: string, spec: Service['spec']): Service => ({ metadata: { namespace, name }, ...(spec ? { spec } : {}) });
const services = [
  service('default', 'web', { clusterIP: '10.96.0.5', clusterIPs: ['10.96.0.5', 'fd00:96::5'], ports: [{ name: 'http', port: 80 }, { name: 'dns', port: 53, protocol: 'UDP' }] }),
  service('default', 'plain', { clusterIP: '10.96.0.6', ports: [{ port: 80 }] }),
  service('db', 'pg', { clusterIP: 'None', ports: [{ name: 'sql', port: 5432 }] }),
  service('db', 'empty', { clusterIP: 'None', ports: [{ name: 'x', port: 1 }] }),
  service('default', 'out', { type: 'ExternalName', externalName: 'example.org.' }),
  service('default', 'alias', { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' }),
];
const slice = (namespace: string, name: string, addressType: string, endpoints: EndpointSlice['endpoints'], ports: EndpointSlice['ports']): EndpointSlice => ({
  metadata: { namespace, name: `${name}-${addressType}`, labels: { 'kubernetes.io/service-name': name } }, addressType, endpoints: endpoints ?? [], ports: ports ?? [],
});
const slices = [
  slice('db', 'pg', 'IPv4', [{ addresses: ['10.1.0.1'], hostname: 'pg-0' }, { addresses: ['10.1.0.2'] }, { addresses: ['10.1.0.3'], hostname: 'pg-2', conditions: { ready: false } }], [{ name: 'sql', port: 5432, protocol: 'TCP' }]),
  slice('db', 'pg', 'IPv6', [{ addresses: ['fd00:1::1'], hostname: 'pg-0' }], [{ name: 'sql', port: 5432, protocol: 'TCP' }]),
  slice('default', 'web', 'IPv4', [{ addresses: ['10.1.0.9'], hostname: 'web-0' }], [{ name: 'http', port: 8080, protocol: 'TCP' }]),
];
const view: ZoneView = {
  service: (namespace, name) => services.find((s) => s.metadata.namespace === namespace && s.metadata.name === name),
  slices: (namespace, name) => slices.filter((s) => s.metadata.namespace === namespace && s.metadata.labels!['kubernetes.io/service-name'] === name),
  namespaceExists: (name) => ['default', 'db', 'kube-system'].includes(name),
  servicesByAddress: (address) => services.filter((s) => [s.spec?.clusterIP, ...(s.spec?.clusterIPs ?? [])].includes(address)),
  slicesByAddress: (address) => slices.filter((s) => s.endpoints?.some((endpoint) => endpoint.addresses.includes(address))),
};
const zone = new Zone(view, { domain: 'cluster.local', serviceTtl: 30, endpointTtl: 5 });

function text(record: DnsRecord): string {
  const { data } = record;
  const content = 'address' in data ? data.address : 'port' in data ? `${data.priority} ${data.weight} ${data.port} ${data.target}` : 'target' in data ? data.target : 'texts' in data ? data.texts.join() : '?';
  return `${record.ttl} ${content}`;
}
function ask(name: string, type: keyof typeof types): string[] | string {
  const found = zone.lookup(name, types[type]);
  if (found.kind === 'elsewhere') return 'elsewhere';
  if (found.kind === 'alias') return `alias ${found.target}`;
  if (found.code === codes.nameError) return 'NXDOMAIN';
  return found.answers.map(text).toSorted();
}

describe('names of the cluster', () => {
  const rows: [string, string, keyof typeof types, string[] | string][] = [
    ['a Service', 'web.default.svc.cluster.local', 'A', ['30 10.96.0.5']],
    ['a Service, IPv6', 'web.default.svc.cluster.local', 'AAAA', ['30 fd00:96::5']],
    ['a Service of one family', 'plain.default.svc.cluster.local', 'AAAA', []],
    ['letters do not matter', 'WEB.Default.SVC.cluster.LOCAL', 'A', ['30 10.96.0.5']],
    ['no such Service', 'nope.default.svc.cluster.local', 'A', 'NXDOMAIN'],
    ['no such namespace', 'web.nope.svc.cluster.local', 'A', 'NXDOMAIN'],
    ['another type of a Service', 'web.default.svc.cluster.local', 'MX', []],
    ['a namespace has no records but exists', 'default.svc.cluster.local', 'A', []],
    ['svc exists', 'svc.cluster.local', 'A', []],
    ['the zone exists', 'cluster.local', 'A', []],
    ['the zone has a name server', 'cluster.local', 'NS', ['30 kube-dns.kube-system.svc.cluster.local']],
    ['the version of the specification', 'dns-version.cluster.local', 'TXT', ['30 1.1.0']],
    ['the version is a text only', 'dns-version.cluster.local', 'A', []],
    ['a named port', '_http._tcp.web.default.svc.cluster.local', 'SRV', ['30 0 100 80 web.default.svc.cluster.local']],
    ['a UDP port', '_dns._udp.web.default.svc.cluster.local', 'SRV', ['30 0 100 53 web.default.svc.cluster.local']],
    ['the wrong protocol', '_http._udp.web.default.svc.cluster.local', 'SRV', 'NXDOMAIN'],
    ['a port without a name', '_http._tcp.plain.default.svc.cluster.local', 'SRV', 'NXDOMAIN'],
    ['a port asked for by address', '_http._tcp.web.default.svc.cluster.local', 'A', []],
    ['a protocol exists', '_tcp.web.default.svc.cluster.local', 'SRV', []],
    ['all ports', 'web.default.svc.cluster.local', 'SRV', ['30 0 50 53 web.default.svc.cluster.local', '30 0 50 80 web.default.svc.cluster.local']],
    ['headless', 'pg.db.svc.cluster.local', 'A', ['5 10.1.0.1', '5 10.1.0.2']],
    ['headless, IPv6', 'pg.db.svc.cluster.local', 'AAAA', ['5 fd00:1::1']],
    ['headless without endpoints', 'empty.db.svc.cluster.local', 'A', []],
    ['a host of a headless Service', 'pg-0.pg.db.svc.cluster.local', 'A', ['5 10.1.0.1']],
    ['a host without a name of its own', '10-1-0-2.pg.db.svc.cluster.local', 'A', ['5 10.1.0.2']],
    ['a host that is not ready', 'pg-2.pg.db.svc.cluster.local', 'A', 'NXDOMAIN'],
    ['ports of a headless Service', '_sql._tcp.pg.db.svc.cluster.local', 'SRV', ['5 0 33 5432 10-1-0-2.pg.db.svc.cluster.local', '5 0 33 5432 pg-0.pg.db.svc.cluster.local']],
    ['too deep', 'a.b.pg.db.svc.cluster.local', 'A', 'NXDOMAIN'],
    ['a pod', '10-244-0-7.default.pod.cluster.local', 'A', ['5 10.244.0.7']],
    ['a pod, IPv6', 'fd00-1--7.default.pod.cluster.local', 'AAAA', ['5 fd00:1::7']],
    ['a pod of the other family', '10-244-0-7.default.pod.cluster.local', 'AAAA', []],
    ['a pod that is no address', 'web-0.default.pod.cluster.local', 'A', 'NXDOMAIN'],
    ['a pod of no namespace', '10-244-0-7.nope.pod.cluster.local', 'A', 'NXDOMAIN'],
    ['an external name', 'out.default.svc.cluster.local', 'A', 'alias example.org'],
    ['what a search path makes of other names', 'example.org.default.svc.cluster.local', 'A', 'NXDOMAIN'],
    ['what a search path makes of a full name', 'web.default.svc.cluster.local.svc.cluster.local', 'A', 'NXDOMAIN'],
    ['another top', 'example.org', 'A', 'elsewhere'],
    ['a name that only ends alike', 'notcluster.local', 'A', 'elsewhere'],
    ['reverse of a Service', '5.0.96.10.in-addr.arpa', 'PTR', ['5 web.default.svc.cluster.local']],
    ['reverse of a host', '1.0.1.10.in-addr.arpa', 'PTR', ['5 pg-0.pg.db.svc.cluster.local']],
    ['reverse of an endpoint of another Service', '9.0.1.10.in-addr.arpa', 'PTR', 'elsewhere'],
    ['reverse, IPv6', '5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.0.d.f.ip6.arpa', 'PTR', ['5 web.default.svc.cluster.local']],
    ['reverse of the world', '8.8.8.8.in-addr.arpa', 'PTR', 'elsewhere'],
  ];
  test.each(rows)('%s', (_name, name, type, expected) => {
    expect(ask(name, type)).toEqual(typeof expected === 'string' ? expected : expected.toSorted());
  });

  test('targets of SRV records come along with their addresses', () => {
    const found = zone.lookup('_sql._tcp.pg.db.svc.cluster.local', types.SRV);
    expect(found.kind === 'answer' && found.additionals.map((record) => `${record.name} ${text(record)}`).toSorted()).toEqual([
      '10-1-0-2.pg.db.svc.cluster.local 5 10.1.0.2', 'pg-0.pg.db.svc.cluster.local 5 10.1.0.1', 'pg-0.pg.db.svc.cluster.local 5 fd00:1::1',
    ]);
  });
});

describe('addresses', () => {
  test.each([['::', '::'], ['::1', '::1'], ['fd00:0:0:0:0:0:0:1', 'fd00::1'], ['1:0:0:2:0:0:0:3', '1:0:0:2::3'], ['::ffff:10.0.0.1', '::ffff:a00:1'], ['10.0.0.1', '10.0.0.1']])('%s reads as %s', (from, to) => {
    expect(addressText(addressBytes(from)!)).toBe(to);
  });
  test.each(['', '1.2.3', '1.2.3.256', ':::', '1::2::3', 'g::', '1:2:3:4:5:6:7:8:9', '1.2.3.4.5'])('"%s" is no address', (text) => {
    expect(addressBytes(text)).toBeUndefined();
  });
  test('ranges', () => {
    const inside = rangeTest(['10.244.0.0/16', 'fd00::/9', '192.0.2.1']);
    expect(['10.244.3.4', '::ffff:10.244.3.4', 'fd12::1', '192.0.2.1'].map(inside)).toEqual([true, true, true, true]);
    expect(['10.245.0.1', 'fe80::1', '192.0.2.2', 'nonsense'].map(inside)).toEqual([false, false, false, false]);
  });
  test('reverse names', () => {
    expect(reverseAddress('4.3.2.1.in-addr.arpa')).toBe('1.2.3.4');
    expect(reverseAddress('3.2.1.in-addr.arpa')).toBeUndefined();
  });
});
