/** The documents by which others check service account tokens: issuer discovery and the key set (OpenID Connect Discovery 1.0, RFC 7517). */
import type { JsonWebKey } from 'node:crypto';
import { json } from '../chain/responses.ts';
import type { ServerResponse } from '../types.ts';
import { jwkOf, type VerifyingKey } from './jwt.ts';

export interface OpenIdOptions {
  issuer: string;
  /** Where the key set is, as others reach it. */
  jwksUri: string;
  keys: readonly VerifyingKey[];
}

const cacheFor = { 'cache-control': 'public, max-age=3600' };

export function openIdConfiguration({ issuer, jwksUri, keys }: OpenIdOptions): ServerResponse {
  return json(200, {
    issuer,
    jwks_uri: jwksUri,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...new Set(keys.map((key) => key.algorithms[0]!))].toSorted(),
  }, cacheFor);
}

export function jsonWebKeySet({ keys }: OpenIdOptions): ServerResponse {
  const set: { keys: JsonWebKey[] } = { keys: keys.map(jwkOf) };
  const response = json(200, set, cacheFor);
  response.headers['content-type'] = 'application/jwk-set+json';
  return response;
}
