/**
 * Answers that are streams (watches, logs), over WebSocket: for clients, such as browsers, that cannot read an HTTP answer while it grows.
 * A watch is a message an event: text where the events are JSON, binary otherwise. Other streams are pieces of bytes: binary as they are, or as text in
 * base64 where the client asks for `base64.binary.k8s.io`. What the client sends is not looked at.
 */
import type { Clock } from '../../host/types.ts';
import { release } from '../body.ts';
import { text } from '../chain/responses.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import { WebSocketConnection } from './connection.ts';
import { closeCodes, handshakeAnswer, handshakeFailure, offeredProtocols, WebSocketError } from './frames.ts';
import { frames, lines, pieces } from './messages.ts';

const BINARY = 'binary.k8s.io';
const BASE64 = 'base64.binary.k8s.io';

type Bytes = AsyncIterable<Uint8Array>;
export type StreamResponse = ServerResponse & { body: Bytes };

interface Speech {
  /** Undefined: the client named none, and is told none. */
  protocol: string | undefined;
  messages: (body: Bytes) => AsyncIterable<string | Uint8Array>;
}

async function* inBase64(body: Bytes): AsyncGenerator<string> {
  for await (const piece of pieces(body)) yield Buffer.from(piece).toString('base64');
}

/** How to speak to this client; undefined where it asks for what is not there. */
function agree(contentType: string, offered: readonly string[]): Speech | undefined {
  if (contentType === 'application/json') return { protocol: offered[0], messages: lines };
  // A sequence of events is a sequence wherever it is cut between them, as the watch's own pieces are.
  if (contentType === 'application/cbor-seq') return { protocol: offered[0], messages: (body) => body };
  if (contentType.endsWith(';stream=watch')) return { protocol: offered[0], messages: frames };
  if (offered.length === 0) return { protocol: undefined, messages: pieces };
  const protocol = offered.find((each) => each === BINARY || each === BASE64);
  return protocol === undefined ? undefined : { protocol, messages: protocol === BASE64 ? inBase64 : pieces };
}

/** Sends the stream, as fast as the client reads, until one of both ends. */
async function send(connection: WebSocketConnection, messages: AsyncIterable<string | Uint8Array>, leave: () => void): Promise<void> {
  let open = true;
  const left = (code: number): void => {
    open = false;
    leave();
    connection.close(code);
  };
  const listening = (async () => {
    try {
      for await (const _ of connection.messages());
      left(closeCodes.normal);
    } catch (error) {
      left(error instanceof WebSocketError ? error.code : closeCodes.protocolError);
    }
  })();
  try {
    for await (const message of messages) {
      if (!open) break;
      await (typeof message === 'string' ? connection.sendText(message) : connection.send(message));
    }
  } catch (error) {
    // Whoever has left does not mind how the stream ended.
    if (open) throw error;
  }
  connection.close(closeCodes.normal);
  await listening;
}

/** The answer for a client that asked for a WebSocket: one that takes over the connection, or a refusal. `leave` is called when the client is the first to go. */
export async function inMessages(clock: Clock, request: ServerRequest, { headers, body }: StreamResponse, leave: () => void): Promise<ServerResponse> {
  const offered = offeredProtocols(request.headers);
  const speech = agree(headers['content-type'] ?? '', offered);
  const refusal = handshakeFailure(request) ?? (speech ? undefined : text(403, `requested protocol(s) are not supported: [${offered.join(' ')}]; supports [ ${BINARY} ${BASE64}]`));
  if (refusal || !speech) {
    await release(body);
    return refusal!;
  }
  return {
    status: 101,
    headers: {},
    async upgrade(socket, head) {
      socket.write(handshakeAnswer(request.headers, speech.protocol));
      await send(new WebSocketConnection(socket, head, clock), speech.messages(body), leave);
    },
  };
}
