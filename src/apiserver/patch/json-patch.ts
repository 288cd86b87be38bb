/** JSON patch (RFC 6902), by a library, with the API's limits and errors. */
import { applyPatch, type Operation } from 'rfc6902';
import { badRequest, failure } from '../../api/meta/status.ts';
import type { Json } from './shape.ts';

/** Operations that one patch may hold. */
export const operationsLimit = 10_000;

const names = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

function checkOperations(patch: Json): Operation[] {
  if (!Array.isArray(patch)) throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  if (patch.length > operationsLimit) throw failure(413, 'RequestEntityTooLarge', `The allowed maximum operations in a JSON patch is ${operationsLimit}, got ${patch.length}`);
  for (const operation of patch as { op?: unknown; path?: unknown }[]) {
    if (typeof operation !== 'object' || operation === null || typeof operation.op !== 'string' || !names.has(operation.op)) throw badRequest(`Unexpected kind: ${String(operation?.op ?? 'unknown')}`);
    if (typeof operation.path !== 'string' || (operation.path !== '' && !operation.path.startsWith('/'))) throw badRequest(`error decoding patch: invalid path ${JSON.stringify(operation.path ?? null)}`);
    if (/(^|\/)(__proto__|constructor|prototype)(\/|$)/.test(operation.path)) throw badRequest(`error decoding patch: invalid path ${JSON.stringify(operation.path)}`);
  }
  return patch as unknown as Operation[];
}

/** The target after all operations. Throws StatusError 422 when one cannot be done; then nothing has been changed. */
export function jsonPatch(target: Json, patch: Json): Json {
  const operations = checkOperations(patch);
  const out = structuredClone(target);
  const errors = applyPatch(out, operations);
  const at = errors.findIndex((error) => error !== null);
  if (at >= 0) {
    const { op, path } = operations[at]!;
    throw failure(422, 'Invalid', `the server rejected our request due to an error in our request: ${op} operation does not apply: doc is missing path: ${path}: ${errors[at]!.message}`);
  }
  return out;
}
