/** Escape sequences of string and bytes literals. */

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', "'": "'", '"': '"', '`': '`', '?': '?',
};

const encoder = new TextEncoder();

interface Fault { fault: string }

/** The digits after an escape's letter: how many, and in which base. */
function numericForm(letter: string): { digits: number; base: number; skip: number } | undefined {
  if (letter === 'x' || letter === 'X') return { digits: 2, base: 16, skip: 1 };
  if (letter === 'u') return { digits: 4, base: 16, skip: 1 };
  if (letter === 'U') return { digits: 8, base: 16, skip: 1 };
  if (/[0-3]/.test(letter)) return { digits: 3, base: 8, skip: 0 };
  return undefined;
}

/** What a literal's body stands for; `\r\n` and `\r` count as `\n` in none but raw form is kept as written. */
export function decodeLiteral(body: string, isRaw: boolean, isBytes: boolean): string | Uint8Array | Fault {
  const text = body.replace(/\r\n?/g, '\n');
  if (isRaw || !text.includes('\\')) return isBytes ? encoder.encode(text) : text;
  const parts: (string | number)[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '\\') {
      parts.push(text[i]!);
      continue;
    }
    const letter = text[++i] ?? '';
    const simple = SIMPLE[letter];
    if (simple !== undefined) {
      parts.push(simple);
      continue;
    }
    const form = numericForm(letter);
    // Only what is well formed is a token.
    if (form === undefined) return { fault: 'unable to unescape string' };
    const digits = text.slice(i + form.skip, i + form.skip + form.digits);
    const code = Number.parseInt(digits, form.base);
    const isUnicode = letter === 'u' || letter === 'U';
    if (isUnicode && isBytes) return { fault: 'unable to unescape string' };
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return { fault: 'invalid unicode code point' };
    parts.push(isBytes ? code : String.fromCodePoint(code));
    i += form.skip + form.digits - 1;
  }
  return isBytes ? joinBytes(parts) : parts.join('');
}

function joinBytes(parts: readonly (string | number)[]): Uint8Array {
  const bytes: number[] = [];
  let text = '';
  const flush = (): void => {
    for (const byte of encoder.encode(text)) bytes.push(byte);
    text = '';
  };
  for (const part of parts) {
    if (typeof part === 'string') text += part;
    else {
      flush();
      bytes.push(part);
    }
  }
  flush();
  return Uint8Array.from(bytes);
}
