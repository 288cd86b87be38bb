/** The math extension. `math.greatest` and `math.least` come here through a macro, as `math.@max` and `math.@min`. */
import { compare } from '../compare.ts';
import { canonical, INT_MIN, UINT_MAX, type Whole } from '../numbers.ts';
import { CelError } from '../types.ts';
import { Double, ListValue, noSuchOverload, Uint, type Value } from '../values.ts';
import { overload, type Overload } from './declare.ts';

const NUMBERS = ['int', 'uint', 'double'] as const;

function extreme(sign: 1 | -1) {
  const pick = (values: Iterable<Value>): Value => {
    let best: Value | undefined;
    for (const value of values) {
      if (typeof value !== 'number' && typeof value !== 'bigint' && !(value instanceof Uint) && !(value instanceof Double)) throw noSuchOverload();
      if (best === undefined || compare(value, best) * sign > 0) best = value;
    }
    if (best === undefined) throw new CelError(`math.@${sign > 0 ? 'max' : 'min'}(list) argument must not be empty`);
    return best;
  };
  return (...args: Value[]): Value => (args.length === 1 && args[0] instanceof ListValue ? pick(args[0]) : pick(args));
}

function extremes(): Overload[] {
  return (['max', 'min'] as const).flatMap((name) => {
    const invoke = extreme(name === 'max' ? 1 : -1);
    return [
      ...NUMBERS.map((type) => overload(`math.@${name}`, `(${type}) -> ${type}`, invoke)),
      ...NUMBERS.flatMap((a) => NUMBERS.map((b) => overload(`math.@${name}`, `(${a}, ${b}) -> ${a === b ? a : 'dyn'}`, invoke))),
      ...[...NUMBERS, 'dyn'].map((type) => overload(`math.@${name}`, `(list(${type})) -> ${type}`, invoke)),
    ];
  });
}

/** Half away from zero. */
const round = (value: number): number => (value < 0 ? -Math.round(-value) : Math.round(value));

function roundings(): Overload[] {
  const made: [string, (value: number) => number][] = [['ceil', Math.ceil], ['floor', Math.floor], ['round', round], ['trunc', Math.trunc]];
  const tests: [string, (value: number) => boolean][] = [['isNaN', Number.isNaN], ['isInf', (value) => Math.abs(value) === Infinity], ['isFinite', Number.isFinite]];
  return [
    ...made.map(([name, apply]) => overload(`math.${name}`, '(double) -> double', (value: Double) => new Double(apply(value.value)))),
    ...tests.map(([name, test]) => overload(`math.${name}`, '(double) -> bool', (value: Double) => test(value.value))),
    ...NUMBERS.map((type) => overload('math.sqrt', `(${type}) -> double`, (value: Value) => new Double(Math.sqrt(Number(value instanceof Uint || value instanceof Double ? value.value : value))))),
  ];
}

function absolute(value: Whole): Whole {
  if (value === INT_MIN) throw new CelError('integer overflow');
  return value < 0 ? -value : value;
}

function signs(): Overload[] {
  return [
    overload('math.abs', '(int) -> int', absolute),
    overload('math.abs', '(uint) -> uint', (value: Uint) => value),
    overload('math.abs', '(double) -> double', (value: Double) => new Double(Math.abs(value.value))),
    overload('math.sign', '(int) -> int', (value: Whole) => (value > 0 ? 1 : value < 0 ? -1 : 0)),
    overload('math.sign', '(uint) -> uint', (value: Uint) => new Uint(value.value > 0 ? 1 : 0)),
    overload('math.sign', '(double) -> double', (value: Double) => new Double(Math.sign(value.value))),
  ];
}

function shift(value: Whole, by: number, signed: boolean, left: boolean): Whole {
  if (by < 0) throw new CelError(`math.${left ? 'bitShiftLeft' : 'bitShiftRight'}() negative offset: ${by}`);
  if (by > 63) return 0;
  const bits = BigInt.asUintN(64, BigInt(value));
  const moved = left ? BigInt.asUintN(64, bits << BigInt(by)) : bits >> BigInt(by);
  return canonical(signed ? BigInt.asIntN(64, moved) : moved);
}

function bits(): Overload[] {
  const operations: [string, (a: bigint, b: bigint) => bigint][] = [['bitAnd', (a, b) => a & b], ['bitOr', (a, b) => a | b], ['bitXor', (a, b) => a ^ b]];
  return [
    ...operations.flatMap(([name, apply]) => [
      overload(`math.${name}`, '(int, int) -> int', (a: Whole, b: Whole) => canonical(apply(BigInt(a), BigInt(b)))),
      overload(`math.${name}`, '(uint, uint) -> uint', (a: Uint, b: Uint) => new Uint(canonical(apply(BigInt(a.value), BigInt(b.value))))),
    ]),
    overload('math.bitNot', '(int) -> int', (value: Whole) => canonical(~BigInt(value))),
    overload('math.bitNot', '(uint) -> uint', (value: Uint) => new Uint(canonical(UINT_MAX - BigInt(value.value)))),
    ...([['bitShiftLeft', true], ['bitShiftRight', false]] as const).flatMap(([name, left]) => [
      overload(`math.${name}`, '(int, int) -> int', (value: Whole, by: Whole) => shift(value, Number(by), true, left)),
      overload(`math.${name}`, '(uint, int) -> uint', (value: Uint, by: Whole) => new Uint(shift(value.value, Number(by), false, left))),
    ]),
  ];
}

export function mathLibrary(): Overload[] {
  return [...extremes(), ...roundings(), ...signs(), ...bits()];
}

