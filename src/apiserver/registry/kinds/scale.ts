/** The scale subresource: one shape for everything that has replicas (autoscaling/v1 Scale). */
import { invalid } from '../../../api/meta/status.ts';
import { groupResourceOf, type Resource } from '../../../api/meta/resource.ts';
import type { Scale } from '../../../api/autoscaling/v1/types.ts';
import type { KubeObject, LabelSelector } from '../../../api/meta/v1/types.ts';

interface Scalable extends KubeObject {
  spec?: { replicas?: number; selector?: LabelSelector | Record<string, string> };
  status?: { replicas?: number };
}

export function hasScale(resource: Resource): boolean {
  return resource.subresources.some((sub) => sub.name === 'scale');
}

const operators: Readonly<Record<string, (key: string, values: readonly string[]) => string>> = {
  In: (key, values) => `${key} in (${values.toSorted().join(',')})`,
  NotIn: (key, values) => `${key} notin (${values.toSorted().join(',')})`,
  Exists: (key) => key,
  DoesNotExist: (key) => `!${key}`,
};

/** The selector in the text form of queries, requirements sorted by key. */
function selectorText(resource: Resource, selector: LabelSelector | Record<string, string> | undefined): string {
  if (!selector) return '';
  const structured = resource.plural === 'replicationcontrollers' ? { matchLabels: selector as Record<string, string> } : (selector as LabelSelector);
  const terms = [
    ...Object.entries(structured.matchLabels ?? {}).map(([key, value]) => [key, `${key}=${value}`] as const),
    ...(structured.matchExpressions ?? []).map((e) => [e.key, operators[e.operator]?.(e.key, e.values ?? []) ?? ''] as const),
  ];
  return terms.toSorted((a, b) => (a[0] < b[0] ? -1 : 1)).map(([, text]) => text).join(',');
}

export function scaleOf(resource: Resource, object: KubeObject): Scale {
  const { metadata, spec, status } = object as Scalable;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const selector = selectorText(resource, spec?.selector);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: spec?.replicas ?? 0 },
    status: { replicas: status?.replicas ?? 0, ...(selector === '' ? {} : { selector }) },
  } as Scale;
}

/** The object with the wanted number of replicas. Throws StatusError 422 for a number that cannot be. */
export function withScale<T extends KubeObject>(resource: Resource, object: T, scale: Scale): T {
  const replicas = scale.spec?.replicas ?? 0;
  if (!Number.isInteger(replicas) || replicas < 0) {
    throw invalid({ group: 'autoscaling', kind: 'Scale' }, object.metadata.name ?? groupResourceOf(resource), [
      { type: 'FieldValueInvalid', field: 'spec.replicas', detail: `Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0` },
    ]);
  }
  return { ...object, spec: { ...(object as Scalable).spec, replicas } };
}
