/** For tests: a small cluster with a Service of every sort, and what should become of a packet by the API's own words. */
import type { Node, Service } from '../../api/core/v1/types.ts';
import type { EndpointSlice } from '../../api/discovery/v1/types.ts';
import { joinHostPort, type ProxyEndpoint, type ServicePortModel } from '../model.ts';
import { inCidr, type RuleSettings } from '../rules.ts';
import type { Packet, TraceContext } from './packet.ts';

export const node: Node = { metadata: { name: 'here', labels: { 'topology.kubernetes.io/zone': 'z1' } } };

export const service = (name: string, spec: Service['spec'], status?: Service['status']): Service => ({ metadata: { namespace: 'ns', name }, spec: { ports: [{ name: 'p80', port: 80, protocol: 'TCP' }], ...spec }, ...(status ? { status } : {}) });
export const slice = (name: string, endpoints: [string, string][], port: Partial<{ name: string; port: number; protocol: string }> = {}, addressType = 'IPv4'): EndpointSlice => ({
  metadata: { namespace: 'ns', name: `${name}-${addressType.toLowerCase()}`, labels: { 'kubernetes.io/service-name': name } },
  addressType,
  endpoints: endpoints.map(([address, nodeName]) => ({ addresses: [address], nodeName, conditions: { ready: true, serving: true, terminating: false } })),
  ports: [{ name: 'p80', port: 8080, protocol: 'TCP', ...port }],
});

/** One Service of every sort. */
export const services: Service[] = [
  service('clusterip', { clusterIP: '10.96.0.1' }),
  service('nodeport', { clusterIP: '10.96.0.2', type: 'NodePort', ports: [{ name: 'p80', port: 80, nodePort: 30_002 }] }),
  service('external', { clusterIP: '10.96.0.3', externalIPs: ['203.0.113.3'] }),
  service('balancer', { clusterIP: '10.96.0.4', type: 'LoadBalancer', ports: [{ name: 'p80', port: 80, nodePort: 30_004 }], loadBalancerSourceRanges: ['198.51.100.0/24'] }, { loadBalancer: { ingress: [{ ip: '203.0.113.4' }] } }),
  service('local', { clusterIP: '10.96.0.5', type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 31_005, ports: [{ name: 'p80', port: 80, nodePort: 30_005 }] }, { loadBalancer: { ingress: [{ ip: '203.0.113.5' }] } }),
  service('sticky', { clusterIP: '10.96.0.6', sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } }),
  service('inside', { clusterIP: '10.96.0.7', internalTrafficPolicy: 'Local' }),
  service('elsewhere', { clusterIP: '10.96.0.8', type: 'NodePort', externalTrafficPolicy: 'Local', internalTrafficPolicy: 'Local', ports: [{ name: 'p80', port: 80, nodePort: 30_008 }] }),
  service('nobody', { clusterIP: '10.96.0.9', type: 'NodePort', externalIPs: ['203.0.113.9'], ports: [{ name: 'p80', port: 80, nodePort: 30_009 }] }),
  service('names', { clusterIP: '10.96.0.10', ports: [{ name: 'dns', port: 53, protocol: 'UDP' }, { name: 'dns-tcp', port: 53, protocol: 'TCP' }] }),
];

export const slices: EndpointSlice[] = [
  slice('clusterip', [['10.1.0.1', 'here']]),
  slice('nodeport', [['10.1.0.2', 'here'], ['10.1.1.2', 'there']]),
  slice('external', [['10.1.1.3', 'there']]),
  slice('balancer', [['10.1.0.4', 'here'], ['10.1.1.4', 'there']]),
  slice('local', [['10.1.0.5', 'here'], ['10.1.1.5', 'there']]),
  slice('sticky', [['10.1.0.6', 'here'], ['10.1.1.6', 'there']]),
  slice('inside', [['10.1.0.7', 'here'], ['10.1.1.7', 'there']]),
  slice('elsewhere', [['10.1.1.8', 'there']]),
  { ...slice('names', [['10.1.0.10', 'here']], { name: 'dns', port: 5353, protocol: 'UDP' }), metadata: { namespace: 'ns', name: 'names-udp', labels: { 'kubernetes.io/service-name': 'names' } } },
  { ...slice('names', [['10.1.0.10', 'here']], { name: 'dns-tcp', port: 5353 }), metadata: { namespace: 'ns', name: 'names-tcp', labels: { 'kubernetes.io/service-name': 'names' } } },
];

export const settings: RuleSettings = { clusterCidr: '10.1.0.0/16', nodePortAddresses: ['192.0.2.2'], localhostNodePorts: false, nodeAddresses: ['192.0.2.2'], serviceCidrs: [] };
export const context: TraceContext = { local: new Set(['192.0.2.2', '10.1.0.254', '127.0.0.1']) };

/** What should become of a packet: the ends it may reach, as `outcomeText` writes them. Written from the API's documentation, without a look at the rules. */
export function expectedOutcomes(models: readonly ServicePortModel[], packet: Packet, where: TraceContext, s: RuleSettings): string[] {
  const same = (m: ServicePortModel): boolean => m.protocol === packet.protocol;
  const internal = models.find((m) => same(m) && m.clusterIp === packet.destination && m.port === packet.port);
  if (internal !== undefined) {
    const endpoints = internal.internalLocal ? internal.localEndpoints : internal.clusterEndpoints;
    const outside = s.masqueradeAll === true || (s.clusterCidr !== undefined && !inCidr(packet.source, s.clusterCidr));
    return ends(internal, endpoints, packet, outside);
  }
  const byAddress = models.find((m) => same(m) && m.port === packet.port && [...m.externalIps, ...m.loadBalancerIps].includes(packet.destination));
  const isNodeAddress = s.nodePortAddresses === 'all' ? where.local.has(packet.destination) && !packet.destination.startsWith('127.') : s.nodePortAddresses.includes(packet.destination);
  const external = byAddress ?? (isNodeAddress ? models.find((m) => same(m) && m.nodePort !== 0 && m.nodePort === packet.port) : undefined);
  if (external === undefined) return [`${joinHostPort(packet.destination, packet.port)}`];
  const guarded = external.loadBalancerIps.includes(packet.destination) && external.sourceRanges.length > 0;
  if (guarded && !external.sourceRanges.some((range) => inCidr(packet.source, range))) {
    // Nothing behind it at all: to refuse is as good as to drop.
    return external.hasAnyEndpoints ? ['drop'] : ['drop', 'reject'];
  }
  if (!external.externalLocal) return ends(external, external.clusterEndpoints, packet, true);
  if (external.clusterEndpoints.length > 0 && s.clusterCidr !== undefined && inCidr(packet.source, s.clusterCidr)) return ends(external, external.clusterEndpoints, packet, false);
  if (external.clusterEndpoints.length > 0 && where.local.has(packet.source)) return ends(external, external.clusterEndpoints, packet, true);
  return ends(external, external.localEndpoints, packet, false);
}

function ends(model: ServicePortModel, endpoints: readonly ProxyEndpoint[], packet: Packet, masquerade: boolean): string[] {
  if (endpoints.length === 0) return [model.hasAnyEndpoints ? 'drop' : 'reject'];
  // A pod that reaches itself is masqueraded, or it would answer itself directly.
  return [...new Set(endpoints.map((endpoint) => `${joinHostPort(endpoint.ip, endpoint.port)}${masquerade || endpoint.ip === packet.source ? ' masqueraded' : ''}`))].toSorted();
}
