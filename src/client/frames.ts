/** Takes a watch's body apart: one JSON object a line, lines cut anywhere by the chunks that carry them. */

/** A single line over this is not a watch event; the stream is given up. The largest object the API stores is 1.5 MiB of JSON's double. */
export const frameLimitBytes = 64 * 1024 * 1024;

const newline = 0x0a;

/**
 * Yields for each chunk the complete lines that it ends, as text without the line end; empty lines are left out.
 * Only the tail of a chunk whose line goes on is kept, so memory is bounded by one frame.
 */
export async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  let kept: Uint8Array[] = [];
  let keptBytes = 0;
  for await (const piece of body) {
    const chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      if (keptBytes === 0) {
        if (end > start) lines.push(chunk.toString('utf8', start, end));
      } else {
        kept.push(chunk.subarray(start, end));
        lines.push(Buffer.concat(kept).toString('utf8'));
        kept = [];
        keptBytes = 0;
      }
      start = end + 1;
    }
    if (start < chunk.length) {
      kept.push(chunk.subarray(start));
      keptBytes += chunk.length - start;
      if (keptBytes > frameLimitBytes) throw new Error(`watch event is larger than ${frameLimitBytes} bytes`);
    }
    if (lines.length > 0) yield lines;
  }
  // A line without its end is a connection that broke: the event is not to be trusted, and the next watch sends it again.
}
