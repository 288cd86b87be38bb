/** What a pod may say and had better not: texts for `Warning` headers. */
import { FieldPath } from '../../meta/field.ts';
import { compareQuantity, roundUpQuantity } from '../../meta/quantity.ts';
import type { ObjectMeta } from '../../meta/v1/types.ts';
import { sameValue } from '../../meta/validation.ts';
import type { Container, NodeSelectorTerm, PodSpec, PodTemplateSpec } from './types.ts';

interface Successor {
  since: string;
  use: string;
}

/** Labels of nodes that have other names by now. */
const nodeLabels: ReadonlyMap<string, Successor> = new Map([
  ['beta.kubernetes.io/arch', { since: 'v1.14', use: 'kubernetes.io/arch' }],
  ['beta.kubernetes.io/os', { since: 'v1.14', use: 'kubernetes.io/os' }],
  ['failure-domain.beta.kubernetes.io/region', { since: 'v1.17', use: 'topology.kubernetes.io/region' }],
  ['failure-domain.beta.kubernetes.io/zone', { since: 'v1.17', use: 'topology.kubernetes.io/zone' }],
  ['beta.kubernetes.io/instance-type', { since: 'v1.17', use: 'node.kubernetes.io/instance-type' }],
]);

const annotations: ReadonlyMap<string, string> = new Map([
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['seccomp.security.alpha.kubernetes.io/pod', 'non-functional in v1.27+; use the "seccompProfile" field instead'],
]);
const containerSeccomp = 'container.seccomp.security.alpha.kubernetes.io/';

function annotationWarnings(metadata: ObjectMeta | undefined, at: FieldPath): string[] {
  return Object.keys(metadata?.annotations ?? {}).toSorted().flatMap((name) => {
    const text = annotations.get(name) ?? (name.startsWith(containerSeccomp) ? 'non-functional in v1.27+; use the "seccompProfile" field instead' : undefined);
    return text === undefined ? [] : [`${at.child('annotations').key(name)}: ${text}`];
  });
}

function containerWarnings(container: Container, at: FieldPath): string[] {
  const warnings: string[] = [];
  const seen = new Set<string>();
  for (const [i, { name }] of (container.env ?? []).entries()) {
    if (seen.has(name)) warnings.push(`${at.child('env').index(i)}: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`);
    seen.add(name);
  }
  for (const list of ['limits', 'requests'] as const) {
    for (const resource of ['memory', 'ephemeral-storage']) {
      const amount = container.resources?.[list]?.[resource];
      if (amount !== undefined && isFraction(amount)) warnings.push(`${at.child('resources', list).key(resource)}: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`);
    }
  }
  return warnings;
}

/** Bytes have no parts: `100m` is a tenth of one, and hardly ever meant. */
function isFraction(amount: unknown): boolean {
  try {
    return compareQuantity(String(amount), roundUpQuantity(String(amount), 0)) !== 0;
  } catch {
    return false;
  }
}

function termWarnings(terms: readonly NodeSelectorTerm[], at: FieldPath): string[] {
  return terms.flatMap((term, i) => (term.matchExpressions ?? []).flatMap(({ key }, j) => {
    const successor = nodeLabels.get(key);
    return successor ? [`${at.index(i).child('matchExpressions').index(j).child('key')}: ${key} is deprecated since ${successor.since}; use ${JSON.stringify(successor.use)} instead`] : [];
  }));
}

function placementWarnings(spec: PodSpec, at: FieldPath): string[] {
  const warnings = Object.keys(spec.nodeSelector ?? {}).toSorted().flatMap((key) => {
    const successor = nodeLabels.get(key);
    return successor ? [`${at.child('nodeSelector').key(key)}: deprecated since ${successor.since}; use ${JSON.stringify(successor.use)} instead`] : [];
  });
  const affinity = spec.affinity?.nodeAffinity;
  const where = at.child('affinity', 'nodeAffinity');
  warnings.push(...termWarnings(affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [], where.child('requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms')));
  for (const [i, { topologyKey }] of (spec.topologySpreadConstraints ?? []).entries()) {
    const successor = nodeLabels.get(topologyKey);
    if (successor) warnings.push(`${at.child('topologySpreadConstraints').index(i).child('topologyKey')}: ${topologyKey} is deprecated since ${successor.since}; use ${JSON.stringify(successor.use)} instead`);
  }
  return warnings;
}

/** `at` is where the spec and the metadata stand: undefined for a pod itself. */
export function podWarnings({ metadata, spec }: { metadata?: ObjectMeta; spec?: PodSpec }, at?: FieldPath): string[] {
  const [specAt, metaAt] = at ? [at.child('spec'), at.child('metadata')] : [new FieldPath('spec'), new FieldPath('metadata')];
  if (!spec) return [];
  const warnings = [...placementWarnings(spec, specAt), ...annotationWarnings(metadata, metaAt)];
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) for (const [i, container] of (spec[list] ?? []).entries()) warnings.push(...containerWarnings(container as Container, specAt.child(list).index(i)));
  for (const [i, { name }] of (spec.imagePullSecrets ?? []).entries()) if (!name) warnings.push(`${specAt.child('imagePullSecrets').index(i).child('name')}: invalid empty name ""`);
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) warnings.push(`${specAt.child('terminationGracePeriodSeconds')}: must be >= 0; negative values are invalid and will be treated as 1`);
  return warnings;
}

/** For what makes pods: said when the template is new. */
export function templateWarnings(template: PodTemplateSpec | undefined, old: PodTemplateSpec | undefined, at = new FieldPath('spec.template')): string[] {
  return template === undefined || (old !== undefined && sameValue(template, old)) ? [] : podWarnings(template, at);
}
