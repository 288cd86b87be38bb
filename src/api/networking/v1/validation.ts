/** Rules of ingresses, their classes, network policies, addresses and service ranges. */
import { need, oneOf } from '../../core/v1/validation/common.ts';
import { validateDomainPath } from '../../batch/v1/validation.ts';
import { checkCanonicalCidr, checkStrictCidr, checkStrictIp, cidrContains, familyOf, formatIp, parseCidr, parseIp } from '../../meta/addresses.ts';
import { immutableStruct } from '../../internal-form.ts';
import type { FieldError } from '../../meta/field.ts';
import { FieldPath, forbiddenField, invalidValue, notSupported, required, tooLong } from '../../meta/field.ts';
import { byteLength, dnsLabel, dnsSubdomain, pathSegmentName, portName, portNumber, wildcardDnsSubdomain } from '../../meta/names.ts';
import { each, faultsAt, immutable, sameValue, validateLabelSelector } from '../../meta/validation.ts';
import type {
  HTTPIngressPath, IPAddress, IPBlock, Ingress, IngressBackend, IngressClass, IngressTLS, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, ServiceCIDR,
} from './types.ts';

const SPEC = new FieldPath('spec');
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const CONTROLLER_MAX = 250;
const PATH_TYPES: ReadonlySet<string> = new Set(['Exact', 'ImplementationSpecific', 'Prefix']);
const BAD_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F'];
const BAD_ENDINGS = ['/..', '/.'];

function validateHost(path: FieldPath, host: string): FieldError[] {
  if (parseIp(host) !== undefined) return [invalidValue(path, host, 'must be a DNS name, not an IP address')];
  return faultsAt(path, host, host.includes('*') ? wildcardDnsSubdomain(host) : dnsSubdomain(host));
}

function validateTls(path: FieldPath, tls: readonly IngressTLS[] | undefined): FieldError[] {
  return each(tls, (entry, i) => [
    ...(entry.hosts ?? []).flatMap((host, j) => faultsAt(path.index(i).child('hosts').index(j), host, host.includes('*') ? wildcardDnsSubdomain(host) : dnsSubdomain(host))),
    ...(entry.secretName ? faultsAt(path.index(i).child('secretName'), entry.secretName, dnsSubdomain(entry.secretName)) : []),
  ]);
}

function validateBackend(path: FieldPath, backend: IngressBackend | undefined): FieldError[] {
  const { service, resource } = backend ?? {};
  if (resource !== undefined && service !== undefined) return [invalidValue(path, '', 'cannot set both resource and service backends')];
  if (resource !== undefined) {
    const at = path.child('resource');
    return [
      ...(resource.apiGroup ? faultsAt(at.child('apiGroup'), resource.apiGroup, dnsSubdomain(resource.apiGroup)) : []),
      ...(resource.kind ? faultsAt(at.child('kind'), resource.kind, pathSegmentName(resource.kind)) : [required(at.child('kind'))]),
      ...(resource.name ? faultsAt(at.child('name'), resource.name, pathSegmentName(resource.name)) : [required(at.child('name'))]),
    ];
  }
  if (service === undefined) return [invalidValue(path, '', 'resource or service backend is required')];
  const at = path.child('service');
  const errors = service.name ? faultsAt(at.child('name'), service.name, dnsLabel(service.name)) : [required(at.child('name'))];
  const port = service.port ?? {};
  if (port.name && port.number) errors.push(invalidValue(path, '', 'cannot set both port name & port number'));
  else if (port.name) errors.push(...faultsAt(at.child('port', 'name'), port.name, portName(port.name)));
  else if (port.number) errors.push(...faultsAt(at.child('port', 'number'), port.number, portNumber(port.number)));
  else errors.push(required(path, 'port name or number is required'));
  return errors;
}

function validatePath(path: FieldPath, entry: HTTPIngressPath): FieldError[] {
  const text = entry.path ?? '';
  const at = path.child('path');
  const errors: FieldError[] = [];
  if (!entry.pathType) return [required(path.child('pathType'), 'pathType must be specified')];
  if (!PATH_TYPES.has(entry.pathType)) return [notSupported(path.child('pathType'), entry.pathType, ['Exact', 'ImplementationSpecific', 'Prefix'])];
  if (entry.pathType === 'ImplementationSpecific') {
    if (text !== '' && !text.startsWith('/')) errors.push(invalidValue(at, text, 'must be an absolute path'));
  } else {
    if (!text.startsWith('/')) errors.push(invalidValue(at, text, 'must be an absolute path'));
    if (text !== '') {
      errors.push(...BAD_SEQUENCES.filter((bad) => text.includes(bad)).map((bad) => invalidValue(at, text, `must not contain '${bad}'`)));
      errors.push(...BAD_ENDINGS.filter((bad) => text.endsWith(bad)).map((bad) => invalidValue(at, text, `cannot end with '${bad}'`)));
    }
  }
  return [...errors, ...validateBackend(path.child('backend'), entry.backend)];
}

