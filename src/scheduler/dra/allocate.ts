/**
 * Finds devices of one node for all of a pod's claims at once: a depth-first search that takes back what leads nowhere, because constraints and
 * shared counters tie requests together (structured parameters, KEP-4381 and its followers).
 */
import type { Node } from '../../api/core/v1/types.ts';
import { quantityToNumber } from '../../api/meta/quantity.ts';
import type {
  AllocationResult, DeviceAttribute, DeviceClass, DeviceConstraint, DeviceRequestAllocationResult, DeviceSubRequest, DeviceTaint, DeviceToleration, ExactDeviceRequest, ResourceClaim,
} from '../../api/resource/v1/types.ts';
import type { Offer, Offers, Taken } from './pools.ts';
import { selects } from './selectors.ts';

/** Devices that one claim may be given, as the API has it. */
const DEVICES_LIMIT = 32;
/** Steps of the search on one node; a claim that needs more is taken as one that this node cannot meet. */
const STEPS_LIMIT = 100_000;

export interface AllocationInput {
  node: Node;
  claims: readonly ResourceClaim[];
  offers: Offers;
  /** Changed during the search, and as before when it ends. */
  taken: Taken;
  classOf: (name: string) => DeviceClass | undefined;
  /** An identifier for a share of a device. */
  shareId: () => string;
}

type Wanted = (ExactDeviceRequest | DeviceSubRequest) & { name?: string };

interface Given {
  request: string;
  offer: Offer;
  wanted: Wanted;
  consumed: Record<string, number> | undefined;
}

/** Capacity that a share takes of a device: what is asked for, rounded to what may be had; undefined when it cannot be had. */
function consumedOf(wanted: Wanted, offer: Offer, taken: Taken): Record<string, number> | undefined {
  const consumed: Record<string, number> = {};
  const asked = wanted.capacity?.requests ?? {};
  if (Object.keys(asked).some((name) => !offer.device.capacity?.[name])) return undefined;
  for (const [name, { value, requestPolicy }] of Object.entries(offer.device.capacity ?? {})) {
    const whole = quantityToNumber(value);
    let amount = asked[name] === undefined ? (requestPolicy?.default === undefined ? whole : quantityToNumber(requestPolicy.default)) : quantityToNumber(asked[name]);
    const { validValues, validRange } = requestPolicy ?? {};
    if (validValues?.length) {
      const fitting = validValues.map(quantityToNumber).filter((each) => each >= amount).toSorted((a, b) => a - b)[0];
      if (fitting === undefined) return undefined;
      amount = fitting;
    } else if (validRange) {
      const min = quantityToNumber(validRange.min);
      amount = Math.max(amount, min);
      if (validRange.step !== undefined) {
        const step = quantityToNumber(validRange.step);
        amount = min + Math.ceil((amount - min) / step) * step;
      }
      if (validRange.max !== undefined && amount > quantityToNumber(validRange.max)) return undefined;
    }
    if (amount + taken.capacity(offer, name) > whole) return undefined;
    consumed[name] = amount;
  }
  return consumed;
}

/** Devices that are not shared must have the capacity that is asked for. */
const hasCapacity = (wanted: Wanted, offer: Offer): boolean =>
  Object.entries(wanted.capacity?.requests ?? {}).every(([name, amount]) => {
    const there = offer.device.capacity?.[name];
    return there !== undefined && quantityToNumber(there.value) >= quantityToNumber(amount);
  });

function tolerated(taint: DeviceTaint, tolerations: readonly DeviceToleration[] | undefined): boolean {
  if (taint.effect !== 'NoSchedule' && taint.effect !== 'NoExecute') return true;
  return (tolerations ?? []).some((each) =>
    (!each.effect || each.effect === taint.effect) && (!each.key ? each.operator === 'Exists' : each.key === taint.key && (each.operator === 'Exists' || (each.value ?? '') === (taint.value ?? ''))));
}

function attributeOf(offer: Offer, name: string): DeviceAttribute | undefined {
  const attributes = offer.device.attributes;
  const at = name.indexOf('/');
  return attributes?.[name] ?? (name.slice(0, at) === offer.driver ? attributes?.[name.slice(at + 1)] : undefined);
}

const appliesTo = (constraint: DeviceConstraint, request: string): boolean =>
  !constraint.requests?.length || constraint.requests.some((name) => name === request || name === request.split('/')[0]);

