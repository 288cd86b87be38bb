/** Lists of a strategic merge patch: merged by a key or as sets, and then put in order. */
import { own } from '../../base/own.ts';
import { badRequest } from '../../api/meta/status.ts';
import { same } from './compare.ts';
import { goText, goTypeOf } from './go-text.ts';
import { isObject, type Json, type JsonObject } from './shape.ts';

const directive = '$patch';

/** How two items with the same key become one. */
export type MergeItem = (original: JsonObject, patch: JsonObject) => JsonObject;

export interface ListRules {
  /** '' for lists of scalars. */
  mergeKey: string;
  mergeItem: MergeItem;
}

export function wrongType(expected: string, actual: Json): Error {
  return badRequest(`expected a ${expected}, but received a ${actual === null ? '%!s(<nil>)' : goTypeOf(actual)}`);
}

function noMergeKey(item: JsonObject, key: string): Error {
  return badRequest(`map: ${goText(item)} does not contain declared merge key: ${key}`);
}

/** A value of a list's item; an item without the key has none. */
function keyOf(item: Json, mergeKey: string): Json | undefined {
  return isObject(item) ? own(item, mergeKey) : undefined;
}

function neededKey(item: Json, mergeKey: string): Json {
  if (!isObject(item)) throw wrongType('map[string]interface {}', item);
  const key = own(item, mergeKey);
  if (key === undefined) throw noMergeKey(item, mergeKey);
  return key;
}

const isDelete = (item: Json): boolean => isObject(item) && own(item, directive) === 'delete';

/** That all items are of one type. Throws StatusError 400; true when they are objects. */
export function checkElements(...lists: readonly Json[][]): boolean {
  const all = lists.flat();
  const first = all[0];
  if (first === undefined) throw badRequest('no elements in any of the given slices');
  if (Array.isArray(first)) throw badRequest('lists of lists are not supported');
  const type = goTypeOf(first);
  if (all.some((item) => goTypeOf(item) !== type)) throw badRequest(`list element types are not identical: ${goText(lists as Json)}`);
  return isObject(first);
}

/** Scalars once each; the last takes the place of one that came before, which is where upstream leaves them. */
function once(list: readonly Json[]): Json[] {
  const out = [...list];
  for (let i = 0; i < out.length; i++) {
    for (let j = i + 1; j < out.length; j++) {
      if (out[i] !== out[j]) continue;
      const last = out.pop()!;
      if (j < out.length) out[j] = last;
      j--;
    }
  }
  return out;
}

/** Items with directives of their own: what they leave of the original, and what is left of the patch. */
function settleDirectives(original: readonly Json[], patch: readonly Json[], mergeKey: string): { original: Json[]; patch: Json[] } {
  let left = [...original];
  const plain: Json[] = [];
  let replaces = false;
  for (const item of patch as readonly JsonObject[]) {
    const what = own(item, directive);
    if (what === undefined) plain.push(item);
    else if (what === 'replace') replaces = true;
    else if (what === 'delete') {
      const key = neededKey(item, mergeKey);
      left = left.filter((other) => !same(keyOf(other, mergeKey), key));
    } else if (what === 'merge') throw badRequest('merging lists cannot yet be specified in the patch');
    else throw badRequest(`unknown patch type: ${goText(what)} in map: ${goText(item)}`);
  }
  return replaces ? { original: plain, patch: [] } : { original: left, patch: plain };
}

function mergeByKey(original: readonly Json[], patch: readonly Json[], { mergeKey, mergeItem }: ListRules): Json[] {
  const out = [...original];
  for (const item of patch) {
    const key = neededKey(item, mergeKey);
    const at = out.findIndex((other) => same(keyOf(other, mergeKey), key));
    if (at < 0) out.push(item);
    else out[at] = mergeItem(out[at] as JsonObject, item as JsonObject);
  }
  return out;
}

