/** What calls cost by estimate, by their functions. The figures are upstream's: they decide which rules a definition may have. */
import type { Overload } from '../library/declare.ts';
import { fixed, itemsOf, knownSize, MOST, plus, scale, sizeOf, times, unite, unknown, type Part, type Range } from './sizes.ts';

/** A call as its estimate sees it. */
export interface Site {
  target?: Part | undefined;
  /** Without the target. */
  args: readonly Part[];
  overload: Overload;
}

/** The cost beside that of the arguments; the size of what the call makes where it is known. */
export interface CallEstimate { cost: Range; size?: Range | undefined }

type Estimate = (site: Site) => CallEstimate | undefined;

const TEXT = 0.1;
const PATTERN = 0.25;
/** A call and the list it makes. */
const LIST = fixed(11);

const nominal: Estimate = () => ({ cost: fixed(1) });
const first = ({ target, args }: Site): Range => sizeOf(target ?? args[0]!);
const read = (factor: number): Estimate => (site) => ({ cost: scale(first(site), factor) });
const readArgument: Estimate = ({ args }) => ({ cost: scale(sizeOf(args[0]!), TEXT) });

/** Text that stays as long as it is. */
const kept: Estimate = (site) => ({ cost: scale(first(site), TEXT), size: first(site) });

const matched = (text: Range, pattern: Range): Range => times(scale(plus(text, fixed(1)), TEXT), scale(pattern, PATTERN));

const matches: Estimate = ({ target, args }) => ({ cost: target === undefined ? matched(sizeOf(args[0]!), sizeOf(args[1]!)) : matched(sizeOf(target), sizeOf(args[0]!)) });

const find: Estimate = ({ target, args }) => ({ cost: matched(sizeOf(target!), sizeOf(args[0]!)), size: { min: 0, max: sizeOf(target!).max } });

const contains: Estimate = ({ target, args }) => ({ cost: times(scale(sizeOf(target!), TEXT), scale(sizeOf(args[0]!), TEXT)) });

/** Going through a list, or looking through a text. */
const walk: Estimate = ({ target }) => {
  const items = itemsOf(target!);
  if (items === undefined) return { cost: scale(sizeOf(target!), TEXT) };
  const isText = items.type.kind === 'string' || items.type.kind === 'bytes';
  return { cost: times(sizeOf(target!), isText ? plus(fixed(1), scale(items.size, TEXT)) : fixed(1)) };
};

/** How often a text can be replaced at most (or least), and what is left of the original. */
function replaced(size: number, never: boolean, atAll: boolean, by: number): [count: number, kept: number] {
  if (never) return [size < MOST ? size + 1 : size, size];
  return atAll ? [0, size] : [Math.ceil(size / by), 0];
}

const replace: Estimate = ({ target, args }) => {
  const [size, from, by] = [sizeOf(target!), sizeOf(args[0]!), sizeOf(args[1]!)];
  const [most, mostKept] = replaced(size.max, from.min === 0, by.max <= from.min, from.min);
  const [least, leastKept] = replaced(size.min, from.max === 0, from.max <= by.min, from.max);
  return { cost: scale(size, 2 * TEXT), size: plus(times({ min: least, max: most }, by), { min: leastKept, max: mostKept }) };
};

const split: Estimate = ({ target, args }) => {
  const size = sizeOf(target!);
  const limit = args[1]?.literal;
  // A limit below zero counts as the largest number.
  const max = typeof limit === 'number' || typeof limit === 'bigint' ? (limit < 0 ? MOST : Number(limit)) : size.max;
  return { cost: scale(size, 2 * TEXT), size: { min: 0, max } };
};

const join: Estimate = ({ target, args }) => {
  const list = sizeOf(target!);
  const items = itemsOf(target!);
  let size = items === undefined ? fixed(0) : times(list, items.size);
  if (args[0] !== undefined) size = plus(size, times(sizeOf(args[0]), { min: Math.max(0, list.min - 1), max: Math.max(0, list.max === MOST ? MOST : list.max - 1) }));
  return { cost: scale(size, TEXT), size };
};

