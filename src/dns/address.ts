/** IP addresses as text and as bytes, and ranges of them. */

/** 4 or 16 bytes of an address; undefined for what is none. */
export function addressBytes(text: string): Uint8Array | undefined {
  if (!text.includes(':')) return ipv4Bytes(text);
  let groupsText = text.split('%')[0]!;
  const embedded = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(groupsText);
  if (embedded) {
    const tail = ipv4Bytes(embedded[2]!);
    if (tail === undefined) return undefined;
    groupsText = `${embedded[1]}${((tail[0]! << 8) | tail[1]!).toString(16)}:${((tail[2]! << 8) | tail[3]!).toString(16)}`;
  }
  const halves = groupsText.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const count = groups.reduce((sum, list) => sum + list.length, 0);
  if (halves.length === 2 ? count > 7 : count !== 8) return undefined;
  const all = halves.length === 2 ? [...groups[0]!, ...Array.from({ length: 8 - count }, () => '0'), ...groups[1]!] : groups[0]!;
  const bytes = new Uint8Array(16);
  for (const [index, group] of all.entries()) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    const value = Number.parseInt(group, 16);
    bytes[index * 2] = value >> 8;
    bytes[index * 2 + 1] = value & 255;
  }
  return bytes;
}

function ipv4Bytes(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) return undefined;
  return Uint8Array.from(parts, Number);
}

/** Text of 4 or 16 bytes; IPv6 in the short form of RFC 5952. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) => (bytes[index * 2]! << 8) | bytes[index * 2 + 1]!);
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = (list: number[]): string => list.map((group) => group.toString(16)).join(':');
  return best.start < 0 ? hex(groups) : `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}`;
}

/** A test for "inside one of these ranges". IPv4 addresses that arrive as `::ffff:a.b.c.d` count as IPv4. */
export function rangeTest(cidrs: readonly string[]): (address: string) => boolean {
  const ranges = cidrs.map((cidr) => {
    const [address, bits] = cidr.split('/') as [string, string | undefined];
    const base = addressBytes(address);
    if (base === undefined) throw new Error(`"${cidr}" is not a range of addresses`);
    return { base, bits: bits === undefined ? base.length * 8 : Number(bits) };
  });
  return (text) => {
    const bytes = addressBytes(text.replace(/^::ffff:(?=\d+\.)/i, ''));
    return bytes !== undefined && ranges.some((range) => range.base.length === bytes.length && samePrefix(range.base, bytes, range.bits));
  };
}

function samePrefix(a: Uint8Array, b: Uint8Array, bits: number): boolean {
  for (let index = 0; index * 8 < bits; index++) {
    const left = bits - index * 8;
    const mask = left >= 8 ? 255 : (255 << (8 - left)) & 255;
    if ((a[index]! & mask) !== (b[index]! & mask)) return false;
  }
  return true;
}

/** The address that a name below `in-addr.arpa` or `ip6.arpa` asks about; undefined where it is none (or only a part of one). */
export function reverseAddress(name: string): string | undefined {
  const lower = name.toLowerCase();
  if (lower.endsWith('.in-addr.arpa')) {
    const text = lower.slice(0, -'.in-addr.arpa'.length).split('.').toReversed().join('.');
    return addressBytes(text) === undefined ? undefined : text;
  }
  if (!lower.endsWith('.ip6.arpa')) return undefined;
  const nibbles = lower.slice(0, -'.ip6.arpa'.length).split('.').toReversed();
  if (nibbles.length !== 32 || nibbles.some((nibble) => !/^[0-9a-f]$/.test(nibble))) return undefined;
  return addressText(Uint8Array.from({ length: 16 }, (_, index) => Number.parseInt(nibbles[index * 2]! + nibbles[index * 2 + 1]!, 16)));
}
