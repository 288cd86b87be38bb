/**
 * The small HTTPS server of a component: `/healthz`, `/livez` and `/readyz` for everybody, `/metrics/slis` (how these were), `/metrics`, `/configz` and what else
 * there is for whom the API server allows it (TokenReview, then SubjectAccessReview on the path).
 */
import { createHash } from 'node:crypto';
import type { TokenReview } from '../api/authentication/v1/types.ts';
import type { SubjectAccessReview } from '../api/authorization/v1/types.ts';
import { HealthIndicators } from '../base/component-metrics.ts';
import type { Client } from '../client/index.ts';
import type { AnyServerRequest, AnyServerResponse, Host, Listener } from '../host/types.ts';
import type { KeyPair } from '../pki/certificates.ts';
import { fileOf, portFlag, type Flags } from './flags.ts';

export interface ComponentPage {
  type: string;
  text: () => string;
}

export interface ComponentServerOptions {
  /** Names the certificate that is made when none is given. */
  name: string;
  address: string;
  port: number;
  certificate?: KeyPair;
  /** By path; only for those who may `get` it. */
  pages: Readonly<Record<string, ComponentPage>>;
  /** Names of what a page of health looks at: all is well while the component answers. Default: `ping` alone. */
  checks?: (page: 'healthz' | 'livez' | 'readyz') => readonly string[];
}

const open = { '/healthz': 'healthz', '/livez': 'livez', '/readyz': 'readyz' } as const;
const isOpen = (path: string): path is keyof typeof open => Object.hasOwn(open, path);
/** How long an answer about a token and a path is good. */
const rememberedMs = 10_000;
const rememberedLimit = 1000;

class Access {
  readonly #client: Client;
  readonly #host: Host;
  readonly #known = new Map<string, { status: number; untilMs: number }>();

  constructor(host: Host, client: Client) {
    this.#host = host;
    this.#client = client;
  }

  /** 200, 401 or 403. */
  async status(authorization: string | undefined, path: string): Promise<number> {
    const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return 401;
    const key = createHash('sha256').update(`${path}\n${token}`).digest('hex');
    const known = this.#known.get(key);
    if (known && known.untilMs > this.#host.clock.monotonic()) return known.status;
    const status = await this.#ask(token, path);
    if (this.#known.size >= rememberedLimit) this.#known.clear();
    this.#known.set(key, { status, untilMs: this.#host.clock.monotonic() + rememberedMs });
    return status;
  }

  async #ask(token: string, path: string): Promise<number> {
    const review = await this.#post<TokenReview>('/apis/authentication.k8s.io/v1/tokenreviews', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } });
    if (!review.status?.authenticated) return 401;
    const { username, groups, uid } = review.status.user ?? {};
    const access = await this.#post<SubjectAccessReview>('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
      apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview',
      spec: { user: username, groups, uid, nonResourceAttributes: { path, verb: 'get' } },
    });
    return access.status?.allowed ? 200 : 403;
  }

  #post<T>(path: string, body: object): Promise<T> {
    return this.#client.request<T>({ method: 'POST', path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  }
}

async function certificateOf(host: Host, options: ComponentServerOptions): Promise<KeyPair> {
  if (options.certificate) return options.certificate;
  // A library that takes a tenth of a second to load.
  const { createAuthority, issueCertificate } = await import('../pki/certificates.ts');
  const nowMs = host.clock.now();
  const authority = await createAuthority({ commonName: `${options.name}-ca`, nowMs, days: 365 });
  return issueCertificate(authority, { commonName: options.name, usages: ['server'], dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'], nowMs, days: 365 });
}

function answer(response: AnyServerResponse, status: number, type: string, text: string): void {
  (response as { writeHead(status: number, headers: object): unknown }).writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text), 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' });
  (response as { end(text: string): unknown }).end(text);
}

export async function startComponentServer(host: Host, client: Client, options: ComponentServerOptions): Promise<Listener> {
  const access = new Access(host, client);
  const health = new HealthIndicators();
  const respond = async (request: AnyServerRequest, response: AnyServerResponse): Promise<void> => {
    const path = (request.url ?? '/').split('?')[0]!;
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, 'text/plain; charset=utf-8', 'method not allowed');
    if (isOpen(path)) {
      for (const name of options.checks?.(open[path]) ?? ['ping']) health.checked(name, open[path], true);
      return answer(response, 200, 'text/plain; charset=utf-8', 'ok');
    }
    const status = await access.status(request.headers.authorization, path);
    if (status !== 200) return answer(response, status, 'text/plain; charset=utf-8', status === 401 ? 'Unauthorized' : 'Forbidden');
    if (path === '/metrics/slis') return answer(response, 200, 'text/plain; version=0.0.4; charset=utf-8', health.registry.text());
    const page = Object.hasOwn(options.pages, path) ? options.pages[path]! : undefined;
    if (!page) return answer(response, 404, 'text/plain; charset=utf-8', '404 page not found');
    return answer(response, 200, page.type, page.text());
  };
  return host.net.listen({
    address: options.address,
    port: options.port,
    tls: await certificateOf(host, options),
    onRequest(request, response) {
      respond(request, response).catch((error: unknown) => {
        host.log.warn('request failed', { error: String((error as Error)?.message ?? error) });
        answer(response, 500, 'text/plain; charset=utf-8', 'internal error');
      });
    },
  });
}

/** Serves a component's pages where its flags say: `--secure-port` (0: nowhere), `--bind-address`, `--tls-cert-file` and `--tls-private-key-file`. */
export async function serveComponent(host: Host, client: Client, flags: Flags, defaultPort: number, { name, pages, checks }: Pick<ComponentServerOptions, 'name' | 'pages' | 'checks'>): Promise<Listener | undefined> {
  const port = portFlag(flags, 'secure-port', defaultPort);
  if (port === 0) return undefined;
  const [cert, key] = [await fileOf(host, flags, 'tls-cert-file'), await fileOf(host, flags, 'tls-private-key-file')];
  try {
    return await startComponentServer(host, client, {
      name, address: flags['bind-address'] ?? '127.0.0.1', port, pages, ...(cert === undefined || key === undefined ? {} : { certificate: { cert, key } }), ...(checks ? { checks } : {}),
    });
  } catch (error) {
    // Whoever names the port needs it; the default one may be another's on the same machine.
    if (flags['secure-port'] !== undefined) throw error;
    host.log.warn('health and metrics are not served', { port, error: String((error as Error)?.message ?? error) });
    return undefined;
  }
}
