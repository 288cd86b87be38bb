/**
 * The cluster's zone: what each name below `cluster.local` means, and each reverse name of a Service or endpoint. Pure: reads listers through `ZoneView`.
 * Kubernetes DNS-Based Service Discovery, version 1.1.0: https://github.com/kubernetes/dns/blob/master/docs/specification.md
 */
import type { Service } from '../api/core/v1/types.ts';
import type { Endpoint, EndpointSlice } from '../api/discovery/v1/types.ts';
import { addressBytes, addressText, reverseAddress } from './address.ts';
import { classIn, codes, labelsOf, types, type DnsRecord, type RecordData } from './codec.ts';

/** The objects that names are made of. */
export interface ZoneView {
  service(namespace: string, name: string): Service | undefined;
  slices(namespace: string, name: string): readonly EndpointSlice[];
  namespaceExists(name: string): boolean;
  /** Services that have this cluster address. */
  servicesByAddress(address: string): readonly Service[];
  /** Slices with an endpoint of this address. */
  slicesByAddress(address: string): readonly EndpointSlice[];
}

export interface ZoneSettings {
  /** As `cluster.local`, lower case. */
  domain: string;
  /** For records that follow a Service. */
  serviceTtl: number;
  /** For records that follow pods, and for answers that say no. */
  endpointTtl: number;
}

/** What the zone says. `elsewhere`: the name is not in it. `alias`: follow it if addresses were asked for. */
export type ZoneAnswer =
  | { kind: 'answer'; code: number; answers: DnsRecord[]; additionals: DnsRecord[] }
  | { kind: 'alias'; record: DnsRecord; target: string }
  | { kind: 'elsewhere' };

const specVersion = '1.1.0';

interface Found {
  /** The name exists, perhaps without records of the type. */
  exists: boolean;
  answers: DnsRecord[];
  additionals?: DnsRecord[];
}

const nothing: Found = { exists: false, answers: [] };
const empty: Found = { exists: true, answers: [] };

const isHeadless = (service: Service): boolean => service.spec?.clusterIP === 'None';
const isExternalName = (service: Service): boolean => service.spec?.type === 'ExternalName';
const addressType = (address: string): number => (address.includes(':') ? types.AAAA : types.A);
const wants = (asked: number, type: number): boolean => asked === type || asked === types.ANY;

/** The host name of an endpoint in names: its own, or its address with dashes. */
function endpointName(endpoint: Endpoint, address: string): string {
  return endpoint.hostname || address.replaceAll(/[.:]/g, '-');
}

/** Endpoints that may be named. A Service that publishes those that are not ready has them marked ready in its slices. */
function published(slices: readonly EndpointSlice[]): { slice: EndpointSlice; endpoint: Endpoint; address: string }[] {
  return slices.flatMap((slice) => {
    if (slice.addressType !== 'IPv4' && slice.addressType !== 'IPv6') return [];
    return (slice.endpoints ?? []).filter((endpoint) => endpoint.conditions?.ready !== false).flatMap((endpoint) => endpoint.addresses.map((address) => ({ slice, endpoint, address })));
  });
}

/** Answers one question about one name; the name keeps the letters in which it was asked. */
export class Zone {
  readonly #view: ZoneView;
  readonly #settings: ZoneSettings;
  readonly #suffix: string[];
  constructor(view: ZoneView, settings: ZoneSettings) {
    this.#view = view;
    this.#settings = settings;
    this.#suffix = settings.domain.split('.');
  }

