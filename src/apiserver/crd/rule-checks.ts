/** Rules in a definition's schemas must compile, give what they should, compare only what can be found again, and not cost too much. */
import { compileSchema, type JsonValue, type Node } from '../../api/apiextensions/schema/index.ts';
import { ruleForm } from '../../api/apiextensions/v1/go-form.ts';
import type { RuleChecks, RuleCompiler, RulePlace } from '../../api/apiextensions/v1/rule-hook.ts';
import type { JSONSchemaProps, ValidationRule } from '../../api/apiextensions/v1/types.ts';
import { forbiddenField, invalidValue, type FieldError, type FieldPath } from '../../api/meta/field.ts';
import { compile, formatIssues, leastBytesOf, limits, maxRequestBytes, type CelType, type Program, type StructuralSchema } from '../../cel/index.ts';
import { RuleTree, typeOfNode, variablesOf } from './rule-tree.ts';

/** Rules that are named when all together cost too much. */
const NAMED_EXPENSIVE = 4;
/** Costs are counted up to here. */
const MOST = 2 ** 64;

const ADVICE = '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';

function tooExpensive(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const text = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return `${what} exceeds budget by factor of ${text} ${ADVICE}`;
}

/** What may be wrong with one expression: it is no rule, or it gives another type than it should. */
type Compiled = { program: Program } | { fault: string };

class Checks implements RuleChecks {
  readonly #anyCost: boolean;
  #total = 0;
  #expensive: { path: FieldPath; cost: number }[] = [];

  constructor(anyCost: boolean) {
    this.#anyCost = anyCost;
  }

  at(path: FieldPath, schema: JSONSchemaProps, place: RulePlace): FieldError[] {
    const node = compileSchema(schema);
    const type = typeOfNode(node, place.root);
    if (type === undefined) return [{ type: 'InternalError', field: path.child('x-kubernetes-validations').text, detail: 'Internal error: internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations' }];
    return node.rules.flatMap((rule, i) => this.#rule(path.child('x-kubernetes-validations').index(i), rule, type, node, place));
  }

  #rule(at: FieldPath, rule: ValidationRule, type: CelType, node: Node, place: RulePlace): FieldError[] {
    const variables = variablesOf(type, rule);
    const compiled = expression(rule.rule, variables, 'bool');
    if ('fault' in compiled) return [invalidValue(at.child('rule'), ruleForm(rule), compiled.fault), ...(rule.optionalOldSelf === undefined ? [] : [unusedOldSelf(at, rule)])];
    // No list in a request has more items than fit.
    const times = place.times ?? Math.floor(maxRequestBytes / (leastBytesOf(node.schema as StructuralSchema) + 1));
    const errors = this.#cost(at.child('rule'), 'estimated rule cost', compiled.program.estimateCost().max * times);
    if (rule.messageExpression?.trim()) errors.push(...this.#message(at.child('messageExpression'), rule, variables));
    if (!compiled.program.variables.has('oldSelf')) {
      if (rule.optionalOldSelf !== undefined) errors.push(unusedOldSelf(at, rule));
    } else if (place.uncorrelatable !== undefined) errors.push(invalidValue(at.child('rule'), rule.rule, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelatable.text}`));
    return errors;
  }

  #message(at: FieldPath, rule: ValidationRule, variables: Record<string, CelType>): FieldError[] {
    const compiled = expression(rule.messageExpression!, variables, 'string');
    return 'fault' in compiled ? [invalidValue(at, ruleForm(rule), compiled.fault)] : this.#cost(at, 'estimated messageExpression cost', compiled.program.estimateCost().max);
  }

  #cost(at: FieldPath, what: string, cost: number): FieldError[] {
    const counted = Math.min(cost, MOST);
    this.#total = Math.min(this.#total + counted, MOST);
    // Of rules that cost next to nothing nothing is said, whatever all cost together.
    if (counted >= limits.definitionEstimate / 100) this.#expensive = [...this.#expensive, { path: at, cost: counted }].sort((a, b) => b.cost - a.cost).slice(0, NAMED_EXPENSIVE);
    return !this.#anyCost && counted > limits.expressionEstimate ? [forbiddenField(at, tooExpensive(what, counted, limits.expressionEstimate))] : [];
  }

  total(path: FieldPath): FieldError[] {
    if (this.#total <= limits.definitionEstimate) return [];
    return [
      ...this.#expensive.map((one) => forbiddenField(one.path, 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema')),
      forbiddenField(path, tooExpensive('x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema', this.#total, limits.definitionEstimate)),
    ];
  }
}

function unusedOldSelf(at: FieldPath, rule: ValidationRule): FieldError {
  return invalidValue(at.child('optionalOldSelf'), rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule');
}

function expression(source: string, variables: Record<string, CelType>, wanted: 'bool' | 'string'): Compiled {
  const result = compile(source, { variables });
  const prefix = wanted === 'bool' ? '' : 'messageExpression ';
  if (!result.ok) return { fault: `${prefix}compilation failed: ${formatIssues(source, result.issues)}` };
  if (result.program.outputType.kind === wanted) {
    const fault = result.program.fault();
    return fault === undefined ? { program: result.program } : { fault: `${prefix || 'program '}instantiation failed: ${fault}` };
  }
  return { fault: wanted === 'bool' ? 'cel expression must evaluate to a bool' : 'messageExpression must evaluate to a string' };
}

/** What definitions are validated with. */
export const celCompiler: RuleCompiler = {
  start: ({ anyCost }) => new Checks(anyCost),
  defaults(path: FieldPath, node: Node, value: JsonValue, root: boolean): FieldError[] {
    const tree = new RuleTree(node, root);
    const unchanged = tree.validate(value, value, path).errors;
    return unchanged.length > 0 ? unchanged : tree.validate(value, undefined, path).errors;
  },
};
