/** For tests only: a streaming server that speaks SPDY/3.1, a client that speaks WebSocket, and an API server between the two. */
import type { Duplex } from 'node:stream';
import { constants, inflateRawSync } from 'node:zlib';
import { expect } from 'vitest';
import { nodeHost } from '../../host/node/index.ts';
import type { Host, Listener } from '../../host/types.ts';
import { httpFront } from '../http.ts';
import { Running } from '../running.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';

export const host = nodeHost({ logLevel: 'silent' });
const open: Listener[] = [];

/** Waits, on a busy machine too, until a value is as expected. */
export const poll = <T>(probe: () => T) => expect.poll(probe, { timeout: 30_000 });

/** Ends what was started. */
export async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
}

/** Collects bytes, and waits for what they are to become. */
export class Received {
  readonly #pieces: Buffer[] = [];
  #length = 0;
  #waiting: (() => void)[] = [];
  ended = false;

  add(bytes: Uint8Array): void {
    this.#pieces.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    this.#length += bytes.length;
    this.#wake();
  }
  end(): void {
    this.ended = true;
    this.#wake();
  }
  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
  /** Takes the first bytes away once there are so many; undefined when the connection ends before. */
  async take(length: number): Promise<Buffer | undefined> {
    while (this.#length < length) {
      if (this.ended) return undefined;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const taken: Buffer[] = [];
    let left = length;
    while (left > 0) {
      const piece = this.#pieces.shift()!;
      if (piece.length > left) this.#pieces.unshift(piece.subarray(left));
      taken.push(piece.subarray(0, left));
      left -= taken.at(-1)!.length;
    }
    this.#length -= length;
    return taken.length === 1 ? taken[0] : Buffer.concat(taken);
  }
}

export interface PeerFrame {
  type: 'data' | 'open' | 'reset' | 'ping' | 'goAway' | 'other';
  stream: number;
  last: boolean;
  payload: Buffer;
  headers: Record<string, string>;
}

/** The other end of a session: what it hears, and frames of any sort to say. */
export class SpdyPeer {
  readonly socket: Duplex;
  readonly request: { method: string; url: string; headers: Record<string, unknown> };
  readonly frames: PeerFrame[] = [];
  readonly streams: Record<string, number> = {};
  /** Bytes of streams' data. */
  readonly heard = new Map<number, Buffer[]>();
  readonly ended = new Set<number>();
  readonly #received = new Received();
  #blocks = Buffer.alloc(0);
  #known = 0;

  constructor(socket: Duplex, request: SpdyPeer['request'], reading = true) {
    this.socket = socket;
    this.request = request;
    socket.on('error', () => undefined);
    if (reading) this.read();
    void this.#run();
  }

