/** JSON patch (RFC 6902), by a library, with the API's limits and errors. */
import { applyPatch, Pointer, type Operation } from 'rfc6902';
import { badRequest, failure, type StatusError } from '../../api/meta/status.ts';
import type { Json } from './shape.ts';

/** Operations that one patch may hold. */
export const operationsLimit = 10_000;

/** What `copy` operations of one patch may add, in characters of JSON: without a bound, forty copies of a whole into its part fill any memory. */
const copiedLimit = 3 * 1024 * 1024;

const unsafe = /(^|\/)(__proto__|constructor|prototype)(\/|$)/;

/** Paths are JSON pointers (RFC 6901) that do not lead into what JavaScript's objects are made of. */
function checkPointer(value: unknown): void {
  if (typeof value !== 'string' || (value !== '' && !value.startsWith('/')) || unsafe.test(value)) throw badRequest(`error decoding patch: invalid path ${JSON.stringify(value ?? null)}`);
}

const names = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

function checkOperations(patch: Json): Operation[] {
  if (!Array.isArray(patch)) throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  if (patch.length > operationsLimit) throw failure(413, 'RequestEntityTooLarge', `The allowed maximum operations in a JSON patch is ${operationsLimit}, got ${patch.length}`);
  for (const operation of patch as { op?: unknown; path?: unknown; from?: unknown }[]) {
    if (typeof operation !== 'object' || operation === null || typeof operation.op !== 'string' || !names.has(operation.op)) throw badRequest(`Unexpected kind: ${String(operation?.op ?? 'unknown')}`);
    checkPointer(operation.path);
    if (operation.op === 'move' || operation.op === 'copy') checkPointer(operation.from);
  }
  return patch as unknown as Operation[];
}

/** The target after all operations. Throws StatusError 422 when one cannot be done; then nothing has been changed. */
export function jsonPatch(target: Json, patch: Json): Json {
  const operations = checkOperations(patch);
  const out = structuredClone(target);
  let copied = 0;
  for (const operation of operations) {
    const { op, path } = operation;
    if (op === 'copy') copied += (JSON.stringify(Pointer.fromJSON(operation.from).get(out)) ?? '').length;
    if (copied > copiedLimit) throw refused(`unable to complete the copy, the accumulated size increase of copy is ${copied}, exceeding the limit ${copiedLimit}`);
    const error = failureOf(out, operation);
    if (error) throw refused(`${op} operation does not apply: doc is missing path: ${path}: ${error.message}`);
  }
  return out;
}

/** Does one operation. A place inside a scalar makes the library stumble; that is the patch's fault too. */
function failureOf(target: Json, operation: Operation): Error | null {
  try {
    return applyPatch(target, [operation])[0] ?? null;
  } catch (error) {
    return error as Error;
  }
}

function refused(why: string): StatusError {
  return failure(422, 'Invalid', `the server rejected our request due to an error in our request: ${why}`);
}
