/** What a request will cost, in seats: lists by how many objects are looked at, writes by how many watchers must hear of them. */
import { booleanQuery } from '../chain/request-info.ts';
import type { RequestInfo, ServerRequest } from '../types.ts';
import type { Work } from './queue-set.ts';

export const maxSeats = 10;
const objectsPerSeat = 100;
const watchersPerSeat = 10;
/** What telling the watchers of one seat takes. */
const eventMs = 5;
/** No level lets one request take more than this part of its own seats. */
const maxPartOfLevel = 0.15;

const one: Work = Object.freeze({ initialSeats: 1, finalSeats: 0, aftermathMs: 0 });

/** Seats that one request may take in a level of so many. */
export function seatsLimit(nominal: number): number {
  return Math.max(1, Math.min(maxSeats, Math.ceil(nominal * maxPartOfLevel)));
}

interface Watchers {
  cluster: number;
  byNamespace: Map<string, number>;
  byName: Map<string, number>;
}

const changeCount = (counts: Map<string, number>, key: string, by: number): void => {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
};

/** How many watches are open, by what they watch. */
export class WatchTracker {
  readonly #resources = new Map<string, Watchers>();

  /** Counts a watch; the answer takes it off again. Watches that only one node's pods concern are not counted: a write tells one of them. */
  add(info: RequestInfo): () => void {
    if (info.fieldSelector?.includes('spec.nodeName=')) return () => undefined;
    const key = `${info.apiGroup}/${info.resource}`;
    let watchers = this.#resources.get(key);
    if (!watchers) this.#resources.set(key, (watchers = { cluster: 0, byNamespace: new Map(), byName: new Map() }));
    const found = watchers;
    const count = (by: number): void => {
      if (info.name !== '') changeCount(found.byName, `${info.namespace}/${info.name}`, by);
      else if (info.namespace !== '') changeCount(found.byNamespace, info.namespace, by);
      else found.cluster += by;
    };
    count(1);
    return () => count(-1);
  }

  /** How many hear of a write. */
  interestedIn({ apiGroup, resource, namespace, name }: RequestInfo): number {
    const watchers = this.#resources.get(`${apiGroup}/${resource}`);
    if (!watchers) return 0;
    return watchers.cluster + (watchers.byNamespace.size > 0 ? (watchers.byNamespace.get(namespace) ?? 0) : 0) + (watchers.byName.size > 0 ? (watchers.byName.get(`${namespace}/${name}`) ?? 0) : 0);
  }
}

/** Questions that are posted, and stored nowhere. */
const storesNothing = ({ apiGroup, subresource }: RequestInfo): boolean => apiGroup === 'authentication.k8s.io' || apiGroup === 'authorization.k8s.io' || subresource === 'token';

function listWork(info: RequestInfo, count: number | undefined, limit: number): Work {
  // A kind that nobody here knows is somebody else's work. A name makes a list a get.
  if (count === undefined || info.name !== '') return one;
  // All lists are read from the cache, and look at every object of the kind.
  return count <= objectsPerSeat ? one : { initialSeats: Math.min(limit, Math.ceil(count / objectsPerSeat)), finalSeats: 0, aftermathMs: 0 };
}

function writeWork(watchers: number, limit: number): Work {
  if (watchers < watchersPerSeat) return one;
  const seats = Math.ceil(watchers / watchersPerSeat);
  const finalSeats = Math.min(seats, limit);
  return { initialSeats: 1, finalSeats, aftermathMs: (seats * eventMs) / finalSeats };
}

/** `count` says how many objects of a kind there are; `limit` how many seats one request may take. */
export function workOf(request: ServerRequest, info: RequestInfo, watchers: WatchTracker, count: (info: RequestInfo) => number | undefined, limit: number): Work {
  if (!info.isResourceRequest) return one;
  switch (info.verb) {
    case 'get': return one;
    case 'list': return listWork(info, count(info), limit);
    case 'watch': return booleanQuery(request.query, 'sendInitialEvents') ? listWork(info, count(info), limit) : one;
    case 'create': case 'update': case 'patch': case 'delete': return storesNothing(info) ? one : writeWork(watchers.interestedIn(info), limit);
    default: return one;
  }
}
