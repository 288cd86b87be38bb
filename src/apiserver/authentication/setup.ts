/** Puts a server's authenticators together from its options. */
import type { AccountObjects } from './service-account-tokens.ts';
import { serviceAccountTokenAuthenticator } from './service-account-tokens.ts';
import type { Secret } from '../../api/core/v1/types.ts';
import type { Host } from '../../host/types.ts';
import type { AuthenticationOptions } from '../options.ts';
import type { Authenticator } from '../types.ts';
import { anonymousAuthenticator } from './anonymous.ts';
import { bearerAuthenticator, type TokenAuthenticator } from './bearer.ts';
import { bootstrapTokenAuthenticator } from './bootstrap-tokens.ts';
import { authorityCheck, requestHeaderAuthenticator } from './request-header.ts';
import { certificateAuthenticator } from './certificates.ts';
import { signingKeyFrom, verifyingKeyFrom, type VerifyingKey } from './jwt.ts';
import { staticTokenAuthenticator } from './static-tokens.ts';
import { TokenIssuer } from './token-request.ts';
import { unionAuthenticator } from './union.ts';

export interface Authentication {
  authenticator: Authenticator;
  tokenAuthenticators: readonly TokenAuthenticator[];
  apiAudiences: readonly string[];
  issuer: TokenIssuer | undefined;
  /** Keys that service account tokens may be signed with. */
  keys: readonly VerifyingKey[];
}

const defaultAudience = 'https://kubernetes.default.svc';

/** Throws, by name, for keys that cannot be read. */
export function setUpAuthentication(host: Host, options: AuthenticationOptions, objects: AccountObjects, bootstrapSecret: (name: string) => Promise<Secret | undefined>): Authentication {
  const account = options.serviceAccount;
  const apiAudiences = account ? (account.audiences ?? [account.issuer]) : [defaultAudience];
  const keys = account ? uniqueKeys([account.signingKey, ...(account.publicKeys ?? [])]) : [];
  const issuer = account && new TokenIssuer({ host, issuer: account.issuer, key: signingKeyFrom(account.signingKey), apiAudiences, objects });
  const tokenAuthenticators: TokenAuthenticator[] = [
    ...(options.tokens?.length ? [staticTokenAuthenticator(options.tokens)] : []),
    ...(account ? [serviceAccountTokenAuthenticator({ issuers: [account.issuer, ...(account.formerIssuers ?? [])], keys, apiAudiences, objects, clock: host.clock })] : []),
    ...(options.bootstrapTokens === false ? [] : [bootstrapTokenAuthenticator(host.clock, bootstrapSecret)]),
  ];
  const authenticator = unionAuthenticator([
    ...(options.requestHeader ? [requestHeaderAuthenticator(options.requestHeader)] : []),
    certificateAuthenticator(options.requestHeader ? authorityCheck(options.clientCa ?? '') : undefined),
    bearerAuthenticator(tokenAuthenticators, apiAudiences),
    ...(options.anonymous === false ? [] : [anonymousAuthenticator()]),
  ]);
  return { authenticator, tokenAuthenticators, apiAudiences, issuer, keys };
}

function uniqueKeys(pems: readonly string[]): VerifyingKey[] {
  const keys = new Map<string, VerifyingKey>();
  for (const pem of pems) {
    const key = verifyingKeyFrom(pem);
    keys.set(key.keyId, key);
  }
  return [...keys.values()];
}
