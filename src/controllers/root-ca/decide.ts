import type { ConfigMap, Namespace } from '../../api/core/v1/types.ts';
import { isTerminating } from '../../api/meta/objects.ts';

export const rootCaConfigMap = 'kube-root-ca.crt';
const descriptionKey = 'kubernetes.io/description';
const description = "The cluster's certificate authority: pods verify the API server by it at its addresses inside the cluster. It is meant for nothing else.";

export type RootCaAction = { create: ConfigMap } | { update: ConfigMap } | undefined;

/** What makes a namespace hold the authority's certificates; nothing for one that is absent or going away. */
export function decideRootCa(snapshot: { namespace: Namespace | undefined; configMap: ConfigMap | undefined; rootCa: string }): RootCaAction {
  const { namespace, configMap, rootCa } = snapshot;
  if (!namespace || isTerminating(namespace)) return undefined;
  const data = { 'ca.crt': rootCa };
  if (!configMap) {
    return { create: { metadata: { name: rootCaConfigMap, namespace: namespace.metadata.name, annotations: { [descriptionKey]: description } }, data } };
  }
  const same = Object.keys(configMap.data ?? {}).length === 1 && configMap.data?.['ca.crt'] === rootCa && (configMap.metadata.annotations?.[descriptionKey] ?? '') !== '';
  if (same) return undefined;
  return { update: { ...configMap, metadata: { ...configMap.metadata, annotations: { ...configMap.metadata.annotations, [descriptionKey]: description } }, data } };
}
