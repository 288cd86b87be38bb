/** Bodies that come in pieces. */
import { isWhole } from './pieces.ts';

/**
 * Passes a body on and calls `ended` once when it is over: read to its end, broken, or left by its reader, even before the first piece.
 * (A generator's `finally` would not run for a reader that leaves before it has begun.)
 */
export function withEnd<Piece>(body: AsyncIterable<Piece>, ended: () => void): AsyncIterable<Piece> {
  let over = false;
  const end = (): void => {
    if (over) return;
    over = true;
    ended();
  };
  return {
    [Symbol.asyncIterator]() {
      const inner = body[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            const result = await inner.next();
            if (result.done) end();
            return result;
          } catch (error) {
            end();
            throw error;
          }
        },
        async return() {
          end();
          await inner.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/** A body of one piece, or of none. */
export function oneOf(piece: Uint8Array): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      if (piece.length > 0) yield piece;
    },
  };
}

/** Lets go of a stream that will not be read. */
export async function release(body: string | Uint8Array | AsyncIterable<Uint8Array> | undefined): Promise<void> {
  if (!isWhole(body)) await body[Symbol.asyncIterator]().return?.(undefined);
}
