import { describe, expect, test } from 'vitest';
import type { Service } from '../api/core/v1/types.ts';
import type { EndpointSlice } from '../api/discovery/v1/types.ts';
import type { Resource } from '../api/meta/resource.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import { nodeHost } from '../host/node/index.ts';
import type { Lookup } from './lookup.ts';
import { createServiceResolver, type ServiceRouting } from './service-resolver.ts';

function lookupOf(services: Service[], slices: EndpointSlice[]): Lookup {
  const all = new Map<string, KubeObject[]>([['services', services], ['endpointslices', slices]]);
  const list = (resource: Resource, namespace?: string): KubeObject[] => (all.get(resource.plural) ?? []).filter((object) => namespace === undefined || object.metadata.namespace === namespace);
  return { list, get: (resource, namespace, name) => list(resource as Resource, namespace).find((object) => object.metadata.name === name) } as Lookup;
}

const service = (spec: Service['spec']): Service => ({ metadata: { name: 's', namespace: 'n' }, ...(spec ? { spec } : {}) });
const slice = (more: Partial<EndpointSlice>): EndpointSlice => ({ metadata: { name: 's-1', namespace: 'n', labels: { 'kubernetes.io/service-name': 's' } }, addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.5'] }], ports: [{ name: '', port: 8443 }], ...more });
const https = service({ clusterIP: '10.96.0.9', ports: [{ port: 443 }] });

describe('a service is found', () => {
  test.each<[string, Service, EndpointSlice[], ServiceRouting, string]>([
    ['at its one endpoint', https, [slice({})], 'endpoints', 'https://10.0.0.5:8443'],
    ['by the name of the port', service({ ports: [{ name: 'a', port: 80 }, { name: 'b', port: 443 }] }), [slice({ ports: [{ name: 'a', port: 1 }, { name: 'b', port: 2 }] })], 'endpoints', 'https://10.0.0.5:2'],
    ['at the endpoint that is ready', https, [slice({ endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: false } }, { addresses: ['10.0.0.2'], conditions: { ready: true } }] })], 'endpoints', 'https://10.0.0.2:8443'],
    ['at an IPv6 endpoint', https, [slice({ addressType: 'IPv6', endpoints: [{ addresses: ['fd00::1'] }] })], 'endpoints', 'https://[fd00::1]:8443'],
    ['at its own address', https, [], 'cluster-ip', 'https://10.96.0.9:443'],
    ['behind a headless service', service({ clusterIP: 'None', ports: [{ port: 443 }] }), [slice({})], 'cluster-ip', 'https://10.0.0.5:8443'],
    ['under an external name', service({ type: 'ExternalName', externalName: 'api.example' }), [], 'endpoints', 'https://api.example:443'],
  ])('%s', (_, object, slices, routing, origin) => {
    const resolver = createServiceResolver({ lookup: lookupOf([object], slices), random: nodeHost({ logLevel: 'silent' }).random, routing });
    expect(resolver.resolve('n', 's')).toEqual({ origin, serverName: 's.n.svc' });
  });
});

describe('a service is not found', () => {
  test.each<[string, Service[], EndpointSlice[], number, string]>([
    ['when it is absent', [], [], 443, 'services "s" not found'],
    ['when it has no such port', [https], [slice({})], 444, 'no service port 444 found for service "s"'],
    ['when it has no endpoints', [https], [], 443, 'no endpoints available for service "s"'],
    ['when its endpoints are of another port', [https], [slice({ ports: [{ name: 'other', port: 1 }] })], 443, 'no endpoints available for service "s"'],
    ['when its slices belong to another service', [https], [slice({ metadata: { name: 'x', namespace: 'n', labels: { 'kubernetes.io/service-name': 'x' } } })], 443, 'no endpoints available for service "s"'],
  ])('%s', (_, services, slices, port, message) => {
    const resolver = createServiceResolver({ lookup: lookupOf(services, slices), random: nodeHost({ logLevel: 'silent' }).random });
    expect(() => resolver.resolve('n', 's', port)).toThrow(message);
  });
});
