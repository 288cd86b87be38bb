import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CertificateSigningRequest } from '../../api/certificates/v1/types.ts';
import { CertificateSigningRequests, ClusterRoleBindings } from '../../api/resources.ts';
import { createAuthority, type KeyPair } from '../../pki/certificates.ts';
import { readRequest } from '../../pki/requests.ts';
import { realCluster } from '../real-cluster.fixture.ts';
import { decideApproval, decideCleaning, decideSigning } from './decide.ts';
import { refusalOf, signerNames, type RequestIdentity } from './signers.ts';

const nowMs = Date.UTC(2030, 0, 1);
const node: RequestIdentity = { commonName: 'system:node:n1', organizations: ['system:nodes'], dnsNames: [], ipAddresses: [], emailAddresses: [], uris: [] };
const forClient = ['digital signature', 'key encipherment', 'client auth'];
const forServer = ['digital signature', 'key encipherment', 'server auth'];

describe('rules of signers', () => {
  const { client, kubeletClient, kubeletServing, legacyUnknown } = signerNames;
  const rows: [string, string, Partial<RequestIdentity>, string[], string | undefined][] = [
    ['a client', client, {}, forClient, undefined],
    ['a client that wants to serve', client, {}, forServer, 'missing required client auth usage'],
    ['a client that wants to sign', client, {}, [...forClient, 'cert sign'], 'invalid usages for client certificate'],
    ['a kubelet', kubeletClient, {}, forClient, undefined],
    ['a kubelet with an elliptic key', kubeletClient, {}, ['digital signature', 'client auth'], undefined],
    ['a kubelet with a name', kubeletClient, { dnsNames: ['n1'] }, forClient, 'DNS subjectAltNames are not allowed'],
    ['a kubelet of another group', kubeletClient, { organizations: ['system:masters'] }, forClient, 'subject organization is not system:nodes'],
    ['a kubelet of two groups', kubeletClient, { organizations: ['system:nodes', 'system:masters'] }, forClient, 'subject organization is not system:nodes'],
    ['not a node', kubeletClient, { commonName: 'bob' }, forClient, 'subject common name does not begin with system:node: '],
    ['a kubelet that wants to serve', kubeletClient, {}, forServer, 'usages did not match [client auth digital signature key encipherment]'],
    ['serving', kubeletServing, { ipAddresses: ['10.0.0.1'] }, forServer, undefined],
    ['serving without a name', kubeletServing, {}, forServer, 'DNS or IP subjectAltName is required'],
    ['serving under a URI', kubeletServing, { dnsNames: ['n1'], uris: ['spiffe://x'] }, forServer, 'URI subjectAltNames are not allowed'],
    ['legacy: anything', legacyUnknown, { uris: ['x:y'] }, ['code signing'], undefined],
  ];
  test.each(rows)('%s', (_name, signer, identity, usages, refusal) => {
    expect(refusalOf(signer, { ...node, ...identity }, usages)).toBe(refusal);
  });
});

function requestOf(spec: Partial<CertificateSigningRequest['spec']> = {}, status: CertificateSigningRequest['status'] = {}): CertificateSigningRequest {
  return { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: 'r', uid: 'u', creationTimestamp: '2030-01-01T00:00:00Z' }, spec: { request: '', signerName: signerNames.kubeletClient, usages: forClient, ...spec }, status };
}
const was = (type: string, at = '2030-01-01T00:00:00Z'): { conditions: { type: string; status: string; lastUpdateTime: string }[] } => ({ conditions: [{ type, status: 'True', lastUpdateTime: at }] });
const hour = 3_600_000;

