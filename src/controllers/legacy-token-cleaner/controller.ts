/**
 * legacy-serviceaccount-token-cleaner-controller: token secrets that the token controller of old made, and that nobody has used for a year, are
 * first marked as invalid, and removed a year later.
 *
 * Contract: a secret goes in two steps, each after a whole period without use, so that somebody who still needs it has time to say so.
 * Never: touches a token that a pod mounts, that a user made, or whose use is not recorded for as long yet (the ConfigMap
 * kube-apiserver-legacy-service-account-token-tracking says since when it is). Eventually: what is out of use for two such periods is gone.
 */
import type { ConfigMap } from '../../api/core/v1/types.ts';
import { keyOf } from '../../api/meta/objects.ts';
import { isConflict, isNotFound } from '../../api/meta/status.ts';
import { ConfigMaps, Pods, Secrets, ServiceAccounts } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import type { ControllerContext } from '../context.ts';
import { nameAnnotation, tokenSecretType } from '../serviceaccount/decide.ts';
import { decideLegacyToken, invalidSinceLabel } from './decide.ts';

const sweepPeriodMs = 24 * 3_600_000;
const defaultUnusedMs = 365 * 24 * 3_600_000;
const trackingName = 'kube-apiserver-legacy-service-account-token-tracking';

export function startLegacyTokenCleaner(context: ControllerContext): Running {
  const { client, informers, host, settings } = context;
  const secrets = informers.of(Secrets, { fieldSelector: `type=${tokenSecretType}` });
  const accounts = informers.of(ServiceAccounts);
  const pods = informers.of(Pods);

  async function trackedSinceMs(): Promise<number | undefined> {
    try {
      const map: ConfigMap = await client.of(ConfigMaps).inNamespace('kube-system').get(trackingName);
      const at = Date.parse(`${map.data?.['since'] ?? ''}T00:00:00Z`);
      return Number.isNaN(at) ? undefined : at;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async function sweep(): Promise<Outcome> {
    const candidates = secrets.lister.list();
    const since = candidates.length === 0 ? undefined : await trackedSinceMs();
    if (since === undefined) return { afterMs: sweepPeriodMs };
    const nowMs = host.clock.now();
    for (const secret of candidates) {
      const { name, namespace, uid, resourceVersion } = secret.metadata;
      const account = accounts.lister.get(namespace, secret.metadata.annotations?.[nameAnnotation] ?? '');
      const action = decideLegacyToken({ secret, account, pods: pods.lister.list(namespace), trackedSinceMs: since, unusedMs: settings.legacyTokenUnusedMs ?? defaultUnusedMs }, nowMs);
      if (!action) continue;
      try {
        if (action === 'delete') await client.of(Secrets).inNamespace(namespace!).delete(name!, { preconditions: { uid, resourceVersion } });
        else await client.of(Secrets).inNamespace(namespace!).patch(name!, { metadata: { uid, resourceVersion, labels: { [invalidSinceLabel]: new Date(nowMs).toISOString().slice(0, 10) } } }, { type: 'merge' });
        host.log.info('unused token secret', { secret: keyOf(secret), action });
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
    }
    return { afterMs: sweepPeriodMs };
  }

  const queue = startController(host, { name: 'legacy-serviceaccount-token-cleaner-controller', informers, reconcile: sweep });
  queue.add('sweep');
  return queue;
}
