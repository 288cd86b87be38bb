/** DNS over TCP: each message has its length in two bytes before it (RFC 7766). */

/** A message with its length. */
export function frame(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(message.length + 2);
  bytes[0] = message.length >> 8;
  bytes[1] = message.length & 255;
  bytes.set(message, 2);
  return bytes;
}

/** Messages of a stream, one by one; ends with the stream, also in the middle of a message. */
export async function* readFrames(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pending = Buffer.alloc(0);
  for await (const piece of stream) {
    pending = Buffer.concat([pending, piece]);
    while (pending.length >= 2) {
      const length = pending.readUInt16BE(0);
      if (pending.length < 2 + length) break;
      yield pending.subarray(2, 2 + length);
      pending = pending.subarray(2 + length);
    }
  }
}
