/** Where the compiler of CEL rules is put: this floor knows no CEL, and the server loads it with the first definition that has rules. */
import type { FieldError, FieldPath } from '../../meta/field.ts';
import type { JsonValue, Node } from '../schema/index.ts';
import type { JSONSchemaProps } from './types.ts';

/** What is known of the place of a schema. */
export interface RulePlace {
  /** How often the place can occur in an object; undefined where nothing says. */
  times: number | undefined;
  /** The place above that cannot be found again in an older object, if there is one. */
  uncorrelatable: FieldPath | undefined;
  root: boolean;
}

/** Checks the rules of one schema, place by place; it adds up what they may cost. */
export interface RuleChecks {
  at(path: FieldPath, schema: JSONSchemaProps, place: RulePlace): FieldError[];
  /** All rules together. */
  total(path: FieldPath): FieldError[];
}

export interface RuleCompiler {
  /** @param options.anyCost single rules may cost what they like: they are stored already. */
  start(options: { anyCost: boolean }): RuleChecks;
  /** Runs the rules at and below a place over a default that stands there. */
  defaults(path: FieldPath, node: Node, value: JsonValue, root: boolean): FieldError[];
}

let compiler: RuleCompiler | undefined;

/** Told once, before a definition with rules is validated. */
export function useRuleCompiler(value: RuleCompiler): void {
  compiler = value;
}

export const ruleCompiler = (): RuleCompiler | undefined => compiler;
