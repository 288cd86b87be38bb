/**
 * The scalar types of the API beside string and boolean. All are plain JSON values; the names carry meaning, and the generator reads them
 * as the types of the schema.
 */

/** A whole number of 32 bits. */
export type Int32 = number;
/** A whole number of 64 bits. One that numbers are too coarse for is a bigint, whatever this says: to be compared and passed on, and made a number by who reckons with it. */
export type Int64 = number;
/** A floating-point number. */
export type Double = number;
/** Bytes in base64, standard alphabet, padded. */
export type Bytes = string;
/** An amount such as `100m`, `1.5` or `64Mi`; see `meta/quantity.ts`. */
export type Quantity = string;
/** A number, or a string such as `25%` or a port's name. */
export type IntOrString = number | string;
/** RFC 3339 in UTC with whole seconds: `2026-01-31T12:00:00Z`. Fields that are always written are `Time | null`: null where there is no time; lists, maps and pointers never are. */
export type Time = string;
/** RFC 3339 in UTC with six digits of a second: `2026-01-31T12:00:00.000000Z`. */
export type MicroTime = string;
/** A Go duration such as `1h0m0s`. */
export type Duration = string;
/** An object of any kind, embedded as it is. */
export type RawExtension = Record<string, unknown>;
/** Set of field paths as a tree of `f:name`, `k:{…}`, `v:…` and `.`. */
export type FieldsV1 = Record<string, unknown>;
