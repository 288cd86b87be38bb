/** Where one message ends and the next begins in an answer's stream, for clients that are sent messages and not bytes. */

/** A watch in JSON: a line an event, its line end included. */
export async function* lines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest: Uint8Array[] = [];
  for await (const piece of body) {
    let start = 0;
    for (let end = piece.indexOf(0x0a); end >= 0; end = piece.indexOf(0x0a, start)) {
      yield Buffer.concat([...rest, piece.subarray(start, end + 1)]).toString('utf8');
      rest = [];
      start = end + 1;
    }
    if (start < piece.length) rest.push(piece.subarray(start));
  }
  if (rest.length > 0) yield Buffer.concat(rest).toString('utf8');
}

/** A watch in protobuf: frames behind their length in four bytes, which the messages do without. */
export async function* frames(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Buffer = Buffer.alloc(0);
  for await (const piece of body) {
    held = held.length === 0 ? Buffer.from(piece) : Buffer.concat([held, piece]);
    let start = 0;
    while (held.length - start >= 4) {
      const end = start + 4 + held.readUInt32BE(start);
      if (held.length < end) break;
      yield held.subarray(start + 4, end);
      start = end;
    }
    held = held.subarray(start);
  }
}

/** Bytes of no form of their own: an empty message first, which says that the stream has begun, then pieces of at most `limit` bytes. */
export async function* pieces(body: AsyncIterable<Uint8Array>, limit = 2048): AsyncGenerator<Uint8Array> {
  yield new Uint8Array();
  for await (const piece of body) for (let at = 0; at < piece.length; at += limit) yield piece.subarray(at, at + limit);
}
