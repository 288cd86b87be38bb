import type { Node } from '../../api/core/v1/types.ts';
import { cidrContains, networkOf, parseCidr } from '../../api/meta/addresses.ts';
import { Nodes } from '../../api/resources.ts';
import { isGoing, nameOf, safety, type Properties } from '../property.ts';

const sharesOf = (node: Node | undefined): readonly string[] => node?.spec?.podCIDRs ?? (node?.spec?.podCIDR ? [node.spec.podCIDR] : []);

function overlap(a: string, b: string): boolean {
  const [left, right] = [parseCidr(a), parseCidr(b)];
  return left !== undefined && right !== undefined && left.address.family === right.address.family && (cidrContains(left, networkOf(right)) || cidrContains(right, networkOf(left)));
}

export const properties: Properties = {
  safety: [
    safety<Node>({
      name: 'shares of nodes are apart', promise: 'the address range of a node overlaps that of no other', of: Nodes,
      broken({ type, object }, world) {
        if (type === 'deleted') return undefined;
        const other = world.list(Nodes).find((node) => node.metadata.name !== object.metadata.name && sharesOf(node).some((a) => sharesOf(object).some((b) => overlap(a, b))));
        return other && `${nameOf(object)} has ${sharesOf(object).join()}, and ${nameOf(other)} has ${sharesOf(other).join()}`;
      },
    }),
    safety<Node>({
      name: 'shares of nodes are lasting', promise: 'the address range of a node, once given, does not change', of: Nodes,
      broken({ type, object, old }) {
        if (type !== 'updated' || sharesOf(old).length === 0 || old!.metadata.uid !== object.metadata.uid) return undefined;
        return sharesOf(object).join() === sharesOf(old).join() ? undefined : `${nameOf(object)} had ${sharesOf(old).join()} and has ${sharesOf(object).join()}`;
      },
    }),
  ],
  liveness: [{
    name: 'nodes have their shares', promise: 'where one node has an address range from the cluster, all have', alone: true,
    *missing(world) {
      const nodes = world.list(Nodes).filter((node) => !isGoing(node));
      for (const node of nodes) if (sharesOf(node).length === 0) yield `${nameOf(node)} has no address range`;
    },
  }],
};
