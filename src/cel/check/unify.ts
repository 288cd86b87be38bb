/** Which types fit where, and what type parameters stand for. */
import { types, type CelType } from '../types.ts';

/** What parameters stand for, by name; a trial that fails is taken back. */
export class Mapping {
  private readonly known = new Map<string, CelType>();
  private readonly trail: [name: string, before: CelType | undefined][] = [];

  get(name: string): CelType | undefined {
    return this.known.get(name);
  }

  set(name: string, type: CelType): void {
    this.trail.push([name, this.known.get(name)]);
    this.known.set(name, type);
  }

  /** Keeps what `attempt` sets only if it answers true. */
  try(attempt: () => boolean): boolean {
    const mark = this.trail.length;
    if (attempt()) return true;
    while (this.trail.length > mark) {
      const [name, before] = this.trail.pop()!;
      if (before === undefined) this.known.delete(name);
      else this.known.set(name, before);
    }
    return false;
  }
}

const weights = new WeakMap<CelType, number>();

/** How large a type is when it is written out: one that repeats its parts may be small to make and endless to look through. */
export function weightOf(type: CelType): number {
  const parts = parametersOf(type);
  if (parts.length === 0) return 1;
  let weight = weights.get(type);
  if (weight === undefined) {
    weight = parts.reduce((total, part) => total + weightOf(part), 1);
    weights.set(type, weight);
  }
  return weight;
}

const isDynamic = (type: CelType): boolean => type.kind === 'dyn' || type.kind === 'error';

export const parametersOf = (type: CelType): readonly CelType[] => {
  switch (type.kind) {
    case 'list':
      return [type.element];
    case 'map':
      return [type.key, type.value];
    case 'opaque':
      return type.parameters;
    case 'type':
      return type.of ? [type.of] : [];
    default:
      return [];
  }
};

const nameOf = (type: CelType): string => (type.kind === 'opaque' || type.kind === 'object' || type.kind === 'parameter' ? type.name : type.kind === 'wrapper' ? `wrapper ${type.of.kind}` : type.kind);

/** The very same type. */
export function isSame(a: CelType, b: CelType): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || nameOf(a) !== nameOf(b)) return false;
  const left = parametersOf(a);
  const right = parametersOf(b);
  return left.length === right.length && left.every((type, i) => isSame(type, right[i]!));
}

function isLessSpecific(a: CelType, b: CelType): boolean {
  if (a.kind === 'dyn' || a.kind === 'parameter') return true;
  if (b.kind === 'dyn' || b.kind === 'parameter') return false;
  if (b.kind === 'null' && isNullable(a)) return true;
  if (a.kind !== b.kind) return false;
  if (a.kind === 'type') return true;
  const left = parametersOf(a);
  const right = parametersOf(b);
  return nameOf(a) === nameOf(b) && left.length === right.length && left.every((type, i) => isLessSpecific(type, right[i]!));
}

export const mostGeneral = (a: CelType, b: CelType): CelType => (isLessSpecific(a, b) ? a : b);

function isFree(mapping: Mapping, name: string, within: CelType): boolean {
  if (within.kind === 'parameter') {
    if (within.name === name) return false;
    const stands = mapping.get(within.name);
    return stands === undefined || isFree(mapping, name, stands);
  }
  return parametersOf(within).every((type) => isFree(mapping, name, type));
}

/** Lets parameter `to` stand for `from`, if that agrees with what it stands for already. */
function substituteParameter(mapping: Mapping, from: CelType, to: { name: string }): 'agreed' | 'bound' | 'refused' | 'circular' {
  if (from.kind === 'parameter' && from.name === to.name) return 'agreed';
  const known = mapping.get(to.name);
  if (known !== undefined) {
    if (isSame(from, known)) return 'agreed';
    if (!assignable(mapping, from, known)) return 'refused';
    const general = mostGeneral(from, known);
    if (isFree(mapping, to.name, general)) mapping.set(to.name, general);
    return 'agreed';
  }
  if (!isFree(mapping, to.name, from)) return 'circular';
  mapping.set(to.name, from);
  return 'bound';
}

function isNullable(type: CelType): boolean {
  return ['null', 'object', 'opaque', 'timestamp', 'duration', 'wrapper'].includes(type.kind);
}

function assignable(mapping: Mapping, from: CelType, to: CelType): boolean {
  if (to.kind === 'parameter') {
    const found = substituteParameter(mapping, from, to);
    if (found === 'agreed' || found === 'bound') return true;
    if (found === 'refused') return false;
  }
  if (from.kind === 'parameter') {
    const found = substituteParameter(mapping, to, from);
    return found === 'agreed' || found === 'bound';
  }
  if (isDynamic(from) || isDynamic(to)) return true;
  if (from.kind === 'null') return isNullable(to);
  if (to.kind === 'null') return isNullable(from);
  if (from.kind === 'wrapper' || to.kind === 'wrapper') return isSame(from.kind === 'wrapper' ? from.of : from, to.kind === 'wrapper' ? to.of : to);
  if (from.kind !== to.kind) return false;
  if (from.kind === 'type') return true;
  const left = parametersOf(from);
  const right = parametersOf(to);
  return nameOf(from) === nameOf(to) && left.length === right.length && left.every((type, i) => assignable(mapping, type, right[i]!));
}

/** Whether values of the types fit; what parameters come to stand for is kept only if they do. */
export function isAssignable(mapping: Mapping, from: readonly CelType[], to: readonly CelType[]): boolean {
  if (from.length !== to.length) return false;
  return mapping.try(() => from.every((type, i) => assignable(mapping, type, to[i]!)));
}

/** The type with parameters replaced by what they stand for; free ones become dyn where asked. */
export function substitute(mapping: Mapping, type: CelType, freeToDyn: boolean): CelType {
  switch (type.kind) {
    case 'parameter': {
      const stands = mapping.get(type.name);
      if (stands !== undefined) return substitute(mapping, stands, freeToDyn);
      return freeToDyn ? types.dyn : type;
    }
    case 'list': {
      const element = substitute(mapping, type.element, freeToDyn);
      return element === type.element ? type : { ...type, element };
    }
    case 'map': {
      const key = substitute(mapping, type.key, freeToDyn);
      const value = substitute(mapping, type.value, freeToDyn);
      return key === type.key && value === type.value ? type : { ...type, key, value };
    }
    case 'opaque':
      return type.parameters.length === 0 ? type : { ...type, parameters: type.parameters.map((each) => substitute(mapping, each, freeToDyn)) };
    case 'type':
      return type.of === undefined ? type : { ...type, of: substitute(mapping, type.of, freeToDyn) };
    default:
      return type;
  }
}

/** Renames a signature's parameters, so that two calls of one function do not share them. */
export function rename(type: CelType, names: Map<string, CelType>, fresh: () => CelType): CelType {
  const each = (inner: CelType): CelType => rename(inner, names, fresh);
  switch (type.kind) {
    case 'parameter': {
      let known = names.get(type.name);
      if (known === undefined) names.set(type.name, (known = fresh()));
      return known;
    }
    case 'list':
      return { ...type, element: each(type.element) };
    case 'map':
      return { ...type, key: each(type.key), value: each(type.value) };
    case 'opaque':
      return type.parameters.length === 0 ? type : { ...type, parameters: type.parameters.map(each) };
    case 'type':
      return type.of === undefined ? type : { ...type, of: each(type.of) };
    default:
      return type;
  }
}
