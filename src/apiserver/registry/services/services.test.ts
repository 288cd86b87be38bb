import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { nodeClock } from '../../../host/node/clock.ts';
import type { Backend } from '../../../store/backend.ts';
import { etcdBackend } from '../../../store/etcd.ts';
import { hasEtcd, startEtcd } from '../../../store/etcd.fixture.ts';
import { ManualClock } from '../../../store/manual-clock.ts';
import { memoryBackend } from '../../../store/memory.ts';
import { startRig, type Rig, type RigOptions } from '../rig.ts';
import { Bitmap } from './bitmap.ts';
import { NODE_PORTS_KEY } from './node-ports.ts';
import { AddressRange, serviceRanges } from './ranges.ts';
import type { Finding } from './repair.ts';

const SERVICES = '/api/v1/namespaces/default/services';
const ADDRESSES = '/apis/networking.k8s.io/v1/ipaddresses';
const CIDRS = '/apis/networking.k8s.io/v1/servicecidrs';

const rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.stop();
});
async function start(options: RigOptions = {}): Promise<Rig> {
  const rig = await startRig(options);
  rigs.push(rig);
  return rig;
}

const service = (name: string, spec: object = {}): object => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }], selector: { app: 'x' }, ...spec } });
const addressesOf = async (rig: Rig): Promise<string[]> => ((await rig.send('GET', ADDRESSES)).body.items as { metadata: { name: string }; spec: { parentRef: { name: string } } }[]).map((item) => `${item.metadata.name} ${item.spec.parentRef.name}`);
const portsOf = async (backend: Backend): Promise<number[]> => {
  const entry = await backend.get(NODE_PORTS_KEY);
  return entry === undefined ? [] : Bitmap.read((JSON.parse(Buffer.from(entry.value).toString()) as { data?: string }).data ?? '').members(2_768).map((place) => place + 30_000);
};
const portsIn = (body: { spec: { ports: { nodePort?: number }[] } }): number[] => body.spec.ports.map((port) => port.nodePort ?? 0);

describe('ranges', () => {
  test.each([
    ['10.96.0.0/16', 'IPv4', 65_534, 256, '10.96.0.1', '10.96.255.254'], ['10.0.0.0/28', 'IPv4', 14, 0, '10.0.0.1', '10.0.0.14'], ['192.168.1.0/24', 'IPv4', 254, 16, '192.168.1.1', '192.168.1.254'],
    ['fd00::/120', 'IPv6', 255, 16, 'fd00::1', 'fd00::ff'], ['fd00::/64', 'IPv6', 2 ** 31, 256, 'fd00::1', 'fd00::8000:0'],
  ] as const)('%s', (text, family, size, reserved, first, last) => {
    const range = new AddressRange(text);
    expect([range.family, range.size, range.reserved, range.at(0), range.at(range.size - 1)]).toEqual([family, size, reserved, first, last]);
  });

  test.each(['', '10.96.0.0', '10.96.0.0/16,10.97.0.0/16', '10.96.0.0/16,fd00::/108,fd01::/108'])('the service ranges "%s" are refused', (text) => {
    expect(() => serviceRanges(text)).toThrow(/service range/);
  });

  test('a bitmap is read as it was written, and never has a place that was not set', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.nat(2_767)), fc.uniqueArray(fc.nat(2_767)), (taken, freed) => {
      const bitmap = new Bitmap();
      for (const place of taken) bitmap.set(place, true);
      for (const place of freed) bitmap.set(place, false);
      const expected = taken.filter((place) => !freed.includes(place)).toSorted((a, b) => a - b);
      expect(Bitmap.read(bitmap.write()).members(2_768)).toEqual(expected);
    }), { seed: 7, numRuns: 50 });
  });

  test('a bitmap has the form of a number with its lowest bit first', () => {
    const bitmap = new Bitmap();
    for (const place of [0, 9]) bitmap.set(place, true);
    expect(Buffer.from(bitmap.write(), 'base64').toString('hex')).toBe('0201');
  });
});

