/**
 * Errors as the API speaks them: the `Status` object (meta/v1), as an exception and as bytes on the wire.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
 */
import type { Status, StatusCause, StatusDetails } from './v1/types.ts';

export type StatusReason =
  | 'Unauthorized' | 'Forbidden' | 'NotFound' | 'AlreadyExists' | 'Conflict' | 'Gone' | 'Invalid' | 'ServerTimeout' | 'StoreReadError'
  | 'Timeout' | 'TooManyRequests' | 'BadRequest' | 'MethodNotAllowed' | 'NotAcceptable' | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType' | 'InternalError' | 'Expired' | 'ServiceUnavailable' | 'Unknown' | '';

/** An API error. Throw it anywhere below the API server's chain; clients throw it for every answer of 400 and above. */
export class StatusError extends Error {
  readonly status: Status;
  constructor(status: Status) {
    super(status.message ?? status.reason ?? `HTTP ${status.code}`);
    this.name = 'StatusError';
    this.status = status;
  }
  get code(): number {
    return this.status.code ?? 500;
  }
  get reason(): StatusReason {
    return (this.status.reason ?? '') as StatusReason;
  }
}

export function failure(code: number, reason: StatusReason, message: string, details?: StatusDetails): StatusError {
  return new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, ...(reason === '' ? {} : { reason }), ...(details ? { details } : {}), code });
}

/** What an error is about: `{ group: 'apps', plural: 'deployments' }`. */
export interface About {
  group: string;
  plural: string;
}

function detailsOf(about: About, name: string): StatusDetails {
  return { ...(name ? { name } : {}), ...(about.group ? { group: about.group } : {}), kind: about.plural };
}

function qualified(about: About): string {
  return about.group === '' ? about.plural : `${about.plural}.${about.group}`;
}

export function notFound(about: About, name: string): StatusError {
  return failure(404, 'NotFound', `${qualified(about)} "${name}" not found`, detailsOf(about, name));
}

export function alreadyExists(about: About, name: string): StatusError {
  return failure(409, 'AlreadyExists', `${qualified(about)} "${name}" already exists`, detailsOf(about, name));
}

export function conflict(about: About, name: string, why: string): StatusError {
  return failure(409, 'Conflict', `Operation cannot be fulfilled on ${qualified(about)} "${name}": ${why}`, detailsOf(about, name));
}

export function forbidden(about: About, name: string, why: string): StatusError {
  const subject = about.plural === '' ? 'forbidden' : name === '' ? `${qualified(about)} is forbidden` : `${qualified(about)} "${name}" is forbidden`;
  return failure(403, 'Forbidden', `${subject}: ${why}`, detailsOf(about, name));
}

export function badRequest(message: string): StatusError {
  return failure(400, 'BadRequest', message);
}

export function unauthorized(): StatusError {
  return failure(401, 'Unauthorized', 'Unauthorized');
}

export function methodNotSupported(about: About, action: string): StatusError {
  return failure(405, 'MethodNotAllowed', `${action} is not supported on resources of kind "${qualified(about)}"`, detailsOf(about, ''));
}

export function gone(message: string): StatusError {
  return failure(410, 'Expired', message);
}

export function unsupportedMediaType(message: string): StatusError {
  return failure(415, 'UnsupportedMediaType', message);
}

export function tooLarge(message: string): StatusError {
  return failure(413, 'RequestEntityTooLarge', message);
}

export function tooManyRequests(message: string, retryAfterSeconds: number, causes?: StatusCause[]): StatusError {
  return failure(429, 'TooManyRequests', message, { ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}), ...(causes ? { causes } : {}) });
}

export function internalError(error: unknown): StatusError {
  const message = error instanceof Error ? error.message : String(error);
  return failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

export function serviceUnavailable(message: string): StatusError {
  return failure(503, 'ServiceUnavailable', message);
}

/** 422 with one cause a field; `kind` as in `Deployment.apps`. */
export function invalid(about: { group: string; kind: string }, name: string, causes: readonly { type: string; detail: string; field: string; badValue?: string }[]): StatusError {
  const kind = about.group === '' ? about.kind : `${about.kind}.${about.group}`;
  const texts = [...new Set(causes.map((c) => `${c.field}: ${c.detail}`))];
  const joined = texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
  return failure(422, 'Invalid', `${kind} "${name}" is invalid: ${joined}`, {
    ...(name ? { name } : {}),
    ...(about.group ? { group: about.group } : {}),
    ...(about.kind ? { kind: about.kind } : {}),
    causes: causes.map((c) => ({ reason: c.type, message: c.detail, field: c.field })),
  });
}

export function isStatus(error: unknown, reason: StatusReason): error is StatusError {
  return error instanceof StatusError && error.reason === reason;
}

export const isNotFound = (error: unknown): error is StatusError => isStatus(error, 'NotFound');
export const isConflict = (error: unknown): error is StatusError => isStatus(error, 'Conflict');
export const isAlreadyExists = (error: unknown): error is StatusError => isStatus(error, 'AlreadyExists');
export const isExpired = (error: unknown): error is StatusError => isStatus(error, 'Expired') || isStatus(error, 'Gone');
