/** A claim of access mode ReadWriteOncePod serves one pod at a time (KEP-2485). */
import { refusal } from '../framework.ts';
import type { Plugin } from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';
import { claimsOf } from './claims.ts';

const NAME = 'VolumeRestrictions';
export const CLAIM_IN_USE = refusal(NAME, 'unschedulable', 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode');

const shares = (names: ReadonlySet<string>, pod: PodInfo, other: PodInfo): boolean =>
  other.namespace === pod.namespace && other.uid !== pod.uid && other.claimNames.some((name) => names.has(name));

interface State {
  names: ReadonlySet<string>;
  /** Pods anywhere that use one of the claims. */
  users: number;
}

export const volumeRestrictions: Plugin = {
  name: NAME,
  preFilter(cycle) {
    const { pod, snapshot, lookups } = cycle;
    if (pod.claimNames.length === 0) return { skip: true };
    const exclusive = claimsOf(pod, lookups).filter((claim) => claim.spec?.accessModes?.includes('ReadWriteOncePod'));
    if (exclusive.length === 0) return { skip: true };
    const names = new Set(exclusive.map((claim) => claim.metadata.name!));
    let users = 0;
    for (const node of snapshot.nodes) for (const other of node.pods) if (shares(names, pod, other)) users++;
    cycle.state.set(NAME, { names, users } satisfies State);
    return undefined;
  },
  filter: (cycle) => ((cycle.state.get(NAME) as State).users > 0 ? CLAIM_IN_USE : undefined),
  addPod(cycle, pod) {
    const state = cycle.state.get(NAME) as State | undefined;
    if (state && shares(state.names, cycle.pod, pod)) state.users++;
  },
  removePod(cycle, pod) {
    const state = cycle.state.get(NAME) as State | undefined;
    if (state && shares(state.names, cycle.pod, pod)) state.users--;
  },
  copyState: (state): State => ({ ...(state as State) }),
  events: () => [
    { resource: 'AssignedPod', actions: ['delete'], hint: (pod, event) => event.pod !== undefined && shares(new Set(pod.claimNames), pod, event.pod) },
    { resource: 'PersistentVolumeClaim', actions: ['add', 'update'] },
  ],
};
