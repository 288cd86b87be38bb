/**
 * JSON values in YAML, to the byte as the API writes them: keys in their natural order, lists at the indent of their key, lines folded behind their
 * 80th character, and each text in the plainest style that keeps it what it is.
 */
import { isPlainText } from './yaml-words.ts';

const INDENT = 2;
/** Lines are folded at the first blank behind that column. */
const WIDTH = 80;
/** Longer keys stand behind a question mark. */
const SIMPLE_KEY_BYTES = 128;

type Style = 'plain' | 'single' | 'double' | 'literal';

const BREAKS: ReadonlySet<string> = new Set(['\r', '\n', '\u0085', '\u2028', '\u2029']);
const isBreak = (character: string | undefined): boolean => character !== undefined && BREAKS.has(character);

/** Whether a character can stand in the text as it is. */
function isPrintable(character: string): boolean {
  const code = character.codePointAt(0)!;
  return code === 0x0a || (code >= 0x20 && code <= 0x7e) || (code >= 0xa0 && !(code >= 0xd800 && code <= 0xdfff) && code < 0xfffe && code !== 0xfeff);
}

/** What is known of a text: which styles it may have. */
interface Allowed {
  plain: boolean;
  single: boolean;
  literal: boolean;
  multiline: boolean;
}

const EMPTY_TEXT: Allowed = { plain: true, single: true, literal: false, multiline: false };
/** Texts of nothing but these are plain, and are most of all. */
const SIMPLE = /^[A-Za-z0-9_./][A-Za-z0-9_./:-]*$/;
const SIMPLE_TEXT: Allowed = { plain: true, single: true, literal: true, multiline: false };
const INDICATORS = /^[#,[\]{}&*!|>'"%@`]|^[?:-](?:[ \t]|$)|:(?:[ \t]|$)|[ \t\r\n\u0085\u2028\u2029]#|^---|^\.\.\./;

function allowedFor(text: string): Allowed {
  if (text === '') return EMPTY_TEXT;
  if (SIMPLE.test(text) && !text.endsWith(':') && !text.startsWith('...')) return SIMPLE_TEXT;
  let special = false;
  let multiline = false;
  let breakSpace = false;
  let spaceBreak = false;
  let last = '';
  for (const character of text) {
    if (!isPrintable(character)) special = true;
    if (character === ' ') breakSpace ||= isBreak(last);
    else if (BREAKS.has(character)) {
      multiline = true;
      spaceBreak ||= last === ' ';
    }
    last = character;
  }
  const atEnds = text[0] === ' ' || isBreak(text[0]) || last === ' ' || isBreak(last);
  const hidden = special || spaceBreak;
  return { plain: !(atEnds || breakSpace || hidden || multiline || INDICATORS.test(text)), single: !(breakSpace || hidden), literal: !(last === ' ' || hidden), multiline };
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '0', '\u0007': 'a', '\b': 'b', '\t': 't', '\n': 'n', '\v': 'v', '\f': 'f', '\r': 'r', '\u001b': 'e', '"': '"', '\\': '\\', '\u0085': 'N', '\u00a0': '_', '\u2028': 'L', '\u2029': 'P',
};

function escapeOf(character: string): string {
  const known = ESCAPES[character];
  if (known !== undefined) return `\\${known}`;
  const code = character.codePointAt(0)!;
  const [letter, digits] = code <= 0xff ? ['x', 2] : code <= 0xffff ? ['u', 4] : ['U', 8];
  return `\\${letter}${code.toString(16).toUpperCase().padStart(digits, '0')}`;
}

const isLetter = (character: string): boolean => /\p{L}/u.test(character);
const isDigit = (character: string | undefined): boolean => character !== undefined && /\p{Nd}/u.test(character);
const PLAIN_KEY = /^[A-Za-z]+$/;

/** A run of digits: its value, in 64 bits, and where it ends. */
function digitsAt(characters: readonly string[], from: number, start: bigint): { value: bigint; end: number } {
  let value = start;
  let end = from;
  for (; isDigit(characters[end]); end++) value = BigInt.asIntN(64, value * 10n + BigInt(characters[end]!.codePointAt(0)! - 0x30));
  return { value, end };
}

/** Runs of digits count as numbers; letters come behind all else. */
function compareKeys(a: string, b: string): number {
  if (PLAIN_KEY.test(a) && PLAIN_KEY.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  const [left, right] = [[...a], [...b]];
  const shared = Math.min(left.length, right.length);
  let at = 0;
  while (at < shared && left[at] === right[at]) at++;
  if (at === shared) return left.length - right.length;
  const [l, r] = [left[at]!, right[at]!];
  const order = l.codePointAt(0)! - r.codePointAt(0)!;
  const letters = [isLetter(l), isLetter(r)];
  if (letters[0] && letters[1]) return order;
  if (letters[0] || letters[1]) return letters[1] ? -1 : 1;
  let start = 0n;
  if (l === '0' || r === '0') {
    // Zeros within a number count, in front of it they do not.
    for (let i = at - 1; i >= 0 && isDigit(left[i]); i--) if (left[i] !== '0') start = 1n;
  }
  const [m, n] = [digitsAt(left, at, start), digitsAt(right, at, start)];
  if (m.value !== n.value) return m.value < n.value ? -1 : 1;
  return m.end - n.end || order;
}

/** A number as Go prints it: whole ones of 64 bits with all their digits, others with an exponent where that is shorter. */
export function numberText(value: number | bigint): string {
  const text = Object.is(value, -0) ? '0' : String(value);
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return text;
  const isWhole = /^-?\d{16,20}$/.test(text) && BigInt(text) >= -(2n ** 63n) && BigInt(text) < 2n ** 64n;
  return isWhole ? text : exponential(value);
}

/** The largest exponent of a number that is written without one. */
const MAX_PLAIN_EXPONENT = 5;

function exponential(value: number): string {
  const [digits = '', exponentText = ''] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent <= MAX_PLAIN_EXPONENT) return String(value);
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

class YamlWriter {
  #out = '';
  #column = 0;
  #indent = -1;
  /** Whether what was written last is a blank. */
  #isBlank = true;
  /** Whether nothing but indent and dashes stand in the line. */
  #isIndent = true;

  document(value: unknown): string {
    this.#value(value, false);
    this.#newLine();
    return this.#out;
  }

  #put(text: string, columns = text.length): void {
    this.#out += text;
    this.#column += columns;
  }

  #lineFeed(): void {
    this.#out += '\n';
    this.#column = 0;
  }

  /** To the indent, in this line or the next. */
  #newLine(): void {
    const indent = Math.max(this.#indent, 0);
    if (!this.#isIndent || this.#column > indent || (this.#column === indent && !this.#isBlank)) this.#lineFeed();
    if (this.#column < indent) this.#put(' '.repeat(indent - this.#column));
    this.#isBlank = true;
    this.#isIndent = true;
  }

  #mark(mark: string, apart: boolean, isBlank: boolean, isIndent: boolean): void {
    if (apart && !this.#isBlank) this.#put(' ');
    this.#put(mark);
    this.#isBlank = isBlank;
    this.#isIndent = this.#isIndent && isIndent;
  }

  /** @param inMapping the value is a mapping's, not a list's. */
  #value(value: unknown, inMapping: boolean): void {
    if (typeof value === 'string') this.#text(value, false);
    else if (typeof value === 'number' || typeof value === 'bigint') this.#scalar(numberText(value), 'plain', false);
    else if (typeof value !== 'object' || value === null) this.#scalar(value === true || value === false ? String(value) : 'null', 'plain', false);
    else if (Array.isArray(value)) this.#list(value, inMapping);
    else this.#mapping(value as Record<string, unknown>);
  }

  #list(list: readonly unknown[], inMapping: boolean): void {
    if (list.length === 0) return this.#mark('[]', true, false, false);
    const before = this.#indent;
    this.#indent = before < 0 ? 0 : inMapping && !this.#isIndent ? before : before + INDENT;
    for (const item of list) {
      this.#newLine();
      this.#mark('-', true, false, true);
      this.#value(item, false);
    }
    this.#indent = before;
  }

  #mapping(mapping: Record<string, unknown>): void {
    const keys = Object.keys(mapping).filter((key) => mapping[key] !== undefined).sort(compareKeys);
    if (keys.length === 0) return this.#mark('{}', true, false, false);
    const before = this.#indent;
    this.#indent = before < 0 ? 0 : before + INDENT;
    for (const key of keys) {
      this.#newLine();
      if (this.#key(key)) this.#mark(':', false, false, false);
      else {
        this.#newLine();
        this.#mark(':', true, false, true);
      }
      this.#value(mapping[key], true);
    }
    this.#indent = before;
  }

  /** Whether the key stands in front of its value, in the same line. */
  #key(key: string): boolean {
    const isSimple = !allowedFor(key).multiline && (key.length * 3 <= SIMPLE_KEY_BYTES || Buffer.byteLength(key) <= SIMPLE_KEY_BYTES);
    if (!isSimple) this.#mark('?', true, false, true);
    this.#text(key, isSimple);
    return isSimple;
  }

  #text(text: string, isKey: boolean): void {
    const allowed = allowedFor(text);
    let style: Style = text.includes('\n') ? 'literal' : isPlainText(text) ? 'plain' : 'double';
    if (isKey && allowed.multiline) style = 'double';
    if (style === 'plain' && (!allowed.plain || (text === '' && isKey))) style = 'single';
    if (style === 'single' && !allowed.single) style = 'double';
    if (style === 'literal' && (!allowed.literal || isKey)) style = 'double';
    this.#scalar(text, style, isKey);
  }

  #scalar(text: string, style: Style, isKey: boolean): void {
    const before = this.#indent;
    this.#indent = before < 0 ? INDENT : before + INDENT;
    if (style === 'literal') this.#literal(text);
    else if (style === 'double') this.#double(text, !isKey);
    else this.#folded(text, style === 'single' ? "'" : '', !isKey);
    this.#indent = before;
  }

  /** A text without escapes, in quotes or without. */
  #folded(text: string, quote: string, folds: boolean): void {
    this.#mark(quote, true, false, false);
    if (this.#column + text.length <= WIDTH && !text.includes("'") && !hasBreaks(text)) this.#put(text);
    else this.#foldedLines([...text], quote, folds);
    this.#put(quote);
    this.#isBlank = false;
    this.#isIndent = false;
  }

  #foldedLines(characters: readonly string[], quote: string, folds: boolean): void {
    let [spaces, breaks] = [false, false];
    for (const [i, character] of characters.entries()) {
      if (character === ' ') {
        const inside = quote === '' || (i > 0 && i < characters.length - 1);
        if (folds && !spaces && this.#column > WIDTH && inside && characters[i + 1] !== ' ') this.#newLine();
        else this.#put(' ');
        spaces = true;
      } else if (BREAKS.has(character)) {
        if (!breaks && character === '\n') this.#lineFeed();
        this.#break(character);
        breaks = true;
      } else {
        if (breaks) this.#newLine();
        this.#put(character === "'" && quote !== '' ? "''" : character, character === "'" && quote !== '' ? 2 : 1);
        this.#isIndent = false;
        [spaces, breaks] = [false, false];
      }
    }
  }

  #break(character: string): void {
    if (character === '\n') this.#lineFeed();
    else {
      this.#put(character);
      this.#column = 0;
    }
    this.#isIndent = true;
  }

  #double(text: string, folds: boolean): void {
    this.#mark('"', true, false, false);
    const characters = [...text];
    // A mark of byte order at its begin has all of the text escaped.
    const all = characters[0] === '\ufeff';
    let spaces = false;
    for (const [i, character] of characters.entries()) {
      if (all || !isPrintable(character) || BREAKS.has(character) || character === '"' || character === '\\') {
        this.#put(escapeOf(character));
        spaces = false;
      } else if (character === ' ') {
        if (folds && !spaces && this.#column > WIDTH && i > 0 && i < characters.length - 1) {
          this.#newLine();
          if (characters[i + 1] === ' ') this.#put('\\');
        } else this.#put(' ');
        spaces = true;
      } else {
        this.#put(character, 1);
        spaces = false;
      }
    }
    this.#mark('"', false, false, false);
  }

  #literal(text: string): void {
    this.#mark('|', true, false, false);
    if (text[0] === ' ' || isBreak(text[0])) this.#mark(String(INDENT), false, false, false);
    const [beforeLast, last] = [...text].slice(-2);
    const end = last ?? beforeLast;
    const keep = !isBreak(end) ? '-' : last === undefined || isBreak(beforeLast) ? '+' : '';
    if (keep !== '') this.#mark(keep, false, false, false);
    this.#lineFeed();
    this.#isIndent = true;
    this.#isBlank = true;
    let breaks = true;
    for (const line of text.split(/([\r\n\u0085\u2028\u2029])/)) {
      if (BREAKS.has(line)) {
        this.#break(line);
        breaks = true;
      } else if (line !== '') {
        if (breaks) this.#newLine();
        this.#put(line);
        this.#isIndent = false;
        breaks = false;
      }
    }
  }
}

const hasBreaks = (text: string): boolean => /[\r\n\u0085\u2028\u2029]/.test(text);

/** A JSON value in YAML. Members that are undefined are left out. */
export function writeYaml(value: unknown): string {
  return new YamlWriter().document(value);
}
