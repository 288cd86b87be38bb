/** Files that come of ConfigMaps, Secrets, pod fields and tokens: what the volume kinds configMap, secret, downwardAPI and projected are filled with. */
import { isNotFound } from '../../api/meta/status.ts';
import type { ConfigMap, DownwardAPIVolumeFile, KeyToPath, Secret, ServiceAccountTokenProjection, VolumeProjection } from '../../api/core/v1/types.ts';
import { ConfigMaps, Secrets } from '../../api/resources.ts';
import { fieldValue, resourceFieldValue } from '../fields.ts';
import { checkPath, type Payload } from './atomic-writer.ts';
import { UnsupportedVolumeError, type VolumeInputs } from './types.ts';

interface Selection {
  name?: string;
  items?: readonly KeyToPath[];
  optional?: boolean;
}

function select(kind: string, name: string, content: ReadonlyMap<string, Uint8Array>, { items, optional }: Selection, mode: number): Payload {
  const payload: Payload = new Map();
  if (!items || items.length === 0) {
    for (const [key, bytes] of content) payload.set(key, { content: bytes, mode });
    return payload;
  }
  for (const item of items) {
    checkPath(item.path);
    const bytes = content.get(item.key);
    if (bytes !== undefined) payload.set(item.path, { content: bytes, mode: item.mode ?? mode });
    else if (!optional) throw new Error(kind === 'secret' ? `references non-existent secret key: ${item.key}` : `${kind} references non-existent config key: ${item.key} (in "${name}")`);
  }
  return payload;
}

async function unlessOptional<T>(get: Promise<T>, optional: boolean | undefined): Promise<T | undefined> {
  try {
    return await get;
  } catch (error) {
    if (optional && isNotFound(error)) return undefined;
    throw error;
  }
}

export async function configMapPayload(inputs: VolumeInputs, source: Selection, mode: number): Promise<Payload> {
  const { objects, pod, maxAgeMs } = inputs;
  const name = source.name ?? '';
  const found: ConfigMap | undefined = await unlessOptional(objects.get(ConfigMaps, pod.metadata.namespace, name, maxAgeMs), source.optional);
  const content = new Map<string, Uint8Array>();
  for (const [key, text] of Object.entries(found?.data ?? {})) content.set(key, Buffer.from(text));
  for (const [key, base64] of Object.entries(found?.binaryData ?? {})) content.set(key, Buffer.from(base64, 'base64'));
  return found ? select('configmap', name, content, source, mode) : new Map();
}

export async function secretPayload(inputs: VolumeInputs, source: Selection, mode: number): Promise<Payload> {
  const { objects, pod, maxAgeMs } = inputs;
  const name = source.name ?? '';
  const found: Secret | undefined = await unlessOptional(objects.get(Secrets, pod.metadata.namespace, name, maxAgeMs), source.optional);
  const content = new Map<string, Uint8Array>();
  for (const [key, base64] of Object.entries(found?.data ?? {})) content.set(key, Buffer.from(base64, 'base64'));
  return found ? select('secret', name, content, source, mode) : new Map();
}

export function downwardPayload(inputs: VolumeInputs, items: readonly DownwardAPIVolumeFile[], mode: number): Payload {
  const payload: Payload = new Map();
  const { pod } = inputs;
  for (const item of items) {
    checkPath(item.path);
    let text: string | undefined;
    if (item.fieldRef) {
      text = fieldValue(item.fieldRef.fieldPath, inputs.facts);
      if (text === undefined) throw new Error(`field "${item.fieldRef.fieldPath}" is not supported in a downwardAPI volume`);
    } else if (item.resourceFieldRef) {
      const { containerName, resource } = item.resourceFieldRef;
      const container = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].find((c) => c.name === containerName);
      if (!container) throw new Error(`downwardAPI file "${item.path}": container "${containerName ?? ''}" not found`);
      text = resourceFieldValue(item.resourceFieldRef, container, inputs.facts);
      if (text === undefined) throw new Error(`resource "${resource}" is not supported in a downwardAPI volume`);
    }
    payload.set(item.path, { content: Buffer.from(text ?? ''), mode: item.mode ?? mode });
  }
  return payload;
}

/** The one user that all containers run as, if there is one: the only reader a token then needs. */
export function commonUser(inputs: VolumeInputs): number | undefined {
  const { spec } = inputs.pod;
  const users = new Set([...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map((c) => c.securityContext?.runAsUser ?? spec?.securityContext?.runAsUser));
  return users.size === 1 ? [...users][0] : undefined;
}

async function tokenPayload(inputs: VolumeInputs, source: ServiceAccountTokenProjection, mode: number): Promise<Payload> {
  const uid = commonUser(inputs);
  const isPrivate = uid !== undefined || inputs.pod.spec?.securityContext?.fsGroup !== undefined;
  const token = await inputs.tokens.get(inputs.pod, { audience: source.audience, expirationSeconds: source.expirationSeconds });
  checkPath(source.path);
  return new Map([[source.path, { content: Buffer.from(token), mode: isPrivate ? 0o600 : mode, ...(uid === undefined ? {} : { uid }) }]]);
}

async function one(inputs: VolumeInputs, source: VolumeProjection, mode: number): Promise<Payload> {
  if (source.configMap) return configMapPayload(inputs, source.configMap, mode);
  if (source.secret) return secretPayload(inputs, source.secret, mode);
  if (source.downwardAPI) return downwardPayload(inputs, source.downwardAPI.items ?? [], mode);
  if (source.serviceAccountToken) return tokenPayload(inputs, source.serviceAccountToken, mode);
  if (source.clusterTrustBundle) throw new UnsupportedVolumeError('projected source clusterTrustBundle is not supported by this kubelet');
  if (source.podCertificate) throw new UnsupportedVolumeError('projected source podCertificate is not supported by this kubelet');
  throw new UnsupportedVolumeError(`projected source ${Object.keys(source).join(', ') || '(empty)'} is not supported by this kubelet`);
}

/** All sources together; of two files at one path the later wins. */
export async function projectedPayload(inputs: VolumeInputs, sources: readonly VolumeProjection[], mode: number): Promise<Payload> {
  const parts = await Promise.all(sources.map((source) => one(inputs, source, mode)));
  const payload: Payload = new Map();
  for (const part of parts) for (const [path, file] of part) payload.set(path, file);
  return payload;
}
