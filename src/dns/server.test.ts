/** The whole server over loopback sockets, with other servers that the test plays. */
import * as oracle from 'dns-packet';
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Namespace, Service } from '../api/core/v1/types.ts';
import type { EndpointSlice } from '../api/discovery/v1/types.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import type { Client, InformerFactory } from '../client/types.ts';
import { nodeHost } from '../host/node/index.ts';
import { isNotFound, notFound } from '../api/meta/status.ts';
import { dnsSlice, publishDnsEndpoint } from './publish.ts';
import { startDns, type RunningDns } from './server.ts';

const host = nodeHost({ logLevel: 'error' });
let complete = false;

/** Informers over fixed objects. */
function fixedInformers(objects: Record<string, KubeObject[]>): InformerFactory {
  const of = (resource: { plural: string }): unknown => {
    const items = objects[resource.plural] ?? [];
    const indexes = new Map<string, (object: KubeObject) => string[]>();
    const key = (object: KubeObject): string => (object.metadata.namespace ? `${object.metadata.namespace}/${object.metadata.name}` : object.metadata.name!);
    return {
      lister: { get: (namespace: string, name: string) => items.find((o) => key(o) === `${namespace}/${name}`), byKey: (k: string) => items.find((o) => key(o) === k), list: () => items, byIndex: (index: string, value: string) => items.filter((o) => indexes.get(index)!(o).includes(value)) },
      addIndex: (name: string, valuesOf: (object: KubeObject) => string[]) => void indexes.set(name, valuesOf),
      onEvent: () => undefined,
      hasSynced: () => complete,
    };
  };
  return { of } as unknown as InformerFactory;
}

const namespaces: Namespace[] = [{ metadata: { name: 'default' } }];
const services: Service[] = [
  { metadata: { namespace: 'default', name: 'web' }, spec: { clusterIP: '10.96.0.5', ports: [{ name: 'http', port: 80 }] } },
  { metadata: { namespace: 'default', name: 'big' }, spec: { clusterIP: 'None', ports: [] } },
  { metadata: { namespace: 'default', name: 'out' }, spec: { type: 'ExternalName', externalName: 'www.example.org' } },
  { metadata: { namespace: 'default', name: 'inner' }, spec: { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' } },
  { metadata: { namespace: 'default', name: 'loop' }, spec: { type: 'ExternalName', externalName: 'loop.default.svc.cluster.local' } },
];
const endpointSlices: EndpointSlice[] = [{ metadata: { namespace: 'default', name: 'big-x', labels: { 'kubernetes.io/service-name': 'big' } }, addressType: 'IPv4', endpoints: Array.from({ length: 100 }, (_, i) => ({ addresses: [`10.1.0.${i + 1}`] })), ports: [] }];

/** Another DNS server, over UDP and TCP. Names tell it how to behave. */
async function startOther(): Promise<{ port: number; asked: string[]; stop: () => Promise<void> }> {
  const asked: string[] = [];
  const answer = (query: oracle.DecodedPacket, tcp: boolean): oracle.Packet | undefined => {
    const question = query.questions![0]!;
    asked.push(`${question.name} ${question.type}${tcp ? ' tcp' : ''}`);
    const reply = (answers: oracle.Answer[], flags = 0): oracle.Packet => ({ type: 'response', id: query.id!, flags: flags | oracle.RECURSION_DESIRED | oracle.RECURSION_AVAILABLE, questions: query.questions!, answers });
    if (question.name.startsWith('silent')) return undefined;
    if (question.name.startsWith('missing')) return { ...reply([], 3), authorities: [{ type: 'SOA', name: 'example.org', ttl: 60, data: { mname: 'a', rname: 'b', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 20 } } as oracle.Answer] };
    if (question.name.startsWith('broken')) return reply([], 2);
    if (question.name.startsWith('large')) return tcp ? reply(Array.from({ length: 200 }, (_, i) => ({ type: 'A', name: question.name, ttl: 60, data: `192.0.2.${i}` }) as oracle.Answer)) : reply([], oracle.TRUNCATED_RESPONSE);
    if (question.name.startsWith('forged')) return { ...reply([{ type: 'A', name: question.name, ttl: 60, data: '6.6.6.6' }]), id: query.id! ^ 1 };
    return reply([{ type: 'A', name: question.name, ttl: 60, data: '192.0.2.1' }]);
  };
  const tcp = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      const packet = answer(oracle.streamDecode(bytes), true);
      if (packet) socket.end(oracle.streamEncode(packet));
    });
  });
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  const { port } = tcp.address() as { port: number };
  const udp = createSocket('udp4');
  udp.on('message', (bytes, peer) => {
    const packet = answer(oracle.decode(bytes), false);
    if (packet) udp.send(oracle.encode(packet), peer.port, peer.address);
  });
  await new Promise<void>((resolve) => udp.bind(port, '127.0.0.1', () => resolve()));
  return { port, asked, stop: async () => { udp.close(); await new Promise((resolve) => tcp.close(resolve)); } };
}

