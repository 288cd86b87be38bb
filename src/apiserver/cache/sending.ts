/** What all watches of a server together have on its way to their clients. */

/** Bytes that one watch hands over at a time, about: the frame that goes beyond is its last. */
export const WATCH_PIECE_BYTES = 32 * 1024;
/** Bytes that all watches together may have handed over and their clients not taken. Beyond that each gets one event at a time, which all share. */
export const WATCH_SENDING_BYTES_LIMIT = 64 * 2 ** 20;
/** Joined pieces that are remembered: watchers alike get the same one. */
const REMEMBERED_PIECES = 4;

interface Joined {
  frames: readonly Uint8Array[];
  piece: Uint8Array;
}

export class WatchSending {
  readonly limit: number;
  readonly #pieceBytes: number;
  #bytes = 0;
  #recent: Joined[] = [];

  constructor(limit: number = WATCH_SENDING_BYTES_LIMIT, pieceBytes: number = WATCH_PIECE_BYTES) {
    this.limit = limit;
    this.#pieceBytes = pieceBytes;
  }

  /** Bytes that are on their way now. What several watchers share is counted for each. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How much a watch may hand over now. */
  room(): number {
    return this.#bytes < this.limit ? this.#pieceBytes : 1;
  }

  begin(bytes: number): void {
    this.#bytes += bytes;
  }

  done(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Frames in one piece. Equal frames, as watchers alike have them at about the same time, are joined once. */
  join(frames: readonly Uint8Array[]): Uint8Array {
    if (frames.length === 1) return frames[0]!;
    for (const joined of this.#recent) if (alike(joined.frames, frames)) return joined.piece;
    const piece = Buffer.concat(frames);
    this.#recent.unshift({ frames, piece });
    if (this.#recent.length > REMEMBERED_PIECES) this.#recent.pop();
    return piece;
  }
}

function alike(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  if (a.length !== b.length) return false;
  // From the end: what differs is most often how far they have come.
  for (let i = a.length - 1; i >= 0; i--) if (a[i] !== b[i]) return false;
  return true;
}