describe('decide', () => {
  test.each([
    ['the node itself', requestOf({ username: 'system:node:n1' }), ['selfnodeclient', 'nodeclient']],
    ['a bootstrap token', requestOf({ username: 'system:bootstrap:abcdef' }), ['nodeclient']],
    ['approved already', requestOf({}, was('Approved')), []],
    ['denied', requestOf({}, was('Denied')), []],
    ['another signer', requestOf({ signerName: signerNames.client }), []],
    ['other usages', requestOf({ usages: forServer }), []],
  ])('approval: %s', (_name, request, expected) => {
    expect(decideApproval(request, node).map(({ subresource }) => subresource)).toEqual(expected);
  });

  test.each([
    ['not approved', requestOf(), undefined],
    ['approved', requestOf({}, was('Approved')), { sign: { durationMs: 24 * hour } }],
    ['approved and denied', requestOf({}, { conditions: [...was('Approved').conditions, ...was('Denied').conditions] }), undefined],
    ['shorter', requestOf({ expirationSeconds: 7200 }, was('Approved')), { sign: { durationMs: 2 * hour } }],
    ['never longer', requestOf({ expirationSeconds: 999_999_999 }, was('Approved')), { sign: { durationMs: 24 * hour } }],
    ['not ours', requestOf({ signerName: 'example.com/mine' }, was('Approved')), undefined],
    ['against the rules', requestOf({ usages: forServer }, was('Approved')), { fail: 'usages did not match [client auth digital signature key encipherment]' }],
  ])('signing: %s', (_name, request, expected) => {
    expect(decideSigning(request, node, 24 * hour)).toEqual(expected);
  });

  test.each([
    ['pending', requestOf(), 23 * hour, undefined, undefined],
    ['pending for a day', requestOf(), 25 * hour, undefined, 'nobody answered it'],
    ['approved, not yet signed', requestOf({}, was('Approved')), 2 * hour, undefined, undefined],
    ['issued', requestOf({}, { ...was('Approved'), certificate: 'x' }), 2 * hour, nowMs + 9 * hour, 'its certificate was issued'],
    ['denied', requestOf({}, was('Denied')), 2 * hour, undefined, 'it was denied'],
    ['failed a little ago', requestOf({}, was('Failed')), hour / 2, undefined, undefined],
    ['ended', requestOf({}, { ...was('Approved'), certificate: 'x' }), hour / 2, nowMs, 'its certificate has expired'],
  ])('cleaning: %s', (_name, request, afterMs, endsMs, why) => {
    expect(decideCleaning(request, endsMs, nowMs + afterMs)).toBe(why);
  });
});

describe('on the API server', () => {
  let authority: KeyPair;
  let pem: string;
  beforeAll(async () => {
    authority = await createAuthority({ commonName: 'test', nowMs, days: 10 });
    const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
    const request = await x509.Pkcs10CertificateRequestGenerator.create({ name: [{ O: ['system:nodes'] }, { CN: ['system:node:n1'] }], keys: keys as never, signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' } as never });
    pem = request.toString('pem');
  });

  test('a request is read', () => {
    expect(readRequest(pem)).toEqual(node);
    expect(() => readRequest('nonsense')).toThrow();
  });

  test('a node\'s request is approved, signed and cleaned away; one against the rules fails, one of a stranger waits', async () => {
    const cluster = await realCluster(['certificatesigningrequest-approving-controller', 'certificatesigningrequest-signing-controller', 'certificatesigningrequest-cleaner-controller'], { signing: { ...authority, durationMs: 24 * hour } });
    const of = (name: string, extra: object = {}): CertificateSigningRequest => ({
      apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name },
      spec: { request: Buffer.from(pem).toString('base64'), signerName: signerNames.kubeletClient, usages: forClient, ...extra },
    });
    // As kubeadm binds it: which nodes may renew on their own is the administrator's choice.
    await cluster.create(ClusterRoleBindings, {
      apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'renewal' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:nodes' }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient' },
    });
    const asNode = cluster.clientAs('system:node:n1', 'system:nodes');
    await cluster.run(asNode.of(CertificateSigningRequests).create(of('own')));
    await cluster.run(cluster.client.of(CertificateSigningRequests).create(of('serving', { signerName: signerNames.kubeletServing, usages: forServer })));
    const approved = await cluster.run(cluster.client.of(CertificateSigningRequests).get('serving'));
    await cluster.run(cluster.client.of(CertificateSigningRequests).updateSubresource('serving', 'approval', { ...approved, status: { conditions: [{ type: 'Approved', status: 'True', reason: 'Test' }] } }));
    // Certificates are made by the operating system's threads, which virtual time does not wait for.
    let own = await cluster.get(CertificateSigningRequests, 'own');
    for (let i = 0; i < 200 && !own.status?.certificate; i++) {
      await cluster.advance(1000);
      await new Promise((resolve) => setTimeout(resolve, 10));
      own = await cluster.get(CertificateSigningRequests, 'own');
    }
    expect(own.status?.conditions?.map(({ type, reason }) => `${type} ${reason}`)).toEqual(['Approved AutoApproved']);
    const certificate = new X509Certificate(Buffer.from(own.status!.certificate!, 'base64'));
    expect(certificate.subject.split('\n')).toEqual(['O=system:nodes', 'CN=system:node:n1']);
    expect(certificate.verify(new X509Certificate(authority.cert).publicKey)).toBe(true);
    expect(Date.parse(certificate.validTo) - nowMs).toBeLessThan(25 * hour);
    const serving = await cluster.get(CertificateSigningRequests, 'serving');
    expect(serving.status?.conditions?.map(({ type, message }) => `${type} ${message ?? ''}`)).toContain('Failed DNS or IP subjectAltName is required');
    expect(serving.status?.certificate).toBeUndefined();
    await cluster.advance(3 * hour);
    expect(await cluster.names(CertificateSigningRequests)).toEqual([]);
    expect(cluster.refused).toEqual([]);
    await cluster.stop();
  }, 30_000);
});
