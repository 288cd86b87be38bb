/** JSON merge patch (RFC 7396). */
import { own, setOwn } from '../../base/own.ts';
import { isObject, type Json, type JsonObject } from './shape.ts';

/** A list that replaces another: as in objects, nulls mean that there is nothing. */
function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  return isObject(value) ? mergePatch(undefined, value) : value;
}

/** The target with the patch merged in: null removes, objects merge, everything else replaces. Neither is changed. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  // Upstream leaves a list as it is where it takes the place of an object.
  if (!isObject(patch)) return isObject(target ?? null) ? patch : withoutNulls(patch);
  const out: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key];
    else setOwn(out, key, mergePatch(own(out, key), value));
  }
  return out;
}
