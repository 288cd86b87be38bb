/** What every part of the registry is given: the store, the caches, the kinds and their rules; and what a request is to it. */
import type { Subresource } from '../../api/meta/resource.ts';
import type { StrategyContext } from '../../api/meta/strategy.ts';
import type { WatchCache } from '../cache/watch-cache.ts';
import { unknownPath } from '../chain/responses.ts';
import { shapeOfType, type Shape } from '../patch/index.ts';
import type { ServerRequest, UserInfo } from '../types.ts';
import { kindKey, type Kind, type StoredKinds } from './kinds.ts';
import type { ServiceAddresses } from './services/index.ts';

export interface RegistryContext extends StoredKinds {
  serviceAddresses: ServiceAddresses;
}

/** One request, as the parts of the registry see it. */
export interface Call {
  context: RegistryContext;
  request: ServerRequest;
  kind: Kind;
  /** '' for cluster-scoped kinds, and for all namespaces. */
  namespace: string;
  /** '' where the path names no object. */
  name: string;
  subresource: string;
  subresourceInfo: Subresource | undefined;
  user: UserInfo;
}

export function cacheOf(call: Pick<Call, 'context' | 'kind'>): WatchCache {
  const { feed } = call.context;
  // A custom resource may go while a request for it is on its way.
  if (call.kind.custom !== undefined && !feed.has(call.kind.prefix)) throw unknownPath();
  return feed.cache(call.kind.prefix);
}

export function strategyContext(call: Call, dryRun: boolean): StrategyContext {
  return { now: call.context.host.clock.now(), subresource: call.subresource, dryRun, userName: call.user.name, user: call.user };
}

/** How apply and ownership see objects of a kind, as they are worked on. */
export function shapeOf(kind: Kind): Shape {
  return kind.custom === undefined ? shapeOfType(kind.stored.schema) : kind.custom.shape();
}

/** The kind that a path names: one of the program's own, or a custom one as of now. Undefined when there is none. */
export async function findKind(context: RegistryContext, group: string, version: string, plural: string, unserved: boolean): Promise<Kind | undefined> {
  const known = context.kinds.get(kindKey(group, version, plural)) ?? context.custom?.find(group, version, plural, unserved);
  if (known !== undefined || context.custom === undefined) return known;
  // A definition may have been written a moment ago.
  await context.feed.caughtUp();
  return context.custom.find(group, version, plural, unserved);
}
