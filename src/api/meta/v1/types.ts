/**
 * Types of the group meta, version v1.
 * @package io.k8s.apimachinery.pkg.apis.meta.v1
 */
import type { FieldsV1, Int32, Int64, RawExtension, Time } from './scalars.ts';
export type * from './scalars.ts';

/** What every object says about itself. */
export interface TypeMeta {
  /** Group and version, as `apps/v1`; core kinds have the version alone. */
  apiVersion?: string;
  /** Name of the kind, as `Pod`. */
  kind?: string;
}

/** Any object of the API that has metadata. */
export interface KubeObject extends TypeMeta {
  /** Name, labels and the rest that all objects have. @proto 1 */
  metadata: ObjectMeta;
}

/** A list as the server answers it: `PodList` is `KubeList<Pod>`. */
export interface KubeList<T extends KubeObject = KubeObject> extends TypeMeta {
  /** Resource version and paging. @proto 1 */
  metadata: ListMeta;
  /** The objects. @proto 2 @required */
  items: T[];
}

/** API group. */
export interface APIGroup extends TypeMeta {
  /** Name. @proto 1 @required */
  name: string;
  /** List of versions. @proto 2 @required @listType atomic */
  versions: GroupVersionForDiscovery[];
  /** Preferred version. @proto 3 */
  preferredVersion?: GroupVersionForDiscovery;
  /** List of server address by client CID rs. @proto 4 @listType atomic */
  serverAddressByClientCIDRs?: ServerAddressByClientCIDR[];
}

/** API resource. */
export interface APIResource {
  /** Name. @proto 1 @required */
  name: string;
  /** Name of the singular. @proto 6 @required */
  singularName: string;
  /** Whether: namespaced. @proto 2 @required */
  namespaced: boolean;
  /** Group. @proto 8 */
  group?: string;
  /** Version. @proto 9 */
  version?: string;
  /** Kind. @proto 3 @required */
  kind: string;
  /** Verbs. @proto 4 @required */
  verbs: Verbs;
  /** List of short names. @proto 5 @listType atomic */
  shortNames?: string[];
  /** List of categories. @proto 7 @listType atomic */
  categories?: string[];
  /** Storage version hash. @proto 10 */
  storageVersionHash?: string;
}

/** API versions. */
export interface APIVersions extends TypeMeta {
  /** List of versions. @proto 1 @required @listType atomic */
  versions: string[];
  /** List of server address by client CID rs. @proto 2 @required @listType atomic */
  serverAddressByClientCIDRs: ServerAddressByClientCIDR[];
}

/** Apply options. @unpublished */
export interface ApplyOptions extends TypeMeta {
  /** List of dry run. @proto 1 @listType atomic */
  dryRun?: string[];
  /** Whether: force. @proto 2 @required */
  force: boolean;
  /** Field manager. @proto 3 @required */
  fieldManager: string;
}

/** Condition. */
export interface Condition {
  /** Type. @proto 1 @required */
  type: string;
  /** Status. @proto 2 @required */
  status: string;
  /** Observed generation. @proto 3 */
  observedGeneration?: Int64;
  /** When: last transition time. @proto 4 @required */
  lastTransitionTime: Time;
  /** Reason. @proto 5 @required */
  reason: string;
  /** Message. @proto 6 @required */
  message: string;
}

/** Create options. @unpublished */
export interface CreateOptions extends TypeMeta {
  /** List of dry run. @proto 1 @listType atomic */
  dryRun?: string[];
  /** Field manager. @proto 3 */
  fieldManager?: string;
  /** Field validation. @proto 4 */
  fieldValidation?: string;
}

/** Delete options. */
export interface DeleteOptions extends TypeMeta {
  /** Grace period, in seconds. @proto 1 @pointer */
  gracePeriodSeconds?: Int64;
  /** Preconditions. @proto 2 @pointer */
  preconditions?: Preconditions;
  /** Whether: orphan dependents. @proto 3 @pointer */
  orphanDependents?: boolean;
  /** Propagation policy. @proto 4 @pointer */
  propagationPolicy?: string;
  /** List of dry run. @proto 5 @listType atomic */
  dryRun?: string[];
  /** Whether: ignore store read error with cluster breaking potential. @proto 6 @pointer */
  ignoreStoreReadErrorWithClusterBreakingPotential?: boolean;
}

/** Field selector requirement. */
export interface FieldSelectorRequirement {
  /** Key. @proto 1 @required */
  key: string;
  /** Operator. @proto 2 @required */
  operator: string;
  /** List of values. @proto 3 @listType atomic */
  values?: string[];
}

/** Get options. @unpublished */
export interface GetOptions extends TypeMeta {
  /** Resource version. @proto 1 */
  resourceVersion?: string;
}

/** Group kind. @unpublished */
export interface GroupKind {
  /** Group. @proto 1 @required */
  group: string;
  /** Kind. @proto 2 @required */
  kind: string;
}

/** Group resource. */
export interface GroupResource {
  /** Group. @proto 1 @required */
  group: string;
  /** Resource. @proto 2 @required */
  resource: string;
}

