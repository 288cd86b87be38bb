/** IP addresses and CIDRs. IPv4 in IPv6's clothing, zones and leading zeros are refused. */
import { cidrContains, formatCidr, formatIp, networkOf, parseCidr, parseIp, type Cidr, type IpAddress } from '../../api/meta/addresses.ts';
import { succeeds } from '../attempt.ts';
import { CelError, opaque } from '../types.ts';
import { noSuchOverload, OpaqueValue, type Value } from '../values.ts';
import { addressFault, prefixFault } from './address-faults.ts';
import { costs, overload, type Measure, type Overload, type OverloadOptions } from './declare.ts';
import { goQuote } from './quotes.ts';

const IP = opaque('net.IP');
const CIDR = opaque('net.CIDR');

class IpValue extends OpaqueValue {
  readonly address: IpAddress;
  constructor(address: IpAddress) {
    super(IP);
    this.address = address;
  }
  override get measured(): number {
    return this.address.bytes.length;
  }
  equalTo(other: Value): boolean {
    return other instanceof IpValue && text(other.address) === text(this.address);
  }
}

class CidrValue extends OpaqueValue {
  readonly cidr: Cidr;
  constructor(cidr: Cidr) {
    super(CIDR);
    this.cidr = cidr;
  }
  override get measured(): number {
    return Math.ceil(this.cidr.prefixLength / 8);
  }
  equalTo(other: Value): boolean {
    return other instanceof CidrValue && cidrText(other.cidr) === cidrText(this.cidr);
  }
}

const text = formatIp;
const cidrText = formatCidr;

function ip(given: string): IpAddress {
  const fault = addressFault(given);
  if (fault !== undefined) throw new CelError(`IP Address ${goQuote(given)} parse error during conversion from string: ${fault}`);
  if (given.includes('%')) throw new CelError(`IP address ${goQuote(given)} with zone value is not allowed`);
  const address = parseIp(given)!;
  if (address.mapped) throw new CelError(`IPv4-mapped IPv6 address ${goQuote(given)} is not allowed`);
  return address;
}

function cidr(given: string): Cidr {
  const told = (fault: string): CelError => new CelError(`network address parse error during conversion from string: ${fault}`);
  const fault = prefixFault(given);
  if (fault !== undefined) throw told(`network address parse error during conversion from string: ${fault}`);
  // Bits of a short address in long clothing may be too many for it.
  const found = parseCidr(given);
  if (found === undefined || found.address.mapped) throw told(`IPv4-mapped IPv6 address ${goQuote(given)} is not allowed`);
  return found;
}

/** What is asked about: one that cannot be read is not what the function takes. */
function other<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof CelError ? noSuchOverload() : error;
  }
}

const first = (address: IpAddress, ...bytes: number[]): boolean => bytes.every((byte, i) => address.bytes[i] === byte);
const isFour = (address: IpAddress): boolean => address.family === 'IPv4';
const isUnspecified = (address: IpAddress): boolean => address.bytes.every((byte) => byte === 0);
const isLoopback = (address: IpAddress): boolean => (isFour(address) ? first(address, 127) : text(address) === '::1');
const isLinkLocalUnicast = (address: IpAddress): boolean => (isFour(address) ? first(address, 169, 254) : first(address, 0xfe) && (address.bytes[1]! & 0xc0) === 0x80);
const isLinkLocalMulticast = (address: IpAddress): boolean => (isFour(address) ? first(address, 224, 0, 0) : first(address, 0xff) && (address.bytes[1]! & 0x0f) === 0x02);
const isMulticast = (address: IpAddress): boolean => (isFour(address) ? (address.bytes[0]! & 0xf0) === 0xe0 : first(address, 0xff));
const isBroadcast = (address: IpAddress): boolean => isFour(address) && address.bytes.every((byte) => byte === 255);
const isGlobalUnicast = (address: IpAddress): boolean => !isBroadcast(address) && !isUnspecified(address) && !isLoopback(address) && !isMulticast(address) && !isLinkLocalUnicast(address);

const masked = (cidr: Cidr): Cidr => ({ address: networkOf(cidr), prefixLength: cidr.prefixLength });
const contains = cidrContains;
const containsCidr = (outer: Cidr, inner: Cidr): boolean => inner.prefixLength >= outer.prefixLength && contains(outer, inner.address);

const tenth = (length: number): number => Math.ceil(length * 0.1);
/** Addresses have four bytes, or sixteen. */
const priced = (price: (bytes: number, measure: Measure) => number): OverloadOptions => ({ cost: (measure) => price(measure.size(0), measure) });
const inside = (parses: boolean): OverloadOptions => priced((bytes, measure) => tenth(bytes * 2) + (parses ? tenth(measure.size(1)) : 0));
const within = (parses: boolean): OverloadOptions => priced((bytes, measure) => tenth(bytes * 2) + tenth(bytes) + 1 + (parses ? tenth(measure.size(1)) : 0));

export function ipLibrary(): Overload[] {
  const test = (name: string, is: (address: IpAddress) => boolean): Overload => overload(name, 'ip.() -> bool', ({ address }: IpValue) => is(address));
  return [
    overload('ip', '(string) -> ip', (given: string) => new IpValue(ip(given)), { cost: costs.text }),
    overload('isIP', '(string) -> bool', (given: string) => succeeds(() => ip(given)), { cost: costs.text }),
    overload('ip.isCanonical', '(string) -> bool', (given: string) => text(ip(given)) === given, { cost: costs.twice }),
    overload('string', '(ip) -> string', ({ address }: IpValue) => text(address)),
    overload('family', 'ip.() -> int', ({ address }: IpValue) => (isFour(address) ? 4 : 6)),
    test('isUnspecified', isUnspecified),
    test('isLoopback', isLoopback),
    test('isLinkLocalMulticast', isLinkLocalMulticast),
    test('isLinkLocalUnicast', isLinkLocalUnicast),
    test('isGlobalUnicast', isGlobalUnicast),
  ];
}

export function cidrLibrary(): Overload[] {
  return [
    overload('cidr', '(string) -> cidr', (given: string) => new CidrValue(cidr(given)), { cost: costs.text }),
    overload('isCIDR', '(string) -> bool', (given: string) => succeeds(() => cidr(given)), { cost: costs.text }),
    overload('string', '(cidr) -> string', ({ cidr: value }: CidrValue) => cidrText(value)),
    overload('containsIP', 'cidr.(ip) -> bool', ({ cidr: outer }: CidrValue, { address }: IpValue) => contains(outer, address), inside(false)),
    overload('containsIP', 'cidr.(string) -> bool', ({ cidr: outer }: CidrValue, given: string) => contains(outer, other(() => ip(given))), inside(true)),
    overload('containsCIDR', 'cidr.(cidr) -> bool', ({ cidr: outer }: CidrValue, { cidr: inner }: CidrValue) => containsCidr(outer, inner), within(false)),
    overload('containsCIDR', 'cidr.(string) -> bool', ({ cidr: outer }: CidrValue, given: string) => containsCidr(outer, other(() => cidr(given))), within(true)),
    overload('ip', 'cidr.() -> ip', ({ cidr: value }: CidrValue) => new IpValue(value.address)),
    overload('masked', 'cidr.() -> cidr', ({ cidr: value }: CidrValue) => new CidrValue(masked(value))),
    overload('prefixLength', 'cidr.() -> int', ({ cidr: value }: CidrValue) => value.prefixLength),
  ];
}
