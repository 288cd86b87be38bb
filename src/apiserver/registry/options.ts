/** Query parameters, read and checked. */
import type { FieldValidation } from '../../api/decode.ts';
import { badRequest, invalid } from '../../api/meta/status.ts';
import { booleanQuery } from '../chain/request-info.ts';
import type { ServerRequest } from '../types.ts';

export interface WriteOptions {
  dryRun: boolean;
  fieldValidation: FieldValidation;
  /** Whom the fields that this write sets belong to. */
  fieldManager: string;
  force: boolean;
}

const META = 'meta.k8s.io';
const VALIDATIONS: ReadonlySet<string> = new Set(['Ignore', 'Strict', 'Warn']);
const MANAGER_NAME_LIMIT = 128;

type Cause = { type: string; detail: string; field: string };

function refuse(kind: string, causes: Cause[]): void {
  if (causes.length > 0) throw invalid({ group: META, kind }, '', causes);
}

export function checkDryRun(values: readonly string[]): Cause[] {
  const wrong = values.filter((value) => value !== 'All');
  return wrong.length === 0 ? [] : [{ type: 'FieldValueNotSupported', field: 'dryRun', detail: `Unsupported value: ${JSON.stringify(wrong[0])}: supported values: "All"` }];
}

/** The manager that a user agent names: what stands before the first slash. */
function managerOf(userAgent: string | undefined): string {
  const printable = (userAgent ?? '').split('/', 1)[0]!.replace(/[^\x20-\x7e]/g, '');
  return printable === '' ? 'unknown' : printable.slice(0, MANAGER_NAME_LIMIT);
}

/** Options of create, update and patch. `kind` is the options' name in errors. */
export function writeOptions(request: ServerRequest, kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions', apply = false): WriteOptions {
  const { query } = request;
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  const causes = checkDryRun(dryRun);
  const fieldValidation = query.get('fieldValidation') ?? '';
  if (fieldValidation !== '' && !VALIDATIONS.has(fieldValidation)) {
    causes.push({ type: 'FieldValueNotSupported', field: 'fieldValidation', detail: `Unsupported value: ${JSON.stringify(fieldValidation)}: supported values: "Ignore", "Strict", "Warn"` });
  }
  const fieldManager = query.get('fieldManager') ?? '';
  if (fieldManager.length > MANAGER_NAME_LIMIT) causes.push({ type: 'FieldValueTooLong', field: 'fieldManager', detail: `Too long: may not be more than ${MANAGER_NAME_LIMIT} bytes` });
  if (kind === 'PatchOptions' && apply && fieldManager === '') causes.push({ type: 'FieldValueRequired', field: 'fieldManager', detail: 'Required value: is required for apply patch' });
  const force = query.has('force');
  if (kind === 'PatchOptions' && force && !apply) causes.push({ type: 'FieldValueForbidden', field: 'force', detail: 'Forbidden: may not be specified for non-apply patch' });
  refuse(kind, causes);
  return {
    dryRun: dryRun.length > 0, force: booleanQuery(query, 'force'),
    fieldValidation: fieldValidation === '' ? 'Warn' : (fieldValidation as FieldValidation),
    fieldManager: fieldManager === '' ? managerOf(request.headers['user-agent']) : fieldManager,
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

function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
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
  if (match !== '' && match !== 'Exact' && match !== 'NotOlderThan') {
    return [{ type: 'FieldValueNotSupported', field: 'resourceVersionMatch', detail: `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan"` }];
  }
  if (watch) {
    if (sendInitialEvents !== undefined && match !== 'NotOlderThan') causes.push(forbid('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
    if (sendInitialEvents === undefined && match !== '') causes.push(forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
    return causes;
  }
  if (sendInitialEvents !== undefined) causes.push(forbid('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  if (match === '') return causes;
  if (options.continue !== '') causes.push(forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden with continue'));
  else if (resourceVersion === '') causes.push(forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
  else if (match === 'Exact' && resourceVersion === '0') causes.push(forbid('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  return causes;
}

/** A resourceVersion as a number; undefined when it is empty. Throws StatusError 422 for anything but a whole number. */
export function parseRevision(text: string): number | undefined {
  if (text === '') return undefined;
  if (!/^\d{1,16}$/.test(text)) {
    throw invalid({ group: META, kind: 'ListOptions' }, '', [{ type: 'FieldValueInvalid', field: 'resourceVersion', detail: `Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax` }]);
  }
  return Number(text);
}
