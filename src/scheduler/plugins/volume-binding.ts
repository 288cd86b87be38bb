/**
 * Volumes and nodes must find each other: a bound volume may allow some nodes only, and a claim whose class waits for its first consumer gets a
 * volume that the chosen node can use. Binding the pod then waits until the claims are bound.
 */
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import { labelSelectorOf } from '../../api/meta/selectors.ts';
import { refusal } from '../framework.ts';
import type { Cycle, Plugin, Status } from '../framework.ts';
import { compileNodeSelector, type NodeMatcher } from '../../api/core/v1/scheduling-terms.ts';
import type { NodeInfo } from '../node-info.ts';
import { NO_LABELS } from '../pod-info.ts';
import { amountOf } from '../resource-amounts.ts';
import { SELECTED_NODE_ANNOTATION } from '../writes.ts';

const NAME = 'VolumeBinding';
const NO_PROVISIONER = 'kubernetes.io/no-provisioner';
const BIND_TIMEOUT_MS = 600_000;

export const VOLUME_NODE_CONFLICT = refusal(NAME, 'unresolvable', "node(s) didn't match PersistentVolume's node affinity");
export const NO_VOLUME_TO_BIND = refusal(NAME, 'unresolvable', "node(s) didn't find available persistent volumes to bind");
const UNBOUND_IMMEDIATE = refusal(NAME, 'unresolvable', 'pod has unbound immediate PersistentVolumeClaims');

interface State {
  /** Where the volumes of bound claims can be used. */
  bound: NodeMatcher[];
  /** Claims that get their volume with the node. */
  waiting: Waiting[];
}

/** A volume that would suit a claim, and the nodes that can use it. */
interface Candidate {
  volume: PersistentVolume;
  usable: NodeMatcher | undefined;
}

interface Waiting {
  claim: PersistentVolumeClaim;
  /** Smallest first. */
  candidates: Candidate[];
}

/** Volumes by name that placed pods are about to be given, with the claim that gets them: the API does not show it yet. */
type Promised = Map<string, string>;

function nodeMatcherOf(volume: PersistentVolume): NodeMatcher | undefined {
  const required = volume.spec?.nodeAffinity?.required;
  return required && compileNodeSelector(required);
}

const classOf = (claim: PersistentVolumeClaim): string => claim.spec?.storageClassName ?? '';

function examine(cycle: Cycle, promised: Promised): State | Status {
  const { pod, lookups } = cycle;
  const state: State = { bound: [], waiting: [] };
  for (const name of pod.claimNames) {
    const claim = lookups.claim(pod.namespace, name);
    if (!claim) return refusal(NAME, 'unresolvable', `persistentvolumeclaim "${name}" not found`);
    if (claim.metadata.deletionTimestamp) return refusal(NAME, 'unresolvable', `persistentvolumeclaim "${name}" is being deleted`);
    const volumeName = claim.spec?.volumeName;
    if (claim.status?.phase === 'Lost') return refusal(NAME, 'unresolvable', `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${volumeName ?? ''}"`);
    if (volumeName && claim.status?.phase === 'Bound') {
      const volume = lookups.volume(volumeName);
      if (!volume) return refusal(NAME, 'unresolvable', `persistentvolume "${volumeName}" not found`);
      const matcher = nodeMatcherOf(volume);
      if (matcher) state.bound.push(matcher);
    } else if (lookups.storageClass(classOf(claim))?.volumeBindingMode === 'WaitForFirstConsumer') state.waiting.push({ claim, candidates: candidatesFor(cycle, claim, promised) });
    else return UNBOUND_IMMEDIATE;
  }
  return state;
}

/** Whether the volume is free and as large, as open and of the class that the claim asks for. */
function suits(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const reference = volume.spec?.claimRef;
  if (reference) {
    const same = reference.name === claim.metadata.name && reference.namespace === claim.metadata.namespace;
    if (!same || (reference.uid && reference.uid !== claim.metadata.uid)) return false;
  }
  if (volume.metadata.deletionTimestamp || (volume.spec?.storageClassName ?? '') !== classOf(claim)) return false;
  if (volume.status?.phase !== 'Available' && !reference) return false;
  if ((volume.spec?.volumeMode ?? 'Filesystem') !== (claim.spec?.volumeMode ?? 'Filesystem')) return false;
  if (!(claim.spec?.accessModes ?? []).every((mode) => volume.spec?.accessModes?.includes(mode))) return false;
  if (claim.spec?.selector && !labelSelectorOf(claim.spec.selector)(volume.metadata.labels)) return false;
  return amountOf(volume.spec?.capacity?.['storage'], 1) >= amountOf(claim.spec?.resources?.requests?.['storage'], 1);
}

const sizeOf = (volume: PersistentVolume): number => amountOf(volume.spec?.capacity?.['storage'], 1);

/** Looked up once a cycle, not once a node. */
function candidatesFor(cycle: Cycle, claim: PersistentVolumeClaim, promised: Promised): Candidate[] {
  return cycle.lookups.volumes()
    .filter((volume) => (promised.get(volume.metadata.name!) ?? claim.metadata.uid) === claim.metadata.uid && suits(volume, claim))
    .toSorted((a, b) => sizeOf(a) - sizeOf(b))
    .map((volume) => ({ volume, usable: nodeMatcherOf(volume) }));
}

/** The smallest of them that can be used on the node. */
function volumeFor({ candidates }: Waiting, node: NodeInfo, taken: ReadonlySet<string>): PersistentVolume | undefined {
  for (const { volume, usable } of candidates) if (!taken.has(volume.metadata.name!) && (usable?.(node.name, node.labels) ?? true)) return volume;
  return undefined;
}

