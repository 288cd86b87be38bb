/** Config maps, secrets and namespaces. */
import { own } from '../../../../base/own.ts';
import type { FieldError } from '../../../meta/field.ts';
import { FieldPath, forbiddenField, invalidValue, required, tooLong } from '../../../meta/field.ts';
import { byteLength, configMapKey, qualifiedName } from '../../../meta/names.ts';
import { faultsAt, immutable, sameValue } from '../../../meta/validation.ts';
import type { ConfigMap, Namespace, Secret } from '../types.ts';

/** All values of one object together. */
export const DATA_MAX_BYTES = 1048576;
const FROZEN = 'field is immutable when `immutable` is set';

/** Length of what base64 text stands for. */
function decodedLength(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (text.length * 3) / 4 - padding;
}

export function validateConfigMap(map: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(map.data ?? {})) {
    const path = new FieldPath('data').key(key);
    errors.push(...faultsAt(path, key, configMapKey(key)));
    if (own(map.binaryData, key) !== undefined) errors.push(invalidValue(path, key, 'duplicate of key present in binaryData'));
    bytes += byteLength(value);
  }
  for (const [key, value] of Object.entries(map.binaryData ?? {})) {
    errors.push(...faultsAt(new FieldPath('binaryData').key(key), key, configMapKey(key)));
    bytes += decodedLength(value);
  }
  if (bytes > DATA_MAX_BYTES) errors.push(tooLong(new FieldPath(''), DATA_MAX_BYTES));
  return errors;
}

export function validateConfigMapUpdate(map: ConfigMap, old: ConfigMap): FieldError[] {
  if (!old.immutable) return [];
  const errors = map.immutable ? [] : [forbiddenField(new FieldPath('immutable'), FROZEN)];
  if (!sameData(map.data, old.data)) errors.push(forbiddenField(new FieldPath('data'), FROZEN));
  if (!sameData(map.binaryData, old.binaryData)) errors.push(forbiddenField(new FieldPath('binaryData'), FROZEN));
  return errors;
}

function sameData(a: Record<string, string> | undefined, b: Record<string, string> | undefined): boolean {
  return sameValue(a ?? {}, b ?? {});
}

const REQUIRED_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
};

/** What is wrong with a text that should be JSON; undefined when nothing is. */
function jsonFault(base64: string): string | undefined {
  try {
    JSON.parse(atob(base64));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export function validateSecret(secret: Secret): FieldError[] {
  const data = secret.data ?? {};
  const path = new FieldPath('data');
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    errors.push(...faultsAt(path.key(key), key, configMapKey(key)));
    bytes += decodedLength(value);
  }
  if (bytes > DATA_MAX_BYTES) errors.push(tooLong(path, DATA_MAX_BYTES));
  const type = secret.type ?? '';
  for (const key of own(REQUIRED_KEYS, type) ?? []) if (data[key] === undefined) errors.push(required(path.key(key)));
  if (type === 'kubernetes.io/basic-auth' && data['username'] === undefined && data['password'] === undefined) errors.push(required(path.key('username')), required(path.key('password')));
  const account = 'kubernetes.io/service-account.name';
  if (type === 'kubernetes.io/service-account-token' && !secret.metadata.annotations?.[account]) errors.push(required(new FieldPath('metadata.annotations').key(account)));
  if (type.startsWith('kubernetes.io/docker')) {
    for (const key of own(REQUIRED_KEYS, type) ?? []) {
      const fault = data[key] === undefined ? undefined : jsonFault(data[key]);
      if (fault !== undefined) errors.push(invalidValue(path.key(key), '<secret contents redacted>', fault));
    }
  }
  return errors;
}

export function validateSecretUpdate(secret: Secret, old: Secret): FieldError[] {
  const errors = immutable(new FieldPath('type'), secret.type, old.type);
  if (!old.immutable) return errors;
  if (!secret.immutable) errors.push(forbiddenField(new FieldPath('immutable'), FROZEN));
  if (!sameData(secret.data, old.data)) errors.push(forbiddenField(new FieldPath('data'), FROZEN));
  return errors;
}

export function validateNamespace(namespace: Namespace): FieldError[] {
  return (namespace.spec?.finalizers ?? []).flatMap((finalizer, i) => {
    const path = new FieldPath('spec.finalizers');
    const errors = faultsAt(path, finalizer, qualifiedName(finalizer));
    if (errors.length === 0 && !finalizer.includes('/') && finalizer !== 'kubernetes') errors.push(invalidValue(path.index(i), finalizer, 'name is neither a standard finalizer name nor is it fully qualified'));
    return errors;
  });
}

export function validateNamespaceStatus(namespace: Namespace): FieldError[] {
  const phase = namespace.status?.phase ?? '';
  const path = new FieldPath('status.Phase');
  if (namespace.metadata.deletionTimestamp === undefined) return phase === 'Active' ? [] : [invalidValue(path, phase, "may only be 'Active' if `deletionTimestamp` is empty")];
  return phase === 'Terminating' ? [] : [invalidValue(path, phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")];
}
