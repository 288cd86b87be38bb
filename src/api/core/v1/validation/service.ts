/** Services and endpoints. https://kubernetes.io/docs/concepts/services-networking/service/ */
import { internalForm } from '../../../internal-form.ts';
import type { FieldError } from '../../../meta/field.ts';
import { duplicate, FieldPath, forbiddenField, invalidValue, required } from '../../../meta/field.ts';
import { checkNotLocalIp, checkStrictCidr, checkStrictIp, familyOf } from '../../../meta/addresses.ts';
import { dnsLabel, dnsSubdomain, portNumber, qualifiedName } from '../../../meta/names.ts';
import { faultsAt, IMMUTABLE, sameValue, validateConditions, validateLabels } from '../../../meta/validation.ts';
import type { EndpointAddress, EndpointPort, Endpoints, Service, ServicePort, ServiceSpec } from '../types.ts';
import { duplicatesOf, needOneOf, oneOf, validatePortReference } from './common.ts';

const SPEC = new FieldPath('spec');
const PORTS = SPEC.child('ports');
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const AFFINITY_SECONDS_MAX = 86400;
const KUBELET_PORT = 10250;
const ONLY_BALANCED = "may only be used when `type` is 'LoadBalancer'";
const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode';
const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints';
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';

export function isHeadless(spec: ServiceSpec): boolean {
  return (spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === 'None') || spec.clusterIP === 'None';
}

/** Traffic from outside the cluster reaches it. */
export function isExternallyAccessible(spec: ServiceSpec): boolean {
  return spec.type === 'LoadBalancer' || spec.type === 'NodePort' || (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0);
}

export function needsHealthCheckPort(spec: ServiceSpec): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

function validatePort(path: FieldPath, port: ServicePort, several: boolean, names: Set<string>): FieldError[] {
  const errors: FieldError[] = [];
  if (port.name) {
    errors.push(...faultsAt(path.child('name'), port.name, dnsLabel(port.name)));
    if (names.has(port.name)) errors.push(duplicate(path.child('name'), port.name));
    names.add(port.name);
  } else if (several) errors.push(required(path.child('name')));
  errors.push(...faultsAt(path.child('port'), port.port ?? 0, portNumber(port.port ?? 0)));
  errors.push(...needOneOf(path.child('protocol'), port.protocol, PROTOCOLS));
  errors.push(...validatePortReference(path.child('targetPort'), port.targetPort));
  if (port.appProtocol !== undefined) errors.push(...faultsAt(path.child('appProtocol'), port.appProtocol, qualifiedName(port.appProtocol)));
  return errors;
}

function validatePorts(ports: readonly ServicePort[]): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, i) => validatePort(PORTS.index(i), port, ports.length > 1, names));
}

/** No port of a node, and none of the service, serves two. */
function validatePortsApart(ports: readonly ServicePort[]): FieldError[] {
  const protocolOf = (port: ServicePort): string => port.protocol ?? 'TCP';
  return [
    ...duplicatesOf(ports, (port) => (port.nodePort ? `${protocolOf(port)}/${port.nodePort}` : undefined), (port, i) => duplicate(PORTS.index(i).child('nodePort'), port.nodePort)),
    ...duplicatesOf(ports, (port) => `${protocolOf(port)}/${port.port}`, (port, i) => duplicate(PORTS.index(i), internalForm('io.k8s.api.core.v1.ServicePort', { protocol: protocolOf(port), port: port.port }))),
  ];
}

/** What a type asks for, whatever the fields say by themselves. */
function validateByType(spec: ServiceSpec, ports: readonly ServicePort[]): FieldError[] {
  if (spec.type === 'ExternalName') return validateExternalName(spec);
  const errors: FieldError[] = [];
  if (spec.type === 'LoadBalancer') {
    for (const [i, { port }] of ports.entries()) if (port === KUBELET_PORT) errors.push(invalidValue(PORTS.index(i), port, `may not expose port ${KUBELET_PORT} externally since it is used by kubelet`));
  }
  if (isHeadless(spec) && (spec.type === 'NodePort' || spec.type === 'LoadBalancer')) errors.push(invalidValue(SPEC.child('clusterIPs').index(0), 'None', `may not be set to 'None' for ${spec.type} services`));
  return errors;
}

