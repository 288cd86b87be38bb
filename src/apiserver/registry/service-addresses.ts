/**
 * The addresses and node ports of services: which are taken, and by whom. Kept in memory and rebuilt from the stored services at the start;
 * one API server gives them out. KEP-3070 (reserved lower part of the range), KEP-3668 (the same for node ports).
 */
import { formatCidr, formatIp, networkOf, parseCidr, parseIp, type Cidr } from '../../api/meta/addresses.ts';
import { FieldPath, invalidValue, type FieldError } from '../../api/meta/field.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { Resource } from '../../api/meta/resource.ts';
import { failure, invalid } from '../../api/meta/status.ts';
import type { Service, ServiceSpec } from '../../api/core/v1/types.ts';
import type { Random } from '../../host/types.ts';

export interface ServiceAddressesOptions {
  /** As `10.96.0.0/16`. */
  serviceCidr: string;
  nodePortRange: { from: number; to: number };
  random: Random;
}

const SPEC = new FieldPath('spec');
const HEADLESS = 'None';
/** More addresses than this are not used of a range (IPv6 ranges are huge). */
const ADDRESSES_LIMIT = 1n << 16n;

const numberOf = (bytes: readonly number[]): bigint => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

/** The size of the range's lower part, which automatic choices leave to those who name an address themselves. */
function reservedPart(size: number, minimum: number, step: number, maximum: number): number {
  return size < minimum ? 0 : Math.min(Math.max(minimum, Math.floor(size / step)), maximum);
}

const isService = (resource: Resource): boolean => resource.plural === 'services' && resource.group === '';
const ownerOf = (object: KubeObject): string => `${object.metadata.namespace}/${object.metadata.name}`;
const wantsAddress = (spec: ServiceSpec): boolean => spec.type !== 'ExternalName';
const wantsNodePorts = (spec: ServiceSpec): boolean => spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
const wantsHealthPort = (spec: ServiceSpec): boolean => spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';

const nothing = (): void => undefined;

/** What one call has taken, to be given back when the write fails. */
interface Taking {
  owner: string;
  addresses: string[];
  ports: number[];
}

export class ServiceAddresses {
  readonly #cidr: Cidr;
  readonly #cidrText: string;
  readonly #network: bigint;
  /** Addresses that can be given out: all but the network's own and, with IPv4, the broadcast address. */
  readonly #size: number;
  readonly #range: { from: number; to: number };
  readonly #random: Random;
  /** Address → `namespace/name` of its service. */
  readonly #addresses = new Map<string, string>();
  readonly #ports = new Map<number, string>();

  constructor(options: ServiceAddressesOptions) {
    const cidr = parseCidr(options.serviceCidr);
    if (cidr === undefined) throw new Error(`the service range "${options.serviceCidr}" is not an address range such as 10.96.0.0/16`);
    this.#cidr = cidr;
    this.#cidrText = formatCidr({ address: networkOf(cidr), prefixLength: cidr.prefixLength });
    this.#network = numberOf(networkOf(cidr).bytes);
    const bits = BigInt((cidr.address.family === 'IPv4' ? 32 : 128) - cidr.prefixLength);
    const whole = 1n << bits;
    const usable = whole - (cidr.address.family === 'IPv4' ? 2n : 1n);
    this.#size = Number(usable > ADDRESSES_LIMIT ? ADDRESSES_LIMIT : usable < 0n ? 0n : usable);
    this.#range = options.nodePortRange;
    this.#random = options.random;
  }

  /** Takes note of what stored services hold. */
  rebuild(services: Iterable<KubeObject>): void {
    this.#addresses.clear();
    this.#ports.clear();
    for (const service of services) this.#hold(service as Service);
  }

