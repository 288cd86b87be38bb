/**
 * Strategic merge patch: a merge patch that knows from the schema which lists are merged by a key, with directives.
 * https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
 */
import { own, setOwn } from '../../base/own.ts';
import { findSchema, type FieldSchema } from '../../api/schema.ts';
import { badRequest } from '../../api/meta/status.ts';
import { goString, goText } from './go-text.ts';
import { isObject, type Json, type JsonObject } from './shape.ts';
import { checkElements, checkOrder, inOrder, mergeLists, withoutScalars, wrongType, type ListRules } from './strategic-lists.ts';

const directive = '$patch';
const retainKeys = '$retainKeys';
const setElementOrder = '$setElementOrder/';
const deleteFromPrimitiveList = '$deleteFromPrimitiveList/';

/** What is known of an object's fields: those of a struct, or any, all of one kind (a map). */
type Place = { struct: string } | { values: FieldSchema };

interface FieldRules {
  /** 'merge', 'replace' or ''. */
  strategy: string;
  mergeKey: string;
  /** Of the value, or of a list's items; undefined where nothing has fields. */
  place: Place | undefined;
  list: boolean;
}

/** Throws StatusError 400 for a field that the struct does not have. */
function rulesOf(place: Place | undefined, key: string): FieldRules {
  if (place === undefined) throw badRequest('merging an object in json but data type is not struct, instead is: interface');
  if ('values' in place) return { strategy: '', mergeKey: '', place: placeOf(place.values), list: place.values.valueShape === 'list' };
  const field = findSchema(place.struct)?.byName.get(key);
  if (field === undefined) {
    throw badRequest(`unable to find api field in struct ${place.struct.slice(place.struct.lastIndexOf('.') + 1)} for the json field ${JSON.stringify(key)}`);
  }
  const strategy = field.patchStrategy?.split(',').find((one) => one !== 'retainKeys') ?? '';
  return { strategy, mergeKey: field.patchMergeKey ?? '', place: field.shape === 'map' ? { values: field } : placeOf(field), list: field.shape === 'list' };
}

function placeOf(field: FieldSchema): Place | undefined {
  return field.type === 'object' ? { struct: field.ref! } : undefined;
}

function listRules({ mergeKey, place }: FieldRules): ListRules {
  return { mergeKey, mergeItem: (original, patch) => mergeObject(original, patch, place) };
}

/** A value that has no counterpart: without nulls, and without what holds a directive for a counterpart. Undefined when it is one itself. */
function addition(value: Json): Json | undefined {
  if (Array.isArray(value)) return value.map(addition).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (own(value, directive) !== undefined) return undefined;
  const out: JsonObject = {};
  for (const key of Object.keys(value)) {
    const below = value[key] === null ? undefined : addition(value[key]!);
    if (below !== undefined) setOwn(out, key, below);
  }
  return out;
}

/** The original with the patch merged in. Neither is changed. Throws StatusError 400 for a patch that cannot be read. */
export function strategicMergePatch(original: JsonObject, patch: Json, type: string): JsonObject {
  if (!isObject(patch)) throw badRequest('error decoding patch: the patch must be a JSON object');
  return mergeObject(original, patch, { struct: type });
}

function mergeObject(original: JsonObject, patch: JsonObject, place: Place | undefined): JsonObject {
  const what = own(patch, directive);
  if (what !== undefined) return replaced(patch, what);
  const out = retained(original, patch);
  const settled = new Set<string>();
  for (const key of Object.keys(patch)) if (key.startsWith('$setElementOrder')) settleOrder(out, patch, key, place, settled);
  const deletions: string[] = [];
  for (const key of Object.keys(patch)) {
    if (key.startsWith('$deleteFromPrimitiveList')) deletions.push(key);
    else if (key !== retainKeys && !key.startsWith('$setElementOrder') && !settled.has(key)) mergeField(out, key, patch[key]!, place);
  }
  for (const key of deletions) deleteScalars(out, key, patch[key]!, place);
  return out;
}