let other: Awaited<ReturnType<typeof startOther>>;
let dns: RunningDns;

function askUdp(name: string, type: oracle.RecordType = 'A', more: Partial<oracle.Packet> = {}): Promise<oracle.DecodedPacket & { rcode: string }> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const timer = setTimeout(() => { socket.close(); reject(new Error('no answer')); }, 5000);
    socket.on('message', (bytes) => {
      clearTimeout(timer);
      socket.close();
      resolve(oracle.decode(bytes) as never);
    });
    socket.send(oracle.encode({ type: 'query', id: 77, flags: oracle.RECURSION_DESIRED, questions: [{ type, name }], ...more }), dns.port, '127.0.0.1');
  });
}

function askTcp(names: string[]): Promise<oracle.DecodedPacket[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(dns.port, '127.0.0.1');
    const found: oracle.DecodedPacket[] = [];
    let pending = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('data', (bytes: Buffer) => {
      pending = Buffer.concat([pending, bytes]);
      while (pending.length > 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const end = 2 + pending.readUInt16BE(0);
        found.push(oracle.decode(pending.subarray(2, end)));
        pending = pending.subarray(end);
      }
      if (found.length === names.length) {
        socket.destroy();
        resolve(found);
      }
    });
    for (const [id, name] of names.entries()) socket.write(oracle.streamEncode({ type: 'query', id, flags: oracle.RECURSION_DESIRED, questions: [{ type: 'A', name }] }));
  });
}

const addresses = (packet: oracle.DecodedPacket): unknown[] => packet.answers!.map((answer) => (answer as { data: unknown }).data);

beforeAll(async () => {
  other = await startOther();
  const upstreams = [{ address: '127.0.0.1', port: other.port }];
  dns = await startDns({ host, informers: fixedInformers({ services, endpointslices: endpointSlices, namespaces }), address: '127.0.0.1', port: 0, upstreams, upstreamTimeoutMs: 200, metrics: { address: '127.0.0.1', port: 0 } });
});
afterAll(async () => {
  await dns.stop();
  await other.stop();
});

