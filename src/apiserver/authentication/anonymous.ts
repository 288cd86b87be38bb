/** Requests without credentials are somebody too: `system:anonymous`, who may do little. */
import { unauthorized } from '../../api/meta/status.ts';
import type { Authenticator, UserInfo } from '../types.ts';
import { ANONYMOUS, UNAUTHENTICATED } from './identities.ts';

export const anonymousUser: UserInfo = Object.freeze({ name: ANONYMOUS, groups: [UNAUTHENTICATED] });

export function anonymousAuthenticator(): Authenticator {
  return {
    name: 'anonymous',
    async authenticate({ clientCertificateError }) {
      // Credentials that are wrong are not the same as none.
      if (clientCertificateError !== undefined) throw unauthorized();
      return anonymousUser;
    },
  };
}
