/** Tokens of service accounts, bound to the pod, asked for by TokenRequest and renewed in time. */
import { ServiceAccounts } from '../../api/resources.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import type { TokenRequest } from '../../api/authentication/v1/types.ts';
import { parseTime } from '../../api/meta/time.ts';
import type { Client } from '../../client/types.ts';
import type { Clock } from '../../host/types.ts';
import { patiently } from '../objects.ts';

/** A token is renewed when this share of its life is over, or after a day. */
const renewalShare = 0.8;
const maxAgeMs = 24 * 60 * 60_000;
export const defaultExpirationSeconds = 3_600;

interface Held {
  token: string;
  /** By the clock. */
  issuedMs: number;
  expiresMs: number;
}

export interface TokenWish {
  audience?: string;
  expirationSeconds?: number;
}

export class TokenSource {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #held = new Map<string, Held>();

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  #isFresh(held: Held): boolean {
    const now = this.#clock.now();
    return now < held.issuedMs + Math.min((held.expiresMs - held.issuedMs) * renewalShare, maxAgeMs);
  }

  /** A token that is good for a while. While the API cannot be asked, one that has not expired still serves. */
  async get(pod: Pod, wish: TokenWish): Promise<string> {
    const { namespace, name, uid } = pod.metadata;
    const account = pod.spec?.serviceAccountName || 'default';
    const expirationSeconds = wish.expirationSeconds ?? defaultExpirationSeconds;
    const key = [uid, account, wish.audience ?? '', expirationSeconds].join('|');
    const held = this.#held.get(key);
    if (held && this.#isFresh(held)) return held.token;
    try {
      const request: TokenRequest = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        metadata: {},
        spec: { audiences: wish.audience ? [wish.audience] : [], expirationSeconds, boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: name!, uid: uid! } },
      };
      const answer = await patiently(this.#clock, () => this.#client.of(ServiceAccounts).inNamespace(namespace!).createSubresource<TokenRequest>(account, 'token', request));
      const fresh = { token: answer.status?.token ?? '', issuedMs: this.#clock.now(), expiresMs: parseTime(answer.status?.expirationTimestamp ?? '') };
      if (fresh.token === '' || Number.isNaN(fresh.expiresMs)) throw new Error(`the API server answered without a token for service account "${namespace}/${account}"`);
      this.#held.set(key, fresh);
      return fresh.token;
    } catch (error) {
      if (held && this.#clock.now() < held.expiresMs) return held.token;
      throw error;
    }
  }

  /** The pod is over. */
  forget(podUid: string): void {
    for (const key of this.#held.keys()) if (key.startsWith(`${podUid}|`)) this.#held.delete(key);
  }
}
