/** Pods by the node they are bound to: one index, whoever asks for it. */
import type { Pod } from '../api/core/v1/types.ts';
import { Pods } from '../api/resources.ts';
import type { Informer, InformerFactory } from '../client/types.ts';

const indexName = 'pods-by-node';
const nodeOf = (pod: Pod): string[] => (pod.spec?.nodeName ? [pod.spec.nodeName] : []);

export interface PodsByNode {
  informer: Informer<Pod>;
  onNode(node: string): Pod[];
}

export function podsByNode(informers: InformerFactory): PodsByNode {
  const informer = informers.of(Pods);
  informer.addIndex(indexName, nodeOf);
  return { informer, onNode: (node) => informer.lister.byIndex(indexName, node) };
}
