/** Tokens that say where the next page of a list begins. Their form is upstream's, so that they outlive a change of server. */
import { badRequest } from '../../api/meta/status.ts';

const VERSION = 'meta.k8s.io/v1';

export const EXPIRED_CONTINUE = 'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

export interface ContinueToken {
  /** -1: the present, whatever has changed since the first page. */
  revision: number;
  /** The last key of the page before, without the resource's prefix. */
  after: string;
}

export function encodeContinue(token: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: VERSION, rv: token.revision, start: `${token.after}\0` })).toString('base64url');
}

/** Throws StatusError 400. */
export function decodeContinue(text: string): ContinueToken {
  let value: { v?: unknown; rv?: unknown; start?: unknown };
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString()) as typeof value;
  } catch (error) {
    throw badRequest(`continue key is not valid: ${(error as Error).message}`);
  }
  if (value === null || typeof value !== 'object' || value.v !== VERSION) throw badRequest(`continue key is not valid: server does not recognize this encoded version ${JSON.stringify(value?.v ?? '')}`);
  if (typeof value.rv !== 'number' || !Number.isSafeInteger(value.rv) || value.rv === 0) throw badRequest('continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof value.start !== 'string' || value.start === '' || `/${value.start}`.includes('/../')) throw badRequest('continue key is not valid: encoded start key empty (version meta.k8s.io/v1)');
  return { revision: value.rv, after: value.start.endsWith('\0') ? value.start.slice(0, -1) : value.start };
}
