/** Rules of endpoint slices. */
import { needOneOf } from '../../core/v1/validation/common.ts';
import { checkNotLocalIp, checkStrictIp, familyOf } from '../../meta/addresses.ts';
import type { FieldError } from '../../meta/field.ts';
import { duplicate, FieldPath, invalidValue, notSupported, required, tooMany } from '../../meta/field.ts';
import { dnsLabel, dnsSubdomain, labelValue, portNumber, qualifiedName } from '../../meta/names.ts';
import { faultsAt, immutable, repeats, validateLabels } from '../../meta/validation.ts';
import type { Endpoint, EndpointSlice } from './types.ts';

const ENDPOINTS_MAX = 1000;
const ADDRESSES_MAX = 100;
const PORTS_MAX = 20000;
const TOPOLOGY_MAX = 16;
const HINTS_MAX = 8;

function validateName(path: FieldPath, name: string): FieldError[] {
  const plain = name.replace(/\.$/, '');
  const faults = dnsSubdomain(plain);
  if (faults.length > 0) return [invalidValue(path, plain, faults.join(','))];
  return plain.includes('.') ? [] : [invalidValue(path, plain, 'should be a domain with at least two segments separated by dots')];
}

function validateAddress(path: FieldPath, address: string, type: string): FieldError[] {
  if (type === 'FQDN') return validateName(path, address);
  // What has no known form is told of once, as the type.
  if (type !== 'IPv4' && type !== 'IPv6') return [];
  const errors = checkStrictIp(path, address);
  if (errors.length > 0) return errors;
  if (familyOf(address) !== type) return [invalidValue(path, address, `must be an ${type} address`)];
  return checkNotLocalIp(path, address);
}

function validateEndpoint(path: FieldPath, endpoint: Endpoint, type: string): FieldError[] {
  const addresses = endpoint.addresses ?? [];
  const errors: FieldError[] = addresses.length === 0 ? [required(path.child('addresses'), 'must contain at least 1 address')] : [];
  if (addresses.length > ADDRESSES_MAX) errors.push(tooMany(path.child('addresses'), addresses.length, ADDRESSES_MAX));
  else errors.push(...addresses.flatMap((address, i) => validateAddress(path.child('addresses').index(i), address, type)));
  if (endpoint.nodeName !== undefined) errors.push(...faultsAt(path.child('nodeName'), endpoint.nodeName, dnsSubdomain(endpoint.nodeName)));
  const topology = path.child('deprecatedTopology');
  const keys = Object.keys(endpoint.deprecatedTopology ?? {}).length;
  if (keys > TOPOLOGY_MAX) errors.push(tooMany(topology, keys, TOPOLOGY_MAX));
  errors.push(...validateLabels(topology, endpoint.deprecatedTopology));
  if (endpoint.hostname !== undefined) errors.push(...faultsAt(path.child('hostname'), endpoint.hostname, dnsLabel(endpoint.hostname)));
  for (const field of ['forZones', 'forNodes'] as const) {
    const hints = endpoint.hints?.[field] ?? [];
    const at = path.child('hints', field);
    if (hints.length > HINTS_MAX) errors.push(tooMany(at, hints.length, HINTS_MAX));
    const seen = repeats();
    for (const [i, hint] of hints.entries()) {
      errors.push(...faultsAt(at.index(i).child('name'), hint.name, field === 'forZones' ? labelValue(hint.name) : dnsSubdomain(hint.name)));
      if (seen(hint.name)) errors.push(duplicate(at.index(i).child('name'), hint.name));
    }
  }
  return errors;
}

export function validateSlice(slice: EndpointSlice): FieldError[] {
  const path = new FieldPath('addressType');
  const errors: FieldError[] = [];
  if (!slice.addressType) errors.push(required(path));
  else if (!['FQDN', 'IPv4', 'IPv6'].includes(slice.addressType)) errors.push(notSupported(path, slice.addressType, ['FQDN', 'IPv4', 'IPv6']));
  const endpoints = slice.endpoints ?? [];
  if (endpoints.length > ENDPOINTS_MAX) errors.push(tooMany(new FieldPath('endpoints'), endpoints.length, ENDPOINTS_MAX));
  else errors.push(...endpoints.flatMap((endpoint, i) => validateEndpoint(new FieldPath('endpoints').index(i), endpoint, slice.addressType)));
  const ports = slice.ports ?? [];
  const at = new FieldPath('ports');
  if (ports.length > PORTS_MAX) return [...errors, tooMany(at, ports.length, PORTS_MAX)];
  const seen = repeats();
  for (const [i, port] of ports.entries()) {
    const name = port.name ?? '';
    if (name !== '') errors.push(...faultsAt(at.index(i).child('name'), name, dnsLabel(name)));
    if (seen(name)) errors.push(duplicate(at.index(i).child('name'), name));
    errors.push(...needOneOf(at.index(i).child('protocol'), port.protocol, ['SCTP', 'TCP', 'UDP']));
    if (port.port !== undefined) errors.push(...faultsAt(at.index(i).child('port'), port.port, portNumber(port.port)));
    if (port.appProtocol !== undefined) errors.push(...faultsAt(at.index(i).child('appProtocol'), port.appProtocol, qualifiedName(port.appProtocol)));
  }
  return errors;
}

export function validateSliceUpdate(slice: EndpointSlice, old: EndpointSlice): FieldError[] {
  return immutable(new FieldPath('addressType'), slice.addressType, old.addressType);
}
