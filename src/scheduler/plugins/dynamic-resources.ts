/** Claims for devices (structured parameters): finds devices on a node for all of a pod's claims, keeps them, and writes them down before the pod is bound. */
import { createHash } from 'node:crypto';
import { matchesNodeSelector } from '../../api/core/v1/scheduling-terms.ts';
import { parseDuration } from '../../api/meta/time.ts';
import type { AllocationResult, ResourceClaim, ResourceSlice } from '../../api/resource/v1/types.ts';
import { allocate } from '../dra/allocate.ts';
import { Offers, Taken } from '../dra/pools.ts';
import type { Offer } from '../dra/pools.ts';
import { normalizeScores, refusal } from '../framework.ts';
import type { BindContext, Cycle, Lookups, Plugin, PreFilterResult, Status } from '../framework.ts';
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

export interface DynamicResourcesArgs {
  filterTimeout?: string;
  bindingTimeout?: string;
}

interface State {
  claims: ResourceClaim[];
  /** Those among them that have no devices yet. */
  open: ResourceClaim[];
  offers: Offers;
  taken: Taken;
  /** What each node could give, by its name, in the order of `open`. */
  found: Map<string, AllocationResult[]>;
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

/** Offers are sorted anew only when a slice has changed. */
class OfferCache {
  #slices: readonly ResourceSlice[] = [];
  #offers = new Offers([]);
  #byKey = new Map<string, Offer>();

  read(slices: readonly ResourceSlice[]): { offers: Offers; find: (key: string) => Offer | undefined } {
    if (slices.length !== this.#slices.length || slices.some((slice, i) => slice !== this.#slices[i])) {
      this.#slices = slices;
      this.#offers = new Offers(slices);
      this.#byKey = new Map();
      for (const pool of this.#offers.pools.values()) {
        for (const slice of pool.slices) {
          for (const device of slice.spec.devices ?? []) {
            const key = `${pool.driver}/${pool.name}/${device.name}`;
            this.#byKey.set(key, { key, driver: pool.driver, pool: pool.name, device, slice });
          }
        }
      }
    }
    return { offers: this.#offers, find: (key) => this.#byKey.get(key) };
  }
}

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

class Claims {
  /** Allocations that placed pods are about to write, by claim. */
  readonly inFlight = new Map<string, AllocationResult>();
  readonly #cache = new OfferCache();

