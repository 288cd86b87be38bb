/** Requests to an API server over HTTP. Connections are kept alive by the host's network. */
import type { Clock, Network, TlsClientOptions } from '../host/types.ts';
import { withRetries } from './retry.ts';
import type { ApiRequest, ApiResponse, Transport } from './types.ts';

export interface HttpTransportConfig {
  /** As `https://10.0.0.1:6443`; a path in front of the API's own is kept. */
  server: string;
  /** CA, and a client certificate where one is used. */
  tls?: TlsClientOptions;
  /** A bearer token, or a function that is asked before each request (tokens that are renewed in a file). */
  token?: string | (() => Promise<string>);
  /** As `kube-scheduler/v1.36.0 (linux/amd64)`. */
  userAgent?: string;
  /** Bounds the time until the answer's head, in milliseconds. Default: no bound. */
  timeoutMs?: number;
  /** With a clock, answers that carry Retry-After are waited for and asked again; without, they are handed on. */
  clock?: Clock;
}

/** The server could not be reached, or its certificate does not satisfy: nothing of the request was answered. */
export class ConnectionError extends Error {
  readonly code: string;
  constructor(message: string, code: string, cause: unknown) {
    super(message, { cause });
    this.name = 'ConnectionError';
    this.code = code;
  }
}

const certificateCodes: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by an unknown authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an unknown authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by an unknown authority',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is not for this address',
};

const connectionCodes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused: is the API server running?',
  ENOTFOUND: 'the name does not resolve',
  EAI_AGAIN: 'the name does not resolve (the resolver did not answer)',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
};

function connectionError(server: string, error: unknown): Error {
  if ((error as Error)?.name === 'AbortError') return error as Error;
  const code = String((error as { code?: unknown })?.code ?? '');
  const why = certificateCodes[code] ?? connectionCodes[code] ?? String((error as Error)?.message ?? error);
  return new ConnectionError(`cannot reach the API server at ${server}: ${why}${code === '' ? '' : ` (${code})`}`, code, error);
}

function queryText(query: ApiRequest['query']): string {
  if (!query) return '';
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** A transport over the host's network. Rejects with ConnectionError when the server cannot be reached. */
export function httpTransport(net: Pick<Network, 'request'>, config: HttpTransportConfig): Transport {
  const server = config.server.replace(/\/+$/, '');
  const transport: Transport = {
    async send(request: ApiRequest): Promise<ApiResponse> {
      const headers: Record<string, string> = { ...request.headers };
      if (config.userAgent) headers['user-agent'] = config.userAgent;
      const token = typeof config.token === 'function' ? await config.token() : config.token;
      if (token) headers.authorization = `Bearer ${token}`;
      try {
        return await net.request({
          method: request.method, url: `${server}${request.path}${queryText(request.query)}`, headers, body: request.body,
          tls: config.tls, signal: request.signal, timeoutMs: config.timeoutMs,
        });
      } catch (error) {
        throw connectionError(server, error);
      }
    },
  };
  return config.clock ? withRetries(transport, config.clock) : transport;
}
