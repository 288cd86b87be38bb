/** `variables.name`: expressions of a policy by name, each worked out once and only when it is asked for. */
import type { Variable } from '../../../api/admissionregistration/v1/types.ts';
import { CelError, types, withVariableTypes, type CelType, type Environment, type Program } from '../../../cel/index.ts';
import { compileExpression, type Budget } from './environment.ts';

export interface CompiledVariables { environment: Environment; programs: readonly { name: string; program: Program }[] }

/** The environment with `variables`, whose types are what the expressions give. A variable that does not compile is of any type. */
export function withVariables(base: Environment, variables: readonly Variable[]): Environment {
  return compileVariables(base, variables).environment;
}

export function compileVariables(base: Environment, variables: readonly Variable[] | undefined): CompiledVariables {
  const fields: Record<string, CelType> = {};
  const programs: { name: string; program: Program }[] = [];
  const environment = (): Environment => withVariableTypes(base, fields);
  for (const { name, expression } of variables ?? []) {
    const { program } = compileExpression(expression, environment());
    if (program) programs.push({ name, program });
    fields[name] = program?.outputType ?? types.dyn;
  }
  return { environment: environment(), programs };
}

/** Adds `variables` to the values of a request. */
export function activateVariables(activation: Record<string, unknown>, { programs }: CompiledVariables, budget: Budget): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const all = { ...activation, variables: values };
  for (const { name, program } of programs) {
    let known: { value: unknown } | undefined;
    let fault: unknown;
    Object.defineProperty(values, name, {
      enumerable: true,
      get() {
        if (fault !== undefined) throw fault;
        if (known !== undefined) return known.value;
        // While it is being worked out it has no value: an expression sees only variables before its own.
        known = { value: null };
        try {
          known = { value: budget.run(program, all).value };
        } catch (error) {
          known = undefined;
          if (error instanceof CelError) fault = error;
          throw error;
        }
        return known.value;
      },
    });
  }
  return all;
}