/** Addresses have 4 or 16 bytes. */
const ADDRESS: Range = { min: 4, max: 16 };
const within = (more: Range): Estimate => ({ args, overload }) => {
  const cost = plus(scale(plus(ADDRESS, ADDRESS), TEXT), more);
  return { cost: overload.params[1]!.kind === 'string' ? plus(cost, scale(sizeOf(args[0]!), TEXT)) : cost };
};

/** Longest pattern behind a format. */
const FORMAT_PATTERN = 128;
const validate: Estimate = ({ args }) => ({ cost: scale(scale(sizeOf(args[0]!), TEXT), FORMAT_PATTERN * PATTERN) });

/** Each requirement of a selector takes two characters at least, and costs a list and a struct. */
const selector: Estimate = ({ args }) => {
  const size = sizeOf(args[0]!);
  return { cost: plus(plus(fixed(10), scale(size, TEXT)), scale(scale(size, 0.5), 50)) };
};

const smaller = (a: Part, b: Part): CallEstimate => {
  const max = Math.min(sizeOf(a).max, sizeOf(b).max);
  return { cost: scale({ min: max > 0 ? 1 : 0, max }, TEXT) };
};

/** Texts and bytes take a look at each character; numbers do not. */
const order: Estimate = ({ args, overload }) => (['string', 'bytes'].includes(overload.params[0]!.kind) && overload.params[0]!.kind === overload.params[1]!.kind ? smaller(args[0]!, args[1]!) : nominal({ args, overload }));

/** Types of Kubernetes that are equal or not at one look. */
const ONE_LOOK: ReadonlySet<string> = new Set([
  'net.IP', 'net.CIDR', 'kubernetes.Quantity', 'kubernetes.Semver', ...['Authorizer', 'PathCheck', 'GroupCheck', 'ResourceCheck', 'Decision'].map((name) => `kubernetes.authorization.${name}`),
]);
const FORMAT_SIZE = 64;

const equal: Estimate = ({ args }) => {
  const [left, right] = args as [Part, Part];
  if (left.type.kind === 'opaque' && right.type.kind === 'opaque' && left.type.name === right.type.name) {
    if (ONE_LOOK.has(left.type.name)) return { cost: fixed(1) };
    if (left.type.name === 'kubernetes.NamedFormat') return { cost: scale({ min: 1, max: FORMAT_SIZE }, TEXT) };
    if (left.type.name === 'kubernetes.URL') return { cost: scale({ min: 1, max: knownSize(right)?.max ?? 1 }, TEXT) };
  }
  return smaller(left, right);
};

const add: Estimate = ({ args, overload }) => {
  const { kind } = overload.params[0]!;
  if (kind !== 'string' && kind !== 'bytes' && kind !== 'list') return undefined;
  const size = plus(sizeOf(args[0]!), sizeOf(args[1]!));
  return { cost: kind === 'list' ? fixed(1) : scale(size, TEXT), size };
};

/** What wraps around: a length that is no number of 64 bits any more. */
const wrapped = (value: number): number => (value < 0 ? MOST : value === MOST ? MOST : value % MOST);

const converted: Estimate = ({ args, overload }) => {
  const size = sizeOf(args[0]!);
  if (overload.params[0]!.kind === 'bytes' && overload.result.kind === 'string') return { cost: scale(size, TEXT), size: { min: Math.floor(size.min / 4), max: size.max } };
  if (overload.params[0]!.kind === 'string' && overload.result.kind === 'bytes') return { cost: scale(size, TEXT), size: { min: size.min, max: size.max === MOST ? MOST : wrapped(size.max * 4) } };
  return undefined;
};

const quote: Estimate = ({ args }) => {
  const size = sizeOf(args[0]!);
  return { cost: scale(size, TEXT), size: { min: size.min + 2, max: (size.max * 2 + 2) % MOST } };
};

/** A number that is written out, or another. */
function numberOf(part: Part | undefined, otherwise: number): number {
  const value = part?.literal;
  return (typeof value === 'number' || typeof value === 'bigint') && part!.type.kind === 'int' ? Math.max(0, Number(value)) : otherwise;
}