  /** The pod's claims, or why it must wait. */
  examine(pod: PodInfo, lookups: Lookups): { claims: ResourceClaim[] } | PreFilterResult {
    const claims: ResourceClaim[] = [];
    for (const name of claimNamesOf(pod)) {
      if (name === undefined) return refuse(`pod "${pod.namespace}/${pod.name}": ResourceClaim not created yet`);
      const claim = lookups.resourceClaim(pod.namespace, name);
      if (!claim) return refuse(`resourceclaim.resource.k8s.io "${name}" not found`);
      if (claim.metadata.deletionTimestamp) return refuse(`resourceclaim "${name}" is being deleted`);
      const owner = claim.metadata.ownerReferences?.find((each) => each.controller && each.kind === 'Pod');
      if (owner && owner.uid !== pod.uid) return refuse(`ResourceClaim ${pod.namespace}/${name} was not created for pod ${pod.namespace}/${pod.name} (pod is not owner)`);
      if (claim.status?.allocation) this.inFlight.delete(claim.metadata.uid!);
      else if (this.inFlight.has(claim.metadata.uid!)) return refuse(`resourceclaim "${name}" is in the process of being allocated`);
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

  state(claims: ResourceClaim[], lookups: Lookups): State {
    const { offers, find } = this.#cache.read(lookups.resourceSlices());
    const taken = new Taken();
    for (const claim of lookups.resourceClaims()) {
      const allocation = claim.status?.allocation ?? this.inFlight.get(claim.metadata.uid!);
      if (allocation) taken.count(allocation, find);
    }
    return { claims, open: claims.filter((claim) => !claim.status?.allocation), offers, taken, found: new Map() };
  }
}

function fits(cycle: Cycle, node: NodeInfo): Status | undefined {
  const state = cycle.state.get(NAME) as State;
  for (const { status } of state.claims) {
    const selector = status?.allocation?.nodeSelector;
    if (selector && !matchesNodeSelector(selector, node.node!)) return NOT_ON_NODE;
  }
  if (state.open.length === 0) return undefined;
  const shares = state.open.map(shareIdOf);
  const found = allocate({ node: node.node!, claims: state.open, offers: state.offers, taken: state.taken, classOf: (name) => cycle.lookups.deviceClass(name), shareId: () => shares[0]!() });
  if (!found) return CANNOT_ALLOCATE;
  state.found.set(node.name, found);
  return undefined;
}

async function write(cycle: Cycle, state: State, allocated: readonly AllocationResult[], context: BindContext, timeoutMs: number): Promise<Status | undefined> {
  const { pod } = cycle;
  for (const claim of state.claims) {
    const allocation = allocated[state.open.indexOf(claim)];
    if (allocation || !isReservedFor(claim, pod)) await context.reserveClaim(claim, allocation, pod.pod);
  }
  const conditional = state.claims.some((claim) => (allocated[state.open.indexOf(claim)] ?? claim.status?.allocation)?.devices?.results?.some((result) => result.bindingConditions?.length));
  if (!conditional) return undefined;
  const ready = (): boolean => state.claims.every(({ metadata }) => {
    const now = context.lookups.resourceClaim(pod.namespace, metadata.name!);
    return now?.status?.allocation !== undefined && devicesReady(now);
  });
  return (await context.until(ready, timeoutMs)) ? undefined : refusal(NAME, 'error', 'device binding timeout');
}

export function createDynamicResources(args: DynamicResourcesArgs = {}): Plugin {
  const timeoutMs = Number(parseDuration(args.bindingTimeout ?? '600s') / 1_000_000n);
  const known = new Claims();
  return {
    name: NAME,
    preFilter(cycle) {
      const { pod, lookups } = cycle;
      if (!pod.pod.spec?.resourceClaims?.length) return { skip: true };
      const examined = known.examine(pod, lookups);
      if (!('claims' in examined)) return examined;
      if (examined.claims.length === 0) return { skip: true };
      cycle.state.set(NAME, known.state(examined.claims, lookups));
      return undefined;
    },
    filter: fits,
    preScore(cycle) {
      const state = cycle.state.get(NAME) as State | undefined;
      return state?.open.some((claim) => claim.spec.devices?.requests?.some((request) => request.firstAvailable?.length)) ?? false;
    },
    score(cycle, node) {
      const state = cycle.state.get(NAME) as State;
      return preferenceOf(state.open, state.found.get(node.name) ?? []);
    },
    normalize: (_cycle, scores) => normalizeScores(scores, false),
    reserve(cycle, nodeName) {
      const state = cycle.state.get(NAME) as State | undefined;
      if (!state) return undefined;
      const found = state.found.get(nodeName) ?? [];
      if (found.length !== state.open.length) return CANNOT_ALLOCATE;
      cycle.state.set(ALLOCATED, found);
      for (const [i, claim] of state.open.entries()) known.inFlight.set(claim.metadata.uid!, found[i]!);
      return undefined;
    },
    unreserve(cycle) {
      for (const claim of (cycle.state.get(NAME) as State | undefined)?.open ?? []) known.inFlight.delete(claim.metadata.uid!);
    },
    preBindTakesTime: (cycle) => ((cycle.state.get(NAME) as State | undefined)?.open.length ?? 0) > 0,
    async preBind(cycle, _nodeName, context) {
      const state = cycle.state.get(NAME) as State | undefined;
      return state && write(cycle, state, cycle.state.get(ALLOCATED) as AllocationResult[], context, timeoutMs);
    },
    events: () => [
      { resource: 'ResourceClaim', actions: ['add', 'update', 'delete'] },
      { resource: 'ResourceSlice', actions: ['add', 'update'] },
      { resource: 'DeviceClass', actions: ['add', 'update'] },
      { resource: 'PendingPod', actions: ['updateClaims'], hint: (pod, event) => event.pod?.uid === pod.uid },
      { resource: 'Node', actions: ['add', 'updateLabels'] },
    ],
  };
}
