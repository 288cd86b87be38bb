/**
 * Bytes that come in pieces, gathered. A piece is an object, and keeps the block that it was cut from: a body in pieces of one byte each, if they were kept,
 * would take hundreds of times its length.
 */
export class Gathered {
  /** The only piece so far: most bodies come in one, and are not copied. */
  #first: Uint8Array | undefined;
  #bytes: Buffer | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(piece: Uint8Array): void {
    const at = this.#length;
    this.#length += piece.length;
    if (this.#bytes === undefined) {
      if (at === 0) {
        this.#first = piece;
        return;
      }
      this.#bytes = Buffer.allocUnsafeSlow(2 * this.#length);
      this.#bytes.set(this.#first!);
      this.#first = undefined;
    } else if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * this.#length);
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
    }
    this.#bytes.set(piece, at);
  }

  /** All of them. Valid until the next piece is added. */
  whole(): Uint8Array {
    return this.#bytes?.subarray(0, this.#length) ?? this.#first ?? new Uint8Array();
  }
}