const listMade = (size: Range, factor = 1): CallEstimate => ({ cost: plus(scale(size, factor), LIST), size });
/** Each item with each other. */
const pairs = (size: Range, kind: string): CallEstimate => listMade(times(size, size), kind === 'string' || kind === 'bytes' ? 2 + TEXT : 2);
const itemKind = (overload: Overload, i: number): string => {
  const list = overload.params[i]!;
  return list.kind === 'list' ? list.element.kind : '';
};

const slice: Estimate = ({ target, args }) => listMade(fixed(wrapped(numberOf(args[1], sizeOf(target!).max) - numberOf(args[0], 0))));
const range: Estimate = ({ args }) => listMade(fixed(numberOf(args[0], MOST)));
const flatten: Estimate = ({ target, args }) => listMade(sizeOf(target!), args.length === 0 ? 1 : numberOf(args[0], MOST));
const distinct: Estimate = ({ target }) => pairs(sizeOf(target!), target!.type.kind === 'list' ? target!.type.element.kind : '');
const sets = (factor: number): Estimate => ({ args }) => ({ cost: plus(scale(times(sizeOf(args[0]!), sizeOf(args[1]!)), factor), fixed(1)) });

const CALLS: Readonly<Record<string, Estimate>> = {
  check: () => ({ cost: fixed(350_000) }),
  fieldSelector: selector, labelSelector: selector,
  isSorted: walk, sum: walk, max: walk, min: walk, indexOf: walk, lastIndexOf: walk,
  url: kept, 'jsonpatch.escapeKey': kept, lowerAscii: kept, upperAscii: kept, substring: kept, trim: kept,
  replace, split, join, find, findAll: find, matches, contains, startsWith: readArgument, endsWith: readArgument,
  cidr: read(TEXT), isIP: read(TEXT), isCIDR: read(TEXT), 'ip.isCanonical': read(2 * TEXT), quantity: read(TEXT), isQuantity: read(TEXT), semver: read(TEXT), isSemver: read(TEXT),
  ip: ({ target, args }) => (target === undefined ? { cost: scale(sizeOf(args[0]!), TEXT) } : { cost: fixed(1) }),
  containsIP: within(fixed(0)), containsCIDR: within(plus(scale(ADDRESS, TEXT), fixed(1))),
  validate, format: read(TEXT), 'strings.quote': quote, string: converted, bytes: converted,
  '_+_': add, '_==_': equal, '_!=_': ({ args }) => smaller(args[0]!, args[1]!), '_<_': order, '_<=_': order, '_>_': order, '_>=_': order,
  '@in': ({ args, overload }) => (overload.params[1]!.kind === 'list' ? { cost: sizeOf(args[1]!) } : undefined),
  slice, 'lists.range': range, reverse: ({ target }) => listMade(sizeOf(target!)), flatten, distinct,
  sort: ({ target, overload }) => pairs(sizeOf(target!), itemKind(overload, 0)),
  '@sortByAssociatedKeys': ({ args, overload }) => pairs(sizeOf(args[0]!), itemKind(overload, 1)),
  'sets.contains': sets(1), 'sets.intersects': sets(1), 'sets.equivalent': sets(2),
  'base64.encode': read(TEXT), 'base64.decode': read(TEXT),
};

/** Functions that have an estimate of their own; all others cost one. A test holds them against the libraries. */
export const estimatedFunctions: ReadonlySet<string> = new Set(Object.keys(CALLS));

/** One call by one of its overloads. */
const estimateCall = (name: string, site: Site): CallEstimate => (Object.hasOwn(CALLS, name) ? CALLS[name]!(site) : undefined) ?? { cost: fixed(1) };

/** Several overloads may be meant: all of them count. */
export function estimateOverloads(name: string, target: Part | undefined, args: readonly Part[], overloads: readonly Overload[]): CallEstimate {
  let cost: Range | undefined;
  let size: Range | undefined;
  for (const overload of overloads) {
    const found = estimateCall(name, { target, args, overload });
    cost = cost === undefined ? found.cost : unite(cost, found.cost);
    if (found.size !== undefined) size = size === undefined ? found.size : unite(size, found.size);
  }
  return { cost: cost ?? unknown(), size };
}
