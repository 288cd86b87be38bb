/** One row a rule for the kinds that have no version on by default. */
import { constants, generateKeyPairSync, sign } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../pki/certificates.ts';
import { signRequest } from '../pki/requests.ts';
import type { Loose } from './strategies.fixture.ts';
import { ANCHOR, created, loadOffKinds, NOW, refusals, STUB, updated, updateRefusals } from './strategies.fixture.ts';

beforeAll(loadOffKinds);

const MINUTE_MS = 60_000;
type Change = (object: Loose) => void;
type Row = [name: string, change: Change, expected: string[]];
const CERTS = 'certificates.k8s.io';
const GROUP = 'scheduling.k8s.io/PodGroup';
const WORKLOAD = 'scheduling.k8s.io/Workload';
const MIGRATION = 'storagemigration.k8s.io/StorageVersionMigration';
const VERSION = 'internal.apiserver.k8s.io/StorageVersion';
const POOLS = 'resource.k8s.io/ResourcePoolStatusRequest';
const RULE = 'resource.k8s.io/DeviceTaintRule';
const REQUEST = `${CERTS}/PodCertificateRequest`;
const BUNDLE = `${CERTS}/ClusterTrustBundle`;
const CANDIDATE = 'coordination.k8s.io/LeaseCandidate';
const condition = (type: string, status = 'True'): object => ({ type, status, reason: 'R', message: 'm', lastTransitionTime: '2026-03-01T12:00:00Z' });
const label = (name: string): string => refusals('/Namespace', (n) => { n.metadata.name = name; })[0]!.replace(/^[^:]*: Invalid value: "[^"]*": /, '');

