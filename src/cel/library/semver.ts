/** Semantic versions. */
import { canonical } from '../numbers.ts';
import { CelError, opaque, type CelType } from '../types.ts';
import { CelObject, type Value } from '../values.ts';
import { costs, overload, type Overload } from './declare.ts';

const SEMVER = opaque('kubernetes.Semver');
const FORM = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;
const MAX = 2n ** 64n - 1n;

class SemverValue extends CelObject {
  readonly core: readonly [bigint, bigint, bigint];
  readonly before: readonly string[];
  constructor(core: readonly [bigint, bigint, bigint], before: readonly string[]) {
    super();
    this.core = core;
    this.before = before;
  }
  override get celType(): CelType {
    return SEMVER;
  }
  equalTo(other: Value): boolean {
    return other instanceof SemverValue && order(this, other) === 0;
  }
}

function parse(text: string): SemverValue | undefined {
  const found = text.length > 1024 ? null : FORM.exec(text);
  if (found === null) return undefined;
  const core = [BigInt(found[1]!), BigInt(found[2]!), BigInt(found[3]!)] as const;
  const before = found[4]?.split('.') ?? [];
  if (core.some((part) => part > MAX) || before.some((part) => /^0\d+$/.test(part))) return undefined;
  return new SemverValue(core, before);
}

/** Lets a `v` in front, missing parts and leading zeros pass. */
function normalize(text: string): string {
  const found = /^v?([\d.]*)(.*)$/.exec(text)!;
  const parts = found[1]!.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (parts.length < 3) parts.push('0');
  return parts.join('.') + found[2]!;
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

function semver(text: string, lax = false): CelObject {
  const found = parse(lax ? normalize(text) : text);
  if (found === undefined) throw new CelError(text === '' ? 'Version string empty' : text.split('.').length < 3 ? 'No Major.Minor.Patch elements found' : `Invalid character(s) found in version ${JSON.stringify(text)}`);
  return found;
}

/** A version as a value of CEL, for callers that have one at hand (device attributes). */
export const semverValue = (text: string): CelObject => semver(text);

export function semverLibrary(): Overload[] {
  const part = (name: string, i: 0 | 1 | 2): Overload => overload(name, 'semver.() -> int', ({ core }: SemverValue) => canonical(BigInt.asIntN(64, core[i])));
  return [
    overload('semver', '(string) -> semver', (text: string) => semver(text), { cost: costs.text }),
    overload('semver', '(string, bool) -> semver', semver, { cost: costs.text }),
    overload('isSemver', '(string) -> bool', (text: string) => parse(text) !== undefined, { cost: costs.text }),
    overload('isSemver', '(string, bool) -> bool', (text: string, lax: boolean) => parse(lax ? normalize(text) : text) !== undefined, { cost: costs.text }),
    part('major', 0),
    part('minor', 1),
    part('patch', 2),
    overload('isGreaterThan', 'semver.(semver) -> bool', (a: SemverValue, b: SemverValue) => order(a, b) > 0),
    overload('isLessThan', 'semver.(semver) -> bool', (a: SemverValue, b: SemverValue) => order(a, b) < 0),
    overload('compareTo', 'semver.(semver) -> int', order),
  ];
}
