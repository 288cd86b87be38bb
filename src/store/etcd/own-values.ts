/** Values that this process has just written, so that their return by way of the watch needs no second copy, and no decoding. */

/** Values that are remembered at most; one whose fate is unknown stays until it is pushed out. */
const LIMIT = 4_096;

export class OwnValues {
  readonly #values = new Map<string, Uint8Array>();

  add(key: string, value: Uint8Array): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size > LIMIT) for (const oldest of this.#values.keys()) {
      this.#values.delete(oldest);
      break;
    }
  }

  /** The value was not written after all. */
  drop(key: string, value: Uint8Array): void {
    if (this.#values.get(key) === value) this.#values.delete(key);
  }

  /** The value as it was written here, if what has come is the same; a copy of what has come otherwise. */
  take(key: string, come: Buffer): Uint8Array {
    const own = this.#values.get(key);
    if (own === undefined || come.compare(own) !== 0) return Buffer.from(come);
    this.#values.delete(key);
    return own;
  }
}
