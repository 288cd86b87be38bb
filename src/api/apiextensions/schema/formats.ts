/** String formats that custom resource schemas may ask for; what is not listed here is not checked. */
import { own } from '../../../base/own.ts';
import { parseCidr, parseIp } from '../../meta/addresses.ts';
import { byteLength, dnsLabel, dnsSubdomain } from '../../meta/names.ts';
import { parseWordyDuration } from './durations.ts';

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month >= 1 && month <= 12 && day >= 1 && day <= (month === 2 && leap ? 29 : DAYS[month - 1]!);
}

function isDateTime(text: string): boolean {
  const [date, time] = text.toLowerCase().split('t');
  const match = time === undefined || !isDate(date!) ? null : /^(\d{2}):(\d{2}):(\d{2})(?:.\d+)?(?:z|[+-]\d{2}:\d{2})$/.exec(time);
  return match !== null && Number(match[1]) <= 23 && Number(match[2]) <= 59 && Number(match[3]) <= 59;
}

const HOSTNAME = /^(?:[a-zA-Z0-9\p{S}\p{L}](?:-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?|(?:[a-zA-Z0-9\p{S}\p{L}](?:[a-zA-Z0-9\-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?\.)+[a-zA-Z\p{L}]{2,63})$/u;
const isHostname = (text: string): boolean => byteLength(text) <= 255 && HOSTNAME.test(text) && text.split('.').every((part) => byteLength(part) <= 63);

function isEmail(text: string): boolean {
  const bare = text.trim().replace(/\s*\([^()]*\)$/, '');
  const address = /^[^<>]*<([^<>]+)>$/.exec(bare)?.[1] ?? bare;
  const at = address.lastIndexOf('@');
  if (at <= 0 || at === address.length - 1) return false;
  const local = address.slice(0, at);
  return (/^[\w.!#$%&'*+/=?^`{|}~\u0080-\uffff-]+$/.test(local) && !/^\.|\.\.|\.$/.test(local)) || /^"[^"\r\n]*"$/.test(local) ? /^[^\s@<>()[\],;:\\"]+$|^\[[^\]\s]+\]$/.test(address.slice(at + 1)) : false;
}

/** A host and perhaps a port, with a name in front, as Go takes them. */
function isAuthority(text: string): boolean {
  const host = text.slice(text.lastIndexOf('@') + 1);
  const user = text.slice(0, Math.max(0, text.lastIndexOf('@')));
  if (!/^(?:[\w.~!$&'()*+,;=:@-]|%[0-9a-fA-F]{2})*$/.test(user)) return false;
  if (host.startsWith('[')) return /^\[[^\]]*\](?::\d*)?$/.test(host);
  return /^[^\u0000-\u0020#%/:?@\\^`{|}\u007f]*(?::\d*)?$/.test(host); // oxlint-disable-line no-control-regex
}

/** An absolute URI, or an absolute path: what may stand in a request line. */
function isUri(text: string): boolean {
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(text)) return false;
  if (text === '*') return true;
  const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*:/.exec(text)?.[0] ?? '';
  const rest = text.slice(scheme.length).split('?')[0]!;
  if (!rest.startsWith('/')) return scheme !== '' && text.length > scheme.length;
  const [authority, path] = rest.startsWith('//') && !rest.startsWith('///') ? (/^\/\/([^/]*)(.*)$/s.exec(rest)!.slice(1) as [string, string]) : ['', rest];
  return isAuthority(authority) && !/%(?![0-9a-fA-F]{2})/.test(path);
}

const uuid = (version: string): RegExp => new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$`, 'i');

function isIsbn10(text: string): boolean {
  const digits = text.replaceAll(/[ -]/g, '');
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  return [...digits].reduce((sum, digit, i) => sum + (i + 1) * (digit === 'X' ? 10 : Number(digit)), 0) % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = text.replaceAll(/[ -]/g, '');
  return /^\d{13}$/.test(digits) && [...digits].reduce((sum, digit, i) => sum + (i % 2 === 0 ? 1 : 3) * Number(digit), 0) % 10 === 0;
}

function isCreditCard(text: string): boolean {
  const digits = text.replaceAll(/\D/g, '');
  if (!/^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11})$/.test(digits)) return false;
  return [...digits].toReversed().reduce((sum, digit, i) => sum + (i % 2 === 0 ? Number(digit) : Math.floor((Number(digit) * 2) / 10) + ((Number(digit) * 2) % 10)), 0) % 10 === 0;
}

const isByte = (text: string): boolean => text !== '' && /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);
const RGB = /^rgb\(\s*(?:0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,\s*(?:0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,\s*(?:0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*\)$/;

const matches = (pattern: RegExp) => (text: string): boolean => pattern.test(text);

/** By name without dashes. */
const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  bsonobjectid: matches(/^[0-9a-f]{24}$/i), uri: isUri, email: isEmail, hostname: isHostname,
  ipv4: (text) => parseIp(text)?.family === 'IPv4', ipv6: (text) => text.includes(':') && parseIp(text) !== undefined,
  cidr: (text) => parseCidr(text.replace(/\/0+(?=\d)/, '/')) !== undefined,
  mac: matches(/^[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}(?:(?:[0-9a-f]{2}\1){2}|(?:[0-9a-f]{2}\1){14})?[0-9a-f]{2}$|^(?:[0-9a-f]{4}\.){2}(?:[0-9a-f]{4}\.|(?:[0-9a-f]{4}\.){7})?[0-9a-f]{4}$/i),
  uuid: matches(uuid('[0-9a-f]')), uuid3: matches(uuid('3')), uuid4: matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i), uuid5: matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i),
  isbn: (text) => isIsbn10(text) || isIsbn13(text), isbn10: isIsbn10, isbn13: isIsbn13, creditcard: isCreditCard, ssn: matches(/^\d{3}[- ]\d{2}[- ]\d{4}$/),
  hexcolor: matches(/^#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/), rgbcolor: matches(RGB), byte: isByte, password: () => true, date: isDate, datetime: isDateTime, duration: (text) => parseWordyDuration(text) !== undefined,
  k8sshortname: (text) => dnsLabel(text).length === 0, k8slongname: (text) => dnsSubdomain(text).length === 0,
};

/** The check of a format; undefined for formats that are not checked. */
export function formatCheck(format: string): ((text: string) => boolean) | undefined {
  const name = format.replaceAll('-', '');
  return own(FORMATS, name);
}

const NUMBER_FORMATS: Readonly<Record<string, readonly string[]>> = { integer: ['int32', 'int64'], number: ['float', 'double'] };

/** Whether a format says anything of values of a type. */
export function knownFormat(type: string, format: string): boolean {
  return type === '' || type === 'string' ? formatCheck(format) !== undefined : own(NUMBER_FORMATS, type)?.includes(format) === true;
}
