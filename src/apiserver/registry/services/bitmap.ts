/** A set of small numbers in the form in which upstream stores one: the bytes of a large number, its highest byte first, in base64. */

export class Bitmap {
  #bits: Uint8Array;

  constructor(bits: Uint8Array = new Uint8Array(0)) {
    this.#bits = bits;
  }

  /** Reads upstream's form. */
  static read(base64: string): Bitmap {
    return new Bitmap(Uint8Array.from(Buffer.from(base64, 'base64')).toReversed());
  }

  write(): string {
    let length = this.#bits.length;
    while (length > 0 && this.#bits[length - 1] === 0) length--;
    return Buffer.from(this.#bits.subarray(0, length).toReversed()).toString('base64');
  }

  has(place: number): boolean {
    return ((this.#bits[place >> 3] ?? 0) & (1 << (place & 7))) !== 0;
  }

  set(place: number, taken: boolean): void {
    if (place >> 3 >= this.#bits.length) {
      const larger = new Uint8Array((place >> 3) + 64);
      larger.set(this.#bits);
      this.#bits = larger;
    }
    if (taken) this.#bits[place >> 3]! |= 1 << (place & 7);
    else this.#bits[place >> 3]! &= ~(1 << (place & 7));
  }

  /** Places below `size` that are taken, in order. */
  members(size: number): number[] {
    return Array.from({ length: size }, (_, place) => place).filter((place) => this.has(place));
  }

  copy(): Bitmap {
    return new Bitmap(this.#bits.slice());
  }

  /** The same set counted from elsewhere; what falls outside [0, size) is left out. */
  moved(by: number, size: number): Bitmap {
    const moved = new Bitmap();
    for (const place of this.members(this.#bits.length * 8)) if (place + by >= 0 && place + by < size) moved.set(place + by, true);
    return moved;
  }
}
