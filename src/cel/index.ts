/** CEL as Kubernetes has it. `compile` is the way in; README.md has the map. */
import type { CompileResult, Environment } from './types.ts';

export { escapeName, typeFromSchema, unescapeName, type SchemaTypeOptions, type StructuralSchema } from './schema.ts';
export * from './types.ts';

/** Limits of Kubernetes: what an expression may cost by estimate and when it runs. */
export const limits = {
  /** Estimate of one expression of a CustomResourceDefinition. */
  expressionEstimate: 10_000_000,
  /** Estimate of all expressions of a CustomResourceDefinition. */
  definitionEstimate: 100_000_000,
  /** One evaluation. */
  perCall: 1_000_000,
  /** All evaluations for one request and one object (or policy). */
  runtimeBudget: 10_000_000,
  /** Match conditions of all policies or webhooks for one request. */
  matchConditionsBudget: 2_500_000,
} as const;

/** Parses, checks and prepares an expression. */
export function compile(source: string, environment: Environment): CompileResult {
  void environment;
  return { ok: false, issues: [{ message: `CEL is not compiled yet: ${source}`, line: 1, column: 1 }] };
}

/** Issues as cel-go prints them: `ERROR: <input>:1:5: …`, the line, and a mark below the column. */
export function formatIssues(source: string, issues: readonly { message: string; line: number; column: number }[]): string {
  const lines = source.split('\n');
  return issues.map(({ message, line, column }) => `ERROR: <input>:${line}:${column}: ${message}\n | ${lines[line - 1] ?? ''}\n | ${'.'.repeat(Math.max(0, column - 1))}^`).join('\n');
}
