/** Client certificates: the subject's common name is the user, its organizations are the groups. */
import type { Authenticator, ServerRequest, UserInfo } from '../types.ts';
import { AUTHENTICATED } from './identities.ts';

type Certificate = NonNullable<ServerRequest['clientCertificate']>;

/** `isClient` tells clients' certificates from those of front proxies, where a listener takes both; without it every verified one counts. */
export function certificateAuthenticator(isClient?: (certificate: Certificate) => boolean): Authenticator {
  /** A connection's requests have one certificate, and one user. */
  const known = new WeakMap<Certificate, UserInfo>();
  return {
    name: 'client-certificate',
    authenticate(request) {
      const { clientCertificate: certificate } = request;
      if (!certificate || certificate.commonName === '') return undefined;
      if (isClient && !isClient(certificate)) {
        // What is no good as a credential must not pass for none.
        request.clientCertificateError = 'x509: certificate signed by unknown authority';
        return undefined;
      }
      let user = known.get(certificate);
      if (!user) known.set(certificate, (user = userOf(certificate)));
      return user;
    },
  };
}

function userOf(certificate: Certificate): UserInfo {
  return Object.freeze({
    name: certificate.commonName,
    ...(certificate.uid ? { uid: certificate.uid } : {}),
    groups: Object.freeze([...certificate.organizations, AUTHENTICATED]),
    ...(certificate.fingerprint ? { extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${certificate.fingerprint}`] } } : {}),
  });
}
