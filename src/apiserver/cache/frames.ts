/** Which events hold encoded frames, over all resources: the longest kept let go of theirs. */

/** Bytes of framed events that are kept for watchers that have not taken them yet; made again for those that come later. */
export const EVENT_FRAMES_BYTES_LIMIT = 8 * 2 ** 20;

interface Holder {
  /** Lets go of what is held. Returns how many bytes that was. */
  settle(): number;
  isOf(source: object): boolean;
}

export class FramePool {
  readonly limit: number;
  #holders: (Holder | undefined)[] = [];
  #first = 0;
  #bytes = 0;

  constructor(limit: number = EVENT_FRAMES_BYTES_LIMIT) {
    this.limit = limit;
  }

  /** Bytes that are held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Notes that somebody holds so much more; `first`: that it held nothing before. */
  keep(holder: Holder, bytes: number, first: boolean): void {
    if (first) this.#holders.push(holder);
    this.#bytes += bytes;
    while (this.#bytes > this.limit && this.#holders.length - this.#first > 1) {
      this.#bytes -= this.#holders[this.#first]?.settle() ?? 0;
      this.#holders[this.#first++] = undefined;
    }
    if (this.#first > 1_000 && this.#first > this.#holders.length / 2) {
      this.#holders = this.#holders.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Lets go of what the events of a cache hold that is no more. */
  leave(source: object): void {
    for (let i = this.#first; i < this.#holders.length; i++) {
      const holder = this.#holders[i];
      if (holder?.isOf(source) !== true) continue;
      this.#bytes -= holder.settle();
      this.#holders[i] = undefined;
    }
  }
}
