/** Printers of the core group. */
import { own } from '../../base/own.ts';
import type {
  ConfigMap, Endpoints, Event, Namespace, Node, PersistentVolume, PersistentVolumeClaim, PodTemplate, ReplicationController, ResourceQuota, Secret, Service, ServiceAccount, ComponentStatus,
} from '../../api/core/v1/types.ts';
import { getCondition } from '../../api/core/v1/pods.ts';
import type { Event as EventV1 } from '../../api/events/v1/types.ts';
import type { Cell } from './cells.ts';
import { accessModesText, age, firstFew, imagesOf, labelsText, namesOf, NONE, UNKNOWN, UNSET } from './cells.ts';
import type { Printer } from './column.ts';
import { AGE, integer, NAME, POD_COLUMNS, printer, text } from './column.ts';
import { podPrinter } from './pod.ts';

type Named = { metadata: { name?: string; creationTimestamp?: string; annotations?: Record<string, string>; deletionTimestamp?: string } };
const nameOf = (object: Named): string => object.metadata.name ?? '';
const ageOf = (object: Named, now: number): string => age(object.metadata.creationTimestamp, now);

function externalIps(service: Service): string {
  const spec = service.spec ?? {};
  const own = spec.externalIPs ?? [];
  switch (spec.type) {
    case 'ClusterIP':
    case 'NodePort':
      return own.length > 0 ? own.join(',') : NONE;
    case 'LoadBalancer': {
      const found = [...new Set((service.status?.loadBalancer?.ingress ?? []).map((entry) => entry.ip || entry.hostname || '').filter((entry) => entry !== ''))].toSorted();
      const all = [...found, ...own];
      return all.length > 0 ? all.join(',') : '<pending>';
    }
    case 'ExternalName':
      return spec.externalName ?? '';
    default:
      return UNKNOWN;
  }
}

function portsText(service: Service): string {
  const ports = (service.spec?.ports ?? []).map((port) => `${port.port}${port.nodePort ? `:${port.nodePort}` : ''}/${port.protocol ?? 'TCP'}`);
  return ports.length === 0 ? NONE : ports.join(',');
}

function endpointsText(endpoints: Endpoints): string {
  if ((endpoints.subsets ?? []).length === 0) return NONE;
  const list = endpoints.subsets!.flatMap((subset) => {
    const ips = (subset.addresses ?? []).map((address) => (address.ip.includes(':') ? `[${address.ip}]` : address.ip));
    if ((subset.ports ?? []).length === 0) return (subset.addresses ?? []).map((address) => address.ip);
    return subset.ports!.flatMap((port) => ips.map((ip) => `${ip}:${port.port}`));
  });
  return firstFew(list, 3, '');
}

const ROLE_PREFIX = 'node-role.kubernetes.io/';

function rolesOf(node: Node): string {
  const roles = new Set<string>();
  for (const [label, value] of Object.entries(node.metadata.labels ?? {})) {
    if (label.startsWith(ROLE_PREFIX) && label.length > ROLE_PREFIX.length) roles.add(label.slice(ROLE_PREFIX.length));
    else if (label === 'kubernetes.io/role' && value !== '') roles.add(value);
  }
  return roles.size === 0 ? NONE : [...roles].toSorted().join(',');
}

function nodeCells(node: Node, now: number): Cell[] {
  const ready = getCondition(node.status?.conditions, 'Ready');
  const status = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  const info = node.status?.nodeInfo;
  const address = (type: string): string => node.status?.addresses?.find((entry) => entry.type === type)?.address ?? NONE;
  const kernel = info?.kernelVersion || UNKNOWN;
  return [
    nameOf(node), node.spec?.unschedulable ? `${status},SchedulingDisabled` : status, rolesOf(node), ageOf(node, now), info?.kubeletVersion ?? '',
    address('InternalIP'), address('ExternalIP'), info?.osImage || UNKNOWN, info?.architecture ? `${kernel} (${info.architecture})` : kernel, info?.containerRuntimeVersion || UNKNOWN,
  ];
}

