/** Fields that the schema does not know are dropped, unless it says that they stay. */
import { setOwn } from '../../../base/own.ts';
import { nodeBelow, type JsonRecord, type JsonValue, type Node } from './node.ts';

/** More than this many unknown fields are not named. */
export const unknownFieldsLimit = 10_000;

const TYPE_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

class Pruner {
  /** Undefined where nobody wants to know. */
  readonly unknown: string[] | undefined;
  readonly #steps: string[] = [];

  constructor(unknown: string[] | undefined) {
    this.unknown = unknown;
  }

  #note(key: string): void {
    if (this.unknown === undefined || this.unknown.length >= unknownFieldsLimit) return;
    const path = `${this.#steps.join('')}.${key}`;
    this.unknown.push(path.startsWith('.') ? path.slice(1) : path);
  }

  prune(value: JsonValue, node: Node | undefined, root = false): void {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) this.#below(`[${i}]`, value[i]!, node?.items, node?.preserve === true);
      return;
    }
    const keepsTypes = root || node?.embedded === true;
    for (const key of Object.keys(value)) {
      if (keepsTypes && TYPE_FIELDS.has(key)) continue;
      const property = node?.properties.get(key);
      if (property !== undefined) this.#below(`.${key}`, value[key]!, property, false);
      else if (node !== undefined && node.additional !== false) this.#below(`.${key}`, value[key]!, typeof node.additional === 'object' ? node.additional : undefined, false);
      else if (node?.preserve !== true) {
        this.#note(key);
        delete value[key];
      }
    }
  }

  /** Items of a list that keeps what it does not know are only walked for what they know. */
  #below(step: string, value: JsonValue, node: Node | undefined, preserved: boolean): void {
    if (typeof value !== 'object' || value === null || (node === undefined && preserved)) return;
    this.#steps.push(step);
    this.prune(value, node === undefined || !preserved || node.preserve ? node : { ...node, preserve: true });
    this.#steps.pop();
  }
}

/**
 * Drops what the schema does not know, in place, and answers with the paths of what was dropped, as `spec.list[0].foo`.
 * @param options.root the value is a whole object: its apiVersion, kind and metadata stay.
 */
export function prune(value: JsonValue, node: Node, options: { root?: boolean; quiet?: boolean } = {}): string[] {
  const pruner = new Pruner(options.quiet ? undefined : []);
  pruner.prune(value, node, options.root);
  return pruner.unknown?.sort() ?? [];
}

/** Drops nulls, in place, where the schema allows none and has no default to put in their place. Answers whether there were any. */
export function dropNulls(value: JsonValue, node: Node): boolean {
  if (typeof value !== 'object' || value === null) return false;
  let dropped = false;
  if (Array.isArray(value)) {
    if (node.items !== undefined) for (const item of value) dropped = dropNulls(item, node.items) || dropped;
    return dropped;
  }
  for (const key of Object.keys(value)) {
    const below = nodeBelow(node, key);
    if (below === undefined) continue;
    if (value[key] !== null) dropped = dropNulls(value[key]!, below) || dropped;
    else if (!below.nullable && below.default === undefined) {
      delete value[key];
      dropped = true;
    }
  }
  return dropped;
}

/** Fills in the schema's defaults, in place: for fields that are missing, and for nulls where the schema allows none. Answers whether it filled in any. */
export function applySchemaDefaults(value: JsonValue, node: Node): boolean {
  if (!node.within.defaults || typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) ? defaultItems(value, node.items) : defaultFields(value, node);
}

const copyOf = (value: unknown): JsonValue => (typeof value === 'object' ? (structuredClone(value) as JsonValue) : (value as JsonValue));

function defaultItems(items: JsonValue[], node: Node | undefined): boolean {
  if (node === undefined) return false;
  let filled = false;
  for (let i = 0; i < items.length; i++) {
    if (items[i] === null && !node.nullable && node.default !== undefined) {
      items[i] = copyOf(node.default);
      filled = true;
    }
    filled = applySchemaDefaults(items[i]!, node) || filled;
  }
  return filled;
}

function defaultFields(object: JsonRecord, node: Node): boolean {
  let filled = false;
  for (const [name, property] of node.properties) {
    if (property.default === undefined) continue;
    const given = Object.hasOwn(object, name) ? object[name] : undefined;
    if (given !== undefined && (given !== null || property.nullable)) continue;
    setOwn(object, name, copyOf(property.default));
    filled = true;
  }
  for (const key of Object.keys(object)) {
    const property = node.properties.get(key);
    const below = property ?? (typeof node.additional === 'object' ? node.additional : undefined);
    if (below === undefined) continue;
    if (property === undefined && object[key] === null && !below.nullable && below.default !== undefined) {
      setOwn(object, key, copyOf(below.default));
      filled = true;
    }
    filled = applySchemaDefaults(object[key]!, below) || filled;
  }
  return filled;
}
