/** The hashes in chain names. Other tools find a Service's rules by them, so they are upstream's: RFC 4648 base32 of SHA-256, its first characters. */
import { hash } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The first `length` characters of the hash of a text. */
export function chainHash(text: string, length: number): string {
  // The one-shot form: a sync of thousands of Services spends most of its time here.
  const digest = hash('sha256', text, 'buffer');
  let result = '';
  let bits = 0;
  let buffer = 0;
  for (const byte of digest) {
    buffer = ((buffer << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5 && result.length < length) {
      bits -= 5;
      result += alphabet[(buffer >> bits) & 31];
    }
    if (result.length === length) break;
  }
  return result;
}
