/** Ranges that numbers are given out of: addresses of services, and node ports. Pure. */
import { formatCidr, formatIp, networkOf, parseCidr, type IpAddress } from '../../../api/meta/addresses.ts';
import type { Random } from '../../../host/types.ts';

export type Family = 'IPv4' | 'IPv6';

/** Addresses that one range gives out at most by itself; IPv6 ranges are huge. Any address of the range may be named. */
const GIVEN_OUT_LIMIT = 2n ** 31n;

const numberOf = (bytes: readonly number[]): bigint => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

/**
 * The size of a range's lower part, which automatic choices leave, as long as they can, to those who name a number themselves (KEP-3070 for
 * addresses, KEP-3668 for node ports).
 */
export function reservedPart(size: number, minimum: number, step: number, maximum: number): number {
  return size < minimum ? 0 : Math.min(Math.max(minimum, Math.floor(size / step)), maximum);
}

/** Tries places in [0, size): from a random one on above `reserved`, and below it when that part is full. Undefined when none is free. */
export function freePlace(size: number, reserved: number, random: Random, isFree: (offset: number) => boolean): number | undefined {
  const upper = size - reserved;
  const start = upper > 0 ? random.int(upper) : 0;
  for (let i = 0; i < upper; i++) {
    const offset = reserved + ((start + i) % upper);
    if (isFree(offset)) return offset;
  }
  for (let offset = 0; offset < reserved; offset++) if (isFree(offset)) return offset;
  return undefined;
}

/** The addresses of one CIDR that services can have: all but the network's own and, with IPv4, the broadcast address. */
export class AddressRange {
  readonly text: string;
  readonly family: Family;
  /** How many are given out by themselves. */
  readonly size: number;
  readonly reserved: number;
  readonly #network: bigint;
  readonly #whole: bigint;
  readonly #usable: bigint;

  /** Throws for text that is no CIDR. */
  constructor(text: string) {
    const cidr = parseCidr(text);
    if (cidr === undefined) throw new Error(`the service range "${text}" is not an address range such as 10.96.0.0/16`);
    this.family = cidr.address.family;
    this.text = formatCidr({ address: networkOf(cidr), prefixLength: cidr.prefixLength });
    this.#network = numberOf(networkOf(cidr).bytes);
    this.#whole = 1n << BigInt((this.family === 'IPv4' ? 32 : 128) - cidr.prefixLength);
    const usable = this.#whole - (this.family === 'IPv4' ? 2n : 1n);
    this.#usable = usable < 0n ? 0n : usable;
    this.size = Number(this.#usable > GIVEN_OUT_LIMIT ? GIVEN_OUT_LIMIT : this.#usable);
    this.reserved = reservedPart(this.size, 16, 16, 256);
  }

  /** The address at a place in [0, size). */
  at(offset: number): string {
    const value = this.#network + BigInt(offset) + 1n;
    const length = this.family === 'IPv4' ? 4 : 16;
    return formatIp({ family: this.family, bytes: Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (length - 1 - i))) & 0xffn)), mapped: false });
  }

  /** Whether the address lies in the range at all. */
  contains(ip: IpAddress): boolean {
    const offset = ip.family === this.family ? numberOf(ip.bytes) - this.#network : -1n;
    return offset >= 0n && offset < this.#whole;
  }

  /** Whether a service may have that address of this range. */
  has(ip: IpAddress): boolean {
    const offset = ip.family === this.family ? numberOf(ip.bytes) - this.#network : -1n;
    return offset >= 1n && offset <= this.#usable;
  }
}

/** The ranges of `10.96.0.0/16,fd00::/108`: one, or one of each family. Throws, by name, for anything else. */
export function serviceRanges(text: string): AddressRange[] {
  const ranges = text.split(',').map((cidr) => new AddressRange(cidr.trim()));
  if (ranges.length > 2 || (ranges.length === 2 && ranges[0]!.family === ranges[1]!.family)) throw new Error(`the service ranges "${text}" must be one range, or one of IPv4 and one of IPv6`);
  return ranges;
}
