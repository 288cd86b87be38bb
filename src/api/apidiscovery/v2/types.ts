/**
 * Types of the group apidiscovery, version v2.
 * @package io.k8s.api.apidiscovery.v2
 */
import type { GroupVersionKind, KubeObject } from '../../meta/v1/types.ts';

/** API group discovery. @unpublished */
export interface APIGroupDiscovery extends KubeObject {
  /** List of versions. @proto 2 @listType map @listKeys version */
  versions?: APIVersionDiscovery[];
}

/** API resource discovery. @unpublished */
export interface APIResourceDiscovery {
  /** Resource. @proto 1 @required */
  resource: string;
  /** Response kind. @proto 2 @pointer */
  responseKind?: GroupVersionKind;
  /** Scope. @proto 3 @required */
  scope: string;
  /** Singular resource. @proto 4 @required */
  singularResource: string;
  /** List of verbs. @proto 5 @required @listType set */
  verbs: string[];
  /** List of short names. @proto 6 @listType set */
  shortNames?: string[];
  /** List of categories. @proto 7 @listType set */
  categories?: string[];
  /** List of subresources. @proto 8 @listType map @listKeys subresource */
  subresources?: APISubresourceDiscovery[];
}

/** API subresource discovery. @unpublished */
export interface APISubresourceDiscovery {
  /** Subresource. @proto 1 @required */
  subresource: string;
  /** Response kind. @proto 2 @pointer */
  responseKind?: GroupVersionKind;
  /** List of accepted types. @proto 3 @listType map @listKeys group,version,kind */
  acceptedTypes?: GroupVersionKind[];
  /** List of verbs. @proto 4 @required @listType set */
  verbs: string[];
}

/** API version discovery. @unpublished */
export interface APIVersionDiscovery {
  /** Version. @proto 1 @required */
  version: string;
  /** List of resources. @proto 2 @listType map @listKeys resource */
  resources?: APIResourceDiscovery[];
  /** Freshness. @proto 3 */
  freshness?: string;
}
