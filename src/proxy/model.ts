/** What the proxy must do, worked out from Services, EndpointSlices and this node: pure, for one address family at a time. */
import type { Node, Service, ServicePort } from '../api/core/v1/types.ts';
import type { Endpoint, EndpointSlice } from '../api/discovery/v1/types.ts';

export type Family = 4 | 6;
export type Protocol = 'tcp' | 'udp' | 'sctp';

export interface ProxyEndpoint {
  ip: string;
  port: number;
  ready: boolean;
  serving: boolean;
  terminating: boolean;
  /** On this node. */
  local: boolean;
  zoneHints: readonly string[];
  nodeHints: readonly string[];
}

/** One port of one Service, with the endpoints that traffic may go to. */
export interface ServicePortModel {
  namespace: string;
  name: string;
  /** Empty for the only port of a Service without names. */
  portName: string;
  /** `namespace/name:port`, or `namespace/name`: what hashes and comments are made of. */
  key: string;
  protocol: Protocol;
  clusterIp: string;
  port: number;
  /** 0: none. */
  nodePort: number;
  externalIps: readonly string[];
  loadBalancerIps: readonly string[];
  sourceRanges: readonly string[];
  /** 0: no session affinity. */
  affinitySeconds: number;
  internalLocal: boolean;
  externalLocal: boolean;
  healthCheckNodePort: number;
  /** Endpoints for traffic policy Cluster. */
  clusterEndpoints: readonly ProxyEndpoint[];
  /** Endpoints for traffic policy Local. */
  localEndpoints: readonly ProxyEndpoint[];
  /** All endpoints that a chain leads to. */
  reachable: readonly ProxyEndpoint[];
  /** True where any node could serve it: then a lack of local endpoints drops traffic instead of refusing it. */
  hasAnyEndpoints: boolean;
}

export interface ModelInput {
  services: Iterable<Service>;
  slices: Iterable<EndpointSlice>;
  /** This node's object, for its zone. */
  node: Node | undefined;
  nodeName: string;
  family: Family;
}

const proxyNameLabel = 'service.kubernetes.io/service-proxy-name';
const headlessLabel = 'service.kubernetes.io/headless';
const serviceNameLabel = 'kubernetes.io/service-name';
const zoneLabel = 'topology.kubernetes.io/zone';
const defaultAffinitySeconds = 10_800;

export const familyOf = (address: string): Family => (address.includes(':') ? 6 : 4);
export const serviceKeyOf = (namespace: string, name: string, portName: string): string => (portName === '' ? `${namespace}/${name}` : `${namespace}/${name}:${portName}`);
/** `10.0.0.1:80` or `[fd00::1]:80`. */
export const joinHostPort = (ip: string, port: number): string => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);

/** True for a Service that this proxy looks after: with a cluster address, and not given to another proxy by its label. */
export function isProxied(service: Service): boolean {
  const labels = service.metadata.labels ?? {};
  const ip = service.spec?.clusterIP ?? '';
  return ip !== '' && ip !== 'None' && service.spec?.type !== 'ExternalName' && !(proxyNameLabel in labels) && !(headlessLabel in labels);
}

/** The Service that a slice belongs to, as `namespace/name`; undefined for one that is not this proxy's. */
export function serviceOfSlice(slice: EndpointSlice): string | undefined {
  const labels = slice.metadata.labels ?? {};
  const name = labels[serviceNameLabel];
  return name === undefined || proxyNameLabel in labels || headlessLabel in labels ? undefined : `${slice.metadata.namespace}/${name}`;
}