  /** Starts to read, where it did not from the start. */
  read(): void {
    this.socket.on('data', (bytes: Buffer) => this.#received.add(bytes));
    this.socket.on('close', () => this.#received.end());
    this.socket.on('end', () => this.#received.end());
  }

  get gone(): boolean {
    return this.#received.ended;
  }

  async #run(): Promise<void> {
    for (;;) {
      const head = await this.#received.take(8);
      const payload = head && (await this.#received.take(head.readUIntBE(5, 3)));
      if (!head || !payload) return;
      this.#frame(head, payload);
    }
  }

  #frame(head: Buffer, payload: Buffer): void {
    const last = (head[4]! & 1) !== 0;
    if ((head[0]! & 0x80) === 0) {
      const stream = head.readUInt32BE(0);
      if (payload.length > 0) this.heard.set(stream, this.heard.get(stream) ?? []).get(stream)!.push(payload);
      if (last) this.ended.add(stream);
      this.frames.push({ type: 'data', stream, last, payload, headers: {} });
      return;
    }
    const type = ({ 1: 'open', 3: 'reset', 6: 'ping', 7: 'goAway' } as const)[head.readUInt16BE(2)] ?? 'other';
    const headers = type === 'open' ? this.#headers(payload.subarray(10)) : {};
    const stream = payload.readUInt32BE(0);
    if (headers['streamtype'] !== undefined) this.streams[headers['streamtype']] = stream;
    this.frames.push({ type, stream, last, payload, headers });
  }

  /** All header blocks are one zlib stream: what is new is what inflating it again gives more. */
  #headers(block: Buffer): Record<string, string> {
    this.#blocks = Buffer.concat([this.#blocks, block]);
    if (this.#blocks.subarray(0, 6).toString('hex') !== '7820e3c6a7c2' || this.#blocks.readUInt16BE(0) % 31 !== 0) throw new Error('no zlib with the dictionary of SPDY/3');
    const plain = inflateRawSync(this.#blocks.subarray(6), { finishFlush: constants.Z_SYNC_FLUSH });
    let at = this.#known;
    this.#known = plain.length;
    const text = (): string => {
      const length = plain.readUInt32BE(at);
      at += 4 + length;
      return plain.subarray(at - length, at).toString('latin1');
    };
    const count = plain.readUInt32BE(at);
    at += 4;
    return Object.fromEntries(Array.from({ length: count }, () => [text(), text()]));
  }

  control(type: number, payload: number[] | Buffer, flags = 0): void {
    const bytes = Buffer.isBuffer(payload) ? payload : Buffer.concat(payload.map((word) => {
      const four = Buffer.alloc(4);
      four.writeUInt32BE(word);
      return four;
    }));
    const head = Buffer.from([0x80, 3, 0, type, flags, 0, 0, 0]);
    head.writeUIntBE(bytes.length, 5, 3);
    this.socket.write(Buffer.concat([head, bytes]));
  }

  reply(...streamTypes: string[]): void {
    for (const streamType of streamTypes) this.control(2, Buffer.concat([Buffer.from([0, 0, 0, this.streams[streamType]!]), Buffer.from('78bbe3c6a7c2', 'hex')]));
  }

  data(streamType: string, bytes: Uint8Array | string, last = false): boolean {
    const payload = Buffer.from(bytes as string);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(this.streams[streamType] ?? 99);
    head.writeUIntBE(payload.length, 5, 3);
    head[4] = last ? 1 : 0;
    return this.socket.write(Buffer.concat([head, payload]));
  }

  /** How many bytes of data have come. */
  get length(): number {
    return this.frames.reduce((sum, { type, payload }) => sum + (type === 'data' ? payload.length : 0), 0);
  }

  text(streamType: string): string {
    return Buffer.concat(this.heard.get(this.streams[streamType]!) ?? []).toString();
  }

  /** As runtimes end a session: a Status, resets, and the last word. */
  finish(status: object | string = { metadata: {}, status: 'Success' }): void {
    this.data('error', typeof status === 'string' ? status : JSON.stringify(status));
    for (const stream of Object.values(this.streams)) this.control(3, [stream, 5]);
    this.control(7, [0, 0]);
    this.socket.end();
  }
}

export interface StreamingServer {
  url: string;
  peers: SpdyPeer[];
  peer(): Promise<SpdyPeer>;
}

/** A node's streaming server. `refusal` is what it answers in place of 101. */
export async function streamingServer(options: { refusal?: string; headers?: string; reading?: boolean } = {}): Promise<StreamingServer> {
  const peers: SpdyPeer[] = [];
  const waiting: ((peer: SpdyPeer) => void)[] = [];
  const listener = await host.net.listen({
    address: '127.0.0.1', port: 0, onRequest: (_, response) => response.end(),
    onUpgrade: (request, socket) => {
      if (options.refusal !== undefined) return void socket.end(options.refusal);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n${options.headers ?? 'Upgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n'}\r\n`);
      const peer = new SpdyPeer(socket, { method: request.method ?? '', url: request.url ?? '', headers: request.headers }, options.reading);
      peers.push(peer);
      for (const wake of waiting.splice(0)) wake(peer);
    },
  });
  open.push(listener);
  return { url: `http://127.0.0.1:${listener.port}/exec`, peers, peer: async () => peers[0] ?? (await new Promise((resolve) => waiting.push(resolve))) };
}

/** An HTTP server that answers upgrades as told. */
export async function serverOf(answer: (request: ServerRequest, host: Host) => Promise<ServerResponse> | ServerResponse): Promise<{ url: string; running: Running }> {
  const running = new Running();
  const front = httpFront({ clock: host.clock, log: host.log, running, handle: async (request) => answer(request, host) });
  const listener = await host.net.listen({ address: '127.0.0.1', port: 0, onRequest: front.onRequest, onUpgrade: front.onUpgrade });
  open.push(listener);
  return { url: `http://127.0.0.1:${listener.port}`, running };
}

export interface Message {
  opcode: number;
  payload: Buffer;
}

/** A masked frame, as clients send them. */
export function clientFrame(opcode: number, payload: Uint8Array | string, options: { last?: boolean; mask?: boolean; reserved?: number; length?: number } = {}): Buffer {
  const bytes = Buffer.from(payload as string);
  const length = options.length ?? bytes.length;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = (options.last === false ? 0 : 0x80) | (options.reserved ?? 0) | opcode;
  if (length >= 65_536) head.writeBigUInt64BE(BigInt(length), 2);
  else if (length >= 126) head.writeUInt16BE(length, 2);
  const masked = options.mask !== false;
  head[1] = (masked ? 0x80 : 0) | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (!masked) return Buffer.concat([head, bytes]);
  const mask = [0x5a, 0xc3, 0x01, 0xff];
  const hidden = Buffer.alloc(bytes.length);
  for (let index = 0; index < bytes.length; index++) hidden[index] = bytes[index]! ^ mask[index & 3]!;
  return Buffer.concat([head, Buffer.from(mask), hidden]);
}

export class WebSocketClient {
  readonly socket: Duplex;
  readonly headers: Record<string, string>;
  readonly messages: Message[] = [];
  readonly #received = new Received();
  #over = false;

  constructor(socket: Duplex, headers: Record<string, string>, head: Uint8Array | undefined, reading = true) {
    this.socket = socket;
    this.headers = headers;
    socket.on('error', () => undefined);
    if (head) this.#received.add(head);
    if (reading) this.read();
    void this.#run();
  }

  read(): void {
    this.socket.on('data', (bytes: Buffer) => this.#received.add(bytes));
    this.socket.on('close', () => this.#received.end());
    this.socket.on('end', () => this.#received.end());
  }

  async #run(): Promise<void> {
    for (;;) {
      const head = await this.#received.take(2);
      if (!head) break;
      const short = head[1]!;
      const longer = short === 126 ? await this.#received.take(2) : short === 127 ? await this.#received.take(8) : undefined;
      const payload = await this.#received.take(short === 126 ? longer!.readUInt16BE(0) : short === 127 ? Number(longer!.readBigUInt64BE(0)) : short);
      if (!payload) break;
      this.messages.push({ opcode: head[0]! & 0x0f, payload });
    }
    this.#over = true;
  }

  get over(): boolean {
    return this.#over;
  }
  /** The code that the server ended with. */
  get closeCode(): number | undefined {
    const close = this.messages.find(({ opcode }) => opcode === 8);
    return close && close.payload.readUInt16BE(0);
  }
  send(channel: number, bytes: Uint8Array | string): boolean {
    return this.socket.write(clientFrame(2, Buffer.concat([Buffer.from([channel]), Buffer.from(bytes as string)])));
  }
  /** How many bytes of messages have come. */
  get length(): number {
    return this.messages.reduce((sum, { opcode, payload }) => sum + (opcode === 2 ? payload.length : 0), 0);
  }
  /** All that came on a channel. */
  on(channel: number): Buffer {
    return Buffer.concat(this.messages.filter(({ opcode, payload }) => opcode === 2 && payload[0] === channel).map(({ payload }) => payload.subarray(1)));
  }
  /** What the server said of how it ended. */
  get status(): Record<string, unknown> | undefined {
    const text = this.on(3).toString();
    return text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>);
  }
}

export const webSocketHeaders = { upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' };

export async function webSocket(url: string, protocols: string, reading = true): Promise<WebSocketClient> {
  const answer = await host.net.upgrade({ method: 'GET', url, headers: { ...webSocketHeaders, 'sec-websocket-protocol': protocols } });
  if (!answer.socket) throw new Error(`${answer.status}: ${Buffer.from(answer.refusal ?? []).toString()}`);
  return new WebSocketClient(answer.socket, answer.headers, answer.head, reading);
}

/** Writes until what is written is held back here, so that all buffers between are full; how many times that was. */
export async function fill(socket: Duplex, write: () => void): Promise<number> {
  let [written, held] = [0, 0];
  while (held < 20 && written < 200) {
    if (socket.writableLength === 0) {
      write();
      written++;
      held = 0;
    } else {
      held++;
    }
    await host.clock.sleep(5);
  }
  return written;
}
