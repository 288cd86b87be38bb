/**
 * What services are given: addresses and node ports. Taken before a service is written, given back when it is not, or no longer needs them.
 *
 *   create ─► families ─► addresses (IPAddress objects) ∥ node ports (a bitmap) ─► validate, admit ─► commit the service
 *                                              └── refused, or lost the race: given back ◄──┘
 *
 * What a crash leaves behind is found by the repair (`repair.ts`).
 */
import { formatIp, parseIp } from '../../../api/meta/addresses.ts';
import { FieldPath, invalidValue, type FieldError } from '../../../api/meta/field.ts';
import type { Resource } from '../../../api/meta/resource.ts';
import { invalid } from '../../../api/meta/status.ts';
import type { KubeObject } from '../../../api/meta/v1/types.ts';
import type { Service, ServiceSpec } from '../../../api/core/v1/types.ts';
import type { StorageEncoding } from '../../cache/stored.ts';
import { IPAddresses, ServiceCIDRs, Services } from '../../../api/resources.ts';
import { kindKey, type StoredKinds } from '../kinds.ts';
import { Addresses, type ServiceName } from './addresses.ts';
import { HEADLESS, settleFamilies } from './families.ts';
import { holdingsOf, wantsAddress } from './holdings.ts';
import { NodePorts } from './node-ports.ts';
import { serviceRanges } from './ranges.ts';
import { repairServices, type Finding } from './repair.ts';

export interface ServiceAddressesOptions {
  /** As `10.96.0.0/16`, or one range of each family, separated by a comma. */
  serviceCidr: string;
  nodePortRange: { from: number; to: number };
  encoding: StorageEncoding;
}

const SPEC = new FieldPath('spec');

