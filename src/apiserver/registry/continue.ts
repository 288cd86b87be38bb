/** Tokens that say where the next page of a list begins. Their form is upstream's, so that they outlive a change of server. */
import { readJson } from '../../api/json.ts';
import { badRequest } from '../../api/meta/status.ts';

const VERSION = 'meta.k8s.io/v1';

export const EXPIRED_CONTINUE = 'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

export interface ContinueToken {
  /** -1: the present, whatever has changed since the first page. */
  revision: number;
  /** The last key of the page before, without what all keys of the list begin with. */
  after: string;
}

export function encodeContinue(token: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: VERSION, rv: token.revision, start: `${token.after}\0` })).toString('base64url');
}

const refused = (why: string): Error => badRequest(`invalid continue token: continue key is not valid: ${why}`);

/** Throws StatusError 400. */
export function decodeContinue(text: string): ContinueToken {
  const stray = text.search(/[^A-Za-z0-9_-]/);
  if (stray >= 0 || text.length % 4 === 1) throw refused(`illegal base64 data at input byte ${stray >= 0 ? stray : text.length - 1}`);
  let value: { v?: unknown; rv?: unknown; start?: unknown };
  try {
    value = readJson(Buffer.from(text, 'base64url')).value as typeof value;
  } catch (error) {
    throw refused((error as Error).message);
  }
  if (value === null || typeof value !== 'object' || value.v !== VERSION) throw refused(`server does not recognize this encoded version ${typeof value?.v === 'string' ? value.v : ''}`);
  if (typeof value.rv !== 'number' || !Number.isSafeInteger(value.rv) || value.rv === 0) throw refused('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof value.start !== 'string' || value.start === '') throw refused('encoded start key empty (version meta.k8s.io/v1)');
  if (`/${value.start}`.includes('/../')) throw refused(value.start);
  return { revision: value.rv, after: value.start.endsWith('\0') ? value.start.slice(0, -1) : value.start };
}
