/**
 * The envelope around every object in protobuf, worked on as bytes: nothing is decoded.
 *
 *   6b 38 73 00 │ 0a … apiVersion, kind │ 12 … the object's message │ 1a 00 │ 22 00
 */
import { ProtobufError } from './wire.ts';

/** What stands in front of every object in protobuf. */
export const MAGIC: Readonly<Buffer> = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/** An empty content encoding and an empty content type. */
const TAIL = Buffer.from([0x1a, 0x00, 0x22, 0x00]);

const TYPE_META = 0x0a;
const RAW = 0x12;
const METADATA = 0x0a;
const ITEM = 0x12;
const RESOURCE_VERSION = 0x32;

/** Whether bytes begin as an object in protobuf does. */
export function isProtobuf(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0x6b && bytes[1] === 0x38 && bytes[2] === 0x73 && bytes[3] === 0;
}

/** How many bytes a length takes. */
function sizeOfLength(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
}

/** Writes a length and answers where it ends. */
function putLength(out: Uint8Array, at: number, value: number): number {
  let rest = value;
  while (rest >= 0x80) {
    out[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  out[at++] = rest;
  return at;
}

/** Bytes with a tag and their length in front. */
function delimited(tag: number, content: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(1 + sizeOfLength(content.length) + content.length);
  out[0] = tag;
  out.set(content, putLength(out, 1, content.length));
  return out;
}

/** A delimited field at the front of bytes: where its content begins and ends. */
interface Span {
  from: number;
  to: number;
}

function spanAt(bytes: Uint8Array, at: number, limit: number): Span {
  let length = 0;
  let scale = 1;
  for (let i = at + 1; i < limit && i < at + 11; i++) {
    const byte = bytes[i]!;
    length += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      const from = i + 1;
      if (from + length > limit) break;
      return { from, to: from + length };
    }
    scale *= 0x80;
  }
  throw new ProtobufError('unexpected EOF');
}

/** Everything of an envelope that stands before the object's message. */
export function envelopeHead(apiVersion: string, kind: string): Buffer {
  const typeMeta = Buffer.concat([delimited(0x0a, Buffer.from(apiVersion)), delimited(0x12, Buffer.from(kind))]);
  return Buffer.concat([MAGIC as Buffer, delimited(TYPE_META, typeMeta)]);
}

/** Where the object's message lies in an envelope, and the typeMeta before it. Throws ProtobufError for another order of fields than the API's own. */
function spans(envelope: Uint8Array): { typeMeta: Span; raw: Span } | undefined {
  if (envelope[4] !== TYPE_META) return undefined;
  const typeMeta = spanAt(envelope, 4, envelope.length);
  if (envelope[typeMeta.to] !== RAW) return undefined;
  return { typeMeta, raw: spanAt(envelope, typeMeta.to, envelope.length) };
}

/** The object's message inside an envelope that this code or upstream's wrote. */
export function messageOf(envelope: Buffer): Buffer {
  const found = spans(envelope);
  if (found === undefined) throw new ProtobufError('proto: the envelope does not begin with its kind and the object');
  return envelope.subarray(found.raw.from, found.raw.to);
}

/** Whether an envelope says that its object is of this kind; `head` is `envelopeHead`'s. */
export function hasHead(envelope: Buffer, head: Buffer): boolean {
  return envelope.length > head.length && head.compare(envelope, 0, head.length) === 0;
}

/** Where the metadata's resourceVersion stands, or would: fields ascend, and only delimited ones come before it. */
function revisionSpan(envelope: Uint8Array, metadata: Span): Span {
  for (let at = metadata.from; at < metadata.to;) {
    const tag = envelope[at]!;
    if (tag > RESOURCE_VERSION || (tag & 7) !== 2) return { from: at, to: at };
    const { to } = spanAt(envelope, at, metadata.to);
    if (tag === RESOURCE_VERSION) return { from: at, to };
    at = to;
  }
  return { from: metadata.to, to: metadata.to };
}

/** The envelope with that resourceVersion in place of its own. Undefined for a layout that is not the API's own. */
export function withResourceVersion(envelope: Buffer, resourceVersion: string): Buffer | undefined {
  const found = spans(envelope);
  if (found === undefined || envelope[found.raw.from] !== METADATA) return undefined;
  const { raw, typeMeta } = found;
  const metadata = spanAt(envelope, raw.from, raw.to);
  const revision = revisionSpan(envelope, metadata);
  const metadataLength = metadata.to - metadata.from - (revision.to - revision.from) + 2 + resourceVersion.length;
  const rawLength = 1 + sizeOfLength(metadataLength) + metadataLength + (raw.to - metadata.to);
  const length = typeMeta.to + 1 + sizeOfLength(rawLength) + rawLength + (envelope.length - raw.to);
  // Memory of its own, because it is kept.
  const out = Buffer.allocUnsafeSlow(length);
  let at = envelope.copy(out, 0, 0, typeMeta.to);
  out[at++] = RAW;
  at = putLength(out, at, rawLength);
  out[at++] = METADATA;
  at = putLength(out, at, metadataLength);
  at += envelope.copy(out, at, metadata.from, revision.from);
  out[at++] = RESOURCE_VERSION;
  out[at++] = resourceVersion.length;
  at += out.write(resourceVersion, at, 'latin1');
  at += envelope.copy(out, at, revision.to, metadata.to);
  at += envelope.copy(out, at, metadata.to, raw.to);
  envelope.copy(out, at, raw.to);
  return out;
}

/** The first field of a message, with its tag: an object's metadata. Empty where the message does not begin with it. */
export function firstField(message: Buffer): Buffer {
  return message[0] === METADATA ? message.subarray(0, spanAt(message, 0, message.length).to) : message.subarray(0, 0);
}

/** An object's envelope around its message. */
export function wrap(head: Buffer, message: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(head.length + 1 + sizeOfLength(message.length) + message.length + TAIL.length);
  let at = head.copy(out);
  out[at++] = RAW;
  at = putLength(out, at, message.length);
  out.set(message, at);
  TAIL.copy(out, at + message.length);
  return out;
}

/** What goes around a list's items, so that they need not be copied to know it. */
export interface ListEnvelope {
  head: Buffer;
  tail: Buffer;
  length: number;
  /** What goes before an item of that length. */
  before(length: number): Buffer;
}

/** The envelope of a list. `head` names the list's kind; `metadata` is the message of its ListMeta. */
export function listEnvelope(head: Buffer, metadata: Uint8Array, items: readonly Uint8Array[]): ListEnvelope {
  let raw = 1 + sizeOfLength(metadata.length) + metadata.length;
  for (const item of items) raw += 1 + sizeOfLength(item.length) + item.length;
  const out = Buffer.allocUnsafe(head.length + 1 + sizeOfLength(raw) + 1 + sizeOfLength(metadata.length) + metadata.length);
  let at = head.copy(out);
  out[at++] = RAW;
  at = putLength(out, at, raw);
  out[at++] = METADATA;
  at = putLength(out, at, metadata.length);
  out.set(metadata, at);
  const rest = raw - 1 - sizeOfLength(metadata.length) - metadata.length;
  // Tag and length of an item: good until the next one is asked for.
  const mark = Buffer.alloc(8);
  mark[0] = ITEM;
  const marks = Array.from({ length: 8 }, (_, n) => mark.subarray(0, n));
  return { head: out, tail: TAIL, length: out.length + rest + TAIL.length, before: (length) => marks[putLength(mark, 1, length)]! };
}

/**
 * One event of a watch: its length in four bytes, the highest first, then a WatchEvent whose object is an envelope of its own.
 */
export function watchFrame(type: string, envelope: Uint8Array): Buffer {
  const extension = 1 + sizeOfLength(envelope.length) + envelope.length;
  const length = 2 + type.length + 1 + sizeOfLength(extension) + extension;
  const out = Buffer.allocUnsafe(4 + length);
  let at = out.writeUInt32BE(length, 0);
  out[at++] = 0x0a;
  out[at++] = type.length;
  at += out.write(type, at, 'latin1');
  out[at++] = 0x12;
  at = putLength(out, at, extension);
  out[at++] = 0x0a;
  at = putLength(out, at, envelope.length);
  out.set(envelope, at);
  return out;
}
