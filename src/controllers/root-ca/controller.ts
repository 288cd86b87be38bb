/**
 * root-ca-certificate-publisher-controller: each namespace has a ConfigMap `kube-root-ca.crt` with the cluster's authority, for pods to
 * verify the API server by.
 * Contract: whoever changes or deletes it gets it back; nothing is beside the authority in it; a namespace that is being deleted gets none.
 */
import { isAlreadyExists, isNotFound } from '../../api/meta/status.ts';
import { ConfigMaps, Namespaces } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import type { ControllerContext } from '../context.ts';
import { decideRootCa, rootCaConfigMap } from './decide.ts';

const isGoingAway = (error: unknown): boolean => ((error as { status?: { details?: { causes?: { reason?: string }[] } } }).status?.details?.causes ?? []).some((cause) => cause.reason === 'NamespaceTerminating');

export function startRootCaPublisher(context: ControllerContext): Running {
  const { client, informers, host, settings } = context;
  const namespaces = informers.of(Namespaces);
  const configMaps = informers.of(ConfigMaps, { fieldSelector: `metadata.name=${rootCaConfigMap}` });

  async function reconcile(key: string): Promise<Outcome> {
    const action = decideRootCa({ namespace: namespaces.lister.byKey(key), configMap: configMaps.lister.get(key, rootCaConfigMap), rootCa: settings.rootCa });
    if (!action) return { done: true };
    try {
      if ('create' in action) await client.of(ConfigMaps).create(action.create);
      else await client.of(ConfigMaps).update(action.update);
    } catch (error) {
      if (isAlreadyExists(error) || isNotFound(error) || isGoingAway(error)) return { done: true };
      throw error;
    }
    return { done: true };
  }

  const queue = startController(host, { name: 'root-ca-certificate-publisher-controller', informers, reconcile });
  namespaces.onEvent(({ type, object }) => {
    if (type !== 'deleted') queue.add(object.metadata.name!);
  });
  configMaps.onEvent(({ type, object }) => {
    if (type !== 'added') queue.add(object.metadata.namespace!);
  });
  return queue;
}