/** Sorts as upstream does: what has no place in the order moves to the front. */
function sortBy(list: readonly Json[], order: readonly Json[], idOf: (item: Json) => Json | undefined): Json[] {
  const out = [...list];
  const place = (item: Json): number => order.findIndex((other) => same(idOf(other), idOf(item)));
  const before = (a: Json, b: Json): boolean => {
    const [left, right] = [place(a), place(b)];
    return left < 0 || right < 0 || left < right;
  };
  for (let i = 1; i < out.length; i++) {
    for (let j = i; j > 0 && before(out[j]!, out[j - 1]!); j--) [out[j], out[j - 1]] = [out[j - 1]!, out[j]!];
  }
  return out;
}

/** The merged list in order: items of the patch as `order` has them, the others as the server had them, and between the two the server's order where it knows both. */
export function inOrder(merged: readonly Json[], order: readonly Json[], server: readonly Json[], mergeKey: string, objects: boolean): Json[] {
  const idOf = (item: Json): Json | undefined => (objects ? keyOf(item, mergeKey) : item);
  if (mergeKey !== '') for (const item of merged) neededKey(item, mergeKey);
  const named: Json[] = [];
  const others: Json[] = [];
  const keyIn = (item: Json): Json | undefined => (mergeKey === '' ? item : keyOf(item, mergeKey));
  for (const item of merged) (order.some((other) => same(keyIn(other), keyIn(item))) ? named : others).push(item);
  if (objects) for (const item of [...named, ...order, ...others, ...server]) neededKey(item, mergeKey);
  const sorted = (list: Json[], by: readonly Json[]): Json[] => [...sortBy(list.filter((item) => !isDelete(item)), by, idOf), ...list.filter(isDelete)];
  return interleave(sorted(others, server), sorted(named, order), (item) => server.findIndex((other) => same(idOf(other), idOf(item))));
}

function interleave(left: readonly Json[], right: readonly Json[], place: (item: Json) => number): Json[] {
  const out: Json[] = [];
  let i = 0;
  for (const item of right) {
    const at = place(item);
    for (; i < left.length && at >= 0; i++) {
      const other = place(left[i]!);
      if (other < 0 || other >= at) break;
      out.push(left[i]!);
    }
    out.push(item);
  }
  return [...out, ...left.slice(i)];
}

/** A list whose strategy is to merge. Neither argument is changed. */
export function mergeLists(original: readonly Json[], patch: readonly Json[], rules: ListRules): Json[] {
  if (original.length === 0 && patch.length === 0) return [];
  const objects = checkElements([...original], [...patch]);
  if (!objects) return inOrder(once([...original, ...patch]), patch, original, rules.mergeKey, false);
  if (rules.mergeKey === '') throw badRequest('cannot merge lists without merge key for struct');
  const left = settleDirectives(original, patch, rules.mergeKey);
  const merged = mergeByKey(left.original, left.patch, rules);
  return inOrder(merged, left.patch, left.original, rules.mergeKey, true);
}

/** A list without the scalars of another. */
export function withoutScalars(original: readonly Json[], gone: readonly Json[], rules: ListRules): Json[] {
  if (original.length === 0 && gone.length === 0) return [];
  if (checkElements([...original], [...gone])) return mergeLists(original, gone, rules);
  return original.filter((item) => !gone.includes(item));
}

/** That what a patch says of a list stands in the order that it asks for. Throws StatusError 400. */
export function checkOrder(patch: readonly Json[], order: readonly Json[], mergeKey: string): void {
  if (order.length === 0 || patch.length === 0) return;
  if (mergeKey !== '') for (const item of patch) if (!isObject(item)) throw wrongType('map[string]interface {}', item);
  const kept = mergeKey === '' ? patch : patch.filter((item) => !isDelete(item));
  const isMarked = (item: Json): boolean => isObject(item) && own(item, directive) !== undefined;
  let at = 0;
  // Items with directives are passed over on the way only: one after all that the order names is one too many.
  for (let i = 0; i < order.length && at < kept.length;) {
    if (isMarked(kept[at]!)) {
      at++;
      continue;
    }
    if (mergeKey === '' ? same(kept[at], order[i]) : same(neededKey(kept[at]!, mergeKey), neededKey(order[i]!, mergeKey))) at++;
    i++;
  }
  if (at < kept.length) throw badRequest(`The order in patch list:\n${goText(patch as Json)}\n doesn't match $setElementOrder list:\n${goText(order as Json)}\n`);
}
