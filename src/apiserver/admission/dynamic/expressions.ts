/** Refuses webhook configurations and policies whose expressions do not compile: the rules of the kinds themselves stand below CEL. */
import type {
  MatchCondition, MutatingAdmissionPolicy, MutatingWebhookConfiguration, ValidatingAdmissionPolicy, ValidatingWebhookConfiguration, Variable,
} from '../../../api/admissionregistration/v1/types.ts';
import { FieldPath, invalidValue, type FieldError } from '../../../api/meta/field.ts';
import { sameValue } from '../../../api/meta/validation.ts';
import { invalid } from '../../../api/meta/status.ts';
import { type CelType, conditionVariables, type Environment, mutationLibraries, policyVariables } from '../../../cel/index.ts';
import type { CreatePlugin } from '../context.ts';
import { compileExpression } from './environment.ts';
import { mutationTypes } from './mutation-types.ts';
import { withVariables } from './variables.ts';

function faultAt(path: FieldPath, expression: string | undefined, environment: Environment, ...allowed: CelType['kind'][]): FieldError[] {
  if (expression === undefined || expression.trim() === '') return [];
  const compiled = compileExpression(expression, environment, ...allowed);
  if (compiled.fault === undefined) return [];
  return [compiled.internal ? { type: 'InternalError', field: path.text, detail: `Internal error: ${compiled.fault}` } : invalidValue(path, expression, compiled.fault)];
}

function conditionFaults(path: FieldPath, conditions: readonly MatchCondition[] | undefined, variables: Readonly<Record<string, CelType>>): FieldError[] {
  return (conditions ?? []).flatMap(({ expression }, i) => faultAt(path.index(i).child('expression'), expression, { variables }, 'bool'));
}

/** Variables, each seeing those before it; answers with the environment that sees them all. */
function variableFaults(path: FieldPath, variables: readonly Variable[] | undefined, environment: Environment): { errors: FieldError[]; environment: Environment } {
  const errors = (variables ?? []).flatMap(({ expression }, i) => faultAt(path.index(i).child('expression'), expression, withVariables(environment, (variables ?? []).slice(0, i))));
  return { errors, environment: withVariables(environment, variables ?? []) };
}

const SPEC = new FieldPath('spec');

function validatingFaults({ spec = {} }: ValidatingAdmissionPolicy): FieldError[] {
  const base: Environment = { variables: policyVariables(spec.paramKind !== undefined) };
  const { errors, environment } = variableFaults(SPEC.child('variables'), spec.variables, base);
  errors.push(...conditionFaults(SPEC.child('matchConditions'), spec.matchConditions, base.variables));
  for (const [i, { expression, messageExpression }] of (spec.validations ?? []).entries()) {
    const at = SPEC.child('validations').index(i);
    errors.push(...faultAt(at.child('expression'), expression, environment, 'bool'), ...faultAt(at.child('messageExpression'), messageExpression, environment, 'string'));
  }
  for (const [i, { valueExpression }] of (spec.auditAnnotations ?? []).entries()) errors.push(...faultAt(SPEC.child('auditAnnotations').index(i).child('valueExpression'), valueExpression, environment, 'string', 'null'));
  return errors;
}

function mutatingFaults({ spec = {} }: MutatingAdmissionPolicy): FieldError[] {
  const base: Environment = { variables: policyVariables(spec.paramKind !== undefined), resolveType: mutationTypes, libraries: mutationLibraries() };
  const { errors, environment } = variableFaults(SPEC.child('variables'), spec.variables, base);
  errors.push(...conditionFaults(SPEC.child('matchConditions'), spec.matchConditions, base.variables));
  for (const [i, { applyConfiguration, jsonPatch }] of (spec.mutations ?? []).entries()) {
    const at = SPEC.child('mutations').index(i);
    errors.push(...faultAt(at.child('applyConfiguration').child('expression'), applyConfiguration?.expression, environment, 'object'), ...faultAt(at.child('jsonPatch').child('expression'), jsonPatch?.expression, environment, 'list'));
  }
  return errors;
}

function hookFaults({ webhooks = [] }: MutatingWebhookConfiguration | ValidatingWebhookConfiguration): FieldError[] {
  return webhooks.flatMap(({ matchConditions }, i) => conditionFaults(new FieldPath('webhooks').index(i).child('matchConditions'), matchConditions, conditionVariables));
}

const CHECKS: Readonly<Record<string, (object: never) => FieldError[]>> = {
  validatingwebhookconfigurations: hookFaults, mutatingwebhookconfigurations: hookFaults, validatingadmissionpolicies: validatingFaults, mutatingadmissionpolicies: mutatingFaults,
};

/** What an object of a kind says in expressions: unchanged, it is not looked at again. */
const spoken = (object: Record<string, unknown> | undefined): unknown => object && (object['webhooks'] ?? object['spec']);

export const expressionChecks: CreatePlugin = () => ({
  name: 'AdmissionExpressions',
  handles: () => true,
  validate(request) {
    if (!Object.hasOwn(CHECKS, request.resource.plural)) return;
    if (request.oldObject !== undefined && sameValue(spoken(request.object), spoken(request.oldObject))) return;
    const errors = CHECKS[request.resource.plural]!(request.object as never);
    if (errors.length > 0) throw invalid(request.resource, request.name, errors);
  },
});