const creates: Record<string, Row[]> = {
  [BUNDLE]: [
    ['another prefix', (b) => { b.metadata.name = 'example.com:other:x'; }, ['metadata.name: Invalid value: "example.com:other:x": ClusterTrustBundle for signerName example.com/signer must be named with prefix example.com:signer:']],
    ['a colon without a signer', (b) => { b.spec.signerName = ''; }, ['metadata.name: Invalid value: "example.com:signer:first": ClusterTrustBundle without signer name must not have ":" in its name']],
    ['nothing to trust', (b) => { b.spec.trustBundle = 'x'; }, ['spec.trustBundle: Invalid value: "<value omitted>": at least one trust anchor must be provided']],
    ['a key', (b) => { b.spec.trustBundle = ANCHOR.replaceAll('CERTIFICATE', 'PRIVATE KEY'); }, ['spec.trustBundle: Invalid value: "<value omitted>": entry 0 has bad block type: PRIVATE KEY']],
    ['headers', (b) => { b.spec.trustBundle = ANCHOR.replace('\n', '\nA: b\n'); }, ['spec.trustBundle: Invalid value: "<value omitted>": entry 0 has PEM block headers']],
    ['no certificate', (b) => { b.spec.trustBundle = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'; }, ['spec.trustBundle: Invalid value: "<value omitted>": entry 0 does not parse as X.509']],
    ['one twice', (b) => { b.spec.trustBundle = ANCHOR + ANCHOR; }, ['spec.trustBundle: Invalid value: "<value omitted>": duplicate trust anchor (indices [0 1])']],
    ['too long', (b) => { b.spec.trustBundle = ANCHOR + ' '.repeat(1024 * 1024); }, ['spec.trustBundle: Too long: may not be more than 1048576 bytes']],
  ],
  [REQUEST]: [
    ['nobody', (r) => { r.spec.podUID = ''; r.spec.nodeUID = ''; r.spec.serviceAccountUID = 'x'.repeat(129); }, [
      'spec.podUID: Invalid value: "": must not be empty', 'spec.serviceAccountUID: Too long: may not be more than 128 bytes', 'spec.nodeUID: Invalid value: "": must not be empty',
    ]],
    ['for long', (r) => { r.spec.maxExpirationSeconds = 7_862_401; }, ['spec.maxExpirationSeconds: Invalid value: 7862401: must be in the range [3600, 7862400]']],
    ['a signer of the system, for two days', (r) => { r.spec.signerName = 'kubernetes.io/x'; r.spec.maxExpirationSeconds = 172_800; }, ['spec.maxExpirationSeconds: Invalid value: 172800: must be in the range [3600, 86400]']],
    ['no key', (r) => { r.spec.stubPKCS10Request = ''; }, ['spec.stubPKCS10Request: Required value: must be set']],
    ['no request', (r) => { r.spec.stubPKCS10Request = btoa('x'); }, ['spec.stubPKCS10Request: Invalid value: must be a valid PKCS#10 certificate signing request']],
    ['another signature', (r) => { r.spec.stubPKCS10Request = STUB.replace('EABh4', 'EABh5'); }, ['spec.stubPKCS10Request: Invalid value: could not verify the signature of the certificate signing request']],
    ['two proofs', (r) => { r.spec.pkixPublicKey = 'AAAA'; }, ['spec.pkixPublicKey: Forbidden: may not be set when stubPKCS10Request is set']],
    ['a note without a domain', (r) => { r.spec.unverifiedUserAnnotations = { a: 'b' }; }, ['spec.unverifiedUserAnnotations: Invalid value: "a": must be a domain-prefixed key (such as "acme.io/foo")']],
  ],
  [CANDIDATE]: [
    ['no versions', (c) => { c.spec.binaryVersion = ''; delete c.spec.emulationVersion; }, ['spec.binaryVersion: Required value', "spec.emulationVersion: Required value: must be specified when `strategy` is 'OldestEmulationVersion'"]],
    ['words for versions', (c) => { c.spec.binaryVersion = 'v1.36'; c.spec.emulationVersion = '1.036.0'; }, [
      'spec.emulationVersion: Invalid value: "1.036.0": must be a valid semantic version', 'spec.binaryVersion: Invalid value: "v1.36": must be a valid semantic version', "spec.emulationVersion: Required value: must be specified when `strategy` is 'OldestEmulationVersion'",
    ]],
    ['older than what it emulates', (c) => { c.spec.binaryVersion = '1.36.0-rc.1'; }, ['spec.binaryVersion: Invalid value: "1.36.0-rc.1": must be greater than or equal to `emulationVersion`']],
    ['a release after its candidates', (c) => { c.spec.emulationVersion = '1.36.0-rc.10'; c.spec.binaryVersion = '1.36.0-rc.11+build.1'; }, []],
    ['a strategy of one\'s own', (c) => { c.spec.strategy = 'example.com/coin'; delete c.spec.emulationVersion; }, []],
    ['an unknown strategy', (c) => { c.spec.strategy = 'Coin'; }, ['spec.strategy.strategy: Unsupported value: "Coin": supported values: "OldestEmulationVersion"']],
    ['no lease', (c) => { c.spec.leaseName = ''; c.spec.strategy = ''; }, ['spec.leaseName: Required value', 'spec.strategy: Required value']],
  ],
  [GROUP]: [
    ['no policy', (g) => { g.spec.schedulingPolicy = {}; }, ['spec.schedulingPolicy: Invalid value: "": must specify one of: `basic`, `gang`']],
    ['both policies', (g) => { g.spec.schedulingPolicy.basic = {}; }, ['spec.schedulingPolicy: Invalid value: "{`basic`, `gang`}": exactly one of `basic`, `gang` is required, but multiple fields are set']],
    ['a gang of nobody', (g) => { g.spec.schedulingPolicy.gang.minCount = -1; }, ['spec.schedulingPolicy.gang.minCount: Invalid value: -1: must be greater than or equal to 1']],
    ['a gang of unsaid size', (g) => { g.spec.schedulingPolicy.gang.minCount = 0; }, ['spec.schedulingPolicy.gang.minCount: Required value']],
    ['of no template', (g) => { g.spec.podGroupTemplateRef.workload = { workloadName: '', podGroupTemplateName: 'A' }; }, [
      'spec.podGroupTemplateRef.workload.workloadName: Required value', `spec.podGroupTemplateRef.workload.podGroupTemplateName: Invalid value: "A": ${label('A')}`,
    ]],
    ['of nothing', (g) => { g.spec.podGroupTemplateRef = {}; }, ['spec.podGroupTemplateRef: Invalid value: "": must specify one of: `workload`']],
  ],
  [WORKLOAD]: [
    ['no templates', (w) => { w.spec.podGroupTemplates = []; }, ['spec.podGroupTemplates: Required value: must have at least one item']],
    ['nine templates', (w) => { w.spec.podGroupTemplates = Array.from({ length: 9 }, (_, i) => ({ name: `t${i}`, schedulingPolicy: { basic: {} } })); }, ['spec.podGroupTemplates: Too many: 9: must have at most 8 items']],
    ['a template twice', (w) => w.spec.podGroupTemplates.push({ name: 'workers', schedulingPolicy: { basic: {} } }), ['spec.podGroupTemplates[1]: Duplicate value: {"name":"workers","schedulingPolicy":{"basic":{}}}']],
    ['an owner without a name', (w) => { w.spec.controllerRef = { apiGroup: 'A', kind: 'a/b', name: '' }; }, [
      expect.stringContaining('spec.controllerRef.apiGroup: Invalid value: "A": a lowercase RFC 1123 subdomain'), 'spec.controllerRef.kind: Invalid value: "a/b": may not contain \'/\'', 'spec.controllerRef.name: Required value',
    ]],
  ],
  [RULE]: [
    ['nowhere', (r) => { r.spec.deviceSelector = { driver: '', pool: '', device: '' }; }, ['spec.deviceSelector.driver: Required value', 'spec.deviceSelector.pool: Required value', expect.stringMatching(/^spec.deviceSelector.device: Invalid value: "": a lowercase RFC 1123 label /)]],
    ['all devices', (r) => { delete r.spec.deviceSelector; }, []],
    ['no effect', (r) => { r.spec.taint.effect = ''; }, ['spec.taint.effect: Required value']],
    ['an unknown effect', (r) => { r.spec.taint.effect = 'Sad'; }, ['spec.taint.effect: Unsupported value: "Sad": supported values: "NoExecute", "NoSchedule", "None"']],
    ['an odd value', (r) => { r.spec.taint.value = 'a b'; }, [expect.stringContaining('spec.taint.value: Invalid value: "a b": a valid label must be')]],
  ],
  [POOLS]: [
    ['no driver', (r) => { r.spec.driver = ''; }, ['spec.driver: Required value']],
    ['no pool', (r) => { r.spec.poolName = ''; }, ['spec.poolName: Invalid value: "": segment 0: must not be empty']],
    ['none', (r) => { r.spec.limit = 0; }, ['spec.limit: Invalid value: 0: must be greater than or equal to 1']],
    ['too many', (r) => { r.spec.limit = 1001; }, ['spec.limit: Invalid value: 1001: must be less than or equal to 1000']],
  ],
  [VERSION]: [
    ['without a group', (v) => { v.metadata.name = 'deployments'; }, ['metadata.name: Invalid value: "deployments": name must be in the form of <group>.<resource>']],
    ['another resource', (v) => { v.metadata.name = 'apps.1'; }, [expect.stringContaining('metadata.name: Invalid value: "apps.1": the resource segment a DNS-1035 label')]],
  ],
  [MIGRATION]: [['of nothing', (m) => { m.spec.resource.resource = ''; }, ['spec.resource.resource: Required value: resource is required']]],
};

describe.each(Object.entries(creates))('%s', (key, rows) => {
  test.each(rows)('%s', (_name, change, expected) => {
    expect(refusals(key, change)).toEqual(expected);
  });
});

const server = (id: string, encoding: string): object => ({ apiServerID: id, encodingVersion: encoding, decodableVersions: [encoding] });
const ends = (...types: string[]): Change => (object) => { object.status = { conditions: types.map((type) => condition(type)) }; };

test.each<[string, string, Change, string[], { subresource?: string; stored?: Change }?]>([
  ['another signer', BUNDLE, (b) => { b.spec.signerName = 'example.com/other'; b.metadata.name = 'example.com:signer:first'; }, [
    'metadata.name: Invalid value: "example.com:signer:first": ClusterTrustBundle for signerName example.com/other must be named with prefix example.com:other:', 'spec.signerName: Invalid value: "example.com/other": field is immutable',
  ]],
  ['a bundle that was stored is not read again', BUNDLE, (b) => { b.metadata.labels = { a: 'b' }; }, [], { stored: (b) => { b.spec.trustBundle = 'x'; } }],
  ['another pod', REQUEST, (r) => { r.spec.podName = 'x'; }, [expect.stringMatching(/^spec: Invalid value: .*: field is immutable$/)]],
  ['an unknown end', REQUEST, ends('Lost'), ['status.conditions.[0].type: Unsupported value: "Lost": supported values: "Issued", "Denied", "Failed"'], { subresource: 'status' }],
  ['two ends', REQUEST, ends('Denied', 'Failed'), ['status.conditions.[1].type: Invalid value: "Failed": There may be at most one condition with type "Issued", "Denied", or "Failed"'], { subresource: 'status' }],
  ['denied', REQUEST, ends('Denied'), [], { subresource: 'status' }],
  ['denied, with a certificate', REQUEST, (r) => { ends('Denied')(r); r.status.certificateChain = ANCHOR; }, ['status: Invalid value: non-condition status fields must be empty when denying or failing the PodCertificateRequest'], { subresource: 'status' }],
  ['a second thought', REQUEST, ends('Failed'), ['status: Invalid value: immutable after PodCertificateRequest is issued, denied, or failed'], { subresource: 'status', stored: ends('Denied') }],
  ['a certificate without an end', REQUEST, (r) => { r.status = { certificateChain: ANCHOR }; }, ['status: Invalid value: status is immutable unless transitioning to "Issued", "Denied", or "Failed"'], { subresource: 'status' }],
  ['issued to another key', REQUEST, (r) => { ends('Issued')(r); r.status.certificateChain = ANCHOR; }, [`status.certificateChain: Invalid value: ${JSON.stringify(ANCHOR)}: leaf certificate was not issued to the requested public key`], { subresource: 'status' }],
  ['another lease', CANDIDATE, (c) => { c.spec.leaseName = 'x'; }, ['spec.leaseName: Invalid value: "x": field is immutable']],
  ['another policy', GROUP, (g) => { g.spec.schedulingPolicy.gang.minCount = 5; }, ['spec.schedulingPolicy: Invalid value: null: field is immutable']],
  ['a claim that was not asked for', GROUP, (g) => { g.status = { resourceClaimStatuses: [{ name: 'x' }] }; }, ['status.resourceClaimStatuses[0].name: Invalid value: "x": must match the name of an entry in `spec.resourceClaims`'], { subresource: 'status' }],
  ['another owner', WORKLOAD, (w) => { w.spec.controllerRef.name = 'x'; }, ['spec.controllerRef: Invalid value: null: field is immutable']],
  ['an owner said later', WORKLOAD, (w) => { w.spec.controllerRef = { kind: 'Job', name: 'x' }; }, ['spec.controllerRef: Invalid value: null: field is immutable'], { stored: (w) => { delete w.spec.controllerRef; } }],
  ['other templates', WORKLOAD, (w) => { w.spec.podGroupTemplates[0].name = 'x'; }, [expect.stringMatching(/^spec.podGroupTemplates: Invalid value: .*: field is immutable$/)]],
  ['another driver', POOLS, (r) => { r.spec.driver = 'x.y'; }, [expect.stringMatching(/^spec: Invalid value: .*: field is immutable$/)]],
  ['an answer without a count', POOLS, (r) => { r.status = { pools: [{ driver: '', poolName: 'a', generation: -1, totalDevices: -1, resourceSliceCount: 0 }] }; }, [
    'status.poolCount: Required value', 'status.pools[0].driver: Required value', 'status.pools[0].generation: Invalid value: -1: must be greater than or equal to 0',
    'status.pools[0].resourceSliceCount: Invalid value: 0: must be greater than or equal to 1', 'status.pools[0].totalDevices: Invalid value: -1: must be greater than or equal to 0',
  ], { subresource: 'status' }],
  ['a second answer', POOLS, (r) => { r.status = { poolCount: 2 }; }, ['status: Invalid value: {"poolCount":2}: field is immutable'], { subresource: 'status', stored: (r) => { r.status = { poolCount: 1 }; } }],
  ['a taint rule may be changed', RULE, (r) => { r.spec.taint.effect = 'NoSchedule'; }, []],
  ['servers that agree, unsaid', VERSION, (v) => { v.status = { storageVersions: [server('a', 'apps/v1'), server('b', 'apps/v1')] }; }, ['status.commonEncodingVersion: Invalid value: null: the common encoding version is apps/v1'], { subresource: 'status' }],
  ['servers that differ, and one version', VERSION, (v) => { v.status = { commonEncodingVersion: 'apps/v1', storageVersions: [server('a', 'apps/v1'), server('b', 'apps/v2')] }; }, [
    'status.commonEncodingVersion: Invalid value: "apps/v1": should be nil if servers do not agree on the same encoding version, or if there is no server reporting the supported versions yet',
  ], { subresource: 'status' }],
  ['a server that cannot read what it writes', VERSION, (v) => { v.status = { commonEncodingVersion: 'apps/v1', storageVersions: [{ ...server('a', 'apps/v1'), decodableVersions: ['a/b/c'] }] }; }, [
    expect.stringContaining('status.storageVersions[0].decodableVersions[0]: Invalid value: "a/b/c": an apiVersion is a DNS-1035 label'),
    'status.storageVersions[0].decodableVersions: Invalid value: ["a/b/c"]: decodableVersions must include encodingVersion apps/v1',
  ], { subresource: 'status' }],
  ['another resource', MIGRATION, (m) => { m.spec.resource = { group: '', resource: 'pods' }; }, ['group: Invalid value: "": field is immutable', 'resource: Invalid value: "pods": field is immutable']],
  ['an odd revision', MIGRATION, (m) => { m.status = { resourceVersion: 'x' }; }, ['status.resourceVersion: Invalid value: "x": failed to parse resource version "x": strconv.ParseInt: parsing "x": invalid syntax'], { subresource: 'status' }],
  ['another revision', MIGRATION, (m) => { m.status = { resourceVersion: '6' }; }, ['status.resourceVersion: Invalid value: "6": cannot be updated'], { subresource: 'status', stored: (m) => { m.status = { resourceVersion: '5' }; } }],
  ['both ends', MIGRATION, ends('Succeeded', 'Failed'), [expect.stringMatching(/^status.conditions: Invalid value: .*: Both success and failed conditions cannot be true at the same time$/)], { subresource: 'status' }],
  ['an end, and it runs', MIGRATION, ends('Failed', 'Running'), [expect.stringMatching(/: Running condition cannot be true when failed condition is true$/)], { subresource: 'status' }],
  ['an end taken back', MIGRATION, ends('Running'), [expect.stringMatching(/: Success condition cannot be set to false once it is true$/)], { subresource: 'status', stored: ends('Succeeded') }],
])('%s (%s)', (_name, key, change, expected, options) => {
  expect(updateRefusals(key, change, options)).toEqual(expected);
});

test('fields of features that are off vanish', () => {
  const group = created(GROUP, (g) => { g.spec.disruptionMode = 'PodGroup'; g.spec.priority = 5; g.spec.resourceClaims = [{ name: 'a', resourceClaimName: 'b' }]; });
  expect(Object.keys(group.spec)).toEqual(['podGroupTemplateRef', 'schedulingPolicy']);
  const workload = created(WORKLOAD, (w) => { w.spec.podGroupTemplates[0].priority = 5; });
  expect(Object.keys(workload.spec.podGroupTemplates[0])).toEqual(['name', 'schedulingPolicy']);
  const { next } = updated(GROUP, (g) => { g.spec.priority = 6; }, { stored: (g) => { g.spec.priority = 5; } });
  expect(next.spec.priority).toBe(6);
});

describe('certificates for pods', () => {
  const issue = async (): Promise<{ pem: string; change: Change }> => {
    const csr = atob(created(`${CERTS}/CertificateSigningRequest`).spec.request);
    const authority = await createAuthority({ commonName: 'signer', nowMs: NOW, days: 30 });
    // Certificates begin five minutes before they are made.
    const pem = await signRequest(authority, { request: csr, usages: ['client auth'], nowMs: NOW + 5 * MINUTE_MS, durationMs: 60 * MINUTE_MS });
    const stub = csr.split('\n').filter((line) => !line.startsWith('-----')).join('');
    return { pem, change: (request) => { request.spec.stubPKCS10Request = stub; } };
  };
  const answer = (pem: string, times: object = {}): Change => (request) => {
    request.status = { conditions: [condition('Issued')], certificateChain: pem, notBefore: '2026-03-01T12:00:00Z', notAfter: '2026-03-01T13:00:00Z', beginRefreshAt: '2026-03-01T12:30:00Z', ...times };
  };
  test('one for the key that was asked for is an answer; its times must be its own', async () => {
    const { pem, change } = await issue();
    const options = { subresource: 'status', stored: change };
    expect(updateRefusals(REQUEST, answer(pem), options)).toEqual([]);
    expect(updateRefusals(REQUEST, answer(pem, { notAfter: '2026-03-01T14:00:00Z' }), options)).toEqual(['status.notAfter: Invalid value: "2026-03-01T14:00:00Z": must be set to the NotAfter time encoded in the leaf certificate']);
    expect(updateRefusals(REQUEST, answer(pem, { beginRefreshAt: '2026-03-01T12:55:00Z' }), options)).toEqual(['status.beginRefreshAt: Invalid value: "2026-03-01T12:55:00Z": must be at least 10 minutes before status.notAfter']);
    expect(updateRefusals(REQUEST, answer(pem, { notBefore: undefined, beginRefreshAt: undefined }), options)).toEqual([
      'status.notBefore: Required value: must be present and consistent with the issued certificate', 'status.beginRefreshAt: Required value: must be present and in the range [notbefore+10min, notafter-10min]',
    ]);
    expect(updateRefusals(REQUEST, answer(`${pem}-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`), options)).toEqual([expect.stringMatching(/: intermediate certificate does not parse as valid X.509$/)]);
  });
  test.each([
    ['ed25519', () => generateKeyPairSync('ed25519'), []],
    ['rsa', () => generateKeyPairSync('rsa', { modulusLength: 3072 }), []],
    ['ec', () => generateKeyPairSync('ec', { namedCurve: 'P-384' }), []],
    ['a short key', () => generateKeyPairSync('rsa', { modulusLength: 2048 }), ['spec.pkixPublicKey: Invalid value: "2048-bit modulus": RSA keys must have modulus size 3072 or 4096']],
    ['another curve', () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }), ['spec.pkixPublicKey: Invalid value: "curve secp256k1": elliptic public keys must use curve P256, P384 or P521']],
  ])('the older proof of possession: %s', (_name, make, expected) => {
    const { publicKey, privateKey } = make();
    const proof = (text: string): string => sign(privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256', Buffer.from(text), privateKey.asymmetricKeyType === 'rsa' ? { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING } : privateKey).toString('base64');
    const change = (text?: string): Change => (request) => {
      request.spec.stubPKCS10Request = '';
      request.spec.pkixPublicKey = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
      request.spec.proofOfPossession = proof(text ?? request.spec.podUID);
    };
    expect(refusals(REQUEST, change())).toEqual(expected);
    if (expected.length === 0) expect(refusals(REQUEST, change('another'))).toEqual(['spec.proofOfPossession: Invalid value: could not verify proof-of-possession signature']);
  });
});
