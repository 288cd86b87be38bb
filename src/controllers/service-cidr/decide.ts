/** What a ServiceCIDR is waiting for: protection, to be called ready, or the last address that lies in it and in no other. KEP-1880. */
import { cidrContains, parseCidr, parseIp } from '../../api/meta/addresses.ts';
import { parseTime } from '../../api/meta/time.ts';
import type { IPAddress, ServiceCIDR } from '../../api/networking/v1/types.ts';

export const FINALIZER = 'networking.k8s.io/service-cidr-finalizer';
/** After the deletion began, API servers get this long to see that the range gives out no more addresses. */
export const DELETION_GRACE_MS = 10_000;

export interface Snapshot {
  range: ServiceCIDR;
  /** All ranges, this one among them or not. */
  ranges: readonly ServiceCIDR[];
  addresses: readonly IPAddress[];
}

export type Action =
  | { type: 'protect' }
  | { type: 'ready'; status: 'True' | 'False'; reason: string; message: string }
  | { type: 'release' }
  | { type: 'wait'; forMs: number };

/** In order: the finalizer comes before anything is said, and goes last. */
export function decide({ range, ranges, addresses }: Snapshot, nowMs: number): Action[] {
  const { deletionTimestamp, finalizers = [] } = range.metadata;
  if (deletionTimestamp === undefined) {
    const actions: Action[] = finalizers.includes(FINALIZER) ? [] : [{ type: 'protect' }];
    return readiness(range) === 'True' ? actions : [...actions, { type: 'ready', status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' }];
  }
  if (!finalizers.includes(FINALIZER)) return [];
  if (isUsed(range, ranges, addresses)) {
    const blocked: Action = { type: 'ready', status: 'False', reason: 'Terminating', message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR' };
    const known = range.status?.conditions?.find((condition) => condition.type === 'Ready');
    return known?.status === 'False' && known.reason === blocked.reason ? [] : [blocked];
  }
  const since = nowMs - parseTime(deletionTimestamp);
  return since < DELETION_GRACE_MS ? [{ type: 'wait', forMs: DELETION_GRACE_MS - since }] : [{ type: 'release' }];
}

const readiness = (range: ServiceCIDR): string | undefined => range.status?.conditions?.find((condition) => condition.type === 'Ready')?.status;

/** Whether an address lies in the range and in no other range that stays. */
function isUsed(range: ServiceCIDR, ranges: readonly ServiceCIDR[], addresses: readonly IPAddress[]): boolean {
  const own = cidrsOf(range);
  const others = ranges.filter((other) => other.metadata.name !== range.metadata.name && other.metadata.deletionTimestamp === undefined).flatMap(cidrsOf);
  return addresses.some((address) => {
    const ip = parseIp(address.metadata.name ?? '');
    return ip !== undefined && own.some((cidr) => cidrContains(cidr, ip)) && !others.some((cidr) => cidrContains(cidr, ip));
  });
}

const cidrsOf = (range: ServiceCIDR): NonNullable<ReturnType<typeof parseCidr>>[] => (range.spec?.cidrs ?? []).flatMap((text) => parseCidr(text) ?? []);

/** The range with the condition in place, to be written with the revision that it was read at. */
export function withReady(range: ServiceCIDR, action: Action & { type: 'ready' }, now: string): ServiceCIDR {
  const before = range.status?.conditions ?? [];
  const old = before.find((condition) => condition.type === 'Ready');
  const ready = { type: 'Ready', status: action.status, reason: action.reason, message: action.message, lastTransitionTime: old?.status === action.status ? old.lastTransitionTime : now };
  return { ...range, status: { ...range.status, conditions: [...before.filter((condition) => condition.type !== 'Ready'), ready] } };
}
