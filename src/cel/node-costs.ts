/** What parts of a tree cost that are no calls, by estimate and when they run. */

/** A name, and each selection below one. */
export const NAME = 1;
/** What is written out. */
export const WRITTEN = { list: 10, map: 30, struct: 40 } as const;
