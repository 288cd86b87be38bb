import { afterEach, describe, expect, test } from 'vitest';
import { startRig, type Rig } from './rig.ts';

const PODS = '/api/v1/namespaces/default/pods';
const rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.stop();
});

async function startWithPod(): Promise<Rig> {
  const rig = await startRig();
  rigs.push(rig);
  await rig.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', labels: { a: 'b' } }, spec: { hostname: 'h', containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '0.5' } } }] } });
  return rig;
}

const TYPES = ['application/merge-patch+json', 'application/strategic-merge-patch+json'];

describe('patches of /status', () => {
  test.each(TYPES)('%s: the rest of the object stays as it is, whether the patch speaks of it or not', async (type) => {
    const rig = await startWithPod();
    const before = (await rig.send('GET', `${PODS}/p`)).body;
    const headers = { 'content-type': type };
    const alone = await rig.send('PATCH', `${PODS}/p/status`, { status: { message: 'one' } }, { headers });
    expect(alone.body).toMatchObject({ status: { phase: 'Pending', message: 'one' } });
    expect(alone.body.spec).toEqual(before.spec);
    const both = await rig.send('PATCH', `${PODS}/p/status`, { status: { message: 'two' }, spec: { hostname: 'other' } }, { headers });
    expect([both.body.status.message, both.body.spec]).toEqual(['two', before.spec]);
    expect(Object.keys(both.body)).toEqual(['kind', 'apiVersion', 'metadata', 'spec', 'status']);
  });

  test.each<[string, object, object]>([
    ['a field that nobody knows', { status: { message: 'x', odd: 1 } }, { code: 422, message: expect.stringContaining('unknown field "status.odd"') as string }],
    ['a field beside the status that nobody knows', { odd: 1 }, { code: 422, message: expect.stringContaining('unknown field "odd"') as string }],
    ['a status of another type', { status: 5 }, { code: 422, message: expect.stringContaining('cannot unmarshal number into Go struct field Pod.status of type v1.PodStatus') as string }],
    ['a spec of another type, though it is not to be written', { spec: 5 }, { code: 422, message: expect.stringContaining('cannot unmarshal number into Go struct field Pod.spec of type v1.PodSpec') as string }],
  ])('%s is told', async (_name, patch, expected) => {
    const rig = await startWithPod();
    expect((await rig.send('PATCH', `${PODS}/p/status?fieldValidation=Strict`, patch, { headers: { 'content-type': TYPES[0]! } })).body).toMatchObject(expected);
  });

  test('defaults of a status that follow the spec', async () => {
    const rig = await startWithPod();
    const headers = { 'content-type': TYPES[0]! };
    await rig.create('/api/v1/namespaces/default/services', { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } });
    const service = await rig.send('PATCH', '/api/v1/namespaces/default/services/s/status', { status: { loadBalancer: { ingress: [{ ip: '203.0.113.1' }] } } }, { headers });
    expect(service.body.status.loadBalancer).toEqual({ ingress: [{ ip: '203.0.113.1', ipMode: 'VIP' }] });
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } };
    await rig.create(definitions, { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'as.b.example' }, spec: { group: 'b.example', scope: 'Cluster', names: { plural: 'as', kind: 'A' }, versions: [version] } });
    const definition = await rig.send('PATCH', `${definitions}/as.b.example/status`, { status: { storedVersions: null } }, { headers });
    expect(definition.body.status.storedVersions).toEqual(['v1']);
  });

  test('what a patch of the status is owned by, and by whom the rest', async () => {
    const rig = await startWithPod();
    const { body } = await rig.send('PATCH', `${PODS}/p/status?fieldManager=kubelet`, { status: { message: '<one>' } }, { headers: { 'content-type': TYPES[0]! } });
    const owners = (body.metadata.managedFields as { manager: string; subresource?: string; fieldsV1: object }[]).map(({ manager, subresource, fieldsV1 }) => [manager, subresource, Object.keys(fieldsV1)]);
    expect(owners).toEqual(expect.arrayContaining([['kubelet', 'status', ['f:status']], [expect.any(String), undefined, ['f:metadata', 'f:spec']]]));
  });
});
