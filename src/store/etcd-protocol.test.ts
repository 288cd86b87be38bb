/** What the store asks of etcd, and what it makes of its answers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeClock } from '../host/node/clock.ts';
import { createAuthority, issueCertificate } from '../pki/certificates.ts';
import type { Backend } from './backend.ts';
import { Compactor } from './etcd/compactor.ts';
import { EtcdConnection, parseEndpoint } from './etcd/connection.ts';
import { Leases } from './etcd/leases.ts';
import { readTxn, txnRequest } from './etcd/messages.ts';
import { reportsProgress } from './etcd/version.ts';
import { MessageReader, MessageWriter } from './etcd/wire.ts';
import { hasEtcd, startEtcd, type EtcdCluster } from './etcd.fixture.ts';
import { etcdBackend } from './etcd.ts';
import { ManualClock } from './manual-clock.ts';

const clock = nodeClock();

test.each([
  ['3.4.23', false], ['3.4.31', true], ['3.5.12', false], ['3.5.13', true], ['3.6.0', true], ['4.0.0', true], ['3.3.27', false], ['3.4.31-rc.1', true], ['', false],
] as const)('a member of version %s reports progress rightly: %s', (version, expected) => expect(reportsProgress(version)).toBe(expected));

test.each([
  ['http://127.0.0.1:2379', '127.0.0.1:2379', false], ['https://etcd.example:2379/', 'etcd.example:2379', true], ['etcd:2379', 'etcd:2379', false],
  ['https://[fd00::1]:2379', '[fd00::1]:2379', true], ['unix:///run/etcd.sock', 'unix:///run/etcd.sock', false],
] as const)('the endpoint %s', (endpoint, address, secure) => expect(parseEndpoint(endpoint)).toMatchObject({ address, secure }));

test.each(['', 'http://', 'ftp://a:1', 'http://a', 'http://a:1/path', 'http://user@a:1'])('the endpoint "%s" is refused by name', (endpoint) => {
  expect(() => parseEndpoint(endpoint)).toThrow(`"${endpoint}" is no address of an etcd member`);
});

test.each([0, 1, 127, 128, 300, 2 ** 31, 2 ** 32 + 5, 2 ** 53 - 1])('the number %d is written and read', (number) => {
  const reader = new MessageReader(new MessageWriter(1).number(7, number).flag(9, true).done());
  if (number !== 0) {
    expect(reader.next()).toBe(7);
    expect(reader.number()).toBe(number);
  }
  expect(reader.next()).toBe(9);
  expect(reader.number()).toBe(1);
  expect(reader.next()).toBe(0);
});

test('large numbers keep all their bits, and what nobody asked for is passed over', () => {
  const bytes = new MessageWriter().large(2, -1n).large(3, 0x7fff_ffff_ffff_ffffn).bytes(4, Buffer.from('x')).done();
  const reader = new MessageReader(bytes);
  expect([reader.next(), reader.large(), reader.next(), reader.large(), reader.next()]).toEqual([2, -1n, 3, 0x7fff_ffff_ffff_ffffn, 4]);
  const again = new MessageReader(bytes);
  again.next();
  again.skip();
  again.next();
  again.skip();
  expect([again.next(), again.text()]).toEqual([4, 'x']);
  expect(() => new MessageReader(bytes.subarray(0, 4)).next() && new MessageReader(Buffer.from([0x12, 5, 1])).next() && new MessageReader(Buffer.from([0xff])).number()).toThrow('cut short');
});

describe.skipIf(!hasEtcd('what is asked of etcd'))('against a real etcd', () => {
  let etcd: EtcdCluster;
  let connection: EtcdConnection;
  let store: Backend;
  beforeAll(async () => {
    etcd = await startEtcd(1, { args: ['--max-request-bytes', '100000'] });
    connection = new EtcdConnection({ endpoints: etcd.endpoints, clock });
    store = await etcdBackend({ endpoints: etcd.endpoints, clock, rename: { from: '/registry', to: '/other' }, compactionIntervalMs: 0, progress: 'ask' });
  });
  afterAll(async () => {
    await store.close();
    connection.close();
    await etcd.close();
  });
  const etcdctl = (...args: string[]): string => execFileSync('etcdctl', ['--endpoints', etcd.endpoints[0]!, ...args], { encoding: 'utf8', env: { ...process.env, ETCDCTL_API: '3' } });

  test('keys lie under the prefix that was asked for, and come back under the usual one', async () => {
    const made = await store.commit({ type: 'create', key: '/registry/pods/default/a', value: Buffer.from('v') });
    expect(etcdctl('get', '--prefix', '/other/').split('\n')).toEqual(['/other/pods/default/a', 'v', '']);
    expect((await store.list('/registry/pods/')).entries).toMatchObject([{ key: '/registry/pods/default/a', modRevision: made.ok && made.revision }]);
    await expect(store.get('/elsewhere')).rejects.toThrow('the key "/elsewhere" does not begin with "/registry"');
  });

  test('a watch that asks for progress is told of what others write elsewhere', async () => {
    const from = await store.revision();
    const reached: number[] = [];
    const stop = new AbortController();
    const watching = (async () => {
      for await (const batch of store.watch('/registry/', from, stop.signal)) {
        expect(batch.changes).toEqual([]);
        reached.push(batch.revision);
      }
    })();
    etcdctl('put', '/not-ours', 'x');
    const newest = await store.revision();
    expect(newest).toBe(from + 1);
    while (reached.at(-1) !== newest) await clock.sleep(10);
    stop.abort();
    await watching;
  });

  test('a request that is too large is refused by name', async () => {
    await expect(store.commit({ type: 'create', key: '/registry/large', value: Buffer.alloc(150_000) })).rejects.toMatchObject({ reason: 'too-large' });
    await expect(store.commit({ type: 'create', key: '/registry/huge', value: Buffer.alloc(5_000_000) })).rejects.toMatchObject({ reason: 'too-large' });
    expect(await store.get('/registry/large')).toBeUndefined();
  });

  test('keys of one window share a lease; a longer life takes another', async () => {
    const manual = new ManualClock();
    const leases = new Leases(connection, manual);
    const first = await leases.take(3_600);
    manual.advance(30_000);
    expect(await leases.take(3_600)).toBe(first);
    expect(await leases.take(7_200)).not.toBe(first);
    manual.advance(31_000);
    expect(await leases.take(3_600)).not.toBe(first);
    expect(etcdctl('lease', 'timetolive', first.toString(16))).toContain('granted with TTL(3660s)');
  });

  test('servers that share a cluster compact once an interval, to what was newest an interval ago', async () => {
    const compacted: string[] = [];
    const make = (name: string): Compactor => new Compactor({ connection, clock, log: undefined, intervalMs: 1, compact: async (upTo) => void compacted.push(`${name} ${upTo}`) });
    const [a, b] = [make('a'), make('b')];
    // The first turns only find out how things stand.
    expect([await a.turn(), await b.turn()]).toEqual([undefined, undefined]);
    expect(await b.turn()).toBeGreaterThan(0);
    expect(await a.turn()).toBeUndefined();
    const before = await store.revision();
    await store.commit({ type: 'create', key: '/registry/x', value: Buffer.from('v') });
    expect(await a.turn()).toBe(before);
    expect(await b.turn()).toBeUndefined();
    expect(compacted).toHaveLength(2);
    expect(Number(etcdctl('get', '--print-value-only', 'compact_rev_key'))).toBe(before);
  });

  test('a transaction that fails shows what is there', async () => {
    const key = Buffer.from('/raw');
    const send = (version: number, put: string): Promise<ReturnType<typeof readTxn>> => connection.call('/etcdserverpb.KV/Txn', txnRequest(key, { version }, { put: Buffer.from(put) }), readTxn);
    expect((await send(0, 'one')).succeeded).toBe(true);
    const failed = await send(0, 'two');
    expect([failed.succeeded, failed.kv?.value.toString(), failed.kv?.version]).toEqual([false, 'one', 1]);
  });
});

describe.skipIf(!hasEtcd('etcd behind TLS'))('etcd behind TLS', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kubets-etcd-tls-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('a client certificate is shown and the member\'s is checked; without either the refusal is told', async () => {
    const nowMs = clock.now();
    const [authority, stranger] = [await createAuthority({ commonName: 'etcd-ca', nowMs, days: 1 }), await createAuthority({ commonName: 'another', nowMs, days: 1 })];
    const serving = await issueCertificate(authority, { commonName: 'etcd', usages: ['server', 'client'], ipAddresses: ['127.0.0.1'], nowMs, days: 1 });
    const client = await issueCertificate(authority, { commonName: 'apiserver', usages: ['client'], nowMs, days: 1 });
    const file = (name: string, content: string): string => {
      writeFileSync(join(directory, name), content);
      return join(directory, name);
    };
    const etcd = await startEtcd(1, { tls: { ca: file('ca.crt', authority.cert), cert: file('etcd.crt', serving.cert), key: file('etcd.key', serving.key) } });
    try {
      const store = await etcdBackend({ endpoints: etcd.endpoints, clock, tls: { ca: authority.cert, cert: client.cert, key: client.key }, compactionIntervalMs: 0 });
      expect(await store.commit({ type: 'create', key: '/a', value: Buffer.from('v') })).toMatchObject({ ok: true });
      await store.close();
      const short = { endpoints: etcd.endpoints, clock, callTimeoutMs: 1_500 };
      await expect(etcdBackend({ ...short, tls: { ca: authority.cert } })).rejects.toThrow('does not answer');
      await expect(etcdBackend({ ...short, tls: { ca: stranger.cert, cert: client.cert, key: client.key } })).rejects.toThrow(/certificate/);
    } finally {
      await etcd.close();
    }
  }, 30_000);

  test('a user who may not is told so', async () => {
    const etcd = await startEtcd();
    const etcdctl = (...args: string[]): string => execFileSync('etcdctl', ['--endpoints', etcd.endpoints[0]!, ...args], { encoding: 'utf8', env: { ...process.env, ETCDCTL_API: '3' }, stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      const store = await etcdBackend({ endpoints: etcd.endpoints, clock, compactionIntervalMs: 0 });
      etcdctl('user', 'add', 'root:secret');
      etcdctl('user', 'grant-role', 'root', 'root');
      etcdctl('auth', 'enable');
      await expect(store.commit({ type: 'create', key: '/a', value: Buffer.from('v') })).rejects.toMatchObject({ reason: 'not-allowed' });
      await expect(store.list('/')).rejects.toThrow(/refuses this client .*--etcd-certfile/);
      await expect((async () => { for await (const _ of store.watch('/', 1)) void _; })()).rejects.toThrow('refuses this client');
      await store.close();
    } finally {
      await etcd.close();
    }
  }, 30_000);
});
