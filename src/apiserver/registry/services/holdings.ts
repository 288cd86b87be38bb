/** What a service has of the cluster's ranges. Pure. */
import { formatIp, parseIp } from '../../../api/meta/addresses.ts';
import type { ServiceSpec } from '../../../api/core/v1/types.ts';
import { HEADLESS } from './families.ts';

export const wantsAddress = (spec: ServiceSpec): boolean => spec.type !== 'ExternalName' && spec.clusterIP !== HEADLESS && spec.clusterIPs?.[0] !== HEADLESS;

/** Its addresses, in canonical form, and node ports. */
export function holdingsOf(spec: ServiceSpec | undefined): { addresses: string[]; ports: number[] } {
  if (spec === undefined) return { addresses: [], ports: [] };
  const addresses = wantsAddress(spec) ? [spec.clusterIP, ...(spec.clusterIPs ?? [])].filter((ip): ip is string => ip !== undefined && ip !== '') : [];
  const ports = [...(spec.ports ?? []).map((port) => port.nodePort), spec.healthCheckNodePort].filter((port): port is number => port !== undefined && port !== 0);
  return { addresses: [...new Set(addresses.map((text) => { const ip = parseIp(text); return ip ? formatIp(ip) : text; }))], ports: [...new Set(ports)] };
}
