/**
 * What all groups share: metadata, options, selectors, status, discovery, tables.
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

/** One set of kinds, its versions, and which of them is best. */
export interface APIGroup extends TypeMeta {
  /** Name of the group. @proto 1 @required */
  name: string;
  /** Versions of the group, the best first. @proto 2 @required @listType atomic */
  versions: GroupVersionForDiscovery[];
  /** Version that the server prefers. @proto 3 */
  preferredVersion?: GroupVersionForDiscovery;
  /** Which address of the server suits which clients. @proto 4 @listType atomic */
  serverAddressByClientCIDRs?: ServerAddressByClientCIDR[];
}

/** The groups that the server has. */
export interface APIGroupList extends TypeMeta {
  /** One entry a group; the core group is not among them. @proto 1 @required @listType atomic */
  groups: APIGroup[];
}

/** A resource or subresource. */
export interface APIResource {
  /** Name in the plural, as `pods` or `pods/status`. @proto 1 @required */
  name: string;
  /** The word for one object, as `pod`; empty where only the plural is known. @proto 6 @required */
  singularName: string;
  /** Whether its objects live in namespaces. @proto 2 @required */
  namespaced: boolean;
  /** The group; empty for the core group. @proto 8 */
  group?: string;
  /** Version of the kind, where it is not the version that the list is of. @proto 9 */
  version?: string;
  /** Name of the kind, as `Pod`. @proto 3 @required */
  kind: string;
  /** What may be done, as `get` or `list`; `*` is everything. @proto 4 @required */
  verbs: Verbs;
  /** Short names, as `po`. @proto 5 @listType atomic */
  shortNames?: string[];
  /** Names of sets that it belongs to, as `all`. @proto 7 @listType atomic */
  categories?: string[];
  /** Changes when the version in the store changes. @proto 10 */
  storageVersionHash?: string;
}

/** The resources of a group version. */
export interface APIResourceList extends TypeMeta {
  /** Group and version, as `apps/v1`. @proto 1 @required */
  groupVersion: string;
  /** Resources and subresources. @proto 2 @required @listType atomic */
  resources: APIResource[];
}

/** Versions of the core group. */
export interface APIVersions extends TypeMeta {
  /** Versions of the core group that are served, as `v1`. @proto 1 @required @listType atomic */
  versions: string[];
  /** Which address of the server suits which clients. @proto 2 @required @listType atomic */
  serverAddressByClientCIDRs: ServerAddressByClientCIDR[];
}

/** How an apply is made. @unpublished */
export interface ApplyOptions extends TypeMeta {
  /** `All` when nothing is to be stored. @proto 1 @listType atomic */
  dryRun?: string[];
  /** Whether apply takes fields over from other managers. @proto 2 @required */
  force: boolean;
  /** Who changes the object; stands in managedFields. @proto 3 @required */
  fieldManager: string;
}

/** A remark about an object's state. */
export interface Condition {
  /** What it is about, as one word. @proto 1 @required */
  type: string;
  /** True, False or Unknown. @proto 2 @required */
  status: string;
  /** The generation of the object that this status speaks of. @proto 3 */
  observedGeneration?: Int64;
  /** When the status last changed from one value to another. @proto 4 @required */
  lastTransitionTime: Time | null;
  /** Why, as one word for programs. @proto 5 @required */
  reason: string;
  /** Why, as a sentence for people. @proto 6 @required */
  message: string;
}

/** How a create is made. @unpublished */
export interface CreateOptions extends TypeMeta {
  /** `All` when nothing is to be stored. @proto 1 @listType atomic */
  dryRun?: string[];
  /** Who changes the object; stands in managedFields. @proto 3 */
  fieldManager?: string;
  /** What happens to unknown and repeated fields: Ignore, Warn or Strict. @proto 4 */
  fieldValidation?: string;
}

