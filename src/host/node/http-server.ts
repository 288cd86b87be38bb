import type * as Http from 'node:http';
import * as http2 from 'node:http2';
import type { Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import type { ListenOptions, Listener, TlsServerOptions } from '../types.ts';

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
  if (!options.tls) return http.createServer({ headersTimeout: headTimeoutMs, requestTimeout: 0, maxHeaderSize: maxHeaderBytes });
  const server = http2.createSecureServer({
    ...contextOf(options.tls),
    allowHTTP1: true,
    ALPNProtocols: ['h2', 'http/1.1'],
    maxHeaderListPairs: 200,
    maxSessionMemory,
    settings: { maxConcurrentStreams, initialWindowSize: 256 * 1024 },
  });
  // A peer that breaks the protocol or leaves during the handshake is its own trouble.
  server.on('sessionError', () => undefined);
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

/** Opens a port for HTTP/1.1, or with TLS for HTTP/1.1 and HTTP/2 at once. */
export function listenHttp(options: ListenOptions): Promise<Listener> {
  const server = createServer(options);
  const sockets = new Set<Socket>();
  const sessions = new Set<http2.ServerHttp2Session>();
  let open = 0;
  let drained: (() => void) | undefined;

  function track(socket: Socket): void {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  }
  server.on(options.tls ? 'secureConnection' : 'connection', track);
  server.on('session', (session: http2.ServerHttp2Session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  server.on('request', (request: Http.IncomingMessage, response: Http.ServerResponse) => {
    open++;
    response.once('close', () => {
      open--;
      if (open === 0) drained?.();
    });
    options.onRequest(request, response);
  });
  server.on('clientError', (_error: Error, socket: Socket) => socket.destroy());
  if (options.onUpgrade) server.on('upgrade', options.onUpgrade);

  async function close(graceMs = 0): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const session of sessions) session.close();
    if (open > 0 && graceMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        drained = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (const session of sessions) session.destroy();
    for (const socket of sockets) socket.destroy();
    await closed;
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
        close,
        reloadTls: (tls) => (server as http2.Http2SecureServer).setSecureContext(contextOf(tls)),
      });
    });
  });
}
