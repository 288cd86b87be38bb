/**
 * Finds what services have and nobody has marked as taken, and what is marked as taken and no service has, and puts it right: after a crash
 * between two writes, after objects were written past this server, or when a store of an older form is opened.
 */
import { formatIp, parseIp } from '../../../api/meta/addresses.ts';
import type { Service } from '../../../api/core/v1/types.ts';
import { parseTime } from '../../../api/meta/time.ts';
import type { IPAddress } from '../../../api/networking/v1/types.ts';
import { IPAddresses, Services } from '../../../api/resources.ts';
import { kindOf, type StoredKinds } from '../kinds.ts';
import { belongsTo, FAMILY_LABEL, MANAGED_BY_LABEL, MANAGER, type Addresses, type ServiceName } from './addresses.ts';
import { holdingsOf } from './holdings.ts';
import type { NodePorts } from './node-ports.ts';

/** Something that was not as it should be; told as an event about the object. */
export interface Finding {
  about: { kind: 'Service' | 'IPAddress'; apiVersion: string; namespace: string; name: string; uid: string };
  reason: string;
  message: string;
}

/** How long an address may be without its service: the service is written after it. */
export const ORPHAN_GRACE_MS = 60_000;

/** Ports that no service was seen to have, in how many repairs running; a service that is being written has its ports already. */
const seenWithout = new WeakMap<NodePorts, Map<number, number>>();
/** Repairs after which a port that nobody has is given back. */
const LEAK_ROUNDS = 3;

const aboutService = (service: Service): Finding['about'] => ({ kind: 'Service', apiVersion: 'v1', namespace: service.metadata.namespace ?? '', name: service.metadata.name ?? '', uid: service.metadata.uid ?? '' });
const aboutAddress = (address: IPAddress): Finding['about'] => ({ kind: 'IPAddress', apiVersion: 'networking.k8s.io/v1', namespace: '', name: address.metadata.name ?? '', uid: address.metadata.uid ?? '' });

/** One round. What is found and put right is in the answer. */
export async function repairServices(context: StoredKinds, addresses: Addresses, ports: NodePorts): Promise<Finding[]> {
  await context.feed.caughtUp();
  const services = context.feed.cache(kindOf(context, Services).prefix).all('').map(({ object }) => object as Service);
  const findings: Finding[] = [];
  for (const service of services) findings.push(...(await repairAddresses(addresses, service, services)));
  findings.push(...(await repairOrphans(context, addresses)));
  findings.push(...(await repairPorts(context, ports, services)));
  return findings;
}

async function repairAddresses(addresses: Addresses, service: Service, all: readonly Service[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  const owner: ServiceName = { namespace: service.metadata.namespace ?? '', name: service.metadata.name ?? '' };
  const note = (reason: string, message: string): void => void findings.push({ about: aboutService(service), reason, message });
  for (const text of holdingsOf(service.spec).addresses) {
    const ip = parseIp(text);
    if (ip === undefined) {
      note('ClusterIPNotValid', `Cluster IP ${text} is not a valid IP; please recreate Service`);
      continue;
    }
    const address = formatIp(ip);
    if (!addresses.ranges().some((range) => range.has(ip))) note('ClusterIPOutOfRange', `Cluster IP [${ip.family}]: ${address} is not within any configured Service CIDR; please recreate service`);
    const there = addresses.find(address);
    if (there === undefined) {
      if (await addresses.restore(address, owner)) note('ClusterIPNotAllocated', `Cluster IP [${ip.family}]: ${address} is not allocated; repairing`);
      continue;
    }
    if (belongsTo(there.object, owner)) {
      const { labels } = there.object.metadata;
      if (labels?.[FAMILY_LABEL] === ip.family && labels[MANAGED_BY_LABEL] === MANAGER) continue;
      await addresses.release(address, owner, there.revision);
      await addresses.restore(address, owner);
      continue;
    }
    const other = all.find((one) => belongsTo(there.object, { namespace: one.metadata.namespace ?? '', name: one.metadata.name ?? '' }) && holdingsOf(one.spec).addresses.includes(address));
    if (other !== undefined) {
      note('ClusterIPAlreadyAllocated', `Cluster IP [${ip.family}]:${address} was assigned to multiple services; please recreate service`);
      continue;
    }
    await addresses.release(address, owner, there.revision);
    if (await addresses.restore(address, owner)) note('ClusterIPNotAllocated', `the ClusterIP [${ip.family}]: ${address} for Service ${owner.namespace}/${owner.name} has a wrong reference; repairing`);
  }
  return findings;
}

/** Addresses that this kind of server took for services that are not there, or do not have them. */
async function repairOrphans(context: StoredKinds, addresses: Addresses): Promise<Finding[]> {
  const findings: Finding[] = [];
  const services = context.feed.cache(kindOf(context, Services).prefix);
  const known = Array.from(context.feed.cache(kindOf(context, IPAddresses).prefix).all(''));
  for (const cached of known) {
    const address = cached.object as IPAddress;
    if (address.metadata.labels?.[MANAGED_BY_LABEL] !== MANAGER) continue;
    const { resource, group, namespace = '', name = '' } = address.spec?.parentRef ?? { resource: '', name: '' };
    const owner = { namespace, name };
    if (group || resource !== 'services') {
      findings.push({ about: aboutAddress(address), reason: 'IPAddressNotAllocated', message: `IPAddress ${cached.name} for Service ${namespace}/${name} has a wrong reference; cleaning up` });
    } else {
      const service = services.get(namespace, name)?.object as Service | undefined;
      if (service !== undefined && holdingsOf(service.spec).addresses.includes(cached.name)) continue;
      // It may belong to a service that is being written.
      if (context.host.clock.now() - parseTime(address.metadata.creationTimestamp!) < ORPHAN_GRACE_MS) continue;
      findings.push({ about: aboutAddress(address), reason: 'IPAddressNotAllocated', message: `IPAddress: ${cached.name} for Service ${namespace}/${name} appears to have leaked: cleaning up` });
    }
    await addresses.release(cached.name, owner, cached.revision);
  }
  return findings;
}

async function repairPorts(context: StoredKinds, ports: NodePorts, services: readonly Service[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  const owners = new Map<number, Service>();
  for (const service of services) {
    for (const port of holdingsOf(service.spec).ports) {
      const other = owners.get(port);
      if (other !== undefined) findings.push({ about: aboutService(service), reason: 'PortAlreadyAllocated', message: `Node port ${port} was assigned to multiple services; please recreate service` });
      else if (!ports.has(port)) findings.push({ about: aboutService(service), reason: 'PortOutOfRange', message: `Port ${port} is not within the port range ${ports.range.from}-${ports.range.to}; please recreate service` });
      owners.set(port, other ?? service);
    }
  }
  const missing = owners.size === 0 ? [] : await ports.restore([...owners.keys()]);
  for (const port of missing) findings.push({ about: aboutService(owners.get(port)!), reason: 'PortNotAllocated', message: `Port ${port} is not allocated; repairing` });
  const before = seenWithout.get(ports) ?? new Map<number, number>();
  const now = new Map<number, number>();
  const leaked: number[] = [];
  for (const port of await ports.taken()) {
    if (owners.has(port)) continue;
    const rounds = (before.get(port) ?? 0) + 1;
    if (rounds >= LEAK_ROUNDS) leaked.push(port);
    else now.set(port, rounds);
  }
  seenWithout.set(ports, now);
  if (leaked.length > 0) {
    context.host.log.warn('node ports that no service has are given back', { ports: leaked });
    await ports.release(leaked);
  }
  return findings;
}
