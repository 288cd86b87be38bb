/** Where a pod may run: node selectors, affinity, tolerations and spreading. */
import type { FieldError, FieldPath } from '../../../meta/field.ts';
import { duplicate, forbiddenField, invalidValue, notSupported, required } from '../../../meta/field.ts';
import { dnsSubdomain, labelName, labelValue, qualifiedName } from '../../../meta/names.ts';
import { each, faultsAt, validateLabelSelector } from '../../../meta/validation.ts';
import type { LabelSelectorRequirement } from '../../../meta/v1/types.ts';
import type { Affinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodAffinityTerm, Toleration, TopologySpreadConstraint } from '../types.ts';
import { duplicatesOf, oneOf, positive } from './common.ts';

export const TAINT_EFFECTS: readonly string[] = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** `anyValues`: values that are no labels' are taken, as preferences always were. */
function validateExpression(path: FieldPath, requirement: NodeSelectorRequirement, anyValues: boolean): FieldError[] {
  const count = (requirement.values ?? []).length;
  const errors: FieldError[] = [];
  switch (requirement.operator) {
    case 'In':
    case 'NotIn':
      if (count === 0) errors.push(required(path.child('values'), "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (count > 0) errors.push(forbiddenField(path.child('values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      break;
    case 'Gt':
    case 'Lt':
      if (count !== 1) errors.push(required(path.child('values'), "must be specified single value when `operator` is 'Lt' or 'Gt'"));
      break;
    default:
      errors.push(invalidValue(path.child('operator'), requirement.operator ?? '', 'not a valid selector operator'));
  }
  errors.push(...faultsAt(path.child('key'), requirement.key ?? '', qualifiedName(requirement.key ?? '')));
  return anyValues ? errors : [...errors, ...each(requirement.values, (value, i) => faultsAt(path.child('values').index(i), value, labelValue(value)))];
}

function validateFieldExpression(path: FieldPath, requirement: NodeSelectorRequirement): FieldError[] {
  const values = requirement.values ?? [];
  const errors: FieldError[] = [];
  if (requirement.operator !== 'In' && requirement.operator !== 'NotIn') errors.push(invalidValue(path.child('operator'), requirement.operator ?? '', 'not a valid selector operator'));
  else if (values.length !== 1) errors.push(required(path.child('values'), "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
  if (requirement.key !== 'metadata.name') errors.push(invalidValue(path.child('key'), requirement.key ?? '', 'not a valid field selector key'));
  else for (const [i, value] of values.entries()) errors.push(...faultsAt(path.child('values').index(i), value, dnsSubdomain(value)));
  return errors;
}

export function validateNodeSelectorTerm(path: FieldPath, term: NodeSelectorTerm, anyValues = false): FieldError[] {
  return [
    ...(term.matchExpressions ?? []).flatMap((requirement, i) => validateExpression(path.child('matchExpressions').index(i), requirement, anyValues)),
    ...(term.matchFields ?? []).flatMap((requirement, i) => validateFieldExpression(path.child('matchFields').index(i), requirement)),
  ];
}

export function validateNodeSelector(path: FieldPath, selector: NodeSelector): FieldError[] {
  const terms = path.child('nodeSelectorTerms');
  if ((selector.nodeSelectorTerms ?? []).length === 0) return [required(terms, 'must have at least one node selector term')];
  return selector.nodeSelectorTerms.flatMap((term, i) => validateNodeSelectorTerm(terms.index(i), term));
}

/** Keys whose values the pod's own labels give, and which the selector must not name itself. `isMerged` tells what the server has put there. */
function validateLabelKeys(path: FieldPath, keys: readonly string[] | undefined, selector: PodAffinityTerm['labelSelector'], isMerged?: (requirement: LabelSelectorRequirement) => boolean): FieldError[] {
  if ((keys ?? []).length === 0) return [];
  if (selector === undefined) return [forbiddenField(path, 'must not be specified when labelSelector is not set')];
  const own = isMerged === undefined ? [] : (selector.matchExpressions ?? []).filter((requirement) => !isMerged(requirement));
  const selected = new Set([...Object.keys(selector.matchLabels ?? {}), ...own.map((requirement) => requirement.key)]);
  return each(keys, (key, i) => [
    ...faultsAt(path.index(i), key, qualifiedName(key)),
    ...(isMerged !== undefined && selected.has(key) ? [invalidValue(path.index(i), key, 'exists in both matchLabelKeys and labelSelector')] : []),
  ]);
}

function validatePodTerm(path: FieldPath, term: PodAffinityTerm): FieldError[] {
  const errors = [
    ...validateLabelSelector(path.child('labelSelector'), term.labelSelector),
    ...validateLabelSelector(path.child('namespaceSelector'), term.namespaceSelector),
    ...(term.namespaces ?? []).flatMap((namespace) => faultsAt(path.child('namespace'), namespace, labelName(namespace))),
    ...validateLabelKeys(path.child('matchLabelKeys'), term.matchLabelKeys, term.labelSelector),
    ...validateLabelKeys(path.child('mismatchLabelKeys'), term.mismatchLabelKeys, term.labelSelector),
  ];
  for (const [i, key] of (term.matchLabelKeys ?? []).entries()) {
    if (term.mismatchLabelKeys?.includes(key)) errors.push(invalidValue(path.child('matchLabelKeys').index(i), key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
  }
  if (!term.topologyKey) errors.push(required(path.child('topologyKey'), 'can not be empty'));
  return [...errors, ...faultsAt(path.child('topologyKey'), term.topologyKey ?? '', qualifiedName(term.topologyKey ?? ''))];
}

function validateWeight(path: FieldPath, weight: number): FieldError[] {
  return weight >= 1 && weight <= 100 ? [] : [invalidValue(path.child('weight'), weight ?? 0, 'must be in the range 1-100')];
}

export function validateAffinity(path: FieldPath, affinity: Affinity | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const node = affinity?.nodeAffinity;
  const nodePath = path.child('nodeAffinity');
  if (node?.requiredDuringSchedulingIgnoredDuringExecution) {
    errors.push(...validateNodeSelector(nodePath.child('requiredDuringSchedulingIgnoredDuringExecution'), node.requiredDuringSchedulingIgnoredDuringExecution));
  }
  for (const [i, term] of (node?.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    const at = nodePath.child('preferredDuringSchedulingIgnoredDuringExecution').index(i);
    errors.push(...validateWeight(at, term.weight), ...validateNodeSelectorTerm(at.child('preference'), term.preference, true));
  }
  for (const field of ['podAffinity', 'podAntiAffinity'] as const) {
    const pods = affinity?.[field];
    for (const [i, term] of (pods?.requiredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
      errors.push(...validatePodTerm(path.child(field, 'requiredDuringSchedulingIgnoredDuringExecution').index(i), term));
    }
    for (const [i, term] of (pods?.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
      const at = path.child(field, 'preferredDuringSchedulingIgnoredDuringExecution').index(i);
      errors.push(...validateWeight(at, term.weight), ...validatePodTerm(at.child('podAffinityTerm'), term.podAffinityTerm));
    }
  }
  return errors;
}

function validateToleration(path: FieldPath, toleration: Toleration): FieldError[] {
  const errors = toleration.key ? faultsAt(path.child('key'), toleration.key, qualifiedName(toleration.key)) : [];
  const operator = toleration.operator ?? '';
  if (!toleration.key && operator !== 'Exists') {
    errors.push(invalidValue(path.child('operator'), operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"'));
  }
  if (toleration.tolerationSeconds !== undefined && toleration.effect !== 'NoExecute') {
    errors.push(invalidValue(path.child('effect'), toleration.effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  }
  if (operator === '' || operator === 'Equal') {
    const faults = labelValue(toleration.value ?? '');
    if (faults.length > 0) errors.push(invalidValue(path.child('operator'), toleration.value, faults.join(';')));
  } else if (operator === 'Exists') {
    if (toleration.value) errors.push(invalidValue(path.child('operator'), toleration.value, "value must be empty when `operator` is 'Exists'"));
  } else errors.push(notSupported(path.child('operator'), operator, ['Equal', 'Exists']));
  return [...errors, ...oneOf(path.child('effect'), toleration.effect, TAINT_EFFECTS)];
}

export function validateTolerations(path: FieldPath, tolerations: readonly Toleration[] | undefined): FieldError[] {
  return (tolerations ?? []).flatMap((toleration, i) => validateToleration(path.index(i), toleration));
}

function validateConstraint(path: FieldPath, constraint: TopologySpreadConstraint, labels: Labels | undefined): FieldError[] {
  const isMerged = ({ key, operator, values }: LabelSelectorRequirement): boolean => operator === 'In' && values?.length === 1 && labels !== undefined && labels[key] === values[0];
  const errors = [
    ...(constraint.maxSkew > 0 ? [] : [invalidValue(path.child('maxSkew'), constraint.maxSkew ?? 0, 'must be greater than zero')]),
    ...(constraint.topologyKey ? [] : [required(path.child('topologyKey'), 'can not be empty')]),
    ...(['DoNotSchedule', 'ScheduleAnyway'].includes(constraint.whenUnsatisfiable)
      ? []
      : [notSupported(path.child('whenUnsatisfiable'), constraint.whenUnsatisfiable ?? '', ['DoNotSchedule', 'ScheduleAnyway'])]),
    ...positive(path.child('minDomains'), constraint.minDomains),
    ...oneOf(path.child('nodeAffinityPolicy'), constraint.nodeAffinityPolicy, ['Honor', 'Ignore']),
    ...oneOf(path.child('nodeTaintsPolicy'), constraint.nodeTaintsPolicy, ['Honor', 'Ignore']),
    ...validateLabelKeys(path.child('matchLabelKeys'), constraint.matchLabelKeys, constraint.labelSelector, isMerged),
    ...validateLabelSelector(path.child('labelSelector'), constraint.labelSelector),
  ];
  if (constraint.minDomains !== undefined && constraint.whenUnsatisfiable !== 'DoNotSchedule') {
    errors.push(invalidValue(path.child('minDomains'), constraint.minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${constraint.whenUnsatisfiable}`));
  }
  return errors;
}

type Labels = Readonly<Record<string, string>>;

/** `labels` are those of a pod; a template's constraints hold nothing that the server has put there. */
export function validateTopologySpread(path: FieldPath, constraints: readonly TopologySpreadConstraint[] | undefined, labels?: Labels): FieldError[] {
  const list = constraints ?? [];
  const pair = (constraint: TopologySpreadConstraint): string => `{${constraint.topologyKey}, ${constraint.whenUnsatisfiable}}`;
  return [
    ...list.flatMap((constraint, i) => validateConstraint(path.index(i), constraint, labels)),
    ...duplicatesOf(list, pair, (constraint, i) => duplicate(path.index(i).child('{topologyKey, whenUnsatisfiable}'), pair(constraint))),
  ];
}
