/** What the server fills in on core objects when a client leaves it out. Containers, pods and volumes first, then the rest. */
import { own, setOwn } from '../../../base/own.ts';
import type { Defaulters } from '../../meta/defaulting.ts';
import { unset } from '../../meta/defaulting.ts';
import { addQuantity, compareQuantity, formatQuantity } from '../../meta/quantity.ts';
import type { Quantity } from '../../meta/v1/scalars.ts';
import type {
  ConfigMapVolumeSource, Container, DownwardAPIVolumeSource, Endpoints, HTTPGetAction, HostPathVolumeSource, LimitRangeItem, Namespace,
  NamespaceStatus, NodeStatus, ObjectFieldSelector, PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimSpec, Pod, PodSpec, Probe,
  ProjectedVolumeSource, ReplicationController, Secret, SecretVolumeSource, Service, ServiceAccountTokenProjection, Volume,
} from './types.ts';

type Amounts = Record<string, Quantity>;

/** rw-r--r--, the mode of files in volumes. */
const FILE_MODE = 0o644;
const SERVICE_ACCOUNT_TOKEN_SECONDS = 3600;
const CLIENT_IP_AFFINITY_SECONDS = 10_800;

const PATH_PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const DOMAIN = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?';
const IMAGE = new RegExp(`^(?:${DOMAIN}/)?${PATH_PART}(?:/${PATH_PART})*(?::([\\w][\\w.-]{0,127}))?(@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`);

