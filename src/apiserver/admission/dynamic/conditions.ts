/** `matchConditions`: all must hold, or the webhook or policy is not asked. */
import type { MatchCondition } from '../../../api/admissionregistration/v1/types.ts';
import { CelError, type CelType, conditionVariables, limits } from '../../../cel/index.ts';
import { Budget, compileExpression, faultOf, NotCompiled, settled, together, type Compiled } from './environment.ts';

export interface Conditions { conditions: readonly { name: string; compiled: Compiled }[] }

export function compileConditions(conditions: readonly MatchCondition[] | undefined, variables: Readonly<Record<string, CelType>> = conditionVariables): Conditions {
  return { conditions: (conditions ?? []).map(({ name, expression }) => ({ name, compiled: compileExpression(expression, { variables }, 'bool') })) };
}

/** A condition that is false decides before one that fails. Undefined: fails, and `fault` says why. */
export async function conditionsHold({ conditions }: Conditions, activation: Readonly<Record<string, unknown>>): Promise<{ holds: boolean } | { fault: string }> {
  const faults: string[] = [];
  const budget = new Budget(limits.matchConditionsBudget);
  for (const { name, compiled } of conditions) {
    if (compiled.program === undefined) {
      faults.push(new NotCompiled(compiled.fault).message);
      continue;
    }
    const { program } = compiled;
    try {
      const { value } = await settled(() => budget.run(program, activation));
      if (value === false) return { holds: false };
      if (value !== true) faults.push(`condition "${name}" evaluated to something that is no boolean`);
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      faults.push(faultOf(program.source, error));
    }
  }
  return faults.length === 0 ? { holds: true } : { fault: together(faults) };
}
