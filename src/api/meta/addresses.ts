/**
 * IP addresses and CIDRs as text and as bytes, and the checks that fields holding them need (RFC 4291, RFC 5952, RFC 4632).
 * The strict form is what the API asks of new values: no leading zeros, no IPv4 in IPv6 clothing, canonical text.
 */
import type { FieldPath, FieldError } from './field.ts';
import { invalidValue } from './field.ts';
import { quote } from './quote.ts';

export interface IpAddress {
  family: 'IPv4' | 'IPv6';
  /** 4 or 16 bytes. */
  bytes: readonly number[];
  /** Written as `::ffff:1.2.3.4`: an IPv4 address in IPv6's notation. */
  mapped: boolean;
}

export interface Cidr {
  address: IpAddress;
  prefixLength: number;
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d+$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

/** Groups of hexadecimal digits; the last may be an IPv4 address where the text ends the whole address. */
function parseGroups(text: string, ends: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [i, group] of groups.entries()) {
    if (ends && group.includes('.') && i === groups.length - 1) {
      const tail = parseIpv4(group);
      if (tail === undefined) return undefined;
      bytes.push(...tail);
    } else {
      if (!/^[0-9a-fA-F]+$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      if (value > 0xffff) return undefined;
      bytes.push(value >> 8, value & 255);
    }
  }
  return bytes;
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0]!, halves.length === 1);
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === 16 ? head : undefined;
  const tail = parseGroups(halves[1]!, true);
  if (tail === undefined || head.length + tail.length > 14) return undefined;
  return [...head, ...Array<number>(16 - head.length - tail.length).fill(0), ...tail];
}

/** Reads an address; undefined where the text is none. Zones (`%eth0`) are refused. Leading zeros say nothing, and what they lead is decimal in IPv4. */
export function parseIp(text: string): IpAddress | undefined {
  if (!text.includes(':')) {
    const bytes = parseIpv4(text);
    return bytes && { family: 'IPv4', bytes, mapped: false };
  }
  const bytes = parseIpv6(text);
  if (bytes === undefined) return undefined;
  const mapped = bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 255 && bytes[11] === 255;
  return mapped ? { family: 'IPv4', bytes: bytes.slice(12), mapped } : { family: 'IPv6', bytes, mapped };
}

/** The canonical text (RFC 5952). */
export function formatIp(ip: IpAddress): string {
  if (ip.family === 'IPv4') return ip.bytes.join('.');
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((ip.bytes[i]! << 8) | ip.bytes[i + 1]!);
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (i + run < 8 && groups[i + run] === 0) run++;
    if (run > length) [start, length] = [i, run];
  }
  const hex = groups.map((group) => group.toString(16));
  return start < 0 ? hex.join(':') : `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

export function parseCidr(text: string): Cidr | undefined {
  const match = /^([^/]+)\/(\d+)$/.exec(text);
  if (match === null) return undefined;
  const address = parseIp(match[1]!);
  if (address === undefined) return undefined;
  const length = Number(match[2]);
  if (length > (address.family === 'IPv4' && !address.mapped ? 32 : 128)) return undefined;
  if (!address.mapped) return { address, prefixLength: length };
  // The prefix of `::ffff:1.2.3.0/120` counts bits of the long notation; where it ends before the IPv4 address, the network is one of IPv6.
  if (length >= 96) return { address, prefixLength: length - 96 };
  return { address: { family: 'IPv6', bytes: [...Array<number>(10).fill(0), 255, 255, ...address.bytes], mapped: true }, prefixLength: length };
}

/** The address with all bits beyond the prefix cleared. */
export function networkOf(cidr: Cidr): IpAddress {
  const bytes = cidr.address.bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, cidr.prefixLength - i * 8))) & 0xff);
  return { family: cidr.address.family, bytes, mapped: false };
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIp(cidr.address)}/${cidr.prefixLength}`;
}

export function sameIp(a: IpAddress, b: IpAddress): boolean {
  return a.family === b.family && a.bytes.every((byte, i) => byte === b.bytes[i]);
}

export function cidrContains(cidr: Cidr, ip: IpAddress): boolean {
  return cidr.address.family === ip.family && sameIp(networkOf(cidr), networkOf({ address: ip, prefixLength: cidr.prefixLength }));
}

export function familyOf(text: string): 'IPv4' | 'IPv6' | undefined {
  return parseIp(text)?.family;
}

/** Whether a part has zeros in front that it does not need: of IPv4 any, of IPv6 what makes more than four digits, of a prefix's length any. */
export function hasLeadingZeros(text: string): boolean {
  const [address = '', length = ''] = text.split('/');
  const groups = address.split(':');
  return /^0\d/.test(length) || groups.some((group) => (group.includes('.') ? group.split('.').some((part) => /^0\d/.test(part)) : group.length > 4));
}

