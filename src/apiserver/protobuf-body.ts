/** Request bodies in protobuf (`application/vnd.kubernetes.protobuf`), which typed Go clients send. */
import { ProtobufError } from '../api/protobuf/wire.ts';
import { decodeProtobuf, readEnvelope } from '../api/protobuf/decode.ts';
import { isProtobuf, MAGIC } from '../api/protobuf/envelope.ts';
import { protobufSchema } from '../api/protobuf/kinds.ts';
import { undecodable } from '../api/decode.ts';

/** A body out of which not even its kind can be read. */
export class UnreadableBody extends Error {}

/** The object in JSON form; of a kind that is not known, its kind and version alone. Throws StatusError 400 for a message that is not of its kind, UnreadableBody for what is no message. */
export function readProtobuf(bytes: Uint8Array): unknown {
  if (bytes.length === 0) throw new UnreadableBody('empty data');
  const { apiVersion, kind } = envelopeOf(bytes);
  const schema = protobufSchema(apiVersion, kind);
  if (schema === undefined) return { kind, apiVersion };
  try {
    return decodeProtobuf(schema, bytes);
  } catch (error) {
    if (error instanceof ProtobufError) throw undecodable(schema, { kind, apiVersion }, error.message);
    throw error;
  }
}

function envelopeOf(bytes: Uint8Array): { apiVersion: string; kind: string } {
  try {
    if (isProtobuf(bytes) && bytes.length === MAGIC.length) throw new UnreadableBody('empty body');
    return readEnvelope(bytes);
  } catch (error) {
    if (error instanceof ProtobufError) throw new UnreadableBody(error.message);
    throw error;
  }
}
