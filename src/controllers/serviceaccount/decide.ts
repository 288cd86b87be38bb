import type { Namespace, Secret, ServiceAccount } from '../../api/core/v1/types.ts';
import { isTerminating } from '../../api/meta/objects.ts';

export const defaultServiceAccount = 'default';
export const tokenSecretType = 'kubernetes.io/service-account-token';
export const nameAnnotation = 'kubernetes.io/service-account.name';
export const uidAnnotation = 'kubernetes.io/service-account.uid';

/** Whether the namespace lacks its default service account. */
export function decideDefaultAccount(snapshot: { namespace: Namespace | undefined; account: ServiceAccount | undefined }): 'create' | undefined {
  const { namespace, account } = snapshot;
  if (!namespace || account || namespace.status?.phase === 'Terminating' || isTerminating(namespace)) return undefined;
  return 'create';
}

export type TokenAction =
  /** The account that it speaks for is gone. */
  | { delete: true }
  /** Data to fill in; `sign` says that a token is missing. */
  | { fill: Record<string, string>; uid: string; sign: boolean }
  | undefined;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** What a secret of type `kubernetes.io/service-account-token` lacks. */
export function decideToken(snapshot: { secret: Secret | undefined; account: ServiceAccount | undefined; rootCa: string }): TokenAction {
  const { secret, account, rootCa } = snapshot;
  if (!secret || secret.type !== tokenSecretType || isTerminating(secret)) return undefined;
  const annotations = secret.metadata.annotations ?? {};
  if (!annotations[nameAnnotation]) return undefined;
  if (!account || (annotations[uidAnnotation] && annotations[uidAnnotation] !== account.metadata.uid)) return { delete: true };
  const wanted = { 'ca.crt': base64(rootCa), namespace: base64(secret.metadata.namespace ?? '') };
  const fill = Object.fromEntries(Object.entries(wanted).filter(([name, value]) => (name === 'ca.crt' ? secret.data?.[name] !== value : !secret.data?.[name])));
  const sign = !secret.data?.token;
  if (!sign && Object.keys(fill).length === 0 && annotations[uidAnnotation] === account.metadata.uid) return undefined;
  return { fill, uid: account.metadata.uid!, sign };
}