  /**
   * Fills in what a service is to have, in place. The answer gives back what was newly taken; call it when the service is not written.
   * Throws StatusError 422 for an address or a port that cannot be had. Other kinds are left alone.
   */
  assign(resource: Resource, object: KubeObject): () => void {
    if (!isService(resource)) return nothing;
    const { spec } = object as Service;
    if (spec === undefined) return nothing;
    const taking: Taking = { owner: ownerOf(object), addresses: [], ports: [] };
    const release = (): void => this.#release(taking);
    try {
      const errors = [...this.#assignAddress(spec, taking), ...this.#assignPorts(spec, taking)];
      if (errors.length > 0) throw invalid({ group: '', kind: 'Service' }, object.metadata.name ?? '', errors);
    } catch (error) {
      release();
      throw error;
    }
    return release;
  }

  /** After a service was changed: what it holds no longer is free. */
  settle(resource: Resource, object: KubeObject, old: KubeObject): void {
    if (!isService(resource)) return;
    const held = holdingsOf(object as Service);
    const before = holdingsOf(old as Service);
    const owner = ownerOf(object);
    this.#release({ owner, addresses: before.addresses.filter((address) => !held.addresses.includes(address)), ports: before.ports.filter((port) => !held.ports.includes(port)) });
  }

  /** After a service was deleted. */
  free(resource: Resource, object: KubeObject): void {
    if (isService(resource)) this.#release({ owner: ownerOf(object), ...holdingsOf(object as Service) });
  }

  #hold(service: Service): void {
    const owner = ownerOf(service);
    const { addresses, ports } = holdingsOf(service);
    for (const address of addresses) this.#addresses.set(address, owner);
    for (const port of ports) this.#ports.set(port, owner);
  }

