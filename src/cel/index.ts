/** CEL as Kubernetes has it. `compile` is the way in; README.md has the map. */
import type { Node } from './ast.ts';
import { check } from './check/checker.ts';
import { estimateCost } from './estimate/index.ts';
import { kubernetesLibraries } from './library/index.ts';
import type { Macros } from './macros.ts';
import { parse } from './parser.ts';
import { Frame, type Run } from './run/frame.ts';
import { Planner } from './run/plan.ts';
import { CelError, type Activation, type CelType, type CompileResult, type CostEstimate, type Environment, type Evaluation, type EvaluationOptions, type LibraryName, type Program } from './types.ts';

export { conditionVariables, policyVariables, withVariableTypes } from './admission.ts';
export { toJson } from './json.ts';
export { authorizerValue, PendingDecision, requestResourceValue, type Authorize, type AuthorizationAnswer, type AuthorizationQuery } from './library/authorizer.ts';
export { deviceLibraries, kubernetesLibraries, mutationLibraries } from './library/index.ts';
export { optionalValue } from './library/optional.ts';
export { quantityValue } from './library/quantity.ts';
export { semverValue } from './library/semver.ts';

export { escapeName, unescapeName } from './names.ts';
export { maxRequestBytes, leastBytesOf, typeFromSchema, type SchemaTypeOptions, type StructuralSchema } from './schema.ts';
export { typeOfTable } from './tables.ts';
export { formatType } from './type-names.ts';
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

const known = new WeakMap<readonly LibraryName[], Macros>();

function macrosOf(libraries: readonly LibraryName[]): Macros {
  let macros = known.get(libraries);
  if (macros === undefined) {
    const has = (name: LibraryName): boolean => libraries.includes(name);
    macros = { bindings: has('bindings'), optional: has('optional'), twoVariables: has('two-variable-comprehensions'), math: has('math'), lists: has('lists-extension') };
    known.set(libraries, macros);
  }
  return macros;
}

/** Parses, checks and prepares an expression. */
export function compile(source: string, environment: Environment): CompileResult {
  const parsed = parse(source, macrosOf(environment.libraries ?? kubernetesLibraries()));
  if ('issues' in parsed) return { ok: false, issues: parsed.issues };
  const { node } = parsed;
  const { issues, variables, mayFail } = check(source, node, environment);
  if (issues.length > 0) return { ok: false, issues };
  return { ok: true, program: new CompiledProgram(source, node, { variables, mayFail }, environment) };
}

class CompiledProgram implements Program {
  readonly source: string;
  readonly outputType: CelType;
  readonly variables: ReadonlySet<string>;
  private readonly node: Node;
  private readonly environment: Environment;
  /** Made by the first evaluation: much is compiled that never runs. */
  private run: Run | undefined;

  private readonly mayFail: boolean;

  constructor(source: string, node: Node, found: { variables: ReadonlySet<string>; mayFail: boolean }, environment: Environment) {
    this.source = source;
    this.node = node;
    this.variables = found.variables;
    this.mayFail = found.mayFail;
    this.environment = environment;
    this.outputType = node.type!;
  }

  evaluate(activation: Activation, options: EvaluationOptions = {}): Evaluation {
    this.run ??= this.planned();
    const frame = new Frame(activation, options.costLimit ?? Infinity);
    return { value: this.run(frame), cost: frame.cost };
  }

  private planned(): Run {
    return new Planner(this.environment).plan(this.node);
  }

  fault(): string | undefined {
    if (!this.mayFail || this.run !== undefined) return undefined;
    try {
      this.run = this.planned();
      return undefined;
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      return error.message;
    }
  }

  estimateCost(): CostEstimate {
    return estimateCost(this.node, this.environment);
  }
}

/** Longest line that is shown, in bytes. */
const maxSnippet = 16_384;

/** A line with a mark below the column; characters of several bytes have wide dots and marks. */
function snippet(line: string, column: number): string {
  if (Buffer.byteLength(line) > maxSnippet) return '';
  const shown = line.replaceAll('\t', ' ');
  const points = [...shown];
  const isWide = (point: string): boolean => point > '\x7f';
  const dots = points.slice(0, Math.max(0, column - 1)).map((point) => (isWide(point) ? '\uff0e' : '.')).join('');
  const marked = points[Math.max(0, column - 1)];
  return `\n | ${shown}\n | ${dots}${marked !== undefined && isWide(marked) ? '\uff3e' : '^'}`;
}

/** Issues as cel-go prints them: `ERROR: <input>:1:5: …`, the line, and a mark below the column. */
export function formatIssues(source: string, issues: readonly { message: string; line: number; column: number }[]): string {
  const lines = source.split('\n');
  return issues.map(({ message, line, column }) => `ERROR: <input>:${line}:${column}: ${message}${line < 1 || source === '' ? '' : snippet(lines[line - 1] ?? '', column)}`).join('\n');
}
