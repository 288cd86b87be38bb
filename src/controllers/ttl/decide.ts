/** How long kubelets may keep secrets and config maps before they ask again, by the size of the cluster. */

export const ttlAnnotation = 'node.alpha.kubernetes.io/ttl';

/** Bounds overlap, so that a cluster at an edge does not change its mind with every node. */
export const steps: readonly { from: number; to: number; seconds: number }[] = [
  { from: 0, to: 100, seconds: 0 },
  { from: 90, to: 500, seconds: 15 },
  { from: 450, to: 1000, seconds: 30 },
  { from: 900, to: 2000, seconds: 60 },
  { from: 1800, to: 10_000, seconds: 300 },
  { from: 9000, to: Infinity, seconds: 600 },
];

/** The step for so many nodes, coming from another. */
export function nextStep(step: number, nodes: number): number {
  let next = step;
  while (nodes > steps[next]!.to) next++;
  while (nodes < steps[next]!.from) next--;
  return next;
}

/** The annotation's text that the node lacks; undefined when it is right already. */
export function decideTtl(annotations: Readonly<Record<string, string>> | undefined, step: number): string | undefined {
  const wanted = String(steps[step]!.seconds);
  return annotations?.[ttlAnnotation] === wanted ? undefined : wanted;
}
