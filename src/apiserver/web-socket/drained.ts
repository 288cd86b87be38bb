/** Writing no faster than the other side reads. */
import type { Duplex } from 'node:stream';

/** Resolves when the connection takes more, or is gone; undefined when it takes more right away. */
export function drained(socket: Duplex): Promise<void> | undefined {
  if (!socket.writableNeedDrain || socket.destroyed) return undefined;
  return new Promise((resolve) => {
    const settle = (): void => {
      socket.removeListener('drain', settle);
      socket.removeListener('close', settle);
      resolve();
    };
    socket.on('drain', settle);
    socket.on('close', settle);
  });
}

/** Writes several pieces as one, without copying them. */
export function writeTogether(socket: Duplex, ...pieces: Uint8Array[]): Promise<void> | undefined {
  // Who has left, or has been told that nothing more comes, gets nothing.
  if (socket.destroyed || socket.writableEnded) return undefined;
  socket.cork();
  for (const piece of pieces) if (piece.length > 0) socket.write(piece);
  socket.uncork();
  return drained(socket);
}

/** Ends a connection once what is on its way has left; after `graceMs` at the latest. */
export function endSoon(socket: Duplex, setTimer: (callback: () => void, delayMs: number) => { cancel(): void }, graceMs: number): void {
  if (socket.destroyed) return;
  const timer = setTimer(() => socket.destroy(), graceMs);
  socket.once('close', () => timer.cancel());
  socket.end();
}
