/** The rules of one version, compiled at their places in the schema, and run over objects beside what stood there before. */
import { canonicalText, isRecord, keysOfItem, sameJson, type JsonRecord, type JsonValue, type Node } from '../../api/apiextensions/schema/index.ts';
import { findFieldPath } from '../../api/apiextensions/v1/field-paths.ts';
import type { JSONSchemaProps, ValidationRule } from '../../api/apiextensions/v1/types.ts';
import { FieldPath, shown, type FieldError } from '../../api/meta/field.ts';
import { CelError, compile, limits, optionalOf, optionalValue, typeFromSchema, type CelType, type Program } from '../../cel/index.ts';

/** What an evaluated message may be long. */
const MESSAGE_MAX_BYTES = 5_120;

interface CompiledRule {
  rule: ValidationRule;
  program: Program;
  /** It compares with what was there before. */
  transition: boolean;
  message: Program | undefined;
  /** As `spec.x`, '' for the place itself. */
  fieldPath: string;
}

/** Rules at a place, and the places below that have any. */
interface Place {
  node: Node;
  rules: readonly CompiledRule[];
  /** Undefined where there are no rules. */
  type: CelType | undefined;
  properties: ReadonlyMap<string, Place>;
  additional: Place | undefined;
  items: Place | undefined;
}

/** The environments of a rule: `oldSelf` is optional where the rule says so. */
export function variablesOf(type: CelType, rule: ValidationRule): Record<string, CelType> {
  return { self: type, oldSelf: rule.optionalOldSelf === true ? optionalOf(type) : type };
}

export function typeOfNode(node: Node, root: boolean): CelType | undefined {
  return typeFromSchema(node.schema as Parameters<typeof typeFromSchema>[0], { root: root || node.embedded, name: 'selfType' });
}

function compiled(source: string, variables: Record<string, CelType>): Program | undefined {
  const result = compile(source, { variables });
  return result.ok ? result.program : undefined;
}

/** `.spec['x']` as it stands behind the path of the place; '' where it leads nowhere. */
function normalized(fieldPath: string | undefined, schema: JSONSchemaProps): string {
  if (!fieldPath) return '';
  const found = findFieldPath(fieldPath, schema, { brackets: true });
  return 'fault' in found ? '' : found.path.text;
}

/** Rules that cannot be compiled were stored by a server that could: they are left out. */
function rulesAt(node: Node, type: CelType | undefined): CompiledRule[] {
  if (type === undefined) return [];
  return node.rules.flatMap((rule) => {
    const variables = variablesOf(type, rule);
    const program = compiled(rule.rule, variables);
    if (program === undefined) return [];
    return { rule, program, transition: program.variables.has('oldSelf'), message: rule.messageExpression ? compiled(rule.messageExpression, variables) : undefined, fieldPath: normalized(rule.fieldPath, node.schema) };
  });
}

function placeOf(node: Node, root: boolean): Place | undefined {
  if (!node.within.rules) return undefined;
  const type = node.rules.length > 0 ? typeOfNode(node, root) : undefined;
  const properties = new Map<string, Place>();
  for (const [name, property] of node.properties) {
    const place = placeOf(property, false);
    if (place !== undefined) properties.set(name, place);
  }
  return {
    node, type, properties, rules: rulesAt(node, type),
    additional: typeof node.additional === 'object' ? placeOf(node.additional, false) : undefined, items: node.items === undefined ? undefined : placeOf(node.items, false),
  };
}

const ruleText = (rule: ValidationRule): string => (rule.message ? rule.message.trim() : rule.rule.trim());

/** What a broken rule says; of objects and lists nothing is shown. */
function failed(path: string, node: Node, value: JsonValue, detail: string, reason: string | undefined): FieldError {
  const whole = node.type === 'object' || node.type === 'array';
  switch (reason) {
    case 'FieldValueForbidden':
      return { type: reason, field: path, detail: `Forbidden: ${detail}` };
    case 'FieldValueRequired':
      return { type: reason, field: path, detail: `Required value: ${detail}` };
    case 'FieldValueDuplicate':
      return { type: reason, field: path, detail: whole ? 'Duplicate value' : `Duplicate value: ${shown(value)}` };
    default:
      return { type: 'FieldValueInvalid', field: path, detail: whole ? `Invalid value: ${detail}` : `Invalid value: ${shown(value)}: ${detail}` };
  }
}

/** What rules say of an object. */
export interface Verdict {
  errors: FieldError[];
  /** What is wrong, and was wrong before in the same way: told, but let be. */
  warnings: FieldError[];
}

/** How a place goes together with what was there before. */
interface Before {
  /** What `oldSelf` is; undefined: nothing to compare with. */
  value: JsonValue | undefined;
  /** Whether the place, or the nearest one above that can be found again, is as it was. Worked out when a rule is broken. */
  same: () => boolean;
}

const never = (): boolean => false;

/** One validation of one object: what it may still cost, and what it found. */
class Run {
  readonly verdict: Verdict = { errors: [], warnings: [] };
  #left: number = limits.runtimeBudget;

