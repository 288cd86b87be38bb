/**
 * Lets a user act as another where it is allowed to: `Impersonate-User`, `-Group`, `-Uid` and `-Extra-*` headers.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 */
import { badRequest } from '../../api/meta/status.ts';
import type { Authorizer, Next, RequestInfo, ServerRequest, ServerResponse, Stage, UserInfo } from '../types.ts';
import { ANONYMOUS, AUTHENTICATED, serviceAccountGroups, serviceAccountOf, UNAUTHENTICATED } from '../authentication/identities.ts';
import { refusal, userOf } from './authorization.ts';

const extraPrefix = 'impersonate-extra-';

interface Wanted {
  name: string;
  uid: string;
  groups: string[];
  extra: Record<string, string[]>;
}

const listOf = (value: string | undefined): string[] => (value === undefined || value === '' ? [] : value.split(', '));

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
  if (wanted.groups.length > 0 || wanted.uid !== '' || Object.keys(wanted.extra).length > 0) throw badRequest('requested groups, uid or extra information without impersonating a user');
  return undefined;
}

/** Extra keys may hold characters that headers may not: they come percent-encoded. */
function decodeHeaderKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function question(group: string, resource: string, name: string, namespace = '', subresource = ''): RequestInfo {
  return { isResourceRequest: true, path: '', verb: 'impersonate', apiGroup: group, apiVersion: group === '' ? 'v1' : 'v1', namespace, resource, subresource, name, parts: [] };
}

function questionsFor(wanted: Wanted): RequestInfo[] {
  const account = serviceAccountOf(wanted.name);
  return [
    account ? question('', 'serviceaccounts', account.name, account.namespace) : question('', 'users', wanted.name),
    ...wanted.groups.map((group) => question('', 'groups', group)),
    ...Object.entries(wanted.extra).flatMap(([key, values]) => values.map((value) => question('authentication.k8s.io', 'userextras', value, '', key))),
    ...(wanted.uid === '' ? [] : [question('authentication.k8s.io', 'uids', wanted.uid)]),
  ];
}

/** The impersonated user as the rest of the chain sees it, with the groups that follow from the name. */
function impersonated(wanted: Wanted): UserInfo {
  const account = serviceAccountOf(wanted.name);
  const groups = wanted.groups.length === 0 && account ? serviceAccountGroups(account.namespace) : [...wanted.groups];
  const implied = wanted.name === ANONYMOUS ? UNAUTHENTICATED : AUTHENTICATED;
  if (!groups.includes(AUTHENTICATED) && !groups.includes(UNAUTHENTICATED)) groups.push(implied);
  return { name: wanted.name, ...(wanted.uid === '' ? {} : { uid: wanted.uid }), groups, extra: wanted.extra };
}

export function impersonation(authorizer: Authorizer): Stage {
  async function impersonate(request: ServerRequest, next: Next): Promise<ServerResponse> {
    const wanted = wantedBy(request.headers);
    if (!wanted) return next(request);
    const user = userOf(request);
    for (const info of questionsFor(wanted)) {
      const { decision, reason } = await authorizer.authorize({ user, info });
      if (decision !== 'allow') return refusal({ user, info }, reason);
    }
    request.authenticatedUser = user;
    request.user = impersonated(wanted);
    return next(request);
  }
  return {
    name: 'impersonation',
    handle: (request, next) => (asks(request.headers) ? impersonate(request, next) : next(request)),
  };
}