export function validateIngress(ingress: Ingress, old?: Ingress): FieldError[] {
  const spec = ingress.spec ?? {};
  const errors: FieldError[] = [];
  if (old === undefined) {
    const annotation = ingress.metadata.annotations?.[CLASS_ANNOTATION];
    if (annotation !== undefined && spec.ingressClassName !== undefined && annotation !== spec.ingressClassName) {
      errors.push(invalidValue(new FieldPath('annotations').child(CLASS_ANNOTATION), annotation, 'must match `ingressClassName` when both are specified'));
    }
  }
  if ((spec.rules ?? []).length === 0 && spec.defaultBackend === undefined) errors.push(invalidValue(SPEC, spec.rules ?? [], 'either `defaultBackend` or `rules` must be specified'));
  if (spec.defaultBackend !== undefined) errors.push(...validateBackend(SPEC.child('defaultBackend'), spec.defaultBackend));
  errors.push(...validateTls(SPEC.child('tls'), spec.tls));
  for (const [i, rule] of (spec.rules ?? []).entries()) {
    const at = SPEC.child('rules').index(i);
    if (rule.host) errors.push(...validateHost(at.child('host'), rule.host));
    if (rule.http === undefined) continue;
    if ((rule.http.paths ?? []).length === 0) errors.push(required(at.child('http', 'paths')));
    for (const [j, entry] of (rule.http.paths ?? []).entries()) errors.push(...validatePath(at.child('http', 'paths').index(j), entry));
  }
  if (spec.ingressClassName !== undefined) errors.push(...faultsAt(SPEC.child('ingressClassName'), spec.ingressClassName, dnsSubdomain(spec.ingressClassName)));
  return errors;
}

export function validateIngressStatus(ingress: Ingress): FieldError[] {
  const path = new FieldPath('status.loadBalancer.ingress');
  return each(ingress.status?.loadBalancer?.ingress, (entry, i) => {
    const errors = entry.ip ? checkStrictIp(path.index(i).child('ip'), entry.ip) : [];
    if (!entry.hostname) return errors;
    const at = path.index(i).child('hostname');
    errors.push(...faultsAt(at, entry.hostname, dnsSubdomain(entry.hostname)));
    return familyOf(entry.hostname) === undefined ? errors : [...errors, invalidValue(at, entry.hostname, 'must be a DNS name, not an IP address')];
  });
}

export function validateIngressClass(ingressClass: IngressClass): FieldError[] {
  const { controller = '', parameters } = ingressClass.spec ?? {};
  const at = SPEC.child('controller');
  const errors: FieldError[] = byteLength(controller) > CONTROLLER_MAX ? [tooLong(at, CONTROLLER_MAX)] : [];
  errors.push(...validateDomainPath(at, controller));
  if (parameters === undefined) return errors;
  const path = SPEC.child('parameters');
  if (parameters.apiGroup !== undefined) errors.push(...faultsAt(path.child('apiGroup'), parameters.apiGroup, dnsSubdomain(parameters.apiGroup)));
  for (const field of ['kind', 'name'] as const) {
    const value = parameters[field];
    errors.push(...(value ? faultsAt(path.child(field), value, pathSegmentName(value)) : [required(path.child(field))]));
  }
  if (parameters.scope === undefined) errors.push(required(path.child('scope')));
  else errors.push(...oneOf(path.child('scope'), parameters.scope, ['Cluster', 'Namespace']));
  if (parameters.scope === 'Namespace' && !parameters.namespace) errors.push(required(path.child('namespace'), '`parameters.scope` is set to \'Namespace\''));
  if (parameters.scope === 'Cluster' && parameters.namespace !== undefined) errors.push(forbiddenField(path.child('namespace'), '`parameters.scope` is set to \'Cluster\''));
  return errors;
}

export function validateIngressClassUpdate(ingressClass: IngressClass, old: IngressClass): FieldError[] {
  return immutable(SPEC.child('controller'), ingressClass.spec?.controller, old.spec?.controller);
}

function validatePolicyPort(path: FieldPath, port: NetworkPolicyPort): FieldError[] {
  const errors = port.protocol === undefined ? [] : oneOf(path.child('protocol'), port.protocol, ['SCTP', 'TCP', 'UDP']);
  if (port.port === undefined) return port.endPort === undefined ? errors : [...errors, required(path.child('port'), 'must be specified when `endPort` is specified')];
  if (typeof port.port === 'string') {
    if (port.endPort !== undefined) errors.push(invalidValue(path.child('endPort'), port.endPort, 'may not be specified when `port` is non-numeric'));
    return [...errors, ...faultsAt(path.child('port'), port.port, portName(port.port))];
  }
  errors.push(...faultsAt(path.child('port'), port.port, portNumber(port.port)));
  if (port.endPort !== undefined) {
    if (port.endPort < port.port) errors.push(invalidValue(path.child('endPort'), port.endPort, 'must be greater than or equal to `port`'));
    errors.push(...faultsAt(path.child('endPort'), port.endPort, portNumber(port.endPort)));
  }
  return errors;
}