describe('addresses', () => {
  test('are objects that name their service, and go with it', async () => {
    const rig = await start();
    const made = await rig.send('POST', SERVICES, service('a'));
    const ip = made.body.spec.clusterIP as string;
    const object = (await rig.send('GET', `${ADDRESSES}/${ip}`)).body;
    expect(object).toMatchObject({ kind: 'IPAddress', metadata: { labels: { 'ipaddress.kubernetes.io/ip-family': 'IPv4', 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' } }, spec: { parentRef: { resource: 'services', namespace: 'default', name: 'a' } } });
    await rig.send('DELETE', `${SERVICES}/a`);
    expect(await addressesOf(rig)).toEqual([]);
  });

  test('of two families', async () => {
    const rig = await start({ options: { serviceCidr: '10.96.0.0/16,fd00::/108' } });
    const { spec } = (await rig.send('POST', SERVICES, service('a', { ipFamilyPolicy: 'RequireDualStack' }))).body;
    expect(spec).toMatchObject({ ipFamilies: ['IPv4', 'IPv6'], clusterIPs: [spec.clusterIP, expect.stringMatching(/^fd00::/)] });
    expect(await addressesOf(rig)).toEqual([`${spec.clusterIPs[0]} a`, `${spec.clusterIPs[1]} a`].toSorted());
    const single = await rig.send('PATCH', `${SERVICES}/a`, { spec: { ipFamilyPolicy: 'SingleStack' } }, { headers: { 'content-type': 'application/merge-patch+json' } });
    expect(single.body.spec).toMatchObject({ ipFamilies: ['IPv4'], clusterIPs: [spec.clusterIP] });
    expect(await addressesOf(rig)).toEqual([`${spec.clusterIP} a`]);
    const again = await rig.send('PATCH', `${SERVICES}/a`, { spec: { ipFamilyPolicy: 'PreferDualStack' } }, { headers: { 'content-type': 'application/merge-patch+json' } });
    expect(again.body.spec.clusterIPs).toHaveLength(2);
    expect(await addressesOf(rig)).toHaveLength(2);
    expect((await rig.send('POST', SERVICES, service('six', { clusterIP: 'fd00::77' }))).body.spec).toMatchObject({ ipFamilies: ['IPv6'], clusterIP: 'fd00::77', clusterIPs: ['fd00::77'] });
  });

  test('come of every ready ServiceCIDR, and of no other', async () => {
    const rig = await start({ options: { serviceCidr: '10.0.0.0/28' } });
    await rig.create(CIDRS, { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: 'kubernetes' }, spec: { cidrs: ['10.0.0.0/28'] } });
    for (let i = 0; i < 14; i++) await rig.create(SERVICES, service(`s${i}`));
    expect((await rig.send('POST', SERVICES, service('full'))).body.message).toContain('range is full');
    await rig.create(CIDRS, { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: 'more' }, spec: { cidrs: ['10.1.0.0/28'] } });
    expect((await rig.send('POST', SERVICES, service('more'))).body.spec.clusterIP).toMatch(/^10\.1\.0\./);
    await rig.send('PATCH', `${CIDRS}/more/status`, { status: { conditions: [{ type: 'Ready', status: 'False', reason: 'Terminating', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }] } }, { headers: { 'content-type': 'application/merge-patch+json' } });
    expect((await rig.send('POST', SERVICES, service('none'))).body.message).toContain('range is full');
  });
});

describe('repair', () => {
  test('finds what is missing, and what has leaked, and tells', async () => {
    const clock = new ManualClock();
    const backend = memoryBackend({ clock });
    const rig = await start({ backend, clock });
    const np = (await rig.send('POST', SERVICES, service('np', { type: 'NodePort' }))).body;
    await rig.send('DELETE', `${ADDRESSES}/${np.spec.clusterIP}`);
    await rig.create(ADDRESSES, { apiVersion: 'networking.k8s.io/v1', kind: 'IPAddress', metadata: { name: '10.96.7.7', labels: { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' } }, spec: { parentRef: { resource: 'services', namespace: 'default', name: 'gone' } } });
    await rig.create(ADDRESSES, { apiVersion: 'networking.k8s.io/v1', kind: 'IPAddress', metadata: { name: '10.96.7.8' }, spec: { parentRef: { group: 'gateway.example', resource: 'gateways', namespace: 'default', name: 'g' } } });
    const ports = await backend.get(NODE_PORTS_KEY);
    await backend.commit({ type: 'delete', key: NODE_PORTS_KEY, expected: ports!.modRevision });
    clock.advance(61_000);
    const findings: Finding[] = [];
    const later = await start({ backend, clock, options: { onFinding: (finding) => void findings.push(finding) } });
    expect(findings.map(({ about, reason }) => `${about.kind} ${about.name} ${reason}`)).toEqual(['Service np ClusterIPNotAllocated', 'IPAddress 10.96.7.7 IPAddressNotAllocated', 'Service np PortNotAllocated']);
    expect(await addressesOf(later)).toEqual(['10.96.7.8 g', `${np.spec.clusterIP} np`].toSorted());
    expect(await portsOf(backend)).toEqual(portsIn(np));
    const taken = await later.send('POST', SERVICES, service('other', { type: 'NodePort', ports: [{ port: 80, nodePort: portsIn(np)[0] }] }));
    expect(taken.status).toBe(422);
  });

  test('gives a leaked node port back, but no sooner than after several rounds', async () => {
    const clock = new ManualClock();
    const rig = await start({ clock });
    await rig.create(SERVICES, service('np', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_777 }] }));
    const entry = (await rig.backend.get(NODE_PORTS_KEY))!;
    const object = JSON.parse(Buffer.from(entry.value).toString()) as { data: string };
    const bitmap = Bitmap.read(object.data);
    bitmap.set(123, true);
    await rig.backend.commit({ type: 'update', key: NODE_PORTS_KEY, value: Buffer.from(JSON.stringify({ ...object, data: bitmap.write() })), expected: entry.modRevision });
    const settled = async (): Promise<number[]> => {
      clock.advance(181_000);
      for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
      return portsOf(rig.backend);
    };
    expect(await settled()).toEqual([30_123, 30_777]);
    expect(await settled()).toEqual([30_123, 30_777]);
    expect(await settled()).toEqual([30_777]);
  });
});

/** Two servers on one store that create services, with node ports, at the same time; half of them are deleted again. */
async function race(rigs_: Rig[], count: number): Promise<void> {
  const [first, second] = rigs_ as [Rig, Rig];
  const made = await Promise.all(Array.from({ length: count }, (_, i) => (i % 2 === 0 ? first : second).send('POST', SERVICES, service(`s${i}`, { type: 'NodePort' }))));
  expect(made.filter(({ status }) => status !== 201).map(({ text }) => text)).toEqual([]);
  const addresses = made.map(({ body }) => body.spec.clusterIP as string);
  const ports = made.flatMap(({ body }) => portsIn(body));
  expect(new Set(addresses).size).toBe(count);
  expect(new Set(ports).size).toBe(count);
  const named = await Promise.all([first, second].map((rig, i) => rig.send('POST', SERVICES, service(`named${i}`, { type: 'NodePort', clusterIP: '10.96.0.200', ports: [{ port: 80, nodePort: 30_001 }] }))));
  expect(named.map(({ status }) => status).toSorted()).toEqual([201, 422]);
  const deleted = await Promise.all(Array.from({ length: count / 2 }, (_, i) => (i % 2 === 0 ? second : first).send('DELETE', `${SERVICES}/s${i}`)));
  expect(deleted.filter(({ status }) => status !== 200).map(({ text }) => text)).toEqual([]);
  const winner = named.findIndex(({ status }) => status === 201);
  expect(await addressesOf(first)).toEqual([...addresses.slice(count / 2).map((ip, i) => `${ip} s${i + count / 2}`), `10.96.0.200 named${winner}`].toSorted());
  expect(await portsOf(first.backend)).toEqual([30_001, ...ports.slice(count / 2)].toSorted((a, b) => a - b));
}

describe('two servers on one store', () => {
  test('never give out an address or a port twice, and leak none: memory', async () => {
    const backend = memoryBackend({ clock: new ManualClock() });
    await race([await start({ backend }), await start({ backend })], 500);
  });

  test.skipIf(!hasEtcd('two servers on one etcd'))('never give out an address or a port twice, and leak none: etcd', async () => {
    const etcd = await startEtcd();
    const open = (): Promise<Backend> => etcdBackend({ endpoints: etcd.endpoints, clock: nodeClock(), rename: { from: '/registry', to: '/registry' } });
    const backends = [await open(), await open()];
    try {
      await race([await start({ backend: backends[0]! }), await start({ backend: backends[1]! })], 100);
    } finally {
      for (const rig of rigs.splice(0)) await rig.stop();
      for (const backend of backends) await backend.close();
      await etcd.close();
    }
  }, 60_000);
});
