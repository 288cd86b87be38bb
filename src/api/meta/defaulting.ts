/** What the rules for missing values share. The rules of a group stand in its `defaults.ts`; `../defaults.ts` runs them. */

export interface DefaultingContext {
  /** Milliseconds since 1970; without it, values that are moments stay unset. */
  nowMs?: number;
}

/**
 * Rules by schema name. A rule gets an object of that type, wherever it stands, and fills it in place; those of an outer object run before
 * those of what is inside. The parameter's type is the schema's interface.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- each rule knows its own type; the table cannot.
export type Defaulters = Readonly<Record<string, (object: any, context: DefaultingContext) => void>>;

/** Absent, or the empty string: both mean that a client has said nothing. */
export function unset(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
