/** Names of properties as CEL has them: what it cannot spell is escaped. */

/** Words that no variable, function or type may have as its name. */
export const RESERVED: ReadonlySet<string> = new Set([
  'as', 'break', 'const', 'continue', 'else', 'false', 'for', 'function', 'if', 'import', 'in', 'let', 'loop', 'package', 'namespace', 'null', 'return', 'true', 'var', 'void',
  'while',
]);

const ESCAPES: Readonly<Record<string, string>> = { __: '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' };

/** The name by which CEL knows a property; undefined for one that CEL cannot reach. */
export function escapeName(name: string): string | undefined {
  if (!/^[a-zA-Z_./-][a-zA-Z0-9_./-]*$/.test(name)) return undefined;
  if (RESERVED.has(name)) return `__${name}__`;
  return name.replace(/__|[./-]/g, (found) => ESCAPES[found]!);
}

/** The property's name of an escaped one. */
export function unescapeName(name: string): string {
  const whole = /^__([a-z]+)__$/.exec(name);
  if (whole !== null && RESERVED.has(whole[1]!)) return whole[1]!;
  return name.replace(/__(underscores|dot|dash|slash)__/g, (_, word: string) => ({ underscores: '__', dot: '.', dash: '-', slash: '/' })[word]!);
}
