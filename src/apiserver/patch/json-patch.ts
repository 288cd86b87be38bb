/**
 * JSON patch (RFC 6902) as upstream's library does it, which is laxer than the standard: what is missing is null to it, so that `replace` adds a
 * member, and a test for null passes where there is nothing. Places in lists may count from the end (`-1`).
 */
import { own, setOwn } from '../../base/own.ts';
import { kindOf } from '../../api/decode.ts';
import { badRequest, failure, type StatusError } from '../../api/meta/status.ts';
import { sortedJson } from '../go-json.ts';
import { same } from './compare.ts';
import { type Json, type JsonObject } from './shape.ts';

/** Operations that one patch may hold. */
export const operationsLimit = 10_000;

/** What `copy` operations of one patch may add, in characters of JSON: without a bound, forty copies of a whole into its part fill any memory. */
const copiedLimit = 3 * 1024 * 1024;

interface Operation {
  op: string;
  path: string;
  from: string;
  value: Json;
}

type Container = JsonObject | Json[];

/** Where an operation works: the container and the last step into it. */
interface Place {
  container: Container;
  key: string;
  /** The whole way. */
  path: string;
}

interface Work {
  target: Json;
  /** Characters that copies have added. */
  copied: number;
}

interface Given {
  op?: unknown;
  path?: unknown;
  from?: unknown;
  value?: unknown;
}

/** The pointer (RFC 6901) of an operation; what stands before its first slash says nothing. */
function pointerOf(operation: Given, field: 'path' | 'from'): string {
  const given = operation[field];
  if (given === undefined || given === null) throw invalidOperation(operation, `failed to decode '${field}': operation${field === 'path' ? ' missing path' : ', missing from'} field: missing value`);
  if (typeof given !== 'string') throw badRequest(`error decoding patch: json: cannot unmarshal ${kindOf(given)} into Go struct field jsonPatchOp.${field} of type string`);
  if (given === '' || given.startsWith('/')) return given;
  const slash = given.indexOf('/');
  if (slash < 0) throw refused(`doc is missing path: ${given}`);
  return given.slice(slash);
}

const invalidOperation = (operation: unknown, why: string): StatusError => badRequest(`invalid operation ${sortedJson(operation)}: ${why}`);

function checkOperation(operation: unknown): Operation {
  if (typeof operation !== 'object' || Array.isArray(operation)) throw badRequest(`error decoding patch: json: cannot unmarshal ${kindOf(operation)} into Go value of type handlers.jsonPatchOp`);
  const given = (operation ?? {}) as Given;
  if (typeof given.op !== 'string' || !Object.hasOwn(RUN, given.op)) throw invalidOperation(operation, 'unsupported operation');
  const path = pointerOf(given, 'path');
  if ((given.op === 'add' || given.op === 'replace') && given.value === undefined) throw invalidOperation(operation, "failed to decode 'value': operation, missing value field: missing value");
  const from = given.op === 'move' || given.op === 'copy' ? pointerOf(given, 'from') : '';
  return { op: given.op, path, from, value: (given.value ?? null) as Json };
}

function checkOperations(patch: Json): Operation[] {
  if (!Array.isArray(patch)) throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  if (patch.length > operationsLimit) throw failure(413, 'RequestEntityTooLarge', `Request entity too large: The allowed maximum operations in a JSON patch is ${operationsLimit}, got ${patch.length}`);
  return patch.map(checkOperation);
}

/** The target after all operations. Throws StatusError 422 when one cannot be done; then nothing has been changed. */
export function jsonPatch(target: Json, patch: Json): Json {
  const operations = checkOperations(patch);
  const work: Work = { target: structuredClone(target), copied: 0 };
  for (const operation of operations) RUN[operation.op]!(work, operation);
  return work.target;
}

function refused(why: string): StatusError {
  return failure(422, 'Invalid', `the server rejected our request due to an error in our request: ${why}`, {});
}

const decoded = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~');

