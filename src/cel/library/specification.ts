/** Where the specification and Kubernetes differ, as the specification has it; these go before what other libraries have of the same name and form. */
import type { Whole } from '../numbers.ts';
import { CelError } from '../types.ts';
import type { Duration, Value } from '../values.ts';
import { overload, type Overload } from './declare.ts';
import { formatter, standardStyle } from './string-format.ts';
import { formatted, indexOf, lastIndexOf } from './strings.ts';

/** A position beyond the end is a fault. */
const within = (search: (text: string, part: string, from: Whole) => Value) => (text: string, part: string, from: Whole): Value => {
  if (from > text.length) throw new CelError(`index out of range: ${from}`);
  return search(text, part, from);
};

export function specificationLibrary(): Overload[] {
  return [
    overload('indexOf', 'string.(string, int) -> int', within(indexOf)),
    overload('lastIndexOf', 'string.(string, int) -> int', within(lastIndexOf)),
    overload('format', 'string.(list) -> string', formatter(standardStyle), { cost: formatted }),
    overload('getMilliseconds', 'duration.() -> int', (duration: Duration) => Number((duration.nanos % 1_000_000_000n) / 1_000_000n)),
  ];
}
