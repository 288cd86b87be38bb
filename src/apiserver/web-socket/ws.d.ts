/** The part of the WebSocket library that is used here: its server end on a connection that is open already, and its client in tests. */
declare module 'ws' {
  import type { IncomingMessage } from 'node:http';
  import type { Duplex } from 'node:stream';
  import { EventEmitter } from 'node:events';

  export class WebSocket extends EventEmitter {
    constructor(url: string, protocols?: readonly string[], options?: { headers?: Record<string, string>; ca?: string; cert?: string; key?: string });
    readonly protocol: string;
    readonly readyState: 0 | 1 | 2 | 3;
    readonly bufferedAmount: number;
    send(data: string | Uint8Array, options: { binary: boolean }, sent?: (error?: Error) => void): void;
    ping(): void;
    pause(): void;
    resume(): void;
    close(code?: number, reason?: string): void;
    terminate(): void;
  }

  export class WebSocketServer extends EventEmitter {
    constructor(options: {
      noServer: true; clientTracking: false; perMessageDeflate: false; maxPayload: number;
      handleProtocols: (offered: Set<string>) => string | false;
    });
    handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, opened: (socket: WebSocket) => void): void;
  }
}
