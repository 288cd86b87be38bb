/** Lists that are sets or maps hold each item once. */
import { duplicate, FieldPath, invalidValue, type FieldError } from '../../meta/field.ts';
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

/** What tells the items of a list apart; where a key is missing it has no say. */
function identitiesOf(items: readonly JsonValue[], node: Node): JsonValue[] {
  if (node.listType !== 'map') return [...items];
  return items.map((item) => Object.fromEntries(node.listKeys.flatMap((key) => (isRecord(item) && Object.hasOwn(item, key) ? [[key, item[key]!]] : []))));
}

function validateList(path: FieldPath, items: readonly JsonValue[], node: Node): FieldError[] {
  const errors: FieldError[] = [];
  const stray = node.listType === 'map' ? items.findIndex((item) => item !== null && !isRecord(item)) : -1;
  if (stray >= 0) errors.push(invalidValue(path.index(stray), items[stray], 'must be an object for an array of list-type map'));
  else if (node.listType !== 'atomic' && items.length > 1) {
    const seen = new Map<string, number>();
    for (const [i, identity] of identitiesOf(items, node).entries()) {
      const text = canonicalText(identity);
      const times = seen.get(text) ?? 0;
      // What comes three times is told of once.
      if (times === 1) errors.push(duplicate(path.index(i), identity));
      seen.set(text, times + 1);
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
