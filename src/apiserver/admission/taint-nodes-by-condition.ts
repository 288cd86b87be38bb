/** A new node takes no pods until it has said that it is ready. */
import type { Node } from '../../api/core/v1/types.ts';
import { Nodes } from '../../api/resources.ts';
import { isFor, objectOf, type CreatePlugin } from './context.ts';

const key = 'node.kubernetes.io/not-ready';
const effect = 'NoSchedule';

export const taintNodesByCondition: CreatePlugin = () => ({
  name: 'TaintNodesByCondition',
  handles: (request) => request.operation === 'CREATE' && isFor(request, Nodes),
  mutate(request) {
    const node = objectOf<Node>(request);
    node.spec ??= {};
    if (node.spec.taints?.some((taint) => taint.key === key && taint.effect === effect)) return;
    node.spec.taints = [...(node.spec.taints ?? []), { key, effect }];
  },
});
