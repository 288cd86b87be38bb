/** From protobuf to objects in JSON shape, driven by the schema's tables. Fields that the schema does not know are skipped. */
import { decoderOf } from './compile-decode.ts';
import { isProtobuf, MAGIC } from './envelope.ts';
import { DELIMITED, ProtobufError, Reader, skipField } from './wire.ts';

/** An object of the schema out of its message, without an envelope. Throws ProtobufError. */
export function decodeMessage<T = Record<string, unknown>>(schemaName: string, bytes: Uint8Array): T {
  return decoderOf(schemaName).run(new Reader(bytes), 0) as T;
}

/** What the envelope says, and the message inside. */
export interface Envelope {
  apiVersion: string;
  kind: string;
  /** The object's message. */
  raw: Uint8Array;
  contentEncoding: string;
  contentType: string;
}

const ENVELOPE_FIELDS: ReadonlyMap<number, string> = new Map([[1, 'typeMeta'], [2, 'raw'], [3, 'contentEncoding'], [4, 'contentType']]);
const TYPE_FIELDS: ReadonlyMap<number, string> = new Map([[1, 'apiVersion'], [2, 'kind']]);

function readTypeMeta(reader: Reader, envelope: Envelope): void {
  const end = reader.open();
  while (!reader.done) {
    const key = reader.varint();
    if (key === 8 + DELIMITED) envelope.apiVersion = reader.text();
    else if (key === 16 + DELIMITED) envelope.kind = reader.text();
    else skipField(reader, key, 'TypeMeta', TYPE_FIELDS);
  }
  reader.close(end);
}

/** Opens the envelope. Throws ProtobufError when the magic bytes are missing. */
export function readEnvelope(bytes: Uint8Array): Envelope {
  if (!isProtobuf(bytes)) throw new ProtobufError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  const envelope: Envelope = { apiVersion: '', kind: '', raw: new Uint8Array(), contentEncoding: '', contentType: '' };
  const reader = new Reader(bytes.subarray(MAGIC.length));
  while (!reader.done) {
    const key = reader.varint();
    if (key === 8 + DELIMITED) readTypeMeta(reader, envelope);
    else if (key === 16 + DELIMITED) envelope.raw = reader.bytes();
    else if (key === 24 + DELIMITED) envelope.contentEncoding = reader.text();
    else if (key === 32 + DELIMITED) envelope.contentType = reader.text();
    else skipField(reader, key, 'Unknown', ENVELOPE_FIELDS);
  }
  return envelope;
}

/**
 * An object out of its envelope, with apiVersion and kind first.
 * @param schemaName the schema that belongs to the envelope's apiVersion and kind (see `readEnvelope`).
 */
export function decodeProtobuf<T = Record<string, unknown>>(schemaName: string, bytes: Uint8Array): T {
  const { apiVersion, kind, raw } = readEnvelope(bytes);
  const meta = { ...(kind === '' ? {} : { kind }), ...(apiVersion === '' ? {} : { apiVersion }) };
  return { ...meta, ...decodeMessage<object>(schemaName, raw) } as T;
}
