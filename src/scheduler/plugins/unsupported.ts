/** What this scheduler cannot place it says it cannot place: better a pod that waits with a clear word than one on a wrong node. */
import { refusal } from '../framework.ts';
import type { Plugin } from '../framework.ts';

const NAME = 'Unsupported';

export const unsupported: Plugin = {
  name: NAME,
  preFilter({ pod }) {
    const claims = pod.pod.spec?.resourceClaims ?? [];
    if (claims.length > 0) {
      return { status: refusal(NAME, 'unresolvable', `pod uses resource claims (${claims.map((claim) => claim.name).join(', ')}), and this scheduler does not support dynamic resource allocation`) };
    }
    if (pod.pod.spec?.schedulingGroup) return { status: refusal(NAME, 'unresolvable', 'pod belongs to a scheduling group, and this scheduler does not support gang scheduling') };
    return { skip: true };
  },
  events: () => [],
};
