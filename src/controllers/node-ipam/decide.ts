import { formatIp, networkOf, parseCidr, type Cidr, type IpAddress } from '../../api/meta/addresses.ts';
import type { Node } from '../../api/core/v1/types.ts';

/** A range and the size of each node's share. Shares are numbered from the range's start. */
export interface ShareRange {
  cidr: Cidr;
  text: string;
  shareBits: number;
  /** Shares in the range. */
  count: number;
}

export const defaultMaskIpv4 = 24;
export const defaultMaskIpv6 = 64;
/** A range is cut into at most 2^this shares. */
const maxShareBits = 16;

const bitsOf = (address: IpAddress): number => address.bytes.length * 8;
const valueOf = (address: IpAddress): bigint => address.bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);

function addressAt(like: IpAddress, value: bigint): IpAddress {
  const length = like.bytes.length;
  return { ...like, bytes: Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (length - 1 - i))) & 0xffn)) };
}

/** Reads `10.244.0.0/16` or, for two families, `10.244.0.0/16,fd00::/48`. Throws with what is wrong. */
export function parseRanges(text: string, masks: { ipv4?: number | undefined; ipv6?: number | undefined } = {}): ShareRange[] {
  return text.split(',').map((part) => {
    const cidr = parseCidr(part.trim());
    if (!cidr) throw new Error(`cluster CIDR "${part}" is not a CIDR`);
    const shareBits = cidr.address.family === 'IPv4' ? (masks.ipv4 ?? defaultMaskIpv4) : (masks.ipv6 ?? defaultMaskIpv6);
    if (shareBits < cidr.prefixLength || shareBits > bitsOf(cidr.address)) throw new Error(`node CIDR mask size ${shareBits} does not fit into the cluster CIDR ${part}`);
    if (shareBits - cidr.prefixLength > maxShareBits) throw new Error(`node CIDR mask size ${shareBits} cuts the cluster CIDR ${part} into more than ${2 ** maxShareBits} shares`);
    return { cidr, text: part.trim(), shareBits, count: 2 ** (shareBits - cidr.prefixLength) };
  });
}

/** The share's CIDR as text. */
export function shareOf(range: ShareRange, index: number): string {
  const network = networkOf(range.cidr);
  const value = valueOf(network) + (BigInt(index) << BigInt(bitsOf(network) - range.shareBits));
  return `${formatIp(addressAt(network, value))}/${range.shareBits}`;
}

/** Shares that a CIDR touches: first and last; undefined when it lies elsewhere. */
function touched(range: ShareRange, text: string): [number, number] | undefined {
  const other = parseCidr(text);
  if (!other) return undefined;
  const base = networkOf(range.cidr);
  const start = networkOf(other);
  if (start.family !== base.family) return undefined;
  const bits = bitsOf(base);
  const shift = BigInt(bits - range.shareBits);
  const first = valueOf(start) - valueOf(base);
  const last = first + (1n << BigInt(bits - other.prefixLength)) - 1n;
  const end = (BigInt(range.count) << shift) - 1n;
  if (last < 0n || first > end) return undefined;
  return [Number((first < 0n ? 0n : first) >> shift), Number((last > end ? end : last) >> shift)];
}

export interface IpamDecision {
  /** CIDRs for nodes that have none, one a range. */
  assign: { node: Node; podCIDRs: string[] }[];
  /** Nodes for which a range has no share left. */
  exhausted: Node[];
  /** Where the search goes on next time, one a range: a share that was given back is used again as late as may be. */
  cursors: number[];
}

/** Gives every node without an address range one. `reserved` are CIDRs no node may get; `pending` those given and not yet seen on the node. */
export function decideIpam(snapshot: { nodes: readonly Node[]; ranges: readonly ShareRange[]; reserved: readonly string[]; pending: ReadonlyMap<string, readonly string[]>; cursors: readonly number[] }): IpamDecision {
  const { nodes, ranges, reserved, pending } = snapshot;
  const cursors = [...snapshot.cursors];
  const taken = ranges.map((range) => {
    const used = new Set<number>();
    const texts = [...reserved, ...nodes.flatMap((node) => node.spec?.podCIDRs ?? (node.spec?.podCIDR ? [node.spec.podCIDR] : [])), ...[...pending.values()].flat()];
    for (const text of texts) {
      const span = touched(range, text);
      if (span) for (let i = span[0]; i <= span[1]; i++) used.add(i);
    }
    return used;
  });
  const decision: IpamDecision = { assign: [], exhausted: [], cursors };
  const waiting = nodes.filter((node) => !node.spec?.podCIDR && !node.spec?.podCIDRs?.length && !node.metadata.deletionTimestamp && !pending.has(node.metadata.name!));
  for (const node of waiting.sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1))) {
    const shares = ranges.map((range, i) => nextFree(range, taken[i]!, cursors[i] ?? 0));
    if (shares.includes(undefined)) {
      decision.exhausted.push(node);
      continue;
    }
    decision.assign.push({ node, podCIDRs: shares.map((share, i) => shareOf(ranges[i]!, share!)) });
    for (const [i, share] of shares.entries()) {
      taken[i]!.add(share!);
      cursors[i] = (share! + 1) % ranges[i]!.count;
    }
  }
  return decision;
}

function nextFree(range: ShareRange, taken: ReadonlySet<number>, from: number): number | undefined {
  if (taken.size >= range.count) return undefined;
  for (let i = 0; i < range.count; i++) {
    const share = (from + i) % range.count;
    if (!taken.has(share)) return share;
  }
  return undefined;
}

