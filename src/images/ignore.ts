/** `.containerignore` and `.dockerignore`: which files of a build folder stay out of the image. */

export interface IgnoreRules {
  /** True where the path (relative to the build folder, without a leading slash) is left out. */
  matches(path: string): boolean;
  /** True where a line begins with `!`: then an ignored folder must still be looked into. */
  hasExceptions: boolean;
}

const specials = /[.+^${}()|[\]\\]/g;

function patternOf(glob: string): RegExp {
  const clean = glob.replace(/^\/+/, '').replace(/\/+$/, '');
  let text = '';
  for (let i = 0; i < clean.length; i++) {
    const rest = clean.slice(i);
    if (rest.startsWith('**/')) {
      text += '(?:.*/)?';
      i += 2;
    } else if (rest.startsWith('**')) {
      text += '.*';
      i += 1;
    } else if (clean[i] === '*') text += '[^/]*';
    else if (clean[i] === '?') text += '[^/]';
    else text += clean[i]!.replace(specials, '\\$&');
  }
  // A pattern that names a folder takes all that the folder holds.
  return new RegExp(`^${text}(?:/.*)?$`);
}

/** Reads the text of an ignore file: one pattern a line, `#` comments, `!` exceptions, the last matching line wins. */
export function parseIgnore(text: string): IgnoreRules {
  const rules: { exception: boolean; pattern: RegExp }[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const exception = line.startsWith('!');
    rules.push({ exception, pattern: patternOf(exception ? line.slice(1).trim() : line) });
  }
  return {
    hasExceptions: rules.some((rule) => rule.exception),
    matches(path) {
      let ignored = false;
      for (const rule of rules) if (rule.pattern.test(path)) ignored = !rule.exception;
      return ignored;
    },
  };
}
