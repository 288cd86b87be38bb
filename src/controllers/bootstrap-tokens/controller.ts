/**
 * bootstrap-signer-controller: signs kube-public/cluster-info with each bootstrap token that may sign, so that whoever holds a token can tell that
 * the cluster's address and authority are genuine. token-cleaner-controller: removes bootstrap tokens whose time is over.
 * As upstream, both are off unless named: `--controllers=*,bootstrap-signer-controller,token-cleaner-controller`.
 *
 * Contract: both follow the secrets of type bootstrap.kubernetes.io/token in kube-system and the clock, and nothing else.
 * Never: writes a token anywhere; keeps the signature of a token that is gone; removes a token before its time.
 * Eventually: cluster-info carries exactly the signatures of the tokens that may sign.
 */
import type { Secret } from '../../api/core/v1/types.ts';
import { keyOf } from '../../api/meta/objects.ts';
import { isConflict, isNotFound } from '../../api/meta/status.ts';
import { ConfigMaps, Secrets } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Informer, Outcome, Running } from '../../client/types.ts';
import type { ControllerContext } from '../context.ts';
import { clusterInfoName, clusterInfoNamespace, decideSignatures, remainingMs, tokenSecretType } from './decide.ts';

const tokensOf = (context: ControllerContext): Informer<Secret> => context.informers.of(Secrets, { namespace: 'kube-system', fieldSelector: `type=${tokenSecretType}` });

export function startBootstrapSigner(context: ControllerContext): Running {
  const { client, informers, host } = context;
  const tokens = tokensOf(context);
  const infos = informers.of(ConfigMaps, { namespace: clusterInfoNamespace, fieldSelector: `metadata.name=${clusterInfoName}` });

  async function reconcile(key: string): Promise<Outcome> {
    const nowMs = host.clock.now();
    const info = infos.lister.byKey(key);
    const data = decideSignatures(info, tokens.lister.list(), nowMs);
    if (data) await client.of(ConfigMaps).update({ ...info!, data });
    // A token that ends takes its signature along.
    const next = Math.min(...tokens.lister.list().map((secret) => remainingMs(secret, nowMs) ?? Infinity).filter((left) => left > 0));
    return next === Infinity ? { done: true } : { afterMs: next };
  }

  const queue = startController(host, { name: 'bootstrap-signer-controller', informers, reconcile });
  const again = (): void => queue.add(`${clusterInfoNamespace}/${clusterInfoName}`);
  infos.onEvent(again);
  tokens.onEvent(again);
  return queue;
}

export function startTokenCleaner(context: ControllerContext): Running {
  const { client, informers, host } = context;
  const tokens = tokensOf(context);

  async function reconcile(key: string): Promise<Outcome> {
    const secret = tokens.lister.byKey(key);
    const left = secret && remainingMs(secret, host.clock.now());
    if (!secret || left === undefined) return { done: true };
    if (left > 0) return { afterMs: left };
    try {
      await client.of(Secrets).inNamespace(secret.metadata.namespace!).delete(secret.metadata.name!, { preconditions: { uid: secret.metadata.uid } });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
    return { done: true };
  }

  const queue = startController(host, { name: 'token-cleaner-controller', informers, reconcile });
  tokens.onEvent(({ type, object }) => {
    if (type !== 'deleted') queue.add(keyOf(object));
  });
  return queue;
}