function canProvision(cycle: Cycle, claim: PersistentVolumeClaim, node: NodeInfo): boolean {
  const selected = claim.metadata.annotations?.[SELECTED_NODE_ANNOTATION];
  if (selected && selected !== node.name) return false;
  const storageClass = cycle.lookups.storageClass(classOf(claim));
  if (!storageClass || !storageClass.provisioner || storageClass.provisioner === NO_PROVISIONER) return false;
  const topologies = storageClass.allowedTopologies ?? [];
  return topologies.length === 0 || topologies.some((term) => (term.matchLabelExpressions ?? []).every((each) => each.values.includes(node.labels[each.key] ?? '')));
}

/** For each waiting claim a volume of the node, or 'provision'; undefined when one gets neither. */
function arrange(cycle: Cycle, claims: readonly Waiting[], node: NodeInfo): Map<PersistentVolumeClaim, PersistentVolume | 'provision'> | undefined {
  const arranged = new Map<PersistentVolumeClaim, PersistentVolume | 'provision'>();
  const taken = new Set<string>();
  for (const waiting of claims) {
    const volume = volumeFor(waiting, node, taken);
    if (volume) taken.add(volume.metadata.name!);
    else if (!canProvision(cycle, waiting.claim, node)) return undefined;
    arranged.set(waiting.claim, volume ?? 'provision');
  }
  return arranged;
}

const wakes = [
  { resource: 'PersistentVolumeClaim', actions: ['add', 'update'] },
  { resource: 'PersistentVolume', actions: ['add', 'update'] },
  { resource: 'StorageClass', actions: ['add', 'update'] },
] as const;

export interface VolumeBindingArgs {
  bindTimeoutSeconds?: number;
}

type Arranged = Map<PersistentVolumeClaim, PersistentVolume | 'provision'>;
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
      for (const usable of bound) if (!usable(node.name, node.labels)) return VOLUME_NODE_CONFLICT;
      return waiting.length === 0 || arrange(cycle, waiting, node) ? undefined : NO_VOLUME_TO_BIND;
    },
    reserve(cycle, nodeName) {
      const state = cycle.state.get(NAME) as State | undefined;
      const node = cycle.snapshot.get(nodeName);
      if (!state || state.waiting.length === 0 || !node) return undefined;
      const arranged = arrange(cycle, state.waiting, node);
      if (!arranged) return NO_VOLUME_TO_BIND;
      cycle.state.set(ARRANGED, arranged);
      for (const [claim, volume] of arranged) if (volume !== 'provision') promised.set(volume.metadata.name!, claim.metadata.uid ?? '');
      return undefined;
    },
    unreserve: (cycle) => release(cycle),
    preBindTakesTime: (cycle) => cycle.state.has(ARRANGED),
    async preBind(cycle, nodeName, context) {
      const state = cycle.state.get(NAME) as State | undefined;
      const arranged = cycle.state.get(ARRANGED) as Arranged | undefined;
      if (!state || !arranged) return undefined;
      for (const [claim, volume] of arranged) {
        if (volume !== 'provision') await context.reserveVolume(volume, claim);
        else if (claim.metadata.annotations?.[SELECTED_NODE_ANNOTATION] !== nodeName) await context.selectNode(claim, nodeName);
      }
      const allBound = (): boolean => state.waiting.every(({ claim: { metadata } }) => context.lookups.claim(metadata.namespace!, metadata.name!)?.status?.phase === 'Bound');
      const bound = await context.until(allBound, timeoutMs);
      if (bound) release(cycle);
      return bound ? undefined : refusal(NAME, 'error', 'binding volumes: timed out waiting for the condition');
    },
    events: () => [
      ...wakes,
      { resource: 'Node', actions: ['add', 'updateLabels'] },
    ],
  };
}

export const volumeBinding: Plugin = createVolumeBinding();

/** A volume that lies in a zone (by its labels) is used in that zone. */
const ZONE_LABELS = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/region'];
export const VOLUME_ZONE_CONFLICT = refusal('VolumeZone', 'unresolvable', 'node(s) had no available volume zone');

export const volumeZone: Plugin = {
  name: 'VolumeZone',
  preFilter(cycle) {
    const { pod, lookups } = cycle;
    if (pod.claimNames.length === 0) return { skip: true };
    const zones = pod.claimNames.flatMap((name) => {
      const volumeName = lookups.claim(pod.namespace, name)?.spec?.volumeName;
      const labels = (volumeName ? lookups.volume(volumeName)?.metadata.labels : undefined) ?? NO_LABELS;
      return ZONE_LABELS.filter((key) => labels[key] !== undefined).map((key) => ({ key, values: new Set(labels[key]!.split('__')) }));
    });
    if (zones.length === 0) return { skip: true };
    cycle.state.set('VolumeZone', zones);
    return undefined;
  },
  filter(cycle, node) {
    // Clusters whose nodes know no zones have nothing to keep apart.
    if (!ZONE_LABELS.some((key) => node.labels[key] !== undefined)) return undefined;
    for (const { key, values } of cycle.state.get('VolumeZone') as { key: string; values: Set<string> }[]) if (!values.has(node.labels[key] ?? '')) return VOLUME_ZONE_CONFLICT;
    return undefined;
  },
  events: () => [...wakes, { resource: 'Node', actions: ['add', 'updateLabels'] }],
};

