/** Texts in quotes, as Go's `%q` writes them into errors. */

/** What JSON would write in another way than Go, or not escape: control characters and everything outside ASCII. */
const ODD = /[^ !#-[\]-~]/;
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u;
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"', '\\': '\\\\', '\u0007': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v', ' ': ' ',
};

function escapeOf(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x1_0000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
}

/** `"a\x01b"`: the text in double quotes, with everything escaped that cannot be printed. */
export function quote(text: string): string {
  if (!ODD.test(text)) return `"${text}"`;
  let shown = '';
  for (const character of text.toWellFormed()) shown += SHORT[character] ?? (PRINTABLE.test(character) ? character : escapeOf(character));
  return `"${shown}"`;
}
