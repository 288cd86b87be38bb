/**
 * Lets a user act as another where it is allowed to: `Impersonate-User`, `-Group`, `-Uid` and `-Extra-*` headers.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 */
import { badRequest } from '../../api/meta/status.ts';
import type { Authorizer, Next, ServerRequest, ServerResponse, Stage } from '../types.ts';
import { refusal, userOf } from './authorization.ts';
import { Impersonator, type Wanted } from './impersonation-modes.ts';
import { infoOf } from './request-info.ts';

const extraPrefix = 'impersonate-extra-';

/** A header that is there and empty names nothing, and not nobody. */
const listOf = (value: string | undefined): string[] => value?.split(', ') ?? [];

/** Hardly any request asks for it: the others pass with a look at their headers' names. */
function asks(headers: ServerRequest['headers']): boolean {
  for (const name in headers) if (name.charCodeAt(0) === 0x69 && name.startsWith('impersonate-')) return true;
  return false;
}

function wantedBy(headers: ServerRequest['headers']): Wanted | undefined {
  const wanted: Wanted = { name: headers['impersonate-user'] ?? '', uid: headers['impersonate-uid'] ?? '', groups: listOf(headers['impersonate-group']), extra: {} };
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(extraPrefix)) wanted.extra[decodeHeaderKey(name.slice(extraPrefix.length))] = listOf(value);
  }
  if (wanted.name !== '') return wanted;
  if (wanted.groups.length > 0 || wanted.uid !== '' || Object.keys(wanted.extra).length > 0) throw badRequest(`requested ${goForm(wanted)} without impersonating a user name`);
  return undefined;
}

const goList = (texts: readonly string[]): string => `[]string{${texts.map((text) => JSON.stringify(text)).join(', ')}}`;

/** As Go prints the struct. */
function goForm({ uid, groups, extra }: Wanted): string {
  const keys = Object.keys(extra).sort();
  const map = keys.length === 0 ? 'map[string][]string(nil)' : `map[string][]string{${keys.map((key) => `${JSON.stringify(key)}:${goList(extra[key]!)}`).join(', ')}}`;
  return `&user.DefaultInfo{Name:"", UID:${JSON.stringify(uid)}, Groups:${groups.length === 0 ? '[]string(nil)' : goList(groups)}, Extra:${map}}`;
}

/** Extra keys may hold characters that headers may not: they come percent-encoded. */
function decodeHeaderKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** `constrained`: who may act as others for some verbs only, or as some kinds of users only, may do that. */
export function impersonation(authorizer: Authorizer, constrained = true): Stage {
  const impersonator = new Impersonator(authorizer, constrained);
  async function impersonate(request: ServerRequest, next: Next): Promise<ServerResponse> {
    const wanted = wantedBy(request.headers);
    if (!wanted) return next(request);
    const user = userOf(request);
    const attempt = await impersonator.attempt(user, wanted, infoOf(request));
    if (attempt.refused !== undefined) return refusal(attempt.refused.attributes, attempt.refused.reason);
    request.authenticatedUser = user;
    request.user = attempt.user;
    if (request.audited !== undefined && attempt.constraint !== undefined) request.audited.constraint = attempt.constraint;
    return next(request);
  }
  return {
    name: 'impersonation',
    handle: (request, next) => (asks(request.headers) ? impersonate(request, next) : next(request)),
  };
}
