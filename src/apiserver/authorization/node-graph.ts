/**
 * Which objects a node needs, counted from its pods: the secrets, config maps, claims, volumes and accounts that they use.
 * Counts, because several pods of a node may use the same object.
 */
import type { PersistentVolume, Pod } from '../../api/core/v1/types.ts';
import { keyOf } from '../../api/meta/objects.ts';

export type GraphKind = 'secret' | 'configmap' | 'pvc' | 'serviceaccount' | 'resourceclaim';

type Reference = readonly [kind: GraphKind, name: string];

interface EnvironmentUser {
  env?: { valueFrom?: { secretKeyRef?: { name?: string }; configMapKeyRef?: { name?: string } } }[];
  envFrom?: { secretRef?: { name?: string }; configMapRef?: { name?: string } }[];
}

function* environmentReferences(container: EnvironmentUser): Generator<Reference> {
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.secretKeyRef?.name) yield ['secret', valueFrom.secretKeyRef.name];
    if (valueFrom?.configMapKeyRef?.name) yield ['configmap', valueFrom.configMapKeyRef.name];
  }
  for (const { secretRef, configMapRef } of container.envFrom ?? []) {
    if (secretRef?.name) yield ['secret', secretRef.name];
    if (configMapRef?.name) yield ['configmap', configMapRef.name];
  }
}

type Volume = NonNullable<NonNullable<Pod['spec']>['volumes']>[number];

function* volumeReferences(volume: Volume, podName: string): Generator<Reference> {
  if (volume.secret?.secretName) yield ['secret', volume.secret.secretName];
  if (volume.configMap?.name) yield ['configmap', volume.configMap.name];
  for (const source of volume.projected?.sources ?? []) {
    if (source.secret?.name) yield ['secret', source.secret.name];
    if (source.configMap?.name) yield ['configmap', source.configMap.name];
  }
  if (volume.persistentVolumeClaim?.claimName) yield ['pvc', volume.persistentVolumeClaim.claimName];
  if (volume.ephemeral) yield ['pvc', `${podName}-${volume.name}`];
  const drivers = [volume.azureFile?.secretName, volume.cephfs?.secretRef?.name, volume.cinder?.secretRef?.name, volume.flexVolume?.secretRef?.name, volume.iscsi?.secretRef?.name, volume.rbd?.secretRef?.name, volume.scaleIO?.secretRef?.name, volume.storageos?.secretRef?.name, volume.csi?.nodePublishSecretRef?.name];
  for (const name of drivers) if (name) yield ['secret', name];
}

/** Everything a pod refers to by name in its own namespace. */
export function* referencesOf(pod: Pod): Generator<Reference> {
  const spec = pod.spec;
  if (!spec) return;
  if (spec.serviceAccountName) yield ['serviceaccount', spec.serviceAccountName];
  for (const { name } of spec.imagePullSecrets ?? []) if (name) yield ['secret', name];
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])]) yield* environmentReferences(container);
  for (const volume of spec.volumes ?? []) yield* volumeReferences(volume, pod.metadata.name ?? '');
  for (const { name, resourceClaimName } of spec.resourceClaims ?? []) {
    const claim = resourceClaimName ?? pod.status?.resourceClaimStatuses?.find((status) => status.name === name)?.resourceClaimName;
    if (claim) yield ['resourceclaim', claim];
  }
}

/** Secrets that a volume's driver needs, as `namespace/name`. */
function* volumeSecrets(volume: PersistentVolume): Generator<string> {
  const { csi, cephfs, rbd, iscsi, flexVolume, scaleIO, azureFile, storageos } = volume.spec ?? {};
  const claimNamespace = volume.spec?.claimRef?.namespace ?? '';
  for (const reference of [csi?.nodePublishSecretRef, csi?.nodeStageSecretRef, csi?.nodeExpandSecretRef, cephfs?.secretRef, rbd?.secretRef, iscsi?.secretRef, flexVolume?.secretRef, scaleIO?.secretRef, storageos?.secretRef]) {
    if (reference?.name) yield `${reference.namespace || claimNamespace}/${reference.name}`;
  }
  if (azureFile?.secretName) yield `${azureFile.secretNamespace || claimNamespace}/${azureFile.secretName}`;
}

