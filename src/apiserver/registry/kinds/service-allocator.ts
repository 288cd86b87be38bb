/** Cluster addresses and node ports of Services: given out, kept apart, taken back (https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/). */
import { invalid, internalError } from '../../../api/meta/status.ts';
import type { Service, ServicePort } from '../../../api/core/v1/types.ts';
import type { Random } from '../../../host/types.ts';

export interface ServiceAllocatorOptions {
  /** IPv4, as `10.96.0.0/16`. */
  serviceCidr: string;
  nodePortRange: { from: number; to: number };
  random: Random;
}

/** Undoes what an allocation took, for a write that fails afterwards. */
export type Undo = () => void;

const toNumber = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const toAddress = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
const isIpv4 = (text: string): boolean => /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split('.').every((part) => Number(part) < 256);

function refuse(service: Service, field: string, value: unknown, detail: string): Error {
  return invalid({ group: '', kind: 'Service' }, service.metadata.name ?? '', [{ type: 'FieldValueInvalid', field, detail: `Invalid value: ${JSON.stringify(value)}: ${detail}` }]);
}

/** Numbers of a range, each owned by at most one name. */
class Pool {
  readonly #owners = new Map<number, string>();
  readonly #from: number;
  readonly #to: number;
  readonly #random: Random;
  /** The lower part of the range is left to explicit requests while the upper one has room (KEP-3070, KEP-3668). */
  readonly #dynamicFrom: number;

  constructor(from: number, to: number, reservedForStatic: number, random: Random) {
    this.#from = from;
    this.#to = to;
    this.#dynamicFrom = Math.min(from + reservedForStatic, to);
    this.#random = random;
  }

  contains(value: number): boolean {
    return value >= this.#from && value <= this.#to;
  }

  ownerOf(value: number): string | undefined {
    return this.#owners.get(value);
  }

  take(value: number, owner: string): void {
    this.#owners.set(value, owner);
  }

  give(value: number, owner: string): void {
    if (this.#owners.get(value) === owner) this.#owners.delete(value);
  }

  /** A free number, chosen at random so that a freed one is not handed on at once. */
  next(): number | undefined {
    return this.#search(this.#dynamicFrom, this.#to) ?? this.#search(this.#from, this.#dynamicFrom - 1);
  }

  #search(from: number, to: number): number | undefined {
    const size = to - from + 1;
    if (size <= 0) return undefined;
    const start = this.#random.int(size);
    for (let i = 0; i < size; i++) {
      const value = from + ((start + i) % size);
      if (!this.#owners.has(value)) return value;
    }
    return undefined;
  }
}

/** How many low values are left to explicit requests: a sixteenth of the range, at least 16, at most `most`. */
const staticShare = (size: number, most: number): number => (size <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 16)), most));

const ownerOf = (service: Service): string => `${service.metadata.namespace}/${service.metadata.name}`;
const needsAddress = (service: Service): boolean => service.spec?.type !== 'ExternalName' && service.spec?.clusterIP !== 'None';
const needsNodePorts = (service: Service): boolean => service.spec?.type === 'NodePort' || (service.spec?.type === 'LoadBalancer' && service.spec.allocateLoadBalancerNodePorts !== false);
/** TCP and UDP of one number may go to the same Service, and only to it. */
const portKeys = (service: Service): number[] => (service.spec?.ports ?? []).map((port) => port.nodePort ?? 0).filter((port) => port > 0);

export class ServiceAllocator {
  readonly #addresses: Pool;
  readonly #ports: Pool;
  readonly #healthPorts: Pool;
  readonly #options: ServiceAllocatorOptions;