/** Builds the model. Service ports come in the order of their keys, endpoints in the order of their addresses. */
export function buildModel(input: ModelInput): ServicePortModel[] {
  const slices = new Map<string, EndpointSlice[]>();
  for (const slice of input.slices) {
    const key = serviceOfSlice(slice);
    if (key === undefined || slice.addressType !== (input.family === 4 ? 'IPv4' : 'IPv6')) continue;
    const list = slices.get(key);
    if (list === undefined) slices.set(key, [slice]);
    else list.push(slice);
  }
  const zone = input.node?.metadata.labels?.[zoneLabel] ?? '';
  const models: ServicePortModel[] = [];
  for (const service of input.services) {
    if (!isProxied(service)) continue;
    const clusterIp = [...(service.spec?.clusterIPs ?? []), service.spec?.clusterIP ?? ''].find((ip) => ip !== '' && familyOf(ip) === input.family);
    if (clusterIp === undefined) continue;
    const own = slices.get(`${service.metadata.namespace}/${service.metadata.name}`) ?? [];
    for (const port of service.spec?.ports ?? []) models.push(servicePort(service, port, clusterIp, own, input, zone));
  }
  return models.toSorted((a, b) => (a.key === b.key ? (a.protocol < b.protocol ? -1 : 1) : a.key < b.key ? -1 : 1));
}

function servicePort(service: Service, port: ServicePort, clusterIp: string, slices: readonly EndpointSlice[], input: ModelInput, zone: string): ServicePortModel {
  const spec = service.spec!;
  const own = (addresses: readonly (string | undefined)[]): string[] => addresses.filter((address): address is string => address !== undefined && address !== '' && familyOf(address) === input.family);
  const { namespace = '', name = '' } = service.metadata;
  const portName = port.name ?? '';
  const protocol = (port.protocol ?? 'TCP').toLowerCase() as Protocol;
  const externalIps = own(spec.externalIPs ?? []);
  // ipMode Proxy: the load balancer speaks to nodes under their own addresses, and pods shall go through it.
  const loadBalancerIps = spec.type === 'LoadBalancer' ? own((service.status?.loadBalancer?.ingress ?? []).filter((ingress) => (ingress.ipMode ?? 'VIP') === 'VIP').map((ingress) => ingress.ip)) : [];
  const nodePort = spec.type === 'NodePort' || spec.type === 'LoadBalancer' ? (port.nodePort ?? 0) : 0;
  const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer' || externalIps.length > 0;
  const externalLocal = external && spec.externalTrafficPolicy === 'Local';
  const internalLocal = spec.internalTrafficPolicy === 'Local';
  const endpoints = endpointsOf(slices, portName, protocol, input.nodeName);
  const reachedFromOutside = nodePort !== 0 || loadBalancerIps.length > 0 || externalIps.length > 0;
  return {
    namespace,
    name,
    portName,
    key: serviceKeyOf(namespace, name, portName),
    protocol,
    clusterIp,
    port: port.port,
    nodePort,
    externalIps,
    loadBalancerIps,
    sourceRanges: own((spec.loadBalancerSourceRanges ?? []).map((range) => range.trim())),
    affinitySeconds: spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? defaultAffinitySeconds) : 0,
    internalLocal,
    externalLocal,
    healthCheckNodePort: spec.type === 'LoadBalancer' && externalLocal ? (spec.healthCheckNodePort ?? 0) : 0,
    ...categorize(endpoints, {
      usesCluster: !internalLocal || (!externalLocal && reachedFromOutside),
      usesLocal: internalLocal || (externalLocal && reachedFromOutside),
      nodeName: input.nodeName,
      zone,
    }),
  };
}

/** The endpoints of one port over all slices of a Service, each address and port once: the ready one where slices disagree during a move. */
function endpointsOf(slices: readonly EndpointSlice[], portName: string, protocol: Protocol, nodeName: string): ProxyEndpoint[] {
  const found = new Map<string, ProxyEndpoint>();
  for (const slice of slices) {
    for (const port of slice.ports ?? []) {
      if ((port.name ?? '') !== portName || (port.protocol ?? 'TCP').toLowerCase() !== protocol || !port.port) continue;
      for (const endpoint of slice.endpoints ?? []) {
        const ip = endpoint.addresses[0];
        if (ip === undefined) continue;
        const key = joinHostPort(ip, port.port);
        const present = found.get(key);
        if (present === undefined || !present.ready) found.set(key, proxyEndpoint(endpoint, ip, port.port, nodeName));
      }
    }
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, endpoint]) => endpoint);
}

