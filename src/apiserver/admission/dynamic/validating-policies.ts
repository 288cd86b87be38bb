/** `ValidatingAdmissionPolicy`: rules in CEL that writes must keep. */
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, Validation } from '../../../api/admissionregistration/v1/types.ts';
import { forbidden, type StatusError, type StatusReason } from '../../../api/meta/status.ts';
import { ValidatingAdmissionPolicies, ValidatingAdmissionPolicyBindings } from '../../../api/resources.ts';
import { CelError, policyVariables } from '../../../cel/index.ts';
import type { AdmissionRequest } from '../../types.ts';
import type { AdmissionContext, CreatePlugin } from '../context.ts';
import { compileConditions } from './conditions.ts';
import { Budget, compileExpression, faultOf, NotCompiled, settled, type Compiled } from './environment.ts';
import { criteriaOf, Meetings, type Fault, type Meeting, type Prepared } from './policies.ts';
import { activateVariables, compileVariables, type CompiledVariables } from './variables.ts';
import { requestedOf } from './versions.ts';

type P = ValidatingAdmissionPolicy;
type B = ValidatingAdmissionPolicyBinding;

interface CompiledValidation extends Pick<Validation, 'message' | 'reason' | 'expression'> { compiled: Compiled; messageExpression: Compiled | undefined }

interface CompiledPolicy extends Prepared {
  variables: CompiledVariables;
  validations: readonly CompiledValidation[];
  annotations: readonly { key: string; expression: string; compiled: Compiled }[];
}

/** What a policy found wrong, or that it could not tell. `always`: refused whatever the binding's actions are, because of the policy or the binding. */
interface Finding { message: string; reason: string | undefined; expressionIndex: number; failed: boolean; always?: 'policy' | 'binding' }

const CODES: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413, Invalid: 422 };
/** A longer message of an expression is not taken. */
const maxMessageBytes = 5 * 1024;
/** A longer audit annotation is cut. */
const maxAnnotationBytes = 10 * 1024;

function compilePolicy({ spec = {} }: P): CompiledPolicy {
  const names = policyVariables(spec.paramKind !== undefined);
  const variables = compileVariables({ variables: names }, spec.variables);
  const { environment } = variables;
  return {
    criteria: criteriaOf(spec.matchConstraints), conditions: compileConditions(spec.matchConditions, names), variables,
    validations: (spec.validations ?? []).map(({ expression, message, reason, messageExpression }) => ({
      expression, ...(message === undefined ? {} : { message }), ...(reason === undefined ? {} : { reason }),
      compiled: compileExpression(expression, environment, 'bool'), messageExpression: messageExpression === undefined ? undefined : compileExpression(messageExpression, environment, 'string'),
    })),
    annotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({ key, expression: valueExpression, compiled: compileExpression(valueExpression, environment, 'string', 'null') })),
  };
}

type Evaluate = (compiled: Compiled) => Promise<unknown>;

/** Throws CelError, also for an expression that does not compile. */
function evaluator(activation: Record<string, unknown>, variables: CompiledVariables, budget: Budget): Evaluate {
  const all = activateVariables(activation, variables, budget);
  return async (compiled) => {
    if (compiled.program === undefined) throw new NotCompiled(compiled.fault);
    const { program } = compiled;
    return (await settled(() => budget.run(program, all))).value;
  };
}

async function messageOf(validation: CompiledValidation, evaluate: Evaluate): Promise<string> {
  const plain = validation.message?.trim() || `failed expression: ${validation.expression.trim()}`;
  if (validation.messageExpression === undefined) return plain;
  try {
    const text = await evaluate(validation.messageExpression);
    const said = typeof text === 'string' ? text.trim() : '';
    return said !== '' && !said.includes('\n') && Buffer.byteLength(said) <= maxMessageBytes ? said : plain;
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return plain;
  }
}

async function findings(policy: CompiledPolicy, evaluate: Evaluate): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const [expressionIndex, validation] of policy.validations.entries()) {
    const fail = (message: string): void => void found.push({ message, reason: undefined, expressionIndex, failed: true });
    try {
      const value = await evaluate(validation.compiled);
      if (value === true) continue;
      if (value === false) found.push({ message: await messageOf(validation, evaluate), reason: validation.reason, expressionIndex, failed: false });
      else fail(`expression '${validation.expression}' gave something that is no boolean`);
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      fail(faultOf(validation.expression, error));
    }
  }
  return found;
}

