/** JSON merge patch (RFC 7396). */
import { isObject, own, put, type Json, type JsonObject } from './shape.ts';

/** The target with the patch merged in: null removes, objects merge, everything else replaces. Neither is changed. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const out: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key];
    else put(out, key, mergePatch(own(out, key), value));
  }
  return out;
}
