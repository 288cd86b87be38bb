import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { ANCHOR } from '../../api/strategies.fixture.ts';
import { convert } from '../../api/convert.ts';
import { decodeObject } from '../../api/decode.ts';
import { loadResourcesOffByDefault } from '../../api/off-by-default.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { decodeProtobuf } from '../../api/protobuf/decode.ts';
import { resourceForKind } from '../../api/resources.ts';
import { servedBy } from '../runtime-config.ts';
import { startRig, type Rig } from './rig.ts';

const { resources } = await servedBy({ 'api/all': true });
const { resources: off } = await loadResourcesOffByDefault();

let rig: Rig | undefined;
afterEach(() => rig?.stop());
const start = async (storageEncoding: 'json' | 'protobuf' = 'json'): Promise<Rig> => (rig = await startRig({ options: { resources, storageEncoding } }));
const at = (version: string, plural: string): string => `/apis/resource.k8s.io/${version}/namespaces/default/${plural}`;

const betaClaim = {
  apiVersion: 'resource.k8s.io/v1beta1', kind: 'ResourceClaim', metadata: { name: 'c' },
  spec: { devices: { requests: [{ name: 'one', deviceClassName: 'gpu' }, { name: 'choice', firstAvailable: [{ name: 'a', deviceClassName: 'big' }, { name: 'b', deviceClassName: 'small' }] }] } },
};

describe.each([['json'], ['protobuf']] as const)('a claim of v1beta1, stored as %s', (encoding) => {
  test('is stored as v1, defaults filled in, and is there in every version', async () => {
    const { create, send } = await start(encoding);
    const created = await create(at('v1beta1', 'resourceclaims'), betaClaim);
    expect(created).toMatchObject({ apiVersion: 'resource.k8s.io/v1beta1', spec: { devices: { requests: [{ name: 'one', deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 }, { name: 'choice', firstAvailable: [{ name: 'a' }, { name: 'b' }] }] } } });
    const v1 = (await send('GET', `${at('v1', 'resourceclaims')}/c`)).body;
    expect(v1).toMatchObject({ apiVersion: 'resource.k8s.io/v1', spec: { devices: { requests: [{ name: 'one', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 } }, { name: 'choice' }] } } });
    expect(v1.spec.devices.requests[1].exactly).toBeUndefined();
    expect((await send('GET', `${at('v1beta2', 'resourceclaims')}/c`)).body).toEqual({ ...v1, apiVersion: 'resource.k8s.io/v1beta2' });
    const list = (await send('GET', at('v1beta1', 'resourceclaims'))).body;
    expect([list.apiVersion, list.items.length, list.items[0].spec]).toEqual(['resource.k8s.io/v1beta1', 1, created['spec' as keyof KubeObject]]);
  });
});

test('a slice of v1beta1 wraps its devices', async () => {
  const { create, send } = await start();
  await create('/apis/resource.k8s.io/v1beta1/resourceslices', {
    apiVersion: 'resource.k8s.io/v1beta1', kind: 'ResourceSlice', metadata: { name: 's' },
    spec: { driver: 'd.example.com', nodeName: 'n', pool: { name: 'p', generation: 1, resourceSliceCount: 1 }, devices: [{ name: 'dev-0', basic: { attributes: { model: { string: 'x' } }, capacity: { mem: { value: '1Gi' } } } }] },
  });
  const v1 = (await send('GET', '/apis/resource.k8s.io/v1/resourceslices/s')).body;
  expect(v1.spec).toMatchObject({ nodeName: 'n', devices: [{ name: 'dev-0', attributes: { model: { string: 'x' } }, capacity: { mem: { value: '1Gi' } } }] });
});

