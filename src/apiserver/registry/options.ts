/** Query parameters, read and checked. */
import type { FieldValidation } from '../../api/decode.ts';
import { badRequest, invalid } from '../../api/meta/status.ts';
import { booleanQuery } from '../chain/request-info.ts';
import { APISERVER } from '../authentication/identities.ts';
import type { ServerRequest } from '../types.ts';

export interface WriteOptions {
  dryRun: boolean;
  fieldValidation: FieldValidation;
  /** Whom the fields that this write sets belong to. */
  fieldManager: string;
  force: boolean;
  /** What of these the client said itself: nothing else is told to webhooks and policies. */
  asked?: { fieldManager?: string; fieldValidation?: string };
}

const META = 'meta.k8s.io';
const VALIDATIONS: ReadonlySet<string> = new Set(['', 'Ignore', 'Strict', 'Warn']);
const MANAGER_NAME_LIMIT = 128;

type Cause = { type: string; detail: string; field: string };

function refuse(kind: string, causes: Cause[]): void {
  if (causes.length > 0) throw invalid({ group: META, kind }, '', causes);
}

export function checkDryRun(values: readonly string[]): Cause[] {
  if (values.every((value) => value === 'All')) return [];
  return [{ type: 'FieldValueNotSupported', field: 'dryRun', detail: `Unsupported value: ${JSON.stringify(values)}: supported values: "All"` }];
}

const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

/** A text in quotes as Go writes it, which has control characters as bytes. */
const quoted = (text: string): string => JSON.stringify(text).replace(/\\u00([0-9a-f]{2})/g, String.raw`\x$1`);

/** That a manager's name is short enough and can be printed. */
function checkManager(name: string): Cause[] {
  const causes: Cause[] = [];
  if (Buffer.byteLength(name) > MANAGER_NAME_LIMIT) causes.push({ type: 'FieldValueTooLong', field: 'fieldManager', detail: `Too long: may not be more than ${MANAGER_NAME_LIMIT} bytes` });
  let at = 0;
  for (const character of name) {
    if (UNPRINTABLE.test(character)) {
      const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
      causes.push({ type: 'FieldValueInvalid', field: 'fieldManager', detail: `Invalid value: ${quoted(name)}: invalid character U+${code} (at position ${at})` });
    }
    at += Buffer.byteLength(character);
  }
  return causes;
}

/** The manager that a user agent names: what stands before the first slash. */
function managerOf(userAgent: string | undefined): string {
  const printable = (userAgent ?? '').split('/', 1)[0]!.replace(/[^\x20-\x7e]/g, '');
  return printable === '' ? 'unknown' : printable.slice(0, MANAGER_NAME_LIMIT);
}

/** Options of create, update and patch. `kind` is the options' name in errors. */
export function writeOptions(request: ServerRequest, kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions', apply = false): WriteOptions {
  const { query } = request;
  const dryRun = query.getAll('dryRun');
  const fieldManager = query.get('fieldManager') ?? '';
  const fieldValidation = query.get('fieldValidation') ?? '';
  const causes: Cause[] = [];
  if (kind === 'PatchOptions' && apply && fieldManager === '') causes.push({ type: 'FieldValueRequired', field: 'fieldManager', detail: 'Required value: is required for apply patch' });
  if (kind === 'PatchOptions' && query.has('force') && !apply) causes.push({ type: 'FieldValueForbidden', field: 'force', detail: 'Forbidden: may not be specified for non-apply patch' });
  causes.push(...checkManager(fieldManager), ...checkDryRun(dryRun));
  if (!VALIDATIONS.has(fieldValidation)) {
    causes.push({ type: 'FieldValueNotSupported', field: 'fieldValidation', detail: `Unsupported value: ${JSON.stringify(fieldValidation)}: supported values: "", "Ignore", "Strict", "Warn"` });
  }
  refuse(kind, causes);
  return {
    dryRun: dryRun.length > 0, force: booleanQuery(query, 'force'),
    fieldValidation: fieldValidation === '' ? 'Warn' : (fieldValidation as FieldValidation),
    fieldManager: fieldManager === '' ? managerOf(request.headers['user-agent'] ?? (request.user?.name === APISERVER ? 'kube-apiserver' : undefined)) : fieldManager,
    asked: { ...(fieldManager === '' ? {} : { fieldManager }), ...(fieldValidation === '' ? {} : { fieldValidation }) },
  };
}

