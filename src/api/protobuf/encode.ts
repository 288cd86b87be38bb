/**
 * From objects to protobuf, driven by the schema's tables. As upstream's encoder does: fields ascend; numbers, strings and structs that are
 * no pointers are written even when they are zero; lists and maps only when they hold something; map keys are sorted.
 */
import { encoderOf } from './compile-encode.ts';
import { MAGIC } from './envelope.ts';
import { BackwardWriter } from './wire.ts';

/** The message of an object of the schema, without an envelope. */
export function encodeMessage(schemaName: string, object: object): Buffer {
  const writer = new BackwardWriter();
  encoderOf(schemaName).run(writer, object as Record<string, unknown>);
  return writer.finish();
}

/** An object as it goes over the wire and into the store: four magic bytes, then an envelope with apiVersion, kind and the message. */
export function encodeProtobuf(schemaName: string, object: { apiVersion?: string; kind?: string }): Buffer {
  const writer = new BackwardWriter();
  // Content encoding and content type are empty.
  writer.zeroField(0x22);
  writer.zeroField(0x1a);
  const end = writer.size;
  encoderOf(schemaName).run(writer, object as Record<string, unknown>);
  writer.close(0x12, end);
  const raw = writer.size;
  writer.stringField(0x12, object.kind ?? '');
  writer.stringField(0x0a, object.apiVersion ?? '');
  writer.close(0x0a, raw);
  writer.bytes(MAGIC);
  return writer.finish();
}