/** How a delete is made. */
export interface DeleteOptions extends TypeMeta {
  /** How long the object may take to go; 0 deletes at once. @proto 1 @pointer */
  gracePeriodSeconds?: Int64;
  /** What must hold for the delete to happen. @proto 2 @pointer */
  preconditions?: Preconditions;
  /** Old form of propagationPolicy. @proto 3 @pointer */
  orphanDependents?: boolean;
  /** What happens to what the object owns: Orphan, Background or Foreground. @proto 4 @pointer */
  propagationPolicy?: string;
  /** `All` when nothing is to be stored. @proto 5 @listType atomic */
  dryRun?: string[];
  /** Whether to delete an object that cannot be read any more. @proto 6 @pointer */
  ignoreStoreReadErrorWithClusterBreakingPotential?: boolean;
}

/** A field, and which values it may have. */
export interface FieldSelectorRequirement {
  /** Path of the field. @proto 1 @required */
  key: string;
  /** In, NotIn, Exists or DoesNotExist. @proto 2 @required */
  operator: string;
  /** Values, for In and NotIn. @proto 3 @listType atomic */
  values?: string[];
}

/** How a get is made. @unpublished */
export interface GetOptions extends TypeMeta {
  /** Version of the object in the store; opaque, only good for comparing. @proto 1 */
  resourceVersion?: string;
}

/** A kind, by group. @unpublished */
export interface GroupKind {
  /** The group; empty for the core group. @proto 1 @required */
  group: string;
  /** Name of the kind, as `Pod`. @proto 2 @required */
  kind: string;
}

/** A resource, by group. */
export interface GroupResource {
  /** The group; empty for the core group. @proto 1 @required */
  group: string;
  /** Name of the resource, in the plural. @proto 2 @required */
  resource: string;
}

/** A version, by group. @unpublished */
export interface GroupVersion {
  /** The group; empty for the core group. @proto 1 @required */
  group: string;
  /** Version of the group, as `v1`. @proto 2 @required */
  version: string;
}

/** A version, with its group and alone. */
export interface GroupVersionForDiscovery {
  /** Group and version, as `apps/v1`. @proto 1 @required */
  groupVersion: string;
  /** The version alone, as `v1`. @proto 2 @required */
  version: string;
}

/** A kind, by group and version. @unpublished */
export interface GroupVersionKind {
  /** The group; empty for the core group. @proto 1 @required */
  group: string;
  /** Version of the group, as `v1`. @proto 2 @required */
  version: string;
  /** Name of the kind, as `Pod`. @proto 3 @required */
  kind: string;
}

/** A resource, by group and version. @unpublished */
export interface GroupVersionResource {
  /** The group; empty for the core group. @proto 1 @required */
  group: string;
  /** Version of the group, as `v1`. @proto 2 @required */
  version: string;
  /** Name of the resource, in the plural. @proto 3 @required */
  resource: string;
}

/** A choice by labels; all conditions must hold, an empty one chooses everything. @atomic */
export interface LabelSelector {
  /** Labels that must be there with these values. @proto 1 */
  matchLabels?: Record<string, string>;
  /** Conditions on labels. @proto 2 @listType atomic */
  matchExpressions?: LabelSelectorRequirement[];
}

/** A label, and which values it may have. */
export interface LabelSelectorRequirement {
  /** Name of the label. @proto 1 @required */
  key: string;
  /** In, NotIn, Exists or DoesNotExist. @proto 2 @required */
  operator: string;
  /** Values, for In and NotIn. @proto 3 @listType atomic */
  values?: string[];
}

/** What every list says about itself. */
export interface ListMeta {
  /** No longer used. @proto 1 */
  selfLink?: string;
  /** Version of the object in the store; opaque, only good for comparing. @proto 2 */
  resourceVersion?: string;
  /** Where the next page begins; empty on the last one. @proto 3 */
  continue?: string;
  /** How many objects come after this page, if known. @proto 4 @pointer */
  remainingItemCount?: Int64;
  /** Which part of the whole the list is. @proto 5 @pointer */
  shardInfo?: ShardInfo;
}

