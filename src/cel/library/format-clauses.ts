/** The clauses of `"%s has %.2f".format([…])`. */
import { CelError } from '../types.ts';

const ALLOWED: Readonly<Record<string, readonly [clause: string, allowed: string]>> = {
  s: ['string', 'strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps'], d: ['decimal', 'integers'], f: ['fixed-point', 'doubles'], e: ['scientific', 'doubles'], o: ['octal', 'integers'],
};

/** A clause was given what it cannot write. */
export class FormatFault extends CelError {
  constructor(letter: string, given: string) {
    super(`error during formatting: ${wording(letter)}, was given ${given}`);
  }
}

function wording(letter: string): string {
  if (letter === 'b') return 'only integers and bools can be formatted as binary';
  if (letter === 'x' || letter === 'X') return 'only integers, byte buffers, and strings can be formatted as hex';
  const [clause, allowed] = ALLOWED[letter]!;
  return `${clause} clause can only be used on ${allowed}`;
}

const unparsable = (cause: string): CelError => new CelError(`could not parse formatting clause: ${cause}`);

/** Digits after a point, undefined where there are none. `length` is how long they are in the text. */
function readPrecision(text: string, at: number): { precision: number | undefined; length: number } {
  if (text[at] !== '.') return { precision: undefined, length: 0 };
  const digits = /^\d*/.exec(text.slice(at + 1))![0];
  if (at + 1 + digits.length >= text.length) throw unparsable('error while parsing precision: could not find end of precision specifier');
  const fault = digits === '' ? 'invalid syntax' : BigInt(digits) > 2n ** 63n - 1n ? 'value out of range' : undefined;
  if (fault !== undefined) throw unparsable(`error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing ${JSON.stringify(digits)}: ${fault}`);
  return { precision: Number(digits), length: digits.length + 1 };
}

/** Writes a clause: which, with how many digits, and the how manieth argument. */
export type WriteClause = (letter: string, precision: number | undefined, index: number) => string;

/** Goes through a format. Which fault comes first where the text ends in `%` depends on whether it is running. */
export function parseFormat(template: string, size: number, write: WriteClause, running: boolean): string {
  let made = '';
  let next = 0;
  for (let i = 0; i < template.length; ) {
    const sign = template.indexOf('%', i);
    if (sign < 0) return made + template.slice(i);
    made += template.slice(i, sign);
    i = sign + 1;
    if (template[i] === '%') {
      made += '%';
      i++;
      continue;
    }
    const missing = next >= size;
    if (running && missing) throw new CelError(`index ${next} out of range`);
    if (i >= template.length) throw new CelError('unexpected end of string');
    if (missing) throw new CelError(`index ${next} out of range`);
    const { precision, length } = readPrecision(template, i);
    const letter = template[i + length]!;
    // A character of several bytes is named by its first.
    if (!'sdfebxXo'.includes(letter)) throw unparsable(`unrecognized formatting clause "${String.fromCharCode(Buffer.from(String.fromCodePoint(template.codePointAt(i + length)!))[0]!)}"`);
    made += write(letter, precision, next++);
    i += length + 1;
  }
  return made;
}
