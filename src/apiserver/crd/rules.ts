/** Rules of schemas written in CEL (`x-kubernetes-validations`): loaded when the first object of a version with rules is written. */
import type { JsonValue, Node } from '../../api/apiextensions/schema/index.ts';
import type { FieldError, FieldErrorType } from '../../api/meta/field.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { RuleTree } from './rule-tree.ts';
import type { Schemas } from './schemas.ts';

export interface Rules {
  /** Loads and compiles what a version needs; undefined when nothing must be waited for. */
  ready(version: string, schemas: Schemas): Promise<void> | undefined;
  /** The errors so far, and those of the rules; what is only told of goes to `warnings`. */
  validate(version: string, errors: FieldError[], object: KubeObject, old: KubeObject | undefined, warnings: FieldError[]): FieldError[];
}

/** Faults after which rules could not rely on what they see. */
const BLOCKING: ReadonlySet<FieldErrorType> = new Set(['FieldValueNotSupported', 'FieldValueRequired', 'FieldValueTooLong', 'FieldValueTooMany', 'FieldValueTypeInvalid']);
const UNCHECKED: FieldError = {
  type: 'FieldValueInvalid', field: '<nil>',
  detail: 'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
};

class CelRules implements Rules {
  readonly #trees = new Map<string, RuleTree>();

  ready(version: string, schemas: Schemas): Promise<void> | undefined {
    if (this.#trees.has(version)) return undefined;
    const node = schemas.of(version);
    return node.within.rules ? this.#load(version, node) : undefined;
  }

  async #load(version: string, node: Node): Promise<void> {
    const { RuleTree } = await import('./rule-tree.ts');
    if (!this.#trees.has(version)) this.#trees.set(version, new RuleTree(node));
  }

  validate(version: string, errors: FieldError[], object: KubeObject, old: KubeObject | undefined, warnings: FieldError[]): FieldError[] {
    if (errors.some(({ type }) => BLOCKING.has(type))) return [...errors, UNCHECKED];
    const verdict = this.#trees.get(version)!.validate(object as unknown as JsonValue, old as unknown as JsonValue | undefined);
    warnings.push(...verdict.warnings);
    return [...errors, ...verdict.errors];
  }
}

/** The rules of one definition. */
export const celRules = (): Rules => new CelRules();

/** For definitions without rules. */
export const noRules: Rules = { ready: () => undefined, validate: (_version, errors) => errors };
