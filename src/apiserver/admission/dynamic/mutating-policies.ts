/** `MutatingAdmissionPolicy`: changes in CEL, as JSON patches or as configurations that are merged in. */
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, Mutation } from '../../../api/admissionregistration/v1/types.ts';
import { forbidden, StatusError, type StatusReason } from '../../../api/meta/status.ts';
import { MutatingAdmissionPolicies, MutatingAdmissionPolicyBindings } from '../../../api/resources.ts';
import { findSchema } from '../../../api/schema.ts';
import { CelError, mutationLibraries, policyVariables, toJson } from '../../../cel/index.ts';
import { deduced, isObject, jsonPatch, shapeOfType, structuredMerge, type Json, type Shape } from '../../patch/index.ts';
import { shapeBelow } from '../../patch/shape.ts';
import type { AdmissionRequest } from '../../types.ts';
import type { AdmissionContext, CreatePlugin } from '../context.ts';
import { compileConditions } from './conditions.ts';
import { Budget, compileExpression, faultOf, settled, type Compiled } from './environment.ts';
import { mutationTypes } from './mutation-types.ts';
import { criteriaOf, Meetings, type Meeting, type Prepared } from './policies.ts';
import { activateVariables, compileVariables, type CompiledVariables } from './variables.ts';
import { inVersion, prepareVersion, requestedOf, takeOver } from './versions.ts';

type P = MutatingAdmissionPolicy;
type B = MutatingAdmissionPolicyBinding;

interface CompiledPolicy extends Prepared {
  variables: CompiledVariables;
  mutations: readonly { type: string; compiled: Compiled; expression: string }[];
}

const NAME = 'MutatingAdmissionPolicy';

/** A mutation that cannot be made: what comes of it is up to the policy's failurePolicy. */
class MutationFault extends Error {}

function compilePolicy({ spec = {} }: P): CompiledPolicy {
  const names = policyVariables(spec.paramKind !== undefined);
  const variables = compileVariables({ variables: names, resolveType: mutationTypes, libraries: mutationLibraries() }, spec.variables);
  return {
    criteria: criteriaOf(spec.matchConstraints), conditions: compileConditions(spec.matchConditions, names), variables,
    mutations: (spec.mutations ?? []).map((mutation: Mutation) => {
      const expression = (mutation.patchType === 'JSONPatch' ? mutation.jsonPatch?.expression : mutation.applyConfiguration?.expression) ?? '';
      return { type: mutation.patchType, expression, compiled: compileExpression(expression, variables.environment, mutation.patchType === 'JSONPatch' ? 'list' : 'object') };
    }),
  };
}

/** Merging must not replace as a whole what has an owner for each part. */
function checkGranular(shape: Shape, applied: Json, path: string): void {
  if (shape.kind === 'atomic' && (Array.isArray(applied) || isObject(applied))) throw new MutationFault(`error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${path}`);
  if (shape.kind === 'associative' && Array.isArray(applied)) for (const item of applied) checkGranular(shape.items, item, path);
  if (!isObject(applied) || (shape.kind !== 'struct' && shape.kind !== 'map')) return;
  const fields = shape.kind === 'struct' && shape.below === undefined ? findSchema(shape.type)?.byName : undefined;
  for (const key of Object.keys(applied)) if (fields?.has(key) === false) throw new MutationFault(`error applying patch: failed to convert patch object to typed object: ${path}.${key}: field not declared in schema`);
  for (const [key, value] of Object.entries(applied)) checkGranular(shapeBelow(shape, key), value, `${path}.${key}`);
}

function merged(request: AdmissionRequest, schema: string, object: Json, applied: Json): Json {
  if (!isObject(applied)) throw new MutationFault('the apply configuration is no object');
  const shape = findSchema(schema) === undefined ? (request.shape?.() ?? deduced) : shapeOfType(schema);
  // What an object is cannot be changed.
  const { apiVersion: _apiVersion, kind: _kind, ...rest } = applied;
  checkGranular(shape, rest, '');
  return structuredMerge(shape, object, rest);
}

const OPERATIONS: ReadonlySet<unknown> = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

/** A patch whose test fails changes nothing; one that cannot be done is the policy's fault. */
function patched(before: Json, patch: Json): Json {
  const unknown = (patch as { op: string }[]).find(({ op }) => !OPERATIONS.has(op));
  if (unknown) throw new MutationFault(`JSON Patch: Unexpected kind: ${unknown.op}`);
  try {
    return jsonPatch(before, patch);
  } catch (error) {
    const why = (error as Error).message.replace(/^the server rejected our request due to an error in our request: /, '');
    if (/^test\w* .*test failed/i.test(why)) return before;
    throw new MutationFault(`JSON Patch: ${why}`);
  }
}

