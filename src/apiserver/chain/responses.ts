/** Answers in the forms that every part of the server gives. */
import type { Status } from '../../api/meta/v1/types.ts';
import { failure, StatusError } from '../../api/meta/status.ts';
import { escaped } from '../go-json.ts';
import type { ServerResponse } from '../types.ts';

export const jsonType = 'application/json';

export function json(status: number, value: unknown, headers: Record<string, string> = {}): ServerResponse {
  return { status, headers: { 'content-type': jsonType, ...headers }, body: JSON.stringify(value) };
}

/** JSON that is the same for every client, with line breaks. */
export function plainJson(status: number, value: unknown, headers: Record<string, string> = {}): ServerResponse {
  return { status, headers: { 'content-type': jsonType, ...headers }, body: JSON.stringify(value, null, 2) };
}

/** A value of a kind: clients that ask for another encoding than JSON get it in theirs (see `answer-encoding.ts`). */
export function objectResponse(status: number, object: object, headers: Record<string, string> = {}): ServerResponse {
  return { status, headers: { 'content-type': jsonType, ...headers }, body: `${escaped(JSON.stringify(object))}\n`, object };
}

export function text(status: number, body: string, headers: Record<string, string> = {}): ServerResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', ...headers }, body };
}

/** A Status as the answer. `details.retryAfterSeconds` becomes a `Retry-After` header too. */
export function statusResponse(status: Status): ServerResponse {
  const wait = status.details?.retryAfterSeconds;
  const code = status.code ?? 500;
  return objectResponse(code, { kind: 'Status', apiVersion: 'v1', ...status, metadata: status.metadata ?? {} }, wait ? { 'retry-after': String(wait) } : {});
}

/** 405 of a path that has other methods. */
export function methodNotAllowed(): StatusError {
  return failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

/** 404 of what is no part of the API, and of groups that nobody serves. */
export function pageNotFound(): ServerResponse {
  return text(404, '404 page not found\n');
}

/** 405 of a custom resource, or a part of one, that has other verbs. */
export function verbNotSupported({ group, plural }: { group: string; plural: string }, verb: string): StatusError {
  return failure(405, 'MethodNotAllowed', `${verb} is not supported on resources of kind ${JSON.stringify(`${plural}.${group}`)}`, { group, kind: plural });
}

/** No such version or resource, in a group that is served. */
export function unknownPath(): StatusError {
  return failure(404, 'NotFound', 'the server could not find the requested resource', {});
}