class Search {
  readonly #input: AllocationInput;
  readonly #offers: readonly Offer[];
  /** One list a claim. */
  readonly given: Given[][];
  #steps = 0;

  constructor(input: AllocationInput) {
    this.#input = input;
    this.#offers = input.offers.on(input.node);
    this.given = input.claims.map(() => []);
  }

  run(): boolean {
    return this.#claim(0);
  }

  #claim(at: number): boolean {
    return at === this.#input.claims.length || this.#request(at, 0);
  }

  #request(claim: number, at: number): boolean {
    const request = this.#input.claims[claim]!.spec.devices?.requests?.[at];
    if (!request) return this.#claim(claim + 1);
    if (request.exactly) return this.#devices(claim, at, request.name, request.exactly);
    // The first that can be had.
    return (request.firstAvailable ?? []).some((sub) => this.#devices(claim, at, `${request.name}/${sub.name}`, sub));
  }

  #devices(claim: number, at: number, name: string, wanted: Wanted): boolean {
    if (wanted.allocationMode !== 'All') return this.#choose(claim, at, name, wanted, Number(wanted.count ?? 1), 0);
    const all = this.#offers.filter((offer) => this.#matches(wanted, offer));
    if (all.length === 0 || this.given[claim]!.length + all.length > DEVICES_LIMIT) return false;
    let placed = 0;
    while (placed < all.length && this.#give(claim, name, wanted, all[placed]!)) placed++;
    if (placed === all.length && this.#request(claim, at + 1)) return true;
    while (placed-- > 0) this.#takeBack(claim);
    return false;
  }

  /** So many more devices of the offers from this index on: a later device never stands before an earlier one, so no set is tried twice. */
  #choose(claim: number, at: number, name: string, wanted: Wanted, left: number, from: number): boolean {
    if (left === 0) return this.#request(claim, at + 1);
    if (this.given[claim]!.length >= DEVICES_LIMIT) return false;
    for (let i = from; i < this.#offers.length; i++) {
      if (++this.#steps > STEPS_LIMIT) return false;
      const offer = this.#offers[i]!;
      if (!this.#matches(wanted, offer) || !this.#give(claim, name, wanted, offer)) continue;
      if (this.#choose(claim, at, name, wanted, left - 1, i + 1)) return true;
      this.#takeBack(claim);
    }
    return false;
  }

  #matches(wanted: Wanted, offer: Offer): boolean {
    const { classOf } = this.#input;
    const selectors = [...(classOf(wanted.deviceClassName)?.spec.selectors ?? []), ...(wanted.selectors ?? [])];
    return selectors.every(({ cel }) => cel === undefined || selects(cel.expression, offer.driver, offer.device));
  }

  #give(claim: number, request: string, wanted: Wanted, offer: Offer): boolean {
    const { taken, offers } = this.#input;
    const admin = (wanted as ExactDeviceRequest).adminAccess === true;
    const shared = offer.device.allowMultipleAllocations === true;
    if (!(offer.device.taints ?? []).every((taint) => tolerated(taint, wanted.tolerations))) return false;
    const own = this.given[claim]!;
    let consumed: Record<string, number> | undefined;
    if (!admin) {
      if (!shared && (taken.has(offer) || !hasCapacity(wanted, offer))) return false;
      if (shared && !(consumed = consumedOf(wanted, offer, taken))) return false;
      if (!taken.has(offer) && !this.#countersLeft(offer, offers)) return false;
    }
    if (!this.#meetsConstraints(claim, request, offer)) return false;
    own.push({ request, offer, wanted, consumed });
    if (!admin) taken.take(offer, consumed, 1);
    return true;
  }

  #takeBack(claim: number): void {
    const { offer, wanted, consumed } = this.given[claim]!.pop()!;
    if ((wanted as ExactDeviceRequest).adminAccess !== true) this.#input.taken.take(offer, consumed, -1);
  }

  #countersLeft(offer: Offer, offers: Offers): boolean {
    const { counters } = offers.poolOf(offer);
    return (offer.device.consumesCounters ?? []).every(({ counterSet, counters: wanted }) =>
      Object.entries(wanted).every(([name, { value }]) => {
        const key = `${counterSet}/${name}`;
        return this.#input.taken.counter(offer, key) + quantityToNumber(value) <= (counters.get(key) ?? 0);
      }));
  }

  #meetsConstraints(claim: number, request: string, offer: Offer): boolean {
    return (this.#input.claims[claim]!.spec.devices?.constraints ?? []).every((constraint) => {
      if (!appliesTo(constraint, request)) return true;
      const name = constraint.matchAttribute ?? constraint.distinctAttribute;
      if (name === undefined) return true;
      const own = attributeOf(offer, name);
      if (own === undefined) return false;
      const value = JSON.stringify(own);
      const same = constraint.matchAttribute !== undefined;
      return this.given[claim]!.every((other) => !appliesTo(constraint, other.request) || (JSON.stringify(attributeOf(other.offer, name)) === value) === same);
    });
  }

  /** Gives everything back, so that the tally of what is taken is as before. */
  undo(): void {
    for (const [claim, own] of this.given.entries()) while (own.length > 0) this.#takeBack(claim);
  }
}