/** An object with a directive is not merged. */
function replaced(patch: JsonObject, what: Json): JsonObject {
  if (what === 'delete') return {};
  if (what !== 'replace') throw badRequest(`unknown patch type: ${goString(what)} in map: ${goText(patch)}`);
  const out: JsonObject = {};
  for (const key of Object.keys(patch)) if (key !== directive) setOwn(out, key, patch[key]!);
  return out;
}

function retained(original: JsonObject, patch: JsonObject): JsonObject {
  const keys = own(patch, retainKeys);
  const out: JsonObject = {};
  if (keys !== undefined) {
    const wrong = (): Error => badRequest('invalid patch format of retainKeys');
    if (!Array.isArray(keys)) throw wrong();
    for (const key of Object.keys(patch)) {
      const silent = key === retainKeys || patch[key] === null || key.startsWith('$deleteFromPrimitiveList') || key.startsWith('$setElementOrder');
      if (!silent && !keys.includes(key)) throw wrong();
    }
  }
  for (const key of Object.keys(original)) if (keys === undefined || (keys as Json[]).includes(key)) setOwn(out, key, original[key]!);
  return out;
}

/** A list whose order the patch says, whether it changes the list or not. */
function settleOrder(out: JsonObject, patch: JsonObject, directiveKey: string, place: Place | undefined, settled: Set<string>): void {
  const order = patch[directiveKey]!;
  if (!Array.isArray(order)) throw wrongType('[]interface {}', order);
  if (!directiveKey.startsWith(setElementOrder)) throw badRequest('invalid patch format of setElementOrder list');
  const key = directiveKey.slice(setElementOrder.length);
  const existing = own(out, key);
  const given = own(patch, key);
  for (const list of [existing, given]) if (list !== undefined && !Array.isArray(list)) throw wrongType('[]interface {}', list);
  const rules = rulesOf(place, key);
  if (!rules.list) throw badRequest('expected slice or array type, but got: struct');
  const [server, wanted] = [(existing ?? []) as Json[], (given ?? []) as Json[]];
  checkOrder(wanted, order, rules.mergeKey);
  if (existing === undefined && given === undefined) return;
  let merged = server;
  if (existing === undefined) merged = addition(wanted) as Json[];
  else if (given !== undefined) merged = rules.strategy === 'merge' ? mergeLists(server, wanted, listRules(rules)) : wanted;
  // What has no elements has no order: upstream refuses to give it one.
  setOwn(out, key, inOrder(merged, order, server, rules.mergeKey, checkElements(server, wanted)));
  settled.add(key);
}

function mergeField(out: JsonObject, key: string, value: Json, place: Place | undefined): void {
  const existing = own(out, key);
  if (value === null) {
    delete out[key];
    return;
  }
  const objects = isObject(value) && isObject(existing ?? null);
  if (objects || (Array.isArray(value) && Array.isArray(existing))) {
    const rules = rulesOf(place, key);
    if (objects) setOwn(out, key, rules.strategy === 'replace' ? value : mergeObject(existing as JsonObject, value, rules.place));
    else setOwn(out, key, rules.strategy === 'merge' ? mergeLists(existing as Json[], value as Json[], listRules(rules)) : value);
    return;
  }
  const added = addition(value);
  if (added === undefined) delete out[key];
  else setOwn(out, key, added);
}

function deleteScalars(out: JsonObject, directiveKey: string, values: Json, place: Place | undefined): void {
  if (!directiveKey.startsWith(deleteFromPrimitiveList)) throw badRequest('invalid patch format of primitive list');
  const key = directiveKey.slice(deleteFromPrimitiveList.length);
  const existing = own(out, key);
  if (values === null) delete out[key];
  else if (Array.isArray(existing) && Array.isArray(values)) setOwn(out, key, withoutScalars(existing, values, listRules(rulesOf(place, key))));
}
