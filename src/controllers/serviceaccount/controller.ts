/**
 * serviceaccount-controller: each active namespace has a service account `default`.
 * serviceaccount-token-controller: secrets of type `kubernetes.io/service-account-token` hold a token of the account they name, and go with it.
 * Contract: no namespace that stays is without its account for longer than it takes to make one; a secret is filled once and not touched again but for
 * the authority; before one is thrown away the server itself, not a copy, says that its account is gone.
 */
import type { Secret, ServiceAccount } from '../../api/core/v1/types.ts';
import { keyOf, splitKey } from '../../api/meta/objects.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../../api/meta/status.ts';
import { Namespaces, Secrets, ServiceAccounts } from '../../api/resources.ts';
import { runningAll, startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import { workersOf, type ControllerContext } from '../context.ts';
import { isNamespaceTerminating } from '../shared/index.ts';
import { decideDefaultAccount, decideToken, defaultServiceAccount, nameAnnotation, tokenSecretType, uidAnnotation } from './decide.ts';

export function startServiceAccount(context: ControllerContext): Running {
  const { client, informers, host } = context;
  const namespaces = informers.of(Namespaces);
  const accounts = informers.of(ServiceAccounts);

  async function reconcile(key: string): Promise<Outcome> {
    if (!decideDefaultAccount({ namespace: namespaces.lister.byKey(key), account: accounts.lister.get(key, defaultServiceAccount) })) return { done: true };
    try {
      await client.of(ServiceAccounts).create({ metadata: { name: defaultServiceAccount, namespace: key } });
    } catch (error) {
      if (!isAlreadyExists(error) && !isNamespaceTerminating(error) && !isNotFound(error)) throw error;
    }
    return { done: true };
  }

  const queue = startController(host, { name: 'serviceaccount-controller', informers, reconcile });
  namespaces.onEvent(({ type, object }) => {
    if (type !== 'deleted') queue.add(object.metadata.name!);
  });
  accounts.onEvent(({ type, object }) => {
    if (type === 'deleted') queue.add(object.metadata.namespace!);
  });
  return queue;
}

export function startServiceAccountToken(context: ControllerContext): Running {
  const { client, informers, host, settings } = context;
  const accounts = informers.of(ServiceAccounts);
  const secrets = informers.of(Secrets, { fieldSelector: `type=${tokenSecretType}` });
  const accountKey = (secret: Secret): string => `${secret.metadata.namespace}/${secret.metadata.annotations?.[nameAnnotation] ?? ''}`;
  const indexName = 'serviceaccount-token/account';
  secrets.addIndex(indexName, (secret) => [`${secret.metadata.namespace}/${secret.metadata.annotations?.['kubernetes.io/service-account.name'] ?? ''}`]);

  /** The local copy may not know the account yet: the server has the last word before a secret is thrown away. */
  async function accountOf(secret: Secret): Promise<ServiceAccount | undefined> {
    const known = accounts.lister.byKey(accountKey(secret));
    const uid = secret.metadata.annotations?.[uidAnnotation];
    if (known && (!uid || uid === known.metadata.uid)) return known;
    try {
      return await client.of(ServiceAccounts).inNamespace(secret.metadata.namespace!).get(splitKey(accountKey(secret)).name);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async function reconcile(key: string): Promise<Outcome> {
    const secret = secrets.lister.byKey(key);
    if (!secret || !secret.metadata.annotations?.[nameAnnotation]) return { done: true };
    const account = await accountOf(secret);
    const action = decideToken({ secret, account, rootCa: settings.rootCa });
    if (!action) return { done: true };
    const { name, namespace, uid, resourceVersion } = secret.metadata;
    if ('delete' in action) {
      try {
        await client.of(Secrets).inNamespace(namespace!).delete(name!, { preconditions: { uid, resourceVersion } });
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
      return { done: true };
    }
    if (action.sign && !settings.signSecretToken) {
      return { terminal: new Error(`secret ${key} gets no token: this control plane has no signer for ${tokenSecretType} secrets (use the TokenRequest API)`) };
    }
    const token = action.sign ? await settings.signSecretToken!({ namespace: namespace!, serviceAccount: account!.metadata.name!, serviceAccountUid: action.uid, secret: name! }) : undefined;
    await client.of(Secrets).update({
      ...secret,
      metadata: { ...secret.metadata, annotations: { ...secret.metadata.annotations, [uidAnnotation]: action.uid } },
      data: { ...secret.data, ...action.fill, ...(token === undefined ? {} : { token: Buffer.from(token).toString('base64') }) },
    });
    return { done: true };
  }

  const queue = startController(host, { name: 'serviceaccount-token-controller', informers, workers: workersOf(context, 'concurrent-serviceaccount-token-syncs', 5), reconcile });
  secrets.onEvent(({ type, object }) => {
    if (type !== 'deleted') queue.add(keyOf(object));
  });
  accounts.onEvent(({ object }) => {
    for (const secret of secrets.lister.byIndex(indexName, keyOf(object))) queue.add(keyOf(secret));
  });
  return runningAll([queue]);
}