/** Throws StatusError 422 where the way there does not exist. */
function placeAt({ target }: Work, pointer: string, op: string): Place {
  const wrong = (): StatusError => refused(`${op} operation does not apply: doc is missing path: ${pointer}: missing value`);
  const steps = pointer.split('/').slice(1).map(decoded);
  const key = steps.pop();
  let at = target;
  for (const step of steps) {
    const next = isContainer(at) ? read({ container: at, key: step, path: pointer }) : undefined;
    if (next === undefined || !isContainer(next)) throw wrong();
    at = next;
  }
  if (key === undefined || !isContainer(at)) throw wrong();
  return { container: at, key, path: pointer };
}

const isContainer = (value: Json): value is Container => typeof value === 'object' && value !== null;

/** An index of a list with so many places; undefined where there is no such place. */
function indexOf(key: string, places: number): number | undefined {
  if (!/^[-+]?\d+$/.test(key)) return undefined;
  const index = Number(key) < 0 ? Number(key) + places : Number(key);
  return index >= 0 && index < places ? index : undefined;
}

/** What is there; null where an object has nothing, undefined where a list has no such place. */
function read({ container, key }: Place): Json | undefined {
  if (!Array.isArray(container)) return own(container, key) ?? null;
  const index = indexOf(key, container.length);
  return index === undefined ? undefined : container[index];
}

function readable(place: Place, op: string): Json {
  const value = read(place);
  if (value === undefined) throw refused(`error in ${op} for path: '${place.path}': Unable to access invalid index: ${place.key}: invalid index referenced`);
  return value;
}

function insert({ container, key, path }: Place, value: Json, op: string): void {
  if (!Array.isArray(container)) {
    setOwn(container, key, value);
    return;
  }
  const index = key === '-' ? container.length : indexOf(key, container.length + 1);
  if (index === undefined) throw refused(`error in ${op} for path: '${path}': Unable to access invalid index: ${key}: invalid index referenced`);
  container.splice(index, 0, value);
}

function take(place: Place, op: string): void {
  const { container, key, path } = place;
  if (Array.isArray(container)) {
    readable(place, op);
    container.splice(indexOf(key, container.length)!, 1);
    return;
  }
  if (!Object.hasOwn(container, key)) throw refused(`error in ${op} for path: '${path}': Unable to remove nonexistent key: ${key}: missing value`);
  delete container[key];
}

function replace(work: Work, { path, value }: Operation): void {
  if (path === '') {
    if (!isContainer(value)) throw refused('replace operation value must be object or array');
    work.target = value;
    return;
  }
  const place = placeAt(work, path, 'replace');
  readable(place, 'replace');
  if (Array.isArray(place.container)) place.container[indexOf(place.key, place.container.length)!] = value;
  else setOwn(place.container, place.key, value);
}

function move(work: Work, { path, from }: Operation): void {
  const source = placeAt(work, from, 'move');
  const value = readable(source, 'move');
  take(source, 'move');
  insert(placeAt(work, path, 'move'), value, 'move');
}

function copy(work: Work, { path, from }: Operation): void {
  const value = readable(placeAt(work, from, 'copy'), 'copy');
  const place = placeAt(work, path, 'copy');
  work.copied += JSON.stringify(value).length;
  if (work.copied > copiedLimit) throw refused(`Unable to complete the copy, the accumulated size increase of copy is ${work.copied}, exceeding the limit ${copiedLimit}`);
  insert(place, structuredClone(value), 'copy');
}

function check(work: Work, { path, value }: Operation): void {
  const found = path === '' ? work.target : readable(placeAt(work, path, 'test'), 'test');
  if (!same(found, value)) throw refused(`testing value ${path} failed: test failed`);
}

const RUN: Readonly<Record<string, (work: Work, operation: Operation) => void>> = {
  add: (work, { path, value }) => insert(placeAt(work, path, 'add'), structuredClone(value), 'add'),
  remove: (work, { path }) => take(placeAt(work, path, 'remove'), 'remove'),
  replace: (work, operation) => replace(work, { ...operation, value: structuredClone(operation.value) }),
  move, copy, test: check,
};
