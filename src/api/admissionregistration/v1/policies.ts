/** Rules of admission policies in CEL and of their bindings. The expressions themselves are compiled where they are used. */
import { needOneOf } from '../../core/v1/validation/common.ts';
import type { FieldError } from '../../meta/field.ts';
import { duplicate, FieldPath, forbiddenField, invalidValue, notSupported, required, tooLong } from '../../meta/field.ts';
import { byteLength, cIdentifier, dnsLabel1035, dnsSubdomain, pathSegmentName, qualifiedName } from '../../meta/names.ts';
import { each, faultsAt, repeats, validateLabelSelector } from '../../meta/validation.ts';
import type {
  AuditAnnotation, MatchResources, MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, ParamKind, ParamRef, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, Validation, Variable,
} from './types.ts';
import { validateMatchConditions, validateRule } from './validation.ts';

const SPEC = new FieldPath('spec');
const AUDIT_ANNOTATIONS_MAX = 20;
const AUDIT_EXPRESSION_MAX = 5 * 1024;
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized'];

function validateParamKind(path: FieldPath, kind: ParamKind | undefined): FieldError[] {
  if (kind === undefined) return [];
  const errors: FieldError[] = [];
  const at = path.child('apiVersion');
  if (!kind.apiVersion) errors.push(required(at));
  else {
    const parts = kind.apiVersion.split('/');
    if (parts.length > 2) errors.push(invalidValue(at, kind.apiVersion, `unexpected GroupVersion string: ${kind.apiVersion}`));
    else {
      if (parts.length === 2) errors.push(...faultsAt(at, parts[0], dnsSubdomain(parts[0]!)));
      errors.push(...faultsAt(at, parts.at(-1), dnsLabel1035(parts.at(-1)!)));
    }
  }
  if (!kind.kind) errors.push(required(path.child('kind')));
  else {
    const faults = dnsLabel1035(kind.kind.toLowerCase());
    if (faults.length > 0) errors.push(invalidValue(path.child('kind'), kind.kind, `may have mixed case, but should otherwise match: ${faults.join(',')}`));
  }
  return errors;
}

function validateMatch(path: FieldPath, match: MatchResources | undefined, mustMatch: boolean): FieldError[] {
  if (match === undefined) return mustMatch ? [required(path)] : [];
  const errors = [...validateLabelSelector(path.child('namespaceSelector'), match.namespaceSelector), ...validateLabelSelector(path.child('objectSelector'), match.objectSelector)];
  if (match.matchPolicy !== undefined && !['Equivalent', 'Exact'].includes(match.matchPolicy)) errors.push(notSupported(path.child('matchPolicy'), match.matchPolicy, ['Equivalent', 'Exact']));
  for (const field of ['resourceRules', 'excludeResourceRules'] as const) {
    for (const [i, rule] of (match[field] ?? []).entries()) {
      const at = path.child(field).index(i);
      errors.push(...validateRule(at, rule));
      const seen = repeats();
      for (const [j, name] of (rule.resourceNames ?? []).entries()) {
        errors.push(...faultsAt(at.child('resourceNames').index(j), name, pathSegmentName(name)));
        if (seen(name)) errors.push(duplicate(at.child('resourceNames').index(j), name));
      }
    }
  }
  if (mustMatch && (match.resourceRules ?? []).length === 0) errors.push(required(path.child('resourceRules')));
  return errors;
}

function validateVariables(path: FieldPath, variables: readonly Variable[] | undefined): FieldError[] {
  const seen = repeats();
  return (variables ?? []).flatMap((variable, i) => {
    const at = path.index(i);
    const errors: FieldError[] = [];
    if (!variable.name) errors.push(required(at.child('name')));
    else {
      if (cIdentifier(variable.name).length > 0) errors.push(invalidValue(at.child('name'), variable.name, 'name is not a valid CEL identifier'));
      if (seen(variable.name)) errors.push(duplicate(at.child('name'), variable.name));
    }
    if (!variable.expression?.trim()) errors.push(required(at.child('expression'), 'expression is not specified'));
    return errors;
  });
}