/** Group version. @unpublished */
export interface GroupVersion {
  /** Group. @proto 1 @required */
  group: string;
  /** Version. @proto 2 @required */
  version: string;
}

/** Group version for discovery. */
export interface GroupVersionForDiscovery {
  /** Group version. @proto 1 @required */
  groupVersion: string;
  /** Version. @proto 2 @required */
  version: string;
}

/** Group version kind. @unpublished */
export interface GroupVersionKind {
  /** Group. @proto 1 @required */
  group: string;
  /** Version. @proto 2 @required */
  version: string;
  /** Kind. @proto 3 @required */
  kind: string;
}

/** Group version resource. @unpublished */
export interface GroupVersionResource {
  /** Group. @proto 1 @required */
  group: string;
  /** Version. @proto 2 @required */
  version: string;
  /** Resource. @proto 3 @required */
  resource: string;
}

/** Label selector. @atomic */
export interface LabelSelector {
  /** Match labels, by key. @proto 1 */
  matchLabels?: Record<string, string>;
  /** List of match expressions. @proto 2 @listType atomic */
  matchExpressions?: LabelSelectorRequirement[];
}

/** Label selector requirement. */
export interface LabelSelectorRequirement {
  /** Key. @proto 1 @required */
  key: string;
  /** Operator. @proto 2 @required */
  operator: string;
  /** List of values. @proto 3 @listType atomic */
  values?: string[];
}

/** List meta. */
export interface ListMeta {
  /** Self link. @proto 1 */
  selfLink?: string;
  /** Resource version. @proto 2 */
  resourceVersion?: string;
  /** Continue. @proto 3 */
  continue?: string;
  /** Remaining item count. @proto 4 @pointer */
  remainingItemCount?: Int64;
  /** Shard info. @proto 5 @pointer */
  shardInfo?: ShardInfo;
}

/** List options. @unpublished */
export interface ListOptions extends TypeMeta {
  /** Label selector. @proto 1 */
  labelSelector?: string;
  /** Field selector. @proto 2 */
  fieldSelector?: string;
  /** Whether: watch. @proto 3 */
  watch?: boolean;
  /** Whether: allow watch bookmarks. @proto 9 */
  allowWatchBookmarks?: boolean;
  /** Resource version. @proto 4 */
  resourceVersion?: string;
  /** Resource version match. @proto 10 */
  resourceVersionMatch?: string;
  /** Timeout, in seconds. @proto 5 @pointer */
  timeoutSeconds?: Int64;
  /** Limit. @proto 7 */
  limit?: Int64;
  /** Continue. @proto 8 */
  continue?: string;
  /** Whether: send initial events. @proto 11 @pointer */
  sendInitialEvents?: boolean;
  /** Shard selector. @proto 15 */
  shardSelector?: string;
}

/** Managed fields entry. */
export interface ManagedFieldsEntry {
  /** Manager. @proto 1 */
  manager?: string;
  /** Operation. @proto 2 */
  operation?: string;
  /** Api version. @proto 3 */
  apiVersion?: string;
  /** Time. @proto 4 @pointer */
  time?: Time;
  /** Fields type. @proto 6 */
  fieldsType?: string;
  /** Fields V1. @proto 7 @pointer */
  fieldsV1?: FieldsV1;
  /** Subresource. @proto 8 */
  subresource?: string;
}

/** Object meta. */
export interface ObjectMeta {
  /** Name. @proto 1 */
  name?: string;
  /** Name of the generate. @proto 2 */
  generateName?: string;
  /** Namespace. @proto 3 */
  namespace?: string;
  /** Self link. @proto 4 */
  selfLink?: string;
  /** Uid. @proto 5 */
  uid?: string;
  /** Resource version. @proto 6 */
  resourceVersion?: string;
  /** Generation. @proto 7 */
  generation?: Int64;
  /** Creation timestamp. @proto 8 @omitZero */
  creationTimestamp?: Time;
  /** Deletion timestamp. @proto 9 @pointer */
  deletionTimestamp?: Time;
  /** Deletion grace period, in seconds. @proto 10 @pointer */
  deletionGracePeriodSeconds?: Int64;
  /** Labels, by key. @proto 11 */
  labels?: Record<string, string>;
  /** Annotations, by key. @proto 12 */
  annotations?: Record<string, string>;
  /** List of owner references. @proto 13 @listType map @listKeys uid @patchStrategy merge @patchMergeKey uid */
  ownerReferences?: OwnerReference[];
  /** List of finalizers. @proto 14 @listType set @patchStrategy merge */
  finalizers?: string[];
  /** List of managed fields. @proto 17 @listType atomic */
  managedFields?: ManagedFieldsEntry[];
}

/** Owner reference. @atomic */
export interface OwnerReference {
  /** Api version. @proto 5 @required */
  apiVersion: string;
  /** Kind. @proto 1 @required */
  kind: string;
  /** Name. @proto 3 @required */
  name: string;
  /** Uid. @proto 4 @required */
  uid: string;
  /** Whether: controller. @proto 6 @pointer */
  controller?: boolean;
  /** Whether: block owner deletion. @proto 7 @pointer */
  blockOwnerDeletion?: boolean;
}