function resultOf({ request, offer, wanted, consumed }: Given, shareId: () => string): DeviceRequestAllocationResult {
  const { device, driver, pool } = offer;
  const admin = (wanted as ExactDeviceRequest).adminAccess;
  return {
    request, driver, pool, device: device.name,
    ...(admin === undefined ? {} : { adminAccess: admin }),
    ...(wanted.tolerations?.length ? { tolerations: wanted.tolerations } : {}),
    ...(device.bindingConditions?.length ? { bindingConditions: device.bindingConditions } : {}),
    ...(device.bindingFailureConditions?.length ? { bindingFailureConditions: device.bindingFailureConditions } : {}),
    ...(consumed ? { shareID: shareId(), consumedCapacity: Object.fromEntries(Object.entries(consumed).map(([name, amount]) => [name, String(amount)])) } : {}),
  };
}

/** Where the claim can be used once it has these devices; undefined: everywhere. */
function nodeSelectorOf(given: readonly Given[], node: Node): AllocationResult['nodeSelector'] {
  const bound = given.some(({ offer }) => (offer.slice.spec.perDeviceNodeSelection ? offer.device.nodeName : offer.slice.spec.nodeName) || offer.device.bindsToNode);
  if (bound) return { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node.metadata.name!] }] }] };
  const terms = given.flatMap(({ offer }) => (offer.slice.spec.perDeviceNodeSelection ? offer.device.nodeSelector : offer.slice.spec.nodeSelector)?.nodeSelectorTerms.slice(0, 1) ?? []);
  if (terms.length === 0) return undefined;
  const unique = new Map(terms.flatMap((term) => term.matchExpressions ?? []).map((each) => [JSON.stringify(each), each]));
  const fields = new Map(terms.flatMap((term) => term.matchFields ?? []).map((each) => [JSON.stringify(each), each]));
  return { nodeSelectorTerms: [{ ...(unique.size > 0 ? { matchExpressions: [...unique.values()] } : {}), ...(fields.size > 0 ? { matchFields: [...fields.values()] } : {}) }] };
}

/** Settings of the classes come first, then the claim's own. */
function configOf(claim: ResourceClaim, given: readonly Given[], classOf: AllocationInput['classOf']): NonNullable<AllocationResult['devices']>['config'] {
  const requests = new Map(given.map(({ request, wanted }) => [request, wanted.deviceClassName]));
  const fromClasses = [...requests].flatMap(([request, name]) => (classOf(name)?.spec.config ?? []).map((config) => ({ source: 'FromClass', requests: [request], ...config })));
  const own = (claim.spec.devices?.config ?? []).filter(({ requests: names }) => !names?.length || names.some((name) => requests.has(name) || [...requests.keys()].some((each) => each.split('/')[0] === name)));
  return [...fromClasses, ...own.map((config) => ({ source: 'FromClaim', ...config }))];
}

/** An allocation for each claim, in their order; undefined when the node cannot meet them all. Throws SelectorError. */
export function allocate(input: AllocationInput): AllocationResult[] | undefined {
  const search = new Search(input);
  try {
    if (!search.run()) return undefined;
    return input.claims.map((claim, i) => {
      const given = search.given[i]!;
      const config = configOf(claim, given, input.classOf) ?? [];
      const nodeSelector = nodeSelectorOf(given, input.node);
      return { devices: { results: given.map((each) => resultOf(each, input.shareId)), ...(config.length > 0 ? { config } : {}) }, ...(nodeSelector ? { nodeSelector } : {}) };
    });
  } finally {
    search.undo();
  }
}
