/** Tokens that say where the next page of a list begins. Their form is upstream's, so that they outlive a change of server. */
import { posix } from 'node:path';
import { readJson } from '../../api/json.ts';
import { badRequest } from '../../api/meta/status.ts';

const VERSION = 'meta.k8s.io/v1';

export const EXPIRED_CONTINUE = 'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

export interface ContinueToken {
  /** -1: the present, whatever has changed since the first page. */
  revision: number;
  /** Keys of the next page come after this one, without what all keys of the list begin with. */
  after: string;
}

/** `slash`: the form of tokens of a list's own pages; those that an expired token is answered with go without. */
export function encodeContinue(token: ContinueToken, slash = true): string {
  return Buffer.from(JSON.stringify({ v: VERSION, rv: token.revision, start: `${slash ? '/' : ''}${token.after}\0` })).toString('base64url');
}

const refused = (why: string): Error => badRequest(`invalid continue token: continue key is not valid: ${why}`);

/** The token's members, whatever the case of their names. */
function membersOf(value: unknown): { v: string; rv: number; start: string } {
  const is = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  if (value === null) return { v: '', rv: 0, start: '' };
  if (typeof value !== 'object' || Array.isArray(value)) throw refused(`json: cannot unmarshal ${is} into Go value of type storage.continueToken`);
  const members = new Map(Object.entries(value).map(([name, member]) => [name.toLowerCase(), member as unknown]));
  const read = (name: string, type: string, fits: (member: unknown) => boolean): unknown => {
    const member = members.get(name);
    if (member === undefined || member === null) return undefined;
    if (fits(member)) return member;
    const shown = typeof member === 'number' ? (type === 'string' ? 'number' : `number ${member}`) : Array.isArray(member) ? 'array' : typeof member === 'boolean' ? 'bool' : typeof member;
    throw refused(`json: cannot unmarshal ${shown} into Go struct field continueToken.${name} of type ${type}`);
  };
  const isText = (member: unknown): boolean => typeof member === 'string';
  return { v: (read('v', 'string', isText) ?? '') as string, rv: (read('rv', 'int64', Number.isInteger) ?? 0) as number, start: (read('start', 'string', isText) ?? '') as string };
}

/** The largest of all characters: no key has it. */
const LAST = '\u{10FFFF}';

/** The key before `start`, so that a page after it begins with `start` itself. */
function before(start: string): string {
  if (start === '' || start.endsWith('\0')) return start.slice(0, -1);
  const last = start.length - 1;
  return `${start.slice(0, last)}${String.fromCharCode(start.charCodeAt(last) - 1)}${LAST}`;
}

/** Throws StatusError 400. */
export function decodeContinue(text: string): ContinueToken {
  const encoded = text.replace(/[\r\n]/g, '');
  const stray = encoded.search(/[^A-Za-z0-9_-]/);
  if (stray >= 0 || encoded.length % 4 === 1) throw refused(`illegal base64 data at input byte ${stray >= 0 ? stray : encoded.length - 1}`);
  let value: unknown;
  try {
    value = readJson(Buffer.from(encoded, 'base64url')).value;
  } catch (error) {
    throw refused((error as Error).message);
  }
  const { v, rv, start } = membersOf(value);
  if (v !== VERSION) throw refused(`server does not recognize this encoded version ${v}`);
  if (rv === 0) throw refused('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (start === '') throw refused('encoded start key empty (version meta.k8s.io/v1)');
  const key = start.startsWith('/') ? start : `/${start}`;
  if (posix.normalize(key) !== key || (key.length > 1 && key.endsWith('/'))) throw refused(start);
  return { revision: rv, after: before(key.slice(1)) };
}
