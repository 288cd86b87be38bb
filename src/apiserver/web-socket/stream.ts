/**
 * Answers that are streams (watches, logs), over WebSocket: for clients, such as browsers, that cannot read an HTTP answer while it grows.
 * A watch is a message an event: text where the events are JSON, binary otherwise. Other streams are pieces of bytes: binary as they are, or as text in
 * base64 where the client asks for `base64.binary.k8s.io`. What the client sends is not looked at.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { withoutBearerProtocol } from '../authentication/bearer.ts';
import { release } from '../body.ts';
import { frames, lines, pieces } from './messages.ts';

const BINARY = 'binary.k8s.io';
const BASE64 = 'base64.binary.k8s.io';
/** What a client that has nothing to say may send. */
const MAX_RECEIVED_BYTES = 64 * 1024;

const offeredBy = (raw: IncomingMessage): string[] => withoutBearerProtocol(raw.headers['sec-websocket-protocol'] ?? '').split(', ').filter(Boolean);

interface Speech {
  /** Undefined: the client named none, and is told none. */
  protocol: string | undefined;
  messages: (body: AsyncIterable<Uint8Array>) => AsyncIterable<string | Uint8Array>;
}

async function* inBase64(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  for await (const piece of pieces(body)) yield Buffer.from(piece).toString('base64');
}

/** How to speak to this client; the text of a refusal where it asks for what is not there. */
function agree(contentType: string, offered: readonly string[]): Speech | string {
  if (contentType === 'application/json') return { protocol: offered[0], messages: lines };
  if (contentType.endsWith(';stream=watch')) return { protocol: offered[0], messages: frames };
  if (offered.length === 0) return { protocol: undefined, messages: pieces };
  const protocol = offered.find((each) => each === BINARY || each === BASE64);
  if (protocol === undefined) return `requested protocol(s) are not supported: [${offered.join(' ')}]; supports [ ${BINARY} ${BASE64}]`;
  return { protocol, messages: protocol === BASE64 ? inBase64 : pieces };
}

function send(socket: WebSocket, message: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(message, { binary: typeof message !== 'string' }, (error) => (error ? reject(error) : resolve()));
  });
}

/** An answer whose body is a stream, as one that a WebSocket can take. */
export interface StreamedAnswer {
  contentType: string;
  body: AsyncIterable<Uint8Array>;
}

/**
 * Makes a WebSocket of the connection and sends the stream over it, as fast as the client reads, until one of both ends; `leave` is called when the client does first.
 * A client that asks for what is not there is refused with 403. Resolves at the end; never rejects because of the client.
 */
export async function streamOverWebSocket(raw: IncomingMessage, connection: Duplex, head: Buffer, { contentType, body }: StreamedAnswer, leave: () => void): Promise<void> {
  const agreed = agree(contentType, offeredBy(raw));
  if (typeof agreed === 'string') {
    await release(body);
    connection.end(`HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(agreed)}\r\n\r\n${agreed}`);
    return;
  }
  const server = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: MAX_RECEIVED_BYTES, handleProtocols: () => agreed.protocol ?? false });
  // A handshake that is no good is answered by the library; the connection closes, and the request with it.
  const socket = await new Promise<WebSocket | undefined>((resolve) => {
    connection.once('close', () => resolve(undefined));
    server.handleUpgrade(raw, connection, head, resolve);
  });
  if (!socket) return release(body);
  let open = true;
  socket.on('error', () => undefined);
  socket.on('close', () => {
    open = false;
    leave();
  });
  try {
    for await (const message of agreed.messages(body)) {
      if (!open) return;
      await send(socket, message);
    }
    socket.close(1000);
  } catch (error) {
    if (!open) return;
    socket.terminate();
    throw error;
  }
}
