/** The rules of one version, compiled at their places in the schema, and run over objects beside what stood there before. */
import { canonicalText, isRecord, keysOfItem, sameJson, type JsonRecord, type JsonValue, type Node } from '../../api/apiextensions/schema/index.ts';
import type { ValidationRule } from '../../api/apiextensions/v1/types.ts';
import { FieldPath, type FieldError } from '../../api/meta/field.ts';
import { CelError, compile, limits, optionalOf, typeFromSchema, type CelType, type Program } from '../../cel/index.ts';

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
  /** Makes `optional.of(oldSelf)`. */
  wrap: Program | undefined;
  properties: ReadonlyMap<string, Place>;
  additional: Place | undefined;
  items: Place | undefined;
}

/** The environments of a rule: `oldSelf` is optional where the rule says so. */
export function variablesOf(type: CelType, rule: ValidationRule): Record<string, CelType> {
  return { self: type, oldSelf: rule.optionalOldSelf === true ? optionalOf(type) : type };
}

export function typeOfNode(node: Node, root: boolean): CelType | undefined {
  return typeFromSchema(node.schema as Parameters<typeof typeFromSchema>[0], { root: root || node.embedded });
}

function compiled(source: string, variables: Record<string, CelType>): Program | undefined {
  const result = compile(source, { variables });
  return result.ok ? result.program : undefined;
}

/** `.spec.x` as it stands behind the path of the place. */
const normalized = (fieldPath: string | undefined): string => (fieldPath ?? '').trim().replace(/^\./, '').replaceAll(/\['([^']*)'\]/g, '.$1');

/** Rules that cannot be compiled were stored by a server that could: they are left out. */
function rulesAt(node: Node, type: CelType | undefined): CompiledRule[] {
  if (type === undefined) return [];
  return node.rules.flatMap((rule) => {
    const variables = variablesOf(type, rule);
    const program = compiled(rule.rule, variables);
    if (program === undefined) return [];
    return { rule, program, transition: program.variables.has('oldSelf'), message: rule.messageExpression ? compiled(rule.messageExpression, variables) : undefined, fieldPath: normalized(rule.fieldPath) };
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
    node, properties, rules: rulesAt(node, type),
    wrap: type !== undefined && node.rules.some(({ optionalOldSelf }) => optionalOldSelf === true) ? compiled('optional.of(self)', { self: type }) : undefined,
    additional: typeof node.additional === 'object' ? placeOf(node.additional, false) : undefined, items: node.items === undefined ? undefined : placeOf(node.items, false),
  };
}

let absent: unknown;

/** `optional.none()`. */
function none(): unknown {
  return (absent ??= compiled('optional.none()', {})!.evaluate({}).value);
}

const ruleText = (rule: ValidationRule): string => (rule.message ? rule.message.trim() : rule.rule.trim());

function failed(path: string, node: Node, detail: string, reason?: string): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return { type: reason, field: path, detail: `Forbidden: ${detail}` };
    case 'FieldValueRequired':
      return { type: reason, field: path, detail: `Required value: ${detail}` };
    case 'FieldValueDuplicate':
      return { type: reason, field: path, detail: `Duplicate value: ${JSON.stringify(node.type)}` };
    default:
      return { type: 'FieldValueInvalid', field: path, detail: `Invalid value: ${JSON.stringify(node.type)}: ${detail}` };
  }
}

/** One validation of one object: what it may still cost, and what it found. */
class Run {
  readonly errors: FieldError[] = [];
  #left: number = limits.runtimeBudget;

  get spent(): boolean {
    return this.#left < 0;
  }

  walk(place: Place, path: FieldPath, value: JsonValue, old: JsonValue | undefined): void {
    if (this.spent || value === null) return;
    for (const rule of place.rules) {
      this.#check(place, rule, path, value, old ?? undefined);
      if (this.spent) return;
    }
    if (Array.isArray(value)) this.#items(place, path, value, old);
    else if (isRecord(value)) this.#fields(place, path, value, isRecord(old) ? old : undefined);
  }

