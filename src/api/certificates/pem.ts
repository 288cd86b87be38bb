/** Blocks of PEM (RFC 7468), read line by line, so that a long text costs no more than its length. */

/** One block, as `-----BEGIN CERTIFICATE-----` opens it. */
export interface PemBlock {
  type: string;
  /** Lines such as `Proc-Type: 4` stand before the data. */
  headers: boolean;
  /** What the base64 stands for; undefined where it is none. */
  der: Uint8Array | undefined;
}

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';

function label(line: string, opening: string): string | undefined {
  return line.startsWith(opening) && line.endsWith(DASHES) && line.length > opening.length + DASHES.length - 1 ? line.slice(opening.length, -DASHES.length) : undefined;
}

function decode(base64: string): Uint8Array | undefined {
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return undefined;
  return Buffer.from(base64, 'base64');
}

/** The complete blocks of a text; whatever else stands in it is skipped. */
export function readPem(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: { type: string; headers: boolean; lines: string[] } | undefined;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const begins = label(line, BEGIN);
    if (begins !== undefined) {
      open = { type: begins, headers: false, lines: [] };
    } else if (open !== undefined) {
      const ends = label(line, END);
      if (ends === undefined) {
        if (line.includes(':')) open.headers = true;
        else open.lines.push(line);
      } else {
        if (ends === open.type) blocks.push({ type: open.type, headers: open.headers, der: decode(open.lines.join('')) });
        open = undefined;
      }
    }
  }
  return blocks;
}
