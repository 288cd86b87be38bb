/** Reads a body of bytes whole, as far as it may go. */
import { Gathered } from './gathered.ts';

/** The bytes together. Throws Error when there are more than `maxBytes`; the rest is not read then. */
export async function readAtMost(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const gathered = new Gathered();
  for await (const piece of body) {
    if (gathered.length + piece.length > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    gathered.add(piece);
  }
  const { buffer, byteOffset, byteLength } = gathered.whole();
  return Buffer.from(buffer, byteOffset, byteLength);
}
