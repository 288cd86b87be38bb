import { X509Certificate, createPrivateKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createAuthority, createSigningKeys, issueCertificate } from './certificates.ts';

const nowMs = Date.UTC(2030, 0, 1);

describe('certificates', () => {
  test('a leaf chains up to its authority and carries user, groups and names', async () => {
    const ca = await createAuthority({ commonName: 'kubernetes', nowMs, days: 3650 });
    const leaf = await issueCertificate(ca, {
      commonName: 'system:node:n1', organizations: ['system:nodes'], usages: ['server', 'client'],
      dnsNames: ['n1', 'localhost'], ipAddresses: ['127.0.0.1', '::1'], nowMs, days: 365,
    });
    const cert = new X509Certificate(leaf.cert);
    expect(cert.checkIssued(new X509Certificate(ca.cert))).toBe(true);
    expect(cert.verify(new X509Certificate(ca.cert).publicKey)).toBe(true);
    expect(cert.subject.split('\n')).toEqual(['O=system:nodes', 'CN=system:node:n1']);
    expect(cert.checkHost('n1')).toBe('n1');
    expect(cert.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(cert.checkPrivateKey(createPrivateKey(leaf.key))).toBe(true);
    expect(cert.ca).toBe(false);
    expect(new Date(cert.validTo).getTime()).toBe(nowMs + 365 * 24 * 3600 * 1000);
  });

  test('a comma in a common name stays part of the name', async () => {
    const ca = await createAuthority({ commonName: 'kubernetes', nowMs, days: 1 });
    const leaf = await issueCertificate(ca, { commonName: 'a, O=system:masters', usages: ['client'], nowMs, days: 1 });
    expect(new X509Certificate(leaf.cert).toLegacyObject().subject.O).toBeUndefined();
  });

  test('signing keys fit each other', async () => {
    const keys = await createSigningKeys();
    expect(createPrivateKey(keys.privateKey).asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(keys.publicKey).toContain('BEGIN PUBLIC KEY');
  });
});