  lookup(name: string, type: number): ZoneAnswer {
    const labels = labelsOf(name).map((label) => label.toLowerCase());
    if (labels.at(-1) === 'arpa') return this.#reverse(name, type);
    const split = labels.length - this.#suffix.length;
    if (split < 0 || this.#suffix.some((label, index) => labels[split + index] !== label)) return { kind: 'elsewhere' };
    const inside = labels.slice(0, split);
    const service = inside.at(-1) === 'svc' && inside.length === 3 ? this.#view.service(inside[1]!, inside[0]!) : undefined;
    if (service !== undefined && isExternalName(service) && service.spec?.externalName) {
      const target = service.spec.externalName.replace(/\.$/, '');
      return { kind: 'alias', target, record: this.#record(name, types.CNAME, this.#settings.serviceTtl, { target }) };
    }
    const found = this.#inside(name, inside, type);
    return { kind: 'answer', code: found.exists ? codes.noError : codes.nameError, answers: found.answers, additionals: found.additionals ?? [] };
  }

  #record(name: string, type: number, ttl: number, data: RecordData): DnsRecord {
    return { name, type, class: classIn, ttl, data };
  }

  #inside(name: string, labels: string[], type: number): Found {
    const last = labels.at(-1);
    if (last === undefined) return this.#apex(name, type);
    if (last === 'svc') return this.#services(name, labels.slice(0, -1), type);
    if (last === 'pod') return this.#pods(name, labels.slice(0, -1), type);
    if (last === 'dns-version' && labels.length === 1) return wants(type, types.TXT) ? { exists: true, answers: [this.#record(name, types.TXT, this.#settings.serviceTtl, { texts: [specVersion] })] } : empty;
    return nothing;
  }

  #apex(name: string, type: number): Found {
    if (wants(type, types.NS)) return { exists: true, answers: [this.#record(name, types.NS, this.#settings.serviceTtl, { target: `kube-dns.kube-system.svc.${this.#settings.domain}` })] };
    return empty;
  }

  #services(name: string, labels: string[], type: number): Found {
    const namespace = labels.at(-1);
    if (namespace === undefined) return empty;
    const serviceName = labels.at(-2);
    if (serviceName === undefined) return this.#view.namespaceExists(namespace) ? empty : nothing;
    const service = this.#view.service(namespace, serviceName);
    if (service === undefined) return nothing;
    const rest = labels.slice(0, -2);
    const slices = isHeadless(service) ? this.#view.slices(namespace, serviceName) : [];
    if (rest.length === 0) return this.#service(name, service, slices, type);
    if (rest.at(-1)!.startsWith('_') && rest.length <= 2) return this.#ports(name, service, slices, rest, type);
    if (rest.length === 1) return this.#host(name, service, rest[0]!, type);
    return nothing;
  }

  /** Addresses of the Service itself: its cluster addresses, or those of its endpoints. */
  #service(name: string, service: Service, slices: readonly EndpointSlice[], type: number): Found {
    if (type === types.SRV) return this.#ports(name, service, slices, [], type);
    const headless = isHeadless(service);
    const addresses = headless ? published(slices).map(({ address }) => address) : clusterAddresses(service);
    const ttl = headless ? this.#settings.endpointTtl : this.#settings.serviceTtl;
    const matching = [...new Set(addresses)].filter((address) => wants(type, addressType(address)));
    return { exists: true, answers: matching.map((address) => this.#record(name, addressType(address), ttl, { address })) };
  }

  /** `_port._protocol`, `_protocol` alone (a name without records), or with no labels all ports. */
  #ports(name: string, service: Service, slices: readonly EndpointSlice[], labels: string[], type: number): Found {
    const protocol = labels.at(-1)?.slice(1);
    const port = labels.length === 2 ? labels[0] : undefined;
    if (port !== undefined && !port.startsWith('_')) return nothing;
    const matches = (candidate: { name?: string; protocol?: string }): boolean =>
      (protocol === undefined || (candidate.protocol ?? 'TCP').toLowerCase() === protocol) && (port === undefined ? true : candidate.name?.toLowerCase() === port.slice(1));
    const base = `${service.metadata.name}.${service.metadata.namespace}.svc.${this.#settings.domain}`;
    const targets = isHeadless(service) ? this.#headlessTargets(base, slices, matches) : this.#clusterTargets(base, service, matches);
    if (targets.length === 0 && labels.length > 0) return nothing;
    if (labels.length === 1 || !wants(type, types.SRV)) return empty;
    const answers: DnsRecord[] = [];
    const additionals = new Map<string, DnsRecord>();
    const ttl = isHeadless(service) ? this.#settings.endpointTtl : this.#settings.serviceTtl;
    // RFC 2782: weights say how to share traffic; all targets are equal.
    const weight = Math.max(1, Math.floor(100 / Math.max(1, targets.length)));
    const seen = new Set<string>();
    for (const { target, number, addresses } of targets) {
      if (!seen.has(`${target} ${number}`)) answers.push(this.#record(name, types.SRV, ttl, { priority: 0, weight, port: number, target }));
      seen.add(`${target} ${number}`);
      for (const address of addresses) additionals.set(`${target} ${address}`, this.#record(target, addressType(address), ttl, { address }));
    }
    return { exists: true, answers, additionals: [...additionals.values()] };
  }

  #clusterTargets(base: string, service: Service, matches: (port: { name?: string; protocol?: string }) => boolean): { target: string; number: number; addresses: string[] }[] {
    return (service.spec?.ports ?? []).filter(matches).map((port) => ({ target: base, number: port.port, addresses: clusterAddresses(service) }));
  }

  #headlessTargets(base: string, slices: readonly EndpointSlice[], matches: (port: { name?: string; protocol?: string }) => boolean): { target: string; number: number; addresses: string[] }[] {
    return published(slices).flatMap(({ slice, endpoint, address }) =>
      (slice.ports ?? []).filter((port) => port.port && matches(port)).map((port) => ({ target: `${endpointName(endpoint, address)}.${base}`, number: port.port!, addresses: [address] })),
    );
  }

  /** A single endpoint by its host name. */
  #host(name: string, service: Service, host: string, type: number): Found {
    const slices = this.#view.slices(service.metadata.namespace!, service.metadata.name!);
    const addresses = published(slices).filter(({ endpoint, address }) => endpointName(endpoint, address).toLowerCase() === host).map(({ address }) => address);
    if (addresses.length === 0) return nothing;
    const matching = [...new Set(addresses)].filter((address) => wants(type, addressType(address)));
    return { exists: true, answers: matching.map((address) => this.#record(name, addressType(address), this.#settings.endpointTtl, { address })) };
  }

  /** `10-244-0-7.default.pod.cluster.local` says its own address; no pod is looked up. */
  #pods(name: string, labels: string[], type: number): Found {
    const namespace = labels.at(-1);
    if (namespace === undefined) return empty;
    if (!this.#view.namespaceExists(namespace) || labels.length > 2) return nothing;
    if (labels.length === 1) return empty;
    const label = labels[0]!;
    const dotted = /^\d+-\d+-\d+-\d+$/.test(label) ? label.replaceAll('-', '.') : label.replaceAll('-', ':');
    const bytes = addressBytes(dotted);
    if (bytes === undefined) return nothing;
    const address = addressText(bytes);
    return wants(type, addressType(address)) ? { exists: true, answers: [this.#record(name, addressType(address), this.#settings.endpointTtl, { address })] } : empty;
  }

  #reverse(name: string, type: number): ZoneAnswer {
    const address = reverseAddress(name);
    if (address === undefined) return { kind: 'elsewhere' };
    const targets = this.#reverseTargets(address);
    if (targets.length === 0) return { kind: 'elsewhere' };
    const answers = wants(type, types.PTR) ? targets.map((target) => this.#record(name, types.PTR, this.#settings.endpointTtl, { target })) : [];
    return { kind: 'answer', code: codes.noError, answers, additionals: [] };
  }

  #reverseTargets(address: string): string[] {
    const { domain } = this.#settings;
    const services = this.#view.servicesByAddress(address);
    if (services.length > 0) return services.map((service) => `${service.metadata.name}.${service.metadata.namespace}.svc.${domain}`);
    const targets = new Set<string>();
    for (const slice of this.#view.slicesByAddress(address)) {
      const name = slice.metadata.labels?.['kubernetes.io/service-name'];
      const service = name === undefined ? undefined : this.#view.service(slice.metadata.namespace!, name);
      // Endpoints of other Services have names too, but only headless ones promise them.
      if (service === undefined || !isHeadless(service)) continue;
      for (const { endpoint, address: own } of published([slice])) if (own === address) targets.add(`${endpointName(endpoint, own)}.${name}.${slice.metadata.namespace}.svc.${domain}`);
    }
    return [...targets];
  }

  /** The zone's start of authority, which goes with every answer that says no. */
  soa(serial: number): DnsRecord {
    const { domain, endpointTtl } = this.#settings;
    return this.#record(domain, types.SOA, endpointTtl, { soa: { primary: `ns.dns.${domain}`, mailbox: `hostmaster.${domain}`, serial, refresh: 7200, retry: 1800, expire: 86_400, minimum: endpointTtl } });
  }
}

function clusterAddresses(service: Service): string[] {
  const all = service.spec?.clusterIPs?.length ? service.spec.clusterIPs : [service.spec?.clusterIP ?? ''];
  return all.filter((address) => address !== '' && address !== 'None');
}