function validateBlock(path: FieldPath, block: IPBlock): FieldError[] {
  if (!block.cidr) return [required(path.child('cidr'))];
  const errors = checkStrictCidr(path.child('cidr'), block.cidr);
  const cidr = parseCidr(block.cidr);
  for (const [i, text] of (block.except ?? []).entries()) {
    const at = path.child('except').index(i);
    errors.push(...checkStrictCidr(at, text));
    const except = parseCidr(text);
    if (cidr === undefined || except === undefined) continue;
    if (!cidrContains(cidr, except.address) || except.prefixLength <= cidr.prefixLength) errors.push(invalidValue(at, text, 'must be a strict subset of `cidr`'));
  }
  return errors;
}

function validatePeer(path: FieldPath, peer: NetworkPolicyPeer): FieldError[] {
  const errors = [...validateLabelSelector(path.child('podSelector'), peer.podSelector), ...validateLabelSelector(path.child('namespaceSelector'), peer.namespaceSelector)];
  const given = [peer.podSelector, peer.namespaceSelector, peer.ipBlock].filter((part) => part !== undefined).length;
  if (peer.ipBlock !== undefined) errors.push(...validateBlock(path.child('ipBlock'), peer.ipBlock));
  if (given === 0) errors.push(required(path, 'must specify a peer'));
  else if (given > 1 && peer.ipBlock !== undefined) errors.push(forbiddenField(path, 'may not specify both ipBlock and another peer'));
  return errors;
}

export function validateNetworkPolicy(policy: NetworkPolicy): FieldError[] {
  const spec = policy.spec ?? {};
  const errors = validateLabelSelector(SPEC.child('podSelector'), spec.podSelector);
  for (const [direction, peers] of [['ingress', 'from'], ['egress', 'to']] as const) {
    for (const [i, rule] of (spec[direction] ?? []).entries()) {
      const at = SPEC.child(direction).index(i);
      for (const [j, port] of (rule.ports ?? []).entries()) errors.push(...validatePolicyPort(at.child('ports').index(j), port));
      for (const [j, peer] of ((rule as Record<string, NetworkPolicyPeer[] | undefined>)[peers] ?? []).entries()) errors.push(...validatePeer(at.child(peers).index(j), peer));
    }
  }
  const types = spec.policyTypes ?? [];
  if (types.length > 2) return [...errors, invalidValue(SPEC.child('policyTypes'), types, 'may not specify more than two policyTypes')];
  return [...errors, ...types.flatMap((type, i) => (type === 'Ingress' || type === 'Egress' ? [] : [notSupported(SPEC.child('policyTypes').index(i), type, ['Egress', 'Ingress'])]))];
}

export function validateIpAddress(address: IPAddress): FieldError[] {
  const path = SPEC.child('parentRef');
  const parent = address.spec?.parentRef;
  if (parent === undefined) return [required(path)];
  const errors: FieldError[] = [];
  if (parent.group) errors.push(...faultsAt(path.child('group'), parent.group, dnsSubdomain(parent.group)));
  for (const field of ['resource', 'name'] as const) errors.push(...need(path.child(field), parent[field]), ...faultsAt(path.child(field), parent[field], pathSegmentName(parent[field] ?? '')));
  if (parent.namespace) errors.push(...faultsAt(path.child('namespace'), parent.namespace, pathSegmentName(parent.namespace)));
  return errors;
}

export function validateIpAddressUpdate(address: IPAddress, old: IPAddress): FieldError[] {
  return immutableStruct(SPEC.child('parentRef'), 'io.k8s.api.networking.v1.ParentReference', address.spec?.parentRef, old.spec?.parentRef);
}

/** An address object is named by the address, in canonical form. */
export function ipAddressName(name: string): string[] {
  const ip = parseIp(name);
  if (ip === undefined) return ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'];
  const canonical = ip.mapped ? undefined : formatIp(ip);
  return canonical === name ? [] : [`must be in canonical form ("${formatIp(ip)}")`];
}

export function validateServiceCidr(range: ServiceCIDR): FieldError[] {
  const cidrs = range.spec?.cidrs ?? [];
  const path = SPEC.child('cidrs');
  if (cidrs.length === 0) return [required(path, 'at least one CIDR required')];
  if (cidrs.length > 2) return [invalidValue(path, cidrs, 'may only hold up to 2 values')];
  const errors = cidrs.flatMap((cidr, i) => checkCanonicalCidr(path.index(i), cidr));
  if (cidrs.length === 2 && parseCidr(cidrs[0]!)?.address.family === parseCidr(cidrs[1]!)?.address.family) errors.push(invalidValue(path, cidrs, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/96'));
  return errors;
}

export function validateServiceCidrUpdate(range: ServiceCIDR, old: ServiceCIDR): FieldError[] {
  const cidrs = range.spec?.cidrs ?? [];
  const was = old.spec?.cidrs ?? [];
  const path = SPEC.child('cidrs');
  if (sameValue(cidrs, was)) return [];
  if (was.length === 1 && cidrs.length === 2) return cidrs[0] === was[0] ? [] : immutable(path.index(0), cidrs[0], was[0]);
  return [invalidValue(path, cidrs, 'field is immutable')];
}
