/**
 * Claims for devices (structured parameters): finds devices on a node for all of a pod's claims, keeps them, and writes them down before the pod is
 * bound. Extended resources that a device class stands for are met the same way, through a claim that is made for the pod.
 */
import { createHash } from 'node:crypto';
import { matchesNodeSelector } from '../../api/core/v1/scheduling-terms.ts';
import type { ContainerExtendedResourceRequest } from '../../api/core/v1/types.ts';
import { parseDuration } from '../../api/meta/time.ts';
import type { AllocationResult, ResourceClaim } from '../../api/resource/v1/types.ts';
import { allocate } from '../dra/allocate.ts';
import { Book } from '../dra/book.ts';
import { backedResources, extendedClaim, extendedClaimOf, extendedRequests } from '../dra/extended.ts';
import type { Offers, Taken } from '../dra/pools.ts';
import { normalizeScores, refusal } from '../framework.ts';
import type { BindContext, Cycle, Lookups, Plugin, PostFilterResult, PreFilterResult, Status } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';

const NAME = 'DynamicResources';
const ALLOCATED = `${NAME}/allocated`;
/** Pods that may share a claim, as the API has it. */
const RESERVED_LIMIT = 256;
/** Subrequests that a request may have: the first is worth most. */
const SUBREQUESTS_LIMIT = 8;

export const CANNOT_ALLOCATE = refusal(NAME, 'unschedulable', 'cannot allocate all claims');
export const NOT_ON_NODE = refusal(NAME, 'unresolvable', 'resourceclaim not available on the node');
const LEFT_OVER = refusal(NAME, 'unresolvable', 'cannot schedule extended resource claim');
const NOTHING_TO_FREE = refusal(NAME, 'unschedulable', 'no new claims to deallocate');
const FREED = refusal(NAME, 'unschedulable', 'deallocation of ResourceClaim completed');
const REMOVED = refusal(NAME, 'unschedulable', 'deletion of ResourceClaim completed');
const STILL_NOT = refusal(NAME, 'unschedulable', 'still not schedulable');

export interface DynamicResourcesArgs {
  filterTimeout?: string;
  bindingTimeout?: string;
}

/** A claim for the pod's extended resources, as far as they are to come from drivers. */
interface Extended {
  claim: ResourceClaim;
  mappings: ContainerExtendedResourceRequest[];
}

/** What a node could give. */
interface Found {
  allocations: AllocationResult[];
  /** Set when the last of the allocations is for extended resources. */
  extended: Extended | undefined;
}

interface State {
  claims: ResourceClaim[];
  /** Those among them that have no devices yet. */
  open: ResourceClaim[];
  /** Those whose devices were not for a node that was looked at. */
  elsewhere: Set<ResourceClaim>;
  /** The claim for extended resources that an earlier attempt left behind. */
  leftOver: ResourceClaim | undefined;
  offers: Offers;
  taken: Taken;
  /** By the node's name, in the order of `open`. */
  found: Map<string, Found>;
  /** Claims for extended resources by which of these the node does not have itself. */
  extended: Map<string, Extended | undefined>;
}

const refuse = (reason: string): PreFilterResult => ({ status: refusal(NAME, 'unresolvable', reason) });

/** Names of the pod's claims in its namespace; those from templates are named in its status. */
function claimNamesOf({ pod }: PodInfo): (string | undefined)[] {
  return (pod.spec?.resourceClaims ?? []).flatMap((each) => {
    if (each.resourceClaimName) return [each.resourceClaimName];
    const status = pod.status?.resourceClaimStatuses?.find((known) => known.name === each.name);
    // A status without a name says that none is needed.
    return status && status.resourceClaimName === undefined ? [] : [status?.resourceClaimName];
  });
}

const isReservedFor = (claim: ResourceClaim, pod: PodInfo): boolean => claim.status?.reservedFor?.some((each) => each.uid === pod.uid) ?? false;

