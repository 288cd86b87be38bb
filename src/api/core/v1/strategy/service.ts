/** The service's strategy: clients may send back what the server allocated, or leave it out, and mean the same. */
import { addressWarnings, cidrWarnings } from '../../../meta/addresses.ts';
import { FieldPath } from '../../../meta/field.ts';
import { labelName } from '../../../meta/names.ts';
import { makeStrategy } from '../../../meta/rules.ts';
import type { Strategy } from '../../../meta/strategy.ts';
import { sameValue } from '../../../meta/validation.ts';
import type { Service, ServicePort, ServiceSpec } from '../types.ts';
import { isExternallyAccessible, isHeadless, needsHealthCheckPort, validateService, validateServiceStatus, validateServiceUpdate } from '../validation/service.ts';

const hasNodePorts = (spec: ServiceSpec): boolean => spec.type === 'NodePort' || spec.type === 'LoadBalancer';

/** `clusterIP` and the first of `clusterIPs` are the same field; whichever the client changed decides. */
function normalizeClusterIps(spec: ServiceSpec, old: ServiceSpec | undefined): void {
  if (old === undefined) {
    if (spec.clusterIP && (spec.clusterIPs ?? []).length === 0) spec.clusterIPs = [spec.clusterIP];
    return;
  }
  const sameList = sameValue(spec.clusterIPs, old.clusterIPs);
  if (old.clusterIP && !spec.clusterIP && sameList) delete spec.clusterIPs;
  else if (!old.clusterIP && spec.clusterIP && (spec.clusterIPs ?? []).length === 0) spec.clusterIPs = [spec.clusterIP];
  else if (spec.clusterIP && spec.clusterIP !== old.clusterIP && sameList) spec.clusterIPs = [spec.clusterIP];
}

function portKey(port: ServicePort): string {
  return `${port.protocol ?? 'TCP'}/${port.port}`;
}

/** Puts back what the server had allocated and a client left out. */
function patchAllocated(spec: ServiceSpec, old: ServiceSpec): void {
  if (spec.type !== 'ExternalName' && old.type !== 'ExternalName') {
    if (!spec.clusterIP && (spec.clusterIPs ?? []).length === 0 && old.clusterIP) {
      spec.clusterIP = old.clusterIP;
      if (old.clusterIPs) spec.clusterIPs = [...old.clusterIPs];
    }
    if ((spec.clusterIPs ?? []).length === 1 && (old.clusterIPs ?? []).length === 2 && spec.clusterIPs![0] === old.clusterIPs![0] && spec.ipFamilyPolicy === old.ipFamilyPolicy && spec.ipFamilyPolicy !== 'SingleStack') {
      spec.clusterIPs = [...old.clusterIPs!];
    }
    if ((spec.ipFamilies ?? []).length === 0 && old.ipFamilies) spec.ipFamilies = [...old.ipFamilies];
    spec.ipFamilyPolicy ??= old.ipFamilyPolicy;
    if (spec.ipFamilyPolicy === undefined) delete spec.ipFamilyPolicy;
  }
  if (hasNodePorts(spec) && hasNodePorts(old)) {
    const taken = new Set((spec.ports ?? []).map((port) => port.nodePort).filter((port) => port));
    const before = new Map((old.ports ?? []).map((port) => [portKey(port), port.nodePort]));
    for (const port of spec.ports ?? []) {
      const had = before.get(portKey(port));
      if (!port.nodePort && had && !taken.has(had) && spec.allocateLoadBalancerNodePorts !== false) {
        port.nodePort = had;
        taken.add(had);
      }
    }
  }
  if (needsHealthCheckPort(spec) && needsHealthCheckPort(old) && !spec.healthCheckNodePort && old.healthCheckNodePort) spec.healthCheckNodePort = old.healthCheckNodePort;
}

