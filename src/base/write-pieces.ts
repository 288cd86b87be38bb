/** Passing a stream on, piece by piece, no faster than it is taken. */

/** What pieces are written to: any of Node's writable streams, or what looks like one. */
export interface PieceSink {
  readonly destroyed: boolean;
  readonly writableEnded: boolean;
  /** False: the next piece had better wait for `drain`. */
  write(piece: Uint8Array): boolean;
  on(event: 'drain' | 'close', listener: () => void): unknown;
}

/** Writes all pieces, without an end. The sink's own buffer is filled, and what is in it leaves together. False: the sink has gone before the last of them. */
export async function writePieces(pieces: AsyncIterable<Uint8Array>, sink: PieceSink): Promise<boolean> {
  let goOn: (() => void) | undefined;
  const settle = (): void => goOn?.();
  sink.on('drain', settle);
  sink.on('close', settle);
  const gone = (): boolean => sink.destroyed || sink.writableEnded;
  for await (const piece of pieces) {
    if (gone()) return false;
    if (!sink.write(piece)) await new Promise<void>((resolve) => (goOn = resolve));
    if (gone()) return false;
  }
  return !gone();
}
