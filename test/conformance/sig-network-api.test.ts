/** The requirements on networking that need only the API and the controllers. The titles are the requirements' code names. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Service, ServiceSpec } from '../../src/api/core/v1/types.ts';
import type { EndpointSlice } from '../../src/api/discovery/v1/types.ts';
import type { Ingress, ServiceCIDR } from '../../src/api/networking/v1/types.ts';
import { Endpoints, EndpointSlices, IngressClasses, Ingresses, IPAddresses, Pods, ServiceCIDRs, Services } from '../../src/testing/index.ts';
import { checkDiscovery, checkOperations, watching } from './api-lifecycle.ts';
import { checkStatusEndpoints, hollowCluster, podOf, steady, type HollowCluster, type InNamespace } from './hollow-cluster.ts';
import { eventually, startTestServer } from './server.ts';

let hollow: HollowCluster;
beforeAll(async () => {
  hollow = await hollowCluster(2, 'network');
}, 60_000);
afterAll(() => hollow.stop());

const service = (name: string, spec: Partial<ServiceSpec> = {}, labels: Record<string, string> = {}): Service => ({ apiVersion: 'v1', kind: 'Service', metadata: { name, labels }, spec: { ports: [{ name: 'http', port: 80, protocol: 'TCP' }], ...spec } });
const slicesOf = (within: InNamespace, name: string): Promise<EndpointSlice[]> => within.list(EndpointSlices, `kubernetes.io/service-name=${name}`);
const addressesOf = (slices: readonly EndpointSlice[]): string[] => slices.flatMap((slice) => (slice.endpoints ?? []).flatMap(({ addresses }) => addresses)).sort();
const defaultServices = () => hollow.cluster.client.of(Services).inNamespace('default');

test('[sig-network] API Server should provide secure master service [Conformance]', async () => {
  const { spec } = await hollow.run(defaultServices().get('kubernetes'));
  expect(spec?.ports?.map(({ name, port, protocol }) => `${name} ${port} ${protocol}`)).toEqual(['https 443 TCP']);
});

test('[sig-network] API Server should have Endpoints and EndpointSlices pointing to API Server [Conformance]', async () => {
  // The hollow cluster's server listens nowhere, and so is no endpoint; this one says where it is.
  const { client, host, stop } = await startTestServer({ advertiseAddress: '192.0.2.10', securePort: 6443 });
  try {
    const [endpoints, slices] = await eventually(host, () => Promise.all([
      client.of(Endpoints).inNamespace('default').get('kubernetes'), client.of(EndpointSlices).inNamespace('default').list({ labelSelector: 'kubernetes.io/service-name=kubernetes' }),
    ]));
    expect(endpoints.subsets).toEqual([{ addresses: [{ ip: '192.0.2.10' }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] }]);
    expect(slices.items.map(({ addressType, endpoints: each, ports }) => [addressType, each?.map(({ addresses }) => addresses), ports])).toEqual([['IPv4', [['192.0.2.10']], [{ name: 'https', port: 6443, protocol: 'TCP' }]]]);
  } finally {
    await stop();
  }
});

test('[sig-network] Services should find a service from listing all namespaces [Conformance]', async () => {
  const everywhere = await hollow.clusterScope.list(Services);
  expect(everywhere.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toContain('default/kubernetes');
});

test('[sig-network] EndpointSlice should support creating EndpointSlice API operations [Conformance]', async () => {
  const within = await hollow.namespace();
  await checkDiscovery(hollow, EndpointSlices);
  await checkOperations(hollow, within, EndpointSlices, (name) => ({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name }, addressType: 'IPv4', endpoints: [{ addresses: ['1.2.3.4', '5.6.7.8'] }] }));
});

test('[sig-network] Ingress API should support creating Ingress API operations [Conformance]', async () => {
  const within = await hollow.namespace();
  const ingress = (name: string): Ingress => ({
    apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name },
    spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } }, rules: [{ host: 'foo.bar.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }] } }] },
  });
  await checkDiscovery(hollow, Ingresses, ['status']);
  await checkOperations(hollow, within, Ingresses, ingress);
  await within.create(Ingresses, ingress('status'));
  const patched = await within.patch(Ingresses, 'status', { metadata: { annotations: { patchedstatus: 'true' } }, status: { loadBalancer: { ingress: [{ ip: '169.1.1.1' }] } } }, { subresource: 'status', type: 'merge' });
  expect([patched.status?.loadBalancer?.ingress, patched.metadata.annotations]).toEqual([[{ ip: '169.1.1.1' }], { patchedstatus: 'true' }]);
  const updated = await within.updateSubresource(Ingresses, 'status', 'status', { ...patched, spec: {}, status: { loadBalancer: { ingress: [{ ip: '169.1.1.2' }] } } });
  expect([updated.status?.loadBalancer?.ingress, updated.spec]).toEqual([[{ ip: '169.1.1.2' }], patched.spec]);
  expect((await within.getSubresource<Ingress>(Ingresses, 'status', 'status')).status?.loadBalancer?.ingress).toEqual([{ ip: '169.1.1.2' }]);
});

test('[sig-network] IngressClass API should support creating IngressClass API operations [Conformance]', async () => {
  await checkDiscovery(hollow, IngressClasses);
  await checkOperations(hollow, hollow.clusterScope, IngressClasses, (name) => ({ apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name }, spec: { controller: 'example.com/controller' } }));
});

test('[sig-network] ServiceCIDR and IPAddress API should support IPAddress API operations [Conformance]', async () => {
  await checkDiscovery(hollow, IPAddresses);
  await checkOperations(hollow, hollow.clusterScope, IPAddresses, (name) => ({
    apiVersion: 'networking.k8s.io/v1', kind: 'IPAddress', metadata: { name: `192.168.0.${name.at(-1)}` }, spec: { parentRef: { resource: 'services', namespace: 'default', name: 'dummy' } },
  }));
});

test('[sig-network] ServiceCIDR and IPAddress API should support ServiceCIDR API operations [Conformance]', async () => {
  const { clusterScope } = hollow;
  const cidr = (name: string): ServiceCIDR => ({ apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name }, spec: { cidrs: [`10.199.${name.at(-1)}0.0/24`] } });
  await checkDiscovery(hollow, ServiceCIDRs, ['status']);
  await checkOperations(hollow, clusterScope, ServiceCIDRs, cidr);
  await clusterScope.create(ServiceCIDRs, cidr('status-9'));
  await checkStatusEndpoints(hollow, clusterScope, ServiceCIDRs, 'status-9');
  await clusterScope.delete(ServiceCIDRs, 'status-9');
  await clusterScope.gone(ServiceCIDRs, 'status-9');
});

test('[sig-network] EndpointSlice should create and delete EndpointSlices for a Service with a selector that matches no pods [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Services, service('empty', { selector: { does: 'not-match' } }));
  await within.until('an empty slice is there', async () => (await slicesOf(within, 'empty')).length === 1);
  const slices = await slicesOf(within, 'empty');
  expect([addressesOf(slices), slices[0]!.metadata.ownerReferences?.map(({ kind, name }) => `${kind} ${name}`)]).toEqual([[], ['Service empty']]);
  await within.delete(Services, 'empty');
  await within.until('it is gone', async () => (await slicesOf(within, 'empty')).length === 0);
});

test('[sig-network] EndpointsController should create and delete Endpoints for a Service with a selector that matches no pods [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Services, service('empty', { selector: { does: 'not-match' } }));
  await within.until('empty endpoints are there', async () => (await within.find(Endpoints, 'empty')) !== undefined);
  expect((await within.get(Endpoints, 'empty')).subsets ?? []).toEqual([]);
  await within.delete(Services, 'empty');
  await within.gone(Endpoints, 'empty');
});

test('[sig-network] EndpointSliceMirroring should mirror a custom Endpoints resource through create update and delete [Conformance]', async () => {
  const within = await hollow.namespace();
  await checkDiscovery(hollow, EndpointSlices);
  await within.create(Services, service('custom'));
  await within.create(Endpoints, { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'custom' }, subsets: [{ addresses: [{ ip: '10.1.2.3' }], ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }] });
  await within.until('the slice mirrors it', async () => addressesOf(await slicesOf(within, 'custom')).join() === '10.1.2.3');
  const [slice] = await slicesOf(within, 'custom');
  expect([slice!.metadata.labels?.['endpointslice.kubernetes.io/managed-by'], slice!.ports?.map(({ port }) => port)]).toEqual(['endpointslicemirroring-controller.k8s.io', [80]]);
  await within.edit(Endpoints, 'custom', (object) => (object.subsets = [{ addresses: [{ ip: '10.2.3.4' }], ports: [{ name: 'http', port: 81, protocol: 'TCP' }] }]));
  await within.until('the slice follows', async () => {
    const slices = await slicesOf(within, 'custom');
    return addressesOf(slices).join() === '10.2.3.4' && slices[0]?.ports?.[0]?.port === 81;
  });
  await within.delete(Endpoints, 'custom');
  await within.until('the slice is gone', async () => (await slicesOf(within, 'custom')).length === 0);
});

test('[sig-network] Endpoints should test the lifecycle of an Endpoint [Conformance]', async () => {
  const within = await hollow.namespace();
  const labelSelector = 'test=endpoint';
  const watch = await watching(hollow, hollow.cluster.client.of(Endpoints).inNamespace(within.name), { labelSelector });
  await within.create(Endpoints, { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'e', labels: { test: 'endpoint' } }, subsets: [{ addresses: [{ ip: '10.0.0.24' }], ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }] });
  expect((await hollow.clusterScope.list(Endpoints, labelSelector)).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([`${within.name}/e`]);
  await within.edit(Endpoints, 'e', (object) => (object.metadata.labels = { ...object.metadata.labels, updated: 'yes' }));
  expect((await within.get(Endpoints, 'e')).metadata.labels?.['updated']).toBe('yes');
  await within.patch(Endpoints, 'e', { subsets: [{ addresses: [{ ip: '10.0.0.25' }], ports: [{ name: 'http-test', port: 8080 }] }] });
  expect((await within.get(Endpoints, 'e')).subsets).toEqual([{ addresses: [{ ip: '10.0.0.25' }], ports: [{ name: 'http-test', port: 8080, protocol: 'TCP' }] }]);
  await within.deleteCollection(Endpoints, { labelSelector });
  await within.until('the watch tells of the deletion', () => watch.seen.some((event) => event.startsWith('DELETED e ')));
  await watch.stop();
  expect(await within.list(Endpoints, labelSelector)).toEqual([]);
});

test('[sig-network] Services should delete a collection of services [Conformance]', async () => {
  const within = await hollow.namespace();
  for (const [name, kind] of [['a', 'leaving'], ['b', 'leaving'], ['c', 'staying']] as const) await within.create(Services, service(name, {}, { kind }));
  expect(await within.list(Services)).toHaveLength(3);
  await within.deleteCollection(Services, { labelSelector: 'kind=leaving' });
  await within.until('one is left', async () => (await within.list(Services)).length === 1);
  expect((await within.list(Services)).map(({ metadata }) => metadata.name)).toEqual(['c']);
});

test('[sig-network] Services should complete a service status lifecycle [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Services, service('web', { type: 'LoadBalancer' }, { test: 'status' }));
  expect((await hollow.clusterScope.list(Services, 'test=status')).map(({ metadata }) => metadata.namespace)).toEqual([within.name]);
  expect((await within.getSubresource<Service>(Services, 'web', 'status')).status).toEqual({ loadBalancer: {} });
  const patched = await within.patch(Services, 'web', { metadata: { annotations: { patchedstatus: 'true' } }, status: { loadBalancer: { ingress: [{ ip: '203.0.113.1' }] } } }, { subresource: 'status', type: 'merge' });
  expect([patched.status?.loadBalancer?.ingress?.[0]?.ip, patched.metadata.annotations?.['patchedstatus']]).toEqual(['203.0.113.1', 'true']);
  await checkStatusEndpoints(hollow, within, Services, 'web');
  await within.patch(Services, 'web', { metadata: { labels: { service: 'patched' } } });
  expect((await within.get(Services, 'web')).metadata.labels).toEqual({ test: 'status', service: 'patched' });
  await within.delete(Services, 'web');
  await within.gone(Services, 'web');
});

/** The endpoints as `address:port`, in all slices of the service and, the same, in its Endpoints. */
async function endpointsBecome(within: InNamespace, name: string, expected: readonly string[]): Promise<void> {
  const wanted = expected.toSorted().join();
  const inSlices = async (): Promise<string> => (await slicesOf(within, name)).flatMap((slice) => (slice.endpoints ?? []).flatMap((each) => each.addresses.flatMap((address) => (slice.ports ?? []).map(({ port }) => `${address}:${port}`)))).sort().join();
  const inEndpoints = async (): Promise<string> => ((await within.find(Endpoints, name))?.subsets ?? []).flatMap((subset) => (subset.addresses ?? []).flatMap(({ ip }) => (subset.ports ?? []).map(({ port }) => `${ip}:${port}`))).sort().join();
  await within.until(`endpoints of ${name} are [${wanted}]`, async () => (await inSlices()) === wanted && (await inEndpoints()) === wanted);
}

