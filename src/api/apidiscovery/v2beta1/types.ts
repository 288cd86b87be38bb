/**
 * Types of the group apidiscovery, version v2beta1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.apidiscovery.v2beta1 @offByDefault
 */
import type { GroupVersionKind, KubeObject } from '../../meta/v1/types.ts';

/** A group, with all its versions and resources. @unpublished */
export interface APIGroupDiscovery extends KubeObject {
  /** Versions of the group, the best first. @proto 2 @listType map @listKeys version */
  versions?: APIVersionDiscovery[];
}

/** A resource and what can be done with it. @unpublished */
export interface APIResourceDiscovery {
  /** Name of the resource, in the plural. @proto 1 @required */
  resource: string;
  /** Kind of the objects. @proto 2 @pointer */
  responseKind?: GroupVersionKind;
  /** Cluster or Namespaced. @proto 3 @required */
  scope: string;
  /** Name in the singular. @proto 4 @required */
  singularResource: string;
  /** What may be done, as `get` or `list`; `*` is everything. @proto 5 @required @listType set */
  verbs: string[];
  /** Shorter words for the resource that clients may use, as `po` for pods. @proto 6 @listType set */
  shortNames?: string[];
  /** Names of sets that it belongs to. @proto 7 @listType set */
  categories?: string[];
  /** Subresources of the resource. @proto 8 @listType map @listKeys subresource */
  subresources?: APISubresourceDiscovery[];
}

/** A subresource and what can be done with it. @unpublished */
export interface APISubresourceDiscovery {
  /** Name of the subresource. @proto 1 @required */
  subresource: string;
  /** Kind of the objects. @proto 2 @pointer */
  responseKind?: GroupVersionKind;
  /** Kinds that it takes. @proto 3 @listType map @listKeys group,version,kind */
  acceptedTypes?: GroupVersionKind[];
  /** What may be done, as `get` or `list`; `*` is everything. @proto 4 @required @listType set */
  verbs: string[];
}

/** One version of a group and its resources. @unpublished */
export interface APIVersionDiscovery {
  /** The version that is described, as `v1`. @proto 1 @required */
  version: string;
  /** Resources of the version. @proto 2 @listType map @listKeys resource */
  resources?: APIResourceDiscovery[];
  /** Current, or Stale when it could not be asked. @proto 3 */
  freshness?: string;
}
