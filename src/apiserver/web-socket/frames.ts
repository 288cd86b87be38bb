/** WebSockets from the server's side (RFC 6455): the handshake, and frames as they arrive, in pieces. */
import { createHash } from 'node:crypto';
import { badRequest, type StatusError } from '../../api/meta/status.ts';
import { methodNotAllowed, statusResponse } from '../chain/responses.ts';
import { withoutBearerProtocol } from '../authentication/bearer.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';

const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Codes that say why a WebSocket ends. https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
export const closeCodes = { normal: 1000, protocolError: 1002, unsupportedData: 1003, tooBig: 1009 } as const;

/** A client that breaks the rules: its connection ends with `code`. */
export class WebSocketError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.name = 'WebSocketError';
    this.code = code;
  }
}

/** Whether the request asks for a WebSocket. */
export const wantsWebSocket = (request: ServerRequest): boolean => request.wantsUpgrade && (request.headers['upgrade'] ?? '').toLowerCase() === 'websocket';

/** The protocols that the client offers, best first; one that only carries a token is none. */
export function offeredProtocols(headers: ServerRequest['headers']): string[] {
  return withoutBearerProtocol(headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim()).filter((name) => name !== '');
}

/** Why the handshake fails; undefined when it does not. */
export function handshakeFailure(request: ServerRequest): ServerResponse | undefined {
  const refusal = (error: StatusError, headers: Record<string, string> = {}): ServerResponse => {
    const response = statusResponse(error.status);
    return { ...response, headers: { ...response.headers, ...headers } };
  };
  const { method, headers } = request;
  if (method !== 'GET') return refusal(methodNotAllowed(), { allow: 'GET' });
  if (headers['sec-websocket-version'] !== '13') return refusal(badRequest('websocket: unsupported version: 13 not found in \'Sec-Websocket-Version\' header'), { 'sec-websocket-version': '13' });
  const key = headers['sec-websocket-key'] ?? '';
  if (Buffer.from(key, 'base64').length !== 16 || key.length !== 24) return refusal(badRequest('websocket: not a websocket handshake: \'Sec-WebSocket-Key\' header must be Base64 encoded value of 16-byte in length'));
  return undefined;
}

