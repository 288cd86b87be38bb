/** Request bodies in protobuf (`application/vnd.kubernetes.protobuf`), which typed Go clients send. */
import { ProtobufError } from '../api/protobuf/wire.ts';
import { decodeProtobuf, readEnvelope } from '../api/protobuf/decode.ts';
import { isProtobuf } from '../api/protobuf/envelope.ts';
import { protobufSchema } from '../api/protobuf/kinds.ts';
import { badRequest } from '../api/meta/status.ts';

/** The object in JSON form. Throws StatusError 400 for bytes that are no such message. */
export function readProtobuf(bytes: Uint8Array): unknown {
  if (!isProtobuf(bytes)) throw badRequest('the body of the request is not protobuf: it does not begin with the bytes 6b 38 73 00');
  try {
    const { apiVersion, kind } = readEnvelope(bytes);
    const schema = protobufSchema(apiVersion, kind);
    if (schema === undefined) throw badRequest(`no kind "${kind}" is registered for version "${apiVersion}"`);
    return decodeProtobuf(schema, bytes);
  } catch (error) {
    if (error instanceof ProtobufError) throw badRequest(`the body of the request cannot be read: ${error.message}`);
    throw error;
  }
}
