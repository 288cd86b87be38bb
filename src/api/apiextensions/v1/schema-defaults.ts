/** Defaults that a schema gives must themselves be what the schema allows. */
import { compileSchema, embeddedFault, prune, sameJson, validateEmbedded, validateValue, type JsonValue, type Node } from '../schema/index.ts';
import { FieldPath, invalidValue, type FieldError } from '../../meta/field.ts';
import { ruleCompiler } from './rule-hook.ts';
import type { JSONSchemaProps } from './types.ts';

export interface DefaultChecks {
  /** Fields that the schema does not know are let pass: the stored definition has such. */
  anyFields?: boolean;
}

/** The faults of metadata in which a default would result. */
type Surrounding = (value: JsonValue) => FieldError[];

const TYPED: ReadonlySet<string> = new Set(['metadata', 'apiVersion', 'kind']);

class Defaults {
  readonly #checks: DefaultChecks;

  constructor(checks: DefaultChecks) {
    this.#checks = checks;
  }

  /** @param inMetadata what a default would make of the object around it, where it is in an object's metadata. */
  walk(path: FieldPath, node: Node, root: boolean, inMetadata?: Surrounding): FieldError[] {
    const embedded = root || node.embedded;
    const errors = node.default === undefined ? [] : this.#check(path.child('default'), node, embedded ? undefined : inMetadata);
    if (!node.within.defaults) return errors;
    if (node.items !== undefined) errors.push(...this.walk(path.child('items'), node.items, false, embedded || inMetadata === undefined ? undefined : (value) => inMetadata([value])));
    for (const [name, property] of node.properties) {
      const around = embedded ? (TYPED.has(name) ? objectAround(node, name) : undefined) : inMetadata && ((value: JsonValue): FieldError[] => inMetadata({ [name]: value }));
      errors.push(...this.walk(path.child('properties').key(name), property, false, around));
    }
    return errors;
  }

  #check(at: FieldPath, node: Node, inMetadata: Surrounding | undefined): FieldError[] {
    const value = node.default as JsonValue;
    const errors: FieldError[] = [];
    if (inMetadata === undefined && !this.#checks.anyFields) {
      const pruned = structuredClone(value);
      prune(pruned, node, { root: node.embedded, quiet: true });
      if (!sameJson(pruned, value)) errors.push(invalidValue(at, value, 'must not have unknown fields'));
    }
    return [...errors, ...this.#validity(at, node, value, inMetadata)];
  }

  #validity(at: FieldPath, node: Node, value: JsonValue, inMetadata: Surrounding | undefined): FieldError[] {
    const around = inMetadata?.(structuredClone(value)) ?? [];
    if (around.length > 0) {
      const texts = around.map(({ field, detail }) => `${field}: ${detail}`);
      return [invalidValue(at, value, `must result in valid metadata: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`)];
    }
    const unread = inMetadata === undefined ? embeddedFault(at, value, node) : undefined;
    const embedded = unread !== undefined ? [unread] : inMetadata === undefined ? validateEmbedded(at, value, node, false) : [];
    if (embedded.length > 0) return embedded;
    // A default at its own place: paths in the sentence begin there.
    const faults = validateValue(value, anyNumberOrString(node.schema)).map((error): FieldError => ({ ...error, field: error.field === '' || error.field === '<nil>' ? at.text : `${at.text}.${error.field}` }));
    return faults.length > 0 || !node.within.rules ? faults : (ruleCompiler()?.defaults(at, node, value, false) ?? []);
  }
}

const INT_OR_STRING = 'x-kubernetes-int-or-string';

/** For defaults int-or-string says nothing of the type. */
function anyNumberOrString(schema: JSONSchemaProps): JSONSchemaProps {
  const text = JSON.stringify(schema);
  return text.includes(INT_OR_STRING) ? (JSON.parse(text, (key, value: unknown) => (key === INT_OR_STRING && value === true ? undefined : value)) as JSONSchemaProps) : schema;
}

/** An object that has nothing but its type and the default at its place. */
function objectAround(node: Node, name: string): Surrounding {
  return (value) => validateEmbedded(new FieldPath(), { apiVersion: 'validation/v1', kind: 'Validation', [name]: value }, { ...node, embedded: true, within: { ...node.within, embedded: true } }, false);
}

/** All faults of the defaults of a structural schema. */
export function validateSchemaDefaults(path: FieldPath, schema: JSONSchemaProps, checks: DefaultChecks = {}): FieldError[] {
  return new Defaults(checks).walk(path, compileSchema(schema), true);
}
