/** From pods to endpoints: one endpoint a pod and address family, grouped by the ports that it serves. */
import type { Node, Pod, Service } from '../../api/core/v1/types.ts';
import { isPodReady, podIpsOf, resolvePort } from '../../api/core/v1/pods.ts';
import type { Endpoint, EndpointPort } from '../../api/discovery/v1/types.ts';
import { familyOf } from '../../api/meta/addresses.ts';
import { hostnameIn, isEndpoint, isHeadless } from '../service-pods.ts';

export type AddressType = 'IPv4' | 'IPv6';
const zoneLabel = 'topology.kubernetes.io/zone';

/** Endpoints that serve the same ports share slices. */
export interface PortGroup {
  ports: EndpointPort[];
  endpoints: Endpoint[];
}

export interface Desired {
  /** By the identity of their ports. */
  groups: Map<string, PortGroup>;
  /** Pods left out because their node is not known yet. */
  missingNodes: string[];
}

/** Families that the service has addresses in; both for a headless one that does not say. */
export function addressTypesOf(service: Service): AddressType[] {
  const families = (service.spec?.ipFamilies ?? []).filter((family): family is AddressType => family === 'IPv4' || family === 'IPv6');
  if (families.length > 0) return families;
  if (isHeadless(service) || !service.spec?.clusterIP) return ['IPv4', 'IPv6'];
  return [familyOf(service.spec.clusterIP) ?? 'IPv4'];
}

/** The same for the same ports in any order. */
export function portsKey(ports: readonly EndpointPort[] | undefined): string {
  return (ports ?? []).map((port) => JSON.stringify([port.name ?? '', port.protocol ?? 'TCP', port.port ?? null, port.appProtocol ?? null])).sort().join();
}

/** A pod's numbers for the service's ports; a named target port that the pod does not have is left out. */
export function endpointPorts(service: Service, pod: Pod): EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const servicePort of service.spec?.ports ?? []) {
    const protocol = servicePort.protocol ?? 'TCP';
    const port = resolvePort(pod, servicePort.targetPort, protocol, servicePort.port);
    if (port === undefined) continue;
    ports.push({ name: servicePort.name ?? '', protocol, port, ...(servicePort.appProtocol === undefined ? {} : { appProtocol: servicePort.appProtocol }) });
  }
  return ports;
}

function endpointOf(service: Service, pod: Pod, node: Node | undefined, addresses: string[]): Endpoint {
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const isReady = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const hostname = hostnameIn(service, pod);
  const zone = node?.metadata.labels?.[zoneLabel];
  return {
    addresses,
    conditions: { ready: isReady, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid },
    ...(pod.spec?.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    ...(zone ? { zone } : {}),
    ...hintsOf(service, zone, pod.spec?.nodeName, isReady),
  };
}

/** Where the service asks for traffic to stay near (KEP-4444, KEP-3015), ready endpoints say for whom they are. */
function hintsOf(service: Service, zone: string | undefined, nodeName: string | undefined, ready: boolean): Pick<Endpoint, 'hints'> {
  const distribution = service.spec?.trafficDistribution;
  if (!ready || !distribution) return {};
  const forZones = zone ? { forZones: [{ name: zone }] } : {};
  if (distribution === 'PreferSameNode') {
    const hints = { ...forZones, ...(nodeName ? { forNodes: [{ name: nodeName }] } : {}) };
    return Object.keys(hints).length > 0 ? { hints } : {};
  }
  const nearZone = distribution === 'PreferClose' || distribution === 'PreferSameZone';
  return nearZone && zone ? { hints: forZones } : {};
}

/** The endpoints that the service should have in one address family. */
export function desiredEndpoints(service: Service, pods: readonly Pod[], nodes: (name: string) => Node | undefined, type: AddressType): Desired {
  const groups = new Map<string, PortGroup>();
  const missingNodes: string[] = [];
  for (const pod of pods) {
    if (!isEndpoint(pod, true)) continue;
    const addresses = podIpsOf(pod).filter((ip) => familyOf(ip) === type);
    if (addresses.length === 0) continue;
    const node = pod.spec?.nodeName ? nodes(pod.spec.nodeName) : undefined;
    if (!node && !service.spec?.publishNotReadyAddresses) {
      missingNodes.push(pod.spec?.nodeName ?? '');
      continue;
    }
    const ports = endpointPorts(service, pod);
    const key = portsKey(ports);
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { ports, endpoints: [] }));
    group.endpoints.push(endpointOf(service, pod, node, addresses));
  }
  return { groups, missingNodes };
}