  constructor(options: ServiceAllocatorOptions) {
    const [base = '', prefixText] = options.serviceCidr.split('/');
    const prefix = Number(prefixText);
    if (!isIpv4(base) || !Number.isInteger(prefix) || prefix < 8 || prefix > 30) throw new Error(`the service range "${options.serviceCidr}" must be an IPv4 range such as 10.96.0.0/16`);
    this.#options = options;
    const size = 2 ** (32 - prefix);
    const first = toNumber(base) - (toNumber(base) % size);
    // Neither the network's own address nor the broadcast address is given out.
    this.#addresses = new Pool(first + 1, first + size - 2, staticShare(size, 256), options.random.fork('service-addresses'));
    const { from, to } = options.nodePortRange;
    this.#ports = new Pool(from, to, staticShare(to - from + 1, 128), options.random.fork('node-ports'));
    this.#healthPorts = this.#ports;
  }

  /** The first address of the range: that of `default/kubernetes`. */
  get firstAddress(): string {
    const [base = '', prefix] = this.#options.serviceCidr.split('/');
    const size = 2 ** (32 - Number(prefix));
    return toAddress(toNumber(base) - (toNumber(base) % size) + 1);
  }

  /** Takes what stored Services hold, at start. */
  restore(services: Iterable<Service>): void {
    for (const service of services) {
      const owner = ownerOf(service);
      for (const address of this.#heldAddresses(service)) this.#addresses.take(toNumber(address), owner);
      for (const port of portKeys(service)) this.#ports.take(port, owner);
      if (service.spec?.healthCheckNodePort) this.#healthPorts.take(service.spec.healthCheckNodePort, owner);
    }
  }

  #heldAddresses(service: Service): string[] {
    if (!needsAddress(service)) return [];
    const { clusterIP, clusterIPs } = service.spec ?? {};
    return [...new Set([...(clusterIPs ?? []), ...(clusterIP ? [clusterIP] : [])])].filter(isIpv4);
  }

  /** Fills in addresses and ports that a new Service needs. Throws StatusError; then nothing is taken. */
  onCreate(service: Service): Undo {
    return this.#allocate(service, undefined);
  }

  /** Fills in what an update adds, and gives back (when `commit` is called on the result's owner: see `release`) nothing by itself. */
  onUpdate(service: Service, old: Service): Undo {
    return this.#allocate(service, old);
  }

