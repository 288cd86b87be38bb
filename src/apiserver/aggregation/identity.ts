/** How one server tells another who asks: headers that count only beside a certificate which that other server trusts for it. */
import type { UserInfo } from '../types.ts';

const extraPrefix = 'x-remote-extra-';

/** Who asks when this server asks for itself. */
export const aggregator: UserInfo = Object.freeze({ name: 'system:kube-aggregator', groups: ['system:masters'] });

/** Headers by which a front proxy says who its client is. Nobody else may send them on. */
export function isIdentityHeader(name: string): boolean {
  return name === 'x-remote-user' || name === 'x-remote-uid' || name === 'x-remote-group' || name.startsWith(extraPrefix);
}

/** Header names may hold letters, digits and some signs only: everything else is percent-encoded, and `%` itself. */
function escapedKey(key: string): string {
  return [...Buffer.from(key, 'utf8')].map((byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9!#$&'*+\-.^_`|~]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

/** Several values stand in several headers: a group's name may hold a comma. */
export function identityHeaders(user: UserInfo): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { 'x-remote-user': user.name };
  if (user.uid) headers['x-remote-uid'] = user.uid;
  if (user.groups.length > 0) headers['x-remote-group'] = [...user.groups];
  for (const [key, values] of Object.entries(user.extra ?? {})) headers[`${extraPrefix}${escapedKey(key)}`] = [...values];
  return headers;
}
