/** Rules of schemas written in CEL (`x-kubernetes-validations`). */
import type { Node } from '../../api/apiextensions/schema/index.ts';
import type { FieldError } from '../../api/meta/field.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { Schemas } from './schemas.ts';

export interface Rules {
  /** Loads and compiles what a version needs; undefined when nothing must be waited for. */
  ready(version: string, schemas: Schemas): Promise<void> | undefined;
  /** The errors so far, and those of the rules. */
  validate(version: string, node: Node, errors: FieldError[], object: KubeObject, old: KubeObject | undefined): FieldError[];
}

/** Until rules are evaluated: none are. */
export const noRules: Rules = { ready: () => undefined, validate: (_version, _node, errors) => errors };