function validateExternalName(spec: ServiceSpec): FieldError[] {
  const text = 'may not be set for ExternalName services';
  const errors: FieldError[] = [];
  if ((spec.clusterIPs ?? []).length > 0) errors.push(forbiddenField(SPEC.child('clusterIPs'), text));
  if ((spec.ipFamilies ?? []).length > 0) errors.push(forbiddenField(SPEC.child('ipFamilies'), text));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbiddenField(SPEC.child('ipFamilyPolicy'), text));
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  return [...errors, ...(name === '' ? [required(SPEC.child('externalName'))] : faultsAt(SPEC.child('externalName'), name, dnsSubdomain(name)))];
}

function validateAffinity(spec: ServiceSpec): FieldError[] {
  const errors = needOneOf(SPEC.child('sessionAffinity'), spec.sessionAffinity, ['ClientIP', 'None']);
  const path = SPEC.child('sessionAffinityConfig');
  const config = spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'None' && config !== undefined) errors.push(forbiddenField(path, 'must not be set when session affinity is None'));
  if (spec.sessionAffinity !== 'ClientIP') return errors;
  const seconds = config?.clientIP?.timeoutSeconds;
  if (seconds === undefined) errors.push(required(path, 'when session affinity type is ClientIP'));
  else if (seconds <= 0 || seconds > AFFINITY_SECONDS_MAX) {
    errors.push(invalidValue(path.child('clientIP', 'timeoutSeconds'), seconds, `must be greater than 0 and less than ${AFFINITY_SECONDS_MAX}`));
  }
  return errors;
}

function validateFamilies(spec: ServiceSpec): FieldError[] {
  const families = spec.ipFamilies ?? [];
  const path = SPEC.child('ipFamilies');
  const errors = families.flatMap((family, i) => oneOf(path.index(i), family, ['IPv4', 'IPv6']));
  errors.push(...duplicatesOf(families, (family) => family, (family, i) => duplicate(path.index(i), family)));
  if (families.length > 2) errors.push(invalidValue(path, families, 'may only hold up to 2 values'));
  errors.push(...oneOf(SPEC.child('ipFamilyPolicy'), spec.ipFamilyPolicy, ['PreferDualStack', 'RequireDualStack', 'SingleStack']));
  return errors;
}

function validateClusterIps(spec: ServiceSpec): FieldError[] {
  const ips = spec.clusterIPs ?? [];
  const path = SPEC.child('clusterIPs');
  const errors: FieldError[] = [];
  if (ips.length === 0) {
    if (spec.clusterIP) errors.push(required(path));
  } else if (spec.clusterIP !== ips[0]) errors.push(invalidValue(path, ips, 'first value must match `clusterIP`'));
  errors.push(...validateFamilies(spec));
  const faults = ips.flatMap((ip, i) => {
    if (i > 0 || ip !== 'None') return checkStrictIp(path.index(i), ip);
    return ips.length > 1 ? [invalidValue(path, ips, "'None' must be the first and only value")] : [];
  });
  errors.push(...faults);
  if (ips.length > 2) errors.push(invalidValue(path, ips, 'may only hold up to 2 values'));
  // Of addresses that are none, nothing more can be said.
  return faults.length > 0 ? errors : [...errors, ...validateStacks(path, ips, spec)];
}