describe('the server', () => {
  test('before it knows the cluster: SERVFAIL for its names, answers for others', async () => {
    expect(dns.ready()).toBe(false);
    expect((await askUdp('web.default.svc.cluster.local')).rcode).toBe('SERVFAIL');
    expect(addresses(await askUdp('early.example.org'))).toEqual(['192.0.2.1']);
    complete = true;
    await dns.synced;
    expect(dns.ready()).toBe(true);
  });

  test('a Service, over UDP and TCP, many questions in one connection', async () => {
    expect(addresses(await askUdp('web.default.svc.cluster.local'))).toEqual(['10.96.0.5']);
    const found = await askTcp(['web.default.svc.cluster.local', 'www.example.org', 'web.default.svc.cluster.local']);
    expect(found.toSorted((a, b) => a.id! - b.id!).map(addresses)).toEqual([['10.96.0.5'], ['192.0.2.1'], ['10.96.0.5']]);
  });

  test('"no such name" and "no such record" carry the SOA', async () => {
    const missing = await askUdp('nope.default.svc.cluster.local');
    expect([missing.rcode, missing.flag_aa, missing.answers!.length]).toEqual(['NXDOMAIN', true, 0]);
    expect(missing.authorities).toEqual([expect.objectContaining({ type: 'SOA', name: 'cluster.local', ttl: 5, data: expect.objectContaining({ mname: 'ns.dns.cluster.local', minimum: 5 }) })]);
    const noRecord = await askUdp('web.default.svc.cluster.local', 'AAAA');
    expect([noRecord.rcode, noRecord.answers!.length, noRecord.authorities!.length]).toEqual(['NOERROR', 0, 1]);
    expect((await askUdp('cluster.local', 'SOA')).answers!.length).toBe(1);
  });

  test('an answer that is too long for UDP is cut, with EDNS later, over TCP not', async () => {
    const small = await askUdp('big.default.svc.cluster.local');
    expect(small.flag_tc).toBe(true);
    const more = await askUdp('big.default.svc.cluster.local', 'A', { additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 1232 } as oracle.Answer] });
    expect(more.answers!.length).toBeGreaterThan(small.answers!.length);
    const [whole] = await askTcp(['big.default.svc.cluster.local']);
    expect([whole!.flag_tc, whole!.answers!.length]).toEqual([false, 100]);
  });

  test('addresses of pods come in changing order', async () => {
    const orders = new Set<string>();
    for (let i = 0; i < 5; i++) orders.add(addresses((await askTcp(['big.default.svc.cluster.local']))[0]!).join());
    expect(orders.size).toBeGreaterThan(1);
  });

  test('external names are followed, outside and inside; circles end', async () => {
    expect(addresses(await askUdp('out.default.svc.cluster.local'))).toEqual(['www.example.org', '192.0.2.1']);
    expect(addresses(await askUdp('inner.default.svc.cluster.local'))).toEqual(['web.default.svc.cluster.local', '10.96.0.5']);
    expect(addresses(await askUdp('out.default.svc.cluster.local', 'CNAME'))).toEqual(['www.example.org']);
    expect((await askUdp('loop.default.svc.cluster.local')).rcode).toBe('SERVFAIL');
  });

  test('other names: kept, with their time running down, also when they do not exist', async () => {
    const before = other.asked.length;
    const first = await askUdp('kept.example.org');
    await host.clock.sleep(1_100);
    const second = await askUdp('KEPT.example.org');
    expect(second.answers![0]).toMatchObject({ ttl: (first.answers![0] as { ttl: number }).ttl - 1 });
    expect((await askUdp('missing.example.org')).rcode).toBe('NXDOMAIN');
    expect((await askUdp('missing.example.org')).rcode).toBe('NXDOMAIN');
    expect(other.asked.slice(before)).toEqual(['kept.example.org A', 'missing.example.org A']);
  });

  test('a cut answer of another server is fetched over TCP', async () => {
    const [whole] = await askTcp(['large.example.org']);
    expect(whole!.answers!.length).toBe(200);
    expect((await askUdp('large.example.org')).flag_tc).toBe(true);
  });

  test.each([['silent', 'silent.example.org'], ['broken', 'broken.example.org'], ['forged', 'forged.example.org']])('%s: SERVFAIL', async (_name, name) => {
    expect((await askUdp(name)).rcode).toBe('SERVFAIL');
  });

  test('the same question of many at once is asked once', async () => {
    const before = other.asked.length;
    await Promise.all(Array.from({ length: 20 }, () => askUdp('together.example.org')));
    expect(other.asked.length - before).toBe(1);
  });

  test.each([
    ['two questions', { questions: [{ type: 'A', name: 'a' }, { type: 'A', name: 'b' }] as oracle.Question[] }, 'FORMERR'],
    ['another operation', { flags: 2 << 11 }, 'NOTIMP'],
    ['another class', { questions: [{ type: 'A', name: 'a', class: 'CH' }] as oracle.Question[] }, 'REFUSED'],
  ])('%s: refused by code', async (_name, more, code) => {
    expect((await askUdp('web.default.svc.cluster.local', 'A', more)).rcode).toBe(code);
  });

  test('a version of EDNS that does not exist', async () => {
    const packet = await askUdp('web.default.svc.cluster.local', 'A', { additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 1232, ednsVersion: 9 } as oracle.Answer] });
    expect(packet.additionals).toEqual([expect.objectContaining({ type: 'OPT', extendedRcode: 1 })]);
  });

  test('metrics and readiness', async () => {
    const get = async (path: string): Promise<string> => (await fetch(`http://127.0.0.1:${dns.metricsPort}${path}`)).text();
    expect(await get('/ready')).toBe('OK');
    expect(await get('/metrics')).toMatch(/coredns_dns_requests_total\{zone="cluster.local.",proto="udp",type="A"\} \d+/);
  });

  test('strangers get nothing', async () => {
    const closed = await startDns({ host, informers: fixedInformers({}), address: '0.0.0.0', port: 0, upstreams: [], allowedCidrs: ['10.244.0.0/16'] });
    const own = host.net.addresses().find((entry) => entry.family === 4)?.address;
    const socket = createSocket('udp4');
    let answered = false;
    socket.on('message', () => (answered = true));
    if (own !== undefined) await new Promise<void>((resolve) => socket.bind(0, own, () => resolve()));
    socket.send(oracle.encode({ type: 'query', id: 1, questions: [{ type: 'A', name: 'a.cluster.local' }] }), closed.port, own ?? '127.0.0.1');
    await host.clock.sleep(200);
    socket.close();
    await closed.stop();
    expect(answered).toBe(own === undefined);
  });
});

