/** What one scheduling cycle decides on: the nodes as they stood when it began. */
import { NodeInfo } from './node-info.ts';
import { PodIndex } from './pod-index.ts';

export class Snapshot {
  /** Zones take turns in this order, so that a search that stops early has still seen all of them. */
  nodes: readonly NodeInfo[] = [];
  readonly byName = new Map<string, NodeInfo>();
  /** Valid until the cache changes next: a cycle runs to its end without waiting, so nothing changes within it. */
  index = new PodIndex();
  /** All changes up to this one are in. */
  generation = 0;
  /** What plug-ins worked out from names, labels and taints of the nodes alone; emptied when any of these changes. */
  readonly memo = new Map<string, unknown>();
  /** The state of names, labels and taints that the memo belongs to. */
  layout = 0;

  get(name: string): NodeInfo | undefined {
    return this.byName.get(name);
  }
}

/** Memos kept at most; pods of ever new shapes must not fill memory. */
const MEMO_LIMIT = 256;

/** The value under the key, worked out once for as long as the nodes' names, labels and taints stay as they are. */
export function remember<T>(snapshot: Snapshot, key: string, make: () => T): T {
  const known = snapshot.memo.get(key);
  if (known !== undefined) return known as T;
  if (snapshot.memo.size >= MEMO_LIMIT) snapshot.memo.clear();
  const value = make();
  snapshot.memo.set(key, value);
  return value;
}

export function zoneOf(labels: Readonly<Record<string, string>>): string {
  return `${labels['topology.kubernetes.io/region'] ?? ''}/${labels['topology.kubernetes.io/zone'] ?? ''}`;
}

/** One of each zone in turn, in the order in which zones and nodes came. */
export function interleaveZones(nodes: Iterable<NodeInfo>): NodeInfo[] {
  const zones = new Map<string, NodeInfo[]>();
  let total = 0;
  for (const node of nodes) {
    total++;
    const zone = zoneOf(node.labels);
    const there = zones.get(zone);
    if (there) there.push(node);
    else zones.set(zone, [node]);
  }
  const lists = [...zones.values()];
  if (lists.length === 1) return lists[0]!;
  const ordered: NodeInfo[] = [];
  for (let round = 0; ordered.length < total; round++) {
    for (const list of lists) {
      const node = list[round];
      if (node) ordered.push(node);
    }
  }
  return ordered;
}
