/** Arguments that are literal and plainly wrong are found before anything runs. */
import type { CallNode } from '../ast.ts';
import { pattern } from '../library/patterns.ts';
import { parseDuration, parseTimestamp } from '../time.ts';
import { CelError } from '../types.ts';

const CHECKS: Readonly<Record<string, (text: string) => unknown>> = { duration: parseDuration, timestamp: parseTimestamp, matches: pattern };

export function checkLiteralArguments(node: CallNode): { at: number; message: string } | undefined {
  const attempt = Object.hasOwn(CHECKS, node.name) ? CHECKS[node.name] : undefined;
  const argument = node.args.at(-1);
  if (attempt === undefined || argument?.kind !== 'literal' || argument.literal !== 'string') return undefined;
  if (node.target !== undefined && node.name !== 'matches') return undefined;
  try {
    attempt(argument.value as string);
    return undefined;
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return { at: argument.at, message: `invalid ${node.name} argument` };
  }
}