  #fields(place: Place, path: FieldPath, value: JsonRecord, old: JsonRecord | undefined): void {
    const before = (key: string): JsonValue | undefined => (old !== undefined && Object.hasOwn(old, key) ? old[key] : undefined);
    for (const [name, below] of place.properties) if (Object.hasOwn(value, name)) this.walk(below, path.child(name), value[name]!, before(name));
    if (place.additional === undefined) return;
    for (const key of Object.keys(value)) if (!place.node.properties.has(key)) this.walk(place.additional, path.key(key), value[key]!, before(key));
  }

  /** Items of map lists are found again by their keys; those of other lists are not compared with anything. */
  #items(place: Place, path: FieldPath, value: readonly JsonValue[], old: JsonValue | undefined): void {
    if (place.items === undefined) return;
    const { node } = place;
    const identity = (item: JsonValue): string => (isRecord(item) ? canonicalText(keysOfItem(item, node)) : '');
    const before = node.listType === 'map' && Array.isArray(old) ? new Map(old.map((item) => [identity(item), item])) : undefined;
    for (const [i, item] of value.entries()) this.walk(place.items, path.index(i), item, before?.get(identity(item)));
  }

  #check(place: Place, rule: CompiledRule, path: FieldPath, value: JsonValue, old: JsonValue | undefined): void {
    const optional = rule.rule.optionalOldSelf === true;
    if (rule.transition && !optional && old === undefined) return;
    // What is as it was may stay as it was, whatever the rules say now.
    const ratchets = !rule.transition && old !== undefined && sameJson(value, old);
    const activation: Record<string, unknown> = { self: value };
    if (rule.transition) activation['oldSelf'] = !optional ? old : old === undefined ? none() : place.wrap!.evaluate({ self: old }).value;
    const at = path.text === '' ? '<nil>' : path.text;
    try {
      const fine = this.#evaluate(rule.program, activation) === true;
      if (fine || ratchets) return;
      const where = rule.fieldPath === '' ? at : path.child(rule.fieldPath).text;
      this.errors.push(failed(where, place.node, this.#message(rule, activation), rule.rule.reason));
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      if (!ratchets || this.spent) this.errors.push(failed(at, place.node, this.#trouble(error, rule.rule)));
    }
  }

  #trouble(error: CelError, rule: ValidationRule): string {
    if (error.costExceeded && this.spent && error.message.startsWith('validation failed')) return error.message;
    if (error.costExceeded) {
      this.#left = -1;
      return `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${ruleText(rule)}`;
    }
    if (error.message.startsWith('no such overload')) return `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${ruleText(rule)}`;
    return `${error.message} evaluating rule: ${ruleText(rule)}`;
  }

  #evaluate(program: Program, activation: Record<string, unknown>): unknown {
    const { value, cost } = program.evaluate(activation, { costLimit: limits.perCall });
    this.#left -= cost;
    if (this.spent) throw new CelError('validation failed due to running out of cost budget, no further validation rules will be run', true);
    return value;
  }

  #message({ rule, message }: CompiledRule, activation: Record<string, unknown>): string {
    if (message !== undefined) {
      try {
        const text = this.#evaluate(message, activation);
        if (typeof text === 'string' && text.trim() !== '' && !/[\r\n]/.test(text) && Buffer.byteLength(text) <= MESSAGE_MAX_BYTES) return text.trim();
      } catch (error) {
        if (!(error instanceof CelError)) throw error;
        if (this.spent) throw error;
      }
    }
    return rule.message ? rule.message.trim() : `failed rule: ${ruleText(rule)}`;
  }
}

export class RuleTree {
  readonly #root: Place | undefined;

  constructor(node: Node) {
    this.#root = placeOf(node, true);
  }

  /** What the rules say of an object; `old` is what it was before. */
  validate(object: object, old: object | undefined): FieldError[] {
    if (this.#root === undefined) return [];
    const run = new Run();
    run.walk(this.#root, new FieldPath(), object as JsonValue, old as JsonValue | undefined);
    return run.errors;
  }
}
