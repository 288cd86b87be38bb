/** Pod templates: a name for each distinct one, comparing two, and pods made from one. */
import type { Pod, PodTemplateSpec } from '../../api/core/v1/types.ts';
import type { KubeObject, OwnerReference } from '../../api/meta/v1/types.ts';
import { canonicalJson, sameValue } from './equality.ts';

export const POD_TEMPLATE_HASH_LABEL = 'pod-template-hash';
/** Letters and digits that form no words. */
const SAFE_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** A short name that is safe in labels and object names: the FNV-1a hash of the text in an alphabet without vowels. */
export function safeHash(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return [...String(hash)].map((digit) => SAFE_ALPHABET[digit.charCodeAt(0) % SAFE_ALPHABET.length]).join('');
}

/** Equal for equal templates. The collision count gives another hash when two different templates happen to share one. */
export function templateHash(template: PodTemplateSpec | undefined, collisionCount: number | undefined): string {
  return safeHash(canonicalJson(template ?? {}) + (collisionCount ? `#${collisionCount}` : ''));
}

function withoutHash(template: PodTemplateSpec | undefined): PodTemplateSpec {
  const labels = { ...template?.metadata?.labels };
  delete labels[POD_TEMPLATE_HASH_LABEL];
  return { ...template, metadata: { ...template?.metadata, labels } };
}

/** Whether two templates ask for the same pods; the hash label does not count. */
export function sameTemplate(a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean {
  return sameValue(withoutHash(a), withoutHash(b));
}

/** A pod as the template describes it, to be named by the server after its owner. */
export function podFromTemplate(template: PodTemplateSpec | undefined, owner: KubeObject, reference: OwnerReference): Pod {
  const about = template?.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: owner.metadata.namespace!,
      generateName: `${owner.metadata.name!}-`,
      ...(about?.labels ? { labels: { ...about.labels } } : {}),
      ...(about?.annotations ? { annotations: { ...about.annotations } } : {}),
      ...(about?.finalizers ? { finalizers: [...about.finalizers] } : {}),
      ownerReferences: [reference],
    },
    spec: structuredClone(template?.spec ?? { containers: [] }),
  };
}
