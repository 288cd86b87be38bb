/**
 * Volumes and nodes must find each other: a bound volume may allow some nodes only, and a claim whose class waits for its first consumer gets a
 * volume that the chosen node can use. Binding the pod then waits until the claims are bound.
 */
import type { PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import type { NodeMatcher } from '../../api/core/v1/scheduling-terms.ts';
import { refusal } from '../framework.ts';
import type { BindContext, Cycle, Plugin, Status } from '../framework.ts';
import { SELECTED_NODE_ANNOTATION } from '../writes.ts';
import { ephemeralClaims, ownsClaim } from './claims.ts';
import { arrange, classOf, isBound, nodeMatcherOf, waitingClaims } from './volume-matching.ts';
import type { Arranged, Promised, Waiting } from './volume-matching.ts';

const NAME = 'VolumeBinding';
const BIND_TIMEOUT_MS = 600_000;

export const VOLUME_NODE_CONFLICT = refusal(NAME, 'unresolvable', "node(s) didn't match PersistentVolume's node affinity");
export const NO_VOLUME_TO_BIND = refusal(NAME, 'unresolvable', "node(s) didn't find available persistent volumes to bind");
export const NOT_ENOUGH_STORAGE = refusal(NAME, 'unresolvable', 'node(s) did not have enough free storage');
const CONFLICT_AND_NO_VOLUME = refusal(NAME, 'unresolvable', ...VOLUME_NODE_CONFLICT.reasons, ...NO_VOLUME_TO_BIND.reasons);
const CONFLICT_AND_NOT_ENOUGH = refusal(NAME, 'unresolvable', ...VOLUME_NODE_CONFLICT.reasons, ...NOT_ENOUGH_STORAGE.reasons);
const UNBOUND_IMMEDIATE = refusal(NAME, 'unresolvable', 'pod has unbound immediate PersistentVolumeClaims');

interface State {
  /** Where the volumes of bound claims can be used. */
  bound: NodeMatcher[];
  /** Claims that get their volume with the node. */
  waiting: Waiting[];
}

const refuse = (reason: string): Status => refusal(NAME, 'unresolvable', reason);

/** The pod's claims, all there and fit to be used; else why it must wait. */
function usableClaims({ pod, lookups }: Cycle): PersistentVolumeClaim[] | Status {
  const claims: PersistentVolumeClaim[] = [];
  const ephemeral = ephemeralClaims(pod);
  for (const name of pod.claimNames) {
    const claim = lookups.claim(pod.namespace, name);
    if (!claim) return refuse(ephemeral.has(name) ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"` : `persistentvolumeclaim "${name}" not found`);
    if (claim.status?.phase === 'Lost') return refuse(`persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ''}"`);
    if (claim.metadata.deletionTimestamp) return refuse(`persistentvolumeclaim "${name}" is being deleted`);
    if (ephemeral.has(name) && !ownsClaim(pod, claim)) return refuse(`PVC ${pod.namespace}/${name} was not created for pod ${pod.namespace}/${pod.name} (pod is not owner)`);
    claims.push(claim);
  }
  return claims;
}

function examine(cycle: Cycle, promised: Promised): State | Status {
  const { lookups } = cycle;
  const claims = usableClaims(cycle);
  if ('code' in claims) return claims;
  const bound: NodeMatcher[] = [];
  const open: PersistentVolumeClaim[] = [];
  let immediate = false;
  for (const claim of claims) {
    const { volumeName } = claim.spec ?? {};
    if (isBound(claim)) {
      const volume = lookups.volume(volumeName!);
      if (!volume) return refuse(`persistentvolume "${volumeName}" not found`);
      const matcher = nodeMatcherOf(volume);
      if (matcher) bound.push(matcher);
    } else if (!volumeName && lookups.storageClass(classOf(claim))?.volumeBindingMode === 'WaitForFirstConsumer') open.push(claim);
    // A claim that names its volume is bound by the controller, whatever its class says.
    else immediate = true;
  }
  return immediate ? UNBOUND_IMMEDIATE : { bound, waiting: open.length === 0 ? [] : waitingClaims(cycle, open, promised) };
}

const wakes = [
  { resource: 'PersistentVolumeClaim', actions: ['add', 'update'] },
  { resource: 'PersistentVolume', actions: ['add', 'update'] },
  { resource: 'StorageClass', actions: ['add', 'update'] },
] as const;

/** Why the node will not do. */
function verdict(conflict: boolean, obstacle: 'no volume' | 'no room' | undefined): Status | undefined {
  if (obstacle === undefined) return conflict ? VOLUME_NODE_CONFLICT : undefined;
  if (obstacle === 'no volume') return conflict ? CONFLICT_AND_NO_VOLUME : NO_VOLUME_TO_BIND;
  return conflict ? CONFLICT_AND_NOT_ENOUGH : NOT_ENOUGH_STORAGE;
}

/**
 * Whether all claims are bound by now. Throws when that will not happen on this node any more: a provisioner that has no room takes the node's
 * name off the claim, and the pod must look for another.
 */
function boundWatch(cycle: Cycle, arranged: Arranged, nodeName: string, context: BindContext): () => boolean {
  const { pod } = cycle;
  const announced = new Set<string>();
  const node = cycle.snapshot.get(nodeName);
  return () => {
    let all = true;
    for (const [{ metadata }, volume] of arranged) {
      const name = metadata.name!;
      const now = context.lookups.claim(pod.namespace, name);
      if (!now || now.metadata.uid !== metadata.uid) throw new Error(`binding volumes: persistentvolumeclaim "${name}" not found`);
      if (isBound(now)) {
        const usable = nodeMatcherOf(context.lookups.volume(now.spec!.volumeName!) ?? { metadata: {} });
        if (usable && node && !usable(node.name, node.labels)) throw new Error(`binding volumes: pv "${now.spec!.volumeName}" node affinity doesn't match node "${nodeName}"`);
        continue;
      }
      all = false;
      if (volume !== 'provision') continue;
      const selected = now.metadata.annotations?.[SELECTED_NODE_ANNOTATION];
      if (selected === nodeName) announced.add(name);
      else if (selected || announced.has(name)) throw new Error(`binding volumes: provisioning failed for PVC "${name}"`);
    }
    return all;
  };
}

export interface VolumeBindingArgs {
  bindTimeoutSeconds?: number;
}

const ARRANGED = `${NAME}/arranged`;

export function createVolumeBinding(args: VolumeBindingArgs = {}): Plugin {
  const promised: Promised = new Map();
  const release = (cycle: Cycle): void => {
    for (const volume of ((cycle.state.get(ARRANGED) as Arranged | undefined)?.values() ?? [])) if (volume !== 'provision') promised.delete(volume.metadata.name!);
  };
  const timeoutMs = args.bindTimeoutSeconds === undefined ? BIND_TIMEOUT_MS : args.bindTimeoutSeconds * 1000;
  return {
    name: NAME,
    preFilter(cycle) {
      if (cycle.pod.claimNames.length === 0) return { skip: true };
      const state = examine(cycle, promised);
      if ('code' in state) return { status: state };
      cycle.state.set(NAME, state);
      return undefined;
    },
    filter(cycle, node) {
      const { bound, waiting } = cycle.state.get(NAME) as State;
      let conflict = false;
      for (const usable of bound) conflict ||= !usable(node.name, node.labels);
      const arranged = waiting.length === 0 ? undefined : arrange(waiting, node);
      return verdict(conflict, typeof arranged === 'string' ? arranged : undefined);
    },
    reserve(cycle, nodeName) {
      const state = cycle.state.get(NAME) as State | undefined;
      const node = cycle.snapshot.get(nodeName);
      if (!state || state.waiting.length === 0 || !node) return undefined;
      const arranged = arrange(state.waiting, node);
      if (typeof arranged === 'string') return verdict(false, arranged);
      cycle.state.set(ARRANGED, arranged);
      for (const [claim, volume] of arranged) if (volume !== 'provision') promised.set(volume.metadata.name!, claim.metadata.uid ?? '');
      return undefined;
    },
    unreserve: (cycle) => release(cycle),
    preBindTakesTime: (cycle) => cycle.state.has(ARRANGED),
    async preBind(cycle, nodeName, context) {
      const arranged = cycle.state.get(ARRANGED) as Arranged | undefined;
      if (!arranged) return undefined;
      for (const [claim, volume] of arranged) {
        if (volume !== 'provision') await context.reserveVolume(volume, claim);
        else if (claim.metadata.annotations?.[SELECTED_NODE_ANNOTATION] !== nodeName) await context.selectNode(claim, nodeName);
      }
      const bound = await context.until(boundWatch(cycle, arranged, nodeName, context), timeoutMs);
      if (bound) release(cycle);
      return bound ? undefined : refusal(NAME, 'error', 'binding volumes: timed out waiting for the condition');
    },
    events: () => [
      ...wakes,
      { resource: 'CSIDriver', actions: ['add', 'update', 'delete'] },
      { resource: 'CSIStorageCapacity', actions: ['add', 'update'] },
      { resource: 'Node', actions: ['add', 'updateLabels'] },
    ],
  };
}

export const volumeBinding: Plugin = createVolumeBinding();