  get #spent(): boolean {
    return this.#left < 0;
  }

  walk(place: Place, path: FieldPath, value: JsonValue, before: Before, root: boolean): void {
    if (this.#spent || value === null) return;
    for (const rule of place.rules) {
      this.#check(place, rule, path, value, before);
      if (this.#spent) return;
    }
    if (Array.isArray(value)) this.#items(place, path, value, before);
    else if (isRecord(value)) this.#fields(place, path, value, before, root);
  }

  #fields(place: Place, path: FieldPath, value: JsonRecord, before: Before, root: boolean): void {
    const old = isRecord(before.value) ? before.value : undefined;
    const below = (key: string): Before => {
      const was = old !== undefined && Object.hasOwn(old, key) ? old[key] : undefined;
      if (root && (key === 'apiVersion' || key === 'kind')) return { value: was, same: never };
      return { value: was, same: was === undefined || place.node.mapType === 'atomic' ? before.same : () => sameJson(value[key], was) };
    };
    for (const [name, inner] of place.properties) if (Object.hasOwn(value, name)) this.walk(inner, path.child(name), value[name]!, below(name), false);
    if (place.additional === undefined) return;
    for (const key of Object.keys(value)) if (!place.node.properties.has(key)) this.walk(place.additional, path.key(key), value[key]!, below(key), false);
  }

  /** Items of map lists are found again by their keys; those of other lists are not compared with anything. */
  #items(place: Place, path: FieldPath, value: readonly JsonValue[], before: Before): void {
    if (place.items === undefined) return;
    const { node } = place;
    const identity = (item: JsonValue): string => (isRecord(item) ? canonicalText(keysOfItem(item, node)) : '');
    const found = node.listType === 'map' && Array.isArray(before.value) ? new Map(before.value.map((item) => [identity(item), item])) : undefined;
    for (const [i, item] of value.entries()) {
      const was = found?.get(identity(item));
      this.walk(place.items, path.index(i), item, { value: was, same: was === undefined ? before.same : () => sameJson(item, was) }, false);
    }
  }

  #check(place: Place, rule: CompiledRule, path: FieldPath, value: JsonValue, before: Before): void {
    const optional = rule.rule.optionalOldSelf === true;
    const old = before.value ?? undefined;
    if (rule.transition && !optional && old === undefined) return;
    const activation: Record<string, unknown> = { self: value };
    if (rule.transition) activation['oldSelf'] = optional ? optionalValue(old, place.type!) : old;
    const at = path.text === '' ? '<nil>' : path.text;
    const broken = (field: string, detail: string): FieldError => ({ type: 'FieldValueInvalid', field, detail: `Invalid value: ${JSON.stringify(place.node.type)}: ${detail}` });
    try {
      if (this.#evaluate(rule.program, activation, OUT_OF_BUDGET) === true) return;
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      return void this.verdict.errors.push(broken(at, this.#trouble(error, rule.rule)));
    }
    const where = rule.fieldPath === '' ? at : path.child(rule.fieldPath).text;
    let found: FieldError;
    try {
      found = failed(where, place.node, value, this.#message(rule, activation), rule.rule.reason);
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      found = broken(where, error.message);
    }
    // What is as it was may stay as it was, whatever the rules say now.
    this.verdict[!rule.transition && before.same() ? 'warnings' : 'errors'].push(found);
  }

  #trouble(error: CelError, rule: ValidationRule): string {
    if (error.message === OUT_OF_BUDGET) return error.message;
    if (error.costExceeded) {
      this.#left = -1;
      return `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${ruleText(rule)}`;
    }
    if (error.message.startsWith('no such overload')) return `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${ruleText(rule)}`;
    return `${error.message} evaluating rule: ${ruleText(rule)}`;
  }

  #evaluate(program: Program, activation: Record<string, unknown>, spent: string): unknown {
    const { value, cost } = program.evaluate(activation, { costLimit: limits.perCall });
    this.#left -= cost;
    if (this.#spent) throw new CelError(spent, true);
    return value;
  }

  /** What a broken rule has to say. Throws where saying it costs too much. */
  #message({ rule, message }: CompiledRule, activation: Record<string, unknown>): string {
    if (message !== undefined) {
      try {
        const text = this.#evaluate(message, activation, MESSAGE_OUT_OF_BUDGET);
        const said = typeof text === 'string' ? text.trim() : '';
        if (said !== '' && !said.includes('\n') && Buffer.byteLength(said) <= MESSAGE_MAX_BYTES) return said;
      } catch (error) {
        if (!(error instanceof CelError)) throw error;
        if (this.#spent) throw error;
        if (error.costExceeded) {
          this.#left = -1;
          throw new CelError(`no further validation rules will be run due to call cost exceeds limit for messageExpression: ${JSON.stringify(rule.messageExpression)}`, true);
        }
      }
    }
    return rule.message ? rule.message.trim() : `failed rule: ${ruleText(rule)}`;
  }
}

const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run';
const MESSAGE_OUT_OF_BUDGET = 'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run';

export class RuleTree {
  readonly #root: Place | undefined;
  readonly #isRoot: boolean;

  /** @param root the schema is that of a whole object. */
  constructor(node: Node, root = true) {
    this.#root = placeOf(node, root);
    this.#isRoot = root;
  }

  /** What the rules say of an object; `old` is what it was before. */
  validate(value: JsonValue, old: JsonValue | undefined, path = new FieldPath()): Verdict {
    if (this.#root === undefined) return { errors: [], warnings: [] };
    const run = new Run();
    run.walk(this.#root, path, value, { value: old, same: old === undefined ? never : () => sameJson(value, old) }, this.#isRoot);
    return run.verdict;
  }
}