export interface ListOptions {
  limit: number;
  continue: string;
  resourceVersion: string;
  resourceVersionMatch: '' | 'Exact' | 'NotOlderThan';
  timeoutSeconds: number | undefined;
  bookmarks: boolean;
  sendInitialEvents: boolean | undefined;
  labelSelector: string;
  fieldSelector: string;
}

/** A whole number out of the query; undefined when it is absent. Throws StatusError 400. */
export function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^[-+]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  if (BigInt.asIntN(64, BigInt(text.replace('+', ''))) !== BigInt(text.replace('+', ''))) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`);
  return Number(text);
}

/** Options of list, watch and deletecollection. Throws StatusError 400 or 422 for what makes no sense together. */
export function listOptions(request: ServerRequest, watch: boolean): ListOptions {
  const { query } = request;
  const options: ListOptions = {
    limit: Math.max(0, wholeNumber(query, 'limit') ?? 0),
    continue: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: (query.get('resourceVersionMatch') ?? '') as ListOptions['resourceVersionMatch'],
    timeoutSeconds: wholeNumber(query, 'timeoutSeconds'),
    bookmarks: booleanQuery(query, 'allowWatchBookmarks'),
    sendInitialEvents: query.has('sendInitialEvents') ? booleanQuery(query, 'sendInitialEvents') : undefined,
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
  };
  refuse('ListOptions', checkMatch(options, watch));
  return options;
}

function checkMatch(options: ListOptions, watch: boolean): Cause[] {
  const { resourceVersionMatch: match, resourceVersion, sendInitialEvents } = options;
  const forbid = (field: string, why: string): Cause => ({ type: 'FieldValueForbidden', field, detail: `Forbidden: ${why}` });
  const causes: Cause[] = [];
  const unsupported = (values: string): Cause => ({ type: 'FieldValueNotSupported', field: 'resourceVersionMatch', detail: `Unsupported value: ${JSON.stringify(match)}: supported values: ${values}` });
  if (watch) {
    if (sendInitialEvents !== undefined && match !== 'NotOlderThan') causes.push(forbid('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
    if (match === '') {
      // Upstream takes such a watch for one of a state that is to be no older than now, and then minds the token.
      if (options.continue !== '' && (resourceVersion === '' || resourceVersion === '0') && sendInitialEvents === undefined) causes.push(forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'));
      return causes;
    }
    if (sendInitialEvents === undefined) causes.push(forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
    if (match !== 'NotOlderThan') causes.push(unsupported('"NotOlderThan"'));
    if (options.continue !== '') causes.push(forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'));
    return causes;
  }
  if (match !== '') {
    if (resourceVersion === '') causes.push(forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    if (options.continue !== '') causes.push(forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'));
    if (match !== 'Exact' && match !== 'NotOlderThan') causes.push(unsupported('"Exact", "NotOlderThan", ""'));
    if (match === 'Exact' && resourceVersion === '0') causes.push(forbid('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  if (sendInitialEvents !== undefined) causes.push(forbid('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  return causes;
}

/** The largest number that a resourceVersion can be. */
const NEWEST = 2n ** 64n - 1n;

/** A resourceVersion as a number; undefined when it is empty. Throws StatusError 400, with `about` before the reason, for anything but a whole number of 64 bits. */
export function parseRevision(text: string, about = 'invalid resource version: '): number | undefined {
  if (text === '') return undefined;
  const whole = /^\d+$/.test(text);
  if (whole && BigInt(text) <= NEWEST) return Number(text);
  throw badRequest(`${about}resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: ${whole ? 'value out of range' : 'invalid syntax'}`);
}
