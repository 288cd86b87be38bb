/** Rules of lease candidates (KEP-4355). */
import type { FieldError } from '../../meta/field.ts';
import { FieldPath, invalidValue, required } from '../../meta/field.ts';
import { immutable } from '../../meta/validation.ts';
import { validateStrategy } from '../v1/validation.ts';
import type { LeaseCandidate } from './types.ts';

const SPEC = new FieldPath('spec');
const OLDEST = 'OldestEmulationVersion';

/** Numbers of a semantic version (https://semver.org), and what comes before a release; undefined where the text is none. */
interface SemanticVersion {
  numbers: readonly bigint[];
  before: readonly string[];
}

const NUMBER = /^(0|[1-9]\d*)$/;
const WORD = /^[0-9A-Za-z-]+$/;

function parseVersion(text: string): SemanticVersion | undefined {
  const [release = '', ...builds] = text.split('+');
  if (builds.length > 1 || (builds.length === 1 && !builds[0]!.split('.').every((part) => WORD.test(part)))) return undefined;
  const dash = release.indexOf('-');
  const numbers = (dash < 0 ? release : release.slice(0, dash)).split('.');
  const before = dash < 0 ? [] : release.slice(dash + 1).split('.');
  if (numbers.length !== 3 || !numbers.every((part) => NUMBER.test(part))) return undefined;
  return before.every((part) => WORD.test(part) && (!/^\d+$/.test(part) || NUMBER.test(part))) ? { numbers: numbers.map(BigInt), before } : undefined;
}

function comparePart(a: string, b: string): number {
  const [x, y] = [NUMBER.test(a), NUMBER.test(b)];
  if (x && y) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0;
  if (x !== y) return x ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Negative where `a` comes before `b`. */
function compareVersions(a: SemanticVersion, b: SemanticVersion): number {
  for (let i = 0; i < 3; i++) if (a.numbers[i] !== b.numbers[i]) return a.numbers[i]! < b.numbers[i]! ? -1 : 1;
  if (a.before.length === 0 || b.before.length === 0) return b.before.length - a.before.length === 0 ? 0 : a.before.length === 0 ? 1 : -1;
  for (let i = 0; i < Math.min(a.before.length, b.before.length); i++) {
    const order = comparePart(a.before[i]!, b.before[i]!);
    if (order !== 0) return order;
  }
  return a.before.length - b.before.length;
}

export function validateCandidate(candidate: LeaseCandidate): FieldError[] {
  const { leaseName, binaryVersion, emulationVersion, strategy } = candidate.spec ?? {};
  const errors: FieldError[] = leaseName ? [] : [required(SPEC.child('leaseName'))];
  const text = 'must be a valid semantic version';
  const emulated = emulationVersion ? parseVersion(emulationVersion) : undefined;
  if (emulationVersion && emulated === undefined) errors.push(invalidValue(SPEC.child('emulationVersion'), emulationVersion, text));
  const at = SPEC.child('binaryVersion');
  const binary = binaryVersion ? parseVersion(binaryVersion) : undefined;
  if (!binaryVersion) errors.push(required(at));
  else if (binary === undefined) errors.push(invalidValue(at, binaryVersion, text));
  if (binary && emulated && compareVersions(binary, emulated) < 0) errors.push(invalidValue(at, binaryVersion, 'must be greater than or equal to `emulationVersion`'));
  if (!strategy) return [...errors, required(SPEC.child('strategy'))];
  if (strategy === OLDEST && emulated === undefined) errors.push(required(SPEC.child('emulationVersion'), `must be specified when \`strategy\` is '${OLDEST}'`));
  return [...errors, ...validateStrategy(SPEC.child('strategy'), strategy)];
}

export function validateCandidateUpdate(candidate: LeaseCandidate, old: LeaseCandidate): FieldError[] {
  return immutable(SPEC.child('leaseName'), candidate.spec?.leaseName, old.spec?.leaseName);
}
