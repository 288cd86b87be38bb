/**
 * `portforward` over WebSocket: the client's SPDY connection comes inside binary messages. They are unwrapped here, and their bytes passed on to the kubelet
 * as the upgraded connection that it expects.
 */
import type { Duplex } from 'node:stream';
import { internalError } from '../../api/meta/status.ts';
import type { Host } from '../../host/types.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import { drained, endSoon } from '../web-socket/drained.ts';
import { dialBackend, refusedBy } from './tunnel.ts';
import type { SessionTarget } from './remote-command.ts';
import { WebSocketConnection } from '../web-socket/connection.ts';
import { closeCodes, handshakeAnswer, handshakeFailure, offeredProtocols, WebSocketError } from '../web-socket/frames.ts';

const prefix = 'SPDY/3.1+';
const suffix = '.k8s.io';
const endGraceMs = 10_000;

/** The protocols inside of the tunnels that the client offers, as `portforward.k8s.io`. */
export function tunnelledProtocols(headers: ServerRequest['headers']): string[] {
  return offeredProtocols(headers).filter((name) => name.startsWith(prefix) && name.endsWith(suffix)).map((name) => name.slice(prefix.length));
}

/** Dials the kubelet first: its refusal is the answer, before anything has become a WebSocket. */
export async function portForwardTunnel(host: Host, request: ServerRequest, { url, tls }: SessionTarget): Promise<ServerResponse> {
  const failure = handshakeFailure(request);
  if (failure) return failure;
  const headers = { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': tunnelledProtocols(request.headers) };
  const dialled = await dialBackend(host, { method: 'POST', url, headers, tls, signal: request.signal });
  const { socket, head } = dialled;
  if (!socket) return refusedBy(dialled);
  if ((dialled.headers['upgrade'] ?? '').toLowerCase() !== 'spdy/3.1') {
    socket.destroy();
    throw internalError('unable to upgrade: missing upgrade headers in response');
  }
  const chosen = (dialled.headers['x-stream-protocol-version'] ?? '').trim();
  return {
    status: 101,
    headers: {},
    async upgrade(clientSocket, clientHead) {
      clientSocket.write(handshakeAnswer(request.headers, chosen === '' ? undefined : `${prefix}${chosen}`));
      if (head && head.length > 0) socket.unshift(head);
      await joinTunnel(host, new WebSocketConnection(clientSocket, clientHead, host.clock), socket, request.signal);
    },
  };
}

/** Joins the two until either leaves; what is on its way is still written. */
async function joinTunnel(host: Host, client: WebSocketConnection, backend: Duplex, signal: AbortSignal): Promise<void> {
  const leave = (): void => endSoon(backend, (callback, delayMs) => host.clock.setTimer(callback, delayMs), endGraceMs);
  backend.on('error', () => backend.destroy());
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  const inward = unwrap(client, backend).then((code) => {
    client.close(code);
    leave();
  });
  const outward = wrap(client, backend).then(() => {
    client.close();
    leave();
  });
  await Promise.allSettled([inward, outward]);
  signal.removeEventListener('abort', leave);
}

/** The client's bytes to the kubelet; the code that the WebSocket ends with. */
async function unwrap(client: WebSocketConnection, backend: Duplex): Promise<number> {
  try {
    for await (const { bytes, binary } of client.messages()) {
      if (!binary) return closeCodes.unsupportedData;
      if (!backend.destroyed && !backend.writableEnded) backend.write(bytes);
      await drained(backend);
    }
  } catch (error) {
    if (error instanceof WebSocketError) return error.code;
    throw error;
  }
  return closeCodes.normal;
}

/** The kubelet's bytes to the client, a message a piece. */
async function wrap(client: WebSocketConnection, backend: Duplex): Promise<void> {
  try {
    for await (const chunk of backend.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) await client.send(chunk);
  } catch {
    // A connection that breaks has ended.
  }
}