/** The same for the same share of the same claim, so that a decision needs no chance. */
function shareIdOf(claim: ResourceClaim): () => string {
  let share = 0;
  return () => {
    const hex = createHash('sha256').update(`${claim.metadata.uid}/${share++}`).digest('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  };
}

/** The higher, the more often a request got what it named first. */
function preferenceOf(claims: readonly ResourceClaim[], found: readonly AllocationResult[]): number {
  let sum = 0;
  for (const [i, claim] of claims.entries()) {
    for (const { name, firstAvailable } of claim.spec.devices?.requests ?? []) {
      if (!firstAvailable?.length) continue;
      const at = firstAvailable.findIndex((sub) => found[i]?.devices?.results?.some((result) => result.request === `${name}/${sub.name}`));
      if (at >= 0) sum += SUBREQUESTS_LIMIT - at;
    }
  }
  return sum;
}

/** Whether all devices say that they are ready; throws when one says that it never will be. */
function devicesReady(claim: ResourceClaim | undefined): boolean {
  for (const result of claim?.status?.allocation?.devices?.results ?? []) {
    const device = claim!.status?.devices?.find((each) => each.driver === result.driver && each.pool === result.pool && each.device === result.device);
    const holds = (type: string): boolean => device?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
    const failed = result.bindingFailureConditions?.find(holds);
    if (failed) throw new Error(`claim ${claim!.metadata.name}: device ${result.driver}/${result.pool}/${result.device} has binding failure condition ${failed}`);
    if (!(result.bindingConditions ?? []).every(holds)) return false;
  }
  return true;
}

/** The pod's claims, or why it must wait. */
function examine(pod: PodInfo, lookups: Lookups, book: Book): { claims: ResourceClaim[] } | PreFilterResult {
  const claims: ResourceClaim[] = [];
  for (const name of claimNamesOf(pod)) {
    if (name === undefined) return refuse(`pod "${pod.namespace}/${pod.name}": ResourceClaim not created yet`);
    const claim = lookups.resourceClaim(pod.namespace, name);
    if (!claim) return refuse(`resourceclaim.resource.k8s.io "${name}" not found`);
    if (claim.metadata.deletionTimestamp) return refuse(`resourceclaim "${name}" is being deleted`);
    const owner = claim.metadata.ownerReferences?.find((each) => each.controller && each.kind === 'Pod');
    if (owner && owner.uid !== pod.uid) return refuse(`ResourceClaim ${pod.namespace}/${name} was not created for pod ${pod.namespace}/${pod.name} (pod is not owner)`);
    if (book.isInFlight(claim)) return refuse(`resourceclaim "${name}" is in the process of being allocated`);
    if (!isReservedFor(claim, pod) && (claim.status?.reservedFor?.length ?? 0) >= RESERVED_LIMIT) return refuse('resourceclaim in use');
    for (const request of claim.spec.devices?.requests ?? []) {
      for (const { deviceClassName } of request.exactly ? [request.exactly] : (request.firstAvailable ?? [])) {
        if (!lookups.deviceClass(deviceClassName)) return refuse(`request ${request.name}: device class ${deviceClassName} does not exist`);
      }
    }
    claims.push(claim);
  }
  return { claims };
}

/** The claim for those of the pod's extended resources that drivers have to offer because the node itself does not. */
function extendedOn(cycle: Cycle, state: State, node: NodeInfo): Extended | undefined {
  const backed = backedResources(cycle);
  if (backed.size === 0) return undefined;
  const missing = new Map([...backed].filter(([name]) => (node.allocatable.scalars?.get(name) ?? 0) === 0));
  const key = [...missing.keys()].join(' ');
  if (state.extended.has(key)) return state.extended.get(key);
  const { requests, mappings } = extendedRequests(cycle.pod.pod, missing);
  const made = requests.length > 0 ? { claim: extendedClaim(cycle.pod.pod, requests), mappings } : undefined;
  state.extended.set(key, made);
  return made;
}

function fits(cycle: Cycle, node: NodeInfo): Status | undefined {
  const state = cycle.state.get(NAME) as State;
  let away = false;
  for (const claim of state.claims) {
    const selector = claim.status?.allocation?.nodeSelector;
    if (!selector || matchesNodeSelector(selector, node.node!)) continue;
    state.elsewhere.add(claim);
    away = true;
  }
  if (away) return NOT_ON_NODE;
  if (state.leftOver) return LEFT_OVER;
  const extended = extendedOn(cycle, state, node);
  if (state.open.length === 0 && !extended) return undefined;
  const claims = extended ? [...state.open, extended.claim] : state.open;
  const shares = claims.map(shareIdOf);
  const allocations = allocate({ node: node.node!, claims, offers: state.offers, taken: state.taken, classOf: (name) => cycle.lookups.deviceClass(name), shareId: () => shares[0]!() });
  if (!allocations) return CANNOT_ALLOCATE;
  state.found.set(node.name, { allocations, extended });
  return undefined;
}

/** A claim that only this pod uses, and that keeps it from every node it is not on: without its devices it may be met elsewhere. */
function freed({ pod }: PodInfo, state: State | undefined): PostFilterResult {
  if (!state) return { victims: [], status: NOTHING_TO_FREE };
  if (state.leftOver) return { victims: [], status: REMOVED, remove: state.leftOver };
  for (const claim of state.elsewhere) {
    const users = claim.status?.reservedFor ?? [];
    if (users.length === 0 || (users.length === 1 && users[0]!.uid === pod.metadata.uid)) return { victims: [], status: FREED, release: claim };
  }
  return { victims: [], status: STILL_NOT };
}

/** Writes the allocations; resolves with the claims as they now are. What cannot be completed is given back. */
async function write({ pod }: Cycle, state: State, { allocations, extended }: Found, context: BindContext, book: Book): Promise<void> {
  for (const claim of state.claims) {
    const allocation = allocations[state.open.indexOf(claim)];
    if (!allocation && isReservedFor(claim, pod)) continue;
    await context.reserveClaim(claim, allocation, pod.pod);
    if (allocation) book.written(claim, claim, context);
  }
  if (!extended) return;
  const made = await context.createClaim(extended.claim);
  try {
    await context.reserveClaim(made, allocations.at(-1), pod.pod);
    book.written(extended.claim, made, context);
    await context.tellExtendedClaim(pod.pod, { resourceClaimName: made.metadata.name!, requestMappings: extended.mappings });
  } catch (error) {
    await context.removeClaim(made);
    throw error;
  }
}

/** Waits until drivers say that devices which need preparation are ready. On failure the devices are given back, for the next attempt to find others. */
async function prepared({ pod }: Cycle, state: State, { allocations }: Found, context: BindContext, timeoutMs: number): Promise<Status | undefined> {
  const conditional = state.claims.some((claim) => (allocations[state.open.indexOf(claim)] ?? claim.status?.allocation)?.devices?.results?.some((result) => result.bindingConditions?.length));
  if (!conditional) return undefined;
  const ready = (): boolean => state.claims.every(({ metadata }) => {
    const now = context.lookups.resourceClaim(pod.namespace, metadata.name!);
    return now?.status?.allocation !== undefined && devicesReady(now);
  });
  const giveBack = async (): Promise<void> => {
    for (const claim of state.open) await context.releaseClaim(claim, pod.pod);
  };
  try {
    if (await context.until(ready, timeoutMs)) return undefined;
  } catch (error) {
    await giveBack();
    throw error;
  }
  await giveBack();
  return refusal(NAME, 'error', 'device binding timeout');
}

export function createDynamicResources(args: DynamicResourcesArgs = {}): Plugin {
  const timeoutMs = Number(parseDuration(args.bindingTimeout ?? '600s') / 1_000_000n);
  const book = new Book();
  const stateOf = (cycle: Cycle): State | undefined => cycle.state.get(NAME) as State | undefined;
  return {
    name: NAME,
    preFilter(cycle) {
      const { pod, lookups } = cycle;
      const backed = backedResources(cycle);
      if (!pod.pod.spec?.resourceClaims?.length && backed.size === 0) return { skip: true };
      const examined = examine(pod, lookups, book);
      if (!('claims' in examined)) return examined;
      const { claims } = examined;
      if (claims.length === 0 && backed.size === 0) return { skip: true };
      const leftOver = backed.size > 0 ? extendedClaimOf(pod.pod, lookups.resourceClaims()) : undefined;
      cycle.state.set(NAME, { claims, open: claims.filter((claim) => !claim.status?.allocation), elsewhere: new Set(), leftOver, ...book.read(lookups), found: new Map(), extended: new Map() } satisfies State);
      return undefined;
    },
    filter: fits,
    postFilter: (cycle) => freed(cycle.pod, stateOf(cycle)),
    preScore(cycle) {
      return stateOf(cycle)?.open.some((claim) => claim.spec.devices?.requests?.some((request) => request.firstAvailable?.length)) ?? false;
    },
    score(cycle, node) {
      const state = stateOf(cycle)!;
      return preferenceOf(state.open, state.found.get(node.name)?.allocations ?? []);
    },
    normalize: (_cycle, scores) => normalizeScores(scores, false),
    reserve(cycle, nodeName) {
      const state = stateOf(cycle);
      if (!state) return undefined;
      const found = state.found.get(nodeName) ?? { allocations: [], extended: undefined };
      if (found.allocations.length !== state.open.length + (found.extended ? 1 : 0)) return CANNOT_ALLOCATE;
      cycle.state.set(ALLOCATED, found);
      for (const [i, claim] of [...state.open, ...(found.extended ? [found.extended.claim] : [])].entries()) book.promise(claim, found.allocations[i]!);
      return undefined;
    },
    unreserve(cycle) {
      const { extended } = (cycle.state.get(ALLOCATED) as Found | undefined) ?? {};
      for (const claim of [...(stateOf(cycle)?.open ?? []), ...(extended ? [extended.claim] : [])]) book.takeBack(claim);
    },
    preBindTakesTime: (cycle) => ((cycle.state.get(ALLOCATED) as Found | undefined)?.allocations.length ?? 0) > 0,
    async preBind(cycle, _nodeName, context) {
      const state = stateOf(cycle);
      if (!state) return undefined;
      const found = cycle.state.get(ALLOCATED) as Found;
      await write(cycle, state, found, context, book);
      return prepared(cycle, state, found, context, timeoutMs);
    },
    events: () => [
      { resource: 'ResourceClaim', actions: ['add', 'update', 'delete'] },
      { resource: 'ResourceSlice', actions: ['add', 'update'] },
      { resource: 'DeviceClass', actions: ['add', 'update'] },
      { resource: 'PendingPod', actions: ['updateClaims'], hint: (pod, event) => event.pod?.uid === pod.uid },
      { resource: 'Node', actions: ['add', 'updateLabels', 'updateAllocatable'] },
    ],
  };
}