/** The answer to a handshake that does not fail. */
export function handshakeAnswer(headers: ServerRequest['headers'], protocol: string | undefined): string {
  const accept = createHash('sha1').update(`${headers['sec-websocket-key']}${acceptSuffix}`).digest('base64');
  const chosen = protocol === undefined ? '' : `Sec-WebSocket-Protocol: ${protocol.replace(/[\r\n]/g, '')}\r\n`;
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${chosen}\r\n`;
}

const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const maxControlBytes = 125;
const headBytes = 14;

export type FrameEvent =
  /** Bytes of a message: its first piece (which may be empty) says so, and its last. */
  | { kind: 'piece'; bytes: Uint8Array; first: boolean; last: boolean; binary: boolean }
  | { kind: 'ping' | 'pong'; payload: Uint8Array }
  | { kind: 'close'; code: number | undefined };

/** Takes bytes as they come, gives what they say. Nothing but heads and control frames is held; payloads are unmasked where they lie. */
export class FrameParser {
  readonly #maxMessageBytes: number;
  readonly #head = Buffer.alloc(headBytes);
  #headFill = 0;
  #headSize = 2;
  readonly #mask = new Uint8Array(4);
  #maskAt = 0;
  #left = 0;
  #control = Buffer.alloc(0);
  /** The message that is not over yet: bytes so far, whether anything of it was told. */
  #message: { binary: boolean; bytes: number; begun: boolean } | undefined;

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Throws WebSocketError where a client may not send this. */
  *push(chunk: Uint8Array): Generator<FrameEvent> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#headFill < this.#headSize) {
        const taken = Math.min(this.#headSize - this.#headFill, chunk.length - at);
        this.#head.set(chunk.subarray(at, at + taken), this.#headFill);
        this.#headFill += taken;
        at += taken;
        if (this.#headFill === 2) this.#headSize = this.#sizeOfHead();
        if (this.#headFill < this.#headSize) continue;
        this.#begin();
        if (this.#left > 0) continue;
      }
      const end = Math.min(at + this.#left, chunk.length);
      const bytes = chunk.subarray(at, end);
      this.#unmask(bytes);
      this.#left -= bytes.length;
      at = end;
      const event = this.#isControl() ? this.#controlPiece(bytes) : this.#piece(bytes);
      if (this.#left === 0) {
        this.#headFill = 0;
        this.#headSize = 2;
      }
      if (event) yield event;
    }
  }

  #isControl(): boolean {
    return (this.#head[0]! & 0x08) !== 0;
  }

  /** The first two bytes say how long the head is: a longer length, and the mask. */
  #sizeOfHead(): number {
    const [flags, length] = [this.#head[0]!, this.#head[1]!];
    if ((flags & 0x70) !== 0) throw new WebSocketError(closeCodes.protocolError, 'reserved bits are set');
    if ((length & 0x80) === 0) throw new WebSocketError(closeCodes.protocolError, 'a client must mask its frames');
    const short = length & 0x7f;
    if (this.#isControl() && (short > maxControlBytes || (flags & 0x80) === 0)) throw new WebSocketError(closeCodes.protocolError, 'a control frame is too long, or in parts');
    return 6 + (short === 126 ? 2 : short === 127 ? 8 : 0);
  }

  #begin(): void {
    const short = this.#head[1]! & 0x7f;
    const length = short === 126 ? this.#head.readUInt16BE(2) : short === 127 ? Number(this.#head.readBigUInt64BE(2)) : short;
    this.#mask.set(this.#head.subarray(this.#headSize - 4, this.#headSize));
    this.#maskAt = 0;
    this.#left = length;
    this.#control = Buffer.alloc(0);
    const opcode = this.#head[0]! & 0x0f;
    switch (opcode) {
      case opcodes.text: case opcodes.binary:
        if (this.#message) throw new WebSocketError(closeCodes.protocolError, 'a message begins before the last one is over');
        this.#message = { binary: opcode === opcodes.binary, bytes: 0, begun: false };
        break;
      case opcodes.continuation:
        if (!this.#message) throw new WebSocketError(closeCodes.protocolError, 'a continuation of nothing');
        break;
      case opcodes.close: case opcodes.ping: case opcodes.pong: return;
      default: throw new WebSocketError(closeCodes.protocolError, `unknown opcode ${opcode}`);
    }
    this.#message!.bytes += length;
    if (this.#message!.bytes > this.#maxMessageBytes) throw new WebSocketError(closeCodes.tooBig, `message too long: limit is ${this.#maxMessageBytes}`);
  }

  #unmask(bytes: Uint8Array): void {
    const mask = this.#mask;
    let at = this.#maskAt;
    for (let index = 0; index < bytes.length; index++) {
      bytes[index]! ^= mask[at]!;
      at = (at + 1) & 3;
    }
    this.#maskAt = at;
  }

  #piece(bytes: Uint8Array): FrameEvent {
    const message = this.#message!;
    const first = !message.begun;
    message.begun = true;
    const last = this.#left === 0 && (this.#head[0]! & 0x80) !== 0;
    if (last) this.#message = undefined;
    return { kind: 'piece', bytes, first, last, binary: message.binary };
  }

  #controlPiece(bytes: Uint8Array): FrameEvent | undefined {
    this.#control = Buffer.concat([this.#control, bytes]);
    if (this.#left > 0) return undefined;
    const payload = this.#control;
    switch (this.#head[0]! & 0x0f) {
      case opcodes.ping: return { kind: 'ping', payload };
      case opcodes.pong: return { kind: 'pong', payload };
      default:
        if (payload.length === 1) throw new WebSocketError(closeCodes.protocolError, 'half a close code');
        return { kind: 'close', code: payload.length === 0 ? undefined : payload.readUInt16BE(0) };
    }
  }
}

function frameHead(opcode: number, length: number): Buffer {
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  if (length < 126) head[1] = length;
  else if (length < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return head;
}

/** The head of a binary message of so many bytes. */
export const binaryHead = (length: number): Buffer => frameHead(opcodes.binary, length);
/** The same, of a message that is text in UTF-8. */
export const textHead = (length: number): Buffer => frameHead(opcodes.text, length);
/** The answer to a ping. */
export const pongFrame = (payload: Uint8Array): Buffer => Buffer.concat([frameHead(opcodes.pong, payload.length), payload]);
/** The last frame of a connection. */
export function closeFrame(code: number): Buffer {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code, 0);
  return Buffer.concat([frameHead(opcodes.close, 2), payload]);
}
