import type * as Http from 'node:http';
import * as https from 'node:https';
import { createHash } from 'node:crypto';
import { writePieces } from '../../base/write-pieces.ts';
import type { HttpRequest, HttpResponse, TlsClientOptions, UpgradedConnection } from '../types.ts';

/** Not by `import`: that reads every export, among them those for which Node loads its whole fetch library (some 25 ms and 6 MB). */
const http = process.getBuiltinModule('node:http');

/** Bytes of a refused upgrade's body that are kept for the caller. */
const refusalLimitBytes = 64 * 1024;
/** How many idle connections one server may hold open from here. */
const idleSocketLimit = 16;

/** Connections are kept alive per set of credentials, so that no request travels on another identity's connection. */
class AgentPool {
  #plain = new http.Agent({ keepAlive: true, maxFreeSockets: idleSocketLimit });
  #byCredentials = new Map<string, https.Agent>();

  agentFor(url: URL, tls: TlsClientOptions | undefined): Http.Agent {
    if (url.protocol === 'http:') return this.#plain;
    const parts = [tls?.ca, tls?.cert, tls?.key, tls?.serverName, String(tls?.insecureSkipVerify)];
    const key = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
    let agent = this.#byCredentials.get(key);
    if (!agent) {
      agent = new https.Agent({
        keepAlive: true,
        maxFreeSockets: idleSocketLimit,
        ca: tls?.ca,
        cert: tls?.cert,
        key: tls?.key,
        servername: tls?.serverName,
        rejectUnauthorized: !tls?.insecureSkipVerify,
        minVersion: 'TLSv1.2',
      });
      this.#byCredentials.set(key, agent);
    }
    return agent;
  }
}

function flatHeaders(headers: Http.IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

const isStreamed = (body: HttpRequest['body']): body is AsyncIterable<Uint8Array> => typeof body === 'object' && Symbol.asyncIterator in body;

/** Sends a body as it comes. A body that breaks off takes the request with it: half of one must not be taken for a whole. */
async function sendPieces(outgoing: Http.ClientRequest, body: AsyncIterable<Uint8Array>, trailers: HttpRequest['trailers']): Promise<void> {
  // The other side may have an answer before there is anything to send.
  outgoing.flushHeaders();
  try {
    if (!(await writePieces(body, outgoing))) return;
    const after = Object.entries(trailers?.() ?? {});
    if (after.length > 0) outgoing.addTrailers(after);
    outgoing.end();
  } catch (error) {
    outgoing.destroy(error as Error);
  }
}

export interface HttpClient {
  request(request: HttpRequest): Promise<HttpResponse>;
  upgrade(request: HttpRequest): Promise<UpgradedConnection>;
}

export function httpClient(): HttpClient {
  const pool = new AgentPool();

  function open(request: HttpRequest, extraHeaders: Record<string, string>, keepAlive: boolean): Http.ClientRequest {
    const url = new URL(request.url);
    const secure = url.protocol === 'https:';
    const headers: Record<string, string | number | string[]> = { ...request.headers, ...extraHeaders };
    const { body } = request;
    if (isStreamed(body)) {
      if (request.bodyLength === undefined) headers['transfer-encoding'] = 'chunked';
      else headers['content-length'] = request.bodyLength;
    } else if (body !== undefined) {
      headers['content-length'] = Buffer.byteLength(body);
    }
    const common = { method: request.method, headers, signal: request.signal, socketPath: request.socketPath };
    if (keepAlive) {
      const agent = request.socketPath === undefined ? pool.agentFor(url, request.tls) : undefined;
      return secure ? https.request(url, { ...common, agent, servername: request.tls?.serverName }) : http.request(url, { ...common, agent });
    }
    const { ca, cert, key, serverName, insecureSkipVerify } = request.tls ?? {};
    if (!secure) return http.request(url, { ...common, agent: false });
    return https.request(url, { ...common, agent: false, ca, cert, key, servername: serverName, rejectUnauthorized: !insecureSkipVerify });
  }

  function send(request: HttpRequest): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const outgoing = open(request, {}, true);
      limitTime(outgoing, request.timeoutMs);
      // More than once: an answer may have been given before the other side breaks off on a body.
      outgoing.on('error', reject);
      outgoing.once('response', (incoming) => {
        incoming.setMaxListeners(0);
        const cookies = incoming.headers['set-cookie'];
        resolve({ status: incoming.statusCode ?? 0, headers: flatHeaders(incoming.headers), body: incoming as AsyncIterable<Uint8Array>, trailers: () => flatHeaders(incoming.trailers), ...(cookies ? { cookies } : {}) });
      });
      if (isStreamed(request.body)) void sendPieces(outgoing, request.body, request.trailers);
      else outgoing.end(request.body);
    });
  }

  /** A pooled connection that the server closed while it lay idle fails before anything was answered: once more, on a fresh one. */
  async function request(request: HttpRequest): Promise<HttpResponse> {
    try {
      return await send(request);
    } catch (error) {
      const stale = (error as { code?: string }).code === 'ECONNRESET' && (request.method === 'GET' || request.method === 'HEAD') && !isStreamed(request.body);
      if (!stale || request.signal?.aborted) throw error;
      return send(request);
    }
  }

  function upgrade(request: HttpRequest): Promise<UpgradedConnection> {
    return new Promise((resolve, reject) => {
      const outgoing = open(request, { connection: 'Upgrade' }, false);
      limitTime(outgoing, request.timeoutMs);
      outgoing.once('error', reject);
      outgoing.once('upgrade', (incoming, socket, head) => {
        socket.setTimeout(0);
        resolve({ status: incoming.statusCode ?? 101, headers: flatHeaders(incoming.headers), socket, head });
      });
      outgoing.once('response', (incoming) => {
        const pieces: Buffer[] = [];
        let size = 0;
        incoming.on('data', (piece: Buffer) => {
          if (size < refusalLimitBytes) pieces.push(piece);
          size += piece.length;
        });
        incoming.once('error', reject);
        incoming.once('end', () => {
          resolve({ status: incoming.statusCode ?? 0, headers: flatHeaders(incoming.headers), refusal: Buffer.concat(pieces).subarray(0, refusalLimitBytes) });
        });
      });
      outgoing.end(isStreamed(request.body) ? undefined : request.body);
    });
  }

  return { request, upgrade };
}

/** Bounds the time until the answer's head; a body (a watch) may take as long as it likes. */
function limitTime(outgoing: Http.ClientRequest, timeoutMs: number | undefined): void {
  if (timeoutMs === undefined) return;
  const timer = setTimeout(() => outgoing.destroy(Object.assign(new Error(`no answer within ${timeoutMs} ms`), { code: 'ETIMEDOUT' })), timeoutMs);
  outgoing.once('response', () => clearTimeout(timer));
  outgoing.once('upgrade', () => clearTimeout(timer));
  outgoing.once('close', () => clearTimeout(timer));
}
