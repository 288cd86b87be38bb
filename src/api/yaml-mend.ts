/**
 * What Kubernetes' YAML reader takes or refuses where ours does not, and what can be seen without reading the text: characters, directives, lines that are
 * indented too little within brackets and quotes, and what stands behind the first document.
 */

/** Lines that are indented before a text is given up. */
const MAX_MENDED_LINES = 1_000;
/** Characters that are read again for it. */
const MAX_READ_AGAIN = 2 ** 22;

// oxlint-disable-next-line no-control-regex -- these are what is looked for
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;

/** The lines before the first that is no comment. */
const HEAD = /^\ufeff?(?:[ \t]*(?:#[^\n]*)?\r?\n)*/;

/** A document that is within brackets as a whole. */
const BRACKETED = /^\ufeff?(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*[[{]/;

/** Why a text is refused before it is read, in the words of Kubernetes' reader; undefined where it is not. */
export function faultOfText(text: string): string | undefined {
  if (CONTROL.test(text)) return 'control characters are not allowed';
  let rest = text.slice(HEAD.exec(text)![0].length);
  let isVersioned = false;
  for (let at = text.length - rest.length; rest.startsWith('%'); at = text.length - rest.length) {
    const fault = faultOfDirective(/^%[^\n\r]*/.exec(rest)![0], isVersioned);
    if (fault !== undefined) {
      const line = text.slice(0, at).split('\n').length - 1;
      return line === 0 ? fault : `line ${line + 1}: ${fault}`;
    }
    isVersioned ||= /^%YAML\s/.test(rest);
    rest = rest.replace(/^[^\n]*\n?/, '').replace(HEAD, '');
  }
  return undefined;
}

function faultOfDirective(line: string, isVersioned: boolean): string | undefined {
  const name = /^%([\w-]*)/.exec(line)![1]!;
  if (name === '') return 'could not find expected directive name';
  const rest = line.slice(name.length + 1);
  if (rest !== '' && !/^[ \t]/.test(rest)) return 'found unexpected non-alphabetical character';
  if (name === 'TAG') return undefined;
  if (name !== 'YAML') return 'found unknown directive name';
  const version = /^[ \t]+(\d+)\.(\d+)(.*)$/.exec(rest);
  if (version === null) return 'did not find expected version number';
  if (!/^\s*(?:#|$)/.test(version[3]!)) return 'did not find expected comment or line break';
  if (isVersioned) return 'found duplicate %YAML directive';
  return Number(version[1]) === 1 && Number(version[2]) === 1 ? undefined : 'found incompatible YAML document';
}

/** Where the reader stopped, and why. */
interface Stop {
  reason: string;
  position: number;
}

/** Reads a text by `read`, mending what stops it as long as that goes on. `stopOf` tells of an error where the reader stopped; others are thrown as they are. */
export function readMended<T>(text: string, read: (text: string) => T, stopOf: (error: unknown) => Stop | undefined): T {
  let current = text;
  let indent: string | undefined;
  for (let left = Math.min(MAX_MENDED_LINES, Math.floor(MAX_READ_AGAIN / (text.length + 1)) + 1); ; left--) {
    try {
      return read(current);
    } catch (error) {
      const stop = left > 0 ? stopOf(error) : undefined;
      const mended = stop && mend(current, stop, (indent ??= indentBeyond(text)));
      if (mended === undefined || mended === current) throw error;
      current = mended;
    }
  }
}

/** More blanks than any line begins with. */
function indentBeyond(text: string): string {
  let most = 0;
  for (const [blanks] of text.matchAll(/^ +/gm)) most = Math.max(most, blanks.length);
  return ' '.repeat(most + 1);
}

function mend(text: string, { reason, position }: Stop, indent: string): string | undefined {
  // Within brackets and quotes a line may begin anywhere: blanks in front of it say nothing.
  if (reason === 'deficient indentation') {
    const start = Math.max(text.lastIndexOf('\n', position - 1), text.lastIndexOf('\r', position - 1)) + 1;
    return text.startsWith(indent, start) ? undefined : `${text.slice(0, start)}${indent}${text.slice(start)}`;
  }
  // Nobody looks at what stands behind the first document, where brackets say that it is over.
  return reason.startsWith('end of the stream or a document separator is expected') && BRACKETED.test(text) ? text.slice(0, position) : undefined;
}
