/** Turns failed answers into StatusError: the server's own Status where it sent one, the field's usual words where it did not. */
import { StatusError, type StatusReason } from '../api/meta/status.ts';
import type { Status } from '../api/meta/v1/types.ts';
import type { ApiRequest, ApiResponse } from './types.ts';

/** Bytes of an error answer that are read; the rest is dropped. */
export const errorBodyLimitBytes = 1024 * 1024;

const genericByCode: Readonly<Record<number, readonly [StatusReason, string]>> = {
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  403: ['Forbidden', 'the server refused the request'],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  406: ['NotAcceptable', 'the server was unable to respond with a content type that the client supports'],
  409: ['Conflict', 'the server reported a conflict'],
  410: ['Expired', 'the requested resource version is no longer available'],
  413: ['RequestEntityTooLarge', 'the request is larger than the server allows'],
  415: ['UnsupportedMediaType', 'the server did not understand the content type of the request'],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: ['Timeout', 'the server was unable to return a response in the time allotted, but may still be processing the request'],
};

/** What a server that sends no Status means by a code, in the field's usual words; `said` is the text of its answer, where it is text. */
export function wordsOfCode(code: number, said: string): string {
  if (code === 403 && said !== '') return said;
  if ((code === 406 || code === 415) && said !== '' && said !== 'unknown') return said;
  return genericByCode[code]?.[1] ?? (code >= 500 ? `an error on the server (${JSON.stringify(said)}) has prevented the request from succeeding` : `the server responded with the status code ${code} but did not return more information`);
}

function isStatusObject(value: unknown): value is Status {
  return typeof value === 'object' && value !== null && (value as Status).kind === 'Status';
}

/** The error that an answer of 400 and above stands for. `text` is its body. */
export function errorOfAnswer(request: Pick<ApiRequest, 'method' | 'path'>, response: Pick<ApiResponse, 'status' | 'headers'>, text: string): StatusError {
  const retryAfterSeconds = Number(response.headers['retry-after'] ?? Number.NaN);
  try {
    const parsed: unknown = JSON.parse(text);
    if (isStatusObject(parsed)) return new StatusError({ ...parsed, code: parsed.code ?? response.status });
  } catch {
    // Not JSON: a proxy on the way, or an error from before the API's own chain.
  }
  const generic = genericByCode[response.status];
  const reason: StatusReason = generic?.[0] ?? (response.status >= 500 ? 'InternalError' : 'Unknown');
  const words = generic?.[1] ?? (response.status >= 500 ? 'an error on the server has prevented the request from succeeding' : 'the server responded with an unexpected status');
  const body = text.trim().slice(0, 2048);
  const message = `${words} (${request.method.toLowerCase()} ${request.path})${body === '' ? '' : `: ${body}`}`;
  return new StatusError({
    kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, message, code: response.status,
    ...(Number.isFinite(retryAfterSeconds) ? { details: { retryAfterSeconds } } : {}),
  });
}

/** Reads a body whole; stops at `limitBytes` where one is given. */
export async function readBody(body: AsyncIterable<Uint8Array>, limitBytes = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    pieces.push(piece);
    size += piece.length;
    if (size >= limitBytes) break;
  }
  const only = pieces.length === 1 ? pieces[0]! : undefined;
  if (only) return Buffer.from(only.buffer, only.byteOffset, only.length);
  return Buffer.concat(pieces);
}
