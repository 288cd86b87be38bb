/** Reads a stored CustomResourceDefinition without its schemas: they are nearly all of its bytes, and most are never asked for. */
import type { CustomResourceDefinition } from '../../api/apiextensions/v1/types.ts';
import type { CachedObject } from '../cache/object.ts';

const KEY = Buffer.from('"openAPIV3Schema":{');
const EMPTY = '{}';
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Where the object ends that begins at `start`; the length of the bytes when it does not end. */
function endOf(bytes: Uint8Array, start: number): number {
  const { length } = bytes;
  let depth = 0;
  for (let i = start; i < length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      for (i++; i < length && bytes[i] !== QUOTE; i++) if (bytes[i] === BACKSLASH) i++;
    } else if (byte === OPEN) depth++;
    else if (byte === CLOSE && --depth === 0) return i + 1;
  }
  return length;
}

/** The JSON of a definition with empty schemas. What looks like the field within a text has a backslash before its quotes, and so is not found. */
export function withoutSchemas(bytes: Buffer): string {
  let text = '';
  let from = 0;
  for (let at = bytes.indexOf(KEY); at >= 0; at = bytes.indexOf(KEY, from)) {
    const start = at + KEY.length - 1;
    text += bytes.toString('utf8', from, start) + EMPTY;
    from = endOf(bytes, start);
  }
  return text + bytes.toString('utf8', from);
}

/** The definition as stored, its schemas perhaps left empty. Not to be changed or kept. */
export function skim(object: CachedObject): CustomResourceDefinition {
  if (object.isDecoded) return object.glance() as CustomResourceDefinition;
  const bytes = object.stored;
  return bytes[0] === OPEN ? (JSON.parse(withoutSchemas(bytes)) as CustomResourceDefinition) : (object.glance() as CustomResourceDefinition);
}