async function podWithPort(within: InNamespace, name: string, labels: Record<string, string>, portName: string, containerPort: number): Promise<string> {
  await within.create(Pods, podOf(name, labels, { containers: [{ name: 'c', image: steady, ports: [{ name: portName, containerPort }] }] }));
  await within.until(`${name} runs`, async () => (await within.get(Pods, name)).status?.phase === 'Running');
  return (await within.get(Pods, name)).status!.podIP!;
}

test('[sig-network] Services should serve a basic endpoint from pods [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Services, service('web', { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 80 }] }));
  await within.until('slices are there', async () => (await slicesOf(within, 'web')).length > 0);
  await endpointsBecome(within, 'web', []);
  const first = await podWithPort(within, 'first', { app: 'web' }, 'http', 80);
  await endpointsBecome(within, 'web', [`${first}:80`]);
  const second = await podWithPort(within, 'second', { app: 'web' }, 'http', 80);
  await endpointsBecome(within, 'web', [`${first}:80`, `${second}:80`]);
  await within.delete(Pods, 'second');
  await endpointsBecome(within, 'web', [`${first}:80`]);
  await within.delete(Pods, 'first');
  await endpointsBecome(within, 'web', []);
});

test('[sig-network] Services should serve multiport endpoints from pods [Conformance]', async () => {
  const within = await hollow.namespace();
  await within.create(Services, service('web', { selector: { app: 'web' }, ports: [{ name: 'portname1', port: 80, targetPort: 'one' }, { name: 'portname2', port: 81, targetPort: 'two' }] }));
  await endpointsBecome(within, 'web', []);
  const first = await podWithPort(within, 'first', { app: 'web' }, 'one', 100);
  await endpointsBecome(within, 'web', [`${first}:100`]);
  const second = await podWithPort(within, 'second', { app: 'web' }, 'two', 101);
  await endpointsBecome(within, 'web', [`${first}:100`, `${second}:101`]);
  await within.delete(Pods, 'first');
  await endpointsBecome(within, 'web', [`${second}:101`]);
  await within.delete(Pods, 'second');
  await endpointsBecome(within, 'web', []);
});

