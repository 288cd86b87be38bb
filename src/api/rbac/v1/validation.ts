/** Rules of roles and bindings. https://kubernetes.io/docs/reference/access-authn-authz/rbac/ */
import { internalForm } from '../../internal-form.ts';
import type { FieldError } from '../../meta/field.ts';
import { FieldPath, invalidValue, notSupported, required } from '../../meta/field.ts';
import { dnsSubdomain, pathSegmentName } from '../../meta/names.ts';
import { faultsAt, sameValue, validateLabelSelector } from '../../meta/validation.ts';
import type { ClusterRole, PolicyRule, RoleRef, Subject } from './types.ts';

const GROUP = 'rbac.authorization.k8s.io';

function validateRule(path: FieldPath, rule: PolicyRule, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if ((rule.verbs ?? []).length === 0) errors.push(required(path.child('verbs'), 'verbs must contain at least one value'));
  const urls = rule.nonResourceURLs ?? [];
  if (urls.length > 0) {
    const at = path.child('nonResourceURLs');
    if (namespaced) errors.push(invalidValue(at, urls, 'namespaced rules cannot apply to non-resource URLs'));
    if ((rule.apiGroups ?? []).length + (rule.resources ?? []).length + (rule.resourceNames ?? []).length > 0) {
      errors.push(invalidValue(at, urls, 'rules cannot apply to both regular resources and non-resource URLs'));
    }
    return errors;
  }
  if ((rule.apiGroups ?? []).length === 0) errors.push(required(path.child('apiGroups'), 'resource rules must supply at least one api group'));
  if ((rule.resources ?? []).length === 0) errors.push(required(path.child('resources'), 'resource rules must supply at least one resource'));
  return errors;
}

export function validateRules(rules: readonly PolicyRule[] | undefined, namespaced: boolean): FieldError[] {
  return (rules ?? []).flatMap((rule, i) => validateRule(new FieldPath('rules').index(i), rule, namespaced));
}

export function validateClusterRole(role: ClusterRole): FieldError[] {
  const errors = validateRules(role.rules, false);
  if (role.aggregationRule === undefined) return errors;
  const path = new FieldPath('aggregationRule.clusterRoleSelectors');
  const selectors = role.aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0) errors.push(required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil'));
  return [...errors, ...selectors.flatMap((selector, i) => validateLabelSelector(path.index(i), selector))];
}

function validateSubject(path: FieldPath, subject: Subject): FieldError[] {
  const errors = subject.name ? [] : [required(path.child('name'))];
  switch (subject.kind) {
    case 'ServiceAccount':
      if (subject.name) errors.push(...faultsAt(path.child('name'), subject.name, dnsSubdomain(subject.name)));
      if (subject.apiGroup) errors.push(notSupported(path.child('apiGroup'), subject.apiGroup, ['']));
      if (!subject.namespace) errors.push(required(path.child('namespace')));
      return errors;
    case 'User':
    case 'Group':
      return (subject.apiGroup ?? '') === GROUP ? errors : [...errors, notSupported(path.child('apiGroup'), subject.apiGroup ?? '', [GROUP])];
    default:
      return [...errors, notSupported(path.child('kind'), subject.kind ?? '', ['ServiceAccount', 'User', 'Group'])];
  }
}

/** A binding: whom it is for and what it gives, of the role kinds it may refer to. */
export function validateBinding(binding: { roleRef: RoleRef; subjects?: Subject[] }, kinds: readonly string[]): FieldError[] {
  const path = new FieldPath('roleRef');
  const { apiGroup = '', kind = '', name = '' } = binding.roleRef ?? {};
  const errors: FieldError[] = [];
  if (apiGroup !== GROUP) errors.push(notSupported(path.child('apiGroup'), apiGroup, [GROUP]));
  if (!kinds.includes(kind)) errors.push(notSupported(path.child('kind'), kind, kinds));
  errors.push(...(name === '' ? [required(path.child('name'))] : faultsAt(path.child('name'), name, pathSegmentName(name))));
  return [...errors, ...(binding.subjects ?? []).flatMap((subject, i) => validateSubject(new FieldPath('subjects').index(i), subject))];
}

export function validateBindingUpdate(binding: { roleRef: RoleRef }, old: { roleRef: RoleRef }): FieldError[] {
  return sameValue(binding.roleRef, old.roleRef) ? [] : [invalidValue(new FieldPath('roleRef'), internalForm('io.k8s.api.rbac.v1.RoleRef', { ...binding.roleRef }), 'cannot change roleRef')];
}
