import { describe, expect, test } from 'vitest';
import type { IPAddress, ServiceCIDR } from '../../api/networking/v1/types.ts';
import { IPAddresses, ServiceCIDRs, Services } from '../../api/resources.ts';
import { realCluster } from '../real-cluster.fixture.ts';
import { decide, FINALIZER } from './decide.ts';

const now = Date.parse('2030-01-01T00:00:30Z');
const range = (name: string, cidrs: string[], more: Partial<ServiceCIDR['metadata']> = {}, ready?: [string, string]): ServiceCIDR => ({
  metadata: { name, ...more }, spec: { cidrs }, ...(ready ? { status: { conditions: [{ type: 'Ready', status: ready[0], reason: ready[1], message: '', lastTransitionTime: '2030-01-01T00:00:00Z' }] } } : {}),
});
const address = (name: string): IPAddress => ({ metadata: { name }, spec: { parentRef: { resource: 'services', namespace: 'default', name: 's' } } });
const deleted = { deletionTimestamp: '2030-01-01T00:00:00Z', finalizers: [FINALIZER] };
const [ready, blocked]: [[string, string], [string, string]] = [['True', ''], ['False', 'Terminating']];

describe('what a range waits for', () => {
  test.each<[string, ServiceCIDR, ServiceCIDR[], IPAddress[], string[]]>([
    ['a new one', range('a', ['10.0.0.0/24']), [], [], ['protect', 'ready True']],
    ['one that has all', range('a', ['10.0.0.0/24'], { finalizers: [FINALIZER] }, ready), [], [], []],
    ['deleted, with an address', range('a', ['10.0.0.0/24'], deleted, ready), [], [address('10.0.0.7')], ['ready False']],
    ['deleted, with an address, told already', range('a', ['10.0.0.0/24'], deleted, blocked), [], [address('10.0.0.7')], []],
    ['deleted, the address is elsewhere', range('a', ['10.0.0.0/24'], deleted, ready), [], [address('10.0.1.7')], ['release']],
    ['deleted, the address lies in another too', range('a', ['10.0.0.0/24'], deleted, ready), [range('b', ['10.0.0.0/16'])], [address('10.0.0.7')], ['release']],
    ['deleted, the other is being deleted as well', range('a', ['10.0.0.0/24'], deleted, ready), [range('b', ['10.0.0.0/16'], deleted)], [address('10.0.0.7')], ['ready False']],
    ['deleted, an address of the second family', range('a', ['10.0.0.0/24', 'fd00::/112'], deleted, ready), [], [address('fd00::7')], ['ready False']],
    ['deleted a moment ago', range('a', ['10.0.0.0/24'], { ...deleted, deletionTimestamp: '2030-01-01T00:00:28Z' }, ready), [], [], ['wait 8000']],
    ['deleted, held by another', range('a', ['10.0.0.0/24'], { ...deleted, finalizers: ['other'] }, ready), [], [], []],
  ])('%s', (_name, object, others, addresses, expected) => {
    const told = decide({ range: object, ranges: [object, ...others], addresses }, now).map((action) => [action.type, action.type === 'ready' ? action.status : action.type === 'wait' ? action.forMs : ''].join(' ').trim());
    expect(told).toEqual(expected);
  });
});

test('a range that services have addresses of stays until they are gone', async () => {
  const cluster = await realCluster(['service-cidr-controller']);
  await cluster.create(ServiceCIDRs, { metadata: { name: 'more' }, spec: { cidrs: ['10.200.0.0/28'] } });
  await cluster.advance(1_000);
  const more = () => cluster.run(cluster.client.of(ServiceCIDRs).get('more'));
  expect(await more()).toMatchObject({ metadata: { finalizers: [FINALIZER] }, status: { conditions: [{ type: 'Ready', status: 'True' }] } });
  const services = cluster.client.of(Services).inNamespace('default');
  await cluster.run(services.create({ metadata: { name: 's' }, spec: { clusterIP: '10.200.0.5', ports: [{ port: 80 }] } }));
  await cluster.run(cluster.client.of(ServiceCIDRs).delete('more'));
  await cluster.advance(30_000);
  expect(await more()).toMatchObject({ status: { conditions: [{ type: 'Ready', status: 'False', reason: 'Terminating' }] } });
  await expect(cluster.run(services.create({ metadata: { name: 't' }, spec: { clusterIP: '10.200.0.6', ports: [{ port: 80 }] } }))).rejects.toThrow('the provided network does not match the current range');
  await cluster.run(services.delete('s'));
  expect((await cluster.run(cluster.client.of(IPAddresses).list())).items.map(({ metadata }) => metadata.name)).not.toContain('10.200.0.5');
  await cluster.advance(30_000);
  await expect(more()).rejects.toThrow('not found');
  await cluster.stop();
  expect(cluster.refused).toEqual([]);
});
