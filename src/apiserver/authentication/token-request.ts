/**
 * `POST serviceaccounts/<name>/token`: a new token for an account, for a time, an audience and maybe bound to a pod, secret or node.
 * https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/
 */
import type { BoundObjectReference, TokenRequest } from '../../api/authentication/v1/types.ts';
import type { Node, Pod, Secret, ServiceAccount } from '../../api/core/v1/types.ts';
import { FieldPath, invalidValue, type FieldError } from '../../api/meta/field.ts';
import { badRequest, conflict, invalid, notFound } from '../../api/meta/status.ts';
import { formatTime } from '../../api/meta/time.ts';
import type { Host, Random } from '../../host/types.ts';
import { serviceAccountUser } from './identities.ts';
import type { SigningKey } from './jwt.ts';
import { mintToken, type AccountObjects, type ObjectReference, type PrivateClaims } from './service-account-tokens.ts';

export interface TokenIssuerOptions {
  host: Host;
  issuer: string;
  key: SigningKey;
  apiAudiences: readonly string[];
  objects: AccountObjects;
}

const minSeconds = 600;
const maxSeconds = 2 ** 32;
const defaultSeconds = 3600;
/** The lifetime that the service account admission asks for; such tokens get a year, for clients that never read them again. */
const projectedSeconds = 3607;
const extendedSeconds = 365 * 24 * 3600 + projectedSeconds;

function validate(request: TokenRequest, name: string): void {
  const seconds = request.spec?.expirationSeconds ?? defaultSeconds;
  const path = new FieldPath('spec').child('expirationSeconds');
  const errors: FieldError[] = [];
  if (seconds < minSeconds) errors.push(invalidValue(path, seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > maxSeconds) errors.push(invalidValue(path, seconds, 'may not specify a duration larger than 2^32 seconds'));
  if (errors.length > 0) throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, name, errors);
}

/** Makes tokens for the accounts of a cluster. */
export class TokenIssuer {
  readonly #options: TokenIssuerOptions;
  readonly #random: Random;

  constructor(options: TokenIssuerOptions) {
    this.#options = options;
    this.#random = options.host.random.fork('token-id');
  }

  /** Answers a request with its status filled in. */
  async issue(namespace: string, name: string, request: TokenRequest): Promise<TokenRequest> {
    const { objects, host, issuer, key, apiAudiences } = this.#options;
    const account = await objects.serviceAccount(namespace, name);
    if (!account) throw notFound({ group: '', plural: 'serviceaccounts' }, name);
    this.#checkMetadata(request, namespace, name, account);
    validate(request, name);
    const bound = await this.#boundObject(namespace, name, request.spec?.boundObjectRef);
    const audiences = request.spec?.audiences?.length ? request.spec.audiences : [...apiAudiences];
    const asked = request.spec?.expirationSeconds ?? defaultSeconds;
    const nowSeconds = Math.floor(host.clock.now() / 1000);
    const extend = asked === projectedSeconds && bound?.pod !== undefined && audiences.some((a) => apiAudiences.includes(a));
    const expires = nowSeconds + (extend ? extendedSeconds : asked);
    const claims: PrivateClaims = {
      namespace, serviceaccount: { name, uid: account.metadata.uid ?? '' }, ...bound, ...(extend ? { warnafter: nowSeconds + asked } : {}),
    };
    const token = mintToken({
      aud: audiences, exp: expires, iat: nowSeconds, iss: issuer, jti: this.#random.uuid(), 'kubernetes.io': claims, nbf: nowSeconds, sub: serviceAccountUser(namespace, name),
    }, key);
    // The caller is told the time it asked for, so that it refreshes then; the token itself may live longer.
    return {
      ...request,
      metadata: { ...request.metadata, name, namespace, creationTimestamp: formatTime(host.clock.now()) },
      spec: { ...request.spec, audiences, expirationSeconds: asked },
      status: { token, expirationTimestamp: formatTime((nowSeconds + asked) * 1000) },
    };
  }

  #checkMetadata(request: TokenRequest, namespace: string, name: string, account: ServiceAccount): void {
    const { metadata } = request;
    if (metadata.name !== undefined && metadata.name !== '' && metadata.name !== name) throw badRequest(`metadata.name: Invalid value: ${JSON.stringify(metadata.name)}: must match the service account name if specified`);
    if (metadata.namespace !== undefined && metadata.namespace !== '' && metadata.namespace !== namespace) throw badRequest(`metadata.namespace: Invalid value: ${JSON.stringify(metadata.namespace)}: must match the service account namespace if specified`);
    if (metadata.uid !== undefined && metadata.uid !== account.metadata.uid) throw conflict({ group: '', plural: 'serviceaccounts' }, name, `the UID in the token request (${metadata.uid}) does not match the UID of the service account (${account.metadata.uid ?? ''})`);
  }

  async #boundObject(namespace: string, account: string, reference: BoundObjectReference | undefined): Promise<Pick<PrivateClaims, 'pod' | 'secret' | 'node'> | undefined> {
    if (!reference) return undefined;
    const name = reference.name ?? '';
    const what = `${reference.apiVersion ?? ''}/${reference.kind ?? ''}`;
    switch (what) {
      case 'v1/Pod': {
        const pod = this.#found(await this.#options.objects.pod(namespace, name), 'pods', reference);
        if ((pod.spec?.serviceAccountName ?? '') !== account) throw badRequest(`cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`);
        const nodeName = pod.spec?.nodeName ?? '';
        const node = nodeName === '' ? undefined : await this.#options.objects.node(nodeName);
        return { pod: referenceTo(pod), ...(nodeName === '' ? {} : { node: node ? referenceTo(node) : { name: nodeName } }) };
      }
      case 'v1/Node':
        return { node: referenceTo(this.#found(await this.#options.objects.node(name), 'nodes', reference)) };
      case 'v1/Secret':
        return { secret: referenceTo(this.#found(await this.#options.objects.secret(namespace, name), 'secrets', reference)) };
      default:
        throw badRequest(`cannot bind token to object of type ${reference.apiVersion ?? ''}, Kind=${reference.kind ?? ''}`);
    }
  }

  #found<T extends Pod | Node | Secret>(object: T | undefined, plural: string, reference: BoundObjectReference): T {
    if (!object) throw notFound({ group: '', plural }, reference.name ?? '');
    if (reference.uid && reference.uid !== object.metadata.uid) {
      throw conflict({ group: '', plural }, reference.name ?? '', `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`);
    }
    return object;
  }
}

const referenceTo = (object: Pod | Node | Secret): ObjectReference => ({ name: object.metadata.name ?? '', uid: object.metadata.uid ?? '' });
