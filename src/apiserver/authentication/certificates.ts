/** Client certificates: the subject's common name is the user, its organizations are the groups. */
import type { Authenticator } from '../types.ts';
import { AUTHENTICATED } from './identities.ts';

export function certificateAuthenticator(): Authenticator {
  return {
    name: 'client-certificate',
    async authenticate({ clientCertificate: certificate }) {
      if (!certificate || certificate.commonName === '') return undefined;
      return {
        name: certificate.commonName,
        ...(certificate.uid ? { uid: certificate.uid } : {}),
        groups: [...certificate.organizations, AUTHENTICATED],
        ...(certificate.fingerprint ? { extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${certificate.fingerprint}`] } } : {}),
      };
    },
  };
}
