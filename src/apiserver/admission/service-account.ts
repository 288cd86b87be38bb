/** Gives pods a service account, and its token at the usual place. https://kubernetes.io/docs/concepts/security/service-accounts/ */
import type { Container, Pod, ServiceAccount, Volume } from '../../api/core/v1/types.ts';
import { Pods, ServiceAccounts } from '../../api/resources.ts';
import { find } from '../lookup.ts';
import { isFor, objectOf, refusal, type AdmissionContext, type CreatePlugin } from './context.ts';
import type { AdmissionRequest } from '../types.ts';

export const tokenMountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const volumePrefix = 'kube-api-access-';
const mirrorAnnotation = 'kubernetes.io/config.mirror';
const enforceAnnotation = 'kubernetes.io/enforce-mountable-secrets';
/** An hour and seven seconds: recognizable, so that the token request may give such tokens a longer life. */
const expirationSeconds = 3607;
const readOnlyForAll = 0o644;
/** The account of a new namespace appears a moment after it: this is how long a pod waits for it. */
const attempts = 12;
const attemptDelayMs = 100;
const letters = 'bcdfghjklmnpqrstvwxz2456789';
const suffixLength = 5;

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      defaultMode: readOnlyForAll,
      sources: [
        { serviceAccountToken: { expirationSeconds, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
    },
  };
}

function checkMirrorPod(request: AdmissionRequest, pod: Pod): void {
  if (pod.spec?.serviceAccountName) throw refusal(request, 'a mirror pod may not reference service accounts');
  const volumes = pod.spec?.volumes ?? [];
  if (volumes.some((volume) => volume.secret || volume.projected?.sources?.some((source) => source.secret))) throw refusal(request, 'a mirror pod may not reference secrets');
  if (volumes.some((volume) => volume.projected?.sources?.some((source) => source.serviceAccountToken))) throw refusal(request, 'a mirror pod may not use ServiceAccountToken volume projections');
  if (containersOf(pod).some(usesSecretEnvironment)) throw refusal(request, 'a mirror pod may not reference secrets');
}

const containersOf = (pod: Pod): Container[] => [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
const usesSecretEnvironment = (container: Container): boolean =>
  (container.env ?? []).some((env) => env.valueFrom?.secretKeyRef) || (container.envFrom ?? []).some((source) => source.secretRef);

/** Accounts may limit their pods to the secrets that they list. */
function checkMountableSecrets(request: AdmissionRequest, pod: Pod, account: ServiceAccount): void {
  if (account.metadata.annotations?.[enforceAnnotation] !== 'true') return;
  const mountable = new Set((account.secrets ?? []).map((secret) => secret.name));
  const pullable = new Set((account.imagePullSecrets ?? []).map((secret) => secret.name));
  const name = account.metadata.name ?? '';
  for (const volume of pod.spec?.volumes ?? []) {
    const secret = volume.secret?.secretName;
    if (secret && !mountable.has(secret)) throw refusal(request, `volume with secret.secretName=${JSON.stringify(secret)} is not allowed because service account ${name} does not reference that secret`);
  }
  for (const container of containersOf(pod)) {
    for (const secret of [...(container.env ?? []).map((env) => env.valueFrom?.secretKeyRef?.name), ...(container.envFrom ?? []).map((source) => source.secretRef?.name)]) {
      if (secret && !mountable.has(secret)) throw refusal(request, `container ${container.name} referencing secret.secretName=${JSON.stringify(secret)} is not allowed because service account ${name} does not reference that secret`);
    }
  }
  for (const { name: secret } of pod.spec?.imagePullSecrets ?? []) {
    if (secret && !pullable.has(secret)) throw refusal(request, `imagePullSecrets[].name=${JSON.stringify(secret)} is not allowed because service account ${name} does not reference that imagePullSecret`);
  }
}

/** Mounts the token where nothing is mounted yet. */
function mountToken(pod: Pod, suffix: () => string): void {
  const spec = pod.spec!;
  const existing = spec.volumes?.find((volume) => volume.name.startsWith(volumePrefix))?.name;
  const name = existing ?? `${volumePrefix}${suffix()}`;
  let needed = false;
  for (const container of containersOf(pod)) {
    if (container.volumeMounts?.some((mount) => mount.mountPath === tokenMountPath)) continue;
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: tokenMountPath }];
    needed = true;
  }
  if (needed && existing === undefined) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
}

async function accountOf(context: AdmissionContext, request: AdmissionRequest, name: string): Promise<ServiceAccount> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const account = await find(context, ServiceAccounts, request.namespace, name);
    if (account) return account;
    // Only the default account is sure to come: it is made with the namespace.
    if (name !== 'default' && attempt > 1) break;
    if (attempt < attempts) await context.host.clock.sleep(attemptDelayMs);
  }
  throw refusal(request, `error looking up service account ${request.namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`);
}

export const serviceAccount: CreatePlugin = (context) => {
  const { host, lookup } = context;
  const random = host.random.fork('service-account-admission');
  const suffix = (): string => {
    let text = '';
    while (text.length < suffixLength) text += letters[random.int(letters.length)];
    return text;
  };
  /** Goes on with the account, at once where it is at hand. */
  const withAccount = (request: AdmissionRequest, name: string, act: (account: ServiceAccount) => void): void | Promise<void> => {
    const account = lookup.get(ServiceAccounts, request.namespace, name);
    return account === undefined ? accountOf(context, request, name).then(act) : act(account);
  };
  return {
    name: 'ServiceAccount',
    handles: (request) => request.operation === 'CREATE' && isFor(request, Pods),
    mutate(request) {
      const pod = objectOf<Pod>(request);
      const { spec } = pod;
      if (!spec || pod.metadata.annotations?.[mirrorAnnotation] !== undefined) return;
      if (!spec.serviceAccountName) {
        spec.serviceAccountName = 'default';
        // The old name of the field goes along with the new one.
        spec.serviceAccount = 'default';
      }
      return withAccount(request, spec.serviceAccountName, (account) => {
        if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(pod, suffix);
        if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length) spec.imagePullSecrets = structuredClone(account.imagePullSecrets);
      });
    },
    validate(request) {
      const pod = objectOf<Pod>(request);
      if (pod.metadata.annotations?.[mirrorAnnotation] !== undefined) return checkMirrorPod(request, pod);
      return withAccount(request, pod.spec?.serviceAccountName ?? '', (account) => checkMountableSecrets(request, pod, account));
    },
  };
};
