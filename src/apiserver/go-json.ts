/** JSON as Go writes it, so that answers have upstream's very bytes: some characters escaped, and what is no type of the program by its keys' order. */

/** Characters that a browser or JavaScript could mistake for more than text. In JSON they are within texts only. */
const ESCAPED = /[<>&\u2028\u2029]/g;

const escapeOf = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** JSON text with the characters escaped that Go escapes. */
export function escaped(text: string): string {
  return mayNeedEscapes(text) ? text.replace(ESCAPED, escapeOf) : text;
}

/** A look for each character is the engine's own, and together they take a fraction of what an expression takes. */
function mayNeedEscapes(text: string): boolean {
  return text.includes('<') || text.includes('>') || text.includes('&') || text.includes('\u2028') || text.includes('\u2029');
}

/** A value in JSON, its members in the order of their names at every depth. */
export function sortedJson(value: unknown): string {
  return escaped(written(value));
}

function written(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) {
    let text = '[';
    for (let i = 0; i < value.length; i++) text += i === 0 ? written(value[i]) : `,${written(value[i])}`;
    return `${text}]`;
  }
  let text = '';
  for (const key of sortedKeys(value)) {
    const member = (value as Record<string, unknown>)[key];
    if (member !== undefined) text += `${text === '' ? '{' : ','}${JSON.stringify(key)}:${written(member)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

function sortedKeys(value: object): string[] {
  const keys = Object.keys(value);
  for (let i = 1; i < keys.length; i++) if (keys[i - 1]! > keys[i]!) return keys.sort();
  return keys;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const LINE_FEED = 0x0a;

/** Behind the closing quote of the text that begins at `at`. */
function afterText(bytes: Uint8Array, at: number): number {
  let i = at + 1;
  for (; i < bytes.length && bytes[i] !== QUOTE; i++) if (bytes[i] === BACKSLASH) i++;
  return i + 1;
}

/** Behind the value that begins at `at`. */
function afterValue(bytes: Uint8Array, at: number): number {
  let depth = 0;
  for (let i = at; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) i = afterText(bytes, i) - 1;
    else if (byte === OPEN || byte === OPEN_LIST) depth++;
    else if (byte === CLOSE || byte === CLOSE_LIST) {
      if (--depth < 0) return i;
    } else if (byte === COMMA && depth === 0) return i;
  }
  return bytes.length;
}

/** Where the member `name` of the object that begins at `at` is, or belongs among its sorted members: the start of its key, or of what comes behind it. -1 for bytes that are not compact JSON. */
function placeOf(bytes: Buffer, at: number, name: string): number {
  let i = at + 1;
  while (bytes[i] === QUOTE) {
    const end = afterText(bytes, i);
    if (bytes.toString('latin1', i + 1, end - 1) >= name) return i;
    if (bytes[end] !== COLON) return -1;
    i = afterValue(bytes, end + 1);
    if (bytes[i] === CLOSE) return i;
    if (bytes[i] !== COMMA) return -1;
    i++;
  }
  return bytes[i] === CLOSE ? i : -1;
}

const METADATA = Buffer.from('"metadata":{');
const REVISION = Buffer.from('"resourceVersion":"');

const isAt = (bytes: Buffer, part: Buffer, at: number): boolean => part.compare(bytes, at, Math.min(at + part.length, bytes.length)) === 0;

/** Where in sorted JSON the resourceVersion of the object is, or belongs; -1 where the bytes are of another form. */
function revisionPlace(bytes: Buffer): number {
  let at = placeOf(bytes, 0, 'metadata');
  if (at < 0 || !isAt(bytes, METADATA, at)) return -1;
  at += METADATA.length - 1;
  return placeOf(bytes, at, 'resourceVersion');
}

/** Fields of metadata that upstream writes before the resourceVersion: all are short texts. */
const BEFORE_REVISION: ReadonlySet<string> = new Set(['name', 'generateName', 'namespace', 'selfLink', 'uid']);

/** Where the resourceVersion is, or belongs, in the metadata of a kind of the program; `at`: behind the `{` of the metadata. -1 for bytes of another form. */
function typedRevisionPlace(bytes: Buffer, at: number): number {
  for (let i = at; bytes[i] === QUOTE;) {
    const end = afterText(bytes, i);
    if (!BEFORE_REVISION.has(bytes.toString('latin1', i + 1, end - 1))) return i;
    if (bytes[end] !== COLON || bytes[end + 1] !== QUOTE) return -1;
    i = afterText(bytes, end + 1);
    if (bytes[i] === CLOSE) return i;
    if (bytes[i] !== COMMA) return -1;
    i++;
  }
  return bytes[at] === CLOSE ? at : -1;
}

/** How stored JSON begins, and whether its members are in the order of their names. */
interface Begins {
  head: Buffer;
  sorted?: boolean;
}

const placeIn = ({ head, sorted }: Begins, bytes: Buffer): number => (sorted === true ? revisionPlace(bytes) : typedRevisionPlace(bytes, head.length));

const endsInLine = (bytes: Uint8Array): boolean => bytes[bytes.length - 1] === LINE_FEED;

/** Whether stored JSON begins as the form says; where members are in the order of their names, some may come before the version. */
export function isOfForm({ head, sorted }: Begins, bytes: Buffer): boolean {
  if (isAt(bytes, head, 0)) return true;
  if (sorted !== true || bytes[0] !== OPEN) return false;
  const at = placeOf(bytes, 0, 'apiVersion');
  return at > 0 && isAt(bytes, head.subarray(1), at);
}

/** Stored JSON with the resourceVersion in its place, and the line feed behind it (see `asLine`). Undefined for bytes that were not written in this form. */
export function withRevisionInJson(form: Begins, bytes: Buffer, revision: number): Buffer | undefined {
  if (!endsInLine(bytes) || !isOfForm(form, bytes)) return undefined;
  const at = placeIn(form, bytes);
  if (at < 0 || isAt(bytes, REVISION, at)) return undefined;
  const last = bytes[at] === CLOSE;
  const insert = `${last && bytes[at - 1] !== OPEN ? ',' : ''}"resourceVersion":"${revision}"${last ? '' : ','}`;
  const out = Buffer.allocUnsafeSlow(bytes.length + insert.length);
  bytes.copy(out, 0, 0, at);
  out.write(insert, at, 'latin1');
  bytes.copy(out, at + insert.length, at);
  return out.subarray(0, out.length - 1);
}

/** As it is stored: without its resourceVersion, and with a line feed. */
export function withoutRevisionInJson(form: Begins, bytes: Buffer): Buffer {
  const at = placeIn(form, bytes);
  let from = bytes.length;
  let to = bytes.length;
  if (at >= 0 && isAt(bytes, REVISION, at)) {
    from = at;
    to = bytes.indexOf(QUOTE, at + REVISION.length) + 1;
    if (bytes[to] === COMMA) to++;
    else if (bytes[from - 1] === COMMA) from--;
  }
  const out = Buffer.allocUnsafeSlow(bytes.length - (to - from) + 1);
  bytes.copy(out, 0, 0, from);
  bytes.copy(out, from, to);
  out[out.length - 1] = LINE_FEED;
  return out;
}

/** JSON text as it is stored: in memory of its own, with a line feed at its end. */
export function lineOf(text: string): Buffer {
  const whole = Buffer.allocUnsafeSlow(Buffer.byteLength(text) + 1);
  whole.write(text);
  whole[whole.length - 1] = LINE_FEED;
  return whole;
}

/** JSON text as bytes, the line feed of `lineOf` behind them. */
export function bytesOfLine(text: string): Buffer {
  const whole = lineOf(text);
  return whole.subarray(0, whole.length - 1);
}

/** Bytes without a line feed at their end. */
export const withoutLineFeed = (bytes: Buffer): Buffer => (endsInLine(bytes) ? bytes.subarray(0, bytes.length - 1) : bytes);

/** The bytes with a line feed at their end, as every JSON answer has it. Nothing is copied where it stands behind them already. */
export function asLine(bytes: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = bytes;
  if (byteOffset === 0 && buffer.byteLength === length + 1) {
    const line = new Uint8Array(buffer, 0, length + 1);
    if (line[length] === LINE_FEED) return line;
  }
  const line = Buffer.allocUnsafe(length + 1);
  line.set(bytes);
  line[length] = LINE_FEED;
  return line;
}
