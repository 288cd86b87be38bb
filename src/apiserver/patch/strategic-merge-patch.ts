/**
 * Strategic merge patch: a merge patch that knows from the schema which lists are merged by a key, with directives.
 * https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
 */
import { findSchema, type FieldSchema } from '../../api/schema.ts';
import { badRequest } from '../../api/meta/status.ts';
import { same } from './field-set.ts';
import { isObject, own, put, type Json, type JsonObject } from './shape.ts';

const directive = '$patch';
const retainKeys = '$retainKeys';
const setElementOrder = '$setElementOrder/';
const deleteFromPrimitiveList = '$deleteFromPrimitiveList/';

interface Place {
  /** Name of the object's type; undefined where the schema knows nothing. */
  type: string | undefined;
}

const fieldOf = (place: Place, key: string): FieldSchema | undefined => (place.type === undefined ? undefined : findSchema(place.type)?.byName.get(key));
const placeBelow = (field: FieldSchema | undefined): Place => ({ type: field?.type === 'object' ? field.ref : undefined });
const strategiesOf = (field: FieldSchema | undefined): string[] => field?.patchStrategy?.split(',') ?? [];

/** A value that has no counterpart: without nulls and without directives. */
function withoutDirectives(value: Json): Json {
  if (Array.isArray(value)) return value.filter((item) => !(isObject(item) && item[directive] === 'delete')).map(withoutDirectives);
  if (!isObject(value)) return value;
  const out: JsonObject = {};
  for (const [key, below] of Object.entries(value)) if (!key.startsWith('$') && below !== null) put(out, key, withoutDirectives(below));
  return out;
}

function checkDirective(value: Json | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value === 'replace' || value === 'merge' || value === 'delete') return value;
  throw badRequest(`Unknown patch type: ${JSON.stringify(value)} in map`);
}

/** The original with the patch merged in. Neither is changed. Throws StatusError 400 for a patch that cannot be read. */
export function strategicMergePatch(original: JsonObject, patch: Json, type: string): JsonObject {
  if (!isObject(patch)) throw badRequest('error decoding patch: the patch must be a JSON object');
  return mergeObject(original, patch, { type });
}

function mergeObject(original: JsonObject, patch: JsonObject, place: Place): JsonObject {
  const what = checkDirective(patch[directive]);
  if (what === 'replace') return withoutDirectives(patch) as JsonObject;
  if (what === 'delete') return {};
  const out: JsonObject = retained(original, patch[retainKeys]);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue;
    if (value === null) delete out[key];
    else {
      const existing = own(out, key) ?? null;
      put(out, key, existing === null ? withoutDirectives(value) : mergeValue(existing, value, fieldOf(place, key), patch[setElementOrder + key]));
    }
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(deleteFromPrimitiveList)) removePrimitives(out, key.slice(deleteFromPrimitiveList.length), value);
    // An order for a list that the patch does not otherwise touch still orders it.
    else if (key.startsWith(setElementOrder)) reorder(out, key.slice(setElementOrder.length), value, place, patch);
  }
  return out;
}

function retained(original: JsonObject, keys: Json | undefined): JsonObject {
  if (keys === undefined) return { ...original };
  if (!Array.isArray(keys)) throw badRequest('error decoding patch: $retainKeys must be a list');
  return Object.fromEntries(Object.entries(original).filter(([key]) => keys.includes(key)));
}

function removePrimitives(out: JsonObject, key: string, values: Json): void {
  if (!Array.isArray(values)) throw badRequest(`error decoding patch: ${deleteFromPrimitiveList}${key} must be a list`);
  const list = out[key];
  if (Array.isArray(list)) out[key] = list.filter((item) => !values.some((value) => same(value, item)));
}

function mergeValue(original: Json, patch: Json, field: FieldSchema | undefined, order: Json | undefined): Json {
  const strategies = strategiesOf(field);
  if (isObject(original) && isObject(patch)) {
    return strategies.includes('replace') ? withoutDirectives(patch) : mergeObject(original, patch, field?.shape === 'map' ? { type: placeBelow(field).type } : placeBelow(field));
  }
  if (Array.isArray(original) && Array.isArray(patch) && strategies.includes('merge')) {
    return field?.patchMergeKey === undefined ? mergePrimitives(original, patch, order) : mergeItems(original, patch, field, order);
  }
  return withoutDirectives(patch);
}

function mergePrimitives(original: Json[], patch: Json[], order: Json | undefined): Json[] {
  const out = [...original, ...patch.filter((value, i) => !original.some((item) => same(item, value)) && patch.findIndex((other) => same(other, value)) === i)];
  return order === undefined ? out : ordered(out, original, order, (item) => JSON.stringify(item));
}

function keyOfItem(item: Json, key: string): Json {
  if (!isObject(item)) throw badRequest(`error decoding patch: list items with merge key "${key}" must be objects`);
  const value = item[key];
  if (value === undefined || value === null) throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
  return value;
}

function mergeItems(original: Json[], patch: Json[], field: FieldSchema, order: Json | undefined): Json[] {
  const key = field.patchMergeKey!;
  const place = placeBelow(field);
  if (patch.some((item) => isObject(item) && checkDirective(item[directive]) === 'replace')) {
    return patch.filter((item) => !(isObject(item) && item[directive] === 'replace' && Object.keys(item).length === 1)).map(withoutDirectives);
  }
  let out = [...original];
  for (const item of patch) {
    const id = keyOfItem(item, key);
    const matches = (other: Json): boolean => isObject(other) && same(other[key], id);
    if ((item as JsonObject)[directive] === 'delete') {
      out = out.filter((other) => !matches(other));
      continue;
    }
    const at = out.findIndex(matches);
    if (at < 0) out.push(withoutDirectives(item));
    else out[at] = mergeObject(out[at] as JsonObject, item as JsonObject, place);
  }
  return order === undefined ? out : ordered(out, original, order, (item) => JSON.stringify(isObject(item) ? item[key] : item), key);
}

/** Orders a merged list: items that the order names as it says, the others where the server had them. */
function ordered(list: Json[], original: Json[], order: Json, idOf: (item: Json) => string, key?: string): Json[] {
  if (!Array.isArray(order)) throw badRequest('error decoding patch: $setElementOrder must be a list');
  const wanted = order.map((item) => JSON.stringify(key !== undefined && isObject(item) ? item[key] : item));
  const serverAt = new Map(original.map((item, i) => [idOf(item), i]));
  const named = list.filter((item) => wanted.includes(idOf(item))).toSorted((a, b) => wanted.indexOf(idOf(a)) - wanted.indexOf(idOf(b)));
  const serverOnly = list.filter((item) => !wanted.includes(idOf(item)));
  const out: Json[] = [];
  let next = 0;
  for (const item of named) {
    const at = serverAt.get(idOf(item)) ?? -1;
    for (; next < serverOnly.length && (serverAt.get(idOf(serverOnly[next]!)) ?? Number.MAX_SAFE_INTEGER) < at; next++) out.push(serverOnly[next]!);
    out.push(item);
  }
  return [...out, ...serverOnly.slice(next)];
}

function reorder(out: JsonObject, key: string, order: Json, place: Place, patch: JsonObject): void {
  const list = out[key];
  if (patch[key] !== undefined || !Array.isArray(list)) return;
  const mergeKey = fieldOf(place, key)?.patchMergeKey;
  out[key] = ordered(list, list, order, (item) => JSON.stringify(mergeKey !== undefined && isObject(item) ? item[mergeKey] : item), mergeKey);
}
