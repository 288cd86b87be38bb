/** What is wrong with text that is no IP address and no CIDR, in the words of Go's netip. */
import { goQuote } from './quotes.ts';

/** The fault, and the rest of the text at which it shows. */
type Fault = readonly [message: string, at?: string];

const ALPHABET = /^[0-9a-fA-F]*/;

/** The fault of four decimal numbers; undefined where there is none. */
function fieldsFault(text: string): Fault | undefined {
  let position = 0;
  let digits = 0;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c >= '0' && c <= '9') {
      if (digits === 1 && value === 0) return ['IPv4 field has octet with leading zero'];
      value = value * 10 + Number(c);
      digits++;
      if (value > 255) return ['IPv4 field has value >255'];
    } else if (c === '.') {
      if (i === 0 || i === text.length - 1 || text[i - 1] === '.') return ['IPv4 field must have at least one digit', text.slice(i)];
      if (position === 3) return ['IPv4 address too long'];
      position++;
      [digits, value] = [0, 0];
    } else return ['unexpected character', text.slice(i)];
  }
  return position < 3 ? ['IPv4 address too short'] : undefined;
}

/** Goes through the groups of an address of 16 bytes. */
function groupsFault(whole: string): Fault | undefined {
  let rest = whole;
  let bytes = 0;
  let ellipsis = false;
  if (rest.startsWith('::')) {
    ellipsis = true;
    rest = rest.slice(2);
    if (rest === '') return undefined;
  }
  while (bytes < 16) {
    const digits = ALPHABET.exec(rest)![0].length;
    if (digits > 4) return ['each group must have 4 or less digits', rest];
    if (digits === 0) return ['each colon-separated field must have at least one digit', rest];
    if (rest[digits] === '.') {
      if (!ellipsis && bytes !== 12) return ['embedded IPv4 address must replace the final 2 fields of the address', rest];
      if (bytes + 4 > 16) return ['too many hex fields to fit an embedded IPv4 at the end of the address', rest];
      const fault = fieldsFault(rest);
      if (fault !== undefined) return fault;
      [bytes, rest] = [bytes + 4, ''];
      break;
    }
    bytes += 2;
    rest = rest.slice(digits);
    if (rest === '') break;
    if (rest[0] !== ':') return ['unexpected character, want colon', rest];
    if (rest.length === 1) return ['colon must be followed by more characters', rest];
    rest = rest.slice(1);
    if (rest[0] !== ':') continue;
    if (ellipsis) return ['multiple :: in address', rest];
    ellipsis = true;
    rest = rest.slice(1);
    if (rest === '') break;
  }
  if (rest !== '') return ['trailing garbage after address', rest];
  if (bytes < 16) return ellipsis ? undefined : ['address string too short'];
  return ellipsis ? ['the :: must expand to at least one field of zeros'] : undefined;
}

function longFault(text: string): Fault | undefined {
  const zone = text.indexOf('%');
  if (zone >= 0 && zone === text.length - 1) return ['zone must be a non-empty string'];
  return groupsFault(zone < 0 ? text : text.slice(0, zone));
}

function faultIn(text: string): Fault | undefined {
  switch (/[.:%]/.exec(text)?.[0]) {
    case '.':
      return fieldsFault(text);
    case ':':
      return longFault(text);
    case '%':
      return ['missing IPv6 address'];
    default:
      return ['unable to parse IP'];
  }
}

/** Undefined for an address. */
export function addressFault(text: string): string | undefined {
  const fault = faultIn(text);
  if (fault === undefined) return undefined;
  return `ParseAddr(${goQuote(text)}): ${fault[0]}${fault[1] === undefined ? '' : ` (at ${goQuote(fault[1])})`}`;
}

/** Undefined for an address and how many bits of it count. */
export function prefixFault(text: string): string | undefined {
  const slash = text.lastIndexOf('/');
  const told = (fault: string): string => `netip.ParsePrefix(${goQuote(text)}): ${fault}`;
  if (slash < 0) return told("no '/'");
  const [address, bits] = [text.slice(0, slash), text.slice(slash + 1)];
  const fault = addressFault(address);
  if (fault !== undefined) return told(fault);
  if (address.includes('%')) return told('IPv6 zones cannot be present in a prefix');
  if (!/^(?:\d|[1-9]\d*)$/.test(bits) || bits.length > 18) return told(`bad bits after slash: ${goQuote(bits)}`);
  return Number(bits) > (address.includes(':') ? 128 : 32) ? told('prefix length out of range') : undefined;
}
