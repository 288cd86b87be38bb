/** Pages (text/html) that come through the proxy: their links are changed so that they lead through it too. */
import { gunzipSync, gzipSync, inflateSync, deflateSync } from 'node:zlib';
import { LinkRewriter, withLinks } from './links.ts';

/** A compressed page of more bytes than this, packed or unpacked, passes as it is. */
const MAX_COMPRESSED_BYTES = 16 * 1024 * 1024;

type Headers = Record<string, string>;
type Bytes = AsyncIterable<Uint8Array>;

const codings: Readonly<Record<string, [unpack: (bytes: Uint8Array) => Buffer, pack: (bytes: Buffer) => Buffer]>> = {
  gzip: [(bytes) => gunzipSync(bytes, { maxOutputLength: MAX_COMPRESSED_BYTES }), (bytes) => gzipSync(bytes)],
  deflate: [(bytes) => inflateSync(bytes, { maxOutputLength: MAX_COMPRESSED_BYTES }), (bytes) => deflateSync(bytes)],
};

/** Whether an answer with these headers is a page whose coding is understood. */
export function isPage(headers: Headers): boolean {
  const coding = headers['content-encoding'] ?? '';
  return (headers['content-type'] ?? '').split(';')[0]!.trim() === 'text/html' && (coding === '' || coding in codings);
}

/** The first pieces until there are `limit` bytes, and what follows them. */
async function begin(body: Bytes, limit: number): Promise<{ start: Uint8Array[]; rest: AsyncIterator<Uint8Array>; whole: boolean }> {
  const rest = body[Symbol.asyncIterator]();
  const start: Uint8Array[] = [];
  for (let length = 0; length <= limit;) {
    const { value, done } = await rest.next();
    if (done) return { start, rest, whole: true };
    start.push(value);
    length += value.length;
  }
  return { start, rest, whole: false };
}

async function* joined(start: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* start;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

/** The page with its links changed by `rewrite`, and headers that fit it. One that cannot be unpacked passes as it came. */
export async function pageOf(headers: Headers, body: Bytes, rewrite: (link: string) => string): Promise<{ headers: Headers; body: Uint8Array | Bytes }> {
  const { 'content-length': _length, ...others } = headers;
  const coding = codings[headers['content-encoding'] ?? ''];
  if (!coding) return { headers: others, body: withLinks(body, rewrite) };
  const { start, rest, whole } = await begin(body, MAX_COMPRESSED_BYTES);
  if (!whole) return { headers, body: joined(start, rest) };
  const packed = Buffer.concat(start);
  let text: string;
  try {
    text = coding[0](packed).toString('latin1');
  } catch {
    return { headers, body: packed };
  }
  const rewriter = new LinkRewriter(rewrite);
  return { headers: others, body: coding[1](Buffer.from(rewriter.push(text) + rewriter.end(), 'latin1')) };
}
