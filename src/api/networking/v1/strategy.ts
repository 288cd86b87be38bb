/** Strategies of the group networking.k8s.io. */
import { cidrWarnings } from '../../meta/addresses.ts';
import { FieldPath } from '../../meta/field.ts';
import { makeStrategy } from '../../meta/rules.ts';
import type { Strategy } from '../../meta/strategy.ts';
import type { IPAddress, Ingress, IngressClass, NetworkPolicy, NetworkPolicyPeer, ServiceCIDR } from './types.ts';
import {
  ipAddressName, validateIngress, validateIngressClass, validateIngressClassUpdate, validateIngressStatus, validateIpAddress, validateIpAddressUpdate, validateNetworkPolicy,
  validateServiceCidr, validateServiceCidrUpdate,
} from './validation.ts';

/** Address blocks in odd forms. */
function blockWarnings({ spec }: NetworkPolicy): string[] {
  return (['ingress', 'egress'] as const).flatMap((direction) => (spec?.[direction] ?? []).flatMap((rule, i) => {
    const side = direction === 'ingress' ? 'from' : 'to';
    const path = new FieldPath('spec').child(direction).index(i).child(side);
    return ((rule as Record<string, NetworkPolicyPeer[] | undefined>)[side] ?? []).flatMap(({ ipBlock }, j) => (ipBlock === undefined ? [] : [
      ...cidrWarnings(path.index(j).child('ipBlock', 'cidr'), ipBlock.cidr),
      ...(ipBlock.except ?? []).flatMap((cidr, k) => cidrWarnings(path.index(j).child('ipBlock', 'except').index(k), cidr)),
    ]));
  }));
}

/** Kind to strategy. */
export function networkingStrategies(): Record<string, Strategy<never>> {
  return {
    Ingress: makeStrategy<Ingress>({
      namespaced: true, generation: ['spec'], status: true,
      prepareForCreate(ingress) {
        ingress.status = { loadBalancer: {} };
      },
      validate: (ingress, _context, old) => validateIngress(ingress, old), validateStatus: validateIngressStatus,
      warnings: (ingress, old) => (old === undefined && ingress.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined
        ? ['annotation "kubernetes.io/ingress.class" is deprecated, please use \'spec.ingressClassName\' instead'] : []),
    }),
    IngressClass: makeStrategy<IngressClass>({ namespaced: false, generation: ['spec'], validate: validateIngressClass, validateUpdate: validateIngressClassUpdate }),
    NetworkPolicy: makeStrategy<NetworkPolicy>({ namespaced: true, generation: ['spec'], validate: validateNetworkPolicy, warnings: blockWarnings }),
    IPAddress: makeStrategy<IPAddress>({
      namespaced: false, name: ipAddressName, validate: validateIpAddress, validateUpdate: validateIpAddressUpdate,
      selectableFields: (address) => ({
        'spec.parentRef.group': address.spec?.parentRef?.group ?? '',
        'spec.parentRef.resource': address.spec?.parentRef?.resource ?? '',
        'spec.parentRef.namespace': address.spec?.parentRef?.namespace ?? '',
        'spec.parentRef.name': address.spec?.parentRef?.name ?? '',
      }),
    }),
    ServiceCIDR: makeStrategy<ServiceCIDR>({ namespaced: false, status: true, validate: validateServiceCidr, validateUpdate: validateServiceCidrUpdate }),
  };
}
