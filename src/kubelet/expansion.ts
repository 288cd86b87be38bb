/** `$(NAME)` in commands, arguments and values: replaced where known, left as it stands where not; `$$` is a plain `$`. Pure. */

/** https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/ */
export function expand(text: string, lookUp: (name: string) => string | undefined): string {
  let result = '';
  let at = 0;
  while (at < text.length) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0 || dollar === text.length - 1) return result + text.slice(at);
    result += text.slice(at, dollar);
    const next = text[dollar + 1]!;
    const close = next === '(' ? text.indexOf(')', dollar + 2) : -1;
    if (close >= 0) {
      const name = text.slice(dollar + 2, close);
      result += lookUp(name) ?? `$(${name})`;
      at = close + 1;
    } else if (next === '$') {
      result += '$';
      at = dollar + 2;
    } else {
      // Not an expression: both characters stay, and an unclosed one is read on behind its opening.
      result += `$${next}`;
      at = dollar + 2;
    }
  }
  return result;
}

/** Names that an expansion needs and that are not known. */
export function missingNames(text: string, known: (name: string) => boolean): string[] {
  const missing: string[] = [];
  expand(text, (name) => {
    if (!known(name)) missing.push(name);
    return '';
  });
  return missing;
}
