/** Semantic versions. */
import { canonical } from '../numbers.ts';
import { succeeds } from '../attempt.ts';
import { CelError, opaque } from '../types.ts';
import { OpaqueValue, type CelObject, type Value } from '../values.ts';
import { costs, overload, type Overload } from './declare.ts';
import { goQuote } from './quotes.ts';

const SEMVER = opaque('kubernetes.Semver');
const MAX = 2n ** 64n - 1n;

class SemverValue extends OpaqueValue {
  readonly core: readonly [bigint, bigint, bigint];
  readonly before: readonly string[];
  constructor(core: readonly [bigint, bigint, bigint], before: readonly string[]) {
    super(SEMVER);
    this.core = core;
    this.before = before;
  }
  equalTo(other: Value): boolean {
    return other instanceof SemverValue && order(this, other) === 0;
  }
}

/** A part of the core, or a number before it is released. */
function numberIn(text: string, name: string, zeros: string): bigint {
  if (!/^\d*$/.test(text)) throw new CelError(`Invalid character(s) found in ${name} ${goQuote(text)}`);
  if (/^0./.test(text)) throw new CelError(`${zeros} must not contain leading zeroes ${goQuote(text)}`);
  if (text === '') throw new CelError('strconv.ParseUint: parsing "": invalid syntax');
  if (text.length > 20 || BigInt(text) > MAX) throw new CelError(`strconv.ParseUint: parsing ${goQuote(text)}: value out of range`);
  return BigInt(text);
}

function checkPrerelease(text: string): void {
  if (text === '') throw new CelError('Prerelease is empty');
  if (/^\d+$/.test(text)) numberIn(text, '', 'Numeric PreRelease version');
  else if (!/^[0-9A-Za-z-]+$/.test(text)) throw new CelError(`Invalid character(s) found in prerelease ${goQuote(text)}`);
}

function checkBuild(text: string): void {
  if (text === '') throw new CelError('Build meta data is empty');
  if (!/^[0-9A-Za-z-]+$/.test(text)) throw new CelError(`Invalid character(s) found in build meta data ${goQuote(text)}`);
}

/** What stands before and after a sign; undefined after it where it is not there. */
function parted(text: string, sign: string): [before: string, after: string | undefined] {
  const at = text.indexOf(sign);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function parse(text: string): SemverValue {
  if (text === '') throw new CelError('Version string empty');
  const [major, afterMajor] = parted(text, '.');
  const [minor, tail] = parted(afterMajor ?? '', '.');
  if (tail === undefined) throw new CelError('No Major.Minor.Patch elements found');
  const first = numberIn(major, 'major number', 'Major number');
  const second = numberIn(minor, 'minor number', 'Minor number');
  const [beforeBuild, build] = parted(tail, '+');
  const [patch, prerelease] = parted(beforeBuild, '-');
  const third = numberIn(patch, 'patch number', 'Patch number');
  const before = prerelease?.split('.') ?? [];
  before.forEach(checkPrerelease);
  build?.split('.').forEach(checkBuild);
  return new SemverValue([first, second, third], before);
}

/** Lets a `v` in front, missing parts and leading zeros pass. */
function normalize(text: string): string {
  const [major, afterMajor] = parted(text.replace(/^v/, ''), '.');
  const [minor, tail] = parted(afterMajor ?? '', '.');
  const given = [major, ...(afterMajor === undefined ? [] : [minor]), ...(tail === undefined ? [] : [tail])];
  const parts = given.map((part) => (part.length > 1 ? part.replace(/^0+/, '').replace(/^(?!\d)/, '0') : part));
  if (parts.length < 3 && /[+-]/.test(parts.at(-1)!)) throw new CelError('short version cannot contain PreRelease/Build meta data');
  while (parts.length < 3) parts.push('0');
  return parts.join('.');
}

function identifiers(a: string, b: string): number {
  const numeric = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (numeric[0] && numeric[1]) {
    const [x, y] = [BigInt(a), BigInt(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (numeric[0] !== numeric[1]) return numeric[0] ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function order(a: SemverValue, b: SemverValue): number {
  for (let i = 0; i < 3; i++) if (a.core[i] !== b.core[i]) return a.core[i]! < b.core[i]! ? -1 : 1;
  if (a.before.length === 0 || b.before.length === 0) return Math.sign(b.before.length - a.before.length) * (a.before.length === b.before.length ? 0 : 1);
  for (let i = 0; i < Math.min(a.before.length, b.before.length); i++) {
    const found = identifiers(a.before[i]!, b.before[i]!);
    if (found !== 0) return found;
  }
  return Math.sign(a.before.length - b.before.length);
}

const semver = (text: string, lax = false): SemverValue => parse(lax ? normalize(text) : text);

const isSemver = (text: string, lax = false): boolean => succeeds(() => semver(text, lax));

/** A version as a value of CEL, for callers that have one at hand (device attributes). */
export const semverValue = (text: string): CelObject => semver(text);

export function semverLibrary(): Overload[] {
  const part = (name: string, i: 0 | 1 | 2): Overload => overload(name, 'semver.() -> int', ({ core }: SemverValue) => canonical(BigInt.asIntN(64, core[i])));
  return [
    overload('semver', '(string) -> semver', (text: string) => semver(text), { cost: costs.text }),
    overload('semver', '(string, bool) -> semver', semver, { cost: costs.text }),
    overload('isSemver', '(string) -> bool', (text: string) => isSemver(text), { cost: costs.text }),
    overload('isSemver', '(string, bool) -> bool', isSemver, { cost: costs.text }),
    part('major', 0),
    part('minor', 1),
    part('patch', 2),
    overload('isGreaterThan', 'semver.(semver) -> bool', (a: SemverValue, b: SemverValue) => order(a, b) > 0),
    overload('isLessThan', 'semver.(semver) -> bool', (a: SemverValue, b: SemverValue) => order(a, b) < 0),
    overload('compareTo', 'semver.(semver) -> int', order),
  ];
}
