/** Bearer tokens: takes the token out of the request and asks those who may know it. */
import type { ServerRequest, Authenticator, UserInfo } from '../types.ts';
import { unauthorized } from '../../api/meta/status.ts';
import { AUTHENTICATED } from './identities.ts';

/** What a verified token says. */
export interface TokenAnswer {
  user: UserInfo;
  /** For whom the token is good; empty: it names no audience. */
  audiences: readonly string[];
}

/** Knows one sort of token. Undefined: not mine. `invalid`: mine, but wrong or expired, with the reason for the log. */
export interface TokenAuthenticator {
  name: string;
  authenticateToken(token: string, audiences: readonly string[]): Promise<TokenAnswer | { invalid: string } | undefined>;
}

const websocketPrefix = 'base64url.bearer.authorization.k8s.io.';

/** From `Authorization: Bearer …`, or from the WebSocket protocol list, where browsers can put nothing else. */
export function bearerTokenOf(headers: ServerRequest['headers']): string | undefined {
  const match = /^bearer +(\S+)\s*$/i.exec(headers['authorization'] ?? '');
  if (match) return match[1];
  if ((headers['upgrade'] ?? '').toLowerCase() !== 'websocket') return undefined;
  const protocol = (headers['sec-websocket-protocol'] ?? '').split(',').map((p) => p.trim()).find((p) => p.startsWith(websocketPrefix));
  return protocol === undefined ? undefined : Buffer.from(protocol.slice(websocketPrefix.length), 'base64url').toString('utf8');
}

/** Takes the token out of the WebSocket protocol list, so that it does not travel on to a node. */
export function withoutBearerProtocol(protocols: string): string {
  return protocols.split(',').map((p) => p.trim()).filter((p) => !p.startsWith(websocketPrefix)).join(', ');
}

/** Asks in order; the first that knows the token decides. */
export async function authenticateToken(authenticators: readonly TokenAuthenticator[], token: string, audiences: readonly string[]): Promise<TokenAnswer | { invalid: string } | undefined> {
  let invalid: { invalid: string } | undefined;
  for (const authenticator of authenticators) {
    const answer = await authenticator.authenticateToken(token, audiences);
    if (answer && 'user' in answer) {
      const groups = answer.user.groups.includes(AUTHENTICATED) ? answer.user.groups : [...answer.user.groups, AUTHENTICATED];
      return { ...answer, user: { ...answer.user, groups } };
    }
    invalid ??= answer;
  }
  return invalid;
}

export function bearerAuthenticator(authenticators: readonly TokenAuthenticator[], apiAudiences: readonly string[]): Authenticator {
  return {
    name: 'bearer-token',
    async authenticate(request) {
      const token = bearerTokenOf(request.headers);
      if (token === undefined) return undefined;
      const answer = await authenticateToken(authenticators, token, apiAudiences);
      // A wrong token is not the same as none: it must not turn into the anonymous user.
      if (!answer || 'invalid' in answer) throw unauthorized();
      return answer.user;
    },
  };
}
