/**
 * IP addresses and CIDRs as text and as bytes, and the checks that fields holding them need (RFC 4291, RFC 5952, RFC 4632).
 * The strict form is what the API asks of new values: no leading zeros, no IPv4 in IPv6 clothing, canonical text.
 */
import type { FieldPath, FieldError } from './field.ts';
import { invalidValue } from './field.ts';

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
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part))) return undefined;
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
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
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

/** Reads an address; undefined where the text is none. Zones (`%eth0`) are refused. Leading zeros in IPv4 are read as decimal. */
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
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  if (match === null || (match[2]!.length > 1 && match[2]!.startsWith('0'))) return undefined;
  const address = parseIp(match[1]!);
  if (address === undefined) return undefined;
  // The prefix of `::ffff:1.2.3.0/120` counts bits of the long notation.
  const prefixLength = Number(match[2]) - (address.mapped ? 96 : 0);
  const bits = address.family === 'IPv4' ? 32 : 128;
  return prefixLength < 0 || prefixLength > bits ? undefined : { address, prefixLength };
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

const hasLeadingZeros = (text: string): boolean => text.split(/[.:/]/).some((part, _i, parts) => parts.length >= 4 && /^0\d/.test(part)) && text.includes('.');

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
  if (hasLeadingZeros(text)) return [invalidValue(path, text, 'must not have leading 0s in IP')];
  if (cidr.address.mapped) return [invalidValue(path, text, 'must not have an IPv4-mapped IPv6 address')];
  if (!sameIp(cidr.address, networkOf(cidr))) return [invalidValue(path, text, 'must not have bits set beyond the prefix length')];
  return [];
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
  if (hasLeadingZeros(text) || ip.mapped) return [`${path}: non-standard IP address ${JSON.stringify(text)} will be considered invalid in a future Kubernetes release: use ${JSON.stringify(canonical)}`];
  return ip.family === 'IPv6' && canonical !== text ? [`${path}: IPv6 address ${JSON.stringify(text)} should be in RFC 5952 canonical format (${JSON.stringify(canonical)})`] : [];
}

/** As `addressWarnings`, for CIDRs. */
export function cidrWarnings(path: FieldPath, text: string): string[] {
  const cidr = parseCidr(text);
  if (cidr === undefined) return [];
  const network = networkOf(cidr);
  const canonical = formatCidr({ address: network, prefixLength: cidr.prefixLength });
  if (!sameIp(cidr.address, network)) {
    return [`${path}: CIDR value ${JSON.stringify(text)} is ambiguous in this context (should be ${JSON.stringify(canonical)} or ${JSON.stringify(`${formatIp(cidr.address)}/${network.family === 'IPv4' ? 32 : 128}`)}?)`];
  }
  if (hasLeadingZeros(text) || cidr.address.mapped) return [`${path}: non-standard CIDR value ${JSON.stringify(text)} will be considered invalid in a future Kubernetes release: use ${JSON.stringify(canonical)}`];
  return network.family === 'IPv6' && canonical !== text ? [`${path}: IPv6 CIDR value ${JSON.stringify(text)} should be in RFC 5952 canonical format (${JSON.stringify(canonical)})`] : [];
}
