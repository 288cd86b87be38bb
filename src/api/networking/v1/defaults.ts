/** What the server fills in on network policies and ingress classes. */
import type { Defaulters } from '../../meta/defaulting.ts';
import { unset } from '../../meta/defaulting.ts';
import type { IngressClass, NetworkPolicy, NetworkPolicyPort } from './types.ts';

function networkPolicy({ spec }: NetworkPolicy): void {
  if (spec === undefined || (spec.policyTypes ?? []).length > 0) return;
  spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

const P = 'io.k8s.api.networking.v1';

export const networkingDefaulters: Defaulters = {
  [`${P}.NetworkPolicy`]: networkPolicy,
  [`${P}.NetworkPolicyPort`]: (port: NetworkPolicyPort) => {
    if (unset(port.protocol)) port.protocol = 'TCP';
  },
  [`${P}.IngressClass`]: ({ spec }: IngressClass) => {
    if (spec?.parameters !== undefined && unset(spec.parameters.scope)) spec.parameters.scope = 'Cluster';
  },
};
