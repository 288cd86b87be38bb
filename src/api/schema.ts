/**
 * The schema of every API type, read from the generated tables. Codecs, defaulting, strict decoding, OpenAPI, strategic merge and
 * structured merge all read these descriptions; nothing else in the code knows a field list.
 */

/** What a field's value is, before list or map is wrapped around it. `object` has a `ref`. */
export type FieldType =
  | 'string' | 'boolean' | 'int32' | 'int64' | 'double' | 'bytes'
  | 'quantity' | 'intOrString' | 'time' | 'microTime' | 'duration'
  /** Any JSON object with its own apiVersion and kind (RawExtension) or any JSON at all. */
  | 'raw' | 'json' | 'fieldsV1'
  | 'object';

export interface FieldSchema {
  /** The JSON name. */
  name: string;
  type: FieldType;
  /** Name of the object type, as `io.k8s.api.core.v1.Container`. */
  ref?: string;
  shape: 'one' | 'list' | 'map';
  required: boolean;
  /** Absent and zero are different things. */
  pointer: boolean;
  /** Left out of JSON when false, 0, '', empty list or map. */
  omitEmpty: boolean;
  doc: string;
  enum?: readonly string[];
  /** The default that the schema itself declares. */
  default?: unknown;
  /** Protobuf field number; `via` are the numbers of the messages around a field that JSON shows inline. */
  proto?: number;
  via?: readonly (number | null)[];
  listType?: 'atomic' | 'set' | 'map';
  listKeys?: readonly string[];
  mapType?: 'atomic' | 'granular';
  patchStrategy?: string;
  patchMergeKey?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
}

export interface TypeSchema {
  /** As `io.k8s.api.core.v1.Pod`. */
  name: string;
  doc: string;
  fields: readonly FieldSchema[];
  byName: ReadonlyMap<string, FieldSchema>;
  /** structType atomic: server-side apply takes the whole object as one value. */
  atomic?: boolean;
  /** Discriminated unions and other `x-kubernetes-*` extensions of the type. */
  extensions?: Readonly<Record<string, unknown>>;
}
