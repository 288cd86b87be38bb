import type * as Http from 'node:http';
import * as http2 from 'node:http2';
import * as net from 'node:net';
import type { Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import type { ListenOptions, Listener, TlsServerOptions } from '../types.ts';
import { Http1Connection, refusalOf } from './http1.ts';

/** Not by `import`: that reads every export, among them those for which Node loads its whole fetch library (some 25 ms and 6 MB). */
const http = process.getBuiltinModule('node:http');

/** Time for a client to send its request's head: what slow-header attacks run into. */
const headTimeoutMs = 32_000;
const maxHeaderBytes = 64 * 1024;
/** Streams a single HTTP/2 connection may hold open: client-go multiplexes all its watches on one. */
const maxConcurrentStreams = 1000;
/**
 * What one HTTP/2 connection may have queued, in MB. Node's own 10 MB are too few for a client that reads several long lists at once
 * over its one connection: its next stream would be refused with ENHANCE_YOUR_CALM.
 */
const maxSessionMemory = 1024;
/** How long an HTTP/2 connection without requests is kept. A connection that broke off in the midst of a write is one of these: Node hears no more of it. */
const defaultIdleMs = 90_000;
/** Time for the last words of a connection that is closed. */
const closingMs = 1_000;
/** From when on the system asks a silent peer whether it is still there: one that has lost its power will never say that it has gone. */
const probeAfterMs = 30_000;
/** Above every number that a stream can have. */
const lastStreamId = 2 ** 31 - 1;
/** A client that has sent nothing for so long has heard that it shall go elsewhere, or has nothing to send. */
const quietMs = 200;

function contextOf(tls: TlsServerOptions): TlsOptions {
  return {
    cert: tls.cert,
    key: tls.key,
    ca: tls.clientCa,
    requestCert: tls.clientCa !== undefined,
    // The chain decides what an unverified or absent certificate means.
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
  };
}

function createServer(options: ListenOptions): Http.Server | http2.Http2SecureServer {
  const probing = { keepAlive: true, keepAliveInitialDelay: probeAfterMs };
  if (!options.tls) return http.createServer({ ...probing, headersTimeout: headTimeoutMs, requestTimeout: 0, maxHeaderSize: maxHeaderBytes });
  const server = http2.createSecureServer({
    ...contextOf(options.tls),
    ...probing,
    allowHTTP1: true,
    ALPNProtocols: ['h2', 'http/1.1'],
    maxHeaderListPairs: 200,
    maxSessionMemory,
    settings: { maxConcurrentStreams, initialWindowSize: 256 * 1024 },
  });
  // For those who speak HTTP/1.1, as above.
  Object.assign(server, { headersTimeout: headTimeoutMs, requestTimeout: 0, maxHeaderSize: maxHeaderBytes });
  // A peer that breaks the protocol or leaves during the handshake is its own trouble.
  server.on('sessionError', () => undefined);
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

/** What a client must hear before it sends the rest (RFC 9110, 10.1.1). False: it has been refused. Node does the same for requests. */
function expectsToGoOn(stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): boolean {
  const refusal = headers[':method'] === 'CONNECT' ? 405 : headers.expect !== undefined && headers.expect !== '100-continue' ? 417 : undefined;
  if (refusal === undefined) {
    if (headers.expect !== undefined) stream.additionalHeaders({ ':status': 100 });
    return true;
  }
  stream.on('error', () => undefined);
  stream.respond({ ':status': refusal }, { endStream: true });
  return false;
}

/** Has requests of HTTP/1.1 answered one after the other on each connection; those of HTTP/2 have streams of their own. */
function serveRequests(server: Http.Server | http2.Http2SecureServer, serve: (request: Http.IncomingMessage, response: Http.ServerResponse) => void, onUpgrade: ListenOptions['onUpgrade']): void {
  const connections = new WeakMap<object, Http1Connection>();
  function connectionOf(socket: Socket): Http1Connection {
    let connection = connections.get(socket);
    if (connection === undefined) connections.set(socket, (connection = new Http1Connection(socket, serve)));
    return connection;
  }
  server.on('request', (request: Http.IncomingMessage, response: Http.ServerResponse) => {
    if (request.httpVersionMajor > 1) serve(request, response);
    else connectionOf(request.socket).take(request, response);
  });
  server.on('connect', (_request: Http.IncomingMessage, socket: Socket) => connectionOf(socket).refuse('405 Method Not Allowed'));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET') socket.destroy();
    else connectionOf(socket).refuse(refusalOf(error));
  });
  if (!onUpgrade) return;
  server.on('upgrade', (request: Http.IncomingMessage, socket: Socket, head: Buffer) => {
    const connection = connectionOf(socket);
    // The connection is not free to become another: who wants that asks on one of his own.
    if (connection.isBusy) connection.refuse('400 Bad Request');
    else onUpgrade(request, socket, head);
  });
}

/** The requests that an HTTP/2 connection carries now; without any it is ended after a time. */
class Streams {
  #open = 0;
  readonly #idle: NodeJS.Timeout;