/** Two pods behind two Services (one port by number, the other by name): what `addresses` reads of each Service becomes both pods' addresses, and nothing once the pods are gone. */
async function checkEndpointsOfPods(addresses: (within: InNamespace, service: string) => Promise<string[]>): Promise<void> {
  const within = await hollow.namespace();
  await within.create(Services, service('by-number', { selector: { foo: 'bar' }, ports: [{ name: 'http', port: 80, targetPort: 3000 }] }));
  await within.create(Services, service('by-name', { selector: { shared: 'yes' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] }));
  const first = await podWithPort(within, 'first', { foo: 'bar', shared: 'yes' }, 'http', 3000);
  const second = await podWithPort(within, 'second', { shared: 'yes' }, 'http', 3001);
  const become = async (name: string, wanted: string[]): Promise<void> => {
    let found: string[] = [];
    await within.until(`${name} has ${wanted.join(', ') || 'nothing'}`, async () => (found = await addresses(within, name)).toSorted().join() === wanted.toSorted().join());
    expect(found.toSorted()).toEqual(wanted.toSorted());
  };
  await become('by-number', [`${first}:3000`]);
  await become('by-name', [`${first}:3000`, `${second}:3001`]);
  await within.delete(Pods, 'first');
  await within.delete(Pods, 'second');
  await become('by-number', []);
  await become('by-name', []);
}

