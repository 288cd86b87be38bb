/** What `fieldRef` and `resourceFieldRef` yield, for environment variables and downward API files. Pure. */
import { resourceAmount } from '../api/core/v1/resources.ts';
import type { Pod, ResourceFieldSelector } from '../api/core/v1/types.ts';
import type { AnyContainer } from './names.ts';

/** What the pod will have, before the API's object says so. */
export interface PodFacts {
  pod: Pod;
  podIps: readonly string[];
  nodeIp: string;
  /** What a missing limit stands for: the node's allocatable amounts (cpu in thousandths). */
  allocatable: Readonly<Record<string, number>>;
}

/** `a="b"` lines in order of the keys, as the downward API writes maps. */
export function formatMap(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join('\n');
}

const subscript = /^(metadata\.(?:annotations|labels))\['(.*)'\]$/;

/** The value of a pod's field; undefined when the path is not offered. */
export function fieldValue(fieldPath: string, facts: PodFacts): string | undefined {
  const { pod } = facts;
  const { metadata, spec } = pod;
  const keyed = subscript.exec(fieldPath);
  if (keyed) return (keyed[1] === 'metadata.labels' ? metadata.labels : metadata.annotations)?.[keyed[2]!] ?? '';
  switch (fieldPath) {
    case 'metadata.name': return metadata.name ?? '';
    case 'metadata.namespace': return metadata.namespace ?? '';
    case 'metadata.uid': return metadata.uid ?? '';
    case 'metadata.labels': return formatMap(metadata.labels);
    case 'metadata.annotations': return formatMap(metadata.annotations);
    case 'spec.nodeName': return spec?.nodeName ?? '';
    case 'spec.serviceAccountName': return spec?.serviceAccountName ?? '';
    case 'status.hostIP':
    case 'status.hostIPs': return facts.nodeIp;
    case 'status.podIP': return (spec?.hostNetwork ? facts.nodeIp : facts.podIps[0]) ?? '';
    case 'status.podIPs': return spec?.hostNetwork ? facts.nodeIp : facts.podIps.join(',');
    default: return undefined;
  }
}

/** A container's request or limit in units of the divisor, rounded up; undefined when the resource is not offered. */
export function resourceFieldValue(selector: ResourceFieldSelector, container: AnyContainer, facts: PodFacts): string | undefined {
  const match = /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.+)$/.exec(selector.resource);
  if (!match) return undefined;
  const [, which, resource] = match as unknown as [string, 'limits' | 'requests', string];
  const { limits, requests } = container.resources ?? {};
  const text = which === 'limits' ? limits?.[resource] : (requests?.[resource] ?? limits?.[resource]);
  const amount = text === undefined ? (which === 'limits' ? (facts.allocatable[resource] ?? 0) : 0) : resourceAmount(resource, text);
  const divisor = selector.divisor && selector.divisor !== '0' ? resourceAmount(resource, selector.divisor) : resource === 'cpu' ? 1000 : 1;
  return String(Math.ceil(amount / divisor));
}