function proxyEndpoint(endpoint: Endpoint, ip: string, port: number, nodeName: string): ProxyEndpoint {
  const ready = endpoint.conditions?.ready ?? true;
  return {
    ip,
    port,
    ready,
    serving: endpoint.conditions?.serving ?? ready,
    terminating: endpoint.conditions?.terminating ?? false,
    local: endpoint.nodeName === nodeName,
    zoneHints: (endpoint.hints?.forZones ?? []).map((hint) => hint.name),
    nodeHints: (endpoint.hints?.forNodes ?? []).map((hint) => hint.name),
  };
}

interface CategorizeSettings {
  usesCluster: boolean;
  usesLocal: boolean;
  nodeName: string;
  zone: string;
}

/** Which endpoint hints to obey: only where every ready endpoint carries the hint and one of them is for this place (KEP-4444, KEP-3015). */
function topologyFilter(endpoints: readonly ProxyEndpoint[], settings: CategorizeSettings): (endpoint: ProxyEndpoint) => boolean {
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  const forNode = (endpoint: ProxyEndpoint): boolean => endpoint.nodeHints.includes(settings.nodeName);
  const forZone = (endpoint: ProxyEndpoint): boolean => endpoint.zoneHints.includes(settings.zone);
  if (ready.some(forNode) && ready.every((endpoint) => endpoint.nodeHints.length > 0)) return forNode;
  if (settings.zone !== '' && ready.some(forZone) && ready.every((endpoint) => endpoint.zoneHints.length > 0)) return forZone;
  return () => true;
}

const lastResort = (endpoint: ProxyEndpoint): boolean => endpoint.serving && endpoint.terminating;

/** Sorts endpoints by traffic policy. Where nothing is ready, what is terminating but still serves takes over (KEP-1669). */
function categorize(endpoints: readonly ProxyEndpoint[], settings: CategorizeSettings): Pick<ServicePortModel, 'clusterEndpoints' | 'localEndpoints' | 'reachable' | 'hasAnyEndpoints'> {
  let clusterEndpoints: ProxyEndpoint[] = [];
  let localEndpoints: ProxyEndpoint[] = [];
  if (settings.usesCluster) {
    const inPlace = topologyFilter(endpoints, settings);
    clusterEndpoints = endpoints.filter((endpoint) => endpoint.ready && inPlace(endpoint));
    if (clusterEndpoints.length === 0) clusterEndpoints = endpoints.filter(lastResort);
  }
  if (settings.usesLocal) {
    localEndpoints = endpoints.filter((endpoint) => endpoint.ready && endpoint.local);
    if (localEndpoints.length === 0) localEndpoints = endpoints.filter((endpoint) => endpoint.local && lastResort(endpoint));
  }
  const reached = new Set([...clusterEndpoints, ...localEndpoints]);
  return {
    clusterEndpoints,
    localEndpoints,
    reachable: endpoints.filter((endpoint) => reached.has(endpoint)),
    hasAnyEndpoints: reached.size > 0 || (settings.usesLocal && !settings.usesCluster && endpoints.some((endpoint) => endpoint.ready || lastResort(endpoint))),
  };
}

/** Services that want a health check port, with the number of endpoints on this node that are ready. */
export function healthChecksOf(models: readonly ServicePortModel[]): Map<string, { port: number; localEndpoints: number }> {
  const checks = new Map<string, { port: number; localEndpoints: number }>();
  const counted = new Map<string, Set<string>>();
  for (const model of models) {
    if (model.healthCheckNodePort === 0) continue;
    const key = `${model.namespace}/${model.name}`;
    const ips = counted.get(key) ?? new Set<string>();
    counted.set(key, ips);
    for (const endpoint of model.localEndpoints) if (endpoint.ready) ips.add(endpoint.ip);
    checks.set(key, { port: model.healthCheckNodePort, localEndpoints: ips.size });
  }
  return checks;
}