/** What a list or watch is to show. @unpublished */
export interface ListOptions extends TypeMeta {
  /** Only objects with these labels, as `a=b,c in (d,e)`. @proto 1 */
  labelSelector?: string;
  /** Only objects with these fields, as `metadata.name=x`. @proto 2 */
  fieldSelector?: string;
  /** Whether to go on with changes instead of answering a list. @proto 3 */
  watch?: boolean;
  /** Whether a watch may send marks of how far it is. @proto 9 */
  allowWatchBookmarks?: boolean;
  /** Which state to show, or where a watch begins. @proto 4 */
  resourceVersion?: string;
  /** How resourceVersion is meant: Exact or NotOlderThan. @proto 10 */
  resourceVersionMatch?: string;
  /** When the watch or list ends, in seconds. @proto 5 @pointer */
  timeoutSeconds?: Int64;
  /** No more than so many objects; the rest comes in more pages. @proto 7 */
  limit?: Int64;
  /** Where the page begins: the token of the page before. @proto 8 */
  continue?: string;
  /** Whether a watch begins with the objects that are there. @proto 11 @pointer */
  sendInitialEvents?: boolean;
  /** Only objects of a part of the whole. @proto 15 */
  shardSelector?: string;
}

/** Who has set which fields. */
export interface ManagedFieldsEntry {
  /** Who. @proto 1 */
  manager?: string;
  /** Apply or Update. @proto 2 */
  operation?: string;
  /** Version that the fields are named in. @proto 3 */
  apiVersion?: string;
  /** When it last changed. @proto 4 @pointer */
  time?: Time;
  /** `FieldsV1`. @proto 6 */
  fieldsType?: string;
  /** What the manager has set, as a tree of paths. @proto 7 @pointer */
  fieldsV1?: FieldsV1;
  /** Through which subresource; empty for the object itself. @proto 8 */
  subresource?: string;
}

/** What all objects have. */
export interface ObjectMeta {
  /** Name of the object; unique among its kind in the namespace, and never changes. @proto 1 */
  name?: string;
  /** Beginning of a name that the server completes when name is empty. @proto 2 */
  generateName?: string;
  /** Namespace of the object; empty for kinds of the whole cluster. @proto 3 */
  namespace?: string;
  /** No longer used. @proto 4 */
  selfLink?: string;
  /** Unique identifier of the object; given by the server. @proto 5 */
  uid?: string;
  /** Version of the object in the store; an update that names an old one is refused. @proto 6 */
  resourceVersion?: string;
  /** Rises with each change of what is wanted. @proto 7 */
  generation?: Int64;
  /** When the object was made. @proto 8 @omitZero */
  creationTimestamp?: Time;
  /** When the object goes, or when it was asked to. @proto 9 @pointer */
  deletionTimestamp?: Time;
  /** How long the object may take to go. @proto 10 @pointer */
  deletionGracePeriodSeconds?: Int64;
  /** Names and values to choose objects by. @proto 11 */
  labels?: Record<string, string>;
  /** Names and values for tools and people; nothing is chosen by them. @proto 12 */
  annotations?: Record<string, string>;
  /** Objects that this one belongs to; it goes when they have all gone. @proto 13 @listType map @listKeys uid @patchStrategy merge @patchMergeKey uid */
  ownerReferences?: OwnerReference[];
  /** What must be done before the object goes; each is taken out by who has done it. @proto 14 @listType set @patchStrategy merge */
  finalizers?: string[];
  /** Who has set which fields. @proto 17 @listType atomic */
  managedFields?: ManagedFieldsEntry[];
}

/** An object that another belongs to. @atomic */
export interface OwnerReference {
  /** Group and version, as `apps/v1`; core kinds have the version alone. @proto 5 @required */
  apiVersion: string;
  /** Name of the kind, as `Pod`. @proto 1 @required */
  kind: string;
  /** Name of the object. @proto 3 @required */
  name: string;
  /** Unique identifier of the object. @proto 4 @required */
  uid: string;
  /** Whether this owner manages the object. @proto 6 @pointer */
  controller?: boolean;
  /** Whether the owner waits for the object when it is deleted in the foreground. @proto 7 @pointer */
  blockOwnerDeletion?: boolean;
}

/** An object's metadata alone. @unpublished */
export interface PartialObjectMetadata extends KubeObject {}