/** An address in any form that can be read. */
export function checkIp(path: FieldPath, text: string): FieldError[] {
  return parseIp(text) === undefined ? [invalidValue(path, text, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')] : [];
}

/** An address as new values must be: no leading zeros and no IPv4-mapped IPv6. */
export function checkStrictIp(path: FieldPath, text: string): FieldError[] {
  const ip = parseIp(text);
  if (ip === undefined) return checkIp(path, text);
  if (hasLeadingZeros(text)) return [invalidValue(path, text, 'must not have leading 0s')];
  if (ip.mapped) return [invalidValue(path, text, 'must not be an IPv4-mapped IPv6 address')];
  return [];
}

export function checkCidr(path: FieldPath, text: string): FieldError[] {
  return parseCidr(text) === undefined ? [invalidValue(path, text, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')] : [];
}

/** A CIDR as new values must be: as an address, and nothing set beyond the prefix. */
export function checkStrictCidr(path: FieldPath, text: string): FieldError[] {
  const cidr = parseCidr(text);
  if (cidr === undefined) return checkCidr(path, text);
  if (hasLeadingZeros(text)) return [invalidValue(path, text, 'must not have leading 0s in IP or prefix length')];
  if (cidr.address.mapped) return [invalidValue(path, text, 'must not have an IPv4-mapped IPv6 address')];
  if (!sameIp(cidr.address, networkOf(cidr))) return [invalidValue(path, text, 'must not have bits set beyond the prefix length')];
  return [];
}

/** As `checkStrictCidr`, written as it is best written. */
export function checkCanonicalCidr(path: FieldPath, text: string): FieldError[] {
  const errors = checkStrictCidr(path, text);
  if (errors.length > 0) return errors;
  const canonical = formatCidr(parseCidr(text)!);
  return canonical === text ? [] : [invalidValue(path, text, `must be in canonical form (${quote(canonical)})`)];
}

/** Addresses that must not be published as endpoints or external addresses: unspecified, loopback, link-local. */
export function checkNotLocalIp(path: FieldPath, text: string): FieldError[] {
  const ip = parseIp(text);
  if (ip === undefined) return [invalidValue(path, text, 'must be a valid IP address')];
  const b = ip.bytes;
  const v4 = ip.family === 'IPv4';
  const faults: string[] = [];
  if (b.every((byte) => byte === 0)) faults.push(`may not be unspecified (${JSON.stringify(text)})`);
  if (v4 ? b[0] === 127 : b.slice(0, 15).every((x) => x === 0) && b[15] === 1) faults.push('may not be in the loopback range (127.0.0.0/8, ::1/128)');
  if (v4 ? b[0] === 169 && b[1] === 254 : b[0] === 0xfe && (b[1]! & 0xc0) === 0x80) faults.push('may not be in the link-local range (169.254.0.0/16, fe80::/10)');
  if (v4 ? b[0] === 224 && b[1] === 0 && b[2] === 0 : b[0] === 0xff && (b[1]! & 0x0f) === 2) faults.push('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)');
  return faults.map((fault) => invalidValue(path, text, fault));
}

/** What is said of addresses that are taken and yet not as they are best written (RFC 5952). */
export function addressWarnings(path: FieldPath, text: string): string[] {
  const ip = parseIp(text);
  if (ip === undefined) return [];
  const canonical = formatIp(ip);
  if (hasLeadingZeros(text) || ip.mapped) return [`${path}: non-standard IP address ${quote(text)} is invalid: use ${quote(canonical)}`];
  return ip.family === 'IPv6' && canonical !== text ? [`${path}: IPv6 address ${quote(text)} should be in RFC 5952 canonical format (${quote(canonical)})`] : [];
}

/** As `addressWarnings`, for CIDRs. */
export function cidrWarnings(path: FieldPath, text: string): string[] {
  const cidr = parseCidr(text);
  if (cidr === undefined) return [];
  const network = networkOf(cidr);
  const canonical = formatCidr({ address: network, prefixLength: cidr.prefixLength });
  const warnings: string[] = [];
  if (!sameIp(cidr.address, network)) {
    const single = `${formatIp(parseIp(text.split('/')[0]!)!)}/${text.includes(':') ? 128 : 32}`;
    warnings.push(`${path}: CIDR value ${quote(text)} is ambiguous in this context (should be ${quote(canonical)} or ${quote(single)}?)`);
  }
  if (hasLeadingZeros(text) || cidr.address.mapped) warnings.push(`${path}: non-standard CIDR value ${quote(text)} is invalid: use ${quote(canonical)}`);
  if (warnings.length > 0) return warnings;
  return network.family === 'IPv6' && canonical !== text ? [`${path}: IPv6 CIDR value ${quote(text)} should be in RFC 5952 canonical format (${quote(canonical)})`] : [];
}