function validateStacks(path: FieldPath, ips: readonly string[], spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const families = spec.ipFamilies ?? [];
  if (ips.length === 2 && familyOf(ips[0]!) === familyOf(ips[1]!)) errors.push(invalidValue(path, ips, 'may specify no more than one IP for each IP family'));
  for (const [i, ip] of ips.entries()) {
    const family = families[i];
    if (ip !== 'None' && family !== undefined && familyOf(ip) !== family) errors.push(invalidValue(path.index(i), ip, `expected an ${family} value as indicated by \`ipFamilies[${i}]\``));
  }
  if (spec.ipFamilyPolicy !== 'SingleStack') return errors;
  for (const [field, values] of [['clusterIPs', ips], ['ipFamilies', families]] as const) {
    if (values.length > 1) errors.push(invalidValue(SPEC.child('ipFamilyPolicy'), spec.ipFamilyPolicy, `must be RequireDualStack or PreferDualStack when multiple \`${field}\` are specified`));
  }
  return errors;
}

/** Whom a balancer lets in: by the field, or by the annotation that was before it. */
function validateSourceRanges(annotations: Readonly<Record<string, string>> | undefined, spec: ServiceSpec): FieldError[] {
  // The API names this place so.
  const path = SPEC.child('LoadBalancerSourceRanges');
  const ranges = spec.loadBalancerSourceRanges ?? [];
  const elsewhere = (at: FieldPath): FieldError[] => (spec.type === 'LoadBalancer' ? [] : [forbiddenField(at, ONLY_BALANCED)]);
  if (ranges.length > 0) return [...elsewhere(path), ...ranges.flatMap((range, i) => checkStrictCidr(path.index(i), range.trim()))];
  const noted = annotations?.[SOURCE_RANGES];
  if (noted === undefined) return [];
  const at = new FieldPath('metadata.annotations').key(SOURCE_RANGES);
  return [...elsewhere(at), ...(noted.trim() === '' ? [] : noted.split(',').flatMap((range) => checkStrictCidr(at, range.trim())))];
}

function validateLoadBalancerFields(spec: ServiceSpec): FieldError[] {
  const { allocateLoadBalancerNodePorts: allocates, loadBalancerClass: of } = spec;
  if (spec.type === 'LoadBalancer') {
    return [...(allocates === undefined ? [required(new FieldPath('allocateLoadBalancerNodePorts'))] : []), ...(of === undefined ? [] : faultsAt(SPEC.child('loadBalancerClass'), of, qualifiedName(of)))];
  }
  const errors: FieldError[] = [];
  if (allocates !== undefined) errors.push(forbiddenField(SPEC.child('allocateLoadBalancerNodePorts'), ONLY_BALANCED));
  if (of !== undefined) errors.push(forbiddenField(SPEC.child('loadBalancerClass'), ONLY_BALANCED));
  return errors;
}