/** A list of objects' metadata alone. @unpublished */
export interface PartialObjectMetadataList extends TypeMeta {
  /** Name, labels and the rest that all objects have. @proto 1 */
  metadata?: ListMeta;
  /** The objects. @proto 2 @required */
  items: PartialObjectMetadata[];
}

/** A change of an object, in the form that its content type says. */
export interface Patch {}

/** How a patch is made. @unpublished */
export interface PatchOptions extends TypeMeta {
  /** `All` when nothing is to be stored. @proto 1 @listType atomic */
  dryRun?: string[];
  /** Whether apply takes fields over from other managers. @proto 2 @pointer */
  force?: boolean;
  /** Who changes the object; stands in managedFields. @proto 3 */
  fieldManager?: string;
  /** What happens to unknown and repeated fields: Ignore, Warn or Strict. @proto 4 */
  fieldValidation?: string;
}

/** What must be true of the object for a delete to go on. */
export interface Preconditions {
  /** The object must have this identifier. @proto 1 @pointer */
  uid?: string;
  /** The object must have this version. @proto 2 @pointer */
  resourceVersion?: string;
}

/** Where the server can be asked. @unpublished */
export interface RootPaths {
  /** Every path that the server answers. @proto 1 @required @listType atomic */
  paths: string[];
}

/** Which address of the server suits clients of a network. */
export interface ServerAddressByClientCIDR {
  /** Range of addresses of the clients. @proto 1 @required */
  clientCIDR: string;
  /** Address of the server for them. @proto 2 @required */
  serverAddress: string;
}

/** Which part of a list it is, where lists are shared out. */
export interface ShardInfo {
  /** The part, as text. @proto 1 @required */
  selector: string;
}

/** The answer of a request that has no object to show. */
export interface Status extends TypeMeta {
  /** Name, labels and the rest that all objects have. @proto 1 */
  metadata?: ListMeta;
  /** Success or Failure. @proto 2 */
  status?: string;
  /** Why, as a sentence for people. @proto 3 */
  message?: string;
  /** Why it failed, as one word for programs. @proto 4 */
  reason?: string;
  /** More about the failure. @proto 5 @pointer */
  details?: StatusDetails;
  /** The HTTP status code. @proto 6 */
  code?: Int32;
}

/** One cause of a failure: the field, and what is wrong with it. */
export interface StatusCause {
  /** What is wrong, as one word for programs. @proto 1 */
  reason?: string;
  /** Why, as a sentence for people. @proto 2 */
  message?: string;
  /** Path of the field that is wrong. @proto 3 */
  field?: string;
}

/** What a failure is about. */
export interface StatusDetails {
  /** Name of the object that it is about. @proto 1 */
  name?: string;
  /** Group of the object that it is about. @proto 2 */
  group?: string;
  /** Resource or kind that it is about. @proto 3 */
  kind?: string;
  /** Unique identifier of the object. @proto 6 */
  uid?: string;
  /** What is wrong, one entry each. @proto 4 @listType atomic */
  causes?: StatusCause[];
  /** How long to wait before trying again. @proto 5 */
  retryAfterSeconds?: Int32;
}

/** How a table is made. @unpublished */
export interface TableOptions extends TypeMeta {
  /** What each row carries: None, Metadata or Object. @proto 1 */
  includeObject?: string;
}

/** How an update is made. @unpublished */
export interface UpdateOptions extends TypeMeta {
  /** `All` when nothing is to be stored. @proto 1 @listType atomic */
  dryRun?: string[];
  /** Who changes the object; stands in managedFields. @proto 2 */
  fieldManager?: string;
  /** What happens to unknown and repeated fields: Ignore, Warn or Strict. @proto 3 */
  fieldValidation?: string;
}

/** The verbs that a resource answers. @wrapped */
export type Verbs = string[];

/** A change that a watch tells of. */
export interface WatchEvent {
  /** ADDED, MODIFIED, DELETED, BOOKMARK or ERROR. @proto 1 @required */
  type: string;
  /** The object after the change, or a Status for ERROR. @proto 2 @required */
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

/** Heading of a column, and what its cells hold. @unpublished */
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