function validateFailurePolicy(policy: string | undefined): FieldError[] {
  if (policy === undefined) return [required(SPEC.child('failurePolicy'))];
  return ['Fail', 'Ignore'].includes(policy) ? [] : [notSupported(SPEC.child('failurePolicy'), policy, ['Fail', 'Ignore'])];
}

function validateValidation(path: FieldPath, validation: Validation): FieldError[] {
  const errors: FieldError[] = validation.expression?.trim() ? [] : [required(path.child('expression'), 'expression is not specified')];
  const message = validation.message;
  if (message !== undefined) {
    if (message !== '' && message.trim() === '') errors.push(invalidValue(path.child('message'), message, 'message must be non-empty if specified'));
    else if (message.trim().includes('\n')) errors.push(invalidValue(path.child('message'), message, 'message must not contain line breaks'));
  } else if (validation.expression?.trim().includes('\n')) errors.push(required(path.child('message'), 'message must be specified if expression contains line breaks'));
  if (validation.messageExpression !== undefined && validation.messageExpression.trim() === '') errors.push(invalidValue(path.child('messageExpression'), '', 'must be non-empty if specified'));
  if (validation.reason !== undefined && !REASONS.includes(validation.reason)) errors.push(notSupported(path.child('reason'), validation.reason, REASONS));
  return errors;
}

function validateAudit(path: FieldPath, annotation: AuditAnnotation, policy: string): FieldError[] {
  const errors: FieldError[] = [];
  const key = annotation.key ?? '';
  if (key === '') errors.push(required(path.child('key'), 'key is required'));
  else {
    if (key.includes('/')) errors.push(invalidValue(path.child('key'), key, 'must not contain \'/\''));
    const faults = qualifiedName(`${policy}/${key}`);
    if (faults.length > 0) errors.push(invalidValue(path.child('key'), key, `key must be a qualified name: ${faults.join(',')}`));
  }
  const expression = annotation.valueExpression ?? '';
  if (expression.trim() === '') errors.push(required(path.child('valueExpression'), 'valueExpression is not specified'));
  else if (byteLength(expression.trim()) > AUDIT_EXPRESSION_MAX) errors.push(tooLong(path.child('valueExpression'), AUDIT_EXPRESSION_MAX));
  return errors;
}

export function validateValidatingPolicy(policy: ValidatingAdmissionPolicy): FieldError[] {
  const spec = policy.spec ?? {};
  const errors = validateFailurePolicy(spec.failurePolicy);
  errors.push(...validateParamKind(SPEC.child('paramKind'), spec.paramKind), ...validateMatch(SPEC.child('matchConstraints'), spec.matchConstraints, true));
  errors.push(...validateVariables(SPEC.child('variables'), spec.variables), ...validateMatchConditions(SPEC.child('matchConditions'), spec.matchConditions));
  const validations = spec.validations ?? [];
  const annotations = spec.auditAnnotations ?? [];
  if (validations.length + annotations.length === 0) {
    errors.push(required(SPEC.child('validations'), 'validations or auditAnnotations must contain at least one item'), required(SPEC.child('auditAnnotations'), 'validations or auditAnnotations must contain at least one item'));
    return errors;
  }
  errors.push(...validations.flatMap((validation, i) => validateValidation(SPEC.child('validations').index(i), validation)));
  const at = SPEC.child('auditAnnotations');
  if (annotations.length > AUDIT_ANNOTATIONS_MAX) errors.push(invalidValue(at, `must not have more than ${AUDIT_ANNOTATIONS_MAX} auditAnnotations`, ''));
  const seen = repeats();
  errors.push(...each(annotations, (annotation, i) => [
    ...validateAudit(at.index(i), annotation, policy.metadata.name ?? ''),
    ...(seen(annotation.key) ? [duplicate(at.index(i).child('key'), annotation.key)] : []),
  ]));
  return errors;
}

