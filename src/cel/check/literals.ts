/** What is looked at once all types are right: literals that would fail, lists of several types, and formats whose arguments do not fit. */
import type { CallNode, ListNode, MapNode, Node } from '../ast.ts';
import { FormatFault, parseFormat } from '../library/format-clauses.ts';
import { pattern } from '../library/patterns.ts';
import { succeeds } from '../attempt.ts';
import { formatType, typeName } from '../type-names.ts';
import { CelError, types, type CelType } from '../types.ts';
import { isSame } from './unify.ts';

export type Report = (at: number, message: string) => void;

/** A node to look at, and whether it stands in a call of `format`, whose list may hold anything. */
export interface Suspect { node: Node; formatted: boolean }

const CHECKED: ReadonlySet<string> = new Set(['duration', 'timestamp', 'matches', 'format']);

/** Whether a node needs a look: most do not. */
export function isSuspect(node: Node): boolean {
  if (node.kind === 'call') return CHECKED.has(node.name);
  return (node.kind === 'list' && node.elements.length > 1) || (node.kind === 'map' && node.entries.length > 1);
}

export function checkLiterals(suspects: readonly Suspect[], report: Report): void {
  for (const { node, formatted } of suspects) {
    if (node.kind === 'list' && !formatted) checkList(node, report);
    else if (node.kind === 'map' && !formatted) checkMap(node, report);
    else if (node.kind === 'call' && node.name === 'format') checkFormat(node, report);
    else if (node.kind === 'call') checkArgument(node, report);
  }
}

/** Of `matches` the first argument is meant, also where that is the text. */
function checkArgument(node: CallNode, report: Report): void {
  const [argument] = node.args;
  if (argument?.kind !== 'literal') return;
  const act = node.name === 'matches'
    ? (): unknown => (typeof argument.value === 'string' ? pattern(argument.value) : undefined)
    : (): unknown => node.overloads!.map(({ invoke }) => invoke(argument.value as never));
  if (!succeeds(act)) report(argument.at, `invalid ${node.name} argument`);
}

const optionalItem = (type: CelType, optional: boolean): CelType => (optional && type.kind === 'opaque' ? (type.parameters[0] ?? types.dyn) : type);
const mismatch = (report: Report, node: Node, wanted: CelType, found: CelType): void => report(node.at, `expected type '${formatType(wanted)}' but found '${formatType(found)}'`);

/** One fault a list. */
function checkList({ elements, optional }: ListNode, report: Report): void {
  const found = elements.map((element, i) => optionalItem(element.type!, optional.has(i)));
  const at = found.findIndex((type) => !isSame(found[0]!, type));
  if (at > 0) mismatch(report, elements[at]!, found[0]!, found[at]!);
}

function checkMap({ entries }: MapNode, report: Report): void {
  const [first] = entries;
  const keyType = first!.key.type!;
  const valueType = optionalItem(first!.value.type!, first!.optional);
  for (const { key, value, optional } of entries) {
    if (!isSame(keyType, key.type!)) mismatch(report, key, keyType, key.type!);
    const type = optionalItem(value.type!, optional);
    if (!isSame(valueType, type)) mismatch(report, value, valueType, type);
  }
}

/** What each clause takes. */
const TAKES: Readonly<Record<string, readonly CelType['kind'][]>> = {
  s: ['list', 'map', 'int', 'uint', 'double', 'bool', 'string', 'timestamp', 'bytes', 'duration', 'type', 'null'],
  d: ['int', 'uint'], f: ['double', 'string'], e: ['double', 'string'], b: ['int', 'uint', 'bool'], x: ['int', 'uint', 'string', 'bytes'], X: ['int', 'uint', 'string', 'bytes'], o: ['int', 'uint'],
};

/** A format that is written out, with its arguments in a list. */
function checkFormat(node: CallNode, report: Report): void {
  const [list] = node.args;
  if (node.target?.kind !== 'literal' || typeof node.target.value !== 'string' || list?.kind !== 'list') return;
  let used = 0;
  let bad: Node | undefined;
  try {
    parseFormat(node.target.value, list.elements.length, (letter, _precision, i) => {
      used++;
      bad = misfit(list.elements[i]!, letter);
      if (bad !== undefined) throw new FormatFault(letter, typeName(bad.type!));
      return '';
    }, false);
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    report(bad?.at ?? node.at, error.message);
    return;
  }
  if (list.elements.length > used) report(node.at, `too many arguments supplied to string.format (expected ${used}, got ${list.elements.length})`);
}

function misfit(node: Node, letter: string): Node | undefined {
  const { kind } = node.type!;
  if (kind !== 'dyn' && !TAKES[letter]!.includes(kind)) return node;
  if (letter !== 's') return undefined;
  const parts = node.kind === 'list' ? node.elements : node.kind === 'map' ? node.entries.flatMap(({ key, value }) => [key, value]) : [];
  for (const part of parts) {
    const bad = misfit(part, letter);
    if (bad !== undefined) return bad;
  }
  return undefined;
}