/** A text of no more than so many bytes. */
const cut = (text: string, bytes: number): string => (Buffer.byteLength(text) <= bytes ? text : Buffer.from(text).subarray(0, bytes).toString());

async function annotate(request: AdmissionRequest, name: string, policy: CompiledPolicy, evaluate: Evaluate): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const [expressionIndex, { key, compiled, expression }] of policy.annotations.entries()) {
    try {
      const value = await evaluate(compiled);
      if (typeof value === 'string' && value.trim() !== '' && request.annotations) addAnnotation(request.annotations, `${name}/${key}`, cut(value.trim(), maxAnnotationBytes));
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      found.push({ message: faultOf(expression, error), reason: undefined, expressionIndex, failed: true, always: 'binding' });
    }
  }
  return found;
}

/** Several bindings of one policy say theirs one after the other. */
function addAnnotation(annotations: Record<string, string>, key: string, value: string): void {
  const known = annotations[key];
  if (known === undefined) annotations[key] = value;
  else if (!known.split(', ').includes(value)) annotations[key] = `${known}, ${value}`;
}

function refusal(request: AdmissionRequest, policy: P, binding: B, { message, reason, always }: Finding): StatusError {
  const by = always === 'policy' ? '' : ` with binding '${binding.metadata.name}'`;
  const text = `ValidatingAdmissionPolicy '${policy.metadata.name}'${by} denied request: ${message}`;
  const error = forbidden(requestedOf(request), request.name, text);
  const kind = reason ?? 'Invalid';
  error.status.reason = kind as StatusReason;
  error.status.code = CODES[kind] ?? 422;
  error.status.details = { ...error.status.details, causes: [...(error.status.details?.causes ?? []), { message: text }] };
  return error;
}

/** Does with a finding what the binding says; answers with the refusal, if it is one. */
function act(request: AdmissionRequest, policy: P, binding: B, finding: Finding, audited: object[]): StatusError | undefined {
  if (finding.always !== undefined) return refusal(request, policy, binding, finding);
  const actions = binding.spec.validationActions ?? [];
  if (actions.includes('Warn')) request.warnings.push(`Validation failed for ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}': ${finding.message}`);
  if (actions.includes('Audit')) audited.push({ message: finding.message, policy: policy.metadata.name, binding: binding.metadata.name, expressionIndex: finding.expressionIndex, validationActions: actions });
  return actions.includes('Deny') ? refusal(request, policy, binding, finding) : undefined;
}

async function judge(meeting: Meeting<P, B> | Fault<P, B>, compiled: CompiledPolicy, request: AdmissionRequest): Promise<Finding[]> {
  if ('fault' in meeting) return [{ message: meeting.fault, reason: undefined, expressionIndex: 0, failed: true, ...(meeting.of === undefined ? {} : { always: meeting.of }) }];
  const evaluate = evaluator(meeting.activation, compiled.variables, new Budget());
  const found = await findings(compiled, evaluate);
  return [...found, ...(await annotate(request, meeting.policy.metadata.name!, compiled, evaluate))];
}

export const validatingPolicies: CreatePlugin = (context: AdmissionContext) => {
  const meetings = new Meetings<P, B, CompiledPolicy>(context, compilePolicy);
  const { clock } = context.host;
  return {
    name: 'ValidatingAdmissionPolicy',
    handles: () => true,
    async validate(request) {
      let refused: StatusError | undefined;
      const audited: object[] = [];
      for await (const meeting of meetings.of(request, context.lookup.list(ValidatingAdmissionPolicies), context.lookup.list(ValidatingAdmissionPolicyBindings))) {
        const { policy, binding } = meeting;
        const started = clock.monotonic();
        const found = (await judge(meeting, meetings.prepared(policy), request)).filter(({ failed }) => !failed || policy.spec?.failurePolicy !== 'Ignore');
        for (const finding of found) refused ??= act(request, policy, binding, finding, audited);
        const action = found.length === 0 ? 'allow' : (binding.spec.validationActions ?? []).includes('Deny') ? 'deny' : (binding.spec.validationActions ?? []).includes('Warn') ? 'warn' : 'audit';
        context.observePolicy?.([action, found.some(({ failed }) => failed) ? 'other_error' : 'no_error', policy.metadata.name!, binding.metadata.name!], (clock.monotonic() - started) / 1000);
      }
      if (audited.length > 0 && request.annotations) request.annotations['validation.policy.admission.k8s.io/validation_failure'] = JSON.stringify(audited);
      if (refused !== undefined) throw refused;
    },
  };
};
