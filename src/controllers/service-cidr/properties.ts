import { cidrContains, parseCidr, parseIp } from '../../api/meta/addresses.ts';
import type { ServiceCIDR } from '../../api/networking/v1/types.ts';
import { IPAddresses, ServiceCIDRs } from '../../api/resources.ts';
import { isGoing, nameOf, safety, type Properties } from '../property.ts';
import { FINALIZER } from './decide.ts';

const holds = (range: ServiceCIDR, address: string): boolean => {
  const ip = parseIp(address);
  return ip !== undefined && (range.spec?.cidrs ?? []).some((text) => cidrContains(parseCidr(text)!, ip));
};
const isHeld = (range: ServiceCIDR | undefined): boolean => (range?.metadata.finalizers ?? []).includes(FINALIZER);

export const properties: Properties = {
  safety: [
    safety<ServiceCIDR>({
      name: 'ranges in use stay', promise: 'a range is let go only when each address in it lies in another that stays', of: ServiceCIDRs, alone: true,
      broken({ type, object, old }, world) {
        if (!isHeld(old) || (type === 'updated' && isHeld(object))) return undefined;
        const others = world.list(ServiceCIDRs).filter((range) => range.metadata.name !== object.metadata.name && !isGoing(range));
        const lost = world.list(IPAddresses).map((address) => address.metadata.name!).find((address) => holds(object, address) && !others.some((range) => holds(range, address)));
        return lost && `${nameOf(object)} was let go, and ${lost} lies in it`;
      },
    }),
  ],
  liveness: [{
    name: 'ranges are ready', promise: 'every range that stays is protected and has the condition Ready',
    *missing(world) {
      for (const range of world.list(ServiceCIDRs)) {
        if (isGoing(range)) continue;
        if (!isHeld(range)) yield `${nameOf(range)} is not protected`;
        if (!range.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')) yield `${nameOf(range)} is not ready`;
      }
    },
  }],
};
