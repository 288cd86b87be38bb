/** An applied configuration must tell its list items apart: the same key twice says two things about one item, and no key says nothing. */
import { badRequest } from '../../api/meta/status.ts';
import { pathText } from './field-set.ts';
import { elementOf, isObject, itemsOf, resolveShape, shapeBelow, type Json, type Shape } from './shape.ts';

type ListShape = Extract<Shape, { kind: 'associative' | 'set' }>;

function unkeyed(shape: ListShape, item: Json): string {
  if (shape.kind === 'associative') {
    if (item === null) return 'associative list with keys may not have a null element';
    if (!isObject(item)) return 'associative list with keys may not have non-map elements';
    return `associative list with keys has an element that omits all key fields [${shape.keys.map((key) => JSON.stringify(key)).join(' ')}] (and doesn't have default values for any key fields)`;
  }
  if (item === null) return "associative list without keys has an element that's an explicit null";
  return Array.isArray(item) ? 'not supported: associative list with lists as elements' : "associative list without keys has an element that's a map type";
}

function itemFaults(shape: ListShape, items: Json[], path: readonly string[], faults: string[]): void {
  const seen = new Set<string>();
  for (const [at, item] of items.entries()) {
    const element = elementOf(shape, item);
    if (element === undefined) {
      faults.push(`${pathText(path)}: element ${at}: ${unkeyed(shape, item)}`);
      return;
    }
    if (seen.has(element)) faults.push(`${pathText(path)}: duplicate entries for key ${pathText([element])}`);
    seen.add(element);
    findFaults(itemsOf(shape), item, [...path, element], faults);
  }
}

function findFaults(shape: Shape, value: Json, path: readonly string[], faults: string[]): void {
  const kind = resolveShape(shape, value);
  if (Array.isArray(value)) {
    if (kind.kind === 'associative' || kind.kind === 'set') itemFaults(kind, value, path, faults);
    return;
  }
  if (!isObject(value) || (kind.kind !== 'struct' && kind.kind !== 'map')) return;
  for (const key in value) {
    const below = value[key]!;
    if (typeof below === 'object' && below !== null) findFaults(shapeBelow(kind, key), below, [...path, `f:${key}`], faults);
  }
}

/** One fault, or a list of them, a line each. */
export const faultsText = (faults: readonly string[]): string => (faults.length === 1 ? faults[0]! : ['errors:', ...faults].join('\n  '));

/** Throws a StatusError 400 that names the items that come twice or cannot be told apart. `what` names the object. (Upstream has a 500 for it.) */
export function checkApplied(shape: Shape, applied: Json, what: string): void {
  const faults: string[] = [];
  findFaults(shape, applied, [], faults);
  if (faults.length > 0) throw badRequest(`failed to create typed patch object (${what}): ${faultsText(faults)}`);
}