const phaseOf = (object: Named & { status?: { phase?: string } }): string => (object.metadata.deletionTimestamp === undefined ? (object.status?.phase ?? '') : 'Terminating');
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';
const classOf = (object: Named & { spec?: { storageClassName?: string } }): string => object.metadata.annotations?.[CLASS_ANNOTATION] ?? object.spec?.storageClassName ?? '';

function volumeCells(volume: PersistentVolume, now: number): Cell[] {
  const claim = volume.spec?.claimRef;
  return [
    nameOf(volume), volume.spec?.capacity?.['storage'] ?? '0', accessModesText(volume.spec?.accessModes), volume.spec?.persistentVolumeReclaimPolicy ?? '', phaseOf(volume),
    claim ? `${claim.namespace ?? ''}/${claim.name ?? ''}` : '', classOf(volume), volume.spec?.volumeAttributesClassName ?? UNSET, volume.status?.reason ?? '', ageOf(volume, now),
    volume.spec?.volumeMode ?? UNSET,
  ];
}

function claimCells(claim: PersistentVolumeClaim, now: number): Cell[] {
  const bound = (claim.spec?.volumeName ?? '') !== '';
  return [
    nameOf(claim), phaseOf(claim), claim.spec?.volumeName ?? '', bound ? (claim.status?.capacity?.['storage'] ?? '0') : '', bound ? accessModesText(claim.status?.accessModes) : '',
    classOf(claim), claim.spec?.volumeAttributesClassName ?? UNSET, ageOf(claim, now), claim.spec?.volumeMode ?? UNSET,
  ];
}

function quotaCells(quota: ResourceQuota, now: number): Cell[] {
  const hard = quota.status?.hard ?? {};
  const side = (limits: boolean): string => Object.keys(hard).toSorted().filter((name) => name.startsWith('limits.') === limits)
    .map((name) => `${name}: ${own(quota.status?.used, name) ?? '0'}/${hard[name]}`).join(', ');
  return [nameOf(quota), side(false), side(true), ageOf(quota, now)];
}

/** Both forms of an event, read as the older one. */
function coreEvent(event: Event | EventV1): Event {
  if (!('regarding' in event) && !('reportingController' in event) && !('note' in event)) return event as Event;
  const now = event as EventV1;
  return {
    metadata: now.metadata, involvedObject: now.regarding ?? {}, eventTime: now.eventTime,
    ...(now.type ? { type: now.type } : {}), ...(now.reason ? { reason: now.reason } : {}), ...(now.note ? { message: now.note } : {}),
    ...(now.series ? { series: now.series } : {}), ...(now.deprecatedSource ? { source: now.deprecatedSource } : {}),
    ...(now.reportingController ? { reportingComponent: now.reportingController } : {}), ...(now.reportingInstance ? { reportingInstance: now.reportingInstance } : {}),
    ...(now.deprecatedFirstTimestamp ? { firstTimestamp: now.deprecatedFirstTimestamp } : {}), ...(now.deprecatedLastTimestamp ? { lastTimestamp: now.deprecatedLastTimestamp } : {}),
    ...(now.deprecatedCount ? { count: now.deprecatedCount } : {}),
  };
}

function eventCells(raw: Event | EventV1, now: number): Cell[] {
  const event = coreEvent(raw);
  const first = age(event.firstTimestamp ?? event.eventTime, now);
  const seen = event.series?.lastObservedTime ?? event.lastTimestamp;
  const component = event.source?.component || event.reportingComponent || '';
  const host = event.source?.host || event.reportingInstance || '';
  const about = event.involvedObject;
  const kind = (about.kind ?? '').toLowerCase();
  return [
    seen ? age(seen, now) : first, event.type ?? '', event.reason ?? '', about.name ? `${kind}/${about.name}` : kind, about.fieldPath ?? '',
    host ? `${component}, ${host}` : component, (event.message ?? '').trim(), first, event.series?.count ?? (event.count || 1), nameOf(event),
  ];
}