test('watches and patches speak the version of their path', async () => {
  const { create, send, watch } = await start();
  const stream = await watch('/apis/storage.k8s.io/v1beta1/volumeattributesclasses?watch=1');
  await create('/apis/storage.k8s.io/v1/volumeattributesclasses', { apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttributesClass', metadata: { name: 'fast' }, driverName: 'd.example.com', parameters: { iops: '5' } });
  expect(await stream.next()).toMatchObject({ type: 'ADDED', object: { apiVersion: 'storage.k8s.io/v1beta1', kind: 'VolumeAttributesClass', metadata: { name: 'fast' } } });
  await stream.close();
  const patched = await send('PATCH', '/apis/storage.k8s.io/v1beta1/volumeattributesclasses/fast', { metadata: { labels: { a: 'b' } } }, { headers: { 'content-type': 'application/merge-patch+json' } });
  expect(patched.body).toMatchObject({ apiVersion: 'storage.k8s.io/v1beta1', metadata: { labels: { a: 'b' } }, parameters: { iops: '5' } });
});

describe('kinds without a version that is on', () => {
  const post = async (url: string, object: object): Promise<[number, string]> => {
    const answer = await rig!.send('POST', url, object);
    return [answer.status, answer.body.message ?? ''];
  };
  test.each<[string, string, object, number, string]>([
    ['a bundle', '/apis/certificates.k8s.io/v1alpha1/clustertrustbundles', { metadata: { name: 'example.com:s:a' }, spec: { signerName: 'example.com/s', trustBundle: ANCHOR } }, 201, ''],
    ['a bundle of another name', '/apis/certificates.k8s.io/v1beta1/clustertrustbundles', { metadata: { name: 'a' }, spec: { signerName: 'example.com/s', trustBundle: ANCHOR } }, 422, 'ClusterTrustBundle.certificates.k8s.io "a" is invalid: metadata.name: Invalid value: "a": ClusterTrustBundle for signerName example.com/s must be named with prefix example.com:s:'],
    ['a candidate', '/apis/coordination.k8s.io/v1alpha2/namespaces/default/leasecandidates', { metadata: { name: 'a' }, spec: { leaseName: 'l', binaryVersion: '1.36.0', emulationVersion: '1.36.0', strategy: 'OldestEmulationVersion' } }, 201, ''],
    ['a candidate of nothing', '/apis/coordination.k8s.io/v1beta1/namespaces/default/leasecandidates', { metadata: { name: 'a' }, spec: { binaryVersion: '1', strategy: 'x/y' } }, 422, 'LeaseCandidate.coordination.k8s.io "a" is invalid: [spec.leaseName: Required value, spec.binaryVersion: Invalid value: "1": must be a valid semantic version]'],
    ['a migration', '/apis/storagemigration.k8s.io/v1beta1/storageversionmigrations', { metadata: { name: 'a' }, spec: { resource: { resource: 'pods' } } }, 201, ''],
    ['a workload', '/apis/scheduling.k8s.io/v1alpha2/namespaces/default/workloads', { metadata: { name: 'a' }, spec: { podGroupTemplates: [{ name: 'g', schedulingPolicy: { gang: { minCount: 3 } } }] } }, 201, ''],
    ['a workload without groups', '/apis/scheduling.k8s.io/v1alpha2/namespaces/default/workloads', { metadata: { name: 'a' }, spec: { podGroupTemplates: [] } }, 422, 'Workload.scheduling.k8s.io "a" is invalid: spec.podGroupTemplates: Required value: must have at least one item'],
  ])('%s', async (_, url, object, status, message) => {
    await start();
    expect(await post(url, object)).toEqual([status, message]);
  });
  test('status is apart, and the spec stays', async () => {
    const { create, send } = await start();
    const url = '/apis/resource.k8s.io/v1alpha3/resourcepoolstatusrequests';
    const created = await create(url, { metadata: { name: 'a' }, spec: { driver: 'd' }, status: { poolCount: 3 } }) as KubeObject & { status?: object };
    expect(created.status).toBeUndefined();
    const patch = { headers: { 'content-type': 'application/merge-patch+json' } };
    expect((await send('PATCH', `${url}/a/status`, { status: { poolCount: 2 }, spec: { driver: 'x' } }, patch)).body).toMatchObject({ spec: { driver: 'd' }, status: { poolCount: 2 } });
    expect((await send('PATCH', `${url}/a`, { spec: { driver: 'x' } }, patch)).body.message).toContain('spec: Invalid value');
  });
});

const VECTORS = new URL('../../../../shared/k8s-api/testvectors/', import.meta.url);

describe.skipIf(!existsSync(VECTORS))('golden objects go to the stored version and come back as they were', () => {
  const names = existsSync(VECTORS) ? readdirSync(VECTORS) : [];
  const convertible = off.filter((resource) => resource.storageVersion !== undefined && names.includes(`${resource.group}.${resource.version}.${resource.kind}.pb`));
  test('there are such', () => expect(convertible.length).toBeGreaterThan(8));
  test.each(convertible.map((resource) => [`${resource.group}/${resource.version} ${resource.kind}`, resource] as const))('%s', (_, resource) => {
    const golden = decodeProtobuf<KubeObject>(resource.schema, readFileSync(new URL(`${resource.group}.${resource.version}.${resource.kind}.pb`, VECTORS)));
    const stored = resourceForKind(resource.storageVersion!.group, resource.storageVersion!.version, resource.kind)!;
    const there = convert(golden, stored);
    expect(decodeObject(stored.schema, there).unknownFields).toEqual([]);
    expect(decodeObject(resource.schema, convert(there, resource)).object).toEqual(golden);
  });
});
