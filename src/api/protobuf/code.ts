/** What the writers of encoders and decoders have in common. */
import type { FieldSchema } from '../schema.ts';
import { DELIMITED, FIXED64, VARINT } from './wire.ts';

/** Values that made code refers to by name. */
export class Constants {
  readonly #names: string[] = [];
  readonly #values: unknown[] = [];

  constructor(named: Readonly<Record<string, unknown>> = {}) {
    for (const [name, value] of Object.entries(named)) {
      this.#names.push(name);
      this.#values.push(value);
    }
  }

  /** The name of a value, which it gets when it has none yet. */
  add(value: unknown): string {
    const before = this.#values.indexOf(value);
    if (before >= 0) return this.#names[before]!;
    const name = `c${this.#names.length}`;
    this.#names.push(name);
    this.#values.push(value);
    return name;
  }

  /** What a text of code stands for, with these values in reach. The text must be made of the schema's tables alone. */
  run<Made>(code: string): Made {
    // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- see above.
    return (new Function(...this.#names, `'use strict'; ${code}`) as (...values: unknown[]) => Made)(...this.#values);
  }
}

const WIRE_TYPES: Readonly<Partial<Record<FieldSchema['type'], number>>> = { boolean: VARINT, int32: VARINT, int64: VARINT, double: FIXED64 };

/** How a single value of the field is put on the wire. */
export const wireTypeOf = (field: FieldSchema): number => WIRE_TYPES[field.type] ?? DELIMITED;

/** The numbers of the messages around a field that JSON shows inline. */
export const viaOf = (field: FieldSchema): number[] => (field.via ?? []).filter((step) => step !== null);
