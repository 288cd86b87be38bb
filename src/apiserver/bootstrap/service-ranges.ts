/** The ServiceCIDR object of the ranges that this server was started with. */
import type { ServiceCIDR } from '../../api/networking/v1/types.ts';
import { ServiceCIDRs } from '../../api/resources.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../../api/meta/status.ts';
import { formatTime } from '../../api/meta/time.ts';
import type { Client } from '../../client/types.ts';
import type { Host } from '../../host/types.ts';

const NAME = 'kubernetes';
const fieldManager = 'kube-apiserver';

export const rangesOf = (serviceCidr: string): string[] => serviceCidr.split(',').map((cidr) => cidr.trim());

/**
 * Writes the object, and says that it is ready where nobody has yet. One of a single family grows by the second; any other difference stays, and
 * is told: services have addresses of it.
 */
export async function ensureDefaultRange(host: Host, client: Client, serviceCidr: string): Promise<void> {
  const cidrs = rangesOf(serviceCidr);
  const ranges = client.of(ServiceCIDRs);
  let range = await ranges.get(NAME).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
    return undefined;
  });
  try {
    range ??= await ranges.create({ apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: NAME }, spec: { cidrs } }, { fieldManager });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    range = await ranges.get(NAME);
  }
  if (range.metadata.deletionTimestamp !== undefined) return;
  const stored = range.spec?.cidrs ?? [];
  if (stored.length === 1 && cidrs.length === 2 && stored[0] === cidrs[0]) range = await ranges.update({ ...range, spec: { ...range.spec, cidrs } }, { fieldManager });
  else if (stored.join() !== cidrs.join()) {
    host.log.warn('the default ServiceCIDR differs from the configured ranges: services get addresses of the stored one', { stored, configured: cidrs });
    return;
  }
  if (!range.status?.conditions?.some((condition) => condition.type === 'Ready')) await markReady(host, client, range);
}

async function markReady(host: Host, client: Client, range: ServiceCIDR): Promise<void> {
  const ready = { type: 'Ready', status: 'True', reason: '', message: 'Kubernetes default Service CIDR is ready', lastTransitionTime: formatTime(host.clock.now()) };
  try {
    await client.of(ServiceCIDRs).updateStatus({ ...range, status: { ...range.status, conditions: [...(range.status?.conditions ?? []), ready] } }, { fieldManager });
  } catch (error) {
    // Another server, or the controller, has said so.
    if (!isConflict(error)) throw error;
  }
}