/** A change of type drops the fields of the old type, where the client just sent them back unchanged. */
function dropTypeDependent(spec: ServiceSpec, old: ServiceSpec): void {
  const dropSame = (field: keyof ServiceSpec): void => {
    if (sameValue(spec[field], old[field])) delete spec[field];
  };
  if (old.type !== 'ExternalName' && spec.type === 'ExternalName') {
    if (sameValue(spec.clusterIP, old.clusterIP) && sameValue(spec.clusterIPs, old.clusterIPs)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    dropSame('ipFamilies');
    dropSame('ipFamilyPolicy');
  }
  if (hasNodePorts(old) && !hasNodePorts(spec)) {
    const before = new Map((old.ports ?? []).map((port) => [portKey(port), port.nodePort]));
    for (const port of spec.ports ?? []) if (port.nodePort && before.get(portKey(port)) === port.nodePort) delete port.nodePort;
  }
  if (needsHealthCheckPort(old) && !needsHealthCheckPort(spec)) dropSame('healthCheckNodePort');
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    dropSame('allocateLoadBalancerNodePorts');
    dropSame('loadBalancerClass');
    dropSame('loadBalancerSourceRanges');
  }
  if (isExternallyAccessible(old) && !isExternallyAccessible(spec)) dropSame('externalTrafficPolicy');
}

const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints';
const SPEC = new FieldPath('spec');

/** Fields that have no effect on such a service, and addresses in odd forms. */
function serviceWarnings({ metadata, spec = {} }: Service): string[] {
  const externalIps = spec.externalIPs ?? [];
  const addresses: [FieldPath, string | undefined][] = [
    ...(isHeadless(spec) ? [] : (spec.clusterIPs ?? []).map((ip, i): [FieldPath, string] => [SPEC.child('clusterIPs').index(i), ip])),
    ...externalIps.map((ip, i): [FieldPath, string] => [SPEC.child('externalIPs').index(i), ip]),
    [SPEC.child('loadBalancerIP'), spec.loadBalancerIP],
  ];
  const warnings: string[] = [];
  if (metadata.annotations?.[TOPOLOGY_HINTS] !== undefined) warnings.push(`annotation ${TOPOLOGY_HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead`);
  if (isHeadless(spec)) {
    if (spec.loadBalancerIP) warnings.push('spec.loadBalancerIP is ignored for headless services');
    if (externalIps.length > 0) warnings.push('spec.externalIPs is ignored for headless services');
    if (spec.sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services');
  }
  for (const [path, ip] of addresses) if (ip) warnings.push(...addressWarnings(path, ip));
  for (const [i, range] of (spec.loadBalancerSourceRanges ?? []).entries()) warnings.push(...cidrWarnings(SPEC.child('loadBalancerSourceRanges').index(i), range));
  if (spec.type === 'ExternalName' && externalIps.length > 0) warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  return warnings;
}

export const serviceStrategy = (): Strategy<Service> => makeStrategy<Service>({
  namespaced: true,
  name: labelName,
  status: true,
  statusFollowsSpec: true,
  createOnUpdate: true,
  prepareForCreate(service) {
    service.status = { loadBalancer: {} };
    normalizeClusterIps((service.spec ??= {}), undefined);
  },
  prepareForUpdate(service, old) {
    const spec = (service.spec ??= {});
    const was = old.spec ?? {};
    if (was.type === spec.type || (was.type !== 'ExternalName' && spec.type !== 'ExternalName')) patchAllocated(spec, was);
    normalizeClusterIps(spec, was);
    dropTypeDependent(spec, was);
    // A service that is no longer balanced from outside has no address there.
    if (was.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') service.status = { ...service.status, loadBalancer: {} };
  },
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  validateStatus: validateServiceStatus,
  warnings: (service) => serviceWarnings(service),
  selectableFields: (service) => ({ 'spec.clusterIP': service.spec?.clusterIP ?? '', 'spec.type': service.spec?.type ?? '' }),
});
