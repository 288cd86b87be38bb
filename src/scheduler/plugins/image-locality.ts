/** Prefers nodes that already hold the pod's images, weighing an image less while few nodes have it (else one node would draw all pods). */
import { MAX_NODE_SCORE } from '../framework.ts';
import type { Plugin } from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';

const NAME = 'ImageLocality';
const MIB = 1024 * 1024;
/** Fewer bytes than this count for nothing. */
export const MIN_THRESHOLD_BYTES = 23 * MIB;
/** So many bytes for each container give the full score. */
export const MAX_CONTAINER_THRESHOLD_BYTES = 1000 * MIB;

/** As nodes report it: with a tag. */
export function normalizedImageName(name: string): string {
  return name.lastIndexOf(':') <= name.lastIndexOf('/') ? `${name}:latest` : name;
}

interface State {
  images: readonly string[];
  totalNodes: number;
}

function imagesOf(pod: PodInfo): string[] {
  const spec = pod.pod.spec;
  const names = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map((container) => normalizedImageName(container.image ?? ''));
  // Images that are mounted are as large as images that run.
  for (const { image } of spec?.volumes ?? []) if (image) names.push(normalizedImageName(image.reference ?? ''));
  return names;
}

export const imageLocality: Plugin = {
  name: NAME,
  preScore(cycle) {
    cycle.state.set(NAME, { images: imagesOf(cycle.pod), totalNodes: cycle.snapshot.nodes.length } satisfies State);
    return true;
  },
  score(cycle, node) {
    if (node.images.size === 0) return 0;
    const { images, totalNodes } = cycle.state.get(NAME) as State;
    let sum = 0;
    for (const name of images) {
      const image = node.images.get(name);
      if (image) sum += Math.trunc(image.sizeBytes * (image.nodeCount / totalNodes));
    }
    const max = MAX_CONTAINER_THRESHOLD_BYTES * images.length;
    const clamped = Math.min(Math.max(sum, MIN_THRESHOLD_BYTES), max);
    return Math.trunc((MAX_NODE_SCORE * (clamped - MIN_THRESHOLD_BYTES)) / (max - MIN_THRESHOLD_BYTES));
  },
};
