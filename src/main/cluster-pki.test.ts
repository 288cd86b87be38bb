import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeHost } from '../host/node/index.ts';
import { ClusterPki } from './cluster-pki.ts';

const host = nodeHost({ logLevel: 'silent' });
const request = { commonName: 'jane', organizations: ['dev', 'ops'], usages: ['client'] } as const;
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kubets-pki-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('keys are for their owner alone', async () => {
  const pki = new ClusterPki(host, directory);
  await Promise.all([pki.leaf('jane', request), pki.signingKeys()]);
  for (const name of ['ca', 'jane', 'service-account']) expect(statSync(join(directory, `${name}.key`)).mode & 0o777).toBe(0o600);
});

test('a leaf is kept while it fits, and made anew when its names or groups do not', async () => {
  const pki = new ClusterPki(host, directory);
  const first = await pki.leaf('jane', request);
  expect(await new ClusterPki(host, directory).leaf('jane', request)).toEqual(first);
  const other = await pki.leaf('jane', { ...request, organizations: ['dev', 'admins'] });
  expect(other.cert).not.toBe(first.cert);
  expect(new X509Certificate(other.cert).subject.split('\n')).toEqual(['O=dev', 'O=admins', 'CN=jane']);
  expect((await pki.leaf('jane', { ...request, organizations: ['dev', 'admins'], commonName: 'joe' })).cert).not.toBe(other.cert);
});

test('a key and a certificate that do not belong together are replaced', async () => {
  const pki = new ClusterPki(host, directory);
  const [jane, joe] = [await pki.leaf('jane', request), await pki.leaf('joe', { ...request, commonName: 'joe' })];
  writeFileSync(join(directory, 'jane.key'), joe.key);
  const again = await pki.leaf('jane', request);
  expect(again.cert).not.toBe(jane.cert);
  expect(new X509Certificate(again.cert).checkPrivateKey(createPrivateKey(again.key))).toBe(true);
});
