/** Who may use the node's server: the API server's word, asked by TokenReview and SubjectAccessReview, and remembered for a while. */
import type { TLSSocket } from 'node:tls';
import { createHash } from 'node:crypto';
import type { SubjectAccessReview } from '../../api/authorization/v1/types.ts';
import type { TokenReview } from '../../api/authentication/v1/types.ts';
import type { Client } from '../../client/types.ts';
import type { Clock } from '../../host/types.ts';
import { HttpError } from './types.ts';

/** As upstream's defaults for delegated decisions. */
const tokenTtlMs = 120_000;
const allowedTtlMs = 300_000;
const deniedTtlMs = 30_000;
const cacheLimit = 2_000;

export interface Caller {
  name: string;
  groups: string[];
  uid?: string;
}

/** Answers that are good for a while; when full, the oldest goes. */
class Remembered<T> {
  readonly #entries = new Map<string, { value: T; untilMs: number }>();
  readonly #clock: Pick<Clock, 'monotonic'>;
  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }
  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.untilMs > this.#clock.monotonic() ? entry.value : undefined;
  }
  set(key: string, value: T, ttlMs: number): void {
    if (this.#entries.size >= cacheLimit) this.#entries.delete(this.#entries.keys().next().value!);
    this.#entries.set(key, { value, untilMs: this.#clock.monotonic() + ttlMs });
  }
}

/** The user of a verified client certificate; undefined without one. */
export function certificateCaller(socket: TLSSocket): Caller | undefined {
  if (!socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate();
  const name = subject?.CN as string | string[] | undefined;
  if (name === undefined) return undefined;
  const organizations = subject.O as string | string[] | undefined;
  return { name: Array.isArray(name) ? name[0]! : name, groups: [...(organizations === undefined ? [] : [organizations].flat()), 'system:authenticated'] };
}

/** The part of a node that a path belongs to, for the authorizer (https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/). */
export function nodeSubresource(path: string): string {
  const first = path.split('/')[1] ?? '';
  const known: Record<string, string> = { stats: 'stats', metrics: 'metrics', logs: 'log', spec: 'spec', checkpoint: 'checkpoint', healthz: 'healthz', pods: 'pods', configz: 'configz' };
  return Object.hasOwn(known, first) ? known[first]! : 'proxy';
}

const verbs: Readonly<Record<string, string>> = { POST: 'create', GET: 'get', HEAD: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

export class NodeAccess {
  readonly #client: Client;
  readonly #nodeName: string;
  readonly #certificatesOnly: boolean;
  readonly #tokens: Remembered<Caller>;
  readonly #decisions: Remembered<boolean>;

  constructor(client: Client, clock: Pick<Clock, 'monotonic'>, nodeName: string, certificatesOnly: boolean) {
    this.#client = client;
    this.#nodeName = nodeName;
    this.#certificatesOnly = certificatesOnly;
    this.#tokens = new Remembered(clock);
    this.#decisions = new Remembered(clock);
  }

  /** Throws HttpError 401 or 403. */
  async check(socket: TLSSocket, authorization: string | undefined, method: string, path: string): Promise<void> {
    const caller = certificateCaller(socket) ?? (await this.#tokenCaller(authorization));
    if (!caller) throw new HttpError(401, 'Unauthorized');
    if (this.#certificatesOnly) return;
    const verb = verbs[method] ?? method.toLowerCase();
    const subresource = nodeSubresource(path);
    // Whoever may use the proxy of a node may use all of it; newer, narrower names are asked first.
    const allowed = (await this.#allowed(caller, verb, subresource)) || (subresource === 'pods' && (await this.#allowed(caller, verb, 'proxy')));
    if (!allowed) throw new HttpError(403, `Forbidden (user=${caller.name}, verb=${verb}, resource=nodes, subresource(s)=[${subresource}])`);
  }

  async #tokenCaller(authorization: string | undefined): Promise<Caller | undefined> {
    const token = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined || this.#certificatesOnly) return undefined;
    const key = createHash('sha256').update(token).digest('base64');
    const known = this.#tokens.get(key);
    if (known) return known;
    const review = await this.#client.request<TokenReview>({
      method: 'POST', path: '/apis/authentication.k8s.io/v1/tokenreviews', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: {}, spec: { token } }),
    });
    const user = review.status?.user;
    if (!review.status?.authenticated || user?.username === undefined) return undefined;
    const caller: Caller = { name: user.username, groups: [...(user.groups ?? [])], ...(user.uid ? { uid: user.uid } : {}) };
    this.#tokens.set(key, caller, tokenTtlMs);
    return caller;
  }

  async #allowed(caller: Caller, verb: string, subresource: string): Promise<boolean> {
    const key = JSON.stringify([caller, verb, subresource]);
    const known = this.#decisions.get(key);
    if (known !== undefined) return known;
    const review = await this.#client.request<SubjectAccessReview>({
      method: 'POST', path: '/apis/authorization.k8s.io/v1/subjectaccessreviews', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', metadata: {},
        spec: { user: caller.name, groups: caller.groups, ...(caller.uid ? { uid: caller.uid } : {}), resourceAttributes: { verb, version: 'v1', resource: 'nodes', subresource, name: this.#nodeName } },
      }),
    });
    const allowed = review.status?.allowed === true;
    this.#decisions.set(key, allowed, allowed ? allowedTtlMs : deniedTtlMs);
    return allowed;
  }
}
