import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeHost } from '../host/node/index.ts';
import { hasEtcd, startEtcd } from '../store/etcd.fixture.ts';
import type { Flags } from './flags.ts';
import { openStore } from './store.ts';

const host = nodeHost({ logLevel: 'silent' });

describe('the store that flags name', () => {
  test.each<[string, Flags, string]>([
    ['two stores', { 'etcd-servers': 'http://127.0.0.1:1', 'data-dir': '/x' }, '--etcd-servers and --data-dir exclude each other'],
    ['no address', { 'etcd-servers': 'ftp://a' }, '--etcd-servers: "ftp://a" is no address of an etcd member'],
    ['a certificate without its key', { 'etcd-servers': 'http://127.0.0.1:1', 'etcd-certfile': '/x' }, '--etcd-certfile and --etcd-keyfile belong together'],
    ['a file that is not there', { 'etcd-servers': 'http://127.0.0.1:1', 'etcd-cafile': '/nowhere/ca.crt' }, '--etcd-cafile: "/nowhere/ca.crt" cannot be read'],
    ['an empty prefix', { 'etcd-servers': 'http://127.0.0.1:1', 'etcd-prefix': '/' }, '--etcd-prefix: invalid value "/"'],
    ['an interval that is none', { 'etcd-servers': 'http://127.0.0.1:1', 'etcd-compaction-interval': 'often' }, '--etcd-compaction-interval: invalid value "often"'],
    ['another backend', { 'storage-backend': 'zookeeper' }, '--storage-backend: invalid value "zookeeper": must be etcd3'],
    ['stores by resource', { 'etcd-servers-overrides': '/events#http://a:1' }, '--etcd-servers-overrides is not supported'],
  ])('refused: %s', async (_name, flags, message) => {
    await expect(openStore(host, flags)).rejects.toThrow(message);
  });

  test('without flags it is memory, with a directory the embedded one', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kubets-store-flags-'));
    const [memory, lmdb] = [await openStore(host, {}), await openStore(host, { 'data-dir': join(directory, 's') })];
    expect([await memory.revision(), await lmdb.revision(), memory.shared, lmdb.shared]).toEqual([0, 0, undefined, undefined]);
    await memory.close();
    await lmdb.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test.skipIf(!hasEtcd('the store that --etcd-servers names'))('with members it is etcd, under the prefix', async () => {
    const etcd = await startEtcd();
    const open = (prefix: string): ReturnType<typeof openStore> => openStore(host, { 'etcd-servers': etcd.endpoints.join(','), 'etcd-prefix': prefix, 'storage-backend': 'etcd3' });
    const [mine, other] = [await open('/mine'), await open('other/')];
    await mine.commit({ type: 'create', key: '/registry/a', value: Buffer.from('v') });
    expect([await mine.count('/registry/'), await other.count('/registry/'), mine.shared]).toEqual([1, 0, true]);
    await mine.close();
    await other.close();
    await etcd.close();
  });
});
