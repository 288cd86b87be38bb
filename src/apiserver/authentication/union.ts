/** Several authenticators as one: the first that knows the caller decides. */
import type { Authenticator, ServerRequest, UserInfo } from '../types.ts';

/** Asks from one on. A client certificate is known at once: nothing waits for it. */
function ask(authenticators: readonly Authenticator[], from: number, request: ServerRequest): UserInfo | undefined | Promise<UserInfo | undefined> {
  for (let i = from; i < authenticators.length; i++) {
    const answer = authenticators[i]!.authenticate(request);
    if (answer instanceof Promise) return answer.then((user) => user ?? ask(authenticators, i + 1, request));
    if (answer) return answer;
  }
  return undefined;
}

export function unionAuthenticator(authenticators: readonly Authenticator[]): Authenticator {
  return {
    name: 'union',
    authenticate: (request) => ask(authenticators, 0, request),
  };
}
