/** Kubernetes' own functions on lists, regular expressions and JSON pointers. */
import { add, compare, equals } from '../compare.ts';
import type { RE2JS } from 're2js';
import type { Whole } from '../numbers.ts';
import { CelError } from '../types.ts';
import { ArrayList, Double, Duration, ListValue, Uint, type Value } from '../values.ts';
import { costs, overload, type Overload, type OverloadOptions } from './declare.ts';
import { pattern } from './patterns.ts';

function extreme(name: 'min' | 'max', list: ListValue): Value {
  if (list.size === 0) throw new CelError(`${name} called on empty list`);
  let best = list.at(0);
  for (const value of list) if (name === 'min' ? compare(value, best) < 0 : compare(value, best) > 0) best = value;
  return best;
}

function isSorted(list: ListValue): boolean {
  for (let i = 1; i < list.size; i++) if (compare(list.at(i - 1), list.at(i)) > 0) return false;
  return true;
}

const position = (list: ListValue, wanted: Value, from: number, step: 1 | -1): number => {
  for (let i = from; i >= 0 && i < list.size; i += step) if (equals(list.at(i), wanted)) return i;
  return -1;
};

export function kubernetesListLibrary(): Overload[] {
  const walk: OverloadOptions = { cost: (measure) => measure.walk(0) };
  const zeros: Record<string, () => Value> = { int: () => 0, uint: () => new Uint(0), double: () => new Double(0), duration: () => new Duration(0n) };
  const comparable = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'];
  return [
    ...comparable.flatMap((type) => [
      overload('isSorted', `list(${type}).() -> bool`, isSorted, walk),
      overload('min', `list(${type}).() -> ${type}`, (list: ListValue) => extreme('min', list), walk),
      overload('max', `list(${type}).() -> ${type}`, (list: ListValue) => extreme('max', list), walk),
    ]),
    ...Object.entries(zeros).map(([type, zero]) => overload('sum', `list(${type}).() -> ${type}`, (list: ListValue) => [...list].reduce<Value>(add, zero()), walk)),
    overload('indexOf', 'list(A).(A) -> int', (list: ListValue, wanted: Value) => position(list, wanted, 0, 1), walk),
    overload('lastIndexOf', 'list(A).(A) -> int', (list: ListValue, wanted: Value) => position(list, wanted, list.size - 1, -1), walk),
  ];
}

function searched(source: string): RE2JS {
  try {
    return pattern(source);
  } catch (error) {
    throw error instanceof CelError ? new CelError(`Illegal regex: ${error.message}`) : error;
  }
}

function find(text: string, source: string): string {
  const matcher = searched(source).matcher(text);
  return matcher.find() ? matcher.group()! : '';
}

function findAll(text: string, source: string, most: Whole = -1): Value {
  const limit = Number(most);
  const matcher = searched(source).matcher(text);
  const found: Value[] = [];
  let end = -1;
  while ((limit < 0 || found.length < limit) && matcher.find()) {
    // Nothing is not found right after something.
    if (matcher.start() === matcher.end() && matcher.end() === end) continue;
    end = matcher.end();
    found.push(matcher.group()!);
  }
  return new ArrayList(found);
}

export function regexLibrary(): Overload[] {
  const options = { cost: costs.pattern };
  return [
    overload('find', 'string.(string) -> string', find, options),
    overload('findAll', 'string.(string) -> list(string)', findAll, options),
    overload('findAll', 'string.(string, int) -> list(string)', findAll, options),
  ];
}

export function patchLibrary(): Overload[] {
  return [overload('jsonpatch.escapeKey', '(string) -> string', (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1'), { cost: costs.text })];
}