/** `Always` for an image whose tag is `latest` or not given, else `IfNotPresent`; a name that is no image has no tag. */
export function defaultPullPolicy(image: string | undefined): 'Always' | 'IfNotPresent' {
  const parts = IMAGE.exec(image ?? '');
  if (parts === null) return 'IfNotPresent';
  const tag = parts[1] ?? (parts[2] === undefined ? 'latest' : '');
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function container(object: Container): void {
  if (unset(object.imagePullPolicy)) object.imagePullPolicy = defaultPullPolicy(object.image);
  if (unset(object.terminationMessagePath)) object.terminationMessagePath = '/dev/termination-log';
  if (unset(object.terminationMessagePolicy)) object.terminationMessagePolicy = 'File';
}

function probe(object: Probe): void {
  object.timeoutSeconds ||= 1;
  object.periodSeconds ||= 10;
  object.successThreshold ||= 1;
  object.failureThreshold ||= 3;
}

function requestsFromLimits(one: Container): void {
  const limits = one.resources?.limits;
  if (limits === undefined) return;
  one.resources!.requests = { ...limits, ...one.resources!.requests };
  if (Object.keys(one.resources!.requests).length === 0) delete one.resources!.requests;
}

function hostPorts(one: Container): void {
  for (const port of one.ports ?? []) port.hostPort ||= port.containerPort;
}

function add(left: Amounts, right: Amounts | undefined): Amounts {
  const sum = { ...left };
  for (const [name, amount] of Object.entries(right ?? {})) {
    const known = own(sum, name);
    setOwn(sum, name, known === undefined ? amount : formatQuantity(addQuantity(known, amount)));
  }
  return sum;
}

function larger(left: Amounts, right: Amounts): Amounts {
  const result = { ...left };
  for (const [name, amount] of Object.entries(right)) {
    const known = own(result, name);
    if (known === undefined || compareQuantity(amount, known) > 0) setOwn(result, name, amount);
  }
  return result;
}

/** What all containers together need at once: sidecars run beside every later init container and beside the containers. */
function aggregate(spec: PodSpec, which: 'requests' | 'limits'): Amounts {
  let running: Amounts = {};
  let sidecars: Amounts = {};
  let starting: Amounts = {};
  for (const one of spec.containers ?? []) running = add(running, one.resources?.[which]);
  for (const one of spec.initContainers ?? []) {
    const own = one.resources?.[which];
    if (one.restartPolicy === 'Always') {
      running = add(running, own);
      sidecars = add(sidecars, own);
      starting = larger(starting, sidecars);
    } else {
      starting = larger(starting, add(sidecars, own));
    }
  }
  return larger(running, starting);
}

const isHugePage = (name: string): boolean => name.startsWith('hugepages-');
const canOvercommit = (name: string): boolean => name === 'cpu' || name === 'memory';

/** Resources of the pod as a whole (KEP 2837): huge pages from the containers, requests from the containers or from the pod's limits. */
function podLevelResources(spec: PodSpec): void {
  const resources = spec.resources;
  if (resources === undefined || (resources.limits === undefined && resources.requests === undefined)) return;
  for (const [name, amount] of Object.entries(aggregate(spec, 'limits'))) {
    if (isHugePage(name) && resources.limits?.[name] === undefined && resources.requests?.[name] === undefined) resources.limits = { ...resources.limits, [name]: amount };
  }
  const limits = resources.limits ?? {};
  if (Object.keys(limits).length === 0) return;
  const requests: Amounts = { ...resources.requests };
  for (const [name, amount] of Object.entries(aggregate(spec, 'requests'))) if (canOvercommit(name) && own(requests, name) === undefined) setOwn(requests, name, amount);
  for (const [name, amount] of Object.entries(limits)) if ((canOvercommit(name) || isHugePage(name)) && own(requests, name) === undefined) setOwn(requests, name, amount);
  if (Object.keys(requests).length > 0) resources.requests = requests;
}

function pod(object: Pod): void {
  const spec = (object.spec ??= { containers: [] });
  const all = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  for (const one of all) requestsFromLimits(one);
  podLevelResources(spec);
  if (unset(spec.enableServiceLinks)) spec.enableServiceLinks = true;
  if (spec.hostNetwork === true) for (const one of all) hostPorts(one);
}

function podSpec(spec: PodSpec): void {
  if (unset(spec.dnsPolicy)) spec.dnsPolicy = 'ClusterFirst';
  if (unset(spec.restartPolicy)) spec.restartPolicy = 'Always';
  if (unset(spec.securityContext)) spec.securityContext = {};
  if (unset(spec.terminationGracePeriodSeconds)) spec.terminationGracePeriodSeconds = 30;
  if (unset(spec.schedulerName)) spec.schedulerName = 'default-scheduler';
}

function volume(object: Volume): void {
  const hasSource = Object.entries(object).some(([name, value]) => name !== 'name' && !unset(value));
  if (!hasSource) object.emptyDir = {};
  if (object.image !== undefined && unset(object.image.pullPolicy)) object.image.pullPolicy = defaultPullPolicy(object.image.reference);
}

function fileMode(object: SecretVolumeSource | ConfigMapVolumeSource | DownwardAPIVolumeSource | ProjectedVolumeSource): void {
  object.defaultMode ??= FILE_MODE;
}

function replicationController(object: ReplicationController): void {
  const labels = object.spec?.template?.metadata?.labels;
  if (labels === undefined || Object.keys(labels).length === 0) return;
  if (Object.keys(object.spec!.selector ?? {}).length === 0) object.spec!.selector = { ...labels };
  if (Object.keys(object.metadata.labels ?? {}).length === 0) object.metadata.labels = { ...labels };
}

function sessionAffinity(spec: NonNullable<Service['spec']>): void {
  if (unset(spec.sessionAffinity)) spec.sessionAffinity = 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP' && unset(spec.sessionAffinityConfig?.clientIP?.timeoutSeconds)) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: CLIENT_IP_AFFINITY_SECONDS } };
  }
}

function service(object: Service): void {
  const spec = (object.spec ??= {});
  sessionAffinity(spec);
  if (unset(spec.type)) spec.type = 'ClusterIP';
  for (const port of spec.ports ?? []) {
    if (unset(port.protocol)) port.protocol = 'TCP';
    if (unset(port.targetPort) || port.targetPort === 0) port.targetPort = port.port;
  }
  const isExposed = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  if (unset(spec.externalTrafficPolicy) && (isExposed || (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0))) spec.externalTrafficPolicy = 'Cluster';
  if (unset(spec.internalTrafficPolicy) && (isExposed || spec.type === 'ClusterIP')) spec.internalTrafficPolicy = 'Cluster';
  if (spec.type !== 'LoadBalancer') return;
  spec.allocateLoadBalancerNodePorts ??= true;
  for (const ingress of object.status?.loadBalancer?.ingress ?? []) if (!unset(ingress.ip) && unset(ingress.ipMode)) ingress.ipMode = 'VIP';
}