  /** The clock is our own: Node does not stop a session's when the session ends, which then stays in memory until it strikes. */
  constructor(session: http2.ServerHttp2Session, socket: Socket | undefined, idleMs: number) {
    let closing: NodeJS.Timeout | undefined;
    this.#idle = setTimeout(() => {
      // The end of the last request sets the clock anew.
      if (this.#open > 0) return;
      // One that broke off in the midst of a write is over, but has not said so.
      if (!session.destroyed) session.goaway();
      closing = setTimeout(() => {
        session.close();
        // It would wait for its last write to end, which that may never do.
        if (this.#open === 0) socket?.destroy();
      }, Math.min(idleMs, closingMs));
    }, idleMs);
    session.once('close', () => {
      clearTimeout(this.#idle);
      clearTimeout(closing);
    });
  }

  opened(): void {
    this.#open++;
  }

  closed(): void {
    if (--this.#open === 0) this.#idle.refresh();
  }
}

/** Opens a port for HTTP/1.1, or with TLS for HTTP/1.1 and HTTP/2 at once. */
export function listenHttp(options: ListenOptions): Promise<Listener> {
  const server = createServer(options);
  const sockets = new Set<Socket>();
  const sessions = new Map<http2.ServerHttp2Session, Streams>();
  let open = 0;
  let drained: (() => void) | undefined;
  let draining = false;
  let quietSinceMs = 0;

  let newest: Socket | undefined;
  function track(socket: Socket): void {
    newest = socket;
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  }
  // Before Node makes a session of it, which does not show its socket.
  server.prependListener(options.tls ? 'secureConnection' : 'connection', track);
  server.on('session', (session: http2.ServerHttp2Session) => {
    sessions.set(session, new Streams(session, newest, options.idleTimeoutMs ?? defaultIdleMs));
    if (draining) session.goaway(0, lastStreamId);
    session.once('close', () => sessions.delete(session));
  });
  const onClosed = (): void => {
    open--;
    quietSinceMs = performance.now();
    if (open === 0) drained?.();
  };
  function serve(request: Http.IncomingMessage, response: Http.ServerResponse): void {
    open++;
    // The last answer on this connection.
    if (draining && request.httpVersionMajor < 2) response.setHeader('connection', 'close');
    response.on('close', onClosed);
    options.onRequest(request, response);
  }
  serveRequests(server, serve, options.onUpgrade);
  /** Counts it, and gives back who is to be told of its end. */
  function streamsOf(stream: http2.ServerHttp2Stream): Streams | undefined {
    const streams = sessions.get(stream.session as http2.ServerHttp2Session);
    streams?.opened();
    return streams;
  }
  const { onStream } = options;
  if (onStream && options.tls) {
    // Node listens to streams itself as soon as somebody listens to requests, to dress them up as such.
    server.removeAllListeners('stream');
    server.on('stream', (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders, _flags: number, rawHeaders: readonly string[]) => {
      if (!expectsToGoOn(stream, headers)) return;
      open++;
      const streams = streamsOf(stream);
      stream.on('close', () => {
        streams?.closed();
        onClosed();
      });
      onStream(stream, headers, rawHeaders);
    });
  } else {
    server.on('stream', (stream: http2.ServerHttp2Stream) => {
      const streams = streamsOf(stream);
      stream.on('close', () => streams?.closed());
    });
  }

  /** Only stops accepting: the server's own `close` would also cut connections on which the next request may be on its way. */
  let stopped: Promise<void> | undefined;
  function stopAccepting(): Promise<void> {
    return (stopped ??= new Promise((resolve) => net.Server.prototype.close.call(server, () => resolve())));
  }

  function drain(): void {
    if (draining) return;
    draining = true;
    quietSinceMs = performance.now();
    void stopAccepting();
    // No streams above a number that is never reached: what is on its way is still taken.
    for (const session of sessions.keys()) if (!session.destroyed) session.goaway(0, lastStreamId);
  }

  /** Waits until nobody has asked anything for a moment. */
  async function quiet(graceMs: number): Promise<void> {
    const untilMs = performance.now() + graceMs;
    while (performance.now() < untilMs && (open > 0 || (sockets.size > 0 && performance.now() - quietSinceMs < quietMs))) await new Promise((resolve) => setTimeout(resolve, quietMs / 10));
  }

  async function close(graceMs = 0): Promise<void> {
    const closed = stopAccepting();
    if (draining) await quiet(graceMs);
    for (const session of sessions.keys()) session.close();
    if (open > 0 && graceMs > 0 && !draining) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        drained = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (const session of sessions.keys()) session.destroy();
    for (const socket of sockets) socket.destroy();
    await closed;
    // Its timers are left.
    server.close(() => undefined);
  }

  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: options.address, port: options.port }, () => {
      server.off('error', reject);
      server.on('error', () => undefined);
      const bound = server.address() as { address: string; port: number };
      resolve({
        address: bound.address,
        port: bound.port,
        drain,
        close,
        reloadTls: (tls) => (server as http2.Http2SecureServer).setSecureContext(contextOf(tls)),
      });
    });
  });
}