/** Partial object metadata. @unpublished */
export interface PartialObjectMetadata extends KubeObject {}

/** Partial object metadata list. @unpublished */
export interface PartialObjectMetadataList extends TypeMeta {
  /** Metadata. @proto 1 */
  metadata?: ListMeta;
  /** List of items. @proto 2 @required */
  items: PartialObjectMetadata[];
}

/** Patch. */
export interface Patch {}

/** Patch options. @unpublished */
export interface PatchOptions extends TypeMeta {
  /** List of dry run. @proto 1 @listType atomic */
  dryRun?: string[];
  /** Whether: force. @proto 2 @pointer */
  force?: boolean;
  /** Field manager. @proto 3 */
  fieldManager?: string;
  /** Field validation. @proto 4 */
  fieldValidation?: string;
}

/** Preconditions. */
export interface Preconditions {
  /** Uid. @proto 1 @pointer */
  uid?: string;
  /** Resource version. @proto 2 @pointer */
  resourceVersion?: string;
}

/** Root paths. @unpublished */
export interface RootPaths {
  /** List of paths. @proto 1 @required @listType atomic */
  paths: string[];
}

/** Server address by client CIDR. */
export interface ServerAddressByClientCIDR {
  /** Client CIDR. @proto 1 @required */
  clientCIDR: string;
  /** Server address. @proto 2 @required */
  serverAddress: string;
}

/** Shard info. */
export interface ShardInfo {
  /** Selector. @proto 1 @required */
  selector: string;
}

/** Status. */
export interface Status extends TypeMeta {
  /** Metadata. @proto 1 */
  metadata?: ListMeta;
  /** Status. @proto 2 */
  status?: string;
  /** Message. @proto 3 */
  message?: string;
  /** Reason. @proto 4 */
  reason?: string;
  /** Details. @proto 5 @pointer */
  details?: StatusDetails;
  /** Code. @proto 6 */
  code?: Int32;
}

/** Status cause. */
export interface StatusCause {
  /** Reason. @proto 1 */
  reason?: string;
  /** Message. @proto 2 */
  message?: string;
  /** Field. @proto 3 */
  field?: string;
}

/** Status details. */
export interface StatusDetails {
  /** Name. @proto 1 */
  name?: string;
  /** Group. @proto 2 */
  group?: string;
  /** Kind. @proto 3 */
  kind?: string;
  /** Uid. @proto 6 */
  uid?: string;
  /** List of causes. @proto 4 @listType atomic */
  causes?: StatusCause[];
  /** Retry after, in seconds. @proto 5 */
  retryAfterSeconds?: Int32;
}

/** Table options. @unpublished */
export interface TableOptions extends TypeMeta {
  /** Include object. @proto 1 */
  includeObject?: string;
}

/** Update options. @unpublished */
export interface UpdateOptions extends TypeMeta {
  /** List of dry run. @proto 1 @listType atomic */
  dryRun?: string[];
  /** Field manager. @proto 2 */
  fieldManager?: string;
  /** Field validation. @proto 3 */
  fieldValidation?: string;
}

/** The verbs that a resource answers. @wrapped */
export type Verbs = string[];

/** Watch event. */
export interface WatchEvent {
  /** Type. @proto 1 @required */
  type: string;
  /** Object. @proto 2 @required */
  object: RawExtension;
}

/** A list of objects of any kinds. */
export interface List extends TypeMeta {
  /** Resource version and paging. @proto 1 */
  metadata?: ListMeta;
  /** The objects. @proto 2 @required */
  items: RawExtension[];
}

/** Objects as rows of cells, for people to read. @unpublished */
export interface Table extends TypeMeta {
  /** Resource version and paging. */
  metadata?: ListMeta;
  /** What each cell of a row means. @required @listType atomic */
  columnDefinitions: TableColumnDefinition[];
  /** One row an object. @required @listType atomic */
  rows: TableRow[];
}

/** A column of a table. @unpublished */
export interface TableColumnDefinition {
  /** Heading, for people. @required */
  name: string;
  /** JSON type of the cells: integer, number, string, boolean. @required */
  type: string;
  /** A finer form of the type; `name` marks the object's name. @required */
  format: string;
  /** What the column shows. @required */
  description: string;
  /** 0 shows always; more shows only when asked for more (`-o wide`). @required */
  priority: Int32;
}

/** A row of a table: one object. @unpublished */
export interface TableRow {
  /** As many as there are columns. @required @listType atomic */
  cells: unknown[];
  /** Remarks about the row, such as Completed. @listType atomic */
  conditions?: TableRowCondition[];
  /** The object itself, its metadata alone, or nothing: as the request's includeObject says. */
  object?: RawExtension;
}

/** A remark about a row. @unpublished */
export interface TableRowCondition {
  /** Kind of remark; Completed means that the object has done its work. @required */
  type: string;
  /** True, False or Unknown. @required */
  status: string;
  /** One word: why. */
  reason?: string;
  /** One sentence: why. */
  message?: string;
}
