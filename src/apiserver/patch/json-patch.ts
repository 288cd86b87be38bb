/** JSON patch (RFC 6902), by a library, with the API's limits and errors. */
import { applyPatch, Pointer, type Operation } from 'rfc6902';
import { badRequest, failure, type StatusError } from '../../api/meta/status.ts';
import { kindOf } from '../../api/decode.ts';
import { sortedJson } from '../go-json.ts';
import type { Json } from './shape.ts';

/** Operations that one patch may hold. */
export const operationsLimit = 10_000;

/** What `copy` operations of one patch may add, in characters of JSON: without a bound, forty copies of a whole into its part fill any memory. */
const copiedLimit = 3 * 1024 * 1024;

const unsafe = /(^|\/)(__proto__|constructor|prototype)(\/|$)/;

const names = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

interface Given {
  op?: unknown;
  path?: unknown;
  from?: unknown;
  value?: unknown;
}

/** The pointer (RFC 6901) of an operation; what stands before its first slash says nothing. It must not lead into what JavaScript's objects are made of. */
function pointerOf(operation: Given, field: 'path' | 'from'): string {
  const given = operation[field];
  if (given === undefined || given === null) throw invalidOperation(operation, `failed to decode '${field}': operation${field === 'path' ? ' missing path' : ', missing from'} field: missing value`);
  if (typeof given !== 'string') throw badRequest(`error decoding patch: json: cannot unmarshal ${kindOf(given)} into Go struct field jsonPatchOp.${field} of type string`);
  if (unsafe.test(given)) throw badRequest(`error decoding patch: invalid path ${JSON.stringify(given)}`);
  if (given === '' || given.startsWith('/')) return given;
  const slash = given.indexOf('/');
  if (slash < 0) throw refused(`doc is missing path: ${given}`);
  return given.slice(slash);
}

const invalidOperation = (operation: unknown, why: string): StatusError => badRequest(`invalid operation ${sortedJson(operation)}: ${why}`);

function checkOperation(operation: unknown): Operation {
  if (typeof operation !== 'object' || Array.isArray(operation)) throw badRequest(`error decoding patch: json: cannot unmarshal ${kindOf(operation)} into Go value of type handlers.jsonPatchOp`);
  const given = (operation ?? {}) as Given;
  if (typeof given.op !== 'string' || !names.has(given.op)) throw invalidOperation(operation, 'unsupported operation');
  const path = pointerOf(given, 'path');
  if ((given.op === 'add' || given.op === 'replace') && given.value === undefined) throw invalidOperation(operation, "failed to decode 'value': operation, missing value field: missing value");
  const from = given.op === 'move' || given.op === 'copy' ? { from: pointerOf(given, 'from') } : {};
  return { ...given, path, ...from } as unknown as Operation;
}

function checkOperations(patch: Json): Operation[] {
  if (!Array.isArray(patch)) throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  if (patch.length > operationsLimit) throw failure(413, 'RequestEntityTooLarge', `Request entity too large: The allowed maximum operations in a JSON patch is ${operationsLimit}, got ${patch.length}`);
  return patch.map(checkOperation);
}

/** Indices below zero count from the end of their list, for `add` from behind it. */
function fromTheEnd(target: Json, path: string, adds: boolean): string {
  const found = /^(.*)\/-(\d+)$/.exec(path);
  if (found === null) return path;
  const list: unknown = Pointer.fromJSON(found[1]!).get(target);
  return Array.isArray(list) ? `${found[1]}/${list.length + (adds ? 1 : 0) - Number(found[2])}` : path;
}

/** An operation as the library takes it; undefined for a test for nothing where there is nothing. */
function settledOperation(target: Json, operation: Operation): Operation | undefined {
  const path = fromTheEnd(target, operation.path, operation.op === 'add' || operation.op === 'move' || operation.op === 'copy');
  if (operation.op === 'test' && (operation.value ?? null) === null && Pointer.fromJSON(path).get(target) === undefined) return undefined;
  return path === operation.path ? operation : { ...operation, path };
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
    const settled = settledOperation(out, operation);
    const error = settled === undefined ? null : failureOf(out, settled);
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
  return failure(422, 'Invalid', `the server rejected our request due to an error in our request: ${why}`, {});
}
