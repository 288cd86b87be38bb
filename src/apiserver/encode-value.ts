/** Values that are not in the cache (Status, Scale, reviews …), written out in the form that the client wants. */
import { encodeCbor } from '../api/cbor/encode.ts';
import { encodeProtobuf } from '../api/protobuf/encode.ts';
import { protobufSchema } from '../api/protobuf/kinds.ts';
import { writeYaml } from '../api/yaml-write.ts';
import { escaped } from './go-json.ts';
import { cborSequenceType, mediaTypeOf, protobufType, type Format } from './accept.ts';

export interface Encoding {
  format: Format;
  /** JSON only: indented, and without the line feed at its end that JSON has otherwise. */
  pretty: boolean;
}

/** A value of a kind as bytes. In protobuf it must name its kind, and that kind must have messages. */
export function encodeValue(value: unknown, { format, pretty }: Encoding): Buffer {
  switch (format) {
    case 'yaml':
      return Buffer.from(writeYaml(value));
    case 'protobuf': {
      const { apiVersion = '', kind = '' } = value as { apiVersion?: string; kind?: string };
      const schema = protobufSchema(apiVersion, kind);
      if (schema === undefined) throw new Error(`${kind} of ${apiVersion} has no form in protobuf`);
      return encodeProtobuf(schema, value as object);
    }
    case 'cbor': {
      const { apiVersion = '', kind = '' } = value as { apiVersion?: string; kind?: string };
      return encodeCbor(value, protobufSchema(apiVersion, kind));
    }
    default:
      return Buffer.from(escaped(pretty ? JSON.stringify(value, null, 2) : `${JSON.stringify(value)}\n`));
  }
}

/** Whether a value can be sent in that format. */
export function canEncode(value: object, format: Format): boolean {
  const { apiVersion = '', kind = '' } = value as { apiVersion?: string; kind?: string };
  return format !== 'protobuf' || protobufSchema(apiVersion, kind) !== undefined;
}

/** The content type of one object or list. */
export const contentTypeFor = ({ format }: Pick<Encoding, 'format'>): string => mediaTypeOf(format);

/** The content type of a watch. */
export function streamTypeFor({ format }: Pick<Encoding, 'format'>): string {
  if (format === 'protobuf') return `${protobufType};stream=watch`;
  return format === 'cbor' ? cborSequenceType : mediaTypeOf(format);
}
