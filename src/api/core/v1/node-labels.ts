/** Labels of nodes that have other names by now, and what is said to whoever still selects by them. */
import type { FieldPath } from '../../meta/field.ts';
import type { LabelSelector } from '../../meta/v1/types.ts';
import type { NodeSelectorTerm } from './types.ts';

const since = (version: string, use: string): string => `deprecated since ${version}; use "${use}" instead`;

const DEPRECATED: ReadonlyMap<string, string> = new Map([
  ['beta.kubernetes.io/arch', since('v1.14', 'kubernetes.io/arch')],
  ['beta.kubernetes.io/os', since('v1.14', 'kubernetes.io/os')],
  ['failure-domain.beta.kubernetes.io/region', since('v1.17', 'topology.kubernetes.io/region')],
  ['failure-domain.beta.kubernetes.io/zone', since('v1.17', 'topology.kubernetes.io/zone')],
  ['beta.kubernetes.io/instance-type', since('v1.17', 'node.kubernetes.io/instance-type')],
  ['app.kubernetes.io/created-by', 'deprecated since v1.9'],
  ['scheduler.alpha.kubernetes.io/preferAvoidPods', 'deprecated since v1.22; use Taints and Tolerations instead'],
  ['node-role.kubernetes.io/master', 'use "node-role.kubernetes.io/control-plane" instead'],
]);

/** `at: label is deprecated …`, where the label is. */
export function labelWarning(at: FieldPath, label: string): string[] {
  const text = DEPRECATED.get(label);
  return text === undefined ? [] : [`${at}: ${label} is ${text}`];
}

/** Of the keys of a node selector: `at[key]: deprecated …`, or `at: …` where the API does not name the key. */
export function selectorWarnings(at: FieldPath, selector: Readonly<Record<string, string>> | undefined, withKey = true): string[] {
  if (selector === undefined) return [];
  return Object.keys(selector).toSorted().flatMap((key) => (DEPRECATED.has(key) ? [`${withKey ? at.key(key) : at}: ${DEPRECATED.get(key)}`] : []));
}

/** Of the expressions of a term. */
export function termWarnings(at: FieldPath, term: NodeSelectorTerm | undefined): string[] {
  return (term?.matchExpressions ?? []).flatMap(({ key }, i) => labelWarning(at.child('matchExpressions').index(i).child('key'), key));
}

/** Of a label selector over nodes. */
export function labelSelectorWarnings(at: FieldPath, selector: LabelSelector | undefined): string[] {
  if (selector === undefined) return [];
  return [
    ...(selector.matchExpressions ?? []).flatMap(({ key }, i) => labelWarning(at.child('matchExpressions').index(i).child('key'), key)),
    ...Object.keys(selector.matchLabels ?? {}).toSorted().flatMap((key) => (DEPRECATED.has(key) ? [`${at.child('matchLabels', key)}: ${DEPRECATED.get(key)}`] : [])),
  ];
}