export const eventPrinter = (): Printer => printer<Event>(
  [text('Last Seen'), text('Type'), text('Reason'), text('Object'), text('Subobject', 1), text('Source', 1), text('Message'), text('First Seen', 1), text('Count', 1), ['Name', 'string', 'name', 1]],
  eventCells,
);

/** Kind to printer. */
export function corePrinters(): Record<string, Printer> {
  return {
    Pod: podPrinter(),
    Event: eventPrinter(),
    Node: printer<Node>([NAME, text('Status'), text('Roles'), AGE, text('Version'), text('Internal-IP', 1), text('External-IP', 1), text('OS-Image', 1), text('Kernel-Version', 1), text('Container-Runtime', 1)], nodeCells),
    ConfigMap: printer<ConfigMap>([NAME, text('Data'), AGE], (map, now) => [nameOf(map), Object.keys(map.data ?? {}).length + Object.keys(map.binaryData ?? {}).length, ageOf(map, now)]),
    Secret: printer<Secret>([NAME, text('Type'), text('Data'), AGE], (secret, now) => [nameOf(secret), secret.type ?? '', Object.keys(secret.data ?? {}).length, ageOf(secret, now)]),
    ServiceAccount: printer<ServiceAccount>([NAME, AGE], (account, now) => [nameOf(account), ageOf(account, now)]),
    Namespace: printer<Namespace>([NAME, text('Status'), AGE], (namespace, now) => [nameOf(namespace), namespace.status?.phase ?? '', ageOf(namespace, now)]),
    Service: printer<Service>([NAME, text('Type'), text('Cluster-IP'), text('External-IP'), text('Port(s)'), AGE, text('Selector', 1)], (service, now) => [
      nameOf(service), service.spec?.type ?? '', service.spec?.clusterIPs?.[0] ?? NONE, externalIps(service), portsText(service), ageOf(service, now), labelsText(service.spec?.selector),
    ]),
    Endpoints: printer<Endpoints>([NAME, text('Endpoints'), AGE], (endpoints, now) => [nameOf(endpoints), endpointsText(endpoints), ageOf(endpoints, now)]),
    PersistentVolume: printer<PersistentVolume>(
      [NAME, text('Capacity'), text('Access Modes'), text('Reclaim Policy'), text('Status'), text('Claim'), text('StorageClass'), text('VolumeAttributesClass'), text('Reason'), AGE, text('VolumeMode', 1)], volumeCells,
    ),
    PersistentVolumeClaim: printer<PersistentVolumeClaim>(
      [NAME, text('Status'), text('Volume'), text('Capacity'), text('Access Modes'), text('StorageClass'), text('VolumeAttributesClass'), AGE, text('VolumeMode', 1)], claimCells,
    ),
    PodTemplate: printer<PodTemplate>([NAME, text('Containers'), text('Images'), text('Pod Labels')], (template) => [
      nameOf(template), namesOf(template.template?.spec?.containers), imagesOf(template.template?.spec?.containers), labelsText(template.template?.metadata?.labels),
    ]),
    ReplicationController: printer<ReplicationController>([NAME, integer('Desired'), integer('Current'), integer('Ready'), AGE, ...POD_COLUMNS], (controller, now) => [
      nameOf(controller), controller.spec?.replicas ?? 0, controller.status?.replicas ?? 0, controller.status?.readyReplicas ?? 0, ageOf(controller, now),
      namesOf(controller.spec?.template?.spec?.containers), imagesOf(controller.spec?.template?.spec?.containers), labelsText(controller.spec?.selector),
    ]),
    ResourceQuota: printer<ResourceQuota>([NAME, text('Request'), text('Limit'), AGE], quotaCells),
    ComponentStatus: printer<ComponentStatus>([NAME, text('Status'), text('Message'), text('Error')], (component) => {
      const healthy = getCondition(component.conditions, 'Healthy');
      const status = healthy?.status === 'True' ? 'Healthy' : healthy?.status === 'False' ? 'Unhealthy' : 'Unknown';
      return [nameOf(component), status, healthy?.message ?? '', healthy?.error ?? ''];
    }),
  };
}
