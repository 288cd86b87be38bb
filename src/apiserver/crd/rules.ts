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

/** Takes the time of compiling a version's rules and of checking an object, in seconds. */
export interface RuleTiming {
  /** Seconds, from some start. */
  now(): number;
  compiled(seconds: number): void;
  evaluated(seconds: number): void;
}

class CelRules implements Rules {
  readonly #trees = new Map<string, RuleTree>();
  readonly #timing: RuleTiming | undefined;

  constructor(timing: RuleTiming | undefined) {
    this.#timing = timing;
  }

  ready(version: string, schemas: Schemas): Promise<void> | undefined {
    if (this.#trees.has(version)) return undefined;
    const node = schemas.of(version);
    return node.within.rules ? this.#load(version, node) : undefined;
  }

  async #load(version: string, node: Node): Promise<void> {
    const { RuleTree } = await import('./rule-tree.ts');
    if (this.#trees.has(version)) return;
    const began = this.#timing?.now() ?? 0;
    this.#trees.set(version, new RuleTree(node));
    this.#timing?.compiled(this.#timing.now() - began);
  }

  validate(version: string, errors: FieldError[], object: KubeObject, old: KubeObject | undefined, warnings: FieldError[]): FieldError[] {
    if (errors.some(({ type }) => BLOCKING.has(type))) return [...errors, UNCHECKED];
    const tree = this.#trees.get(version)!;
    const began = this.#timing?.now() ?? 0;
    const verdict = tree.validate(object as unknown as JsonValue, old as unknown as JsonValue | undefined);
    this.#timing?.evaluated(this.#timing.now() - began);
    warnings.push(...verdict.warnings);
    return [...errors, ...verdict.errors];
  }
}

/** The rules of definitions; `timing` is told how long they take. */
export const celRules = (timing?: RuleTiming): (() => Rules) => () => new CelRules(timing);

/** For definitions without rules. */
export const noRules: Rules = { ready: () => undefined, validate: (_version, errors) => errors };
