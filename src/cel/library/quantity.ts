/** Quantities: `quantity("1.5Gi").isGreaterThan(quantity("1G"))`. */
import {
  addQuantity, compareQuantity, parseQuantity, QuantityError, quantityOf, scaledValue, subtractQuantity, type ParsedQuantity,
} from '../../api/meta/quantity.ts';
import { canonical, INT_MAX, INT_MIN, type Whole } from '../numbers.ts';
import { succeeds } from '../attempt.ts';
import { CelError, opaque } from '../types.ts';
import { Double, OpaqueValue, type CelObject, type Value } from '../values.ts';
import { costs, overload, type Overload } from './declare.ts';

const QUANTITY = opaque('kubernetes.Quantity');

class QuantityValue extends OpaqueValue {
  readonly amount: ParsedQuantity;
  constructor(amount: ParsedQuantity) {
    super(QUANTITY);
    this.amount = amount;
  }
  equalTo(other: Value): boolean {
    return other instanceof QuantityValue && compareQuantity(this.amount, other.amount) === 0;
  }
}

/** An amount as a value of CEL, for callers that have one at hand (device capacities). */
export const quantityValue = (text: string): CelObject => new QuantityValue(read(text));

function read(text: string): ParsedQuantity {
  try {
    return parseQuantity(text);
  } catch (error) {
    if (error instanceof QuantityError) throw new CelError(error.message);
    throw error;
  }
}

/** Undefined for a fraction or what 64 bits do not hold. */
function integerOf({ amount }: QuantityValue): Whole | undefined {
  const value = scaledValue(amount, 0);
  if (compareQuantity(quantityOf(value), amount) !== 0 || value > INT_MAX || value < INT_MIN) return undefined;
  return canonical(value);
}

function asInteger(quantity: QuantityValue): Value {
  const value = integerOf(quantity);
  if (value === undefined) throw new CelError('cannot convert value to integer');
  return value;
}

const toAmount = (other: QuantityValue | Whole): ParsedQuantity => (other instanceof QuantityValue ? other.amount : quantityOf(other));

export function quantityLibrary(): Overload[] {
  return [
    overload('quantity', '(string) -> quantity', quantityValue, { cost: costs.text }),
    overload('isQuantity', '(string) -> bool', (text: string) => succeeds(() => read(text)), { cost: costs.text }),
    overload('sign', '(quantity) -> int', ({ amount }: QuantityValue) => (amount.unscaled > 0n ? 1 : amount.unscaled < 0n ? -1 : 0)),
    overload('isInteger', 'quantity.() -> bool', (quantity: QuantityValue) => integerOf(quantity) !== undefined),
    overload('asInteger', 'quantity.() -> int', asInteger),
    overload('asApproximateFloat', 'quantity.() -> double', ({ amount }: QuantityValue) => new Double(Number(`${amount.unscaled}e${amount.scale}`))),
    ...['quantity', 'int'].flatMap((type) => [
      overload('add', `quantity.(${type}) -> quantity`, ({ amount }: QuantityValue, other: QuantityValue | Whole) => new QuantityValue(addQuantity(amount, toAmount(other)))),
      overload('sub', `quantity.(${type}) -> quantity`, ({ amount }: QuantityValue, other: QuantityValue | Whole) => new QuantityValue(subtractQuantity(amount, toAmount(other)))),
    ]),
    overload('isGreaterThan', 'quantity.(quantity) -> bool', ({ amount }: QuantityValue, other: QuantityValue) => compareQuantity(amount, other.amount) > 0),
    overload('isLessThan', 'quantity.(quantity) -> bool', ({ amount }: QuantityValue, other: QuantityValue) => compareQuantity(amount, other.amount) < 0),
    overload('compareTo', 'quantity.(quantity) -> int', ({ amount }: QuantityValue, other: QuantityValue) => compareQuantity(amount, other.amount)),
  ];
}