describe('its endpoint', () => {
  test('is published, put right when somebody changes it, and withdrawn', async () => {
    const stored = new Map<string, EndpointSlice>();
    const about = { group: 'discovery.k8s.io', plural: 'endpointslices' };
    const slices = {
      get: async (name: string) => stored.get(name) ?? Promise.reject(notFound(about, name)),
      create: async (slice: EndpointSlice) => void stored.set(slice.metadata.name!, structuredClone(slice)),
      update: async (slice: EndpointSlice) => void stored.set(slice.metadata.name!, structuredClone(slice)),
      delete: async (name: string) => (stored.delete(name) ? undefined : Promise.reject(notFound(about, name))),
    };
    const client = { of: () => ({ inNamespace: () => slices }) } as unknown as Client;
    const options = { nodeName: 'a', nodeIp: '192.0.2.2', port: 5300, periodMs: 20 };
    const running = await publishDnsEndpoint(host, client, options);
    const name = 'kube-dns-a';
    expect(stored.get(name)).toEqual(dnsSlice(options));
    expect(stored.get(name)!.ports).toEqual([{ name: 'dns', protocol: 'UDP', port: 5300 }, { name: 'dns-tcp', protocol: 'TCP', port: 5300 }]);
    stored.delete(name);
    await host.clock.sleep(100);
    expect(stored.has(name)).toBe(true);
    stored.get(name)!.endpoints![0]!.addresses = ['203.0.113.9'];
    await host.clock.sleep(100);
    expect(stored.get(name)!.endpoints![0]!.addresses).toEqual(['192.0.2.2']);
    await running.stop();
    expect(stored.size).toBe(0);
    await expect(slices.get(name)).rejects.toSatisfy(isNotFound);
  });
});