const ofEndpoints = async (within: InNamespace, name: string): Promise<string[]> =>
  ((await within.find(Endpoints, name))?.subsets ?? []).flatMap(({ addresses, ports }) => (addresses ?? []).flatMap(({ ip }) => (ports ?? []).map(({ port }) => `${ip}:${port}`)));
const ofSlices = async (within: InNamespace, name: string): Promise<string[]> =>
  (await slicesOf(within, name)).flatMap(({ endpoints, ports }) => (endpoints ?? []).flatMap(({ addresses }) => addresses.flatMap((ip) => (ports ?? []).map(({ port }) => `${ip}:${port}`))));

test('[sig-network] EndpointsController should create Endpoints for Pods matching a Service [Conformance]', () => checkEndpointsOfPods(ofEndpoints));

test('[sig-network] EndpointSlice should create Endpoints and EndpointSlices for Pods matching a Service [Conformance]', async () => {
  await checkEndpointsOfPods(ofSlices);
  await checkEndpointsOfPods(async (within, name) => {
    const [endpoints, slices] = [await ofEndpoints(within, name), await ofSlices(within, name)];
    return endpoints.toSorted().join() === slices.toSorted().join() ? slices : ['the two differ'];
  });
});

test('[sig-network] Service endpoints latency should not be very high [Conformance]', async () => {
  const within = await hollow.namespace();
  await podWithPort(within, 'server', { app: 'latency' }, 'http', 80);
  const times: number[] = [];
  const { clock } = hollow.cluster.host;
  for (let i = 0; i < 100; i++) {
    const start = clock.now();
    await within.create(Services, service(`latency-${i}`, { selector: { app: 'latency' } }));
    await within.until('it has an endpoint', async () => (await ofSlices(within, `latency-${i}`)).length === 1);
    times.push(clock.now() - start);
  }
  // The cluster's own time, in milliseconds.
  times.sort((a, b) => a - b);
  expect(times[50]).toBeLessThan(20_000);
  expect(times[90]).toBeLessThan(50_000);
});

