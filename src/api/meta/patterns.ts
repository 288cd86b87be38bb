/** Users' regular expressions: RE2's, which take linear time. */
import { RE2JS, RE2JSSyntaxException } from 're2js';

/** Compiles a pattern as Go does, to which a group's name may come twice. Throws RE2JSSyntaxException. */
export function compilePattern(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException) || !error.message.includes('duplicate capture group name')) throw error;
    // Nobody asks what a group has found: without names the pattern matches the same.
    return RE2JS.compile(withoutNames(pattern));
  }
}

/** What is wrong with a pattern, in Go's words. */
export function patternFault(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.endsWith('trailing backslash at end of expression') ? `${text}: \`\`` : text;
}

/** Named groups become plain ones; what stands in classes, in quotes and after backslashes is left alone. */
function withoutNames(pattern: string): string {
  return pattern.replace(/\\Q[^]*?(?:\\E|$)|\\[^]|\[\^?\]?(?:\[:\^?\w+:\]|\\[^]|[^\]\\])*\]|\(\?P?<\w+>/g, (part) => (part.startsWith('(') ? '(' : part));
}
