/** Speaks to another API server on this one's own behalf: for its discovery, its OpenAPI documents, and to see whether it lives. */
import { addressOf, networkErrorText } from '../../base/network-errors.ts';
import { readAtMost } from '../../base/read-at-most.ts';
import type { Host, HttpResponse, TlsClientOptions } from '../../host/types.ts';
import type { ServiceResolver } from '../service-resolver.ts';
import { aggregator, identityHeaders } from './identity.ts';
import type { Registration } from './registration.ts';

/** A document of another server that is read into memory at most. */
export const maxDocumentBytes = 64 * 1024 * 1024;
const documentTimeoutMs = 5_000;

/** What this server shows to the others, so that they believe its identity headers. */
export type ProxyClient = Pick<TlsClientOptions, 'cert' | 'key'>;

export interface RemoteAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

export class Remotes {
  readonly #host: Host;
  readonly #resolver: ServiceResolver;
  readonly #proxyClient: ProxyClient;

  constructor(host: Host, resolver: ServiceResolver, proxyClient: ProxyClient = {}) {
    this.#host = host;
    this.#resolver = resolver;
    this.#proxyClient = proxyClient;
  }

  /** Where the server is now; throws when nobody is behind its Service. */
  locate({ service, ca, insecure }: Registration): { origin: string; tls: TlsClientOptions } {
    const { origin, serverName } = this.#resolver.resolve(service.namespace, service.name, service.port);
    const trust = insecure ? { insecureSkipVerify: true } : ca === undefined ? {} : { ca };
    return { origin, tls: { ...this.#proxyClient, ...trust, serverName } };
  }

  /** Reads a document. Follows no redirect. */
  async get(registration: Registration, path: string, headers: Record<string, string> = {}): Promise<RemoteAnswer> {
    const { origin, tls } = this.locate(registration);
    const response = await this.#host.net.request({ method: 'GET', url: `${origin}${path}`, headers: { ...headers, ...identityHeaders(aggregator) }, tls, timeoutMs: documentTimeoutMs });
    return { status: response.status, headers: response.headers, body: await readAtMost(response.body, maxDocumentBytes) };
  }

  /** Resolves when the server answers for its group and version, whatever its certificate: trust is not what is asked here. */
  async probe(registration: Registration): Promise<void> {
    const { origin, serverName } = this.#resolver.resolve(registration.service.namespace, registration.service.name, registration.service.port);
    const url = `${origin}/apis/${registration.group}/${registration.version}`;
    let response: HttpResponse;
    try {
      response = await this.#host.net.request({ method: 'GET', url, headers: identityHeaders(aggregator), tls: { ...this.#proxyClient, insecureSkipVerify: true, serverName }, timeoutMs: documentTimeoutMs });
    } catch (error) {
      throw new Error(`failing or missing response from ${url}: Get ${JSON.stringify(url)}: ${networkErrorText(error, addressOf(url))}`, { cause: error });
    }
    await response.body[Symbol.asyncIterator]().return?.(undefined);
    if (response.status < 200 || response.status >= 300) throw new Error(`failing or missing response from ${url}: bad status from ${url}: ${response.status}`);
  }
}