/** The graph, fed with every change. Pods without a node, and mirror pods, give a node nothing. */
export class NodeGraph {
  /** `kind:namespace/name` → node → how many of its pods use it. */
  readonly #uses = new Map<string, Map<string, number>>();
  readonly #podEdges = new Map<string, { node: string; keys: string[] }>();
  /** Volume name → the claim that it is bound to, as `namespace/name`. */
  readonly #claimOfVolume = new Map<string, string>();
  /** Secret → names of volumes that need it. */
  readonly #volumesOfSecret = new Map<string, Set<string>>();
  readonly #secretsOfVolume = new Map<string, string[]>();

  putPod(pod: Pod): void {
    this.removePod(pod);
    const node = pod.spec?.nodeName ?? '';
    if (node === '' || pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return;
    const keys = [...new Set([...referencesOf(pod)].map(([kind, name]) => `${kind}:${pod.metadata.namespace ?? ''}/${name}`))];
    this.#podEdges.set(keyOf(pod), { node, keys });
    for (const key of keys) {
      let nodes = this.#uses.get(key);
      if (!nodes) this.#uses.set(key, (nodes = new Map()));
      nodes.set(node, (nodes.get(node) ?? 0) + 1);
    }
  }

  removePod(pod: Pod): void {
    this.#removeEdges(keyOf(pod));
  }

  #removeEdges(pod: string): void {
    const edges = this.#podEdges.get(pod);
    if (!edges) return;
    this.#podEdges.delete(pod);
    for (const key of edges.keys) {
      const nodes = this.#uses.get(key);
      const left = (nodes?.get(edges.node) ?? 1) - 1;
      if (left > 0) nodes?.set(edges.node, left);
      else nodes?.delete(edges.node);
      if (nodes?.size === 0) this.#uses.delete(key);
    }
  }

  /** Forgets what is not among the pods, and takes in the rest. */
  replacePods(pods: readonly Pod[]): void {
    const present = new Set(pods.map(keyOf));
    for (const key of this.#podEdges.keys()) if (!present.has(key)) this.#removeEdges(key);
    for (const pod of pods) this.putPod(pod);
  }

  replaceVolumes(volumes: readonly PersistentVolume[]): void {
    const present = new Set(volumes.map((volume) => volume.metadata.name ?? ''));
    for (const name of this.#secretsOfVolume.keys()) if (!present.has(name)) this.removeVolume({ metadata: { name } });
    for (const volume of volumes) this.putVolume(volume);
  }

  putVolume(volume: PersistentVolume): void {
    this.removeVolume(volume);
    const name = volume.metadata.name ?? '';
    const claim = volume.spec?.claimRef;
    if (claim) this.#claimOfVolume.set(name, `${claim.namespace ?? ''}/${claim.name ?? ''}`);
    const secrets = [...volumeSecrets(volume)];
    this.#secretsOfVolume.set(name, secrets);
    for (const secret of secrets) {
      let volumes = this.#volumesOfSecret.get(secret);
      if (!volumes) this.#volumesOfSecret.set(secret, (volumes = new Set()));
      volumes.add(name);
    }
  }

  removeVolume(volume: PersistentVolume): void {
    const name = volume.metadata.name ?? '';
    this.#claimOfVolume.delete(name);
    for (const secret of this.#secretsOfVolume.get(name) ?? []) {
      const volumes = this.#volumesOfSecret.get(secret);
      volumes?.delete(name);
      if (volumes?.size === 0) this.#volumesOfSecret.delete(secret);
    }
    this.#secretsOfVolume.delete(name);
  }

  /** Whether a pod of the node uses the object, by itself or through a volume. */
  uses(node: string, kind: GraphKind, namespace: string, name: string): boolean {
    if (this.#uses.get(`${kind}:${namespace}/${name}`)?.has(node)) return true;
    if (kind !== 'secret') return false;
    return [...(this.#volumesOfSecret.get(`${namespace}/${name}`) ?? [])].some((volume) => this.usesVolume(node, volume));
  }

  usesVolume(node: string, volume: string): boolean {
    const claim = this.#claimOfVolume.get(volume);
    return claim !== undefined && (this.#uses.get(`pvc:${claim}`)?.has(node) ?? false);
  }
}