  #release(taking: Taking): void {
    for (const address of taking.addresses) if (this.#addresses.get(address) === taking.owner) this.#addresses.delete(address);
    for (const port of taking.ports) if (this.#ports.get(port) === taking.owner) this.#ports.delete(port);
  }

  #assignAddress(spec: ServiceSpec, taking: Taking): FieldError[] {
    if (!wantsAddress(spec)) return [];
    const { family } = this.#cidr.address;
    const errors: FieldError[] = [];
    if (spec.ipFamilyPolicy === 'RequireDualStack') errors.push(invalidValue(SPEC.child('ipFamilyPolicy'), spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'));
    for (const [i, wanted] of (spec.ipFamilies ?? []).entries()) {
      if (wanted !== family && (wanted === 'IPv4' || wanted === 'IPv6')) errors.push(invalidValue(SPEC.child('ipFamilies').index(i), wanted, 'not configured on this cluster'));
    }
    if (errors.length > 0) return errors;
    if (spec.clusterIP === undefined && spec.clusterIPs?.[0] !== undefined) spec.clusterIP = spec.clusterIPs[0];
    spec.ipFamilyPolicy ??= 'SingleStack';
    if (spec.ipFamilies === undefined || spec.ipFamilies.length === 0) spec.ipFamilies = [family];
    if (spec.clusterIP === HEADLESS) {
      spec.clusterIPs = [HEADLESS];
      return [];
    }
    if (spec.clusterIP === undefined || spec.clusterIP === '') {
      spec.clusterIP = this.#anyAddress();
      this.#takeAddress(spec.clusterIP, taking);
    } else errors.push(...this.#namedAddress(spec.clusterIP, taking));
    spec.clusterIPs = [spec.clusterIP, ...(spec.clusterIPs ?? []).slice(1)];
    return errors;
  }

  #takeAddress(address: string, taking: Taking): void {
    this.#addresses.set(address, taking.owner);
    taking.addresses.push(address);
  }

  #namedAddress(text: string, taking: Taking): FieldError[] {
    const ip = parseIp(text);
    // What is no address at all is told by validation.
    if (ip === undefined) return [];
    const fail = (why: string): FieldError[] => [invalidValue(SPEC.child('clusterIPs'), [text], `failed to allocate IP ${text}: ${why}`)];
    const address = formatIp(ip);
    const owner = this.#addresses.get(address);
    if (owner === taking.owner) return [];
    const offset = ip.family === this.#cidr.address.family ? numberOf(ip.bytes) - this.#network : -1n;
    if (offset < 1n || offset > BigInt(this.#size)) return fail(`the provided IP (${text}) is not in the valid range. The range of valid IPs is ${this.#cidrText}`);
    if (owner !== undefined) return fail('provided IP is already allocated');
    this.#takeAddress(address, taking);
    return [];
  }

  #anyAddress(): string {
    const reserved = reservedPart(this.#size, 16, 16, 256);
    const found = this.#free(reserved, this.#size, (offset) => !this.#addresses.has(this.#addressAt(offset)));
    if (found === undefined) throw failure(500, 'InternalError', `Internal error occurred: failed to allocate a serviceIP: range is full`);
    return this.#addressAt(found);
  }

  #addressAt(offset: number): string {
    const value = this.#network + BigInt(offset) + 1n;
    const length = this.#cidr.address.family === 'IPv4' ? 4 : 16;
    const bytes = Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (length - 1 - i))) & 0xffn));
    return formatIp({ family: this.#cidr.address.family, bytes, mapped: false });
  }

  /** A free place in [0, size), by chance in the part above `reserved`, or below it when that part is full. */
  #free(reserved: number, size: number, isFree: (offset: number) => boolean): number | undefined {
    const upper = size - reserved;
    const start = upper > 0 ? this.#random.int(upper) : 0;
    for (let i = 0; i < upper; i++) {
      const offset = reserved + ((start + i) % upper);
      if (isFree(offset)) return offset;
    }
    for (let offset = 0; offset < reserved; offset++) if (isFree(offset)) return offset;
    return undefined;
  }

  #assignPorts(spec: ServiceSpec, taking: Taking): FieldError[] {
    const errors: FieldError[] = [];
    const ports = SPEC.child('ports');
    if (wantsNodePorts(spec)) {
      const chosen = new Map<number, { nodePort: number; protocol: string }[]>();
      for (const [i, port] of (spec.ports ?? []).entries()) {
        if (port.nodePort) errors.push(...this.#namedPort(ports.index(i).child('nodePort'), port.nodePort, taking));
        else port.nodePort = this.#portLike(chosen.get(port.port) ?? [], port.protocol ?? 'TCP', taking);
        chosen.set(port.port, [...(chosen.get(port.port) ?? []), { nodePort: port.nodePort, protocol: port.protocol ?? 'TCP' }]);
      }
    } else if (spec.type === 'LoadBalancer') {
      for (const [i, port] of (spec.ports ?? []).entries()) if (port.nodePort) errors.push(...this.#namedPort(ports.index(i).child('nodePort'), port.nodePort, taking));
    }
    if (wantsHealthPort(spec)) {
      if (spec.healthCheckNodePort) errors.push(...this.#namedPort(SPEC.child('healthCheckNodePort'), spec.healthCheckNodePort, taking));
      else spec.healthCheckNodePort = this.#anyPort(taking);
    }
    return errors;
  }

  /** Ports of one number and different protocols share a node port. */
  #portLike(same: readonly { nodePort: number; protocol: string }[], protocol: string, taking: Taking): number {
    const shared = same.find((other) => !same.some((one) => one.nodePort === other.nodePort && one.protocol === protocol));
    return shared?.nodePort ?? this.#anyPort(taking);
  }

  #anyPort(taking: Taking): number {
    const { from, to } = this.#range;
    const size = to - from + 1;
    const found = this.#free(reservedPart(size, 16, 32, 128), size, (offset) => !this.#ports.has(from + offset));
    if (found === undefined) throw failure(500, 'InternalError', 'Internal error occurred: failed to allocate a nodePort: range is full');
    this.#takePort(from + found, taking);
    return from + found;
  }

  #takePort(port: number, taking: Taking): void {
    this.#ports.set(port, taking.owner);
    taking.ports.push(port);
  }

  #namedPort(path: FieldPath, port: number, taking: Taking): FieldError[] {
    const owner = this.#ports.get(port);
    if (owner === taking.owner) return [];
    const { from, to } = this.#range;
    if (port < from || port > to) return [invalidValue(path, port, `provided port is not in the valid range. The range of valid ports is ${from}-${to}`)];
    if (owner !== undefined) return [invalidValue(path, port, 'provided port is already allocated')];
    this.#takePort(port, taking);
    return [];
  }
}

function holdingsOf(service: Service): { addresses: string[]; ports: number[] } {
  const { spec } = service;
  if (spec === undefined) return { addresses: [], ports: [] };
  const addresses = wantsAddress(spec) ? [spec.clusterIP, ...(spec.clusterIPs ?? [])].filter((ip): ip is string => ip !== undefined && ip !== '' && ip !== HEADLESS) : [];
  const ports = [...(spec.ports ?? []).map((port) => port.nodePort), spec.healthCheckNodePort].filter((port): port is number => port !== undefined && port !== 0);
  return { addresses: [...new Set(addresses)].map((text) => { const ip = parseIp(text); return ip ? formatIp(ip) : text; }), ports };
}
