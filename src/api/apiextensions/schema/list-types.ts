/** Lists that are sets or maps hold each item once. */
import { duplicate, FieldPath, type FieldError } from '../../meta/field.ts';
import { canonicalText } from './canonical.ts';
import { isRecord, type JsonRecord, type JsonValue, type Node } from './node.ts';

/** The fields of an item by which a map list tells it apart; a missing one counts with its default. */
export function keysOfItem(item: JsonRecord, node: Node): JsonRecord {
  const keys: JsonRecord = {};
  for (const key of node.listKeys) {
    const value = Object.hasOwn(item, key) ? item[key] : (node.items?.properties.get(key)?.default as JsonValue | undefined);
    if (value !== undefined) keys[key] = value;
  }
  return keys;
}

function validateList(path: FieldPath, items: readonly JsonValue[], node: Node): FieldError[] {
  const errors: FieldError[] = [];
  if (node.listType !== 'atomic') {
    const seen = new Set<string>();
    for (const [i, item] of items.entries()) {
      if (node.listType === 'map' && !isRecord(item)) continue;
      const identity = node.listType === 'map' ? keysOfItem(item as JsonRecord, node) : item;
      const text = canonicalText(identity);
      if (seen.has(text)) errors.push(duplicate(path.index(i), identity));
      seen.add(text);
    }
  }
  if (node.items?.within.lists) for (const [i, item] of items.entries()) errors.push(...validateListTypes(path.index(i), item, node.items));
  return errors;
}

/** Names every item that comes twice. */
export function validateListTypes(path: FieldPath, value: JsonValue, node: Node): FieldError[] {
  if (!node.within.lists) return [];
  if (Array.isArray(value)) return validateList(path, value, node);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const property = node.properties.get(key);
    const below = property ?? (typeof node.additional === 'object' ? node.additional : undefined);
    return below === undefined ? [] : validateListTypes(property === undefined ? path.key(key) : path.child(key), inner, below);
  });
}
