import type { Node } from '../../api/core/v1/types.ts';
import { Nodes } from '../../api/resources.ts';
import { nameOf, safety, type Properties } from '../property.ts';
import { steps, ttlAnnotation } from './decide.ts';

const ttlOf = (node: Node): string | undefined => node.metadata.annotations?.[ttlAnnotation];

export const properties: Properties = {
  safety: [
    safety<Node>({
      name: 'cache times are known ones', promise: 'the annotation holds one of the seconds of the table', of: Nodes,
      broken: ({ type, object }) => (type !== 'deleted' && ttlOf(object) !== undefined && !steps.some(({ seconds }) => String(seconds) === ttlOf(object)) ? `${nameOf(object)} may cache for ${ttlOf(object)} s` : undefined),
    }),
  ],
  liveness: [{
    name: 'cache times fit the cluster', promise: 'every node has the annotation, all the same, and of a step that the number of nodes allows',
    *missing(world) {
      const nodes = world.list(Nodes);
      const allowed = steps.filter(({ from, to }) => nodes.length >= from && nodes.length <= to).map(({ seconds }) => String(seconds));
      for (const node of nodes) if (!allowed.includes(ttlOf(node) ?? '')) yield `${nameOf(node)} may cache for ${ttlOf(node)} s, and one of ${nodes.length} may for ${allowed.join(' or ')}`;
      if (new Set(nodes.map(ttlOf)).size > 1) yield 'nodes may cache for different times';
    },
  }],
};
