/** An applied configuration must tell its list items apart: the same key twice says two things about one item. */
import { badRequest } from '../../api/meta/status.ts';
import { pathText } from './field-set.ts';
import { isObject, itemElement, resolveShape, shapeBelow, type Json, type Shape } from './shape.ts';

function firstDuplicate(shape: Shape, value: Json, path: readonly string[]): { path: readonly string[]; element: string } | undefined {
  const kind = resolveShape(shape, value);
  if (Array.isArray(value) && (kind.kind === 'associative' || kind.kind === 'set')) {
    const seen = new Set<string>();
    for (const item of value) {
      const element = kind.kind === 'set' ? `v:${JSON.stringify(item)}` : itemElement(kind, item);
      if (element === undefined) continue;
      if (seen.has(element)) return { path, element };
      seen.add(element);
      const below = kind.kind === 'associative' ? firstDuplicate(kind.items, item, [...path, element]) : undefined;
      if (below) return below;
    }
    return undefined;
  }
  if (!isObject(value) || (kind.kind !== 'struct' && kind.kind !== 'map')) return undefined;
  for (const [key, below] of Object.entries(value)) {
    const found = firstDuplicate(shapeBelow(kind, key), below, [...path, `f:${key}`]);
    if (found) return found;
  }
  return undefined;
}

/** Throws a StatusError 400 that names the first item that comes twice. `what` names the object. (Upstream has a 500 for it.) */
export function checkDuplicates(shape: Shape, applied: Json, what: string): void {
  const found = firstDuplicate(shape, applied, []);
  if (found) throw badRequest(`failed to create typed patch object (${what}): ${pathText(found.path)}: duplicate entries for key ${pathText([found.element])}`);
}