function endpoints(object: Endpoints): void {
  for (const subset of object.subsets ?? []) for (const port of subset.ports ?? []) if (unset(port.protocol)) port.protocol = 'TCP';
}

function namespace(object: Namespace): void {
  if (!unset(object.metadata.name)) object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name! };
}

function persistentVolume(object: PersistentVolume): void {
  const status = (object.status ??= {});
  if (unset(status.phase)) status.phase = 'Pending';
  const spec = (object.spec ??= {});
  if (unset(spec.persistentVolumeReclaimPolicy)) spec.persistentVolumeReclaimPolicy = 'Retain';
  if (unset(spec.volumeMode)) spec.volumeMode = 'Filesystem';
}

function persistentVolumeClaim(object: PersistentVolumeClaim): void {
  const status = (object.status ??= {});
  if (unset(status.phase)) status.phase = 'Pending';
}

function nodeStatus(status: NodeStatus): void {
  if (status.allocatable === undefined && status.capacity !== undefined) status.allocatable = { ...status.capacity };
}

function limitRangeItem(item: LimitRangeItem): void {
  if (item.type !== 'Container') return;
  const limits = { ...item.max, ...item.default };
  const requests = { ...item.min, ...limits, ...item.defaultRequest };
  if (Object.keys(limits).length > 0) item.default = limits;
  if (Object.keys(requests).length > 0) item.defaultRequest = requests;
}

const P = 'io.k8s.api.core.v1';

export const coreDefaulters: Defaulters = {
  [`${P}.Pod`]: pod,
  [`${P}.PodSpec`]: podSpec,
  [`${P}.Container`]: container,
  [`${P}.EphemeralContainer`]: container,
  [`${P}.Probe`]: probe,
  [`${P}.HTTPGetAction`]: (object: HTTPGetAction) => {
    if (unset(object.path)) object.path = '/';
    if (unset(object.scheme)) object.scheme = 'HTTP';
  },
  [`${P}.Volume`]: volume,
  [`${P}.SecretVolumeSource`]: fileMode,
  [`${P}.ConfigMapVolumeSource`]: fileMode,
  [`${P}.DownwardAPIVolumeSource`]: fileMode,
  [`${P}.ProjectedVolumeSource`]: fileMode,
  [`${P}.ServiceAccountTokenProjection`]: (object: ServiceAccountTokenProjection) => {
    object.expirationSeconds ??= SERVICE_ACCOUNT_TOKEN_SECONDS;
  },
  [`${P}.HostPathVolumeSource`]: (object: HostPathVolumeSource) => {
    object.type ??= '';
  },
  [`${P}.ObjectFieldSelector`]: (object: ObjectFieldSelector) => {
    if (unset(object.apiVersion)) object.apiVersion = 'v1';
  },
  [`${P}.ReplicationController`]: replicationController,
  [`${P}.Service`]: service,
  [`${P}.Secret`]: (object: Secret) => {
    if (unset(object.type)) object.type = 'Opaque';
  },
  [`${P}.Endpoints`]: endpoints,
  [`${P}.Namespace`]: namespace,
  [`${P}.NamespaceStatus`]: (status: NamespaceStatus) => {
    if (unset(status.phase)) status.phase = 'Active';
  },
  [`${P}.PersistentVolume`]: persistentVolume,
  [`${P}.PersistentVolumeClaim`]: persistentVolumeClaim,
  [`${P}.PersistentVolumeClaimSpec`]: (spec: PersistentVolumeClaimSpec) => {
    if (unset(spec.volumeMode)) spec.volumeMode = 'Filesystem';
  },
  [`${P}.NodeStatus`]: nodeStatus,
  [`${P}.LimitRangeItem`]: limitRangeItem,
};
