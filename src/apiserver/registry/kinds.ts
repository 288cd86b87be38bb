/** The kinds that the registry serves, and where they are stored. */
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { groupResourceOf, type Resource } from '../../api/meta/resource.ts';
import { failure } from '../../api/meta/status.ts';
import { resourceForKind } from '../../api/resources.ts';
import { findSchema } from '../../api/schema.ts';
import type { Strategy } from '../../api/meta/strategy.ts';
import type { Host, Random } from '../../host/types.ts';
import type { Backend } from '../../store/backend.ts';
import { REGISTRY_PREFIX, type Feed, type FeedSource } from '../cache/feed.ts';
import type { DecodedPool } from '../cache/pool.ts';
import { storedFormOf, type StorageEncoding, type StoredForm } from '../cache/stored.ts';
import type { TableOptions } from '../printers/index.ts';
import type { AdmissionPlugin } from '../types.ts';
import type { CustomKind } from './custom.ts';

/** Turns objects into a table (meta.k8s.io/v1 Table). */
export type TableFor = (resource: Pick<Resource, 'group' | 'version' | 'kind'>, objects: readonly KubeObject[], options: TableOptions) => object;

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

/** All custom resources there are. */
export interface CustomKinds {
  /** The source of the definitions' own cache is told what happens to them. */
  follow(source: FeedSource): void;
  attach(feed: Feed, pool: DecodedPool): void;
  /** `unserved`: versions that are not served count too (the server's own clean-up). */
  find(group: string, version: string, plural: string, unserved?: boolean): Kind | undefined;
}

/** Where kinds are stored, and by what rules: what does not hang on Services' addresses. */
export interface StoredKinds {
  host: Host;
  backend: Backend;
  feed: Feed;
  kinds: ReadonlyMap<string, Kind>;
  /** Kinds that come and go. */
  custom: CustomKinds | undefined;
  admission: readonly AdmissionPlugin[];
  observeWatchList?: (labels: readonly string[], seconds: number) => void;
  observeAdmission?: (labels: readonly string[], seconds: number) => void;
  tableFor: TableFor;
  /** Seconds until an event goes by itself. */
  eventTtlSeconds: number;
  random: Random;
}

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

/** The kind of a resource that is surely served. */
export function kindOf(context: Pick<StoredKinds, 'kinds'>, resource: Pick<Resource, 'group' | 'version' | 'plural'>): Kind {
  const kind = context.kinds.get(kindKey(resource.group, resource.version, resource.plural));
  if (kind === undefined) throw failure(404, 'NotFound', `the server does not serve ${groupResourceOf(resource)}`);
  return kind;
}
