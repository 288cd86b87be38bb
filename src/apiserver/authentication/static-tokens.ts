/** Tokens that were handed over at start, each with its user. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { UserInfo } from '../types.ts';
import type { TokenAuthenticator } from './bearer.ts';

export interface StaticToken {
  token: string;
  user: { name: string; uid?: string; groups?: readonly string[] };
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares in constant time, over all tokens, so that the answer's timing tells nothing of them. */
export function staticTokenAuthenticator(tokens: readonly StaticToken[]): TokenAuthenticator {
  const known = tokens.map(({ token, user }) => ({ hash: digest(token), user: { name: user.name, ...(user.uid ? { uid: user.uid } : {}), groups: [...(user.groups ?? [])] } satisfies UserInfo }));
  return {
    name: 'static-token',
    async authenticateToken(token) {
      const hash = digest(token);
      let found: UserInfo | undefined;
      for (const candidate of known) if (timingSafeEqual(candidate.hash, hash)) found = candidate.user;
      return found && { user: found, audiences: [] };
    },
  };
}

/** Reads the token file's form: `token,user,uid,"group1,group2"` a line. */
export function parseTokenFile(text: string): StaticToken[] {
  const tokens: StaticToken[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const fields = [...line.matchAll(/(?:^|,)\s*(?:"([^"]*)"|([^,]*))/g)].map((m) => (m[1] ?? m[2] ?? '').trim());
    const [token, name, uid, groups] = fields;
    if (!token || !name || uid === undefined) throw new Error(`token file, line ${i + 1}: want at least 3 columns (token, user name, user uid), got ${fields.length}`);
    tokens.push({ token, user: { name, uid, groups: groups ? groups.split(',').map((g) => g.trim()).filter((g) => g !== '') : [] } });
  }
  return tokens;
}
