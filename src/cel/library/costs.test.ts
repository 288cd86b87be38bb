/** No function is forgotten where costs are: what can take long costs by its size, beforehand and when it runs. */
import { expect, test } from 'vitest';
import { estimatedFunctions } from '../estimate/calls.ts';
import type { CelType } from '../types.ts';
import { conversionLibrary } from './conversions.ts';
import type { Overload } from './declare.ts';
import { LIBRARIES } from './list.ts';
import { standardLibrary } from './standard.ts';

/** Functions that cost one whatever they are given: a look at one place, a number or time that is read, what upstream lets pass for one. */
const CONSTANT: ReadonlySet<string> = new Set([
  '_[_]', '_[?_]', 'size', 'first', 'last', 'charAt', 'dyn', 'type',
  'bool', 'int', 'uint', 'double', 'timestamp', 'duration',
  'getFullYear', 'getMonth', 'getDate', 'getDayOfMonth', 'getDayOfWeek', 'getDayOfYear', 'getHours', 'getMinutes', 'getSeconds', 'getMilliseconds',
  'optional.of', 'optional.ofNonZeroValue', 'optional.unwrap', 'unwrapOpt', 'hasValue', 'value', 'or', 'orValue',
  'path', 'group', 'resource', 'subresource', 'namespace', 'name', 'serviceAccount',
  'isURL', 'format.named', 'math.@max', 'math.@min',
]);
/** Forms of functions that cost by their size, which do not. */
const CONSTANT_FORMS: ReadonlySet<string> = new Set(['@in(parameter, map)', '_+_(list, list)', 'string(string)', 'bytes(bytes)']);

const isSized = (type: CelType): boolean => ['string', 'bytes', 'list', 'map', 'dyn', 'parameter'].includes(type.kind) || (type.kind === 'opaque' && type.parameters.length > 0);
const formOf = ({ name, params }: Overload): string => `${name}(${params.map(({ kind }) => kind).join(', ')})`;
const overloads = (): Overload[] => [...standardLibrary(), ...conversionLibrary(), ...Object.entries(LIBRARIES).filter(([name]) => name !== 'specification').flatMap(([, make]) => make())];
const unique = (names: readonly string[]): string[] => [...new Set(names)];

test('what costs by its size when it runs does so beforehand, and the other way round', () => {
  const running = unique(overloads().filter(({ cost }) => cost !== undefined).map(({ name }) => name));
  expect(running.filter((name) => !estimatedFunctions.has(name))).toEqual([]);
  expect([...estimatedFunctions].filter((name) => !running.includes(name))).toEqual([]);
});

test('what is given a text or a collection costs by its size, or is known to cost one', () => {
  const free = overloads().filter(({ cost, params }) => cost === undefined && params.some(isSized));
  expect(unique(free.filter(({ name }) => !estimatedFunctions.has(name) && !CONSTANT.has(name)).map(({ name }) => name))).toEqual([]);
  expect(unique(free.filter(({ name }) => estimatedFunctions.has(name)).map(formOf)).filter((form) => !CONSTANT_FORMS.has(form))).toEqual([]);
});

test('the names of what costs one are those of functions, none of which has a cost', () => {
  const known = new Map(overloads().map((overload) => [overload.name, overload]));
  expect([...CONSTANT].filter((name) => known.get(name)?.cost !== undefined || !known.has(name))).toEqual([]);
  expect([...CONSTANT_FORMS].filter((form) => !overloads().some((overload) => overload.cost === undefined && formOf(overload) === form))).toEqual([]);
});
