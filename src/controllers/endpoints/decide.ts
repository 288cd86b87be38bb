import { isPodReady, podIpsOf } from '../../api/core/v1/pods.ts';
import type { EndpointAddress, EndpointPort, Endpoints, EndpointSubset, Pod, Service } from '../../api/core/v1/types.ts';
import { familyOf } from '../../api/meta/addresses.ts';
import { endpointPorts } from '../endpointslice/endpoints.ts';
import { headlessLabel, hostnameIn, isEndpoint, isHeadless, sameEntries, triggerTimeAnnotation } from '../service-pods.ts';

/** Addresses in one Endpoints object at most; more are left out, and the annotation says so. */
export const maxCapacity = 1_000;
export const overCapacityAnnotation = 'endpoints.kubernetes.io/over-capacity';
export const managedByLabel = 'endpoints.kubernetes.io/managed-by';
export const managedBy = 'endpoint-controller';

function addressOf(service: Service, pod: Pod): EndpointAddress | undefined {
  const family = service.spec?.ipFamilies?.[0] ?? (isHeadless(service) || !service.spec?.clusterIP ? undefined : familyOf(service.spec.clusterIP));
  const ip = podIpsOf(pod).find((each) => family === undefined || familyOf(each) === family);
  if (ip === undefined) return undefined;
  const hostname = hostnameIn(service, pod);
  return {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.spec?.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid },
  };
}

interface Entry {
  address: EndpointAddress;
  ready: boolean;
}

const byIp = (a: Entry, b: Entry): number => (a.address.ip < b.address.ip ? -1 : a.address.ip > b.address.ip ? 1 : (a.address.targetRef?.uid ?? '') < (b.address.targetRef?.uid ?? '') ? -1 : 1);
const bare = ({ name, port, protocol, appProtocol }: EndpointPort): EndpointPort => ({ ...(name ? { name } : {}), port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) });

/** Pods grouped by the ports that they serve; in the order of ports and addresses, so that equal state is equal text. */
export function desiredSubsets(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const published = service.spec?.publishNotReadyAddresses === true;
  const groups = new Map<string, { ports: EndpointPort[]; entries: Entry[] }>();
  for (const pod of pods) {
    const address = isEndpoint(pod, published) ? addressOf(service, pod) : undefined;
    if (!address) continue;
    const ports = endpointPorts(service, pod).map((port) => bare({ name: port.name, port: port.port!, protocol: port.protocol, appProtocol: port.appProtocol }));
    if (ports.length === 0 && !(isHeadless(service) && (service.spec?.ports ?? []).length === 0)) continue;
    const key = JSON.stringify(ports.map((port) => JSON.stringify(port)).sort());
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { ports, entries: [] }));
    group.entries.push({ address, ready: published || isPodReady(pod) });
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { ports, entries }]) => {
    const sorted = entries.sort(byIp);
    const addresses = sorted.filter(({ ready }) => ready).map(({ address }) => address);
    const notReadyAddresses = sorted.filter(({ ready }) => !ready).map(({ address }) => address);
    return subsetOf(addresses, notReadyAddresses, ports);
  });
}

function subsetOf(addresses: EndpointAddress[], notReadyAddresses: EndpointAddress[], ports: EndpointPort[]): EndpointSubset {
  const subset: EndpointSubset = {};
  if (addresses.length > 0) subset.addresses = addresses;
  if (notReadyAddresses.length > 0) subset.notReadyAddresses = notReadyAddresses;
  if (ports.length > 0) subset.ports = ports;
  return subset;
}

/** Leaves out what is over the limit: addresses that are not ready first, evenly over the subsets. */
export function truncate(subsets: readonly EndpointSubset[], capacity = maxCapacity): { subsets: EndpointSubset[]; truncated: boolean } {
  const count = (field: 'addresses' | 'notReadyAddresses'): number => subsets.reduce((sum, subset) => sum + (subset[field]?.length ?? 0), 0);
  const ready = count('addresses');
  const all = ready + count('notReadyAddresses');
  if (all <= capacity) return { subsets: [...subsets], truncated: false };
  let readyLeft = Math.min(ready, capacity);
  let notReadyLeft = capacity - readyLeft;
  const share = (list: EndpointAddress[] | undefined, total: number, kept: number, left: number): EndpointAddress[] => (list ?? []).slice(0, Math.min(left, Math.ceil(((list ?? []).length * kept) / Math.max(total, 1))));
  const keptReady = readyLeft;
  const keptNotReady = notReadyLeft;
  const cut = subsets.map((subset) => {
    const addresses = share(subset.addresses, ready, keptReady, readyLeft);
    const notReadyAddresses = share(subset.notReadyAddresses, all - ready, keptNotReady, notReadyLeft);
    readyLeft -= addresses.length;
    notReadyLeft -= notReadyAddresses.length;
    return subsetOf(addresses, notReadyAddresses, subset.ports ?? []);
  });
  return { subsets: cut.filter((subset) => subset.addresses || subset.notReadyAddresses), truncated: true };
}

/** Order inside subsets is nobody's concern: compared as sets. */
function identity(subsets: readonly EndpointSubset[] | undefined): string {
  const address = ({ ip, hostname, nodeName, targetRef }: EndpointAddress): string => JSON.stringify([ip, hostname ?? '', nodeName ?? '', targetRef?.kind, targetRef?.namespace, targetRef?.name, targetRef?.uid]);
  const port = ({ name, port: number, protocol, appProtocol }: EndpointPort): string => JSON.stringify([name ?? '', number, protocol ?? 'TCP', appProtocol ?? '']);
  const texts = (subsets ?? []).map((subset) => JSON.stringify([(subset.ports ?? []).map(port).sort(), (subset.addresses ?? []).map(address).sort(), (subset.notReadyAddresses ?? []).map(address).sort()]));
  return texts.sort().join('\n');
}

export type EndpointsAction = { create: Endpoints } | { update: Endpoints } | undefined;

/** What must be written so that the Endpoints object shows the pods. */
export function decideEndpoints(snapshot: { service: Service; pods: readonly Pod[]; current: Endpoints | undefined; triggerTime: string | undefined }): EndpointsAction {
  const { service, pods, current, triggerTime } = snapshot;
  const { subsets, truncated } = truncate(desiredSubsets(service, pods));
  const { [headlessLabel]: _headless, ...serviceLabels } = service.metadata.labels ?? {};
  const labels: Record<string, string> = { ...serviceLabels, [managedByLabel]: managedBy, ...(isHeadless(service) ? { [headlessLabel]: '' } : {}) };
  const annotations = { ...current?.metadata.annotations };
  const capacityRight = (annotations[overCapacityAnnotation] === 'truncated') === truncated;
  if (current && capacityRight && identity(current.subsets) === identity(subsets) && sameEntries(current.metadata.labels ?? {}, labels)) return undefined;
  if (triggerTime === undefined) delete annotations[triggerTimeAnnotation];
  else annotations[triggerTimeAnnotation] = triggerTime;
  if (truncated) annotations[overCapacityAnnotation] = 'truncated';
  else delete annotations[overCapacityAnnotation];
  const withAnnotations = Object.keys(annotations).length > 0 ? { annotations } : {};
  if (!current) return { create: { metadata: { name: service.metadata.name, namespace: service.metadata.namespace, labels, ...withAnnotations }, subsets } };
  const { annotations: _annotations, ...metadata } = current.metadata;
  return { update: { ...current, metadata: { ...metadata, labels, ...withAnnotations }, subsets } };
}