function validateTrafficPolicies(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const external = SPEC.child('externalTrafficPolicy');
  if (isExternallyAccessible(spec)) errors.push(...needOneOf(external, spec.externalTrafficPolicy, ['Cluster', 'Local']));
  else if (spec.externalTrafficPolicy) errors.push(invalidValue(external, spec.externalTrafficPolicy, 'may only be set for externally-accessible services'));
  if (spec.healthCheckNodePort && !needsHealthCheckPort(spec)) {
    errors.push(invalidValue(SPEC.child('healthCheckNodePort'), spec.healthCheckNodePort, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"));
  }
  if (spec.healthCheckNodePort && needsHealthCheckPort(spec)) errors.push(...faultsAt(SPEC.child('healthCheckNodePort'), spec.healthCheckNodePort, portNumber(spec.healthCheckNodePort)));
  const internal = SPEC.child('internalTrafficPolicy');
  const inside = spec.type === 'ClusterIP' || spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  errors.push(...(inside ? needOneOf : oneOf)(internal, spec.internalTrafficPolicy, ['Cluster', 'Local']));
  return [...errors, ...oneOf(SPEC.child('trafficDistribution'), spec.trafficDistribution, ['PreferClose', 'PreferSameNode', 'PreferSameZone'])];
}

/** The older and the newer name of one thing. */
function validateTopologyMode(annotations: Readonly<Record<string, string>> | undefined): FieldError[] {
  const { [TOPOLOGY_MODE]: mode, [TOPOLOGY_HINTS]: hints } = annotations ?? {};
  if (mode === undefined || hints === undefined || mode === hints) return [];
  return [invalidValue(new FieldPath('metadata.annotations').key(TOPOLOGY_MODE), mode, `must match annotations[${TOPOLOGY_HINTS}] when both are specified`)];
}

export function validateService(service: Service): FieldError[] {
  const { spec = {}, metadata: { annotations } } = service;
  const ports = spec.ports ?? [];
  return [
    ...validateTopologyMode(annotations),
    ...(ports.length === 0 && !isHeadless(spec) && spec.type !== 'ExternalName' ? [required(PORTS)] : []),
    ...validateByType(spec, ports), ...validatePorts(ports), ...validateLabels(SPEC.child('selector'), spec.selector), ...validateAffinity(spec),
    ...(spec.type === 'ExternalName' ? [] : validateClusterIps(spec)),
    ...(spec.externalIPs ?? []).flatMap((ip, i) => {
      const errors = checkStrictIp(SPEC.child('externalIPs').index(i), ip);
      return errors.length > 0 ? errors : checkNotLocalIp(SPEC.child('externalIPs').index(i), ip);
    }),
    ...needOneOf(SPEC.child('type'), spec.type, TYPES),
    ...(spec.type === 'ClusterIP' ? ports.flatMap((port, i) => (port.nodePort ? [forbiddenField(PORTS.index(i).child('nodePort'), "may not be used when `type` is 'ClusterIP'")] : [])) : []),
    ...validatePortsApart(ports), ...validateSourceRanges(annotations, spec), ...validateLoadBalancerFields(spec), ...validateTrafficPolicies(spec),
  ];
}

/** The addresses and families that clients may have come to rely on. */
export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const spec = service.spec ?? {};
  const was = old.spec ?? {};
  const errors: FieldError[] = [];
  if (spec.type !== 'ExternalName' && was.type !== 'ExternalName') errors.push(...validateAddressChange(spec, was));
  if (needsHealthCheckPort(was) && needsHealthCheckPort(spec) && spec.healthCheckNodePort !== was.healthCheckNodePort) errors.push(forbiddenField(SPEC.child('healthCheckNodePort'), IMMUTABLE));
  if (was.type === 'LoadBalancer' && spec.type === 'LoadBalancer' && spec.loadBalancerClass !== was.loadBalancerClass) {
    errors.push(invalidValue(SPEC.child('loadBalancerClass'), spec.loadBalancerClass, 'may not change once set'));
  }
  return errors;
}

function validateAddressChange(spec: ServiceSpec, was: ServiceSpec): FieldError[] {
  const path = SPEC.child('clusterIPs');
  const ips = spec.clusterIPs ?? [];
  const before = was.clusterIPs ?? [];
  const errors: FieldError[] = [];
  if (before.length > 0) {
    if (ips.length === 0) errors.push(invalidValue(path.index(0), ips, 'primary clusterIP can not be unset'));
    else if (ips[0] !== before[0]) errors.push(invalidValue(path.index(0), ips, 'may not change once set'));
    if (before.length > 1 && spec.ipFamilyPolicy !== 'SingleStack') {
      if (ips.length < 2) errors.push(invalidValue(path.index(1), ips, "secondary clusterIP can not be unset unless ipFamilyPolicy is set to SingleStack"));
      else if (ips[1] !== before[1]) errors.push(invalidValue(path.index(1), ips, 'may not change once set'));
    }
  }
  const families = spec.ipFamilies ?? [];
  const oldFamilies = was.ipFamilies ?? [];
  const familyPath = SPEC.child('ipFamilies');
  if (oldFamilies.length > 0) {
    if (families.length === 0) errors.push(invalidValue(familyPath.index(0), families, 'primary ipFamily can not be unset'));
    else if (families[0] !== oldFamilies[0]) errors.push(invalidValue(familyPath.index(0), families, 'may not change once set'));
    if (oldFamilies.length > 1 && families.length > 1 && families[1] !== oldFamilies[1]) errors.push(invalidValue(familyPath.index(1), families, 'may not change once set'));
  }
  return errors;
}

export function validateServiceStatus(service: Service, old: Service): FieldError[] {
  const path = new FieldPath('status.loadBalancer.ingress');
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  const errors: FieldError[] = [];
  if (ingress.length > 0 && service.spec?.type !== 'LoadBalancer' && !sameValue(service.status, old.status)) errors.push(forbiddenField(path, 'may only be used when `spec.type` is "LoadBalancer"'));
  for (const [i, entry] of ingress.entries()) {
    const at = path.index(i);
    if (entry.ip) errors.push(...checkStrictIp(at.child('ip'), entry.ip));
    if (entry.ip && entry.ipMode === undefined) errors.push(required(at.child('ipMode'), 'must be specified when `ip` is set'));
    if (!entry.ip && entry.ipMode !== undefined) errors.push(forbiddenField(at.child('ipMode'), 'may not be specified when `ip` is not set'));
    errors.push(...oneOf(at.child('ipMode'), entry.ipMode, ['Proxy', 'VIP']));
    if (entry.hostname) {
      errors.push(...faultsAt(at.child('hostname'), entry.hostname, dnsSubdomain(entry.hostname)));
      if (familyOf(entry.hostname) !== undefined) errors.push(invalidValue(at.child('hostname'), entry.hostname, 'must be a DNS name, not an IP address'));
    }
  }
  return [...errors, ...validateConditions(new FieldPath('status.conditions'), service.status?.conditions)];
}

function validateAddress(path: FieldPath, address: EndpointAddress): FieldError[] {
  const errors = checkStrictIp(path.child('ip'), address.ip ?? '');
  if (errors.length === 0) errors.push(...checkNotLocalIp(path.child('ip'), address.ip));
  if (address.hostname) errors.push(...faultsAt(path.child('hostname'), address.hostname, dnsLabel(address.hostname)));
  if (address.nodeName !== undefined) errors.push(...faultsAt(path.child('nodeName'), address.nodeName, dnsSubdomain(address.nodeName)));
  return errors;
}

function validateEndpointPort(path: FieldPath, port: EndpointPort, several: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (port.name) errors.push(...faultsAt(path.child('name'), port.name, dnsLabel(port.name)));
  else if (several) errors.push(required(path.child('name')));
  errors.push(...faultsAt(path.child('port'), port.port ?? 0, portNumber(port.port ?? 0)));
  errors.push(...needOneOf(path.child('protocol'), port.protocol, PROTOCOLS));
  if (port.appProtocol !== undefined) errors.push(...faultsAt(path.child('appProtocol'), port.appProtocol, qualifiedName(port.appProtocol)));
  return errors;
}

export function validateEndpoints(endpoints: Endpoints): FieldError[] {
  return (endpoints.subsets ?? []).flatMap((subset, i) => {
    const path = new FieldPath('subsets').index(i);
    const errors: FieldError[] = [];
    if ((subset.addresses ?? []).length + (subset.notReadyAddresses ?? []).length === 0) errors.push(required(path, 'must specify `addresses` or `notReadyAddresses`'));
    for (const field of ['addresses', 'notReadyAddresses'] as const) {
      for (const [j, address] of (subset[field] ?? []).entries()) errors.push(...validateAddress(path.child(field).index(j), address));
    }
    const ports = subset.ports ?? [];
    for (const [j, port] of ports.entries()) errors.push(...validateEndpointPort(path.child('ports').index(j), port, ports.length > 1));
    return errors;
  });
}