const isService = (resource: Resource): boolean => resource.plural === 'services' && resource.group === '';
const nameOf = (object: KubeObject): ServiceName => ({ namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' });
const wantsNodePorts = (spec: ServiceSpec): boolean => spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
const wantsHealthPort = (spec: ServiceSpec): boolean => spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';

/** What one write has taken, to be given back when it fails. */
interface Taking {
  owner: ServiceName;
  addresses: { address: string; revision: number }[];
  ports: number[];
  dryRun: boolean;
}

/** Gives back what was newly taken. */
export type Release = () => Promise<void>;

const namesAny = (spec: ServiceSpec): boolean => Boolean(spec.clusterIP) || (spec.ports ?? []).some((port) => port.nodePort);

const NOTHING: Release = () => Promise.resolve();

export class ServiceAddresses {
  readonly addresses: Addresses;
  readonly ports: NodePorts;
  readonly #context: StoredKinds;
  readonly #served: boolean;

  /** Throws, by name, for ranges that cannot be used. */
  constructor(context: StoredKinds, options: ServiceAddressesOptions) {
    this.#context = context;
    this.#served = [Services, IPAddresses, ServiceCIDRs].every(({ group, version, plural }) => context.kinds.has(kindKey(group, version, plural)));
    this.addresses = new Addresses(context, serviceRanges(options.serviceCidr));
    this.ports = new NodePorts({ backend: context.backend, random: context.random.fork('node-ports'), range: options.nodePortRange, encoding: options.encoding });
  }

  /**
   * Fills in what a service is to have, in place. The answer gives back what was newly taken; call it when the service is not written.
   * Rejects with StatusError 422 for an address or a port that cannot be had. Other kinds are left alone.
   */
  async assign(resource: Resource, object: KubeObject, old: KubeObject | undefined, dryRun: boolean): Promise<Release> {
    if (!isService(resource) || !this.#served) return NOTHING;
    const { spec } = object as Service;
    if (spec === undefined) return NOTHING;
    const before = old === undefined ? undefined : (old as Service).spec;
    const taking: Taking = { owner: nameOf(object), addresses: [], ports: [], dryRun };
    const release = (): Promise<void> => this.#giveBack(taking);
    try {
      const errors = settleFamilies(spec, before, this.addresses.families);
      if (errors.length === 0) {
        const held = holdingsOf(before);
        errors.push(...(await this.#assignBoth(spec, held, taking)));
      }
      if (errors.length > 0) throw invalid({ group: '', kind: 'Service' }, object.metadata.name ?? '', errors);
    } catch (error) {
      await release();
      throw error;
    }
    return taking.addresses.length + taking.ports.length === 0 ? NOTHING : release;
  }

  /** After a service was changed: what it holds no longer is free. */
  async settle(resource: Resource, object: KubeObject, old: KubeObject): Promise<void> {
    if (!isService(resource) || !this.#served) return;
    const held = holdingsOf((object as Service).spec);
    const before = holdingsOf((old as Service).spec);
    await this.#free(nameOf(object), before.addresses.filter((address) => !held.addresses.includes(address)), before.ports.filter((port) => !held.ports.includes(port)));
  }

  /** After a service was deleted. */
  async free(resource: Resource, object: KubeObject): Promise<void> {
    if (!isService(resource) || !this.#served) return;
    const { addresses, ports } = holdingsOf((object as Service).spec);
    await this.#free(nameOf(object), addresses, ports);
  }

  /** Compares what services have with what is marked as taken, and puts it right. */
  async repair(): Promise<Finding[]> {
    if (!this.#served) return [];
    return repairServices(this.#context, this.addresses, this.ports);
  }

  /** What cannot be given back now is found by the repair later: the write itself stands. */
  async #free(owner: ServiceName, addresses: readonly string[], ports: readonly number[]): Promise<void> {
    if (addresses.length + ports.length === 0) return;
    const done = await Promise.allSettled([...addresses.map((address) => this.addresses.release(address, owner)), this.ports.release(ports)]);
    for (const one of done) if (one.status === 'rejected') this.#context.host.log.warn('what a service had could not be given back', { service: `${owner.namespace}/${owner.name}`, error: String(one.reason) });
  }

  async #giveBack({ owner, addresses, ports, dryRun }: Taking): Promise<void> {
    if (dryRun) return;
    const done = await Promise.allSettled([...addresses.map(({ address, revision }) => this.addresses.release(address, owner, revision)), this.ports.release(ports)]);
    for (const one of done) if (one.status === 'rejected') this.#context.host.log.warn('what a service was to have could not be given back', { service: `${owner.namespace}/${owner.name}`, error: String(one.reason) });
  }

  async #assignBoth(spec: ServiceSpec, held: { addresses: string[]; ports: number[] }, taking: Taking): Promise<FieldError[]> {
    if (namesAny(spec)) {
      // Of two services that name the same address and port, one must get both: it does when the address decides.
      const errors = await this.#assignAddresses(spec, held.addresses, taking);
      return errors.length > 0 ? errors : this.#assignPorts(spec, held.ports, taking);
    }
    // Both are waited for, so that what was taken is known when one of them fails.
    const both = await Promise.allSettled([this.#assignAddresses(spec, held.addresses, taking), this.#assignPorts(spec, held.ports, taking)]);
    return both.flatMap((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
  }

  async #assignAddresses(spec: ServiceSpec, held: readonly string[], taking: Taking): Promise<FieldError[]> {
    if (spec.type === 'ExternalName') return [];
    if (!wantsAddress(spec)) {
      spec.clusterIP = HEADLESS;
      spec.clusterIPs = [HEADLESS];
      return [];
    }
    const named = spec.clusterIPs !== undefined && spec.clusterIPs.length > 0 ? spec.clusterIPs : spec.clusterIP ? [spec.clusterIP] : [];
    const ips = [...named];
    for (const [i, family] of (spec.ipFamilies ?? []).entries()) {
      const text = ips[i] ?? '';
      if (text === '') {
        // A family that is none is told by validation.
        if (family !== 'IPv4' && family !== 'IPv6') continue;
        const taken = await this.addresses.takeAny(family, taking.owner, taking.dryRun);
        taking.addresses.push(taken);
        ips[i] = taken.address;
        continue;
      }
      const ip = parseIp(text);
      if (ip === undefined || ip.family !== family || held.includes(formatIp(ip))) continue;
      const taken = await this.addresses.take(text, taking.owner, taking.dryRun);
      if (typeof taken === 'string') return [invalidValue(SPEC.child('clusterIPs'), named, `failed to allocate IP ${text}: ${taken}`)];
      taking.addresses.push(taken);
    }
    if (ips.length > 0) {
      spec.clusterIP ??= ips[0]!;
      if (spec.clusterIP === '') spec.clusterIP = ips[0]!;
      spec.clusterIPs = ips;
    }
    return [];
  }

  async #assignPorts(spec: ServiceSpec, held: readonly number[], taking: Taking): Promise<FieldError[]> {
    const errors: FieldError[] = [];
    const ports = SPEC.child('ports');
    const name = async (path: FieldPath, port: number): Promise<void> => void errors.push(...(await this.#namedPort(path, port, held, taking)));
    if (wantsNodePorts(spec)) {
      const chosen = new Map<number, { nodePort: number; protocol: string }[]>();
      for (const [i, port] of (spec.ports ?? []).entries()) {
        if (port.nodePort) await name(ports.index(i).child('nodePort'), port.nodePort);
        else port.nodePort = sharedPort(chosen.get(port.port) ?? [], port.protocol ?? 'TCP') ?? (await this.#anyPort(taking));
        chosen.set(port.port, [...(chosen.get(port.port) ?? []), { nodePort: port.nodePort, protocol: port.protocol ?? 'TCP' }]);
      }
    } else if (spec.type === 'LoadBalancer') {
      for (const [i, port] of (spec.ports ?? []).entries()) if (port.nodePort) await name(ports.index(i).child('nodePort'), port.nodePort);
    }
    if (wantsHealthPort(spec)) {
      if (spec.healthCheckNodePort) await name(SPEC.child('healthCheckNodePort'), spec.healthCheckNodePort);
      else spec.healthCheckNodePort = await this.#anyPort(taking);
    }
    return errors;
  }

  async #anyPort(taking: Taking): Promise<number> {
    for (;;) {
      const port = await this.ports.takeAny(taking.dryRun);
      // A dry run marks nothing, so that it may meet the same port twice.
      if (taking.ports.includes(port)) continue;
      taking.ports.push(port);
      return port;
    }
  }

  async #namedPort(path: FieldPath, port: number, held: readonly number[], taking: Taking): Promise<FieldError[]> {
    if (held.includes(port) || taking.ports.includes(port)) return [];
    const { from, to } = this.ports.range;
    if (!this.ports.has(port)) return [invalidValue(path, port, `provided port is not in the valid range. The range of valid ports is ${from}-${to}`)];
    if (!(await this.ports.take(port, taking.dryRun))) return [invalidValue(path, port, 'provided port is already allocated')];
    taking.ports.push(port);
    return [];
  }
}

/** Ports of one number and different protocols share a node port. */
function sharedPort(same: readonly { nodePort: number; protocol: string }[], protocol: string): number | undefined {
  return same.find((one) => !same.some((two) => two.nodePort === one.nodePort && two.protocol === protocol))?.nodePort;
}
