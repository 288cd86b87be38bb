/** Sizes and costs as ranges, counted as upstream counts: whole numbers of 64 bits without sign that stop at their largest. */
import { step, type Path } from './paths.ts';
import type { CelType } from '../types.ts';

/** The largest number: what is not known, and what is more than anything. */
export const MOST = 2 ** 64;

/** From the least to the most. */
export interface Range { min: number; max: number }

/** How large what is in a list or a map can be. */
export interface Entries { container: 'list' | 'map'; key: Range; value: Range }

/** What is known of a part of an expression. */
export interface Part {
  cost: Range;
  type: CelType;
  /** What the part itself tells: of a literal, or of a call's result. It goes before what the schema says. */
  size?: Range | undefined;
  /** What the value has that a name stands for; it comes after what the schema says. */
  bound?: Range | undefined;
  entries?: Entries | undefined;
  /** Where the value stands below the root, where it does. */
  path?: Path | undefined;
  /** Of a number or text that is written out. */
  literal?: unknown;
  /** The name of a part that is a name and nothing else. */
  isName?: boolean;
}

const capped = (value: number): number => (value >= MOST ? MOST : value);

export const fixed = (value: number): Range => ({ min: value, max: value });
export const unknown = (): Range => ({ min: 0, max: MOST });
export const plus = (a: Range, b: Range): Range => ({ min: capped(a.min + b.min), max: capped(a.max + b.max) });
export const times = (a: Range, b: Range): Range => ({ min: capped(a.min * b.min), max: capped(a.max * b.max) });
export const unite = (a: Range, b: Range): Range => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) });
const byFactor = (value: number, factor: number): number => capped(Math.ceil(value * factor));
/** Rounded up. */
export const scale = (range: Range, factor: number): Range => ({ min: byFactor(range.min, factor), max: byFactor(range.max, factor) });

export const total = (ranges: readonly Range[]): Range => ranges.reduce(plus, fixed(0));

/** Types whose values are all of one size. */
function isScalar(type: CelType): boolean {
  switch (type.kind) {
    case 'bool':
    case 'double':
    case 'duration':
    case 'int':
    case 'timestamp':
    case 'uint':
      return true;
    case 'opaque':
      return type.name === 'optional_type' && type.parameters[0] !== undefined && isScalar(type.parameters[0]);
    default:
      return false;
  }
}

/** What a schema says of the size of what is at a path. */
export const sizeAt = (path: Path | undefined): Range | undefined => (path?.type === undefined ? undefined : { min: 0, max: path.type.maxSize ?? 0 });

/** The size of a part, as far as anything tells. */
export const knownSize = (part: Part): Range | undefined => part.size ?? sizeAt(part.path) ?? (isScalar(part.type) ? fixed(1) : part.bound);

export const sizeOf = (part: Part): Range => knownSize(part) ?? unknown();

/** The type of a list's items and their size, undefined for what is no list. */
export function itemsOf(list: Part): { type: CelType; size: Range } | undefined {
  const type = list.type.kind === 'list' ? list.type.element : list.type.kind === 'opaque' ? list.type.parameters[0] : list.type.kind === 'map' ? list.type.key : undefined;
  if (type === undefined) return undefined;
  return { type, size: (list.path === undefined ? undefined : sizeAt(step(list.path, '@items'))) ?? unknown() };
}
