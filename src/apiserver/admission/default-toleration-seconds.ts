/** Pods stay on a lost node for five minutes unless they say otherwise. */
import type { Pod, Toleration } from '../../api/core/v1/types.ts';
import { Pods } from '../../api/resources.ts';
import { isFor, objectOf, type CreatePlugin } from './context.ts';

const tolerationSeconds = 300;
const keys = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'] as const;

function tolerates(toleration: Toleration, key: string): boolean {
  return (!toleration.key || toleration.key === key) && (!toleration.effect || toleration.effect === 'NoExecute');
}

export const defaultTolerationSeconds: CreatePlugin = () => ({
  name: 'DefaultTolerationSeconds',
  handles: (request) => (request.operation === 'CREATE' || request.operation === 'UPDATE') && isFor(request, Pods),
  mutate(request) {
    const { spec } = objectOf<Pod>(request);
    if (!spec) return;
    for (const key of keys) {
      if (spec.tolerations?.some((toleration) => tolerates(toleration, key))) continue;
      spec.tolerations = [...(spec.tolerations ?? []), { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds }];
    }
  },
});
