/** The sets and encoders extensions. */
import { equals } from '../compare.ts';
import { CelError } from '../types.ts';
import { ListValue, type Value } from '../values.ts';
import { costs, overload, type Measure, type Overload } from './declare.ts';

const has = (list: ListValue, item: Value): boolean => {
  for (let i = 0; i < list.size; i++) if (equals(list.at(i), item)) return true;
  return false;
};

function containsAll(list: ListValue, part: ListValue): boolean {
  for (let i = 0; i < part.size; i++) if (!has(list, part.at(i))) return false;
  return true;
}

function intersects(a: ListValue, b: ListValue): boolean {
  for (let i = 0; i < a.size; i++) if (has(b, a.at(i))) return true;
  return false;
}

export function setLibrary(): Overload[] {
  // Nothing times anything is nothing, also where the other is without limit.
  const pairs = (factor: number) => ({
    cost: (measure: Measure): number => {
      const product = measure.size(0) * measure.size(1) * factor;
      return 1 + (Number.isNaN(product) ? 0 : product);
    },
  });
  return [
    overload('sets.contains', '(list(A), list(A)) -> bool', containsAll, pairs(1)),
    overload('sets.equivalent', '(list(A), list(A)) -> bool', (a: ListValue, b: ListValue) => containsAll(a, b) && containsAll(b, a), pairs(2)),
    overload('sets.intersects', '(list(A), list(A)) -> bool', intersects, pairs(1)),
  ];
}

function decode(text: string): Value {
  const bare = text.replace(/=+$/, '');
  if (!/^[A-Za-z0-9+/]*$/.test(bare) || bare.length % 4 === 1) throw new CelError('illegal base64 data');
  return new Uint8Array(Buffer.from(bare, 'base64'));
}

export function encoderLibrary(): Overload[] {
  return [
    overload('base64.encode', '(bytes) -> string', (bytes: Uint8Array) => Buffer.from(bytes).toString('base64'), { cost: costs.text }),
    overload('base64.decode', '(string) -> bytes', decode, { cost: costs.text }),
  ];
}
