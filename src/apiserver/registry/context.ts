/** What every part of the registry is given: the store, the caches, the kinds and their rules. */
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { groupResourceOf, type Resource, type Subresource } from '../../api/meta/resource.ts';
import { failure } from '../../api/meta/status.ts';
import { resourceForKind } from '../../api/resources.ts';
import { findSchema } from '../../api/schema.ts';
import type { Strategy, StrategyContext } from '../../api/meta/strategy.ts';
import type { Host, Random } from '../../host/types.ts';
import type { Backend } from '../../store/backend.ts';
import { REGISTRY_PREFIX, type Feed } from '../cache/feed.ts';
import { storedFormOf, type StorageEncoding, type StoredForm } from '../cache/object.ts';
import type { WatchCache } from '../cache/watch-cache.ts';
import { shapeOfType, type Shape } from '../patch/index.ts';
import type { TableOptions } from '../printers/index.ts';
import { unknownPath } from '../chain/responses.ts';
import type { AdmissionPlugin, ServerRequest, UserInfo } from '../types.ts';
import type { CustomKind, CustomKinds } from './custom.ts';
import type { ServiceAddresses } from './services/index.ts';

/** Turns objects into a table (meta.k8s.io/v1 Table). */
export type TableFor = (resource: Resource, objects: readonly KubeObject[], options: TableOptions) => object;

/** A served kind, with what the registry has worked out about it. */
export interface Kind {
  resource: Resource;
  /** The version that is stored; often `resource` itself. */
  stored: Resource;
  strategy: Strategy;
  /** `/registry/pods/` */
  prefix: string;
  /** How served bytes of this version begin. */
  form: StoredForm;
  storedForm: StoredForm;
  /** Selectable fields beside name and namespace; undefined when the kind has none. */
  selectable: ReadonlySet<string> | undefined;
  hasStatus: boolean;
  /** Every object has a status, though it be empty. */
  alwaysStatus: boolean;
  /** Set for custom resources; their `stored` is the kind itself, whatever version lies in the store. */
  custom?: CustomKind;
}

export interface RegistryContext {
  host: Host;
  backend: Backend;
  feed: Feed;
  kinds: ReadonlyMap<string, Kind>;
  /** Kinds that come and go. */
  custom: CustomKinds | undefined;
  admission: readonly AdmissionPlugin[];
  observeAdmission?: (labels: readonly string[], seconds: number) => void;
  tableFor: TableFor;
  serviceAddresses: ServiceAddresses;
  /** Seconds until an event goes by itself. */
  eventTtlSeconds: number;
  random: Random;
}

/** The same for what gives out addresses itself. */
export type ServicesContext = Omit<RegistryContext, 'serviceAddresses'>;

export const kindKey = (group: string, version: string, plural: string): string => `${group}/${version}/${plural}`;

export function describeKind(resource: Resource, all: readonly Resource[], strategyFor: (schema: string) => Strategy, encoding: StorageEncoding = 'json'): Kind {
  const { storageVersion } = resource;
  const stored = storageVersion === undefined ? resource
    : (all.find((other) => other.kind === resource.kind && other.group === storageVersion.group && other.version === storageVersion.version) ?? resourceForKind(storageVersion.group, storageVersion.version, resource.kind) ?? { ...resource, storageVersion: undefined });
  const strategy = strategyFor(stored.schema);
  const status = findSchema(stored.schema)?.byName.get('status');
  return {
    resource, stored: stored as Resource, strategy,
    prefix: `${REGISTRY_PREFIX}${stored.storagePrefix}/`,
    form: formOf(resource, 'json'),
    storedForm: formOf(stored as Resource, encoding),
    selectable: selectableOf(strategyFor(resource.schema)),
    hasStatus: resource.subresources.some((sub) => sub.name === 'status'),
    alwaysStatus: status !== undefined && !status.pointer && status.shape === 'one' && status.type === 'object',
  };
}

function formOf({ kind, group, version, schema }: Resource, encoding: StorageEncoding): StoredForm {
  return storedFormOf({ kind, group, version, schema }, encoding);
}

function selectableOf(strategy: Strategy): ReadonlySet<string> | undefined {
  if (strategy.selectableFields === undefined) return undefined;
  try {
    return new Set(Object.keys(strategy.selectableFields({ metadata: {}, spec: {}, status: {} } as KubeObject)));
  } catch {
    return new Set();
  }
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

/** The kind of a resource that is surely served. */
export function kindOf(context: Pick<RegistryContext, 'kinds'>, resource: Pick<Resource, 'group' | 'version' | 'plural'>): Kind {
  const kind = context.kinds.get(kindKey(resource.group, resource.version, resource.plural));
  if (kind === undefined) throw failure(404, 'NotFound', `the server does not serve ${groupResourceOf(resource)}`);
  return kind;
}
