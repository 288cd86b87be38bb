import type { Secret, ServiceAccount } from '../../api/core/v1/types.ts';
import { Namespaces, Secrets, ServiceAccounts } from '../../api/resources.ts';
import { isGoing, nameOf, safety, type Properties, type World } from '../property.ts';
import { defaultServiceAccount, nameAnnotation, tokenSecretType, uidAnnotation } from './decide.ts';

const accountOf = (world: World, secret: Secret): ServiceAccount | undefined => {
  const { [nameAnnotation]: name = '', [uidAnnotation]: uid } = secret.metadata.annotations ?? {};
  const account = world.get(ServiceAccounts, secret.metadata.namespace, name);
  return uid === undefined || account?.metadata.uid === uid ? account : undefined;
};

/** Of serviceaccount-controller. */
export const accountProperties: Properties = {
  safety: [
    safety<ServiceAccount>({
      name: 'no account for what goes', promise: 'no default account is made in a namespace that is being deleted', of: ServiceAccounts,
      broken({ type, object }, world) {
        const namespace = world.get(Namespaces, undefined, object.metadata.namespace ?? '');
        return type === 'created' && object.metadata.name === defaultServiceAccount && namespace && isGoing(namespace) ? `${nameOf(object)} was made in ${nameOf(namespace)}, which is being deleted` : undefined;
      },
    }),
  ],
  liveness: [{
    name: 'namespaces have their account', promise: 'every namespace that stays has a service account "default"',
    *missing(world) {
      for (const namespace of world.list(Namespaces)) if (!isGoing(namespace) && !world.get(ServiceAccounts, namespace.metadata.name, defaultServiceAccount)) yield `${nameOf(namespace)} has no default service account`;
    },
  }],
};

/** Of serviceaccount-token-controller. */
export const tokenProperties: Properties = {
  safety: [
    safety<Secret>({
      name: 'tokens speak for who is there', promise: 'a token comes into a secret only while the account that it names is there, under the uid that it names', of: Secrets, alone: true,
      broken({ type, object, old }, world) {
        if (type === 'deleted' || object.type !== tokenSecretType || !object.data?.token || old?.data?.token) return undefined;
        return accountOf(world, object) ? undefined : `${nameOf(object)} was given a token of an account that is not there`;
      },
    }),
  ],
  liveness: [{
    name: 'token secrets are filled, or gone', promise: 'a token secret has its token, authority and namespace; one whose account is gone is gone', alone: true,
    *missing(world) {
      for (const secret of world.list(Secrets)) {
        if (secret.type !== tokenSecretType || isGoing(secret) || !secret.metadata.annotations?.[nameAnnotation]) continue;
        if (!accountOf(world, secret)) yield `${nameOf(secret)} has outlived its account`;
        else for (const name of ['token', 'ca.crt', 'namespace']) if (!secret.data?.[name]) yield `${nameOf(secret)} has no ${name}`;
      }
    },
  }],
};