  #allocate(service: Service, old: Service | undefined): Undo {
    const undo: Undo[] = [];
    const undoAll = (): void => {
      for (const step of undo.toReversed()) step();
    };
    try {
      this.#allocateAddress(service, old, undo);
      if (needsNodePorts(service)) this.#allocatePorts(service, undo);
      else this.#dropPorts(service, old);
      this.#allocateHealthPort(service, undo);
      return undoAll;
    } catch (error) {
      undoAll();
      throw error;
    }
  }

  #allocateAddress(service: Service, old: Service | undefined, undo: Undo[]): void {
    const spec = service.spec!;
    if (!needsAddress(service)) {
      if (spec.type === 'ExternalName') {
        delete spec.clusterIP;
        delete spec.clusterIPs;
      } else spec.clusterIPs = ['None'];
      return;
    }
    // A client that leaves the address out of an update means the one that is there.
    if (!spec.clusterIP && old && needsAddress(old) && old.spec?.clusterIP) spec.clusterIP = old.spec.clusterIP;
    const owner = ownerOf(service);
    if (spec.clusterIP) this.#takeAddress(service, spec.clusterIP, owner, undo);
    else {
      const free = this.#addresses.next();
      if (free === undefined) throw internalError('failed to allocate a serviceIP: range is full');
      this.#addresses.take(free, owner);
      undo.push(() => this.#addresses.give(free, owner));
      spec.clusterIP = toAddress(free);
    }
    spec.clusterIPs = [spec.clusterIP];
    spec.ipFamilies ??= ['IPv4'];
    spec.ipFamilyPolicy ??= 'SingleStack';
  }

  #takeAddress(service: Service, address: string, owner: string, undo: Undo[]): void {
    // Validation has its own words for what is no address at all.
    if (!isIpv4(address)) return;
    const value = toNumber(address);
    if (this.#addresses.ownerOf(value) === owner) return;
    const why = this.#addresses.contains(value) ? 'failed to allocate IP' : undefined;
    if (why === undefined) throw refuse(service, 'spec.clusterIPs', [address], `failed to allocate IP ${address}: the provided network does not match the current range`);
    if (this.#addresses.ownerOf(value) !== undefined) throw refuse(service, 'spec.clusterIPs', [address], `failed to allocate IP ${address}: provided IP is already allocated`);
    this.#addresses.take(value, owner);
    undo.push(() => this.#addresses.give(value, owner));
  }

  #allocatePorts(service: Service, undo: Undo[]): void {
    const owner = ownerOf(service);
    const own = new Map<number, Set<string>>();
    const ports = service.spec?.ports ?? [];
    for (const [index, port] of ports.entries()) if (port.nodePort) this.#takePort(service, port, index, owner, own, undo);
    for (const port of ports) {
      if (port.nodePort) continue;
      port.nodePort = this.#sharedPort(ports, port) ?? this.#freePort(owner, undo);
    }
  }

  /** A port of the same number and another protocol shares its node port. */
  #sharedPort(ports: readonly ServicePort[], port: ServicePort): number | undefined {
    return ports.find((other) => other.nodePort && other.port === port.port && other.protocol !== port.protocol)?.nodePort;
  }

  #freePort(owner: string, undo: Undo[]): number {
    const free = this.#ports.next();
    if (free === undefined) throw internalError('failed to allocate a nodePort: range is full');
    this.#ports.take(free, owner);
    undo.push(() => this.#ports.give(free, owner));
    return free;
  }

  #takePort(service: Service, port: ServicePort, index: number, owner: string, own: Map<number, Set<string>>, undo: Undo[]): void {
    const number = port.nodePort!;
    const field = `spec.ports[${index}].nodePort`;
    const { from, to } = this.#options.nodePortRange;
    if (!this.#ports.contains(number)) throw refuse(service, field, number, `provided port is not in the valid range. The range of valid ports is ${from}-${to}`);
    const protocols = own.get(number) ?? new Set();
    const holder = this.#ports.ownerOf(number);
    if ((holder !== undefined && holder !== owner) || protocols.has(port.protocol ?? 'TCP')) throw refuse(service, field, number, 'provided port is already allocated');
    own.set(number, protocols.add(port.protocol ?? 'TCP'));
    if (holder === owner) return;
    this.#ports.take(number, owner);
    undo.push(() => this.#ports.give(number, owner));
  }

  /** A Service that turns into one without node ports loses the numbers that it only repeats from before. */
  #dropPorts(service: Service, old: Service | undefined): void {
    if (!old || !needsNodePorts(old)) return;
    const before = new Set(portKeys(old));
    for (const port of service.spec?.ports ?? []) if (port.nodePort && before.has(port.nodePort)) delete port.nodePort;
  }

  #allocateHealthPort(service: Service, undo: Undo[]): void {
    const spec = service.spec!;
    if (spec.type !== 'LoadBalancer' || spec.externalTrafficPolicy !== 'Local') {
      delete spec.healthCheckNodePort;
      return;
    }
    const owner = ownerOf(service);
    if (!spec.healthCheckNodePort) spec.healthCheckNodePort = this.#freePort(owner, undo);
    else if (this.#ports.ownerOf(spec.healthCheckNodePort) !== owner) {
      this.#takePort(service, { port: 0, protocol: 'TCP', nodePort: spec.healthCheckNodePort } as ServicePort, 0, owner, new Map(), undo);
    }
  }

  /** After a write is durable: gives back what the old Service held and the new one (undefined: deleted) does not. */
  release(old: Service, now?: Service): void {
    const owner = ownerOf(old);
    const keptAddresses = new Set(now ? this.#heldAddresses(now) : []);
    for (const address of this.#heldAddresses(old)) if (!keptAddresses.has(address)) this.#addresses.give(toNumber(address), owner);
    const keptPorts = new Set([...(now ? portKeys(now) : []), now?.spec?.healthCheckNodePort ?? 0]);
    for (const port of [...portKeys(old), old.spec?.healthCheckNodePort ?? 0]) if (port > 0 && !keptPorts.has(port)) this.#ports.give(port, owner);
  }
}