// The requirements on changes of type also want traffic to pass; without it this is not all that they say, so the title is not theirs.
test('a service that changes its type takes and gives back cluster address and node port', async () => {
  const within = await hollow.namespace();
  const external = { type: 'ExternalName', externalName: 'example.com' } as const;
  const kindOf = async (): Promise<[string | undefined, boolean, boolean, string | undefined]> => {
    const { spec } = await within.get(Services, 'web');
    return [spec?.type, (spec?.clusterIP ?? '').startsWith('10.'), spec?.ports?.some(({ nodePort }) => (nodePort ?? 0) > 0) ?? false, spec?.externalName];
  };
  const become = (change: (spec: ServiceSpec) => void): Promise<Service> => within.edit(Services, 'web', (object) => change(object.spec!));
  await within.create(Services, service('web', { ...external, ports: [] }));
  expect(await kindOf()).toEqual(['ExternalName', false, false, 'example.com']);
  await become((spec) => {
    delete spec.externalName;
    Object.assign(spec, { type: 'ClusterIP', ports: [{ port: 80, protocol: 'TCP' }] });
  });
  expect(await kindOf()).toEqual(['ClusterIP', true, false, undefined]);
  await become((spec) => Object.assign(spec, external, { clusterIP: '', clusterIPs: [] }));
  expect(await kindOf()).toEqual(['ExternalName', false, false, 'example.com']);
  await become((spec) => {
    delete spec.externalName;
    Object.assign(spec, { type: 'NodePort', ports: [{ port: 80, protocol: 'TCP' }] });
  });
  expect(await kindOf()).toEqual(['NodePort', true, true, undefined]);
  const taken = (await within.get(Services, 'web')).spec!.ports![0]!.nodePort!;
  await become((spec) => {
    Object.assign(spec, external, { clusterIP: '', clusterIPs: [] });
    for (const port of spec.ports!) delete port.nodePort;
  });
  expect(await kindOf()).toEqual(['ExternalName', false, false, 'example.com']);
  const next = await within.create(Services, service('next', { type: 'NodePort', ports: [{ port: 80, nodePort: taken }] }));
  expect(next.spec?.ports?.[0]?.nodePort).toBe(taken);
});
