/** What this scheduler cannot place it says it cannot place: better a pod that waits with a clear word than one on a wrong node. */
import { refusal } from '../framework.ts';
import type { Plugin } from '../framework.ts';

const NAME = 'Unsupported';

export const unsupported: Plugin = {
  name: NAME,
  preFilter({ pod }) {
    if (pod.pod.spec?.schedulingGroup) return { status: refusal(NAME, 'unresolvable', 'pod belongs to a scheduling group, and this scheduler does not support gang scheduling') };
    return { skip: true };
  },
  events: () => [],
};
