/** Several authenticators as one: the first that knows the caller decides. */
import type { Authenticator } from '../types.ts';

export function unionAuthenticator(authenticators: readonly Authenticator[]): Authenticator {
  return {
    name: 'union',
    async authenticate(request) {
      for (const authenticator of authenticators) {
        const user = await authenticator.authenticate(request);
        if (user) return user;
      }
      return undefined;
    },
  };
}