function validateParamRef(path: FieldPath, reference: ParamRef | undefined): FieldError[] {
  if (reference === undefined) return [];
  const errors: FieldError[] = [];
  if (reference.name) {
    errors.push(...faultsAt(path.child('name'), reference.name, pathSegmentName(reference.name)));
    if (reference.selector !== undefined) errors.push(forbiddenField(path.child('name'), `name and selector are mutually exclusive`));
  } else if (reference.selector === undefined) errors.push(required(path, 'one of name or selector must be specified'));
  else errors.push(...validateLabelSelector(path.child('selector'), reference.selector));
  const action = reference.parameterNotFoundAction;
  if (action === undefined) errors.push(required(path.child('parameterNotFoundAction')));
  else if (!['Allow', 'Deny'].includes(action)) errors.push(notSupported(path.child('parameterNotFoundAction'), action, ['Deny', 'Allow']));
  return errors;
}

function validateBindingBase(spec: { policyName?: string; paramRef?: ParamRef; matchResources?: MatchResources } | undefined): FieldError[] {
  const at = SPEC.child('policyName');
  const name = spec?.policyName ?? '';
  return [
    ...(name === '' ? [required(at)] : faultsAt(at, name, dnsSubdomain(name))),
    ...validateParamRef(SPEC.child('paramRef'), spec?.paramRef),
    ...validateMatch(SPEC.child('matchResouces'), spec?.matchResources, false),
  ];
}

export function validateValidatingBinding(binding: ValidatingAdmissionPolicyBinding): FieldError[] {
  const errors = validateBindingBase(binding.spec);
  const actions = binding.spec?.validationActions ?? [];
  const at = SPEC.child('validationActions');
  if (actions.length === 0) errors.push(required(at, 'at least one validation action is required'));
  const seen = repeats();
  for (const [i, action] of actions.entries()) {
    if (!['Audit', 'Deny', 'Warn'].includes(action)) errors.push(notSupported(at.index(i), action, ['Audit', 'Deny', 'Warn']));
    if (seen(action)) errors.push(duplicate(at.index(i), action));
  }
  if (actions.includes('Deny') && actions.includes('Warn')) errors.push(invalidValue(at, actions, 'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)'));
  return errors;
}

export function validateMutatingPolicy(policy: MutatingAdmissionPolicy): FieldError[] {
  const spec = policy.spec ?? {};
  const errors = validateFailurePolicy(spec.failurePolicy);
  errors.push(...validateParamKind(SPEC.child('paramKind'), spec.paramKind), ...validateMatch(SPEC.child('matchConstraints'), spec.matchConstraints, true));
  errors.push(...validateVariables(SPEC.child('variables'), spec.variables), ...validateMatchConditions(SPEC.child('matchConditions'), spec.matchConditions));
  errors.push(...needOneOf(SPEC.child('reinvocationPolicy'), spec.reinvocationPolicy, ['IfNeeded', 'Never']));
  const mutations = spec.mutations ?? [];
  const path = SPEC.child('mutations');
  if (mutations.length === 0) errors.push(required(path, 'mutations must contain at least one item'));
  for (const [i, mutation] of mutations.entries()) {
    const at = path.index(i);
    const own = mutation.patchType === 'JSONPatch' ? 'jsonPatch' : 'applyConfiguration';
    const other = own === 'jsonPatch' ? 'applyConfiguration' : 'jsonPatch';
    if (!mutation.patchType) errors.push(required(at.child('patchType')));
    else if (!['ApplyConfiguration', 'JSONPatch'].includes(mutation.patchType)) errors.push(notSupported(at.child('patchType'), mutation.patchType, ['ApplyConfiguration', 'JSONPatch']));
    else {
      if (mutation[own] === undefined) errors.push(required(at.child(own), `must be specified when patchType is ${mutation.patchType}`));
      else if (!mutation[own]?.expression?.trim()) errors.push(required(at.child(own, 'expression'), 'expression is not specified'));
      if (mutation[other] !== undefined) errors.push(invalidValue(at.child(other), '{}', `must not be specified when patchType is ${mutation.patchType}`));
    }
  }
  return errors;
}

export function validateMutatingBinding(binding: MutatingAdmissionPolicyBinding): FieldError[] {
  return validateBindingBase(binding.spec);
}
