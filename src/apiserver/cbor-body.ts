/** Request bodies in CBOR, where the gate CBORServingAndStorage is on. */
import { CborSyntaxError, decodeCbor, type ParsedCbor } from '../api/cbor/decode.ts';
import { badRequest } from '../api/meta/status.ts';

/** The value in JSON form. Throws StatusError 400 for bytes that are no CBOR. */
export function readCbor(bytes: Uint8Array): ParsedCbor {
  try {
    return decodeCbor(bytes);
  } catch (error) {
    if (error instanceof CborSyntaxError) throw badRequest(`the body of the request cannot be read: ${error.message}`);
    throw error;
  }
}
