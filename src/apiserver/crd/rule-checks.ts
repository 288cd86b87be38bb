/** Rules in a definition's schemas must compile, give what they should, compare only what can be found again, and not cost too much. */
import { compileSchema, type Node } from '../../api/apiextensions/schema/index.ts';
import type { CustomResourceDefinition, JSONSchemaProps, ValidationRule } from '../../api/apiextensions/v1/types.ts';
import { FieldPath, forbiddenField, invalidValue, type FieldError } from '../../api/meta/field.ts';
import { compile, formatIssues, limits, type CelType, type Program } from '../../cel/index.ts';
import { typeOfNode, variablesOf } from './rule-tree.ts';

/** The largest request: no list in it has more items than fit. */
const REQUEST_BYTES = 3 * 1024 * 1024;
/** Rules that are named when all together cost too much. */
const NAMED_EXPENSIVE = 4;

const ADVICE = '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';

function tooExpensive(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const text = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return `${what} exceeds budget by factor of ${text} ${ADVICE}`;
}

/** The fewest bytes that a value takes in a request. */
function leastBytes(node: Node): number {
  switch (node.type) {
    case 'boolean':
      return 4;
    case 'string':
      return node.schema.format === 'date-time' ? 22 : node.schema.format === 'date' ? 12 : node.schema.format === 'duration' ? 4 : 2;
    case 'array':
      return 2;
    case 'object': {
      let bytes = 2;
      for (const name of node.schema.required ?? []) {
        const property = node.properties.get(name);
        if (property !== undefined && property.default === undefined) bytes += name.length + leastBytes(property) + 4;
      }
      return bytes;
    }
    default:
      return 1;
  }
}

interface Where {
  path: FieldPath;
  /** How often the place can occur in an object; undefined where nothing says. */
  times: number | undefined;
  /** The list whose items cannot be found again, if the place is below one. */
  uncorrelatable: FieldPath | undefined;
  root: boolean;
}

class Checks {
  readonly errors: FieldError[] = [];
  readonly #costs: { path: FieldPath; cost: number }[] = [];

  walk(node: Node, where: Where): void {
    if (!node.within.rules) return;
    if (node.rules.length > 0) this.#rules(node, where);
    const { path, times, uncorrelatable } = where;
    const next = (at: FieldPath, factor: number | undefined, lost = uncorrelatable): Where => ({ path: at, times: times === undefined || factor === undefined ? undefined : times * factor, uncorrelatable: lost, root: false });
    for (const [name, property] of node.properties) this.walk(property, next(path.child('properties').key(name), 1));
    if (typeof node.additional === 'object') this.walk(node.additional, next(path.child('additionalProperties'), node.schema.maxProperties));
    if (node.items !== undefined) this.walk(node.items, next(path.child('items'), node.schema.maxItems, node.listType === 'map' ? uncorrelatable : (uncorrelatable ?? path)));
  }

  #rules(node: Node, where: Where): void {
    const type = typeOfNode(node, where.root);
    for (const [i, rule] of node.rules.entries()) {
      const at = where.path.child('x-kubernetes-validations').index(i);
      if (type === undefined) this.errors.push(invalidValue(at, rule, 'the schema says too little of this place for rules'));
      else this.#rule(node, where, at, rule, type);
    }
  }

  #rule(node: Node, where: Where, at: FieldPath, rule: ValidationRule, type: CelType): void {
    const program = this.#compile(at.child('rule'), rule, rule.rule, type, 'bool');
    if (program !== undefined) {
      if (program.variables.has('oldSelf') && where.uncorrelatable !== undefined) {
        this.errors.push(invalidValue(at.child('rule'), rule.rule, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${where.uncorrelatable.text}`));
      }
      if (rule.optionalOldSelf !== undefined && !program.variables.has('oldSelf')) this.errors.push(invalidValue(at.child('optionalOldSelf'), rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule'));
      this.#cost(at.child('rule'), 'estimated rule cost', program, node, where);
    }
    if (!rule.messageExpression?.trim()) return;
    const message = this.#compile(at.child('messageExpression'), rule, rule.messageExpression, type, 'string');
    if (message !== undefined) this.#cost(at.child('messageExpression'), 'estimated messageExpression cost', message, node, where);
  }

  #compile(at: FieldPath, rule: ValidationRule, source: string, type: CelType, wanted: 'bool' | 'string'): Program | undefined {
    const result = compile(source, { variables: variablesOf(type, rule) });
    const what = wanted === 'bool' ? '' : 'messageExpression ';
    if (!result.ok) {
      this.errors.push(invalidValue(at, wanted === 'bool' ? rule : source, `${what}compilation failed: ${formatIssues(source, result.issues)}`));
      return undefined;
    }
    if (result.program.outputType.kind === wanted) return result.program;
    this.errors.push(invalidValue(at, wanted === 'bool' ? rule : source, wanted === 'bool' ? 'cel expression must evaluate to a bool' : 'messageExpression must evaluate to a string'));
    return undefined;
  }

  #cost(at: FieldPath, what: string, program: Program, node: Node, where: Where): void {
    const times = where.times ?? Math.floor(REQUEST_BYTES / (leastBytes(node) + 1));
    const cost = program.estimateCost().max * times;
    this.#costs.push({ path: at, cost });
    if (cost > limits.expressionEstimate) this.errors.push(forbiddenField(at, tooExpensive(what, cost, limits.expressionEstimate)));
  }

  /** All rules together. */
  total(path: FieldPath): void {
    const total = this.#costs.reduce((sum, { cost }) => sum + cost, 0);
    if (total <= limits.definitionEstimate) return;
    const expensive = this.#costs.toSorted((a, b) => b.cost - a.cost).slice(0, NAMED_EXPENSIVE);
    for (const one of expensive) this.errors.push(forbiddenField(one.path, 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'));
    this.errors.push(forbiddenField(path, tooExpensive('x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema', total, limits.definitionEstimate)));
  }
}

function checkSchema(path: FieldPath, schema: JSONSchemaProps): FieldError[] {
  const checks = new Checks();
  checks.walk(compileSchema(schema), { path, times: 1, uncorrelatable: undefined, root: true });
  checks.total(path);
  return checks.errors;
}

/** What is wrong with the rules of a definition's schemas. Versions with the same schema are told of once, as if it stood beside them. */
export function checkRules(definition: CustomResourceDefinition): FieldError[] {
  const { versions } = definition.spec;
  const first = versions[0]?.schema?.openAPIV3Schema;
  if (first !== undefined && versions.every(({ schema }) => JSON.stringify(schema?.openAPIV3Schema) === JSON.stringify(first))) return checkSchema(new FieldPath('spec.validation.openAPIV3Schema'), first);
  return versions.flatMap(({ schema }, i) => (schema?.openAPIV3Schema === undefined ? [] : checkSchema(new FieldPath(`spec.versions[${i}].schema.openAPIV3Schema`), schema.openAPIV3Schema)));
}