/** Makes one mutation; answers with whether it changed the object. */
async function mutateBy(mutation: CompiledPolicy['mutations'][number], evaluate: (compiled: Compiled) => Promise<unknown>, meeting: Meeting<P, B>, request: AdmissionRequest, context: AdmissionContext): Promise<boolean> {
  const value = toJson(await evaluate(mutation.compiled)) as Json;
  const before = inVersion(request, request.object, meeting.resource) as Json;
  const schema = (request.object?.['kind'] === request.resource.kind ? meeting.resource.schema : '') || '';
  const after = mutation.type === 'JSONPatch' ? patched(before, value) : merged(request, schema, before, value);
  if (!isObject(after)) throw new MutationFault('the patch made the object something else');
  if (JSON.stringify(before) === JSON.stringify(after)) return false;
  await takeOver(request, after, meeting.resource, context);
  await prepareVersion(request, meeting.resource, context);
  return true;
}

/** `binding`: undefined where it is the policy that is wrong. */
function refusal(request: AdmissionRequest, policy: P, binding: B | undefined, why: string, reason: StatusReason): StatusError {
  const who = binding === undefined ? `policy ${JSON.stringify(policy.metadata.name)}` : `policy '${policy.metadata.name}' with binding '${binding.metadata.name}'`;
  const error = forbidden(requestedOf(request), request.name, '');
  const message = `${who} denied request: ${why}`;
  Object.assign(error.status, { message, reason, code: 403, details: { ...error.status.details, causes: [{ message }] } });
  return error;
}

/** All mutations of a policy, or none where one of them fails. Answers with whether the object changed. */
async function mutate(meeting: Meeting<P, B>, compiled: CompiledPolicy, request: AdmissionRequest, context: AdmissionContext): Promise<boolean> {
  const budget = new Budget();
  const original = structuredClone(request.object!);
  let changed = false;
  try {
    for (const mutation of compiled.mutations) {
      // Variables too see what the mutations before have done.
      const activation = { ...meeting.activation, object: inVersion(request, request.object, meeting.resource) ?? null };
      const all = activateVariables(activation, compiled.variables, budget);
      const evaluate = async ({ program, fault }: Compiled): Promise<unknown> => {
        if (program === undefined) throw new MutationFault(fault);
        try {
          return (await settled(() => budget.run(program, all))).value;
        } catch (error) {
          throw error instanceof CelError ? new MutationFault(faultOf(mutation.expression, error)) : error;
        }
      };
      if (await mutateBy(mutation, evaluate, meeting, request, context)) changed = true;
    }
    return changed;
  } catch (error) {
    for (const key of Object.keys(request.object!)) delete request.object![key];
    Object.assign(request.object!, original);
    if (error instanceof StatusError) throw new MutationFault(error.message);
    throw error;
  }
}

interface Kept { met: Set<string>; again: Set<string>; left: string }

export const mutatingPolicies: CreatePlugin = (context) => {
  const meetings = new Meetings<P, B, CompiledPolicy>(context, compilePolicy);

  function keptOf(request: AdmissionRequest): Kept {
    let kept = request.rounds!.kept.get(NAME) as Kept | undefined;
    if (kept === undefined) request.rounds!.kept.set(NAME, (kept = { met: new Set(), again: new Set(), left: '' }));
    return kept;
  }

  function settle(meeting: { policy: P; binding: B; of?: 'policy' | 'binding' }, request: AdmissionRequest, why: string): void {
    if (meeting.policy.spec?.failurePolicy !== 'Ignore') throw refusal(request, meeting.policy, meeting.of === 'policy' ? undefined : meeting.binding, why, meeting.of === undefined ? 'Invalid' : 'Forbidden');
    context.host.log.warn('a mutating admission policy failed; it is left out', { policy: meeting.policy.metadata.name, binding: meeting.binding.metadata.name, fault: why });
  }

  return {
    name: NAME,
    handles: () => true,
    async mutate(request) {
      if (request.object === undefined || request.operation === 'DELETE' || request.operation === 'CONNECT') return;
      const { round } = request.rounds!;
      const kept = keptOf(request);
      const spread = (): void => {
        for (const id of kept.met) kept.again.add(id);
        kept.met.clear();
        request.rounds!.again = true;
      };
      if (round > 0 && JSON.stringify(request.object) !== kept.left) spread();
      for await (const meeting of meetings.of(request, context.lookup.list(MutatingAdmissionPolicies), context.lookup.list(MutatingAdmissionPolicyBindings))) {
        const id = `${meeting.policy.metadata.name}/${meeting.binding.metadata.name}`;
        if (round > 0 && !kept.again.has(id)) continue;
        if ('fault' in meeting) settle(meeting, request, meeting.fault);
        else {
          try {
            if (await mutate(meeting, meetings.prepared(meeting.policy), request, context)) spread();
          } catch (error) {
            if (!(error instanceof MutationFault)) throw error;
            settle(meeting, request, error.message);
          }
        }
        if (meeting.policy.spec?.reinvocationPolicy === 'IfNeeded') kept.met.add(id);
      }
      kept.left = JSON.stringify(request.object);
    },
  };
};

