/** The part of the WebSocket library that tests use as a client. */
declare module 'ws' {
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
}
